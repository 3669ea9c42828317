#include <kith/commitment.h>

#include "capi/batch.hpp"
#include "capi/guard.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

using model::CommitmentState;
static_assert(static_cast<int>(CommitmentState::open) == KITH_COMMITMENT_OPEN);
static_assert(static_cast<int>(CommitmentState::accepted) == KITH_COMMITMENT_ACCEPTED);
static_assert(static_cast<int>(CommitmentState::doing) == KITH_COMMITMENT_DOING);
static_assert(static_cast<int>(CommitmentState::kept) == KITH_COMMITMENT_KEPT);
static_assert(static_cast<int>(CommitmentState::broken) == KITH_COMMITMENT_BROKEN);
static_assert(static_cast<int>(CommitmentState::waived) == KITH_COMMITMENT_WAIVED);
static_assert(static_cast<int>(CommitmentState::cancelled) == KITH_COMMITMENT_CANCELLED);
static_assert(static_cast<int>(CommitmentState::compensated) == KITH_COMMITMENT_COMPENSATED);
static_assert(static_cast<int>(CommitmentState::historic) == KITH_COMMITMENT_HISTORIC);

extern "C" kith_status kith_commitment_set_state(kith_batch *batch, const kith_id *commitment, uint32_t state,
                                                 kith_time at, uint32_t *out_item, kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        KITH_TRY(not_null(commitment, "commitment"));
        engine::CommitmentItem item;
        item.commitment = id_in(*commitment);
        item.state = static_cast<CommitmentState>(state <= KITH_COMMITMENT_HISTORIC ? state : 0);
        item.at = at;
        KITH_LET(added, pinned->items.add(item));
        if (out_item) *out_item = added;
        return kOk;
    });
}
