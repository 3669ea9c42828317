#include "engine/business_clock.hpp"

namespace kith::engine {

using base::Micros;
using base::Status;
using expr::Kind;
using expr::Value;

BusinessCalendars::BusinessCalendars() { always_.weekly.fill({{0, 24 * 60}}); }

void BusinessCalendars::add(const rules::WorkCalendar &calendar) { all_.emplace(calendar.name, calendar); }

const rules::WorkCalendar *BusinessCalendars::find(std::string_view name) const {
    const auto found = all_.find(name.empty() ? "store" : name);
    if (found != all_.end()) return &found->second;
    if (!name.empty()) return nullptr;
    return all_.size() == 1 ? &all_.begin()->second : &always_;
}

namespace {

base::Result<Micros> reached(const std::optional<Micros> &at) {
    if (at && *at > base::kMinTime && *at < base::kMaxTime) return *at;
    return base::fail(Status::limit,
                      "there is no such time: the calendar has not as many open hours, or years");
}

}  // namespace

base::Result<const rules::BusinessTime *> BusinessClock::find(std::string_view calendar) const {
    auto known = used_.find(calendar);
    if (known == used_.end()) {
        const auto *found = calendars_->find(calendar);
        if (!found) {
            return base::fail(Status::missing, "there is no calendar \"" + std::string(calendar) +
                                                   "\": define it, or name one that is");
        }
        auto zone = zone_;
        if (!found->zone.empty()) {
            KITH_LET(own, base::Zone::find(found->zone));
            zone = std::move(own);
        }
        known = used_.emplace(calendar, rules::BusinessTime(*found, std::move(zone))).first;
    }
    return &known->second;
}

base::Result<Micros> BusinessClock::end_of(const rules::Length &length, Micros at,
                                           std::string_view calendar) const {
    if (const auto *period = std::get_if<rules::Period>(&length))
        return reached(zone_.add(at, period->months, period->days, period->micros));
    KITH_LET(time, find(calendar));
    return reached(time->add(at, std::get<rules::BusinessLength>(length)));
}

base::Result<Micros> BusinessClock::start_of(const rules::Length &length, Micros at,
                                             std::string_view calendar) const {
    if (const auto *period = std::get_if<rules::Period>(&length))
        return reached(zone_.add(at, -period->months, -period->days, -period->micros));
    KITH_LET(time, find(calendar));
    return reached(time->subtract(at, std::get<rules::BusinessLength>(length)));
}

base::Result<Micros> BusinessClock::between(Micros from, Micros to, std::string_view calendar) const {
    KITH_LET(time, find(calendar));
    return time->between(from, to);
}

base::Result<Micros> BusinessClock::put_off(Micros due, const rules::Length &length, Micros paused,
                                            Micros resumed, std::string_view calendar) const {
    if (resumed <= paused) return due;
    if (std::holds_alternative<rules::Period>(length)) return reached(due + (resumed - paused));
    KITH_LET(stood, between(paused, resumed, calendar));
    return stood == 0 ? due : end_of(rules::BusinessLength{0, stood}, due, calendar);
}

base::Result<bool> BusinessClock::is_open(Micros at, std::string_view calendar) const {
    KITH_LET(time, find(calendar));
    return time->is_open(at);
}

// ---- functions of the language ----

namespace {

Value failed(const base::Error &error) {
    switch (error.status) {
        case Status::missing:
            return expr::fail(expr::Code::range, "there is no calendar of this name: define it");
        case Status::limit:
            return expr::fail(expr::Code::overflow,
                              "there is no such time: the calendar has not as many open hours, or years");
        default:
            return expr::fail(
                expr::Code::convert,
                "the text is no length of time: write P7D, P3M, PT8H or business PT4H, longer than nothing");
    }
}

template <auto kMove>
Value moved(expr::Call &call, const Value *args, std::uint32_t count) {
    const auto *clock = static_cast<const BusinessClock *>(call.moment.host);
    if (clock == nullptr) return expr::fail(expr::Code::host, "there are no calendars at hand");
    const auto length = rules::read_length(args[0].view());
    if (!length) return failed(base::fail(Status::rule, ""));
    const auto at = (clock->*kMove)(*length, count > 1 ? expr::micros_of(args[1]) : call.moment.now,
                                    count > 2 ? args[2].view() : std::string_view());
    return at ? expr::of_micros(*at) : failed(at.error());
}

Value is_free(expr::Call &call, const Value *args, std::uint32_t) {
    const auto *clock = static_cast<const BusinessClock *>(call.moment.host);
    if (clock == nullptr) return expr::fail(expr::Code::host, "there are no calendars at hand");
    const auto open = clock->is_open(expr::micros_of(args[1]), args[0].view());
    return open ? expr::of_bool(*open) : failed(open.error());
}

// What is wrong with a length that is written out.
std::string wrong_length(const Value &literal) {
    const auto length = rules::read_length(literal.view());
    return length ? std::string() : "the length of time " + length.error().message;
}

constexpr expr::Overload function(std::string_view name, std::string_view signature, expr::Function function,
                                  expr::LiteralCheck check = nullptr) {
    return {name, signature, function, expr::Work::one, expr::Growth::small, false, check};
}

constexpr auto kAfter = moved<&BusinessClock::end_of>, kBefore = moved<&BusinessClock::start_of>;
constexpr expr::Overload kClockFunctions[] = {
    function("after", "(string): timestamp", kAfter, wrong_length),
    function("after", "(string, timestamp): timestamp", kAfter, wrong_length),
    function("after", "(string, timestamp, string): timestamp", kAfter, wrong_length),
    function("before", "(string): timestamp", kBefore, wrong_length),
    function("before", "(string, timestamp): timestamp", kBefore, wrong_length),
    function("before", "(string, timestamp, string): timestamp", kBefore, wrong_length),
    function("free", "(string, timestamp): bool", is_free),
};

}  // namespace

std::span<const expr::Overload> clock_functions() { return kClockFunctions; }

}  // namespace kith::engine
