// Goal: type texts, which hosts write too, are read back as they are printed, and wrong ones refused.
// Method: examples.
#include "expr/type.hpp"

#include <gtest/gtest.h>

namespace {

using namespace kith::expr;

TEST(Types, TextsAreReadAndPrinted) {
    Types types;
    for (const auto text : {"int", "list(string)", "map(string, list(dyn))", "optional_type(money)",
                            "wrapper(int)", "type(type(int))", "tuple(int, A)", "date", "null_type"})
        EXPECT_EQ(to_text(types.parse(text)), text);
    EXPECT_EQ(to_text(types.parse("map")), "map(dyn, dyn)");
    EXPECT_EQ(types.parse("timestamp")->kind, TypeKind::timestamp);
}

TEST(Types, WrongTextsAreRefused) {
    Types types;
    for (const auto text :
         {"", "map(int)", "list(int, int)", "list(", "list(int", "list(int))", "map(,)", "int int"})
        EXPECT_EQ(types.parse(text), nullptr) << text;
}

}  // namespace
