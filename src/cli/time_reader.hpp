// Reads times as text, of which a file has few and repeats them much: the last are remembered.
#pragma once

#include <kith/values.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "cli/hash_index.hpp"

namespace kith::cli {

class TimeReader {
public:
    explicit TimeReader(std::string_view zone) : zone_(zone) {}

    bool read(std::string_view text, kith_time &at) {
        Entry &entry = entries_[HashIndex::hash(text) % entries_.size()];
        if (!text.empty() && text == std::string_view(entry.text.data(), entry.size)) {
            at = entry.at;
            return true;
        }
        if (kith_time_parse(text.data(), text.size(), zone_.data(), zone_.size(), &at, nullptr) != KITH_OK)
            return false;
        if (text.size() <= entry.text.size()) {
            std::memcpy(entry.text.data(), text.data(), text.size());
            entry.size = static_cast<std::uint8_t>(text.size());
            entry.at = at;
        }
        return true;
    }

private:
    struct Entry {
        std::array<char, 31> text{};
        std::uint8_t size = 0;
        kith_time at = 0;
    };

    std::string_view zone_;
    std::vector<Entry> entries_ = std::vector<Entry>(1024);
};

}  // namespace kith::cli
