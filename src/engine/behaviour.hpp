// What an event or an instant makes of a party's cases and rules, until nothing moves any more. The moves of a
// cause and all that follows from them are one frame: where something fails in it, a guard, a field or a limit,
// the frame is taken back, and that it failed is recorded.
//
//   behaviour.cpp  events: who waits for them, the frame
//   cases.cpp      processes: states, timers, deadlines
//   effects.cpp    what they do
//   rule_runs.cpp  rules: events, conditions, instants, periods
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "engine/happening.hpp"
#include "engine/session.hpp"

namespace kith::engine {

// What a rule's row in table `rule_runs` says of it.
struct StoredRule {
    std::uint64_t fired = 0, failed = 0;
    std::uint32_t failed_in_a_row = 0, suspended = 0;  // 1: until its definition changes
    std::uint32_t version = 0, reserved = 0;
    base::Id built_through;  // its condition has not been looked at of parties above
};
static_assert(sizeof(StoredRule) == 48);
StoredRule decode_rule_row(base::Bytes bytes);

class Behaviour {
public:
    explicit Behaviour(Session &session);
    ~Behaviour();

    bool empty() const { return made_.processes.empty() && made_.rules.empty(); }
    bool waits_for(std::string_view type);

    // Told to who waits for it, after what is told already. What it views outlives the commit.
    void raise(const Happening &one);

    // Something has happened, or (root null) values have moved.
    base::Result<void> react(Subject &subject, base::Micros at, const Touched &touched,
                             const model::Transition &cause, const Happening *root);
    // What a host sends to a case. An error: it cannot be, and nothing has moved.
    base::Result<void> send(Subject &subject, const Happening &one);
    // The timer of a case, or of a rule's condition or instant, at its instant.
    base::Result<void> fire(Subject &subject, Instance &instance, base::Micros due);
    base::Result<void> fire(Subject &subject, Membership &membership, base::Micros due);

private:
    friend class Session;
    struct Frame;
    struct Case {
        Instance *instance = nullptr;
        const Happening *event = nullptr;
    };

    // The frame.
    base::Result<void> in_frame(Subject &subject, const model::Transition &cause,
                                const std::function<base::Result<void>()> &body);
    void change(Subject &subject);  // before it is changed in the frame
    base::Result<void> drain(Subject &subject, const Touched &touched, const model::Transition &cause);
    base::Result<void> deliver(Subject &subject, const Happening &one);

    // What expressions see.
    void look(Subject &subject);
    expr::Value evaluate(const expr::Program &program, const Case &at);
    base::Result<bool> holds(const rules::Source &written, const ProgramPtr &guard, const Case &at);
    base::Result<std::string> text_of(const rules::Term &term, const ProgramPtr &program, const Case &at);
    base::Result<std::optional<std::string>> optional_text(const ProgramPtr &program, const Case &at);
    base::Result<std::optional<base::Micros>> end_of(const rules::LengthTerm &length, const ProgramPtr &program,
                                                     base::Micros from, const std::string &hours,
                                                     const Case &at);
    base::Result<std::optional<base::Micros>> instant_of(const ProgramPtr &program, const Case &at);
    base::Error failed(const char *what, const expr::Value &value) const;

    // Cases.
    base::Result<bool> takes(Subject &subject, Instance &instance, const Happening &one);
    base::Result<bool> move_on(Subject &subject, Instance &instance, const Happening &one);
    base::Result<bool> first_move(Subject &subject, Instance &instance, std::span<const MovePrograms> moves,
                                  const Happening &one);
    base::Result<void> start(Subject &subject, const ProcessPrograms &process, const Happening &one,
                             std::string_view key);
    base::Result<void> take(Subject &subject, std::size_t place, const MovePrograms &move,
                            const Happening &one);
    base::Result<void> enter(Subject &subject, std::size_t place, std::uint32_t target, bool reenter,
                             const MovePrograms *move, const Happening &one);
    base::Result<void> settle_case(Subject &subject, std::size_t place, const Happening &one);
    base::Result<void> set_data(Subject &subject, Instance &instance, std::span<const TypedValue> values,
                                model::Transition &log);
    base::Result<void> check_required(const Instance &instance, const rules::State &state);
    base::Result<void> raise_of_case(const Instance &instance, std::string_view type, std::string_view name,
                                     std::string_view from, std::string_view to, const Happening &cause);
    std::vector<TypedValue> carried(const Instance &instance, const Happening &one);
    base::Result<std::string> hours_of(const Instance &instance, const Case &at);
    base::Result<std::optional<base::Micros>> due_of(Instance &instance, const TimerPrograms &timer,
                                                     base::Micros since, const Case &at);
    base::Result<void> reckon(Subject &subject, Instance &instance);
    base::Result<void> mark_milestones(Subject &subject, std::size_t place, const Happening &one);
    base::Result<void> fire_milestone(Subject &subject, std::size_t place, std::size_t milestone,
                                      bool is_warning, base::Micros due);
    base::Result<void> look_again(Subject &subject, const Touched &touched, const model::Transition &cause);

    // Effects.
    base::Result<void> carry_out(Subject &subject, std::span<const EffectPrograms> effects, const Case &at,
                                 const base::Id &occurrence, model::Name rule, std::uint32_t version);
    base::Result<void> carry_out(Subject &subject, const EffectPrograms &effect, const Case &at,
                                 const base::Id &occurrence, std::uint32_t number, model::Name rule,
                                 std::uint32_t version);
    base::Result<std::string> assignee(Subject &subject, const EffectPrograms &effect, const Case &at);
    base::Result<void> change_party(Subject &subject, std::uint32_t changed,
                                    std::span<const model::Name> values);
    base::Result<FieldItem> item_of(const std::string &name, const rules::Term &term, const ProgramPtr &program,
                                    const Case &at);

    // Rules.
    struct RuleState {
        StoredRule row;
        model::Name name = 0;
        bool changed = false;
    };
    base::Result<RuleState *> state_of(const RulePrograms &rule);
    base::Result<void> run(Subject &subject, const RulePrograms &rule, const Happening &one,
                           std::string_view occurrence);
    base::Result<void> on_event(Subject &subject, const RulePrograms &rule, const Happening &one);
    base::Result<void> look_at_rules(Subject &subject, const Touched &touched, const model::Transition &cause,
                                     bool all);
    base::Result<void> record_failure(Subject &subject, const model::Transition &cause,
                                      const base::Error &error);
    void stage();

    Session &s_;
    const Behaviours &made_;
    std::deque<Happening> queue_;
    std::unique_ptr<Frame> frame_;
    bool framed_ = false;
    std::map<std::string, bool, std::less<>> waits_;
    std::map<const RulePrograms *, RuleState> rule_states_;
    std::vector<expr::Value> host_;
    std::shared_ptr<PartyFacts> facts_;
    SubjectValues *seen_ = nullptr;
    const Happening *handed_ = nullptr;
    base::Micros now_ = 0;
    bool looked_ = false;
    CaseView case_view_;
    RowView commitment_view_;
    std::vector<std::byte> commitment_key_, commitment_bytes_;
    std::uint32_t effects_ = 0;  // of the frame
    const RulePrograms *rule_ = nullptr;  // at work, to be told if it fails
    const ProcessPrograms *process_ = nullptr;
};

}  // namespace kith::engine
