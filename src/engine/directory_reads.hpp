// Reading products, actors, campaigns, scores and links of a snapshot. Text is borrowed from it.
#pragma once

#include <optional>
#include <string_view>

#include "engine/reads.hpp"
#include "model/directory.hpp"
#include "model/score.hpp"

namespace kith::engine {

// What is left out is not asked for.
struct ScoreQuery {
    std::optional<model::Subject> subject;
    std::optional<model::Name> metric;
    std::optional<model::Name> key;  // 0: those without a key
    base::Micros from = base::kMinTime;
    base::Micros until = INT64_MAX;  // not included
};

// The latest of a subject under a metric and a key, at or before an instant.
struct LatestScore {
    model::Subject subject;
    model::Name metric = 0, key = 0;
    base::Micros at = base::kMaxTime;
    std::optional<model::Nature> nature;
};

class DirectoryReads {
public:
    explicit DirectoryReads(const Snapshot &snapshot) : snapshot_(snapshot), reader_(snapshot.reader()) {}

    base::Result<std::optional<model::Name>> code(std::string_view key) const;  // none: never heard of
    base::Result<std::optional<model::Product>> product(model::Name key) const;
    base::Result<std::optional<model::Actor>> actor(model::Name key) const;
    base::Result<std::optional<model::Campaign>> campaign(model::Name key) const;

    // In the order in which their keys were first heard of.
    base::Result<Page<model::Product>> products(std::string_view resume, std::size_t items_max) const;
    base::Result<Page<model::Actor>> actors(std::string_view resume, std::size_t items_max) const;
    base::Result<Page<model::Campaign>> campaigns(std::string_view resume, std::size_t items_max) const;

    // Of a subject under a metric and a key in order of time.
    base::Result<Page<model::Score>> scores(const ScoreQuery &query, std::string_view resume,
                                            std::size_t items_max) const;
    base::Result<std::optional<model::Score>> latest(const LatestScore &query) const;

    // Those that stand: from an end, or all; and to a party. `kind` none: any.
    base::Result<Page<model::Link>> links(const std::optional<model::Subject> &from,
                                          std::optional<model::LinkKind> kind, std::string_view resume,
                                          std::size_t items_max) const;
    base::Result<Page<model::Link>> links_to(const base::Id &party, std::optional<model::LinkKind> kind,
                                             std::string_view resume, std::size_t items_max) const;

private:
    base::Result<Page<model::Link>> standing(store::Table table, base::Bytes prefix,
                                             std::optional<model::LinkKind> kind, std::string_view resume,
                                             std::size_t items_max) const;

    const Snapshot &snapshot_;
    const store::Reader &reader_;
};

}  // namespace kith::engine
