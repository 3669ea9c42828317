// Goal: what other processes, the system and the file's place can do to a store that is open does no harm, or
// is told in plain words: writers killed and writers that grow the map together, reader slots used up, a
// file opened twice, a lock file that may not be written, a network file system, a stopped reader, and pages
// that LMDB dies of.
// Method: child processes, forked before the test opens the file, hand over by a socket; signals; a statfs of
// our own; pages rewritten. That each fault is one is shown by what it does to others, or to LMDB alone.
#include <fcntl.h>
#include <lmdb.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <utility>
#include <vector>

#include "unit/store/scratch.hpp"

namespace {
bool remote = false;  // what statfs says of every place
}

extern "C" int statfs(const char *path, struct statfs *status) noexcept {
    const auto result = static_cast<int>(::syscall(SYS_statfs, path, status));
    if (remote) status->f_type = 0x6969;  // NFS
    return result;
}

namespace kith::store {
namespace {

using base::Status;

class Child {
public:
    explicit Child(const std::function<int(Child &)> &body) {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        id_ = ::fork();
        EXPECT_GE(id_, 0);
        end_ = ends[id_ == 0];
        ::close(ends[id_ != 0]);
        if (id_ != 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::_exit(body(*this));
    }
    ~Child() {
        if (id_ > 0) ended(SIGKILL);
        ::close(end_);
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    bool tell() const { return ::send(end_, "t", 1, MSG_NOSIGNAL) == 1; }
    bool hear() const {
        char token;
        return ::recv(end_, &token, 1, 0) == 1;
    }
    bool stopped() const {
        int status = 0;
        return ::kill(id_, SIGSTOP) == 0 && ::waitpid(id_, &status, WUNTRACED) == id_ && WIFSTOPPED(status);
    }
    void go_on() const { ::kill(id_, SIGCONT); }
    // Its exit status, or the signal that ended it, negative.
    int ended(int signal = 0) {
        int status = 0;
        if (signal != 0) ::kill(id_, signal);
        ::waitpid(std::exchange(id_, -1), &status, 0);
        return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    pid_t id_ = -1;
    int end_ = -1;
};

// Rows from `first` on, in one commit.
base::Result<void> fill(Env &env, std::uint64_t first, std::uint64_t count, const std::string &payload) {
    return env.update([&](Writer &writer) -> base::Result<void> {
        for (auto i = first; i < first + count; ++i)
            KITH_TRY(writer.put(Table::rows, base::bytes_of(key_of(i)), base::bytes_of(payload)));
        return {};
    });
}

std::uint64_t count_of(const Reader &reader, std::uint64_t first, std::uint64_t count,
                       const std::string &payload) {
    std::uint64_t found = 0;
    for (auto i = first; i < first + count; ++i) found += read(reader, key_of(i)) == payload;
    return found;
}

class Hazards : public Scratch {
protected:
    void expect_sound() const {
        const auto found = Env::check_file(path());
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_EQ(found->problems, 0u) << describe(found->findings.front());
    }
};

TEST_F(Hazards, AWriterKilledInItsTransactionHoldsNobodyUp) {
    Child writer([&](Child &parent) {
        if (!parent.hear()) return 1;
        const auto env = Env::open(path(), {});
        if (!env) return 2;
        const auto done = (*env)->update([&](Writer &rows) -> base::Result<void> {
            KITH_TRY(rows.put(Table::rows, base::bytes_of(key_of(2)), base::bytes_of(std::string("killed"))));
            parent.tell();
            for (;;) ::pause();
        });
        return done ? 3 : 4;
    });
    Options options = creating();
    options.busy_timeout_ms = 0;  // who must wait fails
    const auto env = must_open(path(), options);
    ASSERT_TRUE(put(*env, key_of(1), "before"));
    ASSERT_TRUE(writer.tell());
    ASSERT_TRUE(writer.hear());
    EXPECT_EQ(status_of(put(*env, key_of(3), "after")), Status::busy);
    ASSERT_EQ(writer.ended(SIGKILL), -SIGKILL);
    const auto written = put(*env, key_of(3), "after");
    ASSERT_TRUE(written) << written.error().message;
    const auto snapshot = *env->snapshot();
    EXPECT_EQ(read(*snapshot, key_of(1)), "before");
    EXPECT_EQ(read(*snapshot, key_of(2)), "-");
    EXPECT_EQ(read(*snapshot, key_of(3)), "after");
    expect_sound();
}

// Where one writer was done before the other got the processor, it is tried again.
TEST_F(Hazards, TwoWritersGrowTheMapTogether) {
    constexpr std::uint64_t kCommits = 30, kRows = 100, kEach = kCommits * kRows;
    constexpr int kMet = 0, kMissed = 7;
    const std::string payload(1000, 'g');
    bool met = false;
    int round = 0;
    for (; !met && round < 20; ++round) {
        std::filesystem::remove(path());
        { must_open(path(), creating()); }
        const auto filler = [&](std::uint64_t first) {
            return [&, first](Child &parent) {
                Options options = creating();
                options.busy_timeout_ms = 60'000;
                const auto env = Env::open(path(), options);
                if (!env || !parent.tell() || !parent.hear()) return 1;
                std::uint64_t at_first = 0, at_last = 0;  // rows of the other
                for (std::uint64_t i = 0; i < kCommits; ++i) {
                    if (!fill(**env, first + i * kRows, kRows, payload)) return 2;
                    const auto snapshot = (*env)->snapshot();
                    if (!snapshot) return 3;
                    const auto all = (*snapshot)->count(Table::rows);
                    if (!all) return 4;
                    at_last = *all - (i + 1) * kRows;
                    if (i == 0) at_first = at_last;
                }
                return at_last > at_first ? kMet : kMissed;
            };
        };
        Child one(filler(0)), two(filler(kEach));
        ASSERT_TRUE(one.hear());
        ASSERT_TRUE(two.hear());
        ASSERT_TRUE(one.tell());
        ASSERT_TRUE(two.tell());
        for (Child *child : {&one, &two}) {
            const int code = child->ended();
            ASSERT_TRUE(code == kMet || code == kMissed) << code;
            met = met || code == kMet;
        }
        const auto env = must_open(path(), {});
        const auto snapshot = *env->snapshot();
        EXPECT_EQ(*snapshot->count(Table::rows), 2 * kEach);
        EXPECT_EQ(count_of(*snapshot, 0, 2 * kEach, payload), 2 * kEach);
        EXPECT_GT(env->info()->file_bytes, 4 * creating().map_reserve_bytes);
        expect_sound();
    }
    RecordProperty("rounds", round);
    EXPECT_TRUE(met) << "the writers never wrote at the same time";
}

TEST_F(Hazards, ReaderSlotsOfAKilledProcessAreFreed) {
    Child reader([&](Child &parent) {
        if (!parent.hear()) return 1;
        const auto env = Env::open(path(), {});
        if (!env) return 2;
        std::vector<std::unique_ptr<Snapshot>> held;
        for (;;) {
            auto snapshot = (*env)->snapshot();
            if (!snapshot && snapshot.error().status != Status::busy) return 3;
            if (!snapshot) break;
            held.push_back(std::move(*snapshot));
        }
        if (held.size() < 1000) return 4;
        parent.tell();
        for (;;) ::pause();
    });
    const auto env = must_open(path(), creating());
    ASSERT_TRUE(put(*env, key_of(1), "kept"));
    ASSERT_TRUE(reader.tell());
    ASSERT_TRUE(reader.hear()) << reader.ended();
    EXPECT_EQ(status_of(env->snapshot()), Status::busy);
    ASSERT_EQ(reader.ended(SIGKILL), -SIGKILL);
    const auto snapshot = env->snapshot();
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    EXPECT_EQ(read(**snapshot, key_of(1)), "kept");
}

// LMDB's locks are lost when a process closes a second descriptor of the lock file; the next process to open
// the file then takes the pages of the first one's snapshots. It is shown that it does, and that we never do
// that.
TEST_F(Hazards, OpenedTwiceASnapshotKeepsItsPages) {
    constexpr std::uint64_t kRows = 100;
    const std::string old_row(300, 'o');
    for (const bool loses_locks : {true, false}) {
        { ASSERT_TRUE(fill(*must_open(path(), creating()), 0, kRows, old_row)); }
        Child holder([&](Child &parent) {
            const rlimit none{0, 0};
            ::setrlimit(RLIMIT_CORE, &none);
            const auto env = Env::open(path(), {});
            if (!env) return 2;
            const auto snapshot = (*env)->snapshot();
            if (!snapshot || count_of(**snapshot, 0, kRows, old_row) != kRows) return 3;
            if (loses_locks) {
                ::close(::open((path() + "-lock").c_str(), O_RDWR));
            } else {
                auto again = Env::open(path(), {});
                if (!again) return 4;
                again->reset();
                const auto checked = Env::check_file(path());
                if (!checked || checked->problems != 0) return 5;
            }
            if (!parent.tell() || !parent.hear()) return 6;
            const auto count = (*snapshot)->count(Table::rows);
            return count && *count == kRows && count_of(**snapshot, 0, kRows, old_row) == kRows ? 0 : 7;
        });
        Child writer([&](Child &parent) {
            if (!parent.hear()) return 1;
            Options options = creating();
            options.durability = Durability::relaxed;
            const auto env = Env::open(path(), options);
            if (!env) return 2;
            for (char i = 0; i < (loses_locks ? 10 : 100); ++i)
                if (!fill(**env, 0, kRows, std::string(300, i))) return 3;
            return 0;
        });
        ASSERT_TRUE(holder.hear()) << holder.ended();
        ASSERT_TRUE(writer.tell());
        ASSERT_EQ(writer.ended(), 0);
        ASSERT_TRUE(holder.tell());
        const int code = holder.ended();
        EXPECT_EQ(code != 0, loses_locks) << code;
    }
    expect_sound();
}

TEST_F(Hazards, ALockFileThatMayNotBeWrittenIsSaid) {
    { ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "kept")); }
    std::filesystem::permissions(directory_, std::filesystem::perms(0755));
    const std::string lock = path() + "-lock";
    std::string said(400, '\0');
    const auto open_as_another = [&] {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        Child child([&](Child &) {
            // Root is forbidden nothing.
            if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 1;
            Options reading;
            reading.read_only = true;
            const auto env = Env::open(path(), reading);
            if (env) return read(**(*env)->snapshot(), key_of(1)) == "kept" ? 0 : 2;
            const auto &message = env.error().message;
            if (::write(ends[1], message.data(), message.size()) < 0) return 3;
            return env.error().status == Status::permission ? 4 : 5;
        });
        ::close(ends[1]);
        said.assign(400, '\0');
        const int code = child.ended();
        said.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(ends[0], said.data(), 400))));
        ::close(ends[0]);
        return code;
    };
    ASSERT_EQ(::chmod(lock.c_str(), 0666), 0);
    EXPECT_EQ(open_as_another(), 0) << said;
    ASSERT_EQ(::chmod(lock.c_str(), 0444), 0);
    EXPECT_EQ(open_as_another(), 4) << said;
    EXPECT_NE(said.find("lock file"), std::string::npos) << said;
    EXPECT_TRUE(std::filesystem::remove(lock));
    std::filesystem::permissions(directory_, std::filesystem::perms(0555));
    EXPECT_EQ(open_as_another(), 4) << said;
    EXPECT_NE(said.find("lock file"), std::string::npos) << said;
    std::filesystem::permissions(directory_, std::filesystem::perms::owner_all);
}

// The branch pages lose their keys; the meta pages and the list of tables stay sound.
TEST_F(Hazards, WhatLmdbAssertsIsAnErrorAfterAQuickCheck) {
    {
        const auto env = must_open(path(), creating());
        ASSERT_TRUE(fill(*env, 0, 300, std::string(300, 'x')));
        ASSERT_TRUE(put(*env, key_of(1), "elsewhere", Table::names));
    }
    constexpr std::size_t kPage = 4096, kFlags = 10, kLower = 12;
    constexpr char kBranch = 1, kNoKeys = 16;
    int damaged = 0;
    {
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        const auto pages = std::filesystem::file_size(path()) / kPage;
        for (std::uint64_t page = 2; page < pages; ++page) {
            char flags = 0;
            file.seekg(static_cast<std::streamoff>(page * kPage + kFlags)).read(&flags, 1);
            if (flags != kBranch) continue;
            const char lower[2] = {kNoKeys, 0};
            file.seekp(static_cast<std::streamoff>(page * kPage + kLower)).write(lower, 2);
            ++damaged;
        }
    }
    ASSERT_GT(damaged, 0);
    Child bare([&](Child &) {  // LMDB without our hook
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        MDB_env *env = nullptr;
        MDB_txn *txn = nullptr;
        MDB_dbi dbi = 0;
        std::string key = key_of(5);
        MDB_val k{key.size(), key.data()}, v;
        if (mdb_env_create(&env) != 0 || mdb_env_set_maxdbs(env, kTables) != 0) return 1;
        if (mdb_env_open(env, path().c_str(), MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0) != 0) return 2;
        if (mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) != 0) return 3;
        if (mdb_dbi_open(txn, table_name(Table::rows), 0, &dbi) != 0) return 4;
        return mdb_get(txn, dbi, &k, &v) == 0 ? 5 : 6;
    });
    EXPECT_EQ(bare.ended(), -SIGABRT);

    Options options;
    options.check = Check::full;
    EXPECT_EQ(status_of_open(path(), options), Status::corrupt);
    const auto env = must_open(path(), {});
    ASSERT_NE(env, nullptr);
    {
        const auto snapshot = *env->snapshot();
        const auto found = snapshot->get(Table::rows, base::bytes_of(key_of(5)));
        EXPECT_EQ(status_of(found), Status::corrupt);
        EXPECT_EQ(read(*snapshot, key_of(1), Table::names), "elsewhere");
        auto cursor = snapshot->cursor(Table::rows);
        ASSERT_TRUE(cursor);
        EXPECT_EQ(status_of(cursor->first()), Status::corrupt);
        EXPECT_EQ(status_of(cursor->last()), Status::corrupt);
    }
    EXPECT_EQ(status_of(put(*env, key_of(5), "x")), Status::corrupt);
    const std::string key = key_of(5);
    const std::vector<Row> sorted{{base::bytes_of(key), base::bytes_of(key)}};
    EXPECT_EQ(status_of(env->update([&](Writer &rows) { return rows.put_sorted(Table::rows, sorted); })),
              Status::corrupt);
    EXPECT_EQ(status_of(env->update([&](Writer &rows) { return rows.remove(Table::rows, sorted[0].key); })),
              Status::corrupt);
    EXPECT_TRUE(put(*env, key_of(2), "goes on", Table::names));
    EXPECT_EQ(read(**env->snapshot(), key_of(2), Table::names), "goes on");
}

TEST_F(Hazards, ANetworkFileSystemIsRefused) {
    remote = true;
    const auto made = Env::open(path(), creating());
    remote = false;
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().status, Status::unsupported);
    EXPECT_NE(made.error().message.find("network"), std::string::npos) << made.error().message;
    EXPECT_TRUE(std::filesystem::is_empty(directory_));

    { ASSERT_TRUE(put(*must_open(path(), creating()), key_of(1), "kept")); }
    remote = true;
    Options reading;
    reading.read_only = true;
    for (const auto &options : {Options(), creating(), reading})
        EXPECT_EQ(status_of_open(path(), options), Status::unsupported);
    remote = false;
    EXPECT_EQ(read(**must_open(path(), {})->snapshot(), key_of(1)), "kept");
}

TEST_F(Hazards, AStoppedReaderIsToldThatItsSnapshotIsOld) {
    using Clock = std::chrono::steady_clock;
    constexpr std::uint64_t kRows = 50, kLimitMs = 20;
    const std::string old_row(300, 'o'), new_row(300, 'n');
    const auto reader = [&](std::uint64_t limit_ms) {
        return [&, limit_ms](Child &parent) {
            if (!parent.hear()) return 1;
            Options options;
            options.snapshot_age_ms_max = limit_ms;
            const auto env = Env::open(path(), options);
            if (!env) return 2;
            const auto snapshot = (*env)->snapshot();
            if (!snapshot || !parent.tell() || !parent.hear()) return 3;
            const auto checked = (*snapshot)->check();
            if (count_of(**snapshot, 0, kRows, old_row) != kRows) return 4;
            if (!(*snapshot)->renew() || count_of(**snapshot, 0, kRows, new_row) != kRows) return 5;
            if (checked) return 0;
            return checked.error().status == Status::state ? 10 : 11;
        };
    };
    Child strict(reader(kLimitMs)), patient(reader(UINT64_MAX));
    const auto env = must_open(path(), creating());
    ASSERT_TRUE(fill(*env, 0, kRows, old_row));
    for (const Child *child : {&strict, &patient}) {
        ASSERT_TRUE(child->tell());
        ASSERT_TRUE(child->hear());
        ASSERT_TRUE(child->stopped());
        ASSERT_TRUE(child->tell());
    }
    const auto until = Clock::now() + std::chrono::milliseconds(kLimitMs + 2);
    for (int i = 0; i < 5 || Clock::now() < until; ++i) ASSERT_TRUE(fill(*env, 0, kRows, new_row));
    strict.go_on();
    patient.go_on();
    EXPECT_EQ(strict.ended(), 10);
    EXPECT_EQ(patient.ended(), 0);
}

}  // namespace
}  // namespace kith::store
