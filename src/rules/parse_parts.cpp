#include <algorithm>
#include <array>

#include "base/time.hpp"
#include "rules/check_set.hpp"
#include "rules/parse.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kTypesMax = 64;
constexpr std::size_t kFieldsMax = 256;
constexpr std::size_t kPointsMax = 100;

constexpr std::array<std::string_view, 5> kUnits{"day", "week", "month", "quarter", "year"};
constexpr std::array<std::string_view, 2> kGoods{"up", "down"};
constexpr std::array<std::string_view, 5> kSubjects{"party", "actor", "product", "campaign", "all"};

// Records that have no type of their own, and events of the engine begin with one of these.
constexpr std::array<std::string_view, 11> kRecords{"party",   "actor",    "product",   "campaign",
                                                    "promise", "task",     "milestone", "commitment",
                                                    "quote",   "delivery", "process"};
constexpr std::array<std::string_view, 4> kChanged{"segment", "band", "cell", "metric"};
// Events of these kinds that are interactions all the same.
constexpr std::array<std::string_view, 3> kOwnTypes{"actor", "product", "campaign"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

// What a text of rows says, and what it names.
RowSource rows_of(const Node &node) {
    const std::string_view text = node.json().text;
    const auto dot = text.find('.');
    const std::string_view head = text.substr(0, dot);
    const std::string_view rest = dot == text.npos ? std::string_view() : text.substr(dot + 1);
    RowSource rows;
    rows.types = {std::string(text)};
    if (rest.empty()) {
        if (is_one_of(head, kRecords)) rows.kind = RowSource::Kind::record;
        return rows;
    }
    if (head == "answer" || head == "score") {
        const bool answer = head == "answer";
        rows.kind = answer ? RowSource::Kind::answer : RowSource::Kind::score;
        rows.types = {std::string(rest)};
        node.mention(answer ? Mention::Kind::form : Mention::Kind::metric, rest);
    } else if (head == "process" || (head == "segment" && rest != "entered" && rest != "left")) {
        rows.kind = RowSource::Kind::record;
        const bool process = head == "process";
        node.mention(process ? Mention::Kind::process : Mention::Kind::segment,
                     rest.substr(0, rest.find('.')));
    } else if (is_one_of(head, kChanged) || (is_one_of(head, kRecords) && !is_one_of(head, kOwnTypes))) {
        rows.kind = RowSource::Kind::change;
    } else if (text.ends_with(".line")) {
        rows.kind = RowSource::Kind::line;
        rows.types = {std::string(text.substr(0, text.size() - std::string_view(".line").size()))};
    }
    return rows;
}

}  // namespace

double days_in(const Period &period) {
    return period.months * 30.436875 + period.days + static_cast<double>(period.micros) / base::kDay;
}

base::Result<Period> parse_period(const Node &node) {
    const std::string &text = node.json().text;
    if (text.starts_with("business")) {
        return node.error("business time is not available in this version; write it without \"business\"",
                          base::Status::unsupported);
    }
    const auto duration =
        node.is(Json::Kind::text) ? base::parse_duration(text) : base::fail(base::Status::rule, "");
    if (!duration) return node.error("must be a duration, as \"P90D\", \"P3M\", \"P1Y\" or \"PT8H\"");
    const Period period{duration->months, duration->days, duration->micros};
    if (days_in(period) <= 0) return node.error("must be longer than nothing, or it could repeat for ever");
    if (days_in(period) > static_cast<double>(kDaysMax))
        return node.error("is longer than the calendar; write less");
    return period;
}

base::Result<Length> read_length(std::string_view text) {
    constexpr std::string_view kBusiness = "business ";
    const bool business = text.starts_with(kBusiness);
    const std::string_view iso = business ? text.substr(kBusiness.size()) : text;
    const auto duration = base::parse_duration(iso);
    if (!duration) {
        if (duration.error().status == base::Status::limit) return duration.error();
        return base::fail(base::Status::rule,
                          "must be a duration, as \"P7D\", \"P3M\", \"PT8H\" or \"business PT4H\"");
    }
    const Period period{duration->months, duration->days, duration->micros};
    if (days_in(period) <= 0) return base::fail(base::Status::rule, "must be longer than nothing");
    if (days_in(period) > static_cast<double>(kDaysMax))
        return base::fail(base::Status::rule, "is longer than the calendar; write less");
    if (!business) return Length(period);
    if (period.months > 0 || iso.find('W') != iso.npos) {
        return base::fail(base::Status::rule,
                          "weeks, months and years have no business length; write business days or hours, as "
                          "\"business P20D\"");
    }
    return Length(BusinessLength{period.days, period.micros});
}

base::Result<LengthTerm> parse_length(const Node &node) {
    LengthTerm term;
    if (node.is(Json::Kind::text) && node.json().text.starts_with('=')) {
        KITH_LET(computed, node.computed());
        term.source = std::move(computed);
        return term;
    }
    const auto length = read_length(node.is(Json::Kind::text) ? node.json().text : "");
    if (!length) return node.error(length.error().message, length.error().status);
    term.length = *length;
    return term;
}

base::Result<Term> parse_hours_term(const Node &node) {
    if (node.is(Json::Kind::text) && node.json().text.starts_with('=')) return node.term();
    KITH_LET(name, node.name());
    node.mention(Mention::Kind::calendar, name);
    Term hours;
    hours.kind = Term::Kind::text;
    hours.text = std::move(name);
    return hours;
}

// In the zone of the file, which is not known here: as text, if it is a time anywhere.
base::Result<std::string> parse_time_text(const Node &node) {
    if (!node.is(Json::Kind::text) || !base::parse_time(node.json().text, base::Zone::utc()))
        return node.error("must be a time, as \"2026-01-31T09:30\"");
    return node.json().text;
}

base::Result<PeriodUnit> parse_unit(const Node &node) { return parse_unit_from(node, 0); }

base::Result<PeriodUnit> parse_unit_from(const Node &node, std::size_t from) {
    KITH_LET(unit, node.one_of("the period", kUnits, from));
    return static_cast<PeriodUnit>(unit);
}

base::Result<Good> parse_good(const Node &node) {
    KITH_LET(good, node.one_of("the direction", kGoods));
    return good == 0 ? Good::up : Good::down;
}

base::Result<SubjectKind> parse_subject(const Node &node) {
    KITH_LET(subject, node.one_of("the subject", kSubjects));
    return static_cast<SubjectKind>(subject);
}

base::Result<std::vector<std::string>> parse_types(const Node &node) {
    std::vector<std::string> types;
    if (!node.is(Json::Kind::array)) {
        KITH_LET(type, node.pattern());
        types.push_back(std::move(type));
        return types;
    }
    KITH_TRY(node.array(kTypesMax));
    for (std::size_t i = 0; i < node.size(); ++i) {
        KITH_LET(type, node.value(i).pattern());
        types.push_back(std::move(type));
    }
    return types;
}

base::Result<RowSource> parse_rows(const Node &node) {
    RowSource rows;
    KITH_LET(types, parse_types(node));
    if (node.is(Json::Kind::text)) {
        rows = rows_of(node);
    } else {
        for (std::size_t i = 0; i < node.size(); ++i) {
            if (rows_of(node.value(i)).kind != RowSource::Kind::interaction)
                return node.value(i).error(
                    "a list has types of interactions alone; write this one by itself");
        }
        rows.types = std::move(types);
    }
    rows.line = node.json().place.line;
    rows.column = node.json().place.column;
    node.mention(Mention::Kind::rows, row_source_name(rows));
    return rows;
}

base::Result<Per> parse_per(const Node &node) {
    Per per;
    if (node.is(Json::Kind::text) && !is_one_of(node.json().text, kSubjects) &&
        node.json().text.find('.') != std::string::npos) {
        KITH_LET(rows, parse_rows(node));
        per.rows = std::move(rows);
        return per;
    }
    KITH_LET(subject, parse_subject(node));
    per.subject = subject;
    return per;
}

base::Result<FieldType> parse_field_type(const Node &node) {
    static constexpr std::array<std::string_view, 12> kPlain{"text",  "int",     "double",   "bool",
                                                             "money", "time",    "date",     "party",
                                                             "actor", "product", "campaign", "commitment"};
    FieldType type;
    if (node.is(Json::Kind::array)) {
        type.kind = FieldType::Kind::code;
        node.read_each(type.codes, kPointsMax, &Node::word);
        return type;
    }
    if (!node.is(Json::Kind::text)) return node.error("must be a type: " + choice_of(kPlain));
    const std::string_view text = node.json().text;
    for (const auto &[head, kind] : {std::pair("list.", FieldType::Kind::code),
                                     {"link.", FieldType::Kind::link},
                                     {"process.", FieldType::Kind::reference}}) {
        const std::string_view name = text.substr(std::min(text.size(), std::string_view(head).size()));
        if (!text.starts_with(head) || !is_name(name)) continue;
        type.kind = kind;
        type.name = kind == FieldType::Kind::reference ? text : name;
        if (kind == FieldType::Kind::code) node.mention(Mention::Kind::list, name);
        if (kind == FieldType::Kind::link) node.mention(Mention::Kind::link, name);
        if (kind == FieldType::Kind::reference) node.mention(Mention::Kind::process, name);
        return type;
    }
    KITH_LET(plain, node.one_of("the type", kPlain));
    constexpr auto kReferences = static_cast<std::size_t>(FieldType::Kind::code);
    type.kind = plain < kReferences ? static_cast<FieldType::Kind>(plain) : FieldType::Kind::reference;
    if (plain >= kReferences) type.name = kPlain[plain];
    return type;
}

base::Result<std::vector<Field>> parse_fields(const Node &node) {
    if (!node.is(Json::Kind::object)) return node.error("must be an object, { \"NAME\": \"TYPE\" }");
    if (node.size() > kFieldsMax) return node.error("has more than 256 fields", base::Status::limit);
    std::vector<Field> fields;
    for (std::size_t i = 0; i < node.size(); ++i) {
        Field field;
        KITH_LET(name, node.name_key(i));
        field.name = std::move(name);
        KITH_LET(type, parse_field_type(node.value(i)));
        field.type = std::move(type);
        fields.push_back(std::move(field));
    }
    return fields;
}

base::Result<Scale> parse_scale(const Node &node) {
    KITH_TRY(node.array(kPointsMax));
    Scale scale;
    if (node.value(0).is(Json::Kind::text)) {
        for (std::size_t i = 0; i < node.size(); ++i) {
            KITH_LET(point, node.value(i).word());
            if (is_one_of(point, std::vector<std::string_view>(scale.points.begin(), scale.points.end())))
                return node.value(i).error("this point is there already; keep one of them");
            scale.points.push_back(std::move(point));
        }
        if (scale.points.size() < 2) return node.error("needs at least two points");
        scale.low = 1;
        scale.high = static_cast<double>(scale.points.size());
        return scale;
    }
    if (node.size() != 2)
        return node.error("must be the lowest and the highest score, as [1, 5], or named points");
    KITH_LET(low, node.value(0).number());
    KITH_LET(high, node.value(1).number());
    if (!(low < high)) return node.error("must rise: the lowest score first");
    scale.low = low;
    scale.high = high;
    return scale;
}

std::string row_source_name(const RowSource &rows) {
    switch (rows.kind) {
        case RowSource::Kind::interaction:
            return "interaction";
        case RowSource::Kind::line:
            return "line";
        case RowSource::Kind::answer:
            return "answer";
        case RowSource::Kind::score:
            return "score";
        case RowSource::Kind::change:
            return rows.types[0];
        case RowSource::Kind::record:
            break;
    }
    // "process.NAME" is "process", "process.NAME.stage" is "process.stage".
    const std::string_view text = rows.types[0];
    const auto dot = text.find('.');
    if (dot == text.npos) return std::string(text);
    const auto second = text.find('.', dot + 1);
    return std::string(text.substr(0, dot)) + (second == text.npos ? "" : std::string(text.substr(second)));
}

bool type_matches(std::string_view pattern, std::string_view type) {
    const auto star = pattern.find('*');
    if (star == pattern.npos) return pattern == type;
    const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
    return type.size() >= before.size() + after.size() && type.starts_with(before) && type.ends_with(after);
}

}  // namespace kith::rules
