// Assignability of types with unknowns, as cel-go's checker decides it: unknowns take the most general
// of the types they meet, dyn goes with everything.
#pragma once

#include "expr/type.hpp"

#include <vector>

namespace kith::expr {

class Unifier {
public:
    explicit Unifier(Types &types) : types_(types) {}

    const Type *fresh();
    // Whether `source` may stand where `target` is wanted; unknowns are solved only when it may.
    bool assign(const Type *target, const Type *source);
    // The common type, else dyn.
    const Type *join(const Type *a, const Type *b);
    // The type behind an unknown; itself where it is none or not solved yet.
    const Type *resolve(const Type *type) const;
    // Without unknowns: unsolved ones are dyn.
    const Type *settle(const Type *type);
    // Parameters replaced by `by`, which grows with a fresh unknown for each new one.
    struct Named {
        std::string_view name;
        const Type *type;
    };
    const Type *instantiate(const Type *type, std::vector<Named> &by);

    // Solutions made since a mark can be taken back.
    std::vector<const Type *> mark() const { return solved_; }
    void restore(std::vector<const Type *> solved) { solved_ = std::move(solved); }

private:
    bool match(const Type *target, const Type *source, int depth);
    bool occurs(const Type *unknown, const Type *type) const;
    bool more_general(const Type *a, const Type *b) const;

    Types &types_;
    std::vector<const Type *> solved_;  // by number; null: not yet
};

}  // namespace kith::expr
