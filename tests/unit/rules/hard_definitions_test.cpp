// Goal: the format can say the hardest cases. Method: every line of the shared collection is read as an entry
// of a playbook; those of a kind that this version installs must parse, the others be refused by name.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "rules/playbook.hpp"

namespace kith::rules {
namespace {

TEST(HardDefinitions, AllParse) {
    const std::string path = std::string(KITH_SHARED_DIR) + "/design/hard-definitions.jsonl";
    std::ifstream file(path);
    if (!file) GTEST_SKIP() << path << " is not there";
    int parsed = 0, number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.empty() || line[0] == '#') continue;
        const auto json = base::parse_json(line, 32);
        ASSERT_TRUE(json) << number << ": " << json.error().message;
        const std::string &kind = json->keys[0];
        const auto definition = parse_definition(line);
        if (kind == "policy") {
            EXPECT_TRUE(definition || definition.error().status == base::Status::unsupported)
                << number << ": " << definition.error().message;
            continue;
        }
        ASSERT_TRUE(definition) << number << ": " << definition.error().message;
        EXPECT_EQ(definition->kind, kind);
        EXPECT_EQ(definition->name, json->items[0].text);
        ++parsed;
    }
    EXPECT_GT(parsed, 71);
}

}  // namespace
}  // namespace kith::rules
