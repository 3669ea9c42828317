// What the interactions of a batch bring to measures, what goes when one is corrected, and the measuring of
// those that were there before a definition was.
#include <algorithm>

#include "engine/behaviour.hpp"
#include "engine/session.hpp"
#include "engine/values.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

base::Result<std::string_view> Session::text(model::Name name) const {
    if (const auto fresh = new_texts_.find(name); fresh != new_texts_.end()) return fresh->second;
    return names_.text(writer_, name);
}

base::Result<std::optional<model::Name>> Session::code(std::string_view text) {
    KITH_LET(given, name(text));
    return given ? std::optional(given) : std::nullopt;
}

base::Result<void> Session::interactions(const base::Id &party, base::Micros after, base::Micros until,
                                         const TakeInteraction &take) {
    const auto one = [&](const model::InteractionKey &key, base::Bytes payload) -> base::Result<void> {
        KITH_LET(corrected, is_corrected(key));
        return corrected ? base::Result<void>() : take(record::decode_interaction(key, payload));
    };
    KITH_LET(cursor, writer_.cursor(Table::rows));
    KITH_LET(more, cursor.seek(index::interactions_from(party, std::max(after, base::kMinTime - 1) + 1)));
    while (more && index::starts_with(cursor.key(), party.view())) {
        const auto key = index::interaction_key(cursor.key());
        if (key.at > until) break;
        KITH_LET(row, writer_.get(Table::facts, index::fact(key.origin, key.number)));
        if (!row) return base::fail(Status::corrupt, "an interaction's record is missing: run kith verify");
        KITH_TRY(one(key, row->payload));
        KITH_LET(next, cursor.next());
        more = next;
    }
    const auto subject = subjects_.find(party);
    if (subject == subjects_.end()) return {};
    for (const auto &pending : subject->second->pending) {
        if (pending.key.at > after && pending.key.at <= until) KITH_TRY(one(pending.key, pending.payload));
    }
    return {};
}

base::Result<void> Session::interaction(const model::InteractionKey &key, const TakeInteraction &take) {
    KITH_LET(corrected, is_corrected(key));
    if (corrected) return {};
    KITH_LET(row, interaction_row(key));
    if (!row)
        return base::fail(Status::corrupt,
                          "a reference names an interaction that is missing: run kith verify");
    return take(record::decode_interaction(key, *row));
}

base::Result<std::optional<model::Score>> Session::given(const GivenQuery &query) {
    return find_given(writer_, *this, query, new_scores_);
}

base::Result<void> Session::changes(const base::Id &party, base::Micros after, base::Micros until,
                                    const TakeChange &take) {
    KITH_TRY(read_changes(writer_, *this, party, after, until, take));
    const auto [first, last] = new_changes_.equal_range(party);
    for (auto one = first; one != last; ++one) {
        const auto at = one->second.key.at;
        if (at > after && at <= until) KITH_TRY(take(one->second));
    }
    return {};
}

base::Result<void> Session::scores(model::SubjectKind kind, const model::Subject *subject,
                                   std::string_view metric, base::Micros after, base::Micros until,
                                   const std::function<base::Result<void>(const model::Score &)> &take) {
    return each_score(writer_, *this, kind, subject, metric, after, until, take, new_scores_);
}

base::Result<void> Session::given_keys(const model::Subject &subject, std::string_view metric,
                                       const std::function<bool(model::Name key)> &take) {
    return each_given_key(writer_, *this, subject, metric, take, new_scores_);
}

void Session::set_catalog(std::shared_ptr<const Catalog> catalog) {
    older_catalogs_.push_back(std::move(catalog_));
    catalog_ = std::move(catalog);
    if (behaviour_) behaviour_->stage();
    behaviour_.reset();
    values_.reset();
    measurer_.reset();
    for (const auto &[id, subject] : subjects_) {
        for (auto &instance : subject->instances) (void)bind(instance);
    }
    stage_segments();
    segments_.clear();
    segments_loaded_ = false;
}

// None where nothing is measured.
Measurer *Session::measurer() {
    const auto &values = *catalog_->values;
    if (!measurer_ && (!values.measures->all.empty() || !values.segments.items.empty() ||
                       !catalog_->processes.empty() || !catalog_->behaviours->rules.empty())) {
        measurer_.emplace(catalog_->values->measures, static_cast<NameSource &>(*this), sums_,
                          config_.currency.packed());
    }
    return measurer_ ? &*measurer_ : nullptr;
}

base::Result<void> Session::measure(const model::Interaction &interaction) {
    auto *const measuring = measurer();
    if (!measuring) return {};
    const auto add = [&](const Brought &brought) {
        touch(brought.measure);
        return sums_.add(brought, interaction.key);
    };
    if (!measuring->measures().any_of_cells) return measuring->measure(interaction, add);
    // If it comes to be the first of something, later rows may change their cells.
    const auto &key = interaction.key;
    std::vector<Taken> brought;
    KITH_TRY(measuring->measure(
        interaction,
        [&](const Brought &one) -> base::Result<void> {
            brought.push_back({&one.measure, one.subject, one.contribution});
            return {};
        },
        [](const Measure &one) { return !one.of_cells; }));
    KITH_LET(first, is_first(brought));
    std::vector<TakenOfRow> before;
    if (first) {
        KITH_LET(found, of_cells(key.party, key.at, &key));
        before = std::move(found);
    }
    for (const auto &one : brought) KITH_TRY(add({*one.measure, one.subject, one.contribution}));
    if (!first) return measuring->measure(interaction, add, [](const Measure &one) { return one.of_cells; });
    KITH_LET(after, of_cells(key.party, key.at, nullptr));
    return replace_cells(before, after);
}

base::Result<bool> Session::is_first(std::span<const Taken> brought) const {
    for (const auto &one : brought) {
        if (!one.measure->decides) continue;
        KITH_LET(total, sums_.total(*one.measure, one.subject));
        if (total.count == 0 || one.contribution.at <= total.first_at) return true;
    }
    return false;
}

base::Result<std::vector<TakenOfRow>> Session::of_cells(const base::Id &party, base::Micros from,
                                                        const model::InteractionKey *without) {
    std::vector<TakenOfRow> all;
    KITH_TRY(interactions(party, from - 1, INT64_MAX, [&](const model::Interaction &one) {
        if (without && one.key == *without) return base::Result<void>();
        return measurer()->measure(
            one,
            [&](const Brought &brought) -> base::Result<void> {
                all.push_back({one.key, {&brought.measure, brought.subject, brought.contribution}});
                return {};
            },
            [](const Measure &measure) { return measure.of_cells; });
    }));
    return all;
}

base::Result<void> Session::replace_cells(std::span<const TakenOfRow> before,
                                          std::span<const TakenOfRow> after) {
    for (const auto &one : before) touch(*one.taken.measure);
    for (const auto &one : after) touch(*one.taken.measure);
    return sums_.replace(before, after, *measurer(), *this);
}

// All that it brought, before it is said to be corrected.
base::Result<std::vector<Taken>> Session::brought_by(const model::InteractionKey &key) {
    std::vector<Taken> all;
    auto *const measuring = measurer();
    if (!measuring) return all;
    KITH_TRY(interaction(key, [&](const model::Interaction &interaction) {
        return measuring->measure(interaction, [&](const Brought &brought) -> base::Result<void> {
            all.push_back({&brought.measure, brought.subject, brought.contribution});
            return {};
        });
    }));
    return all;
}

base::Result<void> Session::unmeasure(const std::vector<Taken> &brought, const model::InteractionKey &key) {
    if (brought.empty()) return {};
    return sums_.remove(brought, key, *measurer(), *this);
}

base::Result<void> Session::stage_sums() {
    return sums_.drain([&](Table table, base::Bytes key, const base::Bytes *payload) -> base::Result<void> {
        if (payload) {
            overlay_.add(table, key, *payload);
        } else {
            overlay_.remove(table, key);
        }
        return {};
    });
}

// Compiles, gives measures that are new their rows, and takes the catalog for its own. Status::rule with the
// first mistake where there are some.
base::Result<void> Session::install(std::shared_ptr<Catalog> next) {
    KITH_LET(known, known_measures(writer_));
    for (const auto &[text, measure] : new_measures_) known.insert_or_assign(text, measure);
    auto compiled = compile(*next, known);
    if (!compiled.mistakes.empty()) return rules::error_of(compiled.mistakes);
    if (!compiled.unknown.empty()) {
        // Nothing is to be measured where there is nobody.
        KITH_LET(parties, writer_.count(Table::counters));
        const auto through = parties == 0 && subjects_.empty() ? last_party() : base::Id();
        for (const auto number : compiled.unknown) {
            const auto &measure = *compiled.catalog->measures->find(number);
            put_measure(measure, through);
            known.insert_or_assign(measure.text, KnownMeasure{number, measure.grain->number, through});
        }
        compile(*next, known);
    }
    next->revision = meta_.definitions_revision;
    set_catalog(std::move(next));
    KITH_TRY(segments());  // gives new ones their rows
    stage_segments();
    return behaviour().prepare();
}

void Session::put_measure(const Measure &measure, const base::Id &through) {
    overlay_.put(Table::measures, index::by_number(measure.number),
                 encode(StoredMeasure{through, measure.grain->number, measure.text}));
    new_measures_.insert_or_assign(measure.text,
                                   KnownMeasure{measure.number, measure.grain->number, through});
}

// The next ones of a build; fewer than it asks for are the last.
base::Result<std::vector<base::Id>> Session::parties_after(const base::Id &party, std::size_t parties_max) {
    std::vector<base::Id> parties;
    KITH_LET(cursor, writer_.cursor(Table::counters));
    KITH_LET(found, cursor.seek(index::by_id(party)));
    while (found && parties.size() < parties_max) {
        if (const auto next = base::Id::from(cursor.key()); next != party) parties.push_back(next);
        KITH_LET(more, cursor.next());
        found = more;
    }
    return parties;
}

base::Result<bool> Session::build(std::size_t parties_max, BuildProgress &progress) {
    const auto measures = catalog_->values->measures;
    auto lowest = last_party();
    for (const auto &measure : measures->all) lowest = std::min(lowest, measure->built_through);
    if (lowest == last_party()) return build_segments(parties_max, progress);
    const auto of_group = [&](const Measure &measure) { return measure.built_through == lowest; };
    auto next_lowest = last_party();
    for (const auto &measure : measures->all) {
        if (!of_group(*measure)) next_lowest = std::min(next_lowest, measure->built_through);
    }
    KITH_LET(parties, parties_after(lowest, parties_max));
    const bool all = parties.size() < parties_max && (parties.empty() || parties.back() <= next_lowest);
    // No further than another one is built, which cells may be decided by.
    while (!parties.empty() && parties.back() > next_lowest) parties.pop_back();
    // Those of cells after those that decide them.
    const auto count = [&](const base::Id &party, bool of_cells) {
        return interactions(party, INT64_MIN, INT64_MAX, [&](const model::Interaction &interaction) {
            progress.rows += !of_cells;
            return measurer()->measure(
                interaction, [&](const Brought &brought) { return sums_.add(brought, interaction.key); },
                [&](const Measure &one) { return of_group(one) && one.of_cells == of_cells; }, true);
        });
    };
    for (const auto &party : parties) {
        KITH_TRY(count(party, false));
        if (measures->any_of_cells) KITH_TRY(count(party, true));
        if (!measures->any_of_changes) continue;
        KITH_TRY(changes(party, INT64_MIN, INT64_MAX, [&](const MemberChange &change) {
            return measurer()->measure(
                change, [&](const Brought &brought) { return sums_.add(brought, change.key); },
                [&](const Measure &one) { return of_group(one); }, true);
        }));
    }
    progress.parties += parties.size();
    const auto through = all ? last_party() : parties.empty() ? next_lowest : parties.back();
    for (const auto &measure : measures->all) {
        if (of_group(*measure)) put_measure(*measure, through);
    }
    ++meta_.definitions_revision;
    auto next = std::make_shared<Catalog>(*catalog_);
    KITH_TRY(install(std::move(next)));
    return false;
}

}  // namespace kith::engine
