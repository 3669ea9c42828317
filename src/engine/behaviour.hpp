// What an event or an instant makes of a party's cases and rules, until nothing moves any more. The moves of
// a cause and all that follows from them are one frame: where something fails in it, a guard, a field or a
// limit, the frame is taken back, and that it failed is recorded.
//
//   behaviour.cpp  events: who waits for them, the frame
//   cases.cpp      processes: states, timers, deadlines
//   effects.cpp    what they do
//   rule_runs.cpp  rules: events, conditions, instants, periods
//   case_builds.cpp  parties that were there before a process, or before its new version
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "engine/happening.hpp"
#include "engine/session.hpp"
#include "index/keys.hpp"

namespace kith::engine {

// What a rule's row in table `rules` says of it.
struct StoredRule {
    std::uint64_t fired = 0, failed = 0;
    std::uint32_t failed_in_a_row = 0, suspended = 0;  // 1: until its definition changes, or it is resumed
    std::uint32_t version = 0, reserved = 0;
    base::Id built_through;        // its condition has not been looked at of parties above
    base::Micros ran_through = 0;  // for periods that began up to then
    base::Micros fired_at = 0;     // the last time, by its cause
};
static_assert(sizeof(StoredRule) == 64);
StoredRule decode_rule_row(base::Bytes bytes);

// One time that it ran.
struct StoredRun {
    std::uint32_t result = 0;        // 1: fired, 2: failed
    model::Name event = 0, why = 0;  // what set it off, why it failed
    std::uint32_t reserved = 0;
};
static_assert(sizeof(StoredRun) == 16);
StoredRun decode_run(base::Bytes bytes);
inline constexpr std::size_t kRunsKept = 32;  // of a rule and a party, and those of one commit

// A row of table `rules` while a process is not built: new, it is replayed; of a new version, its running
// cases are moved there.
struct StoredCaseBuild {
    base::Id built_through;
};
static_assert(sizeof(StoredCaseBuild) == 16);

base::Id occurrence_of(std::string_view parts);
base::Id occurrence_of(const rules::Rule &rule, const base::Id &party, std::string_view occurrence);
// Between its times, as written in the zone.
bool is_in_force(const rules::Rule &rule, base::Micros at, const base::Zone &zone);
// Of what a host sent to a process: left when it has moved something.
index::Key sent_occurrence(const base::Id &party, std::string_view process, std::string_view key,
                           std::string_view event, base::Micros at);
std::string text_of_cause(const Happening &one);

class Behaviour {
public:
    explicit Behaviour(Session &session);
    ~Behaviour();

    bool empty() const { return made_.processes.empty() && made_.rules.empty(); }
    bool waits_for(std::string_view type) { return listening(type).any; }

    // Of what is at work in a cascade; 0 outside of one.
    std::uint32_t depth() const { return depth_; }

    // Told to who waits for it, after what is told already. What it views outlives the commit.
    void raise(const Happening &one);

    // Something has happened, or (root null) values have moved.
    base::Result<void> react(Subject &subject, base::Micros at, const Touched &touched,
                             const model::Transition &cause, const Happening *root);
    // What a host sends to a case. An error: it cannot be, and nothing has moved.
    base::Result<bool> send(Subject &subject, const Happening &one);
    // The timer of a case, or of a rule's condition or instant, at its instant.
    base::Result<void> fire(Subject &subject, Instance &instance, base::Micros due);
    base::Result<void> fire(Subject &subject, Membership &membership, base::Micros due);

    // False: it was not suspended.
    base::Result<bool> resume(std::string_view rule);
    // Gives rules that are new their rows.
    base::Result<void> prepare();
    // What is not built yet of cases is done for a party before anything happens to it.
    base::Result<void> catch_up(Subject &subject);
    base::Result<bool> build_cases(std::size_t parties_max, BuildProgress &progress);
    // Looks at conditions and instants of rules, and at processes, of parties that were there before them.
    // True when there was nothing left to do.
    base::Result<bool> build(std::size_t parties_max, BuildProgress &progress);
    // When the next period begins that a rule is to run for; kNever if there is none.
    base::Result<base::Micros> next_period(base::Micros now);
    // Runs what begins with a period, for so many parties at a time. True when all have been looked at.
    base::Result<bool> run_periods(base::Micros begin, std::size_t parties_max);

private:
    friend class Session;
    using Names = std::vector<model::Name>;
    struct Frame;
    struct Case {
        Instance *instance = nullptr;
        const Happening *event = nullptr;
    };

    const Listening &listening(std::string_view type);

    // The frame.
    base::Result<void> in_frame(Subject &subject, const model::Transition &cause,
                                const std::function<base::Result<void>()> &body);
    void change(Subject &subject);  // before it is changed in the frame
    struct RuleState;
    void change(RuleState &state);
    base::Result<void> drain(Subject &subject, const Touched &touched, const model::Transition &cause);
    base::Result<bool> reckon_all(Subject &subject);
    base::Result<void> deliver(Subject &subject, const Happening &one);

    // What expressions see.
    void look(Subject &subject);
    void hand(const Happening *event);
    void bind(const Case &at);
    expr::Value evaluate(const expr::Program &program, const Case &at);
    base::Result<bool> holds(const rules::Source &written, const ProgramPtr &guard, const Case &at);
    base::Result<std::string> text_of(const rules::Term &term, const ProgramPtr &program, const Case &at);
    base::Result<std::optional<std::string>> optional_text(const ProgramPtr &program, const Case &at);
    base::Result<std::optional<base::Micros>> end_of(const rules::LengthTerm &length,
                                                     const ProgramPtr &program, base::Micros from,
                                                     const std::string &hours, const Case &at);
    base::Result<std::optional<base::Micros>> instant_of(const ProgramPtr &program, const Case &at);
    base::Error failed(const char *what, const expr::Value &value) const;
    base::Result<std::optional<rules::Length>> length_of(const rules::LengthTerm &length,
                                                         const ProgramPtr &program, const Case &at);
    base::Result<std::string> actor_of(Subject &subject, const rules::Term &term, const ProgramPtr &program,
                                       const Case &at);
    // Who is to have what an effect makes or gives; 0: nobody.
    base::Result<model::Name> assignee_of(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<FieldItem> item_of(const std::string &name, const rules::Term &term,
                                    const ProgramPtr &program, const Case &at);
    base::Result<std::string> hours_at(const Case &at);
    base::Result<std::string> hours_of(const Instance &instance, const Case &at);
    std::string_view maker_name(const Case &at) const;  // of the rule or process at work
    base::Result<void> set_maker(NewCommitment &made, const Case &at);

    // Cases.
    base::Result<bool> takes(Instance &instance, const Happening &one);
    base::Result<void> move_on(Subject &subject, Instance &instance, const Happening &one);
    base::Result<bool> first_move(Subject &subject, Instance &instance, std::span<const MovePrograms> moves,
                                  const Happening &one);
    base::Result<bool> undone_at_once(Instance &instance, std::uint32_t target, const Happening &one);
    base::Result<void> start(Subject &subject, const ProcessPrograms &programs, const Happening &one,
                             std::string_view key);
    base::Result<void> take(Subject &subject, std::size_t place, const MovePrograms &move,
                            const Happening &one);
    base::Result<void> enter(Subject &subject, std::size_t place, std::uint32_t target, bool reenter,
                             const MovePrograms *move, const Happening &one);
    base::Result<void> settle_case(Subject &subject, std::size_t place, const Happening &one);
    std::vector<TypedValue> carried(const Instance &instance, const Happening &one);
    void set_data(Instance &instance, std::span<const TypedValue> values, model::Transition &log);
    base::Result<void> check_required(const Instance &instance, const rules::State &state);
    base::Result<void> write_log(Instance &instance, model::Transition &log,
                                 std::span<const TypedValue> values, bool starts);
    base::Result<void> raise_of_case(const Instance &instance, std::string_view type, std::string_view name,
                                     std::string_view from, std::string_view to, const Happening &cause);
    base::Result<std::optional<base::Micros>> due_of(Instance &instance, const TimerPrograms &timer,
                                                     base::Micros since, const Case &at);
    template <class Take>
    base::Result<void> each_timer(Instance &instance, const Case &at, const Take &take);
    struct DueTimer {
        const TimerPrograms *timer;
        base::Micros due;
        bool is_outer;
    };
    base::Result<std::vector<DueTimer>> timers_of(Instance &instance, const Case &at);
    base::Result<void> reckon(Subject &subject, Instance &instance);
    base::Result<base::Micros> next_look(Instance &instance, const Case &at);
    base::Result<void> fire_case(Subject &subject, const base::Id &id, const Happening &one);
    base::Result<void> look_again(Subject &subject, const Touched &touched, const model::Transition &cause);
    base::Result<void> ask_for_data(Subject &subject, Instance &instance, const Happening &one,
                                    const std::string &what);

    // Parties that were there before.
    struct Past;
    bool is_at_work(model::Name process) const {
        return !replays_ || std::ranges::find(*replays_, process) != replays_->end();
    }
    base::Result<void> build_cases_of(Subject &subject, std::span<const CaseBuild> builds, bool note);
    base::Result<bool> is_replayed(const base::Id &party, model::Name process, bool note);
    base::Result<std::vector<Past>> history_of(Subject &subject);
    base::Result<void> add_log(Subject &subject, std::vector<Past> &history);
    base::Result<void> replay(Subject &subject, const Names &processes);
    base::Result<void> replay_all(Subject &subject);
    base::Result<void> replay_fact(Subject &subject, const Past &one, std::vector<PendingInteraction> &seen);
    base::Result<void> replay_event(Subject &subject, const Happening &one);
    base::Result<void> fire_cases(Subject &subject, base::Micros at);
    base::Result<void> migrate(Subject &subject, const Names &processes);
    base::Result<void> migrate(Subject &subject, std::size_t place, const InstalledProcess &to,
                               std::uint32_t state, const Happening &one,
                               std::vector<const MovePrograms *> &missed);
    base::Result<void> migrate_milestones(Subject &subject, std::size_t place, const ProcessPrograms &to,
                                          const Happening &one);

    // Deadlines, each with a commitment.
    base::Result<void> mark_milestones(Subject &subject, std::size_t place, const Happening &one);
    base::Result<void> reckon_milestones(Instance &instance, const Case &at, base::Micros &due);
    base::Result<void> fire_milestone(Subject &subject, std::size_t place, std::size_t which, bool is_warning,
                                      const Happening &one);
    base::Result<base::Id> make_milestone(Subject &subject, const Instance &instance, const std::string &name,
                                          base::Micros due, const Happening &one);
    base::Result<void> end_milestone(Subject &subject, const base::Id &commitment,
                                     model::CommitmentState state, base::Micros at);
    base::Result<void> put_off_milestone(Subject &subject, const base::Id &commitment, base::Micros due);

    // What effects are of: a move of a case by its number, or else an id of its own; and the number of the
    // next.
    struct Occurrence {
        base::Id id;
        std::uint32_t number = 0, effect = 0;
    };
    base::Result<void> carry_out(Subject &subject, std::span<const EffectPrograms> effects, const Case &at,
                                 Occurrence &occurrence);
    base::Result<void> carry_out(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> do_effect(Subject &subject, const EffectPrograms &effect, const Case &at);
    static constexpr std::uint32_t kEffectsMax = 256;
    base::Result<void> count_effect();
    base::Id origin() const;  // of what the effect at work tells
    base::Result<void> commit(Subject &subject, const EffectPrograms &effect, const Case &at, bool historic);
    base::Result<void> make(Subject &subject, NewCommitment &made, const EffectPrograms &effect,
                            const Case &at);
    base::Result<model::Side> side_of(const std::string &text);
    base::Result<OpenCommitment *> open_milestone(Subject &subject, const base::Id &commitment);
    base::Result<bool> made_here(const model::Commitment &one, const Case &at);
    base::Result<void> close(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> assign(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> plan(Subject &subject, const EffectPrograms &effect, const Case &at, bool historic);
    base::Result<void> request(Subject &subject, const EffectPrograms &effect, const Case &at, bool historic);
    base::Result<void> emit(Subject &subject, const EffectPrograms &effect, const Case &at, bool historic);
    base::Result<void> send_on(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> set_party(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> tag_party(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> score_party(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> change_party(Subject &subject, std::uint32_t changed,
                                    std::span<const model::Name> values, model::Name owner_before);

    // Rules.
    struct RuleState {
        StoredRule row;
        model::Name name = 0;
        bool changed = false;
    };
    enum class RunResult : std::uint32_t { fired = 1, failed };
    base::Result<RuleState *> state_of(const RulePrograms &rule);
    base::Result<bool> run(Subject &subject, const RulePrograms &rule, const Happening &one,
                           std::string_view occurrence);
    base::Result<void> note_fired(Subject &subject, const RulePrograms &rule, const Happening &one);
    const RulePrograms *rule_of(const rules::Statechart &waiting) const;  // null: of none
    base::Result<void> on_event(Subject &subject, const RulePrograms &rule, const Happening &one);
    std::vector<std::uint32_t> affected(const Touched &touched) const;
    base::Result<void> look_at_rules(Subject &subject, const Touched &touched,
                                     const model::Transition &cause);
    base::Result<base::Micros> next_wake(Membership &truth, const RulePrograms &rule);
    base::Result<void> wake_again(Subject &subject, const RulePrograms &rule);
    base::Result<void> look_at_rule(Subject &subject, const RulePrograms &rule,
                                    const model::Transition &cause, bool fires);
    base::Result<bool> is_in_time(const RulePrograms &rule, base::Micros due, const Case &at);
    base::Result<void> run_period(Subject &subject, const RulePrograms &rule, base::Micros begin);
    base::Result<base::Micros> next_period(const RulePrograms &rule, base::Micros now);
    base::Result<void> record_failure(Subject &subject, const model::Transition &cause,
                                      const base::Error &error);
    base::Result<void> record_run(Subject &subject, const model::Change &change, std::uint32_t number,
                                  RunResult result);
    void stage();

    Session &s_;
    const Behaviours &made_;
    std::vector<std::pair<std::string_view, const ProcessPrograms *>> in_order_;  // the newest, by name
    std::deque<Happening> queue_;
    std::unique_ptr<Frame> frame_;
    bool framed_ = false;
    std::map<std::string, Listening, std::less<>> listening_;  // of types that patterns alone name
    std::map<const RulePrograms *, RuleState> rule_states_;
    std::vector<expr::Value> host_;
    std::shared_ptr<PartyFacts> facts_;
    SubjectValues *seen_ = nullptr;
    const model::Interaction *handed_ = nullptr;  // to the facts
    Occurrence occurrence_;                       // of the effect at work
    std::uint32_t depth_ = 0;                     // of its cause
    base::Micros now_ = 0;
    base::Micros until_ = 0;  // what was due by then has happened
    bool looked_ = false;
    CaseView case_view_;
    RowView commitment_view_;
    std::uint32_t effects_ = 0;  // of the frame
    std::string detail_;         // of the effect at work
    bool refused_ = false;       // the event itself
    bool moved_ = false;         // some case
    Subject *subject_ = nullptr;
    struct KeyLess {
        using is_transparent = void;
        bool operator()(base::Bytes a, base::Bytes b) const { return base::compare(a, b) < 0; }
    };
    std::set<std::vector<std::byte>, KeyLess> trimmed_;
    const RulePrograms *rule_ = nullptr;  // at work, to be told if it fails
    const ProcessPrograms *process_ = nullptr;
    const Names *replays_ = nullptr;  // these alone move, and have no effects
    bool builds_ = false;
};

}  // namespace kith::engine
