/**
 * @file link.h
 * Links: typed edges from a party, or an actor, to a party. Recorded, never rewritten; a later record
 * between the same ends takes the place of the one before, or takes it back.
 */
#ifndef KITH_LINK_H
#define KITH_LINK_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_link.kind. Those of `parent_of`, `member_of` and `refers` are trees: they have no cycles. */
enum {
    KITH_LINK_WORKS_FOR = 1,
    KITH_LINK_MEMBER_OF = 2,
    KITH_LINK_PARENT_OF = 3,
    KITH_LINK_REFERS = 4, /**< brought it here */
    KITH_LINK_KNOWS = 5,
    KITH_LINK_USES = 6,
    KITH_LINK_DECIDES_FOR = 7,
    KITH_LINK_PAYS_FOR = 8,
    KITH_LINK_INFLUENCES = 9, /**< with stance and strength */
    KITH_LINK_COMPETES_WITH = 10,
    KITH_LINK_NOT_SAME = 11 /**< they look alike and are two */
};

/** kith_link.stance: what an influencer is for or against. */
enum { KITH_STANCE_NONE = 0, KITH_STANCE_FOR = 1, KITH_STANCE_NEUTRAL = 2, KITH_STANCE_AGAINST = 3 };

/** kith_link.fields */
enum { KITH_LINK_FIELD_VALID_FROM = 1, KITH_LINK_FIELD_VALID_TO = 2 };

/** A link. */
typedef struct kith_link {
    uint32_t struct_size; /**< sizeof(kith_link) */
    uint32_t fields;      /**< KITH_LINK_FIELD_* */
    uint32_t kind;        /**< KITH_LINK_* */
    uint32_t undone;      /**< in: 1 takes the standing link back */
    kith_str actor;       /**< key of the actor it comes from; absent: from a party */
    kith_id from;         /**< out: the party it comes from; all zero: an actor */
    kith_id to;           /**< out: the party it leads to */
    kith_time valid_from;
    kith_time valid_to;    /**< not included */
    uint32_t stance;       /**< KITH_STANCE_*, of influences */
    uint32_t strength;     /**< percent, of influences; 0: unknown */
    kith_time recorded_at; /**< out */
    uint64_t stamp;        /**< out: hybrid logical clock */
    kith_str from_key;     /**< out: host key of the party it comes from; absent if it has none */
    kith_str to_key;       /**< out: host key of the party it leads to; absent if it has none */
} kith_link;

/**
 * Adds to the batch: link two parties, or with `link->actor` (then `from` may be NULL) an actor and a party.
 * The same that stands already is `existing`; with other content it takes its place. Copied.
 * [one thread at a time] Refused at commit with KITH_E_RULE where it would close a cycle of a tree or leads
 * from a party to itself. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_link_put(kith_batch *batch, const kith_ref *from, const kith_ref *to,
                                                  uint32_t flags, const kith_link *link, uint32_t *out_item,
                                                  kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
