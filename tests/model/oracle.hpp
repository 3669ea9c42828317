// The specification in small: what a kith file holds, and what a batch, due work and a clock do to it. Plain
// lists, searched from end to end; nothing is indexed, nothing counted ahead. Written from the headers in
// include/kith, not from the engine, and for the model test alone.
//
// The one process it knows is `promise` (kPlaybook): a pledge opens a task due in 7 days, then late; 30 days
// without another one it lapses, and what is still open of it is broken. With it come metrics, which are
// added up of the interactions that count each time they are asked for.
#pragma once

#include <kith/kith.h>

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kith_model {

using Id = std::array<std::uint8_t, 16>;
using InteractionId = std::array<std::uint8_t, 32>;
using Text = std::optional<std::string>;  // none: absent
using Number = std::optional<std::int64_t>;

inline constexpr kith_time kDay = 86'400'000'000;
inline constexpr kith_time kNow = 1'700'000'000'000'000;  // where clocks begin
inline constexpr std::string_view kCurrency = "USD";      // of the file; its zone is UTC
inline constexpr std::string_view kDefinition =
    R"({"process":"promise","per":"party","start":{"on":"pledge"},"initial":"waiting","states":{)"
    R"("waiting":{"on":{"pledge":[{"target":"waiting","reenter":true}]},"after":[{"delay":"P30D","target":"lapsed"}],)"
    R"("entry":[{"do":"task","kind":"call_back","title":"Call back","due":"P7D"}]},)"
    R"("lapsed":{"on":{"pledge":[{"target":"waiting"}]},)"
    R"("entry":[{"do":"close","kind":"call_back","as":"broken"}]}}})";
// Beside it, by name: of parties, of actors, of all.
inline constexpr std::pair<std::string_view, std::string_view> kMetrics[] = {
    {"bought", R"({"metric":"bought","count":"order"})"},
    {"lately", R"({"metric":"lately","count":"*","window":"P90D"})"},
    {"spread", R"({"metric":"spread","distinct":"*","of":"i.medium"})"},
    {"middle", R"({"metric":"middle","median":"*","of":"i.at"})"},
    {"taken", R"({"metric":"taken","count":"order","per":"actor"})"},
    {"sold", R"({"metric":"sold","count":"order","per":"all","by":"month"})"}};
std::string playbook();

// ---- what a host asks ----

struct Ref {
    std::uint32_t by = KITH_REF_NONE;
    std::uint32_t item = 0;
    Id id{};
    std::string kind, value;
};

struct PartyPut {
    std::uint32_t fields = 0;
    Id id{};
    std::uint32_t kind = KITH_PARTY_PERSON, roles = 0;
    Text name, language, time_zone, owner, tags;
    std::uint64_t revision = 0;
};

struct IdentifierAdd {
    std::string kind, value;
    bool shared = false;
    Number verified_at, valid_from, valid_to;
};

struct Line {
    std::string product;
    std::int64_t quantity = 0, unit_price = 0, amount = 0;
    Text category{};  // no product has a record here: only what the host gives
    Number margin{};
    bool operator==(const Line &) const = default;
};

struct InteractionAppend {
    std::string type;
    kith_time at = 0;
    Text system, key;
    Number amount, base_amount;
    std::string currency{kCurrency};
    std::uint32_t direction = KITH_DIRECTION_NONE;
    std::optional<InteractionId> corrects;
    std::vector<Line> lines;
    Text medium, scope, topic, outcome, actor, campaign, with_whom, text, next_step;
    Number cost, duration_s;
    bool operator==(const InteractionAppend &) const = default;
};

struct CommitmentMove {
    Id commitment{};
    std::uint32_t state = 0;
    kith_time at = 0;
};

struct Define {};  // playbook()

struct Item {
    std::uint32_t flags = 0;
    Ref ref;
    std::variant<PartyPut, IdentifierAdd, InteractionAppend, CommitmentMove, Define> what;
};

struct Batch {
    std::vector<Item> items;
    std::optional<kith_time> effects_from;
};

// ---- what a file holds ----

struct Identifier {
    std::string kind, value, normalised;
    bool host = false, shared = false;
    Number verified_at, valid_from, valid_to;
    std::uint64_t stamp = 0;
};

struct Interaction {
    InteractionId id{};
    Id party{};
    InteractionAppend content;
    Text owner;  // the party's, when it was recorded
    std::uint64_t stamp = 0;
    // What it counts in the file's currency.
    std::int64_t counted() const { return content.base_amount.value_or(content.amount.value_or(0)); }
};

struct Transition {
    std::string from, to, event;  // event: empty for a timer
    kith_time at = 0;
    InteractionId interaction{};
    kith_time event_at = 0;
    bool late = false;
    std::uint64_t stamp = 0;
};

struct Commitment {
    Id id{}, process{};
    std::uint32_t state = KITH_COMMITMENT_OPEN;
    kith_time opened_at = 0, due = 0;
    Number accepted_at, started_at, ended_at, broken_at;
    bool told_late = false;
    Text owner;  // the party's, when it was made
    bool is_open() const { return state <= KITH_COMMITMENT_DOING; }
};

struct Process {
    Id id{};
    std::string state;
    kith_time since = 0, started_at = 0;
    std::vector<Transition> log;
    Number due() const { return state == "waiting" ? Number(since + 30 * kDay) : std::nullopt; }
};

struct Party {
    Id id{};
    std::uint32_t kind = KITH_PARTY_PERSON, roles = 0;
    Text name, language, time_zone, owner, tags;
    std::uint64_t revision = 1, created = 0, changed = 0;  // stamps
    std::vector<Identifier> identifiers;
    std::optional<Process> promise;
    std::vector<Commitment> commitments;
    Text host_key() const;
};

struct Change {
    std::uint32_t kind = 0, operation = 0, changed = 0;
    Id party{}, record{};
    InteractionId interaction{};
    std::string name, from, to;
    kith_time at = 0;
    std::uint64_t stamp = 0;
};

struct Figures {
    std::uint64_t interactions = 0, orders = 0, returns = 0;
    std::int64_t amount_total = 0, returns_total = 0;
    Number first_order_at, last_order_at, first_at, last_at, median_gap_ms;
};

struct File {
    std::deque<Party> parties;  // as they came: references to them stay good
    std::vector<std::shared_ptr<const Interaction>> interactions;
    std::map<InteractionId, InteractionId> corrected;  // by what
    std::vector<Change> feed;                          // seq is the place, from 1
    std::uint64_t stamp = 0;                           // of the last change
    // Due work that only moves timers on tells nothing, but takes a stamp: the last one is up to this.
    std::uint64_t stamp_most = 0;
    std::uint64_t defined = 0;  // stamp; 0: the playbook is not installed
    bool built = false;         // what was there before it has been measured
    bool replays = false;       // there were parties as it was defined
    kith_time due_through = KITH_MIN_TIME;
    kith_time effects_from = INT64_MIN;

    const Party *party(const Id &id) const;
    std::shared_ptr<const Interaction> interaction(const InteractionId &id) const;
    std::shared_ptr<const Interaction> interaction(const Text &system, const Text &key) const;
    Figures figures(const Party &party) const;
    // Of a party, those that count, oldest first.
    std::vector<std::shared_ptr<const Interaction>> timeline(const Id &party) const;
    // By host key or identifier; KITH_E_CONFLICT: several share it.
    kith_status find(const Ref &ref, Id &out) const;
};

// ---- what comes of it ----

// What only the engine can say: the ids it made, and which of the stamps it could have taken.
struct Witness {
    std::uint64_t stamp = 0;
    std::vector<kith_outcome> outcomes;     // as returned; empty if the commit failed
    std::deque<Id> processes, commitments;  // in the order made
};

struct Outcome {
    std::uint32_t result = 0;
    Id party{};
    InteractionId interaction{};
    bool party_created = false;
};

struct Committed {
    kith_status status = KITH_OK;
    std::uint32_t failed_item = 0;
    std::vector<Outcome> outcomes;
    std::uint32_t created = 0, existing = 0, changed = 0, skipped = 0, parties_created = 0, transitions = 0,
                  commitments = 0;
    std::uint64_t stamp = 0;
    File file;  // after it; the same as before unless status is KITH_OK
};

struct DueDone {
    std::uint64_t timers = 0, transitions = 0;
    File file;
};

File new_file(kith_time now);
// What adding the item to a batch of `count` items says.
kith_status checked(const Item &item, std::size_t count);
Committed commit(const File &file, const Batch &batch, kith_time now, Witness witness);
DueDone run_due(const File &file, kith_time through, kith_time now, std::uint64_t stamp_seen);

std::string normalised(std::string_view kind, std::string_view value);

}  // namespace kith_model
