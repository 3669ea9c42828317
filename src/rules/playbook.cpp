#include "rules/playbook.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/time.hpp"
#include "rules/check_set.hpp"
#include "rules/parse.hpp"
#include "rules/parse_head.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kEntriesMax = 1024;
constexpr std::size_t kDepthMax = 16;  // of the JSON

constexpr std::array<std::string_view, 2> kLaterKinds{"program", "policy"};

// How each kind is read.
struct Kind {
    std::string_view name;
    void (*parse)(const Node &entry, Definition &definition);
};

template <auto parse_kind>
void parse_as(const Node &entry, Definition &definition) {
    definition.body = parse_kind(entry);
}

constexpr Kind kKinds[] = {
    {"type", parse_as<parse_type>},           {"metric", parse_as<parse_metric>},
    {"segment", parse_as<parse_segment>},     {"bands", parse_as<parse_bands>},
    {"scorecard", parse_as<parse_scorecard>}, {"matrix", parse_as<parse_matrix>},
    {"process", parse_as<parse_statechart>},  {"rule", parse_as<parse_rule>},
    {"form", parse_as<parse_form>},           {"calendar", parse_as<parse_calendar>},
};

std::vector<std::string_view> kind_names() {
    std::vector<std::string_view> names;
    for (const Kind &kind : kKinds) names.push_back(kind.name);
    return names;
}

// The one key of an entry that is a kind's name; null, and a mistake, if there is none.
const Kind *kind_of(const Node &entry) {
    if (!entry.is(Json::Kind::object)) {
        entry.report("must be an object, { \"metric\": \"NAME\", ... }");
        return nullptr;
    }
    const auto names = kind_names();
    const Kind *found = nullptr;
    for (const std::string &key : entry.json().keys) {
        if (std::ranges::find(kLaterKinds, key) != kLaterKinds.end()) {
            entry.report(
                "this version does not install the kind " + quote(key) + "; it installs " + choice_of(names),
                base::Status::unsupported);
            return nullptr;
        }
        const auto kind = std::ranges::find(kKinds, key, &Kind::name);
        if (kind == std::end(kKinds)) continue;
        if (found) {
            entry.report("is " + quote(found->name) + " and " + quote(key) + "; make two entries of it");
            return nullptr;
        }
        found = kind;
    }
    if (found) return found;
    if (entry.size() == 0) {
        entry.report("names no kind of definition; write " + choice_of(names));
    } else {
        entry.report(entry.unknown("the kind of definition", entry.json().keys[0], names));
    }
    return nullptr;
}

// Whether all of it is right is in the findings.
Definition parse_entry(const Node &entry, Findings &findings) {
    Definition definition;
    definition.place = entry.json().place;
    definition.path = entry.place();
    const Kind *kind = kind_of(entry);
    if (!kind) return definition;
    definition.kind = kind->name;
    const Json &name = *entry.json().find(kind->name);
    if (name.is(Json::Kind::text)) definition.name = name.text;
    if (const auto notes = entry.notes(); !notes) {
        entry.report(notes.error());
    } else {
        entry.read("labels", definition.labels, &Node::label_tables);
    }
    findings.mentions.clear();
    const std::size_t before = findings.mistakes.size();
    kind->parse(entry, definition);
    definition.sound = findings.mistakes.size() == before;
    definition.mentions = std::move(findings.mentions);
    findings.mentions.clear();
    definition.json = base::to_text(entry.json());
    return definition;
}

void sort_by_place(std::vector<Mistake> &mistakes) {
    std::ranges::stable_sort(mistakes, {}, &Mistake::place);
}

}  // namespace

Reading read_playbook(std::string_view json) {
    Reading reading;
    Findings findings;
    const auto tree = base::parse_json(json, kDepthMax);
    if (!tree) {
        const base::Error &error = tree.error();
        reading.mistakes.push_back({base::place_of_message(error.message), error.status, error.message});
        return reading;
    }
    const Node root(*tree, "", findings);
    if (read_head(root, reading.playbook)) {
        const Node define = root.member("define");
        const auto list = define.array(kEntriesMax);
        if (!list) define.report(list.error());
        for (std::size_t i = 0; list && i < define.size(); ++i)
            reading.playbook.definitions.push_back(parse_entry(define.value(i), findings));
        read_tests(root, reading.playbook);
        reading.playbook.mentions = std::move(findings.mentions);
    }
    reading.mistakes = std::move(findings.mistakes);
    sort_by_place(reading.mistakes);
    return reading;
}

base::Error error_of(const std::vector<Mistake> &mistakes) {
    std::string message = mistakes[0].message;
    if (mistakes.size() > 1) message += " (first of " + std::to_string(mistakes.size()) + " mistakes)";
    return base::fail(mistakes[0].status, std::move(message));
}

base::Result<Playbook> parse_playbook(std::string_view json) {
    Reading reading = read_playbook(json);
    const Checked checked = check_set(reading.playbook, {.complete = false});
    reading.mistakes.insert(reading.mistakes.end(), checked.mistakes.begin(), checked.mistakes.end());
    sort_by_place(reading.mistakes);
    if (!reading.mistakes.empty()) return error_of(reading.mistakes);
    return std::move(reading.playbook);
}

base::Result<Definition> parse_definition(std::string_view json) {
    KITH_LET(tree, base::parse_json(json, kDepthMax));
    Findings findings;
    Definition definition = parse_entry(Node(tree, "definition", findings), findings);
    if (!findings.mistakes.empty()) return error_of(findings.mistakes);
    return definition;
}

base::Result<Setting> parse_setting(std::string_view json) {
    KITH_LET(tree, base::parse_json(json, kDepthMax));
    Findings findings;
    std::vector<Setting> settings;
    const Node node(tree, "setting", findings);
    read_settings(node, settings);
    if (!findings.mistakes.empty()) return error_of(findings.mistakes);
    if (settings.size() != 1) return node.error("must be one setting, { \"NAME\": VALUE }");
    return std::move(settings[0]);
}

}  // namespace kith::rules
