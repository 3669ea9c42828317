// What one evaluation allocates: pieces of an arena with a bound, freed at once. Reused, it does not
// allocate when warm.
#pragma once

#include "base/arena.hpp"
#include "expr/limits.hpp"
#include "expr/value.hpp"

#include <memory>
#include <vector>

namespace kith::expr {

// Reads a lazy list from its start to its end.
class Iterator {
public:
    virtual ~Iterator() = default;
    // False at the end. An element of kind error ends the list with that error.
    virtual bool next(Value &out) = 0;
};

class Memory {
public:
    explicit Memory(std::uint32_t limit = kMemoryMax) : limit_(limit), arena_(16 * 1024) {}

    // Null when the bound is reached: answer with out_of_memory().
    std::byte *allocate(std::size_t size) {
        if (arena_.used() > limit_ || size > limit_ - arena_.used()) return nullptr;
        return arena_.allocate(size);
    }
    template <class T>
    T *array(std::size_t count) {
        static_assert(alignof(T) <= 8);
        return count > limit_ / sizeof(T) ? nullptr : reinterpret_cast<T *>(allocate(count * sizeof(T)));
    }
    // Keeps an iterator until clear().
    Iterator *own(std::unique_ptr<Iterator> iterator) {
        iterators_.push_back(std::move(iterator));
        return iterators_.back().get();
    }
    void clear() {
        iterators_.clear();
        arena_.clear();
    }
    std::size_t used() const { return arena_.used(); }
    std::uint32_t limit() const { return limit_; }

private:
    std::uint32_t limit_;
    base::Arena arena_;
    std::vector<std::unique_ptr<Iterator>> iterators_;
};

inline Value out_of_memory() {
    return fail(Code::memory, "the expression needs more memory than it may use");
}

// A list that grows at its end.
class ListBuilder {
public:
    explicit ListBuilder(Memory &memory) : memory_(memory) {}
    bool add(const Value &value) {  // false: out of memory
        if (count_ == room_ && !grow()) return false;
        items_[count_++] = value;
        return true;
    }
    bool reserve(std::uint32_t room);
    std::uint32_t count() const { return count_; }
    Value *items() { return items_; }
    Value list() const { return of_list(items_, count_); }

private:
    bool grow();
    Memory &memory_;
    Value *items_ = nullptr;
    std::uint32_t count_ = 0, room_ = 0;
};

// Builds a map; a key that is no bool, int, uint or string is Code::key_type, a repeated one Code::dup_key.
class MapBuilder {
public:
    explicit MapBuilder(Memory &memory) : memory_(memory) {}
    Value add(const Value &key, const Value &value);  // null, or the error
    Value map();                                      // the map, or out_of_memory()

private:
    bool grow();
    void put(std::uint32_t place);  // into the index
    Memory &memory_;
    MapView view_;  // of the arrays below
    Value *keys_ = nullptr, *values_ = nullptr;
    std::uint32_t *index_ = nullptr;
    std::uint32_t room_ = 0;
};

}  // namespace kith::expr
