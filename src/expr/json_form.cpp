#include "expr/json_form.hpp"

#include "base/json.hpp"
#include "expr/lexer.hpp"
#include "expr/limits.hpp"
#include "expr/macros.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kith::expr {
namespace {

using base::Json;

constexpr std::int64_t kExact = std::int64_t{1} << 53;  // ints that every reader of JSON keeps
constexpr std::size_t kJsonDepthMax = 3 * kDepthMax + 8;

struct Comparison {
    std::string_view name;  // of the call
    std::string_view sign;
};
constexpr Comparison kComparisons[] = {
    {op::equal, "=="},  {op::not_equal, "!="},     {op::less, "<"}, {op::less_equal, "<="},
    {op::greater, ">"}, {op::greater_equal, ">="}, {op::in, "in"},
};
constexpr std::string_view kContains = "contains";

// Calls of one text that are shown as literals.
constexpr std::string_view kTyped[] = {"duration", "timestamp", "date"};

struct Operator {
    std::string_view name;
    std::size_t least, most;  // operands
};
constexpr Operator kOperators[] = {
    {op::add, 2, 2},          {op::subtract, 2, 2},       {op::multiply, 2, 2},       {op::divide, 2, 2},
    {op::modulo, 2, 2},       {op::equal, 2, 2},          {op::not_equal, 2, 2},      {op::less, 2, 2},
    {op::less_equal, 2, 2},   {op::greater, 2, 2},        {op::greater_equal, 2, 2},  {op::in, 2, 2},
    {op::both, 2, kNodesMax}, {op::either, 2, kNodesMax}, {op::negate, 1, 1},         {op::minus, 1, 1},
    {op::conditional, 3, 3},  {op::index, 2, 2},          {op::optional_index, 2, 2},
};

bool is_quantifier(Macro macro) {
    return macro == Macro::all || macro == Macro::exists || macro == Macro::exists_one;
}

constexpr char kHexDigits[] = "0123456789abcdef";

// ---- tree to JSON ----

class FormWriter {
public:
    explicit FormWriter(const Checked &checked) : checked_(checked), tree_(checked.tree) {}

    std::string run() {
        if (tree_.root == kNoNode) return "null";
        write(tree_.root, true);
        return std::move(out_);
    }

private:
    // ---- JSON text ----

    void text(std::string_view value) { base::quote_json(out_, value); }
    void separate() {
        if (out_.back() != '{' && out_.back() != '[') out_ += ',';
    }
    void key(std::string_view name) {
        separate();
        text(name);
        out_ += ':';
    }
    void member(std::string_view name, std::string_view value) {
        key(name);
        text(value);
    }
    void flag(std::string_view name, bool value) {
        key(name);
        out_ += value ? "true" : "false";
    }

    // ---- what a node is ----

    bool is_scalar(NodeId id) const {
        const auto &node = tree_[id];
        if (node.optional_entry) return false;
        if (node.kind == NodeKind::literal) return true;
        if (node.kind != NodeKind::call || node.member || node.rooted) return false;
        const auto children = tree_.children(id);
        if (!std::all_of(children.begin(), children.end(), [&](NodeId child) {
                return tree_[child].kind == NodeKind::literal && tree_[child].value.is(Kind::string);
            }))
            return false;
        if (node.name == "money") return node.count == 2;
        return node.count == 1 &&
               std::find(std::begin(kTyped), std::end(kTyped), node.name) != std::end(kTyped);
    }
    bool is_scalars(NodeId id) const {
        const auto children = tree_.children(id);
        return tree_[id].kind == NodeKind::list && !tree_[id].optional_entry &&
               std::all_of(children.begin(), children.end(), [&](NodeId child) { return is_scalar(child); });
    }
    // "a.b.c", or empty where it is no path of plain names.
    std::string path(NodeId id) const {
        const auto &node = tree_[id];
        if (node.kind == NodeKind::identifier) return (node.rooted ? "." : "") + std::string(node.name);
        if (node.kind != NodeKind::select || node.optional || node.quoted || !is_name(node.name)) return {};
        auto before = path(tree_.child(id, 0));
        if (!before.empty()) before += "." + std::string(node.name);
        return before;
    }
    bool is_path(NodeId id) const { return !path(id).empty(); }
    const Comparison *comparison(NodeId id) const {
        const auto &node = tree_[id];
        if (node.kind != NodeKind::call || node.member) return nullptr;
        for (const auto &each : kComparisons)
            if (each.name == node.name) return &each;
        return nullptr;
    }

    // Whether a form of conditions can show it; the conditions within are asked on their own.
    bool shows(NodeId id) const {
        const auto &node = tree_[id];
        if (comparison(id) != nullptr) {
            const auto children = tree_.children(id);
            return std::all_of(children.begin(), children.end(), [&](NodeId child) {
                return is_path(child) || is_scalar(child) || is_scalars(child);
            });
        }
        switch (node.kind) {
            case NodeKind::call:
                return node.name == op::both || node.name == op::either || node.name == op::negate;
            case NodeKind::macro:
                return is_quantifier(node.macro) && is_path(tree_.child(id, 0));
            case NodeKind::has:
                return is_path(tree_.child(id, 0));
            case NodeKind::literal:
                return node.value.is(Kind::boolean);
            default:
                return is_path(id);
        }
    }

    // ---- nodes ----

    void write(NodeId id, bool condition = false) {
        out_ += '{';
        shape(id);
        const auto &node = tree_[id];
        if (node.optional_entry) flag("optional_entry", true);
        about("", id);
        if (condition && !shows(id)) {
            flag("form", false);
            const bool in_source = node.span.end > node.span.begin && node.span.end <= tree_.source.size();
            member("text", in_source ? tree_.source.substr(node.span.begin, node.span.end - node.span.begin)
                                     : unparse(tree_, id));
        }
        out_ += '}';
    }

    // Type and place, of what `prefix` names.
    void about(const std::string &prefix, NodeId id) {
        if (id < checked_.types.size() && checked_.types[id] != nullptr)
            member(prefix + "type", to_text(checked_.types[id]));
        key(prefix + "at");
        const auto span = tree_[id].span;
        out_ += "[" + std::to_string(span.begin) + "," + std::to_string(span.end) + "]";
    }

    void nodes(std::string_view name, std::span<const NodeId> ids, bool conditions = false) {
        key(name);
        out_ += '[';
        for (const auto id : ids) {
            separate();
            write(id, conditions);
        }
        out_ += ']';
    }

    // A path as text, all else as a node.
    void named(const std::string &name, NodeId id) {
        const auto names = path(id);
        if (!names.empty() && !tree_[id].optional_entry) {
            member(name, names);
            about(name + "_", id);
        } else {
            key(name);
            write(id);
        }
    }

    void variables(const Node &node) {
        key("as");
        out_ += '[';
        text(node.vars[0]);
        if (!node.vars[1].empty()) {
            out_ += ',';
            text(node.vars[1]);
        }
        out_ += ']';
    }

    void shape(NodeId id) {
        const auto &node = tree_[id];
        const auto children = tree_.children(id);
        switch (node.kind) {
            case NodeKind::literal:
                value("value", id);
                break;
            case NodeKind::identifier:
                member("field", path(id));
                break;
            case NodeKind::select:
                if (const auto names = path(id); !names.empty()) {
                    member("field", names);
                } else {
                    key("select");
                    write(children[0]);
                    member("name", node.name);
                    if (node.optional) flag("optional", true);
                    if (node.quoted) flag("quoted", true);
                }
                break;
            case NodeKind::has:
                named("has", children[0]);
                break;
            case NodeKind::call:
                call(id);
                break;
            case NodeKind::list:
                nodes("list", children);
                break;
            case NodeKind::map:
                key("map");
                out_ += '[';
                for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
                    out_ += i > 0 ? ",[" : "[";
                    write(children[i]);
                    out_ += ',';
                    write(children[i + 1]);
                    out_ += ']';
                }
                out_ += ']';
                break;
            case NodeKind::record:
                member("record", (node.rooted ? "." : "") + std::string(node.name));
                key("fields");
                out_ += '[';
                for (std::size_t i = 0; i < children.size(); ++i) {
                    out_ += i > 0 ? ",[" : "[";
                    text(tree_.labels(id)[i]);
                    out_ += ',';
                    write(children[i]);
                    out_ += ']';
                }
                out_ += ']';
                break;
            case NodeKind::macro:
                if (is_quantifier(node.macro)) {
                    member("quantifier", node.name);
                    named("of", children[0]);
                    variables(node);
                    key("where");
                    write(children[1], true);
                } else {
                    member("macro", node.name);
                    variables(node);
                    nodes("args", children);
                    if (!node.member && node.macro != Macro::bind) flag("method", false);
                }
                break;
        }
    }

    void call(NodeId id) {
        const auto &node = tree_[id];
        const auto children = tree_.children(id);
        if (is_scalar(id)) {
            value("value", id);
        } else if (node.member) {
            member("call", node.name);
            nodes("args", children);
            flag("method", true);
        } else if (node.name == op::both || node.name == op::either) {
            nodes(node.name == op::both ? "all" : "any", children, true);
        } else if (node.name == op::negate) {
            key("not");
            write(children[0], true);
        } else if (const auto *row = comparison(id)) {
            compare(*row, children[0], children[1]);
        } else {
            member("call", (node.rooted ? "." : "") + std::string(node.name));
            nodes("args", children);
        }
    }

    void compare(const Comparison &row, NodeId left, NodeId right) {
        const bool in = row.name == op::in;
        if (in && is_path(left) && is_scalars(right)) {
            named("field", left);
            member("op", row.sign);
            key("values");
            out_ += '[';
            for (const auto each : tree_.children(right)) {
                separate();
                scalar(each);
            }
            out_ += ']';
            about("values_", right);
        } else if (is_path(in ? right : left) && is_scalar(in ? left : right)) {
            named("field", in ? right : left);
            member("op", in ? kContains : row.sign);
            value("value", in ? left : right);
            about("value_", in ? left : right);
        } else {
            key("left");
            write(left);
            member("op", row.sign);
            key("right");
            write(right);
        }
    }

    void value(std::string_view name, NodeId id) {
        key(name);
        scalar(id);
    }

    void scalar(NodeId id) {
        const auto &node = tree_[id];
        if (node.kind == NodeKind::call) {
            const auto children = tree_.children(id);
            out_ += '{';
            key(node.name);
            if (children.size() > 1) out_ += '[';
            for (const auto child : children) {
                if (child != children.front()) out_ += ',';
                text(tree_[child].value.view());
            }
            out_ += children.size() > 1 ? "]}" : "}";
            return;
        }
        const auto &value = node.value;
        switch (value.kind) {
            case Kind::int_:
                if (value.i >= -kExact && value.i <= kExact) {
                    out_ += std::to_string(value.i);
                } else {
                    typed("int", std::to_string(value.i));
                }
                break;
            case Kind::uint_:
                typed("uint", std::to_string(value.u));
                break;
            case Kind::double_:
                typed("double", literal_text(value));
                break;
            case Kind::string:
                text(value.view());
                break;
            case Kind::bytes: {
                std::string hex;
                for (const char c : value.view()) {
                    hex += kHexDigits[static_cast<unsigned char>(c) >> 4];
                    hex += kHexDigits[c & 15];
                }
                typed("bytes", hex);
                break;
            }
            default:
                out_ += literal_text(value);  // null, true, false
        }
    }
    void typed(std::string_view kind, std::string_view value) {
        out_ += '{';
        member(kind, value);
        out_ += '}';
    }

    const Checked &checked_;
    const Tree &tree_;
    std::string out_;
};

// ---- JSON to tree ----

class FormReader {
public:
    Parsed run(std::string_view json) {
        if (json.size() > kJsonMax) {
            fail(Code::size, "the JSON is longer than " + std::to_string(kJsonMax) + " bytes");
        } else if (const auto root = base::parse_json(json, kJsonDepthMax)) {
            tree_.root = node(*root, 0);
        } else {
            const auto &error = root.error();
            fail(error.status == base::Status::limit ? Code::depth : Code::parse, error.message);
        }
        if (failed()) {
            Parsed out;
            out.diagnostic = std::move(diagnostic_);
            return out;
        }
        return parse(unparse(tree_));
    }

private:
    bool failed() const { return diagnostic_.code != Code::none; }
    NodeId fail(Code code, std::string_view message, std::string_view hint = {}) {
        if (!failed())
            diagnostic_ = {
                code, {}, (path_.empty() ? path_ : path_ + ": ").append(message), std::string(hint)};
        return nothing();
    }
    NodeId wrong(std::string_view message, std::string_view hint = {}) {
        return fail(Code::parse, message, hint);
    }

    // A step down in the JSON, for messages.
    class Step {
    public:
        Step(FormReader &reader, std::string_view key) : reader_(reader), size_(reader.path_.size()) {
            reader.path_ += '/';
            reader.path_ += key;
        }
        ~Step() { reader_.path_.resize(size_); }
        Step(const Step &) = delete;
        Step &operator=(const Step &) = delete;

    private:
        FormReader &reader_;
        std::size_t size_;
    };

    // ---- members ----

    static bool is_true(const Json &object, const char *key, bool otherwise = false) {
        const auto *value = object.find(key);
        return value != nullptr && value->is(Json::Kind::boolean) ? value->boolean : otherwise;
    }
    std::string_view text_of(const Json &object, const char *key) {
        const auto *value = object.find(key);
        if (value != nullptr && value->is(Json::Kind::text)) return value->text;
        wrong(std::string("'") + key + "' must be a text");
        return {};
    }
    std::vector<NodeId> nodes_of(const Json &object, const char *key, std::uint32_t depth) {
        std::vector<NodeId> nodes;
        const Step step(*this, key);
        const auto *list = object.find(key);
        if (list == nullptr || !list->is(Json::Kind::array)) {
            wrong("this must be a list of nodes");
            return nodes;
        }
        for (std::size_t i = 0; i < list->items.size() && !failed(); ++i)
            nodes.push_back(item(list->items[i], i, depth));
        return nodes;
    }
    NodeId item(const Json &json, std::size_t place, std::uint32_t depth) {
        const Step step(*this, std::to_string(place));
        return node(json, depth);
    }
    NodeId node_of(const Json &object, const char *key, std::uint32_t depth) {
        const Step step(*this, key);
        const auto *value = object.find(key);
        return value != nullptr ? node(*value, depth) : wrong("this is missing");
    }
    // A path given as text, or a node.
    NodeId named(const Json &object, const char *key, std::uint32_t depth) {
        const auto *value = object.find(key);
        return value != nullptr && value->is(Json::Kind::text) ? path(object, key)
                                                               : node_of(object, key, depth);
    }

    // ---- building ----

    NodeId add(const Node &node, std::span<const NodeId> children) {
        if (tree_.size() >= kNodesMax)
            fail(Code::size, "the expression has more than " + std::to_string(kNodesMax) + " parts");
        return tree_.add(node, children);
    }
    NodeId nothing() { return tree_.add({}, {}); }  // stands where something failed
    NodeId call(std::string_view name, std::span<const NodeId> children) {
        Node node;
        node.kind = NodeKind::call;
        node.name = name;
        return add(node, children);
    }
    NodeId literal(Value value) {
        Node node;
        node.value = value;
        return add(node, {});
    }

    NodeId node(const Json &json, std::uint32_t depth) {
        if (failed()) return nothing();
        if (depth >= kDepthMax)
            return fail(Code::depth, "the expression has more than " + std::to_string(kDepthMax) + " levels");
        if (!json.is(Json::Kind::object))
            return wrong("a node must be an object", "write {\"value\": ...} for a literal");
        const auto id = shape(json, depth + 1);
        if (is_true(json, "optional_entry")) tree_[id].optional_entry = true;
        return id;
    }

    NodeId shape(const Json &json, std::uint32_t depth) {
        if (json.find("text")) return cel(json);
        if (json.find("all")) return group(json, "all", op::both, depth);
        if (json.find("any")) return group(json, "any", op::either, depth);
        if (json.find("not")) {
            const NodeId operand[] = {node_of(json, "not", depth)};
            return call(op::negate, operand);
        }
        if (json.find("op")) return comparison(json, depth);
        if (json.find("quantifier")) return quantifier(json, depth);
        if (json.find("has")) {
            Node has;
            has.kind = NodeKind::has;
            const NodeId field[] = {named(json, "has", depth)};
            if (!failed() && tree_[field[0]].kind != NodeKind::select) return wrong("'has' asks for a field");
            return add(has, field);
        }
        if (json.find("field")) return path(json, "field");
        if (const auto *value = json.find("value")) return scalar(*value);
        if (json.find("call")) return general(json, depth);
        if (json.find("macro")) return macro(json, depth);
        if (json.find("select")) return select(json, depth);
        if (json.find("list")) {
            Node list;
            list.kind = NodeKind::list;
            return add(list, nodes_of(json, "list", depth));
        }
        if (json.find("map")) return entries(json, true, depth);
        if (json.find("record")) return entries(json, false, depth);
        return wrong("a node of no known shape", "it needs one of: all any not field op value call ...");
    }

    NodeId cel(const Json &json) {
        const auto text = text_of(json, "text");
        if (failed()) return wrong({});
        const auto parsed = parse(text);
        if (parsed) return copy(parsed.tree, parsed.tree.root);
        fail(parsed.diagnostic.code, parsed.diagnostic.message, parsed.diagnostic.hint);
        diagnostic_.span = parsed.diagnostic.span;
        return nothing();
    }
    NodeId copy(const Tree &from, NodeId id) {
        std::vector<NodeId> children;
        for (const auto child : from.children(id)) children.push_back(copy(from, child));
        auto node = from[id];
        node.name = tree_.keep(node.name);
        for (auto &variable : node.vars)
            if (!variable.empty()) variable = tree_.keep(variable);
        if (node.value.is(Kind::string) || node.value.is(Kind::bytes))
            node.value = of_text(tree_.keep(node.value.view()), node.value.kind);
        if (node.kind == NodeKind::record) {
            std::vector<std::string_view> labels;
            for (const auto label : from.labels(id)) labels.push_back(tree_.keep(label));
            node.labels = tree_.add_labels(labels);
        }
        return add(node, children);
    }

    NodeId group(const Json &json, const char *key, std::string_view name, std::uint32_t depth) {
        const auto nodes = nodes_of(json, key, depth);
        if (nodes.empty()) return literal(of_bool(name == op::both));
        return nodes.size() == 1 ? nodes[0] : call(name, nodes);
    }

    NodeId comparison(const Json &json, std::uint32_t depth) {
        const auto sign = text_of(json, "op");
        const bool contains = sign == kContains;
        const auto *row =
            std::find_if(std::begin(kComparisons), std::end(kComparisons),
                         [&](const auto &each) { return each.sign == (contains ? "in" : sign); });
        if (row == std::end(kComparisons))
            return wrong("there is no such 'op'", "it is one of == != < <= > >= in contains");
        if (!json.find("field")) {
            const auto left = node_of(json, "left", depth);
            const NodeId sides[] = {left, node_of(json, "right", depth)};
            return call(row->name, sides);
        }
        const auto field = named(json, "field", depth);
        NodeId other = 0;
        if (const auto *list = json.find("values")) {
            const Step step(*this, "values");
            if (!list->is(Json::Kind::array)) return wrong("this must be a list of values");
            std::vector<NodeId> values;
            for (const auto &each : list->items) values.push_back(scalar(each));
            Node node;
            node.kind = NodeKind::list;
            other = add(node, values);
        } else if (const auto *value = json.find("value")) {
            const Step step(*this, "value");
            other = scalar(*value);
        } else {
            return wrong("'value' is missing");
        }
        const NodeId sides[] = {contains ? other : field, contains ? field : other};
        return call(row->name, sides);
    }

    NodeId quantifier(const Json &json, std::uint32_t depth) {
        const auto name = text_of(json, "quantifier");
        const auto of = named(json, "of", depth);
        const NodeId children[] = {of, node_of(json, "where", depth)};
        const auto id = with_variables(json, name, children, true);
        if (!failed() && !is_quantifier(tree_[id].macro))
            return wrong("there is no such quantifier", "it is one of all exists exists_one");
        return id;
    }
    NodeId macro(const Json &json, std::uint32_t depth) {
        const auto name = text_of(json, "macro");
        return with_variables(json, name, nodes_of(json, "args", depth), is_true(json, "method", true));
    }
    NodeId with_variables(const Json &json, std::string_view name, std::span<const NodeId> children,
                          bool method) {
        if (failed()) return nothing();
        const auto *as = json.find("as");
        if (as == nullptr || !as->is(Json::Kind::array) || as->items.empty() || as->items.size() > 2)
            return wrong("'as' must be a list of one or two names");
        Node node;
        node.kind = NodeKind::macro;
        for (std::size_t i = 0; i < as->items.size(); ++i) {
            const auto &each = as->items[i];
            const auto text = each.is(Json::Kind::text) ? std::string_view(each.text) : std::string_view();
            if (!is_name(text) || is_reserved(text)) return wrong("'as' must be a list of names");
            node.vars[i] = tree_.keep(text);
        }
        const bool bind = name == kBind.name;
        const auto arguments = children.size() + as->items.size() - (method && !bind ? 1 : 0);
        const auto *row =
            bind ? &kBind
                 : find_macro(name, method,
                              static_cast<std::uint32_t>(std::min<std::size_t>(arguments, kNever - 1)));
        if (row == nullptr || arguments < row->least || arguments > row->most ||
            row->variables(static_cast<std::uint32_t>(arguments)) != as->items.size())
            return wrong("there is no such macro with so many variables and arguments");
        node.name = row->name;
        node.macro = row->macro;
        node.member = row->method;
        return add(node, children);
    }

    NodeId general(const Json &json, std::uint32_t depth) {
        auto name = text_of(json, "call");
        const auto children = nodes_of(json, "args", depth);
        if (failed()) return nothing();
        const bool method = is_true(json, "method");
        for (const auto &each : kOperators) {
            if (each.name != name || method) continue;
            if (children.size() < each.least || children.size() > each.most)
                return wrong("the operator takes another number of operands");
            return call(each.name, children);
        }
        Node node;
        node.kind = NodeKind::call;
        node.member = method;
        node.rooted = !method && name.starts_with('.');
        if (node.rooted) name.remove_prefix(1);
        if (!is_name(name)) return wrong("'call' must be the name of a function or an operator");
        if (method && children.empty()) return wrong("a method needs its receiver in 'args'");
        node.name = tree_.keep(name);
        return add(node, children);
    }

    NodeId select(const Json &json, std::uint32_t depth) {
        Node node;
        node.kind = NodeKind::select;
        const NodeId operand[] = {node_of(json, "select", depth)};
        const auto name = text_of(json, "name");
        if (!failed() && !is_quotable(name))
            return wrong("'name' cannot be the name of a field", "write a call of _[_]");
        node.name = tree_.keep(name);
        node.optional = is_true(json, "optional");
        node.quoted = is_true(json, "quoted") || !is_name(name);
        return add(node, operand);
    }

    // Pairs: of key and value, or of a field's name and its value.
    NodeId entries(const Json &json, bool map, std::uint32_t depth) {
        Node node;
        node.kind = map ? NodeKind::map : NodeKind::record;
        const auto *key = map ? "map" : "fields";
        if (!map) {
            auto name = text_of(json, "record");
            node.rooted = name.starts_with('.');
            if (node.rooted) name.remove_prefix(1);
            if (!failed() && !is_names(name)) return wrong("'record' must be the name of a type");
            node.name = tree_.keep(name);
        }
        const Step step(*this, key);
        const auto *list = json.find(key);
        if (list == nullptr || !list->is(Json::Kind::array)) return wrong("this must be a list of pairs");
        std::vector<NodeId> children;
        std::vector<std::string_view> labels;
        for (std::size_t i = 0; i < list->items.size() && !failed(); ++i) {
            const Step at(*this, std::to_string(i));
            const auto &pair = list->items[i];
            if (!pair.is(Json::Kind::array) || pair.items.size() != 2) return wrong("this must be a pair");
            if (map) {
                children.push_back(item(pair.items[0], 0, depth));
            } else {
                if (!pair.items[0].is(Json::Kind::text) || !is_quotable(pair.items[0].text))
                    return wrong("a pair begins with the name of a field");
                labels.push_back(tree_.keep(pair.items[0].text));
            }
            children.push_back(item(pair.items[1], 1, depth));
        }
        if (!map) node.labels = tree_.add_labels(labels);
        return add(node, children);
    }

    // ---- names and literals ----

    static bool is_names(std::string_view path) {
        for (;;) {
            const auto dot = path.find('.');
            if (!is_name(path.substr(0, dot))) return false;
            if (dot == std::string_view::npos) return true;
            path.remove_prefix(dot + 1);
        }
    }

    NodeId path(const Json &json, const char *key) {
        auto names = text_of(json, key);
        Node node;
        node.kind = NodeKind::identifier;
        node.rooted = names.starts_with('.');
        if (node.rooted) names.remove_prefix(1);
        if (failed() || !is_names(names))
            return wrong(std::string("'") + key + "' must be a path of names", "as customer.frequency");
        auto dot = names.find('.');
        node.name = tree_.keep(names.substr(0, dot));
        auto id = add(node, {});
        while (dot != std::string_view::npos && !failed()) {
            names.remove_prefix(dot + 1);
            dot = names.find('.');
            Node select;
            select.kind = NodeKind::select;
            select.name = tree_.keep(names.substr(0, dot));
            const NodeId operand[] = {id};
            id = add(select, operand);
        }
        if (tree_[id].depth > kDepthMax) return fail(Code::depth, "the path has too many names");
        return id;
    }

    NodeId text_literal(const Json &json, Kind kind = Kind::string) {
        return literal(of_text(tree_.keep(json.text), kind));
    }

    NodeId scalar(const Json &json) {
        if (failed() || json.is(Json::Kind::null)) return literal(null_value());
        if (json.is(Json::Kind::boolean)) return literal(of_bool(json.boolean));
        if (json.is(Json::Kind::text)) return text_literal(json);
        if (json.is(Json::Kind::integer)) return number("int", json);
        if (json.is(Json::Kind::real)) {
            const bool whole = json.text.find_first_of(".eE") == std::string::npos;  // beyond int64
            return number(whole ? "int" : "double", json);
        }
        if (json.is(Json::Kind::object) && json.items.size() == 1) {
            const auto &kind = json.keys[0];
            const auto &value = json.items[0];
            if (kind == "int" || kind == "uint" || kind == "double") return number(kind, value);
            if (kind == "bytes" && value.is(Json::Kind::text)) return octets(value.text);
            const auto *name = std::find(std::begin(kTyped), std::end(kTyped), kind);
            if (name != std::end(kTyped) && value.is(Json::Kind::text)) {
                const NodeId argument[] = {text_literal(value)};
                return call(*name, argument);
            }
            if (kind == "money" && value.is(Json::Kind::array) && value.items.size() == 2 &&
                value.items[0].is(Json::Kind::text) && value.items[1].is(Json::Kind::text)) {
                const auto amount = text_literal(value.items[0]);
                const NodeId arguments[] = {amount, text_literal(value.items[1])};
                return call("money", arguments);
            }
        }
        return wrong("this is no value",
                     "as 3, \"text\", true, {\"uint\": \"3\"} or {\"duration\": \"24h\"}");
    }

    // A number, or its text.
    NodeId number(std::string_view kind, const Json &json) {
        const auto text = json.is(Json::Kind::integer) ? std::to_string(json.integer) : json.text;
        const auto *begin = text.data();
        const auto *end = begin + text.size();
        std::from_chars_result read{};
        Value value;
        if (kind == "int") {
            value = of_int(0);
            read = std::from_chars(begin, end, value.i);
        } else if (kind == "uint") {
            value = of_uint(0);
            read = std::from_chars(begin, end, value.u);
        } else {
            value = of_double(0);
            read = std::from_chars(begin, end, value.d);
            if (!std::isfinite(value.d)) read.ec = std::errc::result_out_of_range;
        }
        if (text.empty() || read.ec != std::errc() || read.ptr != end)
            return wrong("this is no " + std::string(kind), "or it is out of its range");
        return literal(value);
    }

    NodeId octets(std::string_view hex) {
        std::string out;
        const auto digit = [](char c) {
            const auto *at = std::find(kHexDigits, kHexDigits + 16,
                                       c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
            return static_cast<int>(at - kHexDigits);
        };
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
            const int high = digit(hex[i]), low = digit(hex[i + 1]);
            if (high > 15 || low > 15) return wrong("bytes are written in hex");
            out += static_cast<char>(high * 16 + low);
        }
        if (hex.size() % 2 != 0) return wrong("bytes are written in hex, two digits each");
        return literal(of_bytes(tree_.keep(out)));
    }

    Tree tree_;
    std::string path_;
    Diagnostic diagnostic_;
};

}  // namespace

std::string to_json(const Checked &checked) { return FormWriter(checked).run(); }

Parsed from_json(std::string_view json) { return FormReader().run(json); }

}  // namespace kith::expr
