// An open kith file: commits and due work go in, snapshots come out. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "engine/batch.hpp"
#include "engine/catalog.hpp"
#include "engine/commit_queue.hpp"
#include "engine/meta.hpp"
#include "engine/names.hpp"
#include "engine/session.hpp"
#include "store/store.hpp"

namespace kith::engine {

struct OpenOptions {
    store::Options file;
    Config config;                                     // of a new file
    bool bare = false;                                 // a new file without the built-in playbooks
    std::function<base::Micros()> now;                 // empty: the system's clock
    std::function<void(std::span<std::byte>)> random;  // empty: the system's
    std::vector<Deed> *deeds = nullptr;                // of one thread: added to by each transaction
};

struct DueReport {
    DueCounts counts;
    base::Micros due_through = 0;
    std::uint64_t last_seq = 0;
};

class Store;

// A consistent view of the file, with its meta row read. One thread at a time.
class Snapshot {
public:
    // Of a transaction, while it lasts: what is in the file by now.
    Snapshot(Store &store, const store::Reader &reader, const Meta &meta, const NameSource &names)
        : store_(&store), reader_(&reader), names_(&names), meta_(meta) {}

    const store::Reader &reader() const { return view_ ? *view_ : *reader_; }
    store::Snapshot &view() const { return *view_; }
    const Meta &meta() const { return meta_; }
    Store &store() const { return *store_; }

    base::Result<std::string_view> text(model::Name name) const;
    base::Result<std::shared_ptr<const Catalog>> catalog() const;
    base::Result<void> renew();

private:
    friend class Store;
    Snapshot() = default;
    Store *store_ = nullptr;  // outlived by it: see capi/
    std::unique_ptr<store::Snapshot> view_;
    // Where there is no view of its own.
    const store::Reader *reader_ = nullptr;
    const NameSource *names_ = nullptr;
    Meta meta_;
};

class Store {
public:
    static base::Result<std::unique_ptr<Store>> open(const std::string &path, OpenOptions options);

    // Over a file that is open already, and is no new one.
    static base::Result<std::unique_ptr<Store>> over(std::shared_ptr<store::Env> env, OpenOptions options);

    // All of the batch or nothing; fills batch.outcomes.
    base::Result<CommitCounts> commit(Batch &batch);
    std::size_t commits_waiting() const { return queue_.waiting(); }  // behind the one that is written
    base::Result<DueReport> run_due(base::Micros now);
    // Measures what was there before the definitions, party by party, each step a commit of its own; goes on
    // where an earlier call ended. `progress` (may be empty) says how much is done, and stops it by false.
    base::Result<BuildProgress> build(const std::function<bool(const BuildProgress &)> &progress);
    base::Result<std::unique_ptr<Snapshot>> snapshot();
    base::Result<void> mark_erasure();  // the file is to be compacted: Meta::erasure_pending_since

    base::Result<Circumstances> draw() const;  // by the clock and the random bytes of its options
    base::Result<base::Micros> now() const;    // by the clock of its options
    bool tells_deeds() const { return options_.deeds != nullptr; }
    const Config &config() const { return config_; }
    const base::Zone &zone() const { return zone_; }  // copy it: it remembers
    Names &names() { return names_; }
    store::Env &env() { return *env_; }
    base::Result<std::shared_ptr<const Catalog>> catalog(const store::Reader &reader, std::uint64_t revision);

private:
    base::Result<void> do_due(base::Micros through, base::Micros now, DueReport &report);  // timers
    // Takes the cuts of bands over the whole base anew where their period has begun since the last time, or,
    // but for `only_taken`, where they never were.
    base::Result<void> refresh(base::Micros now, bool only_taken);
    // The first beginning of a period, after < begin <= now, with which some are to be taken.
    base::Result<base::Micros> next_period(base::Micros now);
    base::Result<void> run_periods(base::Micros begin, base::Micros now);
    base::Result<std::optional<base::Micros>> next_refresh(base::Micros after, base::Micros now);
    Store(std::shared_ptr<store::Env> env, OpenOptions options);
    base::Result<void> initialise(Config config);
    base::Result<void> check_open_for_writing() const;
    base::Result<void> read_settings();

    // In a write transaction: what is there to build upon.
    base::Result<Head> head(store::Writer &writer);
    void keep(Head &committed) noexcept;

    // One session in a transaction of its own; `body` tells whether there is something to be written.
    base::Result<void> write(const std::function<base::Result<bool>(Session &)> &body);

    // Writes commits in one transaction, each failing alone where its evaluation fails; where the transaction
    // does, each again alone.
    void write_group(std::span<Commit *const> group);
    base::Status write_together(std::span<Commit *const> group);
    base::Result<void> evaluate(store::Writer &writer, Commit &commit, Head &head);

    std::shared_ptr<store::Env> env_;
    OpenOptions options_;
    Config config_;
    base::Zone zone_ = base::Zone::utc();
    Names names_;
    CommitQueue queue_;
    std::mutex catalog_mutex_;
    std::shared_ptr<const Catalog> catalog_;
};

}  // namespace kith::engine
