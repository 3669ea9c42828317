// The dictionary of recurring texts, cached. A committed code means the same text for ever, so
// entries never go stale, whoever added them.
#pragma once

#include <deque>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "model/name.hpp"
#include "store/store.hpp"

namespace kith::engine {

class Names {
public:
    // Both read through to the file. The text lives as long as the cache and is NUL-terminated.
    base::Result<std::optional<model::Name>> find(const store::Reader &reader, std::string_view text);
    base::Result<std::string_view> text(const store::Reader &reader, model::Name name);

    // Remembers a committed entry.
    void publish(std::string_view text, model::Name name);
    // The same after a commit, which must not be said to have failed: without memory it is read when needed.
    void remember(std::string_view text, model::Name name) noexcept;

private:
    std::shared_mutex mutex_;
    std::deque<std::string> texts_;
    std::unordered_map<std::string_view, model::Name> codes_;
    std::vector<const std::string *> by_code_;
};

}  // namespace kith::engine
