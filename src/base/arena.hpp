// Memory handed out piece by piece and freed at once.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace kith::base {

class Arena {
public:
    explicit Arena(std::size_t block_size = 64 * 1024) : block_size_(block_size) {}

    // 8-aligned, not initialised.
    std::byte *allocate(std::size_t size) {
        size = round_up_8(size);
        if (size > free_) grow(size);
        auto *piece = next_;
        next_ += size;
        free_ -= size;
        used_ += size;
        return piece;
    }

    // A copy that is also NUL-terminated. Null stays null: absent is not empty.
    std::string_view copy(std::string_view text) {
        if (!text.data()) return {};
        auto *piece = reinterpret_cast<char *>(allocate(text.size() + 1));
        if (!text.empty()) std::memcpy(piece, text.data(), text.size());
        piece[text.size()] = '\0';
        return {piece, text.size()};
    }

    Bytes copy(Bytes bytes) {
        auto *piece = allocate(bytes.size());
        if (!bytes.empty()) std::memcpy(piece, bytes.data(), bytes.size());
        return {piece, bytes.size()};
    }

    template <class T>
        requires std::is_trivially_destructible_v<T> std::span<T> array(std::size_t count) {
            auto *first = reinterpret_cast<T *>(allocate(count * sizeof(T)));
            std::uninitialized_value_construct_n(first, count);
            return {first, count};
        }

    // Everything given out is void; the first block is kept for reuse.
    void clear() {
        if (blocks_.size() > 1) blocks_.resize(1);
        next_ = blocks_.empty() ? nullptr : blocks_[0].memory.get();
        free_ = blocks_.empty() ? 0 : blocks_[0].size;
        used_ = 0;
    }

    std::size_t used() const { return used_; }

private:
    struct Block {
        std::unique_ptr<std::byte[]> memory;
        std::size_t size;
    };

    void grow(std::size_t size) {
        const auto block = size > block_size_ ? size : block_size_;
        blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(block), block});
        next_ = blocks_.back().memory.get();
        free_ = block;
    }

    std::size_t block_size_;
    std::vector<Block> blocks_;
    std::byte *next_ = nullptr;
    std::size_t free_ = 0, used_ = 0;
};

}  // namespace kith::base
