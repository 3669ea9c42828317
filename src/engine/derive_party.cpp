// What follows from the records of one party: who claims its identifiers, what its facts are, its figures and
// processes, when they wake, what it is owed.
#include <algorithm>

#include "engine/derivation.hpp"
#include "engine/subject.hpp"

namespace kith::engine {

using base::Bytes;
using store::Table;

namespace {

base::Id id_of(std::string_view key) { return index::party_of(base::bytes_of(key)); }

// The next row of a party; those with a key that no record has are left over.
base::Result<bool> settle(store::Cursor &cursor, bool found) {
    while (found && cursor.key().size() < 24) {
        KITH_LET(more, cursor.next());
        found = more;
    }
    return found;
}

base::Result<bool> advance(store::Cursor &cursor) {
    KITH_LET(more, cursor.next());
    return settle(cursor, more);
}

}  // namespace

// Parties in order of id, each with its rows in order of key, and the rows that the feed tells of but the
// file has not.
base::Result<void> Derivation::read_parties() {
    KITH_LET(parties, reader_.cursor(Table::parties));
    KITH_LET(rows, reader_.cursor(Table::rows));
    KITH_LET(first_party, parties.first());
    KITH_LET(first_row, rows.first());
    KITH_LET(has_party, settle(parties, first_party));
    KITH_LET(has_row, settle(rows, first_row));
    auto missing_row = missing_rows_.begin();
    auto missing_party = missing_parties_.begin();
    const auto value_of = [](store::Cursor &cursor) -> base::Result<Found> {
        auto value = cursor.value();
        if (value) return Found(value->payload);
        if (value.error().status != base::Status::corrupt || value.error().os_code != 0)
            return value.take_error();
        return Found();
    };
    while (true) {
        std::optional<base::Id> next;
        const auto consider = [&](const base::Id &id) { next = next ? std::min(*next, id) : id; };
        if (has_party) consider(index::party_of(parties.key()));
        if (has_row) consider(index::party_of(rows.key()));
        if (missing_row != missing_rows_.end()) consider(id_of(*missing_row));
        if (missing_party != missing_parties_.end()) consider(*missing_party);
        if (!next) return {};

        KITH_TRY(begin_subject(*next));
        if (missing_party != missing_parties_.end() && *missing_party == *next) ++missing_party;
        while (has_party && index::party_of(parties.key()) == *next) {
            tick();
            KITH_LET(payload, value_of(parties));
            if (payload) {
                KITH_TRY(take_party_row(parties.key(), *payload));
            } else {
                problem(Table::parties, parties.key(), "the row is damaged");
            }
            KITH_LET(more, advance(parties));
            has_party = more;
        }
        while (true) {
            const bool here = has_row && index::party_of(rows.key()) == *next;
            const bool lost = missing_row != missing_rows_.end() && id_of(*missing_row) == *next;
            if (!here && !lost) break;
            const int order = !here   ? 1
                              : !lost ? -1
                                      : base::compare(rows.key(), base::bytes_of(*missing_row));
            if (order >= 0) KITH_TRY(take_row(base::bytes_of(*missing_row++), Bytes()));
            if (order > 0) continue;
            tick();
            KITH_LET(payload, value_of(rows));
            if (order < 0) KITH_TRY(take_row(rows.key(), payload));
            KITH_LET(more, advance(rows));
            has_row = more;
        }
        KITH_TRY(finish_subject());
    }
}

base::Result<void> Derivation::begin_subject(const base::Id &party) {
    subject_ = Subject();
    subject_.id = subject_.party.id = party;
    KITH_LET(row, sound(Table::parties, index::row(party, index::Tag::party)));
    if (!row || !record::verify(record::Kind::party, *row)) return {};
    subject_.known = true;
    subject_.party = record::decode_party(party, *row);
    return {};
}

base::Result<void> Derivation::take_party_row(Bytes key, Bytes payload) {
    const auto tag = index::tag_of(key);
    if (tag == index::Tag::party && key.size() == 24) {
        if (!sound_record(record::Kind::party, Table::parties, key, payload)) return {};
        check_name(subject_.party.owner, Table::parties, key);
        check_names(subject_.party.fields, Table::parties, key);
        return sink_.keep(Table::parties, key, payload);
    }
    if (tag != index::Tag::identifier || key.size() != 32) {
        problem(Table::parties, key, "the key is one that no record has");
        return {};
    }
    if (!sound_record(record::Kind::identifier, Table::parties, key, payload)) return {};
    const auto identifier = record::decode_identifier(subject_.id, 0, 0, payload);
    check_name(identifier.kind, Table::parties, key);
    const bool shared = identifier.flags & model::identifier_flag::shared;
    const auto sort = identifier.flags & model::identifier_flag::host ? index::Claim::host
                      : shared                                        ? index::Claim::shared
                                                                      : index::Claim::unique;
    auto claim = index::claim(identifier.kind, sort, identifier.normalised);
    if (shared) claim.add(subject_.id);
    KITH_TRY(sink_.expect(Table::claims, claim, subject_.id.view()));
    return sink_.keep(Table::parties, key, payload);
}

// `payload` is none where the row is damaged: what follows from a fact needs only its key.
base::Result<void> Derivation::take_row(Bytes key, Found payload) {
    const auto tag = index::tag_of(key);
    if (!tag) return key.size() == 32 ? take_interaction(key) : base::Result<void>();
    if (tag == index::Tag::commitment && key.size() == 40) {
        if (payload) return take_commitment(key, *payload);
        problem(Table::rows, key, "the row is damaged");
        return {};
    }
    if (tag == index::Tag::process && key.size() == 40) {
        if (payload && record::verify(record::Kind::process, *payload))
            subject_.past_processes.emplace_back(base::Id::from(key.subspan(24, 16)), *payload);
        return {};
    }
    if (tag != index::Tag::transition || key.size() != 48) return {};
    KITH_LET(told, fact_of(record::Kind::transition, key));
    if (!told) return {};
    const auto process = base::Id::from(key.subspan(24, 16));
    const auto &entry = subject_.logs[process].emplace_back(record::decode_transition(
        subject_.id, process, base::load_big32(&key[40]), base::load_big32(&key[44]), *told));
    check_name(entry.actor, Table::rows, key);
    check_names(entry.fields, Table::rows, key);
    return sink_.expect(Table::rows, key, {});
}

base::Result<void> Derivation::take_interaction(Bytes key) {
    KITH_LET(told, fact_of(record::Kind::interaction, key));
    if (!told) return {};
    const auto interaction = record::decode_interaction(index::interaction_key(key), *told);
    const auto summary = record::summarise_interaction(*told);
    check_name(interaction.type, Table::rows, key);
    for (const auto name : {interaction.actor, interaction.owner, interaction.campaign})
        check_name(name, Table::rows, key);
    for (const auto &line : interaction.lines) {
        check_name(line.product, Table::rows, key);
        check_name(line.category, Table::rows, key);
    }
    check_names(interaction.fields, Table::rows, key);
    KITH_TRY(sink_.expect(Table::rows, key, record::bytes_of(summary)));
    if (interaction.host_key.data())
        KITH_TRY(
            sink_.expect(Table::host_refs, index::host_ref(interaction.system, interaction.host_key), key));
    if (interaction.corrects)
        KITH_TRY(sink_.expect(Table::corrected, index::interaction(*interaction.corrects), key));
    if (corrected_.contains(interaction.key)) return {};
    subject_.interactions.emplace_back(interaction.key.at, summary);
    if (measurer_ && measurer_->measures().any_of_cells)
        subject_.to_place.emplace_back(interaction.key, *told);
    return measure(interaction, false);
}

base::Result<void> Derivation::measure(const model::Interaction &interaction, bool of_cells) {
    if (!measurer_) return {};
    return measurer_->measure(
        interaction,
        [&](const Brought &brought) {
            return (brought.measure.grain->of_party ? party_sums_ : sums_).add(brought, interaction.key);
        },
        [&](const Measure &one) { return one.of_cells == of_cells; });
}

base::Result<void> Derivation::expect_sums(Sums &sums) {
    return sums.drain([&](Table table, Bytes key, const Bytes *payload) {
        return payload ? sink_.expect(table, key, *payload) : base::Result<void>();
    });
}

base::Result<void> Derivation::take_commitment(Bytes key, Bytes payload) {
    if (!sound_record(record::Kind::commitment, Table::rows, key, payload)) return {};
    const auto id = base::Id::from(key.subspan(24, 16));
    const auto commitment = record::decode_commitment(subject_.id, id, payload);
    for (const auto one :
         {commitment.kind, commitment.name, commitment.title, commitment.assignee, commitment.owner,
          commitment.debtor.actor, commitment.creditor.actor, commitment.rule, commitment.system})
        check_name(one, Table::rows, key);
    for (const auto names : {commitment.require, commitment.artefacts}) {
        for (const auto one : names) check_name(one, Table::rows, key);
    }
    KITH_TRY(sink_.keep(Table::rows, key, payload));
    KITH_TRY(sink_.expect(Table::subjects, index::by_id(id), subject_.id.view()));
    if (commitment.host_key.data()) {
        KITH_TRY(sink_.expect(
            Table::host_refs,
            index::host_ref(commitment.system, commitment.host_key, index::HostRef::commitment), key));
    }
    if (const auto due = commitment.falls_due()) {
        subject_.commitments_due = std::min(subject_.commitments_due, *due);
        KITH_TRY(sink_.expect(Table::timers, index::timer({*due, subject_.id, id}), {}));
    }
    if (!model::is_open(commitment.state)) return {};
    return sink_.expect(Table::due_commitments,
                        index::queue({commitment.assignee, commitment.due.value_or(INT64_MAX), id}),
                        base::bytes_of_object(queue_entry(commitment)));
}

// From scratch, not step by step as a commit does it.
model::Figures Derivation::recount() const {
    FiguresCount count(order_, return_, zone_, subject_.party.kind != model::PartyKind::anonymous);
    for (const auto &[at, summary] : subject_.interactions) count.add(at, summary);
    return count.figures;
}

base::Result<void> Derivation::finish_subject() {
    const auto key = index::by_id(subject_.id);
    KITH_LET(stored, sound(Table::counters, key));
    if (!subject_.known) {
        const auto record = index::row(subject_.id, index::Tag::party);
        problem(Table::parties, record, "the party's record is lost");
        missing_parties_.insert(subject_.id);
        auto &party = subject_.party;
        if (const auto figures = stored ? decode_figures(*stored) : base::Result<FiguresRow>(FiguresRow());
            figures) {
            if (figures->anonymous) party.kind = model::PartyKind::anonymous;
            party.owner = figures->owner;
        }
        party.revision = 1;
        // As old as what was said of it last, where that is left.
        party.changed = snapshot_.meta().stamp;
        KITH_LET(said, sound(Table::provenance, key));
        if (said && record::verify(record::Kind::provenance, *said)) {
            party.changed = 0;
            for (const auto &source : record::decode_provenance(*said))
                party.changed = std::max(party.changed, source.stamp);
        }
        party.created = party.changed;
        KITH_TRY(sink_.stand_in(Table::parties, record, encoder_.encode(party)));
    }
    FiguresRow row;
    row.figures = recount();
    row.anonymous = subject_.party.kind == model::PartyKind::anonymous;
    row.owner = subject_.party.owner;
    row.commitments_due = subject_.commitments_due;
    std::vector<std::byte> bytes;
    encode(row, bytes);
    KITH_TRY(add_processes(stored ? &*stored : nullptr, bytes));
    for (const auto &[at, payload] : subject_.to_place)
        KITH_TRY(measure(record::decode_interaction(at, payload), true));
    KITH_TRY(expect_sums(party_sums_));
    return sink_.expect(Table::counters, key, bytes);
}

// Each is a fold over its log. What is stored beside them adds what only they know: the timer that was tried
// last, when they are due, their deadlines, and a place in table `timers` that is early but not late.
base::Result<void> Derivation::add_processes(const Bytes *stored, std::vector<std::byte> &row) {
    std::map<base::Id, std::pair<model::Process, base::Micros>> known;
    std::map<base::Id, base::Micros> memberships;  // with their timers, which may be early
    auto rest = stored ? processes_of(*stored) : base::Result<Bytes>(Bytes());
    if (!stored) segments_unknown_ = true;
    std::vector<std::pair<base::Id, std::pair<base::Micros, Bytes>>> of_rules;
    for (StoredProcess process; rest;) {
        const auto more = next_process(*rest, process);
        if (!more || !*more) break;
        ++derived_.records;
        if (is_membership(process.id)) {
            if (process.wake != kNever) memberships[process.id] = process.wake;
        } else if (is_watched(process.id)) {
            of_rules.push_back({process.id, {process.wake, process.record}});
        } else if (record::verify(record::Kind::process, process.record)) {
            known[process.id] = {record::decode_process(subject_.id, process.id, process.record),
                                 process.wake};
        }
    }
    for (const auto &[id, record] : subject_.past_processes)
        known[id] = {record::decode_process(subject_.id, id, record), kNever};
    for (const auto &[id, log] : subject_.logs) {
        if (is_membership(id)) memberships.try_emplace(id, kNever);
    }
    for (const auto &[id, wake] : memberships) KITH_TRY(add_membership(id, wake, row));
    for (const auto &[id, kept] : of_rules) {
        append({id, kept.first, kept.second}, row);
        if (kept.first != kNever)
            KITH_TRY(sink_.expect(Table::timers, index::timer({kept.first, subject_.id, id}), {}));
    }

    struct Folded {
        model::Process process;
        base::Micros wake = kNever;
        bool ended = false;
    };
    std::vector<Folded> all;
    for (auto &[id, log] : subject_.logs) {
        if (is_watched(id)) continue;
        std::ranges::sort(log, {}, [](const auto &one) { return std::pair(one.stamp, one.number); });
        Folded one;
        auto &process = one.process;
        process.party = subject_.id;
        process.id = id;
        const auto before = known.find(id);
        KITH_TRY(fold(log, before != known.end() ? &before->second.first : nullptr, process));
        if (before != known.end()) {
            const auto &old = before->second.first;
            one.wake = before->second.second;
            if (old.state == process.state && old.since == process.since) {
                process.tried_at = old.tried_at;
                process.outer_tried_at = old.outer_tried_at;
                process.due = old.due;
                process.looks = old.looks;
                process.outer_since = old.outer_since;
                process.milestones = old.milestones;
            } else {
                one.wake = kNever;
            }
        }
        const auto *installed = catalog_->find(process.definition, process.version);
        constexpr auto kNone = UINT32_MAX;
        const auto state = installed ? installed->state_index(process.state).value_or(kNone) : kNone;
        // When it is due is reckoned as it is looked at.
        if (before == known.end() && state != kNone && installed->moves_by_itself(state))
            process.looks = process.since;
        if (state == kNone) {
            problem(Table::counters, index::by_id(id),
                    "the process runs under a definition or in a state that is not installed");
        } else {
            one.ended = installed->is_final(state);
            const auto due = std::min(process.due, process.looks);
            if (one.ended) {
                one.wake = kNever;
            } else if (one.wake > due && (same_zone_rules_ || one.wake == kNever)) {
                one.wake = due;
            }
        }
        all.push_back(std::move(one));
    }
    for (const auto &one : all) {
        const auto &process = one.process;
        const auto order = [](const Folded &folded) {
            return std::pair(folded.process.since, folded.process.id);
        };
        const bool past = one.ended && std::ranges::any_of(all, [&](const Folded &other) {
                              return other.ended && other.process.definition == process.definition &&
                                     order(other) > order(one);
                          });
        const auto record = encoder_.encode(process);
        if (past) {
            KITH_TRY(sink_.expect(Table::rows, index::process(subject_.id, process.id), record));
        } else {
            append({process.id, one.wake, record}, row);
        }
        KITH_TRY(sink_.expect(Table::subjects, index::by_id(process.id), subject_.id.view()));
        KITH_TRY(sink_.expect(Table::states,
                              index::state(process.definition, process.state, subject_.id, process.id),
                              base::bytes_of_object(process.since)));
        if (one.wake != kNever)
            KITH_TRY(sink_.expect(Table::timers, index::timer({one.wake, subject_.id, process.id}), {}));
    }
    return {};
}

// What a log says: where the process stands, and its data, of which texts stand apart.
base::Result<void> Derivation::fold(std::span<const model::Transition> log, const model::Process *stored,
                                    model::Process &process) {
    const auto &first = log.front();
    process.definition = first.definition;
    if (process.definition == 0) {
        KITH_LET(definition,
                 stored ? base::Result<model::Name>(stored->definition) : definition_of(process.id));
        process.definition = definition;
    }
    process.key = first.key;
    process.parent = first.parent;
    process.started_at = process.since = process.outer_since = first.at;
    std::map<model::Name, std::pair<model::FieldValue, std::string_view>> data;
    for (const auto &one : log) {
        // Moved to a new version it stands where it stood.
        const bool migrates = process.version != 0 && process.version != one.version;
        process.version = one.version;
        process.stamp = one.stamp;
        if (!one.inside) process.state = one.to;
        if (!one.inside && !migrates) process.since = one.at;
        ++process.transitions;
        for (const auto name : one.cleared) data.erase(name);
        for (const auto &value : one.fields.values) data[value.name] = {value, {}};
        const auto key = index::transition(one.party, one.process, one.origin, one.number);
        KITH_LET(aside, sound(Table::personal, key));
        if (!aside || !record::verify(record::Kind::personal, *aside)) continue;
        const auto texts = record::decode_personal(*aside).fields;
        for (const auto &value : texts.values) data[value.name] = {value, texts.text(value)};
    }
    if (data.empty()) return {};
    const auto values = subject_.arena.array<model::FieldValue>(data.size());
    std::string texts;
    std::size_t i = 0;
    for (const auto &[name, one] : data) {
        auto &value = values[i++] = one.first;
        if (value.kind != model::FieldKind::text) continue;
        value.number = static_cast<std::int64_t>(texts.size());
        value.extra = static_cast<std::int64_t>(one.second.size());
        texts += one.second;
    }
    process.fields = {values, subject_.arena.copy(texts)};
    return {};
}

base::Result<void> Derivation::add_membership(const base::Id &id, base::Micros wake,
                                              std::vector<std::byte> &row) {
    auto log = subject_.logs[id];
    std::ranges::sort(log, {}, [](const auto &one) { return std::pair(one.stamp, one.number); });
    StoredMembership membership;
    for (const auto &one : log) {
        membership.member = text_of(one.to) == kIn;
        membership.since = one.at;
        membership.times += membership.member;
    }
    if (measurer_) {
        KITH_TRY(each_change(log, *this, [&](const MemberChange &change) {
            return measurer_->measure(change, [&](const Brought &brought) {
                return (brought.measure.grain->of_party ? party_sums_ : sums_).add(brought, change.key);
            });
        }));
    }
    append({id, wake, base::bytes_of_object(membership)}, row);
    const auto segment = segment_of(id);
    if (membership.member) {
        ++members_[segment];
        KITH_TRY(sink_.expect(Table::members, index::member(segment, subject_.id),
                              base::bytes_of_object(membership.since)));
    }
    if (wake == kNever) return {};
    return sink_.expect(Table::timers, index::timer({wake, subject_.id, id}), {});
}

// A segment's row counts who is in it, and remembers how far those before its definition have been looked at:
// nobody where that cannot be known.
base::Result<void> Derivation::expect_segments() {
    for (const auto &[name, text] : texts_) {
        const auto key = index::members_of(name);
        KITH_LET(stored, sound(Table::members, key));
        const auto counted = members_.find(name);
        if (!stored && counted == members_.end()) continue;
        auto row = stored ? decode_segment(*stored) : StoredSegment();
        row.count = counted == members_.end() ? 0 : counted->second;
        if (segments_unknown_) row.version = 0;
        KITH_TRY(sink_.expect(Table::members, key, base::bytes_of_object(row)));
    }
    return {};
}

base::Result<model::Name> Derivation::definition_of(const base::Id &process) {
    if (!definitions_) {
        definitions_.emplace();
        std::vector<model::Change> changes;
        KITH_LET(cursor, reader_.cursor(Table::feed));
        KITH_LET(found, cursor.first());
        while (found) {
            const auto row = cursor.value();
            if (row && record::verify(record::Kind::changes, row->payload)) {
                changes.clear();
                record::decode_changes(base::load_big64(cursor.key().data()), row->payload, changes);
                for (const auto &change : changes)
                    if (change.kind == model::ChangeKind::process)
                        definitions_->emplace(change.record, change.name);
            }
            KITH_LET(more, cursor.next());
            found = more;
        }
    }
    const auto found = definitions_->find(process);
    return found != definitions_->end() ? found->second : model::Name{0};
}

}  // namespace kith::engine
