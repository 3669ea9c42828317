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

/** kith_values_options.fields, kith_value_options.fields */
enum { KITH_VALUE_FIELD_NOW = 1 };

/** kith_values_options.flags */
enum { KITH_VALUES_DESCENDING = 1 /**< the largest first; unknown values come last either way */ };

/** Which values of which subjects. Zero means the default. */
typedef struct kith_values_options {
    uint32_t struct_size; /**< sizeof(kith_values_options) */
    uint32_t subject;     /**< KITH_SUBJECT_* */
    uint32_t fields;      /**< KITH_VALUE_FIELD_* */
    uint32_t flags;       /**< KITH_VALUES_* */
    kith_time now;        /**< with KITH_VALUE_FIELD_NOW; else the store's clock */
    /** Columns: expressions over the subject with its definitions, "m.sales_12m", "cell.service",
     *  "party.name"; a name alone is a metric's. */
    const kith_str *names;
    size_t name_count;
    kith_str where;    /**< a condition that subjects must meet: "in_segment('good')"; absent: all */
    kith_str order_by; /**< one of `names`; absent: by subject */
    uint64_t limit;    /**< rows at most; 0: all */
} kith_values_options;

/**
 * Values of all subjects of a kind: of parties that are not anonymous (party, id), of the actors, products
 * or campaigns that have sums (actor, product, campaign), of the base (one row); then a column for each
 * name: truth values and whole numbers as integers, times and other values as text, unknown ones empty.
 * Fact: subjects (how many there are without the limit). Owned: *out_table, free with kith_table_free.
 * [one thread at a time] Returns KITH_OK; KITH_E_RULE for a mistake in a name or the condition, with
 * line and column in the message, the code as detail and the name's index as item. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_values(kith_snapshot *snapshot, const kith_values_options *options,
                                                kith_table **out_table, kith_error *error);

/** How to read one subject's values. Zero means the default; a NULL pointer means all defaults. */
typedef struct kith_value_options {
    uint32_t struct_size; /**< sizeof(kith_value_options) */
    uint32_t fields;      /**< KITH_VALUE_FIELD_* */
    kith_time now;        /**< with KITH_VALUE_FIELD_NOW; else the store's clock */
    uint32_t rows;        /**< kith_why: rows shown of a metric, the newest; 0: 10 */
    uint32_t reserved;
} kith_value_options;

/**
 * A metric's series: period (its first day in the file's zone), begin (kith_time), value; from the first
 * period with a row to the open one. Empty where a period's value is unknown. Owned: *out_table, free with
 * kith_table_free. [one thread at a time] Returns KITH_OK; KITH_NOT_FOUND for an unknown subject;
 * KITH_E_MISSING for no metric of this name; KITH_E_ARGUMENT for one that is no series. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_series(kith_snapshot *snapshot, const kith_subject *subject,
                                                const char *metric, size_t metric_size,
                                                const kith_value_options *options, kith_table **out_table,
                                                kith_error *error);

/**
 * Why a value is what it is: the tree of what it was made of; why a rule fired for a party or did not; where
 * its processes stand, and what they wait for. `name` is "m.NAME", "band.NAME", "score.NAME", "cell.NAME",
 * "segment.NAME", "setting.NAME", "rule.NAME" or "process.NAME"; a NAME alone is whatever has it, metrics
 * first. Rows of the tree, those below a row after it with a level more; columns:
 *   level, from 0
 *   kind: metric, series, figure, band, score, cell, segment, setting; of these, one by one: of (what a band
 *     classes), limit (that took it), cut (of classes over the whole base), x and y (of a cell), indicator,
 *     since (in or out of a segment, from when and because of what), condition (that decided a membership),
 *     given (when, and by whom), tree (that a metric goes along, with its count of subjects), window (of a
 *     metric, with its count of rows), row (of the timeline, newest first)
 *     of a rule: run (that is kept, newest first), event (the newest that could set it off, with its
 *     conditions as of then, and the verdict as detail), key (of the occurrence, and whether it is used),
 *     since, due, period (of conditions, instants, periods), waiting (until when for what does not come),
 *     assign and candidate (who gets it, and why not the others); of a process: move (its log, newest first,
 *     with reason), milestone, waits (a way out: for an event, a time, a guard, with the guard's tree). Where
 *     processes and records stand is as of the snapshot
 *   name, value (text), detail (a formula, "unknown: ..." and what is missing, a policy, a time)
 *   definition ("metric sales_12m"), version, source: as installed
 *   weight, addend: of an indicator; the addends sum to the score
 *   party (host key, else id): of a row; interaction (its 32 bytes in hexadecimal): of a row, of since
 * Cells that do not apply are empty. What is read twice is explained once. At most 2,000 rows.
 * Owned: *out_table, free with kith_table_free. [one thread at a time] Returns KITH_OK; KITH_NOT_FOUND for
 * an unknown subject; KITH_E_MISSING for a name that nothing has. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_why(kith_snapshot *snapshot, const kith_subject *subject,
                                             const char *name, size_t name_size,
                                             const kith_value_options *options, kith_table **out_table,
                                             kith_error *error);

/** An assignment to be tried. Zero means the default; a NULL pointer means all defaults. */
typedef struct kith_assign_options {
    uint32_t struct_size; /**< sizeof(kith_assign_options) */
    uint32_t fields;      /**< KITH_VALUE_FIELD_* */
    kith_time now;        /**< with KITH_VALUE_FIELD_NOW; else the store's clock */
    kith_str among;       /**< a condition over active actors; absent: it goes to the party's owner */
    const kith_str *best; /**< rankings, the highest first, the next breaks ties; at most 16 */
    size_t best_count;
} kith_assign_options;

/**
 * Who would get something of a party: nothing is changed. `among` and `best` are expressions in which `actor`
 * is the candidate (key, name, kind, part_of, active, calendar, skills, limits), `m band score cell series`
 * are its values, `party` and the lists are the case's, and free(actor, now) says that its calendar is open.
 * Rows: those that fit, the best first, then the others by key; without `among` who it falls to. Columns:
 * actor, name, taken (1 of the first), because (why it was taken, or what speaks against it), and each
 * ranking, empty where it is not known, which comes last. Of equals the first key is taken. In place of an
 * owner who is not active comes the nearest above who is. Facts: candidates, fit. Owned: *out_table, free
 * with kith_table_free. [one thread at a time] Returns KITH_OK; KITH_NOT_FOUND for an unknown party;
 * KITH_E_RULE for a mistake in an expression, with line and column in the message, the code as detail.
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_assign(kith_snapshot *snapshot, const kith_id *party,
                                                const kith_assign_options *options, kith_table **out_table,
                                                kith_error *error);

/**
 * How many parties are in a segment of parties, as kept: nothing is counted. *out_built is 1 when all parties
 * have been looked at under its newest version; until then 0: the count is of those looked at so far
 * (kith_definition_build). KITH_LIST_MEMBERS of cursor.h lists them. [one thread at a time] Returns KITH_OK;
 * KITH_NOT_FOUND for no segment of this name; KITH_E_ARGUMENT for one of other subjects. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_segment_count(kith_snapshot *snapshot, const char *segment,
                                                       size_t segment_size, uint64_t *out_count,
                                                       uint32_t *out_built, kith_error *error);

/**
 * When a party entered a segment of parties (`to` is "in") and left it ("out"), oldest first, with cause and
 * event: read with kith_page_transitions; no process has the id of an entry's `process`. `late` is 1 where
 * the event was older than what was known, so that it counts from `at` and not from its own time. Empty for
 * who was never in it. Owned: *out_page, free with kith_page_free. [one thread at a time] Returns as
 * kith_segment_count does; KITH_NOT_FOUND for an unknown party. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_membership_log(kith_snapshot *snapshot, const kith_id *party,
                                                        const char *segment, size_t segment_size,
                                                        kith_page **out_page, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
