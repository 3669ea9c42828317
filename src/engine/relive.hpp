// The facts of a snapshot in the order of their time, as items of a batch: so that they can be lived once
// more.
#pragma once

#include <array>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "base/arena.hpp"
#include "engine/batch.hpp"
#include "engine/directory_reads.hpp"
#include "engine/reads.hpp"

namespace kith::engine {

// Something that happened: a party that is there from now on, an interaction, a score, a link, what people
// did with processes and commitments.
struct Occasion {
    enum class Of : std::uint8_t { party, link, interaction, score, process, made, moved } of{};
    base::Micros at = 0;
    std::array<std::byte, 48> key{};  // of its row
    std::uint8_t state = 0;           // moved: to this state of a commitment
    auto order() const { return std::tie(at, of, key, state); }
};

class Reliving {
public:
    explicit Reliving(const Snapshot &snapshot) : snapshot_(snapshot), reads_(snapshot) {}

    // The first occasions after those of the last call, in order, at most so many but for those of one
    // instant; none: there are no more. `all` counts those up to `until` in the first call.
    base::Result<std::vector<Occasion>> next(base::Micros until, std::size_t occasions_max,
                                             std::uint64_t &all);

    // Products, actors and campaigns, which are as they are now.
    base::Result<void> add_directory(const std::function<base::Result<Batch *>()> &batch);
    // Its items, none where it cannot be told again. `commitments` are the ids that those made by people have
    // where this is lived.
    using Commitments = std::map<base::Id, base::Id>;
    base::Result<void> add(Batch &batch, const Occasion &occasion, const Commitments &commitments);

private:
    base::Result<base::Micros> appears(const base::Id &party);
    base::Result<void> each_occasion(base::Micros after, base::Micros until,
                                     const std::function<void(const Occasion &)> &take);
    base::Result<std::string_view> text(model::Name name) const {
        return name == 0 ? base::Result<std::string_view>(std::string_view()) : snapshot_.text(name);
    }
    base::Result<void> add_fields(const model::Fields &fields, std::vector<FieldItem> &items) const;
    base::Result<void> add_party(Batch &batch, const base::Id &id);
    base::Result<void> add_interaction(Batch &batch, const model::InteractionKey &key);
    base::Result<void> add_score(Batch &batch, const model::ScoreKey &key);
    base::Result<void> add_link(Batch &batch, const model::LinkKey &key);
    base::Result<void> add_process(Batch &batch, const Occasion &occasion);
    base::Result<void> add_commitment(Batch &batch, const Occasion &occasion, const Commitments &commitments);

    const Snapshot &snapshot_;
    Reads reads_;
    base::Micros after_ = INT64_MIN;
    bool counted_ = false;
};

}  // namespace kith::engine
