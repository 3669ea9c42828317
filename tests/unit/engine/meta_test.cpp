// Goal: a file of a newer kith is refused or only read, and an origin whose numbers are used up gives way
// to a new one without a gap.
// Method: the meta row is changed as a newer kith, or four billion changes, would have left it.
#include "engine/meta.hpp"

#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

class MetaTest : public EngineTest {
protected:
    void change(const std::function<void(Meta &)> &how) {
        store::Options options;
        auto env = store::Env::open((folder_ / "file.kith").string(), options);
        ASSERT_TRUE(env) << env.error().message;
        ASSERT_TRUE((*env)->update([&](store::Writer &writer) -> base::Result<void> {
            KITH_LET(meta, read_meta(writer));
            how(meta);
            return write_meta(writer, meta);
        }));
    }
};

TEST_F(MetaTest, ANewerFormatIsRefused) {
    ASSERT_TRUE(open("file.kith"));
    change([](Meta &meta) { meta.format = kFormat + 1; });
    OpenOptions options;
    auto store = Store::open((folder_ / "file.kith").string(), options);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().status, base::Status::format_newer);
}

TEST_F(MetaTest, AnUnknownFeatureMayOnlyBeRead) {
    ASSERT_TRUE(open("file.kith"));
    change([](Meta &meta) { meta.must_understand = 1u << 31; });
    auto store = open("file.kith");
    ASSERT_TRUE(store);
    EXPECT_TRUE(store->snapshot());
    Batch batch;
    ASSERT_TRUE(batch.add(order("ann", day(1), 1)));
    auto refused = store->commit(batch);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, base::Status::format_newer);
}

TEST_F(MetaTest, UsedUpNumbersGoOnUnderANewOrigin) {
    {
        auto store = open("file.kith");
        Batch batch;
        ASSERT_TRUE(batch.add(order("ann", day(1), 1)));
        commit(*store, batch);
    }
    std::uint32_t old_origin = 0;
    change([&](Meta &meta) {
        old_origin = meta.origin;
        meta.number = UINT32_MAX;
    });
    auto store = open("file.kith");
    Batch batch;
    ASSERT_TRUE(batch.add(order("ann", day(2), 1)));
    ASSERT_TRUE(batch.add(order("bob", day(2), 1)));
    commit(*store, batch);
    auto snapshot = store->snapshot();
    EXPECT_NE((*snapshot)->meta().origin, old_origin);
    const auto changes = Reads(**snapshot).changes(0, 1000);
    std::uint32_t number = 0;
    for (const auto &change : *changes) {
        if (change.origin == old_origin) continue;
        EXPECT_EQ(change.origin, (*snapshot)->meta().origin);
        EXPECT_EQ(change.number, ++number) << "a new origin counts from 1 without a gap";
    }
    EXPECT_GT(number, 3u);
    EXPECT_EQ(*(*snapshot)->reader().count(store::Table::origins), 2u);
    expect_sound(*store);
}

TEST_F(MetaTest, AClockOutOfRangeIsRefused) {
    auto store = open("file.kith");
    now_ = INT64_MAX;
    Batch batch;
    ASSERT_TRUE(batch.add(order("ann", day(1), 1)));
    auto refused = store->commit(batch);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, base::Status::argument);
}

}  // namespace
}  // namespace kith::engine
