#include "engine/behaviour.hpp"

#include <algorithm>

#include "engine/values.hpp"
#include "index/keys.hpp"
#include "rules/term.hpp"

namespace kith::engine {

using base::Status;
using expr::Value;
using store::Table;

namespace {

constexpr std::uint32_t kDepthMax = 8;  // of a cascade
constexpr std::uint32_t kFailuresInARow = 16;
constexpr std::size_t kReasonBytesMax = 255;
constexpr std::uint32_t kRoundsMax = 32;  // of conditions that move each other

// Of a guard, a field or a limit, which takes back the frame; others are of the file.
bool is_own(Status status) {
    switch (status) {
        case Status::argument:
        case Status::state:
        case Status::conflict:
        case Status::exists:
        case Status::rule:
        case Status::limit:
        case Status::unsupported:
        case Status::missing:
            return true;
        default:
            return false;
    }
}

}  // namespace

// What the frame began with.
struct Behaviour::Frame {
    Meta meta;
    CommitCounts counts;
    DueCounts due_counts;
    std::size_t changes = 0, scores = 0, names = 0, deeds = 0;
    std::vector<SegmentInUse> segments;
    bool segments_loaded = false;
    std::map<RuleState *, RuleState> rules;
    std::vector<std::pair<Subject *, Subject>> subjects;
};

Behaviour::Behaviour(Session &session) : s_(session), made_(*session.catalog_->behaviours) {
    const auto nothing = [](const char *what) { return expr::fail(expr::Code::absent, what); };
    host_.assign(4 + made_.processes.size() * 2, nothing("there is no process at hand"));
    host_[0] = nothing("there is no event at hand");
    host_[2] = nothing("there is no commitment at hand");
    for (const auto &process : made_.processes) {
        if (process->process->newest) in_order_.emplace_back(process->process->chart().name, process.get());
    }
    std::ranges::sort(in_order_);
}

Behaviour::~Behaviour() = default;

const Listening &Behaviour::listening(std::string_view type) {
    if (const auto known = made_.listening.find(type); known != made_.listening.end()) return known->second;
    if (const auto known = listening_.find(type); known != listening_.end()) return known->second;
    auto &fresh = listening_[std::string(type)];
    made_.add_broad(type, fresh);
    return fresh;
}

void Behaviour::raise(const Happening &one) {
    queue_.push_back(one);
    queue_.back().cause.reason = {};
}

// ---- the frame ----

// Most events move nothing: what it takes to take a frame back is kept when something is to be changed.
void Behaviour::change(Subject &subject) {
    if (!frame_) {
        frame_ = std::make_unique<Frame>();
        frame_->meta = s_.meta_;
        frame_->counts = s_.counts_;
        frame_->due_counts = s_.due_counts_;
        frame_->changes = s_.changes_.size();
        frame_->scores = s_.new_scores_.size();
        frame_->names = s_.new_names_.size();
        frame_->deeds = s_.deeds_.size();
        frame_->segments = s_.segments_;
        frame_->segments_loaded = s_.segments_loaded_;
        s_.overlay_.begin();
    }
    looked_ = false;
    for (const auto &[known, copy] : frame_->subjects) {
        if (known == &subject) return;
    }
    frame_->subjects.emplace_back(&subject, subject);
}

void Behaviour::change(RuleState &state) {
    if (frame_) frame_->rules.try_emplace(&state, state);
    state.changed = true;
}

base::Result<void> Behaviour::in_frame(Subject &subject, const model::Transition &cause,
                                       const std::function<base::Result<void>()> &body) {
    if (framed_) return body();
    framed_ = true;
    effects_ = 0;
    rule_ = nullptr;
    process_ = nullptr;
    auto done = body();
    framed_ = false;
    looked_ = false;
    depth_ = 0;
    auto frame = std::move(frame_);
    if (done) {
        if (frame) s_.overlay_.keep();
        return {};
    }
    if (frame) {
        s_.overlay_.undo();
        const auto last_name = s_.meta_.last_name;
        s_.meta_ = frame->meta;
        s_.meta_.last_name = last_name;
        s_.counts_ = frame->counts;
        s_.due_counts_ = frame->due_counts;
        s_.changes_.resize(frame->changes);
        s_.deeds_.resize(frame->deeds);
        s_.new_scores_.resize(frame->scores);
        // In place, for those who walk over them; what was not there before is read again.
        s_.segments_.resize(frame->segments.size());
        std::ranges::copy(frame->segments, s_.segments_.begin());
        s_.segments_loaded_ = frame->segments_loaded;
        // Or a rule that fails after it has fired would never fail twice in a row.
        for (const auto &[state, copy] : frame->rules) *state = copy;
        for (auto &[known, copy] : frame->subjects) *known = std::move(copy);
        // Names stay: codes of theirs may be remembered.
        for (auto i = frame->names; i < s_.new_names_.size(); ++i) {
            const auto &[text, code] = s_.new_names_[i];
            s_.overlay_.put(Table::names, index::name_code(code), base::bytes_of(text));
            s_.overlay_.put(Table::names, index::name_text(text), base::bytes_of_object(code));
        }
    }
    queue_.clear();
    s_.touched_ = {};
    if (std::exchange(refused_, false) || !is_own(done.error().status)) return done;
    KITH_TRY(record_failure(subject, cause, done.error()));
    // What the fact itself has moved stays, and due times follow it.
    for (auto &instance : subject.instances) {
        if (!is_at_work(instance.process.definition)) continue;
        auto again = reckon(subject, instance);
        if (again) continue;
        if (!is_own(again.error().status)) return again;
        instance.process.due = instance.process.looks = kNever;
        instance.changed = true;
    }
    for (const auto place : made_.conditions.all) {
        auto again = wake_again(subject, *made_.rules[place]);
        if (!again && !is_own(again.error().status)) return again;
    }
    return {};
}

base::Result<void> Behaviour::react(Subject &subject, base::Micros at, const Touched &touched,
                                    const model::Transition &cause, const Happening *root) {
    if (empty()) return {};
    KITH_TRY(s_.load_instances(subject));
    KITH_TRY(catch_up(subject));
    now_ = s_.instant_of(subject, at);
    until_ = at;
    looked_ = false;
    // What segments have told already comes after what it came of.
    if (root) queue_.push_front(*root);
    if (touched.all && waits_for("party.created")) {
        Happening created;
        created.view = {"party.created", {}, {}, {}, now_, false};
        created.cause = cause;
        if (!root) created.cause.at = now_;
        queue_.push_front(created);
    }
    return in_frame(subject, cause, [&] { return drain(subject, touched, cause); });
}

// Until nothing moves any more. Segments have been looked at for what was touched before.
base::Result<void> Behaviour::drain(Subject &subject, const Touched &touched,
                                    const model::Transition &cause) {
    subject_ = &subject;
    auto moved = touched;
    for (std::uint32_t round = 0;; ++round) {
        if (round == kRoundsMax)
            return base::fail(Status::limit, "conditions set each other off for ever: 32 rounds of moves");
        while (!queue_.empty()) {
            const auto one = queue_.front();
            queue_.pop_front();
            if (one.depth > kDepthMax) {
                // Of those that set each other off the one that told it counts the failure.
                for (const auto &[name, process] : in_order_) {
                    if (name == one.view.name) process_ = process;
                }
                for (const auto &rule : made_.rules) {
                    if (rule->rule().name == one.view.name) rule_ = rule.get();
                }
                return base::fail(Status::limit, "events set each other off more than 8 deep");
            }
            KITH_TRY(deliver(subject, one));
        }
        const auto more = std::exchange(s_.touched_, {});
        if (more.any()) {
            change(subject);
            if (!replays_) KITH_TRY(s_.settle_segments(subject, more, now_, cause));
            looked_ = false;
            moved.merge(more);
        }
        if (moved.any()) {
            KITH_TRY(look_again(subject, moved, cause));
            if (!replays_) KITH_TRY(look_at_rules(subject, moved, cause));
        }
        moved = {};
        KITH_LET(again, reckon_all(subject));
        if (!again && queue_.empty() && !s_.touched_.any()) return {};
    }
}

// When cases are due; what is past by the instant of the cause is taken at once.
base::Result<bool> Behaviour::reckon_all(Subject &subject) {
    bool again = false;
    for (std::size_t place = 0; place < subject.instances.size(); ++place) {
        auto &instance = subject.instances[place];
        if (!instance.stale) continue;
        // What was due before is a cause of its own: should it fail, it takes nothing else with it.
        const auto before = instance.moved ? kNever : instance.due();
        KITH_TRY(reckon(subject, instance));
        if (instance.ended || instance.due() == before ||
            instance.due() > std::max(instance.process.since, until_))
            continue;
        change(subject);
        Happening one;
        one.cause.at = std::max(instance.due(), instance.process.since);
        one.cause.cause = model::Cause::timer;
        one.view.at = one.cause.at;
        instance.note_tried(one.cause.at);
        KITH_TRY(fire_case(subject, instance.process.id, one));
        again = true;
    }
    return again;
}

// Processes and rules in order of priority, then of name; a process has the priority 100.
base::Result<void> Behaviour::deliver(Subject &subject, const Happening &one) {
    constexpr std::uint32_t kPriority = 100;
    const auto &rules = listening(one.view.type).rules;
    auto rule = one.opens || !one.process.empty() || replays_ ? rules.end() : rules.begin();
    const auto rules_before = [&](std::string_view process) -> base::Result<void> {
        for (; rule != rules.end(); ++rule) {
            const auto &written = made_.rules[*rule]->rule();
            if (!process.empty() &&
                std::pair(written.priority, std::string_view(written.name)) >= std::pair(kPriority, process))
                break;
            KITH_TRY(on_event(subject, *made_.rules[*rule], one));
        }
        return {};
    };
    // By name; cases of one process in the order they began.
    for (const auto &[name, newest] : in_order_) {
        if (!one.process.empty() && one.process != name) continue;
        if (!is_at_work(newest->process->name)) continue;
        KITH_TRY(rules_before(name));
        std::vector<base::Id> cases;
        for (const auto &instance : subject.instances) {
            if (instance.process.definition == newest->process->name && !instance.ended)
                cases.push_back(instance.process.id);
        }
        for (const auto &id : cases) {
            auto *instance = s_.find_instance(subject, id);
            if (!instance || instance->ended || one.opens) continue;
            KITH_LET(mine, takes(*instance, one));
            if (!mine) continue;
            KITH_TRY(move_on(subject, *instance, one));
        }
        const auto &chart = newest->process->chart();
        const bool begins = one.opens || std::ranges::any_of(chart.start, [&](const std::string &pattern) {
                                return rules::type_matches(pattern, one.view.type);
                            });
        if (!begins) continue;
        process_ = newest;
        const Case at{nullptr, &one};
        if (!one.opens) {
            KITH_LET(wanted, holds(chart.where, newest->where, at));
            if (!wanted) continue;
        }
        std::string key(one.key);
        if (newest->key && (!one.opens || key.empty())) {
            KITH_LET(told, optional_text(newest->key, at));
            if (!told) continue;  // of no key there is no case
            key = *told;
        }
        if (!chart.routes) {  // each event begins its own, which its time names, and its place among those of
                              // the time
            const auto same = std::ranges::count_if(subject.instances, [&](const Instance &of) {
                return of.process.definition == newest->process->name &&
                       of.process.started_at == one.cause.at;
            });
            key = base::format_time(one.cause.at) + " " + std::to_string(same + 1);
        }
        const bool runs = std::ranges::any_of(subject.instances, [&, name = newest->process->name](auto &of) {
            return of.process.definition == name && !of.ended && of.process.key == key;
        });
        if (!runs) KITH_TRY(start(subject, *newest, one, key));
    }
    return rules_before({});
}

base::Result<bool> Behaviour::send(Subject &subject, const Happening &one) {
    KITH_TRY(s_.load_instances(subject));
    now_ = s_.instant_of(subject, one.cause.at);
    until_ = one.cause.at;
    looked_ = false;
    moved_ = false;
    queue_.push_back(one);
    framed_ = true;
    effects_ = 0;
    rule_ = nullptr;
    auto done = drain(subject, {}, one.cause);
    framed_ = false;
    looked_ = false;
    depth_ = 0;
    if (frame_) s_.overlay_.keep();
    frame_.reset();
    if (!done) return done.take_error();  // the batch is refused: nothing of it stays
    return moved_;
}

base::Result<void> Behaviour::fire(Subject &subject, Instance &instance, base::Micros due) {
    const auto id = instance.process.id;
    model::Transition cause;
    cause.at = due;
    cause.cause = model::Cause::timer;
    now_ = until_ = due;
    looked_ = false;
    // Whatever becomes of it, it is not tried again.
    instance.note_tried(due);
    subject_ = &subject;
    ++s_.due_counts_.timers;
    return in_frame(subject, cause, [&]() -> base::Result<void> {
        Happening one;
        one.cause = cause;
        one.view.at = due;
        KITH_TRY(fire_case(subject, id, one));
        return drain(subject, {}, cause);
    });
}

base::Result<void> Behaviour::record_failure(Subject &subject, const model::Transition &cause,
                                             const base::Error &error) {
    const auto *rule = std::exchange(rule_, nullptr);
    const auto *process = std::exchange(process_, nullptr);
    auto change = model::change_of(model::ChangeKind::rule, model::Operation::failed, subject.party.id, {});
    change.at = cause.at;
    if (rule) {
        KITH_LET(state, state_of(*rule));
        ++state->row.failed;
        const auto max = rule->rule().limits.failures ? rule->rule().limits.failures : kFailuresInARow;
        if (++state->row.failed_in_a_row >= max) state->row.suspended = 1;
        state->changed = true;
        change.name = state->name;
    } else if (process) {
        change.name = process->process->name;
    }
    s_.note(subject,
            rule      ? std::string_view(rule->rule().name)
            : process ? std::string_view(process->process->chart().name)
                      : "",
            "failed", error.message, cause.at);
    KITH_LET(reason, s_.name(error.message.substr(0, kReasonBytesMax)));
    change.to = reason;
    KITH_LET(number, s_.record_change(change));
    return record_run(subject, change, number, RunResult::failed);
}

// ---- what expressions see ----

void Behaviour::look(Subject &subject) {
    if (!s_.view_)
        s_.view_ =
            std::make_unique<Snapshot>(s_.store_, s_.writer_, s_.meta_, static_cast<const NameSource &>(s_));
    if (!s_.values_)
        s_.values_ = std::make_unique<Values>(*s_.view_, s_.catalog_->values, s_.sums_,
                                              static_cast<Timeline &>(s_), *s_.measurer(), now_);
    auto &values = *s_.values_;
    values.move_to(now_);
    facts_ = s_.facts_of(subject);
    handed_ = nullptr;
    seen_ = &values.walk_to(subject.party.id, facts_);
    looked_ = true;
}

void Behaviour::hand(const Happening *event) {
    if (!looked_) look(*subject_);
    const auto *interaction = event ? event->interaction : nullptr;
    if (interaction == handed_) return;
    handed_ = interaction;
    if (interaction) {
        facts_->hand(*interaction, *event->personal);
    } else {
        facts_->let_go();
    }
}

// What is at hand, in the places of the host's variables.
void Behaviour::bind(const Case &at) {
    hand(at.event);
    const auto view_of = [&](const base::Id &id) -> const ProcessView * {
        for (const auto &view : facts_->processes()) {
            if (view.read->process.id == id) return &view;
        }
        return nullptr;
    };
    const auto absent = [](const char *what) { return expr::fail(expr::Code::absent, what); };
    host_[0] = at.event && !at.event->view.type.empty() ? expr::of_record(&at.event->view, made_.tags[0])
                                                        : absent("there is no event at hand");
    const auto about = at.event && at.event->instance ? at.event->instance
                       : at.instance                  ? at.instance->process.id
                                                      : base::Id();
    const auto *process = about ? view_of(about) : nullptr;
    host_[1] = process ? expr::of_record(process, made_.tags[1]) : absent("there is no process at hand");
    host_[2] = absent("there is no commitment at hand");
    if (at.event && at.event->commitment) {
        if (const auto *rows = facts_->commitments()) {
            for (const auto &[key, record] : *rows) {
                if (base::Id::from(base::Bytes(key).subspan(24, 16)) != at.event->commitment) continue;
                commitment_view_ = {facts_.get(), key.data(), record};
                host_[2] = expr::of_record(&commitment_view_, made_.tags[2]);
            }
        }
    }
    host_[3] = expr::of_record(facts_.get(), made_.tags[3]);
    if (at.instance) {
        const auto *programs = at.instance->programs;
        const auto *own = view_of(at.instance->process.id);
        const auto first = 4 + 2 * programs->place;
        if (own) {
            case_view_ = {*own, programs};
            host_[first] = expr::of_record(own, made_.data_tags[programs->place]);
            host_[first + 1] = expr::of_record(&case_view_, made_.state_tags[programs->place]);
        }
    }
}

Value Behaviour::evaluate(const expr::Program &program, const Case &at) {
    bind(at);
    s_.values_->set_host(host_);
    const auto value = seen_->evaluate(program).value;
    s_.values_->set_host({});
    return value;
}

base::Error Behaviour::failed(const char *what, const Value &value) const {
    return base::fail(Status::rule, std::string(what) + " cannot be worked out: " + value.text);
}

base::Result<bool> Behaviour::holds(const rules::Source &written, const ProgramPtr &guard, const Case &at) {
    if (written.empty()) return true;
    if (!guard) return base::fail(Status::rule, "a guard of an older version no longer reads");
    const auto value = evaluate(*guard, at);
    if (auto error = s_.values_->take_error()) return error;
    if (auto error = facts_->take_error()) return error;
    if (value.is(expr::Kind::boolean)) return value.i != 0;
    // What is not known does not hold; what goes wrong does not count as either.
    if (value.failed() && value.code() == expr::Code::absent) return false;
    return failed("a condition", value);
}

base::Result<std::optional<std::string>> Behaviour::optional_text(const ProgramPtr &program, const Case &at) {
    const auto value = evaluate(*program, at);
    if (auto error = s_.values_->take_error()) return error;
    if (auto error = facts_->take_error()) return error;
    if (value.failed() && value.code() != expr::Code::absent) return failed("a text", value);
    if (value.failed() || value.is(expr::Kind::null)) return std::optional<std::string>();
    switch (value.kind) {
        case expr::Kind::string:
            return std::optional(std::string(value.view()));
        case expr::Kind::int_:
            return std::optional(std::to_string(value.i));
        case expr::Kind::boolean:
            return std::optional(std::string(value.i ? "true" : "false"));
        case expr::Kind::timestamp:
            return std::optional(base::format_time(expr::micros_of(value)));
        default:
            return base::fail(Status::rule, "a text is wanted here; write string(...) around the expression");
    }
}

base::Result<std::string> Behaviour::text_of(const rules::Term &term, const ProgramPtr &program,
                                             const Case &at) {
    if (!program) return term.text;
    KITH_LET(text, optional_text(program, at));
    return text.value_or("");
}

base::Result<std::optional<base::Micros>> Behaviour::instant_of(const ProgramPtr &program, const Case &at) {
    if (!program) return std::optional<base::Micros>();
    const auto value = evaluate(*program, at);
    if (auto error = s_.values_->take_error()) return error;
    if (auto error = facts_->take_error()) return error;
    if (value.is(expr::Kind::timestamp)) return std::optional(expr::micros_of(value));
    if (value.failed() && value.code() != expr::Code::absent) return failed("an instant", value);
    return std::optional<base::Micros>();
}

base::Result<std::optional<base::Micros>> Behaviour::end_of(const rules::LengthTerm &length,
                                                            const ProgramPtr &program, base::Micros from,
                                                            const std::string &hours, const Case &at) {
    if (length.empty()) return std::optional<base::Micros>();
    if (!length.length && program && program->checked().type()->kind == expr::TypeKind::timestamp)
        return instant_of(program, at);
    KITH_LET(read, length_of(length, program, at));
    if (!read) return std::optional<base::Micros>();
    hand(at.event);
    KITH_LET(end, s_.values_->clock().end_of(*read, from, hours));
    return std::optional(end);
}

base::Result<std::optional<rules::Length>> Behaviour::length_of(const rules::LengthTerm &length,
                                                                const ProgramPtr &program, const Case &at) {
    if (length.length || !program) return length.length;
    KITH_LET(text, optional_text(program, at));
    if (!text) return std::optional<rules::Length>();
    KITH_LET(read, rules::read_length(*text));
    return std::optional(read);
}

base::Result<std::string> Behaviour::hours_at(const Case &at) {
    if (at.instance) return hours_of(*at.instance, at);
    return rule_ ? text_of(rule_->rule().hours, rule_->hours, at) : base::Result<std::string>(std::string());
}

std::string_view Behaviour::maker_name(const Case &at) const {
    if (at.instance) return at.instance->definition->chart().name;
    return rule_ ? std::string_view(rule_->rule().name) : std::string_view();
}

base::Result<void> Behaviour::set_maker(NewCommitment &made, const Case &at) {
    if (at.instance) {
        made.process = at.instance->process.id;
        made.version = at.instance->process.version;
    } else if (rule_) {
        KITH_LET(code, s_.name(rule_->rule().name));
        made.rule = code;
        made.version = rule_->version;
    }
    return {};
}

}  // namespace kith::engine
