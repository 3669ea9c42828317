// What an expression may name: variables, record types with their fields, and functions.
#pragma once

#include "expr/library.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kith::expr {

// Largest sizes assumed where a schema declares none, for the static cost.
inline constexpr std::uint32_t kTextMax = 1024, kListMax = 256;

struct Field {
    std::string name;
    const Type *type = nullptr;
    std::uint32_t size_max = 0;  // bytes of a text, elements of a list; 0: kTextMax, kListMax
    bool indexed = false;        // a range of such records can be bounded by this field
    std::string about;           // for completion: one line
};

// A kind of record. Objects are the binding's; getters read them in place.
class RecordType {
public:
    RecordType(std::string name, std::vector<Field> fields);
    virtual ~RecordType() = default;

    // The value of a field; the default of its type where it is unset (null for an optional-typed one).
    // May allocate in `memory`; kind error when the data cannot be read. [any thread]
    virtual Value get(const void *object, std::uint32_t field, Memory &memory) const = 0;
    // Whether the field is set; where it is not overridden, whether it can be read and is not null.
    virtual bool has(const void *object, std::uint32_t field) const;
    // Whether two objects are the same record.
    virtual bool same(const void *a, const void *b) const { return a == b; }
    // The same number for objects that are the same record.
    virtual std::uint64_t hash(const void *object) const { return reinterpret_cast<std::uintptr_t>(object); }

    const std::string &name() const { return name_; }
    std::span<const Field> fields() const { return fields_; }
    std::optional<std::uint32_t> find(std::string_view field) const;

private:
    std::string name_;
    std::vector<Field> fields_;
    std::unordered_map<std::string_view, std::uint32_t> by_name_;
};

// A term `element.field OP value` that elements of a range must meet.
struct Bound {
    enum class Op : std::uint8_t { equal, less, less_equal, greater, greater_equal };
    std::uint32_t field = 0;
    Op op = Op::equal;
    Value value;
};

// A list read from the store as it goes. [one thread at a time]
class Range {
public:
    virtual ~Range() = default;
    // May leave out elements that do not meet a bound, and may as well give them all.
    virtual std::unique_ptr<Iterator> open(std::span<const Bound> bounds) const = 0;
    // The number of elements, where it is known without reading them.
    virtual std::optional<std::uint32_t> size() const { return std::nullopt; }
};

struct Variable {
    std::string name;  // may be dotted
    const Type *type = nullptr;
    std::uint32_t size_max = 0;
    std::string about;
};

// Built once, then shared by threads.
class Schema {
public:
    Schema();

    // The number by which a binding is asked for it.
    std::uint32_t add_variable(std::string_view name, const Type *type, std::uint32_t size_max = 0,
                               std::string_view about = {});
    // Another type for a variable that is there.
    void set_variable(std::uint32_t number, const Type *type) { variables_[number].type = type; }
    // `now` (timestamp), `today` (date) and `zone` (string), which the evaluator answers from the moment.
    void add_moment();
    // The type's number is Value::tag of its records.
    const Type *add_record(std::unique_ptr<RecordType> record);
    // A function without implementation: calls of it fail when evaluated.
    void declare_function(std::string_view name, Signature signature);
    // In place of the standard ones of their names.
    void add_functions(std::span<const Overload> overloads, std::uint32_t units) {
        declared_.add(overloads, units);
    }
    void set_container(std::string_view container) { container_ = container; }

    std::span<const Variable> variables() const { return variables_; }
    std::optional<std::uint32_t> variable(std::string_view name) const;
    const RecordType &record(std::uint32_t number) const { return *records_[number]; }
    const Type *record_type(std::uint32_t number) const { return record_types_[number]; }
    std::size_t records() const { return records_.size(); }
    std::optional<std::uint32_t> find_record(std::string_view name) const;
    // Overloads of the standard library and those declared here.
    std::span<const Signature> functions(std::string_view name) const;
    const std::string &container() const { return container_; }
    Types &types() { return types_; }

    enum class Builtin : std::uint8_t { none, now, today, zone };
    Builtin builtin(std::uint32_t variable) const;

private:
    Types types_;
    std::vector<Variable> variables_;
    std::unordered_map<std::string, std::uint32_t> variable_by_name_;
    std::vector<std::unique_ptr<RecordType>> records_;
    std::vector<const Type *> record_types_;
    Library declared_;
    std::string container_;
    std::uint32_t moment_ = UINT32_MAX;  // number of `now`; today and zone follow
};

// Where an evaluation gets its data. Views it gives live until the evaluation's result is read.
class Binding {
public:
    virtual ~Binding() = default;
    // Kind error where it has none. Asked once per use: keep what is costly.
    virtual Value variable(std::uint32_t number, Memory &memory) const = 0;
};

}  // namespace kith::expr
