/**
 * @file batch.h
 * A batch collects changes; commit applies all of them or none. Filling a batch takes no lock and
 * touches no file. The headers named after records have the calls that fill it.
 */
#ifndef KITH_BATCH_H
#define KITH_BATCH_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Flags of the calls that add an item. */
enum {
    KITH_ITEM_CREATE = 1,           /**< make the party if the reference finds none */
    KITH_ITEM_CREATE_ANONYMOUS = 2, /**< the same, as an anonymous party */
    KITH_ITEM_MUST_NOT_EXIST = 4,   /**< KITH_E_EXISTS if it is already there */
    KITH_ITEM_SKIP_CONFLICT = 8     /**< same host key, other content: keep the old, go on */
};

/** Makes an empty batch. Owned: *out_batch, free with kith_batch_free. [any thread] Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_batch_new(kith_store *store, kith_batch **out_batch,
                                                   kith_error *error);

/** Empties a batch for reuse; its memory is kept. NULL is fine. [one thread at a time] Since 0.1. */
KITH_API void kith_batch_clear(kith_batch *batch);

/** Frees a batch; what was not committed is gone. NULL is fine. [one thread at a time] Since 0.1. */
KITH_API void kith_batch_free(kith_batch *batch);

/** Items in the batch; 0 for NULL. [one thread at a time] Since 0.1. */
KITH_API uint32_t kith_batch_count(const kith_batch *batch);

/**
 * Interactions older than this move figures and states, but their commitments are recorded as
 * historic and not opened. For taking over a history. The file keeps the largest instant ever
 * committed, so that due work found later, by run_due or an event, is judged alike.
 * [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_batch_effects_from(kith_batch *batch, kith_time at,
                                                            kith_error *error);

/** What a commit did. */
typedef struct kith_commit_info {
    uint32_t struct_size; /**< in: sizeof(kith_commit_info) */
    uint32_t items;       /**< items of the batch */
    uint32_t created;     /**< items that made a record */
    uint32_t existing;    /**< items that were there already, with the same content */
    uint32_t changed;     /**< items that changed a record */
    uint32_t skipped;     /**< items in conflict, skipped as asked */
    uint32_t parties_created;
    uint32_t transitions;
    uint32_t commitments;
    uint32_t reserved;
    kith_time recorded_at; /**< of everything in this commit */
    uint64_t stamp;        /**< hybrid logical clock: 48 bits of milliseconds, 16 of counter */
    uint64_t first_seq;    /**< first feed entry of the commit; 0 if it changed nothing */
    uint64_t last_seq;     /**< last feed entry of the commit; 0 if it changed nothing */
} kith_commit_info;

/**
 * Applies the batch: all of it or nothing, durable when the call returns. Commits of several threads
 * at once share one sync; each succeeds or fails alone. The batch keeps its items
 * until cleared, so a failed commit can be tried again; a committed one may be read with
 * kith_batch_outcome. out_info may be NULL. [one thread at a time for the batch; any thread]
 * Fails with, among others: KITH_E_CONFLICT (same host key, other content), KITH_E_MISSING (a
 * reference finds nothing), KITH_E_LIMIT (a total, or too much due work before an event), KITH_E_EXISTS,
 * KITH_E_BUSY, KITH_E_FULL; error->item says which item. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_batch_commit(kith_batch *batch, kith_commit_info *out_info,
                                                      kith_error *error);

/** kith_outcome.result */
enum {
    KITH_RESULT_CREATED = 1,
    KITH_RESULT_EXISTING = 2,  /**< there already, with the same content: nothing stored */
    KITH_RESULT_UNCHANGED = 3, /**< nothing to change */
    KITH_RESULT_CHANGED = 4,
    KITH_RESULT_CORRECTED = 5, /**< created, in place of the one it corrects */
    KITH_RESULT_SKIPPED = 6    /**< in conflict, skipped as asked */
};

/** What became of one item. */
typedef struct kith_outcome {
    uint32_t struct_size;            /**< in: sizeof(kith_outcome) */
    uint32_t result;                 /**< KITH_RESULT_* */
    kith_id party;                   /**< the party concerned */
    kith_interaction_id interaction; /**< interaction items: its id */
    uint32_t party_created;          /**< 1 if this item made the party */
    uint32_t reserved;
    kith_id commitment; /**< commitment items: its id */
} kith_outcome;

/** The outcome of an item of a committed batch; KITH_E_STATE before. [one thread at a time] Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_batch_outcome(const kith_batch *batch, uint32_t item,
                                                       kith_outcome *out_outcome, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
