#include "engine/verify.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/hash.hpp"
#include "engine/reads.hpp"
#include "engine/timers.hpp"
#include "engine/zone_calendar.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using store::Table;

namespace {

constexpr std::size_t kListedMax = 1000;
constexpr std::uint64_t kProgressEvery = 4096;

// Every derived row is asked for by the record it follows from; a table with more rows than were
// asked for has left-overs.
class Verifier {
public:
    Verifier(const Snapshot &snapshot, const Progress &progress)
        : snapshot_(snapshot),
          reader_(snapshot.reader()),
          progress_(progress),
          zone_(snapshot.store().zone()) {
        for (auto [name, type] :
             {std::pair("table", Column::Type::text), std::pair("key", Column::Type::text),
              std::pair("problem", Column::Type::text)}) {
            Column column;
            column.name = name;
            column.type = type;
            report_.listed.columns.push_back(std::move(column));
        }
    }

    base::Result<VerifyReport> run();

private:
    struct Subject {
        base::Id id;
        bool known = false;  // its record has been seen
        model::Party party;
        std::map<base::Id, std::vector<model::Transition>> logs;
        std::vector<std::pair<base::Micros, record::InteractionSummary>> interactions;
    };

    void problem(Table table, base::Bytes key, std::string what);
    base::Result<void> each(Table table,
                            const std::function<base::Result<void>(base::Bytes, base::Bytes)> &take);
    base::Result<void> expect(Table table, base::Bytes key, base::Bytes payload);
    base::Result<void> check_party_rows(base::Bytes key, base::Bytes payload);
    base::Result<void> check_rows(base::Bytes key, base::Bytes payload);
    base::Result<void> begin_subject(const base::Id &party);
    base::Result<std::optional<base::Bytes>> fact(record::Kind kind, base::Bytes key, std::uint32_t origin,
                                                  std::uint32_t number);
    base::Result<void> check_identifier(base::Bytes key, base::Bytes payload);
    base::Result<void> check_interaction(base::Bytes key, base::Bytes payload);
    base::Result<void> check_commitment(base::Bytes key, base::Bytes payload);
    base::Result<void> finish_subject();
    base::Result<void> check_processes(base::Bytes row, const model::Figures &figures);
    base::Result<void> check_process(const model::Process &process, base::Micros wake,
                                     const model::Figures &figures);
    base::Result<void> check_name(model::Name name, Table table, base::Bytes key);
    base::Result<void> check_names();
    base::Result<void> check_feed();
    base::Result<void> check_side_rows();
    base::Result<void> check_left_overs();
    model::Figures recount() const;
    bool verify_record(record::Kind kind, base::Bytes key, base::Bytes payload, Table table = Table::rows);

    const Snapshot &snapshot_;
    const store::Reader &reader_;
    const Progress &progress_;
    base::Zone zone_;
    bool same_zone_rules_ = true;  // timers of an older tz database are right until they are armed anew
    std::shared_ptr<const Catalog> catalog_;
    model::Name order_ = 0, return_ = 0;
    std::uint64_t rows_all_ = 0;
    Subject subject_;
    std::array<std::uint64_t, store::kTables + 1> expected_{};
    VerifyReport report_;
};

void Verifier::problem(Table table, base::Bytes key, std::string what) {
    ++report_.problems;
    auto &columns = report_.listed.columns;
    if (columns[0].texts.size() == kListedMax) return;
    columns[0].texts.emplace_back(store::table_name(table));
    columns[1].texts.push_back(base::to_hex(key));
    columns[2].texts.push_back(std::move(what));
}

base::Result<void> Verifier::each(Table table,
                                  const std::function<base::Result<void>(base::Bytes, base::Bytes)> &take) {
    KITH_LET(cursor, reader_.cursor(table));
    KITH_LET(found, cursor.first());
    while (found) {
        if (progress_ && report_.rows % kProgressEvery == 0) progress_(report_.rows, rows_all_);
        ++report_.rows;
        auto row = cursor.value();
        if (row) {
            KITH_TRY(take(cursor.key(), row->payload));
        } else if (row.error().status == base::Status::corrupt) {
            problem(table, cursor.key(), row.error().message);
        } else {
            return row.take_error();
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

base::Result<void> Verifier::expect(Table table, base::Bytes key, base::Bytes payload) {
    ++report_.derived;
    ++expected_[static_cast<std::size_t>(table)];
    auto row = reader_.get(table, key);
    if (!row) {
        // A damaged page ends the whole transaction; a damaged row is reported where its table is read.
        if (row.error().status != base::Status::corrupt || row.error().os_code != 0) return row.take_error();
        return {};
    }
    if (!*row) {
        problem(table, key, "a derived row is missing");
    } else if (base::compare((*row)->payload, payload) != 0) {
        problem(table, key, "a derived row differs from what its record says");
    }
    return {};
}

bool Verifier::verify_record(record::Kind kind, base::Bytes key, base::Bytes payload, Table table) {
    ++report_.records;
    if (record::verify(kind, payload)) return true;
    problem(table, key, "the record's bytes are malformed");
    return false;
}

base::Result<void> Verifier::check_name(model::Name name, Table table, base::Bytes key) {
    if (name == 0) return {};
    KITH_LET(row, reader_.get(Table::names, index::name_code(name)));
    if (!row) problem(table, key, "the record names a text that is not in the dictionary");
    return {};
}

base::Result<void> Verifier::check_party_rows(base::Bytes key, base::Bytes payload) {
    const auto tag = key.size() < 24 ? std::nullopt : index::tag_of(key);
    if (tag == index::Tag::identifier) return check_identifier(key, payload);
    if (tag != index::Tag::party) {
        problem(Table::parties, key, "the key is one that no record has");
        return {};
    }
    if (!verify_record(record::Kind::party, key, payload, Table::parties)) return {};
    // One of whom nothing else is told has figures all the same.
    const auto party = index::party_of(key);
    KITH_LET(rows, reader_.cursor(Table::rows));
    KITH_LET(found, rows.seek(party.view()));
    if (found && index::starts_with(rows.key(), party.view())) return {};
    KITH_TRY(begin_subject(party));
    KITH_TRY(finish_subject());
    subject_ = {};
    return {};
}

base::Result<void> Verifier::begin_subject(const base::Id &party) {
    subject_ = {};
    subject_.id = party;
    auto row = reader_.get(Table::parties, index::row(party, index::Tag::party));
    if (!row) {
        if (row.error().status != base::Status::corrupt || row.error().os_code != 0) return row.take_error();
        return {};
    }
    if (!*row || !record::verify(record::Kind::party, (*row)->payload)) return {};
    subject_.known = true;
    subject_.party = record::decode_party(party, (*row)->payload);
    return {};
}

// The fact that a row of a party names; none if it is missing or malformed, which is reported.
base::Result<std::optional<base::Bytes>> Verifier::fact(record::Kind kind, base::Bytes key,
                                                        std::uint32_t origin, std::uint32_t number) {
    using Found = std::optional<base::Bytes>;
    ++expected_[static_cast<std::size_t>(Table::facts)];
    auto row = reader_.get(Table::facts, index::fact(origin, number));
    if (!row) {
        if (row.error().status != base::Status::corrupt || row.error().os_code != 0) return row.take_error();
        return Found();
    }
    if (!*row) {
        problem(Table::rows, key, "the fact that the row names is missing");
        return Found();
    }
    if (!verify_record(kind, index::fact(origin, number), (*row)->payload, Table::facts)) return Found();
    return Found((*row)->payload);
}

base::Result<void> Verifier::check_rows(base::Bytes key, base::Bytes payload) {
    if (key.size() < 24) {
        problem(Table::rows, key, "the key has a length that no record has");
        return {};
    }
    const auto party = index::party_of(key);
    if (party != subject_.id) {
        KITH_TRY(finish_subject());
        KITH_TRY(begin_subject(party));
    }
    const auto tag = index::tag_of(key);
    if (!tag) return check_interaction(key, payload);
    switch (*tag) {
        case index::Tag::party:
        case index::Tag::identifier:
            break;
        case index::Tag::transition: {
            if (key.size() != 48 || !payload.empty()) break;
            const auto process = base::Id::from(key.subspan(24, 16));
            const auto origin = base::load_big32(key.data() + 40), number = base::load_big32(key.data() + 44);
            KITH_LET(told, fact(record::Kind::transition, key, origin, number));
            if (told) {
                subject_.logs[process].push_back(
                    record::decode_transition(party, process, origin, number, *told));
            }
            return {};
        }
        case index::Tag::commitment:
            return check_commitment(key, payload);
    }
    problem(Table::rows, key, "the row is one that no record has");
    return {};
}

base::Result<void> Verifier::check_identifier(base::Bytes key, base::Bytes payload) {
    if (!verify_record(record::Kind::identifier, key, payload, Table::parties)) return {};
    const auto party = index::party_of(key);
    const auto identifier = record::decode_identifier(party, 0, 0, payload);
    KITH_TRY(check_name(identifier.kind, Table::parties, key));
    KITH_LET(owner, reader_.get(Table::parties, index::row(party, index::Tag::party)));
    if (!owner) problem(Table::parties, key, "an identifier stands without the party's record");
    const bool shared = identifier.flags & model::identifier_flag::shared;
    const auto sort = identifier.flags & model::identifier_flag::host ? index::Claim::host
                      : shared                                        ? index::Claim::shared
                                                                      : index::Claim::unique;
    auto claim = index::claim(identifier.kind, sort, identifier.normalised);
    if (shared) claim.add(party);
    return expect(Table::claims, claim, party.view());
}

base::Result<void> Verifier::check_interaction(base::Bytes key, base::Bytes payload) {
    if (key.size() != 32) {
        problem(Table::rows, key, "the key has a length that no interaction has");
        return {};
    }
    const auto named = index::interaction_key(key);
    KITH_LET(told, fact(record::Kind::interaction, key, named.origin, named.number));
    if (!told) return {};
    const auto interaction = record::decode_interaction(named, *told);
    const auto summary = record::summarise_interaction(*told);
    if (base::compare(payload, record::bytes_of(summary)) != 0) {
        problem(Table::rows, key, "the row differs from what its interaction says");
    }
    KITH_TRY(check_name(interaction.type, Table::rows, key));
    for (const auto &line : interaction.lines) KITH_TRY(check_name(line.product, Table::rows, key));
    if (interaction.host_key.data()) {
        KITH_TRY(expect(Table::host_refs, index::host_ref(interaction.system, interaction.host_key), key));
    }
    if (interaction.corrects)
        KITH_TRY(expect(Table::corrected, index::interaction(*interaction.corrects), key));
    KITH_LET(corrected, reader_.get(Table::corrected, key));
    if (!corrected) {
        subject_.interactions.emplace_back(interaction.key.at, summary);
    }
    return {};
}

base::Result<void> Verifier::check_commitment(base::Bytes key, base::Bytes payload) {
    if (!verify_record(record::Kind::commitment, key, payload)) return {};
    const auto id = base::Id::from(key.subspan(24, 16));
    const auto commitment = record::decode_commitment(subject_.id, id, payload);
    KITH_TRY(check_name(commitment.kind, Table::rows, key));
    KITH_TRY(expect(Table::subjects, index::by_id(id), subject_.id.view()));
    if (!model::is_open(commitment.state)) return {};
    return expect(Table::due_commitments, index::due_commitment(commitment.due, id), subject_.id.view());
}

// From scratch, not step by step as a commit does it.
model::Figures Verifier::recount() const {
    model::Figures f;
    std::optional<std::int64_t> last_day;
    for (const auto &[at, summary] : subject_.interactions) {  // in order of time, as their keys are
        if (f.interactions++ == 0) f.first_at = at;
        f.last_at = at;
        if (summary.type == return_ && return_) {
            ++f.returns;
            f.returns_total += summary.amount;
        }
        if (summary.type != order_ || !order_) continue;
        if (f.orders++ == 0) f.first_order_at = at;
        f.last_order_at = at;
        f.amount_total += summary.amount;
        const auto day = zone_.local_day(at);
        if (last_day && day > *last_day && subject_.party.kind != model::PartyKind::anonymous) {
            f.add_gap(static_cast<std::uint32_t>(day - *last_day));
        }
        last_day = day;
    }
    return f;
}

base::Result<void> Verifier::finish_subject() {
    if (!subject_.id) return {};
    if (!subject_.known) {
        problem(Table::rows, subject_.id.view(), "the rows of a party stand without the party's record");
        return {};
    }
    FiguresRow row;
    row.figures = recount();
    row.anonymous = subject_.party.kind == model::PartyKind::anonymous;
    std::vector<std::byte> bytes;
    encode(row, bytes);
    const auto key = index::by_id(subject_.id);
    ++report_.derived;
    ++expected_[static_cast<std::size_t>(Table::counters)];
    auto stored = reader_.get(Table::counters, key);
    if (!stored) {
        if (stored.error().status != base::Status::corrupt || stored.error().os_code != 0)
            return stored.take_error();
        return {};
    }
    if (!*stored) {
        problem(Table::counters, key, "a party's row is missing");
        return {};
    }
    if (!index::starts_with((*stored)->payload, bytes)) {
        problem(Table::counters, key, "the figures differ from what the interactions say");
        return {};
    }
    KITH_TRY(check_processes((*stored)->payload.subspan(bytes.size()), row.figures));
    for (const auto &[process, log] : subject_.logs) {
        problem(Table::rows, index::row(subject_.id, index::Tag::transition).add(process),
                "a log stands without its process");
    }
    return {};
}

base::Result<void> Verifier::check_processes(base::Bytes rest, const model::Figures &figures) {
    const auto key = index::by_id(subject_.id);
    StoredProcess stored;
    while (true) {
        const auto found = next_process(rest, stored);
        if (!found) problem(Table::counters, key, found.error().message);
        if (!found || !*found) return {};
        if (!verify_record(record::Kind::process, key, stored.record, Table::counters)) continue;
        KITH_TRY(check_process(record::decode_process(subject_.id, stored.id, stored.record), stored.wake,
                               figures));
        subject_.logs.erase(stored.id);
    }
}

base::Result<void> Verifier::check_process(const model::Process &process, base::Micros wake,
                                           const model::Figures &figures) {
    const auto key = index::by_id(process.party);
    const auto *definition = catalog_->find(process.definition, process.version);
    if (!definition || !definition->state_index(process.state)) {
        problem(Table::counters, key,
                "the process runs under a definition or in a state that is not installed");
        return {};
    }
    // The record is a fold over its log.
    const auto &log = subject_.logs[process.id];
    const auto last = std::max_element(log.begin(), log.end(), [](const auto &a, const auto &b) {
        return std::pair(a.stamp, a.number) < std::pair(b.stamp, b.number);
    });
    if (log.size() != process.transitions || last == log.end() || last->to != process.state ||
        last->at != process.since) {
        problem(Table::counters, key, "the process does not stand where its log says");
    }
    KITH_TRY(expect(Table::subjects, index::by_id(process.id), process.party.view()));
    KITH_TRY(expect(Table::states, index::state(process.definition, process.state, process.party, process.id),
                    base::bytes_of_object(process.since)));
    if (wake != kNever) {
        KITH_TRY(expect(Table::timers, index::timer({wake, process.party, process.id}), {}));
    }
    // It may come early, and is then moved on, never late.
    if (same_zone_rules_ && wake > next_due(process, *definition, figures, ZoneCalendar(zone_))) {
        problem(Table::counters, key, "the process would come to its timer too late");
    }
    return {};
}

base::Result<void> Verifier::check_names() {
    std::uint64_t codes = 0;
    KITH_TRY(each(Table::names, [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
        if (key[0] == std::byte{0xff}) return {};  // text to code: asked for below
        ++codes;
        const auto code = static_cast<model::Name>(base::load_big64(key.data()));
        return expect(Table::names, index::name_text(base::text_of(payload)), base::bytes_of_object(code));
    }));
    expected_[static_cast<std::size_t>(Table::names)] += codes;
    if (codes != snapshot_.meta().last_name) problem(Table::names, {}, "the dictionary has a gap");
    return {};
}

base::Result<void> Verifier::check_feed() {
    const auto &meta = snapshot_.meta();
    std::uint64_t last_seq = meta.feed_first ? meta.feed_first - 1 : 0;
    std::map<std::uint32_t, std::uint32_t> numbers;  // last of each origin
    std::uint64_t last_stamp = 0;
    KITH_TRY(each(Table::feed, [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
        if (!verify_record(record::Kind::changes, key, payload, Table::feed)) return {};
        std::vector<model::Change> changes;
        record::decode_changes(base::load_big64(key.data()), payload, changes);
        for (const auto &change : changes) {
            if (change.seq != last_seq + 1) problem(Table::feed, key, "the feed's sequence has a gap");
            last_seq = change.seq;
            const auto [last, first_of_origin] = numbers.try_emplace(change.origin, change.number);
            if (!first_of_origin && change.number != last->second + 1) {
                problem(Table::feed, key, "an origin's numbers have a gap");
            }
            last->second = change.number;
            if (change.stamp < last_stamp) problem(Table::feed, key, "the clock of the feed goes back");
            last_stamp = change.stamp;
        }
        return {};
    }));
    if (last_seq != meta.feed_last) problem(Table::feed, {}, "the feed ends before its last sequence");
    if (!numbers.empty() && numbers.contains(meta.origin) && numbers[meta.origin] != meta.number) {
        problem(Table::feed, {}, "the last number of the feed is not the file's");
    }
    return {};
}

// Rows beside a record: of a party, or of an interaction.
base::Result<void> Verifier::check_side_rows() {
    KITH_TRY(each(Table::personal, [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
        if (!verify_record(record::Kind::personal, key, payload, Table::personal)) return {};
        KITH_LET(row, reader_.get(Table::rows, key));
        if (!row) problem(Table::personal, key, "a personal row stands without its interaction");
        return {};
    }));
    KITH_TRY(each(Table::provenance, [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
        if (!verify_record(record::Kind::provenance, key, payload, Table::provenance)) return {};
        KITH_LET(row, reader_.get(Table::parties, index::row(base::Id::from(key), index::Tag::party)));
        if (!row) problem(Table::provenance, key, "a provenance row stands without its party");
        return {};
    }));
    return each(Table::definitions, [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
        if (!verify_record(record::Kind::definition, key, payload, Table::definitions)) return {};
        const auto definition = record::decode_definition(payload);
        if (!rules::parse_definition(definition.json)) {
            problem(Table::definitions, key, "a definition's text can no longer be read");
        }
        return {};
    });
}

base::Result<void> Verifier::check_left_overs() {
    constexpr Table kDerived[] = {Table::counters, Table::claims, Table::host_refs, Table::corrected,
                                  Table::subjects, Table::states, Table::timers,    Table::due_commitments,
                                  Table::names,    Table::facts};
    for (const auto table : kDerived) {
        KITH_LET(count, reader_.count(table));
        const auto expected = expected_[static_cast<std::size_t>(table)];
        if (count > expected) {
            problem(table, {},
                    std::to_string(count - expected) + " rows are left over: no record asks for them");
        }
    }
    return {};
}

base::Result<VerifyReport> Verifier::run() {
    same_zone_rules_ = base::tz_version() == snapshot_.meta().tz_version.data();
    KITH_LET(catalog, snapshot_.catalog());
    catalog_ = std::move(catalog);
    KITH_LET(order, snapshot_.store().names().find(reader_, model::kOrder));
    KITH_LET(returned, snapshot_.store().names().find(reader_, model::kReturn));
    order_ = order.value_or(0);
    return_ = returned.value_or(0);
    for (int i = 1; i <= store::kTables; ++i) {
        KITH_LET(count, reader_.count(static_cast<Table>(i)));
        rows_all_ += count;
    }
    KITH_TRY(each(Table::parties,
                  [&](base::Bytes key, base::Bytes payload) { return check_party_rows(key, payload); }));
    KITH_TRY(
        each(Table::rows, [&](base::Bytes key, base::Bytes payload) { return check_rows(key, payload); }));
    KITH_TRY(finish_subject());
    KITH_TRY(check_names());
    KITH_TRY(check_feed());
    KITH_TRY(check_side_rows());
    const auto nothing = [](base::Bytes, base::Bytes) { return base::Result<void>(); };
    for (const auto table : {Table::meta, Table::origins, Table::counters, Table::claims, Table::host_refs,
                             Table::corrected, Table::subjects, Table::states, Table::timers,
                             Table::due_commitments, Table::occurrences, Table::facts}) {
        KITH_TRY(each(table, nothing));
    }
    KITH_TRY(check_left_overs());
    if (progress_) progress_(rows_all_, rows_all_);
    return std::move(report_);
}

}  // namespace

base::Result<VerifyReport> verify(const Snapshot &snapshot, const Progress &progress) {
    return Verifier(snapshot, progress).run();
}

}  // namespace kith::engine
