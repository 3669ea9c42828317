// Test vectors of the language in the format cel-vectors/1: loading and judging, for the runner
// cel_vectors and for the test that runs the folder given with the data sets.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kith::expr::vectors {

struct Loaded {
    std::vector<nlohmann::json> tests;
    std::vector<std::string> problems;  // files and folders that could not be read
};

// All tests of the *.json files of this format at or below `path`, in the order of their paths. Files of
// another format are passed over.
void load(const std::filesystem::path &path, Loaded &out);

std::string id_of(const nlohmann::json &test);
// Needs protobuf messages, which kith leaves out.
bool is_proto(const nlohmann::json &test);

// Why the test fails; empty where it passes. Judged as the conformance runner of cel-go does: parse, check
// (also where an error is expected) unless disabled, type deduced, value with its type, any error of
// evaluation where one is expected.
std::string judge(const nlohmann::json &test);

}  // namespace kith::expr::vectors
