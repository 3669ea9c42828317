// Checker and JSON form: any text that parses, against the sample schema.
#include <cstdint>
#include <string_view>

#include "expr/sample.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace kith::expr;
    static const sample::World world;
    const std::string_view text(reinterpret_cast<const char *>(data), size);

    auto parsed = parse(text);
    if (!parsed) return 0;
    const auto dynamic = check(parse(text).tree, world.schema(), nullptr, Mode::dynamic);
    (void)dynamic;
    const auto wanted = check(parse(text).tree, world.schema(), Types::of(TypeKind::boolean));
    const auto checked = check(std::move(parsed.tree), world.schema());
    if (!checked) {
        KITH_REQUIRE(!wanted);
        for (const auto &diagnostic : checked.diagnostics) {
            KITH_REQUIRE(diagnostic.code != Code::none && !diagnostic.message.empty());
            KITH_REQUIRE(diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= size);
            KITH_REQUIRE(!format(diagnostic, text).empty());
        }
        return 0;
    }
    KITH_REQUIRE(checked.types.size() == checked.tree.size());
    const auto type = to_text(checked.type());
    KITH_REQUIRE(!type.empty());
    auto json = from_json(to_json(checked));
    KITH_REQUIRE(json);
    KITH_REQUIRE(sample::same_tree(checked.tree, checked.tree.root, json.tree, json.tree.root));
    const auto again = check(std::move(json.tree), world.schema());
    KITH_REQUIRE(again);
    KITH_REQUIRE(to_text(again.type()) == type);
    return 0;
}
