/**
 * @file campaign.h
 * Campaigns: what was done on purpose to move customers, when, and for how much. Interactions name the
 * campaign they came of by its key, which needs no record for that.
 */
#ifndef KITH_CAMPAIGN_H
#define KITH_CAMPAIGN_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/** kith_campaign.fields: which fields are set (in: to be changed; absent text then clears). */
enum {
    KITH_CAMPAIGN_FIELD_NAME = 1,
    KITH_CAMPAIGN_FIELD_PURPOSE = 2,
    KITH_CAMPAIGN_FIELD_STARTS_AT = 4,
    KITH_CAMPAIGN_FIELD_ENDS_AT = 8,
    KITH_CAMPAIGN_FIELD_BUDGET = 16,
    KITH_CAMPAIGN_FIELD_REVISION = 128 /**< in: refuse with KITH_E_CONFLICT if the stored one differs */
};

/** A campaign. */
typedef struct kith_campaign {
    uint32_t struct_size; /**< sizeof(kith_campaign) */
    uint32_t fields;      /**< KITH_CAMPAIGN_FIELD_* */
    kith_str key;
    kith_str name;
    kith_str purpose; /**< acquire, develop, keep, win_back, ... */
    kith_time starts_at;
    kith_time ends_at;
    int64_t budget;       /**< minor units of the file's currency */
    uint64_t revision;    /**< out: grows with each change; in with KITH_CAMPAIGN_FIELD_REVISION */
    kith_time created_at; /**< out: when it was first put */
    uint64_t stamp;       /**< out: clock of the last change */
} kith_campaign;

/**
 * Adds to the batch: put the campaign of `campaign->key`, made if it is not there. Copied. `flags`:
 * KITH_ITEM_MUST_NOT_EXIST or 0. [one thread at a time] Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_campaign_put(kith_batch *batch, const kith_campaign *campaign,
                                                      uint32_t flags, uint32_t *out_item, kith_error *error);

/**
 * Reads a campaign by key. Owned: *out_page, with one campaign (kith_page_campaigns), free with
 * kith_page_free. [one thread at a time] Returns KITH_OK or KITH_NOT_FOUND. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_campaign_get(kith_snapshot *snapshot, const char *key,
                                                      size_t key_size, kith_page **out_page,
                                                      kith_error *error);

#ifdef __cplusplus
}
#endif
#endif
