/**
 * @file value.h
 * Values: what the installed definitions say of subjects, exact at the instant asked about. Metrics, series,
 * classes, scores, cells, membership; of parties, actors, products, campaigns and the whole base.
 */
#ifndef KITH_VALUE_H
#define KITH_VALUE_H

#include "analytics.h"
#include "expr.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Kinds of subjects. */
enum {
    KITH_SUBJECT_PARTY = 0,
    KITH_SUBJECT_ACTOR = 1,
    KITH_SUBJECT_PRODUCT = 2,
    KITH_SUBJECT_CAMPAIGN = 3,
    KITH_SUBJECT_ALL = 4 /**< the whole base: there is one */
};

/** Whose value. */
typedef struct kith_subject {
    uint32_t struct_size; /**< sizeof(kith_subject) */
    uint32_t kind;        /**< KITH_SUBJECT_* */
    kith_id party;        /**< of KITH_SUBJECT_PARTY */
    kith_str key;         /**< of an actor, a product, a campaign: its key */
} kith_subject;

/**
 * Evaluates an expression for a subject. It must have been compiled with definitions and for subjects of
 * this kind; one without definitions is evaluated for parties. Owned: *out_result, free with
 * kith_expr_result_free. options may be NULL; values are in the file's zone, at options->now.
 * [one thread at a time on the snapshot] Returns as kith_expr_eval_party does; KITH_NOT_FOUND for a key
 * that the file does not know. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_expr_eval_subject(kith_snapshot *snapshot, const kith_expr *expr,
                                                           const kith_subject *subject,
                                                           const kith_expr_eval_options *options,
                                                           kith_expr_result **out_result, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
