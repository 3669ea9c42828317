// Playbooks: definitions as JSON text, parsed and checked. Messages name line, column and path ("line 4,
// column 12: define[0].states.decline.after[0].delay"), what is wrong, and what to write instead.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "rules/bands.hpp"
#include "rules/calendar.hpp"
#include "rules/findings.hpp"
#include "rules/form.hpp"
#include "rules/matrix.hpp"
#include "rules/metric.hpp"
#include "rules/rule.hpp"
#include "rules/scorecard.hpp"
#include "rules/segment.hpp"
#include "rules/statechart.hpp"
#include "rules/type.hpp"

namespace kith::rules {

struct Definition {
    std::string kind;  // "process", "bands", "metric", ...
    std::string name;
    std::string json;  // canonical text: keys in order of writing, no white space
    std::variant<Statechart, Bands, Metric, Segment, Scorecard, Matrix, Form, WorkCalendar, Type, Rule> body;
    base::Place place;  // of its entry
    std::string path;   // "define[0]"
    std::vector<Mention> mentions;
    LabelTables labels;
    bool sound = false;  // nothing is wrong with its text
};

// A named number or amount, to be changed without editing what reads it; or a table of them by code.
struct Setting {
    std::string name;
    Term value;                                    // number or money; of a table its default, or none
    std::vector<std::pair<std::string, Term>> by;  // by code
    std::string json{};                            // canonical text: {"cut":"1000.00 EUR"}
    base::Place place{};
};

// The values of a tag that need a metric each.
struct Cover {
    std::string tag;
    std::vector<std::string> values;
    base::Place place;
};

// What is told in a test: an event, an answer, a given value.
struct Step {
    std::string at;       // as written: a time of the file's zone
    std::string subject;  // the kind of the subject: "party", "actor", "product", "campaign"
    std::string name;     // of the subject in this test
    std::string event;    // type of an interaction or event of the host; "" where there is none
    base::Json values;    // the step as it stands
};

struct Expectation {
    std::string subject;  // its name in this test, or "all"
    std::string path;     // "cell.service", "m.orders_24m", "commitments"
    base::Json value;
    base::Place place;
};

struct TestCase {
    std::string name;
    std::vector<Step> given;
    std::string at;  // "" is right after the last step
    std::vector<Expectation> expect;
    base::Place place;
};

struct Playbook {
    std::string name;
    std::uint32_t version = 1;
    std::vector<Definition> definitions;
    std::vector<Setting> settings;
    std::string
        labels_json;  // as written:  { "zh": { "cell.service.star": "..." } }; "" where there are none
    std::vector<Cover> covers;
    LabelTables labels;
    std::vector<TestCase> tests;
    std::vector<Mention> mentions;  // by its tests
};

// All that is wrong with a text, by place. In `playbook` is what is right of it, and of a definition that is
// not its kind and name.
struct Reading {
    Playbook playbook;
    std::vector<Mistake> mistakes;
};
Reading read_playbook(std::string_view json);

// The first mistake, and how many there are.
base::Error error_of(const std::vector<Mistake> &mistakes);

// Also checked as a set, but for names of definitions that may be installed already.
base::Result<Playbook> parse_playbook(std::string_view json);

// One entry of `define`, as stored (Definition::json).
base::Result<Definition> parse_definition(std::string_view json);

// One setting, as stored (Setting::json).
base::Result<Setting> parse_setting(std::string_view json);

}  // namespace kith::rules
