// Commitments as people and programs read them: for `show`, `due`, `commitments`, `queue` and `commit`.
#pragma once

#include <kith/kith.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/handles.hpp"
#include "cli/output.hpp"

namespace kith::cli {

inline constexpr std::array<std::string_view, 7> kSortNames{
    "", "task", "promise", "approval", "compensation", "milestone", "reminder"};
inline constexpr std::array<std::string_view, 10> kStateNames{
    "", "open", "accepted", "doing", "kept", "broken", "waived", "cancelled", "compensated", "historic"};

std::string_view commitment_state_text(std::uint32_t state);
// The number of a word; fails if it is none of them. 0 where it is empty.
std::uint32_t word_of_commitment(const char *option, std::span<const std::string_view> words,
                                 std::string_view word);

// The 16 bytes of an id as it is printed; none if it is not one.
std::optional<kith_id> id_of_text(std::string_view text);

// A list of commitments in the three forms.
struct CommitmentList {
    const Snapshot &snapshot;
    const Context &context;
    kith_time now = 0;
    std::uint64_t limit = 0;    // 0: the form's default
    bool of_one_party = false;  // whose name is not repeated
    std::string_view none;      // what is said where there is none
    std::string heading(std::uint64_t count, std::uint64_t late) const;
};
void print_commitments(const CommitmentList &list, const kith_query &query);

// "OVERDUE 3 days", "today", "in 12 days"; empty without a due time.
std::string due_text(const kith_commitment &commitment, kith_time now);

// "in 12 days", "3 days ago", "today": whole days of 24 hours.
std::string distance_text(kith_time time, kith_time now);

// One object in an open array. The party is left out where `party` is empty.
void append_commitment(Json &json, const kith_commitment &commitment, kith_time now,
                       const std::string &party);

}  // namespace kith::cli
