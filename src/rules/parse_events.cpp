#include <algorithm>

#include "rules/event.hpp"
#include "rules/mentions.hpp"
#include "rules/parse.hpp"

namespace kith::rules {

namespace {

// An event of the engine must be one: nothing else is told of its records.
void check_event(const Node &node, std::string_view pattern) {
    const EngineEvents *events = engine_events_of(pattern);
    if (!events) return;
    std::vector<std::string> known;
    const auto find = [&](std::string_view names) -> const std::string * {
        const auto first = static_cast<std::ptrdiff_t>(known.size());
        for (const std::string_view name : words(names))
            known.push_back(std::string(events->head) + "." + std::string(name));
        const auto found = std::find_if(known.begin() + first, known.end(), [&](const std::string &event) {
            return type_matches(pattern, event);
        });
        return found == known.end() ? nullptr : &*found;
    };
    if (find(events->names)) return;
    if (const std::string *later = find(events->later)) return node.mention(Mention::Kind::rows, *later);
    const std::vector<std::string_view> names(known.begin(), known.end());
    node.report(node.unknown("the event", pattern, names));
}

// What e.name is the name of in all of them.
std::optional<Mention::Kind> named_by(std::span<const std::string> events) {
    std::optional<Mention::Kind> named;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const EngineEvents *of = engine_events_of(events[i]);
        if (!of || (i > 0 && of->named != named)) return std::nullopt;
        named = of->named;
    }
    return named;
}

}  // namespace

base::Result<std::vector<std::string>> parse_events(const Node &node) {
    KITH_LET(events, parse_types(node));
    if (!node.is(Json::Kind::array)) {
        check_event(node, events[0]);
        return events;
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
        check_event(node.value(i), events[i]);
        if (std::ranges::find(events, events[i]) - events.begin() < static_cast<std::ptrdiff_t>(i))
            node.value(i).report("is in the list already; leave it out");
    }
    return events;
}

base::Result<std::string> parse_event_key(const Node &node, std::size_t index) {
    KITH_LET(event, node.pattern_key(index));
    check_event(node.value(index), event);
    return event;
}

void read_condition(const Node &node, std::string_view key, std::span<const std::string> events,
                    Source &out) {
    if (node.read(key, out, &Node::expression)) add_event_mentions(node.member(key), out, named_by(events));
}

}  // namespace kith::rules
