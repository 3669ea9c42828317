#include "cli/commitments.hpp"

#include <fmt/format.h>

#include <array>

#include "cli/handles.hpp"

namespace kith::cli {

namespace {

constexpr std::int64_t kDayMicros = 86'400'000'000;

bool has_due(const kith_commitment &commitment) {
    return (commitment.fields & KITH_COMMITMENT_FIELD_DUE) != 0;
}

}  // namespace

std::string_view commitment_state_text(std::uint32_t state) {
    static constexpr std::array<std::string_view, 10> kNames{
        "", "open", "accepted", "doing", "kept", "broken", "waived", "cancelled", "compensated", "historic"};
    return state < kNames.size() ? kNames[state] : "unknown";
}

std::string distance_text(kith_time time, kith_time now) {
    const std::int64_t days = (time - now) / kDayMicros;
    if (days > 0) return "in " + plural(static_cast<std::uint64_t>(days), "day", "days");
    if (days < 0) return plural(static_cast<std::uint64_t>(-days), "day", "days") + " ago";
    return "today";
}

std::string due_text(const kith_commitment &commitment, kith_time now) {
    if (!has_due(commitment)) return {};
    if (commitment.due >= now) return distance_text(commitment.due, now);
    const auto days = static_cast<std::uint64_t>((now - commitment.due) / kDayMicros);
    return days == 0 ? "OVERDUE" : "OVERDUE " + plural(days, "day", "days");
}

void append_commitment(Json &json, const kith_commitment &commitment, kith_time now,
                       const std::string &party) {
    json.object().text("id", id_text(commitment.id));
    if (!party.empty()) json.text("party", party);
    json.text("kind", view(commitment.kind)).text_or_null("title", commitment.title);
    json.text("state", commitment_state_text(commitment.state));
    json.text("opened_at", time_text(commitment.opened_at));
    json.time_or_null("due", commitment.due, has_due(commitment));
    json.flag("overdue", has_due(commitment) && commitment.due < now).end();
}

}  // namespace kith::cli
