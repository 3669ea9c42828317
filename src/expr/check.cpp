#include "expr/check.hpp"

#include "expr/unify.hpp"

#include <algorithm>

namespace kith::expr {

namespace {

constexpr std::size_t kDiagnosticsMax = 20;

const Type *scalar(TypeKind kind) { return Types::of(kind); }

// Names of types that stand as values.
constexpr std::string_view kTypeNames[] = {"bool",
                                           "int",
                                           "uint",
                                           "double",
                                           "string",
                                           "bytes",
                                           "list",
                                           "map",
                                           "null_type",
                                           "type",
                                           "optional_type",
                                           "google.protobuf.Timestamp",
                                           "google.protobuf.Duration",
                                           "money",
                                           "date",
                                           "calendar"};

// The least number of letters to change, swap, add or leave out (Damerau 1964, adjacent swaps), at most 3.
std::size_t distance(std::string_view a, std::string_view b) {
    if (a.size() > 64 || b.size() > 64 || a.size() > b.size() + 3 || b.size() > a.size() + 3) return 3;
    std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            current[j] =
                std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                current[j] = std::min(current[j], before[j - 2] + 1);
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return std::min<std::size_t>(previous[b.size()], 3);
}

// The name that was meant, if one is near.
class Nearest {
public:
    explicit Nearest(std::string_view wrong) : wrong_(wrong) {}
    void offer(std::string_view name) {
        const auto far = distance(wrong_, name);
        const bool tie = far == best_ && name < name_;  // whatever order a hash table gives them in
        if (far >= 3 || far * 2 > wrong_.size() || (far >= best_ && !tie)) return;
        best_ = far;
        name_ = name;
    }
    std::string hint() const { return name_.empty() ? "" : "did you mean '" + std::string(name_) + "'?"; }

private:
    std::string_view wrong_, name_;
    std::size_t best_ = 3;
};

class Checker {
public:
    Checker(Checked &out, Mode mode)
        : out_(out),
          tree_(out.tree),
          schema_(*out.schema),
          types_(*out.pool),
          unify_(types_),
          dynamic_(mode == Mode::dynamic) {
        out_.types.assign(tree_.size(), scalar(TypeKind::dyn));
        out_.references.resize(tree_.size());
    }

    void run(const Type *wanted) {
        const auto *type = infer(tree_.root);
        if (wanted != nullptr && !unify_.assign(wanted, type))
            report(Code::type, tree_.root,
                   "the expression gives " + name_of(type) + " where " + name_of(wanted) + " is wanted", "");
        out_.gradual = dynamic_ || unify_.gradual();
        for (auto &each : out_.types) each = unify_.settle(each);
        for (auto &reference : out_.references)
            if (reference.type != nullptr) reference.type = unify_.settle(reference.type);
    }

private:
    struct Local {
        std::string_view name;
        NodeId macro;
        std::uint32_t which;
        const Type *type;
    };

    // ---- reporting ----

    std::string name_of(const Type *type) {
        const auto *settled = unify_.settle(type);
        if (settled->kind == TypeKind::timestamp) return "timestamp";
        if (settled->kind == TypeKind::duration) return "duration";
        return to_text(settled);
    }

    const Type *report(Code code, NodeId node, std::string message, std::string hint, bool at_mark = false) {
        if (!dynamic_ && out_.diagnostics.size() < kDiagnosticsMax) {
            auto span = tree_[node].span;
            if (at_mark) span.begin = std::max(span.begin, tree_[node].mark);
            out_.diagnostics.push_back({code, span, std::move(message), std::move(hint)});
        }
        return scalar(TypeKind::dyn);
    }

    // ---- names ----

    // "a.b.c" for a chain of plain selections, else empty.
    std::string dotted(NodeId id) const {
        const auto &node = tree_[id];
        if (node.kind == NodeKind::identifier) return std::string(node.name);
        if (node.kind != NodeKind::select || node.optional || node.quoted) return {};
        auto operand = dotted(tree_.child(id, 0));
        return operand.empty() ? operand : operand + "." + std::string(node.name);
    }
    NodeId leftmost(NodeId id) const {
        while (tree_[id].kind == NodeKind::select) id = tree_.child(id, 0);
        return id;
    }
    const Local *local(NodeId identifier) const {
        if (tree_[identifier].rooted) return nullptr;
        for (auto it = locals_.rbegin(); it != locals_.rend(); ++it)
            if (it->name == tree_[identifier].name) return &*it;
        return nullptr;
    }

    // Calls `found(name)` with the name in the container and outwards until it answers true.
    template <class Found>
    bool in_containers(const std::string &name, bool rooted, Found found) const {
        auto container = rooted ? std::string() : schema_.container();
        while (!container.empty()) {
            if (found(container + "." + name)) return true;
            const auto dot = container.rfind('.');
            container.resize(dot == std::string::npos ? 0 : dot);
        }
        return found(name);
    }

    // Whether the chain ending at `id` names a variable or a type.
    const Type *global(NodeId id) {
        const auto left = leftmost(id);
        if (tree_[left].kind != NodeKind::identifier || local(left) != nullptr) return nullptr;
        const auto name = dotted(id);
        if (name.empty()) return nullptr;
        const Type *type = nullptr;
        auto &reference = out_.references[id];
        in_containers(name, tree_[left].rooted, [&](const std::string &full) {
            if (const auto number = schema_.variable(full)) {
                reference.kind = RefKind::variable;
                reference.number = *number;
                type = schema_.variables()[*number].type;
                return true;
            }
            const auto *named = named_type(full);
            if (named == nullptr) return false;
            reference.kind = RefKind::type;
            reference.type = named;
            type = types_.type(named);
            return true;
        });
        return type;
    }

    const Type *named_type(const std::string &name) {
        if (std::find(std::begin(kTypeNames), std::end(kTypeNames), name) != std::end(kTypeNames)) {
            const auto *type = types_.parse(name);
            return scalar(type->kind);  // without arguments: the erased type
        }
        return nullptr;
    }

    const Type *undeclared(NodeId id) {
        const auto &node = tree_[id];
        out_.references[id].kind = RefKind::unknown;
        Nearest nearest(node.name);
        for (const auto &each : locals_) nearest.offer(each.name);
        for (const auto &variable : schema_.variables()) nearest.offer(variable.name);
        auto hint = nearest.hint();
        if (hint.empty() && schema_.variables().size() <= 12) {
            for (const auto &variable : schema_.variables())
                hint += (hint.empty() ? "there are: " : ", ") + variable.name;
        }
        return report(Code::undeclared, id, "there is nothing named '" + std::string(node.name) + "' here",
                      hint);
    }

    // ---- nodes ----

    const Type *infer(NodeId id) {
        const auto *type = infer_kind(id);
        out_.types[id] = type;
        return type;
    }

    const Type *infer_kind(NodeId id) {
        const auto &node = tree_[id];
        switch (node.kind) {
            case NodeKind::literal:
                return literal(node.value);
            case NodeKind::identifier: {
                if (const auto *found = local(id)) {
                    auto &reference = out_.references[id];
                    reference.kind = RefKind::local;
                    reference.number = found->macro;
                    reference.which = found->which;
                    return found->type;
                }
                const auto *type = global(id);
                return type != nullptr ? type : undeclared(id);
            }
            case NodeKind::select:
                if (const auto *type = node.optional || node.quoted ? nullptr : global(id)) return type;
                return select(id);
            case NodeKind::has: {
                const auto field = tree_.child(id, 0);
                out_.types[field] = select(field);
                return scalar(TypeKind::boolean);
            }
            case NodeKind::call:
                return call(id);
            case NodeKind::list:
                return list(id);
            case NodeKind::map:
                return map(id);
            case NodeKind::record: {
                for (const auto child : tree_.children(id)) infer(child);
                out_.references[id].kind = RefKind::unknown;
                return report(Code::undeclared, id,
                              "there is no type '" + std::string(node.name) + "' to make",
                              "records come from the data; expressions cannot make them");
            }
            case NodeKind::macro:
                return macro(id);
        }
        return scalar(TypeKind::dyn);
    }

    static const Type *literal(const Value &value) {
        switch (value.kind) {
            case Kind::null:
                return scalar(TypeKind::null);
            case Kind::boolean:
                return scalar(TypeKind::boolean);
            case Kind::int_:
                return scalar(TypeKind::int_);
            case Kind::uint_:
                return scalar(TypeKind::uint_);
            case Kind::double_:
                return scalar(TypeKind::double_);
            case Kind::string:
                return scalar(TypeKind::string);
            case Kind::bytes:
                return scalar(TypeKind::bytes);
            default:
                return scalar(TypeKind::dyn);
        }
    }

    const Type *select(NodeId id) {
        const auto &node = tree_[id];
        const auto operand = tree_.child(id, 0);
        const auto *of = unify_.resolve(infer(operand));
        bool optional = node.optional;
        if (of->kind == TypeKind::optional) {
            optional = true;
            of = unify_.resolve(of->args[0]);
        }
        const auto *type = field(id, operand, of);
        return optional ? types_.optional(type) : type;
    }

    const Type *field(NodeId id, NodeId operand, const Type *of) {
        const auto &node = tree_[id];
        auto &reference = out_.references[id];
        const std::string name(node.name);
        switch (of->kind) {
            case TypeKind::dyn:
            case TypeKind::free:
                return scalar(TypeKind::dyn);
            case TypeKind::map:
                return of->args[1];
            case TypeKind::record: {
                const auto &record = schema_.record(of->id);
                if (const auto number = record.find(node.name)) {
                    reference.kind = RefKind::field;
                    reference.number = *number;
                    return record.fields()[*number].type;
                }
                Nearest nearest(node.name);
                for (const auto &each : record.fields()) nearest.offer(each.name);
                return report(Code::no_field, id, record.name() + " has no field '" + name + "'",
                              nearest.hint(), true);
            }
            case TypeKind::money:
            case TypeKind::date: {
                // Money and dates have parts, read like fields.
                const auto part = to_text(of) + "." + name;
                const auto found = schema_.functions(part);
                if (!found.empty()) {
                    reference.kind = RefKind::functions;
                    reference.overloads = {&found.front()};
                    return found.front().result;
                }
                return report(Code::no_field, id, name_of(of) + " has no part '" + name + "'",
                              of->kind == TypeKind::money
                                  ? "it has minor and currency"
                                  : "it has year, month, day, dayOfWeek and dayOfYear",
                              true);
            }
            default:
                return report(Code::no_field, id,
                              "'" + name + "' is asked of " + name_of(of) + ", which has no fields",
                              schema_.functions(name).empty() || tree_[operand].kind == NodeKind::literal
                                  ? ""
                                  : "call it: " + name + "()",
                              true);
        }
    }

    const Type *list(NodeId id) {
        const Type *element = nullptr;
        for (const auto child : tree_.children(id)) {
            const auto *type = infer(child);
            if (tree_[child].optional_entry) type = unwrap_entry(child, type);
            element = element == nullptr ? type : unify_.join(element, type);
        }
        return types_.list(element == nullptr ? unify_.fresh() : element);
    }

    const Type *map(NodeId id) {
        const Type *key = nullptr, *value = nullptr;
        const auto children = tree_.children(id);
        for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
            const auto *one_key = unify_.resolve(infer(children[i]));
            switch (one_key->kind) {
                case TypeKind::boolean:
                case TypeKind::int_:
                case TypeKind::uint_:
                case TypeKind::string:
                case TypeKind::dyn:
                case TypeKind::free:
                    break;
                default:
                    // Types of keys stay small, or a map of maps of maps would double with each level.
                    report(Code::key_type, children[i], "a map's key cannot be " + name_of(one_key),
                           "use a string, int, uint or bool");
                    one_key = scalar(TypeKind::dyn);
            }
            const auto *one = infer(children[i + 1]);
            if (tree_[children[i]].optional_entry) one = unwrap_entry(children[i + 1], one);
            key = key == nullptr ? one_key : unify_.join(key, one_key);
            value = value == nullptr ? one : unify_.join(value, one);
        }
        return types_.map(key == nullptr ? unify_.fresh() : key, value == nullptr ? unify_.fresh() : value);
    }

    const Type *unwrap_entry(NodeId id, const Type *type) {
        const auto *resolved = unify_.resolve(type);
        if (resolved->kind == TypeKind::optional) return resolved->args[0];
        if (resolved->kind == TypeKind::dyn || resolved->kind == TypeKind::free) return scalar(TypeKind::dyn);
        return report(Code::no_overload, id,
                      "an entry after '?' must be optional, and this is " + name_of(type),
                      "leave the '?' out, or write optional.of(...)");
    }

    // ---- calls ----

    const Type *call(NodeId id) {
        const auto &node = tree_[id];
        if (node.name == op::both || node.name == op::either) {
            for (const auto child : tree_.children(id)) want(child, infer(child), scalar(TypeKind::boolean));
            return scalar(TypeKind::boolean);
        }
        if (node.name == op::conditional) return conditional(id);
        if (node.name == op::index || node.name == op::optional_index) return index(id);

        std::string name(node.name);
        if (node.member) {
            if (const auto *type = namespaced(id)) return type;
            infer(tree_.child(id, 0));
        }
        for (std::uint32_t i = node.member ? 1 : 0; i < node.count; ++i) infer(tree_.child(id, i));
        std::span<const Signature> found;
        if (node.member || node.is_operator()) {
            found = schema_.functions(name);
        } else {
            in_containers(name, node.rooted, [&](const std::string &full) {
                found = schema_.functions(full);
                if (!found.empty()) name = full;
                return !found.empty();
            });
        }
        return overloads(id, name, found, node.member, 0);
    }

    // a.b.f(x) where "a.b.f" is a function.
    const Type *namespaced(NodeId id) {
        const auto receiver = tree_.child(id, 0);
        const auto left = leftmost(receiver);
        if (tree_[left].kind != NodeKind::identifier || local(left) != nullptr) return nullptr;
        auto name = dotted(receiver);
        if (name.empty()) return nullptr;
        name += "." + std::string(tree_[id].name);
        std::span<const Signature> found;
        in_containers(name, tree_[left].rooted, [&](const std::string &full) {
            found = schema_.functions(full);
            return !found.empty();
        });
        // Accessors such as date.month are no functions of an author.
        if (found.empty() || schema_.variable(dotted(receiver))) return nullptr;
        out_.references[id].drop_receiver = true;
        for (std::uint32_t i = 1; i < tree_[id].count; ++i) infer(tree_.child(id, i));
        return overloads(id, name, found, false, 1);
    }

    const Type *overloads(NodeId id, const std::string &name, std::span<const Signature> found, bool member,
                          std::uint32_t first) {
        auto &reference = out_.references[id];
        reference.name = tree_.keep(name);
        if (found.empty()) {
            reference.kind = RefKind::unknown;
            return no_function(id, name, member);
        }
        reference.kind = RefKind::functions;
        std::vector<const Type *> args;
        for (std::uint32_t i = first; i < tree_[id].count; ++i)
            args.push_back(out_.types[tree_.child(id, i)]);

        const Type *result = nullptr;
        for (const auto &signature : found) {
            const auto params = signature.params.size();
            if (signature.member != member) continue;
            if (signature.variadic ? args.size() < params : args.size() != params) continue;
            if (dynamic_) {
                reference.overloads.push_back(&signature);
                continue;
            }
            const auto before = unify_.mark();
            std::vector<Unifier::Named> named;
            bool all = true;
            for (std::size_t i = 0; all && i < args.size(); ++i)
                all = unify_.assign(unify_.instantiate(signature.params[std::min(i, params - 1)], named),
                                    args[i]);
            if (!all) {
                unify_.restore(before);
                continue;
            }
            const auto *one = unify_.instantiate(signature.result, named);
            // Unknowns of the arguments stay open where more than one overload may be meant.
            result = result == nullptr                                 ? one
                     : same(unify_.settle(result), unify_.settle(one)) ? result
                                                                       : scalar(TypeKind::dyn);
            reference.overloads.push_back(&signature);
            if (std::none_of(args.begin(), args.end(), [&](const Type *arg) { return open(arg); })) break;
        }
        if (dynamic_) return scalar(TypeKind::dyn);
        if (result == nullptr) return no_match(id, name, found, args);
        const auto *overload = reference.overloads[0]->overload;
        if (overload != nullptr && overload->check != nullptr) {
            const auto node = tree_.child(id, first);
            const auto wrong =
                tree_[node].kind == NodeKind::literal ? overload->check(tree_[node].value) : std::string();
            if (!wrong.empty()) report(Code::range, node, wrong, {});
        }
        // The order that a type parameter cannot ask for.
        if ((name == "min" || name == "max" || name == "sort") && args.size() == 1) {
            const auto *list = unify_.resolve(args[0]);
            if (list->kind == TypeKind::list) orderable(id, list->args[0]);
        }
        return result;
    }

    // Whether a type leaves open which overload will be meant.
    bool open(const Type *type) {
        type = unify_.resolve(type);
        if (type->kind == TypeKind::dyn || type->kind == TypeKind::free || type->kind == TypeKind::null ||
            type->kind == TypeKind::wrapper)
            return true;
        return std::any_of(type->args.begin(), type->args.end(), [&](const Type *arg) { return open(arg); });
    }

    const Type *no_function(NodeId id, const std::string &name, bool member) {
        Nearest nearest(name);
        for (const auto each : Library::standard().names())
            if (each[0] != '_' && each[0] != '@' && each[0] != '!' && each[0] != '-') nearest.offer(each);
        for (const auto macro : {"all", "exists", "exists_one", "filter", "map", "sortBy", "transformList",
                                 "transformMap", "optMap", "optFlatMap", "sum", "min", "max", "avg", "count"})
            nearest.offer(macro);
        return report(Code::undeclared, id,
                      std::string("there is no ") + (member ? "method" : "function") + " '" + name + "'",
                      nearest.hint(), true);
    }

    const Type *no_match(NodeId id, const std::string &name, std::span<const Signature> found,
                         const std::vector<const Type *> &args) {
        const auto &node = tree_[id];
        const bool symbol_form = node.is_operator();
        std::string given;
        for (const auto *arg : args)
            given += (given.empty() ? "" : symbol_form ? " and " : ", ") + name_of(arg);
        if (symbol_form) {
            const auto symbol = name == op::in ? std::string("in") : trimmed(name);
            return report(Code::no_overload, id, "'" + symbol + "' does not take " + given,
                          mixed_hint(id, args), true);
        }
        std::string hint = mixed_hint(id, args);
        if (hint.empty()) {
            int shown = 0;
            for (const auto &signature : found) {
                if (shown == 3) break;
                hint += (shown++ == 0 ? "it is " : " or ") + form(name, signature);
            }
            if (std::none_of(found.begin(), found.end(),
                             [&](const Signature &each) { return each.member == node.member; }))
                hint = node.member ? "call it as a function: " + form(name, found.front())
                                   : "call it as a method: " + form(name, found.front());
        }
        return report(Code::no_overload, id, "'" + name + "' does not take (" + given + ")", hint, true);
    }

    static std::string trimmed(const std::string &name) {
        std::string symbol;
        for (const char c : name)
            if (c != '_') symbol += c;
        return symbol;
    }

    std::string form(const std::string &name, const Signature &signature) {
        std::string text;
        std::size_t i = 0;
        if (signature.member) text = to_text(signature.params[i++]) + ".";
        text += name + "(";
        for (bool first = true; i < signature.params.size(); ++i, first = false)
            text += (first ? "" : ", ") + to_text(signature.params[i]);
        return text + ")";
    }

    // The commonest slips: int against double or uint, text against number.
    std::string mixed_hint(NodeId id, const std::vector<const Type *> &args) {
        if (args.size() != 2) return {};
        const auto kind = [&](std::size_t i) { return unify_.resolve(args[i])->kind; };
        const auto first = tree_.child(id, tree_[id].count - 2),
                   second = tree_.child(id, tree_[id].count - 1);
        const auto text = [&](NodeId node) {
            return tree_.source.substr(tree_[node].span.begin, tree_[node].span.end - tree_[node].span.begin);
        };
        for (const bool swapped : {false, true}) {
            const auto a = kind(swapped), b = kind(!swapped);
            const auto node_a = swapped ? second : first, node_b = swapped ? first : second;
            const bool literal_a = tree_[node_a].kind == NodeKind::literal;
            if (a == TypeKind::int_ && b == TypeKind::double_)
                return literal_a ? "write " + text(node_a) + ".0"
                                 : "convert the int: double(" + text(node_a) + ")";
            if (a == TypeKind::int_ && b == TypeKind::uint_)
                return literal_a ? "write " + text(node_a) + "u"
                                 : "convert the uint: int(" + text(node_b) + ")";
            if (a == TypeKind::string &&
                (b == TypeKind::int_ || b == TypeKind::double_ || b == TypeKind::uint_))
                return literal_a
                           ? "leave the quotes out, or convert: string(" + text(node_b) + ")"
                           : "convert the " + name_of(args[!swapped]) + ": string(" + text(node_b) + ")";
            if (a == TypeKind::timestamp && b == TypeKind::string)
                return tree_[node_b].kind == NodeKind::literal ? "write timestamp(" + text(node_b) + ")" : "";
            if (a == TypeKind::timestamp && b == TypeKind::int_)
                return "add a duration, such as duration(\"24h\"), or use addDays(t, n)";
            if (a == TypeKind::timestamp && b == TypeKind::date)
                return "compare days: date(...) of the timestamp";
            if (a == TypeKind::duration && b == TypeKind::int_)
                return "write a duration, such as duration(\"90s\")";
            if (a == TypeKind::money &&
                (b == TypeKind::int_ || b == TypeKind::double_ || b == TypeKind::string))
                return "write an amount, such as money(\"12.50\", \"EUR\")";
            if (a == TypeKind::null) return "test it with has(...), or compare with a value of its type";
            if (a == TypeKind::optional) return "unwrap the optional first: .orValue(...)";
        }
        return {};
    }

    void want(NodeId id, const Type *type, const Type *wanted) {
        if (unify_.assign(wanted, type)) return;
        const auto kind = unify_.resolve(type)->kind;
        std::string hint;
        if (wanted->kind == TypeKind::boolean) {
            if (kind == TypeKind::int_ || kind == TypeKind::uint_ || kind == TypeKind::double_)
                hint = "compare it, such as ... > 0";
            else if (kind == TypeKind::string)
                hint = "compare it, such as ... != \"\"";
            else if (kind == TypeKind::list || kind == TypeKind::map)
                hint = "ask for its size, such as ....size() > 0";
        }
        report(Code::no_overload, id, "this is " + name_of(type) + " where " + name_of(wanted) + " is needed",
               hint);
    }

    const Type *conditional(NodeId id) {
        const auto condition = tree_.child(id, 0), then = tree_.child(id, 1), other = tree_.child(id, 2);
        want(condition, infer(condition), scalar(TypeKind::boolean));
        const auto *a = infer(then), *b = infer(other);
        if (!unify_.assign(a, b) && !dynamic_)
            return report(Code::no_overload, id,
                          "the two results of '?:' differ: " + name_of(a) + " and " + name_of(b),
                          mixed_hint(id, {a, b}));
        return unify_.join(a, b);
    }

    const Type *index(NodeId id) {
        const auto operand = tree_.child(id, 0), key = tree_.child(id, 1);
        const auto *of = unify_.resolve(infer(operand));
        const auto *with = infer(key);
        bool optional = tree_[id].name == op::optional_index;
        if (of->kind == TypeKind::optional) {
            optional = true;
            of = unify_.resolve(of->args[0]);
        }
        const Type *type = scalar(TypeKind::dyn);
        if (of->kind == TypeKind::list) {
            if (!unify_.assign(scalar(TypeKind::int_), with))
                report(Code::no_overload, key, "a list is indexed by int, and this is " + name_of(with), "");
            type = of->args[0];
        } else if (of->kind == TypeKind::map) {
            if (!unify_.assign(of->args[0], with))
                report(Code::no_overload, key,
                       "the map's keys are " + name_of(of->args[0]) + ", and this is " + name_of(with), "");
            type = of->args[1];
        } else if (of->kind != TypeKind::dyn && of->kind != TypeKind::free) {
            report(Code::no_overload, id, name_of(of) + " cannot be indexed", "");
        }
        return optional ? types_.optional(type) : type;
    }

    // ---- macros ----

    struct Elements {
        const Type *first, *second;  // what one variable is; what the second of two is
        const Type *index;           // what the first of two is
    };

    Elements elements(NodeId range) {
        const auto *dyn = scalar(TypeKind::dyn);
        const auto *type = unify_.resolve(infer(range));
        if (type->kind == TypeKind::list) return {type->args[0], type->args[0], scalar(TypeKind::int_)};
        if (type->kind == TypeKind::map) return {type->args[0], type->args[1], type->args[0]};
        if (type->kind != TypeKind::dyn && type->kind != TypeKind::free)
            report(Code::no_overload, range,
                   "this is " + name_of(type) + ", and only lists and maps have elements", "");
        return {dyn, dyn, dyn};
    }

    const Type *body(NodeId macro, std::uint32_t child, const Type *first, const Type *second = nullptr) {
        const auto &node = tree_[macro];
        const auto depth = locals_.size();
        if (!node.vars[0].empty()) locals_.push_back({node.vars[0], macro, 0, first});
        if (!node.vars[1].empty()) locals_.push_back({node.vars[1], macro, 1, second});
        const auto *type = infer(tree_.child(macro, child));
        locals_.resize(depth);
        return type;
    }

    const Type *macro(NodeId id) {
        const auto kind = tree_[id].macro;
        const auto count = tree_[id].count;
        const auto first_child = tree_.child(id, 0);
        if (kind == Macro::bind) return body(id, 1, infer(first_child));
        if (kind == Macro::opt_map || kind == Macro::opt_flat_map) return optional_macro(id);

        const auto over = elements(first_child);
        const bool two = !tree_[id].vars[1].empty();
        const auto *one = two ? over.index : over.first;
        const auto predicate = [&](std::uint32_t child) {
            const auto *type = body(id, child, one, over.second);
            want(tree_.child(id, child), type, scalar(TypeKind::boolean));
        };
        switch (kind) {
            case Macro::all:
            case Macro::exists:
            case Macro::exists_one:
                predicate(1);
                return scalar(TypeKind::boolean);
            case Macro::filter:
                predicate(1);
                return types_.list(over.first);
            case Macro::count:
                predicate(1);
                return scalar(TypeKind::int_);
            case Macro::sort_by: {
                if (unify_.resolve(out_.types[first_child])->kind == TypeKind::map)
                    report(Code::no_overload, first_child, "a map has no order to sort by",
                           "sort its keys: .map(k, k).sortBy(...)");
                orderable(tree_.child(id, 1), body(id, 1, one));
                return types_.list(over.first);
            }
            case Macro::sum:
            case Macro::min:
            case Macro::max:
            case Macro::avg:
                return aggregate(id, body(id, 1, one));
            default:
                break;
        }
        if (count == 3) predicate(1);
        const auto *result = body(id, count - 1, one, over.second);
        if (kind == Macro::transform_map) return types_.map(over.index, result);
        if (kind == Macro::transform_map_entry) {
            want(tree_.child(id, count - 1), result, types_.map(unify_.fresh(), unify_.fresh()));
            return result;
        }
        return types_.list(result);
    }

    const Type *optional_macro(NodeId id) {
        const auto *of = unify_.resolve(infer(tree_.child(id, 0)));
        const Type *inner = scalar(TypeKind::dyn);
        if (of->kind == TypeKind::optional)
            inner = of->args[0];
        else if (of->kind != TypeKind::dyn && of->kind != TypeKind::free)
            report(Code::no_overload, tree_.child(id, 0), "this is " + name_of(of) + ", not an optional", "");
        const auto *result = body(id, 1, inner);
        if (tree_[id].macro == Macro::opt_map) return types_.optional(result);
        const auto *resolved = unify_.resolve(result);
        if (resolved->kind == TypeKind::dyn || resolved->kind == TypeKind::free)
            return types_.optional(scalar(TypeKind::dyn));
        want(tree_.child(id, 1), result, types_.optional(unify_.fresh()));
        return result;
    }

    void orderable(NodeId id, const Type *type) {
        switch (unify_.resolve(type)->kind) {
            case TypeKind::list:
            case TypeKind::map:
            case TypeKind::type:
            case TypeKind::optional:
            case TypeKind::record:
            case TypeKind::null:
            case TypeKind::calendar:
            case TypeKind::abstract:
                report(Code::no_overload, id, name_of(type) + " has no order",
                       "sort by a number, text or time");
                break;
            default:
                break;
        }
    }

    const Type *aggregate(NodeId id, const Type *type) {
        type = unify_.resolve(type);
        if (type->kind == TypeKind::wrapper) type = unify_.resolve(type->args[0]);
        const auto kind = type->kind;
        const auto macro = tree_[id].macro;
        const auto body_id = tree_.child(id, 1);
        if (macro == Macro::min || macro == Macro::max) {
            orderable(body_id, type);
            return type;
        }
        switch (kind) {
            case TypeKind::int_:
            case TypeKind::uint_:
            case TypeKind::double_:
                return macro == Macro::avg ? scalar(TypeKind::double_) : type;
            case TypeKind::money:
            case TypeKind::duration:
                return type;
            case TypeKind::dyn:
            case TypeKind::free:
                return scalar(TypeKind::dyn);
            default:
                return report(Code::no_overload, body_id, name_of(type) + " cannot be summed",
                              kind == TypeKind::boolean
                                  ? "count(xs, x, condition) counts the elements that meet it"
                                  : "");
        }
    }

    Checked &out_;
    Tree &tree_;
    const Schema &schema_;
    Types &types_;
    Unifier unify_;
    std::vector<Local> locals_;
    bool dynamic_;
};

}  // namespace

Checked check(Tree tree, std::shared_ptr<const Schema> schema, const Type *wanted, Mode mode) {
    Checked checked;
    checked.tree = std::move(tree);
    checked.schema = std::move(schema);
    checked.pool = std::make_shared<Types>();
    checked.dynamic = mode == Mode::dynamic;
    if (checked.tree.root == kNoNode) {
        checked.diagnostics.push_back({Code::parse, {}, "there is no expression", ""});
        return checked;
    }
    Checker(checked, mode).run(wanted);
    return checked;
}

}  // namespace kith::expr
