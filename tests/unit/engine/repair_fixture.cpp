#include "unit/engine/repair_fixture.hpp"

namespace kith::engine {

void RepairTest::destroy_pages(std::size_t first, std::size_t step, unsigned ways) {
    std::string bytes;
    {
        std::ifstream in(path("shop.kith"), std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    const auto records = [](const Rows &rows) {
        Rows out;
        for (const auto &row : rows)
            if (!is_derived(row.first) && row.first.first != Table::meta &&
                row.first.first != Table::origins && row.first.first != Table::feed)
                out.insert(row);
        return out;
    };
    const auto whole = records(rows_);
    std::size_t unharmed = 0, saved = 0, with_losses = 0, nothing = 0, rows_lost = 0;
    for (std::size_t trial = first; trial < bytes.size() / kPage * ways; trial += step) {
        const auto page = trial % (bytes.size() / kPage), way = (trial / (bytes.size() / kPage) + page) % 3;
        SCOPED_TRACE("page " + std::to_string(page) + " way " + std::to_string(way));
        auto damaged = bytes;
        const auto at = damaged.begin() + static_cast<std::ptrdiff_t>(page * kPage);
        if (way == 0) {
            std::fill_n(at, kPage, '\0');
        } else if (way == 1) {
            std::generate_n(at, kPage, [&] { return static_cast<char>(random_()); });
        } else {  // a few bits
            for (int i = 0; i < 8; ++i)
                at[static_cast<std::ptrdiff_t>(random_() % kPage)] ^= static_cast<char>(1u << random_() % 8);
        }
        // Rows whose bytes stand nowhere else can be lost: those on the page, and none besides.
        const std::string gone = bytes.substr(page * kPage, kPage);
        std::ofstream(path("bad.kith"), std::ios::binary) << damaged;
        auto done = salvaged("bad.kith", "new.kith");
        std::ifstream kept(path("bad.kith"), std::ios::binary);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(kept), {}), damaged)
            << "the original is not touched";
        if (!done) {
            ++nothing;
            ADD_FAILURE() << done.error().message;
            continue;
        }
        EXPECT_EQ(done->left, 0u) << list(*done);
        Rows found;
        {
            auto store = open("new.kith");
            expect_sound(*store);
            found = records(rows(*store));
            if (done->lost == 0) {
                EXPECT_TRUE(facts(*store) == facts_);
            }
        }
        std::size_t lost = 0;
        for (const auto &[place, payload] : whole) {
            const auto row = found.find(place);
            if (row != found.end() && row->second == payload) continue;
            ++lost;
            // Its key, a part of a value with pages of its own, or the fact to which it belongs.
            const bool own =
                payload.size() > kPage / 2 && payload.find(gone.substr(1000, 100)) != std::string::npos;
            const auto fact = place.first == Table::personal ? place.second.substr(24) : place.second;
            EXPECT_TRUE(own || gone.find(fact) != std::string::npos)
                << store::table_name(place.first) << " was not on the page";
        }
        for (const auto &[place, payload] : found)
            EXPECT_TRUE(whole.contains(place)) << store::table_name(place.first) << " came from nowhere";
        rows_lost += lost;
        if (lost > 0) {
            EXPECT_GT(done->lost, 0u);
        }
        ++(lost > 0 ? with_losses : done->mended > 0 ? saved : unharmed);
        for (const char *name : {"bad.kith", "new.kith"}) std::filesystem::remove(path(name));
    }
    std::printf(
        "%zu destroyed pages: %zu old or free, %zu of derived rows or with an old copy, %zu with losses (%zu "
        "records), "
        "%zu beyond saving\n",
        unharmed + saved + with_losses + nothing, unharmed, saved, with_losses, rows_lost, nothing);
    EXPECT_GT(with_losses, 3u);
}

}  // namespace kith::engine
