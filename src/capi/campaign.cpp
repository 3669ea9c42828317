#include <kith/campaign.h>

#include "capi/directory.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

namespace campaign_field = model::campaign_field;
static_assert(campaign_field::name == KITH_CAMPAIGN_FIELD_NAME);
static_assert(campaign_field::purpose == KITH_CAMPAIGN_FIELD_PURPOSE);
static_assert(campaign_field::starts_at == KITH_CAMPAIGN_FIELD_STARTS_AT);
static_assert(campaign_field::ends_at == KITH_CAMPAIGN_FIELD_ENDS_AT);
static_assert(campaign_field::budget == KITH_CAMPAIGN_FIELD_BUDGET);
static_assert(campaign_field::revision == KITH_CAMPAIGN_FIELD_REVISION);

base::Result<engine::CampaignItem> campaign_in(const kith_campaign *theirs, std::uint32_t flags) {
    engine::CampaignItem out;
    KITH_LET(item_flags, put_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "campaign"));
    KITH_TRY(check_bits(in.fields,
                        campaign_field::name | campaign_field::purpose | campaign_field::starts_at |
                            campaign_field::ends_at | campaign_field::budget | campaign_field::revision,
                        "campaign->fields"));
    KITH_LET(key, view_in(in.key, "campaign->key"));
    KITH_LET(name, view_in(in.name, "campaign->name"));
    KITH_LET(purpose, view_in(in.purpose, "campaign->purpose"));
    out.flags = item_flags;
    out.fields = in.fields;
    out.key = key;
    out.name = name;
    out.purpose = purpose;
    out.starts_at = in.starts_at;
    out.ends_at = in.ends_at;
    out.budget = in.budget;
    out.revision = in.revision;
    return out;
}

}  // namespace

extern "C" kith_status kith_campaign_put(kith_batch *batch, const kith_campaign *campaign, uint32_t flags,
                                         uint32_t *out_item, kith_error *error) {
    return put_item(batch, out_item, error, [&] { return campaign_in(campaign, flags); });
}

extern "C" kith_status kith_campaign_get(kith_snapshot *snapshot, const char *key, size_t key_size,
                                         kith_page **out_page, kith_error *error) {
    return get_by_key(snapshot, key, key_size, out_page, error, &engine::DirectoryReads::campaign);
}
