// What expressions over scores see: `s`.
#pragma once

#include "engine/directory_reads.hpp"
#include "engine/values.hpp"

namespace kith::engine {

class ScoreBinding : public expr::Binding {
public:
    ScoreBinding(Values &values, const model::Score &score) : values_(values), score_(score) {}
    expr::Value variable(std::uint32_t number, expr::Memory &memory) const override;
    Values &values() const { return values_; }
    const model::Score &score() const { return score_; }

private:
    Values &values_;
    const model::Score &score_;
};

// `value`: of the metric that they are given for.
std::shared_ptr<const expr::Schema> schema_of_scores(expr::TypeKind value);

}  // namespace kith::engine
