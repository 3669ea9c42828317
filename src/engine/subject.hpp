// A party as one batch sees and changes it: its record, figures, processes and commitments, loaded
// once, changed in memory, written at the end.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "engine/catalog.hpp"
#include "engine/figures_row.hpp"
#include "engine/row_view.hpp"
#include "index/keys.hpp"
#include "model/party.hpp"
#include "model/process.hpp"
#include "record/record.hpp"

namespace kith::engine {

struct ProcessPrograms;  // behaviours.hpp

struct Instance {
    model::Process process;  // its milestones are those beside it
    const InstalledProcess *definition = nullptr;
    const ProcessPrograms *programs = nullptr;
    std::vector<model::Milestone> milestones;
    model::Name state_before = 0;  // as stored; 0 for a new instance
    base::Micros since_before = 0;
    // Where its row of table `timers` stands: never after it is due, but for new rules of the zone.
    base::Micros wake = kNever;
    bool ended = false;
    bool changed = false;
    bool stale = false, moved = false;  // when it is due is to be reckoned anew; it is in another state

    std::optional<base::Micros> tried{}, outer_tried{};  // before those of `process`

    base::Micros due() const { return std::min(process.due, process.looks); }
    // Timers that are due by then are not tried again, whatever becomes of it.
    void note_tried(base::Micros at) {
        tried = process.tried_at;
        outer_tried = process.outer_tried_at;
        process.tried_at = std::max(at, tried.value_or(at));
        process.outer_tried_at = std::max(at, outer_tried.value_or(at));
        changed = stale = true;
    }
};

struct OpenCommitment {
    model::Commitment commitment;
    // As stored: its rows in tables `due_commitments` and `timers`.
    std::optional<index::QueueKey> queued;
    std::optional<base::Micros> timer;
    bool changed = false;
};

// A row of table `due_commitments`: what lists are filtered by.
struct QueueEntry {
    base::Id party;
    model::Name kind = 0;
    std::uint32_t sort = 0;  // model::CommitmentSort
};
static_assert(sizeof(QueueEntry) == 24);
QueueEntry queue_entry(const model::Commitment &commitment);

// What is kept of a party and a segment, or a rule's condition, as stored: among the party's processes, under
// an id of its own. Whoever was never in it and never will be by itself has none.
struct StoredMembership {
    std::uint32_t member = 0;             // 1: in
    std::uint32_t times = 0;              // that it came in
    base::Micros since = base::kMinTime;  // of a rule's instant: the last that has come
    bool operator==(const StoredMembership &) const = default;
};
static_assert(sizeof(StoredMembership) == 16);
StoredMembership decode_membership(base::Bytes bytes);

// The id under which it is stored, and its timer: no process has such a one.
enum class Watched : std::uint8_t { segment, rule };
base::Id membership_id(model::Name segment);
base::Id watched_id(Watched kind, model::Name name);
bool is_membership(const base::Id &process);  // of a segment
bool is_watched(const base::Id &process);     // of either
Watched watched_kind(const base::Id &watched);
model::Name segment_of(const base::Id &watched);  // or of a rule

// The states of a membership in its log.
inline constexpr std::string_view kIn = "in", kOut = "out";

// A segment's own row in table `members`.
struct StoredSegment {
    std::uint64_t count = 0;  // who is in it
    base::Id built_through;   // parties above it have not been looked at
    std::uint32_t version = 0, reserved = 0;
};
static_assert(sizeof(StoredSegment) == 32);
StoredSegment decode_segment(base::Bytes bytes);

struct Membership {
    Watched kind = Watched::segment;
    model::Name name = 0;
    StoredMembership stored, before;
    base::Micros wake = kNever, wake_before = kNever;
    bool changed = false;
    bool is_member() const { return stored.member != 0; }
};

// An interaction of this batch, not yet in the file.
struct PendingInteraction {
    model::InteractionKey key;
    record::InteractionSummary summary;
    base::Bytes payload;
};

struct Subject {
    model::Party party;  // the id alone until the record is loaded; text of the file or the batch
    bool is_new = false;
    bool party_loaded = false;
    bool party_changed = false;

    FiguresRow row;
    bool figures_changed = false;

    base::Bytes stored_processes;  // of its row, until they are loaded
    bool instances_loaded = false;
    std::vector<Instance> instances;
    std::vector<Membership> memberships;  // by kind and name

    bool commitments_loaded = false;
    std::list<OpenCommitment> commitments;  // all of them once loaded, and new ones

    std::vector<PendingInteraction> pending;
    std::vector<index::Key> new_identifiers;  // rows of this batch, not yet in the file
};

}  // namespace kith::engine
