#include "expr/extent.hpp"

#include "expr/limits.hpp"

#include <algorithm>

namespace kith::expr {

namespace {

std::uint64_t log2_up(std::uint64_t n) {
    std::uint64_t bits = 1;
    while (n > 1) {
        n >>= 1;
        ++bits;
    }
    return bits;
}

}  // namespace

Extent extent_of(const Type *type, std::uint32_t size_max) {
    const auto deep_of = [](const Type *part) { return extent_of(part, 0).deep; };
    switch (type->kind) {
        case TypeKind::string:
        case TypeKind::bytes: {
            const std::uint64_t size = size_max != 0 ? size_max : kTextMax;
            return {size, size};
        }
        case TypeKind::list:
        case TypeKind::map: {
            const std::uint64_t size = size_max != 0 ? size_max : kListMax;
            auto each = plus(kPiece, deep_of(type->args[0]));
            if (type->kind == TypeKind::map) each = plus(each, plus(kPiece, deep_of(type->args[1])));
            return {size, times(size, each)};
        }
        case TypeKind::optional:
        case TypeKind::wrapper: {
            const auto inner = extent_of(type->args[0], size_max);
            return {inner.size, plus(inner.deep, kPiece)};
        }
        case TypeKind::dyn:
        case TypeKind::free:
        case TypeKind::param: {
            const std::uint64_t size = size_max != 0 ? size_max : kTextMax;
            return {size, times(size, 64)};
        }
        default:
            return {};
    }
}

Extent extent_of(const Value &literal) {
    switch (literal.kind) {
        case Kind::string:
        case Kind::bytes:
            return {literal.size, literal.size};
        case Kind::list: {
            Extent all{literal.size, 0};
            for (std::uint32_t i = 0; i < literal.size; ++i)
                all.deep = plus(all.deep, plus(kPiece, extent_of(literal.items[i]).deep));
            return all;
        }
        case Kind::map: {
            Extent all{literal.map->count, 0};
            for (std::uint32_t i = 0; i < literal.map->count; ++i)
                all.deep = plus(all.deep, plus(2 * kPiece, plus(extent_of(literal.map->keys[i]).deep,
                                                                extent_of(literal.map->values[i]).deep)));
            return all;
        }
        case Kind::optional:
            return literal.items == nullptr ? Extent{} : extent_of(*literal.items);
        default:
            return {};
    }
}

Extent element_of(const Extent &of, const Type *element) {
    switch (element->kind) {
        case TypeKind::list:
        case TypeKind::map:
            return {std::min(of.deep / kPiece, of.deep), of.deep};
        case TypeKind::string:
        case TypeKind::bytes:
        case TypeKind::optional:
        case TypeKind::wrapper:
        case TypeKind::dyn:
        case TypeKind::free:
        case TypeKind::param:
            return {of.deep, of.deep};
        default:
            return {};
    }
}

Extent either(const Extent &a, const Extent &b) {
    return {std::max(a.size, b.size), std::max(a.deep, b.deep)};
}
Extent both(const Extent &a, const Extent &b) { return {plus(a.size, b.size), plus(a.deep, b.deep)}; }

std::uint64_t cost_of(Work work, std::span<const Extent> args) {
    std::uint64_t linear = 1;
    for (const auto &arg : args) linear = plus(linear, plus(arg.deep / kPiece, 1));
    const auto pieces = [&](std::size_t i) { return i < args.size() ? plus(args[i].deep / kPiece, 2) : 2; };
    switch (work) {
        case Work::one:
            return 0;
        case Work::linear:
            return linear;
        case Work::walk:
            return 4 * linear;
        case Work::search:
            return 8 * linear;
        case Work::write:
            return 16 * linear;
        case Work::fold:
            return plus(160, 64 * linear);
        case Work::product:
            return plus(8 * linear, times(pieces(0), pieces(1)));
        case Work::spread: {
            std::uint64_t largest = 0;
            for (std::size_t i = 1; i < args.size(); ++i) largest = std::max(largest, args[i].deep);
            return plus(8 * linear, times(args.empty() ? 1 : plus(args[0].size, 1), largest / kPiece + 1));
        }
        case Work::sort:
            return times(kCompareCost * linear, log2_up(linear) + 1);
        case Work::regex:
        case Work::regex_all: {
            const auto text = args.empty() ? 0 : args[0].size;
            const auto pattern =
                args.size() < 2 ? kRegexMax : std::min<std::uint64_t>(args[1].size, kRegexMax);
            const auto once = plus(linear, plus(times(plus(text, 16), pattern + 64) / 16, pattern * 4 + 1));
            if (work == Work::regex) return once;
            const auto third = args.size() < 3 ? 0 : args[2].deep;
            return plus(once, times(plus(text, 1), plus(text, third) / kPiece + 1));
        }
        case Work::count:
            return plus(args.empty() ? 0 : args[0].size, 1);
    }
    return kUnbounded;
}

Extent result_of(Growth growth, std::span<const Extent> args, const Type *result) {
    const Extent first = args.empty() ? Extent{} : args[0];
    switch (growth) {
        case Growth::small:
            switch (result->kind) {
                case TypeKind::string:
                case TypeKind::bytes:
                case TypeKind::dyn:
                    return {64, 64};
                default:
                    return {};
            }
        case Growth::first:
            return first;
        case Growth::triple:
            return {plus(times(first.size, 3), 64), plus(times(first.deep, 3), 64)};
        case Growth::pieces:
            return {plus(first.size, 1), plus(first.deep, times(plus(first.size, 1), kPiece))};
        case Growth::sum: {
            Extent sum;
            for (const auto &arg : args) sum = both(sum, arg);
            return sum;
        }
        case Growth::element:
            return element_of(first, result);
        case Growth::product: {
            Extent product{1, 1};
            for (const auto &arg : args)
                product = {times(product.size, plus(arg.size, 1)), times(product.deep, plus(arg.deep, 1))};
            if (result->kind == TypeKind::string || result->kind == TypeKind::bytes)
                product.size = product.deep;
            return {std::min<std::uint64_t>(product.size, kMemoryMax),
                    std::min<std::uint64_t>(product.deep, 2 * kMemoryMax)};
        }
        case Growth::count:
            return {first.size, times(first.size, kPiece)};
        case Growth::memory:
            return {kMemoryMax, 2 * kMemoryMax};
    }
    return {};
}

}  // namespace kith::expr
