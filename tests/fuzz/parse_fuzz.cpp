// Lexer, parser and printer: any text.
#include <cstdint>
#include <string_view>

#include "expr/sample.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace kith::expr;
    const std::string_view text(reinterpret_cast<const char *>(data), size);

    const auto json = from_json(text);
    if (json) KITH_REQUIRE(!unparse(json.tree).empty());

    const auto parsed = parse(text);
    if (!parsed) {
        KITH_REQUIRE(parsed.diagnostic.code != Code::none);
        KITH_REQUIRE(parsed.diagnostic.span.begin <= parsed.diagnostic.span.end);
        KITH_REQUIRE(parsed.diagnostic.span.end <= size);
        KITH_REQUIRE(!format(parsed.diagnostic, text).empty());
        return 0;
    }
    KITH_REQUIRE(size <= kSourceMax);
    KITH_REQUIRE(parsed.tree.size() <= kNodesMax);
    KITH_REQUIRE(parsed.tree[parsed.tree.root].depth <= kDepthMax);
    for (NodeId node = 0; node < parsed.tree.size(); ++node) {
        const auto &span = parsed.tree[node].span;
        KITH_REQUIRE(span.begin <= span.end && span.end <= size);
    }
    const auto printed = unparse(parsed.tree);
    if (printed.size() > kSourceMax) return 0;  // spaces and escapes make it longer
    const auto again = parse(printed);
    KITH_REQUIRE(again);
    KITH_REQUIRE(sample::same_tree(parsed.tree, parsed.tree.root, again.tree, again.tree.root));
    KITH_REQUIRE(unparse(again.tree) == printed);
    return 0;
}
