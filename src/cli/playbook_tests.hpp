// The tests that a playbook carries: each is told to a kith file of its own, with a clock that follows the
// story, and what it expects is compared with what the file says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/playbooks.hpp"

namespace kith::cli {

struct Expected {
    std::string subject, path;  // "acme", "cell.service"
    std::string expected;       // as JSON
    std::string found;          // as JSON; null where it is unknown
    std::string why;            // it is unknown
    bool met = false;
};

struct TestOutcome {
    std::string name;
    std::vector<Expected> expectations;
    std::string not_run;  // why: what it tells is not available in this version

    bool passed() const;
    bool failed() const { return not_run.empty() && !passed(); }
};

// All of a playbook's tests, in their order. Fails if its text is wrong.
std::vector<TestOutcome> run_tests(const Playbook &playbook);

// Whether two JSON values say the same: numbers within a millionth, amounts and times however written, a
// class that is a number as a number too.
bool same_value(std::string_view expected_json, std::string_view found_json);

}  // namespace kith::cli
