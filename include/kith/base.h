/**
 * @file base.h
 * Types shared by every header: strings, ids, times, handles, limits.
 * No function in kith takes or returns a struct by value, and no struct has holes.
 */
#ifndef KITH_BASE_H
#define KITH_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define KITH_API
#elif defined(__GNUC__)
#define KITH_API __attribute__((visibility("default")))
#else
#define KITH_API
#endif

#if defined(__GNUC__)
#define KITH_NODISCARD __attribute__((warn_unused_result))
#else
#define KITH_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Outcome of a call: 0 done, > 0 an outcome (see error.h), < 0 a failure. */
typedef int32_t kith_status;

/** An instant: microseconds since 1970-01-01T00:00:00Z, 0001-01-01 to 9999-12-31. */
typedef int64_t kith_time;

/** Pass as a length to say "NUL-terminated, measure it". */
#define KITH_NTS ((size_t)-1)

/**
 * UTF-8 text by pointer and length. {NULL, 0} is absent; a non-NULL pointer with size 0 is empty.
 * As input, size may be KITH_NTS. As output, the text is also NUL-terminated.
 */
typedef struct kith_str {
    const char *data;
    size_t size;
} kith_str;

/** A 16-byte record id (UUIDv7, RFC 9562). All zero means none. */
typedef struct kith_id {
    uint8_t bytes[16];
} kith_id;

/** An interaction's id: 32 opaque bytes that order by party, then time. All zero means none. */
typedef struct kith_interaction_id {
    uint8_t bytes[32];
} kith_interaction_id;

/** Handles. Each has one function that makes it and one, NULL-safe, that frees it. */
typedef struct kith_store kith_store;
typedef struct kith_snapshot kith_snapshot;
typedef struct kith_batch kith_batch;
typedef struct kith_cursor kith_cursor;
typedef struct kith_page kith_page;
typedef struct kith_table kith_table;
typedef struct kith_export kith_export;
typedef struct kith_expr kith_expr;
typedef struct kith_expr_result kith_expr_result;

/** How a kith_ref names a record. */
enum {
    KITH_REF_NONE = 0,
    KITH_REF_ID = 1,         /**< by `id` */
    KITH_REF_HOST = 2,       /**< by host key: `kind` is the host system, `value` its key */
    KITH_REF_IDENTIFIER = 3, /**< by identifier: `kind` as "email", `value` as written */
    KITH_REF_ITEM = 4        /**< the party of an earlier item of the same batch: `item` */
};

/** Names a party. Frozen: this struct never grows. */
typedef struct kith_ref {
    uint32_t by;   /**< KITH_REF_* */
    uint32_t item; /**< KITH_REF_ITEM: index of the item */
    kith_id id;
    kith_str kind;
    kith_str value;
} kith_ref;

/** Limits. Input beyond one is refused with KITH_E_LIMIT. */
#define KITH_MAX_KEY_BYTES 200             /**< host key or identifier; longer ones are hashed */
#define KITH_MAX_NAME_BYTES 1024           /**< names, types, codes */
#define KITH_MAX_TEXT_BYTES 65536          /**< free text, and raw host keys and identifiers */
#define KITH_MAX_RECORD_BYTES 1048576      /**< one stored record */
#define KITH_MAX_FIELDS 256                /**< typed fields of a record */
#define KITH_MAX_LINES 10000               /**< lines of an interaction */
#define KITH_MAX_ANSWERS 10000             /**< answers of a filled form */
#define KITH_MAX_CODES 256                 /**< skills or limits of an actor */
#define KITH_MAX_CATEGORY_DEPTH 32         /**< codes of a product's category */
#define KITH_MAX_BATCH_ITEMS 10000         /**< items of a batch */
#define KITH_MAX_BATCH_BYTES 67108864      /**< bytes of a batch */
#define KITH_MAX_PAGE_ITEMS 4096           /**< items of a page */
#define KITH_MAX_DEFINITIONS 10000         /**< definitions in a file */
#define KITH_MAX_TIMERS_BEFORE_EVENT 1024  /**< due times of a party's processes before one event */
#define KITH_MAX_AMOUNT 900000000000000000 /**< |amount| in minor units */
#define KITH_MIN_TIME (-62135596800000000) /**< 0001-01-01T00:00:00Z */
#define KITH_MAX_TIME 253402300799999999   /**< 9999-12-31T23:59:59.999999Z */

/** Quantities and unit prices are decimals scaled by this: 2.5 is 2500000. */
#define KITH_DECIMAL_ONE 1000000

/** What a value is about. */
enum {
    KITH_SUBJECT_PARTY = 0,
    KITH_SUBJECT_ACTOR = 1,
    KITH_SUBJECT_PRODUCT = 2,
    KITH_SUBJECT_CAMPAIGN = 3,
    KITH_SUBJECT_ALL = 4 /**< the whole base: there is one */
};

#ifdef __cplusplus
}
#endif
#endif
