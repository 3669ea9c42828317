#include "model/oracle.hpp"

#include <algorithm>
#include <tuple>

namespace kith_model {

namespace {

struct Refused {
    kith_status status;
};

constexpr std::string_view kWords[] = {"",       "open",   "accepted",  "doing",       "kept",
                                       "broken", "waived", "cancelled", "compensated", "historic"};

constexpr std::int64_t day_of(kith_time at) { return (at >= 0 ? at : at - (kDay - 1)) / kDay; }

// Later than the one before, also when the clock stands or goes back: 48 bits of milliseconds, 16 of counter.
std::uint64_t next_stamp(std::uint64_t last, kith_time now) {
    return std::max(static_cast<std::uint64_t>(now / 1000) << 16, last + 1);
}

// One batch, or one run of due work, at work on a copy of the file.
class Work {
public:
    Work(const File &before, kith_time now, Witness seen) : file(before), witness(std::move(seen)) {
        const auto most = std::max(before.stamp, before.stamp_most);
        file.stamp = std::clamp(witness.stamp, next_stamp(before.stamp, now), next_stamp(most, now));
        file.stamp_most = 0;
    }

    Outcome apply(const Item &item) {
        return std::visit([&](const auto &what) { return apply(item, what); }, item.what);
    }
    // The next timer of a party, or of any, that is due by an instant: by due time, party, id. False: none
    // is.
    bool fire_next(Party *of, kith_time through);

    File file;
    Witness witness;
    std::vector<Outcome> outcomes;
    std::uint32_t parties_created = 0, transitions = 0, commitments = 0;

private:
    void fire(Party &party);
    Party *find(const Ref &ref);
    Party &require(Party *found, const Item &item, const Id &wanted, std::uint32_t fields, bool &created);
    std::uint32_t identify(Party &party, const IdentifierAdd &add, bool host);
    Outcome apply(const Item &item, const PartyPut &put);
    Outcome apply(const Item &item, const IdentifierAdd &add);
    Outcome apply(const Item &item, const InteractionAppend &append);
    Outcome apply(const Item &item, const CommitmentMove &move);
    Outcome apply(const Item &item, const Define &);
    void check_totals(const Party &party) const;
    void happen(Party &party, const Interaction &interaction);
    void enter(Party &party, std::string_view state, Transition cause);
    void close(Party &party, Commitment &commitment, std::uint32_t state, kith_time at);
    void tell(Change change) {
        change.stamp = file.stamp;
        file.feed.push_back(std::move(change));
    }
    // Ids the engine made; where it made none, any that is new.
    Id made(std::deque<Id> &seen) {
        if (seen.empty()) return Id{0xff, ++placeholders_};
        const auto id = seen.front();
        seen.pop_front();
        return id;
    }
    const kith_outcome *seen() const {
        return outcomes.size() < witness.outcomes.size() ? &witness.outcomes[outcomes.size()] : nullptr;
    }

    std::uint8_t placeholders_ = 0;
};

Party *Work::find(const Ref &ref) {
    Id id = ref.id;
    if (ref.by == KITH_REF_NONE) return nullptr;
    if (ref.by == KITH_REF_ITEM) id = outcomes[ref.item].party;
    if (ref.by == KITH_REF_HOST || ref.by == KITH_REF_IDENTIFIER) {
        const auto status = file.find(ref, id);
        if (status == KITH_NOT_FOUND) return nullptr;
        if (status != KITH_OK) throw Refused{status};
    }
    return const_cast<Party *>(file.party(id));
}

// The party found; else the one of the id wanted, which the reference's key then is one more key of; else a
// new one, if the flags say so.
Party &Work::require(Party *found, const Item &item, const Id &wanted, std::uint32_t fields, bool &created) {
    created = false;
    if (found) return *found;
    const auto &ref = item.ref;
    const bool host = ref.by == KITH_REF_HOST, names_claim = host || ref.by == KITH_REF_IDENTIFIER;
    const IdentifierAdd claim{ref.kind, ref.value, false, {}, {}, {}};
    if (wanted != Id{}) {
        if (auto *known = const_cast<Party *>(file.party(wanted))) {
            if (names_claim) identify(*known, claim, host);
            return *known;
        }
    }
    if (!(item.flags & (KITH_ITEM_CREATE | KITH_ITEM_CREATE_ANONYMOUS))) throw Refused{KITH_E_MISSING};
    Party party;
    if (item.flags & KITH_ITEM_CREATE_ANONYMOUS) party.kind = KITH_PARTY_ANONYMOUS;
    party.id = ref.by == KITH_REF_ID ? ref.id : wanted;
    if (party.id == Id{} && seen()) std::memcpy(party.id.data(), seen()->party.bytes, 16);
    if (party.id == Id{}) party.id = Id{0xfe, ++placeholders_};
    party.created = party.changed = file.stamp;
    created = true;
    ++parties_created;
    tell({KITH_CHANGE_PARTY, KITH_OPERATION_CREATED, fields, party.id, party.id, {}, {}, {}, {}, 0, 0});
    auto &kept = file.parties.emplace_back(party);
    if (names_claim) identify(kept, claim, host);
    return kept;
}

// One active claim a kind and value; shared ones claim nobody, but a party has each once.
std::uint32_t Work::identify(Party &party, const IdentifierAdd &add, bool host) {
    const auto text = host ? add.value : normalised(add.kind, add.value);
    Change change{
        KITH_CHANGE_IDENTIFIER, KITH_OPERATION_CREATED, 0, party.id, {}, {}, add.kind, {}, {}, 0, 0};
    for (auto &owner : file.parties) {
        for (auto &known : owner.identifiers) {
            if (known.kind != add.kind || known.normalised != text || known.host != host) continue;
            if (known.shared != add.shared) continue;
            if (&owner != &party && add.shared) continue;
            if (&owner != &party) throw Refused{KITH_E_CONFLICT};
            bool told = false;
            const auto set = [&](Number &target, const Number &value) {
                told = told || (value && target != value);
                if (value) target = value;
            };
            set(known.verified_at, add.verified_at);
            set(known.valid_from, add.valid_from);
            set(known.valid_to, add.valid_to);
            if (!told) return KITH_RESULT_EXISTING;
            known.stamp = file.stamp;
            change.operation = KITH_OPERATION_CHANGED;
            tell(change);
            return KITH_RESULT_CHANGED;
        }
    }
    tell(change);
    party.identifiers.push_back({add.kind, add.value, text, host, add.shared, add.verified_at, add.valid_from,
                                 add.valid_to, file.stamp});
    return KITH_RESULT_CREATED;
}

Outcome Work::apply(const Item &item, const PartyPut &put) {
    const auto fields = put.fields & ~std::uint32_t{KITH_PARTY_FIELD_REVISION};
    const auto told = file.feed.size();
    bool created = false;
    auto &party = require(find(item.ref), item, put.id, fields, created);
    const bool claimed = !created && file.feed.size() != told;
    if (!created && (item.flags & KITH_ITEM_MUST_NOT_EXIST)) throw Refused{KITH_E_EXISTS};
    if (put.fields & KITH_PARTY_FIELD_REVISION && put.revision != (created ? 0 : party.revision))
        throw Refused{KITH_E_CONFLICT};
    std::uint32_t changed = 0;
    const auto set = [&](std::uint32_t field, auto &target, const auto &value) {
        if (!(fields & field) || target == value) return;
        target = value;
        changed |= field;
    };
    set(KITH_PARTY_FIELD_KIND, party.kind, put.kind);
    set(KITH_PARTY_FIELD_ROLES, party.roles, put.roles);
    set(KITH_PARTY_FIELD_NAME, party.name, put.name);
    set(KITH_PARTY_FIELD_LANGUAGE, party.language, put.language);
    set(KITH_PARTY_FIELD_TIME_ZONE, party.time_zone, put.time_zone);
    set(KITH_PARTY_FIELD_OWNER, party.owner, put.owner);
    set(KITH_PARTY_FIELD_TAGS, party.tags, put.tags);
    if (created) return {KITH_RESULT_CREATED, party.id, {}, true};
    if (changed == 0) return {claimed ? KITH_RESULT_CHANGED : KITH_RESULT_UNCHANGED, party.id, {}, false};
    ++party.revision;
    party.changed = file.stamp;
    tell({KITH_CHANGE_PARTY, KITH_OPERATION_CHANGED, changed, party.id, party.id, {}, {}, {}, {}, 0, 0});
    return {KITH_RESULT_CHANGED, party.id, {}, false};
}

Outcome Work::apply(const Item &item, const IdentifierAdd &add) {
    bool created = false;
    auto &party = require(find(item.ref), item, {}, 0, created);
    auto result = identify(party, add, false);
    if (created) result = KITH_RESULT_CREATED;  // be it by its own reference
    if (result != KITH_RESULT_CREATED && (item.flags & KITH_ITEM_MUST_NOT_EXIST))
        throw Refused{KITH_E_EXISTS};
    return {result, party.id, {}, created};
}

Outcome Work::apply(const Item &item, const InteractionAppend &append) {
    const bool foreign = append.currency != kCurrency;
    if (append.base_amount && (!append.amount || !foreign)) throw Refused{KITH_E_ARGUMENT};
    if (append.amount && foreign && !append.base_amount) throw Refused{KITH_E_ARGUMENT};
    auto *known = find(item.ref);
    // A host key names an interaction for ever, whoever it is said to be of.
    if (const auto there = append.key ? file.interaction(append.system, append.key) : nullptr) {
        const bool same_party = item.ref.by == KITH_REF_NONE || (known && known->id == there->party);
        if (same_party && there->content == append) {
            if (item.flags & KITH_ITEM_MUST_NOT_EXIST) throw Refused{KITH_E_EXISTS};
            return {KITH_RESULT_EXISTING, there->party, there->id, false};
        }
        if (item.flags & KITH_ITEM_SKIP_CONFLICT)
            return {KITH_RESULT_SKIPPED, there->party, there->id, false};
        throw Refused{KITH_E_CONFLICT};
    }
    bool created = false;
    auto &party = require(known, item, {}, 0, created);
    std::shared_ptr<const Interaction> old;
    if (append.corrects) {
        old = file.interaction(*append.corrects);
        if (!old) throw Refused{KITH_E_MISSING};
        if (file.corrected.count(old->id)) throw Refused{KITH_E_CONFLICT};
    }
    // What was due by then happened first.
    while (fire_next(&party, append.at)) {
    }

    auto recorded = std::make_shared<Interaction>();
    recorded->party = party.id;
    recorded->content = append;
    recorded->owner = party.owner;
    recorded->stamp = file.stamp;
    if (seen()) std::memcpy(recorded->id.data(), seen()->interaction.bytes, 32);
    if (recorded->id == InteractionId{}) recorded->id = InteractionId{0xfd, ++placeholders_};
    tell({KITH_CHANGE_INTERACTION,
          old ? std::uint32_t{KITH_OPERATION_CORRECTED} : std::uint32_t{KITH_OPERATION_CREATED},
          0,
          party.id,
          {},
          recorded->id,
          append.type,
          {},
          {},
          append.at,
          0});
    if (old) file.corrected[old->id] = recorded->id;
    file.interactions.push_back(recorded);
    check_totals(party);
    // What is put right has happened already: only another party or type is news.
    if (!old || old->party != party.id || old->content.type != append.type) happen(party, *recorded);
    return {old ? std::uint32_t{KITH_RESULT_CORRECTED} : std::uint32_t{KITH_RESULT_CREATED}, party.id,
            recorded->id, created};
}

Outcome Work::apply(const Item &, const CommitmentMove &move) {
    for (auto &party : file.parties) {
        for (auto &commitment : party.commitments) {
            if (commitment.id != move.commitment) continue;
            // At its very due time it is in time.
            while (fire_next(&party, move.at - 1)) {
            }
            if (commitment.state == move.state) return {KITH_RESULT_UNCHANGED, party.id, {}, false};
            const bool mended =
                commitment.state == KITH_COMMITMENT_BROKEN &&
                (move.state == KITH_COMMITMENT_WAIVED || move.state == KITH_COMMITMENT_COMPENSATED);
            const bool forwards = commitment.is_open() && move.state > commitment.state &&
                                  move.state != KITH_COMMITMENT_COMPENSATED;
            if (!mended && !forwards) throw Refused{KITH_E_STATE};
            close(party, commitment, move.state, move.at);
            return {KITH_RESULT_CHANGED, party.id, {}, false};
        }
    }
    throw Refused{KITH_E_MISSING};
}

Outcome Work::apply(const Item &, const Define &) {
    if (file.defined) return {KITH_RESULT_UNCHANGED, {}, {}, false};
    file.defined = file.stamp;
    file.replays = !file.parties.empty();
    tell({KITH_CHANGE_DEFINITION, KITH_OPERATION_CREATED, 0, {}, {}, {}, "promise", {}, {}, 0, 0});
    for (const auto &[name, json] : kMetrics)
        tell(
            {KITH_CHANGE_DEFINITION, KITH_OPERATION_CREATED, 0, {}, {}, {}, std::string(name), {}, {}, 0, 0});
    return {KITH_RESULT_CREATED, {}, {}, false};
}

void Work::check_totals(const Party &party) const {
    const auto figures = file.figures(party);
    for (const auto total : {figures.amount_total, figures.returns_total}) {
        if (total > KITH_MAX_AMOUNT || total < -KITH_MAX_AMOUNT) throw Refused{KITH_E_LIMIT};
    }
}

void Work::happen(Party &party, const Interaction &interaction) {
    const auto &content = interaction.content;
    if (!file.defined || content.type != "pledge" || party.kind == KITH_PARTY_ANONYMOUS) return;
    if (!party.promise) {
        party.promise.emplace();
        party.promise->id = made(witness.processes);
        party.promise->since = party.promise->started_at = content.at;
    }
    enter(party, "waiting", {{}, {}, content.type, content.at, interaction.id, content.at, false, 0});
}

bool Work::fire_next(Party *of, kith_time through) {
    std::optional<std::tuple<kith_time, Id, Id>> first;
    Party *owner = nullptr;
    Commitment *late = nullptr;
    const auto consider = [&](Party &party, kith_time due, const Id &id, Commitment *commitment) {
        const std::tuple key(due, party.id, id);
        if (due > through || (first && *first < key)) return;
        first = key;
        owner = &party;
        late = commitment;
    };
    for (auto &party : file.parties) {
        if (of && of != &party) continue;
        if (party.promise && party.promise->due())
            consider(party, *party.promise->due(), party.promise->id, {});
        for (auto &one : party.commitments) {
            if (one.is_open() && !one.told_late) consider(party, one.due, one.id, &one);
        }
    }
    if (!first) return false;
    if (!late) {
        fire(*owner);
        return true;
    }
    late->told_late = true;
    const std::string state(kWords[late->state]);
    tell({KITH_CHANGE_COMMITMENT,
          KITH_OPERATION_LATE,
          0,
          owner->id,
          late->id,
          {},
          "call_back",
          state,
          state,
          late->due,
          0});
    return true;
}

void Work::fire(Party &party) {
    const auto due = *party.promise->due();
    enter(party, "lapsed", {{}, {}, {}, due, {}, 0, false, 0});
}

// An event that comes late moves the process when it arrives.
void Work::enter(Party &party, std::string_view state, Transition cause) {
    auto &process = *party.promise;
    cause.from = process.state;
    cause.to = state;
    cause.late = cause.at < process.since;
    cause.at = std::max(cause.at, process.since);
    cause.stamp = file.stamp;
    process.state = state;
    process.since = cause.at;
    process.log.push_back(cause);
    ++transitions;
    tell({KITH_CHANGE_PROCESS,
          cause.from.empty() ? std::uint32_t{KITH_OPERATION_CREATED} : std::uint32_t{KITH_OPERATION_CHANGED},
          0,
          party.id,
          process.id,
          {},
          "promise",
          cause.from,
          cause.to,
          cause.at,
          0});
    if (state == "lapsed") {
        for (auto &commitment : party.commitments) {
            if (commitment.is_open()) close(party, commitment, KITH_COMMITMENT_BROKEN, cause.at);
        }
        return;
    }
    Commitment made_now;
    made_now.id = made(witness.commitments);
    made_now.process = process.id;
    const bool historic = cause.at < file.effects_from;
    made_now.state = historic ? KITH_COMMITMENT_HISTORIC : KITH_COMMITMENT_OPEN;
    made_now.opened_at = cause.at;
    made_now.due = cause.at + 7 * kDay;
    made_now.owner = party.owner;
    ++commitments;
    tell({KITH_CHANGE_COMMITMENT,
          historic ? std::uint32_t{KITH_OPERATION_HISTORIC} : std::uint32_t{KITH_OPERATION_CREATED},
          0,
          party.id,
          made_now.id,
          {},
          "call_back",
          {},
          std::string(kWords[made_now.state]),
          cause.at,
          0});
    party.commitments.push_back(made_now);
}

void Work::close(Party &party, Commitment &commitment, std::uint32_t state, kith_time at) {
    tell({KITH_CHANGE_COMMITMENT,
          KITH_OPERATION_CHANGED,
          0,
          party.id,
          commitment.id,
          {},
          "call_back",
          std::string(kWords[commitment.state]),
          std::string(kWords[state]),
          at,
          0});
    commitment.state = state;
    if (state == KITH_COMMITMENT_ACCEPTED) commitment.accepted_at = at;
    if (state == KITH_COMMITMENT_DOING) commitment.started_at = at;
    if (!commitment.is_open()) commitment.ended_at = at;
    if (state == KITH_COMMITMENT_BROKEN) commitment.broken_at = at;
}

}  // namespace

std::string playbook() {
    auto out = R"({"playbook":"model","format":1,"version":1,"define":[)" + std::string(kDefinition);
    for (const auto &[name, json] : kMetrics) out += "," + std::string(json);
    return out + "]}";
}

// The part of normalising that the test's own texts need: they are ASCII.
std::string normalised(std::string_view kind, std::string_view value) {
    std::string out;
    for (const char c : value) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const bool separator = c == '-' || c == '.' || c == '/', digit = c >= '0' && c <= '9';
        if (c == ' ') continue;
        if (kind == "phone" ? digit || (c == '+' && out.empty()) : kind == "email" || !separator)
            out += lower;
    }
    if (kind == "phone" && out.starts_with("00")) out.replace(0, 2, "+");
    return out;
}

Text Party::host_key() const {
    for (const auto &identifier : identifiers) {
        if (identifier.host) return identifier.value;
    }
    return {};
}

const Party *File::party(const Id &id) const {
    const auto found =
        std::find_if(parties.begin(), parties.end(), [&](const auto &p) { return p.id == id; });
    return found == parties.end() ? nullptr : &*found;
}

std::shared_ptr<const Interaction> File::interaction(const InteractionId &id) const {
    for (const auto &one : interactions) {
        if (one->id == id) return one;
    }
    return {};
}

std::shared_ptr<const Interaction> File::interaction(const Text &system, const Text &key) const {
    for (const auto &one : interactions) {
        if (one->content.key && one->content.key == key && one->content.system == system) return one;
    }
    return {};
}

std::vector<std::shared_ptr<const Interaction>> File::timeline(const Id &party) const {
    std::vector<std::shared_ptr<const Interaction>> out;
    for (const auto &one : interactions) {
        if (one->party == party && !corrected.count(one->id)) out.push_back(one);
    }
    std::sort(out.begin(), out.end(), [](const auto &a, const auto &b) { return a->id < b->id; });
    return out;
}

Figures File::figures(const Party &party) const {
    Figures out;
    std::vector<std::int64_t> days, gaps;
    for (const auto &one : timeline(party.id)) {
        const auto at = one->content.at;
        ++out.interactions;
        out.first_at = std::min(out.first_at.value_or(at), at);
        out.last_at = std::max(out.last_at.value_or(at), at);
        if (one->content.type == "return") {
            ++out.returns;
            out.returns_total += one->counted();
        }
        if (one->content.type != "order") continue;
        ++out.orders;
        out.amount_total += one->counted();
        out.first_order_at = std::min(out.first_order_at.value_or(at), at);
        out.last_order_at = std::max(out.last_order_at.value_or(at), at);
        days.push_back(day_of(at));
    }
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    for (std::size_t i = 1; i < days.size(); ++i) gaps.push_back(days[i] - days[i - 1]);
    std::sort(gaps.begin(), gaps.end());
    if (!gaps.empty() && party.kind != KITH_PARTY_ANONYMOUS) {
        out.median_gap_ms = (gaps[(gaps.size() - 1) / 2] + gaps[gaps.size() / 2]) * (kDay / 2000);
    }
    return out;
}

kith_status File::find(const Ref &ref, Id &out) const {
    const bool host = ref.by == KITH_REF_HOST;
    const auto text = host ? ref.value : normalised(ref.kind, ref.value);
    std::vector<Id> sharing;
    for (const auto &party : parties) {
        for (const auto &known : party.identifiers) {
            if (known.kind != ref.kind || known.normalised != text || known.host != host) continue;
            if (!known.shared) {
                out = party.id;
                return KITH_OK;
            }
            sharing.push_back(party.id);
        }
    }
    if (sharing.empty()) return KITH_NOT_FOUND;
    if (sharing.size() > 1) return KITH_E_CONFLICT;
    out = sharing[0];
    return KITH_OK;
}

File new_file(kith_time now) {
    File out;
    out.stamp = next_stamp(0, now);
    return out;
}

kith_status checked(const Item &item, std::size_t count) {
    const auto &what = item.what;
    if (std::holds_alternative<Define>(what) || std::holds_alternative<CommitmentMove>(what)) return KITH_OK;
    if (item.ref.by == KITH_REF_NONE && !(item.flags & (KITH_ITEM_CREATE | KITH_ITEM_CREATE_ANONYMOUS)))
        return KITH_E_ARGUMENT;
    if (const auto *put = std::get_if<PartyPut>(&what)) {
        if (put->name && put->name->size() > KITH_MAX_NAME_BYTES) return KITH_E_LIMIT;
    }
    if (const auto *append = std::get_if<InteractionAppend>(&what)) {
        if (append->system && !append->key) return KITH_E_ARGUMENT;
        const bool either_sign = append->type == "return" || append->type == "adjustment";
        for (const auto &amount : {append->amount, append->base_amount}) {
            if (amount && (*amount > KITH_MAX_AMOUNT || *amount < -KITH_MAX_AMOUNT)) return KITH_E_LIMIT;
            if (amount && *amount < 0 && !either_sign) return KITH_E_ARGUMENT;
        }
    }
    return item.ref.by == KITH_REF_ITEM && item.ref.item >= count ? KITH_E_ARGUMENT : KITH_OK;
}

Committed commit(const File &file, const Batch &batch, kith_time now, Witness witness) {
    Work work(file, now, std::move(witness));
    Committed out;
    out.stamp = work.file.stamp;
    if (batch.effects_from) work.file.effects_from = std::max(file.effects_from, *batch.effects_from);
    try {
        for (const auto &item : batch.items) work.outcomes.push_back(work.apply(item));
    } catch (const Refused &refused) {
        out.status = refused.status;
        out.failed_item = static_cast<std::uint32_t>(work.outcomes.size());
        out.file = file;
        return out;
    }
    for (const auto &outcome : work.outcomes) {
        switch (outcome.result) {
            case KITH_RESULT_CREATED:
            case KITH_RESULT_CORRECTED:
                ++out.created;
                break;
            case KITH_RESULT_EXISTING:
            case KITH_RESULT_UNCHANGED:
                ++out.existing;
                break;
            case KITH_RESULT_CHANGED:
                ++out.changed;
                break;
            default:
                ++out.skipped;
        }
    }
    out.outcomes = std::move(work.outcomes);
    out.parties_created = work.parties_created;
    out.transitions = work.transitions;
    out.commitments = work.commitments;
    // A batch that changes nothing writes nothing.
    out.file = work.file.feed.size() == file.feed.size() ? file : std::move(work.file);
    return out;
}

DueDone run_due(const File &before, kith_time through, kith_time now, std::uint64_t stamp_seen) {
    File file = before;
    if (file.defined && !file.built) {  // tells nothing, but takes a stamp
        file.stamp_most = next_stamp(std::max(file.stamp, file.stamp_most), now);
        if (file.replays) file.stamp_most = next_stamp(file.stamp_most, now);
        file.built = true;
    }
    Work work(file, now, {stamp_seen, {}, {}, {}});
    DueDone out;
    while (work.fire_next(nullptr, through)) ++out.timers;
    out.transitions = work.transitions;
    work.file.due_through = std::max(file.due_through, through);
    if (out.timers == 0) {
        work.file.stamp_most = next_stamp(std::max(file.stamp, file.stamp_most), now);
        work.file.stamp = file.stamp;
    }
    out.file = std::move(work.file);
    return out;
}

}  // namespace kith_model
