// The actors of a file as assignments and expressions see them. They are read in place: their texts are the
// snapshot's.
#pragma once

#include <map>

#include "base/result.hpp"
#include "expr/schema.hpp"
#include "model/directory.hpp"

namespace kith::engine {

class Snapshot;
class Actors;

// An object of the record Actor.
struct ActorView {
    const Actors *all = nullptr;
    model::Actor actor;
};

// [one thread]
class Actors {
public:
    static base::Result<std::unique_ptr<Actors>> of(const Snapshot &snapshot);
    void put(const model::Actor &actor);  // as a commit in the making has it

    const ActorView *find(model::Name key) const;  // null: it has no record
    const std::map<model::Name, ActorView> &all() const { return all_; }
    const std::multimap<model::Name, model::Name> &parts() const;  // by what they are part of; 0: the root

    // The actor itself, else the nearest above it that is active: 0 if there is none. What has no record is
    // not known to have left.
    model::Name active_from(model::Name key) const;
    model::Name above(model::Name key) const;
    // The name of its calendar, or of the nearest above it that has one; 0: the file's own.
    model::Name calendar_of(model::Name key) const;

    base::Result<std::string_view> text(model::Name name) const;
    std::uint32_t currency() const;

private:
    explicit Actors(const Snapshot &snapshot) : snapshot_(snapshot) {}

    const Snapshot &snapshot_;
    std::map<model::Name, ActorView> all_;
    mutable std::multimap<model::Name, model::Name> parts_;  // empty: not made yet
};

// The record Actor: key, name, kind, part_of, active, calendar (its own or the nearest above), skills and
// limits by code; and free(actor, t): whether it is active and its calendar open. In a schema whose moments
// have a BusinessClock as their host.
const expr::Type *add_actor_record(expr::Schema &schema);

}  // namespace kith::engine
