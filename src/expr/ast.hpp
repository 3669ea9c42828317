// The syntax tree, as written: macros stay calls with variables, so that the tree can be printed,
// edited in a form and explained in the author's words. The compiler gives them their meaning.
#pragma once

#include "base/arena.hpp"
#include "expr/diagnostic.hpp"
#include "expr/value.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kith::expr {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

enum class NodeKind : std::uint8_t {
    literal,     // value
    identifier,  // name
    select,      // [operand], name; `optional`: a.?b
    has,         // [select]: has(a.b)
    call,        // name, [arguments], or [receiver, arguments...] where `member`
    list,        // [elements]
    map,         // [key, value, ...]
    record,      // name, [values] and `labels`: Name{field: value}
    macro,       // macro, `vars`, [range or init, then bodies]
};

// Operators are calls named as CEL names them: _+_ _-_ _*_ _/_ _%_ _==_ _!=_ _<_ _<=_ _>_ _>=_ @in
// _&&_ _||_ (n operands) !_ -_ _?_:_ _[_] _[?_].
namespace op {
inline constexpr std::string_view add = "_+_", subtract = "_-_", multiply = "_*_", divide = "_/_",
                                  modulo = "_%_", equal = "_==_", not_equal = "_!=_", less = "_<_",
                                  less_equal = "_<=_", greater = "_>_", greater_equal = "_>=_", in = "@in",
                                  both = "_&&_", either = "_||_", negate = "!_", minus = "-_",
                                  conditional = "_?_:_", index = "_[_]", optional_index = "_[?_]";
}

// children: [range, body...] with one or two variables, unless said.
enum class Macro : std::uint8_t {
    all,
    exists,
    exists_one,           // exists_one and existsOne
    filter,               // [range, predicate]
    map,                  // [range, transform] or [range, predicate, transform]
    transform_list,       // two variables; as map
    transform_map,        // two variables; [range, transform] or [range, predicate, transform]
    transform_map_entry,  // two variables; the transform gives a map
    bind,                 // cel.bind(x, init, body): [init, body]
    opt_map,              // o.optMap(x, body): [o, body]
    opt_flat_map,
    sort_by,  // xs.sortBy(x, key)
    sum,      // sum(xs, x, of), xs.sum(x, of): [range, of]
    min,
    max,
    avg,
    count,  // count(xs, x, predicate): [range, predicate]
};

struct Node {
    NodeKind kind = NodeKind::literal;
    Macro macro = Macro::all;
    bool optional = false;        // select: a.?b
    bool optional_entry = false;  // this element, key or record value stands after a `?`
    bool rooted = false;          // identifier, record, call: a leading dot
    bool member = false;          // call: children[0] is the receiver; macro: written as a method
    bool quoted = false;          // select: the field stands in back-ticks
    std::uint16_t depth = 1;
    Span span;               // of the whole expression, without parentheses around it
    std::uint32_t mark = 0;  // offset of the operator, bracket, field or name: where an error of it is shown
    std::string_view name;   // owned by the tree; macro: as written, "exists_one", "cel.bind"
    Value value;             // literal
    std::uint32_t first = 0, count = 0;  // children
    std::string_view vars[2];            // macro
    std::uint32_t labels = 0;            // record: place of the first label in Tree::labels

    // Named as CEL names operators: by signs that no identifier has.
    bool is_operator() const { return name.find_first_of("+-*/%=<>&|?![@") != std::string_view::npos; }
};

// Owns its texts and literals. Immutable once built; may be shared by threads.
class Tree {
public:
    Tree() : texts_(std::make_unique<base::Arena>(4096)) {}

    NodeId add(Node node, std::span<const NodeId> children);  // computes `depth`
    std::string_view keep(std::string_view text) {
        return texts_->copy(text.data() ? text : std::string_view(""));
    }

    const Node &operator[](NodeId id) const { return nodes_[id]; }
    Node &operator[](NodeId id) { return nodes_[id]; }
    std::span<const NodeId> children(NodeId id) const {
        return {children_.data() + nodes_[id].first, nodes_[id].count};
    }
    NodeId child(NodeId id, std::uint32_t n) const { return children_[nodes_[id].first + n]; }
    std::span<const std::string_view> labels(NodeId id) const {
        return {labels_.data() + nodes_[id].labels, nodes_[id].count};
    }
    std::uint32_t add_labels(std::span<const std::string_view> labels);
    std::size_t size() const { return nodes_.size(); }

    NodeId root = kNoNode;
    std::string source;  // the text it was parsed from, or was printed to

private:
    std::vector<Node> nodes_;
    std::vector<NodeId> children_;
    std::vector<std::string_view> labels_;
    std::unique_ptr<base::Arena> texts_;
};

// The same expression, wherever its parts stand in the source.
bool same(const Tree &a, const Tree &b);

}  // namespace kith::expr
