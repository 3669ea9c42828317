// Filled forms: answers checked against their form, and scored. Each answered item, and each row of a sheet,
// is a row of cells, which stays as it was when the form was filled, whatever becomes of the form.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "engine/batch.hpp"
#include "expr/program.hpp"
#include "rules/form.hpp"

namespace kith::engine {

struct FormValue {
    rules::Form form;
    std::uint32_t version = 0;
    std::shared_ptr<const expr::Program> score;  // of an item, over its aspects; null: the form has none
};

// Of an item's aspects, by number from 0 in order of the form.
std::shared_ptr<const expr::Schema> score_schema(const rules::Form &form);
// What an item is answered for: "value" where the form names no aspects.
std::span<const std::string> aspects_of(const rules::Form &form);

// A form as it is recorded.
struct FilledForm {
    std::uint32_t round = 0;
    std::string_view about_kind, about;
    std::vector<model::Answer> answers;
    std::string texts;
};

// What filling needs of the file.
struct FormContext {
    std::function<base::Result<model::Name>(std::string_view)> name;
    std::function<const rules::Type *(std::string_view list)> list;  // null: there is none
    const base::Zone &zone;
};

// Status::rule with what is wrong, by name.
base::Result<FilledForm> fill(const FormValue &form, const InteractionItem &item, const FormContext &context);

// What stands in a cell: a number; or, of times, dates and amounts, as written; of texts, out of the personal
// ones. Codes and points are for who knows names.
std::optional<double> number_in(const model::Answer &cell);
std::string written(const model::Answer &cell);
std::string_view text_in(const model::Answer &cell, std::string_view texts);

// The same answers, whatever was derived of them.
bool same_answers(std::span<const model::Answer> a, std::span<const model::Answer> b);

}  // namespace kith::engine
