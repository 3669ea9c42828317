/**
 * @file file.h
 * Files as wholes: backup, restore, compaction, repair. Each writes a new file beside its place, reads it
 * back, syncs it, and only then gives it its name: a failure, a full disk or a crash at any moment leaves
 * what was there, and perhaps a file NAME.new-XXXXXX, which the next of these calls on the same name
 * removes. But for kith_store_restore, a new file takes over the mode, and where permitted the owner, of the
 * one it comes from; where the group cannot be had, no group has rights.
 *
 * Sources and places are on local disks: KITH_E_UNSUPPORTED on a network file system; copy a finished backup
 * there by other means. A file that is read needs a lock file beside it, so its directory must be writable.
 *
 * `progress` (may be NULL) is called now and then with rows done and rows in all; it must not call kith.
 */
#ifndef KITH_FILE_H
#define KITH_FILE_H

#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What was copied. */
typedef struct kith_copy_report {
    uint32_t struct_size;  /**< in: sizeof(kith_copy_report) */
    uint32_t origin;       /**< of the copy, under which it counts its changes; 0 for a backup */
    uint64_t rows;         /**< written, and read back */
    uint64_t bytes_before; /**< size of the file it comes from */
    uint64_t bytes_after;  /**< size of the copy */
} kith_copy_report;

/** How a file that goes on under an origin of its own is made. NULL means all defaults. */
typedef struct kith_copy_options {
    uint32_t struct_size; /**< sizeof(kith_copy_options) */
    uint32_t flags;       /**< KITH_COPY_* */
    kith_str device;      /**< a name for this machine; absent: the one in the file */
    /** Clock, as in kith_open_options. */
    int64_t (*now)(uintptr_t user_data);
    /** Random bytes for the origin, as in kith_open_options. */
    void (*random)(uintptr_t user_data, uint8_t *out, size_t size);
    uintptr_t user_data; /**< handed to now and random */
} kith_copy_options;

/** kith_copy_options.flags */
enum {
    KITH_COPY_REPLACE = 1 /**< take the place of a file that is there, if nobody has it open */
};

/** Flags of kith_store_backup. */
enum {
    KITH_BACKUP_VERIFY =
        1 /**< KITH_E_CORRUPT, and no backup, if kith_store_verify would find anything in it */
};

/**
 * Writes the file as of the snapshot to a new file, while others go on working: compact, without anything
 * that was erased, every row's checksum checked. The snapshot's age is looked at when the call begins only,
 * however long it takes; meanwhile the pages it sees are not reused, so the file may grow. A backup that is
 * opened is a file like any other; its first change gives it an origin of its own. out_report may be NULL.
 * Returns KITH_OK; KITH_E_EXISTS if there is something at `path`; KITH_E_FULL; KITH_E_CORRUPT.
 * [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status
kith_store_backup(kith_snapshot *snapshot, const char *path, size_t path_size, uint32_t flags,
                  void (*progress)(uintptr_t user_data, uint64_t done, uint64_t all), uintptr_t user_data,
                  kith_copy_report *out_report, kith_error *error);

/**
 * Makes a backup, or any kith file, a new file at `path` that goes on under an origin and epoch of its own,
 * so that its changes are not taken for those of the file it was copied from. The backup's pages and rows are
 * all checked. The new file has the mode of the one it replaces, or that of a new file. out_report may be
 * NULL. Returns KITH_OK; KITH_E_EXISTS unless KITH_COPY_REPLACE is given, and KITH_E_BUSY if it is and the
 * file is open anywhere; KITH_E_MISSING; KITH_E_FULL; KITH_E_CORRUPT. [any thread, not from callbacks]
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_store_restore(
    const char *backup, size_t backup_size, const char *path, size_t path_size,
    const kith_copy_options *options, void (*progress)(uintptr_t user_data, uint64_t done, uint64_t all),
    uintptr_t user_data, kith_copy_report *out_report, kith_error *error);

/**
 * Writes the file anew without free pages: it becomes small, and what was erased is gone from it. Needs it
 * alone, and room for a copy; who opens it meanwhile waits, in this process gets KITH_E_BUSY. out_report may
 * be NULL. Returns KITH_OK; KITH_E_BUSY if the file is open anywhere, in this process too; KITH_E_MISSING;
 * KITH_E_PERMISSION; KITH_E_FULL; KITH_E_CORRUPT, then repair it. [any thread, not from callbacks] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_store_compact(
    const char *path, size_t path_size, void (*progress)(uintptr_t user_data, uint64_t done, uint64_t all),
    uintptr_t user_data, kith_copy_report *out_report, kith_error *error);

/** What kith_store_repair found and did. */
typedef struct kith_repair_report {
    uint32_t struct_size; /**< in: sizeof(kith_repair_report) */
    uint32_t written;     /**< 1: the file was replaced, or the new one made; 0: nothing was changed */
    uint32_t origin;      /**< of that file */
    uint32_t
        uncertain;   /**< 1: a meta page or the list of free pages is damaged; the last commit may be lost */
    uint64_t rows;   /**< in that file */
    uint64_t mended; /**< derived rows that were missing, damaged, wrong or left over */
    uint64_t lost;   /**< records that are damaged or missing, and cannot be worked out */
    uint64_t left;   /**< problems that kith_store_verify finds in that file; 0 is a sound file */
    uint64_t pages;  /**< pages found damaged; into a new file only */
    uint64_t feed_first; /**< that file keeps the feed from this sequence on */
    uint64_t bytes;      /**< size of that file */
} kith_repair_report;

/**
 * Without new_path: works out all derived rows from the records anew (figures, states, timers, claims and
 * the like), and replaces the file. Nothing is written where nothing is wrong, or where records are lost.
 * With new_path: saves what can be read of a damaged file, page by page, in a new one, with an origin of its
 * own and its derived rows worked out; the damaged file is not touched. Its feed begins after the last change
 * that is lost or whose record is: who reads it from before gets KITH_E_FEED_GAP, and reads all anew.
 * No timer fires and the feed gets no entries. out_lost (may be NULL): owned table (table, key, problem) of
 * the first 1,000 records lost, without content, and by table the number of rows as facts; free with
 * kith_table_free; NULL when there are none, or no memory for it is left. options: only into a new file,
 * without flags. Needs the file alone. Returns KITH_OK whatever is lost: read the report; KITH_E_BUSY;
 * KITH_E_EXISTS for new_path; KITH_E_MISSING; KITH_E_FULL; KITH_E_CORRUPT if it cannot be read (give
 * new_path) or nothing can be saved. [any thread, not from callbacks] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_store_repair(
    const char *path, size_t path_size, const char *new_path, size_t new_path_size,
    const kith_copy_options *options, void (*progress)(uintptr_t user_data, uint64_t done, uint64_t all),
    uintptr_t user_data, kith_repair_report *out_report, kith_table **out_lost, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
