// The effects that a rule or a process may have. All are one struct: a key means the same in each, and which
// keys an effect has is its shape (shape::kEffects).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "rules/length.hpp"
#include "rules/term.hpp"

namespace kith::rules {

// Who gets it: "owner", "part_of" (who is above the one that has it), an expression that gives an actor, or
// the best of those for whom a condition holds.
struct Assignment {
    Term to;
    Source among{};              // over actors
    std::vector<Source> best{};  // rankings, the highest first; the next breaks ties

    bool empty() const { return to.is(Term::Kind::none) && among.empty(); }
};

struct Effect {
    enum class Do : std::uint8_t {  // in the order of shape::kEffects
        set,
        tag,
        task,
        commit,
        plan,
        approve,
        assign,
        escalate,
        notify,
        open,
        move,
        emit,
        deliver,
        suppress,
        hold,
        score,
        link,
        earn,
        burn,
        refuse,
        close,
    } what{};
    std::string kind{};                  // of a commitment, or of what the host is told
    std::string name{};                  // process, metric, link, purpose or program
    std::string event{};                 // move, emit
    Term tag{};                          // a word
    bool remove = false;                 // of a tag or link: takes it away
    Term title{};                        // of a commitment; why something is refused
    Term item{};                         // what is promised, told or delivered
    Term to{};                           // "owner", "part_of", "party" or an expression
    Source record{};                     // "for", "what": the record it is about
    LengthTerm due{};                    // also "until"
    Assignment assign{};                 // of approve, task: who has it
    Term count{};                        // plan: so many; earn, burn: points
    PeriodUnit over{};                   // plan: in each
    std::vector<std::string> require{};  // artefacts without which it is not ready
    Term approve_over{};  // an amount, an expression, or the limit's name as text: above it needs approval
    std::vector<std::pair<std::string, Term>> set{};  // fields; none clears one
    Source key{}, parent{};                           // of a process
    Source value{};                                   // score
    std::string channel{}, scope{}, method{};
    double confidence = 1;
    std::uint32_t as = 0;  // close: the state, in the order of kEnds, from "kept"
    Labels labels{};
};

// Whether its records come with a later version.
constexpr bool comes_later(Effect::Do what) {
    using Do = Effect::Do;
    return what == Do::deliver || what == Do::suppress || what == Do::hold || what == Do::earn ||
           what == Do::burn;
}

}  // namespace kith::rules
