/**
 * @file analytics.h
 * Analyses: a snapshot in, a result table out. Anonymous parties are left out of all of them; a
 * party is named by its host key, or by its id where it has none.
 */
#ifndef KITH_ANALYTICS_H
#define KITH_ANALYTICS_H

#include "snapshot.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_column.type */
enum {
    KITH_COLUMN_INT = 1,    /**< `ints` */
    KITH_COLUMN_REAL = 2,   /**< `reals` */
    KITH_COLUMN_TEXT = 3,   /**< `texts` */
    KITH_COLUMN_AMOUNT = 4, /**< `ints`, minor units of the file's currency */
    KITH_COLUMN_ID = 5      /**< `ids` */
};

/** A column of a table. Borrowed: until the table is freed. */
typedef struct kith_column {
    uint32_t struct_size; /**< in: sizeof(kith_column) */
    uint32_t type;        /**< KITH_COLUMN_* */
    kith_str name;
    size_t count; /**< rows */
    const int64_t *ints;
    const double *reals;
    const kith_str *texts;
    const kith_id *ids;
    const uint8_t *present; /**< one byte a row, 0 = empty cell; NULL: all present */
} kith_column;

/** A figure about the whole table, as a Gini coefficient. Borrowed: until the table is freed. */
typedef struct kith_fact {
    uint32_t struct_size; /**< in: sizeof(kith_fact) */
    uint32_t reserved;
    kith_str name;
    double value;
} kith_fact;

/** Rows, columns, facts of a table; any pointer may be NULL. [any thread] Since 0.1. */
KITH_API void kith_table_size(const kith_table *table, size_t *out_rows, size_t *out_columns,
                              size_t *out_facts);

/** A column by index. [any thread] KITH_OK or KITH_E_ARGUMENT. Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_table_column(const kith_table *table, size_t index,
                                                      kith_column *out_column, kith_error *error);

/** A fact by index. [any thread] KITH_OK or KITH_E_ARGUMENT. Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_table_fact(const kith_table *table, size_t index,
                                                    kith_fact *out_fact, kith_error *error);

/** Frees a table. NULL is fine. A table needs no snapshot to live. [any thread] Since 0.1. */
KITH_API void kith_table_free(kith_table *table);

/** How to compute RFM. */
typedef struct kith_rfm_options {
    uint32_t struct_size; /**< sizeof(kith_rfm_options) */
    uint32_t reserved;
    kith_time as_of; /**< orders of later civil days (file's zone) are left out; required */
    /** "quantile:K" (K 2 to 9), "airline", or the JSON text of a playbook that defines bands named
     *  recency, frequency and monetary. Absent: "quantile:5". */
    kith_str scheme;
} kith_rfm_options;

/**
 * Recency, frequency, monetary of every party with an order (the rfm package's definitions, R):
 * party, id, recency_days (civil days in the file's zone from the last order to `as_of`), frequency
 * (orders), monetary (sum of their amounts), r, f, m (classes, most recent = highest), cell (the
 * digits of r, f, m). Rows by party. Quantiles are Hyndman & Fan's type 7 (1996); a value on a cut
 * is in the lower class. Owned: *out_table, free with kith_table_free. [one thread at a time]
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_rfm(kith_snapshot *snapshot, const kith_rfm_options *options,
                                             kith_table **out_table, kith_error *error);

/** kith_abc_options.rule */
enum {
    KITH_ABC_CROSSING = 0, /**< a class includes the item that crosses its border */
    KITH_ABC_INSIDE = 1    /**< an item is in a class if the share up to and with it is within */
};

/** How to compute ABC. Zero means the default. */
typedef struct kith_abc_options {
    uint32_t struct_size; /**< sizeof(kith_abc_options) */
    uint32_t rule;        /**< KITH_ABC_* */
    double border_a;      /**< cumulative share, 0: 0.80 */
    double border_b;      /**< cumulative share, 0: 0.95 */
} kith_abc_options;

/**
 * Concentration: parties by the sum of their orders, largest first (ties by party): party, id,
 * value, share, cumulative, class (A, B, C). Facts: total, gini, a, b, c (counts), top20 (share of
 * the top fifth). Owned: *out_table, free with kith_table_free. [one thread at a time]
 * KITH_E_RULE when the total is zero or a sum is negative: then shares have no meaning. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_abc(kith_snapshot *snapshot, const kith_abc_options *options,
                                             kith_table **out_table, kith_error *error);

/** kith_cohort_options.by */
enum { KITH_COHORT_MONTH = 0, KITH_COHORT_WEEK = 1, KITH_COHORT_QUARTER = 2, KITH_COHORT_YEAR = 3 };

/** How to compute cohorts. */
typedef struct kith_cohort_options {
    uint32_t struct_size; /**< sizeof(kith_cohort_options) */
    uint32_t by;          /**< KITH_COHORT_*: civil periods in the file's zone; weeks start on Monday */
} kith_cohort_options;

/**
 * Retention: parties by the period of their first order: cohort (first day), size, then a column a
 * period, "0", "1", ...: parties of the cohort with an order in that period after the first. Periods
 * after the last order in the file are empty cells. Owned: *out_table, free with kith_table_free.
 * [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_cohort(kith_snapshot *snapshot, const kith_cohort_options *options,
                                                kith_table **out_table, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
