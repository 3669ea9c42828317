// A hash table over entries that are numbered and stand elsewhere: four bytes a place, no copies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace kith::cli {

inline constexpr std::uint32_t kNoEntry = UINT32_MAX;

class HashIndex {
public:
    static std::uint32_t hash(std::string_view bytes) {
        const std::size_t wide = std::hash<std::string_view>{}(bytes);
        return static_cast<std::uint32_t>(wide ^ (wide >> 32));
    }

    // The place of the entry with this hash for which equal(entry) holds; kNoEntry stands in it if there
    // is none. Valid until the next call.
    template <typename Equal>
    std::uint32_t &place(std::uint32_t hash, Equal equal) {
        if ((hashes_.size() + 1) * 2 > places_.size()) grow();
        std::size_t i = hash & mask();
        while (places_[i] != kNoEntry && !(hashes_[places_[i]] == hash && equal(places_[i])))
            i = (i + 1) & mask();
        return places_[i];
    }

    // The next entry's hash.
    void add(std::uint32_t hash) { hashes_.push_back(hash); }

private:
    std::size_t mask() const { return places_.size() - 1; }

    void grow() {
        std::vector<std::uint32_t> old(std::max<std::size_t>(1024, places_.size() * 2), kNoEntry);
        old.swap(places_);
        for (const std::uint32_t entry : old) {
            if (entry == kNoEntry) continue;
            std::size_t i = hashes_[entry] & mask();
            while (places_[i] != kNoEntry) i = (i + 1) & mask();
            places_[i] = entry;
        }
    }

    std::vector<std::uint32_t> places_;
    std::vector<std::uint32_t> hashes_;
};

}  // namespace kith::cli
