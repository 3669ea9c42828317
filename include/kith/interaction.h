/**
 * @file interaction.h
 * Interactions: anything that happened with a party. Recorded once, never changed; one put right
 * by another that `corrects` it.
 */
#ifndef KITH_INTERACTION_H
#define KITH_INTERACTION_H

#include "party.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_interaction.fields */
enum {
    KITH_INTERACTION_FIELD_AMOUNT = 1,
    KITH_INTERACTION_FIELD_BASE_AMOUNT = 2,
    KITH_INTERACTION_FIELD_CORRECTS = 4,
    KITH_INTERACTION_FIELD_COST = 8,
    KITH_INTERACTION_FIELD_DURATION = 16,
    /* named in errors only */
    KITH_INTERACTION_FIELD_TYPE = 256,
    KITH_INTERACTION_FIELD_AT = 512,
    KITH_INTERACTION_FIELD_CURRENCY = 1024,
    KITH_INTERACTION_FIELD_LINES = 2048,
    KITH_INTERACTION_FIELD_KEY = 4096,
    KITH_INTERACTION_FIELD_TEXT = 8192,
    KITH_INTERACTION_FIELD_VALUES = 16384,
    KITH_INTERACTION_FIELD_FORM = 32768
};

/** kith_interaction.direction */
enum { KITH_DIRECTION_NONE = 0, KITH_DIRECTION_IN = 1, KITH_DIRECTION_OUT = 2 };

/** kith_line.fields */
enum { KITH_LINE_FIELD_MARGIN = 1 };

/** A line of an interaction. Frozen: this struct never grows. */
typedef struct kith_line {
    kith_str product;   /**< the host's product key */
    int64_t quantity;   /**< scaled by KITH_DECIMAL_ONE */
    int64_t unit_price; /**< major units of the currency, scaled by KITH_DECIMAL_ONE */
    int64_t amount;     /**< minor units; the line's own, as billed */
    kith_str category;  /**< code; absent: the last of the product's category when it is recorded */
    int64_t margin;     /**< minor units: what is left of the amount */
    uint32_t fields;    /**< KITH_LINE_FIELD_* */
    uint32_t reserved;
} kith_line;

/** kith_answer.fields */
enum { KITH_ANSWER_FIELD_NUMBER = 1, KITH_ANSWER_FIELD_SCORE = 2 };

/** An answer of a filled form: to an aspect of an item, or to a column in a row of a sheet. Frozen: this
 * struct never grows. */
typedef struct kith_answer {
    kith_str item;      /**< of a form of items; out too: absent of a sheet */
    kith_str aspect;    /**< of an item, absent where the form has one alone; of a sheet the column */
    kith_str text;      /**< code, point of the scale, amount ("12.50 EUR"), time, key or text (personal) */
    double number;      /**< in place of the text: a number of the scale, 1 for yes, 0 for no */
    uint32_t fields;    /**< KITH_ANSWER_FIELD_*; of a point that has a name out has text and number */
    uint32_t row;       /**< of a sheet, from 1; out: of an item its place among those answered */
    kith_str dimension; /**< out: the item's, when the form was filled */
    double score;       /**< out: the item's; not there if too few items were answered */
} kith_answer;

/**
 * An interaction. An order's amount and quantities are not negative; a return or an adjustment may
 * have either sign; other types' amounts are not negative.
 */
typedef struct kith_interaction {
    uint32_t struct_size;         /**< sizeof(kith_interaction) */
    uint32_t fields;              /**< KITH_INTERACTION_FIELD_* */
    kith_interaction_id id;       /**< out */
    kith_id party;                /**< out: the party as recorded */
    kith_str type;                /**< "order", "return", "payment", "visit", "call", "message", ... */
    kith_time at;                 /**< when it happened */
    kith_time recorded_at;        /**< out */
    uint64_t stamp;               /**< out: hybrid logical clock */
    kith_str system;              /**< host system; with `key` it names the interaction for ever */
    kith_str key;                 /**< host key; absent: not idempotent */
    int64_t amount;               /**< minor units of `currency` */
    int64_t base_amount;          /**< minor units of the file's currency; needed if `currency` differs */
    uint8_t currency[4];          /**< ISO 4217, NUL-terminated; all zero: the file's */
    uint32_t direction;           /**< KITH_DIRECTION_* */
    kith_interaction_id corrects; /**< the one this takes the place of */
    const kith_line *lines;
    size_t line_count;
    kith_str medium; /**< shop, web, phone, email, ... */
    kith_str scope;  /**< how far it went */
    kith_str topic;
    kith_str outcome;
    kith_str actor;     /**< who of us */
    kith_str with_whom; /**< whom on their side (personal) */
    kith_str text;      /**< what was said or written (personal) */
    kith_str next_step; /**< what was agreed (personal) */
    int64_t cost; /**< minor units of the file's currency: what the contact cost us; absent: its type's */
    int64_t duration_s;       /**< seconds */
    kith_str campaign;        /**< key of the campaign it came of */
    kith_str owner;           /**< out: the party's owner when it was recorded */
    const kith_field *values; /**< that the type of this name defines; texts are personal */
    size_t value_count;
    kith_str form;       /**< name of the form that was filled, an installed definition */
    kith_str about_kind; /**< what it is about, as the form says: "self", "party", "competitor", ...; absent:
                            the only one */
    kith_str about;      /**< its key; absent for "self" and "party" */
    const kith_answer *answers;
    size_t answer_count;
    uint32_t round;         /**< of a form that has rounds, from 1 */
    uint32_t form_reserved; /**< 0 */
} kith_interaction;

/**
 * Adds to the batch: record an interaction with the party `ref` names (or with KITH_ITEM_CREATE or
 * KITH_ITEM_CREATE_ANONYMOUS makes). Copied. [one thread at a time]
 * Idempotent by (system, key): the same again is `existing`; with other content KITH_E_CONFLICT at
 * commit, or skipped with KITH_ITEM_SKIP_CONFLICT. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_interaction_append(kith_batch *batch, const kith_ref *ref,
                                                            uint32_t flags,
                                                            const kith_interaction *interaction,
                                                            uint32_t *out_item, kith_error *error);

/**
 * Adds `count` interactions to the batch; refs[i] goes with interactions[i], each `stride` bytes
 * apart. All are added or none; error->item is the index within this call. [one thread at a time]
 * Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_interaction_append_many(kith_batch *batch, const kith_ref *refs,
                                                                 uint32_t flags,
                                                                 const kith_interaction *interactions,
                                                                 size_t count, size_t stride,
                                                                 kith_error *error);

/**
 * Reads an interaction. Owned: *out_page with one interaction, free with kith_page_free.
 * [one thread at a time] Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_interaction_get(kith_snapshot *snapshot,
                                                         const kith_interaction_id *id, kith_page **out_page,
                                                         kith_error *error);

/** Finds an interaction by host system and key. [one thread at a time] KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_interaction_find(kith_snapshot *snapshot, const char *system,
                                                          size_t system_size, const char *key,
                                                          size_t key_size, kith_interaction_id *out_id,
                                                          kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
