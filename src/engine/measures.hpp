// Measures: what aggregate metrics add up, compiled. Metrics that differ only in their window, or in what
// they read of a cell, share one. Each has a number in the file, which stands in its cells
// (rules/partials.hpp).
//
// The subjects of a measure are its grain: parties, actors, a party and a category, the whole base. A row
// of the timeline is measured once, and brings each measure that reads it no, one or several contributions,
// each for one subject. What a row brings depends on nothing but the row.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/row_schema.hpp"
#include "expr/program.hpp"
#include "index/keys.hpp"
#include "rules/matrix.hpp"
#include "rules/metric.hpp"
#include "rules/partials.hpp"
#include "store/store.hpp"

namespace kith::engine {

using rules::MeasureNumber;

// A part of a subject's key. Parties are ids, all else codes of names.
struct KeyPart {
    enum class From : std::uint8_t {
        party,
        actor,
        owner,
        product,
        category,
        campaign,
        type,
        medium,
        scope,
        topic,
        outcome,
        expression,
    };
    From from = From::party;
    std::string text;                              // as written
    std::shared_ptr<const expr::Program> program;  // From::expression: a text or a whole number
};

struct Grain {
    std::uint32_t number = 0;  // of its first measure
    std::vector<KeyPart> parts;
    std::string text;         // "party", "party, line.category"; "all"
    bool of_party = false;    // the first part is the party
    bool of_lines = false;    // a part reads the line
    bool of_changes = false;  // of memberships, in place of interactions
};

struct Measure {
    MeasureNumber number = 0;
    const Grain *grain = nullptr;
    rules::RowSource rows;
    std::shared_ptr<const expr::Program> where, of;  // null: every row; nothing but a count
    rules::Summary summary{};
    base::Micros half_life = 0;  // of a row's weight; 0: it keeps it
    bool listed = false;         // keeps each value: table `values`
    expr::TypeKind type{};       // of a value; null where there is none
    std::string text;            // what it is, by which it is known again
    base::Id built_through;      // parties above it are not measured yet
    bool of_cells = false;  // its expressions read cells of rows: what a row brings depends on earlier rows
    bool decides = false;   // such cells are decided by when its first row was
    bool is_built(const base::Id &party) const { return party <= built_through; }
    // So fast that a day's cells cannot hold what its rows are worth.
    bool fades_in_a_day() const { return half_life > 0 && half_life < base::kDay; }
};

// A matrix that gives each row a cell. Its axes read the row, and of measures of the row's own party what the
// first row of all was, if it was not after this one.
struct RowMatrix {
    rules::Matrix matrix;
    std::shared_ptr<const expr::Program> x, y;
    std::string text;  // what decides, by which it is known again
};

// A row of table `measures`.
struct StoredMeasure {
    base::Id built_through;
    std::uint32_t grain = 0;
    std::string_view text;
};
std::vector<std::byte> encode(const StoredMeasure &measure);
StoredMeasure decode_measure(base::Bytes bytes);
base::Id last_party();  // above every party: built

struct Measures {
    std::vector<std::unique_ptr<Grain>> grains;
    std::vector<std::unique_ptr<Measure>> all;  // by number
    std::size_t interactions = 0;               // how many are of interactions or lines
    bool any_of_cells = false;
    bool any_of_changes = false;

    const Measure *find(MeasureNumber number) const;
    const Measure *find(std::string_view text) const;
    const Grain *grain(std::uint32_t number) const;
};

// A subject of a grain: the grain's number and the parts of the key, padded.
using SubjectKey = index::Key;

// Where texts become codes, and codes texts.
class NameSource {
public:
    virtual ~NameSource() = default;
    virtual base::Result<std::string_view> text(model::Name name) const = 0;
    virtual base::Result<std::optional<model::Name>> code(std::string_view text) = 0;  // none: it has none
};

struct Brought {
    const Measure &measure;
    const SubjectKey &subject;
    const rules::Contribution &contribution;
};
using TakeBrought = std::function<base::Result<void>(const Brought &)>;

// Measures rows of the timeline. [one thread]
class Sums;

class Measurer : public RowContext {
public:
    // `sums` tell which rows of a party were first.
    Measurer(std::shared_ptr<const Measures> measures, NameSource &names, const Sums &sums,
             std::uint32_t currency);

    // All that the row brings; `only` leaves the other measures aside. Of measures that are not built yet
    // through the row's party only if they are asked for.
    base::Result<void> measure(const model::Interaction &interaction, const TakeBrought &take,
                               const std::function<bool(const Measure &)> &only = {},
                               bool unbuilt_too = false);

    base::Result<void> measure(const MemberChange &change, const TakeBrought &take,
                               const std::function<bool(const Measure &)> &only = {},
                               bool unbuilt_too = false);

    // Of the row at hand, for its expressions. Kind error where it is not known.
    expr::Value first(const Measure &measure, const model::Line *line);
    expr::Value cell(const RowMatrix &matrix, const model::Line *line);

    // Whether the row brings anything to a measure of this grain and subject is told by measure() alone.
    const Measures &measures() const { return *measures_; }
    // The row that is being measured, while what it brings is taken.
    const model::Interaction &row() const { return *row_; }
    const MemberChange *change() const { return change_; }  // in place of it

    const model::Interaction &interaction(const RowView &) const override { return *row_; }
    const model::InteractionPersonal &personal(const RowView &) const override { return personal_; }
    std::string_view text(model::Name name) const override;
    std::string_view process_name(const base::Id &) const override { return {}; }
    using RowContext::currency;
    std::uint32_t currency() const override { return currency_; }

private:
    // Those of one grain over the same rows: the subject's key is made once for all of them.
    struct Group {
        const Grain *grain = nullptr;
        rules::RowSource::Kind from{};
        std::vector<const Measure *> measures;
    };
    struct ByType {
        model::Name type = 0, form = 0;
        std::vector<Group> groups;
    };
    base::Result<const ByType *> of_type(model::Name type, model::Name form);
    base::Result<bool> key_of(const Grain &grain, const RowPart &part, SubjectKey &out);
    base::Result<bool> contribution(const Measure &measure, const RowPart &part, rules::Contribution &out);
    template <class MeasureOne>
    base::Result<void> for_each_product(const Group &group, const MeasureOne &measure_one);
    expr::Outcome evaluate(const expr::Program &program, const RowPart &part);

    std::shared_ptr<const Measures> measures_;
    NameSource &names_;
    const Sums &sums_;
    std::uint32_t currency_;
    std::size_t level_ = 0;  // of expressions in expressions
    std::vector<std::unique_ptr<ByType>> by_type_;
    const model::Interaction *row_ = nullptr;
    const MemberChange *change_ = nullptr;  // in place of an interaction
    const model::InteractionKey &key() const { return change_ ? change_->key : row_->key; }
    model::Interaction copy_;  // amounts in the file's currency
    std::vector<model::Line> lines_;
    std::vector<std::int64_t> margins_;
    model::InteractionPersonal personal_;  // rows are measured without
    mutable base::ErrorBox error_;
};

// What stands in a cell as a value of the measure's type.
expr::Value value_in_cell(expr::TypeKind type, std::int64_t value, std::uint32_t currency);

// The instant a contribution counts as, in days of the file's zone: which row of cells, and which day in it.
struct CellDay {
    std::int64_t row = 0;
    int day = 0;
};
CellDay cell_day(std::int64_t local_day);

// Tables `sums`, `references` and `values`, all under a subject's key.
SubjectKey sums_key(const SubjectKey &subject, std::int64_t row);  // of a row of cells
SubjectKey totals_key(const SubjectKey &subject);                  // before them: the cells of all days
std::int64_t sums_row(base::Bytes key);

}  // namespace kith::engine
