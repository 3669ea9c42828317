#include <algorithm>
#include <array>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kCodesMax = 4096;
constexpr std::size_t kRequireMax = 256;
constexpr std::array<std::string_view, 4> kTyped{"party", "actor", "product", "campaign"};

void read_codes(const Node &node, std::optional<std::uint32_t> parent, Type &type) {
    if (!node.is(Json::Kind::object) || node.size() == 0)
        return node.report("must be an object, { \"CODE\": {} }");
    for (std::size_t i = 0; i < node.size(); ++i) {
        const Node one = node.value(i);
        const auto name = node.name_key(i);
        if (!name) {
            node.report(name.error());
            continue;
        }
        if (type.find_code(*name))
            one.report("there is a code " + quote(*name) + " before it; give it another name");
        if (type.codes.size() == kCodesMax)
            return node.report("has more than 4096 codes", base::Status::limit);
        if (!one.has_shape(shape::kCode)) continue;
        Code code{.name = *name, .parent = parent};
        one.read("labels", code.labels, &Node::labels);
        one.read("sign", code.sign, [](const Node &sign) -> base::Result<int> {
            KITH_LET(number, sign.integer(-1, 1));
            if (number == 0) return sign.error("must be 1 or -1");
            return static_cast<int>(number);
        });
        const auto index = static_cast<std::uint32_t>(type.codes.size());
        type.codes.push_back(std::move(code));
        if (one.has("codes")) read_codes(one.member("codes"), index, type);
    }
}

base::Result<std::string> parse_type_name(const Node &node) {
    KITH_LET(name, node.event());
    const bool own = name.starts_with("list.") || name.starts_with("link.");
    if (own && !is_name(std::string_view(name).substr(5)))
        return node.error("must be \"list.NAME\" or \"link.NAME\"");
    return name;
}

Type::Of of_name(std::string_view name) {
    if (name.starts_with("list.")) return Type::Of::list;
    if (name.starts_with("link.")) return Type::Of::link;
    return std::ranges::find(kTyped, name) == kTyped.end() ? Type::Of::interaction : Type::Of::subject;
}

// Which keys a type takes is by what it is of.
void check_keys(const Node &entry, const Type &type) {
    const auto only = [&](std::string_view key, bool goes, std::string_view with) {
        if (entry.has(key) && !goes)
            entry.member(key).report("goes with " + std::string(with) + "; leave it out");
    };
    const bool record = type.of == Type::Of::interaction || type.of == Type::Of::subject;
    only("fields", record, "a record");
    only("require", record, "a record");
    only("cost", type.of == Type::Of::interaction, "a type of interaction");
    only("codes", type.of == Type::Of::list, "a list, \"list.NAME\"");
    only("tree", type.of == Type::Of::link, "a link, \"link.NAME\"");
    if (type.of == Type::Of::list && !entry.has("codes")) entry.report("a list needs \"codes\"");
}

}  // namespace

const Code *Type::find_code(std::string_view code) const {
    const auto found = std::ranges::find(codes, code, &Code::name);
    return found == codes.end() ? nullptr : &*found;
}

Type parse_type(const Node &entry) {
    Type type;
    if (!entry.has_shape(shape::kType)) return type;
    if (!entry.read("type", type.name, parse_type_name)) return type;
    type.of = of_name(type.name);
    check_keys(entry, type);
    entry.read("fields", type.fields, parse_fields);
    entry.read_list("require", type.require, kRequireMax, &Node::name);
    entry.read_optional("cost", type.cost, &Node::amount);
    if (type.cost && type.cost->minor < 0) entry.member("cost").report("must not be less than nothing");
    if (entry.has("codes")) read_codes(entry.member("codes"), std::nullopt, type);
    entry.read("tree", type.tree, &Node::boolean);
    return type;
}

}  // namespace kith::rules
