#include "engine/repair.hpp"

#include <algorithm>

#include "engine/verify.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"
#include "store/salvage.hpp"

namespace kith::engine {

using base::Bytes;
using base::Status;
using store::Draft;
using store::Table;

namespace {

// Writes the rows that a file should have, all but its own and the feed's.
class Rebuild : public Comparison {
public:
    Rebuild(const store::Reader &reader, Draft &to) : Comparison(reader), to_(to) {}

    base::Result<void> keep(Table table, Bytes key, Bytes payload) override {
        KITH_TRY(Comparison::keep(table, key, payload));
        if (table == Table::feed || table == Table::meta) return {};
        return to_.add(table, key, payload);
    }
    base::Result<void> expect(Table table, Bytes key, Bytes payload) override {
        KITH_TRY(Comparison::expect(table, key, payload));
        return to_.add(table, key, payload);
    }
    base::Result<bool> stand_in(Table table, Bytes key, Bytes payload) override {
        KITH_TRY(to_.add(table, key, payload));
        return true;
    }
    void problem(Table table, Bytes key, std::string what) override {
        // What is told of a record goes another way than what the comparison finds of derived rows.
        lost_.add(table, key, std::move(what));
    }

    // Lost records, and derived rows that were wrong.
    base::Result<void> finish(const Derived &derived, RepairReport &report) {
        KITH_LET(rows, Comparison::finish(derived));
        report.mended = rows.problems.count;
        report.lost = lost_.count;
        report.listed = std::move(lost_.listed);
        return {};
    }

private:
    Problems lost_;
    Draft &to_;
};

// Rows of the feed from `first` on; where that is in the middle of one, from the next.
base::Result<std::uint64_t> copy_feed(const store::Reader &from, std::uint64_t first, std::uint64_t last,
                                      Draft &to) {
    std::uint64_t begins = 0;
    KITH_LET(cursor, from.cursor(Table::feed));
    KITH_LET(found, cursor.seek(index::by_number(first)));
    while (found) {
        KITH_LET(row, cursor.value());
        if (begins == 0) begins = base::load_big64(cursor.key().data());
        KITH_TRY(to.add(Table::feed, cursor.key(), row.payload, row.schema));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return begins != 0 ? begins : last + 1;
}

base::Result<void> finish(Draft &draft, RepairReport &report) {
    KITH_LET(size, draft.finish());
    report.written = true;
    report.rows = size.rows;
    report.bytes = size.bytes;
    return {};
}

// Of tables that hold records. The feed does not name rows beside records, so there the number is all that is
// known.
void count_lost_rows(const store::Salvaged &salvaged, const Comparison &found, RepairReport &report) {
    for (const auto table :
         {Table::origins, Table::names, Table::rows, Table::personal, Table::provenance, Table::occurrences,
          Table::feed, Table::definitions, Table::parties, Table::facts, Table::products, Table::actors,
          Table::campaigns, Table::scores, Table::links, Table::requests, Table::rules, Table::runs}) {
        const auto rows = salvaged.rows[static_cast<std::size_t>(table)], left = found.expected(table);
        if (left >= rows) continue;
        report.listed.facts.emplace_back(store::table_name(table), static_cast<double>(rows - left));
        if (table == Table::personal || table == Table::provenance || table == Table::occurrences ||
            table == Table::rules || table == Table::runs)
            report.lost += rows - left;
    }
}

std::uint64_t stamp_of(Table table, Bytes key, Bytes payload) {
    using record::Kind;
    const auto tag = key.size() >= 24 ? static_cast<index::Tag>(key[16]) : index::Tag();
    if (table == Table::parties && tag == index::Tag::party && record::verify(Kind::party, payload))
        return record::decode_party({}, payload).changed;
    if (table == Table::parties && tag == index::Tag::identifier && record::verify(Kind::identifier, payload))
        return record::decode_identifier({}, 0, 0, payload).stamp;
    if (table == Table::rows && tag == index::Tag::commitment && record::verify(Kind::commitment, payload))
        return record::decode_commitment({}, {}, payload).stamp;
    if (table == Table::personal && key.size() == 40 && record::verify(Kind::commitment_personal, payload))
        return record::decode_commitment_personal(payload).stamp;
    if (table == Table::provenance && record::verify(Kind::provenance, payload)) {
        std::uint64_t last = 0;
        for (const auto &source : record::decode_provenance(payload)) last = std::max(last, source.stamp);
        return last;
    }
    if (table == Table::products && record::verify(Kind::product, payload))
        return record::decode_product(0, payload).changed;
    if (table == Table::actors && record::verify(Kind::actor, payload))
        return record::decode_actor(0, payload).changed;
    if (table == Table::campaigns && record::verify(Kind::campaign, payload))
        return record::decode_campaign(0, payload).changed;
    if (table == Table::meta) return stamp_of_meta(key, payload);
    return 0;
}

// By stamps; rows beside an interaction have its number.
class Judge : public store::SalvageJudge {
public:
    void learn(const store::Reader &found) override {
        if (const auto meta = read_meta(found)) meta_ = *meta;
    }
    bool newer(Table table, Bytes key, Bytes payload, Bytes than) const override {
        return stamp_of(table, key, payload) > stamp_of(table, key, than);
    }
    bool later(Table table, Bytes key, Bytes payload) const override {
        if (table != Table::personal || key.size() == 40) return stamp_of(table, key, payload) > meta_.stamp;
        return key.size() >= 32 && base::load_big32(key.data() + key.size() - 8) == meta_.origin &&
               base::load_big32(key.data() + key.size() - 4) > meta_.number;
    }
    bool erased() const override { return meta_.erasure_pending_since != 0; }

private:
    Meta meta_;
};

}  // namespace

base::Result<RepairReport> repair(const std::string &path, const Progress &progress) {
    store::Options alone;
    alone.read_only = alone.alone = true;
    alone.check = store::Check::full;
    KITH_LET(file, store::Env::open(path, alone));
    RepairReport report;
    KITH_LET(draft, Draft::begin(path, Draft::Place::taken, file->path()));
    {
        KITH_LET(store, Store::over(file, {}));
        KITH_LET(snapshot, store->snapshot());
        auto meta = snapshot->meta();
        KITH_TRY(check_writable(meta));
        Rebuild rebuild(snapshot->reader(), *draft);
        KITH_LET(derived, derive(*snapshot, rebuild, progress));
        KITH_TRY(rebuild.finish(derived, report));
        report.origin = meta.origin;
        report.feed_first = meta.feed_first;
        if (report.lost != 0 || report.mended == 0) return report;
        KITH_TRY(copy_feed(snapshot->reader(), 0, 0, *draft));
        meta.set_erasure_pending(0);
        KITH_LET(copy, draft->env());
        KITH_TRY(copy->update([&](store::Writer &writer) -> base::Result<void> {
            KITH_TRY(write_meta(writer, meta));
            return write_config(writer, store->config());
        }));
    }
    KITH_LET(left, problems_of(*draft, {}));
    report.left = left;
    if (left != 0) return report;
    draft->take_place(std::move(file));
    KITH_TRY(finish(*draft, report));
    return report;
}

base::Result<RepairReport> salvage(const std::string &path, const std::string &new_path,
                                   RestoreOptions options, const Progress &progress) {
    RepairReport report;
    KITH_LET(draft, Draft::begin(new_path, Draft::Place::free, path));
    KITH_LET(found, Draft::begin(new_path, Draft::Place::free, path));
    Judge judge;
    KITH_LET(salvaged, store::salvage(path, *found, judge, progress));
    {
        KITH_LET(env, found->env());
        auto opened = Store::over(std::move(env), std::move(options.open));
        if (!opened) {
            auto error = opened.take_error();
            if (error->status == Status::format || error->status == Status::corrupt)
                return base::fail(
                    Status::corrupt,
                    "the file's own rows are lost, and without them nothing can be saved: restore a "
                    "backup");
            return error;
        }
        auto &store = **opened;
        KITH_LET(circumstances, store.draw());
        KITH_LET(snapshot, store.snapshot());
        auto meta = snapshot->meta();
        KITH_TRY(check_writable(meta));
        Rebuild rebuild(snapshot->reader(), *draft);
        KITH_LET(derived, derive(*snapshot, rebuild, progress));
        KITH_TRY(rebuild.finish(derived, report));
        count_lost_rows(salvaged, rebuild, report);

        meta.feed_last = std::max(meta.feed_last, derived.last_seq);
        meta.stamp = std::max(meta.stamp, derived.last_stamp);
        meta.last_name = derived.last_name;
        if (derived.lost_through != 0) {
            KITH_LET(first, copy_feed(snapshot->reader(), derived.lost_through + 1, meta.feed_last, *draft));
            meta.feed_first = first;
        } else {
            KITH_TRY(copy_feed(snapshot->reader(), 0, 0, *draft));
        }
        report.feed_first = meta.feed_first;
        auto config = store.config();
        if (!options.device.empty()) config.device = options.device;
        KITH_LET(copy, draft->env());
        KITH_TRY(copy->update([&](store::Writer &writer) -> base::Result<void> {
            KITH_LET(origin, begin_anew(writer, meta, config, circumstances));
            report.origin = origin;
            return {};
        }));
    }
    report.uncertain = salvaged.uncertain;
    report.pages = salvaged.pages;
    KITH_LET(left, problems_of(*draft, {}));
    report.left = left;
    KITH_TRY(finish(*draft, report));
    return report;
}

}  // namespace kith::engine
