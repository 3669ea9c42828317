// Playbooks from outside: any text gives definitions that are stored and read again as they are, and that run
// over any figures, or one message. (The mapping of an import is JSON too: see csv.)
#include <cstdint>
#include <string_view>

#include "base/json.hpp"
#include "engine/zone_calendar.hpp"
#include "fuzz/require.hpp"
#include "rules/playbook.hpp"

namespace {

using namespace kith;

void run(const rules::Process &process) {
    const auto zone = base::Zone::utc();
    const engine::ZoneCalendar calendar(zone);
    for (const auto edge : {base::kMinTime, base::Micros{0}, base::kMaxTime}) {
        model::Figures figures;
        figures.orders = figures.interactions = 3;
        figures.amount_total = edge / 1000;
        figures.first_order_at = base::kMinTime;
        figures.last_order_at = figures.last_at = edge;
        figures.add_gap(UINT32_C(3'652'058));  // from the first day to the last
        for (std::uint32_t state = 0; state < process.states.size(); ++state) {
            for (const auto &on : process.states[state].on) {
                const auto target = rules::on_event(process, state, on.event, figures, edge);
                KITH_REQUIRE(!target || *target < process.states.size());
            }
            for (const auto &timer : process.states[state].after) {
                const auto due = rules::due_at(timer, edge, figures, calendar);
                KITH_REQUIRE(!due || (*due >= edge && *due <= base::kMaxTime));
            }
            for (const auto &effect : process.states[state].entry) {
                if (effect.what == rules::EntryEffect::Do::commit)
                    (void)rules::end_of(effect.due, edge, figures, calendar);
            }
        }
    }
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
        if (const auto *process = std::get_if<rules::Process>(&definition.body)) run(*process);
    }
    return 0;
}
