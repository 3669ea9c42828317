#include <kith/product.h>

#include "capi/directory.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

static_assert(model::product_field::name == KITH_PRODUCT_FIELD_NAME);
static_assert(model::product_field::category == KITH_PRODUCT_FIELD_CATEGORY);
static_assert(model::product_field::revision == KITH_PRODUCT_FIELD_REVISION);

// `category` is what the item's category will point into.
base::Result<engine::ProductItem> product_in(const kith_product *theirs, std::uint32_t flags,
                                             std::vector<std::string_view> &category) {
    engine::ProductItem out;
    KITH_LET(item_flags, put_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "product"));
    KITH_TRY(check_bits(in.fields,
                        KITH_PRODUCT_FIELD_NAME | KITH_PRODUCT_FIELD_CATEGORY | KITH_PRODUCT_FIELD_REVISION,
                        "product->fields"));
    KITH_LET(key, view_in(in.key, "product->key"));
    KITH_LET(name, view_in(in.name, "product->name"));
    if (in.category_count > 0 && !in.category)
        return base::fail(base::Status::argument, "product->category is NULL with a count: give the codes");
    if (in.category_count > KITH_MAX_CATEGORY_DEPTH)
        return base::fail(base::Status::limit, "product->category is too deep: at most 32 codes");
    for (std::size_t i = 0; i < in.category_count; ++i) {
        KITH_LET(code, view_in(in.category[i], "product->category"));
        category.push_back(code);
    }
    out.flags = item_flags;
    out.fields = in.fields;
    out.key = key;
    out.name = name;
    out.category = category;
    out.revision = in.revision;
    return out;
}

}  // namespace

extern "C" kith_status kith_product_put(kith_batch *batch, const kith_product *product, uint32_t flags,
                                        uint32_t *out_item, kith_error *error) {
    std::vector<std::string_view> category;
    return put_item(batch, out_item, error, [&] { return product_in(product, flags, category); });
}

extern "C" kith_status kith_product_get(kith_snapshot *snapshot, const char *key, size_t key_size,
                                        kith_page **out_page, kith_error *error) {
    return get_by_key(snapshot, key, key_size, out_page, error, &engine::DirectoryReads::product);
}
