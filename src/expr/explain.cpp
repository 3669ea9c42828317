#include "expr/explain.hpp"

#include "expr/list_reader.hpp"
#include "expr/parse.hpp"

#include <algorithm>

namespace kith::expr {

namespace {

class Explainer {
public:
    Explainer(const Checked &checked, const std::vector<Trace> &trace, std::vector<Reason> &out)
        : tree_(checked.tree), trace_(trace), out_(out) {}

    // `since`: values older than that belong to an earlier element of the walk around the node.
    void add(NodeId id, std::uint32_t level, std::uint32_t since) {
        const auto &node = tree_[id];
        const auto &trace = trace_[id];
        if (trace.tick <= since) return;
        auto &reason = out_.emplace_back();
        reason.node = id;
        reason.level = level;
        reason.value = trace.value;
        const auto below = level + 1;
        switch (node.kind) {
            case NodeKind::literal:
            case NodeKind::identifier:
                return;
            case NodeKind::select:
            case NodeKind::has:
                return parts(node.kind == NodeKind::has ? tree_.child(id, 0) : id, below, since);
            case NodeKind::macro:
                return macro(id, out_.size() - 1, below, since);
            default:
                break;
        }
        const bool both = node.name == op::both;
        if (node.kind == NodeKind::call && (both || node.name == op::either)) {
            // One term that decides, else all.
            const bool decided = trace.value.is(Kind::boolean) && (trace.value.i != 0) != both;
            for (const auto child : tree_.children(id)) {
                const auto &term = trace_[child];
                if (decided &&
                    !(term.tick > since && term.value.is(Kind::boolean) && term.value.i == trace.value.i))
                    continue;
                add(child, below, since);
            }
            return;
        }
        operands(id, below, since);
    }

    // The way to what failed: the whole, the elements of the walks around it, itself and its operands.
    void add_failure(NodeId failed, const Value &error) {
        std::vector<NodeId> path;
        find(tree_.root, failed, path);
        std::uint32_t level = 0, since = 0;
        for (const auto id : path) {
            const bool walk =
                tree_[id].kind == NodeKind::macro && trace_[id].element_tick > since && id != failed;
            if (id != tree_.root && id != failed && !walk) continue;
            auto &reason = out_.emplace_back();
            reason.node = id;
            reason.level = level++;
            reason.value = error;
            if (walk) {
                element(reason, id);
                since = trace_[id].element_tick;
            }
        }
        if (tree_[failed].kind == NodeKind::select)
            parts(failed, level, since);
        else if (tree_[failed].kind != NodeKind::macro)
            operands(failed, level, since);
    }

private:
    bool find(NodeId at, NodeId wanted, std::vector<NodeId> &path) const {
        path.push_back(at);
        if (at == wanted) return true;
        for (const auto child : tree_.children(at))
            if (find(child, wanted, path)) return true;
        path.pop_back();
        return false;
    }

    void operands(NodeId id, std::uint32_t level, std::uint32_t since) {
        for (const auto child : tree_.children(id))
            if (tree_[child].kind != NodeKind::literal) add(child, level, since);
    }

    // Of a.b.c only what is more than a name: f(x).b is worth the value of f(x).
    void parts(NodeId select, std::uint32_t level, std::uint32_t since) {
        auto operand = select;
        while (tree_[operand].kind == NodeKind::select) operand = tree_.child(operand, 0);
        if (tree_[operand].kind != NodeKind::identifier && tree_[operand].kind != NodeKind::literal)
            add(operand, level, since);
    }

    void element(Reason &reason, NodeId macro) const {
        reason.has_element = true;
        reason.element = trace_[macro].place;
        reason.element_value = trace_[macro].element;
    }

    void macro(NodeId id, std::size_t reason, std::uint32_t level, std::uint32_t since) {
        const auto &node = tree_[id];
        const auto &trace = trace_[id];
        const auto range = tree_.child(id, 0);
        if (node.macro == Macro::bind || node.macro == Macro::opt_map || node.macro == Macro::opt_flat_map)
            return operands(id, level, since);
        if (tree_[range].kind != NodeKind::identifier && tree_[range].kind != NodeKind::literal)
            add(range, level, since);
        const bool stops =
            (node.macro == Macro::exists && trace.value.is(Kind::boolean) && trace.value.i == 1) ||
            (node.macro == Macro::all && trace.value.is(Kind::boolean) && trace.value.i == 0);
        if (!stops || trace.element_tick <= since) return;
        element(out_[reason], id);
        add(tree_.child(id, 1), level, trace.element_tick);
    }

    const Tree &tree_;
    const std::vector<Trace> &trace_;
    std::vector<Reason> &out_;
};

void write_value(Call &call, const Value &value, std::uint32_t items_max, int depth, std::string &out) {
    const auto quoted = [&](std::string_view function) {
        const auto text = to_text(call, value);
        out += function;
        out += '(';
        out += text.failed() ? "..." : literal_text(text);
        out += ')';
    };
    const auto nested = [&](const Value &inner) { write_value(call, inner, items_max, depth + 1, out); };
    if (depth > 8) {
        out += "...";
        return;
    }
    switch (value.kind) {
        case Kind::timestamp:
            return quoted("timestamp");
        case Kind::duration:
            return quoted("duration");
        case Kind::date:
            return quoted("date");
        case Kind::money: {
            const auto text = to_text(call, value);
            out += text.failed() ? std::string_view("...") : text.view();
            return;
        }
        case Kind::type:
            out += to_text(value.type);
            return;
        case Kind::calendar:
            out += "calendar";
            return;
        case Kind::error:
            out += code_name(value.code());
            return;
        case Kind::iterator:
            return;
        case Kind::record:
            out += call.schema != nullptr ? call.schema->record(value.tag).name() : "record";
            return;
        case Kind::optional:
            out += value.items == nullptr ? "optional.none()" : "optional.of(";
            if (value.items == nullptr) return;
            nested(*value.items);
            out += ')';
            return;
        case Kind::list: {
            ListReader reader(call, value);
            out += '[';
            std::uint32_t count = 0;
            for (Value item; reader.next(item); ++count) {
                if (count != 0) out += ", ";
                if (count == items_max) {
                    out += "...";
                    break;
                }
                nested(item);
            }
            out += ']';
            return;
        }
        case Kind::map:
            out += '{';
            for (std::uint32_t i = 0; i < value.map->count; ++i) {
                if (i != 0) out += ", ";
                if (i == items_max) {
                    out += "...";
                    break;
                }
                nested(value.map->keys[i]);
                out += ": ";
                nested(value.map->values[i]);
            }
            out += '}';
            return;
        default:
            out += literal_text(value);
    }
}

}  // namespace

Explanation explain(Evaluator &evaluator, const Program &program, const Binding &binding,
                    const Moment &moment, std::uint64_t budget) {
    Explanation explanation;
    std::vector<Trace> trace;
    explanation.outcome = evaluator.trace(program, binding, moment, trace, budget);
    Explainer explainer(program.checked(), trace, explanation.reasons);
    if (explanation.outcome.value.failed())
        explainer.add_failure(explanation.outcome.node, explanation.outcome.value);
    else
        explainer.add(program.checked().tree.root, 0, 0);
    return explanation;
}

std::string value_text(Call &call, const Value &value, std::uint32_t items_max) {
    std::string text;
    write_value(call, value, items_max, 0, text);
    return text;
}

}  // namespace kith::expr
