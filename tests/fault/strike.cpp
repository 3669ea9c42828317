#include "fault/strike.hpp"

#include <cstring>

namespace kith_test::fault {

namespace {

struct State {
    Plan plan;
    bool armed = false;
    std::uint64_t count = 0, hits = 0;
    Struck struck;
};
constinit State state;  // allocations ask before anything is constructed

}  // namespace

void plan(const Plan &next) {
    state = {};
    state.plan = next;
}
void arm() { state.armed = true; }
void disarm() {
    state.armed = false;
    if (state.hits != 0) state.plan.lasting = false;
}
bool armed() { return state.armed; }
std::uint64_t count() { return state.count; }
std::uint64_t hits() { return state.hits; }
int code() { return state.plan.code; }
Struck &struck() { return state.struck; }

bool strike(Kind kind, const char *function) {
    if (!state.armed || state.plan.kind != kind) return false;
    if (state.plan.function != nullptr && std::strcmp(state.plan.function, function) != 0) return false;
    ++state.count;
    const bool now = state.plan.at != 0 &&
                     (state.count == state.plan.at || (state.plan.lasting && state.count > state.plan.at));
    state.hits += now;
    return now;
}

}  // namespace kith_test::fault
