// The rows a file should have, worked out from its records: one derivation, for who compares (verify) and who
// writes (repair).
//
// Records are what was told, and follow from nothing: parties, identifiers, commitments, facts, personal and
// provenance rows, definitions, occurrences, origins, the feed. All else is derived. The feed names every
// record that was ever made, so none is missing unseen, as far back as it is kept.
#pragma once

#include <string>

#include "engine/store.hpp"
#include "store/draft.hpp"

namespace kith::engine {

using store::Progress;

class RowSink {
public:
    virtual ~RowSink() = default;

    // A sound record; those of a table in order of key.
    virtual base::Result<void> keep(store::Table table, base::Bytes key, base::Bytes payload) = 0;
    // A row that follows from records. The same one may be asked for by two.
    virtual base::Result<void> expect(store::Table table, base::Bytes key, base::Bytes payload) = 0;
    // A record that is damaged, lost, or contradicts others: it is not among the kept.
    virtual void problem(store::Table table, base::Bytes key, std::string what) = 0;
    // In place of a lost one (a problem already), for those that name it; whether it is there from now on.
    virtual base::Result<bool> stand_in(store::Table table, base::Bytes key, base::Bytes payload) = 0;
};

// What the derivation learnt besides.
struct Derived {
    std::uint64_t rows = 0, records = 0;  // read; decoded
    std::uint64_t lost_through = 0;  // last sequence of the feed that is lost, or whose record is; 0: none
    std::uint64_t last_seq = 0;      // found in the feed
    std::uint64_t last_stamp = 0;
    model::Name last_name = 0;
};

base::Result<Derived> derive(const Snapshot &snapshot, RowSink &sink, const Progress &progress);

}  // namespace kith::engine
