// What the tests of trust write and look for: a fixed sequence of steps through the C ABI, and how a file
// looks after each of them, so that any file can be told to hold the first so many steps, whole, or not.
#pragma once

#include <kith/kith.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kith_test {

// A folder of its own, removed with all in it; in memory where the system has that.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    std::string path(const std::string &name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

struct How {
    std::uint32_t durability = KITH_DURABILITY_FULL;
    std::uint32_t flags = KITH_OPEN_CREATE;
    std::uint64_t reserve = 1 << 20;  // so small that the map must grow
};

kith_status open(const std::string &path, const How &how, kith_store **out, kith_error *error);

// A step is a batch (parties put anew, orders with host keys, some with texts that need overflow pages),
// and now and then what is due. Sending a step again changes nothing that was there.
class Load {
public:
    static constexpr int kAbsent = -1, kWrong = -2;

    Load(std::uint32_t seed, int steps);  // makes a file once, to see how it should look

    int steps() const { return static_cast<int>(after_.size()) - 1; }
    kith_status run(kith_store *store, int step, kith_error *error) const;

    // How many steps a store holds, all of each and nothing else, verified; or kWrong, and why.
    int found(kith_store *store, std::string &why) const;

    // The same for a file: opens and closes it; kAbsent if it is not there.
    int found(const std::string &path, const How &how, std::string &why) const;

private:
    struct Look {
        std::uint64_t orders;
        kith_time due_through;
        std::string hash;  // of the export
    };
    static kith_status look(kith_store *store, Look &out, kith_error *error);

    std::uint32_t seed_;
    std::vector<Look> after_;
};

}  // namespace kith_test
