// Something that cases and rules may wait for.
#pragma once

#include <span>
#include <string_view>

#include "base/id.hpp"
#include "engine/behaviours.hpp"
#include "model/process.hpp"

namespace kith::engine {

// A value of a typed field. A text is the item's, or a record's, until it is packed.
struct TypedValue {
    model::FieldValue value;
    std::string_view text;
};

struct Happening {
    EventView view;
    model::Transition cause;  // at, cause, event, interaction, actor
    const model::Interaction *interaction = nullptr;
    const model::InteractionPersonal *personal = nullptr;
    // The case it is sent to: of this process, with this key; none: to all that wait for its type.
    std::string_view process{}, key{};
    bool opens = false;                 // starts one, by hand or by an effect
    base::Id parent;                    // of the one it starts
    base::Id instance;                  // the one it is about
    base::Id commitment;                // the one it is about
    base::Id origin;                    // the effect or move that told it: what is told twice is two
    std::span<const TypedValue> set{};  // data of the case it moves
    std::uint32_t depth = 0;            // in a cascade
};

}  // namespace kith::engine
