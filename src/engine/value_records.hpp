// Values as expressions see them: `m`, `series`, `band`, `score`, `cell`, `segment` of the subject at hand,
// the same of the base behind `all`, `setting`, and `policy` of the cell a matrix has.
#pragma once

#include "engine/values.hpp"

namespace kith::engine {

inline constexpr std::size_t kSubjectKinds = 5;  // party, actor, product, campaign, all

// Types of metrics known so far, by place in the catalog; dyn: not known yet.
// `tuple`: of entries of maps, in which `m` has the values that go by the same key.
std::shared_ptr<expr::Schema> make_value_schema(const ValueCatalog &catalog, SubjectKind kind,
                                                std::string_view tuple = {});

// in_segment("X") is the field X of `segment`, policy("M") the field M of `policy`: so that both are checked
// as fields are. Done before the tree is checked.
void resolve_names(expr::Tree &tree);

// A variable whose fields are values of the subject at hand: `m`, `band`, `cell` and so on.
bool is_of_values(std::uint32_t variable);

class ValueBinding : public expr::Binding {
public:
    explicit ValueBinding(SubjectValues &subject, std::span<const expr::Value> host = {})
        : subject_(subject), host_(host) {}
    expr::Value variable(std::uint32_t number, expr::Memory &memory) const override;

private:
    SubjectValues &subject_;
    std::span<const expr::Value> host_;
    mutable std::optional<PartyBinding> party_;  // once it is read
};

}  // namespace kith::engine
