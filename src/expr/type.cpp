#include "expr/type.hpp"

#include <array>
#include <utility>

namespace kith::expr {

namespace {

struct ScalarName {
    TypeKind kind;
    std::string_view name;
};
// The first name of a kind is the one printed.
constexpr ScalarName kScalars[] = {
    {TypeKind::dyn, "dyn"},
    {TypeKind::null, "null_type"},
    {TypeKind::boolean, "bool"},
    {TypeKind::int_, "int"},
    {TypeKind::uint_, "uint"},
    {TypeKind::double_, "double"},
    {TypeKind::string, "string"},
    {TypeKind::bytes, "bytes"},
    {TypeKind::timestamp, "google.protobuf.Timestamp"},
    {TypeKind::duration, "google.protobuf.Duration"},
    {TypeKind::money, "money"},
    {TypeKind::date, "date"},
    {TypeKind::calendar, "calendar"},
    {TypeKind::type, "type"},
    {TypeKind::timestamp, "timestamp"},
    {TypeKind::duration, "duration"},
    {TypeKind::dyn, "any"},
    {TypeKind::null, "null"},
};

struct GenericName {
    TypeKind kind;
    std::string_view name;
    std::size_t args;
};
constexpr GenericName kGenerics[] = {
    {TypeKind::list, "list", 1},
    {TypeKind::map, "map", 2},
    {TypeKind::type, "type", 1},
    {TypeKind::wrapper, "wrapper", 1},
    {TypeKind::optional, "optional_type", 1},
};

bool name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '$';
}

// Type texts come from signatures and schemas, not from authors: short, and nested a few levels.
class TypeReader {
public:
    TypeReader(Types &types, std::string_view text) : types_(types), text_(text) {}

    const Type *whole() {
        const auto *type = one(0);
        skip();
        return at_ == text_.size() ? type : nullptr;
    }

private:
    void skip() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool take(char c) {
        skip();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    const Type *one(int depth) {
        skip();
        const auto start = at_;
        while (at_ < text_.size() && name_character(text_[at_])) ++at_;
        auto name = text_.substr(start, at_ - start);
        if (name.empty() || depth > 16) return nullptr;
        std::vector<const Type *> args;
        if (take('(')) {
            do {
                args.push_back(one(depth + 1));
                if (args.back() == nullptr) return nullptr;
            } while (take(','));
            if (!take(')')) return nullptr;
        }
        if (args.empty()) {
            for (const auto &scalar : kScalars)
                if (scalar.name == name) return Types::of(scalar.kind);
            if (name[0] == '$') return types_.make(TypeKind::param, {}, name.substr(1));
            if (name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z')
                return types_.make(TypeKind::param, {}, name);
        }
        for (const auto &generic : kGenerics) {
            if (generic.name != name) continue;
            if (args.empty()) args.assign(generic.args, Types::of(TypeKind::dyn));
            return args.size() == generic.args ? types_.make(generic.kind, std::move(args)) : nullptr;
        }
        if (name.starts_with("message:")) name.remove_prefix(8);
        return types_.make(TypeKind::abstract, std::move(args), name);
    }

    Types &types_;
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

const Type *Types::of(TypeKind scalar) {
    static const auto all = [] {
        std::array<Type, static_cast<std::size_t>(TypeKind::free) + 1> types;
        for (std::size_t i = 0; i < types.size(); ++i) types[i].kind = static_cast<TypeKind>(i);
        return types;
    }();
    return &all[static_cast<std::size_t>(scalar)];
}

const Type *Types::make(TypeKind kind, std::vector<const Type *> args, std::string_view name) {
    owned_.push_back(std::make_unique<Type>(Type{kind, std::string(name), 0, std::move(args)}));
    return owned_.back().get();
}

const Type *Types::record(std::string_view name, std::uint32_t id) {
    auto *type = const_cast<Type *>(make(TypeKind::record, {}, name));
    type->id = id;
    return type;
}

const Type *Types::free(std::uint32_t number) {
    auto *type = const_cast<Type *>(make(TypeKind::free, {}));
    type->id = number;
    return type;
}

const Type *Types::parse(std::string_view text) { return TypeReader(*this, text).whole(); }

bool same(const Type *a, const Type *b) {
    if (a == b) return true;
    if (a->kind != b->kind || a->args.size() != b->args.size() || a->name != b->name) return false;
    if (a->kind == TypeKind::free && a->id != b->id) return false;
    for (std::size_t i = 0; i < a->args.size(); ++i)
        if (!same(a->args[i], b->args[i])) return false;
    return true;
}

std::string to_text(const Type *type) {
    std::string text;
    switch (type->kind) {
        case TypeKind::record:
        case TypeKind::abstract:
        case TypeKind::param:
            text = type->name;
            break;
        case TypeKind::free:
            return "dyn";
        default:
            for (const auto &scalar : kScalars) {
                if (scalar.kind != type->kind) continue;
                text = scalar.name;
                break;
            }
            for (const auto &generic : kGenerics)
                if (generic.kind == type->kind) text = generic.name;
    }
    for (std::size_t i = 0; i < type->args.size(); ++i) {
        text += i == 0 ? "(" : ", ";
        text += to_text(type->args[i]);
    }
    return type->args.empty() ? text : text + ")";
}

}  // namespace kith::expr
