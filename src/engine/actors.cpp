#include "engine/actors.hpp"

#include "engine/business_clock.hpp"
#include "engine/store.hpp"

namespace kith::engine {

using expr::Memory;
using expr::TypeKind;
using expr::Types;
using expr::Value;

namespace {

constexpr int kUpMax = 1000;  // as deep as the tree may be

}  // namespace

base::Result<std::unique_ptr<Actors>> Actors::of(const Snapshot &snapshot) {
    std::unique_ptr<Actors> made(new Actors(snapshot));
    KITH_LET(cursor, snapshot.reader().cursor(store::Table::actors));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        made->put(record::decode_actor(static_cast<model::Name>(base::load_big64(cursor.key().data())),
                                       row.payload));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return made;
}

void Actors::put(const model::Actor &actor) {
    all_.insert_or_assign(actor.key, ActorView{this, actor});
    parts_.clear();
}

const std::multimap<model::Name, model::Name> &Actors::parts() const {
    if (parts_.empty()) {
        for (const auto &[code, view] : all_) parts_.emplace(view.actor.part_of, code);
    }
    return parts_;
}

const ActorView *Actors::find(model::Name key) const {
    const auto found = all_.find(key);
    return found == all_.end() ? nullptr : &found->second;
}

model::Name Actors::above(model::Name key) const {
    const auto *view = find(key);
    return view ? view->actor.part_of : 0;
}

model::Name Actors::active_from(model::Name key) const {
    for (int up = 0; key != 0 && up < kUpMax; ++up, key = above(key)) {
        const auto *view = find(key);
        if (!view || view->actor.active) return key;
    }
    return 0;
}

model::Name Actors::calendar_of(model::Name key) const {
    for (int up = 0; key != 0 && up < kUpMax; ++up, key = above(key)) {
        const auto *view = find(key);
        if (view && view->actor.calendar != 0) return view->actor.calendar;
    }
    return 0;
}

base::Result<std::string_view> Actors::text(model::Name name) const {
    return name ? snapshot_.text(name) : base::Result<std::string_view>(std::string_view(""));
}

std::uint32_t Actors::currency() const { return snapshot_.store().config().currency.packed(); }

// ---- the record ----

namespace {

Value code_text(const Actors &all, model::Name name) {
    const auto text = all.text(name);
    return text ? expr::of_text(*text) : expr::fail(expr::Code::host, "the data cannot be read");
}

template <class MakeValue>
Value by_code(const Actors &all, std::span<const model::CodeValue> values, Memory &memory,
              const MakeValue &make) {
    expr::MapBuilder map(memory);
    for (const auto &each : values) {
        const auto code = code_text(all, each.code);
        if (code.failed()) return code;
        const auto added = map.add(code, make(each.value));
        if (added.failed()) return added;
    }
    return map.map();
}

class ActorRecord : public expr::RecordType {
public:
    using RecordType::RecordType;
    // In the order of add_actor_record().
    enum : std::uint32_t { kKey, kName, kKind, kPartOf, kActive, kCalendar, kSkills, kLimits };

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        const auto &[all, actor] = *static_cast<const ActorView *>(object);
        switch (field) {
            case kKey:
                return code_text(*all, actor.key);
            case kName:
                return expr::of_text(actor.name.data() ? actor.name : std::string_view(""));
            case kKind:
                return expr::of_text(model::word_of(actor.kind));
            case kPartOf:
                return code_text(*all, actor.part_of);
            case kActive:
                return expr::of_bool(actor.active);
            case kCalendar:
                return code_text(*all, all->calendar_of(actor.key));
            case kSkills:
                return by_code(*all, actor.skills, memory, [](auto level) { return expr::of_int(level); });
            default:
                return by_code(*all, actor.limits, memory, [&currency = *all](auto minor) {
                    return expr::of_money(minor, currency.currency());
                });
        }
    }
    bool has(const void *object, std::uint32_t field) const override {
        const auto &[all, actor] = *static_cast<const ActorView *>(object);
        return field == kName       ? !actor.name.empty()
               : field == kPartOf   ? actor.part_of != 0
               : field == kCalendar ? all->calendar_of(actor.key) != 0
                                    : true;
    }
};

Value is_actor_free(expr::Call &call, const Value *args, std::uint32_t) {
    const auto *clock = static_cast<const BusinessClock *>(call.moment.host);
    if (clock == nullptr) return expr::fail(expr::Code::host, "there are no calendars at hand");
    const auto &[all, actor] = *static_cast<const ActorView *>(args[0].object);
    if (!actor.active) return expr::of_bool(false);
    const auto calendar = all->text(all->calendar_of(actor.key));
    if (!calendar) return expr::fail(expr::Code::host, "the data cannot be read");
    const auto open = clock->is_open(expr::micros_of(args[1]), *calendar);
    return open ? expr::of_bool(*open)
                : expr::fail(expr::Code::range, "there is no calendar of this name: define it");
}

constexpr expr::Overload kActorFree = {"free", "", is_actor_free, expr::Work::one, expr::Growth::small,
                                       false};

}  // namespace

const expr::Type *add_actor_record(expr::Schema &schema) {
    const auto *string = Types::of(TypeKind::string);
    std::vector<expr::Field> fields;
    const auto add = [&](const char *name, const expr::Type *type, const char *about) {
        fields.push_back({name, type, 64, false, about});
    };
    add("key", string, "the host's");
    add("name", string, "as people call it");
    add("kind", string, "staff, team, department, branch, site, device or service");
    add("part_of", string, "the key of the actor above it");
    add("active", Types::of(TypeKind::boolean), "false: it left");
    add("calendar", string, "its own, or the nearest above it that has one");
    add("skills", schema.types().map(string, Types::of(TypeKind::int_)), "their levels");
    add("limits", schema.types().map(string, Types::of(TypeKind::money)), "what it may decide alone");
    const auto *type = schema.add_record(std::make_unique<ActorRecord>("Actor", std::move(fields)));
    expr::Signature free;
    free.overload = &kActorFree;
    free.params = {type, Types::of(TypeKind::timestamp)};
    free.result = Types::of(TypeKind::boolean);
    free.units = kClockUnits;
    schema.declare_function("free", std::move(free));
    return type;
}

}  // namespace kith::engine
