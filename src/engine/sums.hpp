// Sums in the making: the cells, values and references that contributions move, over what a file has, kept in
// memory until they are written.
//
// Table `sums`: under a subject's key a row of cells for each kDaysPerRow days that have some (sums_key), and
// before them the cells of all days (totals_key). Table `values`: of measures that keep each value, how
// often each was there on a day. Table `references`: of grains that no party's rows lead to, which
// interactions brought something, in order of time; a window that cuts a day looks them up.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "base/hash.hpp"

#include "engine/given.hpp"
#include "engine/measures.hpp"

namespace kith::engine {

using TakeCells = std::function<base::Result<void>(std::int64_t row, base::Bytes cells)>;
using TakeValue =
    std::function<base::Result<void>(std::int64_t local_day, std::int64_t value, std::uint64_t count)>;
using TakeReference = std::function<base::Result<void>(const model::InteractionKey &key)>;
using TakeChange = std::function<base::Result<void>(const MemberChange &change)>;
using TakeInteraction = std::function<base::Result<void>(const model::Interaction &interaction)>;

// The interactions that count and the values that were given, of a file and what is being written to it.
class Timeline {
public:
    virtual ~Timeline() = default;
    // Of one party, after < at <= until, in no particular order.
    virtual base::Result<void> interactions(const base::Id &party, base::Micros after, base::Micros until,
                                            const TakeInteraction &take) = 0;
    virtual base::Result<void> interaction(const model::InteractionKey &key, const TakeInteraction &take) = 0;
    // What a party's memberships were and are, after < at <= until, in no particular order.
    virtual base::Result<void> changes(const base::Id &party, base::Micros after, base::Micros until,
                                       const TakeChange &take) = 0;
    virtual base::Result<std::optional<model::Score>> given(const GivenQuery &query) = 0;
    virtual base::Result<void> scores(
        model::SubjectKind kind, const model::Subject *subject, std::string_view metric, base::Micros after,
        base::Micros until, const std::function<base::Result<void>(const model::Score &)> &take) = 0;
    virtual base::Result<void> given_keys(const model::Subject &subject, std::string_view metric,
                                          const std::function<bool(model::Name key)> &take) = 0;
};

// Those that a file's log of memberships has.
base::Result<void> read_changes(const store::Reader &reader, const NameSource &names, const base::Id &party,
                                base::Micros after, base::Micros until, const TakeChange &take);
// Of one membership, whose log this is.
base::Result<void> each_change(const std::vector<model::Transition> &log, const NameSource &names,
                               const TakeChange &take);

// A contribution kept.
struct Taken {
    const Measure *measure = nullptr;
    SubjectKey subject;
    rules::Contribution contribution;
};

// And by which row.
struct TakenOfRow {
    model::InteractionKey row;
    Taken taken;
};

// Keys of tables `values` and `references`.
SubjectKey values_key(const SubjectKey &subject, MeasureNumber measure, std::int64_t local_day);
SubjectKey reference_key(const SubjectKey &subject, base::Micros at);  // before every one at `at`
SubjectKey reference_key(const SubjectKey &subject, const model::InteractionKey &interaction);

// What a row brought, as a number: of money minor units.
double plain_value(const Measure &measure, const rules::Contribution &one);

class Sums {
public:
    // `reader` null: over nothing.
    Sums(const store::Reader *reader, const base::Zone &zone) : reader_(reader), zone_(zone) {}

    base::Result<void> add(const Brought &brought, const model::InteractionKey &interaction);
    // All that an interaction brought goes: it counts no more. `timeline` is without it.
    base::Result<void> remove(std::span<const Taken> brought, const model::InteractionKey &interaction,
                              Measurer &measurer, Timeline &timeline);

    // What rows that stay bring to measures of cells has become something else, as the party's earlier rows
    // have changed. `timeline` and `measurer` are as it is after.
    base::Result<void> replace(std::span<const TakenOfRow> before, std::span<const TakenOfRow> after,
                               Measurer &measurer, Timeline &timeline);

    // ---- reading: the file with what has changed ----

    base::Result<rules::Partial> total(const Measure &measure,
                                       const SubjectKey &subject) const;  // of all days

    base::Result<void> cells(const SubjectKey &subject, std::int64_t first_row, std::int64_t last_row,
                             const TakeCells &take) const;
    base::Result<void> totals(const SubjectKey &subject, const TakeCells &take) const;
    // The codes that stand after a prefix of subjects' keys, until `take` answers false.
    base::Result<void> codes_after(const index::Key &prefix,
                                   const std::function<bool(model::Name code)> &take) const;
    base::Result<void> values(const SubjectKey &subject, MeasureNumber measure, std::int64_t first_day,
                              std::int64_t last_day, const TakeValue &take) const;
    // after < at <= until
    base::Result<void> references(const SubjectKey &subject, base::Micros after, base::Micros until,
                                  const TakeReference &take) const;
    // What the rows in after < at <= until bring to the subject.
    base::Result<void> measure(const Grain &grain, const SubjectKey &subject, base::Micros after,
                               base::Micros until, Measurer &measurer, Timeline &timeline,
                               const TakeBrought &take,
                               const std::function<bool(const Measure &)> &only = {}) const;

    // Those of one day of them.
    base::Result<void> measure_day(const Grain &grain, const SubjectKey &subject, std::int64_t local_day,
                                   base::Micros after, base::Micros until, Measurer &measurer,
                                   Timeline &timeline, const TakeBrought &take,
                                   const std::function<bool(const Measure &)> &only = {}) const;

    const base::Zone &zone() const { return zone_; }

    // ---- writing ----

    // Each row that has changed, in order of table and key; null: it is gone. Then forgets them.
    using TakeRow =
        std::function<base::Result<void>(store::Table table, base::Bytes key, const base::Bytes *payload)>;
    base::Result<void> drain(const TakeRow &take);
    bool empty() const { return rows_.empty() && values_.empty() && references_.empty(); }

private:
    // What a subject's rows are by now, those that have been asked for.
    struct Pending {
        std::map<std::int64_t, rules::PartialRow> rows;
        std::optional<rules::PartialRow> totals;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return base::hash64(base::bytes_of(key)); }
    };
    rules::Contribution weighed(const Measure &measure, rules::Contribution one) const;
    Pending &pending(const SubjectKey &subject);
    const Pending *find_pending(const SubjectKey &subject) const;
    base::Result<rules::PartialRow *> row(const SubjectKey &subject, std::int64_t number);
    base::Result<rules::PartialRow *> all_days(const SubjectKey &subject);
    base::Result<rules::PartialRow> stored(const SubjectKey &key) const;
    base::Result<void> count_value(const Measure &measure, const SubjectKey &subject, std::int64_t value,
                                   std::int64_t local_day, int by);
    base::Result<void> count_day(const Grain &grain, const SubjectKey &subject, std::int64_t local_day,
                                 Measurer &measurer, Timeline &timeline);
    base::Result<void> add_up(const SubjectKey &subject);  // the totals, anew

    const store::Reader *reader_;
    mutable std::optional<store::Cursor> cursor_;  // over table `sums`: subjects are asked for in order
    const base::Zone &zone_;
    std::unordered_map<std::string, Pending, Hash, std::equal_to<>> rows_;  // by subject
    std::pair<const std::string, Pending> *last_ = nullptr;                 // of them, that was asked for
    // What came last: an interaction brings a subject several contributions, one after the other.
    struct Place {
        std::string subject;
        model::InteractionKey interaction;
        std::int64_t local_day = 0;
        int day = 0;
        rules::PartialRow *row = nullptr, *totals = nullptr;
    } place_;
    base::Result<void> find_place(const Brought &brought, const model::InteractionKey &interaction);
    std::map<std::string, std::uint64_t, std::less<>> values_;
    std::map<std::string, std::optional<base::Id>, std::less<>> references_;
};

}  // namespace kith::engine
