// Goal: opening does what its options say, shares one Env per file in a process, and refuses what is
// not a sound kith file before LMDB maps it, each kind in its own words. Method: each option and each kind of
// foreign, damaged or forbidden file on its own, with the first check and with the whole one.
#include <lmdb.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <random>

#include "scratch.hpp"
#include "store/geometry.hpp"
#include "store/lmdb_error.hpp"

namespace kith::store {
namespace {

using base::Status;

using EnvTest = Scratch;

void write_file(const std::string &path, const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

TEST_F(EnvTest, CreatesOpensAndKeeps) {
    EXPECT_EQ(status_of_open(path(), {}), Status::missing);
    {
        const auto env = must_open(path(), creating());
        EXPECT_TRUE(env->created());
        ASSERT_TRUE(put(*env, key_of(1), "kept"));
        EXPECT_GT(env->info()->last_txn, 0u);
        EXPECT_GT(env->info()->file_bytes, 0u);
    }
    struct stat status;
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0600, 0600u);
    const auto env = must_open(path(), creating());
    EXPECT_FALSE(env->created());
    EXPECT_EQ(read(**env->snapshot(), key_of(1)), "kept");
    Options fresh = creating();
    fresh.must_be_new = true;
    EXPECT_EQ(status_of_open(path(), fresh), Status::exists);
    EXPECT_TRUE(must_open(path("other"), fresh)->created());
    for (const auto &entry : std::filesystem::directory_iterator(directory_))
        EXPECT_EQ(entry.path().string().find(".new-"), std::string::npos) << "left behind: " << entry.path();
}

TEST_F(EnvTest, AnEmptyFileIsCompletedOnlyByCreate) {
    write_file(path(), "");
    EXPECT_EQ(status_of_open(path(), {}), Status::format);
    EXPECT_TRUE(must_open(path(), creating())->created());
    EXPECT_FALSE(must_open(path(), {})->created());
}

TEST_F(EnvTest, OneEnvPerFileInAProcess) {
    const auto env = must_open(path(), creating());
    std::filesystem::create_symlink(path(), path("link"));
    EXPECT_EQ(must_open(path("link"), {}), env);
    Options relaxed;
    relaxed.durability = Durability::relaxed;
    EXPECT_EQ(status_of_open(path(), relaxed), Status::state);
    Options reading;
    reading.read_only = true;
    EXPECT_EQ(status_of_open(path(), reading), Status::state);
    EXPECT_EQ(env.use_count(), 1);
}

TEST_F(EnvTest, ReadOnlyReadsAndRefusesToWrite) {
    ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "kept"));
    Options reading;
    reading.read_only = true;
    const auto env = must_open(path(), reading);
    EXPECT_EQ(read(**env->snapshot(), key_of(1)), "kept");
    EXPECT_EQ(status_of(put(*env, key_of(2), "no")), Status::state);
    reading.create = true;
    EXPECT_EQ(status_of_open(path("new"), reading), Status::argument);
}

TEST_F(EnvTest, RefusesWhatIsNoKithFile) {
    write_file(path("text"), "hello\n");
    write_file(path("garbage"), std::string(1 << 16, '\x5a'));
    write_file(path("zeros"), std::string(1 << 16, '\0'));
    for (const char *name : {"text", "garbage", "zeros"}) {
        EXPECT_EQ(status_of_open(path(name), {}), Status::format) << name;
        EXPECT_EQ(status_of_open(path(name), creating()), Status::format) << name;
    }
    EXPECT_EQ(status_of_open(directory_, {}), Status::argument);
    EXPECT_EQ(status_of_open(path("missing/base"), creating()), Status::missing);
    EXPECT_EQ(status_of_open("", creating()), Status::argument);
}

TEST_F(EnvTest, SaysWhatIsWrongWithAFile) {
    { ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "x")); }
    const auto patched = [&](std::uint64_t at, const std::string &bytes) {
        std::filesystem::copy_file(path(), path("bad"), std::filesystem::copy_options::overwrite_existing);
        std::fstream file(path("bad"), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at))
            .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return path("bad");
    };
    const auto made = [&](const char *name, auto make) {
        make(path(name));
        return path(name);
    };
    std::string small_machine(8192, '\0');  // the meta page of a 32-bit LMDB begins after 12 bytes
    small_machine.replace(8, 8, std::string("\x08\0\0\0\xde\xc0\xef\xbe", 8));
    std::string large_pages(32768, '\0');
    {
        std::ifstream whole(path(), std::ios::binary);
        for (const std::size_t at : {0u, 16384u}) {
            whole.seekg(static_cast<std::streamoff>(at / 4)).read(large_pages.data() + at, 152);
            large_pages.replace(at + 40, 4, std::string("\0\x40\0\0", 4));
        }
    }
    std::filesystem::create_directory(path("folder"));
    const struct {
        std::string path;
        Status status;
        const char *message;
    } kCases[] = {
        {patched(16, "\xbe\xef\xc0\xde"), Status::format, "big-endian"},
        {made("narrow", [&](const std::string &p) { write_file(p, small_machine); }), Status::format,
         "32-bit"},
        {made("large", [&](const std::string &p) { write_file(p, large_pages); }), Status::unsupported,
         "LMDB 0.9.30"},
        {made("text", [](const std::string &p) { write_file(p, std::string(9000, 't')); }), Status::format,
         "not a kith file"},
        {made("tiny", [](const std::string &p) { write_file(p, "hello"); }), Status::format, "too short"},
        {made("empty", [](const std::string &p) { write_file(p, ""); }), Status::format, "empty"},
        {made("pipe", [](const std::string &p) { ::mkfifo(p.c_str(), 0600); }), Status::argument, "pipe"},
        {made("circle", [](const std::string &p) { std::filesystem::create_symlink(p, p); }),
         Status::argument, "circle"},
        {"/dev/null", Status::argument, "device"},
        {path("folder"), Status::argument, "directory"},
        {path("folder") + "/", Status::argument, "directory"},
        {path() + "/inside", Status::missing, "no directory"},
        {path("absent"), Status::missing, "no such file"},
        {path(std::string(300, 'n')), Status::argument, "too long"},
    };
    for (const auto check : {Check::quick, Check::full})
        for (const auto &one : kCases) {
            if (std::filesystem::path(one.path).filename() == "bad") patched(16, "\xbe\xef\xc0\xde");
            Options options;
            options.check = check;
            const auto opened = Env::open(one.path, options);
            ASSERT_FALSE(opened) << one.path;
            EXPECT_EQ(opened.error().status, one.status) << one.path << ": " << opened.error().message;
            EXPECT_NE(opened.error().message.find(one.message), std::string::npos)
                << one.path << ": " << opened.error().message;
        }
    const auto message = [&](std::uint64_t at, std::string bytes) {
        if (bytes.size() == 12) {  // of both meta pages
            std::filesystem::copy_file(patched(at, bytes.substr(0, 4)), path(),
                                       std::filesystem::copy_options::overwrite_existing);
            patched(4096 + at, bytes.substr(0, 4));
        } else {
            patched(at, bytes);
        }
        const auto opened = Env::open(path("bad"), {});
        return opened ? std::string("opened") : opened.error().message;
    };
    EXPECT_NE(message(0, "\x01").find("first meta page is damaged"), std::string::npos);
    EXPECT_NE(message(16, "zz").find("first meta page is damaged"), std::string::npos);
    EXPECT_NE(message(20, "\x02").find("first meta page is damaged"), std::string::npos);
    EXPECT_NE(message(4096 + 20, "\x02").find("second meta page is damaged"), std::string::npos);
    EXPECT_NE(message(24 + 16, std::string("\x00\x20", 2)).find("meta page is damaged"), std::string::npos);
    EXPECT_NE(message(16 + 136 - 8, std::string(4, '\x11')).find("meta page is damaged"), std::string::npos);
    EXPECT_NE(message(20, std::string("\xe7\x03\0\0--------", 12)).find("another LMDB version"),
              std::string::npos);
}

// As it is said to those who may not: on a file system that is read-only, and without permission.
TEST_F(EnvTest, SaysWhatThePlaceForbids) {
    for (const std::uint32_t remote :
         {0x6969u, 0xFF534D42u, 0xFE534D42u, 0x01021997u, 0x65735546u, 0x00C36400u})
        EXPECT_TRUE(is_remote(remote)) << remote;
    for (const std::uint32_t local :
         {0xEF53u /* ext4 */, 0x58465342u /* xfs */, 0x9123683Eu /* btrfs */, 0x01021994u /* tmpfs */,
          0x794C7630u /* overlay */, 0x2FC12FC1u /* zfs */})
        EXPECT_FALSE(is_remote(local)) << local;
    EXPECT_TRUE(check_file_system(directory_));

    { ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "kept")); }
    std::filesystem::copy_file(path(), path("locked"));
    ASSERT_EQ(::chmod(path("locked").c_str(), 0), 0);
    std::filesystem::permissions(directory_, std::filesystem::perms(0555));
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {  // root is forbidden nothing
        if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
        const auto unreadable = Env::open(path("locked"), {});
        if (unreadable || unreadable.error().status != Status::permission) ::_exit(2);
        const auto no_lock = Env::open(path("new.kith"), creating());
        ::_exit(no_lock || no_lock.error().status != Status::permission ? 3 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::filesystem::permissions(directory_, std::filesystem::perms::owner_all);
    EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

TEST_F(EnvTest, AReadOnlyFileSystemIsNamed) {
    { ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "kept")); }
    EXPECT_NE(lmdb_error(EROFS).message.find("read-only"), std::string::npos);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        constexpr unsigned long kReadOnly = MS_REMOUNT | MS_BIND | MS_RDONLY;
        const char *const place = directory_.c_str();
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(77);  // not everywhere permitted
        if (::mount(place, place, nullptr, MS_BIND, nullptr) != 0) ::_exit(77);
        if (::mount(place, place, nullptr, kReadOnly, nullptr) != 0) ::_exit(77);
        const auto writing = Env::open(path(), {});
        if (writing || writing.error().os_code != EROFS) ::_exit(1);
        const auto making = Env::open(path("new"), creating());
        if (making || making.error().os_code != EROFS) ::_exit(2);
        Options reading;
        reading.read_only = true;
        reading.check = Check::full;
        const auto env = Env::open(path(), reading);
        ::_exit(env && read(**(*env)->snapshot(), key_of(1)) == "kept" ? 0 : 3);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status)) << status;
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no right to mount a file system in a user namespace";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(EnvTest, LeavesAnotherProgramsLmdbFileAlone) {
    MDB_env *env = nullptr;
    MDB_txn *txn = nullptr;
    MDB_dbi dbi = 0;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_set_maxdbs(env, 2), 0);
    ASSERT_EQ(mdb_env_open(env, path().c_str(), MDB_NOSUBDIR, 0644), 0);
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, "theirs", MDB_CREATE, &dbi), 0);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    EXPECT_EQ(status_of_open(path(), creating()), Status::format);
    EXPECT_EQ(status_of_open(path(), {}), Status::format);
}

TEST_F(EnvTest, EveryTruncationIsSeen) {
    {
        const auto env = must_open(path(), creating());
        for (std::uint64_t i = 0; i < 200; ++i) ASSERT_TRUE(put(*env, key_of(i), std::string(500, 'x')));
    }
    const auto pages = std::filesystem::file_size(path()) / 4096;
    std::filesystem::copy_file(path(), path("whole"));
    int opened = 0;
    for (std::uint64_t keep = pages; keep-- > 1;) {
        std::filesystem::resize_file(path(), keep * 4096 + (keep % 2) * 100);
        const auto status = status_of_open(path(), {});
        opened += status == Status::ok;
        if (status == Status::ok) continue;  // only free pages were lost
        EXPECT_EQ(status, Status::corrupt) << keep;
        if (keep + 20 < pages) keep = keep > 7 ? keep - 7 : 1;
    }
    EXPECT_LT(opened, 8);
    EXPECT_EQ(status_of_open(path("whole"), {}), Status::ok);
}

// LMDB does not write a page that is allocated and given back in one transaction, so a sound file may be
// shorter than its meta page says. Random puts and removes make such files; all must open.
TEST_F(EnvTest, AFileShortOfFreePagesIsSound) {
    const std::uint64_t seed = 3;
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Options options = creating();
    options.map_reserve_bytes = 64 << 20;
    const auto env = must_open(path(), options);
    int shorter = 0;
    for (int round = 0; round < 60; ++round) {
        ASSERT_TRUE(env->update([&](Writer &writer) -> base::Result<void> {
            std::vector<std::string> keys;
            for (auto left = random() % 200; left > 0; --left) {
                keys.push_back(key_of(random() % 100'000));
                const std::string payload(random() % 10 == 0 ? 2900 : 100, 'x');
                KITH_TRY(writer.put(Table::rows, base::bytes_of(keys.back()), base::bytes_of(payload)));
            }
            if (random() % 2 == 0)
                for (const auto &key : keys) KITH_TRY(writer.remove(Table::rows, base::bytes_of(key)));
            return {};
        }));
        const auto geometry = check_geometry(path());
        ASSERT_TRUE(geometry) << round << ": " << geometry.error().message;
        shorter += geometry->used_bytes > std::filesystem::file_size(path());
    }
    RecordProperty("shorter", shorter);
    EXPECT_GT(shorter, 0) << "the case no longer arises: simplify geometry.cpp";
}

TEST_F(EnvTest, DamagedMetaPagesAreSeen) {
    ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "x"));
    for (const int at : {16, 20, 40, 4096 + 16, 4096 + 20}) {
        std::filesystem::copy_file(path(), path("bad"), std::filesystem::copy_options::overwrite_existing);
        std::fstream(path("bad"), std::ios::in | std::ios::out | std::ios::binary)
            .seekp(at)
            .write("\x77\x77", 2);
        const auto status = status_of_open(path("bad"), {});
        EXPECT_TRUE(status == Status::format || status == Status::corrupt) << at;
    }
}

// A page of zeros makes LMDB abort the process; here it is an error, in reads and in writes.
TEST_F(EnvTest, AZeroedPageIsAnErrorNotACrash) {
    {
        const auto env = must_open(path(), creating());
        for (std::uint64_t i = 0; i < 300; ++i) ASSERT_TRUE(put(*env, key_of(i), std::string(300, 'x')));
    }
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto pages = std::filesystem::file_size(path()) / 4096;
    for (std::uint64_t page = 2; page < pages; ++page)
        file.seekp(static_cast<std::streamoff>(page * 4096)).write(std::string(4096, '\0').data(), 4096);
    file.close();
    auto env = Env::open(path(), {});
    if (!env) {
        EXPECT_EQ(env.error().status, Status::corrupt) << env.error().message;
        return;
    }
    const auto snapshot = (*env)->snapshot();
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(read(**snapshot, key_of(5)), "!-13");
    EXPECT_EQ(status_of(put(**env, key_of(5), "x")), Status::corrupt);
}

TEST_F(EnvTest, ADiskThatIsFullIsSaidToBe) {
    must_open(path(), creating());
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{256 << 10, 256 << 10};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto env = Env::open(path(), {});
        if (!env || !put(**env, key_of(1), "first")) ::_exit(1);
        const auto written = put(**env, key_of(2), std::string(512 << 10, 'x'));
        if (written || (written.error().status != Status::full && written.error().status != Status::io))
            ::_exit(2);
        ::_exit(read(**(*env)->snapshot(), key_of(1)) == "first" ? 0 : 3);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace kith::store
