// Expressions of definitions made programs, and what is wrong with them told as their file has it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "expr/program.hpp"
#include "rules/playbook.hpp"

namespace kith::engine {

using ProgramPtr = std::shared_ptr<const expr::Program>;

class ProgramMaker {
public:
    explicit ProgramMaker(std::vector<rules::Mistake> &mistakes) : mistakes_(mistakes) {}

    const rules::Definition *definition = nullptr;  // the one at hand

    void mistake(const base::Place &place, std::string what, base::Status status = base::Status::rule);
    void not_yet(const std::string &what);

    // `wanted` null: any value. `resolve` may rename what the tree names, before it is checked. Null:
    // mistakes say why.
    ProgramPtr program(const rules::Source &source, std::shared_ptr<const expr::Schema> schema,
                       const expr::Type *wanted, const std::function<void(expr::Tree &)> &resolve = {});

private:
    bool divides_counts(const rules::Source &source, const expr::Checked &checked);
    void report(const rules::Source &source, const expr::Diagnostic &diagnostic);

    std::vector<rules::Mistake> &mistakes_;
};

// Where in the file an offset into an expression stands.
base::Place place_in(const rules::Source &source, std::uint32_t offset);

}  // namespace kith::engine
