// Names and types: what a tree means against a schema, before anything is evaluated.
#pragma once

#include "expr/ast.hpp"
#include "expr/schema.hpp"

namespace kith::expr {

enum class RefKind : std::uint8_t {
    none,
    variable,   // number: of the schema
    local,      // number: the macro node that declares it; which: 0 or 1
    type,       // a type's name used as a value
    field,      // select of a record: number of the field
    functions,  // calls: `overloads`
    unknown,    // dynamic mode: fails when evaluated
};

struct Reference {
    RefKind kind = RefKind::none;
    std::uint32_t which = 0;
    std::uint32_t number = 0;
    const Type *type = nullptr;                // RefKind::type
    std::vector<const Signature *> overloads;  // one: decided; more: by the kinds of the arguments
    bool drop_receiver = false;                // math.abs(x): the receiver was a namespace
    std::string_view name;                     // of the function, with its namespace
};

// A tree with the type and meaning of every node. Immutable; may be shared by threads.
struct Checked {
    Tree tree;
    std::shared_ptr<const Schema> schema;
    std::vector<const Type *> types;  // by node; free variables are dyn
    std::vector<Reference> references;
    std::shared_ptr<Types> pool;  // owns types made while checking
    std::vector<Diagnostic> diagnostics;
    bool dynamic = false;  // Mode::dynamic
    bool gradual = false;  // types rest on dyn somewhere: kinds are looked at when evaluating

    explicit operator bool() const { return diagnostics.empty(); }
    const Type *type() const { return types[tree.root]; }
};

enum class Mode : std::uint8_t {
    strict,
    dynamic,  // names are resolved, types are not checked: for the conformance suite alone
};

// `wanted`: the type the result must have, null for any.
Checked check(Tree tree, std::shared_ptr<const Schema> schema, const Type *wanted = nullptr,
              Mode mode = Mode::strict);

}  // namespace kith::expr
