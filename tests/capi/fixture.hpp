// What the tests of the C ABI share: a scratch folder, a store under an injected clock, short ways to make
// references and interactions, and the check that every handle was freed.
#pragma once

#include <gtest/gtest.h>
#include <kith/kith.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kith_test {

inline constexpr kith_time kNow = 1'700'000'000'000'000;
inline constexpr kith_time kDay = 86'400'000'000;

template <class T>
T make() {
    T out{};
    out.struct_size = sizeof out;
    return out;
}

inline kith_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string text_of(kith_str text) {
    return text.data ? std::string(text.data, text.size) : "(absent)";
}

inline kith_ref host(std::string_view system, std::string_view key) {
    kith_ref ref{};
    ref.by = KITH_REF_HOST;
    ref.kind = str(system);
    ref.value = str(key);
    return ref;
}

inline kith_ref identifier(std::string_view kind, std::string_view value) {
    auto ref = host(kind, value);
    ref.by = KITH_REF_IDENTIFIER;
    return ref;
}

inline kith_ref item(std::uint32_t index) {
    kith_ref ref{};
    ref.by = KITH_REF_ITEM;
    ref.item = index;
    return ref;
}

inline kith_interaction order(std::string_view key, kith_time at, std::int64_t amount) {
    auto out = make<kith_interaction>();
    out.type = str("order");
    out.system = str("shop");
    out.key = str(key);
    out.at = at;
    out.amount = amount;
    out.fields = KITH_INTERACTION_FIELD_AMOUNT;
    return out;
}

// The injected clock stands still; the injected random bytes count up.
struct World {
    kith_time now = kNow;
    std::atomic<std::uint8_t> next = 0;  // commits come from any thread
    static int64_t clock(uintptr_t self) { return reinterpret_cast<World *>(self)->now; }
    static void random(uintptr_t self, uint8_t *out, size_t size) {
        for (std::size_t i = 0; i < size; ++i) out[i] = reinterpret_cast<World *>(self)->next++;
    }
    kith_open_options options() {
        auto out = make<kith_open_options>();
        out.flags = KITH_OPEN_CREATE;
        out.durability = KITH_DURABILITY_RELAXED;
        out.map_reserve_bytes = 256 << 20;
        out.now = clock;
        out.random = random;
        out.user_data = reinterpret_cast<uintptr_t>(this);
        return out;
    }
};

class Capi : public ::testing::Test {
protected:
    Capi() {
        std::string pattern = (std::filesystem::temp_directory_path() / "kith-capi-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        store = open("base.kith");
        batch = new_batch(store);
    }
    ~Capi() override {
        kith_snapshot_end(snapshot_);
        kith_batch_free(batch);
        kith_store_close(store);
        EXPECT_EQ(kith_debug_live_handles(), 0);
        std::filesystem::remove_all(folder_);
    }

    std::string path(const std::string &name) const { return folder_ / name; }

    kith_store *open(const std::string &name) { return open(name, world.options()); }
    kith_store *open(const std::string &name, const kith_open_options &options) {
        kith_store *out = nullptr;
        EXPECT_EQ(kith_store_open(path(name).c_str(), KITH_NTS, &options, &out, &error), KITH_OK)
            << error.message;
        return out;
    }

    kith_batch *new_batch(kith_store *of) {
        kith_batch *out = nullptr;
        EXPECT_EQ(kith_batch_new(of, &out, &error), KITH_OK) << error.message;
        return out;
    }

    // A snapshot of now, ended by the fixture.
    kith_snapshot *fresh() {
        if (snapshot_) {
            EXPECT_EQ(kith_snapshot_renew(snapshot_, &error), KITH_OK) << error.message;
        } else {
            EXPECT_EQ(kith_snapshot_begin(store, &snapshot_, &error), KITH_OK) << error.message;
        }
        return snapshot_;
    }

    kith_status append(const kith_ref &ref, const kith_interaction &interaction,
                       std::uint32_t flags = KITH_ITEM_CREATE) {
        return kith_interaction_append(batch, &ref, flags, &interaction, nullptr, &error);
    }

    // Commits and empties the batch.
    kith_status commit() {
        info = make<kith_commit_info>();
        const auto status = kith_batch_commit(batch, &info, &error);
        outcomes.clear();
        for (std::uint32_t i = 0; status == KITH_OK && i < kith_batch_count(batch); ++i) {
            outcomes.push_back(make<kith_outcome>());
            EXPECT_EQ(kith_batch_outcome(batch, i, &outcomes.back(), nullptr), KITH_OK);
        }
        kith_batch_clear(batch);
        return status;
    }

    kith_info totals() {
        auto out = make<kith_info>();
        EXPECT_EQ(kith_store_info(fresh(), &out, &error), KITH_OK) << error.message;
        return out;
    }

    std::string exported(kith_store *of, std::uint32_t flags = 0) {
        kith_snapshot *view = nullptr;
        kith_export *lines = nullptr;
        auto options = make<kith_export_options>();
        options.flags = flags;
        EXPECT_EQ(kith_snapshot_begin(of, &view, &error), KITH_OK) << error.message;
        EXPECT_EQ(kith_export_open(view, &options, &lines, &error), KITH_OK) << error.message;
        std::string all;
        kith_str piece{};
        while (kith_export_next(lines, &piece, &error) == KITH_OK) all.append(piece.data, piece.size);
        kith_export_free(lines);
        kith_snapshot_end(view);
        return all;
    }

    World world;
    kith_error error = make<kith_error>();
    kith_store *store = nullptr;
    kith_batch *batch = nullptr;
    kith_commit_info info{};
    std::vector<kith_outcome> outcomes;

private:
    std::filesystem::path folder_;
    kith_snapshot *snapshot_ = nullptr;
};

}  // namespace kith_test
