// What the tests of the command share: a temporary folder with a kith file in it, the published data
// sets, and readers for what the command prints.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/process.hpp"

namespace kith::test {

using Json = nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

// A path below the folder with the public data sets; empty if it is not there.
inline std::string shared(const std::string &path) {
    const char *named = std::getenv("KITH_SHARED");
    const auto found = std::filesystem::path(named != nullptr ? named : KITH_SHARED_DIR) / path;
    return std::filesystem::exists(found) ? found.string() : std::string();
}

inline std::string read_text(const std::string &path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The cells of a CSV text without line ends inside its cells, quotes taken off.
inline Rows csv_rows(const std::string &text) {
    Rows rows;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        auto &row = rows.emplace_back(1);
        bool quoted = false;
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
                row.back() += line[++i];
            } else if (line[i] == '"') {
                quoted = !quoted;
            } else if (line[i] == ',' && !quoted) {
                row.emplace_back();
            } else {
                row.back() += line[i];
            }
        }
    }
    return rows;
}

inline Json parse(const std::string &text) { return Json::parse(text, nullptr, false); }

// Each test has a folder of its own and a new kith file in it.
class Shop : public testing::Test {
protected:
    Shop() {
        auto pattern = (std::filesystem::temp_directory_path() / "kith-cli-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        folder_ = pattern;
        file_ = path("shop.kith");
    }
    ~Shop() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string &name) const { return (folder_ / name).string(); }
    std::string write(const std::string &name, const std::string &text) const {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

    static Ended init(const std::string &file, std::vector<std::string> options = {}) {
        options.insert(options.begin(), {"init", file});
        return run(options);
    }
    Ended init() const { return init(file_); }

    static Ended import_to(const std::string &file, const std::string &csv, std::vector<std::string> options,
                           const std::string &input = "/dev/null") {
        options.insert(options.begin(), {"import", file, "interactions", csv});
        return run(options, input);
    }
    Ended import(const std::string &csv, std::vector<std::string> options) const {
        return import_to(file_, csv, std::move(options));
    }

    // What the command prints as JSON; it must end well.
    static Json json(std::vector<std::string> arguments) {
        arguments.emplace_back("--json");
        const Ended ended = run(arguments);
        EXPECT_EQ(ended.status, 0) << arguments[0] << ended;
        const Json value = parse(ended.out);
        EXPECT_FALSE(value.is_discarded()) << arguments[0] << " --json is not JSON" << ended;
        return value;
    }
    static std::string text(const std::vector<std::string> &arguments) {
        const Ended ended = run(arguments);
        EXPECT_EQ(ended.status, 0) << arguments[0] << ended;
        return ended.out;
    }
    Json info() const { return json({"info", file_}); }
    static std::string facts(const std::string &file) { return text({"export", file, "--facts-only"}); }
    std::string facts() const { return facts(file_); }

    std::filesystem::path folder_;
    std::string file_;
};

}  // namespace kith::test
