// A party as one batch sees and changes it: its record, figures, processes and commitments, loaded
// once, changed in memory, written at the end.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/catalog.hpp"
#include "engine/figures_row.hpp"
#include "index/keys.hpp"
#include "model/party.hpp"
#include "model/process.hpp"
#include "record/record.hpp"

namespace kith::engine {

struct Instance {
    model::Process process;
    const InstalledProcess *definition = nullptr;
    model::Name state_before = 0;  // as stored; 0 for a new instance
    base::Micros since_before = 0;
    std::optional<base::Micros> due;  // of its first timer, or kNever; worked out when it is asked for
    // Where its row of table `timers` stands: never after `due`, but for new rules of the zone.
    base::Micros wake = kNever;
    bool changed = false;
};

struct OpenCommitment {
    model::Commitment commitment;
    std::optional<model::CommitmentState> state_before;  // as stored; none for a new one
    bool changed = false;
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

    bool commitments_loaded = false;
    std::vector<OpenCommitment> commitments;  // all of them once loaded, and new ones

    std::vector<PendingInteraction> pending;
    std::vector<index::Key> new_identifiers;  // rows of this batch, not yet in the file
};

}  // namespace kith::engine
