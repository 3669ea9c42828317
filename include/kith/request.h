/**
 * @file request.h
 * Requests to the host: what rules and processes ask it to do, as to tell somebody something. The host takes
 * one for a time, does it, and says what came of it.
 */
#ifndef KITH_REQUEST_H
#define KITH_REQUEST_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_request_query.fields */
enum { KITH_REQUEST_QUERY_ALL = 1 /**< those that are closed too */ };

/** Which requests. */
typedef struct kith_request_query {
    uint32_t struct_size; /**< sizeof(kith_request_query) */
    uint32_t fields;      /**< KITH_REQUEST_QUERY_* */
    kith_str actor;       /**< key of the actor they are to; absent: to whomever */
    kith_id party;        /**< whom they are about; all zero: whomever */
    kith_id after;        /**< the last of the page before; all zero: from the start */
    uint32_t limit;       /**< rows at most, 1 to KITH_MAX_PAGE_ITEMS; 0: KITH_MAX_PAGE_ITEMS */
    uint32_t reserved;
} kith_request_query;

/**
 * A table of requests by the time of their cause, then by id: `id`, `party`, `at`, `state` ("open", "leased",
 * "done", "failed", "historic": recorded, never asked), `kind`, `by` (the rule or process), `to` (an actor;
 * absent: the party itself), `channel`, `title`, `item`, `commitment` (that it is about), `lease_until`,
 * `ended_at`, `result`. Times are integers, as kith_time. Fact `left`: how many there are after them. Owned:
 * *out_table, free with kith_table_free. [one thread at a time] Returns KITH_OK, or KITH_E_MISSING if there
 * is no request `after`. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_requests(kith_snapshot *snapshot, const kith_request_query *query,
                                                  kith_table **out_table, kith_error *error);

/**
 * Adds to the batch: take a request until `lease_until`, so that no other does it too. At commit KITH_E_STATE
 * if it is closed, or if a lease of it runs, KITH_E_ARGUMENT if `lease_until` is not after the clock of the
 * commit. Copied. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_request_take(kith_batch *batch, const kith_id *request,
                                                      kith_time lease_until, uint32_t *out_item,
                                                      kith_error *error);

/**
 * Adds to the batch: close a request, taken or not, at `at`: it is done, or with `failed` 1 it has failed.
 * `result` (may be absent) says what came of it. A closed one stays closed: the same again is unchanged, else
 * KITH_E_STATE at commit. Copied. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_request_done(kith_batch *batch, const kith_id *request,
                                                      kith_str result, uint32_t failed, kith_time at,
                                                      uint32_t *out_item, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
