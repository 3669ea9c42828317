#include <kith/link.h>

#include "capi/directory.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

static_assert(static_cast<int>(model::LinkKind::works_for) == KITH_LINK_WORKS_FOR);
static_assert(static_cast<int>(model::LinkKind::parent_of) == KITH_LINK_PARENT_OF);
static_assert(static_cast<int>(model::LinkKind::influences) == KITH_LINK_INFLUENCES);
static_assert(static_cast<int>(model::LinkKind::not_same) == KITH_LINK_NOT_SAME);

base::Result<engine::LinkItem> link_in(const kith_ref *from, const kith_ref *to, std::uint32_t flags,
                                       const kith_link *theirs) {
    engine::LinkItem out;
    KITH_LET(item_flags, item_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "link"));
    KITH_TRY(check_bits(in.fields, KITH_LINK_FIELD_VALID_FROM | KITH_LINK_FIELD_VALID_TO, "link->fields"));
    KITH_LET(actor, view_in(in.actor, "link->actor"));
    if (actor.empty()) {
        KITH_LET(reference, ref_in(from));
        out.from = reference;
    }
    KITH_LET(reference, ref_in(to));
    if (in.undone > 1) return base::fail(base::Status::argument, "link->undone is neither 0 nor 1");
    out.to = reference;
    out.actor = actor;
    out.flags = item_flags;
    out.kind = static_cast<model::LinkKind>(in.kind <= KITH_LINK_NOT_SAME ? in.kind : 0);
    out.undone = in.undone != 0;
    if (in.fields & KITH_LINK_FIELD_VALID_FROM) out.valid_from = in.valid_from;
    if (in.fields & KITH_LINK_FIELD_VALID_TO) out.valid_to = in.valid_to;
    out.stance = static_cast<std::uint8_t>(std::min(in.stance, 255u));
    out.strength = static_cast<std::uint8_t>(std::min(in.strength, 255u));
    return out;
}

}  // namespace

extern "C" kith_status kith_link_put(kith_batch *batch, const kith_ref *from, const kith_ref *to,
                                     uint32_t flags, const kith_link *link, uint32_t *out_item,
                                     kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        KITH_LET(item, link_in(from, to, flags, link));
        KITH_LET(added, pinned->items.add(item));
        if (out_item) *out_item = added;
        return kOk;
    });
}
