/**
 * @file playbook.h
 * The playbooks that come with kith: models as data, to be read, installed and tested as they are.
 */
#ifndef KITH_PLAYBOOK_H
#define KITH_PLAYBOOK_H

#include "definition.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A built-in playbook. Borrowed: its texts live as long as the library. */
typedef struct kith_playbook {
    uint32_t struct_size; /**< in: sizeof(kith_playbook) */
    uint32_t version;
    kith_str name;
    kith_str about;  /**< what it says of customers, and why */
    kith_str source; /**< where its numbers come from */
    kith_str json;   /**< its text, for kith_define */
} kith_playbook;

/** How many there are. [any thread] Since 0.1. */
KITH_API size_t kith_playbook_count(void);

/** One of them, in order of name. [any thread] KITH_OK or KITH_E_ARGUMENT. Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_playbook_get(size_t index, kith_playbook *out_playbook,
                                                      kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
