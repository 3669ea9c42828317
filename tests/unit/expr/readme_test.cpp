// Goal: what the room's README teaches is true.
// Method: every line of its cel blocks is checked and evaluated over the sample customer and compared with
// the value after the arrow; every line of its cel-errors blocks must fail the check with that code and hint.
#include "sample.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace {

struct Example {
    std::string expression, expected;
    int line;
};

std::vector<Example> examples(const std::string &fence) {
    std::ifstream file(KITH_SOURCE_DIR "/src/expr/README.md");
    std::vector<Example> found;
    bool inside = false;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.starts_with("```")) {
            inside = line == fence;
            continue;
        }
        const auto arrow = line.rfind("=> ");
        if (!inside || arrow == std::string::npos) continue;
        found.push_back(
            {line.substr(0, line.find_last_not_of(' ', arrow - 1) + 1), line.substr(arrow + 3), number});
    }
    return found;
}

TEST(Readme, ExamplesHaveTheirValues) {
    const readme::Data data;
    const auto all = examples("```cel");
    ASSERT_GT(all.size(), 80u);
    for (const auto &example : all) {
        SCOPED_TRACE("README.md:" + std::to_string(example.line) + ": " + example.expression);
        EXPECT_EQ(readme::value_of(example.expression, data), example.expected);
        const auto program = compile(readme::checked(example.expression));
        ASSERT_TRUE(program);
        EXPECT_EQ(program->cost_diagnostic().code, kith::expr::Code::none) << program->static_cost();
    }
}

TEST(Readme, MistakesAreTold) {
    const readme::Data data;
    const auto all = examples("```cel-errors");
    ASSERT_GE(all.size(), 6u);
    for (const auto &example : all) {
        const auto told = readme::value_of(example.expression, data);
        if (example.expected.find(':') == std::string::npos)
            EXPECT_TRUE(told.starts_with("?" + example.expected)) << told << " README.md:" << example.line;
        else
            EXPECT_EQ(told, "?" + example.expected) << "README.md:" << example.line;
    }
}

}  // namespace
