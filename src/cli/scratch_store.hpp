// A kith file that is gone with its owner, whose clock stands where it is set.
#pragma once

#include <string>

#include "cli/handles.hpp"

namespace kith::cli {

class ScratchStore {
public:
    explicit ScratchStore(const std::string &currency);
    ~ScratchStore();
    ScratchStore(const ScratchStore &) = delete;
    ScratchStore &operator=(const ScratchStore &) = delete;

    const Store &store() const { return store_; }
    const std::string &currency() const { return currency_; }
    std::uint32_t minor_digits() const { return minor_digits_; }
    kith_time now() const { return now_; }
    void set_now(kith_time now) { now_ = now; }

private:
    static std::int64_t read_clock(std::uintptr_t self) {
        return reinterpret_cast<const ScratchStore *>(self)->now_;
    }

    std::string folder_, currency_;
    kith_time now_ = 0;
    std::uint32_t minor_digits_ = 2;
    Store store_;
};

}  // namespace kith::cli
