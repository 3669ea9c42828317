// A store in a directory of its own, with a clock that stands and ids from a seed.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "engine/export.hpp"
#include "engine/reads.hpp"
#include "engine/store.hpp"
#include "engine/verify.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

inline std::string shared_folder() {
    const char *named = getenv("KITH_SHARED");
    return named ? named : KITH_SHARED_DIR;
}

class EngineTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "kith-engine-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<Store> open(const std::string &name, const std::string &zone = "UTC",
                                std::string_view currency = "USD") {
        OpenOptions options;
        options.file.create = true;
        options.file.durability = store::Durability::relaxed;
        options.file.snapshot_age_ms_max = UINT64_MAX;
        options.config.time_zone = zone;
        options.config.currency = *base::Currency::parse(currency);
        options.now = [this] { return now_; };
        options.random = [this](std::span<std::byte> out) {
            for (auto &byte : out) byte = static_cast<std::byte>(random_());
        };
        auto store = Store::open((folder_ / name).string(), std::move(options));
        if (!store) {
            ADD_FAILURE() << store.error().message;
            return nullptr;
        }
        return std::move(*store);
    }

    static InteractionItem order(std::string_view party, base::Micros at, std::int64_t amount,
                                 std::string_view key = {}) {
        InteractionItem item;
        item.ref.by = Ref::By::host;
        item.ref.kind = "shop";
        item.ref.text = party;
        item.flags.create = true;
        item.type = "order";
        item.at = at;
        item.amount = amount;
        if (key.data()) {
            item.system = "shop";
            item.host_key = key;
        }
        return item;
    }

    static void commit(Store &store, Batch &batch) {
        auto done = store.commit(batch);
        ASSERT_TRUE(done) << done.error().message << " (item " << done.error().item << ")";
    }

    static base::Id find(Store &store, std::string_view party) {
        auto snapshot = store.snapshot();
        Ref ref;
        ref.by = Ref::By::host;
        ref.kind = "shop";
        ref.text = party;
        auto found = Reads(**snapshot).find(ref);
        EXPECT_TRUE(found && *found) << "no party of this key";
        return found && *found ? **found : base::Id();
    }

    // All of a party's, by id; they view the snapshot.
    static std::vector<model::Commitment> commitments_of(const Snapshot &snapshot, const base::Id &party) {
        std::vector<model::Commitment> found;
        auto cursor = *snapshot.reader().cursor(store::Table::rows);
        const auto prefix = index::row(party, index::Tag::commitment);
        for (auto more = *cursor.seek(prefix); more && index::starts_with(cursor.key(), prefix);
             more = *cursor.next()) {
            found.push_back(record::decode_commitment(party, base::Id::from(cursor.key().subspan(24, 16)),
                                                      cursor.value()->payload));
        }
        return found;
    }

    static void expect_sound(Store &store) {
        auto snapshot = store.snapshot();
        ASSERT_TRUE(snapshot);
        auto report = verify(**snapshot, {});
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->problems.count, 0u);
        const auto &columns = report->problems.listed.columns;
        for (std::size_t i = 0; i < columns[0].texts.size() && i < 5; ++i) {
            ADD_FAILURE() << columns[0].texts[i] << " " << columns[1].texts[i] << ": " << columns[2].texts[i];
        }
    }

    static std::string facts(Store &store) { return exported(store, true); }
    static std::string exported(Store &store, bool facts_only = false) {
        auto snapshot = store.snapshot();
        Export lines(**snapshot, facts_only);
        std::string all;
        while (true) {
            auto piece = lines.next();
            EXPECT_TRUE(piece);
            if (!piece || !*piece) return all;
            all += **piece;
        }
    }

    std::filesystem::path folder_;
    base::Micros now_ = 1'700'000'000'000'000;
    std::mt19937_64 random_{1};
};

inline base::Micros day(std::int64_t n) { return n * base::kDay; }

}  // namespace kith::engine
