// Goal: expressions through the C ABI: checked with their mistakes in place, evaluated for a party, for an
// interaction and over values of the host's own, explained, as JSON and back; wrong arguments, limits and
// freed handles give a status. Method: small expressions whose answers are known, each call with one argument
// wrong at a time, values of every kind given and read back, two threads on one expression.
#include <algorithm>
#include <atomic>
#include <thread>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class Expressions : public Capi {
protected:
    ~Expressions() override {
        for (auto *each : made_) kith_expr_free(each);
        for (auto *each : results_) kith_expr_result_free(each);
    }

    // Freed by the fixture.
    kith_expr *compile(std::string_view source, const kith_expr_options *options = nullptr) {
        kith_expr *out = nullptr;
        EXPECT_EQ(kith_expr_compile(source.data(), source.size(), options, &out, &error), KITH_OK)
            << source << ": " << error.message;
        made_.push_back(out);
        return out;
    }
    kith_expr *check(std::string_view source) {
        kith_expr *out = nullptr;
        EXPECT_EQ(kith_expr_check(source.data(), source.size(), nullptr, &out, &error), KITH_OK)
            << error.message;
        made_.push_back(out);
        return out;
    }
    kith_status over_values(const kith_expr *expr, const std::vector<kith_expr_value> &values) {
        auto options = make<kith_expr_eval_options>();
        options.values = values.data();
        options.value_count = values.size();
        result = nullptr;
        const auto status = kith_expr_eval_values(expr, &options, &result, &error);
        results_.push_back(result);
        return status;
    }
    kith_status for_party(const kith_expr *expr, const kith_id &party,
                          const kith_expr_eval_options *options = nullptr) {
        result = nullptr;
        const auto status = kith_expr_eval_party(fresh(), expr, &party, options, &result, &error);
        results_.push_back(result);
        return status;
    }
    kith_expr_outcome outcome() {
        auto out = make<kith_expr_outcome>();
        EXPECT_EQ(kith_expr_result_describe(result, &out, &error), KITH_OK) << error.message;
        return out;
    }
    std::string json() { return text_of(outcome().json); }
    // What an expression of constants comes to.
    std::string constant(std::string_view source) {
        return over_values(compile(source), {}) == KITH_OK ? json() : error.message;
    }

    kith_id ann() {
        EXPECT_EQ(append(host("shop", "ann"), order("R1", kNow - 2 * kDay, 1000)), KITH_OK);
        EXPECT_EQ(append(host("shop", "ann"), order("R2", kNow - kDay, 2500)), KITH_OK);
        EXPECT_EQ(commit(), KITH_OK) << error.message;
        return outcomes[0].party;
    }

    static kith_expr_value value(std::uint32_t kind, std::int64_t integer = 0) {
        kith_expr_value out{};
        out.kind = kind;
        out.integer = integer;
        return out;
    }
    static kith_expr_value text(std::string_view of, std::uint32_t kind = KITH_EXPR_STRING) {
        auto out = value(kind);
        out.text = str(of);
        return out;
    }
    static kith_expr_value parts(std::uint32_t kind, std::uint32_t first, std::uint32_t count) {
        auto out = value(kind);
        out.first = first;
        out.count = count;
        return out;
    }
    static kith_expr_variable variable(std::string_view name, std::string_view type) {
        kith_expr_variable out{};
        out.name = str(name);
        out.type = str(type);
        return out;
    }
    static kith_expr_options options_of(const std::vector<kith_expr_variable> &variables) {
        auto out = make<kith_expr_options>();
        out.variables = variables.data();
        out.variable_count = variables.size();
        return out;
    }

    kith_expr_result *result = nullptr;

private:
    std::vector<kith_expr *> made_;
    std::vector<kith_expr_result *> results_;
};

TEST_F(Expressions, AreDescribed) {
    auto description = make<kith_expr_description>();
    ASSERT_EQ(kith_expr_describe(compile("m.orders >= 3 && party.kind == 'person'"), &description, &error),
              KITH_OK);
    EXPECT_EQ(text_of(description.type), "bool");
    EXPECT_EQ(text_of(description.source), "m.orders >= 3 && party.kind == 'person'");
    EXPECT_GT(description.static_cost, 3u);
    EXPECT_LT(description.static_cost, 100u);
    EXPECT_EQ(description.diagnostics, 0u);
}

TEST_F(Expressions, MistakesStandInTheirPlace) {
    const auto *expr = check("m.orders >= 3 &&\n  m.ordres == 2");
    std::size_t count = 0;
    const auto *const *mistakes = kith_expr_diagnostics(expr, &count);
    ASSERT_EQ(count, 1u);
    EXPECT_EQ(mistakes[0]->struct_size, sizeof(kith_expr_diagnostic));
    EXPECT_EQ(mistakes[0]->code, KITH_EXPR_CODE_NO_FIELD);
    EXPECT_EQ(text_of(mistakes[0]->code_name), "no_field");
    EXPECT_EQ(mistakes[0]->line, 2u);
    EXPECT_GE(mistakes[0]->column, 3u);
    EXPECT_NE(text_of(mistakes[0]->text).find("ordres"), std::string::npos);
    EXPECT_NE(text_of(mistakes[0]->hint).find("orders"), std::string::npos);
    auto description = make<kith_expr_description>();
    ASSERT_EQ(kith_expr_describe(expr, &description, &error), KITH_OK);
    EXPECT_EQ(description.diagnostics, 1u);
    EXPECT_EQ(text_of(description.type), "(absent)");

    kith_expr *out = nullptr;
    EXPECT_EQ(kith_expr_compile("1 +", KITH_NTS, nullptr, &out, &error), KITH_E_RULE);
    EXPECT_EQ(out, nullptr);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_PARSE);
    EXPECT_EQ(std::string(error.message).rfind("1:", 0), 0u) << error.message;
    EXPECT_EQ(for_party(expr, ann()), KITH_E_RULE);  // one with mistakes has no value
    kith_str json_form{};
    EXPECT_EQ(kith_expr_json(expr, &json_form, &error), KITH_E_RULE);
    EXPECT_NE(kith_expr_diagnostics(check(""), &count), nullptr);
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(kith_expr_diagnostics(compile("true"), &count), nullptr);
    EXPECT_EQ(count, 0u);

    auto wanted = make<kith_expr_options>();
    wanted.result_type = str("bool");
    EXPECT_EQ(kith_expr_compile("1 + 1", KITH_NTS, &wanted, &out, &error), KITH_E_RULE);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_TYPE);
    compile("1 + 1 == 2", &wanted);
}

TEST_F(Expressions, EvaluateForAParty) {
    const auto party = ann();
    auto options = make<kith_expr_eval_options>();
    ASSERT_EQ(for_party(compile("sum(orders, o, o.amount)"), party), KITH_OK) << error.message;
    EXPECT_EQ(json(), "\"35.00 USD\"");
    std::size_t count = 0;
    const auto *values = kith_expr_result_values(result, &count);
    ASSERT_EQ(count, 1u);
    EXPECT_EQ(values[0].kind, std::uint32_t{KITH_EXPR_MONEY});
    EXPECT_EQ(values[0].integer, 3500);
    EXPECT_STREQ(reinterpret_cast<const char *>(values[0].currency), "USD");
    EXPECT_EQ(outcome().kind, std::uint32_t{KITH_EXPR_MONEY});
    EXPECT_GT(outcome().cost, 2u);
    EXPECT_EQ(kith_expr_result_reasons(result, &count), nullptr);

    // The moment: of the store's clock, or as given.
    ASSERT_EQ(for_party(compile("now"), party), KITH_OK);
    EXPECT_EQ(kith_expr_result_values(result, nullptr)->integer, kNow);
    options.fields = KITH_EXPR_FIELD_NOW;
    options.now = 1;
    options.zone = str("Asia/Tokyo");
    ASSERT_EQ(for_party(compile("string(today) + ' ' + zone"), party, &options), KITH_OK) << error.message;
    EXPECT_EQ(json(), "\"1970-01-01 Asia/Tokyo\"");

    ASSERT_EQ(for_party(compile("orders.map(o, {o.key: o.amount})"), party), KITH_OK);
    EXPECT_EQ(json(), "[{\"R1\":\"10.00 USD\"},{\"R2\":\"25.00 USD\"}]");
    values = kith_expr_result_values(result, &count);
    ASSERT_EQ(count, 7u);
    EXPECT_EQ(values[0].kind, std::uint32_t{KITH_EXPR_LIST});
    EXPECT_EQ(values[0].count, 2u);
    const auto &second = values[values[0].first + 1];
    EXPECT_EQ(second.kind, std::uint32_t{KITH_EXPR_MAP});
    EXPECT_EQ(text_of(values[second.first].text), "R2");
    EXPECT_EQ(values[second.first + 1].integer, 2500);

    ASSERT_EQ(for_party(compile("orders[0]"), party), KITH_OK);  // a record, as a map of what is set
    EXPECT_NE(json().find("\"type\":\"order\""), std::string::npos) << json();
    EXPECT_EQ(json().find("\"medium\""), std::string::npos) << json();

    kith_id stranger{};
    stranger.bytes[3] = 9;
    EXPECT_EQ(for_party(compile("true"), stranger), KITH_NOT_FOUND);
    EXPECT_EQ(result, nullptr);
}

TEST_F(Expressions, EvaluateForAnInteraction) {
    ann();
    const auto interaction = outcomes[1].interaction;
    auto *expr = compile("i.amount > money('20.00', 'USD') && i.key == 'R2' && party.host_key == 'ann'");
    ASSERT_EQ(kith_expr_eval_interaction(fresh(), expr, &interaction, nullptr, &result, &error), KITH_OK)
        << error.message;
    EXPECT_EQ(json(), "true");
    kith_expr_result_free(result);
    kith_interaction_id other{};
    EXPECT_EQ(kith_expr_eval_interaction(fresh(), expr, &other, nullptr, &result, &error), KITH_NOT_FOUND);
    EXPECT_EQ(result, nullptr);
}

TEST_F(Expressions, FailuresSayWhere) {
    const auto party = ann();
    EXPECT_EQ(for_party(compile("1 +\n 1 / (m.orders - 2)"), party), KITH_E_RULE);
    EXPECT_EQ(result, nullptr);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_DIV_ZERO);
    EXPECT_EQ(std::string(error.message).rfind("2:", 0), 0u) << error.message;
    EXPECT_EQ(for_party(compile("i.type"), party), KITH_E_RULE);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_ABSENT);
    EXPECT_EQ(over_values(compile("m.orders"), {}), KITH_E_RULE);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_ABSENT);
    auto options = make<kith_expr_eval_options>();
    options.budget = 3;
    EXPECT_EQ(for_party(compile("orders.all(o, has(o.amount))"), party, &options), KITH_E_LIMIT);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_COST);
    options.budget = 1000;
    EXPECT_EQ(for_party(compile("orders.all(o, has(o.amount))"), party, &options), KITH_OK);
    options.budget = KITH_EXPR_MAX_BUDGET + 1;
    EXPECT_EQ(for_party(compile("true"), party, &options), KITH_E_LIMIT);
}

TEST_F(Expressions, AreExplained) {
    const auto party = ann();
    auto options = make<kith_expr_eval_options>();
    options.flags = KITH_EXPR_EXPLAIN;
    ASSERT_EQ(for_party(compile("m.orders > 9 || orders.exists(o, o.key == 'R2')"), party, &options),
              KITH_OK);
    EXPECT_EQ(json(), "true");
    std::size_t count = 0;
    const auto *const *reasons = kith_expr_result_reasons(result, &count);
    ASSERT_GE(count, 3u);
    EXPECT_EQ(reasons[0]->level, 0u);
    EXPECT_EQ(text_of(reasons[0]->text), "m.orders > 9 || orders.exists(o, o.key == 'R2')");
    EXPECT_EQ(text_of(reasons[0]->value), "true");
    EXPECT_EQ(reasons[1]->level, 1u);
    EXPECT_EQ(text_of(reasons[1]->text), "orders.exists(o, o.key == 'R2')");
    EXPECT_EQ(reasons[1]->column, 17u);
    EXPECT_EQ(reasons[1]->fields, std::uint32_t{KITH_EXPR_REASON_FIELD_ELEMENT});
    EXPECT_NE(text_of(reasons[1]->element_value).find("key: 'R2'"), std::string::npos)
        << text_of(reasons[1]->element_value);

    ASSERT_EQ(for_party(compile("10 % (m.orders - 2) == 0"), party, &options), KITH_OK);
    EXPECT_EQ(outcome().kind, std::uint32_t{KITH_EXPR_ERROR});
    EXPECT_EQ(kith_expr_result_values(result, nullptr)->integer, KITH_EXPR_CODE_DIV_ZERO);
    EXPECT_EQ(json(), "null");
    reasons = kith_expr_result_reasons(result, &count);
    ASSERT_GE(count, 1u);
    EXPECT_EQ(reasons[0]->fields & KITH_EXPR_REASON_FIELD_FAILED,
              std::uint32_t{KITH_EXPR_REASON_FIELD_FAILED});
    EXPECT_EQ(text_of(reasons[0]->value), "div_zero");
}

// Texts of an explanation are cut, whatever the values are; the value itself is whole.
TEST_F(Expressions, ExplanationsAreBounded) {
    const std::vector<kith_expr_variable> variables = {variable("s", "string"),
                                                       variable("l", "list(string)")};
    const auto with = options_of(variables);
    std::string large;
    for (int i = 0; i < 80'000; ++i) large += "ä";
    std::vector<kith_expr_value> values = {text(large), parts(KITH_EXPR_LIST, 2, 3), text(large), text(large),
                                           text(large)};
    auto options = make<kith_expr_eval_options>();
    options.flags = KITH_EXPR_EXPLAIN;
    options.values = values.data();
    options.value_count = values.size();
    const auto explain = [&](const std::string &source) {
        kith_expr_result_free(result);
        result = nullptr;
        EXPECT_EQ(kith_expr_eval_values(compile(source, &with), &options, &result, &error), KITH_OK)
            << error.message;
        std::size_t count = 0, bytes = 0;
        const auto *reasons = kith_expr_result_reasons(result, &count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto value = text_of(reasons[i]->value);
            EXPECT_LE(value.size(), 243U);
            EXPECT_TRUE(value.size() < 240 || value.ends_with("ä...")) << value;
            bytes += value.size();
        }
        return bytes;
    };
    EXPECT_GT(explain("s"), 230U);
    EXPECT_EQ(json().size(), large.size() + 2);
    EXPECT_LE(outcome().text.size, 16'387U);
    EXPECT_GT(outcome().text.size, 16'000U);
    explain("[{s: [s], 'b': s}]");
    explain("{'a': {'b': l}}");
    std::string source = "s != 'x'";
    for (int i = 0; i < 400; ++i) source += " && s != 'x'";
    const auto bytes = explain(source);
    EXPECT_GT(bytes, 400U * 240);
    EXPECT_LE(bytes, 1'100'000U);
    kith_expr_result_free(result);
    result = nullptr;
    EXPECT_EQ(over_values(compile("0.0 / -0.0"), {}), KITH_OK);
    EXPECT_EQ(text_of(outcome().text), "NaN");
}

TEST_F(Expressions, ValuesOfEveryKindGoInAndComeOut) {
    const std::vector<kith_expr_variable> variables = {variable("a", "null"),
                                                       variable("b", "bool"),
                                                       variable("c", "int"),
                                                       variable("d", "uint"),
                                                       variable("e", "double"),
                                                       variable("f", "string"),
                                                       variable("g", "bytes"),
                                                       variable("h", "timestamp"),
                                                       variable("j", "duration"),
                                                       variable("k", "money"),
                                                       variable("l", "date"),
                                                       variable("n", "list(int)"),
                                                       variable("p", "map(string, dyn)"),
                                                       variable("q", "optional_type(int)"),
                                                       variable("r", "timestamp")};
    auto options = options_of(variables);
    auto *expr = compile("[dyn(a), b, c, d, e, f, g, h, j, k, l, n, p, q, r]", &options);
    auto real = value(KITH_EXPR_DOUBLE);
    real.real = 2.5;
    auto time = value(KITH_EXPR_TIMESTAMP, -1);
    time.nanos = 500;
    auto money = value(KITH_EXPR_MONEY, -1250);
    memcpy(money.currency, "EUR", 4);
    const std::vector<kith_expr_value> values = {value(KITH_EXPR_NULL),
                                                 value(KITH_EXPR_BOOL, 1),
                                                 value(KITH_EXPR_INT, INT64_MIN),
                                                 value(KITH_EXPR_UINT, -1),
                                                 real,
                                                 text("it's"),
                                                 text(std::string_view("\0\xff\x10", 3), KITH_EXPR_BYTES),
                                                 time,
                                                 value(KITH_EXPR_DURATION, -1'500'000'000),
                                                 money,
                                                 value(KITH_EXPR_DATE, 20'000),
                                                 parts(KITH_EXPR_LIST, 15, 2),
                                                 parts(KITH_EXPR_MAP, 17, 2),
                                                 parts(KITH_EXPR_OPTIONAL, 0, 0),
                                                 value(KITH_EXPR_NULL),
                                                 value(KITH_EXPR_INT, 7),
                                                 value(KITH_EXPR_INT, 8),
                                                 text("x"),
                                                 parts(KITH_EXPR_LIST, 21, 1),
                                                 text("y"),
                                                 parts(KITH_EXPR_OPTIONAL, 22, 1),
                                                 text("deep"),
                                                 value(KITH_EXPR_BOOL, 0)};
    ASSERT_EQ(over_values(expr, values), KITH_OK) << error.message;
    EXPECT_EQ(json(),
              "[null,true,-9223372036854775808,18446744073709551615,2.5,\"it's\",\"AP8Q\","
              "\"1969-12-31T23:59:59.9999995Z\",\"-1.5s\",\"-12.50 EUR\",\"2024-10-04\",[7,8],"
              "{\"x\":[\"deep\"],\"y\":false},null,null]");
    std::size_t count = 0;
    const auto *out = kith_expr_result_values(result, &count);
    ASSERT_EQ(out[0].count, 15u);
    const auto *first = out + out[0].first;
    for (std::size_t i = 0; i < 15; ++i) {
        EXPECT_EQ(first[i].kind, values[i].kind) << i;
        EXPECT_EQ(first[i].integer, values[i].integer) << i;
        EXPECT_EQ(first[i].nanos, values[i].nanos) << i;
        EXPECT_EQ(first[i].count, values[i].count) << i;
        EXPECT_EQ(memcmp(first[i].currency, values[i].currency, 4), 0) << i;
    }
    // What comes out can be given in again.
    const std::vector<kith_expr_variable> whole = {variable("all", "list(dyn)")};
    options = options_of(whole);
    const auto before = json();
    std::vector<kith_expr_value> again(out, out + count);
    ASSERT_EQ(over_values(compile("all", &options), again), KITH_OK) << error.message;
    EXPECT_EQ(json(), before);

    EXPECT_EQ(constant("[type(1), type([]), 0.0 / 0.0, 1.0 / 0.0]"),
              "[\"int\",\"list\",\"NaN\",\"Infinity\"]");
    EXPECT_EQ(constant("{1: 'a', true: 'b', 2u: {}}"), "{\"1\":\"a\",\"true\":\"b\",\"2\":{}}");
    EXPECT_EQ(constant("[b'', b'a', b'ab', b'abc']"), "[\"\",\"YQ==\",\"YWI=\",\"YWJj\"]");
    EXPECT_EQ(constant("'\\u0001\"'"), "\"\\u0001\\\"\"");
}

TEST_F(Expressions, WrongValuesAreRefused) {
    const std::vector<kith_expr_variable> variables = {variable("a", "list(int)"), variable("b", "string")};
    const auto options = options_of(variables);
    auto *expr = compile("a.size() + b.size()", &options);
    const auto empty_list = parts(KITH_EXPR_LIST, 0, 0);
    ASSERT_EQ(over_values(expr, {empty_list, text("xy")}), KITH_OK) << error.message;
    EXPECT_EQ(json(), "2");
    const auto refused = [&](std::vector<kith_expr_value> values, std::uint32_t item,
                             kith_status wanted = KITH_E_ARGUMENT) {
        error = make<kith_error>();
        EXPECT_EQ(over_values(expr, values), wanted);
        EXPECT_EQ(error.item, item) << error.message;
        EXPECT_STRNE(error.message, "");
        EXPECT_EQ(result, nullptr);
    };
    refused({}, UINT32_MAX);
    refused({empty_list}, UINT32_MAX);
    refused({empty_list, value(KITH_EXPR_INT)}, 1);
    refused({value(KITH_EXPR_NULL), text("")}, 0);
    refused({parts(KITH_EXPR_LIST, 2, 1), text(""), text("no int")}, 2);
    refused({parts(KITH_EXPR_LIST, 2, 2), text(""), value(KITH_EXPR_INT)}, 0);  // beyond the end
    refused({parts(KITH_EXPR_LIST, 0, 1), text(""), value(KITH_EXPR_INT)}, 0);  // itself
    refused({parts(KITH_EXPR_LIST, 2, UINT32_MAX), text("")}, 0);
    refused({empty_list, text("\xff")}, 1);
    refused({empty_list, value(99)}, 1);
    refused({empty_list, value(KITH_EXPR_TYPE)}, 1);
    auto reserved = text("");
    reserved.reserved = 1;
    refused({empty_list, reserved}, 1);
    const std::string large(KITH_EXPR_MAX_MEMORY_BYTES + 1, 'x');
    refused({empty_list, text(large)}, 1, KITH_E_LIMIT);
    std::vector<kith_expr_value> many(KITH_EXPR_MAX_VALUES + 1, value(KITH_EXPR_INT));
    many[0] = empty_list;
    many[1] = text("");
    refused(many, UINT32_MAX, KITH_E_LIMIT);
    many.pop_back();
    EXPECT_EQ(over_values(expr, many), KITH_OK) << error.message;

    const std::vector<kith_expr_variable> any = {variable("x", "dyn")};
    const auto one = options_of(any);
    expr = compile("x == x", &one);
    for (const auto kind : {KITH_EXPR_MONEY, KITH_EXPR_DATE, KITH_EXPR_TIMESTAMP, KITH_EXPR_BOOL}) {
        refused({value(static_cast<std::uint32_t>(kind), INT64_MAX)}, 0);
    }
    refused({parts(KITH_EXPR_MAP, 1, 1), parts(KITH_EXPR_LIST, 0, 0), text("")}, 1);  // a list as key
    std::vector<kith_expr_value> deep;
    for (std::uint32_t i = 1; i < 300; ++i) deep.push_back(parts(KITH_EXPR_LIST, i, 1));
    deep.push_back(value(KITH_EXPR_INT));
    refused(deep, 201);
    // Lists that share their parts would grow without end.
    std::vector<kith_expr_value> doubling;
    for (std::uint32_t i = 0; i < 60; i += 2) {
        doubling.push_back(parts(KITH_EXPR_LIST, i + 2, 2));
        doubling.push_back(parts(KITH_EXPR_LIST, i + 2, 2));
    }
    doubling.resize(62, value(KITH_EXPR_INT));
    EXPECT_EQ(over_values(expr, doubling), KITH_E_LIMIT);
}

TEST_F(Expressions, WordsOfTheLanguageAreNoVariables) {
    for (const char *word : {"in", "true", "false", "null", "as", "break", "for", "package", "while"}) {
        const std::vector<kith_expr_variable> variables = {variable(word, "int")};
        const auto options = options_of(variables);
        kith_expr *out = nullptr;
        EXPECT_EQ(kith_expr_check("1", 1, &options, &out, &error), KITH_E_ARGUMENT) << word;
        EXPECT_NE(std::string_view(error.message).find("a word of the language"), std::string_view::npos)
            << error.message;
    }
}

// The same text many times over counts each time.
TEST_F(Expressions, TextsGivenAreBounded) {
    const std::vector<kith_expr_variable> variables = {variable("l", "list(string)")};
    const auto options = options_of(variables);
    const auto *expr = compile("l.size()", &options);
    const std::string large(KITH_EXPR_MAX_MEMORY_BYTES, 'a');
    std::vector<kith_expr_value> values = {parts(KITH_EXPR_LIST, 1, 16)};
    for (int i = 0; i < 16; ++i) values.push_back(text(large));
    EXPECT_EQ(over_values(expr, values), KITH_OK) << error.message;
    EXPECT_EQ(json(), "16");
    values.push_back(text("b"));
    values[0].count = 17;
    EXPECT_EQ(over_values(expr, values), KITH_E_LIMIT);
    EXPECT_NE(std::string_view(error.message).find("16 MiB"), std::string_view::npos) << error.message;
}

TEST_F(Expressions, WrongOptionsAreRefused) {
    kith_expr *out = nullptr;
    const auto refused = [&](const kith_expr_options &options, kith_status wanted) {
        error = make<kith_error>();
        EXPECT_EQ(kith_expr_compile("true", KITH_NTS, &options, &out, &error), wanted) << error.message;
        EXPECT_EQ(out, nullptr);
        EXPECT_STRNE(error.message, "");
    };
    for (const auto &[name, type] :
         {std::pair("party", "int"), std::pair("now", "int"), std::pair("", "int"), std::pair("1x", "int"),
          std::pair("a b", "int"), std::pair("x", ""), std::pair("x", "Party"), std::pair("x", "list("),
          std::pair("x", "type"), std::pair("x", "list(A)")}) {
        const std::vector<kith_expr_variable> variables = {variable("fine", "int"), variable(name, type)};
        refused(options_of(variables), KITH_E_ARGUMENT);
        EXPECT_EQ(error.item, 1u) << name << " " << type;
    }
    const std::vector<kith_expr_variable> twice = {variable("x", "int"), variable("x", "int")};
    refused(options_of(twice), KITH_E_ARGUMENT);
    const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (int i = 0; i <= KITH_EXPR_MAX_VARIABLES; ++i) all.push_back("x" + std::to_string(i));
        return all;
    }();
    std::vector<kith_expr_variable> many;
    for (const auto &name : names) many.push_back(variable(name, "int"));
    refused(options_of(many), KITH_E_LIMIT);
    many.pop_back();
    auto options = options_of(many);
    compile("x255 == 1", &options);
    options = make<kith_expr_options>();
    options.result_type = str("Interaction");
    refused(options, KITH_E_ARGUMENT);
    options = make<kith_expr_options>();
    options.variable_count = 1;
    refused(options, KITH_E_ARGUMENT);
    options = make<kith_expr_options>();
    options.subject = KITH_SUBJECT_ACTOR;  // without definitions
    refused(options, KITH_E_ARGUMENT);
    options.subject = KITH_SUBJECT_ALL + 1;
    refused(options, KITH_E_ARGUMENT);
    options = make<kith_expr_options>();
    options.struct_size = 8;
    refused(options, KITH_E_ARGUMENT);

    auto *expr = compile("true");
    auto how = make<kith_expr_eval_options>();
    const auto bad = [&](kith_status wanted) {
        EXPECT_EQ(kith_expr_eval_values(expr, &how, &result, &error), wanted) << error.message;
        EXPECT_EQ(result, nullptr);
        how = make<kith_expr_eval_options>();
    };
    how.flags = 2;
    bad(KITH_E_UNSUPPORTED);
    how.fields = 2;
    bad(KITH_E_UNSUPPORTED);
    how.reserved = 1;
    bad(KITH_E_ARGUMENT);
    how.fields = KITH_EXPR_FIELD_NOW;
    how.now = KITH_MAX_TIME + 1;
    bad(KITH_E_ARGUMENT);
    how.zone = str("Nowhere/Town");
    bad(KITH_E_ARGUMENT);
    how.value_count = 1;
    bad(KITH_E_ARGUMENT);
}

TEST_F(Expressions, NullAndForeignArguments) {
    const auto party = ann();
    const auto interaction = outcomes[0].interaction;
    auto *expr = compile("true");
    auto *const view = fresh();
    kith_expr *out = nullptr;
    kith_str text_out{};
    std::size_t count = 1;
    EXPECT_EQ(kith_expr_check(nullptr, 0, nullptr, &out, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_check("true", KITH_NTS, nullptr, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_check("'\xff'", KITH_NTS, nullptr, &out, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_compile(nullptr, 3, nullptr, &out, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_compile("true", 4, nullptr, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_from_json(nullptr, 0, nullptr, &out, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_from_json("{]", KITH_NTS, nullptr, &out, &error), KITH_E_FORMAT);
    EXPECT_EQ(kith_expr_describe(expr, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_json(expr, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_party(view, expr, nullptr, nullptr, &result, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_party(view, expr, &party, nullptr, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_party(nullptr, expr, &party, nullptr, &result, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_interaction(view, expr, nullptr, nullptr, &result, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_interaction(nullptr, expr, &interaction, nullptr, &result, &error),
              KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_values(expr, nullptr, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_values(nullptr, nullptr, &result, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_eval_values(reinterpret_cast<kith_expr *>(view), nullptr, &result, &error),
              KITH_E_ARGUMENT);
    auto out_outcome = make<kith_expr_outcome>();
    EXPECT_EQ(kith_expr_result_describe(nullptr, &out_outcome, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_expr_diagnostics(nullptr, &count), nullptr);
    EXPECT_EQ(kith_expr_result_values(nullptr, &count), nullptr);
    EXPECT_EQ(kith_expr_result_reasons(nullptr, &count), nullptr);
    EXPECT_EQ(count, 0u);
    EXPECT_EQ(kith_expr_json(expr, &text_out, nullptr), KITH_OK);
    EXPECT_EQ(result, nullptr);
    EXPECT_EQ(out, nullptr);
    kith_expr_free(nullptr);
    kith_expr_result_free(nullptr);
}

TEST_F(Expressions, FreedHandlesAreRefused) {
    kith_expr *expr = nullptr;
    ASSERT_EQ(kith_expr_compile("1 + 1", KITH_NTS, nullptr, &expr, &error), KITH_OK);
    ASSERT_EQ(kith_expr_eval_values(expr, nullptr, &result, &error), KITH_OK) << error.message;
    kith_expr_free(expr);
    kith_expr_free(expr);
    EXPECT_EQ(json(), "2");  // a result lives on
    auto description = make<kith_expr_description>();
    EXPECT_EQ(kith_expr_describe(expr, &description, &error), KITH_E_CLOSED);
    kith_expr_result *other = nullptr;
    EXPECT_EQ(kith_expr_eval_values(expr, nullptr, &other, &error), KITH_E_CLOSED);
    kith_expr_result_free(result);
    kith_expr_result_free(result);
    auto out = make<kith_expr_outcome>();
    EXPECT_EQ(kith_expr_result_describe(result, &out, &error), KITH_E_CLOSED);
    EXPECT_EQ(kith_expr_result_values(result, nullptr), nullptr);
    result = nullptr;
}

TEST_F(Expressions, OutliveTheStoreButDoNotReadIt) {
    const auto party = ann();
    auto *expr = compile("m.orders");
    kith_snapshot *view = nullptr;
    ASSERT_EQ(kith_snapshot_begin(store, &view, &error), KITH_OK);
    ASSERT_EQ(for_party(expr, party), KITH_OK) << error.message;
    kith_store_close(store);
    EXPECT_EQ(json(), "2");
    kith_expr_result *other = nullptr;
    EXPECT_EQ(kith_expr_eval_party(view, expr, &party, nullptr, &other, &error), KITH_E_CLOSED);
    kith_snapshot_end(view);
    EXPECT_EQ(constant("1 + 1"), "2");
}

TEST_F(Expressions, GoToJsonAndBack) {
    auto *expr = compile("m.orders >= 3 && !(\"no_email\" in party.tags)");
    kith_str form{}, again{};
    ASSERT_EQ(kith_expr_json(expr, &form, &error), KITH_OK);
    kith_expr *back = nullptr;
    ASSERT_EQ(kith_expr_from_json(form.data, form.size, nullptr, &back, &error), KITH_OK) << error.message;
    auto description = make<kith_expr_description>();
    ASSERT_EQ(kith_expr_describe(back, &description, &error), KITH_OK);
    EXPECT_EQ(text_of(description.type), "bool");
    ASSERT_EQ(kith_expr_json(back, &again, &error), KITH_OK);
    const auto party = ann();
    EXPECT_EQ(for_party(back, party), KITH_OK) << error.message;
    EXPECT_EQ(json(), "false");
    kith_expr_free(back);
}

TEST_F(Expressions, LimitsOfTheText) {
    const std::string pad(KITH_EXPR_MAX_SOURCE_BYTES - 4, ' ');
    compile("true" + pad);
    kith_expr *out = nullptr;
    const auto longer = "true " + pad;
    EXPECT_EQ(kith_expr_compile(longer.data(), longer.size(), nullptr, &out, &error), KITH_E_RULE);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_SIZE);
    const std::string costly =
        "interactions.all(a, interactions.all(b, interactions.all(c, a == b || b == c)))";
    EXPECT_EQ(kith_expr_compile(costly.data(), costly.size(), nullptr, &out, &error), KITH_E_RULE);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_COST);
    std::size_t count = 0;
    ASSERT_NE(kith_expr_diagnostics(check(costly), &count), nullptr);
    EXPECT_EQ(count, 1u);
}

TEST_F(Expressions, ManyThreadsUseOne) {
    const auto party = ann();
    auto *expr = compile("sum(orders, o, o.amount) == money('35.00', 'USD') && state.lifecycle.size() > 0");
    std::atomic<int> wrong{0};
    const auto work = [&] {
        kith_snapshot *view = nullptr;
        if (kith_snapshot_begin(store, &view, nullptr) != KITH_OK) ++wrong;
        for (int i = 0; i < 200; ++i) {
            kith_expr_result *one = nullptr;
            auto out = make<kith_expr_outcome>();
            if (kith_expr_eval_party(view, expr, &party, nullptr, &one, nullptr) != KITH_OK ||
                kith_expr_result_describe(one, &out, nullptr) != KITH_OK || text_of(out.json) != "true") {
                ++wrong;
            }
            kith_expr_result_free(one);
        }
        kith_snapshot_end(view);
    };
    std::thread first(work), second(work);
    first.join();
    second.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace kith_test
