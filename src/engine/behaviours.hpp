// Processes and rules made ready to run: their expressions compiled, their events to be found by type.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/assignment.hpp"
#include "engine/installed.hpp"
#include "engine/party_facts.hpp"
#include "engine/value_time.hpp"
#include "engine/values.hpp"
#include "rules/playbook.hpp"

namespace kith::engine {

// Variables of expressions in behaviour, after those of values; then two for each process (behaviours.cpp).
enum class BehaviourVariable : std::uint32_t { e = kHostVariablesOfValues, p, c, open };

// What happened, as `e` shows it.
struct EventView {
    std::string_view type;      // "order", "segment.entered"
    std::string_view name;      // of the segment, process, milestone, ...
    std::string_view from, to;  // states, classes
    base::Micros at = 0;
    bool late = false;  // older than what the process has seen
};

// Programs are null where nothing is written; a guard that is written and has none fails.
struct EffectPrograms {
    const rules::Effect *effect = nullptr;
    ProgramPtr tag, title, item, to, record, due, assign, count, approve_over, key, parent, value;
    std::vector<ProgramPtr> set;                       // of effect->set
    std::shared_ptr<const CompiledAssignment> choice;  // among actors
};
struct MovePrograms {
    const rules::Move *move = nullptr;
    ProgramPtr guard;
    std::shared_ptr<const TimeWatch> watch;  // of what is always there
    std::vector<EffectPrograms> actions;
};
struct EventPrograms {
    std::string_view event;
    std::vector<MovePrograms> moves;
};
struct TimerPrograms {
    const rules::Timer *timer = nullptr;
    ProgramPtr delay, anchor, at;
    MovePrograms move;
};
struct StatePrograms {
    std::vector<EventPrograms> on;
    std::vector<TimerPrograms> after;
    std::vector<MovePrograms> always;
    std::vector<EffectPrograms> entry, exit;
};
struct MilestonePrograms {
    const rules::Milestone *milestone = nullptr;
    model::Name name = 0;
    ProgramPtr within, by, warn;
    std::vector<EffectPrograms> warned, late;
};

// A version of a process, compiled.
struct ProcessPrograms {
    const InstalledProcess *process = nullptr;
    std::uint32_t place = 0;  // among all versions, by which its variables are numbered
    ProgramPtr where, key, hours;
    std::vector<EventPrograms> on;
    std::vector<StatePrograms> states;
    std::vector<MilestonePrograms> milestones;
    std::vector<TypedField> fields;
};

struct RulePrograms {
    std::shared_ptr<const rules::Definition> definition;
    std::uint32_t version = 0;
    ProgramPtr where, when, at, key, hours, within;
    ProgramPtr unless_where, unless_same, unless_within;
    std::shared_ptr<const TimeWatch> watch;  // of `when` alone, or `at`
    std::vector<EffectPrograms> then;

    const rules::Rule &rule() const { return std::get<rules::Rule>(definition->body); }
};

// Who waits for events of a type.
struct Listening {
    bool any = false;                  // or the type is told to nobody
    std::vector<std::uint32_t> rules;  // to run: places in Behaviours::rules, in order
};

// Rules with a condition or an instant, by what moves it: places in Behaviours::rules.
struct Conditions {
    std::vector<std::uint32_t> all, party, figures, processes, commitments;
    std::map<MeasureNumber, std::vector<std::uint32_t>> measures;
    std::map<std::string, std::vector<std::uint32_t>, std::less<>> given;  // metrics
};

// Immutable once made, and shared by threads.
struct Behaviours {
    std::vector<std::unique_ptr<ProcessPrograms>> processes;  // as the catalog's
    std::vector<std::unique_ptr<RulePrograms>> rules;         // by priority, then name
    std::array<std::uint16_t, 4> tags{};                      // of e, p, c, open
    std::vector<std::uint16_t> process_tags, data_tags, state_tags;

    // Found by type and by what is read, so that what an event costs does not grow with all that is
    // installed.
    std::map<std::string, Listening, std::less<>> listening;  // to types by their names
    std::vector<std::pair<std::string, std::optional<std::uint32_t>>>
        broad;  // patterns with a *, and their rules
    Conditions conditions;

    const ProcessPrograms *find(const InstalledProcess *process) const;
    void add_broad(std::string_view type, Listening &out) const;
};

// What `data`, `p` and `in_state` of a process are bound to.
struct CaseView {
    ProcessView process;
    const ProcessPrograms *programs = nullptr;
};

// The records of a process: `p` with its `data`, and the data alone. Objects are ProcessViews.
struct CaseRecords {
    const expr::Type *of_case = nullptr, *data = nullptr;
};
CaseRecords add_case_record(expr::Schema &schema, const std::string &name,
                            std::span<const rules::Field> fields, const std::string &process);

// Mistakes are those of the newest versions.
std::shared_ptr<const Behaviours> compile_behaviours(const ValueCatalog &values,
                                                     std::span<const InstalledProcess> processes,
                                                     std::span<const BehaviourInUse> rules,
                                                     std::vector<rules::Mistake> &mistakes);

}  // namespace kith::engine
