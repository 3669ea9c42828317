#include "expr/library.hpp"

#include <cstring>
#include <string>

namespace kith::expr {

namespace {

// "string.(string, int): bool" and "(int...): int".
Signature read_signature(Types &types, const Overload &overload) {
    Signature signature;
    signature.overload = &overload;
    auto text = overload.signature;
    const auto open = text.find('(', text.find(".(") == text.npos ? 0 : text.find(".("));
    if (open > 0) {
        signature.member = true;
        signature.params.push_back(types.parse(text.substr(0, open - 1)));
    }
    // The parenthesis that closes the parameters stands before the last ": ".
    const auto colon = text.rfind("): ");
    signature.result = types.parse(text.substr(colon + 3));
    auto params = text.substr(open + 1, colon - open - 1);
    while (!params.empty()) {
        std::size_t end = 0;
        for (int depth = 0; end < params.size() && (depth > 0 || params[end] != ','); ++end)
            depth += params[end] == '(' ? 1 : params[end] == ')' ? -1 : 0;
        auto param = params.substr(0, end);
        if (param.ends_with("...")) {
            signature.variadic = true;
            param.remove_suffix(3);
        }
        signature.params.push_back(types.parse(param));
        params.remove_prefix(end < params.size() ? end + 1 : end);
    }
    return signature;
}

}  // namespace

void Library::add(std::span<const Overload> overloads, std::uint32_t units) {
    for (const auto &overload : overloads) {
        auto &added = by_name_[std::string(overload.name)].emplace_back(read_signature(types_, overload));
        added.units = units;
    }
}

void Library::add(std::string_view name, Signature signature) {
    by_name_[std::string(name)].push_back(std::move(signature));
}

std::span<const Signature> Library::find(std::string_view name) const {
    const auto found = by_name_.find(std::string(name));
    return found == by_name_.end() ? std::span<const Signature>() : found->second;
}

std::vector<std::string_view> Library::names() const {
    std::vector<std::string_view> names;
    for (const auto &entry : by_name_) names.push_back(entry.first);
    return names;
}

const Library &Library::standard() {
    static const Library library = [] {
        Library all;
        struct Family {
            std::span<const Overload> (*rows)();
            std::uint32_t units;
        };
        constexpr Family kFamilies[] = {
            {operator_functions, 6}, {conversion_functions, 40}, {text_functions, 18},
            {format_functions, 24},  {regex_functions, 20},      {math_functions, 17},
            {list_functions, 28},    {optional_functions, 4},    {time_functions, 64},
            {money_functions, 64},   {series_functions, 28},
        };
        for (const auto &family : kFamilies) all.add(family.rows(), family.units);
        return all;
    }();
    return library;
}

bool fits(const Value &value, const Type *param) {
    switch (param->kind) {
        case TypeKind::dyn:
        case TypeKind::param:
        case TypeKind::free:
            return true;
        case TypeKind::null:
            return value.is(Kind::null);
        case TypeKind::boolean:
            return value.is(Kind::boolean);
        case TypeKind::int_:
            return value.is(Kind::int_);
        case TypeKind::uint_:
            return value.is(Kind::uint_);
        case TypeKind::double_:
            return value.is(Kind::double_);
        case TypeKind::string:
            return value.is(Kind::string);
        case TypeKind::bytes:
            return value.is(Kind::bytes);
        case TypeKind::timestamp:
            return value.is(Kind::timestamp);
        case TypeKind::duration:
            return value.is(Kind::duration);
        case TypeKind::money:
            return value.is(Kind::money);
        case TypeKind::date:
            return value.is(Kind::date);
        case TypeKind::calendar:
            return value.is(Kind::calendar);
        case TypeKind::list:
            return value.is(Kind::list);
        case TypeKind::map:
            return value.is(Kind::map);
        case TypeKind::optional:
            return value.is(Kind::optional);
        case TypeKind::type:
            return value.is(Kind::type);
        case TypeKind::wrapper:
            return value.is(Kind::null) || fits(value, param->args[0]);
        case TypeKind::record:
            return value.is(Kind::record) && value.tag == param->id;
        case TypeKind::abstract:
            return false;
    }
    return false;
}

Value keep_text(Call &call, std::string_view text, Kind kind) {
    char *copy = new_text(call, text.size());
    if (copy == nullptr) return out_of_memory();
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    return of_text({copy, text.size()}, kind);
}

}  // namespace kith::expr
