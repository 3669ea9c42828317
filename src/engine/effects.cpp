// What processes and rules do, in the frame of its cause.
#include <algorithm>
#include <bit>

#include "base/text.hpp"
#include "engine/behaviour.hpp"
#include "engine/value_records.hpp"
#include "engine/values.hpp"
#include "index/keys.hpp"
#include "rules/node.hpp"
#include "rules/shapes.hpp"

namespace kith::engine {

using base::Status;
using expr::Kind;
using expr::Value;
using Do = rules::Effect::Do;
using store::Table;

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string told_value(const FieldItem &item) {
    if (item.text.data()) return std::string(item.text);
    if (item.kind == model::FieldKind::double_) return rules::short_number(item.real);
    return item.kind == model::FieldKind::written ? "none" : std::to_string(item.integer);
}

}  // namespace

base::Result<void> Behaviour::carry_out(Subject &subject, std::span<const EffectPrograms> effects,
                                        const Case &at, Occurrence &occurrence) {
    for (const auto &effect : effects) {
        occurrence_ = occurrence;
        KITH_TRY(carry_out(subject, effect, at));
        ++occurrence.effect;
    }
    return {};
}

// Of a cause, with all that follows; a case that begins is one, as every one may begin others.
base::Result<void> Behaviour::count_effect() {
    if (++effects_ > kEffectsMax)
        return base::fail(Status::limit, "a cause has more than 256 effects, with all that follows");
    return {};
}

base::Id Behaviour::origin() const {
    const auto &[id, number, effect] = occurrence_;
    return occurrence_of(base::text_of(index::occurrence(id, number, effect)));
}

base::Result<void> Behaviour::carry_out(Subject &subject, const EffectPrograms &effect, const Case &at) {
    KITH_TRY(count_effect());
    subject_ = &subject;
    // Of the past nothing is done but what moves other cases.
    const auto what = effect.effect->what;
    if (replays_ && what != Do::emit && what != Do::open && what != Do::move) return {};
    change(subject);
    depth_ = at.event->depth;
    detail_.clear();
    KITH_TRY(do_effect(subject, effect, at));
    // What becomes of commitments is told by themselves.
    if (what != Do::task && what != Do::commit && what != Do::approve && what != Do::plan &&
        what != Do::close)
        s_.note(subject, maker_name(at),
                rules::shape::kEffects[static_cast<std::size_t>(what)].name.substr(sizeof "effect"),
                std::move(detail_), at.event->cause.at);
    return {};
}

base::Result<void> Behaviour::do_effect(Subject &subject, const EffectPrograms &effect, const Case &at) {
    const bool historic = replays_ || at.event->cause.at < s_.meta_.effects_from;
    const auto &written = *effect.effect;
    switch (written.what) {
        case Do::task:
        case Do::commit:
        case Do::approve:
            return commit(subject, effect, at, historic);
        case Do::close:
            return close(subject, effect, at);
        case Do::assign:
            return assign(subject, effect, at);
        case Do::plan:
            return plan(subject, effect, at, historic);
        case Do::notify:
        case Do::escalate:
            return request(subject, effect, at, historic);
        case Do::emit:
            return emit(subject, effect, at, historic);
        case Do::open:
        case Do::move:
            return send_on(subject, effect, at);
        case Do::set:
            return set_party(subject, effect, at);
        case Do::tag:
            return tag_party(subject, effect, at);
        case Do::score:
            return score_party(subject, effect, at);
        case Do::refuse: {
            KITH_LET(message, text_of(written.title, effect.title, at));
            refused_ = true;
            return base::fail(Status::rule, message);
        }
        default:
            return base::fail(Status::unsupported, "this effect is not yet available in this version");
    }
}

// ---- values of effects ----

base::Result<FieldItem> Behaviour::item_of(const std::string &name, const rules::Term &term,
                                           const ProgramPtr &program, const Case &at) {
    FieldItem item;
    item.name = name;
    item.kind = model::FieldKind::written;
    using TermKind = rules::Term::Kind;
    switch (term.kind) {
        case TermKind::none:
            return item;  // cleared
        case TermKind::number: {
            const auto whole = static_cast<std::int64_t>(term.number);
            if (static_cast<double>(whole) == term.number) {
                item.text = s_.texts_.copy(std::to_string(whole));  // for a field of any kind of number
            } else {
                item.kind = model::FieldKind::double_;
                item.real = term.number;
            }
            return item;
        }
        case TermKind::money:
            item.kind = model::FieldKind::money;
            item.integer = term.money.minor;
            item.currency = term.money.currency;
            return item;
        case TermKind::text:
            item.text = term.text;
            return item;
        case TermKind::boolean:
            item.text = term.boolean ? "true" : "false";
            return item;
        case TermKind::expression:
            break;
    }
    if (!program) return base::fail(Status::rule, "a field of an older version no longer reads");
    const auto value = evaluate(*program, at);
    if (auto error = s_.values_->take_error()) return error;
    if (auto error = facts_->take_error()) return error;
    switch (value.kind) {
        case Kind::null:
            return item;
        case Kind::string:
            item.text = s_.texts_.copy(value.view());
            return item;
        case Kind::boolean:
            item.text = value.i ? "true" : "false";
            return item;
        case Kind::int_:
            item.kind = model::FieldKind::int_;
            item.integer = value.i;
            return item;
        case Kind::double_:
            item.kind = model::FieldKind::double_;
            item.real = value.d;
            return item;
        case Kind::money:
            item.kind = model::FieldKind::money;
            item.integer = value.i;
            item.currency = base::Currency(value.size);
            return item;
        case Kind::timestamp:
            item.kind = model::FieldKind::time;
            item.integer = expr::micros_of(value);
            return item;
        case Kind::date:
            item.kind = model::FieldKind::date;
            item.integer = value.i;
            return item;
        default:
            if (value.failed() && value.code() == expr::Code::absent) return item;
            return failed("a field", value);
    }
}

// "owner", who is above the one that has it, or an actor's key; in place of one who left the nearest above;
// "" where there is none.
base::Result<std::string> Behaviour::actor_of(Subject &subject, const rules::Term &term,
                                              const ProgramPtr &program, const Case &at) {
    auto actor = subject.row.owner;
    if (program || (term.text != "owner" && term.text != "part_of")) {
        KITH_LET(key, text_of(term, program, at));
        KITH_LET(named, s_.name(key));
        actor = named;
    } else if (at.event->commitment) {
        KITH_LET(held, s_.assignee_of(subject, at.event->commitment));
        if (held != 0) actor = held;
    }
    if (!program && term.text == "part_of" && actor != 0) {
        KITH_LET(above, s_.actor_above(actor));
        actor = above;
    }
    KITH_LET(standing, s_.first_active(actor));
    if (standing == 0) return std::string();
    KITH_LET(text, s_.text(standing));
    return std::string(text);
}

base::Result<model::Name> Behaviour::assignee_of(Subject &subject, const EffectPrograms &effect,
                                                 const Case &at) {
    if (!effect.choice) {
        KITH_LET(text, actor_of(subject, effect.effect->assign.to, effect.assign, at));
        return s_.name(text);
    }
    bind(at);
    const ValueBinding variables(*seen_, host_);
    s_.values_->set_host(host_);
    auto assigned = engine::assign(*effect.choice, *s_.values_, {subject.row.owner, 0, variables}, false);
    s_.values_->set_host({});
    if (!assigned) return assigned.take_error();
    if (auto error = s_.values_->take_error()) return error;
    return assigned->actor;
}

// ---- commitments and requests ----

base::Result<void> Behaviour::commit(Subject &subject, const EffectPrograms &effect, const Case &at,
                                     bool historic) {
    const auto &written = *effect.effect;
    NewCommitment made;
    const auto compensation = written.kind == "compensation";
    made.sort = written.what == Do::task      ? model::CommitmentSort::task
                : written.what == Do::approve ? model::CommitmentSort::approval
                : compensation                ? model::CommitmentSort::compensation
                                              : model::CommitmentSort::promise;
    KITH_LET(kind, s_.name(written.what == Do::approve ? "approval" : std::string_view(written.kind)));
    made.kind = kind;
    KITH_LET(to, text_of(written.to, effect.to, at));
    KITH_LET(creditor, side_of(to));
    made.creditor = creditor;
    if (effect.record) {
        KITH_LET(record, optional_text(effect.record, at));
        const auto id = record ? base::parse_id(*record) : std::nullopt;
        if (id) {
            made.for_record = *id;
            made.for_kind = model::ForKind::party;
            KITH_TRY(s_.load_commitments(subject));
            for (const auto &open : subject.commitments) {
                if (open.commitment.id == *id) made.for_kind = model::ForKind::commitment;
            }
            if (s_.find_instance(subject, *id)) made.for_kind = model::ForKind::process;
        }
    }
    KITH_LET(hours, hours_at(at));
    KITH_LET(due, end_of(written.due, effect.due, at.event->cause.at, hours, at));
    made.due = due;
    made.historic = historic;
    return make(subject, made, effect, at);
}

// With what all effects that make commitments say alike.
base::Result<void> Behaviour::make(Subject &subject, NewCommitment &made, const EffectPrograms &effect,
                                   const Case &at) {
    const auto &written = *effect.effect;
    KITH_LET(title, text_of(written.title, effect.title, at));
    KITH_LET(item, text_of(written.item, effect.item, at));
    // What is worked out may name people.
    if (effect.title) {
        made.personal.title = s_.texts_.copy(title);
    } else {
        KITH_LET(code, s_.name(title));
        made.title = code;
    }
    if (!item.empty()) made.personal.item = s_.texts_.copy(item);
    KITH_LET(assignee, assignee_of(subject, effect, at));
    made.assignee = assignee;
    const std::vector<std::string_view> names(written.require.begin(), written.require.end());
    KITH_LET(require, s_.artefacts_of(names));
    made.require = require;
    made.opened_at = at.event->cause.at;
    KITH_TRY(set_maker(made, at));
    KITH_TRY(s_.load_commitments(subject));
    KITH_LET(open, s_.make_commitment(subject, made));
    (void)open;
    return {};
}

// An actor's key, or a party's id.
base::Result<model::Side> Behaviour::side_of(const std::string &text) {
    model::Side side;
    if (text.empty() || text == "party" || text == "owner" || text == "part_of") return side;
    if (const auto id = base::parse_id(text)) {
        side.party = *id;
        return side;
    }
    KITH_LET(actor, s_.name(text));
    side.actor = actor;
    return side;
}

// Whether it is open and of this case's, or this rule's, making.
base::Result<bool> Behaviour::made_here(const model::Commitment &one, const Case &at) {
    KITH_LET(by, s_.name(maker_name(at)));
    return model::is_open(one.state) &&
           (at.instance ? one.process == at.instance->process.id : one.rule == by);
}

base::Result<void> Behaviour::close(Subject &subject, const EffectPrograms &effect, const Case &at) {
    KITH_TRY(s_.load_commitments(subject));
    KITH_LET(kind, s_.name(effect.effect->kind));
    const auto state = static_cast<model::CommitmentState>(
        static_cast<std::uint32_t>(model::CommitmentState::kept) + effect.effect->as);
    for (auto &open : subject.commitments) {
        KITH_LET(ours, made_here(open.commitment, at));
        if (ours && open.commitment.kind == kind)
            KITH_TRY(s_.move_commitment(subject, open, state, at.event->cause.at));
    }
    return {};
}

// Of the commitment that is said, else of the one at hand; as the owner changes of what the former one has;
// else of what this case or rule has made.
base::Result<void> Behaviour::assign(Subject &subject, const EffectPrograms &effect, const Case &at) {
    KITH_LET(assignee, assignee_of(subject, effect, at));
    if (assignee == 0) return {};  // there is nobody who could have it
    KITH_LET(called, s_.text(assignee));
    detail_ = called;
    CommitmentChange change;
    change.fields = model::commitment_field::assignee;
    change.assignee = assignee;
    auto what = at.event->commitment;
    if (effect.record) {
        KITH_LET(record, optional_text(effect.record, at));
        what = base::parse_id(record.value_or("")).value_or(base::Id());
        if (!what) return {};
    }
    const auto &event = at.event->view;
    const bool handed_over = event.type == "party.owner_changed";
    KITH_LET(former, s_.name(event.from));
    KITH_TRY(s_.load_commitments(subject));
    for (auto &open : subject.commitments) {
        const auto &one = open.commitment;
        KITH_LET(ours, made_here(one, at));
        const bool meant = what ? one.id == what : handed_over ? one.assignee == former : ours;
        if (!meant || !model::is_open(one.state)) continue;
        KITH_LET(changed, s_.change_commitment(subject, open, change));
        (void)changed;
    }
    return {};
}

// So many in the period: what is missing is added, spread over what is left of it; of too many the last that
// are open are cancelled.
base::Result<void> Behaviour::plan(Subject &subject, const EffectPrograms &effect, const Case &at,
                                   bool historic) {
    const auto &written = *effect.effect;
    double wanted = written.count.number;
    if (effect.count) {
        const auto value = evaluate(*effect.count, at);
        if (auto error = s_.values_->take_error()) return error;
        const auto number = number_of(value);
        if (!number && value.failed() && value.code() != expr::Code::absent) return failed("a count", value);
        wanted = number.value_or(0);
    }
    if (!(wanted >= 0 && wanted <= kEffectsMax))
        return base::fail(Status::limit, "\"plan\" keeps from 0 to 256 commitments");
    const auto count = static_cast<std::size_t>(wanted);
    const auto from = at.event->cause.at;
    const auto begin = period_begin(written.over, from, s_.zone_);
    const auto next = period_next(written.over, begin, s_.zone_);
    KITH_TRY(s_.load_commitments(subject));
    KITH_LET(kind, s_.name(written.kind));
    KITH_LET(by, s_.name(maker_name(at)));
    std::vector<OpenCommitment *> there;
    for (auto &open : subject.commitments) {
        const auto &one = open.commitment;
        const bool ours = one.kind == kind && one.rule == by && one.due && *one.due >= begin &&
                          *one.due < next && one.state != model::CommitmentState::cancelled;
        if (ours) there.push_back(&open);
    }
    std::ranges::sort(there, {}, [](const auto *open) { return *open->commitment.due; });
    auto kept = there.size();
    for (auto i = there.rbegin(); i != there.rend() && kept > count; ++i) {
        auto &open = **i;
        if (open.commitment.state != model::CommitmentState::open) continue;
        KITH_TRY(s_.move_commitment(subject, open, model::CommitmentState::cancelled, from));
        --kept;
    }
    const auto missing = count > kept ? count - kept : 0;
    for (std::size_t i = 0; i < missing; ++i) {
        NewCommitment made;
        made.kind = kind;
        const auto share = static_cast<std::int64_t>(2 * i + 1);
        made.due = from + (next - from) / static_cast<std::int64_t>(2 * missing) * share;
        made.historic = historic;
        KITH_TRY(make(subject, made, effect, at));
    }
    return {};
}

base::Result<void> Behaviour::request(Subject &subject, const EffectPrograms &effect, const Case &at,
                                      bool historic) {
    const auto &written = *effect.effect;
    model::Request made;
    const bool escalates = written.what == Do::escalate;
    const std::string_view kind = !written.kind.empty() ? std::string_view(written.kind)
                                  : escalates           ? std::string_view("escalate")
                                                        : std::string_view("notify");
    KITH_LET(kind_code, s_.name(kind));
    KITH_LET(by, s_.name(maker_name(at)));
    KITH_LET(channel, s_.name(written.channel));
    KITH_LET(title, text_of(written.title, effect.title, at));
    KITH_LET(item, text_of(written.item, effect.item, at));
    detail_ = kind;
    made.kind = kind_code;
    made.by = by;
    made.channel = channel;
    if (written.to.text != "party") {
        KITH_LET(to, actor_of(subject, written.to, effect.to, at));
        if (to.empty()) return {};  // there is nobody to tell
        detail_ += " to " + to;
        KITH_LET(code, s_.name(to));
        made.to = code;
    }
    if (!title.empty()) detail_ += ": " + title;
    made.id = s_.new_id();
    made.state = historic ? model::RequestState::historic : model::RequestState::open;
    made.party = subject.party.id;
    made.at = at.event->cause.at;
    made.commitment = at.event->commitment;
    made.title = title;
    made.item = item;
    made.stamp = s_.meta_.stamp;
    s_.overlay_.put(Table::requests, index::by_id(made.id), s_.encoder_.encode(made));
    auto change = model::change_of(model::ChangeKind::request,
                                   historic ? model::Operation::historic : model::Operation::created,
                                   made.party, made.id, made.kind);
    change.at = made.at;
    change.to = made.to;
    KITH_TRY(s_.record_change(change));
    return {};
}

// ---- events ----

base::Result<void> Behaviour::emit(Subject &subject, const EffectPrograms &effect, const Case &at,
                                   bool historic) {
    const auto &written = *effect.effect;
    detail_ = written.event;
    KITH_LET(code, s_.name(written.event));
    auto change = model::change_of(model::ChangeKind::event,
                                   historic ? model::Operation::historic : model::Operation::created,
                                   subject.party.id, {}, code);
    change.at = at.event->cause.at;
    KITH_LET(by, s_.name(maker_name(at)));
    change.from = by;
    KITH_TRY(s_.record_change(change));
    Happening one;
    one.view.type = written.event;
    one.view.name = maker_name(at);
    one.view.at = at.event->cause.at;
    one.cause = at.event->cause;
    one.cause.event = code;
    one.instance = at.instance ? at.instance->process.id : at.event->instance;
    one.commitment = at.event->commitment;
    one.origin = origin();
    one.depth = at.event->depth + 1;
    raise(one);
    return {};
}

// To another process of the party: opens a case of it, or moves one.
base::Result<void> Behaviour::send_on(Subject &, const EffectPrograms &effect, const Case &at) {
    const auto &written = *effect.effect;
    const auto newest = std::ranges::find_if(made_.processes, [&](const auto &one) {
        return one->process->newest && one->process->chart().name == written.name;
    });
    if (newest == made_.processes.end())
        return base::fail(Status::missing, "there is no process \"" + written.name + "\"");
    const auto &chart = (*newest)->process->chart();
    detail_ = chart.name + (written.event.empty() ? "" : " ") + written.event;
    std::vector<TypedValue> values;
    for (std::size_t i = 0; i < written.set.size(); ++i) {
        const auto &[name, term] = written.set[i];
        KITH_LET(item, item_of(name, term, effect.set[i], at));
        KITH_LET(value, s_.value_for(chart.fields, chart.name, item));
        values.push_back(value);
    }
    std::ranges::sort(values, {}, [](const auto &one) { return one.value.name; });
    const auto kept = s_.texts_.array<TypedValue>(values.size());
    std::ranges::copy(values, kept.begin());
    Happening one;
    one.process = chart.name;
    one.opens = written.what == Do::open;
    one.view.type = one.opens ? std::string_view() : std::string_view(written.event);
    one.view.name = maker_name(at);
    one.view.at = at.event->cause.at;
    one.cause = at.event->cause;
    KITH_LET(code, s_.name(one.view.type));
    one.cause.event = code;
    if (effect.key) {
        KITH_LET(key, optional_text(effect.key, at));
        if (!key) return base::fail(Status::rule, "the key of the case is not known");
        one.key = s_.texts_.copy(*key);
    }
    if (effect.parent) {
        KITH_LET(parent, optional_text(effect.parent, at));
        one.parent = base::parse_id(parent.value_or("")).value_or(base::Id());
    } else if (at.instance && chart.parent == at.instance->definition->chart().name) {
        one.parent = at.instance->process.id;
    }
    one.set = kept;
    one.origin = origin();
    one.depth = at.event->depth + 1;
    raise(one);
    return {};
}

// ---- the party ----

base::Result<void> Behaviour::change_party(Subject &subject, std::uint32_t changed,
                                           std::span<const model::Name> values, model::Name owner_before) {
    auto &party = subject.party;
    subject.party_changed = true;
    KITH_TRY(s_.write_provenance(subject, changed, values, 0));
    if (!subject.is_new) {
        ++party.revision;
        party.changed = s_.meta_.stamp;
    }
    auto change = model::change_of(model::ChangeKind::party, model::Operation::changed, party.id, party.id);
    change.changed = changed;
    KITH_TRY(s_.record_change(change));
    s_.touched_.party = true;
    looked_ = false;
    return s_.raise_party(changed, owner_before, party.owner);
}

base::Result<void> Behaviour::set_party(Subject &subject, const EffectPrograms &effect, const Case &at) {
    KITH_TRY(s_.load_party(subject));
    const auto &written = *effect.effect;
    std::vector<FieldItem> items;
    std::uint32_t changed = 0;
    const auto owner_before = subject.party.owner;
    for (std::size_t i = 0; i < written.set.size(); ++i) {
        const auto &[name, term] = written.set[i];
        KITH_LET(item, item_of(name, term, effect.set[i], at));
        detail_ += (i ? ", " : "") + name + " = " + told_value(item);
        if (name != "owner") {
            items.push_back(item);
            continue;
        }
        KITH_LET(owner, s_.name(item.text));
        if (subject.party.owner == owner) continue;
        subject.party.owner = subject.row.owner = owner;
        subject.figures_changed = true;
        changed |= model::party_field::owner;
    }
    KITH_LET(values, s_.set_values(subject.party, items));
    if (!values.empty()) changed |= model::party_field::values;
    return changed ? change_party(subject, changed, values, owner_before) : base::Result<void>();
}

base::Result<void> Behaviour::tag_party(Subject &subject, const EffectPrograms &effect, const Case &at) {
    KITH_TRY(s_.load_party(subject));
    const auto &written = *effect.effect;
    KITH_LET(tag, text_of(written.tag, effect.tag, at));
    if (tag.empty() || tag.find(',') != tag.npos)
        return base::fail(Status::rule, "a tag is a word without a comma");
    detail_ = (written.remove ? "-" : "") + tag;
    std::vector<std::string_view> tags;
    auto rest = subject.party.tags;
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        const auto one = trimmed(rest.substr(0, comma));
        if (!one.empty()) tags.push_back(one);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    const auto known = std::ranges::find(tags, std::string_view(tag));
    if ((known != tags.end()) != written.remove) return {};
    if (written.remove) {
        tags.erase(known);
    } else {
        tags.push_back(tag);
    }
    std::string joined;
    for (const auto one : tags) joined += (joined.empty() ? "" : ",") + std::string(one);
    subject.party.tags = s_.texts_.copy(joined);
    return change_party(subject, model::party_field::tags, {}, subject.party.owner);
}

base::Result<void> Behaviour::score_party(Subject &subject, const EffectPrograms &effect, const Case &at) {
    const auto &written = *effect.effect;
    const auto value = evaluate(*effect.value, at);
    if (auto error = s_.values_->take_error()) return error;
    if (auto error = facts_->take_error()) return error;
    if (value.failed() && value.code() == expr::Code::absent) return {};  // nothing to say
    ScoreItem item;
    item.kind = model::SubjectKind::party;
    item.metric = written.name;
    item.at = at.event->cause.at;
    item.nature = model::Nature::computed;
    item.method = written.method;
    item.confidence = written.confidence;
    switch (value.kind) {
        case Kind::money:
            item.money = value.i;
            item.currency = base::Currency(value.size);
            break;
        case Kind::string:
            item.text = s_.texts_.copy(value.view());
            break;
        case Kind::boolean:
        case Kind::int_:
            item.number = static_cast<double>(value.i);
            break;
        case Kind::double_:
            item.number = value.d;
            break;
        default:
            return failed("a score", value);
    }
    detail_ = written.name;
    KITH_LET(score, s_.compose(item));
    detail_ += score.number  ? " = " + rules::short_number(*score.number)
               : score.money ? " = " + std::to_string(*score.money)
                             : " = " + std::string(item.text);
    score.key.subject.party = subject.party.id;
    KITH_TRY(s_.record(score));
    s_.touched_.given.emplace(written.name);
    looked_ = false;
    return {};
}

// ---- deadlines as commitments ----

base::Result<base::Id> Behaviour::make_milestone(Subject &subject, const Instance &instance,
                                                 const std::string &name, base::Micros due,
                                                 const Happening &one) {
    NewCommitment made;
    made.sort = model::CommitmentSort::milestone;
    made.kind = instance.process.definition;
    KITH_LET(code, s_.name(name));
    made.name = code;
    if (due != kNever) made.due = std::max(due, instance.process.since);
    made.opened_at = instance.process.since;
    made.historic = one.cause.at < s_.meta_.effects_from;
    KITH_TRY(set_maker(made, Case{const_cast<Instance *>(&instance), &one}));
    KITH_TRY(s_.load_commitments(subject));
    KITH_LET(open, s_.make_commitment(subject, made));
    return open->commitment.id;
}

base::Result<OpenCommitment *> Behaviour::open_milestone(Subject &subject, const base::Id &commitment) {
    KITH_TRY(s_.load_commitments(subject));
    for (auto &open : subject.commitments) {
        if (open.commitment.id == commitment && model::is_open(open.commitment.state)) return &open;
    }
    return nullptr;
}

base::Result<void> Behaviour::end_milestone(Subject &subject, const base::Id &commitment,
                                            model::CommitmentState state, base::Micros at) {
    KITH_LET(open, open_milestone(subject, commitment));
    return open ? s_.move_commitment(subject, *open, state, at) : base::Result<void>();
}

base::Result<void> Behaviour::put_off_milestone(Subject &subject, const base::Id &commitment,
                                                base::Micros due) {
    KITH_LET(open, open_milestone(subject, commitment));
    if (!open) return {};
    CommitmentChange change;
    change.fields = model::commitment_field::due;
    if (due != kNever) change.due = std::max(due, open->commitment.opened_at);
    KITH_LET(changed, s_.change_commitment(subject, *open, change));
    (void)changed;
    return {};
}

// A timer asks for a state that needs more data: somebody is to give it.
base::Result<void> Behaviour::ask_for_data(Subject &subject, Instance &instance, const Happening &one,
                                           const std::string &what) {
    if (replays_) return {};
    change(subject);
    const Case at{&instance, &one};
    rules::Effect task;
    task.what = Do::task;
    task.kind = "complete_data";
    task.title.kind = rules::Term::Kind::text;
    task.title.text = what;
    task.assign.to.kind = rules::Term::Kind::text;
    task.assign.to.text = "owner";
    EffectPrograms effect;
    effect.effect = &task;
    return commit(subject, effect, at, one.cause.at < s_.meta_.effects_from);
}

}  // namespace kith::engine
