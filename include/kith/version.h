/**
 * @file version.h
 * The version built against (macros) and the version loaded (functions).
 */
#ifndef KITH_VERSION_H
#define KITH_VERSION_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KITH_VERSION_MAJOR 0
#define KITH_VERSION_MINOR 1
#define KITH_VERSION_PATCH 0
#define KITH_VERSION_NUMBER (KITH_VERSION_MAJOR * 1000000 + KITH_VERSION_MINOR * 1000 + KITH_VERSION_PATCH)

/** The storage format this library writes. Separate from the version of the interface. */
#define KITH_FORMAT_VERSION 1

/**
 * The loaded library's version as major * 1000000 + minor * 1000 + patch.
 * Check at start: same major, number not below the KITH_VERSION_NUMBER built against.
 * [any thread] Since 0.1.
 */
KITH_API uint32_t kith_version_number(void);

/** The loaded library's version as text, "0.1.0". Borrowed for ever. [any thread] Since 0.1. */
KITH_API const char *kith_version_string(void);

/** The version of LMDB in use, as text. Borrowed for ever. [any thread] Since 0.1. */
KITH_API const char *kith_version_lmdb(void);

/** The version of the time zone data in use, "2025b", or "unknown". Borrowed for ever. [any thread]
 *  Since 0.1. */
KITH_API const char *kith_version_tzdata(void);

/**
 * Handles not yet freed in this process, of every kind: zero when a host has cleaned up.
 * For tests and leak hunting. [any thread] Since 0.1.
 */
KITH_API int64_t kith_debug_live_handles(void);

#ifdef __cplusplus
}
#endif
#endif
