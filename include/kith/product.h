/**
 * @file product.h
 * Products: a thin mirror of the host's catalogue. A product is known by its key, which is what lines of
 * interactions name; it needs no record for that.
 */
#ifndef KITH_PRODUCT_H
#define KITH_PRODUCT_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_product.fields: which fields are set (in: to be changed). */
enum {
    KITH_PRODUCT_FIELD_NAME = 1,
    KITH_PRODUCT_FIELD_CATEGORY = 2,
    KITH_PRODUCT_FIELD_REVISION = 128 /**< in: refuse with KITH_E_CONFLICT if the stored one differs */
};

/** A product. */
typedef struct kith_product {
    uint32_t struct_size; /**< sizeof(kith_product) */
    uint32_t fields;      /**< KITH_PRODUCT_FIELD_* */
    kith_str key;         /**< the host's product key */
    kith_str name;
    const kith_str *category; /**< codes from the root: food, dairy, milk; at most 32 */
    size_t category_count;
    uint64_t revision;    /**< out: grows with each change; in with KITH_PRODUCT_FIELD_REVISION */
    kith_time created_at; /**< out: when it was first put */
    uint64_t stamp;       /**< out: clock of the last change */
} kith_product;

/**
 * Adds to the batch: put the product of `product->key`, made if it is not there. Lines recorded from then on
 * are stamped with the last code of its category; those recorded before stay as they are. Copied. `flags`:
 * KITH_ITEM_MUST_NOT_EXIST or 0. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_product_put(kith_batch *batch, const kith_product *product,
                                                     uint32_t flags, uint32_t *out_item, kith_error *error);

/**
 * Reads a product by key. Owned: *out_page, with one product (kith_page_products), free with kith_page_free.
 * [one thread at a time] Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_product_get(kith_snapshot *snapshot, const char *key,
                                                     size_t key_size, kith_page **out_page,
                                                     kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
