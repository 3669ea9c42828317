#include "expr/explain.hpp"

#include "base/text.hpp"
#include "expr/list_reader.hpp"
#include "expr/parse.hpp"

#include <algorithm>
#include <cmath>

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
        // An error that was put aside may have been overtaken by later elements: theirs are not its values.
        const bool fresh = trace_[failed].value.failed();
        for (const auto id : path) {
            const bool walk = fresh && id != failed && tree_[id].kind == NodeKind::macro &&
                              trace_[id].element_tick > since &&
                              trace_[id].element_tick < trace_[failed].tick;
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
        if (!fresh) return;
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

// Writes until there are more bytes than wanted; the rest is cut then.
class ValueWriter {
public:
    ValueWriter(Call &call, std::uint32_t items_max, std::size_t bytes_max)
        : call_(call), items_max_(items_max), bytes_max_(bytes_max) {}

    std::string text(const Value &value) {
        write(value, 0);
        if (out_.size() > bytes_max_) {
            out_.resize(base::truncate(out_, bytes_max_).size());
            out_ += "...";
        }
        return std::move(out_);
    }

private:
    bool full() const { return out_.size() > bytes_max_; }

    void quoted(std::string_view function, const Value &value) {
        const auto text = to_text(call_, value);
        out_ += function;
        out_ += '(';
        out_ += text.failed() ? "..." : literal_text(text);
        out_ += ')';
    }

    // Between two items; false where the rest is left out.
    bool separate(std::uint32_t place) {
        if (place != 0) out_ += ", ";
        if (place == items_max_) out_ += "...";
        return place != items_max_ && !full();
    }

    void write(const Value &value, int depth) {
        if (full()) return;
        if (depth > 8) {
            out_ += "...";
            return;
        }
        switch (value.kind) {
            case Kind::timestamp:
                return quoted("timestamp", value);
            case Kind::duration:
                return quoted("duration", value);
            case Kind::date:
                return quoted("date", value);
            case Kind::money: {
                const auto text = to_text(call_, value);
                out_ += text.failed() ? std::string_view("...") : text.view();
                return;
            }
            case Kind::string:
            case Kind::bytes: {
                // With its quotes too long where it is cut.
                const auto text = value.view();
                const auto kept = value.is(Kind::bytes) ? std::min<std::size_t>(text.size(), bytes_max_)
                                                        : base::truncate(text, bytes_max_).size();
                out_ += literal_text(of_text(text.substr(0, kept), value.kind));
                return;
            }
            case Kind::double_:
                out_ += std::isnan(value.d) ? "NaN" : literal_text(value);
                return;
            case Kind::type:
                out_ += to_text(value.type);
                return;
            case Kind::calendar:
                out_ += "calendar";
                return;
            case Kind::error:
                out_ += code_name(value.code());
                return;
            case Kind::iterator:
                return;
            case Kind::record:
                out_ += call_.schema != nullptr ? call_.schema->record(value.tag).name() : "record";
                return;
            case Kind::optional:
                out_ += value.items == nullptr ? "optional.none()" : "optional.of(";
                if (value.items == nullptr) return;
                write(*value.items, depth + 1);
                out_ += ')';
                return;
            case Kind::list: {
                ListReader reader(call_, value);
                out_ += '[';
                std::uint32_t place = 0;
                for (Value item; reader.next(item) && separate(place); ++place) write(item, depth + 1);
                out_ += reader.error().failed() ? "...]" : "]";
                return;
            }
            case Kind::map:
                out_ += '{';
                for (std::uint32_t i = 0; i < value.map->all().count && separate(i); ++i) {
                    write(value.map->all().keys[i], depth + 1);
                    out_ += ": ";
                    write(value.map->all().values[i], depth + 1);
                }
                out_ += '}';
                return;
            default:
                out_ += literal_text(value);
        }
    }

    Call &call_;
    std::uint32_t items_max_;
    std::size_t bytes_max_;
    std::string out_;
};

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

std::string value_text(Call &call, const Value &value, std::uint32_t items_max, std::size_t bytes_max) {
    return ValueWriter(call, items_max, bytes_max).text(value);
}

}  // namespace kith::expr
