// What the host is asked to do.
#pragma once

#include <optional>
#include <string_view>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/name.hpp"

namespace kith::model {

enum class RequestState : std::uint8_t {
    open = 1,
    leased,    // somebody is at it, until a time
    done,      //
    failed,    //
    historic,  // its cause is older than effects_from: recorded, never asked
};
constexpr bool is_open(RequestState state) { return state <= RequestState::leased; }
constexpr std::string_view word_of(RequestState state) {
    constexpr std::string_view kWords[] = {"", "open", "leased", "done", "failed", "historic"};
    const auto index = static_cast<std::size_t>(state);
    return index < std::size(kWords) ? kWords[index] : "unknown";
}

struct Request {
    base::Id id;
    Name kind = 0;  // "notify", "escalate", or as its definition names it
    Name by = 0;    // the rule or process
    RequestState state = RequestState::open;
    base::Id party;  // about whom
    Name to = 0;     // an actor; 0: the party itself
    Name channel = 0;
    base::Micros at = 0;  // of its cause
    base::Id commitment;  // that it is about
    std::string_view title, item;
    std::optional<base::Micros> lease_until, ended_at;
    std::string_view result;
    std::uint64_t stamp = 0;
};

}  // namespace kith::model
