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

#ifdef __cplusplus
}
#endif
#endif
