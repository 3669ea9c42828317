#include "engine/value_catalog.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "engine/catalog.hpp"
#include "engine/programs.hpp"
#include "engine/score_rows.hpp"
#include "engine/value_records.hpp"
#include "engine/value_time.hpp"
#include "engine/values.hpp"
#include "expr/parse.hpp"
#include "rules/check_set.hpp"
#include "rules/node.hpp"

namespace kith::engine {

using base::Status;
using expr::TypeKind;
using rules::Aggregate;
using rules::Mistake;
using rules::Source;

namespace {

// A name of a key's part, and how it is taken off the row.
struct PartName {
    std::string_view text;
    KeyPart::From from;
    bool of_line;
};
constexpr PartName kPartNames[] = {
    {"party", KeyPart::From::party, false},           {"actor", KeyPart::From::actor, false},
    {"i.actor", KeyPart::From::actor, false},         {"i.owner", KeyPart::From::owner, false},
    {"product", KeyPart::From::product, true},        {"line.product", KeyPart::From::product, true},
    {"line.category", KeyPart::From::category, true}, {"product.category", KeyPart::From::category, true},
    {"campaign", KeyPart::From::campaign, false},     {"i.campaign", KeyPart::From::campaign, false},
    {"i.type", KeyPart::From::type, false},           {"i.medium", KeyPart::From::medium, false},
    {"i.scope", KeyPart::From::scope, false},         {"i.topic", KeyPart::From::topic, false},
    {"i.outcome", KeyPart::From::outcome, false},
};

constexpr std::string_view kByCells = " by cells ";  // in the text of a grain

constexpr std::string_view kSubjectParts[] = {"party", "actor", "product", "campaign"};

bool is_value(TypeKind type) {
    switch (type) {
        case TypeKind::boolean:
        case TypeKind::int_:
        case TypeKind::double_:
        case TypeKind::string:
        case TypeKind::timestamp:
        case TypeKind::duration:
        case TypeKind::money:
        case TypeKind::date:
            return true;
        default:
            return false;
    }
}

bool adds_up(TypeKind type) {
    return type == TypeKind::boolean || type == TypeKind::int_ || type == TypeKind::double_ ||
           type == TypeKind::money || type == TypeKind::duration;
}

TypeKind type_of_aggregate(Aggregate aggregate, TypeKind of) {
    const auto number = of == TypeKind::boolean || of == TypeKind::int_ ? TypeKind::double_ : of;
    switch (aggregate) {
        case Aggregate::count:
        case Aggregate::distinct:
            return TypeKind::int_;
        case Aggregate::sum:
            return of == TypeKind::boolean ? TypeKind::int_ : of;
        case Aggregate::avg:
        case Aggregate::median:
            return of == TypeKind::null ? TypeKind::timestamp : number;
        case Aggregate::median_gap:
            return TypeKind::double_;
        default:
            return of == TypeKind::null ? TypeKind::timestamp : of;
    }
}

rules::Summary summary_of(Aggregate aggregate) {
    switch (aggregate) {
        case Aggregate::sum:
        case Aggregate::avg:
            return rules::Summary::sum;
        case Aggregate::min:
        case Aggregate::max:
            return rules::Summary::extremes;
        case Aggregate::first:
        case Aggregate::last:
            return rules::Summary::ends;
        default:
            return rules::Summary::count;
    }
}

bool is_listed(Aggregate aggregate) {
    return aggregate == Aggregate::distinct || aggregate == Aggregate::median;
}

TypeKind type_of_given(rules::ValueType type) {
    switch (type) {
        case rules::ValueType::money:
            return TypeKind::money;
        case rules::ValueType::int_:
            return TypeKind::int_;
        case rules::ValueType::text:
            return TypeKind::string;
        case rules::ValueType::bool_:
            return TypeKind::boolean;
        case rules::ValueType::time:
            return TypeKind::timestamp;
        case rules::ValueType::date:
            return TypeKind::date;
        default:
            return TypeKind::double_;
    }
}

class Compiler {
public:
    Compiler(std::span<const InstalledProcess> processes, std::span<const rules::Setting> settings,
             const KnownMeasures &known)
        : known_(known), catalog_(std::make_shared<ValueCatalog>()), measures_(std::make_shared<Measures>()) {
        for (const auto &one : processes) {
            if (one.newest) charts_[one.chart().name] = &one.chart();
        }
        for (const auto &setting : settings) catalog_->settings.emplace(setting.name, setting);
        for (const auto &[text, one] : known) last_number_ = std::max(last_number_, one.number);
    }

    CompiledValues run(std::span<const DefinitionInUse> definitions) {
        std::string made_of;
        for (const auto &one : definitions) made_of += one.definition->json + "\n";
        for (const auto &[name, setting] : catalog_->settings) made_of += setting.json + "\n";
        catalog_->fingerprint = base::hash64(base::bytes_of(made_of));
        auto calendars = std::make_shared<BusinessCalendars>();
        catalog_->calendars = calendars;
        for (const auto &one : definitions) {
            const auto *calendar = std::get_if<rules::WorkCalendar>(&one.definition->body);
            if (calendar && one.newest) calendars->add(*calendar);
            const auto *type = std::get_if<rules::Type>(&one.definition->body);
            if (!type) continue;
            definition_ = one.definition;
            bool unavailable = false;
            const auto wrong = catalog_->types.add(*type, unavailable);
            if (!one.newest) continue;
            if (unavailable) {
                not_yet(wrong);
            } else if (!wrong.empty()) {
                mistake(one.definition->place, wrong);
            }
        }
        // All names first, so that places do not move.
        for (const auto &one : definitions) {
            if (one.newest) add_name(one);
        }
        for (const auto &one : definitions) {
            definition_ = one.definition;
            if (const auto *bands = std::get_if<rules::Bands>(&one.definition->body)) {
                if (one.newest && bands->rows) add_row_bands(*bands);
            }
        }
        for (const auto &one : definitions) {
            definition_ = one.definition;
            if (const auto *matrix = std::get_if<rules::Matrix>(&one.definition->body)) {
                if (matrix->rows) add_row_matrix(*matrix, one);
            }
            const auto *metric = std::get_if<rules::Metric>(&one.definition->body);
            if (!metric) continue;
            if (one.newest) {
                begin_metric(catalog_->metrics.items[*catalog_->metrics.find(metric->name)]);
            } else {
                begin_metric(older_[metric->name].emplace_back(begin_value(*metric, one.version)));
            }
        }
        for (auto &value : catalog_->metrics.items) keep_active(value);
        for (const auto &one : definitions) {
            if (!one.newest) continue;
            definition_ = one.definition;
            compile(one);
        }
        check_counted_cells(definitions);
        std::ranges::sort(measures_->all, {}, [](auto &one) { return one->number; });
        catalog_->measures = measures_;
        std::ranges::stable_sort(out_.mistakes, {}, &Mistake::place);
        out_.catalog = std::move(catalog_);
        return std::move(out_);
    }

private:
    void add_name(const DefinitionInUse &one) {
        const auto &body = one.definition->body;
        const auto &name = one.definition->name;
        if (auto *metric = std::get_if<rules::Metric>(&body)) {
            catalog_->metrics.add(name, begin_value(*metric, one.version));
        } else if (auto *bands = std::get_if<rules::Bands>(&body)) {
            if (!bands->rows) catalog_->bands.add(name, {*bands, one.version, nullptr, {}});
        } else if (auto *card = std::get_if<rules::Scorecard>(&body)) {
            catalog_->scorecards.add(name, {*card, one.version, {}});
        } else if (auto *matrix = std::get_if<rules::Matrix>(&body)) {
            if (!matrix->rows) catalog_->matrices.add(name, {*matrix, one.version, nullptr, nullptr});
        } else if (auto *form = std::get_if<rules::Form>(&body)) {
            add_form({*form, one.version, nullptr}, *one.definition);
        } else if (auto *segment = std::get_if<rules::Segment>(&body)) {
            catalog_->segments.add(name, {*segment, one.version, nullptr, nullptr});
        }
    }

    MetricValue begin_value(const rules::Metric &metric, std::uint32_t version) const {
        MetricValue value;
        value.metric = metric;
        value.version = version;
        value.owner = metric.subject == SubjectKind::key ? SubjectKind::all : metric.subject;
        const bool of_behaviour = metric.kind == rules::Metric::Kind::aggregate &&
                                  !metric.rows.types.empty() &&
                                  metric.rows.kind >= rules::RowSource::Kind::change &&
                                  behaviour_rows_of(metric.rows.types[0]).has_value();
        if (of_behaviour && metric.key.size() == 2 && metric.subject == SubjectKind::key) {
            value.tuple = metric.key[0].text + ", " + metric.key[1].text;
        } else if (metric.key.size() == (metric.subject == SubjectKind::key ? 1 : 2)) {
            value.tuple = metric.key.back().text;
            const auto named = std::ranges::find(kPartNames, value.tuple, &PartName::text);
            if (named != std::end(kPartNames))
                value.tuple = std::ranges::find(kPartNames, named->from, &PartName::from)->text;
            if (value.tuple == "party") value.tuple.clear();  // no text
        }
        if (!metric.by) return value;
        value.by = *metric.by;
        if (metric.calendar.empty()) return value;
        if (const auto *calendar = catalog_->calendars->find(metric.calendar)) {
            value.by->first_month = calendar->fiscal_month;
            value.by->first_weekday = calendar->first_weekday;
        }
        return value;
    }

    void add_form(FormValue value, const rules::Definition &definition) {
        definition_ = &definition;
        for (const auto &name : value.form.aspects) check_cell(name);
        for (const auto &column : value.form.rows) check_cell(column.name);
        if (value.form.score)
            value.score =
                program(*value.form.score, score_schema(value.form), expr::Types::of(TypeKind::double_));
        catalog_->forms.add(definition.name, std::move(value));
    }
    // Of the rows of an installed form.
    const rules::Form *form_of(const rules::RowSource &rows) {
        const auto place = catalog_->forms.find(rows.types[0]);
        if (place) return &catalog_->forms.items[*place].form;
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < catalog_->forms.items.size(); ++i)
            names.push_back(catalog_->forms.name(i));
        mistake({rows.line, rows.column},
                "there is no form \"" + rows.types[0] + "\"; " +
                    (names.empty() ? "define it" : rules::suggestion(rows.types[0], names)));
        return nullptr;
    }

    void add_row_bands(const rules::Bands &bands) {
        if (bands.rows->kind != rules::RowSource::Kind::answer) return not_yet("bands of lines");
        if (bands.kind != rules::Bands::Kind::thresholds) return not_yet("bands over the base of rows");
        const auto *form = form_of(*bands.rows);
        if (!form) return;
        RowBands made;
        made.bands = bands;
        made.text = definition_->json;
        const auto seen = row_schema(*form, {}, catalog_->types.interaction);
        made.of = program(bands.of, seen, nullptr);
        if (!made.of) return;
        for (const auto &one : bands.classes) {
            const bool computed = one.limit.is(rules::Term::Kind::expression);
            made.limits.push_back(computed ? program(one.limit.source, seen, nullptr) : nullptr);
            if (computed && !made.limits.back()) return;
        }
        row_bands_[form->name].push_back(std::make_shared<const RowBands>(std::move(made)));
    }

    // What expressions over the rows of a metric see; null: there is no such form.
    std::shared_ptr<const expr::Schema> schema_of(const rules::RowSource &rows, bool with_cells) {
        if (rows.kind == rules::RowSource::Kind::change) return change_schema();
        if (rows.kind != rules::RowSource::Kind::answer)
            return with_cells ? row_schema(row_matrices_, catalog_->types.interaction) : this->rows();
        auto &made = form_schemas_[rows.types[0]];
        if (!made) {
            const auto *form = form_of(rows);
            if (form) made = row_schema(*form, row_bands_[form->name], catalog_->types.interaction);
        }
        return made;
    }

    // What an expression over rows means beside its text: the bands it may read.
    std::string bands_in(const rules::RowSource &rows, std::string_view text) const {
        std::string all;
        const auto found = row_bands_.find(rows.kind == rules::RowSource::Kind::answer ? rows.types[0] : "");
        if (found == row_bands_.end()) return all;
        for (const auto &one : found->second) {
            if (text.find("band." + one->bands.name) != text.npos)
                all += "{" + std::to_string(base::hash64(base::bytes_of(one->text))) + "}";
        }
        return all;
    }

    void check_cell(const std::string &name) {
        static constexpr std::string_view kTaken[] = {"item", "dimension", "group", "row", "round"};
        if (std::ranges::find(kTaken, name) != std::end(kTaken))
            mistake(definition_->place, "\"" + name +
                                            "\" is what kith calls a part of each answer; choose "
                                            "another name for the aspect or column");
    }

    // What is counted by cells stays counted by the same ones.
    void check_counted_cells(std::span<const DefinitionInUse> definitions) {
        for (const auto &[text, one] : known_) {
            if (text.find(kByCells) == text.npos || measures_->find(text)) continue;
            for (const auto &each : definitions) {
                const auto *matrix = std::get_if<rules::Matrix>(&each.definition->body);
                if (matrix && matrix->rows) definition_ = each.definition;
            }
            return not_yet(
                "a change of a matrix of rows that metrics count by (give the new one another name)");
        }
    }

    // Its axes read first rows of the row's own party, so that an event changes the cells of that party's
    // later rows and of no others. What has been counted by it is known by its name: it stays as it is.
    void add_row_matrix(const rules::Matrix &matrix, const DefinitionInUse &one) {
        if (matrix.rows->kind != rules::RowSource::Kind::line &&
            matrix.rows->kind != rules::RowSource::Kind::interaction) {
            return not_yet("a matrix of \"" + rules::row_source_name(*matrix.rows) + "\"");
        }
        auto made = std::make_shared<RowMatrix>();
        made->matrix = matrix;
        std::vector<std::pair<std::string, const Measure *>> firsts;
        made->text = matrix.name + "|" + normal(matrix.x) + "|" + normal(matrix.y) + "|" + matrix.missing;
        for (const auto &mention : one.definition->mentions) {
            if (mention.kind != rules::Mention::Kind::metric) continue;
            if (std::ranges::find(firsts, mention.name, &decltype(firsts)::value_type::first) != firsts.end())
                continue;
            const auto *measure = first_of_party(mention.name);
            if (!measure) {
                mistake(mention.place,
                        "cells of rows can read the row and \"first\" metrics of its party, of all time; \"" +
                            mention.name + "\" is none, or has been changed; define one by another name");
                return;
            }
            firsts.emplace_back(mention.name, measure);
            made->text += "|" + measure->text;
        }
        for (const auto &cell : matrix.cells) {
            made->text += "|" + cell.is + ":";
            for (const auto &x : cell.x) made->text += x + ",";
            for (const auto &y : cell.y) made->text += ";" + y;
        }
        const auto seen = row_schema(firsts, catalog_->types.interaction);
        const auto *string = expr::Types::of(TypeKind::string);
        made->x = program(matrix.x, seen, string);
        made->y = program(matrix.y, seen, string);
        if (!made->x || !made->y) return;
        row_matrices_.push_back(std::move(made));
    }

    // Null where the metric is none of which a row can say what was first as of it.
    const Measure *first_of_party(const std::string &name) {
        const auto place = catalog_->metrics.find(name);
        if (!place || older_.contains(name)) return nullptr;
        const auto &value = catalog_->metrics.items[*place];
        if (!value.measure || value.metric.aggregate != Aggregate::first || value.since ||
            value.metric.window.kind != rules::Window::Kind::always || !value.metric.along.empty() ||
            !value.measure->grain->of_party || value.measure->of_cells) {
            return nullptr;
        }
        const_cast<Measure *>(value.measure)->decides = true;
        return value.measure;
    }

    // The matrices of rows that the metric at hand reads, as one text; none: it reads none.
    std::string cells_read() const {
        std::string text;
        for (const auto &mention : definition_->mentions) {
            if (mention.kind != rules::Mention::Kind::matrix) continue;
            for (const auto &one : row_matrices_) {
                if (one->matrix.name == mention.name) text += one->text;
            }
        }
        return text.empty() ? text
                            : std::string(kByCells) + std::to_string(base::hash64(base::bytes_of(text)));
    }

    void mistake(const base::Place &place, std::string what, Status status = Status::rule) {
        maker_.definition = definition_;
        maker_.mistake(place, std::move(what), status);
    }
    void not_yet(const std::string &what) {
        maker_.definition = definition_;
        maker_.not_yet(what);
    }
    // `wanted` null: any value.
    ProgramPtr program(const Source &source, std::shared_ptr<const expr::Schema> schema,
                       const expr::Type *wanted) {
        maker_.definition = definition_;
        return maker_.program(source, std::move(schema), wanted);
    }

    TypeKind type_of(const ProgramPtr &compiled, const Source &source) {
        const auto *type = compiled->checked().type();
        if (is_value(type->kind)) return type->kind;
        mistake({source.line, source.column},
                "gives " + expr::to_text(type) +
                    "; write an expression that gives a number, an amount, a text, "
                    "a time or true and false");
        return TypeKind::dyn;
    }

    // ---- metrics ----

    const Grain *grain_of(const rules::Metric &metric) {
        auto grain = std::make_unique<Grain>();
        std::vector<Source> key = metric.key;
        if (key.empty() && metric.subject != SubjectKind::all) {
            Source part;
            part.text = kSubjectParts[static_cast<std::size_t>(metric.subject)];
            key.push_back(part);
        }
        const auto cells = cells_read();
        const auto seen = schema_of(metric.rows, !cells.empty());
        if (!seen) return nullptr;
        grain->of_changes = metric.rows.kind == rules::RowSource::Kind::change;
        for (const auto &source : key) {
            KeyPart part;
            part.text = source.text;
            const auto named = std::ranges::find(kPartNames, source.text, &PartName::text);
            if (grain->of_changes && source.text != "party" && !source.text.starts_with("e.")) {
                mistake({source.line, source.column},
                        "is no key of those who enter or leave; write party, all or e.name");
                return nullptr;
            }
            if (named != std::end(kPartNames)) {
                part.from = named->from;
                grain->of_lines |= named->of_line;
                part.text = std::ranges::find(kPartNames, named->from, &PartName::from)->text;
            } else {
                part.from = KeyPart::From::expression;
                part.program = program(source, seen, nullptr);
                part.text += bands_in(metric.rows, source.text);
                if (!part.program) return nullptr;
                if (part.program->checked().type()->kind != TypeKind::string) {
                    mistake({source.line, source.column},
                            "a key is a text of the row, as line.category or i.actor");
                    return nullptr;
                }
            }
            grain->text += (grain->text.empty() ? "" : ", ") + part.text;
            grain->parts.push_back(std::move(part));
        }
        // Such parts are read as the form's rows have them.
        if (metric.rows.kind == rules::RowSource::Kind::answer &&
            std::ranges::any_of(grain->parts, [](auto &part) { return part.program != nullptr; })) {
            grain->text += " of answer." + metric.rows.types[0];
        }
        if (key.empty()) grain->text = "all";
        if (grain->of_changes) grain->text += " of changes";
        grain->text += cells;  // apart, as they are counted after those that decide the cells
        grain->of_party = !grain->parts.empty() && grain->parts.front().from == KeyPart::From::party;
        // An interaction is of each product that it has lines of; what a line is besides needs lines to
        // count.
        const bool of_line =
            std::ranges::any_of(key, [](const auto &part) { return part.text.starts_with("line."); });
        if (of_line && metric.rows.kind != rules::RowSource::Kind::line) {
            mistake(definition_->place,
                    "a key of lines needs lines to count: write \"order.line\", or "
                    "\"product.category\" to count an interaction once for each");
            return nullptr;
        }
        for (const auto &known : measures_->grains) {
            if (known->text == grain->text) return known.get();
        }
        return measures_->grains.emplace_back(std::move(grain)).get();
    }

    bool can_take(const rules::Metric &metric, TypeKind type) {
        const auto aggregate = metric.aggregate;
        const bool adds = metric.decay || summary_of(aggregate) == rules::Summary::sum;
        const bool compares =
            aggregate == Aggregate::min || aggregate == Aggregate::max || aggregate == Aggregate::median;
        if ((!adds || adds_up(type)) && (!compares || type != TypeKind::string)) return true;
        mistake({metric.of->line, metric.of->column},
                "gives " + expr::to_text(expr::Types::of(type)) +
                    (adds ? ", which does not add up; give a number, an amount or true and false"
                          : ", and texts have no least or middle one; give a number, an amount or a time"));
        return false;
    }

    const Measure *measure_of(const rules::Metric &metric) {
        using From = rules::RowSource::Kind;
        const bool of_changes =
            metric.rows.kind == From::change && std::ranges::all_of(metric.rows.types, [](const auto &type) {
                return type == kEntered || type == kLeft;
            });
        if (metric.rows.kind != From::interaction && metric.rows.kind != From::line &&
            metric.rows.kind != From::answer && !of_changes) {
            not_yet("counting \"" + rules::row_source_name(metric.rows) + "\"");
            return nullptr;
        }
        if (metric.at) return not_yet("\"at\" of interactions"), nullptr;
        Measure measure;
        measure.of_cells = !cells_read().empty();
        const auto seen = schema_of(metric.rows, measure.of_cells);
        if (!seen) return nullptr;
        measure.grain = grain_of(metric);
        if (!measure.grain) return nullptr;
        measure.rows = metric.rows;
        measures_->any_of_cells |= measure.of_cells;
        measures_->any_of_changes |= of_changes;
        measure.summary = summary_of(metric.aggregate);
        measure.listed = is_listed(metric.aggregate);
        if (metric.decay) {
            const auto &half_life = *metric.decay;
            measure.half_life = half_life.days * base::kDay + half_life.micros;
            if (half_life.months != 0 || measure.half_life <= 0 || measure.half_life > 36'500 * base::kDay ||
                (metric.aggregate != Aggregate::sum && metric.aggregate != Aggregate::count)) {
                mistake(definition_->place,
                        "\"decay\" is the half-life of a count or a sum, in days or hours; write \"P30D\"");
                return nullptr;
            }
            measure.summary = rules::Summary::sum;
        }
        measure.type = TypeKind::null;
        if (metric.where) {
            measure.where = program(*metric.where, seen, expr::Types::of(TypeKind::boolean));
            if (!measure.where) return nullptr;
        }
        if (metric.of) {
            measure.of = program(*metric.of, seen, nullptr);
            if (!measure.of) return nullptr;
            measure.type = type_of(measure.of, *metric.of);
            if (measure.type == TypeKind::dyn) return nullptr;
            if (!can_take(metric, measure.type)) return nullptr;
        } else if (metric.aggregate != Aggregate::count &&
                   (measure.summary == rules::Summary::sum || measure.listed)) {
            mistake(definition_->place, "says what it counts, not what of it; add \"of\", as \"i.amount\"");
            return nullptr;
        }
        measure.text = measure.grain->text + "|" + rules::row_source_name(metric.rows);
        for (const auto &type : metric.rows.types) measure.text += " " + type;
        measure.text +=
            "|" + normal(metric.where) + "|" + normal(metric.of) +
            bands_in(metric.rows,
                     (metric.where ? metric.where->text : "") + " " + (metric.of ? metric.of->text : "")) +
            "|" + std::to_string(static_cast<int>(measure.summary)) + (measure.listed ? "L" : "") +
            (measure.half_life != 0 ? "D" + std::to_string(measure.half_life) : "");
        return add(std::move(measure));
    }

    static std::string normal(const std::optional<Source> &source) {
        if (!source) return {};
        const auto parsed = expr::parse(source->text);
        return parsed ? expr::unparse(parsed.tree) : source->text;
    }

    // When a row of these types was last there.
    const Measure *last_of(const std::vector<std::string> &types, const Grain *grain) {
        Measure measure;
        measure.grain = grain;
        measure.rows.types = types;
        measure.summary = rules::Summary::ends;
        measure.type = TypeKind::null;
        measure.text = grain->text + "|interaction";
        for (const auto &type : types) measure.text += " " + type;
        measure.text += "|||" + std::to_string(static_cast<int>(measure.summary));
        return add(std::move(measure));
    }

    const Measure *add(Measure measure) {
        if (const auto *same = measures_->find(measure.text)) return same;
        auto made = std::make_unique<Measure>(std::move(measure));
        if (const auto known = known_.find(made->text); known != known_.end()) {
            made->number = known->second.number;
            made->built_through = known->second.built_through;
            const_cast<Grain *>(made->grain)->number = known->second.grain;
        } else {
            made->number = ++last_number_;
            out_.unknown.push_back(made->number);
        }
        auto &grain = *const_cast<Grain *>(made->grain);
        if (grain.number == 0) grain.number = grain_number(grain, made->number);
        return measures_->all.emplace_back(std::move(made)).get();
    }

    // A grain keeps its number as long as the file knows one of its measures.
    std::uint32_t grain_number(const Grain &grain, MeasureNumber fresh) {
        const auto prefix = grain.text + "|";
        for (const auto &[text, one] : known_) {
            if (text.starts_with(prefix)) return one.grain;
        }
        return fresh;
    }

    void begin_metric(MetricValue &value) {
        const auto &metric = value.metric;
        switch (metric.kind) {
            case rules::Metric::Kind::aggregate:
                if (metric.rows.kind == rules::RowSource::Kind::score) return begin_of_scores(value);
                if (metric.rows.kind >= rules::RowSource::Kind::change) {
                    if (auto rows = behaviour_rows_of(metric.rows.types[0]))
                        return begin_of_behaviour(value, std::move(*rows));
                }
                if (metric.rows.kind == rules::RowSource::Kind::record) {
                    if (!begin_of_records(value)) return;
                    if (value.of_parties) return;
                }
                value.measure = measure_of(metric);
                if (!value.measure) return;
                if (metric.window.kind == rules::Window::Kind::since) {
                    value.since = last_of(metric.window.since, value.measure->grain);
                }
                value.type = type_of_aggregate(metric.aggregate, value.measure->type);
                if (metric.decay && value.type != TypeKind::money) value.type = TypeKind::double_;
                return;
            case rules::Metric::Kind::given:
                value.type = type_of_given(metric.given);
                return;
            case rules::Metric::Kind::analysis:
                not_yet("analysis \"" + metric.analysis + "\"");
                return;
            case rules::Metric::Kind::formula:
                return;
        }
    }

    // Members of a segment are those who entered and did not leave. Parties are read one by one when they are
    // asked for; what is taken of them is compiled when all they may read is.
    bool begin_of_records(MetricValue &value) {
        auto &metric = value.metric;
        const auto refuse = [&](const char *what) {
            mistake({metric.rows.line, metric.rows.column}, what);
            return false;
        };
        const auto &type = metric.rows.types[0];
        if (metric.window.kind != rules::Window::Kind::always || metric.decay || metric.at)
            return refuse("is what stands at the instant, which has no window; leave the window out");
        if (type == "party") {
            if (metric.aggregate == Aggregate::first || metric.aggregate == Aggregate::last ||
                metric.aggregate == Aggregate::median_gap)
                return refuse("has no order of time; write a count, sum, avg, min, max, median or distinct");
            const bool own = metric.subject == SubjectKind::key ? metric.key.size() == 1 : metric.key.empty();
            const bool along = metric.along.empty() || metric.subject == SubjectKind::party ||
                               metric.subject == SubjectKind::actor;
            if (!own || !along || metric.subject == SubjectKind::product ||
                metric.subject == SubjectKind::campaign)
                return refuse(
                    "is counted per all, per actor (whose they are), per party along a tree, or per "
                    "one text of the party, as \"party.trade\"");
            value.of_parties = true;
            return true;
        }
        if (!type.starts_with("segment.")) return not_yet("counting \"" + type + "\""), false;
        if (metric.aggregate != Aggregate::count || metric.where)
            return refuse(
                "says who is in the segment: \"count\" them, with no condition; define a segment "
                "for one");
        value.stock = true;
        metric.rows.kind = rules::RowSource::Kind::change;
        metric.where = written("e.name == '" + type.substr(std::string_view("segment.").size()) + "'");
        metric.of = written("e.type == '" + std::string(kEntered) + "' ? 1 : -1");
        metric.rows.types = {std::string(kEntered), std::string(kLeft)};
        metric.aggregate = Aggregate::sum;
        return true;
    }

    // What was given for a metric, as rows: read from where they stand.
    void begin_of_scores(MetricValue &value) {
        const auto &metric = value.metric;
        const auto refuse = [&](const std::string &what) {
            mistake({metric.rows.line, metric.rows.column}, what);
        };
        const auto &name = metric.rows.types[0];
        const auto place = catalog_->metrics.find(name);
        if (!place || catalog_->metrics.items[*place].metric.kind != rules::Metric::Kind::given)
            return refuse("counts what was given: \"" + name + "\" is no metric that is \"given\"");
        const auto &given = catalog_->metrics.items[*place].metric;
        if (!metric.key.empty() || (metric.subject != given.subject && metric.subject != SubjectKind::all))
            return refuse("is counted per what \"" + name + "\" is of, or per all");
        if (metric.window.kind == rules::Window::Kind::since || metric.decay || metric.at ||
            !metric.along.empty())
            return refuse("takes a \"window\" alone; leave \"since\", \"decay\", \"at\" and \"along\" out");
        value.of_scores = true;
        compile_of(value, schema_of_scores(type_of_given(given.given)));
    }

    // Cases and commitments: read from where they stand, when they are asked for.
    void begin_of_behaviour(MetricValue &value, BehaviourRows rows) {
        const auto &metric = value.metric;
        const auto refuse = [&](const std::string &what) {
            mistake({metric.rows.line, metric.rows.column}, what);
        };
        const bool keyed = metric.subject == SubjectKind::key;
        if (metric.subject == SubjectKind::product || metric.subject == SubjectKind::campaign ||
            metric.key.size() > 2)
            return refuse(
                "is counted per party, per actor (who answers for it), per all, or by at most two texts of "
                "the "
                "row, as \"p.data.cause\" or [\"actor\", \"c.kind\"]");
        if (metric.window.kind == rules::Window::Kind::since || metric.decay)
            return refuse("takes a \"window\" or \"by\"; leave \"since\" and \"decay\" out");
        if (!metric.along.empty() && (keyed || metric.subject == SubjectKind::all))
            return refuse("rolls up per actor or per party; leave \"along\" out");
        // What stands at the instant, else what happened up to it.
        value.stock = rows.kind != BehaviourRows::Kind::stays && rows.befell == BehaviourRows::Befell::none &&
                      !metric.at && metric.window.kind == rules::Window::Kind::always;
        value.behaviour = std::make_shared<const BehaviourRows>(std::move(rows));
    }

    void compile_of_behaviour(MetricValue &value) {
        const auto &metric = value.metric;
        auto rows = *value.behaviour;
        const rules::Statechart *chart = nullptr;
        if (!rows.process.empty()) {
            const auto found = charts_.find(rows.process);
            if (found == charts_.end()) {
                mistake({metric.rows.line, metric.rows.column},
                        "there is no process \"" + rows.process + "\"; define it");
                return;
            }
            chart = found->second;
        }
        const auto seen = schema_of_behaviour(*catalog_, chart, rows);
        if (metric.at) {
            rows.at = program(*metric.at, seen, expr::Types::of(TypeKind::timestamp));
            if (!rows.at) return;
        }
        const auto first = metric.subject == SubjectKind::key || metric.key.empty() ? 0U : 1U;
        for (std::size_t i = first; i < metric.key.size(); ++i) {
            rows.key.push_back(program(metric.key[i], seen, expr::Types::of(TypeKind::string)));
            if (!rows.key.back()) return;
        }
        value.behaviour = std::make_shared<const BehaviourRows>(std::move(rows));
        compile_of(value, seen);
    }

    void compile_of_parties(MetricValue &value) { compile_of(value, schema(SubjectKind::party)); }

    // What is taken of rows that are read when they are asked for.
    void compile_of(MetricValue &value, const std::shared_ptr<const expr::Schema> &seen) {
        const auto &metric = value.metric;
        auto of = TypeKind::null;
        if (metric.where) {
            value.where = program(*metric.where, seen, expr::Types::of(TypeKind::boolean));
            if (!value.where) return;
        }
        if (metric.of) {
            value.of = program(*metric.of, seen, nullptr);
            if (!value.of) return;
            of = type_of(value.of, *metric.of);
            if (of == TypeKind::dyn) return;
            if (!can_take(metric, of)) return;
        }
        if (value.of_parties && metric.subject == SubjectKind::key) {
            value.key = program(metric.key[0], seen, expr::Types::of(TypeKind::string));
            if (!value.key) return;
        }
        value.type = type_of_aggregate(metric.aggregate, of);
        for (auto &made : schemas_) made = nullptr;
    }

    Source written(std::string text) const {
        return Source{std::move(text), definition_->place.line, definition_->place.column, 0};
    }

    // While a version is built, readers see the one before it.
    void keep_active(MetricValue &value) {
        const auto is_active = [](const MetricValue &one) {
            return one.measure && one.measure->built_through == last_party() &&
                   (!one.since || one.since->built_through == last_party());
        };
        const auto older = older_.find(value.metric.name);
        if (older == older_.end() || !value.measure || is_active(value)) return;
        for (auto one = older->second.rbegin(); one != older->second.rend(); ++one) {
            if (!is_active(*one) || one->type != value.type) continue;
            value = *one;
            return;
        }
    }

    std::shared_ptr<const expr::Schema> rows() {
        if (!rows_) rows_ = row_schema(catalog_->types.interaction);
        return rows_;
    }

    // ---- what reads values ----

    std::shared_ptr<const expr::Schema> schema(SubjectKind kind) {
        auto &made = schemas_[static_cast<std::size_t>(kind)];
        if (!made) made = make_value_schema(*catalog_, kind);
        return made;
    }

    ProgramPtr term(const rules::Term &written, SubjectKind kind) {
        if (!written.is(rules::Term::Kind::expression)) return nullptr;
        return program(written.source, schema(kind), nullptr);
    }

    void compile(const DefinitionInUse &one) {
        const auto &name = one.definition->name;
        const auto &body = one.definition->body;
        const auto *string = expr::Types::of(TypeKind::string), *boolean = expr::Types::of(TypeKind::boolean);
        if (std::holds_alternative<rules::Metric>(body)) {
            auto &value = catalog_->metrics.items[*catalog_->metrics.find(name)];
            if (value.metric.key.empty()) value.target = term(value.metric.target, value.metric.subject);
            if (value.of_parties) return compile_of_parties(value);
            if (value.behaviour) return compile_of_behaviour(value);
            if (value.metric.kind != rules::Metric::Kind::formula) return;
            if (!value.metric.key.empty() && value.tuple.empty())
                return not_yet("a formula of more than a subject and one key");
            value.formula =
                program(value.metric.value,
                        value.tuple.empty() ? schema(value.owner)
                                            : make_value_schema(*catalog_, value.owner, value.tuple),
                        nullptr);
            if (!value.formula) return;
            if (!value.tuple.empty()) find_of_same_key(value);
            value.type = type_of(value.formula, value.metric.value);
            for (auto &made : schemas_) made = nullptr;  // its type is known from here on
        } else if (std::holds_alternative<rules::Bands>(body)) {
            const auto place = catalog_->bands.find(name);
            if (!place) return;  // of rows
            auto &value = catalog_->bands.items[*place];
            if (value.bands.kind != rules::Bands::Kind::thresholds &&
                value.bands.subject != SubjectKind::party) {
                return not_yet("bands over the base of others than parties");
            }
            value.of = program(value.bands.of, schema(value.bands.subject), nullptr);
            if (value.of && value.bands.kind != rules::Bands::Kind::thresholds) {
                const bool quantiles = value.bands.kind == rules::Bands::Kind::quantiles;
                value.of_base =
                    add_of_base({std::string(kOfBands) + name,
                                 one.version,
                                 value.bands.every.value_or(rules::PeriodUnit::day),
                                 value.of,
                                 quantiles ? value.bands.classes.size() - 1 : value.bands.shares.size(),
                                 value.bands,
                                 {}});
            }
            for (const auto &each : value.bands.classes) {
                value.limits.push_back(term(each.limit, value.bands.subject));
            }
        } else if (std::holds_alternative<rules::Scorecard>(body)) {
            auto &value = catalog_->scorecards.items[*catalog_->scorecards.find(name)];
            for (const auto &each : value.scorecard.indicators) {
                auto &indicator = value.indicators.emplace_back();
                if (!each.form.empty()) {
                    indicator.asked = answers_to(each, value.scorecard.subject);
                } else {
                    indicator.value = program(each.value, schema(value.scorecard.subject), nullptr);
                }
                if (each.by_base && value.scorecard.subject != SubjectKind::party)
                    return not_yet("normalising by the base of others than parties");
                if (each.by_base && indicator.value) {
                    indicator.of_base =
                        add_of_base({std::string(kOfScorecards) + name + "." + each.name, one.version,
                                     value.scorecard.every.value_or(rules::PeriodUnit::day), indicator.value,
                                     2, std::nullopt, *each.normalise});
                }
                indicator.a = term(each.a, value.scorecard.subject);
                indicator.b = term(each.b, value.scorecard.subject);
            }
        } else if (std::holds_alternative<rules::Matrix>(body)) {
            const auto place = catalog_->matrices.find(name);
            if (!place) return;  // of rows
            auto &value = catalog_->matrices.items[*place];
            value.x = program(value.matrix.x, schema(value.matrix.subject), string);
            value.y = program(value.matrix.y, schema(value.matrix.subject), string);
        } else if (std::holds_alternative<rules::Segment>(body)) {
            auto &value = catalog_->segments.items[*catalog_->segments.find(name)];
            value.when = program(value.segment.when, schema(value.segment.subject), boolean);
            if (value.when && value.segment.subject == SubjectKind::party) watch(value);
        }
    }

    void find_of_same_key(MetricValue &value) {
        const auto &tree = value.formula->checked().tree;
        for (expr::NodeId id = 0; id < tree.size(); ++id) {
            if (tree[id].kind != expr::NodeKind::select || tree[tree.child(id, 0)].name != "m") continue;
            const auto place = catalog_->metrics.find(tree[id].name);
            if (place && catalog_->metrics.items[*place].tuple == value.tuple)
                value.of_same_key.push_back(*place);
        }
    }

    std::uint32_t add_of_base(OfBase made) {
        catalog_->of_base.push_back(std::move(made));
        return static_cast<std::uint32_t>(catalog_->of_base.size() - 1);
    }

    // The scores of an item, or of the items of a dimension, that are about a subject.
    const Measure *answers_to(const rules::Indicator &indicator, SubjectKind kind) {
        static constexpr std::string_view kAbout[] = {"party", "actor", "product", "campaign", "self"};
        const std::string about(kAbout[static_cast<std::size_t>(kind)]);
        const bool keyed = kind != SubjectKind::party && kind != SubjectKind::all;
        rules::Metric metric;
        metric.aggregate = Aggregate::count;
        metric.rows.kind = rules::RowSource::Kind::answer;
        metric.rows.types = {indicator.form};
        metric.subject = keyed ? SubjectKind::key : kind;
        if (keyed) metric.key = {written("i.about")};
        metric.of = written("a.score");
        // A form that is about nothing is about who it is recorded with, and of all of them the base.
        metric.where =
            written("(a.item == '" + indicator.item + "' || a.dimension == '" + indicator.item +
                    "') && (i.about_kind == '" + about + "'" + (keyed ? ")" : " || i.about_kind == '')"));
        return measure_of(metric);
    }

    // A segment of parties is kept: who is in it is known at any time, and when that may change.
    void watch(SegmentValue &value) {
        const auto &source = value.segment.when;
        auto made = std::make_shared<TimeWatch>();
        const auto refused = watch_condition(
            *catalog_, *value.when,
            [&](const std::string &text) -> ProgramPtr {
                auto parsed = expr::parse(text);
                if (!parsed) return nullptr;
                auto compiled =
                    expr::compile(expr::check(std::move(parsed.tree), schema(SubjectKind::party)));
                return compiled ? std::make_shared<const expr::Program>(std::move(*compiled)) : nullptr;
            },
            *made);
        made->recheck = value.segment.recheck;
        if (refused && !value.segment.recheck) {
            mistake(place_in(source, refused->offset), "the condition " + refused->what);
            return;
        }
        value.watch = std::move(made);
    }

    const KnownMeasures &known_;
    std::shared_ptr<ValueCatalog> catalog_;
    std::shared_ptr<Measures> measures_;
    std::shared_ptr<const expr::Schema> schemas_[kSubjectKinds];
    std::shared_ptr<const expr::Schema> rows_;  // of rows
    const rules::Definition *definition_ = nullptr;
    std::map<std::string, const rules::Statechart *, std::less<>> charts_;  // newest, of processes
    std::map<std::string, std::vector<MetricValue>> older_;
    std::map<std::string, RowBandsList, std::less<>> row_bands_;  // by form
    std::map<std::string, std::shared_ptr<const expr::Schema>> form_schemas_;
    std::vector<std::shared_ptr<const RowMatrix>> row_matrices_;
    MeasureNumber last_number_ = 0;
    CompiledValues out_;
    ProgramMaker maker_{out_.mistakes};
};

}  // namespace

CompiledValues compile_values(std::span<const DefinitionInUse> definitions,
                              std::span<const InstalledProcess> processes,
                              std::span<const rules::Setting> settings, const KnownMeasures &known) {
    return Compiler(processes, settings, known).run(definitions);
}

}  // namespace kith::engine
