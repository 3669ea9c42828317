/**
 * @file board.h
 * The board: metrics with tags, pivoted by two of them, with values, targets and lights.
 */
#ifndef KITH_BOARD_H
#define KITH_BOARD_H

#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_board_options.flags */
enum {
    KITH_BOARD_OPERANDS = 1 /**< below each metric what it is computed from, one level deeper */
};

/** What the board shows. */
typedef struct kith_board_options {
    uint32_t struct_size; /**< sizeof(kith_board_options) */
    uint32_t flags;       /**< KITH_BOARD_* */
    kith_str rows;        /**< a tag: "element"; required */
    kith_str columns;     /**< a tag: "layer"; required */
    kith_str row;         /**< with `column`: one cell alone, by its tags' values; absent: all */
    kith_str column;
    const kith_subject *subject; /**< whose metrics; NULL: the whole base's */
    kith_time at;                /**< the instant it is seen from; required */
    kith_str language;           /**< of labels, as "zh"; absent: their names */
} kith_board_options;

/**
 * Metrics of a subject that have both tags, a row each: metric, level (0;
 * of operands their depth), row, column (the values of the tags), row_label, column_label, label, value
 * (amounts in major units, durations in seconds), text (the value with its unit of money), unit, target,
 * target_text, share (of the target that is reached; where less is better, the target's share of the value),
 * light, good, made_of, unknown (why there is no value).
 * Owned: *out_table, free with kith_table_free. [one thread at a time on the snapshot]
 * Returns KITH_OK; KITH_NOT_FOUND for an unknown subject. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_board(kith_snapshot *snapshot, const kith_board_options *options,
                                               kith_table **out_table, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
