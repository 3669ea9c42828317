/**
 * @file process.h
 * Processes: where a relationship stands. An instance of a process definition for one party; the
 * built-in playbook `lifecycle` gives every buying party one.
 */
#ifndef KITH_PROCESS_H
#define KITH_PROCESS_H

#include "party.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_process.fields */
enum { KITH_PROCESS_FIELD_DUE = 1 };

/** A process instance. */
typedef struct kith_process {
    uint32_t struct_size; /**< sizeof(kith_process) */
    uint32_t fields;      /**< KITH_PROCESS_FIELD_* */
    kith_id id;
    kith_id party;
    kith_str definition;  /**< "lifecycle" */
    uint32_t version;     /**< of the definition it runs under */
    uint32_t transitions; /**< entries of its log */
    kith_str state;
    kith_time since;          /**< when it entered the state */
    kith_time started_at;     /**< when it started */
    kith_time due;            /**< its next timer, with KITH_PROCESS_FIELD_DUE */
    kith_str key;             /**< what it is about, where a party may have several; absent if it has none */
    kith_id parent;           /**< the process that opened it; all zero if none did */
    const kith_field *values; /**< of the fields that its definition has */
    size_t value_count;
} kith_process;

/** kith_transition.cause */
enum {
    KITH_CAUSE_EVENT = 1, /**< an interaction: `event` is its type */
    KITH_CAUSE_TIMER = 2, /**< a due time */
    KITH_CAUSE_HAND = 3,
    KITH_CAUSE_DEFINITION =
        4 /**< a definition was installed, or its cuts taken anew: in a log of membership */
};

/** One entry of the log of a process, or of a party's membership in a segment (value.h). */
typedef struct kith_transition {
    uint32_t struct_size; /**< sizeof(kith_transition) */
    uint32_t cause;       /**< KITH_CAUSE_* */
    kith_id process;
    kith_time at; /**< in event time: when the event happened, or the timer was due */
    kith_time recorded_at;
    kith_str from; /**< absent for the start */
    kith_str to;
    kith_str event;                  /**< type of the interaction; absent for a timer */
    kith_interaction_id interaction; /**< the interaction; all zero for a timer */
    uint32_t version;                /**< of the definition */
    uint32_t late;                   /**< 1: the event was older than the entry before */
    kith_str reason;                 /**< by hand; absent if nobody said one */
    kith_str actor;                  /**< who did it; absent if it is not known */
} kith_transition;

/** An event for a process of a party. */
typedef struct kith_process_event {
    uint32_t struct_size; /**< sizeof(kith_process_event) */
    uint32_t reserved;
    kith_str process; /**< the name of its definition */
    kith_str key;     /**< which one, where a party has several; absent: the one without a key */
    kith_str event;   /**< the word that its state waits for; absent in kith_process_open */
    kith_time at;     /**< when it happened */
    kith_str actor;   /**< who did it; may be absent */
    kith_str reason;  /**< for the log, a line a person can read; may be absent */
    /** of the fields that its definition has; one that is WRITTEN without a text is cleared */
    const kith_field *values;
    size_t value_count;
} kith_process_event;

/**
 * Adds to the batch: an event for a process that runs, which sets fields and moves it where its state waits
 * for it. Copied. `flags` as of kith_interaction_append. One that is of no such process is refused with
 * KITH_E_MISSING at commit. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_process_send(kith_batch *batch, const kith_ref *party,
                                                      uint32_t flags, const kith_process_event *event,
                                                      uint32_t *out_item, kith_error *error);

/**
 * Adds to the batch: opens a process by hand, with a key if a party may have several, and its fields. Copied.
 * `flags` as of kith_interaction_append. One that runs already stays as it is. [one thread at a time]
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_process_open(kith_batch *batch, const kith_ref *party,
                                                      uint32_t flags, const kith_process_event *event,
                                                      uint32_t *out_item, kith_error *error);

/**
 * The log of a process, oldest first. Owned: *out_page, free with kith_page_free.
 * [one thread at a time] Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_process_log(kith_snapshot *snapshot, const kith_id *process,
                                                     kith_page **out_page, kith_error *error);

/**
 * How many parties are in each state of a process. Owned: *out_table (state, parties), in the order
 * of the definition; free with kith_table_free. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_process_states(kith_snapshot *snapshot, const char *definition,
                                                        size_t definition_size, kith_table **out_table,
                                                        kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
