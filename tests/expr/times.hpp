// A text so many times.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kith::expr {

inline std::string times(std::size_t n, std::string_view text) {
    std::string out;
    out.reserve(n * text.size());
    while (n-- > 0) out += text;
    return out;
}

}  // namespace kith::expr
