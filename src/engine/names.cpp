#include "engine/names.hpp"

#include <cstring>
#include <mutex>
#include <new>

#include "index/keys.hpp"

namespace kith::engine {

using store::Table;

base::Result<std::optional<model::Name>> Names::find(const store::Reader &reader, std::string_view text) {
    if (text.empty()) return std::optional<model::Name>(0);
    {
        const std::shared_lock lock(mutex_);
        if (const auto it = codes_.find(text); it != codes_.end()) return std::optional(it->second);
    }
    KITH_LET(row, reader.get(Table::names, index::name_text(text)));
    if (!row) return std::optional<model::Name>();
    model::Name name = 0;
    if (row->payload.size() < sizeof name)
        return base::fail(base::Status::corrupt, "a row of table names is too short");
    std::memcpy(&name, row->payload.data(), sizeof name);
    publish(text, name);
    return std::optional(name);
}

base::Result<std::string_view> Names::text(const store::Reader &reader, model::Name name) {
    if (name == 0) return std::string_view();
    {
        const std::shared_lock lock(mutex_);
        if (name < by_code_.size() && by_code_[name]) return std::string_view(*by_code_[name]);
    }
    KITH_LET(row, reader.get(Table::names, index::name_code(name)));
    if (!row) return base::fail(base::Status::corrupt, "a name's row is missing: run kith verify");
    publish(base::text_of(row->payload), name);
    const std::shared_lock lock(mutex_);
    return std::string_view(*by_code_[name]);
}

void Names::publish(std::string_view text, model::Name name) {
    const std::unique_lock lock(mutex_);
    if (by_code_.size() <= name) by_code_.resize(name + 1);
    if (by_code_[name]) return;
    const auto &kept = texts_.emplace_back(text);
    by_code_[name] = &kept;
    codes_.emplace(kept, name);
}

void Names::remember(std::string_view text, model::Name name) noexcept {
    try {
        publish(text, name);
    } catch (const std::bad_alloc &) {
    }
}

}  // namespace kith::engine
