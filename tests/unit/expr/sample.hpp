// The customer of the README's examples: a schema and its data.
#pragma once

#include "expr/explain.hpp"
#include "expr/parse.hpp"
#include "expr/program.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace readme {

using namespace kith::expr;

// Records as rows of values; null where a field is not set.
struct Row {
    std::vector<Value> values;
};

class Rows : public RecordType {
public:
    using RecordType::RecordType;
    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto &value = static_cast<const Row *>(object)->values[field];
        return value.is(Kind::null) && fields()[field].type->kind == TypeKind::string ? of_text("") : value;
    }
    bool has(const void *object, std::uint32_t field) const override {
        return !static_cast<const Row *>(object)->values[field].is(Kind::null);
    }
};

// A list of rows that counts what was read of it.
class RowRange : public Range {
public:
    RowRange(std::vector<Value> rows, std::uint32_t kind_field)
        : rows_(std::move(rows)), kind_field_(kind_field) {}
    std::unique_ptr<Iterator> open(std::span<const Bound> bounds) const override;
    mutable std::size_t read = 0;
    mutable std::size_t bounded = 0;

private:
    std::vector<Value> rows_;
    std::uint32_t kind_field_;
};

// Variables: customer, interactions, limits, now, today, zone; and `stored`, the interactions as a lazy list.
std::shared_ptr<const Schema> schema();

class Data : public Binding {
public:
    Data();
    Value variable(std::uint32_t number, Memory &memory) const override;
    RowRange stored;

private:
    Row customer_;
    std::vector<Row> interactions_;
    std::vector<Value> rows_;
    Value tags_[2], keys_[1], limits_values_[1];
    MapView limits_;
};

Moment moment();  // 2026-03-01T10:00:00Z in Europe/Zagreb

Checked checked(std::string_view source, const Type *wanted = nullptr);
// The result as CEL text, or "!code" where it fails; "?code: message" where it does not pass the check.
std::string value_of(std::string_view source, const Binding &data);

}  // namespace readme
