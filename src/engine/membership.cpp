// Segments: who is in them, from when, and when that may change by itself.
#include <algorithm>

#include "engine/behaviour.hpp"
#include "engine/session.hpp"
#include "engine/value_time.hpp"
#include "engine/values.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

base::Id watched_id(Watched kind, model::Name name) {
    base::Id id;
    id.bytes[11] = static_cast<std::byte>(kind);
    base::store_big32(id.bytes.data() + 12, name);
    return id;
}

base::Id membership_id(model::Name segment) { return watched_id(Watched::segment, segment); }

bool is_watched(const base::Id &process) {
    return std::all_of(process.bytes.begin(), process.bytes.begin() + 11,
                       [](std::byte b) { return b == std::byte{0}; });
}

Watched watched_kind(const base::Id &watched) { return static_cast<Watched>(watched.bytes[11]); }

bool is_membership(const base::Id &process) {
    return is_watched(process) && watched_kind(process) == Watched::segment;
}

model::Name segment_of(const base::Id &watched) { return base::load_big32(watched.bytes.data() + 12); }

StoredMembership decode_membership(base::Bytes bytes) {
    StoredMembership membership;
    if (bytes.size() == sizeof membership) std::memcpy(&membership, bytes.data(), sizeof membership);
    return membership;
}

StoredSegment decode_segment(base::Bytes bytes) {
    StoredSegment segment;
    if (bytes.size() == sizeof segment) std::memcpy(&segment, bytes.data(), sizeof segment);
    return segment;
}

base::Result<void> each_change(const std::vector<model::Transition> &log, const NameSource &names,
                               const TakeChange &take) {
    std::uint32_t times = 0;
    for (const auto &one : log) {
        KITH_LET(to, names.text(one.to));
        const bool entered = to == kIn;
        times += entered;
        KITH_TRY(take({{one.party, one.at, one.origin, one.number},
                       segment_of(one.process),
                       entered,
                       times,
                       one.cause}));
    }
    return {};
}

base::Result<void> read_changes(const store::Reader &reader, const NameSource &names, const base::Id &party,
                                base::Micros after, base::Micros until, const TakeChange &take) {
    std::map<base::Id, std::vector<model::Transition>> logs;
    KITH_LET(cursor, reader.cursor(Table::rows));
    const auto prefix = index::row(party, index::Tag::transition);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        const auto process = base::Id::from(cursor.key().subspan(24, 16));
        if (!is_membership(process)) break;  // theirs are the first
        const auto origin = base::load_big32(cursor.key().data() + 40),
                   number = base::load_big32(cursor.key().data() + 44);
        KITH_LET(row, reader.get(Table::facts, index::fact(origin, number)));
        if (!row)
            return base::fail(Status::corrupt, "the record of a membership is missing: run kith verify");
        logs[process].push_back(record::decode_transition(party, process, origin, number, row->payload));
        KITH_LET(more, cursor.next());
        found = more;
    }
    for (auto &[process, log] : logs) {
        std::ranges::sort(log, {}, [](const auto &one) { return std::pair(one.stamp, one.number); });
        KITH_TRY(each_change(log, names, [&](const MemberChange &change) -> base::Result<void> {
            return change.key.at > after && change.key.at <= until ? take(change) : base::Result<void>();
        }));
    }
    return {};
}

// ---- in a session ----

// The segments of the catalog with their rows. None: there are none.
base::Result<std::span<SegmentInUse>> Session::segments() {
    const auto &installed = catalog_->values->segments;
    if (segments_loaded_ || installed.items.empty()) return std::span(segments_);
    segments_loaded_ = true;
    for (std::uint32_t place = 0; place < installed.items.size(); ++place) {
        const auto &segment = installed.items[place];
        if (!segment.watch) continue;
        SegmentInUse use;
        use.place = place;
        use.watch = segment.watch.get();
        KITH_LET(code, name(installed.name(place)));
        use.name = code;
        KITH_LET(row, overlay_.get(Table::members, index::members_of(code)));
        if (row) use.row = decode_segment(*row);
        // Those in it under an older version are looked at again, one after the other.
        if (use.row.version != segment.version) {
            use.row.version = segment.version;
            use.row.built_through = {};
            KITH_LET(parties, writer_.count(Table::counters));
            if (parties == 0 && subjects_.empty()) use.row.built_through = last_party();
            use.changed = true;
        }
        segments_.push_back(use);
    }
    return std::span(segments_);
}

void Session::touch(const Measure &measure) {
    if (!measure.grain->of_party) return;
    auto &all = touched_.measures;
    if (std::ranges::find(all, measure.number) == all.end()) all.push_back(measure.number);
}

bool Touched::moves(const TimeWatch &watch) const {
    return all || (party && watch.party) || (figures && watch.figures) || (processes && watch.processes) ||
           (commitments && watch.commitments) ||
           std::ranges::any_of(given, [&](const auto &metric) { return watch.given.contains(metric); }) ||
           std::ranges::any_of(measures, [&](auto number) { return watch.measures.contains(number); });
}

void Touched::merge(const Touched &other) {
    all |= other.all;
    party |= other.party;
    figures |= other.figures;
    processes |= other.processes;
    commitments |= other.commitments;
    measures.insert(measures.end(), other.measures.begin(), other.measures.end());
    given.insert(other.given.begin(), other.given.end());
}

base::Micros Session::instant_of(const Subject &subject, base::Micros at) const {
    const auto &figures = subject.row.figures;
    if (figures.interactions > 0) at = std::max(at, figures.last_at);
    at = std::max(at, meta_.due_through);
    for (const auto &membership : subject.memberships) {
        if (membership.kind == Watched::segment) at = std::max(at, membership.stored.since);
    }
    return at == base::kMinTime ? circumstances_.now : at;
}

// Looks at what has been touched since the last time, and lets cases and rules know.
base::Result<void> Session::settle(Subject &subject, base::Micros at, const model::Transition &cause,
                                   const Happening *happening) {
    const auto touched = std::exchange(touched_, {});
    if (subject.row.anonymous) return {};
    KITH_TRY(settle_segments(subject, touched, at, cause));
    return behaviour().react(subject, at, touched, cause, happening);
}

base::Result<void> Session::settle_segments(Subject &subject, const Touched &touched, base::Micros at,
                                            const model::Transition &cause) {
    KITH_LET(all, segments());
    std::vector<SegmentInUse *> affected;
    for (auto &segment : all) {
        if (!segment.is_built(subject.party.id)) continue;
        if (touched.all || touched.moves(*segment.watch)) affected.push_back(&segment);
    }
    if (affected.empty()) return {};
    KITH_TRY(load_instances(subject));
    return look_at(subject, affected, instant_of(subject, at), cause);
}

// What was not an event has no time of its own.
base::Result<void> Session::settle_by_hand(Subject &subject, bool created, bool changed) {
    touched_.all = created;
    touched_.party = changed;
    model::Transition cause;
    cause.cause = model::Cause::hand;
    return settle(subject, base::kMinTime, cause);
}

base::Result<void> Session::look_at(Subject &subject, std::span<SegmentInUse *const> segments,
                                    base::Micros now, const model::Transition &cause) {
    // What has happened to its cases and commitments has, though a late event comes after it.
    for (const auto &instance : subject.instances) now = std::max(now, instance.process.since);
    if (std::ranges::any_of(segments, [](const auto *one) { return one->watch->commitments; })) {
        KITH_TRY(load_commitments(subject));
        for (const auto &open : subject.commitments) {
            const auto &c = open.commitment;
            for (const auto &time : {std::optional(c.opened_at), c.accepted_at, c.started_at, c.ended_at})
                now = std::max(now, time.value_or(now));
        }
    }
    if (!view_)
        view_ = std::make_unique<Snapshot>(store_, writer_, meta_, static_cast<const NameSource &>(*this));
    if (!values_)
        values_ = std::make_unique<Values>(*view_, catalog_->values, sums_, static_cast<Timeline &>(*this),
                                           *measurer(), now);
    values_->move_to(now);
    const std::shared_ptr<PartyFacts> facts = facts_of(subject);
    auto &seen = values_->walk_to(subject.party.id, facts);
    for (auto *segment : segments) {
        auto &membership = watched_in(subject, Watched::segment, segment->name);
        const bool inside = seen.is_member(segment->place);
        if (inside != membership.is_member())
            KITH_TRY(move(subject, *segment, membership, inside, now, cause));
        auto wake = kNever;
        if (segment->watch->moves_with_time()) {
            // Most events put the next change off: then the timer stays where it is, early but not late.
            const bool stands = membership.wake != kNever && membership.wake > now &&
                                stands_until(seen, *segment->watch, membership.wake);
            wake = stands ? membership.wake : next_change(seen, *segment->watch);
        }
        if (wake != membership.wake) {
            membership.wake = wake;
            membership.changed = true;
        }
        if (auto error = values_->take_error()) return error;
        if (auto error = facts->take_error()) return error;
    }
    return {};
}

Membership &Session::watched_in(Subject &subject, Watched kind, model::Name name) {
    auto &all = subject.memberships;
    const auto key = [](const Membership &one) { return std::pair(one.kind, one.name); };
    const auto place = std::ranges::lower_bound(all, std::pair(kind, name), {}, key);
    if (place != all.end() && key(*place) == std::pair(kind, name)) return *place;
    Membership fresh;
    fresh.kind = kind;
    fresh.name = name;
    return *all.insert(place, fresh);
}

base::Result<void> Session::move(Subject &subject, SegmentInUse &segment, Membership &membership, bool inside,
                                 base::Micros now, model::Transition transition) {
    KITH_LET(in, name(kIn));
    KITH_LET(out, name(kOut));
    transition.party = subject.party.id;
    transition.process = membership_id(segment.name);
    transition.from = inside ? out : in;
    transition.to = inside ? in : out;
    transition.version = segment.row.version;
    transition.late = transition.at < now && transition.cause == model::Cause::event;
    transition.at = now;
    KITH_TRY(record(transition, model::ChangeKind::membership, segment.name, inside));
    if (tells_deeds_) {
        KITH_LET(called, text(segment.name));
        note(subject, called, "segment", std::string(inside ? kIn : kOut), now);
    }
    membership.stored.member = inside;
    membership.stored.since = now;
    if (inside) ++membership.stored.times;
    membership.changed = true;
    const MemberChange change{{subject.party.id, now, transition.origin, transition.number},
                              segment.name,
                              inside,
                              membership.stored.times,
                              transition.cause};
    new_changes_.emplace(subject.party.id, change);
    KITH_TRY(
        measurer()->measure(change, [&](const Brought &brought) { return sums_.add(brought, change.key); }));
    if (inside) {
        ++segment.row.count;
    } else {
        --segment.row.count;
    }
    segment.changed = true;
    const std::string_view type = inside ? "segment.entered" : "segment.left";
    if (!behaviour().waits_for(type)) return {};
    Happening told;
    KITH_LET(segment_name, text(segment.name));
    told.view = {type, segment_name, inside ? kOut : kIn, inside ? kIn : kOut, now, false};
    told.cause = transition;
    KITH_LET(event, name(type));
    told.cause.event = event;
    told.depth = 1;
    behaviour().raise(told);
    return {};
}

// A segment's or a rule's timer: it may be early, then it only moves on.
base::Result<void> Session::fire(Subject &subject, Membership &membership) {
    ++due_counts_.timers;
    const auto due = membership.wake;
    if (membership.kind == Watched::rule) return behaviour().fire(subject, membership, due);
    membership.wake = kNever;
    membership.changed = true;
    KITH_LET(all, segments());
    const auto segment = std::ranges::find(all, membership.name, &SegmentInUse::name);
    if (segment == all.end()) return {};
    model::Transition cause;
    cause.at = due;
    cause.cause = model::Cause::timer;
    auto *const one = &*segment;
    KITH_TRY(look_at(subject, std::span(&one, 1), due, cause));
    return behaviour().react(subject, due, {}, cause, nullptr);
}

void Session::stage_membership(Subject &subject, Membership &membership) {
    if (!membership.changed) return;
    const auto &party = subject.party.id;
    const auto key = index::member(membership.name, party);
    if (membership.kind != Watched::segment) {
    } else if (membership.is_member() &&
               (!membership.before.member || membership.before.since != membership.stored.since)) {
        overlay_.add(Table::members, key, base::bytes_of_object(membership.stored.since));
    } else if (!membership.is_member() && membership.before.member) {
        overlay_.remove(Table::members, key);
    }
    if (membership.wake == membership.wake_before) return;
    const auto timer = [&](base::Micros at) {
        return index::timer({at, party, watched_id(membership.kind, membership.name)});
    };
    if (membership.wake_before != kNever) overlay_.remove(Table::timers, timer(membership.wake_before));
    if (membership.wake != kNever) overlay_.add(Table::timers, timer(membership.wake), {});
}

void Session::stage_segments() {
    for (auto &segment : segments_) {
        if (segment.changed) {
            overlay_.put(Table::members, index::members_of(segment.name), base::bytes_of_object(segment.row));
            segment.changed = false;
        }
    }
}

bool Session::has_numbers_of_base() const { return !catalog_->values->of_base.empty(); }

base::Result<void> Session::take_of_base(const std::string &of, std::uint32_t version, base::Micros at,
                                         std::span<const double> numbers, std::size_t parties) {
    model::Score score;
    score.stamp = meta_.stamp;
    score.key.subject.kind = model::SubjectKind::all;
    KITH_LET(metric, name(of));
    score.key.metric = metric;
    score.key.at = at;
    score.nature = model::Nature::computed;
    score.definition_version = version;
    score.n = static_cast<std::int64_t>(parties);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        KITH_LET(key, name(texts_.copy(std::to_string(i + 1))));
        score.key.key = key;
        score.number = numbers[i];
        KITH_TRY(record(score));
    }
    KITH_LET(all, segments());
    for (auto &segment : all) {
        if (!segment.watch->dated.contains(of)) continue;
        segment.row.built_through = {};
        segment.changed = true;
    }
    return {};
}

// Parties not looked at yet, under this version.
base::Result<bool> Session::build_segments(std::size_t parties_max, BuildProgress &progress) {
    KITH_LET(cases_done, behaviour().build_cases(parties_max, progress));
    if (!cases_done) return false;
    KITH_LET(all, segments());
    auto lowest = last_party();
    for (const auto &segment : all) lowest = std::min(lowest, segment.row.built_through);
    if (lowest == last_party()) return behaviour().build(parties_max, progress);
    std::vector<SegmentInUse *> group;
    for (auto &segment : all) {
        if (segment.row.built_through == lowest) group.push_back(&segment);
    }
    KITH_LET(parties, parties_after(lowest, parties_max));
    const auto through = parties.size() < parties_max ? last_party() : parties.back();
    model::Transition cause;
    cause.cause = model::Cause::definition;
    for (const auto &party : parties) {
        KITH_LET(owner, subject(party));
        if (!owner || owner->row.anonymous) continue;
        KITH_TRY(load_instances(*owner));
        cause.at = instant_of(*owner, base::kMinTime);
        KITH_TRY(look_at(*owner, group, cause.at, cause));
        KITH_TRY(behaviour().react(*owner, cause.at, {}, cause, nullptr));
    }
    progress.parties += parties.size();
    for (auto *segment : group) {
        segment->row.built_through = through;
        segment->changed = true;
    }
    return false;
}

}  // namespace kith::engine
