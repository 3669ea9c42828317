/**
 * @file error.h
 * Status codes and the error struct. Values are frozen once released; treat an unknown negative
 * status as a failure of unknown class.
 */
#ifndef KITH_ERROR_H
#define KITH_ERROR_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    KITH_OK = 0,
    /* outcomes */
    KITH_NOT_FOUND = 1, /**< nothing of that name */
    KITH_END = 2,       /**< no more pages */
    KITH_UNCHANGED = 3, /**< done, and nothing needed to change */
    KITH_MORE = 4,      /**< done in part; call again */
    /* failures */
    KITH_E_ARGUMENT = -1,      /**< an argument is wrong: mend the call */
    KITH_E_STATE = -2,         /**< the handle cannot do this now */
    KITH_E_CLOSED = -3,        /**< the store behind the handle was closed */
    KITH_E_BUSY = -4,          /**< someone else is in the way: try again */
    KITH_E_TIMEOUT = -5,       /**< not done in time */
    KITH_E_CANCELLED = -6,     /**< stopped on request */
    KITH_E_CONFLICT = -7,      /**< contradicts what is stored */
    KITH_E_EXISTS = -8,        /**< already there */
    KITH_E_RULE = -9,          /**< a definition is wrong or forbids it */
    KITH_E_LIMIT = -10,        /**< beyond a limit of base.h */
    KITH_E_FULL = -11,         /**< the disk or the map is full */
    KITH_E_IO = -12,           /**< reading or writing the file failed */
    KITH_E_CORRUPT = -13,      /**< the file is damaged */
    KITH_E_FORMAT = -14,       /**< not a kith file, or text in no known form */
    KITH_E_FORMAT_NEWER = -15, /**< written by a newer kith */
    KITH_E_PERMISSION = -16,   /**< the system does not allow it */
    KITH_E_FEED_GAP = -17,     /**< older than the oldest feed entry kept */
    KITH_E_NOMEM = -18,        /**< out of memory */
    KITH_E_UNSUPPORTED = -19,  /**< this library cannot do it */
    KITH_E_INTERNAL = -20,     /**< a fault in kith: please report it */
    KITH_E_MISSING = -21       /**< a file or record that the call needs is not there */
};

/**
 * Filled only when a call fails; optional everywhere (pass NULL). Set struct_size before the
 * first call. The message is one line that says what to do; it holds no personal data.
 */
typedef struct kith_error {
    uint32_t struct_size; /**< in: sizeof(kith_error) */
    int32_t status;       /**< the status returned */
    int32_t detail;       /**< stable finer code, 0 if none */
    int32_t os_code;      /**< errno or LMDB's code, 0 if none */
    uint32_t field;       /**< KITH_*_FIELD bit at fault, 0 if none */
    uint32_t item;        /**< index in the batch, UINT32_MAX if none */
    char message[232];    /**< UTF-8, NUL-terminated */
} kith_error;

/** A status's name, "KITH_E_BUSY". Borrowed for ever; never NULL. [any thread] Since 0.1. */
KITH_API const char *kith_status_name(kith_status status);

#ifdef __cplusplus
}
#endif
#endif
