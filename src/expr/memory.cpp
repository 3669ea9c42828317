#include "expr/memory.hpp"

#include <algorithm>
#include <cstring>

namespace kith::expr {

namespace {

constexpr std::uint32_t kFirstRoom = 8;

// A larger array that begins with what was in `old`; the old one stays in the arena until it is cleared.
Value *regrown(Memory &memory, const Value *old, std::uint32_t count, std::uint32_t room) {
    auto *items = memory.array<Value>(room);
    if (items != nullptr && count > 0) std::memcpy(static_cast<void *>(items), old, count * sizeof(Value));
    return items;
}

}  // namespace

bool ListBuilder::reserve(std::uint32_t room) {
    if (room <= room_) return true;
    auto *items = regrown(memory_, items_, count_, room);
    if (items == nullptr) return false;
    items_ = items;
    room_ = room;
    return true;
}

bool ListBuilder::grow() { return room_ <= UINT32_MAX / 2 && reserve(std::max(kFirstRoom, room_ * 2)); }

Value MapBuilder::add(const Value &key, const Value &value) {
    if (!key.is(Kind::boolean) && !key.is(Kind::int_) && !key.is(Kind::uint_) && !key.is(Kind::string))
        return fail(Code::key_type, "a key of a map is a bool, an int, a uint or a string");
    if (view_.find(key) != nullptr) return fail(Code::dup_key, "a map has each key once");
    if (view_.count == room_ && !grow()) return out_of_memory();
    keys_[view_.count] = key;
    values_[view_.count] = value;
    ++view_.count;
    if (view_.slots != 0) put(view_.count);
    return {};
}

Value MapBuilder::map() {
    auto *view = memory_.array<MapView>(1);
    if (view == nullptr) return out_of_memory();
    *view = view_;
    return of_map(view);
}

// At most half of the slots are in use.
bool MapBuilder::grow() {
    static_assert(kFirstRoom == MapView::kIndexFrom);
    if (room_ > UINT32_MAX / 8) return false;
    const auto room = std::max(kFirstRoom, room_ * 2);
    auto *keys = regrown(memory_, keys_, view_.count, room);
    auto *values = keys == nullptr ? nullptr : regrown(memory_, values_, view_.count, room);
    if (values == nullptr) return false;
    if (room > MapView::kIndexFrom) {
        const auto slots = room * 2;
        auto *index = memory_.array<std::uint32_t>(slots);
        if (index == nullptr) return false;
        std::fill_n(index, slots, 0);
        view_.index = index_ = index;
        view_.slots = slots;
    }
    view_.keys = keys_ = keys;
    view_.values = values_ = values;
    room_ = room;
    if (view_.slots != 0) {
        for (std::uint32_t place = 1; place <= view_.count; ++place) put(place);
    }
    return true;
}

void MapBuilder::put(std::uint32_t place) {
    auto slot = hash(keys_[place - 1]);
    while (index_[slot & (view_.slots - 1)] != 0) ++slot;
    index_[slot & (view_.slots - 1)] = place;
}

}  // namespace kith::expr
