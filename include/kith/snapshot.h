/**
 * @file snapshot.h
 * A snapshot is the file as it stood at one commit: lock-free, consistent, cheap (under a
 * microsecond). Keep it short: while it is open the file cannot reuse the pages it reads.
 */
#ifndef KITH_SNAPSHOT_H
#define KITH_SNAPSHOT_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Begins a snapshot of the newest commit. Owned: *out_snapshot, end with kith_snapshot_end.
 * The snapshot may be used from any thread, one at a time. [any thread]
 * Returns KITH_OK; KITH_E_CLOSED; KITH_E_BUSY when the file has no reader slot left. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_snapshot_begin(kith_store *store, kith_snapshot **out_snapshot,
                                                        kith_error *error);

/**
 * Moves a snapshot to the newest commit; cheaper than ending and beginning. Everything borrowed
 * from it before is void. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_snapshot_renew(kith_snapshot *snapshot, kith_error *error);

/** Ends and frees a snapshot. Pages taken from it stay valid only as memory to free. NULL is fine.
 *  [one thread at a time] Since 0.1. */
KITH_API void kith_snapshot_end(kith_snapshot *snapshot);

#ifdef __cplusplus
}
#endif
#endif
