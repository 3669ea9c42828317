// Goal: values through the C ABI: expressions over definitions for every kind of subject, refused where the
// definitions have changed; building, told and stopped. Method: a small shop whose values are counted by
// hand; each call with one argument wrong at a time.
#include "capi/fixture.hpp"

namespace kith_test {
namespace {

constexpr const char *kShopValues = R"({"playbook": "shop", "format": 1, "version": 1, "about": "a test",
    "settings": {"many": 2},
    "define": [
    {"metric": "bought", "count": "order", "window": "P30D"},
    {"metric": "paid", "sum": "order", "of": "i.amount"},
    {"metric": "sold", "sum": "order", "of": "i.amount", "per": "actor"},
    {"metric": "pieces", "sum": "order.line", "of": "line.quantity", "per": "product"},
    {"metric": "trade", "sum": "order", "of": "i.amount", "per": "all", "by": "month"},
    {"bands": "often", "of": "m.bought", "classes": [{"is": "seldom", "below": "=setting.many"}, {"is": "often"}]},
    {"segment": "regular", "when": "band.often == 'often'"}]})";

class SubjectValuesTest : public Capi {
protected:
    ~SubjectValuesTest() override {
        for (auto *each : made_) kith_expr_free(each);
        for (auto *each : results_) kith_expr_result_free(each);
    }

    void define(const char *playbook) {
        ASSERT_EQ(kith_define(batch, playbook, KITH_NTS, nullptr, &error), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
    }
    void fill() {
        const kith_line lines[] = {{str("tea"), 3 * KITH_DECIMAL_ONE, 0, 900}};
        for (int i = 0; i < 3; ++i) {
            auto one = order("R" + std::to_string(i), kNow - i * 20 * kDay, 1000);
            one.actor = str("mia");
            one.lines = lines;
            one.line_count = 1;
            ASSERT_EQ(append(host("shop", "ann"), one), KITH_OK) << error.message;
        }
        ASSERT_EQ(append(host("shop", "bob"), order("B1", kNow - kDay, 500)), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        ann = outcomes[0].party;
        sale = outcomes[2].interaction;
    }

    kith_subject party(const kith_id &id) {
        auto out = make<kith_subject>();
        out.party = id;
        return out;
    }
    kith_subject subject(std::uint32_t kind, std::string_view key = {}) {
        auto out = make<kith_subject>();
        out.kind = kind;
        out.key = str(key);
        return out;
    }

    kith_expr *compile(std::string_view source, std::uint32_t kind = KITH_SUBJECT_PARTY) {
        auto options = make<kith_expr_options>();
        options.definitions = fresh();
        options.subject = kind;
        kith_expr *out = nullptr;
        EXPECT_EQ(kith_expr_compile(source.data(), source.size(), &options, &out, &error), KITH_OK)
            << source << ": " << error.message;
        made_.push_back(out);
        return out;
    }
    kith_status eval(const kith_expr *expr, const kith_subject &of) {
        kith_expr_result *result = nullptr;
        const auto status = kith_expr_eval_subject(fresh(), expr, &of, nullptr, &result, &error);
        return keep(status, result);
    }
    kith_status keep(kith_status status, kith_expr_result *result) {
        json = "";
        results_.push_back(result);
        auto outcome = make<kith_expr_outcome>();
        if (result && kith_expr_result_describe(result, &outcome, &error) == KITH_OK)
            json = text_of(outcome.json);
        return status;
    }
    std::string value(std::string_view source, const kith_subject &of) {
        return eval(compile(source, of.kind), of) == KITH_OK ? json : error.message;
    }

    kith_id ann{};
    kith_interaction_id sale{};
    std::string json;

private:
    std::vector<kith_expr *> made_;
    std::vector<kith_expr_result *> results_;
};

TEST_F(SubjectValuesTest, OfEveryKindOfSubject) {
    define(kShopValues);
    fill();
    EXPECT_EQ(value("m.bought", party(ann)), "2");
    EXPECT_EQ(value("m.paid", party(ann)), R"("30.00 USD")");
    EXPECT_EQ(value("m.orders", party(ann)), "3") << "kith's own figures stand beside the metrics";
    EXPECT_EQ(value("band.often", party(ann)), R"("often")");
    EXPECT_EQ(value("in_segment('regular') && setting.many == 2.0", party(ann)), "true");
    EXPECT_EQ(value("m.sold", subject(KITH_SUBJECT_ACTOR, "mia")), R"("30.00 USD")");
    EXPECT_EQ(value("m.pieces", subject(KITH_SUBJECT_PRODUCT, "tea")), "9");
    EXPECT_EQ(value("m.trade", subject(KITH_SUBJECT_ALL)), R"("15.00 USD")");
    EXPECT_EQ(value("all.m.trade > m.paid", party(ann)), "false");
    EXPECT_EQ(value("series.trade.size()", subject(KITH_SUBJECT_ALL)), "2");
    EXPECT_EQ(eval(compile("m.sold", KITH_SUBJECT_ACTOR), subject(KITH_SUBJECT_ACTOR, "zoe")),
              KITH_NOT_FOUND);
}

TEST_F(SubjectValuesTest, OfAPartyAndOfItsInteractionAtHand) {
    define(kShopValues);
    fill();
    kith_expr_result *result = nullptr;
    auto status = kith_expr_eval_party(fresh(), compile("m.bought + 1"), &ann, nullptr, &result, &error);
    ASSERT_EQ(keep(status, result), KITH_OK) << error.message;
    EXPECT_EQ(json, "3");
    status = kith_expr_eval_interaction(fresh(), compile("i.key + ' ' + string(m.bought)"), &sale, nullptr,
                                        &result, &error);
    ASSERT_EQ(keep(status, result), KITH_OK) << error.message;
    EXPECT_EQ(json, R"("R2 2")");
    // Without a file nothing is known of them.
    EXPECT_EQ(kith_expr_eval_values(compile("m.bought"), nullptr, &result, &error), KITH_E_RULE);
    EXPECT_EQ(error.detail, KITH_EXPR_CODE_ABSENT);
}

TEST_F(SubjectValuesTest, ChangedDefinitionsAreTold) {
    define(kShopValues);
    fill();
    auto *before = compile("m.bought");
    ASSERT_EQ(eval(before, party(ann)), KITH_OK);
    define(R"({"playbook": "more", "format": 1, "version": 1, "about": "a test",
        "define": [{"metric": "another", "count": "order"}]})");
    EXPECT_EQ(eval(before, party(ann)), KITH_E_STATE);
    EXPECT_STREQ(error.message, "the definitions have changed: compile the expression again");
    EXPECT_EQ(totals().sums_to_build, 0u) << "a sum that another definition has needs no building";
    EXPECT_EQ(value("m.another", party(ann)), "3");
}

TEST_F(SubjectValuesTest, AreBuiltOfWhatWasThere) {
    fill();
    define(kShopValues);
    EXPECT_EQ(totals().sums_to_build, 5u);
    auto *bought = compile("m.bought");
    EXPECT_EQ(eval(bought, party(ann)), KITH_E_RULE);
    EXPECT_NE(std::string(error.message).find("being built"), std::string::npos) << error.message;

    struct Told {
        int calls = 0;
        std::uint64_t done = 0, all = 0;
        int answer = 1;
    } told;
    const auto tell = [](std::uintptr_t user_data, std::uint64_t done, std::uint64_t all) {
        auto &out = *reinterpret_cast<Told *>(user_data);
        ++out.calls;
        out.done = done;
        out.all = all;
        return out.answer;
    };
    EXPECT_EQ(kith_definition_build(store, tell, reinterpret_cast<std::uintptr_t>(&told), &error),
              KITH_E_CANCELLED);
    EXPECT_EQ(told.calls, 1);
    told.answer = 0;
    EXPECT_EQ(kith_definition_build(store, tell, reinterpret_cast<std::uintptr_t>(&told), &error), KITH_OK)
        << error.message;
    EXPECT_LE(told.done, told.all);
    EXPECT_EQ(totals().sums_to_build, 0u);
    ASSERT_EQ(eval(bought, party(ann)), KITH_OK) << error.message << ": building changes no definition";
    EXPECT_EQ(json, "2");
    EXPECT_EQ(kith_definition_build(store, nullptr, 0, &error), KITH_OK) << "again, nothing to do";
}

TEST_F(SubjectValuesTest, WrongArgumentsAreRefused) {
    define(kShopValues);
    fill();
    auto *bought = compile("m.bought");
    EXPECT_EQ(eval(bought, subject(KITH_SUBJECT_ACTOR, "mia")), KITH_E_ARGUMENT);
    EXPECT_EQ(eval(bought, subject(KITH_SUBJECT_ALL + 1)), KITH_E_ARGUMENT);
    EXPECT_EQ(eval(compile("m.sold", KITH_SUBJECT_ACTOR), subject(KITH_SUBJECT_ACTOR)), KITH_E_ARGUMENT);
    EXPECT_EQ(eval(bought, party(kith_id{})), KITH_NOT_FOUND);
    auto small = party(ann);
    small.struct_size = 8;
    EXPECT_EQ(eval(bought, small), KITH_E_ARGUMENT);
    kith_expr_result *result = nullptr;
    EXPECT_EQ(kith_expr_eval_subject(fresh(), bought, nullptr, nullptr, &result, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_definition_build(nullptr, nullptr, 0, &error), KITH_E_ARGUMENT);
}

}  // namespace
}  // namespace kith_test
