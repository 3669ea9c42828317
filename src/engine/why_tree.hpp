// The tree of a why in the making, and what of it rules and processes share with values.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/catalog.hpp"
#include "engine/values_at.hpp"
#include "engine/why.hpp"

namespace kith::engine {

struct WhyRow {
    std::uint32_t level = 0;
    std::string_view kind;
    std::string name, value, detail;
    std::string_view definition_kind{}, definition_name{};
    std::uint32_t version = 0;
};

class WhyTree {
public:
    explicit WhyTree(const Catalog &definitions);

    std::size_t add(WhyRow row);  // its place
    void put_real(std::size_t column, std::size_t row, double value);
    void put_text(std::size_t column, std::size_t row, std::string value);
    bool full() const { return out_.columns[0].ints.size() >= kRowsMax; }
    std::int64_t level(std::size_t row) const { return out_.columns[0].ints[row]; }
    const std::string &detail(std::size_t row) const { return out_.columns[4].texts[row]; }
    const Catalog &definitions() const { return definitions_; }
    ResultTable take() { return std::move(out_); }

private:
    static constexpr std::size_t kRowsMax = 2000;
    std::string source_of(std::string_view kind, std::string_view name) const;

    const Catalog &definitions_;
    ResultTable out_;
};

// A condition as written, and what the host's variables of its schema are.
struct Asking {
    const expr::Program *program = nullptr;
    std::string_view source;
    std::span<const expr::Value> host{};
};

// The condition, what decided it, and the values that it reads; its value.
base::Result<expr::Value> explain_condition(const Snapshot &snapshot, const WhyQuery &query, ValuesAt &at,
                                            SubjectValues &subject, const Asking &asking, std::uint32_t level,
                                            WhyTree &tree);

// A rule or a process, and a party. False: nothing has the name.
base::Result<bool> explain_behaviour(const Snapshot &snapshot, const WhyQuery &query, ValuesAt &at,
                                     WhyTree &tree);

}  // namespace kith::engine
