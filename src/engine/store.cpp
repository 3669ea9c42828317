#include "engine/store.hpp"

#include <cstring>
#include <new>

#include "base/os.hpp"
#include "base/text.hpp"
#include "engine/behaviours.hpp"
#include "engine/directory_reads.hpp"
#include "engine/values_at.hpp"
#include "feed/origin.hpp"
#include "playbooks/playbooks.hpp"

namespace kith::engine {

using base::Status;

namespace {

// How many runs over the whole base are made up for; of more, the first of them and the newest.
constexpr std::size_t kMissedPeriodsMax = 31;
constexpr std::size_t kTimersPerCommit = 5000;
constexpr std::size_t kPartiesPerCommit = 5000;  // of a build
constexpr std::size_t kDeviceBytesMax = 255;
constexpr std::string_view kInstalledPlaybook = "lifecycle";

base::Result<bool> is_blank(store::Env &env) {
    KITH_LET(view, env.snapshot());
    KITH_LET(rows, view->count(store::Table::meta));
    return rows == 0;
}

void fail_all(std::span<Commit *const> group, Status status, const char *message) noexcept {
    for (auto *commit : group) {
        try {
            commit->error = base::box(base::fail(status, message));
        } catch (const std::bad_alloc &) {
            commit->out_of_memory = true;
        }
    }
}

// When the cuts that stand at an instant were taken.
base::Result<std::optional<base::Micros>> last_taken(const Snapshot &view, const OfBase &of,
                                                     base::Micros now) {
    const DirectoryReads directory(view);
    KITH_LET(metric, directory.code(of.metric));
    KITH_LET(first, directory.code("1"));
    if (!metric || !first) return std::optional<base::Micros>();
    LatestScore last;
    last.subject.kind = model::SubjectKind::all;
    last.metric = *metric;
    last.key = *first;
    last.at = now;
    KITH_LET(taken, directory.latest(last));
    if (!taken || taken->definition_version != of.version) return std::optional<base::Micros>();
    return std::optional(taken->key.at);
}

}  // namespace

base::Result<std::string_view> Snapshot::text(model::Name name) const {
    return names_ ? names_->text(name) : store_->names().text(reader(), name);
}

base::Result<std::shared_ptr<const Catalog>> Snapshot::catalog() const {
    return store_->catalog(reader(), meta_.definitions_revision);
}

base::Result<void> Snapshot::renew() {
    KITH_TRY(view_->renew());
    KITH_LET(meta, read_meta(*view_));
    meta_ = meta;
    return {};
}

Store::Store(std::shared_ptr<store::Env> env, OpenOptions options)
    : env_(std::move(env)), options_(std::move(options)) {}

base::Result<std::unique_ptr<Store>> Store::open(const std::string &path, OpenOptions options) {
    if (!options.config.currency.packed()) options.config.currency = *base::Currency::parse("USD");
    if (options.config.time_zone.empty()) options.config.time_zone = "UTC";
    KITH_TRY(base::Zone::find(options.config.time_zone));
    if (options.config.device.size() > kDeviceBytesMax) {
        return base::fail(Status::limit, "the device's name is too long: at most 255 bytes");
    }
    auto opened = store::Env::open(path, options.file);
    // A file whose making was cut short has no meta row yet: it counts as not there.
    if (!opened && opened.error().status == Status::exists) {
        auto unfinished = options.file;
        unfinished.must_be_new = false;
        if (auto env = store::Env::open(path, unfinished)) {
            KITH_LET(blank, is_blank(**env));
            if (blank) opened = std::move(env);
        }
    }
    if (!opened) return opened.take_error();
    std::unique_ptr<Store> store(new Store(std::move(*opened), std::move(options)));
    KITH_LET(blank, is_blank(*store->env_));
    if (blank) {
        if (!store->options_.file.create && !store->options_.file.must_be_new) {
            return base::fail(Status::format, "the file is empty: it was never finished; make it anew");
        }
        KITH_TRY(store->initialise(store->options_.config));
    }
    KITH_TRY(store->read_settings());
    return store;
}

base::Result<std::unique_ptr<Store>> Store::over(std::shared_ptr<store::Env> env, OpenOptions options) {
    std::unique_ptr<Store> store(new Store(std::move(env), std::move(options)));
    KITH_TRY(store->read_settings());
    return store;
}

base::Result<void> Store::read_settings() {
    KITH_LET(view, env_->snapshot());
    KITH_TRY(read_meta(*view));
    KITH_LET(config, read_config(*view));
    config_ = std::move(config);
    KITH_LET(zone, base::Zone::find(config_.time_zone));
    zone_ = std::move(zone);
    return {};
}

// The whole of a new file in one transaction.
base::Result<void> Store::initialise(Config config) {
    KITH_LET(circumstances, draw());
    zone_ = *base::Zone::find(config.time_zone);
    return env_->update([&](store::Writer &writer) -> base::Result<void> {
        KITH_LET(rows, writer.count(store::Table::meta));
        if (rows != 0) return {};  // another process was first
        Head blank{{}, std::make_shared<Catalog>(), {}, {}};
        auto &meta = blank.meta;
        const auto copy = [](auto &out, std::string_view text) {
            std::memcpy(out.data(), text.data(), std::min(text.size(), out.size() - 1));
        };
        copy(meta.tz_version, base::tz_version());
        copy(meta.unicode_version, base::unicode_version());
        std::uint32_t random;
        std::memcpy(&random, circumstances.random.data() + 10, sizeof random);
        KITH_LET(origin, feed::mint_origin(writer, random, config.device, circumstances.now));
        meta.origin = origin.origin;
        Session session(writer, *this, config, blank, circumstances);
        Batch batch;
        if (!options_.bare) {
            for (const auto &playbook : playbooks::built_in()) {
                if (playbook.name == kInstalledPlaybook) KITH_TRY(batch.add_playbook(playbook.json));
            }
        }
        for (const auto &item : batch.items()) KITH_TRY(session.apply(batch, item, {}));
        KITH_TRY(session.finish(writer, blank));
        KITH_TRY(writer.put(store::Table::origins, index::by_number(origin.origin), origin.payload));
        return write_config(writer, config);
    });
}

base::Result<base::Micros> Store::now() const {
    const auto now = options_.now ? options_.now() : base::os::now_us();
    if (now >= base::kMinTime && now <= base::kMaxTime) return now;
    return base::fail(Status::argument, "the clock is out of range: it must give microseconds since 1970");
}

base::Result<Circumstances> Store::draw() const {
    Circumstances drawn;
    KITH_LET(time, now());
    drawn.now = time;
    if (options_.random) {
        options_.random(drawn.random);
    } else {
        base::os::random(drawn.random);
    }
    return drawn;
}

base::Result<std::shared_ptr<const Catalog>> Store::catalog(const store::Reader &reader,
                                                            std::uint64_t revision) {
    {
        const std::lock_guard lock(catalog_mutex_);
        if (catalog_ && catalog_->revision == revision) return catalog_;
    }
    KITH_LET(loaded, load_catalog(reader, names_, revision));
    const std::lock_guard lock(catalog_mutex_);
    if (!catalog_ || catalog_->revision < revision) catalog_ = loaded;
    return loaded;
}

base::Result<void> Store::check_open_for_writing() const {
    if (!options_.file.read_only) return {};
    return base::fail(Status::permission, "the store is open read-only: open it for writing to change it");
}

base::Result<Head> Store::head(store::Writer &writer) {
    KITH_LET(meta, read_meta(writer));
    KITH_TRY(check_writable(meta));
    KITH_LET(installed, catalog(writer, meta.definitions_revision));
    return Head{meta, std::move(installed), {}, {}};
}

void Store::keep(Head &committed) noexcept {
    if (options_.deeds) std::ranges::move(committed.deeds, std::back_inserter(*options_.deeds));
    for (const auto &[text, name] : committed.names) names_.remember(text, name);
}

base::Result<CommitCounts> Store::commit(Batch &batch) {
    KITH_TRY(check_open_for_writing());
    KITH_LET(circumstances, draw());
    batch.outcomes.clear();
    Commit commit(batch, circumstances);
    KITH_TRY(queue_.pass(commit, std::chrono::milliseconds(options_.file.busy_timeout_ms),
                         [this](std::span<Commit *const> group) { write_group(group); }));
    if (commit.out_of_memory) throw std::bad_alloc();
    if (commit.error) return std::move(commit.error);
    batch.outcomes = std::move(commit.outcomes);
    return commit.counts;
}

void Store::write_group(std::span<Commit *const> group) {
    if (write_together(group) == Status::ok || group.size() == 1) return;
    // What the commits before said of one does not count: they are not there. Once one alone has waited in
    // vain for a busy file, the others do not wait as long again.
    bool busy = false;
    for (auto *one : group) {
        if (busy) {
            fail_all({&one, 1}, Status::busy, "the file is still busy: try again later");
        } else {
            busy = write_together({&one, 1}) == Status::busy;
        }
    }
}

Status Store::write_together(std::span<Commit *const> group) {
    for (auto *commit : group) {
        commit->error = nullptr;
        commit->out_of_memory = false;
    }
    try {
        Head last;
        const auto all = [&](store::Writer &writer) -> base::Result<void> {
            KITH_LET(found, head(writer));
            last = std::move(found);
            for (auto *commit : group) KITH_TRY(evaluate(writer, *commit, last));
            return {};
        };
        const auto written = env_->update(all);
        if (written) {
            keep(last);
            return Status::ok;
        }
        const bool own = group.size() == 1 && group[0]->error;  // of the batch itself
        for (auto *commit : group)
            if (!own) commit->error = base::box(base::Error(written.error()));
        return written.error().status;
    } catch (const std::bad_alloc &) {
        for (auto *commit : group) commit->out_of_memory = true;
        return Status::nomem;
    } catch (...) {
        fail_all(group, Status::internal, "an exception that nobody expected: report this as a bug");
        return Status::internal;
    }
}

// An error of the batch is kept in its commit, and nothing of it is written; what is returned is an error of
// the transaction.
base::Result<void> Store::evaluate(store::Writer &writer, Commit &commit, Head &head) {
    const auto &batch = commit.batch;
    commit.error = nullptr;  // of an earlier run
    commit.outcomes.clear();
    commit.outcomes.reserve(batch.count());
    Session session(writer, *this, config_, head, commit.circumstances);
    KITH_TRY(session.prepare(batch.count()));
    session.raise_effects_from(batch.effects_from);
    for (const auto &item : batch.items()) {
        if (!batch.instants.empty()) session.stand_at(batch.instants[commit.outcomes.size()]);
        auto outcome = session.apply(batch, item, commit.outcomes);
        if (!outcome) {
            commit.error = outcome.take_error();
            commit.error->item = static_cast<std::uint32_t>(commit.outcomes.size());
            return {};
        }
        commit.outcomes.push_back(*outcome);
    }
    commit.counts = session.counts();
    if (commit.counts.first_seq == 0) return {};  // nothing has changed
    return session.finish(writer, head);
}

base::Result<void> Store::write(const std::function<base::Result<bool>(Session &)> &body) {
    KITH_TRY(check_open_for_writing());
    KITH_LET(circumstances, draw());
    Head last;
    KITH_TRY(env_->update([&](store::Writer &writer) -> base::Result<void> {
        KITH_LET(found, head(writer));
        last = std::move(found);
        Session session(writer, *this, config_, last, circumstances);
        KITH_TRY(session.prepare(0));
        KITH_LET(changed, body(session));
        if (!changed) return {};
        return session.finish(writer, last);
    }));
    keep(last);
    return {};
}

base::Result<DueReport> Store::run_due(base::Micros now) {
    if (now < base::kMinTime || now > base::kMaxTime) {
        return base::fail(Status::argument,
                          "now is out of range: give microseconds since 1970, years 1 to 9999");
    }
    // First: what is due may ask for values, and a call that fails here has done nothing that is due.
    KITH_TRY(build({}));
    bool dated =
        false;  // where nothing is taken of the base, nothing is left to fail once all that is due is done
    {
        KITH_LET(view, snapshot());
        KITH_LET(catalog, view->catalog());
        dated = !catalog->values->of_base.empty();
    }
    DueReport report;
    // As if it had been called as each period began: what is due up to there, then the cuts of then.
    auto begin = base::kMinTime;
    for (std::size_t missed = 0; missed < kMissedPeriodsMax; ++missed) {
        KITH_LET(next, next_refresh(begin, now));
        KITH_LET(period, next_period(now));
        if (!next && period > now) break;
        begin = std::min(next.value_or(kNever), period);
        KITH_TRY(do_due(begin, now, report));
        if (next && *next == begin) KITH_TRY(refresh(begin, true));
        if (period == begin) KITH_TRY(run_periods(begin, now));
    }
    KITH_TRY(do_due(now, now, report));
    if (dated && report.due_through == now) KITH_TRY(refresh(now, false));
    return report;
}

base::Result<void> Store::do_due(base::Micros through, base::Micros now, DueReport &report) {
    for (bool all = false; !all;) {
        DueCounts counts;
        KITH_TRY(write([&](Session &session) -> base::Result<bool> {
            const auto before = session.meta().due_through;
            session.run_at(now);
            KITH_LET(done, session.run_due(through, kTimersPerCommit));
            all = done;
            if (all) session.raise_due_through(through);
            counts = session.due_counts();
            report.due_through = session.meta().due_through;
            report.last_seq = session.meta().feed_last;
            return session.has_changes() || report.due_through != before;
        }));
        report.counts.timers += counts.timers;
        report.counts.transitions += counts.transitions;
        report.counts.commitments += counts.commitments;
    }
    return {};
}

base::Result<base::Micros> Store::next_period(base::Micros now) {
    auto next = kNever;
    {
        KITH_LET(view, snapshot());
        KITH_LET(catalog, view->catalog());
        const bool any = std::ranges::any_of(catalog->behaviours->rules, [](const auto &one) {
            return one->rule().trigger == rules::Rule::Trigger::period;
        });
        if (!any) return next;
    }
    KITH_TRY(write([&](Session &session) -> base::Result<bool> {
        KITH_LET(found, session.next_period(now));
        next = found;
        return session.has_changes();
    }));
    return next;
}

base::Result<void> Store::run_periods(base::Micros begin, base::Micros now) {
    for (bool all = false; !all;) {
        KITH_TRY(write([&](Session &session) -> base::Result<bool> {
            session.run_at(now);
            KITH_LET(done, session.run_periods(begin, kPartiesPerCommit));
            all = done;
            return true;
        }));
    }
    return {};
}

base::Result<std::optional<base::Micros>> Store::next_refresh(base::Micros after, base::Micros now) {
    std::optional<base::Micros> first;
    KITH_LET(view, snapshot());
    if (now < view->meta().due_through) return first;
    KITH_LET(catalog, view->catalog());
    for (const auto &one : catalog->values->of_base) {
        KITH_LET(taken, last_taken(*view, one, now));
        if (!taken) continue;
        const auto begin = period_begin(one.every, std::max(*taken, after), zone());
        const auto next = period_next(one.every, begin, zone());
        if (next <= now && (!first || next < *first)) first = next;
    }
    return first;
}

base::Result<void> Store::refresh(base::Micros now, bool only_taken) {
    struct Run {
        std::string of;
        std::uint32_t version = 0;
        base::Micros at = 0;
        std::vector<double> numbers;
        std::size_t parties = 0;
    };
    std::vector<Run> runs;
    KITH_LET(view, snapshot());
    KITH_LET(catalog, view->catalog());
    for (const auto &one : catalog->values->of_base) {
        Run run{one.metric, one.version, now, {}, 0};
        KITH_LET(taken, last_taken(*view, one, now));
        if (!taken && only_taken) continue;
        if (taken) {
            // As of the instant at which the period began, whenever this is called.
            run.at = period_begin(one.every, now, zone());
            if (*taken >= run.at) continue;
        }
        KITH_LET(values, ValuesAt::of(*view, run.at));
        std::vector<double> numbers;
        double unit = 1;
        KITH_LET(cursor, view->reader().cursor(store::Table::counters));
        KITH_LET(found, cursor.first());
        while (found) {
            KITH_LET(row, cursor.value());
            KITH_LET(figures, decode_figures(row.payload));
            if (!figures.anonymous) {
                auto &subject = values->values().walk_to(base::Id::from(cursor.key()));
                const auto value = subject.evaluate(*one.of).value;
                if (const auto number = number_of(value)) numbers.push_back(*number);
                if (value.is(expr::Kind::money)) unit = values->values().minor_units();
            }
            KITH_LET(next, cursor.next());
            found = next;
        }
        if (auto error = values->values().take_error()) return error;
        if (numbers.empty()) continue;
        if (one.bands) {
            auto cuts = rules::base_cuts(*one.bands, numbers, unit);
            if (!cuts) continue;  // of shares of nothing there are none: those before stand
            run.numbers = std::move(*cuts);
        } else {
            for (auto &number : numbers) number /= unit;
            const auto [a, b] = rules::base_of(one.normalise, numbers);
            run.numbers = {a, b};
        }
        run.parties = numbers.size();
        runs.push_back(std::move(run));
    }
    view.reset();
    if (runs.empty()) return {};
    KITH_TRY(write([&](Session &session) -> base::Result<bool> {
        for (const auto &run : runs) {
            KITH_TRY(session.take_of_base(run.of, run.version, run.at, run.numbers, run.parties));
        }
        return true;
    }));
    KITH_TRY(build({}));
    return {};
}

base::Result<BuildProgress> Store::build(const std::function<bool(const BuildProgress &)> &progress) {
    BuildProgress done;
    for (bool all = false; !all;) {
        BuildProgress step;
        KITH_TRY(write([&](Session &session) -> base::Result<bool> {
            step = done;
            KITH_LET(nothing_left, session.build(kPartiesPerCommit, step));
            all = nothing_left;
            return !nothing_left;
        }));
        done = step;
        if (progress && !progress(done))
            return base::fail(Status::cancelled, "stopped: call it again to go on");
    }
    return done;
}

base::Result<void> Store::mark_erasure() {
    return write([](Session &session) -> base::Result<bool> {
        session.mark_erasure();
        return true;
    });
}

base::Result<std::unique_ptr<Snapshot>> Store::snapshot() {
    std::unique_ptr<Snapshot> snapshot(new Snapshot());
    snapshot->store_ = this;
    KITH_LET(view, env_->snapshot());
    snapshot->view_ = std::move(view);
    KITH_LET(meta, read_meta(*snapshot->view_));
    snapshot->meta_ = meta;
    return snapshot;
}

}  // namespace kith::engine
