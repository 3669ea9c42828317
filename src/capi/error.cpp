#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "capi/guard.hpp"
#include "capi/structs.hpp"

namespace kith::capi {

using base::Status;

#define KITH_SAME_STATUS(name, constant) static_assert(static_cast<int>(Status::name) == constant)
KITH_SAME_STATUS(ok, KITH_OK);
KITH_SAME_STATUS(not_found, KITH_NOT_FOUND);
KITH_SAME_STATUS(missing, KITH_E_MISSING);
KITH_SAME_STATUS(end, KITH_END);
KITH_SAME_STATUS(unchanged, KITH_UNCHANGED);
KITH_SAME_STATUS(more, KITH_MORE);
KITH_SAME_STATUS(argument, KITH_E_ARGUMENT);
KITH_SAME_STATUS(state, KITH_E_STATE);
KITH_SAME_STATUS(closed, KITH_E_CLOSED);
KITH_SAME_STATUS(busy, KITH_E_BUSY);
KITH_SAME_STATUS(timeout, KITH_E_TIMEOUT);
KITH_SAME_STATUS(cancelled, KITH_E_CANCELLED);
KITH_SAME_STATUS(conflict, KITH_E_CONFLICT);
KITH_SAME_STATUS(exists, KITH_E_EXISTS);
KITH_SAME_STATUS(rule, KITH_E_RULE);
KITH_SAME_STATUS(limit, KITH_E_LIMIT);
KITH_SAME_STATUS(full, KITH_E_FULL);
KITH_SAME_STATUS(io, KITH_E_IO);
KITH_SAME_STATUS(corrupt, KITH_E_CORRUPT);
KITH_SAME_STATUS(format, KITH_E_FORMAT);
KITH_SAME_STATUS(format_newer, KITH_E_FORMAT_NEWER);
KITH_SAME_STATUS(permission, KITH_E_PERMISSION);
KITH_SAME_STATUS(feed_gap, KITH_E_FEED_GAP);
KITH_SAME_STATUS(nomem, KITH_E_NOMEM);
KITH_SAME_STATUS(unsupported, KITH_E_UNSUPPORTED);
KITH_SAME_STATUS(internal, KITH_E_INTERNAL);
#undef KITH_SAME_STATUS
static_assert(base::kNoItem == UINT32_MAX);

namespace {

void write(kith_error *out, kith_error &filled, std::string_view message) noexcept {
    std::uint32_t size = 0;
    if (out) std::memcpy(&size, out, sizeof size);
    if (size < kFirstSize<kith_error> || size > kStructSizeMax) return;
    filled.struct_size = size;
    const auto text = base::truncate(message, sizeof filled.message - 1);
    std::memcpy(filled.message, text.data(), text.size());
    std::memcpy(out, &filled, std::min<std::size_t>(size, sizeof filled));
}

}  // namespace

void write_error(kith_error *out, Status status, std::string_view message) noexcept {
    kith_error filled{};
    filled.status = static_cast<kith_status>(status);
    filled.item = base::kNoItem;
    write(out, filled, message);
}

void write_error(kith_error *out, const base::Error &error) noexcept {
    kith_error filled{};
    filled.status = static_cast<kith_status>(error.status);
    filled.detail = error.detail;
    filled.os_code = error.os_code;
    filled.field = error.field;
    filled.item = error.item;
    write(out, filled, error.message);
}

}  // namespace kith::capi

extern "C" const char *kith_status_name(kith_status status) {
    switch (status) {
        case KITH_OK:
            return "KITH_OK";
        case KITH_NOT_FOUND:
            return "KITH_NOT_FOUND";
        case KITH_E_MISSING:
            return "KITH_E_MISSING";
        case KITH_END:
            return "KITH_END";
        case KITH_UNCHANGED:
            return "KITH_UNCHANGED";
        case KITH_MORE:
            return "KITH_MORE";
        case KITH_E_ARGUMENT:
            return "KITH_E_ARGUMENT";
        case KITH_E_STATE:
            return "KITH_E_STATE";
        case KITH_E_CLOSED:
            return "KITH_E_CLOSED";
        case KITH_E_BUSY:
            return "KITH_E_BUSY";
        case KITH_E_TIMEOUT:
            return "KITH_E_TIMEOUT";
        case KITH_E_CANCELLED:
            return "KITH_E_CANCELLED";
        case KITH_E_CONFLICT:
            return "KITH_E_CONFLICT";
        case KITH_E_EXISTS:
            return "KITH_E_EXISTS";
        case KITH_E_RULE:
            return "KITH_E_RULE";
        case KITH_E_LIMIT:
            return "KITH_E_LIMIT";
        case KITH_E_FULL:
            return "KITH_E_FULL";
        case KITH_E_IO:
            return "KITH_E_IO";
        case KITH_E_CORRUPT:
            return "KITH_E_CORRUPT";
        case KITH_E_FORMAT:
            return "KITH_E_FORMAT";
        case KITH_E_FORMAT_NEWER:
            return "KITH_E_FORMAT_NEWER";
        case KITH_E_PERMISSION:
            return "KITH_E_PERMISSION";
        case KITH_E_FEED_GAP:
            return "KITH_E_FEED_GAP";
        case KITH_E_NOMEM:
            return "KITH_E_NOMEM";
        case KITH_E_UNSUPPORTED:
            return "KITH_E_UNSUPPORTED";
        case KITH_E_INTERNAL:
            return "KITH_E_INTERNAL";
        default:
            return "unknown status";
    }
}
