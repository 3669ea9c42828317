// Goal: products, actors and campaigns are put by key and change only in what is asked; lines and
// interactions carry what was true when they were recorded; the tree of actors stays a tree. Method:
// written-out examples with their feed, and random puts of part_of (seed printed) against a walk over plain
// maps; after each the file is verified.
#include "engine/directory_reads.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

namespace product_field = model::product_field;
namespace actor_field = model::actor_field;

class DirectoryTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_ = open("directory.kith");
    }

    static ProductItem product(std::string_view key, std::string_view name,
                               std::span<const std::string_view> category) {
        ProductItem item;
        item.key = key;
        item.name = name;
        item.category = category;
        item.fields = product_field::name | product_field::category;
        return item;
    }
    static ActorItem part(std::string_view key, std::string_view of) {
        ActorItem item;
        item.key = key;
        item.part_of = of;
        item.fields = actor_field::part_of;
        return item;
    }

    template <class Item>
    base::Result<ItemResult> put(const Item &item) {
        Batch batch;
        KITH_TRY(batch.add(item));
        KITH_TRY(store_->commit(batch));
        return batch.outcomes[0].result;
    }
    template <class Item>
    ItemResult done(const Item &item) {
        auto result = put(item);
        EXPECT_TRUE(result) << result.error().message;
        return result ? *result : ItemResult::skipped;
    }

    std::string text(model::Name name) {
        auto snapshot = store_->snapshot();
        auto found = (*snapshot)->text(name);
        return found ? std::string(*found) : found.error().message;
    }
    std::uint64_t last_seq() {
        auto snapshot = store_->snapshot();
        return (*snapshot)->meta().feed_last;
    }
    std::vector<model::Change> changes(std::uint64_t after) {
        auto snapshot = store_->snapshot();
        return *Reads(**snapshot).changes(after, 1000);
    }

    std::unique_ptr<Store> store_;
};

constexpr std::string_view kMilk[] = {"food", "dairy", "milk"}, kPlant[] = {"food", "plant_based"};

TEST_F(DirectoryTest, AProductIsPutByKey) {
    const auto before = last_seq();
    EXPECT_EQ(done(product("P1", "Oat milk", kMilk)), ItemResult::created);
    EXPECT_EQ(done(product("P1", "Oat milk", kMilk)), ItemResult::unchanged);
    EXPECT_EQ(done(product("P1", "Oat milk", kPlant)), ItemResult::changed);
    ProductItem renamed;
    renamed.key = "P1";
    renamed.name = "Oat drink";
    renamed.fields = product_field::name;
    EXPECT_EQ(done(renamed), ItemResult::changed);

    auto snapshot = store_->snapshot();
    const DirectoryReads reads(**snapshot);
    const auto all = reads.products({}, 10);
    ASSERT_TRUE(all && all->items.size() == 1);
    const auto &found = all->items[0];
    EXPECT_EQ(found.name, "Oat drink");
    ASSERT_EQ(found.category.size(), 2u) << "what is not asked to change stays";
    EXPECT_EQ(text(found.category[1]), "plant_based");
    EXPECT_EQ(found.revision, 3u);

    const auto told = changes(before);
    ASSERT_EQ(told.size(), 3u);
    for (const auto &change : told) {
        EXPECT_EQ(change.kind, model::ChangeKind::product);
        EXPECT_EQ(text(change.name), "P1");
    }
    EXPECT_EQ(told[0].operation, model::Operation::created);
    EXPECT_EQ(told[1].changed, product_field::category);
    EXPECT_EQ(told[2].changed, product_field::name);
    expect_sound(*store_);
}

TEST_F(DirectoryTest, PreconditionsHold) {
    auto item = product("P1", "Tea", {});
    item.fields |= product_field::revision;
    item.revision = 1;
    EXPECT_EQ(put(item).error().status, base::Status::conflict) << "not there: its revision is 0";
    item.revision = 0;
    EXPECT_EQ(done(item), ItemResult::created);
    EXPECT_EQ(put(item).error().status, base::Status::conflict);
    item.revision = 1;
    item.name = "Green tea";
    EXPECT_EQ(done(item), ItemResult::changed);
    item.fields = 0;
    item.flags.must_not_exist = true;
    EXPECT_EQ(put(item).error().status, base::Status::exists);
}

// The category of the day, the owner of the day: later changes touch nothing recorded.
TEST_F(DirectoryTest, LinesKeepTheCategoryAndInteractionsTheOwnerOfTheirDay) {
    const LineItem lines[] = {
        {"P1", 1'000'000, 0, 100}, {"P1", 1'000'000, 0, 100, "gift", 40}, {"P2", 0, 0, 0}};
    const auto sell = [&](std::string_view key) {
        auto item = order("ann", day(10), 200, key);
        item.lines = lines;
        return item;
    };
    const auto own = [&](std::string_view owner) {
        PartyItem item;
        item.ref = order("ann", 0, 0).ref;
        item.flags.create = true;
        item.fields = model::party_field::owner;
        item.owner = owner;
        return item;
    };
    EXPECT_EQ(done(sell("a")), ItemResult::created);  // neither product nor owner is known yet
    EXPECT_EQ(done(product("P1", "Oat milk", kMilk)), ItemResult::created);
    EXPECT_EQ(done(own("mia")), ItemResult::changed);
    EXPECT_EQ(done(sell("b")), ItemResult::created);
    Batch batch;  // within one batch too
    ASSERT_TRUE(batch.add(product("P1", "Oat milk", kPlant)));
    ASSERT_TRUE(batch.add(own("ivo")));
    ASSERT_TRUE(batch.add(sell("c")));
    commit(*store_, batch);
    EXPECT_EQ(done(sell("b")), ItemResult::existing)
        << "a repeated sale is the same, whatever its product is now";
    auto other = sell("b");
    const LineItem gift[] = {{"P1", 1'000'000, 0, 100, "gift"}, lines[1], lines[2]};
    other.lines = gift;
    EXPECT_EQ(put(other).error().status, base::Status::conflict)
        << "a category that the host gives is content";

    auto snapshot = store_->snapshot();
    const Reads reads(**snapshot);
    const auto expect = [&](std::string_view key, std::string_view category, std::string_view owner) {
        const auto at = reads.find_interaction("shop", key);
        ASSERT_TRUE(at && *at);
        const auto read = reads.interaction(**at);
        const auto &found = (*read)->interaction;
        EXPECT_EQ(text(found.lines[0].category), category) << key;
        EXPECT_EQ(text(found.lines[1].category), "gift");
        EXPECT_EQ(found.lines[2].category, 0u);
        EXPECT_EQ(text(found.owner), owner) << key;
        ASSERT_EQ(found.margins.size(), 3u);
        EXPECT_EQ(found.margins[0], model::kNoMargin);
        EXPECT_EQ(found.margins[1], 40);
    };
    expect("a", "", "");
    expect("b", "milk", "mia");
    expect("c", "plant_based", "ivo");
    expect_sound(*store_);
}

TEST_F(DirectoryTest, AnActorsFields) {
    const CodeValueItem skills[] = {{"repair", 3}, {"german", 1}}, limits[] = {{"discount", 5000}};
    ActorItem item;
    item.key = "mia";
    item.name = "Mia Horvat";
    item.part_of = "zagreb";  // which has no record yet
    item.calendar = "shop_hours";
    item.skills = skills;
    item.limits = limits;
    item.fields = 127;
    EXPECT_EQ(done(item), ItemResult::created);
    EXPECT_EQ(done(item), ItemResult::unchanged);
    ActorItem gone;
    gone.key = "mia";
    gone.active = false;
    gone.fields = actor_field::active;
    EXPECT_EQ(done(gone), ItemResult::changed);
    auto snapshot = store_->snapshot();
    const DirectoryReads reads(**snapshot);
    const auto code = reads.code("mia");
    ASSERT_TRUE(code && *code);
    const auto found = reads.actor(**code);
    ASSERT_TRUE(found && *found);
    const auto &mia = **found;
    EXPECT_EQ(mia.name, "Mia Horvat");
    EXPECT_FALSE(mia.active);
    EXPECT_EQ(text(mia.part_of), "zagreb");
    EXPECT_EQ(text(mia.calendar), "shop_hours");
    ASSERT_EQ(mia.skills.size(), 2u);
    EXPECT_EQ(text(mia.skills[1].code), "german");
    EXPECT_EQ(mia.skills[0].value, 3);
    ASSERT_EQ(mia.limits.size(), 1u);
    EXPECT_EQ(mia.limits[0].value, 5000);
    const CodeValueItem twice[] = {{"repair", 3}, {"repair", 1}};
    item.skills = twice;
    EXPECT_EQ(put(item).error().status, base::Status::argument);
}

// Deactivating hides nothing: what an actor owns and did is read and counted as before.
TEST_F(DirectoryTest, DeactivatingHidesNothing) {
    auto sale = order("ann", day(10), 500, "s1");
    sale.actor = "mia";
    ASSERT_TRUE(put(sale));
    ASSERT_TRUE(put(part("mia", "zagreb")));
    ASSERT_TRUE(put(part("tom", "mia")));
    const auto before = facts(*store_);
    ActorItem gone;
    gone.key = "mia";
    gone.active = false;
    gone.fields = actor_field::active;
    ASSERT_TRUE(put(gone));
    auto after = facts(*store_);
    const std::string_view mark = R"(,"active":false)";
    const auto at = after.find(mark);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(after.erase(at, mark.size()), before);
    EXPECT_EQ(done(part("ana", "mia")), ItemResult::created) << "others may still be part of it";
}

TEST_F(DirectoryTest, ACycleIsRefused) {
    EXPECT_EQ(done(part("a", "b")), ItemResult::created);
    EXPECT_EQ(done(part("b", "c")), ItemResult::created);
    for (const auto &[key, of] : {std::pair("c", "a"), std::pair("b", "a"), std::pair("a", "a")}) {
        const auto refused = put(part(key, of));
        ASSERT_FALSE(refused) << key << " part of " << of;
        EXPECT_EQ(refused.error().status, base::Status::rule);
        EXPECT_NE(refused.error().message.find("cycle"), std::string::npos);
        EXPECT_EQ(refused.error().field, actor_field::part_of);
    }
    EXPECT_EQ(put(part("self", "a")).error().status, base::Status::argument) << "the root is part of nothing";
    EXPECT_EQ(done(part("a", "self")), ItemResult::changed);
    EXPECT_EQ(done(part("c", "a")), ItemResult::created) << "moved away, it closes nothing";
    Batch batch;  // within a batch
    ASSERT_TRUE(batch.add(part("x", "y")));
    ASSERT_TRUE(batch.add(part("y", "x")));
    EXPECT_FALSE(store_->commit(batch));
    expect_sound(*store_);
}

TEST_F(DirectoryTest, RandomTreesStayTrees) {
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    std::map<int, int> above;
    const auto key = [](int n) { return n == 0 ? std::string("self") : "actor" + std::to_string(n); };
    int refusals = 0;
    for (int i = 0; i < 600; ++i) {
        const int one = 1 + static_cast<int>(random() % 12), of = static_cast<int>(random() % 13);
        bool cycle = false;
        for (int at = of; at != 0 && !cycle; at = above.contains(at) ? above[at] : 0) cycle = at == one;
        const auto name = key(one), parent = key(of);
        const auto result = put(part(name, parent));
        ASSERT_EQ(static_cast<bool>(result), !cycle) << "step " << i << ": " << name << " part of " << parent;
        refusals += cycle;
        if (!cycle) above[one] = of;
    }
    EXPECT_GT(refusals, 20);
    auto snapshot = store_->snapshot();
    const auto actors = DirectoryReads(**snapshot).actors({}, 100);
    ASSERT_TRUE(actors);
    ASSERT_EQ(actors->items.size(), above.size());
    for (const auto &actor : actors->items) {
        const int one = std::stoi(text(actor.key).substr(5));
        EXPECT_EQ(actor.part_of == 0 ? "self" : text(actor.part_of), key(above[one]));
    }
    expect_sound(*store_);
}

TEST_F(DirectoryTest, ACampaign) {
    CampaignItem item;
    item.key = "spring";
    item.name = "Spring 2026";
    item.purpose = "win_back";
    item.starts_at = day(100);
    item.ends_at = day(130);
    item.budget = 500000;
    item.fields = 31;
    EXPECT_EQ(done(item), ItemResult::created);
    CampaignItem shorter;
    shorter.key = "spring";
    shorter.ends_at = day(99);
    shorter.fields = model::campaign_field::ends_at;
    EXPECT_EQ(put(shorter).error().status, base::Status::argument) << "it ends before it starts";
    shorter.ends_at = day(120);
    EXPECT_EQ(done(shorter), ItemResult::changed);
    auto snapshot = store_->snapshot();
    const auto all = DirectoryReads(**snapshot).campaigns({}, 10);
    ASSERT_TRUE(all && all->items.size() == 1);
    EXPECT_EQ(all->items[0].budget, 500000);
    EXPECT_EQ(all->items[0].ends_at, day(120));
    EXPECT_EQ(text(all->items[0].purpose), "win_back");
    expect_sound(*store_);
}

// The feed tells of each record, so that its loss is told.
TEST_F(DirectoryTest, ALostRecordIsTold) {
    ASSERT_TRUE(put(product("P1", "Tea", kMilk)));
    ASSERT_TRUE(put(part("mia", "self")));
    CampaignItem campaign;
    campaign.key = "spring";
    ASSERT_TRUE(put(campaign));
    for (const auto &[table, what] : {std::pair(store::Table::products, "a product is lost"),
                                      std::pair(store::Table::actors, "an actor is lost"),
                                      std::pair(store::Table::campaigns, "a campaign is lost")}) {
        ASSERT_TRUE(store_->env().update([&, table = table](store::Writer &writer) -> base::Result<void> {
            KITH_LET(cursor, writer.cursor(table));
            KITH_LET(found, cursor.first());
            EXPECT_TRUE(found);
            const auto key = index::Key().add(cursor.key());
            return writer.remove(table, key);
        }));
        auto snapshot = store_->snapshot();
        const auto report = verify(**snapshot, {});
        ASSERT_TRUE(report);
        const auto &texts = report->problems.listed.columns[2].texts;
        EXPECT_NE(std::find(texts.begin(), texts.end(), what), texts.end()) << what;
    }
}

}  // namespace
}  // namespace kith::engine
