// Interactions: which one it is, whether it is there already, what it puts right, what it counts.
#include <algorithm>

#include "engine/behaviour.hpp"
#include "engine/session.hpp"
#include "engine/values.hpp"
#include "rules/node.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

namespace {

base::Error overflow() {
    return base::fail(Status::limit,
                      "the party's totals are too large: amounts must be in minor units of the currency");
}

base::Result<void> add_to(std::int64_t &total, std::int64_t amount) {
    const auto sum = base::add_checked(total, amount);
    if (!sum || *sum > base::kMaxAmount || *sum < -base::kMaxAmount) return overflow();
    total = *sum;
    return {};
}

// The category of a line is compared only where the host gives it: else it is the product's of that day; a
// cost else is its type's.
bool same_lines(const model::Interaction &stored, const model::Interaction &asked,
                std::span<const LineItem> items) {
    if (stored.lines.size() != items.size() || !std::ranges::equal(stored.margins, asked.margins))
        return false;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto line = asked.lines[i];
        if (items[i].category.empty()) line.category = stored.lines[i].category;
        if (line != stored.lines[i]) return false;
    }
    return true;
}

bool same_content(const model::Interaction &a, const model::Interaction &b) {
    return a.key.at == b.key.at && a.type == b.type && a.amount == b.amount &&
           a.base_amount == b.base_amount && a.currency == b.currency && a.direction == b.direction &&
           a.corrects == b.corrects && a.medium == b.medium && a.campaign == b.campaign &&
           a.scope == b.scope && a.topic == b.topic && a.outcome == b.outcome && a.actor == b.actor &&
           a.duration_s == b.duration_s && a.fields == b.fields && a.form == b.form && a.round == b.round &&
           a.about_kind == b.about_kind && a.about == b.about && same_answers(a.answers, b.answers);
}

}  // namespace

base::Result<model::Interaction> Session::compose(const InteractionItem &item,
                                                  model::InteractionPersonal &personal) {
    model::Interaction out;
    out.stamp = meta_.stamp;
    KITH_LET(type, name(item.type));
    out.type = type;
    KITH_LET(system, name(item.system));
    out.system = system;
    out.host_key = item.host_key;
    out.amount = item.amount;
    out.currency = item.currency.packed() ? item.currency : config_.currency;
    if (item.base_amount && (!item.amount || out.currency == config_.currency)) {
        auto error =
            base::fail(Status::argument,
                       "base_amount goes with an amount in another currency than the file's: leave it out");
        error.field = model::interaction_field::base_amount;
        return error;
    }
    if (out.currency != config_.currency && item.amount) {
        if (!item.base_amount) {
            auto error =
                base::fail(Status::argument, "the amount is in " + out.currency.text() +
                                                 ", the file counts in " + config_.currency.text() +
                                                 ": give base_amount in " + config_.currency.text() + " too");
            error.field = model::interaction_field::base_amount;
            return error;
        }
        out.base_amount = item.base_amount;
    }
    out.direction = item.direction;
    out.corrects = item.corrects;
    lines_.clear();
    margins_.clear();
    bool margins = false;
    for (const auto &line : item.lines) {
        KITH_LET(product, name(line.product));
        KITH_LET(category, line.category.empty() ? category_of(product) : name(line.category));
        lines_.push_back({product, category, line.quantity, line.unit_price, line.amount});
        margins_.push_back(line.margin.value_or(model::kNoMargin));
        margins |= line.margin.has_value();
    }
    out.lines = lines_;
    if (margins) out.margins = margins_;
    KITH_LET(medium, name(item.medium));
    KITH_LET(scope, name(item.scope));
    KITH_LET(topic, name(item.topic));
    KITH_LET(outcome, name(item.outcome));
    KITH_LET(actor, name(item.actor));
    KITH_LET(campaign, name(item.campaign));
    out.medium = medium;
    out.scope = scope;
    out.topic = topic;
    out.outcome = outcome;
    out.actor = actor;
    out.campaign = campaign;
    out.cost = item.cost;
    out.duration_s = item.duration_s;
    personal = item.personal;
    if (!item.values.empty()) {
        KITH_LET(values, typed_values(item.type, item.values));
        out.fields = packed(values, false, true);
        personal.fields = packed(values, true, false);
    }
    if (!item.form.empty()) {
        KITH_TRY(fill_form(item, out));
        if (!filled_.texts.empty()) personal.answers = filled_.texts;
    }
    return out;
}

base::Result<void> Session::fill_form(const InteractionItem &item, model::Interaction &out) {
    const auto &forms = catalog_->values->forms;
    const auto place = forms.find(item.form);
    if (!place) {
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < forms.items.size(); ++i) names.push_back(forms.name(i));
        auto error = base::fail(Status::rule, "there is no form \"" + std::string(item.form) + "\"; " +
                                                  (names.empty() ? "install it with kith define"
                                                                 : rules::suggestion(item.form, names)));
        error.field = model::interaction_field::form;
        return error;
    }
    const FormContext context{
        [&](std::string_view text) { return name(text); },
        [&](std::string_view list) -> const rules::Type * {
            for (const auto &one : catalog_->definitions) {
                const auto *type = one.definition ? std::get_if<rules::Type>(&one.definition->body) : nullptr;
                if (type && type->name == list) return type;
            }
            return nullptr;
        },
        zone_};
    KITH_LET(filled, fill(forms.items[*place], item, context));
    filled_ = std::move(filled);
    KITH_LET(form, name(item.form));
    KITH_LET(kind, name(filled_.about_kind));
    KITH_LET(about, name(filled_.about));
    out.form = form;
    out.round = filled_.round;
    out.about_kind = kind;
    out.about = about;
    out.answers = filled_.answers;
    return {};
}

// An interaction's record: of this batch, or of the file.
base::Result<std::optional<base::Bytes>> Session::interaction_row(const model::InteractionKey &key) {
    if (const auto party = subjects_.find(key.party); party != subjects_.end()) {
        for (const auto &pending : party->second->pending) {
            if (pending.key == key) return std::optional(pending.payload);
        }
    }
    KITH_LET(row, writer_.get(Table::rows, index::interaction(key)));
    if (!row) return std::optional<base::Bytes>();
    return overlay_.get(Table::facts, index::fact(key.origin, key.number));
}

// What is to be said of an item whose host key is known already; none if it is new.
base::Result<std::optional<Outcome>> Session::find_existing(const InteractionItem &item, const Subject *party,
                                                            const model::Interaction &interaction,
                                                            const model::InteractionPersonal &personal) {
    KITH_LET(reference,
             overlay_.get(Table::host_refs, index::host_ref(interaction.system, interaction.host_key)));
    if (!reference) return std::optional<Outcome>();
    const auto key = index::interaction_key(*reference);
    KITH_LET(row, interaction_row(key));
    if (!row)
        return base::fail(Status::corrupt,
                          "a host key names an interaction that is missing: run kith verify");
    const auto stored = record::decode_interaction(key, *row);
    KITH_LET(aside, overlay_.get(Table::personal, index::interaction(key)));
    const auto told = aside ? record::decode_personal(*aside) : model::InteractionPersonal();
    // Without a reference there is no party to compare: the key alone names the interaction.
    const bool same_party = item.ref.by == Ref::By::none || (party && party->party.id == key.party);
    const bool same = same_party && stored.host_key == interaction.host_key &&
                      same_content(stored, interaction) && same_lines(stored, interaction, item.lines) &&
                      personal == told && (!item.cost || item.cost == stored.cost);
    if (same && item.flags.must_not_exist) {
        return base::fail(Status::exists, "an interaction with this host key is there already");
    }
    if (same) return std::optional(Outcome{ItemResult::existing, key.party, key, false});
    if (item.flags.skip_conflict) return std::optional(Outcome{ItemResult::skipped, key.party, key, false});
    auto error =
        base::fail(Status::conflict,
                   "the host key is there already with other content: what happened is not rewritten; record "
                   "a correction under a key of its own, or skip it");
    error.field = model::interaction_field::key;
    return error;
}

base::Result<Outcome> Session::apply_interaction(const InteractionItem &item,
                                                 std::span<const Outcome> before) {
    model::InteractionPersonal personal;
    KITH_LET(interaction, compose(item, personal));
    interaction.key.at = item.at;

    // A known host key is answered before anything is made: a repeated order creates no party.
    KITH_LET(known, find_party(item.ref, before));
    if (interaction.host_key.data()) {
        KITH_LET(existing, find_existing(item, known, interaction, personal));
        if (existing) return *existing;
    }

    if (const auto *type = catalog_->values->types.find(item.type)) {
        if (type->cost && !interaction.cost) interaction.cost = type->cost->minor;
        KITH_TRY(check_required(*type, interaction, personal));
    }
    bool created = false;
    KITH_LET(found, require(known, item.ref, item.flags, {}, 0, created));
    auto &subject = *found;
    interaction.key.party = subject.party.id;
    interaction.owner = subject.row.owner;
    model::Name corrected_type = 0;
    if (interaction.corrects) {
        KITH_LET(type, check_correction(*interaction.corrects));
        corrected_type = type;
    }
    KITH_TRY(fire_before(subject, item.at));

    auto change =
        model::change_of(model::ChangeKind::interaction,
                         interaction.corrects ? model::Operation::corrected : model::Operation::created,
                         subject.party.id, {}, interaction.type);
    change.at = item.at;
    KITH_LET(number, record_change(change));
    interaction.key.origin = meta_.origin;
    interaction.key.number = number;
    const auto key = index::interaction(interaction.key);
    const auto encoded = encoder_.encode(interaction);
    const PendingInteraction pending{interaction.key, record::summarise_interaction(encoded),
                                     overlay_.add(Table::facts, index::fact(meta_.origin, number), encoded)};
    overlay_.add(Table::rows, key, record::bytes_of(pending.summary));
    if (interaction.host_key.data()) {
        overlay_.put(Table::host_refs, index::host_ref(interaction.system, interaction.host_key), key.view());
    }
    if (personal.any()) overlay_.put(Table::personal, key, encoder_.encode(personal));

    if (item.type == model::kOrder) order_ = interaction.type;
    if (item.type == model::kReturn) return_ = interaction.type;
    if (interaction.corrects) KITH_TRY(correct(*interaction.corrects, interaction.key));
    KITH_TRY(count(subject, pending));
    subject.pending.push_back(pending);
    KITH_TRY(measure(interaction));
    model::Transition cause;
    cause.at = item.at;
    cause.cause = model::Cause::event;
    cause.event = interaction.type;
    cause.interaction = interaction.key;
    touched_.all = created;
    touched_.figures = true;
    // What is put right has happened already: only a correction that names another party or type is news.
    const bool news = !interaction.corrects || interaction.corrects->party != subject.party.id ||
                      corrected_type != interaction.type;
    Happening happening;
    happening.view = {item.type, {}, {}, {}, item.at, false};
    happening.cause = cause;
    happening.interaction = &interaction;
    happening.personal = &personal;
    if (news && !subject.row.anonymous) {
        KITH_TRY(settle(subject, item.at, cause, &happening));
    } else {
        KITH_TRY(settle(subject, item.at, cause));
    }
    return Outcome{interaction.corrects ? ItemResult::corrected : ItemResult::created, subject.party.id,
                   interaction.key, created};
}

// The type of the interaction to be corrected.
base::Result<model::Name> Session::check_correction(const model::InteractionKey &old) {
    const auto key = index::interaction(old);
    KITH_LET(row, interaction_row(old));
    if (!row) {
        return base::fail(Status::missing,
                          "`corrects` names no interaction: give the id that the commit returned");
    }
    KITH_LET(later, overlay_.get(Table::corrected, key));
    if (later) {
        return base::fail(Status::conflict,
                          "the interaction to correct has been corrected already: correct the newer one");
    }
    return record::summarise_interaction(*row).type;
}

// The old interaction is counted no more; its party may be another one.
base::Result<void> Session::correct(const model::InteractionKey &old, const model::InteractionKey &by) {
    KITH_LET(brought, brought_by(old));
    KITH_LET(first, is_first(brought));
    std::vector<TakenOfRow> before;
    if (first) {
        KITH_LET(found, of_cells(old.party, old.at, &old));
        before = std::move(found);
    }
    for (const auto &one : brought) {
        if (one.measure->of_cells) before.push_back({old, one});
    }
    std::erase_if(brought, [](const Taken &one) { return one.measure->of_cells; });
    overlay_.put(Table::corrected, index::interaction(old), index::interaction(by));
    corrections_ = true;
    KITH_TRY(unmeasure(brought, old));
    if (!before.empty()) {
        std::vector<TakenOfRow> after;
        if (first) {
            KITH_LET(found, of_cells(old.party, old.at, nullptr));
            after = std::move(found);
        }
        KITH_TRY(replace_cells(before, after));
    }
    KITH_LET(owner, subject(old.party));
    if (!owner) return base::fail(Status::corrupt, "an interaction's party is missing: run kith verify");
    KITH_TRY(load_instances(*owner));  // their timers follow the figures
    KITH_TRY(recount(*owner));
    for (const auto &one : brought) touch(*one.measure);
    touched_.figures = true;
    if (by.party == old.party) return {};  // it is looked at when the new one is counted
    model::Transition cause;
    cause.at = by.at;
    cause.cause = model::Cause::event;
    cause.interaction = by;
    return settle(*owner, base::kMinTime, cause);
}

base::Result<bool> Session::is_corrected(const model::InteractionKey &key) {
    if (!corrections_) return false;
    KITH_LET(row, overlay_.get(Table::corrected, index::interaction(key)));
    return row.has_value();
}

base::Result<void> Session::count(Subject &subject, const PendingInteraction &interaction) {
    auto &f = subject.row.figures;
    const auto at = interaction.key.at;
    subject.figures_changed = true;
    f.first_at = f.interactions ? std::min(f.first_at, at) : at;
    f.last_at = f.interactions ? std::max(f.last_at, at) : at;
    ++f.interactions;
    if (interaction.summary.type == order_) {
        KITH_TRY(count_order(subject, at, interaction.summary.amount));
    } else if (interaction.summary.type == return_) {
        ++f.returns;
        KITH_TRY(add_to(f.returns_total, interaction.summary.amount));
    }
    return {};
}

base::Result<void> Session::count_order(Subject &subject, base::Micros at, std::int64_t amount) {
    auto &f = subject.row.figures;
    KITH_TRY(add_to(f.amount_total, amount));
    const auto gap = [&](base::Micros from, base::Micros to) {
        return static_cast<std::uint32_t>(zone_.local_day(to) - zone_.local_day(from));
    };
    if (f.orders++ == 0) {
        f.first_order_at = f.last_order_at = at;
        return {};
    }
    if (subject.row.anonymous) {  // many people: their gaps mean nothing
        f.first_order_at = std::min(f.first_order_at, at);
        f.last_order_at = std::max(f.last_order_at, at);
        return {};
    }
    if (at >= f.last_order_at) {
        if (const auto days = gap(f.last_order_at, at)) f.add_gap(days);
        f.last_order_at = at;
        return {};
    }
    if (at < f.first_order_at) {
        if (const auto days = gap(at, f.first_order_at)) f.add_gap(days);
        f.first_order_at = at;
        return {};
    }
    // It came late and falls between two others: their gap becomes two.
    KITH_LET(times, order_times(subject));
    const auto next = std::upper_bound(times.begin(), times.end(), at);
    if (next == times.begin() || next == times.end()) {
        return base::fail(Status::corrupt, "a party's figures do not match its orders: run kith verify");
    }
    const auto before = gap(*std::prev(next), at), after = gap(at, *next);
    if (before == 0 || after == 0) return {};
    f.remove_gap(before + after);
    f.add_gap(before);
    f.add_gap(after);
    return {};
}

// The party's interactions that count, by time: those in the file and those of this batch.
base::Result<std::vector<PendingInteraction>> Session::counted(const Subject &subject) {
    std::vector<PendingInteraction> all;
    const auto add = [&](const PendingInteraction &one) -> base::Result<void> {
        KITH_LET(corrected, is_corrected(one.key));
        if (!corrected) all.push_back(one);
        return {};
    };
    if (!subject.is_new) {
        KITH_LET(cursor, writer_.cursor(Table::rows));
        const auto &party = subject.party.id;
        KITH_LET(found, cursor.seek(index::interactions_from(party, base::kMinTime)));
        while (found && index::starts_with(cursor.key(), party.view())) {
            KITH_LET(row, cursor.value());
            KITH_TRY(add({index::interaction_key(cursor.key()), record::decode_summary(row.payload), {}}));
            KITH_LET(more, cursor.next());
            found = more;
        }
    }
    for (const auto &one : subject.pending) KITH_TRY(add(one));
    std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.key < b.key; });
    return all;
}

base::Result<std::vector<base::Micros>> Session::order_times(const Subject &subject) {
    KITH_LET(all, counted(subject));
    std::vector<base::Micros> times;
    for (const auto &one : all) {
        if (one.summary.type == order_) times.push_back(one.key.at);
    }
    return times;
}

base::Result<void> Session::recount(Subject &subject) {
    KITH_LET(all, counted(subject));
    subject.row.figures = {};
    for (const auto &one : all) KITH_TRY(count(subject, one));
    subject.figures_changed = true;
    return {};
}

}  // namespace kith::engine
