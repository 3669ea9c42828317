#include "expr/parse.hpp"

#include "expr/lexer.hpp"

#include <charconv>

namespace kith::expr {
namespace {

// How tightly an expression holds together; the looser one needs parentheses within the tighter.
enum Level : int { kWhole, kEither, kBoth, kCompare, kSum, kProduct, kSign, kMember };

struct Infix {
    std::string_view name;
    std::string_view sign;
    Level level;
};
constexpr Infix kInfix[] = {
    {op::either, " || ", kEither},  {op::both, " && ", kBoth},
    {op::equal, " == ", kCompare},  {op::not_equal, " != ", kCompare},
    {op::less, " < ", kCompare},    {op::less_equal, " <= ", kCompare},
    {op::greater, " > ", kCompare}, {op::greater_equal, " >= ", kCompare},
    {op::in, " in ", kCompare},     {op::add, " + ", kSum},
    {op::subtract, " - ", kSum},    {op::multiply, " * ", kProduct},
    {op::divide, " / ", kProduct},  {op::modulo, " % ", kProduct},
};
const Infix *infix(std::string_view name) {
    for (const auto &each : kInfix)
        if (each.name == name) return &each;
    return nullptr;
}

// Prints one tree; its depth bounds the recursion.
class Printer {
public:
    explicit Printer(const Tree &tree) : tree_(tree) {}

    void print(NodeId id, Level least) {
        const bool parentheses = level_of(id) < least;
        if (parentheses) out_ += '(';
        bare(id);
        if (parentheses) out_ += ')';
    }
    std::string take() { return std::move(out_); }

private:
    Level level_of(NodeId id) const {
        const auto &node = tree_[id];
        if (node.kind != NodeKind::call || node.member) return kMember;
        if (node.name == op::conditional) return kWhole;
        if (node.name == op::minus || node.name == op::negate) return kSign;
        const auto *row = infix(node.name);
        return row != nullptr ? row->level : kMember;
    }

    void bare(NodeId id) {
        const auto &node = tree_[id];
        const auto children = tree_.children(id);
        switch (node.kind) {
            case NodeKind::literal:
                out_ += literal_text(node.value);
                break;
            case NodeKind::identifier:
                name(node);
                break;
            case NodeKind::select:
                print(children[0], kMember);
                out_ += node.optional ? ".?" : ".";
                field(node.name, node.quoted);
                break;
            case NodeKind::has:
                out_ += "has(";
                print(children[0], kWhole);
                out_ += ')';
                break;
            case NodeKind::call:
                call(id);
                break;
            case NodeKind::list:
                out_ += '[';
                entries(children);
                out_ += ']';
                break;
            case NodeKind::map:
                out_ += '{';
                for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
                    separate(i);
                    entry(children[i]);
                    out_ += ": ";
                    print(children[i + 1], kWhole);
                }
                out_ += '}';
                break;
            case NodeKind::record:
                name(node);
                out_ += '{';
                for (std::size_t i = 0; i < children.size(); ++i) {
                    separate(i);
                    if (tree_[children[i]].optional_entry) out_ += '?';
                    field(tree_.labels(id)[i], false);
                    out_ += ": ";
                    print(children[i], kWhole);
                }
                out_ += '}';
                break;
            case NodeKind::macro:
                macro(id);
                break;
        }
    }

    void call(NodeId id) {
        const auto &node = tree_[id];
        const auto children = tree_.children(id);
        if (node.member) {
            // A method of a variable `cel` is no macro: only "cel.bind" as it stands begins one.
            const auto &receiver = tree_[children[0]];
            const bool apart = children.size() == 4 && node.name == "bind" &&
                               receiver.kind == NodeKind::identifier && receiver.name == "cel";
            print(children[0], apart ? static_cast<Level>(kMember + 1) : kMember);
            out_ += '.';
            out_ += node.name;
            arguments(children.subspan(1));
        } else if (const auto *row = infix(node.name)) {
            // A chain of && or || is one node: what stands in parentheses within it is none of its terms.
            const bool flat = row->level <= kBoth;
            for (std::size_t i = 0; i < children.size(); ++i) {
                if (i > 0) out_ += row->sign;
                print(children[i], i > 0 || flat ? static_cast<Level>(row->level + 1) : row->level);
            }
        } else if (node.name == op::conditional) {
            print(children[0], kEither);
            out_ += " ? ";
            print(children[1], kEither);
            out_ += " : ";
            print(children[2], kWhole);
        } else if (node.name == op::minus || node.name == op::negate) {
            const bool minus = node.name == op::minus;
            out_ += minus ? '-' : '!';
            const auto &operand = tree_[children[0]];
            const bool repeated =
                operand.kind == NodeKind::call && !operand.member && operand.name == node.name;
            const bool joins = minus && begins_with_number(children[0]);
            print(children[0], joins ? static_cast<Level>(kMember + 1) : repeated ? kSign : kMember);
        } else if (node.name == op::index || node.name == op::optional_index) {
            print(children[0], kMember);
            out_ += node.name == op::index ? "[" : "[?";
            print(children[1], kWhole);
            out_ += ']';
        } else {
            name(node);
            arguments(children);
        }
    }

    // Whether a minus before it would become a part of its first number.
    bool begins_with_number(NodeId id) const {
        if (level_of(id) < kMember) return false;  // in parentheses, or with a minus of its own
        for (;;) {
            const auto &node = tree_[id];
            if (node.kind == NodeKind::literal)
                return (node.value.is(Kind::int_) && node.value.i >= 0) ||
                       (node.value.is(Kind::double_) && node.value.i >= 0);
            const bool goes_on = node.kind == NodeKind::select || node.member || node.name == op::index ||
                                 node.name == op::optional_index;
            if (!goes_on) return false;
            id = tree_.child(id, 0);
            if (level_of(id) < kMember) return false;
        }
    }

    void macro(NodeId id) {
        const auto &node = tree_[id];
        auto children = tree_.children(id);
        if (node.member) {
            print(children[0], kMember);
            out_ += '.';
            children = children.subspan(1);
        }
        out_ += node.name;
        out_ += '(';
        if (!node.member && node.macro != Macro::bind) {
            print(children[0], kWhole);
            children = children.subspan(1);
            out_ += ", ";
        }
        for (const auto variable : node.vars) {
            if (variable.empty()) continue;
            if (out_.back() != '(' && out_.back() != ' ') out_ += ", ";
            out_ += variable;
        }
        for (const auto child : children) {
            out_ += ", ";
            print(child, kWhole);
        }
        out_ += ')';
    }

    void arguments(std::span<const NodeId> children) {
        out_ += '(';
        entries(children);
        out_ += ')';
    }
    void entries(std::span<const NodeId> children) {
        for (std::size_t i = 0; i < children.size(); ++i) {
            separate(i);
            entry(children[i]);
        }
    }
    void entry(NodeId id) {
        if (tree_[id].optional_entry) out_ += '?';
        print(id, kWhole);
    }
    void separate(std::size_t place) {
        if (place > 0) out_ += ", ";
    }
    void name(const Node &node) {
        if (node.rooted) out_ += '.';
        out_ += node.name;
    }
    void field(std::string_view text, bool quoted) {
        quoted = quoted || !is_name(text);
        if (quoted) out_ += '`';
        out_ += text;
        if (quoted) out_ += '`';
    }

    const Tree &tree_;
    std::string out_;
};

void append_escaped(std::string_view text, bool bytes, std::string &out) {
    constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\'", kLetters = "abfnrtv\\'";
    constexpr char kHex[] = "0123456789abcdef";
    out += '\'';
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (const auto n = kMeant.find(c); n != std::string_view::npos) {
            out += '\\';
            out += kLetters[n];
        } else if (octet < ' ' || octet == 0x7F || (bytes && octet > 0x7F)) {
            out += "\\x";
            out += kHex[octet >> 4];
            out += kHex[octet & 15];
        } else {
            out += c;
        }
    }
    out += '\'';
}

template <class Number>
std::string number_text(Number number) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    return {text, end};
}

}  // namespace

std::string literal_text(const Value &value) {
    switch (value.kind) {
        case Kind::boolean:
            return value.i != 0 ? "true" : "false";
        case Kind::int_:
            return number_text(value.i);
        case Kind::uint_:
            return number_text(value.u) + "u";
        case Kind::double_: {
            auto text = number_text(value.d);
            if (text.find_first_of(".en") == std::string::npos) text += ".0";
            return text;
        }
        case Kind::string:
        case Kind::bytes: {
            std::string text = value.is(Kind::bytes) ? "b" : "";
            append_escaped(value.view(), value.is(Kind::bytes), text);
            return text;
        }
        default:
            return "null";
    }
}

std::string unparse(const Tree &tree, NodeId node) {
    if (node == kNoNode) return {};
    Printer printer(tree);
    printer.print(node, kWhole);
    return printer.take();
}

}  // namespace kith::expr
