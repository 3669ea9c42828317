/**
 * @file values.h
 * Times, amounts and hashes as text, as kith reads and writes them: for hosts that import or print.
 */
#ifndef KITH_VALUES_H
#define KITH_VALUES_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Reads an ISO 8601 time or date ("2026-01-31", "20260131", "2026-01-31 09:30:00", "...Z",
 * "...+02:00"). Without zone or offset it is wall time in `zone` (IANA name; absent: UTC); a date
 * alone is its first instant. [any thread] KITH_OK or KITH_E_ARGUMENT. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_time_parse(const char *text, size_t text_size, const char *zone,
                                                    size_t zone_size, kith_time *out_time, kith_error *error);

/**
 * Writes a time as "2026-01-31T09:30:00Z" into `buffer`, NUL-terminated; 32 bytes are enough.
 * Returns the length without NUL, 0 if the buffer is too small or the time out of range.
 * [any thread] Since 0.1.
 */
KITH_API size_t kith_time_format(kith_time time, char *buffer, size_t buffer_size);

/**
 * Reads decimal text ("12", "-0.50") as a number scaled by 10^digits. More decimals than that are
 * refused unless they are zeros. [any thread] KITH_OK; KITH_E_ARGUMENT; KITH_E_LIMIT (too large).
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_decimal_parse(const char *text, size_t text_size, uint32_t digits,
                                                       int64_t *out_scaled, kith_error *error);

/**
 * Writes a number scaled by 10^digits as decimal text, NUL-terminated; 32 bytes are enough. Returns
 * the length without NUL, 0 if the buffer is too small. [any thread] Since 0.1.
 */
KITH_API size_t kith_decimal_format(int64_t scaled, uint32_t digits, char *buffer, size_t buffer_size);

/**
 * quantity * unit_price (both scaled by KITH_DECIMAL_ONE) in minor units of a currency with
 * `minor_digits`, rounded half to even. [any thread] KITH_OK or KITH_E_LIMIT. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_line_amount(int64_t quantity, int64_t unit_price,
                                                     uint32_t minor_digits, int64_t *out_amount,
                                                     kith_error *error);

/**
 * A 128-bit hash (XXH3) of bytes, as 32 hexadecimal digits and a NUL: for host keys of records that
 * have none. The same for ever and on every machine. [any thread] Since 0.1.
 */
KITH_API void kith_hash_text(const char *bytes, size_t size, char out_hex[33]);

#ifdef __cplusplus
}
#endif
#endif
