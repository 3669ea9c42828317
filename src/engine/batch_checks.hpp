// What can be said of an item without the file.
#pragma once

#include <kith/base.h>

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/ref.hpp"

namespace kith::engine {

inline base::Error wrong(std::uint32_t field, base::Status status, std::string message) {
    auto error = base::fail(status, std::move(message));
    error.field = field;
    return error;
}

inline base::Result<void> check_text(std::string_view text, std::size_t size_max, const char *what,
                                     std::uint32_t field) {
    if (text.size() > size_max) {
        return wrong(field, base::Status::limit,
                     std::string(what) + " is too long: at most " + std::to_string(size_max) + " bytes");
    }
    if (text.find('\0') != std::string_view::npos || !base::valid_utf8(text)) {
        return wrong(field, base::Status::argument,
                     std::string(what) + " is not valid UTF-8 text: convert it first");
    }
    return {};
}

inline base::Result<void> check_name(std::string_view text, const char *what, std::uint32_t field = 0) {
    return check_text(text, KITH_MAX_NAME_BYTES, what, field);
}

inline base::Result<void> check_required(std::string_view text, std::size_t size_max, const char *what,
                                         std::uint32_t field = 0) {
    if (text.empty()) return wrong(field, base::Status::argument, std::string(what) + " is missing");
    return check_text(text, size_max, what, field);
}

inline base::Result<void> check_time(base::Micros at, const char *what, std::uint32_t field = 0) {
    if (at >= base::kMinTime && at <= base::kMaxTime) return {};
    return wrong(field, base::Status::argument,
                 std::string(what) + " is out of range: give microseconds since 1970, years 1 to 9999");
}

inline base::Result<void> check_time(const std::optional<base::Micros> &at, const char *what,
                                     std::uint32_t field = 0) {
    if (at) return check_time(*at, what, field);
    return {};
}

base::Result<void> check_ref(const Ref &ref, const ItemFlags &flags);

}  // namespace kith::engine
