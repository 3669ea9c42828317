// Goal: stamps only grow, and an origin is never given twice in a file.
// Method: a clock that stands, goes back and leaps; a random source that repeats itself.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>

#include "feed/origin.hpp"
#include "feed/stamp.hpp"
#include "index/keys.hpp"

namespace kith::feed {
namespace {

TEST(StampTest, GrowsWhateverTheClockDoes) {
    std::uint64_t last = 0;
    for (const base::Micros now : {5'000'000, 5'000'000, 4'000'000, 5'000'999, 5'001'000, -1, 9'000'000}) {
        const auto next = next_stamp(last, now);
        EXPECT_GT(next, last);
        last = next;
    }
    EXPECT_EQ(last >> 16, 9'000u) << "a leap forward is followed";
    EXPECT_EQ(next_stamp(0, 1'234'567'000) >> 16, 1'234'567u);
}

TEST(OriginTest, IsNotGivenTwice) {
    std::string folder = (std::filesystem::temp_directory_path() / "kith-feed-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    {
        store::Options options;
        options.create = true;
        auto env = store::Env::open(folder + "/origins.kith", options);
        ASSERT_TRUE(env) << env.error().message;
        std::set<std::uint32_t> seen;
        for (int i = 0; i < 4; ++i) {
            ASSERT_TRUE((*env)->update([&](store::Writer &writer) -> base::Result<void> {
                KITH_LET(row, mint_origin(writer, UINT32_MAX, "till 1", 5));
                EXPECT_TRUE(seen.insert(row.origin).second);
                EXPECT_NE(row.origin, 0u);
                return writer.put(store::Table::origins, index::by_number(row.origin), row.payload);
            }));
        }
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kith::feed
