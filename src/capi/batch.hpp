// A batch as its handle holds it, and what hosts put into items in the engine's terms.
#pragma once

#include <kith/batch.h>

#include "capi/store.hpp"
#include "engine/batch.hpp"

namespace kith::capi {

class Batch : public Object {
public:
    using Public = kith_batch;
    static constexpr Kind kKind = Kind::batch;
    static constexpr bool kShared = false;

    explicit Batch(std::shared_ptr<Core> shared) : core(std::move(shared)) {}

    const std::shared_ptr<Core> core;
    engine::Batch items;
};

// The batch, pinned and fit to be filled.
base::Result<Pin<Batch>> use(const kith_batch *handle);

base::Result<engine::Ref> ref_in(const kith_ref *ref);
base::Result<engine::ItemFlags> item_flags_in(std::uint32_t flags);
base::Result<base::Currency> currency_in(const std::uint8_t (&code)[4]);  // none: all zero

inline base::Id id_in(const kith_id &id) { return base::Id::from(std::as_bytes(std::span(id.bytes))); }

inline kith_id id_out(const base::Id &id) {
    kith_id out;
    std::memcpy(out.bytes, id.bytes.data(), sizeof out.bytes);
    return out;
}

model::InteractionKey interaction_id_in(const kith_interaction_id &id);
kith_interaction_id interaction_id_out(const model::InteractionKey &key);

}  // namespace kith::capi
