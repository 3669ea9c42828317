/**
 * @file party.h
 * Parties: persons, organisations, households, anonymous ones; and the identifiers that find them.
 */
#ifndef KITH_PARTY_H
#define KITH_PARTY_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_field.kind */
enum {
    KITH_FIELD_WRITTEN = 0, /**< in: `text` is read as the field's type has it: "12.50 EUR", "2026-01-31" */
    KITH_FIELD_TEXT = 1,
    KITH_FIELD_INT = 2,
    KITH_FIELD_DOUBLE = 3,
    KITH_FIELD_BOOL = 4,
    KITH_FIELD_MONEY = 5,
    KITH_FIELD_TIME = 6,
    KITH_FIELD_DATE = 7,
    KITH_FIELD_CODE = 8,   /**< one of the field's list */
    KITH_FIELD_KEY = 9,    /**< of an actor, product or campaign */
    KITH_FIELD_RECORD = 10 /**< a party, commitment or process, by its id */
};

/**
 * The value of a field that an installed type defines: { "type": "party", "fields": { "trade": "list.trade" }
 * }. Frozen: this struct never grows.
 */
typedef struct kith_field {
    kith_str name;
    uint32_t kind;       /**< KITH_FIELD_* */
    uint8_t currency[4]; /**< of MONEY: ISO 4217, NUL-terminated; all zero: the file's */
    int64_t integer; /**< INT; BOOL: 0 or 1; MONEY: minor units; TIME: a kith_time; DATE: days since 1970 */
    double real;     /**< DOUBLE */
    kith_str
        text;   /**< in: WRITTEN, TEXT, CODE, KEY; out: always, as it could be written, of a party its key */
    kith_id id; /**< RECORD */
} kith_field;

/** kith_party.kind */
enum {
    KITH_PARTY_PERSON = 0,
    KITH_PARTY_ORGANISATION = 1,
    KITH_PARTY_HOUSEHOLD = 2,
    KITH_PARTY_ANONYMOUS = 3
};

/** kith_party.roles, any of */
enum {
    KITH_ROLE_FINAL = 1,        /**< buys to consume */
    KITH_ROLE_INTERMEDIARY = 2, /**< buys to resell */
    KITH_ROLE_PROSPECT = 4,
    KITH_ROLE_SUPPLIER = 8,
    KITH_ROLE_PARTNER = 16,
    KITH_ROLE_COMPETITOR = 32,
    KITH_ROLE_EMPLOYEE = 64
};

/** kith_party.fields: which fields are set (in: to be changed; absent string then means clear). */
enum {
    KITH_PARTY_FIELD_KIND = 1,
    KITH_PARTY_FIELD_ROLES = 2,
    KITH_PARTY_FIELD_NAME = 4,
    KITH_PARTY_FIELD_LANGUAGE = 8,
    KITH_PARTY_FIELD_TIME_ZONE = 16,
    KITH_PARTY_FIELD_OWNER = 32,
    KITH_PARTY_FIELD_TAGS = 64,
    KITH_PARTY_FIELD_REVISION = 128, /**< in: refuse with KITH_E_CONFLICT if the stored one differs */
    KITH_PARTY_FIELD_VALUES = 256    /**< in: those in `values`, and no others */
};

/** A party. */
typedef struct kith_party {
    uint32_t struct_size; /**< sizeof(kith_party) */
    uint32_t fields;      /**< KITH_PARTY_FIELD_* */
    kith_id id;           /**< in: for a new party, or all zero; out: its id */
    uint32_t kind;        /**< KITH_PARTY_* */
    uint32_t roles;       /**< KITH_ROLE_* */
    kith_str name;
    kith_str language;        /**< BCP 47 */
    kith_str time_zone;       /**< IANA */
    kith_str owner;           /**< the actor who looks after it */
    kith_str tags;            /**< comma-separated */
    kith_str host_key;        /**< out: the first host key it came with; absent if none */
    uint64_t revision;        /**< out: grows with each change; in with KITH_PARTY_FIELD_REVISION */
    kith_time created_at;     /**< out: when it was recorded */
    uint64_t stamp;           /**< out: clock of the last change */
    const kith_field *values; /**< of the type "party"; in: one that is WRITTEN without a text is cleared */
    size_t value_count;
} kith_party;

/**
 * Adds to the batch: change the party `ref` names, or with KITH_ITEM_CREATE make it (a host key or
 * identifier in `ref` is then claimed for it; KITH_REF_NONE makes a new one). Copied. *out_item (may
 * be NULL) is the item's index. [one thread at a time]
 * Fails with KITH_E_ARGUMENT, KITH_E_LIMIT; the batch is then as before. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_party_put(kith_batch *batch, const kith_ref *ref, uint32_t flags,
                                                   const kith_party *party, uint32_t *out_item,
                                                   kith_error *error);

/** kith_identifier.flags */
enum {
    KITH_IDENTIFIER_SHARED = 1, /**< used by several parties: finds candidates, claims nobody */
    KITH_IDENTIFIER_HOST = 2    /**< out: a host key; `kind` is the host system */
};

/** kith_identifier.fields */
enum {
    KITH_IDENTIFIER_FIELD_VERIFIED_AT = 1,
    KITH_IDENTIFIER_FIELD_VALID_FROM = 2,
    KITH_IDENTIFIER_FIELD_VALID_TO = 4
};

/** Something that identifies a party: phone, email, card, plate, tax_number, openid, device, ... */
typedef struct kith_identifier {
    uint32_t struct_size; /**< sizeof(kith_identifier) */
    uint32_t fields;      /**< KITH_IDENTIFIER_FIELD_* */
    uint32_t flags;       /**< KITH_IDENTIFIER_* */
    uint32_t reserved;
    kith_str kind;       /**< "email", "phone", "card", ...; any name is allowed */
    kith_str value;      /**< as written */
    kith_str normalised; /**< out: as compared */
    kith_time verified_at;
    kith_time valid_from;
    kith_time valid_to;
    kith_id party; /**< out: whose it is */
} kith_identifier;

/**
 * Adds to the batch: give the party `ref` names (or with KITH_ITEM_CREATE makes) an identifier.
 * One active claim per kind and normalised value: another party's gives KITH_E_CONFLICT at commit;
 * the same party's is `existing`. Copied. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_identifier_add(kith_batch *batch, const kith_ref *ref,
                                                        uint32_t flags, const kith_identifier *identifier,
                                                        uint32_t *out_item, kith_error *error);

/**
 * Finds a party by id, host key or identifier (not KITH_REF_ITEM). [one thread at a time]
 * Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_party_find(kith_snapshot *snapshot, const kith_ref *ref,
                                                    kith_id *out_party, kith_error *error);

/**
 * Finds a party by text of unknown sort, as a person types it: an id, a host key of any system, or
 * an identifier of any kind; in this order, first match wins. [one thread at a time]
 * Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_party_search(kith_snapshot *snapshot, const char *text,
                                                      size_t text_size, kith_id *out_party,
                                                      kith_error *error);

/**
 * Reads a party. Borrowed: its strings, until the snapshot ends or is renewed; its values, until the next
 * call for the snapshot too. [one thread at a time]
 * Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_party_get(kith_snapshot *snapshot, const kith_id *party,
                                                   kith_party *out_party, kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
