// Goal: products, actors, campaigns, links and scores are imported from CSV files and listed; importing twice
// doubles nothing, bad rows are told by line, and what `list --csv` prints is taken back as it was.
// Method: small files written here, through the command.
#include "cli/shop.hpp"

namespace kith::test {
namespace {

class DirectoryCommands : public Shop {
protected:
    void SetUp() override { ASSERT_EQ(init(file_, {"--currency", "EUR", "--tz", "UTC"}).status, 0); }
    Ended take(const std::string &what, const std::string &csv, std::vector<std::string> options = {}) const {
        options.insert(options.begin(), {"import", file_, what, write(what + ".csv", csv)});
        return run(options);
    }
    Rows listed(const std::string &what) const { return csv_rows(text({"list", file_, what, "--csv"})); }
};

constexpr const char *kActors =
    "key,name,kind,part_of,active,calendar,skills,limits\n"
    "zagreb,Zagreb,branch,,true,,,\n"
    "mia,Mia,staff,zagreb,false,weekdays,repair:3;german:1,discount:50.00\n";
constexpr const char *kScores =
    "party,product,metric,at,number,money,text,nature\n"
    "C1,,buying_power,2026-01-01,,90000.50,,estimated\n"
    "C1,,liking,2026-02-01,4.5,,,stated\n"
    ",P1,grade,2026-02-01,,,gold,computed\n"
    ",,nps,2026-02-01,31,,,computed\n"
    ",,nps,2026-02-01,31,,,computed\n";

TEST_F(DirectoryCommands, WhatIsListedIsTakenBack) {
    ASSERT_EQ(
        take("products", "sku,name,path\nP1,\"Oat milk, 1 l\",food/plant_based\nP2,Milk,food/dairy/milk\n",
             {"--map", "key=sku,category=path"})
            .status,
        0);
    ASSERT_EQ(take("actors", kActors).status, 0);
    ASSERT_EQ(take("campaigns",
                   "key,name,purpose,starts_at,ends_at,budget\n"
                   "spring,Spring,win_back,2026-03-01,2026-04-30,1000.00\n")
                  .status,
              0);
    ASSERT_EQ(take("scores", kScores).status, 0);
    ASSERT_EQ(
        take("links", "kind,from,actor,to,stance,strength\nrefers,C1,,C2,,\ninfluences,,mia,C1,for,70\n")
            .status,
        0);
    const Rows products = listed("products");
    ASSERT_EQ(products.size(), 3U);
    EXPECT_EQ(products[1], (std::vector<std::string>{"P1", "Oat milk, 1 l", "food/plant_based"}));
    const Rows actors = listed("actors");
    ASSERT_EQ(actors.size(), 3U);
    EXPECT_EQ(actors[2], (std::vector<std::string>{"mia", "Mia", "staff", "zagreb", "false", "weekdays",
                                                   "repair:3;german:1", "discount:50.00"}));
    EXPECT_EQ(listed("campaigns")[1][5], "1000.00");
    EXPECT_EQ(listed("scores").size(), 6U) << "the same row twice is two";
    EXPECT_EQ(listed("links").size(), 3U);
    EXPECT_EQ(csv_rows(text({"list", file_, "scores", "--metric", "liking", "--csv"})).size(), 2U);
    const auto before = facts();
    for (const std::string what : {"products", "actors", "campaigns", "scores", "links"}) {
        const Ended again = take(what, text({"list", file_, what, "--csv"}), {"--json"});
        ASSERT_EQ(again.status, 0) << what << again;
        const Json report = parse(again.out);
        EXPECT_EQ(report["created"], 0) << what;
        EXPECT_EQ(report["changed"], 0) << what;
        EXPECT_FALSE(json({"list", file_, what}).empty());
    }
    ASSERT_EQ(take("scores", kScores).status, 0);  // not by key, but by what they say
    EXPECT_EQ(facts(), before);
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

TEST_F(DirectoryCommands, BadRowsAreTold) {
    const Ended bad = take("actors", "key,kind\nmia,staff\nivo,boss\n,team\n");
    EXPECT_EQ(bad.status, 1);
    EXPECT_NE(bad.err.find("line 3: kind is none of staff, team"), std::string::npos) << bad;
    EXPECT_NE(bad.err.find("line 4: the actor's key is missing"), std::string::npos) << bad;
    EXPECT_EQ(listed("actors").size(), 1U) << "nothing was imported";
    ASSERT_EQ(take("actors", kActors).status, 0);
    const Ended cycle = take("actors", "key,part_of\nivo,zagreb\nzagreb,mia\n");
    EXPECT_EQ(cycle.status, 1);
    EXPECT_NE(cycle.err.find("line 3: part_of would close a cycle"), std::string::npos) << cycle;
    const Ended skipped = take("actors", "key,part_of\nivo,zagreb\nzagreb,mia\n", {"--on-error", "skip"});
    EXPECT_EQ(skipped.status, 3) << skipped;
    EXPECT_EQ(listed("actors").size(), 4U);
    const Ended unknown = take("products", "key,colour\nP1,red\n");
    EXPECT_EQ(unknown.status, 2);
    EXPECT_NE(unknown.err.find("\"colour\" is no field"), std::string::npos) << unknown;
    EXPECT_EQ(take("products", "key\nP1\n", {"--kind", "order"}).status, 2);
    EXPECT_EQ(take("scores", "metric,at,number\nnps,2026-02-30,1\n").status, 1);
}

TEST_F(DirectoryCommands, SalesAreStampedWithTheCategoryOfTheirDay) {
    const std::string map = "party=c,at=d,product=p,amount=a,key=k,margin=m,campaign=n";
    const auto sell = [&](const std::string &rows) {
        ASSERT_EQ(
            import(write("sales.csv", "c,d,p,a,k,m,n\n" + rows), {"--kind", "order", "--map", map}).status,
            0);
    };
    ASSERT_EQ(take("products", "key,category\nP1,food/milk\n").status, 0);
    sell("C1,2026-01-05,P1,3.00,R1,0.75,spring\n");
    ASSERT_EQ(take("products", "key,category\nP1,food/plant_based\n").status, 0);
    sell("C1,2026-01-05,P1,3.00,R1,0.75,spring\nC1,2026-01-06,P1,3.00,R2,,\n");
    const Json timeline = json({"timeline", file_, "C1"});
    ASSERT_EQ(timeline.size(), 2U);
    EXPECT_EQ(timeline[0]["lines"][0]["category"], "plant_based");
    EXPECT_EQ(timeline[1]["lines"][0]["category"], "milk");
    EXPECT_EQ(timeline[1]["lines"][0]["margin"], "0.75");
    EXPECT_EQ(timeline[1]["campaign"], "spring");
    EXPECT_EQ(
        text({"eval", file_, "C1", "orders.filter(o, o.campaign == 'spring').map(o, o.lines[0].category)"}),
        "[\"milk\"]\n");
}

}  // namespace
}  // namespace kith::test
