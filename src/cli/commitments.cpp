#include "cli/commitments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "cli/arguments.hpp"

namespace kith::cli {

namespace {

constexpr std::int64_t kDayMicros = 86'400'000'000;

bool has_due(const kith_commitment &commitment) {
    return (commitment.fields & KITH_COMMITMENT_FIELD_DUE) != 0;
}

bool is_open(const kith_commitment &commitment) { return commitment.state <= KITH_COMMITMENT_DOING; }

bool is_overdue(const kith_commitment &commitment, kith_time now) {
    return is_open(commitment) && has_due(commitment) && commitment.due < now;
}

std::string_view sort_text(const kith_commitment &commitment) {
    return commitment.sort < kSortNames.size() ? kSortNames[commitment.sort] : "unknown";
}

}  // namespace

std::string_view commitment_state_text(std::uint32_t state) {
    return state < kStateNames.size() ? kStateNames[state] : "unknown";
}

std::uint32_t word_of_commitment(const char *option, std::span<const std::string_view> words,
                                 std::string_view word) {
    if (word.empty()) return 0;
    const auto found = std::find(words.begin() + 1, words.end(), word);
    if (found == words.end())
        fail(kUsage,
             fmt::format("{} is none of {}", option, fmt::join(words.begin() + 1, words.end(), ", ")));
    return static_cast<std::uint32_t>(found - words.begin());
}

std::optional<kith_id> id_of_text(std::string_view text) {
    kith_id id{};
    std::size_t digits = 0;
    for (const char c : text) {
        if (c == '-') continue;
        const auto digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos || digits == 32) return std::nullopt;
        auto &byte = id.bytes[digits++ / 2];
        byte = static_cast<std::uint8_t>(byte * 16U + digit);
    }
    return digits == 32 ? std::optional(id) : std::nullopt;
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
    json.flag("overdue", is_overdue(commitment, now));
    json.text("sort", sort_text(commitment)).flag("ready", commitment.ready != 0);
    for (const auto &[key, text] :
         {std::pair("name", commitment.name), std::pair("assignee", commitment.assignee),
          std::pair("debtor", commitment.debtor), std::pair("creditor", commitment.creditor),
          std::pair("item", commitment.item), std::pair("condition", commitment.condition),
          std::pair("compensation", commitment.compensation), std::pair("evidence", commitment.evidence),
          std::pair("result", commitment.result)}) {
        if (text.data != nullptr) json.text(key, view(text));
    }
    for (const auto &[key, bit, at] :
         {std::tuple("accepted_at", KITH_COMMITMENT_FIELD_ACCEPTED_AT, commitment.accepted_at),
          std::tuple("started_at", KITH_COMMITMENT_FIELD_STARTED_AT, commitment.started_at),
          std::tuple("ended_at", KITH_COMMITMENT_FIELD_ENDED_AT, commitment.ended_at),
          std::tuple("broken_at", KITH_COMMITMENT_FIELD_BROKEN_AT, commitment.broken_at)}) {
        if (commitment.fields & static_cast<std::uint32_t>(bit)) json.text(key, time_text(at));
    }
    for (const auto &[key, texts, count] :
         {std::tuple("require", commitment.require, commitment.require_count),
          std::tuple("artefacts", commitment.artefacts, commitment.artefact_count)}) {
        if (count == 0) continue;
        json.array(key);
        for (std::size_t i = 0; i < count; ++i) json.text("", view(texts[i]));
        json.end();
    }
    json.end();
}

std::string CommitmentList::heading(std::uint64_t count, std::uint64_t late) const {
    return bold(plural(count, "commitment", "commitments"), context) +
           fmt::format(", {} overdue on {} UTC\n\n", grouped(late), day_text(now));
}

void print_commitments(const CommitmentList &list, const kith_query &query) {
    constexpr std::uint64_t kLines = 30;
    const Cursor cursor = open_cursor(list.snapshot, query);
    const bool for_people = list.context.format == Format::kTable;
    const std::uint64_t limit = list.limit > 0 ? list.limit : for_people ? kLines : UINT64_MAX;
    TextTable table;
    for (const char *title : {"due (UTC)", "", "state", "sort", "what", "who"}) table.column(title);
    if (!list.of_one_party) {
        table.column("party");
        table.column("name");
    }
    Json json;
    json.object().text("now", time_text(list.now)).array("commitments");
    std::string csv;
    append_csv(csv, {"due", "overdue", "party", "name", "sort", "kind", "title", "state", "opened_at", "id",
                     "assignee", "ended_at"});
    std::uint64_t seen = 0, late = 0;
    while (const Page page = next_page(cursor, 1000)) {
        std::size_t count = 0;
        const kith_commitment *const *items = kith_page_commitments(page.get(), &count);
        for (const kith_commitment *item : std::span(items, count)) {
            late += is_overdue(*item, list.now) ? 1 : 0;
            if (seen++ >= limit) continue;  // only counted
            const std::string party = party_label(item->party, item->party_key);
            const auto title = view(item->title.size > 0 ? item->title : item->kind);
            const std::string due = has_due(*item) ? time_text(item->due) : "";
            if (for_people) {
                std::vector<std::string> row{
                    has_due(*item) ? day_text(item->due) : "",
                    is_open(*item) ? due_text(*item, list.now) : "",
                    std::string(commitment_state_text(item->state)) + (item->ready ? "" : ", waits"),
                    std::string(sort_text(*item)),
                    printable(title),
                    printable(view(item->assignee))};
                if (!list.of_one_party) {
                    row.push_back(printable(party));
                    row.push_back(printable(party_name(list.snapshot, item->party)));
                }
                table.row(std::move(row));
            } else if (list.context.format == Format::kJson) {
                append_commitment(json, *item, list.now, party);
            } else {
                const bool ended = (item->fields & KITH_COMMITMENT_FIELD_ENDED_AT) != 0;
                append_csv(
                    csv, {due, is_overdue(*item, list.now) ? "true" : "false", party,
                          std::string(party_name(list.snapshot, item->party)), std::string(sort_text(*item)),
                          std::string(view(item->kind)), std::string(view(item->title)),
                          std::string(commitment_state_text(item->state)), time_text(item->opened_at),
                          id_text(item->id), std::string(view(item->assignee)),
                          ended ? time_text(item->ended_at) : ""});
            }
        }
        if (!for_people && seen >= limit) break;
    }
    if (list.context.format == Format::kJson) return print(json.end().end().str());
    if (list.context.format == Format::kCsv) return print(csv);
    if (seen == 0) return print(fmt::format("{}\n", list.none));
    print(list.heading(seen, late) + table.text(list.context, "  "));
    if (seen > limit)
        print(fmt::format("  and {} more: --limit N, or --csv for all\n", grouped(seen - limit)));
}

}  // namespace kith::cli
