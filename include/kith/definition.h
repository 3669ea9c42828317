/**
 * @file definition.h
 * Definitions: models as data. A playbook is a JSON text with a set of them.
 */
#ifndef KITH_DEFINITION_H
#define KITH_DEFINITION_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A stored definition. */
typedef struct kith_definition {
    uint32_t struct_size; /**< sizeof(kith_definition) */
    uint32_t version;     /**< 1 when first installed, then one more each time it changes */
    kith_str kind; /**< "process", "bands", ..., "setting"; "labels" of a playbook by language and path */
    kith_str name;
    kith_str playbook; /**< the playbook it came with; absent of a setting changed by hand */
    kith_str json;     /**< its text, in canonical form */
    kith_time installed_at;
} kith_definition;

/**
 * Checks a playbook's JSON text without storing it. On failure the error says line, column, what is
 * wrong and what to do. [any thread] Returns KITH_OK, KITH_E_FORMAT (not JSON), KITH_E_RULE,
 * KITH_E_UNSUPPORTED (a kind this version does not know). Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_definition_check(const char *json, size_t json_size,
                                                          kith_error *error);

/**
 * Adds to the batch: install the definitions of a playbook (JSON text). Checked at once, as
 * kith_definition_check does; stored at commit. A definition that is there with the same text is
 * left alone; with another it gets the next version. Copied. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_define(kith_batch *batch, const char *json, size_t json_size,
                                                uint32_t *out_item, kith_error *error);

/**
 * Adds to the batch: change a setting that a playbook brought. `json` is its value as it stands in a
 * playbook: 150, "150.00 EUR", { "default": 2, "de": 3 }. Stored at commit as a new version, and kept when
 * the playbook is installed again. Copied. [one thread at a time]
 * Returns KITH_OK, KITH_E_FORMAT, KITH_E_RULE; at commit KITH_E_MISSING for no setting of this name.
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_setting_set(kith_batch *batch, const char *name, size_t name_size,
                                                     const char *json, size_t json_size, uint32_t *out_item,
                                                     kith_error *error);

/**
 * Measures what was in the file before the definitions were: party by party, at most 5,000 a commit, so
 * that others get their turn; goes on where an earlier call ended. Until it is done readers see the version
 * before, or unknown values; kith_store_run_due does the same. A new process goes through what has happened, and
 * has its states, log and deadlines, but no effects of the past; a new version takes running cases along if it says
 * "instances": "migrate". `progress` (may be NULL) is told how many
 * parties are done and how many there are at most; it returns 0 to go on, must not call kith.
 * [any thread] Returns KITH_OK; KITH_E_CANCELLED when progress stopped it: what is done is kept. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_definition_build(kith_store *store,
                                                          int (*progress)(uintptr_t user_data, uint64_t done,
                                                                          uint64_t all),
                                                          uintptr_t user_data, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
