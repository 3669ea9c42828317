#include <algorithm>
#include <array>

#include "base/time.hpp"
#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::int64_t kPriorityMax = 1'000'000;
constexpr std::int64_t kFailuresMax = 1'000'000;

// In the order of the enums.
constexpr std::array<std::string_view, 3> kModes{"edge", "level", "each"};
constexpr std::array<std::string_view, 3> kCatchUps{"last", "all", "none"};
constexpr std::array<std::string_view, 3> kTriggers{"on", "at", "every"};

base::Result<Absence> parse_absence(const Node &node) {
    Absence absence;
    KITH_TRY(node.object(shape::kUnless));
    node.read("event", absence.events, parse_events);
    node.read("same", absence.same, &Node::expression);
    read_condition(node, "where", absence.events, absence.where);
    node.read("within", absence.within, parse_length);
    return absence;
}

base::Result<Rule::Limits> parse_limits(const Node &node) {
    KITH_TRY(node.object(shape::kLimits));
    Rule::Limits limits;
    const auto read = [&](std::string_view key, std::uint32_t &out, std::int64_t max) {
        node.read(key, out, [max](const Node &number) -> base::Result<std::uint32_t> {
            KITH_LET(value, number.integer(1, max));
            return static_cast<std::uint32_t>(value);
        });
    };
    read("depth", limits.depth, limits.depth);
    read("effects", limits.effects, limits.effects);
    read("failures", limits.failures, kFailuresMax);
    return limits;
}

base::Result<std::uint32_t> parse_priority(const Node &node) {
    KITH_LET(priority, node.integer(0, kPriorityMax));
    return static_cast<std::uint32_t>(priority);
}

// One kind of trigger; none, and a mistake, where there is not.
std::optional<Rule::Trigger> trigger_of(const Node &entry) {
    std::vector<std::string_view> there;
    for (const std::string_view key : kTriggers) {
        if (entry.has(key)) there.push_back(key);
    }
    if (there.size() > 1) {
        entry.member(there[1]).report("has " + quote(there[0]) +
                                      " too, and a rule has one trigger; make two rules of it");
        return std::nullopt;
    }
    if (there.empty()) {
        if (entry.has("when")) return Rule::Trigger::condition;
        entry.report("says not when it fires; write \"on\", \"when\", \"at\" or \"every\"");
        return std::nullopt;
    }
    if (there[0] == "on") return Rule::Trigger::event;
    return there[0] == "at" ? Rule::Trigger::instant : Rule::Trigger::period;
}

void read_mode(const Node &entry, Rule &rule) {
    using Mode = Rule::Mode;
    using Trigger = Rule::Trigger;
    const bool period = rule.trigger == Trigger::period, condition = rule.trigger == Trigger::condition;
    rule.mode = period ? Mode::level : condition ? Mode::edge : Mode::each;
    if (!entry.has("mode") || !entry.read_choice("mode", rule.mode, "the mode", kModes)) return;
    const Node mode = entry.member("mode");
    if (rule.mode == Mode::level && !period) {
        mode.report("fires once in each period; add \"every\"" +
                    std::string(condition ? "" : " instead of the trigger there is"));
    } else if (rule.mode == Mode::edge && rule.trigger == Trigger::instant) {
        mode.report("an instant comes once; leave it out");
    } else if (rule.mode == Mode::edge && !entry.has("when")) {
        mode.report("fires as a condition becomes true; add \"when\"");
    } else if (rule.mode == Mode::each && (period || condition)) {
        mode.report(period ? "there is no event to take each of; write \"level\""
                           : "there is no event to take each of; write \"edge\"");
    }
}

// Keys that mean nothing, or contradict each other, with the trigger there is.
void check_keys(const Node &entry, const Rule &rule) {
    const bool event = rule.trigger == Rule::Trigger::event;
    const auto needs = [&](std::string_view key, bool good, std::string_view what) {
        if (entry.has(key) && !good) entry.member(key).report(what);
    };
    needs("where", event, "looks at an event, and there is no \"on\"; write it as \"when\"");
    needs("unless", event, "takes the place of an event that does not come; add \"on\"");
    const bool timed = !event || rule.unless;
    needs("catch_up", timed,
          "goes with a time that can be missed: \"at\", \"every\", \"when\" or \"unless\"");
    needs("within", timed, "goes with a time that can be missed: \"at\", \"every\", \"when\" or \"unless\"");
    needs("within", rule.catch_up != Rule::CatchUp::none,
          "with \"catch_up\": \"none\" nothing is late; leave it out");
    const auto from = base::parse_time(rule.from, base::Zone::utc());
    const auto to = base::parse_time(rule.to, base::Zone::utc());
    needs("to", !from || !to || *from < *to, "is not after \"from\", so the rule never fires");
    for (std::size_t i = 0; i < rule.then.size(); ++i) {
        if (rule.then[i].what == Effect::Do::refuse && (!event || rule.unless))
            entry.member("then").value(i).report(
                "refuses an event, and this rule fires without one; leave it out");
    }
}

}  // namespace

Rule parse_rule(const Node &entry) {
    Rule rule;
    // What carries rules out says so by having this among its rows.
    entry.member("rule").mention(Mention::Kind::rows, "rule");
    if (!entry.has_shape(shape::kRule)) return rule;
    const auto trigger = trigger_of(entry);
    if (trigger) rule.trigger = *trigger;
    entry.read("rule", rule.name, &Node::name);
    entry.read("per", rule.subject, parse_subject);
    entry.read("on", rule.on, parse_events);
    entry.read("at", rule.at, &Node::expression);
    entry.read_optional("every", rule.every, parse_unit);
    read_condition(entry, "where", rule.on, rule.where);
    entry.read("when", rule.when, &Node::expression);
    entry.read_optional("unless", rule.unless, parse_absence);
    entry.read("key", rule.key, &Node::expression);
    entry.read("priority", rule.priority, parse_priority);
    entry.read("from", rule.from, parse_time_text);
    entry.read("to", rule.to, parse_time_text);
    entry.read_choice("catch_up", rule.catch_up, "the policy", kCatchUps);
    entry.read("within", rule.within, parse_length);
    entry.read("hours", rule.hours, parse_hours_term);
    entry.read("limits", rule.limits, parse_limits);
    entry.read_list("then", rule.then, kEffectsMax, parse_effect);
    if (trigger) {
        read_mode(entry, rule);
        check_keys(entry, rule);
    }
    return rule;
}

}  // namespace kith::rules
