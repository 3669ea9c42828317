// Expressions for tests of the syntax: those of the public test vectors, and random trees.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "expr/limits.hpp"
#include "expr/macros.hpp"
#include "expr/parse.hpp"

namespace kith::expr::test {

inline std::filesystem::path vectors_folder() {
    return std::filesystem::path(KITH_SHARED_DIR) / "cel" / "vectors";
}

struct Vector {
    std::string file, expr;
    bool parses = true;
    bool extension = false;      // uses a syntax the other parser had off
    bool limit = false;          // fails at a limit set by its test
    bool two_variables = false;  // uses a macro of two variables, which the other parser had off
};

// Of a subfolder of the vectors; empty where they are absent.
inline std::vector<Vector> vectors(const std::string &subfolder) {
    std::vector<Vector> all;
    if (!std::filesystem::exists(vectors_folder() / subfolder)) return all;
    for (const auto &file : std::filesystem::directory_iterator(vectors_folder() / subfolder)) {
        std::ifstream in(file.path());
        const auto content = nlohmann::json::parse(in);
        for (const auto &test : content.at("tests")) {
            Vector vector{file.path().filename(), test.at("expr")};
            vector.parses = test.value("parses", true);
            vector.extension = test.value("extension_syntax", false);
            vector.limit = test.value("limit", false);
            for (const auto &row : kMacros)
                if (test.value("error", "").find("undeclared reference to '" + std::string(row.name) + "'") !=
                    std::string::npos)
                    vector.two_variables = vector.two_variables || row.two_from != kNever;
            all.push_back(std::move(vector));
        }
    }
    return all;
}

// Nodes that can be reached from the root.
inline std::size_t reachable(const Tree &tree, NodeId id) {
    std::size_t count = 1;
    for (const auto child : tree.children(id)) count += reachable(tree, child);
    return count;
}

// Makes trees of every shape the parser makes, small enough for its limits.
class RandomTrees {
public:
    explicit RandomTrees(std::uint64_t seed) : random_(seed) {}

    Tree next() {
        tree_ = Tree();
        left_ = 60;
        tree_.root = any(6);
        return std::move(tree_);
    }

private:
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
    bool coin() { return below(2) == 0; }
    template <class T, std::size_t N>
    T pick(const T (&from)[N]) {
        return from[below(N)];
    }

    NodeId add(Node node, std::vector<NodeId> children = {}) { return tree_.add(node, children); }
    Node node(NodeKind kind, std::string_view name = {}) {
        Node made;
        made.kind = kind;
        made.name = name;
        return made;
    }
    std::string_view name() {
        static constexpr std::string_view kNames[] = {"a",   "b1",   "_c", "customer", "cel",
                                                      "and", "size", "b",  "rb"};
        return pick(kNames);
    }
    // May be a field or a method.
    std::string_view field() {
        static constexpr std::string_view kFields[] = {"for", "if", "e5", "has", "map", "b"};
        return coin() ? name() : pick(kFields);
    }

    NodeId any(int depth) {
        if (left_ == 0 || depth == 0) return coin() ? literal() : identifier();
        --left_;
        switch (below(10)) {
            case 0:
                return literal();
            case 1:
                return identifier();
            case 2:
                return select(depth, false);
            case 3:
                return add(node(NodeKind::has), {select(depth, true)});
            case 4:
            case 5:
                return operation(depth);
            case 6:
                return call(depth);
            case 7:
                return entries(depth);
            case 8:
                return record(depth);
            default:
                return macro(depth);
        }
    }

    NodeId literal() {
        auto made = node(NodeKind::literal);
        static constexpr std::int64_t kInts[] = {0, 1, -1, 5, -7, INT64_MAX, INT64_MIN};
        static constexpr std::uint64_t kUints[] = {0, 1, UINT64_MAX};
        static constexpr double kDoubles[] = {0.0,
                                              -0.0,
                                              1.0,
                                              -2.5,
                                              0.1,
                                              1e300,
                                              -1e-300,
                                              5e-324,
                                              1.7976931348623157e308,
                                              1e22,
                                              123456789012345680.0};
        switch (below(7)) {
            case 0:
                break;
            case 1:
                made.value = of_bool(coin());
                break;
            case 2:
                made.value = of_int(pick(kInts));
                break;
            case 3:
                made.value = of_uint(pick(kUints));
                break;
            case 4:
                made.value = of_double(pick(kDoubles));
                break;
            case 5: {
                static constexpr std::string_view kPieces[] = {"a",
                                                               "'",
                                                               "\"",
                                                               "\\",
                                                               "\n",
                                                               "\r",
                                                               "\t",
                                                               "`",
                                                               "{",
                                                               "\x7f",
                                                               "\x01",
                                                               "\xC3\xA9",
                                                               "\xF0\x9F\x98\x81",
                                                               "//",
                                                               "\\n"};
                std::string text;
                for (auto n = below(6); n > 0; --n) text += pick(kPieces);
                if (below(8) == 0) text += '\0';
                made.value = of_text(tree_.keep(text));
                break;
            }
            default: {
                std::string octets;
                for (auto n = below(6); n > 0; --n) octets += static_cast<char>(below(256));
                made.value = of_bytes(tree_.keep(octets));
            }
        }
        return add(made);
    }

    NodeId identifier() {
        auto made = node(NodeKind::identifier, name());
        made.rooted = below(5) == 0;
        return add(made);
    }

    NodeId select(int depth, bool plain) {
        const auto operand = any(depth - 1);
        auto made = node(NodeKind::select, field());
        made.optional = !plain && below(4) == 0;
        if (below(5) == 0) {
            static constexpr std::string_view kQuoted[] = {"in", "content-type", "a b", "x.y", "b", "1/2"};
            made.name = pick(kQuoted);
            made.quoted = true;
        }
        return add(made, {operand});
    }

    NodeId operation(int depth) {
        static constexpr std::string_view kOperators[] = {
            op::add,           op::subtract,    op::multiply, op::divide,        op::modulo,
            op::equal,         op::not_equal,   op::less,     op::less_equal,    op::greater,
            op::greater_equal, op::in,          op::both,     op::either,        op::negate,
            op::minus,         op::conditional, op::index,    op::optional_index};
        const auto name = pick(kOperators);
        std::uint32_t count = 2;
        if (name == op::both || name == op::either) count = 2 + below(3);
        if (name == op::negate || name == op::minus) count = 1;
        if (name == op::conditional) count = 3;
        return add(node(NodeKind::call, name), several(count, depth));
    }

    NodeId call(int depth) {
        auto made = node(NodeKind::call);
        made.member = coin();
        made.rooted = !made.member && below(5) == 0;
        made.name = made.member ? field() : name();
        auto count = below(4);
        // A macro with a number of arguments that makes it none.
        if (made.member && below(4) == 0) made.name = "all", count = 1;
        while (made.member && find_macro(made.name, true, count) != nullptr) ++count;
        return add(made, several(count + (made.member ? 1 : 0), depth));
    }

    NodeId entries(int depth) {
        const bool map = coin();
        const auto count = below(4);
        std::vector<NodeId> children;
        for (std::uint32_t n = 0; n < count; ++n) {
            children.push_back(any(depth - 1));
            tree_[children.back()].optional_entry = below(5) == 0;
            if (map) children.push_back(any(depth - 1));
        }
        return add(node(map ? NodeKind::map : NodeKind::list), children);
    }

    NodeId record(int depth) {
        static constexpr std::string_view kTypes[] = {"Party", "a.b.C", "x.for"};
        auto made = node(NodeKind::record, pick(kTypes));
        made.rooted = below(5) == 0;
        const auto values = several(below(3), depth);
        std::vector<std::string_view> labels;
        for (const auto value : values) {
            tree_[value].optional_entry = below(5) == 0;
            labels.push_back(below(5) == 0 ? "in" : field());
        }
        made.labels = tree_.add_labels(labels);
        return add(made, values);
    }

    NodeId macro(int depth) {
        const auto which = below(std::size(kMacros) + 1);
        const auto &row = which == std::size(kMacros) ? kBind : kMacros[which];
        const auto arguments = row.least + below(row.most - row.least + 1u);
        const auto variables = row.variables(arguments);
        auto made = node(NodeKind::macro, row.name);
        made.macro = row.macro;
        made.member = row.method;
        made.vars[0] = name();
        if (variables == 2) made.vars[1] = "second";
        return add(made, several(arguments - variables + (row.method ? 1 : 0), depth));
    }

    std::vector<NodeId> several(std::uint32_t count, int depth) {
        std::vector<NodeId> made;
        while (count-- > 0) made.push_back(any(depth - 1));
        return made;
    }

    std::mt19937_64 random_;
    Tree tree_;
    std::uint32_t left_ = 0;
};

}  // namespace kith::expr::test
