/**
 * @file actor.h
 * Actors: who of us. People, teams, departments, branches, sites, devices and services, in one tree whose
 * root is `self`, the enterprise. An actor is known by its key, which is what owners and actors of other
 * records name; it needs no record for that.
 */
#ifndef KITH_ACTOR_H
#define KITH_ACTOR_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_actor.kind */
enum {
    KITH_ACTOR_STAFF = 0,
    KITH_ACTOR_TEAM = 1,
    KITH_ACTOR_DEPARTMENT = 2,
    KITH_ACTOR_BRANCH = 3,
    KITH_ACTOR_SITE = 4,
    KITH_ACTOR_DEVICE = 5,
    KITH_ACTOR_SERVICE = 6
};

/** kith_actor.fields: which fields are set (in: to be changed; absent text or an empty list then clears). */
enum {
    KITH_ACTOR_FIELD_KIND = 1,
    KITH_ACTOR_FIELD_NAME = 2,
    KITH_ACTOR_FIELD_PART_OF = 4,
    KITH_ACTOR_FIELD_ACTIVE = 8,
    KITH_ACTOR_FIELD_CALENDAR = 16,
    KITH_ACTOR_FIELD_SKILLS = 32,
    KITH_ACTOR_FIELD_LIMITS = 64,
    KITH_ACTOR_FIELD_REVISION = 128 /**< in: refuse with KITH_E_CONFLICT if the stored one differs */
};

/** A skill and its level, or a limit and its amount. Frozen: this struct never grows. */
typedef struct kith_code_value {
    kith_str code; /**< "repair", "discount", ... */
    int64_t value; /**< a level; an amount in minor units of the file's currency */
} kith_code_value;

/** An actor. */
typedef struct kith_actor {
    uint32_t struct_size; /**< sizeof(kith_actor) */
    uint32_t fields;      /**< KITH_ACTOR_FIELD_* */
    kith_str key;
    uint32_t kind;                 /**< KITH_ACTOR_* */
    uint32_t active;               /**< 1 or 0; a new actor is active */
    kith_str name;                 /**< personal */
    kith_str part_of;              /**< key of the actor above; absent or "self": the enterprise */
    kith_str calendar;             /**< name of its calendar */
    const kith_code_value *skills; /**< at most 256 */
    size_t skill_count;
    const kith_code_value *limits; /**< what it may decide alone; at most 256 */
    size_t limit_count;
    uint64_t revision;    /**< out: grows with each change; in with KITH_ACTOR_FIELD_REVISION */
    kith_time created_at; /**< out: when it was first put */
    uint64_t stamp;       /**< out: clock of the last change */
} kith_actor;

/**
 * Adds to the batch: put the actor of `actor->key`, made if it is not there. Copied. `flags`:
 * KITH_ITEM_MUST_NOT_EXIST or 0. A `part_of` that would close a cycle is refused with KITH_E_RULE at commit.
 * One that is no longer active keeps all it owns and did. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_actor_put(kith_batch *batch, const kith_actor *actor, uint32_t flags,
                                                   uint32_t *out_item, kith_error *error);

/**
 * Reads an actor by key. Owned: *out_page, with one actor (kith_page_actors), free with kith_page_free.
 * [one thread at a time] Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_actor_get(kith_snapshot *snapshot, const char *key, size_t key_size,
                                                   kith_page **out_page, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
