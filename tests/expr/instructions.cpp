// Runs the rules of the speed bars and the hostile inputs under valgrind --tool=callgrind, which counts
// the instructions of expr_measured() alone and writes a profile after each call (instructions.sh reads
// them). Prints a line for each call: times repeated, most instructions allowed for one, name.
#include <cstdio>
#include <cstdlib>

#include "expr/hostile.hpp"
#include "expr/rules.hpp"

using namespace kith::expr;

extern "C" {
// What is counted: `times` calls of `work`.
__attribute__((noinline)) void expr_measured(void (*work)(void *), void *context, unsigned times) {
    for (unsigned i = 0; i < times; ++i) work(context);
}
}

namespace {

template <class Work>
void measure(const char *name, unsigned times, unsigned long allowed, Work work) {
    work();  // warm: memory, patterns, tables built once
    std::printf("%u %lu %s\n", times, allowed, name);
    expr_measured([](void *context) { (*static_cast<Work *>(context))(); }, &work, times);
}

void rule(const char *name, const std::string &source, unsigned long allowed) {
    const bench::Shop shop;
    const auto program = shop.program(source);
    if (!program) std::exit(1);
    Evaluator evaluator;
    const Moment moment;
    measure(name, 1000, allowed, [&] {
        if (evaluator.evaluate(*program, shop, moment).value.failed()) std::exit(1);
    });
}

}  // namespace

int main() {
    rule("E1", bench::kE1, 900);
    rule("E2", bench::kE2, 4'500);
    rule("E3", bench::scorecard(), 7'000);

    const sample::World world;
    const auto moment = sample::World::moment();
    for (const auto &input : hostile::inputs()) {
        Evaluator evaluator;
        measure(input.name.c_str(), 1, 30'000'000,
                [&] { (void)hostile::run(world, evaluator, moment, input.source); });
    }
}
