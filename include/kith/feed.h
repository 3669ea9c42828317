/**
 * @file feed.h
 * The change feed: every change, in the order of this file, for ever. A host keeps the sequence it
 * has read to, beside what it did with it.
 *
 * Who enters and leaves segments of parties is told as KITH_CHANGE_MEMBERSHIP, after the change that made
 * it so: an interaction, a timer that kith_run_due carried out, a record changed by hand, or a definition.
 * `at` is the exact instant from which it is so; kith_membership_log of value.h tells the cause.
 */
#ifndef KITH_FEED_H
#define KITH_FEED_H

#include "cursor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_change.kind */
enum {
    KITH_CHANGE_PARTY = 1,
    KITH_CHANGE_IDENTIFIER = 2,
    KITH_CHANGE_INTERACTION = 3,
    KITH_CHANGE_PROCESS = 4, /**< a transition: `from`, `to` */
    KITH_CHANGE_COMMITMENT = 5,
    KITH_CHANGE_DEFINITION = 6,
    KITH_CHANGE_PRODUCT = 7,
    KITH_CHANGE_ACTOR = 8,
    KITH_CHANGE_CAMPAIGN = 9,
    KITH_CHANGE_SCORE = 10,      /**< `name` is the metric, `from` the subject's key, `to` the score's key */
    KITH_CHANGE_LINK = 11,       /**< to `record`, from `party` or the actor `from` */
    KITH_CHANGE_MEMBERSHIP = 12, /**< `party` entered the segment `name` or left it: `to` is "in" or "out" */
    KITH_CHANGE_RULE = 13, /**< the rule `name` ran, set off by `from`; or it, or a process, failed: `to` says
                              why, and what it would have done is not done; changed: it is resumed */
    KITH_CHANGE_REQUEST = 14, /**< the host is asked for something: `record`, of the kind `name`, to the actor
                                 `to`, or to the party; changed: from the state `from` to the state `to` */
    KITH_CHANGE_EVENT = 15    /**< the rule or process `from` emitted the event `name` */
};

/** kith_change.operation */
enum {
    KITH_OPERATION_CREATED = 1,
    KITH_OPERATION_CHANGED = 2,
    KITH_OPERATION_CORRECTED = 3, /**< an interaction that takes the place of another */
    KITH_OPERATION_HISTORIC = 4,  /**< recorded, its effect not carried out */
    KITH_OPERATION_LATE = 5,      /**< an open commitment: its due time has come */
    KITH_OPERATION_FAILED = 6     /**< of a rule */
};

/** A change. (origin, number) names it in the world, `seq` in this file. */
typedef struct kith_change {
    uint32_t struct_size; /**< sizeof(kith_change) */
    uint32_t kind;        /**< KITH_CHANGE_* */
    uint64_t seq;
    uint32_t origin;
    uint32_t number;
    uint64_t stamp;                  /**< hybrid logical clock: 48 bits of milliseconds, 16 of counter */
    kith_time recorded_at;           /**< the stamp's wall part */
    uint32_t operation;              /**< KITH_OPERATION_* */
    uint32_t changed;                /**< parties, products, actors, campaigns: KITH_*_FIELD_* bits that
                                          changed; commitments: KITH_COMMITMENT_CHANGE_*; scores: KITH_SUBJECT_*; links:
                                        KITH_LINK_* */
    kith_id party;                   /**< whom it concerns; all zero if it concerns no party */
    kith_id record;                  /**< the record, for kinds with a 16-byte id */
    kith_interaction_id interaction; /**< interactions: its id */
    kith_str name; /**< interaction type, process or commitment or identifier kind, definition name, key of a
                      product, actor or campaign, segment */
    kith_str from; /**< state before; absent if none */
    kith_str to;   /**< state after; absent if none */
    kith_time at;  /**< in event time, for interactions, processes, commitments, scores, memberships,
                      rules, requests, events */
    kith_str party_key; /**< the party's host key; absent if it has none */
} kith_change;

/**
 * Reads changes after `after_seq` (0: from the start), at most `items_max` (1 to
 * KITH_MAX_PAGE_ITEMS). Owned: *out_page, free with kith_page_free. [one thread at a time]
 * Returns KITH_OK; KITH_END when there is nothing newer; KITH_E_FEED_GAP. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_feed_read(kith_snapshot *snapshot, uint64_t after_seq,
                                                   uint32_t items_max, kith_page **out_page,
                                                   kith_error *error);

/** The page's changes, and how many. Borrowed: until the page is freed. [any thread] Since 0.1. */
KITH_API const kith_change *const *kith_page_changes(const kith_page *page, size_t *out_count);

#ifdef __cplusplus
}
#endif
#endif
