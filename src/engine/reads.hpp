// Reading a snapshot: records by id and by key, lists in pages. Text is borrowed from the snapshot.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/batch.hpp"
#include "engine/figures_row.hpp"
#include "engine/store.hpp"
#include "model/change.hpp"
#include "model/interaction.hpp"
#include "model/party.hpp"
#include "model/process.hpp"

namespace kith::engine {

// A record of this and its place, to go on after.
template <class T>
struct Page {
    std::vector<T> items;
    std::string resume;  // token: the key of the last row
};

struct InteractionRead {
    model::Interaction interaction;
    model::InteractionPersonal personal;
};

struct CommitmentRead {
    model::Commitment commitment;
    model::CommitmentPersonal personal;
};
base::Result<CommitmentRead> read_commitment(const store::Reader &reader, const base::Id &party,
                                             const base::Id &id, base::Bytes payload);

struct ProcessRead {
    model::Process process;
    std::optional<base::Micros> due;  // its next timer
    bool ended = false;               // in a final state
};

// A party in a segment, or out of it, since when.
struct MemberRead {
    base::Id party;
    model::Name segment = 0;
    base::Micros since = 0;
    bool is_in = false;
};

struct SegmentRead {
    model::Name name = 0;  // 0: no party has been looked at yet
    std::uint64_t count = 0;
    bool is_built = false;
};

struct Brief {
    model::Party party;
    model::Figures figures;
    std::vector<model::Identifier> identifiers;
    std::vector<ProcessRead> processes;
    std::vector<MemberRead> memberships;        // segments it is in
    std::vector<CommitmentRead> commitments;    // open ones, by due time
    std::vector<InteractionRead> interactions;  // newest first
};

struct TimelineQuery {
    base::Id party;
    std::string_view type;  // empty: all
    base::Micros from = base::kMinTime;
    base::Micros until = INT64_MAX;  // not included
};

struct StateCount {
    std::string_view state;
    std::uint64_t parties = 0;
};

struct Info {
    std::uint64_t parties = 0, anonymous = 0, identifiers = 0, interactions = 0, orders = 0, returns = 0;
    std::int64_t amount_total = 0, returns_total = 0;
    std::optional<base::Micros> first_at, last_at;
    std::uint64_t processes = 0, commitments_open = 0, definitions = 0, sums_to_build = 0;
};

class Reads {
public:
    explicit Reads(const Snapshot &snapshot) : snapshot_(snapshot), reader_(snapshot.reader()) {}

    base::Result<std::optional<model::Party>> party(const base::Id &id) const;
    // Not by item. A shared identifier finds its party if it has only one; else Status::conflict.
    base::Result<std::optional<base::Id>> find(const Ref &ref) const;
    base::Result<std::optional<base::Id>> search(std::string_view text) const;
    // A case's key as people know it: where it is kith's id of an interaction, that one's host key, or its time.
    base::Result<std::string> case_key(std::string_view key) const;
    base::Result<std::string_view> host_key(
        const base::Id &party) const;  // the first it came with; empty if none
    base::Result<std::vector<model::Identifier>> identifiers(const base::Id &party) const;
    base::Result<model::Figures> figures(const base::Id &party) const;
    base::Result<std::vector<ProcessRead>> processes(const base::Id &party) const;
    // Those that ended before the last of their kind; of the last, and those that run, whether there is one.
    base::Result<std::vector<ProcessRead>> past_processes(const base::Id &party) const;
    base::Result<bool> has_case(const base::Id &party, model::Name process) const;
    base::Result<std::vector<model::Transition>> transitions(const base::Id &party,
                                                             const base::Id &process) const;
    base::Result<std::vector<CommitmentRead>> open_commitments(const base::Id &party) const;
    base::Result<std::optional<Brief>> brief(const base::Id &party, std::size_t interactions_max) const;

    base::Result<std::optional<InteractionRead>> interaction(const model::InteractionKey &key) const;
    base::Result<std::optional<model::InteractionKey>> find_interaction(std::string_view system,
                                                                        std::string_view key) const;
    base::Result<std::optional<std::vector<model::Transition>>> log(const base::Id &process) const;

    // ---- segments of parties (member_reads.cpp); none: no such segment is installed ----
    base::Result<std::optional<SegmentRead>> segment(std::string_view name) const;
    base::Result<std::optional<Page<MemberRead>>> members(std::string_view segment, std::string_view resume,
                                                          std::size_t items_max) const;
    // Also those it has left, and those it was never in but time may bring it into.
    base::Result<std::vector<MemberRead>> memberships(const base::Id &party) const;
    // What is kept of a rule's condition or instant; none: it never came, and will not by itself.
    base::Result<std::optional<StoredMembership>> watched(const base::Id &party, model::Name rule) const;
    // When a party came into a segment and went.
    base::Result<std::vector<model::Transition>> membership_log(const base::Id &party,
                                                                model::Name segment) const;
    base::Result<std::vector<StateCount>> states(std::string_view process) const;  // Status::not_found

    base::Result<Page<model::Party>> parties(std::string_view resume, std::size_t items_max) const;
    base::Result<Page<InteractionRead>> timeline(const TimelineQuery &query, std::string_view resume,
                                                 std::size_t items_max) const;
    base::Result<Page<ProcessRead>> in_state(std::string_view process, std::string_view state,
                                             std::string_view resume, std::size_t items_max) const;
    base::Result<Page<model::DefinitionRecord>> definitions(std::string_view resume,
                                                            std::size_t items_max) const;
    base::Result<std::vector<model::Change>> changes(std::uint64_t after_seq, std::size_t items_max) const;
    base::Result<Info> info() const;

    // The record of an interaction or a transition; Status::corrupt where it is missing.
    base::Result<base::Bytes> fact(std::uint32_t origin, std::uint32_t number) const;

private:
    base::Result<bool> is_corrected(const model::InteractionKey &key) const;
    base::Result<InteractionRead> read_interaction(const model::InteractionKey &key) const;
    // What stands in the party's row: its processes, and its memberships beside them.
    base::Result<void> each_stored(
        const base::Id &party, const std::function<base::Result<void>(const StoredProcess &)> &take) const;
    base::Result<ProcessRead> read_process(const model::Process &process) const;

    const Snapshot &snapshot_;
    const store::Reader &reader_;
};

}  // namespace kith::engine
