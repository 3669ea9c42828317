/**
 * @file cursor.h
 * Reading many: a cursor fills pages. A page is one piece of memory and one free; what it holds is
 * borrowed until the page is freed, and no longer than the snapshot. Items come as arrays of
 * pointers, so that structs may grow.
 */
#ifndef KITH_CURSOR_H
#define KITH_CURSOR_H

#include "actor.h"
#include "campaign.h"
#include "commitment.h"
#include "definition.h"
#include "interaction.h"
#include "link.h"
#include "party.h"
#include "process.h"
#include "product.h"
#include "score.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_query.list */
enum {
    KITH_LIST_PARTIES = 1,  /**< all parties, by id */
    KITH_LIST_TIMELINE = 2, /**< interactions of `party`, newest first, corrected ones left out */
    /** Open commitments, by due time, those without one last; until `until` if set; of kind `type`, of
     * `sort`. Of all; with KITH_QUERY_FIELD_SUBJECT of the actor `subject_key`, absent: those that nobody
     * has; with KITH_QUERY_FIELD_TEAM of all that are part of it too. */
    KITH_LIST_COMMITMENTS = 3,
    KITH_LIST_PROCESSES = 4,   /**< processes named `definition` in `state`, by party */
    KITH_LIST_DEFINITIONS = 5, /**< newest version of each */
    KITH_LIST_PRODUCTS = 6,    /**< all that have a record, in the order their keys were first named */
    KITH_LIST_ACTORS = 7,      /**< the same */
    KITH_LIST_CAMPAIGNS = 8,   /**< the same */
    KITH_LIST_SCORES = 9, /**< of a subject under the metric `definition`, by key, then time; see `subject` */
    KITH_LIST_LINKS = 10, /**< that stand, from `party` or the actor `subject_key`, or all; of kind `type` */
    KITH_LIST_LINKED = 11, /**< that stand, to `party`; of kind `type` */
    KITH_LIST_MEMBERS =
        12, /**< of the segment of parties `definition`, by party; in each page the parties too */
    KITH_LIST_COMMITMENTS_OF =
        13 /**< of `party`, open and ended, oldest first; of kind `type`, `sort`, `state` */
};

/** kith_query.fields */
enum {
    KITH_QUERY_FIELD_FROM = 1,    /**< timeline, scores: not before `from` */
    KITH_QUERY_FIELD_UNTIL = 2,   /**< timeline, scores: before `until`; commitments: due at or before it */
    KITH_QUERY_FIELD_SUBJECT = 4, /**< scores, commitments: only of the subject; else of all */
    KITH_QUERY_FIELD_TEAM = 8     /**< commitments: of those too who are part of the actor */
};

/** What to read. */
typedef struct kith_query {
    uint32_t struct_size; /**< sizeof(kith_query) */
    uint32_t list;        /**< KITH_LIST_* */
    uint32_t fields;      /**< KITH_QUERY_FIELD_* */
    uint32_t reserved;
    kith_id party;       /**< timeline, links, commitments of a party; scores of a party */
    kith_str type;       /**< timeline: of this type; links, commitments: of this kind; absent: all */
    kith_str definition; /**< processes; members: the segment; scores: the metric, absent: any */
    kith_str state;      /**< processes, commitments of a party; absent: any */
    kith_time from;
    kith_time until;
    kith_str resume;  /**< token of an earlier page, to go on after it; absent: from the start */
    uint32_t subject; /**< scores: KITH_SUBJECT_*, with KITH_QUERY_FIELD_SUBJECT; links: of an actor */
    uint32_t reserved_2;
    kith_str subject_key; /**< key of the actor, product or campaign */
    kith_str key;         /**< scores: only with this key; absent: with any */
    uint32_t sort;        /**< commitments: KITH_SORT_*; 0: any */
    uint32_t reserved_3;
} kith_query;

/**
 * Opens a cursor. Owned: *out_cursor, free with kith_cursor_free. Copied: the query.
 * [one thread at a time] Returns KITH_OK; KITH_E_ARGUMENT; KITH_NOT_FOUND for an unknown party.
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_cursor_open(kith_snapshot *snapshot, const kith_query *query,
                                                     kith_cursor **out_cursor, kith_error *error);

/**
 * The next page, of at most `items_max` (1 to KITH_MAX_PAGE_ITEMS). Owned: *out_page, free with
 * kith_page_free. Returns KITH_OK or KITH_END (no page). [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_cursor_next(kith_cursor *cursor, uint32_t items_max,
                                                     kith_page **out_page, kith_error *error);

/** Frees a cursor; its pages live on. NULL is fine. [one thread at a time] Since 0.1. */
KITH_API void kith_cursor_free(kith_cursor *cursor);

/** Frees a page. NULL is fine. [any thread] Since 0.1. */
KITH_API void kith_page_free(kith_page *page);

/** A token to go on after this page, in this or a later snapshot. Borrowed: until the page is freed.
 *  [any thread] Since 0.1. */
KITH_API void kith_page_resume(const kith_page *page, kith_str *out_token);

/** The page's parties, and how many. Borrowed: until the page is freed. [any thread] Since 0.1. */
KITH_API const kith_party *const *kith_page_parties(const kith_page *page, size_t *out_count);

/** The page's identifiers, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_identifier *const *kith_page_identifiers(const kith_page *page, size_t *out_count);

/** The page's interactions, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_interaction *const *kith_page_interactions(const kith_page *page, size_t *out_count);

/** The page's processes, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_process *const *kith_page_processes(const kith_page *page, size_t *out_count);

/** The page's log entries, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_transition *const *kith_page_transitions(const kith_page *page, size_t *out_count);

/** The page's commitments, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_commitment *const *kith_page_commitments(const kith_page *page, size_t *out_count);

/** The page's definitions, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_definition *const *kith_page_definitions(const kith_page *page, size_t *out_count);

/** The page's products, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_product *const *kith_page_products(const kith_page *page, size_t *out_count);

/** The page's actors, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_actor *const *kith_page_actors(const kith_page *page, size_t *out_count);

/** The page's campaigns, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_campaign *const *kith_page_campaigns(const kith_page *page, size_t *out_count);

/** The page's scores, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_score *const *kith_page_scores(const kith_page *page, size_t *out_count);

/** The page's links, and how many. Borrowed as above. [any thread] Since 0.1. */
KITH_API const kith_link *const *kith_page_links(const kith_page *page, size_t *out_count);

/** A party in a segment, as it was when the last event or timer (kith_run_due) of it was carried out. */
typedef struct kith_member {
    uint32_t struct_size; /**< sizeof(kith_member) */
    uint32_t reserved;
    kith_id party;
    kith_str party_key; /**< its host key; absent if it has none */
    kith_str segment;   /**< the segment's name */
    kith_time since;    /**< the instant of entering, in event time */
} kith_member;

/**
 * Of KITH_LIST_MEMBERS, the page's members, one for each of kith_page_parties in the same order; in a brief,
 * the segments that its party is in. And how many. Borrowed as above. [any thread] Since 0.1.
 */
KITH_API const kith_member *const *kith_page_members(const kith_page *page, size_t *out_count);

/** kith_figures.fields */
enum {
    KITH_FIGURES_FIELD_FIRST_ORDER = 1, /**< there is at least one order: first and last are set */
    KITH_FIGURES_FIELD_MEDIAN_GAP = 2,  /**< orders on at least two days */
    KITH_FIGURES_FIELD_LAST_AT = 4      /**< there is at least one interaction */
};

/** A party's figures: counters that move with every commit. Amounts in the file's currency. */
typedef struct kith_figures {
    uint32_t struct_size; /**< sizeof(kith_figures) */
    uint32_t fields;      /**< KITH_FIGURES_FIELD_* */
    uint64_t interactions;
    uint64_t orders;
    uint64_t returns;
    int64_t amount_total;
    int64_t returns_total;
    kith_time first_order_at;
    kith_time last_order_at;
    kith_time last_at;
    int64_t median_gap_ms; /**< days between successive days with an order: their median, in ms */
} kith_figures;

/**
 * The 360-degree view of one party in one call. Everything in the page, read with
 * kith_page_parties (one), kith_page_identifiers, kith_page_processes, kith_page_members (segments it is
 * in), kith_page_commitments (open ones), kith_page_interactions (the newest `interactions_max`) and
 * kith_page_figures.
 * Owned: *out_page, free with kith_page_free. [one thread at a time]
 * Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_brief(kith_snapshot *snapshot, const kith_id *party,
                                               uint32_t interactions_max, kith_page **out_page,
                                               kith_error *error);

/** The figures in a brief; NULL in any other page. Borrowed: until the page is freed. [any thread] Since 0.1.
 */
KITH_API const kith_figures *kith_page_figures(const kith_page *page);

#ifdef __cplusplus
}
#endif
#endif
