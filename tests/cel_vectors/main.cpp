// cel_vectors DIR...: runs every test vector (format cel-vectors/1) found in the folders, prints the id of
// each that fails with the reason, and closes with "N passed, N failed". Tests that need protobuf are
// counted apart. Exits with 0 only when nothing failed.
#include <cstdio>

#include "cel_vectors/vectors.hpp"

int main(int argc, char **argv) {
    using namespace kith::expr::vectors;
    if (argc < 2) {
        std::fprintf(stderr, "usage: cel_vectors DIR...\n");
        return 2;
    }
    Loaded loaded;
    for (int i = 1; i < argc; ++i) load(argv[i], loaded);
    std::size_t passed = 0, failed = 0, proto = 0;
    for (const auto &test : loaded.tests) {
        if (is_proto(test)) {
            ++proto;
            continue;
        }
        const auto reason = judge(test);
        ++(reason.empty() ? passed : failed);
        if (!reason.empty()) std::printf("%s: %s\n", id_of(test).c_str(), reason.c_str());
    }
    for (const auto &problem : loaded.problems) std::fprintf(stderr, "cannot read %s\n", problem.c_str());
    if (proto > 0) std::printf("%zu not run: they need protobuf\n", proto);
    std::printf("%zu passed, %zu failed\n", passed, failed);
    return failed == 0 && loaded.problems.empty() ? 0 : 1;
}
