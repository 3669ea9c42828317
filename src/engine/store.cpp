#include "engine/store.hpp"

#include <cstring>

#include "base/os.hpp"
#include "base/text.hpp"
#include "feed/origin.hpp"
#include "playbooks/playbooks.hpp"

namespace kith::engine {

using base::Status;

namespace {

constexpr std::size_t kTimersPerCommit = 5000;
constexpr std::size_t kDeviceBytesMax = 255;
constexpr std::string_view kInstalledPlaybook = "lifecycle";

bool is_blank(store::Env &env) {
    const auto view = env.snapshot();
    if (!view) return false;
    const auto rows = (*view)->count(store::Table::meta);
    return rows && *rows == 0;
}

}  // namespace

base::Result<std::string_view> Snapshot::text(model::Name name) const {
    return store_->names().text(reader(), name);
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
        if (auto env = store::Env::open(path, unfinished); env && is_blank(**env)) opened = std::move(env);
    }
    if (!opened) return opened.take_error();
    std::unique_ptr<Store> store(new Store(std::move(*opened), std::move(options)));
    if (is_blank(*store->env_)) {
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
        Meta meta;
        const auto copy = [](auto &out, std::string_view text) {
            std::memcpy(out.data(), text.data(), std::min(text.size(), out.size() - 1));
        };
        copy(meta.tz_version, base::tz_version());
        copy(meta.unicode_version, base::unicode_version());
        std::uint32_t random;
        std::memcpy(&random, circumstances.random.data() + 10, sizeof random);
        KITH_LET(origin, feed::mint_origin(writer, random, config.device, circumstances.now));
        meta.origin = origin.origin;
        Session session(writer, names_, config, zone_, meta, std::make_shared<Catalog>(), circumstances);
        Batch batch;
        if (!options_.bare) {
            for (const auto &playbook : playbooks::built_in()) {
                if (playbook.name == kInstalledPlaybook) KITH_TRY(batch.add_playbook(playbook.json));
            }
        }
        for (const auto &item : batch.items()) KITH_TRY(session.apply(batch, item, {}));
        KITH_TRY(session.finish(writer));
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

base::Result<void> Store::write(std::size_t items, const std::function<base::Result<bool>(Session &)> &body) {
    if (options_.file.read_only) {
        return base::fail(Status::permission,
                          "the store is open read-only: open it for writing to change it");
    }
    KITH_LET(circumstances, draw());
    std::vector<std::pair<std::string, model::Name>> learnt;
    KITH_TRY(env_->update([&](store::Writer &writer) -> base::Result<void> {
        learnt.clear();
        KITH_LET(meta, read_meta(writer));
        KITH_TRY(check_writable(meta));
        KITH_LET(installed, catalog(writer, meta.definitions_revision));
        Session session(writer, names_, config_, zone_, meta, installed, circumstances);
        KITH_TRY(session.prepare(items));
        KITH_LET(changed, body(session));
        if (!changed) return {};
        for (const auto &[text, name] : session.new_names()) learnt.emplace_back(text, name);
        return session.finish(writer);
    }));
    for (const auto &[text, name] : learnt) names_.publish(text, name);
    return {};
}

base::Result<CommitCounts> Store::commit(Batch &batch) {
    CommitCounts counts;
    std::vector<Outcome> outcomes;
    batch.outcomes.clear();
    KITH_TRY(write(batch.count(), [&](Session &session) -> base::Result<bool> {
        outcomes.clear();
        outcomes.reserve(batch.count());
        session.raise_effects_from(batch.effects_from);
        for (const auto &item : batch.items()) {
            auto outcome = session.apply(batch, item, outcomes);
            if (!outcome) {
                auto error = outcome.take_error();
                error->item = static_cast<std::uint32_t>(outcomes.size());
                return error;
            }
            outcomes.push_back(*outcome);
        }
        counts = session.counts();
        return counts.first_seq != 0;
    }));
    batch.outcomes = std::move(outcomes);
    return counts;
}

base::Result<DueReport> Store::run_due(base::Micros now) {
    if (now < base::kMinTime || now > base::kMaxTime) {
        return base::fail(Status::argument,
                          "now is out of range: give microseconds since 1970, years 1 to 9999");
    }
    DueReport report;
    bool all = false;
    while (!all) {
        DueCounts counts;
        KITH_TRY(write(0, [&](Session &session) -> base::Result<bool> {
            const auto before = session.meta().due_through;
            KITH_LET(done, session.run_due(now, kTimersPerCommit));
            all = done;
            if (all) session.raise_due_through(now);
            counts = session.due_counts();
            report.due_through = session.meta().due_through;
            report.last_seq = session.meta().feed_last;
            return session.has_changes() || report.due_through != before;
        }));
        report.counts.timers += counts.timers;
        report.counts.transitions += counts.transitions;
        report.counts.commitments += counts.commitments;
    }
    return report;
}

base::Result<void> Store::mark_erasure() {
    return write(0, [](Session &session) -> base::Result<bool> {
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
