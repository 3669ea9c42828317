// Goal: whatever call below kith fails, the call of kith's that met it says so, nothing of it is done, and
// repeating it does it. Method: memory, LMDB's functions and system calls that fail at the n-th call, each
// trial in a child process, over a day that calls the whole C ABI (its functions are compared with
// abi/symbols.txt) and over a load of commits; here some n, in the full tier all. And a disk really full.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <random>

#include "fault/scenario.hpp"
#include "fault/trials.hpp"

namespace kith_test::fault {
namespace {

TEST(Fault, TheDayCallsEveryFunction) {
    const Folder folder;
    plan({});
    const Day day = run_day(folder.path("day.kith"));
    EXPECT_EQ(day.broken, "");
    std::set<std::string> symbols;
    std::ifstream list(std::string(KITH_SOURCE_DIR) + "/tests/abi/symbols.txt");
    for (std::string symbol; list >> symbol;) symbols.insert(symbol);
    EXPECT_EQ(day.called, symbols);
}

TEST(Fault, SomeAllocationsFail) {
    allocations_fail(100, false, std::random_device{}());
    allocations_fail(30, true, std::random_device{}());
}
TEST(Fault, SomeStoreOperationsFail) { store_operations_fail(60, std::random_device{}()); }
TEST(Fault, SomeSystemCallsFail) { system_calls_fail(6, std::random_device{}()); }

// A small file system, filled to the brim by commits; then something else on it is removed.
class FullDisk : public ::testing::Test {
protected:
    FullDisk() {
        mounted_ = ::mount("none", folder_.path("").c_str(), "tmpfs", 0, "size=2m") == 0;
        if (mounted_) std::ofstream(folder_.path("ballast")) << std::string(1 << 20, 'x');
    }
    ~FullDisk() override {
        if (mounted_) ::umount(folder_.path("").c_str());
    }
    static void SetUpTestSuite() { load = std::make_unique<Load>(7, 100); }
    static void TearDownTestSuite() { load.reset(); }
    // The step at which the disk was full.
    int fill() {
        for (int step = 0; step < load->steps(); ++step) {
            const auto status = load->run(store_, step, &error_);
            if (status == KITH_OK) continue;
            EXPECT_EQ(status, KITH_E_FULL) << error_.message;
            return step;
        }
        ADD_FAILURE() << "the disk did not fill";
        return load->steps();
    }

    const Folder folder_;
    kith_error error_{sizeof(kith_error), 0, 0, 0, 0, 0, ""};
    kith_store *store_ = nullptr;
    bool mounted_ = false;
    inline static std::unique_ptr<Load> load;
};

TEST_F(FullDisk, IsSaidToBeFullIsReadAndGoesOnWhenThereIsRoom) {
    if (!mounted_) GTEST_SKIP() << "no right to mount a file system: run as root";
    const auto path = folder_.path("shop.kith");
    ASSERT_EQ(open(path, {}, &store_, &error_), KITH_OK) << error_.message;
    const int full = fill();
    std::string why;
    EXPECT_EQ(load->found(store_, why), full) << why;  // reads work
    EXPECT_EQ(load->run(store_, full, &error_), KITH_E_FULL) << error_.message;
    kith_store_close(store_);
    EXPECT_EQ(load->found(path, {}, why), full) << why;  // opened on a full disk
    ASSERT_EQ(open(path, {}, &store_, &error_), KITH_OK) << error_.message;
    EXPECT_EQ(load->run(store_, full, &error_), KITH_E_FULL) << error_.message;
    std::filesystem::remove(folder_.path("ballast"));
    const int fuller = full + 5;
    for (int step = full; step < fuller; ++step)
        ASSERT_EQ(load->run(store_, step, &error_), KITH_OK) << error_.message;
    EXPECT_EQ(load->found(store_, why), fuller) << why;
    kith_store_close(store_);
}

// The lock file is made on a disk without room for it: a map of it must not be touched in vain.
TEST_F(FullDisk, OpeningWithoutRoomForTheLockFileIsAnError) {
    if (!mounted_) GTEST_SKIP() << "no right to mount a file system: run as root";
    const auto path = folder_.path("shop.kith");
    ASSERT_EQ(open(path, {}, &store_, &error_), KITH_OK) << error_.message;
    ASSERT_EQ(load->run(store_, 0, &error_), KITH_OK) << error_.message;
    kith_store_close(store_);
    std::filesystem::remove(path + "-lock");
    {
        std::ofstream filler(folder_.path("filler"));
        const std::string page(4096, 'x');
        while (filler.write(page.data(), 4096).flush()) continue;
    }
    EXPECT_EXIT(
        {
            const auto status = open(path, {}, &store_, &error_);
            std::cerr << kith_status_name(status);
            ::_exit(status == KITH_E_FULL ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "KITH_E_FULL");
    std::filesystem::remove(folder_.path("filler"));
    std::string why;
    EXPECT_EQ(load->found(path, {}, why), 1) << why;
}

}  // namespace
}  // namespace kith_test::fault
