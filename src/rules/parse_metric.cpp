#include <algorithm>
#include <array>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kMetricKeysMax = 8;
constexpr std::size_t kLightsMax = 8;
constexpr std::size_t kTagsMax = 32;
constexpr std::size_t kDriversMax = 64;

// In the order of the enums.
constexpr std::array<std::string_view, 10> kAggregates{"count", "sum",  "avg",      "min",    "max",
                                                       "first", "last", "distinct", "median", "median_gap"};
constexpr std::array<std::string_view, 7> kValueTypes{"money", "double", "int", "text",
                                                      "bool",  "time",   "date"};
constexpr std::array<std::string_view, 5> kKeySubjects{"party", "actor", "product", "campaign", "all"};

// Keys that only some ways of making a value take.
struct Only {
    std::string_view key;
    std::initializer_list<Metric::Kind> kinds;
    std::string_view why;
};
const Only kOnly[] = {
    {"of", {Metric::Kind::aggregate}, "an aggregate, which takes it of each row"},
    {"where", {Metric::Kind::aggregate}, "an aggregate, which has rows"},
    {"at", {Metric::Kind::aggregate}, "an aggregate, which has rows"},
    {"window", {Metric::Kind::aggregate}, "an aggregate, which has rows"},
    {"since", {Metric::Kind::aggregate}, "an aggregate, which has rows"},
    {"decay", {Metric::Kind::aggregate}, "an aggregate, which has rows"},
    {"along", {Metric::Kind::aggregate, Metric::Kind::given}, "an aggregate or a given value"},
    {"options", {Metric::Kind::analysis}, "an analysis"},
    {"give", {Metric::Kind::analysis}, "an analysis"},
    {"every", {Metric::Kind::analysis}, "an analysis"},
};

class MetricParser {
public:
    explicit MetricParser(const Node &entry) : entry_(entry) {}

    Metric parse() {
        entry_.read("metric", metric_.name, &Node::name);
        if (!read_way()) return metric_;
        for (const Only &only : kOnly) {
            if (entry_.has(only.key) && std::ranges::find(only.kinds, metric_.kind) == only.kinds.end()) {
                entry_.member(only.key).report("goes with " + std::string(only.why) + "; leave it out");
            }
        }
        read_rows();
        read_key();
        entry_.read("along", metric_.along, [](const Node &node) -> base::Result<std::string> {
            KITH_LET(link, node.name());
            node.mention(Mention::Kind::link, link);
            return link;
        });
        if (entry_.has("by")) read_periods(entry_.member("by"));
        entry_.read_optional("every", metric_.every, parse_unit);
        entry_.read("unit", metric_.unit, &Node::line);
        read_indicator();
        return metric_;
    }

private:
    // "month", or of a calendar: "books.year".
    void read_periods(const Node &node) {
        const std::string text = node.is(Json::Kind::text) ? node.json().text : "";
        const auto dot = text.find('.');
        if (dot != text.npos && is_name(text.substr(0, dot), "_")) {
            metric_.calendar = text.substr(0, dot);
            node.mention(Mention::Kind::calendar, metric_.calendar);
        }
        const auto unit = parse_unit_from(node, metric_.calendar.empty() ? 0 : dot + 1);
        if (!unit) return node.report(unit.error());
        metric_.by = *unit;
    }

    // The one of the ten aggregates, "value", "given" and "analysis" that the entry has.
    bool read_way() {
        std::vector<std::string_view> ways;
        for (const std::string_view key : kAggregates) {
            if (entry_.has(key)) ways.push_back(key);
        }
        for (const std::string_view key : {"value", "given", "analysis"}) {
            if (entry_.has(key)) ways.push_back(key);
        }
        if (ways.empty()) {
            entry_.report(
                "says not how it is made; write an aggregate of rows (\"count\": \"order\"), \"value\", "
                "\"given\" "
                "or \"analysis\"");
            return false;
        }
        if (ways.size() > 1) {
            entry_.member(ways[1]).report("is made by " + quote(ways[0]) + " already; keep one of them");
            return false;
        }
        way_ = ways[0];
        if (way_ == "value") {
            metric_.kind = Metric::Kind::formula;
            entry_.read("value", metric_.value, &Node::expression);
        } else if (way_ == "given") {
            metric_.kind = Metric::Kind::given;
            entry_.read_choice("given", metric_.given, "the type", kValueTypes);
        } else if (way_ == "analysis") {
            metric_.kind = Metric::Kind::analysis;
            read_analysis();
        } else {
            metric_.kind = Metric::Kind::aggregate;
            metric_.aggregate =
                static_cast<Aggregate>(std::ranges::find(kAggregates, way_) - kAggregates.begin());
            entry_.read(way_, metric_.rows, parse_rows);
        }
        return true;
    }

    void read_analysis() {
        entry_.member("analysis").mention(Mention::Kind::rows, "analysis");
        entry_.read("analysis", metric_.analysis, &Node::name);
        metric_.options = "{}";
        entry_.read("options", metric_.options, [](const Node &node) -> base::Result<std::string> {
            if (!node.is(Json::Kind::object)) return node.error("must be an object, { ... }");
            return base::to_text(node.json());
        });
        for (const std::string_view key : {"give", "every"}) {
            if (!entry_.has(key))
                entry_.report("an analysis needs " + quote(key) + ": " +
                              (key == "give" ? "which of its results" : "how often it is made"));
        }
        entry_.read("give", metric_.give, &Node::event);
    }

    void read_rows() {
        entry_.read_optional("of", metric_.of, &Node::expression);
        entry_.read_optional("where", metric_.where, &Node::expression);
        entry_.read_optional("at", metric_.at, &Node::expression);
        entry_.read_optional("decay", metric_.decay, parse_period);
        if (entry_.has("window") && entry_.has("since"))
            entry_.member("since").report("has a \"window\" too; keep one of them");
        if (entry_.read("window", metric_.window.length, parse_period))
            metric_.window.kind = Window::Kind::sliding;
        if (entry_.read("since", metric_.window.since, parse_types))
            metric_.window.kind = Window::Kind::since;
        if (metric_.kind != Metric::Kind::aggregate) return;
        const bool counts =
            metric_.aggregate == Aggregate::count || metric_.aggregate == Aggregate::median_gap;
        if (!counts && !entry_.has("of"))
            entry_.report(quote(way_) + " needs \"of\": what to take of each row, as \"i.amount\"");
        if (counts && entry_.has("of"))
            entry_.member("of").report(quote(way_) + " takes the rows themselves; leave it out");
        const bool decays = metric_.aggregate == Aggregate::count || metric_.aggregate == Aggregate::sum;
        if (metric_.decay && !decays)
            entry_.member("decay").report("goes with \"count\" and \"sum\"; leave it out");
    }

    // "party"; "line.category"; ["party", "line.category"].
    void read_key() {
        if (!entry_.has("per")) return;
        const Node per = entry_.member("per");
        const auto subject_of = [&](const Node &node) {
            const auto found = std::ranges::find(kKeySubjects, node.json().text);
            return found == kKeySubjects.end() ? SubjectKind::key
                                               : static_cast<SubjectKind>(found - kKeySubjects.begin());
        };
        if (!per.is(Json::Kind::array)) {
            Source part;
            if (!entry_.read("per", part, &Node::expression)) return;
            metric_.subject = subject_of(per);
            if (metric_.subject == SubjectKind::key) metric_.key.push_back(std::move(part));
            return;
        }
        if (!entry_.read_list("per", metric_.key, kMetricKeysMax, &Node::expression)) return;
        metric_.subject = subject_of(per.value(0));
        for (std::size_t i = 0; i < per.size(); ++i) {
            if (subject_of(per.value(i)) == SubjectKind::all)
                per.value(i).report("\"all\" has one value, so it stands alone; leave it out of the list");
        }
    }

    // What makes a metric a KPI.
    void read_indicator() {
        entry_.read("good", metric_.good, parse_good);
        entry_.read("target", metric_.target, [](const Node &node) -> base::Result<Term> {
            KITH_LET(term, node.term());
            if (term.is(Term::Kind::text) || term.is(Term::Kind::boolean))
                return node.error("must be a number, an amount, or \"=\" and an expression");
            return term;
        });
        if (entry_.has("target") && !entry_.has("good"))
            entry_.member("target").report("needs \"good\": \"up\" if more is better, else \"down\"");
        read_lights();
        if (entry_.has("tags")) read_tags(entry_.member("tags"));
        entry_.read_list("drivers", metric_.drivers, kDriversMax,
                         [](const Node &node) -> base::Result<std::string> {
                             KITH_LET(name, node.name());
                             node.mention(Mention::Kind::driver, name);
                             return name;
                         });
    }

    void read_lights() {
        if (!entry_.has("lights")) return;
        const Node lights = entry_.member("lights");
        if (!entry_.has("target")) lights.report("are shares of the target; add \"target\"");
        if (!lights.is(Json::Kind::object) || lights.size() == 0 || lights.size() > kLightsMax)
            return lights.report("must be an object, { \"green\": 1.0, \"amber\": 0.9 }");
        for (std::size_t i = 0; i < lights.size(); ++i) {
            const auto name = lights.name_key(i);
            if (!name) return lights.report(name.error());
            const auto share = lights.value(i).number();
            if (!share) return lights.report(share.error());
            if (i > 0 && *share >= metric_.lights.back().share)
                lights.value(i).report("must be less than the light before it; put the best light first");
            metric_.lights.push_back({*name, *share});
        }
    }

    void read_tags(const Node &tags) {
        if (!tags.is(Json::Kind::object) || tags.size() == 0 || tags.size() > kTagsMax)
            return tags.report("must be an object, { \"aim\": \"keep\" }");
        for (std::size_t i = 0; i < tags.size(); ++i) {
            const auto name = tags.name_key(i);
            const auto value = tags.value(i).word();
            if (!name) tags.report(name.error());
            if (!value) tags.report(value.error());
            if (name && value) metric_.tags.emplace_back(*name, *value);
        }
    }

    const Node &entry_;
    Metric metric_;
    std::string_view way_;
};

}  // namespace

Metric parse_metric(const Node &entry) {
    if (!entry.has_shape(shape::kMetric)) return {};
    return MetricParser(entry).parse();
}

Segment parse_segment(const Node &entry) {
    Segment segment;
    if (!entry.has_shape(shape::kSegment)) return segment;
    entry.read("segment", segment.name, &Node::name);
    entry.read("per", segment.subject, parse_subject);
    entry.read("when", segment.when, &Node::expression);
    entry.read_optional("recheck", segment.recheck, parse_period);
    entry.read_optional("every", segment.every, parse_unit);
    return segment;
}

}  // namespace kith::rules
