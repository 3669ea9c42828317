#include "capi/batch.hpp"

#include "capi/guard.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

namespace kith::capi {

using engine::ItemResult;
using By = engine::Ref::By;

static_assert(static_cast<int>(By::none) == KITH_REF_NONE && static_cast<int>(By::id) == KITH_REF_ID);
static_assert(static_cast<int>(By::host) == KITH_REF_HOST && static_cast<int>(By::item) == KITH_REF_ITEM);
static_assert(static_cast<int>(By::identifier) == KITH_REF_IDENTIFIER);
static_assert(static_cast<int>(ItemResult::created) == KITH_RESULT_CREATED);
static_assert(static_cast<int>(ItemResult::existing) == KITH_RESULT_EXISTING);
static_assert(static_cast<int>(ItemResult::unchanged) == KITH_RESULT_UNCHANGED);
static_assert(static_cast<int>(ItemResult::changed) == KITH_RESULT_CHANGED);
static_assert(static_cast<int>(ItemResult::corrected) == KITH_RESULT_CORRECTED);
static_assert(static_cast<int>(ItemResult::skipped) == KITH_RESULT_SKIPPED);

base::Result<Pin<Batch>> use(const kith_batch *handle) {
    KITH_LET(batch, pin<Batch>(handle));
    KITH_TRY(batch->core->check_process());
    KITH_TRY(batch->core->check());
    return batch;
}

base::Result<engine::Ref> ref_in(const kith_ref *ref) {
    KITH_TRY(not_null(ref, "ref"));
    kith_ref in;
    std::memcpy(&in, ref, sizeof in);
    if (in.by > KITH_REF_ITEM) {
        return base::fail(base::Status::argument, "ref->by is unknown: use a KITH_REF_ constant");
    }
    engine::Ref out;
    out.by = static_cast<By>(in.by);
    out.item = in.item;
    out.id = id_in(in.id);
    if (out.by == By::host || out.by == By::identifier) {
        KITH_LET(kind, view_in(in.kind, "ref->kind"));
        KITH_LET(value, view_in(in.value, "ref->value"));
        out.kind = kind;
        out.text = value;
    }
    return out;
}

base::Result<engine::ItemFlags> item_flags_in(std::uint32_t flags) {
    KITH_TRY(check_bits(
        flags,
        KITH_ITEM_CREATE | KITH_ITEM_CREATE_ANONYMOUS | KITH_ITEM_MUST_NOT_EXIST | KITH_ITEM_SKIP_CONFLICT,
        "flags"));
    return engine::ItemFlags{(flags & KITH_ITEM_CREATE) != 0, (flags & KITH_ITEM_CREATE_ANONYMOUS) != 0,
                             (flags & KITH_ITEM_MUST_NOT_EXIST) != 0, (flags & KITH_ITEM_SKIP_CONFLICT) != 0};
}

base::Result<base::Currency> currency_in(const std::uint8_t (&code)[4]) {
    if (!code[0] && !code[1] && !code[2] && !code[3]) return base::Currency();
    return base::Currency::parse(code[3] ? std::string_view()
                                         : std::string_view(reinterpret_cast<const char *>(code), 3));
}

model::InteractionKey interaction_id_in(const kith_interaction_id &id) {
    return index::interaction_key(std::as_bytes(std::span(id.bytes)));
}

kith_interaction_id interaction_id_out(const model::InteractionKey &key) {
    const auto bytes = index::interaction(key);
    const base::Bytes view = bytes;
    kith_interaction_id out;
    std::memcpy(out.bytes, view.data(), sizeof out.bytes);
    return out;
}

}  // namespace kith::capi

using namespace kith;
using namespace kith::capi;

extern "C" {

kith_status kith_batch_new(kith_store *store, kith_batch **out_batch, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_batch, "out_batch"));
        KITH_LET(opened, use(store));
        *out_batch = give(std::make_unique<capi::Batch>(opened->core));
        return kOk;
    });
}

void kith_batch_clear(kith_batch *batch) {
    guard_value(0, [&] {
        if (const auto pinned = pin<capi::Batch>(batch)) (*pinned)->items.clear();
        return 0;
    });
}

void kith_batch_free(kith_batch *batch) { free_handle<capi::Batch>(batch); }

uint32_t kith_batch_count(const kith_batch *batch) {
    return guard_value(0u, [&] {
        const auto pinned = pin<capi::Batch>(batch);
        return pinned ? (*pinned)->items.count() : 0u;
    });
}

kith_status kith_batch_effects_from(kith_batch *batch, kith_time at, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(check_time(at, "at"));
        KITH_LET(pinned, use(batch));
        pinned->items.effects_from = at;
        return kOk;
    });
}

kith_status kith_batch_commit(kith_batch *batch, kith_commit_info *out_info, kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_info) KITH_TRY(clear_struct(out_info, "out_info"));
        KITH_LET(pinned, use(batch));
        KITH_LET(opened, use(pinned->core->handle));
        opened->core->end_old_snapshots();
        KITH_LET(counts, opened->core->engine->commit(pinned->items));
        if (!out_info) return kOk;
        kith_commit_info info{};
        info.items = pinned->items.count();
        info.created = counts.created;
        info.existing = counts.existing;
        info.changed = counts.changed;
        info.skipped = counts.skipped;
        info.parties_created = counts.parties_created;
        info.transitions = counts.transitions;
        info.commitments = counts.commitments;
        info.recorded_at = model::wall_of(counts.stamp);
        info.stamp = counts.stamp;
        info.first_seq = counts.first_seq;
        info.last_seq = counts.last_seq;
        write_struct(out_info, info);
        return kOk;
    });
}

kith_status kith_batch_outcome(const kith_batch *batch, uint32_t item, kith_outcome *out_outcome,
                               kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_outcome, "out_outcome"));
        KITH_LET(pinned, use(batch));
        const auto &outcomes = pinned->items.outcomes;
        if (outcomes.empty()) {
            return base::fail(base::Status::state, "the batch has no outcomes: commit it first");
        }
        if (item >= outcomes.size()) {
            return base::fail(base::Status::argument, "the batch has no such item: see kith_batch_count");
        }
        const auto &outcome = outcomes[item];
        kith_outcome out{};
        out.result = static_cast<std::uint32_t>(outcome.result);
        out.party = id_out(outcome.party);
        if (outcome.interaction) out.interaction = interaction_id_out(*outcome.interaction);
        out.party_created = outcome.party_created;
        out.commitment = id_out(outcome.commitment);
        write_struct(out_outcome, out);
        return kOk;
    });
}
}
