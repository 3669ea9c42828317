#include "engine/derive.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "engine/derivation.hpp"
#include "engine/values.hpp"
#include "playbooks/playbooks.hpp"

namespace kith::engine {

using base::Bytes;
using base::Status;
using store::Table;

namespace {

constexpr std::uint64_t kProgressEvery = 4096;
constexpr std::size_t kMarks = 1024;
constexpr model::Name kGapMax = 10'000;  // of names that can be stood in for

// A row that is damaged; else the error ends the whole derivation, as LMDB cannot go on after a damaged page.
bool is_row_damage(const base::Error &error) { return error.status == Status::corrupt && error.os_code == 0; }

model::ScoreKey score_of(const model::Change &change) {
    const auto kind = static_cast<model::SubjectKind>(change.changed);
    return {{kind, change.party, change.from},
            change.name,
            change.to,
            change.at.value_or(0),
            change.origin,
            change.number};
}

model::LinkKey link_of(const model::Change &change) {
    const auto from = change.from ? model::Subject{model::SubjectKind::actor, {}, change.from}
                                  : model::Subject{model::SubjectKind::party, change.party, 0};
    return {from, static_cast<model::LinkKind>(change.changed), change.record, change.origin, change.number};
}

std::uint32_t hash_of(Bytes key) { return static_cast<std::uint32_t>(base::hash64(key)); }

}  // namespace

Derivation::Derivation(const Snapshot &snapshot, RowSink &sink, const Progress &progress)
    : snapshot_(snapshot),
      reader_(snapshot.reader()),
      sink_(sink),
      progress_(progress),
      zone_(snapshot.store().zone()),
      same_zone_rules_(base::tz_version() == snapshot.meta().tz_version.data()) {}

// Once for each key.
void Derivation::problem(Table table, Bytes key, const char *what) {
    if (told_.emplace(table, base::text_of(key)).second) sink_.problem(table, key, what);
}

void Derivation::lose(std::uint64_t seq, Table table, Bytes key, const char *what) {
    derived_.lost_through = std::max(derived_.lost_through, seq);
    problem(table, key, what);
}

void Derivation::tick() {
    if (progress_ && derived_.rows % kProgressEvery == 0) progress_(derived_.rows, rows_all_);
    ++derived_.rows;
}

base::Result<void> Derivation::each(Table table,
                                    const std::function<base::Result<void>(Bytes, Bytes)> &take) {
    KITH_LET(cursor, reader_.cursor(table));
    KITH_LET(found, cursor.first());
    while (found) {
        tick();
        auto row = cursor.value();
        if (row) {
            KITH_TRY(take(cursor.key(), row->payload));
        } else if (is_row_damage(row.error())) {
            problem(table, cursor.key(), "the row is damaged");
        } else {
            return row.take_error();
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

base::Result<Derivation::Found> Derivation::sound(Table table, Bytes key) {
    auto row = reader_.get(table, key);
    if (row) return *row ? Found((*row)->payload) : Found();
    if (!is_row_damage(row.error())) return row.take_error();
    return Found();
}

bool Derivation::sound_record(record::Kind kind, Table table, Bytes key, Bytes payload) {
    ++derived_.records;
    if (record::verify(kind, payload)) return true;
    problem(table, key, "the record's bytes are malformed");
    return false;
}

base::Result<bool> Derivation::has_record(record::Kind kind, Table table, Bytes key) {
    KITH_LET(row, sound(table, key));
    return row && record::verify(kind, *row);
}

void Derivation::check_name(model::Name name, Table table, Bytes key) {
    if (name != 0 && !texts_.contains(name))
        problem(table, key, "the record names a text that is not in the dictionary");
}

void Derivation::check_names(const model::Fields &fields, Table table, Bytes key) {
    for (const auto &value : fields.values) {
        check_name(value.name, table, key);
        const bool names = value.kind == model::FieldKind::code || value.kind == model::FieldKind::key;
        if (names) check_name(static_cast<model::Name>(value.number), table, key);
    }
}

// ---- names: code to text and text to code, each from the other ----

base::Result<void> Derivation::settle_names() {
    std::map<model::Name, std::string> reverse;
    KITH_LET(cursor, reader_.cursor(Table::names));
    KITH_LET(found, cursor.first());
    for (; found;) {
        tick();
        auto row = cursor.value();
        if (!row && !is_row_damage(row.error())) return row.take_error();
        const auto key = cursor.key();
        const bool is_code = key[0] == std::byte{0};
        if (row && is_code && key.size() == 8 && !row->payload.empty()) {
            texts_.emplace(static_cast<model::Name>(base::load_big64(key.data())),
                           base::text_of(row->payload));
        } else if (row && !is_code && key.size() > 8 && row->payload.size() == sizeof(model::Name)) {
            model::Name code;
            std::memcpy(&code, row->payload.data(), sizeof code);
            const auto text = index::claim_text(key);  // the same shape
            if (!text.empty()) reverse.emplace(code, text);
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    texts_.merge(reverse);
    texts_.erase(0);
    derived_.last_name = std::max(snapshot_.meta().last_name, texts_.empty() ? 0 : texts_.rbegin()->first);
    std::set<model::Name> lost;
    bool invented = false;  // the lost ones stand for nothing but this derivation
    const auto missing = derived_.last_name - texts_.size();
    if (missing > kGapMax) {
        problem(Table::names, {}, "the dictionary has a gap");
    } else if (missing > 0) {
        for (model::Name code = 1; code <= derived_.last_name; ++code) {
            if (texts_.contains(code)) continue;
            const auto key = index::name_code(code);
            const auto &text = texts_.emplace(code, "lost name " + std::to_string(code)).first->second;
            lost.insert(code);
            problem(Table::names, key, "a text of the dictionary is lost");
            KITH_LET(there, sink_.stand_in(Table::names, key, base::bytes_of(text)));
            KITH_TRY(sink_.stand_in(Table::names, index::name_text(text), base::bytes_of_object(code)));
            invented = !there;
        }
    }
    for (const auto &[code, text] : texts_) {
        if (missing <= kGapMax && !(invented && lost.contains(code)))
            snapshot_.store().names().publish(text, code);
        if (text == model::kOrder) order_ = code;
        if (text == model::kReturn) return_ = code;
        if (lost.contains(code)) continue;
        KITH_TRY(sink_.expect(Table::names, index::name_code(code), base::bytes_of(text)));
        KITH_TRY(sink_.expect(Table::names, index::name_text(text), base::bytes_of_object(code)));
    }
    return {};
}

base::Result<void> Derivation::load_definitions() {
    auto catalog = std::make_shared<Catalog>();
    std::map<std::string, std::uint32_t, std::less<>> versions;
    auto &names = snapshot_.store().names();
    KITH_TRY(each(Table::definitions, [&](Bytes key, Bytes payload) -> base::Result<void> {
        if (!sound_record(record::Kind::definition, Table::definitions, key, payload)) return {};
        const auto stored = record::decode_definition(payload);
        if (!add_definition(*catalog, reader_, names, stored)) {
            problem(Table::definitions, key, "a definition's text can no longer be read");
            return {};
        }
        ++versions[std::string(stored.name)];
        return sink_.keep(Table::definitions, key, payload);
    }));
    for (const auto &[name, told] : definitions_told_) {
        const auto &text = texts_[name];
        if (versions[text] >= told.first || snapshot_.meta().feed_first > 1) continue;
        lose(told.second, Table::definitions, base::bytes_of(text), "a version of a definition is lost");
        if (told.first > 1) continue;
        // One that comes with kith is known without the file.
        for (const auto &built_in : playbooks::built_in()) {
            KITH_LET(playbook, rules::parse_playbook(built_in.json));
            for (const auto &one : playbook.definitions) {
                if (one.name != text) continue;
                const model::DefinitionRecord record{one.kind, one.name, playbook.name, one.json, 1, 0};
                KITH_TRY(add_definition(*catalog, reader_, names, record));
                KITH_TRY(sink_.stand_in(Table::definitions, index::definition(one.kind, one.name, 1),
                                        encoder_.encode(record)));
            }
        }
    }
    KITH_LET(known, known_measures(reader_));
    auto compiled = compile(*catalog, known);
    if (!compiled.mistakes.empty()) {
        problem(Table::definitions, {}, "definitions can no longer be compiled: one they read is lost");
    }
    catalog_ = std::move(catalog);
    const auto &measures = catalog_->values->measures;
    for (const auto &measure : measures->all) {
        // One that the file does not know is counted in full.
        const bool is_known = std::ranges::find(compiled.unknown, measure->number) == compiled.unknown.end();
        const StoredMeasure stored{is_known ? measure->built_through : last_party(), measure->grain->number,
                                   measure->text};
        KITH_TRY(sink_.expect(Table::measures, index::by_number(measure->number), encode(stored)));
        if (!is_known) {
            known.insert_or_assign(measure->text,
                                   KnownMeasure{measure->number, measure->grain->number, last_party()});
        }
    }
    if (!compiled.unknown.empty()) {
        auto complete = std::make_shared<Catalog>(*catalog_);
        compile(*complete, known);
        catalog_ = std::move(complete);
    }
    if (!catalog_->values->measures->all.empty()) {
        measurer_.emplace(catalog_->values->measures, static_cast<NameSource &>(*this), party_sums_,
                          snapshot_.store().config().currency.packed());
    }
    return {};
}

std::string_view Derivation::text_of(model::Name name) const {
    const auto found = texts_.find(name);
    return found == texts_.end() ? std::string_view() : std::string_view(found->second);
}

base::Result<std::string_view> Derivation::text(model::Name name) const { return text_of(name); }

base::Result<std::optional<model::Name>> Derivation::code(std::string_view text) {
    if (codes_.empty()) {
        for (const auto &[name, known] : texts_) codes_.emplace(known, name);
    }
    const auto found = codes_.find(text);
    return found == codes_.end() ? std::nullopt : std::optional(found->second);
}

// ---- the feed, and the records it names ----

base::Result<void> Derivation::read_feed() {
    const auto &meta = snapshot_.meta();
    auto &last_seq = derived_.last_seq;
    last_seq = meta.feed_first ? meta.feed_first - 1 : 0;
    std::map<std::uint32_t, std::uint32_t> numbers;  // last of each origin
    std::vector<model::Change> changes;
    KITH_TRY(each(Table::feed, [&](Bytes key, Bytes payload) -> base::Result<void> {
        if (key.size() != 8 || !sound_record(record::Kind::changes, Table::feed, key, payload)) return {};
        changes.clear();
        record::decode_changes(base::load_big64(key.data()), payload, changes);
        for (const auto &change : changes) {
            const auto [last, first_of_origin] = numbers.try_emplace(change.origin, change.number);
            if (change.seq != last_seq + 1) {
                lose(change.seq - 1, Table::feed, key, "the feed's sequence has a gap before it");
            } else if (!first_of_origin && change.number != last->second + 1) {
                lose(change.seq, Table::feed, key, "an origin's numbers have a gap");
            }
            last->second = change.number;
            last_seq = change.seq;
            if (change.stamp < derived_.last_stamp)
                problem(Table::feed, key, "the clock of the feed goes back");
            derived_.last_stamp = std::max(derived_.last_stamp, change.stamp);
            KITH_TRY(read_change(change));
        }
        return sink_.keep(Table::feed, key, payload);
    }));
    if (last_seq < meta.feed_last) lose(meta.feed_last, Table::feed, {}, "the end of the feed is lost");
    if (last_seq > meta.feed_last) problem(Table::feed, {}, "the feed goes on after the file's last change");
    if (numbers.contains(meta.origin) && numbers[meta.origin] != meta.number)
        problem(Table::feed, index::by_number(meta.origin), "the last number of the feed is not the file's");
    return {};
}

base::Result<void> Derivation::read_change(const model::Change &change) {
    using model::ChangeKind;
    const bool created = change.operation != model::Operation::changed;
    switch (change.kind) {
        case ChangeKind::party: {
            const auto key = index::row(change.party, index::Tag::party);
            if (!created) return {};
            KITH_LET(there, has_record(record::Kind::party, Table::parties, key));
            if (there) return {};
            missing_parties_.insert(change.party);
            lose(change.seq, Table::parties, key, "the party's record is lost");
            return {};
        }
        case ChangeKind::identifier:
            return read_told(change, record::Kind::identifier, Table::parties,
                             index::identifier(change.party, change.origin, change.number),
                             "an identifier of the party is lost");
        case ChangeKind::commitment:
            return read_told(change, record::Kind::commitment, Table::rows,
                             index::commitment(change.party, change.record), "a commitment is lost");
        case ChangeKind::product:
            return read_told(change, record::Kind::product, Table::products, index::by_number(change.name),
                             "a product is lost");
        case ChangeKind::actor:
            return read_told(change, record::Kind::actor, Table::actors, index::by_number(change.name),
                             "an actor is lost");
        case ChangeKind::campaign:
            return read_told(change, record::Kind::campaign, Table::campaigns, index::by_number(change.name),
                             "a campaign is lost");
        case ChangeKind::score:
            return read_told(change, record::Kind::score, Table::scores, index::score(score_of(change)),
                             "a score is lost");
        case ChangeKind::link:
            return read_told(change, record::Kind::link, Table::links, index::link(link_of(change)),
                             "a link is lost");
        case ChangeKind::request:
            return read_told(change, record::Kind::request, Table::requests, index::by_id(change.record),
                             "a request to the host is lost");
        case ChangeKind::rule:
        case ChangeKind::event:
            return {};  // told, and kept nowhere else that it would be missed
        case ChangeKind::definition:
            ++definitions_told_[change.name].first;
            definitions_told_[change.name].second = change.seq;
            return {};
        case ChangeKind::interaction:
        case ChangeKind::process:
        case ChangeKind::membership:
            break;
    }
    const bool happened = change.kind == ChangeKind::interaction;
    const auto row =
        happened ? index::interaction({change.party, change.at.value_or(0), change.origin, change.number})
                 : index::transition(change.party, change.record, change.origin, change.number);
    KITH_LET(good, tell_fact(happened ? record::Kind::interaction : record::Kind::transition, row,
                             change.origin, change.number, change.stamp));
    if (!good) {
        lose(change.seq, Table::facts, index::fact(change.origin, change.number),
             happened ? "an interaction is lost" : "a change of a process's state is lost");
        return {};
    }
    KITH_LET(there, sound(Table::rows, row));
    if (!there) missing_rows_.emplace(base::text_of(row));
    return {};
}

// A record that a change made, or that is never rewritten.
base::Result<void> Derivation::read_told(const model::Change &change, record::Kind kind, Table table,
                                         Bytes key, const char *what) {
    using model::Operation;
    const bool made = change.operation != Operation::changed && change.operation != Operation::late;
    if (!made && kind != record::Kind::link) return {};
    KITH_LET(there, has_record(kind, table, key));
    if (!there) lose(change.seq, table, key, what);
    return {};
}

Derivation::Mark &Derivation::mark(std::uint32_t origin, std::uint32_t number) {
    auto &marks = marks_[std::uint64_t{origin} << 32 | number / kMarks];
    if (marks.empty()) marks.resize(kMarks);
    return marks[number % kMarks];
}

// Reads a fact for the first time, and remembers whose it is. A stamp of 0 fits any.
base::Result<bool> Derivation::tell_fact(record::Kind kind, Bytes row, std::uint32_t origin,
                                         std::uint32_t number, std::uint64_t stamp) {
    auto &mark = this->mark(origin, number);
    mark.told = true;
    mark.row = hash_of(row);
    const auto key = index::fact(origin, number);
    KITH_LET(payload, sound(Table::facts, key));
    ++derived_.records;
    if (!payload || !record::verify(kind, *payload)) return false;
    std::uint64_t stored = 0;
    if (kind == record::Kind::interaction) {
        const auto interaction = record::decode_interaction({}, *payload);
        stored = interaction.stamp;
        if (interaction.corrects) corrected_.insert(*interaction.corrects);
    } else {
        stored = record::decode_transition({}, {}, origin, number, *payload).stamp;
    }
    mark.good = stamp == 0 || stored == stamp;
    return mark.good;
}

// The fact that a row names, if the row is its own.
base::Result<Derivation::Found> Derivation::fact_of(record::Kind kind, Bytes row) {
    const auto origin = base::load_big32(row.data() + row.size() - 8);
    const auto number = base::load_big32(row.data() + row.size() - 4);
    auto &mark = this->mark(origin, number);
    if (!mark.told) {
        KITH_LET(good, tell_fact(kind, row, origin, number, 0));
        // Where the feed is whole, a row of which it knows nothing is only left over.
        if (!good && !feed_is_whole())
            problem(Table::facts, index::fact(origin, number), "the fact that a row names is lost");
    }
    if (!mark.good || mark.named || mark.row != hash_of(row)) return Found();
    mark.named = true;
    return sound(Table::facts, index::fact(origin, number));
}

// Where the feed is not kept from the first change on, its rows alone tell of an interaction; what it
// corrects must be known before anything is counted.
base::Result<void> Derivation::read_untold() {
    if (feed_is_whole()) return {};
    KITH_LET(cursor, reader_.cursor(Table::rows));
    KITH_LET(found, cursor.first());
    while (found) {
        const auto key = cursor.key();
        if (key.size() == 32 && !index::tag_of(key) && cursor.value()) {
            const auto named = index::interaction_key(key);
            if (!mark(named.origin, named.number).told)
                KITH_TRY(tell_fact(record::Kind::interaction, key, named.origin, named.number, 0));
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

// ---- the rest ----

base::Result<void> Derivation::read_side_rows() {
    KITH_TRY(each(Table::personal, [&](Bytes key, Bytes payload) -> base::Result<void> {
        if (key.size() == 40) {
            if (!sound_record(record::Kind::commitment_personal, Table::personal, key, payload)) return {};
            KITH_LET(there, has_record(record::Kind::commitment, Table::rows, key));
            if (there) return sink_.keep(Table::personal, key, payload);
            problem(Table::personal, key, "a personal row stands without its commitment");
            return {};
        }
        if (!sound_record(record::Kind::personal, Table::personal, key, payload)) return {};
        check_names(record::decode_personal(payload).fields, Table::personal, key);
        // Of an interaction, or of a transition: both end with their numbers.
        const bool of_fact = key.size() == 32 || key.size() == 48;
        const auto &owner = of_fact ? mark(base::load_big32(key.data() + key.size() - 8),
                                           base::load_big32(key.data() + key.size() - 4))
                                    : mark(0, 0);
        if (owner.named && owner.row == hash_of(key)) return sink_.keep(Table::personal, key, payload);
        problem(Table::personal, key, "a personal row stands without its interaction");
        return {};
    }));
    KITH_TRY(each(Table::requests, [&](Bytes key, Bytes payload) -> base::Result<void> {
        if (key.size() != 16 || !sound_record(record::Kind::request, Table::requests, key, payload))
            return {};
        const auto request = record::decode_request(base::Id::from(key), payload);
        for (const auto name : {request.kind, request.by, request.to, request.channel})
            check_name(name, Table::requests, key);
        return sink_.keep(Table::requests, key, payload);
    }));
    KITH_TRY(each(Table::provenance, [&](Bytes key, Bytes payload) -> base::Result<void> {
        if (key.size() != 16 || !sound_record(record::Kind::provenance, Table::provenance, key, payload))
            return {};
        const auto party = base::Id::from(key);
        KITH_LET(there,
                 has_record(record::Kind::party, Table::parties, index::row(party, index::Tag::party)));
        if (there || missing_parties_.contains(party)) return sink_.keep(Table::provenance, key, payload);
        problem(Table::provenance, key, "a provenance row stands without its party");
        return {};
    }));
    for (const auto table : {Table::meta, Table::origins, Table::occurrences, Table::rules, Table::runs}) {
        KITH_TRY(each(table, [&](Bytes key, Bytes payload) { return sink_.keep(table, key, payload); }));
    }
    return {};
}

// Last: each fact is named by exactly one row.
base::Result<void> Derivation::read_facts() {
    return each(Table::facts, [&](Bytes key, Bytes payload) -> base::Result<void> {
        const auto &known = mark(base::load_big32(key.data()), base::load_big32(key.data() + 4));
        if (known.named && key.size() == 8) return sink_.keep(Table::facts, key, payload);
        problem(Table::facts, key, "a fact that no row names");
        return {};
    });
}

base::Result<Derived> Derivation::run() {
    for (int i = 1; i <= store::kTables; ++i) {
        KITH_LET(count, reader_.count(static_cast<Table>(i)));
        rows_all_ += count;
    }
    KITH_TRY(settle_names());
    KITH_TRY(read_feed());
    KITH_TRY(load_definitions());
    KITH_TRY(read_untold());
    KITH_TRY(read_parties());
    KITH_TRY(expect_sums(sums_));
    KITH_TRY(expect_segments());
    KITH_TRY(read_side_rows());
    KITH_TRY(read_directory());
    KITH_TRY(read_scores());
    KITH_TRY(read_links());
    KITH_TRY(read_facts());
    if (progress_) progress_(rows_all_, rows_all_);
    return derived_;
}

base::Result<Derived> derive(const Snapshot &snapshot, RowSink &sink, const Progress &progress) {
    return Derivation(snapshot, sink, progress).run();
}

}  // namespace kith::engine
