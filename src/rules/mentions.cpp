#include "rules/mentions.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "expr/parse.hpp"

namespace kith::rules {

namespace {

using expr::NodeId;
using expr::NodeKind;

struct Root {
    std::string_view name;
    Mention::Kind kind;
    bool of_subject;  // also after a subject: party.m
};

constexpr std::array kRoots{
    Root{"m", Mention::Kind::metric, true},         Root{"series", Mention::Kind::series, true},
    Root{"band", Mention::Kind::bands, true},       Root{"score", Mention::Kind::scorecard, true},
    Root{"cell", Mention::Kind::matrix, true},      Root{"state", Mention::Kind::process, true},
    Root{"setting", Mention::Kind::setting, false}, Root{"data", Mention::Kind::data, false},
};

// The text of a literal; none for anything else.
std::optional<std::string_view> text_of(const expr::Tree &tree, NodeId id) {
    const expr::Node &node = tree[id];
    if (node.kind != NodeKind::literal || node.value.kind != expr::Kind::string) return std::nullopt;
    return node.value.view();
}

class Walk {
public:
    Walk(const Node &node, const Source &source, const expr::Tree &tree)
        : node_(node), source_(source), tree_(tree) {}

    void visit(NodeId id) {
        const expr::Node &node = tree_[id];
        if (node.kind == NodeKind::select) visit_select(id);
        if (node.kind == NodeKind::call) visit_call(id);
        const auto children = tree_.children(id);
        for (std::size_t i = 0; i < children.size(); ++i) {
            // A macro's variables hide the names of its bodies, not of its range.
            const bool body = node.kind == NodeKind::macro && i > 0;
            const std::size_t outer = hidden_.size();
            if (body) hidden_.insert(hidden_.end(), node.vars, node.vars + 2);
            visit(children[i]);
            hidden_.resize(outer);
        }
    }

private:
    void add(Mention::Kind kind, std::string_view name, std::uint32_t offset) {
        node_.mention(kind, name, place_in(source_, offset));
    }

    std::optional<Mention::Kind> kind_of(NodeId id) const {
        const expr::Node &node = tree_[id];
        const bool root = node.kind == NodeKind::identifier;
        if (!root && node.kind != NodeKind::select) return std::nullopt;
        const auto found = std::ranges::find(kRoots, node.name, &Root::name);
        if (found == kRoots.end() || (!root && !found->of_subject)) return std::nullopt;
        if (root && std::ranges::find(hidden_, node.name) != hidden_.end()) return std::nullopt;
        return found->kind;
    }

    void visit_select(NodeId id) {
        const expr::Node &node = tree_[id];
        const NodeId operand = tree_.child(id, 0);
        if (const auto kind = kind_of(operand)) add(*kind, node.name, node.mark);
        const expr::Node &call = tree_[operand];
        if (call.kind == NodeKind::call && call.name == "policy" && !call.member && call.count == 1) {
            if (const auto matrix = text_of(tree_, tree_.child(operand, 0))) {
                add(Mention::Kind::policy, std::string(*matrix) + "." + std::string(node.name), node.mark);
            }
        }
    }

    void visit_call(NodeId id) {
        const expr::Node &node = tree_[id];
        if (node.name == expr::op::index && node.count == 2) {  // m["x"]
            const auto kind = kind_of(tree_.child(id, 0));
            const auto name = text_of(tree_, tree_.child(id, 1));
            if (kind && name) add(*kind, *name, tree_[tree_.child(id, 1)].span.begin);
            return;
        }
        if (node.member || node.count != 1) return;
        const NodeId argument = tree_.child(id, 0);
        const auto name = text_of(tree_, argument);
        if (!name) return;
        const std::uint32_t at = tree_[argument].span.begin;
        if (node.name == "in_segment") add(Mention::Kind::segment, *name, at);
        if (node.name == "in_state") add(Mention::Kind::state, *name, at);
        if (node.name == "policy") add(Mention::Kind::matrix, *name, at);
        if (node.name == "related") add(Mention::Kind::link, *name, at);
        if (node.name == "open") {  // "complaint|incident"
            for (std::string_view rest = *name; !rest.empty();) {
                const auto end = std::min(rest.find('|'), rest.size());
                add(Mention::Kind::process, rest.substr(0, end), at);
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        }
    }

    const Node &node_;
    const Source &source_;
    const expr::Tree &tree_;
    std::vector<std::string_view> hidden_;
};

}  // namespace

void add_event_mentions(const Node &node, const Source &source, std::optional<Mention::Kind> named) {
    const expr::Parsed parsed = expr::parse(source.text);
    const expr::Tree &tree = parsed.tree;
    const auto kind_of_field = [&](NodeId id) -> std::optional<Mention::Kind> {
        if (tree[id].kind != NodeKind::select) return std::nullopt;
        const expr::Node &root = tree[tree.child(id, 0)];
        if (root.kind != NodeKind::identifier || root.name != "e") return std::nullopt;
        if (tree[id].name == "process") return Mention::Kind::process;
        return tree[id].name == "name" ? named : std::nullopt;
    };
    const auto add = [&](Mention::Kind kind, NodeId id) {
        if (const auto name = text_of(tree, id))
            node.mention(kind, *name, place_in(source, tree[id].span.begin));
    };
    std::vector<NodeId> open{tree.root};
    while (!open.empty()) {
        const NodeId id = open.back();
        open.pop_back();
        const auto children = tree.children(id);
        open.insert(open.end(), children.begin(), children.end());
        const expr::Node &call = tree[id];
        if (call.kind != NodeKind::call || call.count != 2) continue;
        const NodeId left = children[0], right = children[1];
        const auto of_left = kind_of_field(left), of_right = kind_of_field(right);
        if (call.name == expr::op::equal || call.name == expr::op::not_equal) {
            if (of_left) add(*of_left, right);
            if (of_right) add(*of_right, left);
        } else if (call.name == expr::op::in && of_left && tree[right].kind == NodeKind::list) {
            for (const NodeId one : tree.children(right)) add(*of_left, one);
        }
    }
}

void add_mentions(const Node &node, const Source &source, const expr::Tree &tree) {
    Walk(node, source, tree).visit(tree.root);
}

}  // namespace kith::rules
