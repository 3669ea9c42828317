// Keys: where each row stands. All keys are multiples of 8 bytes and order as their parts do.
//
// Table `facts` holds what is appended and never rewritten, the interactions and the transitions of
// processes, in the order they came: origin 4 | number 4.
//
// Table `rows` is clustered by party, and narrow, so that a commit touches few pages: commitments, and
// where its facts are.
//
//   transition  id 16 | tag 8 | process 16 | origin 4 | number 4, without payload
//   commitment  id 16 | tag 8 | commitment 16
//   process     id 16 | tag 8 | process 16: one that ended, before the last of its kind
//   interaction id 16 | at 8, sign flipped | origin 4 | number 4, with what figures need of it
//
// Table `parties` holds what is said of a party itself, which changes seldom.
//
//   party       id 16 | tag 8
//   identifier  id 16 | tag 8 | origin 4 | number 4
//
// Table `counters` has one row a party, under its id: what every event moves, its figures and its processes.
//
// Tables `sums`, `values` and `references` stand under a subject of a grain (engine/measures.hpp): grain 4 |
// parts of its key, padded; then
//
//   sums        0 8, or number of 32 days 8, sign flipped: cells of all days, or of these
//   values      measure 4 | day 4 | value 8, signs flipped
//   references  at 8, sign flipped | origin 4 | number 4
//
// Table `measures` has one row a measure, under its number.
//
// A tag is one byte below 0x10 and seven zeros; the first byte of a time is 0x7f or more.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "model/interaction.hpp"
#include "model/name.hpp"
#include "model/score.hpp"

namespace kith::index {

// A key built in place.
class Key {
public:
    Key() {}  // leaves the bytes alone: most keys are short
    base::Bytes view() const { return {bytes_.data(), size_}; }
    operator base::Bytes() const { return view(); }
    std::size_t size() const { return size_; }

    Key &add(base::Bytes bytes) {
        std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
        size_ += bytes.size();
        return *this;
    }
    Key &add(const base::Id &id) { return add(id.view()); }
    Key &add32(std::uint32_t value) {
        base::store_big32(bytes_.data() + size_, value);
        size_ += 4;
        return *this;
    }
    Key &add64(std::uint64_t value) {
        base::store_big64(bytes_.data() + size_, value);
        size_ += 8;
        return *this;
    }
    Key &add_time(base::Micros at) { return add64(static_cast<std::uint64_t>(at) ^ (1ULL << 63)); }
    Key &pad() {
        while (size_ % 8) bytes_[size_++] = std::byte{0};
        return *this;
    }

private:
    std::array<std::byte, 264> bytes_;
    std::size_t size_ = 0;
};

inline base::Micros time_at(const std::byte *in) {
    return static_cast<base::Micros>(base::load_big64(in) ^ (1ULL << 63));
}

enum class Tag : std::uint8_t { party = 1, identifier = 2, transition = 4, commitment = 5, process = 6 };

// What a key of `rows` or `parties` is; none for an interaction.
std::optional<Tag> tag_of(base::Bytes key);
inline base::Id party_of(base::Bytes key) { return base::Id::from(key.first(16)); }

Key row(const base::Id &party, Tag tag);  // the party's record, or the prefix of a tag
Key identifier(const base::Id &party, std::uint32_t origin, std::uint32_t number);
Key transition(const base::Id &party, const base::Id &process, std::uint32_t origin, std::uint32_t number);
Key commitment(const base::Id &party, const base::Id &commitment);
Key process(const base::Id &party, const base::Id &process);
Key interaction(const model::InteractionKey &key);
model::InteractionKey interaction_key(base::Bytes thirty_two);
Key fact(std::uint32_t origin, std::uint32_t number);
Key interactions_from(const base::Id &party, base::Micros at);  // before every interaction at `at`
Key interactions_end(const base::Id &party);                    // after every row of the party

inline bool starts_with(base::Bytes key, base::Bytes prefix) {
    return prefix.empty() ||
           (key.size() >= prefix.size() && std::memcmp(key.data(), prefix.data(), prefix.size()) == 0);
}

// Text in keys: longer than this it is represented by its hash.
inline constexpr std::size_t kTextBytesMax = 200;

// claims: kind 4 | sort 1 | hashed 1 | length 2 | text, padded [| party 16, for shared ones]
enum class Claim : std::uint8_t { host = 0, unique = 1, shared = 2 };
Key claim(model::Name kind, Claim sort, std::string_view normalised);
Key claims_of_kind(model::Name kind);
bool is_host_claim(base::Bytes claim);
std::string_view claim_text(base::Bytes claim);  // empty if it is hashed

// host_refs: system 4 | of what 1 | hashed 1 | length 2 | text, padded
enum class HostRef : std::uint8_t { interaction = 0, score = 1, commitment = 2 };
Key host_ref(model::Name system, std::string_view key, HostRef of = HostRef::interaction);

// names: 0 then code; or 0xff | 0 3 | 0 1 | hashed 1 | length 2 | text, padded
Key name_code(model::Name code);
Key name_text(std::string_view text);

// products, actors, campaigns: name code of the key 8

// scores: subject's kind 4 | metric 4 | party 16, or 0 12 and the subject's code 4 | key 4 | 0 4 | at 8, sign
// flipped | origin 4 | number 4. So the values of a subject under a metric and a key stand in order of time.
inline constexpr std::size_t kScoreKeyBytes = 48;
Key score(const model::ScoreKey &key);
Key scores_of(const model::Subject &subject, model::Name metric);  // with every key
Key scores_of(const model::Subject &subject, model::Name metric, model::Name key);
model::ScoreKey score_key(base::Bytes forty_eight);

// links: from 16, as in scores | its kind 1 | kind 1 | 0 6 | to 16 | origin 4 | number 4
// linked: to 16 | kind of from 1 | kind 1 | 0 6 | from 16 | origin 4 | number 4, without payload
inline constexpr std::size_t kLinkKeyBytes = 48;
Key link(const model::LinkKey &key);
Key linked(const model::LinkKey &key);
Key links_from(const model::Subject &from);
Key links_from(const model::Subject &from, model::LinkKind kind);
Key linked_to(const base::Id &to, model::SubjectKind from, model::LinkKind kind);
model::LinkKey link_key(base::Bytes forty_eight);
model::LinkKey linked_key(base::Bytes forty_eight);

// definitions: kind 8, padded | name, padded to 64 | version 8
Key definition(std::string_view kind, std::string_view name, std::uint64_t version);

// states: process name 4 | state name 4 | party 16 | process 16
Key states_of(model::Name process, model::Name state);
Key state(model::Name process, model::Name state, const base::Id &party, const base::Id &instance);

// timers: due 8 | party 16 | process 16
struct TimerKey {
    base::Micros due = 0;
    base::Id party, process;
    auto operator<=>(const TimerKey &) const = default;
};
Key timer(const TimerKey &timer);
TimerKey timer_key(base::Bytes key);

// members: segment 4 | 0 4 [| party 16]; without party the segment's own row
Key members_of(model::Name segment);
Key member(model::Name segment, const base::Id &party);

// due_commitments: assignee 4 (0: nobody) | 0 4 | due 8 (the end of time if none) | commitment 16
struct QueueKey {
    model::Name assignee = 0;
    base::Micros due = INT64_MAX;
    base::Id commitment;
    bool operator==(const QueueKey &) const = default;
};
Key queue_of(model::Name assignee);
Key queue(const QueueKey &key);
QueueKey queue_key(base::Bytes thirty_two);

// feed: sequence of the first change in the row 8

// rules: rule's name 4 | 0 4
Key rule(model::Name rule);
// Before them, of a process that is not built yet: 0 4 | its name 4 | 1 8, replayed; 2 8, moved to a new version
Key case_build(model::Name process, bool migrates);

// runs: rule's or process's name 4 | 0 4 | party 16 | at 8, sign flipped | origin 4 | number 4
Key runs_of(model::Name rule);
Key runs_of(model::Name rule, const base::Id &party);
base::Micros run_time(base::Bytes key);
Key run(model::Name rule, const base::Id &party, base::Micros at, std::uint32_t origin, std::uint32_t number);

// requests: id 16

// occurrences: process 16, or a hash of what happened | number of the transition 4 | number of the effect 4
Key occurrence(const base::Id &process, std::uint32_t transition, std::uint32_t effect);

inline Key by_id(const base::Id &id) { return Key().add(id); }
inline Key by_number(std::uint64_t number) { return Key().add64(number); }

}  // namespace kith::index
