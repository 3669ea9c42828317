/**
 * @file rule.h
 * Rules as they run: how often each has fired and failed, and its last runs.
 */
#ifndef KITH_RULE_H
#define KITH_RULE_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A table of the rules by name: `rule`, `trigger` ("event", "condition", "instant", "period"), `mode`
 * ("edge", "level", "each"), `enabled` (1: `now` is within its times), `fired`, `failed`, `in_a_row`
 * (failures since it last fired), `suspended` (1: it failed too often, and does not run), `version`,
 * `last` (when it fired last, an integer as kith_time; absent: never). Owned: *out_table, free with
 * kith_table_free. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_rules(kith_snapshot *snapshot, kith_time now, kith_table **out_table,
                                               kith_error *error);

/**
 * A table of the runs that are kept of a rule or process, the last 32 of each party, by party, then time:
 * `party`, `at` (an integer, as kith_time), `event` (that set it off; absent: time or a condition), `result`
 * ("fired", "failed"), `why` (it failed). `party` (may be NULL): of this one alone. At most
 * KITH_MAX_PAGE_ITEMS rows; fact `left`: how many there are more. Owned: *out_table, free with
 * kith_table_free. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_rule_runs(kith_snapshot *snapshot, kith_str rule,
                                                   const kith_id *party, kith_table **out_table,
                                                   kith_error *error);

/**
 * Adds to the batch: let a suspended rule run again, its failures in a row forgotten. What it missed is not
 * made up for. Copied. KITH_E_MISSING at commit if there is no such rule; one that is not suspended is
 * unchanged. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_rule_resume(kith_batch *batch, kith_str rule, uint32_t *out_item,
                                                     kith_error *error);

/** kith_simulate_options.fields */
enum { KITH_SIMULATE_SINCE = 1, KITH_SIMULATE_UNTIL = 2 };

/** What is to be simulated. Zero means the default. */
typedef struct kith_simulate_options {
    uint32_t struct_size; /**< sizeof(kith_simulate_options) */
    uint32_t fields;      /**< KITH_SIMULATE_* */
    kith_str playbook;    /**< JSON: definitions that are new, or other than those installed */
    kith_str
        folder; /**< of the caller's: two files are made in it, about as large as this one, and removed */
    kith_time since;   /**< with KITH_SIMULATE_SINCE: effects before it are not compared */
    kith_time until;   /**< with KITH_SIMULATE_UNTIL; else what is in the file, and what was run as due */
    uint32_t examples; /**< at most so many of each effect, added and removed; 0: 3 */
    uint32_t reserved;
    /** Told how much is lived, of how much; returns 0 to go on, must not call kith. May be NULL. */
    int (*progress)(uintptr_t user_data, uint64_t done, uint64_t all);
    uintptr_t user_data; /**< handed to progress */
} kith_simulate_options;

/**
 * What definitions would have done, had they been there from the beginning: what is in the snapshot is lived
 * twice, in the order of its time and with run_due every midnight, with the definitions as they are and as
 * they would be. Nothing is written to the file, nothing is asked of the host. Lived are interactions as they
 * are put right by now, scores and links that were given, and what people did with processes and commitments
 * of their own; parties, actors and products are as they are now. What people did with commitments that rules
 * or processes made is not. A table: for each definition and effect a row with `kept`, `added` and `removed`
 * (how many), then its examples, each 1 added or removed. Columns: `definition` (absent: people), `effect`
 * ("fired", "failed", "state", "segment", "refused", "tag", "notify", the sort of a commitment, ...), `kept`,
 * `added`, `removed`, and of examples `party` (id), `at` (an integer, as kith_time), `detail` ("open ->
 * closed", a tag, who is told). The same at another time is one removed and one added. Facts: lived (how much
 * happened), added, removed. Owned: *out_table, free with kith_table_free. [one thread at a time] Returns
 * KITH_OK; KITH_E_FORMAT or KITH_E_RULE as kith_define; KITH_E_CANCELLED when progress stopped it;
 * KITH_E_EXISTS if the folder is in use by another; KITH_E_IO. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_simulate(kith_snapshot *snapshot,
                                                  const kith_simulate_options *options,
                                                  kith_table **out_table, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
