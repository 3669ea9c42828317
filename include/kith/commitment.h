/**
 * @file commitment.h
 * Commitments: what someone owes someone by a time. Definitions create them, people close them.
 */
#ifndef KITH_COMMITMENT_H
#define KITH_COMMITMENT_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_commitment.state */
enum {
    KITH_COMMITMENT_OPEN = 1,
    KITH_COMMITMENT_ACCEPTED = 2,
    KITH_COMMITMENT_DOING = 3,
    KITH_COMMITMENT_KEPT = 4,
    KITH_COMMITMENT_BROKEN = 5,
    KITH_COMMITMENT_WAIVED = 6,
    KITH_COMMITMENT_CANCELLED = 7,
    KITH_COMMITMENT_COMPENSATED = 8,
    KITH_COMMITMENT_HISTORIC = 9 /**< its cause is older than effects_from: recorded, never opened */
};

/** kith_commitment.fields */
enum { KITH_COMMITMENT_FIELD_DUE = 1, KITH_COMMITMENT_FIELD_ENDED_AT = 2 };

/** A commitment. */
typedef struct kith_commitment {
    uint32_t struct_size; /**< sizeof(kith_commitment) */
    uint32_t fields;      /**< KITH_COMMITMENT_FIELD_* */
    kith_id id;
    kith_id party;  /**< whom it concerns */
    kith_str kind;  /**< "win_back" */
    kith_str title; /**< a line a person can read */
    uint32_t state; /**< KITH_COMMITMENT_* */
    uint32_t reserved;
    kith_time opened_at; /**< in event time */
    kith_time due;
    kith_time ended_at;
    kith_id process;    /**< the process that made it; all zero if none */
    kith_str party_key; /**< the party's host key; absent if it has none */
} kith_commitment;

/**
 * Adds to the batch: move a commitment to another state (accepted, doing, kept, broken, waived,
 * cancelled) at `at`. One that has ended stays as it is: KITH_E_STATE at commit. [one thread at a time]
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_commitment_set_state(kith_batch *batch, const kith_id *commitment,
                                                              uint32_t state, kith_time at,
                                                              uint32_t *out_item, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
