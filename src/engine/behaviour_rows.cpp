#include "engine/behaviour_rows.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "engine/behaviours.hpp"
#include "engine/directory_reads.hpp"
#include "engine/value_records.hpp"
#include "record/record.hpp"

namespace kith::engine {

using expr::Kind;
using expr::TypeKind;
using expr::Types;
using expr::Value;
using model::CommitmentState;
using rules::SubjectKind;
using Befell = BehaviourRows::Befell;

namespace {

// Sources beside the cases of processes; "done" is what tasks say of being kept, "met" and "breached"
// milestones.
constexpr std::string_view kBefell[] = {"made",        "accepted", "started", "due",     "late",
                                        "ended",       "kept",     "broken",  "waived",  "cancelled",
                                        "compensated", "done",     "met",     "breached"};
constexpr std::pair<std::string_view, std::optional<model::CommitmentSort>> kOwed[] = {
    {"commitment", std::nullopt},
    {"promise", model::CommitmentSort::promise},
    {"task", model::CommitmentSort::task},
    {"milestone", model::CommitmentSort::milestone}};

// A stay of a case in a state. An object of `s`.
struct Stay {
    const RowContext *names = nullptr;
    const model::Transition *entry = nullptr;
    const model::Transition *exit = nullptr;  // null: it stands there
};

class StayRecord : public expr::RecordType {
public:
    StayRecord()
        : RecordType(
              "Stay",
              {{"state", Types::of(TypeKind::string), 64, false, "in which"},
               {"from", Types::of(TypeKind::string), 64, false, "from which; \"\" at the start"},
               {"next", Types::of(TypeKind::string), 64, false, "to which; \"\" while it lasts"},
               {"at", Types::of(TypeKind::timestamp), 0, false, "when it was entered"},
               {"left_at", Types::of(TypeKind::timestamp), 0, false, "null while it lasts"},
               {"left", Types::of(TypeKind::boolean), 0, false, "it is over"},
               {"hours", Types::of(TypeKind::double_), 0, false, "of one that is over"},
               {"event", Types::of(TypeKind::string), 64, false, "that brought it there"},
               {"actor", Types::of(TypeKind::string), 64, false, "who did"},
               {"cause", Types::of(TypeKind::string), 16, false, "event, timer, hand or definition"}}) {}

    Value get(const void *object, std::uint32_t field, expr::Memory &) const override {
        const auto &stay = *static_cast<const Stay *>(object);
        const auto named = [&](model::Name name) {
            const auto text = stay.names->text(name);
            return expr::of_text(text.data() ? text : "");
        };
        switch (field) {
            case 0:
                return named(stay.entry->to);
            case 1:
                return named(stay.entry->from);
            case 2:
                return named(stay.exit ? stay.exit->to : 0);
            case 3:
                return expr::of_micros(stay.entry->at);
            case 4:
                return stay.exit ? expr::of_micros(stay.exit->at) : expr::null_value();
            case 5:
                return expr::of_bool(stay.exit != nullptr);
            case 6:
                if (!stay.exit) return expr::fail(expr::Code::absent, "it stands there still");
                return expr::of_double(static_cast<double>(stay.exit->at - stay.entry->at) / 3.6e9);
            case 7:
                return named(stay.entry->event);
            case 8:
                return named(stay.entry->actor);
            default:
                return expr::of_text(model::word_of(stay.entry->cause));
        }
    }
    bool has(const void *object, std::uint32_t field) const override {
        return (field != 4 && field != 6) || static_cast<const Stay *>(object)->exit != nullptr;
    }
};

// As it was then; none: it had not been made.
std::optional<model::Commitment> as_of(model::Commitment c, base::Micros now) {
    if (c.opened_at > now) return std::nullopt;
    if (c.accepted_at && *c.accepted_at > now) c.accepted_at.reset();
    if (c.started_at && *c.started_at > now) c.started_at.reset();
    const auto end = c.broken_at ? c.broken_at : c.ended_at;
    if (end && std::max(*end, *c.ended_at) > now) {
        const bool broken = c.broken_at && *c.broken_at <= now;
        c.ended_at = broken ? c.broken_at : std::nullopt;
        c.state = broken ? CommitmentState::broken : CommitmentState::open;
    }
    if (c.broken_at && *c.broken_at > now) c.broken_at.reset();
    if (!model::is_open(c.state)) return c;
    c.state = c.started_at    ? CommitmentState::doing
              : c.accepted_at ? CommitmentState::accepted
                              : CommitmentState::open;
    c.told_late = c.due && *c.due <= now;
    return c;
}

// When it befell it; none: it did not.
std::optional<base::Micros> instant_of(const model::Commitment &c, Befell befell) {
    const auto ended = [&](CommitmentState state) { return c.state == state ? c.ended_at : std::nullopt; };
    switch (befell) {
        case Befell::none:
        case Befell::made:
            return c.opened_at;
        case Befell::accepted:
            return c.accepted_at;
        case Befell::started:
            return c.started_at;
        case Befell::due:
            return c.due;
        case Befell::late:
            return c.was_late() ? c.due : std::nullopt;
        case Befell::ended:
            return model::is_open(c.state) ? std::nullopt : c.broken_at ? c.broken_at : c.ended_at;
        case Befell::kept:
            return ended(CommitmentState::kept);
        case Befell::broken:
            return c.broken_at;
        case Befell::waived:
            return ended(CommitmentState::waived);
        case Befell::cancelled:
            return ended(CommitmentState::cancelled);
        case Befell::compensated:
            return ended(CommitmentState::compensated);
    }
    return std::nullopt;
}

// Who answers for it: the actor who owes it, else who is to do it.
model::Name answers_for(const model::Commitment &c) { return c.debtor.actor ? c.debtor.actor : c.assignee; }

// The states that a case has entered by then; where a new version has moved it, it stands since it stood
// there.
std::vector<model::Transition> entered(const std::vector<model::Transition> &log, base::Micros now) {
    std::vector<model::Transition> all;
    std::uint32_t version = 0;
    for (const auto &entry : log) {
        const auto before = std::exchange(version, entry.version);
        const bool migrates = before != 0 && before != version;
        if (entry.inside || entry.at > now) continue;
        if (migrates && !all.empty()) {
            all.back().to = entry.to;
            all.back().version = entry.version;
        } else {
            all.push_back(entry);
        }
    }
    return all;
}

// The state of a case then, of its log; false: it had not begun.
bool set_as_of(ProcessRead &read, const std::vector<model::Transition> &log, base::Micros now,
               const Catalog &catalog) {
    const auto states = entered(log, now);
    if (states.empty()) return false;
    auto &process = read.process;
    process.transitions =
        static_cast<std::uint32_t>(std::ranges::count_if(log, [&](auto &entry) { return entry.at <= now; }));
    process.version = states.back().version;
    process.state = states.back().to;
    process.since = states.back().at;
    read.due.reset();
    read.ended = false;
    if (const auto *definition = catalog.find(process.definition, process.version)) {
        const auto state = definition->state_index(process.state);
        read.ended = state && definition->is_final(*state);
    }
    return true;
}

// The rows of one party, taken one by one.
class PartyRows {
public:
    PartyRows(SubjectValues &party, const MetricValue &metric, const TakeBehaviour &take)
        : party_(party),
          values_(party.values()),
          metric_(metric),
          rows_(*metric.behaviour),
          take_(take),
          now_(values_.moment().now) {}

    base::Result<void> run() {
        const auto *facts = party_.facts();
        if (!facts) return {};
        if (rows_.kind == BehaviourRows::Kind::commitments) return commitments(*facts);
        KITH_LET(name, DirectoryReads(values_.snapshot()).code(rows_.process));
        if (!name) return {};
        KITH_LET(past, past_cases(*facts, *name));
        KITH_LET(catalog, values_.snapshot().catalog());
        const Reads reads(values_.snapshot());
        const auto take = [&](const ProcessRead &found) -> base::Result<void> {
            if (found.process.definition != *name || found.process.started_at > now_) return {};
            auto read = found;
            std::vector<model::Transition> log;
            const bool stays = rows_.kind == BehaviourRows::Kind::stays;
            if (stays || read.process.since > now_) {
                KITH_LET(all, reads.transitions(read.process.party, read.process.id));
                log = std::move(all);
            }
            if (read.process.since > now_ && !set_as_of(read, log, now_, *catalog)) return {};
            const ProcessView view{facts, &read};
            const auto of_case = expr::of_record(&view, rows_.case_tag);
            const auto name_of_state = facts->text(read.process.state);
            if (!stays) {
                return add(std::span(&of_case, 1), read.process.started_at, facts->party().owner,
                           read.process.id, name_of_state);
            }
            log = entered(log, now_);
            for (std::size_t i = 0; i < log.size(); ++i) {
                const Stay stay{facts, &log[i], i + 1 < log.size() ? &log[i + 1] : nullptr};
                const Value host[] = {of_case, expr::of_record(&stay, rows_.stay_tag)};
                KITH_TRY(add(host, log[i].at, facts->party().owner, read.process.id, facts->text(log[i].to)));
            }
            return {};
        };
        for (const auto &view : facts->processes()) KITH_TRY(take(*view.read));
        for (const auto &read : past) KITH_TRY(take(read));
        return {};
    }

private:
    // Those that a commit in the making has not in hand: they ended before the last of their kind.
    base::Result<std::vector<ProcessRead>> past_cases(const PartyFacts &facts, model::Name name) const {
        KITH_LET(all, Reads(values_.snapshot()).past_processes(facts.party().id));
        std::erase_if(all, [&](const ProcessRead &one) {
            return one.process.definition != name ||
                   std::ranges::any_of(facts.processes(), [&](const ProcessView &view) {
                       return view.read->process.id == one.process.id;
                   });
        });
        return all;
    }

    base::Result<void> commitments(const PartyFacts &facts) {
        if (const auto *in_hand = facts.commitments()) {
            for (const auto &[key, record] : *in_hand) KITH_TRY(commitment(facts, key, record));
            return {};
        }
        KITH_LET(cursor, values_.snapshot().reader().cursor(store::Table::rows));
        const auto prefix = index::row(facts.party().id, index::Tag::commitment);
        KITH_LET(found, cursor.seek(prefix));
        while (found && index::starts_with(cursor.key(), prefix)) {
            KITH_LET(row, cursor.value());
            KITH_TRY(commitment(facts, cursor.key(), row.payload));
            KITH_LET(more, cursor.next());
            found = more;
        }
        return {};
    }

    base::Result<void> commitment(const PartyFacts &facts, base::Bytes key, base::Bytes stored) {
        const auto id = base::Id::from(key.subspan(24, 16));
        const auto now_so = record::decode_commitment(facts.party().id, id, stored);
        if (rows_.sort && now_so.sort != *rows_.sort) return {};
        const auto then = as_of(now_so, now_);
        if (!then) return {};
        const auto at = instant_of(*then, rows_.befell);
        if (!at) return {};
        RowView view{&facts, key.data(), stored};
        record::Encoder encoder;  // its own: what is evaluated may read other commitments
        if (then->state != now_so.state || then->told_late != now_so.told_late ||
            then->ended_at != now_so.ended_at)
            view.payload = encoder.encode(*then);
        const auto row = expr::of_record(&view, static_cast<std::uint16_t>(ExpressionRecord::commitment));
        return add(std::span(&row, 1), *at, answers_for(*then), id, model::word_of(then->state));
    }

    base::Result<void> add(std::span<const Value> host, base::Micros at, model::Name actor,
                           const base::Id &record, std::string_view what) {
        const auto seen = [&](const ProgramPtr &program) { return party_.evaluate(*program, host).value; };
        if (metric_.where) {
            const auto met = seen(metric_.where);
            if (!met.is(Kind::boolean) || met.i == 0) return {};
        }
        BehaviourRow row;
        row.party = party_.subject().party;
        row.record = record;
        row.what = what;
        row.one.at = at;
        if (rows_.at) {
            const auto time = seen(rows_.at);
            if (!time.is(Kind::timestamp)) return {};
            row.one.at = expr::micros_of(time);
        }
        row.one.value = row.one.at;
        if (metric_.of) {
            const auto value = seen(metric_.of);
            if (value.is(Kind::string)) {
                KITH_LET(code, DirectoryReads(values_.snapshot()).code(value.view()));
                if (!code) return {};
                row.one.value = *code;
            } else if (!contribute(value, values_.currency(), row.one)) {
                return {};
            }
        }
        if (metric_.metric.subject == SubjectKind::actor) {
            if (actor == 0) return {};
            KITH_LET(text, values_.snapshot().text(actor));
            row.keys.emplace_back(text);
        }
        for (const auto &part : rows_.key) {
            const auto value = seen(part);
            if (!value.is(Kind::string) || value.size == 0) return {};
            row.keys.emplace_back(value.view());
        }
        return take_(row);
    }

    SubjectValues &party_;
    Values &values_;
    const MetricValue &metric_;
    const BehaviourRows &rows_;
    const TakeBehaviour &take_;
    base::Micros now_;
};

std::string path_of(const std::vector<std::string> &keys) {
    std::string all;
    for (const auto &key : keys) {
        if (&key != &keys.front()) all += '\0';
        all += key;
    }
    return all;
}

TakeBehaviour into(BehaviourByKey &all) {
    return [&all](const BehaviourRow &row) -> base::Result<void> {
        all[path_of(row.keys)].push_back(row.one);
        return {};
    };
}

void sort(BehaviourByKey &all) {
    for (auto &[key, rows] : all) std::ranges::sort(rows, {}, &rules::Contribution::at);
}

}  // namespace

std::optional<BehaviourRows> behaviour_rows_of(std::string_view source) {
    constexpr std::string_view kProcess = "process.", kStage = ".stage";
    BehaviourRows rows;
    if (source.starts_with(kProcess)) {
        source.remove_prefix(kProcess.size());
        if (source.ends_with(kStage)) {
            rows.kind = BehaviourRows::Kind::stays;
            source.remove_suffix(kStage.size());
        }
        if (source.empty() || source.find('.') != source.npos) return std::nullopt;
        rows.process = source;
        return rows;
    }
    const auto dot = source.find('.');
    const auto owed = std::ranges::find(kOwed, source.substr(0, dot), [](auto &one) { return one.first; });
    if (owed == std::end(kOwed)) return std::nullopt;
    rows.kind = BehaviourRows::Kind::commitments;
    rows.sort = owed->second;
    if (dot == source.npos) return rows;
    const auto word = std::ranges::find(kBefell, source.substr(dot + 1));
    if (word == std::end(kBefell)) return std::nullopt;
    const bool kept = *word == "done" || *word == "met";
    rows.befell = kept                  ? Befell::kept
                  : *word == "breached" ? Befell::broken
                                        : static_cast<Befell>(word - std::begin(kBefell) + 1);
    return rows;
}

std::span<const std::string_view> behaviour_sources() {
    static const auto made = [] {
        static std::vector<std::string> texts{"process", "process.stage"};
        for (const auto &[head, sort] : kOwed) {
            texts.emplace_back(head);
            for (const auto word : kBefell) texts.push_back(std::string(head) + "." + std::string(word));
        }
        return std::vector<std::string_view>(texts.begin(), texts.end());
    }();
    return made;
}

std::shared_ptr<const expr::Schema> schema_of_behaviour(const ValueCatalog &catalog,
                                                        const rules::Statechart *chart, BehaviourRows &rows) {
    auto schema = make_value_schema(catalog, SubjectKind::party);
    if (!chart) {
        schema->add_variable("c",
                             schema->record_type(static_cast<std::uint32_t>(ExpressionRecord::commitment)), 0,
                             "the commitment at hand");
        return schema;
    }
    const auto *of_case = add_case_record(*schema, chart->name, chart->fields, chart->name).of_case;
    rows.case_tag = static_cast<std::uint16_t>(of_case->id);
    const auto *stay = rows.kind == BehaviourRows::Kind::stays
                           ? schema->add_record(std::make_unique<StayRecord>())
                           : nullptr;
    schema->add_variable("p", of_case, 0, "the case at hand");
    if (stay) {
        rows.stay_tag = static_cast<std::uint16_t>(stay->id);
        schema->add_variable("s", stay, 0, "its stay in a state");
    }
    return schema;
}

// ---- read ----

base::Result<void> SubjectValues::each_behaviour(const MetricValue &metric, const TakeBehaviour &take) {
    if (subject_.kind != SubjectKind::party) return values_.each_behaviour(metric, take);
    return PartyRows(*this, metric, take).run();
}

base::Result<const BehaviourByKey *> SubjectValues::behaviour_by_key(const MetricValue &metric) {
    if (whole_) return whole_->behaviour_by_key(metric);
    if (subject_.kind != SubjectKind::party) return values_.behaviour_by_key(metric);
    const auto [known, fresh] = behaviour_.try_emplace(&metric);
    if (fresh) {
        KITH_TRY(each_behaviour(metric, into(known->second)));
        sort(known->second);
    }
    return &known->second;
}

base::Result<const BehaviourByKey *> Values::behaviour_by_key(const MetricValue &metric) {
    const auto [known, fresh] = behaviour_.try_emplace(&metric);
    if (fresh) {
        KITH_TRY(each_behaviour(metric, into(known->second)));
        sort(known->second);
    }
    return &known->second;
}

// Of all parties; those without such rows cost one look.
base::Result<void> Values::each_behaviour(const MetricValue &metric, const TakeBehaviour &take) {
    const auto values = apart();
    const bool owed = metric.behaviour->kind == BehaviourRows::Kind::commitments;
    const Reads reads(snapshot_);
    KITH_LET(cursor, snapshot_.reader().cursor(store::Table::rows));
    KITH_LET(process, DirectoryReads(snapshot_).code(metric.behaviour->process));
    if (!owed && !process) return {};
    KITH_TRY(each_party([&](const base::Id &party, const FiguresRow &) -> base::Result<void> {
        if (owed) {
            const auto prefix = index::row(party, index::Tag::commitment);
            KITH_LET(found, cursor.seek(prefix));
            if (!found || !index::starts_with(cursor.key(), prefix)) return {};
        } else {
            // The last of each kind stands with the others, so that it tells of all.
            KITH_LET(any, reads.has_case(party, *process));
            if (!any) return {};
        }
        return PartyRows(values->walk_to(party), metric, take).run();
    }));
    if (auto error = values->take_error()) return error;
    return {};
}

base::Result<std::vector<const std::vector<rules::Contribution> *>> SubjectValues::behaviour_rows(
    const MetricValue &metric, std::string_view key) {
    std::vector<ValueSubject> family{subject_};
    if (!metric.metric.along.empty()) {
        KITH_LET(found, values_.family(whole().subject_, metric.metric.along));
        family = std::move(found);
    }
    std::vector<const std::vector<rules::Contribution> *> all;
    for (const auto &one : family) {
        const bool other = one.kind == SubjectKind::party && one.party != subject_.party;
        auto *subject = other ? values_.of(one) : this;
        if (!subject) continue;
        KITH_LET(by_key, subject->behaviour_by_key(metric));
        std::vector<std::string> keys;
        for (const auto code : {one.kind == SubjectKind::actor ? one.name : 0, subject_.key}) {
            if (code == 0) continue;
            KITH_LET(text, values_.snapshot().text(code));
            keys.emplace_back(text);
        }
        if (!key.empty()) keys.emplace_back(key);
        const auto found = by_key->find(path_of(keys));
        if (found != by_key->end()) all.push_back(&found->second);
    }
    return all;
}

base::Result<Aggregated> SubjectValues::behaviour(const MetricValue &metric, base::Micros after,
                                                  base::Micros until, std::string_view key) {
    KITH_LET(found, behaviour_rows(metric, key));
    Aggregated all;
    std::set<std::int64_t> days;
    const bool listed = metric.metric.aggregate == rules::Aggregate::median ||
                        metric.metric.aggregate == rules::Aggregate::distinct;
    for (const auto *rows : found) {
        for (const auto &one : *rows) {
            if (one.at <= after || one.at > until) continue;
            all.partial.add(one);
            if (listed) all.listed.emplace_back(one.value, 1);
            if (metric.metric.aggregate == rules::Aggregate::median_gap)
                days.insert(values_.moment().zone.local_day(one.at));
        }
    }
    sort_listed(all);
    all.days.assign(days.begin(), days.end());
    return all;
}

Value SubjectValues::over_behaviour(const MetricValue &metric, base::Micros after, base::Micros until,
                                    std::string_view key) {
    auto found = behaviour(metric, after, until, key);
    if (!found) return values_.failed(found.take_error());
    if ((subject_.key != 0 || !key.empty()) && found->partial.count == 0)
        return expr::fail(expr::Code::absent, "no rows");  // no entry of the map
    return result(metric, metric.of ? metric.of->checked().type()->kind : TypeKind::null, *found);
}

// The keys beside the subject.
base::Result<std::set<std::string>> SubjectValues::behaviour_keys(const MetricValue &metric) {
    std::set<std::string> keys;
    std::vector<ValueSubject> family{subject_};
    if (!metric.metric.along.empty()) {
        KITH_LET(found, values_.family(subject_, metric.metric.along));
        family = std::move(found);
    }
    for (const auto &one : family) {
        auto *subject =
            one.kind == SubjectKind::party && one.party != subject_.party ? values_.of(one) : this;
        if (!subject) continue;
        KITH_LET(by_key, subject->behaviour_by_key(metric));
        std::string before;
        if (one.kind == SubjectKind::actor) {
            KITH_LET(text, values_.snapshot().text(one.name));
            before = std::string(text) + '\0';
        }
        for (auto key = by_key->lower_bound(before); key != by_key->end() && key->first.starts_with(before);
             ++key)
            keys.insert(key->first.substr(before.size()));
    }
    return keys;
}

// The first row after an instant: it comes to count by itself.
base::Result<std::optional<base::Micros>> SubjectValues::behaviour_after(const MetricValue &metric,
                                                                         base::Micros after) {
    KITH_LET(found, behaviour_rows(metric, {}));
    std::optional<base::Micros> first;
    for (const auto *rows : found) {
        const auto next = std::ranges::upper_bound(*rows, after, {}, &rules::Contribution::at);
        if (next != rows->end()) first = std::min(first.value_or(kNever), next->at);
    }
    return first;
}

// When the first row was; of what stands at the instant, the first that may have counted then.
base::Result<std::optional<base::Micros>> SubjectValues::behaviour_begin(const MetricValue &metric) {
    if (!metric.stock) return behaviour_after(metric, INT64_MIN);
    auto bare = metric;
    bare.where = bare.of = nullptr;
    auto rows = *metric.behaviour;
    rows.key.clear();
    bare.behaviour = std::make_shared<const BehaviourRows>(std::move(rows));
    std::vector<ValueSubject> family{subject_};
    if (!metric.metric.along.empty() && subject_.kind == SubjectKind::party) {
        KITH_LET(found, values_.family(subject_, metric.metric.along));
        family = std::move(found);
    }
    std::optional<base::Micros> first;
    for (const auto &one : family) {
        auto *subject = one == subject_ ? this : values_.of(one);
        if (!subject) continue;
        KITH_TRY(subject->each_behaviour(bare, [&](const BehaviourRow &row) -> base::Result<void> {
            first = std::min(first.value_or(kNever), row.one.at);
            return {};
        }));
    }
    return first;
}

}  // namespace kith::engine
