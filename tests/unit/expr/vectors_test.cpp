// Goal: the language is CEL: every public test vector gives the result it asks for, and what does not
// parse elsewhere does not parse here.
// Method: all of ../shared/cel/vectors/dev through the judge of cel_vectors, except the ids in
// known_failures.txt, which must fail; the parse verdicts of ../shared/cel/vectors/ast; the judge itself
// on vectors made to fail. Skipped where the data are absent.
#include "cel_vectors/vectors.hpp"

#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "expr/parse.hpp"

namespace kith::expr {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kVectors = fs::path(KITH_SHARED_DIR) / "cel" / "vectors";

std::map<std::string, std::string> known_failures() {
    std::map<std::string, std::string> known;
    std::ifstream file(KITH_KNOWN_FAILURES);
    EXPECT_TRUE(file) << KITH_KNOWN_FAILURES;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        const auto space = line.find(' ');
        known[line.substr(0, space)] = space == std::string::npos ? "" : line.substr(space + 1);
    }
    return known;
}

TEST(Vectors, PublicOnesPass) {
    if (!fs::exists(kVectors / "dev")) GTEST_SKIP() << "no " << kVectors;
    vectors::Loaded loaded;
    vectors::load(kVectors / "dev", loaded);
    EXPECT_TRUE(loaded.problems.empty());
    EXPECT_EQ(loaded.tests.size(), 983u);
    auto known = known_failures();
    EXPECT_LE(known.size(), 6u);
    for (const auto &test : loaded.tests) {
        const auto id = vectors::id_of(test);
        const auto reason = vectors::judge(test);
        if (known.contains(id)) {
            EXPECT_FALSE(known[id].empty()) << id << " stands in known_failures.txt without a reason";
            EXPECT_FALSE(reason.empty()) << id << " passes: take it out of known_failures.txt";
            known.erase(id);
            continue;
        }
        EXPECT_TRUE(reason.empty()) << id << ": " << test["expr"] << ": " << reason;
    }
    for (const auto &[id, reason] : known) ADD_FAILURE() << id << " of known_failures.txt is no vector";
}

// Files of another implementation's parser. Where it had a syntax switched off, or a limit set by its
// test, its verdict is not ours.
TEST(Vectors, ParseVerdictsAreTheSame) {
    if (!fs::exists(kVectors / "ast")) GTEST_SKIP() << "no " << kVectors;
    for (const auto *name : {"parsing.json", "checking.json"}) {
        std::ifstream file(kVectors / "ast" / name);
        const auto content = json::parse(file);
        std::size_t judged = 0;
        for (const auto &test : content.at("tests")) {
            if (test.value("extension_syntax", false) || test.value("limit", false)) continue;
            const auto &source = test.at("expr").get_ref<const std::string &>();
            const auto parsed = parse(source);
            EXPECT_EQ(static_cast<bool>(parsed), test.at("parses").get<bool>())
                << name << ": " << source << (parsed ? "" : "\n" + format(parsed.diagnostic, source));
            ++judged;
        }
        EXPECT_GT(judged, 50u) << name;
    }
}

json vector(const std::string &source, const json &value) {
    return {{"id", "made"}, {"expr", source}, {"expect", {{"value", value}}}};
}

TEST(Vectors, TheJudgeTellsKindsApart) {
    const json one = {{"t", "int"}, {"v", "1"}};
    const json nan = {{"t", "double"}, {"v", "NaN"}, {"bits", "7ff8000000000000"}};
    EXPECT_EQ(vectors::judge(vector("1", one)), "");
    EXPECT_NE(vectors::judge(vector("1u", one)), "");
    EXPECT_NE(vectors::judge(vector("1.0", one)), "");
    EXPECT_NE(vectors::judge(vector("2", one)), "");
    EXPECT_NE(vectors::judge(vector("1 / 0", one)), "");
    EXPECT_NE(vectors::judge(vector("1 +", one)), "");
    EXPECT_NE(vectors::judge(vector("1 + 'a'", one)), "");
    EXPECT_EQ(vectors::judge(vector("0.0 / 0.0", nan)), "");
    EXPECT_NE(vectors::judge(vector("0.0", nan)), "");
    EXPECT_EQ(vectors::judge(vector("[1, 1]", {{"t", "list"}, {"v", {one, one}}})), "");
    EXPECT_NE(vectors::judge(vector("[1]", {{"t", "list"}, {"v", {one, one}}})), "");
    const json two = {{"t", "int"}, {"v", "2"}};
    const json map = {{"t", "map"}, {"v", {{one, two}, {two, one}}}};
    EXPECT_EQ(vectors::judge(vector("{2: 1, 1: 2}", map)), "");
    EXPECT_NE(vectors::judge(vector("{2: 2, 1: 2}", map)), "");
    EXPECT_NE(vectors::judge(vector("{2: 1}", map)), "");
    EXPECT_EQ(vectors::judge(vector("type([1])", {{"t", "type"}, {"v", "list"}})), "");
    EXPECT_NE(vectors::judge(vector("type([1])", {{"t", "type"}, {"v", "map"}})), "");
    EXPECT_NE(vectors::judge(vector("optional.of(1)", one)), "");
}

TEST(Vectors, TheJudgeKnowsErrorsTypesAndBindings) {
    auto test = vector("1 / 0", nullptr);
    test["expect"] = {{"error", {{"message", "any"}}}};
    EXPECT_EQ(vectors::judge(test), "");
    test["expr"] = "1 + 1";
    EXPECT_NE(vectors::judge(test), "");
    test["expr"] = "1 + 'a'";  // the error must come from evaluation
    EXPECT_NE(vectors::judge(test), "");
    test["disable_check"] = true;
    EXPECT_EQ(vectors::judge(test), "");

    json typed = {{"expr", "[x]"},
                  {"check_only", true},
                  {"type_env", {{{"name", "x"}, {"type", "map(string, int)"}}}},
                  {"expect", {{"deduced_type", "list(map(string, int))"}}}};
    EXPECT_EQ(vectors::judge(typed), "");
    typed["expect"]["deduced_type"] = "list(map(string, uint))";
    EXPECT_NE(vectors::judge(typed), "");

    json bound = vector("x + 1", {{"t", "int"}, {"v", "3"}});
    EXPECT_NE(vectors::judge(bound), "");
    bound["type_env"] = {{{"name", "x"}, {"type", "int"}}};
    EXPECT_NE(vectors::judge(bound), "");
    bound["bindings"] = {{"x", {{"t", "int"}, {"v", "2"}}}, {"unused", {{"t", "null"}}}};
    EXPECT_EQ(vectors::judge(bound), "");
    bound["disable_check"] = true;
    bound.erase("type_env");
    EXPECT_EQ(vectors::judge(bound), "");
}

}  // namespace
}  // namespace kith::expr
