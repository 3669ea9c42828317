// A host's day that calls every function of the C ABI, each call as if the planned fault could meet it.
#pragma once

#include <set>
#include <string>

namespace kith_test::fault {

struct Day {
    std::set<std::string> called;  // functions
    std::string broken;            // the first promise that was not kept; empty: all were
    std::string failed;            // the function that the fault made fail, if one did
    std::string facts;             // what the file holds at the end
    bool reopen = false;           // the store said that it must be reopened, and the day ended there
};

// Runs the day on a new file under the plan of strike.hpp. A call met by the fault must fail with a status
// that says so, leave no handle behind, and do its work when it is repeated.
Day run_day(const std::string &path);

// Whether a call of kith's that the planned fault met may give this status.
bool is_sensible(int status);

}  // namespace kith_test::fault
