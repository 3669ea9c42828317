/**
 * @file score.h
 * Scores: dated values of a party, an actor, a product, a campaign or the whole base. Recorded once, never
 * changed; a later one says more.
 */
#ifndef KITH_SCORE_H
#define KITH_SCORE_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_score.nature: where a value comes from. */
enum {
    KITH_NATURE_STATED = 1,    /**< the customer says so */
    KITH_NATURE_OBSERVED = 2,  /**< seen */
    KITH_NATURE_INFERRED = 3,  /**< follows from what was seen */
    KITH_NATURE_ESTIMATED = 4, /**< somebody's judgement */
    KITH_NATURE_GIVEN = 5,     /**< entered or imported */
    KITH_NATURE_COMPUTED = 6,  /**< by a definition or an analysis */
    KITH_NATURE_TARGET = 7     /**< what it is to be */
};

/** kith_score.fields. One of NUMBER, MONEY and a `text`. */
enum {
    KITH_SCORE_FIELD_NUMBER = 1,
    KITH_SCORE_FIELD_MONEY = 2,
    KITH_SCORE_FIELD_CONFIDENCE = 4,
    KITH_SCORE_FIELD_N = 8,
    KITH_SCORE_FIELD_SPREAD = 16
};

/** A score. */
typedef struct kith_score {
    uint32_t struct_size; /**< sizeof(kith_score) */
    uint32_t fields;      /**< KITH_SCORE_FIELD_* */
    uint32_t subject;     /**< KITH_SUBJECT_* */
    uint32_t nature;      /**< KITH_NATURE_* */
    kith_id party;        /**< out: the party, if it is of one */
    kith_str subject_key; /**< key of the actor, product or campaign */
    kith_str metric;      /**< "buying_power", "clv", ...; of the whole base not "band...": those are cuts */
    kith_str key;         /**< attribute, category, competitor, ...; absent: none */
    kith_time at;         /**< the instant it is the value of */
    kith_str period;      /**< "2026", "2026-03", ...: a label */
    double number;
    int64_t money;       /**< minor units of `currency` */
    kith_str text;       /**< a class */
    uint8_t currency[4]; /**< ISO 4217, NUL-terminated; all zero: the file's */
    uint32_t definition_version;
    kith_str source;   /**< system, survey, run, ... */
    double confidence; /**< 0 to 1 */
    kith_str method;
    int64_t n;             /**< how many were looked at */
    double spread;         /**< in the unit of the value */
    kith_str author;       /**< who says so */
    kith_str system;       /**< host system; with `host_key` it names the score for ever */
    kith_str host_key;     /**< host key; absent: not idempotent */
    kith_time recorded_at; /**< out */
    uint64_t stamp;        /**< out: hybrid logical clock */
    kith_str party_key;    /**< out: the party's host key; absent if it has none */
} kith_score;

/**
 * Adds to the batch: record a score. `ref` names the party (or with KITH_ITEM_CREATE makes it); for other
 * subjects it may be NULL. Copied. Idempotent by (system, host_key): the same again is `existing`; with other
 * content KITH_E_CONFLICT at commit, or skipped with KITH_ITEM_SKIP_CONFLICT. [one thread at a time]
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_score_append(kith_batch *batch, const kith_ref *ref, uint32_t flags,
                                                      const kith_score *score, uint32_t *out_item,
                                                      kith_error *error);

/** Which score: the latest of a subject under a metric and a key, at or before an instant. */
typedef struct kith_score_query {
    uint32_t struct_size; /**< sizeof(kith_score_query) */
    uint32_t subject;     /**< KITH_SUBJECT_* */
    kith_id party;        /**< of a party */
    kith_str subject_key; /**< of an actor, a product or a campaign */
    kith_str metric;
    kith_str key; /**< absent: the one without a key */
    kith_time at;
    uint32_t nature; /**< KITH_NATURE_*; 0: any */
    uint32_t reserved;
} kith_score_query;

/**
 * Reads the latest score at or before `query->at`. Owned: *out_page, with one score (kith_page_scores), free
 * with kith_page_free. [one thread at a time] Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_score_latest(kith_snapshot *snapshot, const kith_score_query *query,
                                                      kith_page **out_page, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
