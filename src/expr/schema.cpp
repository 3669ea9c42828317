#include "expr/schema.hpp"

namespace kith::expr {

RecordType::RecordType(std::string name, std::vector<Field> fields)
    : name_(std::move(name)), fields_(std::move(fields)) {
    for (std::uint32_t i = 0; i < fields_.size(); ++i) by_name_.emplace(fields_[i].name, i);
}

std::optional<std::uint32_t> RecordType::find(std::string_view field) const {
    const auto found = by_name_.find(field);
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

bool RecordType::has(const void *object, std::uint32_t field) const {
    Memory scratch;
    const auto value = get(object, field, scratch);
    return !value.failed() && !value.is(Kind::null);
}

Schema::Schema() = default;

std::uint32_t Schema::add_variable(std::string_view name, const Type *type, std::uint32_t size_max,
                                   std::string_view about) {
    const auto number = static_cast<std::uint32_t>(variables_.size());
    variables_.push_back({std::string(name), type, size_max, std::string(about)});
    variable_by_name_[std::string(name)] = number;
    return number;
}

void Schema::add_moment() {
    moment_ = add_variable("now", Types::of(TypeKind::timestamp), 0, "the instant of the evaluation");
    add_variable("today", Types::of(TypeKind::date), 0, "its day in the zone");
    add_variable("zone", Types::of(TypeKind::string), 64, "the time zone bound with now");
}

Schema::Builtin Schema::builtin(std::uint32_t variable) const {
    if (variable < moment_ || variable - moment_ > 2) return Builtin::none;
    return static_cast<Builtin>(variable - moment_ + 1);
}

const Type *Schema::add_record(std::unique_ptr<RecordType> record) {
    const auto number = static_cast<std::uint32_t>(records_.size());
    records_.push_back(std::move(record));
    record_types_.push_back(types_.record(records_.back()->name(), number));
    return record_types_.back();
}

void Schema::declare_function(std::string_view name, Signature signature) {
    declared_.add(name, std::move(signature));
}

std::optional<std::uint32_t> Schema::variable(std::string_view name) const {
    const auto found = variable_by_name_.find(std::string(name));
    return found == variable_by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> Schema::find_record(std::string_view name) const {
    for (std::uint32_t i = 0; i < records_.size(); ++i)
        if (records_[i]->name() == name) return i;
    return std::nullopt;
}

std::span<const Signature> Schema::functions(std::string_view name) const {
    const auto own = declared_.find(name);
    return own.empty() ? Library::standard().find(name) : own;
}

}  // namespace kith::expr
