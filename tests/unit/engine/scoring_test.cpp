// Goal: scores are recorded once and read in order of time, the latest with one seek; links stand as their
// last record says, seen from both ends, and trees of them have no cycles. Method: written-out examples;
// random scores and links (seeds printed) against brute force over plain lists; after each the file is
// verified.
#include <set>

#include "engine/directory_reads.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class ScoringTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_ = open("scores.kith");
    }

    static Ref host(std::string_view key) { return order(key, 0, 0).ref; }

    static ScoreItem score(std::string_view party, std::string_view metric, base::Micros at, double number,
                           std::string_view host_key = {}) {
        ScoreItem item;
        item.kind = model::SubjectKind::party;
        item.ref = host(party);
        item.flags.create = true;
        item.metric = metric;
        item.at = at;
        item.number = number;
        item.nature = model::Nature::given;
        if (host_key.data()) {
            item.system = "shop";
            item.host_key = host_key;
        }
        return item;
    }
    static LinkItem link(std::string_view from, model::LinkKind kind, std::string_view to) {
        LinkItem item;
        item.from = host(from);
        item.to = host(to);
        item.kind = kind;
        item.flags.create = true;
        return item;
    }

    template <class Item>
    base::Result<ItemResult> put(const Item &item) {
        Batch batch;
        KITH_TRY(batch.add(item));
        KITH_TRY(store_->commit(batch));
        return batch.outcomes[0].result;
    }
    model::Name code(std::string_view text) {
        auto snapshot = store_->snapshot();
        return DirectoryReads(**snapshot).code(text)->value_or(0);
    }
    std::optional<model::Score> latest(const LatestScore &query) {
        auto snapshot = store_->snapshot();
        auto found = DirectoryReads(**snapshot).latest(query);
        EXPECT_TRUE(found);
        return found ? *found : std::nullopt;
    }
    std::vector<model::Link> links(const model::Subject &from, std::optional<model::LinkKind> kind = {}) {
        auto snapshot = store_->snapshot();
        auto page = DirectoryReads(**snapshot).links(from, kind, {}, 1000);
        EXPECT_TRUE(page);
        return page ? page->items : std::vector<model::Link>();
    }
    model::Subject party(std::string_view key) { return {model::SubjectKind::party, find(*store_, key), 0}; }

    std::unique_ptr<Store> store_;
};

TEST_F(ScoringTest, AScoreComesBackWhole) {
    auto item = score("ann", "buying_power", day(10), 0, "s1");
    item.number.reset();
    item.money = 9'000'000;
    item.currency = *base::Currency::parse("EUR");
    item.key = "food";
    item.period = "2026";
    item.nature = model::Nature::estimated;
    item.source = "survey";
    item.confidence = 0.8;
    item.method = "asked";
    item.n = 12;
    item.spread = 1.5;
    item.definition_version = 3;
    item.author = "mia";
    const auto made = put(item);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(*made, ItemResult::created);
    EXPECT_EQ(*put(item), ItemResult::existing) << "the same host key, the same content";
    auto other = item;
    other.money = 1;
    EXPECT_EQ(put(other).error().status, base::Status::conflict);
    other.flags.skip_conflict = true;
    EXPECT_EQ(*put(other), ItemResult::skipped);

    const auto found = latest({party("ann"), code("buying_power"), code("food"), day(11), {}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->money, 9'000'000);
    EXPECT_EQ(found->currency.text(), "EUR");
    EXPECT_FALSE(found->number);
    EXPECT_EQ(found->period, code("2026"));
    EXPECT_EQ(found->nature, model::Nature::estimated);
    EXPECT_EQ(found->source, code("survey"));
    EXPECT_EQ(found->confidence, 0.8);
    EXPECT_EQ(found->method, code("asked"));
    EXPECT_EQ(found->n, 12);
    EXPECT_EQ(found->spread, 1.5);
    EXPECT_EQ(found->definition_version, 3u);
    EXPECT_EQ(found->author, code("mia"));
    EXPECT_FALSE(latest({party("ann"), code("buying_power"), code("food"), day(10) - 1, {}}));
    EXPECT_FALSE(latest({party("ann"), code("buying_power"), 0, day(11), {}})) << "under another key";
    EXPECT_TRUE(
        latest({party("ann"), code("buying_power"), code("food"), day(10), model::Nature::estimated}));
    EXPECT_FALSE(latest({party("ann"), code("buying_power"), code("food"), day(10), model::Nature::target}));
    expect_sound(*store_);
}

// Golden: nobody but kith takes the cuts of bands over the base; a party's score may have any name.
TEST_F(ScoringTest, CutsAreNotRecordedByHand) {
    auto store = open("cuts.kith");
    Batch batch;
    ScoreItem item;
    item.kind = model::SubjectKind::all;
    item.metric = "band.spending";
    item.key = "1";
    item.at = day(20'000);
    item.number = 100;
    item.nature = model::Nature::computed;
    ASSERT_TRUE(batch.add(item));
    const auto done = store->commit(batch);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().status, base::Status::rule);
    EXPECT_NE(done.error().message.find("another name"), std::string::npos);
    batch.clear();
    item.metric = "bandwidth";
    ASSERT_TRUE(batch.add(item));
    commit(*store, batch);
}

TEST_F(ScoringTest, OneValueEach) {
    auto item = score("ann", "clv", day(1), 1);
    item.text = "gold";
    EXPECT_EQ(put(item).error().status, base::Status::argument);
    item.text = {};
    item.number.reset();
    EXPECT_EQ(put(item).error().status, base::Status::argument);
    item.number = std::nan("");
    EXPECT_EQ(put(item).error().status, base::Status::argument);
    item.number = 1;
    item.nature = {};
    EXPECT_EQ(put(item).error().status, base::Status::argument);
    item.nature = model::Nature::given;
    item.flags.create = false;
    EXPECT_EQ(put(item).error().status, base::Status::missing) << "no such party";
}

// Random scores of all sorts of subjects: lists and latest values against a plain list.
TEST_F(ScoringTest, ListsAndLatestAreWhatBruteForceFinds) {
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    const std::string_view subjects[] = {"", "p0", "a0", "g0", "c0", "p1", "a1"},
                           metrics[] = {"m0", "m1", "m2"}, keys[] = {"", "k0", "k1"};
    const model::SubjectKind kinds[] = {model::SubjectKind::all,      model::SubjectKind::party,
                                        model::SubjectKind::actor,    model::SubjectKind::product,
                                        model::SubjectKind::campaign, model::SubjectKind::party,
                                        model::SubjectKind::actor};
    struct Known {
        std::size_t subject, metric, key;
        base::Micros at;
        double number;
    };
    std::vector<Known> all;
    for (int i = 0; i < 400; ++i) {
        Known one{random() % 7, random() % 3, random() % 3, day(random() % 30), i * 1.0};
        auto item = score(subjects[one.subject], metrics[one.metric], one.at, one.number);
        item.kind = kinds[one.subject];
        item.subject_key = subjects[one.subject];
        item.key = keys[one.key];
        ASSERT_TRUE(put(item));
        all.push_back(one);
    }
    const auto subject = [&](std::size_t n) -> model::Subject {
        if (kinds[n] == model::SubjectKind::party) return party(subjects[n]);
        return {kinds[n], {}, code(subjects[n])};
    };
    for (std::size_t s = 0; s < 7; ++s) {
        for (std::size_t m = 0; m < 3; ++m) {
            for (std::size_t k = 0; k < 3; ++k) {
                const auto at = day(random() % 32);
                const Known *best = nullptr;
                std::vector<std::pair<base::Micros, double>> wanted, given;
                for (const auto &one : all) {  // of those at one time the last recorded is the latest
                    if (one.subject != s || one.metric != m || one.key != k) continue;
                    wanted.emplace_back(one.at, one.number);
                    if (one.at <= at && (!best || one.at >= best->at)) best = &one;
                }
                std::sort(wanted.begin(), wanted.end());
                const auto found = latest({subject(s), code(metrics[m]), code(keys[k]), at, {}});
                ASSERT_EQ(found.has_value(), best != nullptr);
                if (best) {
                    EXPECT_EQ(*found->number, best->number);
                }
                ScoreQuery query;
                query.subject = subject(s);
                query.metric = code(metrics[m]);
                query.key = code(keys[k]);
                auto snapshot = store_->snapshot();
                const DirectoryReads reads(**snapshot);
                std::string resume;
                while (true) {  // in pages of three
                    const auto page = reads.scores(query, resume, 3);
                    ASSERT_TRUE(page);
                    for (const auto &one : page->items) given.emplace_back(one.key.at, *one.number);
                    if (page->items.size() < 3) break;
                    resume = page->resume;
                }
                EXPECT_EQ(given, wanted);
            }
        }
        // Every metric of the subject, within bounds.
        ScoreQuery query;
        query.subject = subject(s);
        query.from = day(5);
        query.until = day(20);
        std::size_t wanted = 0;
        for (const auto &one : all) wanted += one.subject == s && one.at >= day(5) && one.at < day(20);
        auto snapshot = store_->snapshot();
        const auto page = DirectoryReads(**snapshot).scores(query, {}, 1000);
        ASSERT_TRUE(page);
        EXPECT_EQ(page->items.size(), wanted);
    }
    expect_sound(*store_);
}

TEST_F(ScoringTest, ALinkStandsAsItsLastRecordSays) {
    auto item = link("ann", model::LinkKind::works_for, "acme");
    item.valid_from = day(1);
    EXPECT_EQ(*put(item), ItemResult::created);
    EXPECT_EQ(*put(item), ItemResult::existing);
    item.valid_to = day(9);
    EXPECT_EQ(*put(item), ItemResult::changed);
    ASSERT_EQ(links(party("ann")).size(), 1u);
    EXPECT_EQ(links(party("ann"))[0].valid_to, day(9));
    {
        auto snapshot = store_->snapshot();
        const auto to = DirectoryReads(**snapshot).links_to(find(*store_, "acme"), {}, {}, 10);
        ASSERT_TRUE(to && to->items.size() == 1);
        EXPECT_EQ(to->items[0].key.from, party("ann"));
        EXPECT_EQ(to->items[0].valid_to, day(9));
    }
    item.undone = true;
    EXPECT_EQ(*put(item), ItemResult::changed);
    EXPECT_EQ(*put(item), ItemResult::unchanged) << "nothing is left to take back";
    EXPECT_TRUE(links(party("ann")).empty());
    item.undone = false;
    EXPECT_EQ(*put(item), ItemResult::created) << "it may stand again";
    auto nobody = link("ann", model::LinkKind::knows, "nobody");
    nobody.undone = true;
    EXPECT_EQ(put(nobody).error().status, base::Status::missing) << "taking back makes no party";
    EXPECT_EQ(put(link("ann", model::LinkKind::knows, "ann")).error().status, base::Status::rule);

    LinkItem serves;
    serves.actor = "mia";
    serves.to = host("acme");
    serves.kind = model::LinkKind::influences;
    serves.stance = 1;
    serves.strength = 70;
    EXPECT_EQ(*put(serves), ItemResult::created);
    const auto of_mia = links({model::SubjectKind::actor, {}, code("mia")});
    ASSERT_EQ(of_mia.size(), 1u);
    EXPECT_EQ(of_mia[0].strength, 70);
    expect_sound(*store_);
}

TEST_F(ScoringTest, LinksThatHoldAtDifferentTimesCloseNoCycle) {
    auto down = link("a", model::LinkKind::parent_of, "b");
    down.valid_to = day(10);
    ASSERT_TRUE(put(down));
    auto up = link("b", model::LinkKind::parent_of, "a");
    const auto refused = put(up);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, base::Status::rule);
    EXPECT_NE(refused.error().message.find("cycle"), std::string::npos);
    up.valid_from = day(10);
    EXPECT_TRUE(put(up)) << "it begins when the other has ended";
    EXPECT_TRUE(put(link("x", model::LinkKind::knows, "y")));
    EXPECT_TRUE(put(link("y", model::LinkKind::knows, "x"))) << "no tree";
    expect_sound(*store_);
}

// A cycle that a damaged or exchanged file has is told, with every link of it.
TEST_F(ScoringTest, VerifyTellsOfACycle) {
    Batch batch;
    for (const auto &[from, to] :
         {std::pair("a", "b"), std::pair("b", "c"), std::pair("c", "d"), std::pair("x", "a")})
        ASSERT_TRUE(batch.add(link(from, model::LinkKind::parent_of, to)));
    commit(*store_, batch);
    model::Link back;
    back.key = {party("c"), model::LinkKind::parent_of, find(*store_, "a"), 7, 1};
    record::Encoder encoder;
    ASSERT_TRUE(store_->env().update([&](store::Writer &writer) -> base::Result<void> {
        KITH_TRY(writer.put(store::Table::links, index::link(back.key), encoder.encode(back)));
        return writer.put(store::Table::linked, index::linked(back.key), {});
    }));
    auto snapshot = store_->snapshot();
    const auto report = verify(**snapshot, {});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems.count, 3u);
    for (const auto &what : report->problems.listed.columns[2].texts)
        EXPECT_EQ(what, "the link closes a cycle: take it back");
}

TEST_F(ScoringTest, RandomLinksOfTreesHaveNoCycles) {
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    std::set<std::pair<int, int>> edges;
    int refusals = 0;
    const auto key = [](int n) { return "p" + std::to_string(n); };
    for (int n = 0; n < 9; ++n) {
        const auto a = key(n);
        ASSERT_TRUE(put(score(a, "there", day(1), n)));
    }
    const model::LinkKind kinds[] = {model::LinkKind::refers, model::LinkKind::member_of,
                                     model::LinkKind::parent_of};
    const auto kind = kinds[random() % 3];
    for (int i = 0; i < 400; ++i) {
        const int from = static_cast<int>(random() % 9), to = static_cast<int>(random() % 9);
        if (from == to) continue;
        const auto a = key(from), b = key(to);
        auto item = link(a, kind, b);
        item.undone = random() % 3 == 0;
        std::set<int> reached = {to};  // what can be reached from its end
        for (int round = 0; round < 9; ++round)
            for (const auto &[x, y] : edges)
                if (reached.contains(x)) reached.insert(y);
        const bool cycle = !item.undone && reached.contains(from);
        const auto result = put(item);
        ASSERT_EQ(static_cast<bool>(result), !cycle) << "step " << i << ": " << a << " to " << b;
        refusals += cycle;
        if (cycle) continue;
        if (item.undone) {
            edges.erase({from, to});
        } else {
            edges.insert({from, to});
        }
    }
    EXPECT_GT(refusals, 20);
    auto snapshot = store_->snapshot();
    const DirectoryReads reads(**snapshot);
    std::size_t all = 0;
    std::string resume;
    while (true) {
        const auto page = reads.links({}, kind, resume, 4);
        ASSERT_TRUE(page);
        all += page->items.size();
        if (page->items.size() < 4) break;
        resume = page->resume;
    }
    EXPECT_EQ(all, edges.size());
    expect_sound(*store_);
}

TEST_F(ScoringTest, TheExportByFactsDoesNotShowTheOrderOfArrival) {
    const auto fill = [&](Store &store, bool backwards) {
        for (int i = 0; i < 6; ++i) {
            const int n = backwards ? 5 - i : i;
            const auto a = "p" + std::to_string(n), b = "q" + std::to_string(n), k = "s" + std::to_string(n);
            Batch batch;
            ASSERT_TRUE(batch.add(score(a, n % 2 ? "x" : "y", day(n), n, k)));
            ASSERT_TRUE(batch.add(link(a, model::LinkKind::knows, b)));
            ProductItem product;
            product.key = a;
            ASSERT_TRUE(batch.add(product));
            commit(store, batch);
        }
    };
    fill(*store_, false);
    auto other = open("other.kith");
    fill(*other, true);
    EXPECT_EQ(facts(*store_), facts(*other));
    EXPECT_NE(
        facts(*store_).find(R"({"record":"score","party":"p1","metric":"x","at":"1970-01-02T00:00:00Z")"),
        std::string::npos);
}

}  // namespace
}  // namespace kith::engine
