// Text from the host: measured within a bound, and refused by its length before a byte of it is read.
#pragma once

#include <kith/base.h>

#include <cstring>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text.hpp"

namespace kith::capi {

// A view of what the host gave, absent (null) or not. For the engine, which checks it against its field.
inline base::Result<std::string_view> view_in(const char *data, std::size_t size, const char *name,
                                              std::size_t size_max = KITH_MAX_BATCH_BYTES) {
    if (!data) {
        if (size == 0) return std::string_view();
        return base::fail(base::Status::argument,
                          std::string(name) + " is NULL with a length: give NULL and 0, or text");
    }
    return std::string_view(data, size == KITH_NTS ? ::strnlen(data, size_max + 1) : size);
}

inline base::Result<std::string_view> view_in(const kith_str &text, const char *name) {
    return view_in(text.data, text.size, name);
}

// The same, checked here: of at most `size_max` bytes, valid UTF-8, without zero bytes.
inline base::Result<std::string_view> text_in(const char *data, std::size_t size, std::size_t size_max,
                                              const char *name) {
    KITH_LET(text, view_in(data, size, name, size_max));
    if (text.size() > size_max) {
        return base::fail(base::Status::limit,
                          std::string(name) + " is too long: at most " + std::to_string(size_max) + " bytes");
    }
    if (text.find('\0') != std::string_view::npos || !base::valid_utf8(text)) {
        return base::fail(base::Status::argument,
                          std::string(name) + " is not valid UTF-8 text: convert it first");
    }
    return text;
}

inline base::Result<std::string_view> text_in(const kith_str &text, std::size_t size_max, const char *name) {
    return text_in(text.data, text.size, size_max, name);
}

// The same, not empty.
inline base::Result<std::string_view> required_in(const char *data, std::size_t size, std::size_t size_max,
                                                  const char *name) {
    KITH_LET(text, text_in(data, size, size_max, name));
    if (!text.empty()) return text;
    return base::fail(base::Status::argument, std::string(name) + " is missing: give it");
}

inline kith_str str_out(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace kith::capi
