/**
 * @file commitment.h
 * Commitments: what someone owes someone by a time. Definitions and people make them, people close them.
 */
#ifndef KITH_COMMITMENT_H
#define KITH_COMMITMENT_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_commitment.state */
enum {
    KITH_COMMITMENT_OPEN = 1,
    KITH_COMMITMENT_ACCEPTED = 2,
    KITH_COMMITMENT_DOING = 3,
    KITH_COMMITMENT_KEPT = 4,
    KITH_COMMITMENT_BROKEN = 5,
    KITH_COMMITMENT_WAIVED = 6,
    KITH_COMMITMENT_CANCELLED = 7,
    KITH_COMMITMENT_COMPENSATED = 8,
    KITH_COMMITMENT_HISTORIC = 9 /**< its cause is older than effects_from: recorded, never opened */
};

/** kith_commitment.sort */
enum {
    KITH_SORT_TASK = 1,
    KITH_SORT_PROMISE = 2, /**< breaks when its due time comes, as the two after the next */
    KITH_SORT_APPROVAL = 3,
    KITH_SORT_COMPENSATION = 4,
    KITH_SORT_MILESTONE = 5,
    KITH_SORT_REMINDER = 6
};

/** kith_commitment.flags */
enum {
    KITH_COMMITMENT_EXPLICIT = 1, /**< said in so many words */
    KITH_COMMITMENT_INTERNAL = 2  /**< among ourselves: never shown to a customer */
};

/** kith_commitment.for_kind */
enum { KITH_FOR_NONE = 0, KITH_FOR_PARTY = 1, KITH_FOR_PROCESS = 2, KITH_FOR_COMMITMENT = 3 };

/** kith_commitment.fields */
enum {
    KITH_COMMITMENT_FIELD_DUE = 1,
    KITH_COMMITMENT_FIELD_ENDED_AT = 2,
    KITH_COMMITMENT_FIELD_ACCEPTED_AT = 4,
    KITH_COMMITMENT_FIELD_STARTED_AT = 8,
    KITH_COMMITMENT_FIELD_BROKEN_AT = 16
};

/** A commitment. */
typedef struct kith_commitment {
    uint32_t struct_size; /**< sizeof(kith_commitment) */
    uint32_t fields;      /**< KITH_COMMITMENT_FIELD_* */
    kith_id id;
    kith_id party;  /**< whom it concerns */
    kith_str kind;  /**< "win_back" */
    kith_str title; /**< a line a person can read */
    uint32_t state; /**< KITH_COMMITMENT_* */
    uint32_t reserved;
    kith_time opened_at; /**< in event time */
    kith_time due;
    kith_time ended_at;
    kith_id process;    /**< the process that made it; all zero if none */
    kith_str party_key; /**< the party's host key; absent if it has none */
    uint32_t sort;      /**< KITH_SORT_* */
    uint32_t flags;     /**< KITH_COMMITMENT_EXPLICIT, KITH_COMMITMENT_INTERNAL */
    kith_str name;      /**< of a milestone: its name */
    kith_str assignee;  /**< key of the actor who is to do it; absent: nobody yet */
    kith_str owner;     /**< of the party, when it was made */
    kith_str debtor;    /**< key of the actor who owes it */
    kith_str creditor;  /**< key of the actor who is owed it */
    kith_id debtor_party;
    kith_id creditor_party;
    kith_id for_record;        /**< what it is for */
    uint32_t for_kind;         /**< KITH_FOR_* */
    uint32_t ready;            /**< 1: all it needs is there */
    const kith_str *require;   /**< artefacts it needs */
    const kith_str *artefacts; /**< those that are there */
    size_t require_count;
    size_t artefact_count;
    kith_time accepted_at;
    kith_time started_at; /**< doing */
    kith_str rule;        /**< name of the rule that made it */
    uint32_t version;     /**< of the process or rule that made it */
    uint32_t told_late;   /**< 1: it was open when its due time came, as the feed has told */
    uint64_t revision;    /**< grows with each change */
    uint64_t stamp;       /**< clock of the last change */
    kith_str system;      /**< host system; with `key` it names the commitment for ever */
    kith_str key;         /**< host key */
    kith_str item;        /**< what is owed; this and the four after it are personal */
    kith_str condition;
    kith_str compensation; /**< what is due if it is broken */
    kith_str evidence;     /**< that it was kept */
    kith_str result;
    kith_time broken_at; /**< also of what has been made good, or let off, since */
} kith_commitment;

/** kith_new_commitment.fields */
enum { KITH_NEW_COMMITMENT_FIELD_DUE = 1 };

/** A commitment that people make. */
typedef struct kith_new_commitment {
    uint32_t struct_size; /**< sizeof(kith_new_commitment) */
    uint32_t fields;      /**< KITH_NEW_COMMITMENT_FIELD_* */
    uint32_t sort;        /**< KITH_SORT_*; 0: a task */
    uint32_t flags;       /**< KITH_COMMITMENT_EXPLICIT, KITH_COMMITMENT_INTERNAL */
    kith_str kind;        /**< what it is: "call_back"; absent: its name */
    kith_str name;        /**< of a milestone */
    kith_str title;       /**< a line a person can read; personal, as the three after it */
    kith_str item;        /**< what is owed */
    kith_str condition;
    kith_str compensation; /**< what is due if it is broken */
    kith_str assignee;     /**< key of an actor */
    kith_str debtor;       /**< key of the actor who owes it, or: */
    kith_id debtor_party;
    kith_str creditor; /**< key of the actor who is owed it, or: */
    kith_id creditor_party;
    kith_id for_record; /**< what it is for: a party, a process or a commitment */
    uint32_t for_kind;  /**< KITH_FOR_* */
    uint32_t reserved;
    const kith_str *require; /**< artefacts without which it is not ready; at most 256 */
    size_t require_count;
    kith_time opened_at;
    kith_time due;
    kith_str system; /**< host system and key: put again, nothing is made */
    kith_str key;
} kith_new_commitment;

/**
 * Adds to the batch: make a commitment of the party that `ref` names. Copied. `flags`: KITH_ITEM_CREATE,
 * KITH_ITEM_MUST_NOT_EXIST or 0. Its id is in the outcome. A promise, a compensation and a milestone are
 * broken when their due time comes, by run_due or an event after it; of others the feed tells then that they
 * are late. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_commitment_make(kith_batch *batch, const kith_ref *ref,
                                                         uint32_t flags,
                                                         const kith_new_commitment *commitment,
                                                         uint32_t *out_item, kith_error *error);

/** kith_commitment_changes.fields: what is changed; an absent text or an empty list clears. */
enum {
    KITH_COMMITMENT_CHANGE_DUE = 1,      /**< of an open one */
    KITH_COMMITMENT_CHANGE_ASSIGNEE = 2, /**< of an open one */
    KITH_COMMITMENT_CHANGE_TITLE = 4,
    KITH_COMMITMENT_CHANGE_ARTEFACTS = 8,
    KITH_COMMITMENT_CHANGE_EVIDENCE = 16,
    KITH_COMMITMENT_CHANGE_RESULT = 32,
    KITH_COMMITMENT_CHANGE_ITEM = 64,
    KITH_COMMITMENT_CHANGE_CONDITION = 128,
    KITH_COMMITMENT_CHANGE_COMPENSATION = 256,
    KITH_COMMITMENT_CHANGE_REVISION = 512, /**< refuse with KITH_E_CONFLICT if the stored one differs */
    KITH_COMMITMENT_CHANGE_NO_DUE = 1024   /**< of an open one: it is due at no time */
};

/** What is to change of a commitment. Its state has a call of its own. */
typedef struct kith_commitment_changes {
    uint32_t struct_size; /**< sizeof(kith_commitment_changes) */
    uint32_t fields;      /**< KITH_COMMITMENT_CHANGE_* */
    kith_id id;
    kith_time due;
    kith_str assignee;
    const kith_str *artefacts; /**< those that are there, all of them; at most 256 */
    size_t artefact_count;
    kith_str title;
    kith_str item;
    kith_str condition;
    kith_str compensation;
    kith_str evidence;
    kith_str result;
    uint64_t revision;
} kith_commitment_changes;

/** Adds to the batch: change fields of a commitment. Copied. [one thread at a time] Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_commitment_change(kith_batch *batch,
                                                           const kith_commitment_changes *changes,
                                                           uint32_t *out_item, kith_error *error);

/**
 * Adds to the batch: move a commitment to another state at `at`: from open forwards to accepted, doing, then
 * to kept, broken, waived or cancelled. One that has ended stays as it is, but a broken one may be
 * compensated or waived: KITH_E_STATE at commit. KITH_E_RULE if it waits for artefacts, and is to be doing or
 * kept. One that is kept for a broken one makes that one compensated. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_commitment_set_state(kith_batch *batch, const kith_id *commitment,
                                                              uint32_t state, kith_time at,
                                                              uint32_t *out_item, kith_error *error);

/**
 * Reads a commitment by id. Owned: *out_page, with one commitment (kith_page_commitments), free with
 * kith_page_free. [one thread at a time] Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_commitment_get(kith_snapshot *snapshot, const kith_id *id,
                                                        kith_page **out_page, kith_error *error);

/**
 * A table of actors: `actor`, `open` and `late` (due before `now`) of its own, `open_all` and `late_all` with
 * those of all that are part of it; `self` has what any actor has, the row without an actor what nobody has.
 * Owned: *out_table, free with kith_table_free. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_commitment_counts(kith_snapshot *snapshot, kith_time now,
                                                           kith_table **out_table, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
