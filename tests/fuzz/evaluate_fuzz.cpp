// Compiler, evaluator and explain: any text that checks, over fixed data.
#include <cstdint>
#include <string_view>

#include "expr/sample.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace kith::expr;
    static const sample::World world;
    static const auto moment = sample::World::moment();
    static Evaluator evaluator;
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    constexpr std::uint64_t kUnits = 50'000;  // of the budget: more runs in the same time

    // Without types: any end, but an end.
    auto parsed = parse(text);
    if (!parsed) return 0;
    if (auto dynamic = check(parse(text).tree, world.schema(), nullptr, Mode::dynamic); dynamic) {
        const auto program = compile(std::move(dynamic));
        KITH_REQUIRE(program);
        (void)evaluator.evaluate(*program, world, moment, kUnits);
    }

    auto checked = check(std::move(parsed.tree), world.schema());
    if (!checked) return 0;
    const auto *type = checked.type();
    bool dyn = false;
    for (const auto *one : checked.types) dyn = dyn || (one && sample::has_dyn(one));
    for (const auto &reference : checked.references)  // also where a function takes any type, as format does
        for (const auto *overload : reference.overloads)
            for (const auto *param : overload->params) dyn = dyn || sample::has_dyn(param);
    const auto program = compile(std::move(checked));
    KITH_REQUIRE(program);
    const auto outcome = evaluator.evaluate(*program, world, moment, kUnits);
    const auto value = sample::written(outcome.value);
    const auto code = outcome.value.failed() ? outcome.value.code() : Code::none;
    KITH_REQUIRE(outcome.memory <= kMemoryMax);
    if (code == Code::none && !dyn) KITH_REQUIRE(sample::conforms(outcome.value, type));
    if (code != Code::cost) KITH_REQUIRE(outcome.cost <= kUnits && outcome.cost <= program->static_cost());
    if (!dyn) KITH_REQUIRE(code != Code::no_overload);

    const auto again = evaluator.evaluate(*program, world, moment, kUnits);
    KITH_REQUIRE(sample::written(again.value) == value && again.cost == outcome.cost);
    const auto explained = explain(evaluator, *program, world, moment, kUnits);
    KITH_REQUIRE(sample::written(explained.outcome.value) == value);
    KITH_REQUIRE(explained.outcome.cost == outcome.cost && explained.outcome.node == outcome.node);

    const auto printed = unparse(program->checked().tree);
    if (printed.size() > kSourceMax) return 0;
    auto reparsed = check(parse(printed).tree, world.schema());
    KITH_REQUIRE(reparsed);
    const auto copy = compile(std::move(reparsed));
    KITH_REQUIRE(copy);
    const auto other = evaluator.evaluate(*copy, world, moment, kUnits);
    KITH_REQUIRE(sample::written(other.value) == value && other.cost == outcome.cost);
    return 0;
}
