#include <kith/actor.h>

#include "capi/directory.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

namespace actor_field = model::actor_field;
static_assert(actor_field::kind == KITH_ACTOR_FIELD_KIND && actor_field::name == KITH_ACTOR_FIELD_NAME);
static_assert(actor_field::part_of == KITH_ACTOR_FIELD_PART_OF);
static_assert(actor_field::active == KITH_ACTOR_FIELD_ACTIVE);
static_assert(actor_field::calendar == KITH_ACTOR_FIELD_CALENDAR);
static_assert(actor_field::skills == KITH_ACTOR_FIELD_SKILLS);
static_assert(actor_field::limits == KITH_ACTOR_FIELD_LIMITS);
static_assert(actor_field::revision == KITH_ACTOR_FIELD_REVISION);
static_assert(static_cast<int>(model::ActorKind::staff) == KITH_ACTOR_STAFF);
static_assert(static_cast<int>(model::ActorKind::service) == KITH_ACTOR_SERVICE);

constexpr std::uint32_t kActorFields = actor_field::kind | actor_field::name | actor_field::part_of |
                                       actor_field::active | actor_field::calendar | actor_field::skills |
                                       actor_field::limits | actor_field::revision;

// What the item's lists will point into.
struct ActorLists {
    std::vector<engine::CodeValueItem> skills, limits;
};

base::Result<void> code_values_in(const kith_code_value *values, std::size_t count, const char *name,
                                  std::vector<engine::CodeValueItem> &out) {
    if (count > 0 && !values)
        return base::fail(base::Status::argument, std::string(name) + " is NULL with a count: give them");
    if (count > KITH_MAX_CODES)
        return base::fail(base::Status::limit, std::string(name) + " are too many: at most 256");
    for (std::size_t i = 0; i < count; ++i) {
        KITH_LET(code, view_in(values[i].code, name));
        out.push_back({code, values[i].value});
    }
    return {};
}

base::Result<engine::ActorItem> actor_in(const kith_actor *theirs, std::uint32_t flags, ActorLists &lists) {
    engine::ActorItem out;
    KITH_LET(item_flags, put_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "actor"));
    KITH_TRY(check_bits(in.fields, kActorFields, "actor->fields"));
    if (in.kind > KITH_ACTOR_SERVICE) {
        auto error = base::fail(base::Status::argument, "actor->kind is unknown: use a KITH_ACTOR_ constant");
        error.field = actor_field::kind;
        return error;
    }
    if (in.active > 1) return base::fail(base::Status::argument, "actor->active is neither 0 nor 1");
    KITH_LET(key, view_in(in.key, "actor->key"));
    KITH_LET(name, view_in(in.name, "actor->name"));
    KITH_LET(part_of, view_in(in.part_of, "actor->part_of"));
    KITH_LET(calendar, view_in(in.calendar, "actor->calendar"));
    KITH_TRY(code_values_in(in.skills, in.skill_count, "actor->skills", lists.skills));
    KITH_TRY(code_values_in(in.limits, in.limit_count, "actor->limits", lists.limits));
    out.flags = item_flags;
    out.fields = in.fields;
    out.key = key;
    out.name = name;
    out.part_of = part_of;
    out.calendar = calendar;
    out.kind = static_cast<model::ActorKind>(in.kind);
    out.active = in.active != 0;
    out.skills = lists.skills;
    out.limits = lists.limits;
    out.revision = in.revision;
    return out;
}

}  // namespace

extern "C" kith_status kith_actor_put(kith_batch *batch, const kith_actor *actor, uint32_t flags,
                                      uint32_t *out_item, kith_error *error) {
    ActorLists lists;
    return put_item(batch, out_item, error, [&] { return actor_in(actor, flags, lists); });
}

extern "C" kith_status kith_actor_get(kith_snapshot *snapshot, const char *key, size_t key_size,
                                      kith_page **out_page, kith_error *error) {
    return get_by_key(snapshot, key, key_size, out_page, error, &engine::DirectoryReads::actor);
}
