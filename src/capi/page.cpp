#include "capi/page.hpp"

#include "capi/batch.hpp"
#include "capi/guard.hpp"
#include "capi/strings.hpp"
#include "engine/forms.hpp"
#include "engine/types.hpp"

namespace kith::capi {

static_assert(static_cast<int>(model::PartyKind::person) == KITH_PARTY_PERSON);
static_assert(static_cast<int>(model::PartyKind::anonymous) == KITH_PARTY_ANONYMOUS);
static_assert(model::identifier_flag::shared == KITH_IDENTIFIER_SHARED);
static_assert(model::identifier_flag::host == KITH_IDENTIFIER_HOST);
static_assert(static_cast<int>(model::Cause::event) == KITH_CAUSE_EVENT);
static_assert(static_cast<int>(model::Cause::hand) == KITH_CAUSE_HAND);
static_assert(static_cast<int>(model::Cause::definition) == KITH_CAUSE_DEFINITION);
static_assert(static_cast<int>(model::ChangeKind::party) == KITH_CHANGE_PARTY);
static_assert(static_cast<int>(model::ChangeKind::interaction) == KITH_CHANGE_INTERACTION);
static_assert(static_cast<int>(model::ChangeKind::definition) == KITH_CHANGE_DEFINITION);
static_assert(static_cast<int>(model::ChangeKind::link) == KITH_CHANGE_LINK);
static_assert(static_cast<int>(model::ChangeKind::membership) == KITH_CHANGE_MEMBERSHIP);
static_assert(static_cast<int>(model::ChangeKind::event) == KITH_CHANGE_EVENT);
static_assert(static_cast<int>(model::Operation::failed) == KITH_OPERATION_FAILED);
static_assert(static_cast<int>(model::Operation::created) == KITH_OPERATION_CREATED);
static_assert(static_cast<int>(model::Operation::historic) == KITH_OPERATION_HISTORIC);
static_assert(static_cast<int>(model::Operation::late) == KITH_OPERATION_LATE);

base::Result<void> check_items_max(std::uint32_t items_max) {
    if (items_max >= 1 && items_max <= KITH_MAX_PAGE_ITEMS) return {};
    return base::fail(
        items_max == 0 ? base::Status::argument : base::Status::limit,
        "items_max is out of range: ask for 1 to " + std::to_string(KITH_MAX_PAGE_ITEMS) + " items");
}

base::Result<void> PageWriter::name(kith_str &out, model::Name name) {
    if (name == 0) return {};
    auto &known = names_[name % names_.size()];
    if (known.name != name) {
        KITH_LET(text, snapshot_.text(name));
        known = {name, str_out(text)};
    }
    out = known.text;
    return {};
}

base::Result<void> PageWriter::party_key(kith_str &out, const base::Id &party) {
    if (!party) return {};
    const auto [known, is_new] = keys_.try_emplace(party);
    if (is_new) {
        KITH_LET(key, reads_.host_key(party));
        known->second = key;
    }
    if (!known->second.empty()) out = str_out(known->second);
    return {};
}

base::Result<void> PageWriter::add(std::span<const model::Party> parties) {
    return put(page_->parties, parties);
}
base::Result<void> PageWriter::add(std::span<const model::Identifier> identifiers) {
    return put(page_->identifiers, identifiers);
}
base::Result<void> PageWriter::add(std::span<const engine::InteractionRead> interactions) {
    return put(page_->interactions, interactions);
}
base::Result<void> PageWriter::add(std::span<const engine::ProcessRead> processes) {
    return put(page_->processes, processes);
}
base::Result<void> PageWriter::add(std::span<const engine::MemberRead> members) {
    return put(page_->members, members);
}
base::Result<void> PageWriter::add(std::span<const model::Transition> transitions) {
    return put(page_->transitions, transitions);
}
base::Result<void> PageWriter::add(std::span<const engine::CommitmentRead> commitments) {
    return put(page_->commitments, commitments);
}
base::Result<void> PageWriter::add(std::span<const model::DefinitionRecord> definitions) {
    return put(page_->definitions, definitions);
}
base::Result<void> PageWriter::add(std::span<const model::Change> changes) {
    return put(page_->changes, changes);
}

void PageWriter::add(const model::Figures &in) {
    auto &out = page_->memory.array<kith_figures>(1)[0];
    out.struct_size = sizeof out;
    out.interactions = in.interactions;
    out.orders = in.orders;
    out.returns = in.returns;
    out.amount_total = in.amount_total;
    out.returns_total = in.returns_total;
    if (in.orders > 0) {
        out.fields |= KITH_FIGURES_FIELD_FIRST_ORDER;
        out.first_order_at = in.first_order_at;
        out.last_order_at = in.last_order_at;
    }
    if (const auto gap_us = in.median_gap_us()) {
        out.fields |= KITH_FIGURES_FIELD_MEDIAN_GAP;
        out.median_gap_ms = *gap_us / 1000;
    }
    if (in.interactions > 0) {
        out.fields |= KITH_FIGURES_FIELD_LAST_AT;
        out.last_at = in.last_at;
    }
    page_->figures = &out;
}

void PageWriter::resume_after(std::string_view token) { page_->resume = page_->memory.copy(token); }

base::Result<void> PageWriter::fill(kith_party &out, const model::Party &in) {
    out.id = id_out(in.id);
    out.kind = static_cast<std::uint32_t>(in.kind);
    out.roles = in.roles;
    out.name = str_out(in.name);
    out.language = str_out(in.language);
    out.time_zone = str_out(in.time_zone);
    KITH_TRY(name(out.owner, in.owner));
    out.tags = str_out(in.tags);
    KITH_TRY(party_key(out.host_key, in.id));
    out.revision = in.revision;
    out.created_at = model::wall_of(in.created);
    out.stamp = in.changed;
    out.fields = KITH_PARTY_FIELD_KIND | KITH_PARTY_FIELD_REVISION;
    if (out.roles) out.fields |= KITH_PARTY_FIELD_ROLES;
    if (out.name.data) out.fields |= KITH_PARTY_FIELD_NAME;
    if (out.language.data) out.fields |= KITH_PARTY_FIELD_LANGUAGE;
    if (out.time_zone.data) out.fields |= KITH_PARTY_FIELD_TIME_ZONE;
    if (out.owner.data) out.fields |= KITH_PARTY_FIELD_OWNER;
    if (out.tags.data) out.fields |= KITH_PARTY_FIELD_TAGS;
    if (in.fields.values.empty()) return {};
    KITH_LET(own, values({&in.fields}));
    out.values = own.data();
    out.value_count = own.size();
    out.fields |= KITH_PARTY_FIELD_VALUES;
    return {};
}

base::Result<void> PageWriter::fill(kith_identifier &out, const model::Identifier &in) {
    out.flags = in.flags;
    KITH_TRY(name(out.kind, in.kind));
    out.value = str_out(in.value);
    out.normalised = str_out(in.normalised);
    out.party = id_out(in.party);
    const auto set = [&](std::uint32_t field, kith_time &at, const std::optional<base::Micros> &value) {
        if (!value) return;
        out.fields |= field;
        at = *value;
    };
    set(KITH_IDENTIFIER_FIELD_VERIFIED_AT, out.verified_at, in.verified_at);
    set(KITH_IDENTIFIER_FIELD_VALID_FROM, out.valid_from, in.valid_from);
    set(KITH_IDENTIFIER_FIELD_VALID_TO, out.valid_to, in.valid_to);
    return {};
}

// By name, wherever they are kept.
base::Result<std::span<const kith_field>> PageWriter::values(
    std::initializer_list<const model::Fields *> of) {
    std::size_t count = 0;
    for (const auto *fields : of) count += fields->values.size();
    const auto copies = page_->memory.array<kith_field>(count);
    auto *out = copies.data();
    for (const auto *fields : of) {
        for (const auto &in : fields->values) {
            KITH_TRY(name(out->name, in.name));
            out->kind = static_cast<std::uint32_t>(in.kind);
            const auto write = [&](std::string_view text) { out->text = str_out(page_->memory.copy(text)); };
            switch (in.kind) {
                case model::FieldKind::text:
                    out->text = str_out(fields->text(in));
                    break;
                case model::FieldKind::code:
                case model::FieldKind::key:
                    KITH_TRY(name(out->text, static_cast<model::Name>(in.number)));
                    break;
                case model::FieldKind::record:
                    out->id = id_out(model::id_of(in));
                    KITH_TRY(party_key(out->text, model::id_of(in)));
                    if (!out->text.data) write(base::to_text(model::id_of(in)));
                    break;
                case model::FieldKind::double_:
                    std::memcpy(&out->real, &in.number, sizeof out->real);
                    write(engine::written(in));
                    break;
                default:
                    out->integer = in.number;
                    write(engine::written(in));
                    if (in.kind != model::FieldKind::money) break;
                    const auto code = base::Currency(static_cast<std::uint32_t>(in.extra)).text();
                    std::memcpy(out->currency, code.data(), std::min(code.size(), sizeof out->currency - 1));
            }
            ++out;
        }
    }
    std::ranges::sort(copies, {},
                      [](const kith_field &one) { return std::string_view(one.name.data, one.name.size); });
    return std::span<const kith_field>(copies);
}

base::Result<void> PageWriter::lines(kith_interaction &out, const model::Interaction &interaction) {
    const auto in = interaction.lines;
    if (in.empty()) return {};
    const auto copies = page_->memory.array<kith_line>(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        KITH_TRY(name(copies[i].product, in[i].product));
        copies[i].quantity = in[i].quantity;
        copies[i].unit_price = in[i].unit_price;
        copies[i].amount = in[i].amount;
        KITH_TRY(name(copies[i].category, in[i].category));
        if (interaction.margins.empty() || interaction.margins[i] == model::kNoMargin) continue;
        copies[i].fields = KITH_LINE_FIELD_MARGIN;
        copies[i].margin = interaction.margins[i];
    }
    out.lines = copies.data();
    out.line_count = copies.size();
    return {};
}

base::Result<void> PageWriter::fill(kith_interaction &out, const engine::InteractionRead &read) {
    const auto &in = read.interaction;
    out.id = interaction_id_out(in.key);
    out.party = id_out(in.key.party);
    out.at = in.key.at;
    out.recorded_at = model::wall_of(in.stamp);
    out.stamp = in.stamp;
    out.key = str_out(in.host_key);
    out.direction = in.direction;
    const auto currency =
        in.currency.packed() ? in.currency.text() : snapshot_.store().config().currency.text();
    std::memcpy(out.currency, currency.data(), std::min(currency.size(), sizeof out.currency - 1));
    const auto set = [&](std::uint32_t field, std::int64_t &target,
                         const std::optional<std::int64_t> &value) {
        if (!value) return;
        out.fields |= field;
        target = *value;
    };
    set(KITH_INTERACTION_FIELD_AMOUNT, out.amount, in.amount);
    set(KITH_INTERACTION_FIELD_BASE_AMOUNT, out.base_amount, in.base_amount);
    set(KITH_INTERACTION_FIELD_COST, out.cost, in.cost);
    set(KITH_INTERACTION_FIELD_DURATION, out.duration_s, in.duration_s);
    if (in.corrects) {
        out.fields |= KITH_INTERACTION_FIELD_CORRECTS;
        out.corrects = interaction_id_out(*in.corrects);
    }
    KITH_TRY(name(out.type, in.type));
    KITH_TRY(name(out.system, in.system));
    KITH_TRY(name(out.medium, in.medium));
    KITH_TRY(name(out.scope, in.scope));
    KITH_TRY(name(out.topic, in.topic));
    KITH_TRY(name(out.outcome, in.outcome));
    KITH_TRY(name(out.actor, in.actor));
    KITH_TRY(name(out.owner, in.owner));
    KITH_TRY(name(out.campaign, in.campaign));
    out.with_whom = str_out(read.personal.with_whom);
    out.text = str_out(read.personal.text);
    out.next_step = str_out(read.personal.next_step);
    if (!in.fields.values.empty() || !read.personal.fields.values.empty()) {
        KITH_LET(own, values({&in.fields, &read.personal.fields}));
        out.values = own.data();
        out.value_count = own.size();
    }
    KITH_TRY(lines(out, in));
    return answers(out, read);
}

// One for each cell that was answered, with what kith found of its item.
base::Result<void> PageWriter::answers(kith_interaction &out, const engine::InteractionRead &read) {
    const auto &in = read.interaction;
    KITH_TRY(name(out.form, in.form));
    KITH_TRY(name(out.about_kind, in.about_kind));
    KITH_TRY(name(out.about, in.about));
    out.round = in.round;
    if (in.answers.empty()) return {};
    const auto given = std::ranges::count(in.answers, 0, &model::Answer::derived);
    const auto copies = page_->memory.array<kith_answer>(static_cast<std::size_t>(given));
    std::size_t made = 0;
    for (std::size_t first = 0, end = 0; first < in.answers.size(); first = end) {
        kith_answer row{};
        row.row = in.answers[first].row;
        for (end = first; end < in.answers.size() && in.answers[end].row == row.row; ++end) {
            const auto &cell = in.answers[end];
            if (!cell.derived) continue;
            kith_str called{};
            KITH_TRY(name(called, cell.name));
            if (std::string_view(called.data, called.size) == model::kItemCell)
                KITH_TRY(name(row.item, cell.code));
            if (std::string_view(called.data, called.size) == model::kDimensionCell)
                KITH_TRY(name(row.dimension, cell.code));
            if (std::string_view(called.data, called.size) != model::kScoreCell) continue;
            row.fields |= KITH_ANSWER_FIELD_SCORE;
            row.score = engine::number_in(cell).value_or(0);
        }
        for (const auto &cell : in.answers.subspan(first, end - first)) {
            if (cell.derived) continue;
            auto &copy = copies[made++] = row;
            KITH_TRY(name(copy.aspect, cell.name));
            if (const auto number = engine::number_in(cell)) {
                copy.fields |= KITH_ANSWER_FIELD_NUMBER;
                copy.number = *number;
            }
            if (cell.kind == model::AnswerKind::code || cell.kind == model::AnswerKind::number) {
                KITH_TRY(name(copy.text, cell.code));
            } else if (cell.kind == model::AnswerKind::text) {
                const auto text = engine::text_in(cell, read.personal.answers);
                if (text.data()) copy.text = str_out(page_->memory.copy(text));
            } else if (const auto text = engine::written(cell); !text.empty()) {
                copy.text = str_out(page_->memory.copy(text));
            }
        }
    }
    out.answers = copies.data();
    out.answer_count = copies.size();
    return {};
}

base::Result<void> PageWriter::fill(kith_process &out, const engine::ProcessRead &read) {
    const auto &in = read.process;
    out.id = id_out(in.id);
    out.party = id_out(in.party);
    KITH_TRY(name(out.definition, in.definition));
    out.version = in.version;
    out.transitions = in.transitions;
    KITH_TRY(name(out.state, in.state));
    out.since = in.since;
    out.started_at = in.started_at;
    if (read.due) {
        out.fields |= KITH_PROCESS_FIELD_DUE;
        out.due = *read.due;
    }
    out.key = str_out(in.key);
    out.parent = id_out(in.parent);
    KITH_LET(own, values({&in.fields}));
    out.values = own.data();
    out.value_count = own.size();
    return {};
}

base::Result<void> PageWriter::fill(kith_member &out, const engine::MemberRead &in) {
    out.party = id_out(in.party);
    KITH_TRY(name(out.segment, in.segment));
    out.since = in.since;
    return party_key(out.party_key, in.party);
}

base::Result<void> PageWriter::fill(kith_transition &out, const model::Transition &in) {
    out.cause = static_cast<std::uint32_t>(in.cause);
    out.process = id_out(in.process);
    out.at = in.at;
    out.recorded_at = model::wall_of(in.stamp);
    KITH_TRY(name(out.from, in.from));
    KITH_TRY(name(out.to, in.to));
    KITH_TRY(name(out.event, in.event));
    if (in.cause == model::Cause::event) out.interaction = interaction_id_out(in.interaction);
    out.version = in.version;
    out.late = in.late;
    out.reason = str_out(in.reason);
    KITH_TRY(name(out.actor, in.actor));
    return {};
}

base::Result<void> PageWriter::names(const kith_str *&out, std::size_t &out_count,
                                     std::span<const model::Name> in) {
    const auto texts = page_->memory.array<kith_str>(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) KITH_TRY(name(texts[i], in[i]));
    out = texts.data();
    out_count = in.size();
    return {};
}

base::Result<void> PageWriter::fill(kith_commitment &out, const engine::CommitmentRead &read) {
    const auto &in = read.commitment;
    const auto &told = read.personal;
    out.id = id_out(in.id);
    out.party = id_out(in.party);
    out.state = static_cast<std::uint32_t>(in.state);
    out.sort = static_cast<std::uint32_t>(in.sort);
    out.flags = in.flags;
    const std::pair<kith_str &, model::Name> texts[] = {{out.kind, in.kind},
                                                        {out.title, in.title},
                                                        {out.name, in.name},
                                                        {out.assignee, in.assignee},
                                                        {out.owner, in.owner},
                                                        {out.debtor, in.debtor.actor},
                                                        {out.creditor, in.creditor.actor},
                                                        {out.rule, in.rule},
                                                        {out.system, in.system}};
    for (const auto &[target, code] : texts) KITH_TRY(name(target, code));
    if (told.title.data()) out.title = str_out(told.title);
    out.opened_at = in.opened_at;
    const auto time = [&](std::uint32_t bit, kith_time &target, const std::optional<base::Micros> &at) {
        if (!at) return;
        out.fields |= bit;
        target = *at;
    };
    time(KITH_COMMITMENT_FIELD_DUE, out.due, in.due);
    time(KITH_COMMITMENT_FIELD_ENDED_AT, out.ended_at, in.ended_at);
    time(KITH_COMMITMENT_FIELD_BROKEN_AT, out.broken_at, in.broken_at);
    time(KITH_COMMITMENT_FIELD_ACCEPTED_AT, out.accepted_at, in.accepted_at);
    time(KITH_COMMITMENT_FIELD_STARTED_AT, out.started_at, in.started_at);
    out.process = id_out(in.process);
    out.debtor_party = id_out(in.debtor.party);
    out.creditor_party = id_out(in.creditor.party);
    out.for_kind = static_cast<std::uint32_t>(in.for_kind);
    out.for_record = id_out(in.for_record);
    out.ready = in.is_ready();
    KITH_TRY(names(out.require, out.require_count, in.require));
    KITH_TRY(names(out.artefacts, out.artefact_count, in.artefacts));
    out.version = in.version;
    out.told_late = in.told_late;
    out.revision = in.revision;
    out.stamp = in.stamp;
    out.key = str_out(in.host_key);
    out.item = str_out(told.item);
    out.condition = str_out(told.condition);
    out.compensation = str_out(told.compensation);
    out.evidence = str_out(told.evidence);
    out.result = str_out(told.result);
    return party_key(out.party_key, in.party);
}

base::Result<void> PageWriter::fill(kith_definition &out, const model::DefinitionRecord &in) {
    out.version = in.version;
    out.kind = str_out(in.kind);
    out.name = str_out(in.name);
    out.playbook = str_out(in.playbook);
    out.json = str_out(in.json);
    out.installed_at = model::wall_of(in.stamp);
    return {};
}

base::Result<void> PageWriter::fill(kith_change &out, const model::Change &in) {
    out.kind = static_cast<std::uint32_t>(in.kind);
    out.seq = in.seq;
    out.origin = in.origin;
    out.number = in.number;
    out.stamp = in.stamp;
    out.recorded_at = model::wall_of(in.stamp);
    out.operation = static_cast<std::uint32_t>(in.operation);
    out.changed = in.changed;
    out.party = id_out(in.party);
    out.record = id_out(in.record);
    out.at = in.at.value_or(0);
    if (in.kind == model::ChangeKind::interaction) {
        out.interaction = interaction_id_out({in.party, out.at, in.origin, in.number});
    }
    KITH_TRY(name(out.name, in.name));
    KITH_TRY(name(out.from, in.from));
    KITH_TRY(name(out.to, in.to));
    return party_key(out.party_key, in.party);
}

}  // namespace kith::capi

using namespace kith;
using namespace kith::capi;

extern "C" {

void kith_page_free(kith_page *page) { free_handle<Page>(page); }

void kith_page_resume(const kith_page *page, kith_str *out_token) {
    if (!out_token) return;
    *out_token = {};
    guard_value(0, [&] {
        if (const auto pinned = pin<Page>(page)) *out_token = str_out((*pinned)->resume);
        return 0;
    });
}

const kith_figures *kith_page_figures(const kith_page *page) {
    return guard_value(static_cast<const kith_figures *>(nullptr), [&]() -> const kith_figures * {
        const auto pinned = pin<Page>(page);
        return pinned ? (*pinned)->figures : nullptr;
    });
}

const kith_party *const *kith_page_parties(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::parties);
}

const kith_identifier *const *kith_page_identifiers(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::identifiers);
}

const kith_interaction *const *kith_page_interactions(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::interactions);
}

const kith_process *const *kith_page_processes(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::processes);
}

const kith_member *const *kith_page_members(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::members);
}

const kith_transition *const *kith_page_transitions(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::transitions);
}

const kith_commitment *const *kith_page_commitments(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::commitments);
}

const kith_definition *const *kith_page_definitions(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::definitions);
}

const kith_change *const *kith_page_changes(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::changes);
}
}
