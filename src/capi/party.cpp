#include <kith/party.h>

#include "capi/batch.hpp"
#include "capi/fields.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

namespace party_field = model::party_field;
static_assert(party_field::kind == KITH_PARTY_FIELD_KIND && party_field::roles == KITH_PARTY_FIELD_ROLES);
static_assert(party_field::name == KITH_PARTY_FIELD_NAME &&
              party_field::language == KITH_PARTY_FIELD_LANGUAGE);
static_assert(party_field::time_zone == KITH_PARTY_FIELD_TIME_ZONE &&
              party_field::owner == KITH_PARTY_FIELD_OWNER);
static_assert(party_field::tags == KITH_PARTY_FIELD_TAGS &&
              party_field::revision == KITH_PARTY_FIELD_REVISION);
static_assert(party_field::values == KITH_PARTY_FIELD_VALUES);

constexpr std::uint32_t kPartyFields = party_field::kind | party_field::roles | party_field::name |
                                       party_field::language | party_field::time_zone | party_field::owner |
                                       party_field::tags | party_field::revision | party_field::values;
constexpr std::uint32_t kRoles = KITH_ROLE_FINAL | KITH_ROLE_INTERMEDIARY | KITH_ROLE_PROSPECT |
                                 KITH_ROLE_SUPPLIER | KITH_ROLE_PARTNER | KITH_ROLE_COMPETITOR |
                                 KITH_ROLE_EMPLOYEE;

// `values` is what the item's values will point into.
base::Result<engine::PartyItem> party_in(const kith_ref *ref, std::uint32_t flags, const kith_party *theirs,
                                         std::vector<engine::FieldItem> &values) {
    engine::PartyItem out;
    KITH_LET(reference, ref_in(ref));
    KITH_LET(item_flags, item_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "party"));
    KITH_TRY(check_bits(in.fields, kPartyFields, "party->fields"));
    KITH_TRY(check_bits(in.roles, kRoles, "party->roles"));
    if (in.kind > KITH_PARTY_ANONYMOUS) {
        auto error = base::fail(base::Status::argument, "party->kind is unknown: use a KITH_PARTY_ constant");
        error.field = party_field::kind;
        return error;
    }
    KITH_LET(name, view_in(in.name, "party->name"));
    KITH_LET(language, view_in(in.language, "party->language"));
    KITH_LET(time_zone, view_in(in.time_zone, "party->time_zone"));
    KITH_LET(owner, view_in(in.owner, "party->owner"));
    KITH_LET(tags, view_in(in.tags, "party->tags"));
    out.ref = reference;
    out.flags = item_flags;
    out.fields = in.fields;
    out.party.id = id_in(in.id);
    out.party.kind = static_cast<model::PartyKind>(in.kind);
    out.party.roles = in.roles;
    out.party.name = name;
    out.party.language = language;
    out.party.time_zone = time_zone;
    out.party.tags = tags;
    out.party.revision = in.revision;
    out.owner = owner;
    if (in.fields & party_field::values) {
        KITH_TRY(values_in(in.values, in.value_count, party_field::values, values));
        out.values = values;
    }
    return out;
}

base::Result<engine::IdentifierItem> identifier_in(const kith_ref *ref, std::uint32_t flags,
                                                   const kith_identifier *theirs) {
    engine::IdentifierItem out;
    KITH_LET(reference, ref_in(ref));
    KITH_LET(item_flags, item_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "identifier"));
    KITH_TRY(check_bits(
        in.fields,
        KITH_IDENTIFIER_FIELD_VERIFIED_AT | KITH_IDENTIFIER_FIELD_VALID_FROM | KITH_IDENTIFIER_FIELD_VALID_TO,
        "identifier->fields"));
    KITH_TRY(check_bits(in.flags, KITH_IDENTIFIER_SHARED, "identifier->flags"));
    KITH_TRY(check_reserved(in.reserved));
    KITH_LET(kind, view_in(in.kind, "identifier->kind"));
    KITH_LET(value, view_in(in.value, "identifier->value"));
    out.ref = reference;
    out.flags = item_flags;
    out.kind = kind;
    out.value = value;
    out.shared = in.flags & KITH_IDENTIFIER_SHARED;
    if (in.fields & KITH_IDENTIFIER_FIELD_VERIFIED_AT) out.verified_at = in.verified_at;
    if (in.fields & KITH_IDENTIFIER_FIELD_VALID_FROM) out.valid_from = in.valid_from;
    if (in.fields & KITH_IDENTIFIER_FIELD_VALID_TO) out.valid_to = in.valid_to;
    return out;
}

}  // namespace

extern "C" {

kith_status kith_party_put(kith_batch *batch, const kith_ref *ref, uint32_t flags, const kith_party *party,
                           uint32_t *out_item, kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        std::vector<engine::FieldItem> values;
        KITH_LET(item, party_in(ref, flags, party, values));
        KITH_LET(added, pinned->items.add(item));
        if (out_item) *out_item = added;
        return kOk;
    });
}

kith_status kith_identifier_add(kith_batch *batch, const kith_ref *ref, uint32_t flags,
                                const kith_identifier *identifier, uint32_t *out_item, kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        KITH_LET(item, identifier_in(ref, flags, identifier));
        KITH_LET(added, pinned->items.add(item));
        if (out_item) *out_item = added;
        return kOk;
    });
}

kith_status kith_party_find(kith_snapshot *snapshot, const kith_ref *ref, kith_id *out_party,
                            kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_party, "out_party"));
        KITH_LET(reference, ref_in(ref));
        if (reference.by == engine::Ref::By::host || reference.by == engine::Ref::By::identifier) {
            KITH_TRY(required_in(ref->kind.data, ref->kind.size, KITH_MAX_NAME_BYTES, "ref->kind"));
            KITH_TRY(required_in(ref->value.data, ref->value.size, KITH_MAX_TEXT_BYTES, "ref->value"));
        }
        KITH_LET(pinned, use(snapshot));
        KITH_LET(found, engine::Reads(*pinned->view).find(reference));
        if (!found) return kNotFound;
        *out_party = id_out(*found);
        return kOk;
    });
}

kith_status kith_party_search(kith_snapshot *snapshot, const char *text, size_t text_size, kith_id *out_party,
                              kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_party, "out_party"));
        KITH_LET(wanted, required_in(text, text_size, KITH_MAX_TEXT_BYTES, "text"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(found, engine::Reads(*pinned->view).search(wanted));
        if (!found) return kNotFound;
        *out_party = id_out(*found);
        return kOk;
    });
}

kith_status kith_party_get(kith_snapshot *snapshot, const kith_id *party, kith_party *out_party,
                           kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_party, "out_party"));
        KITH_TRY(not_null(party, "party"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(found, engine::Reads(*pinned->view).party(id_in(*party)));
        if (!found) return kNotFound;
        kith_party out{};
        PageWriter page(*pinned->view);
        KITH_TRY(page.fill(out, *found));
        pinned->kept = out.values ? page.keep() : nullptr;
        pinned->lease = pinned->view->view().lease();
        write_struct(out_party, out);
        return kOk;
    });
}
}
