// The wall around every extern "C" body: errors become a kith_error and a status, exceptions stop here.
#pragma once

#include <kith/error.h>

#include <new>
#include <string_view>

#include "base/result.hpp"

namespace kith::capi {

// What a body returns: a status that is no failure (ok, not_found, end), or an error.
using Done = base::Result<base::Status>;
inline constexpr auto kOk = base::Status::ok;
inline constexpr auto kNotFound = base::Status::not_found;
inline constexpr auto kEnd = base::Status::end;

// Fills `out` if there is one of a plausible size; allocates nothing.
void write_error(kith_error *out, base::Status status, std::string_view message) noexcept;
void write_error(kith_error *out, const base::Error &error) noexcept;

template <class Body>
kith_status guard(kith_error *out, Body body) noexcept {
    auto status = base::Status::internal;
    try {
        const Done done = body();
        if (done) return static_cast<kith_status>(*done);
        write_error(out, done.error());
        return static_cast<kith_status>(done.error().status);
    } catch (const std::bad_alloc &) {
        status = base::Status::nomem;
        write_error(out, status, "out of memory: free some and try again");
    } catch (...) {
        write_error(out, status, "a fault in kith, or an exception from a callback: please report it");
    }
    return static_cast<kith_status>(status);
}

// For calls that return no status: whatever is thrown, `otherwise` is the answer.
template <class Value, class Body>
Value guard_value(Value otherwise, Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return otherwise;
    }
}

}  // namespace kith::capi
