#include "cli/mapping_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/context.hpp"

namespace kith::cli {

const char *const kMappingHelp =
    R"(A mapping file says the same as the options, and may choose the kind by row:
  {
    "system": "shop",
    "kind": "order",
    "map": {"party": "CustomerID", "at": "InvoiceDate", "key": "InvoiceNo", "product": "StockCode",
            "quantity": "Quantity", "unit_price": "UnitPrice"},
    "when": [
      {"when": {"column": "InvoiceNo", "starts": "C"}, "kind": "return"},
      {"when": {"column": "Quantity", "below": 0}, "kind": "adjustment"}
    ],
    "delimiter": ",",
    "header": true
  }
The first rule of "when" that a row meets gives its kind. A condition names a column and one test:
"starts", "ends" or "equals" with a text, "empty" with true or false, "below" with a number. A list of
conditions holds if all of them do. Options given beside the file go before it.)";

namespace {

using JsonValue = nlohmann::json;

constexpr std::size_t kRulesMax = 250;

[[noreturn]] void fail_mapping(std::string_view where, std::string_view what) {
    fail(kUsage, fmt::format("the mapping file: {} {}", where, what));
}

void allow_only(const JsonValue &object, std::string_view where,
                std::initializer_list<std::string_view> names) {
    if (!object.is_object()) fail_mapping(where, "is not an object");
    for (const auto &item : object.items()) {
        if (std::find(names.begin(), names.end(), item.key()) == names.end()) {
            fail_mapping(where, fmt::format("has no member \"{}\": it may have {}", item.key(),
                                            fmt::join(names, ", ")));
        }
    }
}

std::string text_member(const JsonValue &object, std::string_view where, const char *name) {
    const auto found = object.find(name);
    if (found == object.end()) return {};
    if (!found->is_string() || found->get_ref<const std::string &>().empty()) {
        fail_mapping(where, fmt::format("needs a text in \"{}\"", name));
    }
    return found->get<std::string>();
}

// Columns may be given by number.
std::string column_text(const JsonValue &value, std::string_view where) {
    if (value.is_number_unsigned()) return value.dump();
    if (!value.is_string() || value.get_ref<const std::string &>().empty()) {
        fail_mapping(where, "needs the name or the number of a column");
    }
    return value.get<std::string>();
}

Condition read_condition(const JsonValue &json, std::string_view where) {
    using Test = Condition::Test;
    static constexpr std::array<std::pair<const char *, Test>, 5> kTests = {{{"starts", Test::kStarts},
                                                                             {"ends", Test::kEnds},
                                                                             {"equals", Test::kEquals},
                                                                             {"empty", Test::kEmpty},
                                                                             {"below", Test::kBelow}}};
    allow_only(json, where, {"column", "starts", "ends", "equals", "empty", "below"});
    if (!json.contains("column") || json.size() != 2) {
        fail_mapping(where, "needs a column and one test, as {\"column\": \"InvoiceNo\", \"starts\": \"C\"}");
    }
    Condition condition;
    condition.column.name = column_text(json["column"], where);
    const auto test =
        std::find_if(kTests.begin(), kTests.end(), [&](auto t) { return json.contains(t.first); });
    const JsonValue &value = json[test->first];
    condition.test = test->second;
    if (condition.test == Test::kEmpty) {
        if (!value.is_boolean()) fail_mapping(where, "needs true or false in \"empty\"");
        condition.empty = value.get<bool>();
    } else if (condition.test == Test::kBelow) {
        const auto number = value.is_number() ? read_decimal(value.dump()) : std::nullopt;
        if (!number) fail_mapping(where, "needs a number with at most 6 decimals in \"below\"");
        condition.number = *number;
    } else {
        if (!value.is_string()) fail_mapping(where, fmt::format("needs a text in \"{}\"", test->first));
        condition.text = value.get<std::string>();
    }
    return condition;
}

KindRule read_rule(const JsonValue &json, std::string_view where) {
    allow_only(json, where, {"when", "kind"});
    KindRule rule;
    rule.kind = text_member(json, where, "kind");
    if (rule.kind.empty() || !json.contains("when")) fail_mapping(where, "needs \"when\" and \"kind\"");
    const JsonValue &when = json["when"];
    if (!when.is_array()) {
        rule.conditions.push_back(read_condition(when, where));
        return rule;
    }
    if (when.empty()) fail_mapping(where, "has no condition");
    for (const JsonValue &condition : when) rule.conditions.push_back(read_condition(condition, where));
    return rule;
}

}  // namespace

Mapping read_mapping(std::string_view text) {
    const JsonValue json = JsonValue::parse(text.begin(), text.end(), nullptr, false);
    if (json.is_discarded()) fail(kUsage, "the mapping file is not valid JSON; see: kith import --help");
    constexpr std::string_view kWhole = "the mapping";
    allow_only(json, kWhole, {"system", "kind", "map", "when", "delimiter", "header"});
    Mapping mapping;
    mapping.system = text_member(json, kWhole, "system");
    mapping.kind = text_member(json, kWhole, "kind");
    if (const auto map = json.find("map"); map != json.end()) {
        if (!map->is_object()) fail_mapping("\"map\"", "is not an object");
        for (const auto &item : map->items())
            set_column(mapping, item.key(), column_text(item.value(), "\"map\""));
    }
    if (const auto rules = json.find("when"); rules != json.end()) {
        if (!rules->is_array()) fail_mapping("\"when\"", "is not a list of rules");
        if (rules->size() > kRulesMax)
            fail_mapping("\"when\"", fmt::format("has more than {} rules", kRulesMax));
        for (std::size_t i = 0; i < rules->size(); ++i) {
            mapping.rules.push_back(read_rule((*rules)[i], fmt::format("rule {} of \"when\"", i + 1)));
        }
    }
    const std::string delimiter = text_member(json, kWhole, "delimiter");
    if (!delimiter.empty()) mapping.delimiter = read_delimiter(delimiter);
    if (const auto header = json.find("header"); header != json.end()) {
        if (!header->is_boolean()) fail_mapping("\"header\"", "is neither true nor false");
        mapping.header = header->get<bool>();
    }
    return mapping;
}

}  // namespace kith::cli
