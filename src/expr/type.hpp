// Types of the checker. A type is a node owned by a `Types` pool and compared by structure.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kith::expr {

enum class TypeKind : std::uint8_t {
    dyn,
    null,
    boolean,
    int_,
    uint_,
    double_,
    string,
    bytes,
    timestamp,
    duration,
    money,
    date,
    calendar,
    list,      // [element]
    map,       // [key, value]
    optional,  // [value]
    type,      // [of], or none: type
    wrapper,   // [of]: that or null
    record,    // name
    abstract,  // name and parameters: what a host declares without fields
    param,     // name: of a generic function
    free,      // number: solved while checking
};

struct Type {
    TypeKind kind = TypeKind::dyn;
    std::string name;      // record, abstract, param
    std::uint32_t id = 0;  // record: its number in the schema; free: its number
    std::vector<const Type *> args;
};

// Owns types; scalar types are shared by all pools. For one thread while growing.
class Types {
public:
    static const Type *of(TypeKind scalar);
    const Type *list(const Type *element) { return make(TypeKind::list, {element}); }
    const Type *map(const Type *key, const Type *value) { return make(TypeKind::map, {key, value}); }
    const Type *optional(const Type *value) { return make(TypeKind::optional, {value}); }
    const Type *type(const Type *of) { return make(TypeKind::type, {of}); }
    const Type *wrapper(const Type *of) { return make(TypeKind::wrapper, {of}); }
    const Type *record(std::string_view name, std::uint32_t id);
    const Type *make(TypeKind kind, std::vector<const Type *> args, std::string_view name = {});
    const Type *free(std::uint32_t number);

    // "list(map(string, int))", "optional_type(dyn)", "$T" or a single capital letter for a parameter.
    // Null when the text is no type; names that are none of the language's are records or abstract types.
    const Type *parse(std::string_view text);

private:
    std::vector<std::unique_ptr<Type>> owned_;
};

bool same(const Type *a, const Type *b);
// "map(string, int)": free variables read as dyn.
std::string to_text(const Type *type);

}  // namespace kith::expr
