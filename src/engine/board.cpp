#include "engine/board.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/json.hpp"
#include "engine/catalog.hpp"
#include "record/record.hpp"

namespace kith::engine {

namespace {

constexpr std::size_t kOperandLevelsMax = 16;
constexpr std::size_t kJsonDepthMax = 16;

std::string_view tag_of(const rules::Metric &metric, std::string_view tag) {
    const auto found = std::ranges::find(metric.tags, tag, &std::pair<std::string, std::string>::first);
    return found == metric.tags.end() ? std::string_view() : found->second;
}

// What playbooks call names in a language, by path: "metric.sales_12m", "element.experience".
class BoardLabels {
public:
    static base::Result<BoardLabels> of(const store::Reader &reader, std::string_view language) {
        BoardLabels made;
        made.language_ = language;
        if (language.empty()) return made;
        KITH_LET(cursor, reader.cursor(store::Table::definitions));
        KITH_LET(found, cursor.first());
        while (found) {
            KITH_LET(row, cursor.value());
            const auto stored = record::decode_definition(row.payload);
            if (stored.kind == kLabels) made.add(stored.json);  // of versions the newest comes last
            KITH_LET(more, cursor.next());
            found = more;
        }
        return made;
    }

    // Its own label, else its playbook's, else its name.
    std::string of(const rules::Definition &definition) const {
        if (language_.empty()) return definition.name;
        const auto tree = base::parse_json(definition.json, kJsonDepthMax);
        const auto *labels = tree ? tree->find("labels") : nullptr;
        const auto *label = labels ? labels->find(language_) : nullptr;
        return label ? label->text : of("metric", definition.name);
    }
    std::string of(std::string_view tag, std::string_view value) const {
        const auto found = texts_.find(std::string(tag) + "." + std::string(value));
        return found == texts_.end() ? std::string(value) : found->second;
    }

private:
    void add(std::string_view json) {
        const auto tree = base::parse_json(json, kJsonDepthMax);
        const auto *texts = tree ? tree->find(language_) : nullptr;
        for (std::size_t i = 0; texts && i < texts->keys.size(); ++i)
            texts_[texts->keys[i]] = texts->items[i].text;
    }

    std::string language_;
    std::map<std::string, std::string> texts_;
};

std::string joined(const std::vector<std::string> &parts) {
    std::string out;
    for (const auto &part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
}

// How it is made: "avg of order, return: i.amount", or its formula.
std::string making_of(const rules::Metric &metric) {
    static constexpr std::string_view kAggregates[] = {"count", "sum",  "avg",      "min",    "max",
                                                       "first", "last", "distinct", "median", "median gap"};
    switch (metric.kind) {
        case rules::Metric::Kind::formula:
            return metric.value.text;
        case rules::Metric::Kind::given:
            return "given";
        case rules::Metric::Kind::analysis:
            return "analysis " + metric.analysis;
        case rules::Metric::Kind::aggregate:
            break;
    }
    std::string out(kAggregates[static_cast<std::size_t>(metric.aggregate)]);
    out += " of " + joined(metric.rows.types);
    if (metric.rows.kind == rules::RowSource::Kind::line) out += " lines";
    if (metric.of) out += ": " + metric.of->text;
    if (metric.where) out += ", where " + metric.where->text;
    return out;
}

class Board {
public:
    Board(const Catalog &catalog, const BoardQuery &query, const BoardLabels &labels, SubjectValues &values)
        : catalog_(catalog), query_(query), labels_(labels), values_(values) {
        using Type = Column::Type;
        for (const auto &[name, type] : {std::pair("metric", Type::text),
                                         {"level", Type::integer},
                                         {"row", Type::text},
                                         {"column", Type::text},
                                         {"row_label", Type::text},
                                         {"column_label", Type::text},
                                         {"label", Type::text},
                                         {"value", Type::real},
                                         {"text", Type::text},
                                         {"unit", Type::text},
                                         {"target", Type::real},
                                         {"target_text", Type::text},
                                         {"share", Type::real},
                                         {"light", Type::text},
                                         {"good", Type::text},
                                         {"made_of", Type::text},
                                         {"unknown", Type::text}}) {
            auto &column = table_.columns.emplace_back();
            column.name = name;
            column.type = type;
        }
    }

    ResultTable make() {
        const auto &metrics = catalog_.values->metrics;
        for (std::uint32_t i = 0; i < metrics.items.size(); ++i) {
            const auto &metric = metrics.items[i].metric;
            if (metric.subject != query_.subject.kind || !metric.key.empty()) continue;
            const auto row = tag_of(metric, query_.rows), column = tag_of(metric, query_.columns);
            if (row.empty() || column.empty()) continue;
            if (!query_.row.empty() && (row != query_.row || column != query_.column)) continue;
            add(i, 0);
        }
        return std::move(table_);
    }

private:
    const rules::Definition *definition_of(std::string_view name) const {
        for (const auto &one : catalog_.definitions) {
            if (one.definition && one.definition->kind == "metric" && one.definition->name == name)
                return one.definition.get();
        }
        return nullptr;
    }

    void add(std::uint32_t place, std::size_t level) {
        const auto &value = catalog_.values->metrics.items[place];
        const auto &metric = value.metric;
        const auto *definition = definition_of(metric.name);
        if (!definition) return;
        const auto found = values_of(metric.subject).metric(place);
        const auto number = number_of(found);
        const auto aim = target_of(value);
        const auto target = number_of(aim);
        std::optional<double> share;
        if (number && target) share = share_of_target(*number, *target, metric.good);
        next_ = 0;
        text(metric.name);
        put().ints.push_back(static_cast<std::int64_t>(level));
        const auto row = tag_of(metric, query_.rows), column = tag_of(metric, query_.columns);
        text(row);
        text(column);
        text(labels_.of(query_.rows, row));
        text(labels_.of(query_.columns, column));
        text(labels_.of(*definition));
        real(number);
        text(text_of(found));
        text(metric.unit);
        real(target);
        text(text_of(aim));
        real(share);
        text(share ? light_of(metric, *share) : std::string_view());
        text(metric.good == rules::Good::none ? "" : metric.good == rules::Good::up ? "up" : "down");
        text(making_of(metric));
        text(found.is(expr::Kind::error) ? std::string_view(found.text) : std::string_view());
        if (query_.operands && level < kOperandLevelsMax) add_operands(*definition, level + 1);
    }

    // What its expressions read, each once, in their order.
    void add_operands(const rules::Definition &definition, std::size_t level) {
        std::vector<std::string_view> seen;
        for (const auto &mention : definition.mentions) {
            using Kind = rules::Mention::Kind;
            if (mention.kind != Kind::metric && mention.kind != Kind::series) continue;
            if (std::ranges::find(seen, mention.name) != seen.end()) continue;
            seen.push_back(mention.name);
            const auto place = catalog_.values->metrics.find(mention.name);
            if (place && is_at_hand(catalog_.values->metrics.items[*place].metric)) add(*place, level);
        }
    }

    bool is_at_hand(const rules::Metric &metric) const {
        return metric.key.empty() &&
               (metric.subject == query_.subject.kind || metric.subject == SubjectKind::all);
    }
    SubjectValues &values_of(SubjectKind kind) {
        if (kind == query_.subject.kind) return values_;
        auto *base = values_.values().of({SubjectKind::all, {}, 0});
        return base ? *base : values_;
    }

    expr::Value target_of(const MetricValue &value) {
        const auto &target = value.metric.target;
        if (value.target) return values_of(value.metric.subject).evaluate(*value.target).value;
        if (target.is(rules::Term::Kind::number)) return expr::of_double(target.number);
        if (target.is(rules::Term::Kind::money))
            return expr::of_money(target.money.minor, target.money.currency.packed());
        return expr::null_value();
    }

    // Amounts in major units, durations in seconds.
    std::optional<double> number_of(const expr::Value &value) const {
        switch (value.kind) {
            case expr::Kind::boolean:
            case expr::Kind::int_:
                return static_cast<double>(value.i);
            case expr::Kind::double_:
                return std::isfinite(value.d) ? std::optional(value.d) : std::nullopt;
            case expr::Kind::money:
                return static_cast<double>(value.i) / std::pow(10, base::Currency(value.size).minor_digits());
            case expr::Kind::duration:
                return static_cast<double>(value.i) / 1e9;
            default:
                return std::nullopt;
        }
    }

    static std::string text_of(const expr::Value &value) {
        switch (value.kind) {
            case expr::Kind::boolean:
                return value.i ? "true" : "false";
            case expr::Kind::int_:
                return std::to_string(value.i);
            case expr::Kind::double_: {
                char text[32];
                const auto [end, slip] = std::to_chars(text, text + sizeof text, value.d);
                return {text, end};
            }
            case expr::Kind::money: {
                const base::Currency currency(value.size);
                return base::format_decimal(value.i, currency.minor_digits()) + " " +
                       std::string(currency.text());
            }
            case expr::Kind::duration:
                return base::format_decimal(value.i / 1'000'000, 3) + " s";
            case expr::Kind::string:
                return std::string(value.view());
            case expr::Kind::timestamp:
                return base::format_time(expr::micros_of(value));
            default:
                return {};
        }
    }

    // ---- the table ----

    Column &put() { return table_.columns[next_++]; }
    void text(std::string_view value) {
        auto &column = put();
        column.texts.emplace_back(value);
        column.present.push_back(!value.empty());
    }
    void real(const std::optional<double> &value) {
        auto &column = put();
        column.reals.push_back(value.value_or(0));
        column.present.push_back(value.has_value());
    }

    const Catalog &catalog_;
    const BoardQuery &query_;
    const BoardLabels &labels_;
    SubjectValues &values_;
    ResultTable table_;
    std::size_t next_ = 0;  // column to fill
};

}  // namespace

double share_of_target(double value, double target, rules::Good good) {
    const bool less_is_better = good == rules::Good::down;
    const double above = less_is_better ? target : value, below = less_is_better ? value : target;
    if (below > 0 && above >= 0) return above / below;
    // Nothing, or less, has no share: reached or not.
    return above >= below ? 1 : 0;
}

std::string_view light_of(const rules::Metric &metric, double share) {
    static const std::vector<rules::Light> kUsual{{"green", 1}, {"amber", 0.9}};
    for (const auto &light : metric.lights.empty() ? kUsual : metric.lights) {
        if (share >= light.share) return light.name;
    }
    return "red";
}

base::Result<std::optional<ResultTable>> board(const Snapshot &snapshot, const BoardQuery &query) {
    KITH_LET(found, find_subject(snapshot, query.subject));
    if (!found) return std::optional<ResultTable>();
    KITH_LET(catalog, snapshot.catalog());
    KITH_LET(at, ValuesAt::of(snapshot, query.at));
    auto *values = at->values().of(*found);
    if (auto error = at->values().take_error()) return error;
    if (!values) return std::optional<ResultTable>();
    KITH_LET(labels, BoardLabels::of(snapshot.reader(), query.language));
    auto table = Board(*catalog, query, labels, *values).make();
    if (auto error = at->values().take_error()) return error;
    return std::optional(std::move(table));
}

}  // namespace kith::engine
