#include "rules/event.hpp"

#include <algorithm>

namespace kith::rules {

namespace {

constexpr std::string_view kOfCommitments =
    "made assigned accepted started due kept done broken waived cancelled compensated late";

constexpr EngineEvents kEngineEvents[] = {
    {"party", "created changed owner_changed", "identified anonymised merged unmerged referred erased"},
    {"segment", "entered left", "", Mention::Kind::segment},
    {"band", "", "changed", Mention::Kind::bands},
    {"cell", "", "changed", Mention::Kind::matrix},
    {"score", "", "changed crossed", Mention::Kind::scorecard},
    {"metric", "", "crossed", Mention::Kind::metric},
    {"state", "changed entered left", "", Mention::Kind::process},
    {"process", "started ended", "", Mention::Kind::process},
    {"milestone", "warned met breached"},
    {"commitment", kOfCommitments},
    {"promise", kOfCommitments},
    {"task", kOfCommitments},
    {"rule", "fired", "skipped failed"},
    {"quote", "", "offered conflicted approved accepted expired"},
    {"delivery", "", "suppressed released sent failed responded"},
};

}  // namespace

const EngineEvents *engine_events_of(std::string_view pattern) {
    const auto found =
        std::ranges::find(kEngineEvents, pattern.substr(0, pattern.find('.')), &EngineEvents::head);
    return found == std::end(kEngineEvents) ? nullptr : &*found;
}

}  // namespace kith::rules
