#include "engine/programs.hpp"

#include <algorithm>

#include "engine/value_records.hpp"
#include "expr/parse.hpp"

namespace kith::engine {

using base::Status;
using rules::Source;

namespace {

std::string in_file(const base::Place &place) {
    return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": ";
}

}  // namespace

base::Place place_in(const Source &source, std::uint32_t offset) {
    base::Place place{source.line, source.column};
    if (offset > source.plain) return place;
    for (std::uint32_t i = 0; i < offset && i < source.text.size(); ++i) {
        // Columns count characters: bytes that begin one.
        if ((static_cast<unsigned char>(source.text[i]) & 0xc0) != 0x80) ++place.column;
    }
    return place;
}

void ProgramMaker::mistake(const base::Place &place, std::string what, Status status) {
    mistakes_.push_back({place, status, in_file(place) + definition->path + ": " + std::move(what)});
}

void ProgramMaker::not_yet(const std::string &what) {
    mistake(definition->place, what + " is not yet available in this version; leave the definition out",
            Status::unsupported);
}

ProgramPtr ProgramMaker::program(const Source &source, std::shared_ptr<const expr::Schema> schema,
                                 const expr::Type *wanted, const std::function<void(expr::Tree &)> &resolve) {
    auto parsed = expr::parse(source.text);
    if (!parsed) {
        report(source, parsed.diagnostic);
        return nullptr;
    }
    resolve_names(parsed.tree);
    if (resolve) resolve(parsed.tree);
    auto checked = expr::check(std::move(parsed.tree), std::move(schema), wanted);
    for (const auto &diagnostic : checked.diagnostics) report(source, diagnostic);
    if (!checked.diagnostics.empty() || divides_counts(source, checked)) return nullptr;
    auto compiled = expr::compile(std::move(checked));
    if (!compiled) {
        mistake({source.line, source.column}, compiled.error().message);
        return nullptr;
    }
    if (const auto cost = compiled->cost_diagnostic(); cost.code != expr::Code::none) {
        report(source, cost);
        return nullptr;
    }
    return std::make_shared<const expr::Program>(std::move(*compiled));
}

// 3 of 4 is meant as 0.75, not as the 0 of whole numbers.
bool ProgramMaker::divides_counts(const Source &source, const expr::Checked &checked) {
    const auto &tree = checked.tree;
    for (expr::NodeId id = 0; id < tree.size(); ++id) {
        if (tree[id].name != expr::op::divide || tree[id].kind != expr::NodeKind::call) continue;
        const auto is_count = [&](expr::NodeId of) {
            return checked.types[of]->kind == expr::TypeKind::int_;
        };
        if (!std::ranges::all_of(tree.children(id), is_count)) continue;
        mistake(place_in(source, tree[id].mark),
                "\"/\" of two whole numbers drops the rest; write ratio(a, b), or int(ratio(a, b)) for that");
        return true;
    }
    return false;
}

void ProgramMaker::report(const Source &source, const expr::Diagnostic &diagnostic) {
    auto text = diagnostic.message;
    if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
    mistake(place_in(source, diagnostic.span.begin), std::move(text));
}

}  // namespace kith::engine
