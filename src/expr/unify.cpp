#include "expr/unify.hpp"

#include <utility>

namespace kith::expr {

namespace {

// What null may stand for beside itself (as in cel-go).
bool nullable(TypeKind kind) {
    switch (kind) {
        case TypeKind::null:
        case TypeKind::wrapper:
        case TypeKind::timestamp:
        case TypeKind::duration:
        case TypeKind::date:
        case TypeKind::record:
        case TypeKind::abstract:
        case TypeKind::optional:
            return true;
        default:
            return false;
    }
}

}  // namespace

const Type *Unifier::fresh() {
    solved_.push_back(nullptr);
    return types_.free(static_cast<std::uint32_t>(solved_.size() - 1));
}

const Type *Unifier::resolve(const Type *type) const {
    while (type->kind == TypeKind::free && type->id < solved_.size() && solved_[type->id] != nullptr)
        type = solved_[type->id];
    return type;
}

bool Unifier::occurs(const Type *unknown, const Type *type) const {
    type = resolve(type);
    if (type == unknown || (type->kind == TypeKind::free && type->id == unknown->id)) return true;
    for (const auto *arg : type->args)
        if (occurs(unknown, arg)) return true;
    return false;
}

// Whether `a` says no more than `b`.
bool Unifier::more_general(const Type *a, const Type *b) const {
    a = resolve(a);
    b = resolve(b);
    if (a->kind == TypeKind::dyn || a->kind == TypeKind::free) return true;
    if (b->kind == TypeKind::dyn || b->kind == TypeKind::free) return false;
    if (a->kind == TypeKind::wrapper && b->kind != TypeKind::wrapper) return true;
    if (a->kind != b->kind || a->args.size() != b->args.size()) return b->kind == TypeKind::null;
    for (std::size_t i = 0; i < a->args.size(); ++i)
        if (!more_general(a->args[i], b->args[i])) return false;
    return true;
}

void Unifier::solve(const Type *unknown, const Type *type) {
    trail_.push_back({unknown->id, solved_[unknown->id]});
    solved_[unknown->id] = type;
}

void Unifier::restore(std::size_t mark) {
    for (; trail_.size() > mark; trail_.pop_back()) solved_[trail_.back().unknown] = trail_.back().before;
}

bool Unifier::assign(const Type *target, const Type *source) {
    const auto before = mark();
    if (match(target, source, 0)) return true;
    restore(before);
    return false;
}

bool Unifier::match(const Type *target, const Type *source, int depth) {
    if (depth > 200) return false;
    const auto *a = resolve(target), *b = resolve(source);
    if (a == b) return true;
    // The unknown that a name stands for meets another type: it takes the more general of both.
    const auto widen = [&](const Type *original, const Type *bound, const Type *other) {
        if (original->kind != TypeKind::free || bound->kind == TypeKind::free) return;
        if (!more_general(bound, other) && !occurs(original, other))
            solve(original, more_general(other, bound) ? other : least_upper_bound(bound, other));
    };
    if (a->kind == TypeKind::free || b->kind == TypeKind::free) {
        const auto *unknown = a->kind == TypeKind::free ? a : b;
        const auto *other = unknown == a ? b : a;
        if (other->kind == TypeKind::free && other->id == unknown->id) return true;
        if (occurs(unknown, other)) return false;
        solve(unknown, other);
        return true;
    }
    const auto finish = [&](bool fits) {
        if (fits) widen(target, a, b);
        return fits;
    };
    if (a->kind == TypeKind::dyn || b->kind == TypeKind::dyn) {
        gradual_ |= a->kind != TypeKind::dyn;  // a value of any kind where one is wanted
        return finish(true);
    }
    if (b->kind == TypeKind::null) return finish(nullable(a->kind));
    if (a->kind == TypeKind::null) return finish(nullable(b->kind));
    if (a->kind == TypeKind::wrapper || b->kind == TypeKind::wrapper) {
        const auto inner = [](const Type *type) {
            return type->kind == TypeKind::wrapper ? type->args[0] : type;
        };
        return finish(match(inner(a), inner(b), depth + 1));
    }
    if (a->kind != b->kind) return false;
    if (a->kind == TypeKind::type) return true;
    if (a->kind == TypeKind::record) return a->id == b->id;
    if (a->name != b->name || a->args.size() != b->args.size()) return false;
    for (std::size_t i = 0; i < a->args.size(); ++i)
        if (!match(a->args[i], b->args[i], depth + 1)) return false;
    return finish(true);
}

const Type *Unifier::join(const Type *a, const Type *b) {
    if (!assign(a, b)) return Types::of(TypeKind::dyn);
    if (more_general(a, b)) return a;
    return more_general(b, a) ? b : least_upper_bound(a, b);
}

// Of types that may stand for each other, but of which neither is the more general:
// map(string, dyn) and map(dyn, int) give map(dyn, dyn).
const Type *Unifier::least_upper_bound(const Type *a, const Type *b) {
    a = resolve(a);
    b = resolve(b);
    if (more_general(a, b)) return a;
    if (more_general(b, a)) return b;
    if (a->kind != b->kind || a->args.size() != b->args.size() || a->name != b->name)
        return Types::of(TypeKind::dyn);
    std::vector<const Type *> args;
    for (std::size_t i = 0; i < a->args.size(); ++i)
        args.push_back(least_upper_bound(a->args[i], b->args[i]));
    return types_.make(a->kind, std::move(args), a->name);
}

const Type *Unifier::settle(const Type *type) {
    type = resolve(type);
    if (type->kind == TypeKind::free || type->kind == TypeKind::param) return Types::of(TypeKind::dyn);
    if (type->args.empty()) return type;
    bool changed = false;
    std::vector<const Type *> args;
    for (const auto *arg : type->args) {
        args.push_back(settle(arg));
        changed |= args.back() != arg;
    }
    return changed ? types_.make(type->kind, std::move(args), type->name) : type;
}

const Type *Unifier::instantiate(const Type *type, std::vector<Named> &by) {
    if (type->kind == TypeKind::param) {
        for (const auto &named : by)
            if (named.name == type->name) return named.type;
        by.push_back({type->name, fresh()});
        return by.back().type;
    }
    if (type->args.empty()) return type;
    std::vector<const Type *> args;
    for (const auto *arg : type->args) args.push_back(instantiate(arg, by));
    return types_.make(type->kind, std::move(args), type->name);
}

}  // namespace kith::expr
