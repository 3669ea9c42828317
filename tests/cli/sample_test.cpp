// Goal: the made-up shop is a pure function of its seed, and a sound file.
// Method: the same seed twice, and another one, compared by their whole exports; its purchases at once and a
// day at a time, compared by their facts.
#include <map>
#include <sstream>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

class SampleTest : public Shop {
protected:
    std::string export_of(const std::string &name, const char *seed) const {
        const Json made = json({"sample", path(name), "--seed", seed, "--customers", "300"});
        EXPECT_EQ(run({"verify", path(name)}).status, 0);
        return text({"export", path(name)});
    }
};

TEST_F(SampleTest, TheSameSeedGivesTheSameShopByteForByte) {
    const std::string first = export_of("first.kith", "7");
    EXPECT_GT(first.size(), 100'000U);
    EXPECT_TRUE(export_of("second.kith", "7") == first);
    EXPECT_FALSE(export_of("third.kith", "8") == first);
}

TEST_F(SampleTest, TheDefaultShopIsAsLargeAsPromised) {
    ASSERT_EQ(run({"sample", file_}).status, 0);
    const Json base = info();
    EXPECT_GE(base["parties"], 2'000);
    for (const char *counted : {"returns", "commitments_open", "processes"})
        EXPECT_GT(base[counted], 0) << counted;
    EXPECT_GE(base["last_at"].get<std::string>().substr(0, 4).compare("2025"), 0);
    const Json states = json({"states", file_});
    for (const Json &state : states["states"]) EXPECT_GT(state["parties"], 0) << state;
    const Ended again = run({"sample", file_});
    EXPECT_EQ(again.status, 1) << "a shop is not poured into a file with customers" << again;
    EXPECT_EQ(info()["feed_last"], base["feed_last"]);
}

TEST_F(SampleTest, ItsPurchasesAsCsvAreReadyToImport) {
    const Json made = json({"sample", path("made.kith"), "--customers", "200", "--csv", path("csv")});
    ASSERT_EQ(init().status, 0);
    const Ended ended = import(path("csv/purchases.csv"), {"--kind", "order", "--json"});
    ASSERT_EQ(ended.status, 0) << ended;
    const Json base = json({"info", path("made.kith")});
    EXPECT_EQ(info()["orders"], base["orders"]);
    EXPECT_EQ(info()["amount_total"], base["amount_total"]);
}

TEST_F(SampleTest, AtOnceOrDayByDayTheFactsAreTheSame) {
    (void)json({"sample", path("made.kith"), "--customers", "40", "--csv", path("csv")});
    std::istringstream purchases(read_text(path("csv/purchases.csv")));
    std::string header;
    std::getline(purchases, header);
    std::map<std::string, std::string> days;
    for (std::string line; std::getline(purchases, line);) {
        days[line.substr(line.find(',') + 1, 10)] += line + "\n";
    }
    ASSERT_GT(days.size(), 50U);
    ASSERT_EQ(init().status, 0);
    ASSERT_EQ(import(path("csv/purchases.csv"), {"--kind", "order"}).status, 0);
    const std::string lived = path("lived.kith");
    ASSERT_EQ(init(lived).status, 0);
    for (const auto &[day, lines] : days) {
        ASSERT_EQ(run({"run-due", lived, "--now", day}).status, 0);  // nights that nobody bought in
        const Ended ended = import_to(lived, write(day + ".csv", header + "\n" + lines), {"--kind", "order"});
        ASSERT_EQ(ended.status, 0) << ended;
    }
    for (const auto &file : {file_, lived}) {
        ASSERT_EQ(run({"run-due", file, "--now", "2026-02-01"}).status, 0);
    }
    EXPECT_TRUE(facts(lived) == facts());
    EXPECT_FALSE(text({"export", lived}) == text({"export", file_})) << "whose ids differ";
    EXPECT_NE(facts().find("\"cause\":\"timer\""), std::string::npos) << "the months moved nobody";
}

}  // namespace
}  // namespace kith::test
