// Goal: settings and labels of a playbook are read again exactly as they were given, whoever opened the file;
// what was set by hand outlasts its playbook. Method: numbers drawn over many orders of magnitude (seed
// printed), amounts and tables, through a commit and an opening; repair and verify of such a file.
#include <cmath>

#include "engine/values.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class Settings : public EngineTest {
protected:
    static void define(Store &store, const std::string &json) {
        Batch batch;
        const auto added = batch.add_playbook(json);
        ASSERT_TRUE(added) << added.error().message;
        const auto done = store.commit(batch);
        ASSERT_TRUE(done) << done.error().message;
    }
    static std::map<std::string, rules::Setting, std::less<>> settings_of(Store &store) {
        const auto snapshot = store.snapshot();
        const auto catalog = (*snapshot)->catalog();
        EXPECT_TRUE(catalog) << catalog.error().message;
        return catalog ? (*catalog)->values->settings : decltype((*catalog)->values->settings)();
    }
    static std::string playbook(const std::string &settings) {
        return R"({"playbook": "test", "format": 1, "settings": {)" + settings +
               R"(}, "labels": {"zh": {"m.a": "订单"}}, "define": [{"metric": "a", "count": "order"}]})";
    }
};

TEST_F(Settings, AreReadAgainAsTheyWere) {
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    std::vector<double> numbers{0, 1, -2, 0.1, 1e300, 1e-300, 150, 0.30000000000000004};
    for (int i = 0; i < 100; ++i) {
        const auto number =
            std::ldexp(static_cast<double>(random() % 2'000'000) - 1e6, static_cast<int>(random() % 80) - 40);
        numbers.push_back(number);
    }
    std::string text = R"("cut": "12.50 EUR", "by_code": {"default": 2, "de": 1.5, "hr": "3.00 EUR"})";
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::ostringstream number;
        number.precision(17);
        number << numbers[i];
        text += ", \"n" + std::to_string(i) + "\": " + number.str();
    }
    auto store = open("a.kith");
    define(*store, playbook(text));
    for (const bool again : {false, true}) {
        if (again) {
            store.reset();
            store = open("a.kith");
        }
        const auto found = settings_of(*store);
        ASSERT_EQ(found.size(), numbers.size() + 2);
        for (std::size_t i = 0; i < numbers.size(); ++i)
            EXPECT_EQ(found.at("n" + std::to_string(i)).value.number, numbers[i]);
        EXPECT_EQ(found.at("cut").value.money.minor, 1250);
        const auto &table = found.at("by_code");
        EXPECT_EQ(table.value.number, 2);
        ASSERT_EQ(table.by.size(), 2u);
        EXPECT_EQ(table.by[0].first, "de");
        EXPECT_EQ(table.by[0].second.number, 1.5);
        EXPECT_EQ(table.by[1].second.money.minor, 300);
    }
    const auto snapshot = store->snapshot();
    const auto report = verify(**snapshot, {});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->problems.count, 0u);
}

TEST_F(Settings, SetByHandOutlastTheirPlaybook) {
    auto store = open("a.kith");
    define(*store, playbook(R"("cut": 10)"));
    Batch batch;
    ASSERT_TRUE(batch.add_setting("cut", "12.5"));
    ASSERT_TRUE(store->commit(batch));
    define(*store, playbook(R"("cut": 11, "more": 1)"));
    store.reset();
    store = open("a.kith");
    EXPECT_EQ(settings_of(*store).at("cut").value.number, 12.5);
    EXPECT_EQ(settings_of(*store).at("more").value.number, 1);
}

}  // namespace
}  // namespace kith::engine
