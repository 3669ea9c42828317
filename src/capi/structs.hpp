// The struct_size rule, in the manner of openat2(2). A struct smaller than its first version is a wrong
// argument; one smaller than ours has a tail of zeros; a larger one is accepted if what we do not know is
// zero. Out: what fits is written, the rest of theirs is zero.
#pragma once

#include <kith/kith.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/result.hpp"

namespace kith::capi {

// The size of each struct when it was first released: never to be changed.
template <class T>
inline constexpr std::uint32_t kFirstSize = 0;
template <>
inline constexpr std::uint32_t kFirstSize<kith_column> = 72;
template <>
inline constexpr std::uint32_t kFirstSize<kith_fact> = 32;
template <>
inline constexpr std::uint32_t kFirstSize<kith_rfm_options> = 32;
template <>
inline constexpr std::uint32_t kFirstSize<kith_abc_options> = 24;
template <>
inline constexpr std::uint32_t kFirstSize<kith_cohort_options> = 8;
template <>
inline constexpr std::uint32_t kFirstSize<kith_commit_info> = 72;
template <>
inline constexpr std::uint32_t kFirstSize<kith_outcome> = 64;
template <>
inline constexpr std::uint32_t kFirstSize<kith_query> = 152;
template <>
inline constexpr std::uint32_t kFirstSize<kith_new_commitment> = sizeof(kith_new_commitment);
template <>
inline constexpr std::uint32_t kFirstSize<kith_commitment_changes> = sizeof(kith_commitment_changes);
template <>
inline constexpr std::uint32_t kFirstSize<kith_error> = 256;
template <>
inline constexpr std::uint32_t kFirstSize<kith_interaction> = 392;
template <>
inline constexpr std::uint32_t kFirstSize<kith_party> = 168;
template <>
inline constexpr std::uint32_t kFirstSize<kith_identifier> = 104;
template <>
inline constexpr std::uint32_t kFirstSize<kith_product> = 80;
template <>
inline constexpr std::uint32_t kFirstSize<kith_actor> = 136;
template <>
inline constexpr std::uint32_t kFirstSize<kith_campaign> = 104;
template <>
inline constexpr std::uint32_t kFirstSize<kith_score> = 280;
template <>
inline constexpr std::uint32_t kFirstSize<kith_score_query> = 88;
template <>
inline constexpr std::uint32_t kFirstSize<kith_request_query> = 64;
template <>
inline constexpr std::uint32_t kFirstSize<kith_link> = 136;
template <>
inline constexpr std::uint32_t kFirstSize<kith_process_event> = 112;
template <>
inline constexpr std::uint32_t kFirstSize<kith_open_options> = 104;
template <>
inline constexpr std::uint32_t kFirstSize<kith_info> = 208;
template <>
inline constexpr std::uint32_t kFirstSize<kith_due_report> = 48;
template <>
inline constexpr std::uint32_t kFirstSize<kith_verify_report> = 40;
template <>
inline constexpr std::uint32_t kFirstSize<kith_copy_report> = 32;
template <>
inline constexpr std::uint32_t kFirstSize<kith_copy_options> = 48;
template <>
inline constexpr std::uint32_t kFirstSize<kith_repair_report> = 72;
template <>
inline constexpr std::uint32_t kFirstSize<kith_playbook> = 72;
template <>
inline constexpr std::uint32_t kFirstSize<kith_board_options> = 104;
template <>
inline constexpr std::uint32_t kFirstSize<kith_export_options> = 8;
template <>
inline constexpr std::uint32_t kFirstSize<kith_expr_options> = 40;
template <>
inline constexpr std::uint32_t kFirstSize<kith_subject> = 40;
template <>
inline constexpr std::uint32_t kFirstSize<kith_values_options> = 80;
template <>
inline constexpr std::uint32_t kFirstSize<kith_value_options> = 24;
template <>
inline constexpr std::uint32_t kFirstSize<kith_assign_options> = 48;
template <>
inline constexpr std::uint32_t kFirstSize<kith_simulate_options> = 80;
template <>
inline constexpr std::uint32_t kFirstSize<kith_expr_description> = 48;
template <>
inline constexpr std::uint32_t kFirstSize<kith_expr_eval_options> = 64;
template <>
inline constexpr std::uint32_t kFirstSize<kith_expr_outcome> = 56;

// No struct will be larger; a larger size is memory that was never set.
inline constexpr std::uint32_t kStructSizeMax = 4096;

template <class T>
base::Result<void> not_null(const T *argument, const char *name) {
    if (argument) return {};
    return base::fail(base::Status::argument, std::string(name) + " is NULL: give a pointer to one");
}

// The struct's own size, known to be plausible. Read bytewise: a struct may stand anywhere.
template <class T>
base::Result<std::uint32_t> struct_size(const T *theirs, const char *name) {
    static_assert(kFirstSize<T> > 0 && sizeof(T) >= kFirstSize<T>);
    KITH_TRY(not_null(theirs, name));
    std::uint32_t size;
    std::memcpy(&size, theirs, sizeof size);
    if (size >= kFirstSize<T> && size <= kStructSizeMax) return size;
    return base::fail(base::Status::argument,
                      std::string(name) + " has a wrong struct_size: set it to sizeof");
}

template <class T>
base::Result<T> read_struct(const T *theirs, const char *name) {
    KITH_LET(size, struct_size(theirs, name));
    const auto *bytes = reinterpret_cast<const unsigned char *>(theirs);
    if (size > sizeof(T) &&
        std::any_of(bytes + sizeof(T), bytes + size, [](auto byte) { return byte != 0; })) {
        return base::fail(base::Status::unsupported,
                          std::string(name) + " uses fields this version of kith does not know: zero them");
    }
    T ours{};
    std::memcpy(static_cast<void *>(&ours), bytes, std::min<std::size_t>(size, sizeof(T)));
    return ours;
}

// Checks the size of an out struct, and zeroes it.
template <class T>
base::Result<void> clear_struct(T *theirs, const char *name) {
    KITH_LET(size, struct_size(theirs, name));
    auto *bytes = reinterpret_cast<unsigned char *>(theirs);
    std::memset(bytes + sizeof size, 0, size - sizeof size);
    return {};
}

// Into a struct that has been cleared.
template <class T>
void write_struct(T *theirs, T ours) {
    std::memcpy(&ours.struct_size, theirs, sizeof ours.struct_size);
    std::memcpy(static_cast<void *>(theirs), &ours, std::min<std::size_t>(ours.struct_size, sizeof(T)));
}

// An out_ argument that is no struct: checked, and zeroed.
template <class T>
base::Result<void> clear_out(T *out, const char *name) {
    KITH_TRY(not_null(out, name));
    *out = T{};
    return {};
}

inline base::Result<void> check_reserved(std::uint32_t reserved) {
    if (reserved == 0) return {};
    return base::fail(base::Status::argument,
                      "a reserved field is not zero: zero the struct before filling it");
}

inline base::Result<void> check_bits(std::uint32_t given, std::uint32_t known, const char *name) {
    if ((given & ~known) == 0) return {};
    return base::fail(
        base::Status::unsupported,
        std::string(name) + " has bits this version of kith does not know: use the KITH_ constants");
}

inline base::Result<void> check_time(kith_time at, const char *name) {
    if (at >= KITH_MIN_TIME && at <= KITH_MAX_TIME) return {};
    return base::fail(base::Status::argument,
                      std::string(name) + " is out of range: give microseconds since 1970, years 1 to 9999");
}

}  // namespace kith::capi
