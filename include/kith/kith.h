/**
 * @file kith.h
 * kith, the embedded CRM engine: link one library, open one file, and the host program knows its
 * customers. This header includes all others; each of them stands alone.
 *
 * Conventions
 *   Order of arguments: handle, inputs, out_*, error. Every call that can fail returns kith_status
 *   and takes an optional kith_error last. On failure every out_ handle is NULL.
 *   Structs start with struct_size: set it to sizeof. Zero means default or absent. A larger struct
 *   than the library knows is accepted if the unknown rest is zero. `reserved` must be zero.
 *   Strings are UTF-8, by pointer and length; KITH_NTS as length means NUL-terminated.
 *   Time is microseconds UTC. Money is minor units with an ISO 4217 code; no floating point.
 *   Rounding is half to even, wherever kith rounds.
 *
 * Ownership (the words used in every comment)
 *   borrowed: valid until what is named; owned: yours, free it with what is named; copied: kith
 *   keeps its own; transferred: kith takes yours.
 *
 * Threads
 *   [any thread]: safe at any time. [one thread at a time]: any thread, but not two at once on the
 *   same handle. [not from callbacks]: not from inside a function you gave to kith. Stores may be
 *   shared; snapshots, batches, cursors are for one thread at a time. kith has no threads of its own.
 *
 * Caveats
 *   A snapshot kept open makes the file grow: pages it may read are not reused. One older than
 *   snapshot_age_ms_max is refused, and the next commit or snapshot of its process takes its pages back,
 *   unless the host still holds a page or a kith_party of it; one that hangs in another process holds
 *   them until that process commits, begins a snapshot, or ends.
 *   After fork() a child must not use, or close, what it inherited: calls return KITH_E_STATE. Locks of the
 *   file that the parent held at that moment are free only when the child has ended, or called exec, too.
 *   Network drives are not safe: locks and memory maps do not work there as they must.
 *   Two copies of the library in one process must not open the same file: each would drop the
 *   other's locks. Do not open, copy or delete the file by other means while it is open: a copy made by
 *   other means may be torn. kith_store_backup copies it at any time; kith_store_restore makes the copy a
 *   file that goes on. A file copied by other means while closed keeps its origin: restore it too.
 *   What is erased is gone from all answers at once, but its bytes stay in the file until kith_store_compact,
 *   and in older backups. kith_info says so. The disk below may keep old blocks for longer.
 *   The file is for one kind of machine: 64-bit, little-endian.
 *   Opening finds foreign and truncated files always. Other damage it finds with KITH_CHECK_FULL; without, a
 *   damaged page may be met later, as KITH_E_CORRUPT, or as a fault of the process. Open with the full check
 *   after a crash of the machine, or when kith_store_verify has not been run for long.
 *   What cannot be survived: a file that is edited, cut off or overwritten while it is open (the memory map
 *   is the file), and a disk or memory that fails or says that it flushed and did not. Keep backups.
 *   An acknowledged commit survives the death of the process always, and the loss of power with
 *   KITH_DURABILITY_FULL on a disk that flushes when told to. A commit cut short may be there
 *   although the call never returned: give interactions host keys, and repeat without fear.
 */
#ifndef KITH_H
#define KITH_H

#include "actor.h"
#include "analytics.h"
#include "base.h"
#include "batch.h"
#include "board.h"
#include "campaign.h"
#include "commitment.h"
#include "cursor.h"
#include "definition.h"
#include "error.h"
#include "expr.h"
#include "feed.h"
#include "file.h"
#include "interaction.h"
#include "link.h"
#include "party.h"
#include "playbook.h"
#include "process.h"
#include "product.h"
#include "request.h"
#include "rule.h"
#include "score.h"
#include "snapshot.h"
#include "store.h"
#include "value.h"
#include "values.h"
#include "version.h"

#endif
