#include <kith/values.h>

#include <cstring>

#include "base/hash.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "capi/guard.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

constexpr std::uint32_t kDigitsMax = 18;  // 10^18 is the largest power of ten in an int64

base::Result<void> check_digits(std::uint32_t digits) {
    if (digits <= kDigitsMax) return {};
    return base::fail(base::Status::argument,
                      "too many decimal places: give 0 to " + std::to_string(kDigitsMax));
}

// An import parses one time a row, all in one zone; finding a zone by name costs more than the rest, and a
// Zone belongs to one thread. So each thread keeps the last one it used.
base::Result<const base::Zone *> zone_of(std::string_view name) {
    thread_local base::Zone last = base::Zone::utc();
    if (last.name() != name) {
        KITH_LET(found, base::Zone::find(name));
        last = std::move(found);
    }
    return static_cast<const base::Zone *>(&last);
}

std::size_t text_out(const std::string &text, char *buffer, std::size_t buffer_size) {
    if (!buffer || text.size() >= buffer_size) return 0;
    std::memcpy(buffer, text.c_str(), text.size() + 1);
    return text.size();
}

}  // namespace

extern "C" {

kith_status kith_time_parse(const char *text, size_t text_size, const char *zone, size_t zone_size,
                            kith_time *out_time, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_time, "out_time"));
        KITH_LET(written, required_in(text, text_size, KITH_MAX_NAME_BYTES, "text"));
        KITH_LET(zone_name, text_in(zone, zone_size, KITH_MAX_NAME_BYTES, "zone"));
        KITH_LET(in_zone, zone_of(zone_name.empty() ? "UTC" : zone_name));
        KITH_LET(time, base::parse_time(written, *in_zone));
        *out_time = time;
        return kOk;
    });
}

size_t kith_time_format(kith_time time, char *buffer, size_t buffer_size) {
    if (buffer && buffer_size) buffer[0] = '\0';
    if (time < KITH_MIN_TIME || time > KITH_MAX_TIME) return 0;
    return guard_value(std::size_t{0},
                       [&] { return text_out(base::format_time(time), buffer, buffer_size); });
}

kith_status kith_decimal_parse(const char *text, size_t text_size, uint32_t digits, int64_t *out_scaled,
                               kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_scaled, "out_scaled"));
        KITH_TRY(check_digits(digits));
        KITH_LET(written, required_in(text, text_size, KITH_MAX_NAME_BYTES, "text"));
        KITH_LET(scaled, base::parse_decimal(written, static_cast<int>(digits)));
        *out_scaled = scaled;
        return kOk;
    });
}

size_t kith_decimal_format(int64_t scaled, uint32_t digits, char *buffer, size_t buffer_size) {
    if (buffer && buffer_size) buffer[0] = '\0';
    if (digits > kDigitsMax) return 0;
    return guard_value(std::size_t{0}, [&] {
        return text_out(base::format_decimal(scaled, static_cast<int>(digits)), buffer, buffer_size);
    });
}

kith_status kith_line_amount(int64_t quantity, int64_t unit_price, uint32_t minor_digits, int64_t *out_amount,
                             kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_amount, "out_amount"));
        KITH_TRY(check_digits(minor_digits));
        const auto amount = base::line_amount(quantity, unit_price, static_cast<int>(minor_digits));
        if (!amount)
            return base::fail(base::Status::limit, "the amount is too large: at most 9*10^17 minor units");
        *out_amount = *amount;
        return kOk;
    });
}

void kith_hash_text(const char *bytes, size_t size, char out_hex[33]) {
    if (!out_hex) return;
    out_hex[0] = '\0';
    guard_value(std::size_t{0}, [&] {
        const std::size_t length = !bytes ? 0 : size == KITH_NTS ? std::strlen(bytes) : size;
        return text_out(base::to_hex(base::hash128(base::bytes_of({bytes, length}))), out_hex, 33);
    });
}
}
