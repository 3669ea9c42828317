#include "expr/ast.hpp"

#include <algorithm>

namespace kith::expr {
namespace {

bool same_value(const Value &a, const Value &b) {
    if (a.kind != b.kind) return false;
    if (a.is(Kind::string) || a.is(Kind::bytes)) return a.view() == b.view();
    return a.u == b.u;  // doubles by their bits: 0.0 is not -0.0
}

bool same_node(const Tree &a, NodeId x, const Tree &b, NodeId y) {
    const auto &m = a[x], &n = b[y];
    if (m.kind != n.kind || m.count != n.count || m.name != n.name || m.optional != n.optional ||
        m.optional_entry != n.optional_entry || m.rooted != n.rooted || m.member != n.member ||
        m.quoted != n.quoted || m.vars[0] != n.vars[0] || m.vars[1] != n.vars[1])
        return false;
    if (m.kind == NodeKind::macro && m.macro != n.macro) return false;
    if (m.kind == NodeKind::literal && !same_value(m.value, n.value)) return false;
    if (m.kind == NodeKind::record && !std::ranges::equal(a.labels(x), b.labels(y))) return false;
    for (std::uint32_t i = 0; i < m.count; ++i)
        if (!same_node(a, a.child(x, i), b, b.child(y, i))) return false;
    return true;
}

}  // namespace

NodeId Tree::add(Node node, std::span<const NodeId> children) {
    node.first = static_cast<std::uint32_t>(children_.size());
    node.count = static_cast<std::uint32_t>(children.size());
    std::uint32_t depth = 0;
    for (const auto child : children) depth = std::max<std::uint32_t>(depth, nodes_[child].depth);
    node.depth = static_cast<std::uint16_t>(std::min<std::uint32_t>(depth + 1, UINT16_MAX));
    children_.insert(children_.end(), children.begin(), children.end());
    nodes_.push_back(node);
    return static_cast<NodeId>(nodes_.size() - 1);
}

std::uint32_t Tree::add_labels(std::span<const std::string_view> labels) {
    const auto first = static_cast<std::uint32_t>(labels_.size());
    labels_.insert(labels_.end(), labels.begin(), labels.end());
    return first;
}

bool same(const Tree &a, const Tree &b) {
    if (a.root == kNoNode || b.root == kNoNode) return a.root == b.root;
    return same_node(a, a.root, b, b.root);
}

}  // namespace kith::expr
