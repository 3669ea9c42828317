#include "engine/reads.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "engine/claims.hpp"
#include "engine/subject.hpp"
#include "engine/tokens.hpp"
#include "feed/feed.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

base::Result<std::optional<model::Party>> Reads::party(const base::Id &id) const {
    KITH_LET(row, reader_.get(Table::parties, index::row(id, index::Tag::party)));
    return row ? std::optional(record::decode_party(id, row->payload)) : std::nullopt;
}

base::Result<std::optional<base::Id>> Reads::find(const Ref &ref) const {
    using Found = std::optional<base::Id>;
    if (ref.by == Ref::By::id) {
        KITH_LET(row, reader_.get(Table::parties, index::row(ref.id, index::Tag::party)));
        return row ? Found(ref.id) : Found();
    }
    if (ref.by != Ref::By::host && ref.by != Ref::By::identifier) {
        return base::fail(Status::argument, "find takes an id, a host key or an identifier");
    }
    KITH_LET(kind, snapshot_.store().names().find(reader_, ref.kind));
    if (!kind || *kind == 0) return Found();
    if (ref.by == Ref::By::host) {
        KITH_LET(text, base::to_nfc(ref.text));
        KITH_LET(row, reader_.get(Table::claims, index::claim(*kind, index::Claim::host, text)));
        return row ? Found(base::Id::from(row->payload)) : Found();
    }
    KITH_LET(text, base::normalise_identifier(ref.kind, ref.text));
    KITH_LET(row, reader_.get(Table::claims, index::claim(*kind, index::Claim::unique, text)));
    if (row) return Found(base::Id::from(row->payload));

    return shared_claim(reader_, *kind, text);
}

base::Result<std::optional<base::Id>> Reads::search(std::string_view text) const {
    using Found = std::optional<base::Id>;
    if (text.empty() || text.size() > 65536 || !base::valid_utf8(text)) {
        return base::fail(Status::argument, "search for a text of 1 to 65,536 bytes in UTF-8");
    }
    if (const auto id = base::parse_id(text)) {
        KITH_LET(known, party(*id));
        if (known) return Found(*id);
    }
    // Every kind of claim the file has, host systems first: a few seeks.
    for (const bool host : {true, false}) {
        KITH_LET(cursor, reader_.cursor(Table::claims));
        KITH_LET(found, cursor.first());
        while (found) {
            const auto kind = base::load_big32(cursor.key().data());
            KITH_LET(name, snapshot_.text(kind));
            Ref ref;
            ref.by = host ? Ref::By::host : Ref::By::identifier;
            ref.kind = name;
            ref.text = text;
            auto party = find(ref);
            if (party && *party) return *party;
            // Text that cannot be an identifier of this kind is not found under it.
            if (!party && party.error().status != Status::argument) return party.take_error();
            KITH_LET(more, cursor.seek(index::claims_of_kind(kind + 1)));
            found = more;
        }
    }
    return Found();
}

base::Result<std::vector<model::Identifier>> Reads::identifiers(const base::Id &party) const {
    std::vector<model::Identifier> all;
    KITH_LET(cursor, reader_.cursor(Table::parties));
    const auto prefix = index::row(party, index::Tag::identifier);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        all.push_back(record::decode_identifier(party, base::load_big32(cursor.key().data() + 24),
                                                base::load_big32(cursor.key().data() + 28), row.payload));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return all;
}

base::Result<std::string> Reads::case_key(std::string_view key) const {
    std::array<std::byte, 32> id{};
    if (key.size() != 2 * id.size()) return std::string(key);
    for (std::size_t i = 0; i < id.size(); ++i) {
        unsigned byte = 0;
        const auto *end = key.data() + 2 * i + 2;
        if (std::from_chars(end - 2, end, byte, 16).ptr != end) return std::string(key);
        id[i] = static_cast<std::byte>(byte);
    }
    KITH_LET(read, interaction(index::interaction_key(id)));
    if (!read) return std::string(key);
    if (!read->interaction.host_key.data()) return base::format_time(read->interaction.key.at);
    KITH_LET(system, snapshot_.text(read->interaction.system));
    return std::string(system) + " " + std::string(read->interaction.host_key);
}

base::Result<std::string_view> Reads::host_key(const base::Id &party) const {
    KITH_LET(cursor, reader_.cursor(Table::parties));
    const auto prefix = index::row(party, index::Tag::identifier);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        const auto identifier = record::decode_identifier(party, 0, 0, row.payload);
        if (identifier.flags & model::identifier_flag::host) return identifier.value;
        KITH_LET(more, cursor.next());
        found = more;
    }
    return std::string_view();
}

base::Result<model::Figures> Reads::figures(const base::Id &party) const {
    KITH_LET(row, reader_.get(Table::counters, index::by_id(party)));
    if (!row) return model::Figures();
    KITH_LET(decoded, decode_figures(row->payload));
    return std::move(decoded.figures);
}

base::Result<ProcessRead> Reads::read_process(const model::Process &process) const {
    KITH_LET(catalog, snapshot_.catalog());
    ProcessRead read{process, {}};
    if (process.due != kNever) read.due = process.due;
    if (const auto *definition = catalog->find(process.definition, process.version)) {
        const auto state = definition->state_index(process.state);
        read.ended = state && definition->is_final(*state);
    }
    return read;
}

base::Result<void> Reads::each_stored(
    const base::Id &party, const std::function<base::Result<void>(const StoredProcess &)> &take) const {
    KITH_LET(row, reader_.get(Table::counters, index::by_id(party)));
    if (!row) return {};
    KITH_LET(rest, processes_of(row->payload));
    StoredProcess stored;
    while (true) {
        KITH_LET(found, next_process(rest, stored));
        if (!found) return {};
        KITH_TRY(take(stored));
    }
}

base::Result<std::vector<ProcessRead>> Reads::processes(const base::Id &party) const {
    std::vector<ProcessRead> all;
    KITH_TRY(each_stored(party, [&](const StoredProcess &stored) -> base::Result<void> {
        if (is_watched(stored.id)) return {};
        KITH_LET(read, read_process(record::decode_process(party, stored.id, stored.record)));
        all.push_back(read);
        return {};
    }));
    KITH_LET(past, past_processes(party));
    all.insert(all.end(), past.begin(), past.end());
    std::ranges::sort(all, {}, [](const auto &one) { return one.process.id; });
    return all;
}

base::Result<bool> Reads::has_case(const base::Id &party, model::Name process) const {
    bool found = false;
    KITH_TRY(each_stored(party, [&](const StoredProcess &stored) -> base::Result<void> {
        found |= !is_watched(stored.id) &&
                 record::decode_process(party, stored.id, stored.record).definition == process;
        return {};
    }));
    return found;
}

base::Result<std::vector<ProcessRead>> Reads::past_processes(const base::Id &party) const {
    std::vector<ProcessRead> all;
    KITH_LET(cursor, reader_.cursor(Table::rows));
    const auto prefix = index::row(party, index::Tag::process);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        const auto id = base::Id::from(cursor.key().subspan(24, 16));
        KITH_LET(read, read_process(record::decode_process(party, id, row.payload)));
        all.push_back(read);
        KITH_LET(more, cursor.next());
        found = more;
    }
    return all;
}

base::Result<std::vector<CommitmentRead>> Reads::open_commitments(const base::Id &party) const {
    std::vector<CommitmentRead> all;
    KITH_LET(cursor, reader_.cursor(Table::rows));
    const auto prefix = index::row(party, index::Tag::commitment);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        KITH_LET(read,
                 read_commitment(reader_, party, base::Id::from(cursor.key().subspan(24, 16)), row.payload));
        if (model::is_open(read.commitment.state)) all.push_back(read);
        KITH_LET(more, cursor.next());
        found = more;
    }
    std::stable_sort(all.begin(), all.end(), [](const auto &a, const auto &b) {
        return a.commitment.due.value_or(INT64_MAX) < b.commitment.due.value_or(INT64_MAX);
    });
    return all;
}

base::Result<std::optional<Brief>> Reads::brief(const base::Id &id, std::size_t interactions_max) const {
    KITH_LET(known, party(id));
    if (!known) return std::optional<Brief>();
    Brief brief;
    brief.party = *known;
    KITH_LET(counted, figures(id));
    brief.figures = std::move(counted);
    KITH_LET(named, identifiers(id));
    brief.identifiers = std::move(named);
    KITH_LET(running, processes(id));
    brief.processes = std::move(running);
    KITH_LET(segments, memberships(id));
    std::erase_if(segments, [](const auto &one) { return !one.is_in; });
    brief.memberships = std::move(segments);
    KITH_LET(open, open_commitments(id));
    brief.commitments = std::move(open);
    if (interactions_max > 0) {
        TimelineQuery query;
        query.party = id;
        KITH_LET(latest, timeline(query, {}, interactions_max));
        brief.interactions = std::move(latest.items);
    }
    return std::optional(std::move(brief));
}

base::Result<bool> Reads::is_corrected(const model::InteractionKey &key) const {
    KITH_LET(row, reader_.get(Table::corrected, index::interaction(key)));
    return row.has_value();
}

base::Result<base::Bytes> Reads::fact(std::uint32_t origin, std::uint32_t number) const {
    KITH_LET(row, reader_.get(Table::facts, index::fact(origin, number)));
    if (!row) return base::fail(Status::corrupt, "a fact is missing: run kith verify");
    return row->payload;
}

base::Result<InteractionRead> Reads::read_interaction(const model::InteractionKey &key) const {
    KITH_LET(payload, fact(key.origin, key.number));
    InteractionRead read{record::decode_interaction(key, payload), {}};
    KITH_LET(aside, reader_.get(Table::personal, index::interaction(key)));
    if (aside) read.personal = record::decode_personal(aside->payload);
    return read;
}

base::Result<std::optional<InteractionRead>> Reads::interaction(const model::InteractionKey &key) const {
    // Keys of other records are 32 bytes too; theirs are no times.
    if (key.at < base::kMinTime || key.at > base::kMaxTime) return std::optional<InteractionRead>();
    KITH_LET(row, reader_.get(Table::rows, index::interaction(key)));
    if (!row) return std::optional<InteractionRead>();
    KITH_LET(read, read_interaction(key));
    return std::optional(read);
}

base::Result<std::optional<model::InteractionKey>> Reads::find_interaction(std::string_view system,
                                                                           std::string_view key) const {
    using Found = std::optional<model::InteractionKey>;
    KITH_LET(name, snapshot_.store().names().find(reader_, system));
    if (!name || *name == 0 || key.empty()) return Found();
    KITH_LET(row, reader_.get(Table::host_refs, index::host_ref(*name, key)));
    return row ? Found(index::interaction_key(row->payload)) : Found();
}

base::Result<std::optional<std::vector<model::Transition>>> Reads::log(const base::Id &process) const {
    using Log = std::optional<std::vector<model::Transition>>;
    KITH_LET(owner, reader_.get(Table::subjects, index::by_id(process)));
    if (!owner) return Log();
    const auto party = base::Id::from(owner->payload);
    KITH_LET(running, processes(party));
    if (std::none_of(running.begin(), running.end(),
                     [&](const auto &read) { return read.process.id == process; })) {
        return Log();
    }
    KITH_LET(log, transitions(party, process));
    return Log(std::move(log));
}

base::Result<std::vector<model::Transition>> Reads::transitions(const base::Id &party,
                                                                const base::Id &process) const {
    std::vector<model::Transition> log;
    const auto prefix = index::row(party, index::Tag::transition).add(process);
    KITH_LET(cursor, reader_.cursor(Table::rows));
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        const auto origin = base::load_big32(cursor.key().data() + 40),
                   number = base::load_big32(cursor.key().data() + 44);
        KITH_LET(payload, fact(origin, number));
        log.push_back(record::decode_transition(party, process, origin, number, payload));
        KITH_LET(aside, reader_.get(Table::personal, cursor.key()));
        if (aside) log.back().reason = record::decode_personal(aside->payload).text;
        KITH_LET(more, cursor.next());
        found = more;
    }
    // A log written under two origins orders by its clock.
    std::stable_sort(log.begin(), log.end(), [](const auto &a, const auto &b) { return a.stamp < b.stamp; });
    return log;
}

base::Result<std::vector<StateCount>> Reads::states(std::string_view process) const {
    KITH_LET(name, snapshot_.store().names().find(reader_, process));
    KITH_LET(catalog, snapshot_.catalog());
    const auto *definition = name ? catalog->newest(*name) : nullptr;
    if (!definition) return base::fail(Status::not_found, "no process of this name is installed");
    // In the order of the definition; then states that only older versions have, which instances may run
    // under.
    auto states = definition->states;
    for (const auto &older : catalog->processes) {
        if (older.name != *name) continue;
        for (const auto state : older.states) {
            if (std::find(states.begin(), states.end(), state) == states.end()) states.push_back(state);
        }
    }
    std::vector<StateCount> counts;
    KITH_LET(cursor, reader_.cursor(Table::states));
    for (const auto state : states) {
        KITH_LET(text, snapshot_.text(state));
        StateCount count{text, 0};
        const auto prefix = index::states_of(*name, state);
        KITH_LET(found, cursor.seek(prefix));
        while (found && index::starts_with(cursor.key(), prefix)) {
            ++count.parties;
            KITH_LET(more, cursor.next());
            found = more;
        }
        if (count.parties > 0 || definition->state_index(state)) counts.push_back(count);
    }
    return counts;
}

base::Result<std::vector<model::Change>> Reads::changes(std::uint64_t after_seq,
                                                        std::size_t items_max) const {
    return feed::read(reader_, snapshot_.meta().feed_first, snapshot_.meta().feed_last, after_seq, items_max);
}

base::Result<Info> Reads::info() const {
    Info info;
    KITH_LET(cursor, reader_.cursor(Table::counters));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        KITH_LET(decoded, decode_figures(row.payload));
        const auto &f = decoded.figures;
        ++info.parties;
        info.anonymous += decoded.anonymous ? 1 : 0;
        info.interactions += f.interactions;
        info.orders += f.orders;
        info.returns += f.returns;
        const auto amount = base::add_checked(info.amount_total, f.amount_total),
                   returned = base::add_checked(info.returns_total, f.returns_total);
        if (!amount || !returned) {
            return base::fail(Status::limit,
                              "the totals of the file are too large: were amounts given in minor units?");
        }
        info.amount_total = *amount;
        info.returns_total = *returned;
        if (f.interactions) {
            info.first_at = std::min(info.first_at.value_or(INT64_MAX), f.first_at);
            info.last_at = std::max(info.last_at.value_or(INT64_MIN), f.last_at);
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    KITH_LET(claims, reader_.count(Table::claims));
    KITH_LET(processes, reader_.count(Table::states));
    KITH_LET(open, reader_.count(Table::due_commitments));
    KITH_LET(definitions, reader_.count(Table::definitions));
    info.identifiers = claims;
    info.processes = processes;
    info.commitments_open = open;
    info.definitions = definitions;
    KITH_LET(known, known_measures(reader_));
    for (const auto &[text, one] : known) info.sums_to_build += one.built_through != last_party();
    return info;
}

// ---- lists ----

base::Result<Page<model::Party>> Reads::parties(std::string_view resume, std::size_t items_max) const {
    // Table counters has one small row a party: the cheapest list of ids.
    Page<model::Party> page;
    KITH_LET(cursor, reader_.cursor(Table::counters));
    KITH_LET(found, begin_after(cursor, index::by_id({}), resume));
    while (found && page.items.size() < items_max) {
        const auto id = base::Id::from(cursor.key());
        KITH_LET(known, party(id));
        if (!known) return base::fail(Status::corrupt, "a party's record is missing: run kith verify");
        page.items.push_back(*known);
        page.resume = token(cursor.key());
        KITH_LET(more, cursor.next());
        found = more;
    }
    return page;
}

base::Result<Page<InteractionRead>> Reads::timeline(const TimelineQuery &query, std::string_view resume,
                                                    std::size_t items_max) const {
    Page<InteractionRead> page;
    model::Name type = 0;
    if (!query.type.empty()) {
        KITH_LET(name, snapshot_.store().names().find(reader_, query.type));
        if (!name) return page;
        type = *name;
    }
    KITH_LET(corrections, reader_.count(Table::corrected));
    auto end = query.until > base::kMaxTime ? index::interactions_end(query.party)
                                            : index::interactions_from(query.party, query.until);
    base::Bytes before = end;
    if (!resume.empty()) {
        if (resume.size() != 32 || !index::starts_with(base::bytes_of(resume), query.party.view()))
            return bad_token();
        before = base::bytes_of(resume);
    }
    const auto first = index::interactions_from(query.party, std::max(query.from, base::kMinTime));
    KITH_LET(cursor, reader_.cursor(Table::rows));
    KITH_LET(found, cursor.seek_before(before));
    while (found && page.items.size() < items_max && index::starts_with(cursor.key(), query.party.view()) &&
           base::compare(cursor.key(), first) >= 0) {
        const auto key = index::interaction_key(cursor.key());
        bool skip = false;
        if (corrections) {
            KITH_LET(corrected, is_corrected(key));
            skip = corrected;
        }
        if (!skip) {
            KITH_LET(row, cursor.value());
            if (!type || record::decode_summary(row.payload).type == type) {
                KITH_LET(read, read_interaction(key));
                page.items.push_back(read);
                page.resume = token(cursor.key());
            }
        }
        KITH_LET(more, cursor.previous());
        found = more;
    }
    return page;
}

base::Result<Page<ProcessRead>> Reads::in_state(std::string_view process, std::string_view state,
                                                std::string_view resume, std::size_t items_max) const {
    Page<ProcessRead> page;
    auto &names = snapshot_.store().names();
    KITH_LET(name, names.find(reader_, process));
    if (!name || *name == 0) return base::fail(Status::not_found, "no process of this name is installed");
    auto prefix = index::Key().add32(*name);
    if (!state.empty()) {
        KITH_LET(state_name, names.find(reader_, state));
        if (!state_name) return base::fail(Status::not_found, "the process has no state of this name");
        prefix.add32(*state_name);
    }
    auto start = prefix;
    start.pad();
    KITH_LET(cursor, reader_.cursor(Table::states));
    KITH_LET(found, begin_after(cursor, start, resume));
    while (found && page.items.size() < items_max && index::starts_with(cursor.key(), prefix)) {
        const auto party = base::Id::from(cursor.key().subspan(8, 16));
        const auto id = base::Id::from(cursor.key().subspan(24, 16));
        KITH_LET(counted, figures(party));
        KITH_LET(running, processes(party));
        const auto at = std::find_if(running.begin(), running.end(),
                                     [&](const auto &read) { return read.process.id == id; });
        if (at == running.end())
            return base::fail(Status::corrupt, "a process's record is missing: run kith verify");
        page.items.push_back(*at);
        page.resume = token(cursor.key());
        KITH_LET(more, cursor.next());
        found = more;
    }
    return page;
}

base::Result<Page<model::DefinitionRecord>> Reads::definitions(std::string_view resume,
                                                               std::size_t items_max) const {
    Page<model::DefinitionRecord> page;
    KITH_LET(cursor, reader_.cursor(Table::definitions));
    KITH_LET(found, begin_after(cursor, index::by_number(0), resume));
    while (found) {
        KITH_LET(row, cursor.value());
        const auto definition = record::decode_definition(row.payload);
        const bool newer = !page.items.empty() && page.items.back().kind == definition.kind &&
                           page.items.back().name == definition.name;
        if (newer) {
            page.items.back() = definition;
        } else {
            if (page.items.size() == items_max) break;
            page.items.push_back(definition);
        }
        page.resume = token(cursor.key());
        KITH_LET(more, cursor.next());
        found = more;
    }
    return page;
}

}  // namespace kith::engine
