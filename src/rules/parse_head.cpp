#include "rules/parse_head.hpp"

#include <algorithm>
#include <array>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kSettingsMax = 256;
constexpr std::size_t kCoversMax = 64;
constexpr std::size_t kTestsMax = 256;
constexpr std::size_t kStepsMax = 1024;
constexpr std::array<std::string_view, 4> kStepSubjects{"party", "actor", "product", "campaign"};
constexpr std::array<std::string_view, 5> kScorePeriods{"year", "quarter", "month", "week", "day"};

base::Result<Term> parse_setting_value(const Node &node) {
    KITH_LET(term, node.term());
    if (!term.is(Term::Kind::number) && !term.is(Term::Kind::money))
        return node.error("must be a number, or an amount as \"500.00 EUR\"");
    return term;
}

base::Result<Setting> parse_setting_node(const Node &node) {
    Setting setting;
    setting.place = node.json().key_place;
    setting.json = base::to_text(node.json());
    if (!node.is(Json::Kind::object)) {
        KITH_LET(value, parse_setting_value(node));
        setting.value = std::move(value);
        return setting;
    }
    if (node.size() == 0) return node.error("is empty; write { \"default\": 2.0, \"CODE\": 1.5 }");
    for (std::size_t i = 0; i < node.size(); ++i) {
        KITH_TRY(node.name_key(i));
        KITH_LET(value, parse_setting_value(node.value(i)));
        if (node.json().keys[i] == "default") {
            setting.value = std::move(value);
        } else {
            setting.by.emplace_back(node.json().keys[i], std::move(value));
        }
    }
    return setting;
}

// Members of an object that are named as the author likes: { "steady": 0.1 }.
template <class T, class Parse>
void read_named(const Node &node, std::vector<T> &out, std::size_t size_max, std::string T::*name,
                Parse &&parse) {
    if (!node.is(Json::Kind::object)) return node.report("must be an object, { \"NAME\": ... }");
    if (node.size() > size_max)
        return node.report("has more than " + std::to_string(size_max) + " names", base::Status::limit);
    for (std::size_t i = 0; i < node.size(); ++i) {
        const auto named = node.name_key(i);
        if (!named) {
            node.report(named.error());
            continue;
        }
        auto value = parse(node.value(i));
        if (!value) {
            node.report(value.error());
            continue;
        }
        (*value).*name = *named;
        out.push_back(std::move(*value));
    }
}

// Of any names, by language and path.
void read_labels(const Node &root, std::string &out) {
    if (!root.has("labels") || !root.member("labels").is(Json::Kind::object)) return;
    const Node labels = root.member("labels");
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const Node language = labels.value(i);
        if (!language.is(Json::Kind::object)) {
            language.report("must be an object, { \"cell.MATRIX.NAME\": \"TEXT\" }");
            continue;
        }
        for (std::size_t j = 0; j < language.size(); ++j) {
            if (const auto text = language.value(j).line(); !text) language.value(j).report(text.error());
        }
    }
    out = base::to_text(labels.json());
}

base::Result<Cover> parse_cover(const Node &node) {
    Cover cover;
    cover.place = node.json().place;
    KITH_TRY(node.array(kCoversMax));
    node.read_each(cover.values, kCoversMax, &Node::word);
    return cover;
}

// An event that is sent to a process, or what became of a commitment.
void check_told(const Node &node) {
    static constexpr std::array<std::string_view, 7> kStates{"accepted", "doing",     "kept",       "broken",
                                                             "waived",   "cancelled", "compensated"};
    std::string name;
    if (node.read("process", name, &Node::name)) node.member("process").mention(Mention::Kind::process, name);
    if (node.has("process") && !node.has("event"))
        node.member("process").report("is sent an event; write \"event\"");
    for (const std::string_view key : {"key", "set"}) {
        if (node.has(key) && !node.has("process"))
            node.member(key).report("goes with an event of a process; name it: \"process\"");
    }
    if (node.has("set") && !node.member("set").is(Json::Kind::object))
        node.member("set").report("must be an object, { \"FIELD\": VALUE }");
    node.read("commitment", name, &Node::name);
    if (node.has("commitment") != node.has("state")) {
        node.report(node.has("state") ? "says a state and not of what; write \"commitment\" and its kind"
                                      : "says not what became of it; write \"state\": \"kept\"");
    } else if (node.has("state")) {
        if (const auto state = node.member("state").one_of("the state", kStates); !state)
            node.member("state").report(state.error());
    }
}

base::Result<Step> parse_step(const Node &node) {
    Step step;
    KITH_TRY(node.object(shape::kStep));
    node.read("at", step.at, parse_time_text);
    for (const std::string_view subject : kStepSubjects) {
        if (!node.has(subject)) continue;
        if (!step.subject.empty() && !node.has("event"))
            return node.member(subject).error("is told of one " + step.subject +
                                              " already; make two steps of it");
        if (!step.subject.empty()) continue;  // an event of a party by an actor
        step.subject = subject;
        node.read(subject, step.name, &Node::word);
    }
    if (node.has("all")) {
        const bool of_base = node.member("all").is(Json::Kind::boolean) && node.member("all").json().boolean;
        if (!of_base || !step.subject.empty() || !node.has("score"))
            return node.member("all").error(
                "is a value of the whole base; write { \"all\": true, \"score\": ... }");
        step.subject = "all";
    }
    if (step.subject.empty()) return node.error("names nobody; write \"party\", and a name for this test");
    node.read("event", step.event, &Node::event);
    if (!node.has("event") && !node.has("score") && !node.has("form") && !node.has("values") &&
        !node.has("commitment"))
        return node.error(
            "tells nothing; write \"event\", \"score\", \"form\" with \"answers\", \"values\" or "
            "\"commitment\"");
    check_told(node);
    if (node.has("answers") && !node.has("form"))
        return node.member("answers").error("are to a form; name it: \"form\"");
    if (node.has("form")) {
        std::string form;
        if (node.read("form", form, &Node::name)) node.member("form").mention(Mention::Kind::form, form);
    }
    if (node.has("score")) {
        const Node score = node.member("score");
        if (!score.is(Json::Kind::object)) return score.error("must be an object, { \"METRIC\": VALUE }");
        for (std::size_t i = 0; i < score.size(); ++i) {
            const Json &value = score.json().items[i];
            const std::string &key = score.json().keys[i];
            if (std::ranges::find(kScorePeriods, key) != kScorePeriods.end()) continue;  // it is of
            score.value(i).mention(Mention::Kind::metric, key, value.key_place);
        }
    }
    step.values = node.json();
    return step;
}

// "cell.service", "commitments": what it names has to be there.
void mention_path(const Node &node, std::string_view path) {
    static constexpr std::pair<std::string_view, Mention::Kind> kHeads[] = {
        {"m", Mention::Kind::metric},        {"band", Mention::Kind::bands},
        {"score", Mention::Kind::scorecard}, {"cell", Mention::Kind::matrix},
        {"state", Mention::Kind::process},   {"segment", Mention::Kind::segment},
        {"series", Mention::Kind::series},
    };
    const auto dot = path.find('.');
    if (dot == path.npos) return;
    // m.NAME["KEY"] is of the metric NAME.
    const auto name = path.substr(dot + 1, path.find('[') - dot - 1);
    for (const auto &[head, kind] : kHeads) {
        if (path.substr(0, dot) == head) return node.mention(kind, name, node.json().key_place);
    }
}

base::Result<TestCase> parse_test(const Node &node) {
    TestCase test;
    KITH_TRY(node.object(shape::kTest));
    test.place = node.json().place;
    node.read("test", test.name, &Node::line);
    node.read("at", test.at, parse_time_text);
    node.read_list("given", test.given, kStepsMax, parse_step);
    const Node expect = node.member("expect");
    if (!expect.is(Json::Kind::object) || expect.size() == 0)
        return expect.error("must be an object, { \"PARTY\": { \"cell.NAME\": VALUE } }");
    for (std::size_t i = 0; i < expect.size(); ++i) {
        const Node values = expect.value(i);
        if (!values.is(Json::Kind::object) || values.size() == 0) {
            values.report("must be an object, { \"cell.NAME\": VALUE }");
            continue;
        }
        for (std::size_t j = 0; j < values.size(); ++j) {
            const Json &value = values.json().items[j];
            mention_path(values.value(j), values.json().keys[j]);
            test.expect.push_back({expect.json().keys[i], values.json().keys[j], value, value.key_place});
        }
    }
    return test;
}

}  // namespace

void read_settings(const Node &settings, std::vector<Setting> &out) {
    read_named(settings, out, kSettingsMax, &Setting::name, parse_setting_node);
    for (Setting &setting : out) {
        std::string json = "{";
        base::quote_json(json, setting.name);
        setting.json = json + ":" + setting.json + "}";
    }
}

bool read_head(const Node &root, Playbook &playbook) {
    if (!root.is(Json::Kind::object)) {
        root.report("must be an object, { \"playbook\": \"NAME\", ... }");
        return false;
    }
    root.has_shape(shape::kPlaybook);
    root.read("playbook", playbook.name, [](const Node &name) -> base::Result<std::string> {
        if (name.is(Json::Kind::text) && is_name(name.json().text, "-")) return name.json().text;
        return name.error(
            "must be a name: a small letter, then small letters, digits, \"_\" and \"-\", at most 64 in all");
    });
    if (root.has("format")) {
        const Node format = root.member("format");
        if (!format.is(Json::Kind::integer) || format.json().integer != 1)
            format.report("this version reads format 1", base::Status::unsupported);
    }
    root.read("version", playbook.version, [](const Node &node) -> base::Result<std::uint32_t> {
        KITH_LET(version, node.integer(1, INT32_MAX));
        return static_cast<std::uint32_t>(version);
    });
    if (const auto notes = root.notes(); !notes) {
        root.report(notes.error());
    } else {
        root.read("labels", playbook.labels, &Node::label_tables);
    }
    read_labels(root, playbook.labels_json);
    if (root.has("settings")) read_settings(root.member("settings"), playbook.settings);
    if (root.has("covers"))
        read_named(root.member("covers"), playbook.covers, kCoversMax, &Cover::tag, parse_cover);
    return root.has("define");
}

void read_tests(const Node &root, Playbook &playbook) {
    if (root.has("tests") && root.member("tests").is(Json::Kind::array) && root.member("tests").size() == 0)
        return;
    root.read_list("tests", playbook.tests, kTestsMax, parse_test);
}

}  // namespace kith::rules
