// Playbooks from outside: any text gives definitions that are stored and read again as they are, of which
// every part that names another finds it, or one message. (The mapping of an import is JSON too: see csv.)
#include <cstdint>
#include <string_view>

#include "base/json.hpp"
#include "fuzz/require.hpp"
#include "rules/playbook.hpp"
#include "rules/waiting.hpp"
#include "rules/ways.hpp"

namespace {

using namespace kith;

// What an engine takes for granted.
void check(const rules::Statechart &chart) {
    const auto &states = chart.states;
    const auto is_move = [&](const rules::Move &move) {
        KITH_REQUIRE(!move.target || *move.target < states.size());
    };
    const auto is_on = [&](const std::vector<rules::EventMoves> &on) {
        for (const auto &event : on) {
            KITH_REQUIRE(!event.event.empty() && !event.moves.empty());
            for (const auto &move : event.moves) is_move(move);
        }
    };
    KITH_REQUIRE(chart.initial < states.size());
    is_on(chart.on);
    for (std::uint32_t i = 0; i < states.size(); ++i) {
        const auto &state = states[i];
        KITH_REQUIRE(chart.find_state(state.name) == i);
        KITH_REQUIRE(!state.outer || (*state.outer < i && !state.initial));
        KITH_REQUIRE(!state.initial || chart.states.at(*state.initial).outer == i);
        KITH_REQUIRE(!state.final || (state.after.empty() && state.on.empty() && state.always.empty()));
        is_on(state.on);
        for (const auto &move : state.always) is_move(move);
        for (const auto &timer : state.after) {
            KITH_REQUIRE(timer.at.empty() != timer.delay.empty());
            is_move(timer.move);
        }
    }
    for (const auto &milestone : chart.milestones) {
        KITH_REQUIRE(milestone.from < states.size() && milestone.to < states.size());
        KITH_REQUIRE(milestone.by.empty() != milestone.within.empty());
        for (const auto state : milestone.pause) KITH_REQUIRE(state < states.size());
    }
    KITH_REQUIRE(!rules::find_endless(chart));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);

    if (const auto json = base::parse_json(text, 32)) {
        const auto written = base::to_text(*json);
        const auto again = base::parse_json(written, 32);
        KITH_REQUIRE(again && base::to_text(*again) == written);
    }
    const auto playbook = rules::parse_playbook(text);
    if (!playbook) {
        const auto status = playbook.error().status;
        KITH_REQUIRE(status == base::Status::format || status == base::Status::rule ||
                     status == base::Status::limit || status == base::Status::unsupported);
        KITH_REQUIRE(!playbook.error().message.empty());
        return 0;
    }
    KITH_REQUIRE(!playbook->name.empty());
    for (const auto &definition : playbook->definitions) {
        const auto stored = rules::parse_definition(definition.json);
        KITH_REQUIRE(stored && stored->json == definition.json && stored->name == definition.name &&
                     stored->kind == definition.kind);
        if (const auto *chart = std::get_if<rules::Statechart>(&definition.body)) check(*chart);
        const auto *rule = std::get_if<rules::Rule>(&definition.body);
        if (rule && rule->unless) check(rules::waiting_for(*rule));
    }
    return 0;
}
