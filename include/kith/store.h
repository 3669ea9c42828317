/**
 * @file store.h
 * A store is one open kith file. Open it once, share the handle between threads, close it at the end.
 */
#ifndef KITH_STORE_H
#define KITH_STORE_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_open_options.flags */
enum {
    KITH_OPEN_CREATE = 1,    /**< make the file if it is not there */
    KITH_OPEN_NEW = 2,       /**< make the file; KITH_E_EXISTS if it is there */
    KITH_OPEN_READ_ONLY = 4, /**< refuse commits through this handle */
    KITH_OPEN_BARE = 8       /**< a new file without the built-in playbooks */
};

/** kith_open_options.durability */
enum {
    KITH_DURABILITY_FULL = 0,   /**< an acknowledged commit survives power loss */
    KITH_DURABILITY_RELAXED = 1 /**< power loss may take the last commits, never the file */
};

/** kith_open_options.check: what is looked at before the file is used */
enum {
    KITH_CHECK_QUICK = 0, /**< meta pages and size, in microseconds: finds foreign files and truncation */
    KITH_CHECK_FULL =
        1 /**< every page of its trees and free list: about 1 s per GB; finds what could crash */
};

/** How to open a store. Zero means the default everywhere; a NULL pointer means all defaults. */
typedef struct kith_open_options {
    uint32_t struct_size;         /**< sizeof(kith_open_options) */
    uint32_t flags;               /**< KITH_OPEN_* */
    uint32_t durability;          /**< KITH_DURABILITY_* */
    uint32_t busy_timeout_ms;     /**< longest wait, each, for other commits, for the file and for
                                     snapshots in the way of its growth; 0: 5,000 */
    uint64_t map_reserve_bytes;   /**< address space set aside; 0: 64 GiB */
    uint64_t snapshot_age_ms_max; /**< older snapshots are refused; 0: 60,000; UINT64_MAX: never */
    kith_str currency;            /**< new file: ISO 4217 code all totals are in; absent: USD */
    kith_str time_zone;           /**< new file: IANA name, for civil dates; absent: UTC */
    kith_str device;              /**< new file: a name for this machine; absent: none */
    /** Clock: microseconds since 1970 UTC. NULL: the system's. Called once a commit, outside locks. */
    int64_t (*now)(uintptr_t user_data);
    /** Random bytes for ids and origins. NULL: the system's. Called outside locks. */
    void (*random)(uintptr_t user_data, uint8_t *out, size_t size);
    uintptr_t user_data; /**< handed to now and random */
    uint32_t check;      /**< KITH_CHECK_* */
    uint32_t reserved;
} kith_open_options;

/**
 * Opens or makes a store. Opening the same file again in one process shares it; the options that
 * matter (durability, read-only) must then agree or KITH_E_STATE is returned.
 * Owned: *out_store, close with kith_store_close. [any thread]
 * Returns KITH_OK; KITH_E_MISSING if there is no file and no flag makes one; KITH_E_EXISTS;
 * KITH_E_FORMAT (not a kith file); KITH_E_FORMAT_NEWER; KITH_E_CORRUPT; KITH_E_PERMISSION; KITH_E_IO.
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_store_open(const char *path, size_t path_size,
                                                    const kith_open_options *options, kith_store **out_store,
                                                    kith_error *error);

/**
 * Closes a store: refuses new calls, waits for running ones, ends its snapshots, batches and
 * cursors (later calls on them give KITH_E_CLOSED; free them in any order). NULL is fine.
 * [any thread] Since 0.1.
 */
KITH_API void kith_store_close(kith_store *store);

/** What a file holds. Amounts are minor units of `currency`. */
typedef struct kith_info {
    uint32_t struct_size; /**< in: sizeof(kith_info) */
    uint32_t format;      /**< storage format version */
    uint64_t parties;     /**< all parties, anonymous ones included */
    uint64_t anonymous;   /**< of which anonymous */
    uint64_t identifiers;
    uint64_t interactions; /**< corrected ones not counted */
    uint64_t orders;
    uint64_t returns;
    int64_t amount_total;  /**< sum of the orders' amounts */
    int64_t returns_total; /**< sum of the returns' amounts, sign as recorded */
    kith_time first_at;    /**< earliest interaction; 0 if there is none */
    kith_time last_at;     /**< latest interaction; 0 if there is none */
    kith_time due_through; /**< the largest time run_due has run to; KITH_MIN_TIME if never */
    uint64_t processes;
    uint64_t commitments_open;
    uint64_t definitions;
    uint64_t feed_first; /**< oldest feed sequence kept; 0 if the feed is empty */
    uint64_t feed_last;  /**< newest feed sequence */
    uint64_t file_bytes;
    uint32_t origin;          /**< under which this file counts its changes */
    uint32_t durability;      /**< of this handle */
    uint8_t currency[4];      /**< ISO 4217, NUL-terminated */
    uint32_t minor_digits;    /**< decimal places of the currency */
    kith_str time_zone;       /**< borrowed until the snapshot ends */
    kith_str device;          /**< borrowed until the snapshot ends */
    uint64_t snapshot_age_ms; /**< age of this snapshot */
    uint64_t readers;         /**< reader slots in use at most so far, in all processes */
    /** Since when the bytes of something erased stay in the file, until it is compacted; 0: none do. */
    kith_time erasure_pending_since;
    /** Sums of definitions that are not yet made of what was there before: kith_definition_build. */
    uint64_t sums_to_build;
} kith_info;

/** Fills *out_info from a snapshot. [one thread at a time] Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_store_info(kith_snapshot *snapshot, kith_info *out_info,
                                                    kith_error *error);

/** What kith_store_run_due did. */
typedef struct kith_due_report {
    uint32_t struct_size; /**< in: sizeof(kith_due_report) */
    uint32_t reserved;
    uint64_t timers;       /**< timers that fired */
    uint64_t transitions;  /**< processes that changed state */
    uint64_t commitments;  /**< commitments created */
    kith_time due_through; /**< the file's, after the call */
    uint64_t last_seq;     /**< newest feed sequence, after the call */
} kith_due_report;

/**
 * Does everything that is due at or before `now`, in order of due time, each at its own instant.
 * Works in commits of at most 5,000 timers, so that others get their turn; a call cut short (crash,
 * KITH_E_BUSY) is completed by the next. A `now` not after due_through fires nothing twice.
 * out_report may be NULL. [any thread, not from callbacks] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_store_run_due(kith_store *store, kith_time now,
                                                       kith_due_report *out_report, kith_error *error);

/** What kith_store_verify found. */
typedef struct kith_verify_report {
    uint32_t struct_size; /**< in: sizeof(kith_verify_report) */
    uint32_t reserved;
    uint64_t rows;     /**< rows read, their checksums checked */
    uint64_t records;  /**< records decoded and verified */
    uint64_t derived;  /**< derived rows recomputed and compared */
    uint64_t problems; /**< pages and rows damaged, missing, left over or different; 0 is a sound file */
    uint64_t pages;    /**< pages of the file found to be in order */
} kith_verify_report;

/**
 * Checks the file's pages as they now are, then reads it all as of the snapshot: checksums, record
 * structure, references, feed numbers without a gap, and every derived row recomputed and compared.
 * A sound file gives 0 problems; rows are not read through pages that are damaged.
 * out_problems (may be NULL): owned table (table, key, problem) of the first 1,000, free with
 * kith_table_free; NULL when there are none. `progress` (may be NULL) is called now and then with
 * rows done and rows in all; it must not call kith.
 * Returns KITH_OK whether or not there are problems: read the report. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_store_verify(
    kith_snapshot *snapshot, void (*progress)(uintptr_t user_data, uint64_t done, uint64_t all),
    uintptr_t user_data, kith_verify_report *out_report, kith_table **out_problems, kith_error *error);

/**
 * Checks the pages of a file that kith_store_open refused with KITH_E_CORRUPT, or of any: all that is
 * wrong, table by table, as kith_store_verify lists it. Reads no rows, changes nothing.
 * Returns KITH_OK whether or not there are problems; as kith_store_open does where there are no meta
 * pages to begin with. [any thread] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_store_check_file(const char *path, size_t path_size,
                                                          kith_verify_report *out_report,
                                                          kith_table **out_problems, kith_error *error);

/** kith_export_options.flags */
enum {
    /** leave out ids, numbers, stamps and recorded times; name parties by host key, else by identifier */
    KITH_EXPORT_FACTS_ONLY = 1
};

/** What to export. NULL means everything. */
typedef struct kith_export_options {
    uint32_t struct_size; /**< sizeof(kith_export_options) */
    uint32_t flags;       /**< KITH_EXPORT_* */
} kith_export_options;

/**
 * Begins an export: every record as one JSON object a line, in order of id; with
 * KITH_EXPORT_FACTS_ONLY in an order that depends on what the records say and on nothing else, so that a
 * history imported at once and one recorded day by day give the same text. It includes personal data.
 * Owned: *out_export, free with kith_export_free before or after the snapshot. [one thread at a time]
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_export_open(kith_snapshot *snapshot,
                                                     const kith_export_options *options,
                                                     kith_export **out_export, kith_error *error);

/**
 * The next piece of the export: whole lines. Borrowed: *out_text, until the next call on the export.
 * Returns KITH_OK or KITH_END. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_export_next(kith_export *export_, kith_str *out_text,
                                                     kith_error *error);

/** Frees an export. NULL is fine. [any thread] Since 0.1. */
KITH_API void kith_export_free(kith_export *export_);

#ifdef __cplusplus
}
#endif
#endif
