#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/commitments.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, what, sort, kind, name, title, item, condition, compensation, due, assignee, debtor,
        creditor, pays_for, state, at, evidence, result;
    std::vector<std::string> require, artefacts;
    bool is_explicit = false, internal = false;
};

kith_str str_if(const std::string &text) { return text.empty() ? kith_str{} : to_str(text); }

// Commits the batch; tells what stands then.
void finish(const Store &store, const Batch &batch, const Context &context, kith_time now) {
    kith_error error = make_error();
    check(kith_batch_commit(batch.get(), nullptr, &error), error);
    kith_outcome outcome = make<kith_outcome>();
    check(kith_batch_outcome(batch.get(), kith_batch_count(batch.get()) - 1, &outcome, &error), error);
    const Snapshot snapshot = begin_snapshot(store);
    kith_page *found = nullptr;
    check(kith_commitment_get(snapshot.get(), &outcome.commitment, &found, &error), error);
    const Page page(found);
    const kith_commitment &now_is = *kith_page_commitments(page.get(), nullptr)[0];
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("now", time_text(now)).array("commitments");
        append_commitment(json, now_is, now, party_label(now_is.party, now_is.party_key));
        return print(json.end().end().str());
    }
    const auto due = due_text(now_is, now);
    print(fmt::format("{}  {}{}{}\n", id_text(now_is.id), commitment_state_text(now_is.state),
                      due.empty() || now_is.state > KITH_COMMITMENT_DOING ? "" : ", due " + due,
                      now_is.ready ? "" : ", waits for its artefacts"));
}

void make_one(const Options &options, const Store &store, const kith_id &party, kith_time at,
              std::string_view zone, const Context &context) {
    kith_new_commitment one = make<kith_new_commitment>();
    one.sort = word_of_commitment("--sort", kSortNames, options.sort);
    if (options.is_explicit) one.flags |= KITH_COMMITMENT_EXPLICIT;
    if (options.internal) one.flags |= KITH_COMMITMENT_INTERNAL;
    const std::pair<kith_str *, const std::string &> texts[] = {
        {&one.kind, options.kind},           {&one.name, options.name},
        {&one.title, options.title},         {&one.item, options.item},
        {&one.condition, options.condition}, {&one.compensation, options.compensation},
        {&one.assignee, options.assignee},   {&one.debtor, options.debtor},
        {&one.creditor, options.creditor}};
    for (const auto &[target, text] : texts) *target = str_if(text);
    if (!options.pays_for.empty()) {
        const auto owed = id_of_text(options.pays_for);
        if (!owed) fail(kUsage, "--for takes the id of a commitment, as kith commitments --csv prints it");
        one.for_kind = KITH_FOR_COMMITMENT;
        one.for_record = *owed;
    }
    std::vector<kith_str> require;
    for (const std::string &artefact : options.require) require.push_back(to_str(artefact));
    one.require = require.data();
    one.require_count = require.size();
    one.opened_at = at;
    if (!options.due.empty()) {
        one.fields = KITH_NEW_COMMITMENT_FIELD_DUE;
        one.due = parse_time("--due", options.due, zone);
    }
    kith_ref ref{};
    ref.by = KITH_REF_ID;
    ref.id = party;
    const Batch batch = new_batch(store);
    kith_error error = make_error();
    check(kith_commitment_make(batch.get(), &ref, 0, &one, nullptr, &error), error);
    finish(store, batch, context, at);
}

// Artefacts given are there beside those that were.
void change_one(const Options &options, const Store &store, const kith_commitment &before, kith_time at,
                std::string_view zone, const Context &context) {
    kith_commitment_changes changes = make<kith_commitment_changes>();
    changes.id = before.id;
    const std::tuple<kith_str *, std::uint32_t, const std::string &> texts[] = {
        {&changes.assignee, KITH_COMMITMENT_CHANGE_ASSIGNEE, options.assignee},
        {&changes.title, KITH_COMMITMENT_CHANGE_TITLE, options.title},
        {&changes.item, KITH_COMMITMENT_CHANGE_ITEM, options.item},
        {&changes.condition, KITH_COMMITMENT_CHANGE_CONDITION, options.condition},
        {&changes.compensation, KITH_COMMITMENT_CHANGE_COMPENSATION, options.compensation},
        {&changes.evidence, KITH_COMMITMENT_CHANGE_EVIDENCE, options.evidence},
        {&changes.result, KITH_COMMITMENT_CHANGE_RESULT, options.result}};
    for (const auto &[target, field, text] : texts) {
        if (text.empty()) continue;
        *target = to_str(text);
        changes.fields |= field;
    }
    if (!options.due.empty()) {
        changes.due = parse_time("--due", options.due, zone);
        changes.fields |= KITH_COMMITMENT_CHANGE_DUE;
    }
    std::vector<kith_str> there(before.artefacts, before.artefacts + before.artefact_count);
    for (const std::string &artefact : options.artefacts) {
        const bool known = std::any_of(there.begin(), there.end(),
                                       [&](const kith_str &one) { return view(one) == artefact; });
        if (!known) there.push_back(to_str(artefact));
    }
    if (!options.artefacts.empty()) changes.fields |= KITH_COMMITMENT_CHANGE_ARTEFACTS;
    changes.artefacts = there.data();
    changes.artefact_count = there.size();
    const std::uint32_t state = word_of_commitment("--state", kStateNames, options.state);
    if (state == 0 && changes.fields == 0)
        fail(kUsage, "say what is to change: --state kept, --due 2026-01-31, --assignee bob, ...");
    const Batch batch = new_batch(store);
    kith_error error = make_error();
    if (changes.fields != 0) check(kith_commitment_change(batch.get(), &changes, nullptr, &error), error);
    if (state != 0)
        check(kith_commitment_set_state(batch.get(), &before.id, state, at, nullptr, &error), error);
    finish(store, batch, context, at);
}

void run(const Options &options, const Context &context) {
    const Store store = open_store(options.file);
    const Snapshot snapshot = begin_snapshot(store);
    const std::string zone(view(read_info(snapshot).time_zone));
    const kith_time at = time_or_now("--at", options.at, zone);
    if (const auto id = id_of_text(options.what)) {
        kith_error error = make_error();
        kith_page *found = nullptr;
        const kith_status status = kith_commitment_get(snapshot.get(), &*id, &found, &error);
        const Page page(found);
        if (status == KITH_OK) {
            for (const auto &[option, given] :
                 {std::pair("--sort", !options.sort.empty()), std::pair("--kind", !options.kind.empty()),
                  std::pair("--require", !options.require.empty()),
                  std::pair("--for", !options.pays_for.empty())}) {
                if (given)
                    fail(kUsage, fmt::format("{} is set when a commitment is made: leave it out", option));
            }
            return change_one(options, store, *kith_page_commitments(page.get(), nullptr)[0], at, zone,
                              context);
        }
        if (status != KITH_NOT_FOUND) check(status, error);
    }
    if (!options.state.empty() || !options.evidence.empty() || !options.result.empty() ||
        !options.artefacts.empty())
        fail(kFailed, "there is no commitment with this id; kith commitments --csv prints their ids");
    make_one(options, store, find_party(snapshot, options.what), at, zone, context);
}

}  // namespace

void add_commit(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "commit", "Make a promise, a task and the like; move one, or change it");
    command.footer(
        "A promise, a compensation and a milestone break when their due time comes; others are late.\n\n"
        "  kith commit shop.kith C-00042 --sort promise --kind delivery --due 2026-01-31 --item 'the red "
        "sofa'\n"
        "  kith commit shop.kith C-00042 --kind open_account --require contract --assignee bob\n"
        "  kith commit shop.kith 019b3d4e-... --artefact contract --state doing\n"
        "  kith commit shop.kith 019b3d4e-... --state kept --evidence 'receipt 4711'\n");
    command.file(options->file);
    command.option("WHAT", options->what, "A party to make one for, or the id of a commitment").required();
    command
        .option("--sort", options->sort,
                "task (default), promise, approval, compensation, milestone or reminder")
        .type("SORT");
    command.option("--kind", options->kind, "What it is, as call_back").type("KIND");
    command.option("--name", options->name, "Of a milestone").type("NAME");
    command.option("--title", options->title, "A line to read").type("TEXT");
    command.option("--item", options->item, "What is owed").type("TEXT");
    command.option("--condition", options->condition, "On which it is owed").type("TEXT");
    command.option("--compensation", options->compensation, "What is due if it is broken").type("TEXT");
    command.option("--due", options->due, "By when").type("TIME");
    command.option("--assignee", options->assignee, "Who is to do it").type("ACTOR");
    command.option("--debtor", options->debtor, "Who owes it").type("ACTOR");
    command.option("--creditor", options->creditor, "Who is owed it").type("ACTOR");
    command.option("--for", options->pays_for, "The broken commitment that it makes good").type("ID");
    command.option("--require", options->require, "An artefact it needs; may be given again")
        .type("NAME")
        .one_a_time();
    command.flag("--explicit", options->is_explicit, "Said in so many words");
    command.flag("--internal", options->internal, "Among ourselves");
    command
        .option("--state", options->state, "accepted, doing, kept, broken, waived, cancelled or compensated")
        .type("STATE");
    command.option("--artefact", options->artefacts, "An artefact that is there now; may be given again")
        .type("NAME")
        .one_a_time();
    command.option("--evidence", options->evidence, "That it was kept").type("TEXT");
    command.option("--result", options->result, "What came of it").type("TEXT");
    command.option("--at", options->at, "When (default: now, by the system's clock)").type("TIME");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
