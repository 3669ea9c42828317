// What the tests of the store share: a scratch directory, keys, and short ways to read and write.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "store/store.hpp"

namespace kith::store {

class Scratch : public ::testing::Test {
protected:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "kith-store-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~Scratch() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string &name = "base.kith") const { return directory_ / name; }

    static Options creating() {
        Options options;
        options.create = true;
        options.map_reserve_bytes = 1 << 20;
        return options;
    }

    std::filesystem::path directory_;
};

inline std::string key_of(std::uint64_t number) {
    std::string key(8, '\0');
    base::store_big64(reinterpret_cast<std::byte *>(key.data()), number);
    return key;
}

inline std::shared_ptr<Env> must_open(const std::string &path, const Options &options) {
    auto env = Env::open(path, options);
    EXPECT_TRUE(env) << (env ? "" : env.error().message);
    return env ? *env : nullptr;
}

inline base::Status status_of_open(const std::string &path, const Options &options) {
    auto env = Env::open(path, options);
    return env ? base::Status::ok : env.error().status;
}

template <class T>
base::Status status_of(const base::Result<T> &result) {
    return result ? base::Status::ok : result.error().status;
}

inline base::Result<void> put(Env &env, const std::string &key, const std::string &payload,
                              Table table = Table::rows) {
    return env.update(
        [&](Writer &writer) { return writer.put(table, base::bytes_of(key), base::bytes_of(payload)); });
}

// The payload, "-" where there is no row, "!" with the status where the read fails.
inline std::string read(const Reader &reader, const std::string &key, Table table = Table::rows) {
    auto value = reader.get(table, base::bytes_of(key));
    if (!value) return "!" + std::to_string(static_cast<int>(value.error().status));
    return *value ? std::string(base::text_of((*value)->payload)) : "-";
}

}  // namespace kith::store
