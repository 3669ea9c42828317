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
    std::size_t mark() const { return trail_.size(); }
    void restore(std::size_t mark);

    // Whether a type was taken for granted because it met dyn: then values may be of other kinds than the
    // types say, and nothing may rely on them.
    bool gradual() const { return gradual_; }

private:
    struct Solution {
        std::uint32_t unknown;
        const Type *before;
    };
    void solve(const Type *unknown, const Type *type);
    bool match(const Type *target, const Type *source, int depth);
    bool occurs(const Type *unknown, const Type *type) const;
    bool more_general(const Type *a, const Type *b) const;
    const Type *least_upper_bound(const Type *a, const Type *b);

    Types &types_;
    std::vector<const Type *> solved_;  // by number; null: not yet
    std::vector<Solution> trail_;
    bool gradual_ = false;
};

}  // namespace kith::expr
