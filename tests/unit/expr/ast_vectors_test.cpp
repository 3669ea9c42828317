// Goal: the parser accepts what another implementation's parser accepts, and refuses what it refuses.
// Method: every expression of the public vectors: of ast/ with the other parser's verdict, of dev/, which
// all parse. Where the other parser had a syntax off or a lower limit its verdict is not ours; how many
// these are is counted, so that the exception cannot grow unseen. Skipped where the data are absent.
#include "unit/expr/trees.hpp"

#include <gtest/gtest.h>

namespace kith::expr {
namespace {

TEST(AstVectors, SameVerdict) {
    const auto all = test::vectors("ast");
    if (all.empty()) GTEST_SKIP() << "no " << test::vectors_folder();
    ASSERT_EQ(all.size(), 194u + 135u + 92u);
    std::size_t judged = 0, wrong_variables = 0, extension_refused = 0;
    for (const auto &vector : all) {
        const auto parsed = parse(vector.expr);
        const auto said = vector.file + ": " + vector.expr + "\n" +
                          (parsed ? "parses" : format(parsed.diagnostic, vector.expr));
        if (vector.limit) continue;
        if (vector.extension) {
            EXPECT_TRUE(parsed || vector.expr == "a.`b.c`()") << said;
            extension_refused += parsed ? 0 : 1;
            continue;
        }
        // all(i.j, k, ...) was a call of an unknown function there, and is a macro's mistake here.
        if (vector.parses && vector.two_variables && !parsed) {
            EXPECT_TRUE(parsed.diagnostic.message.find("variable") != std::string::npos ||
                        parsed.diagnostic.message.find("reserved") != std::string::npos)
                << said;
            ++wrong_variables;
            continue;
        }
        EXPECT_EQ(static_cast<bool>(parsed), vector.parses) << said;
        ++judged;
    }
    EXPECT_EQ(extension_refused, 1u);
    EXPECT_EQ(wrong_variables, 16u);
    EXPECT_GT(judged, 340u);
}

TEST(AstVectors, EveryExpressionOfTheSuiteParses) {
    const auto all = test::vectors("dev");
    if (all.empty()) GTEST_SKIP() << "no " << test::vectors_folder();
    ASSERT_EQ(all.size(), 983u);
    for (const auto &vector : all) {
        const auto parsed = parse(vector.expr);
        ASSERT_TRUE(parsed) << vector.file << ": " << vector.expr << "\n"
                            << format(parsed.diagnostic, vector.expr);
        EXPECT_EQ(test::reachable(parsed.tree, parsed.tree.root), parsed.tree.size()) << vector.expr;
    }
}

}  // namespace
}  // namespace kith::expr
