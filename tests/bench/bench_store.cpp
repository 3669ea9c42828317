// Goal: what safety costs: reads and commits through store/ (checksums, fork, gate, file lock) against raw
// LMDB with the same rows under the same flags. Method: one table of 100,000 rows of 24-byte keys and
// 144-byte payloads (header included in both), read whole, at random, in one transaction; commits of 1, 10
// and 1,000 rows at random keys, durable. Both sides in turn, 15 rounds; medians, and the median of the
// ratios within a round. Usage: bench_store [DIRECTORY]   (default: here; on tmpfs the commits show the CPU's
// part alone)
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "store/store.hpp"

namespace {

using namespace kith;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRows = 100'000, kPayload = 144, kHeader = 8, kRounds = 15, kReads = 100'000;
constexpr std::size_t kCommitSizes[] = {1, 10, 1000};

struct Key {
    std::array<std::byte, 24> bytes{};
    explicit Key(std::uint64_t number) {
        base::store_big64(bytes.data(), number * 0x9e3779b97f4a7c15u);
        base::store_big64(bytes.data() + 16, number);
    }
};

[[noreturn]] void die(const std::string &what) {
    std::fprintf(stderr, "bench_store: %s\n", what.c_str());
    std::exit(1);
}
void must(int code) {
    if (code != 0) die(mdb_strerror(code));
}
template <class T>
T must(base::Result<T> &&result) {
    if (!result) die(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// As who asks for a record reads it.
std::uint64_t read_all(const std::byte *payload) {
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < kPayload; at += 8) {
        std::uint64_t word;
        std::memcpy(&word, payload + at, sizeof word);
        sum += word;
    }
    return sum;
}

struct Side {
    virtual ~Side() = default;
    virtual void put(std::span<const Key> keys) = 0;                  // one durable commit
    virtual std::uint64_t read(std::span<const Key> keys) const = 0;  // of all their bytes
};

class Kith final : public Side {
public:
    explicit Kith(const std::string &path) {
        store::Options options;
        options.create = true;
        options.map_reserve_bytes = std::uint64_t{1} << 30;
        env_ = must(store::Env::open(path, options));
    }
    void put(std::span<const Key> keys) override {
        std::vector<store::Row> rows;
        for (const auto &key : keys) rows.push_back({key.bytes, payload_});
        must(
            env_->update([&](store::Writer &writer) { return writer.put_sorted(store::Table::rows, rows); }));
    }
    std::uint64_t read(std::span<const Key> keys) const override {
        const auto view = must(env_->snapshot());
        std::uint64_t sum = 0;
        for (const auto &key : keys)
            sum += read_all((*must(view->get(store::Table::rows, key.bytes))).payload.data());
        return sum;
    }

private:
    std::shared_ptr<store::Env> env_;
    std::vector<std::byte> payload_ = std::vector<std::byte>(kPayload, std::byte{7});
};

class Raw final : public Side {
public:
    explicit Raw(const std::string &path) {
        must(mdb_env_create(&env_));
        must(mdb_env_set_maxdbs(env_, 32));
        must(mdb_env_set_mapsize(env_, std::size_t{1} << 30));
        must(mdb_env_open(env_, path.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD, 0644));
        MDB_txn *txn = nullptr;
        must(mdb_txn_begin(env_, nullptr, 0, &txn));
        must(mdb_dbi_open(txn, "rows", MDB_CREATE, &dbi_));
        must(mdb_txn_commit(txn));
        must(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reading_));
        mdb_txn_reset(reading_);
    }
    ~Raw() override {
        mdb_txn_abort(reading_);
        mdb_env_close(env_);
    }
    void put(std::span<const Key> keys) override {
        MDB_txn *txn = nullptr;
        MDB_cursor *cursor = nullptr;
        must(mdb_txn_begin(env_, nullptr, 0, &txn));
        must(mdb_cursor_open(txn, dbi_, &cursor));
        for (const auto &key : keys) {
            MDB_val k = val(key), v{payload_.size(), payload_.data()};
            must(mdb_cursor_put(cursor, &k, &v, 0));
        }
        mdb_cursor_close(cursor);
        must(mdb_txn_commit(txn));
    }
    std::uint64_t read(std::span<const Key> keys) const override {
        must(mdb_txn_renew(reading_));
        std::uint64_t sum = 0;
        for (const auto &key : keys) {
            MDB_val k = val(key), v;
            must(mdb_get(reading_, dbi_, &k, &v));
            sum += read_all(static_cast<const std::byte *>(v.mv_data) + kHeader);
        }
        mdb_txn_reset(reading_);
        return sum;
    }

private:
    static MDB_val val(const Key &key) {
        return {key.bytes.size(), const_cast<std::byte *>(key.bytes.data())};
    }
    MDB_env *env_ = nullptr;
    MDB_dbi dbi_ = 0;
    MDB_txn *reading_ = nullptr;
    std::vector<std::byte> payload_ = std::vector<std::byte>(kPayload + kHeader, std::byte{7});
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Figure {
    std::string name;
    std::vector<double> kith, raw, ratio;
};

template <class Work>
double microseconds_each(std::size_t count, Work work) {
    const auto begun = Clock::now();
    work();
    const auto spent = std::chrono::duration<double, std::micro>(Clock::now() - begun).count();
    return spent / static_cast<double>(count);
}

std::vector<Key> random_keys(std::mt19937_64 &random, std::size_t count) {
    std::vector<Key> keys;
    for (std::size_t i = 0; i < count; ++i) keys.emplace_back(random() % kRows);
    return keys;
}

void sort(std::vector<Key> &keys) {
    std::sort(keys.begin(), keys.end(), [](const Key &a, const Key &b) { return a.bytes < b.bytes; });
}

}  // namespace

int main(int argc, char **argv) {
    const auto folder = std::filesystem::path(argc > 1 ? argv[1] : ".") / "bench_store.tmp";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::mt19937_64 random(1);
    {
        Kith kith(folder / "kith");
        Raw raw(folder / "raw");
        std::vector<Key> all;
        for (std::uint64_t number = 0; number < kRows; ++number) all.emplace_back(number);
        for (std::size_t at = 0; at < kRows; at += 5000) {
            std::vector<Key> some(all.begin() + static_cast<std::ptrdiff_t>(at),
                                  all.begin() + static_cast<std::ptrdiff_t>(at + 5000));
            sort(some);
            kith.put(some);
            raw.put(some);
        }
        std::vector<Figure> figures;
        const auto measure = [&](std::size_t index, const std::string &name, auto work) {
            if (figures.size() <= index) figures.push_back({name, {}, {}, {}});
            auto &figure = figures[index];
            // Who goes first changes from round to round.
            const bool kith_first = figure.kith.size() % 2 == 0;
            const double first = work(kith_first ? static_cast<Side &>(kith) : raw);
            const double second = work(kith_first ? static_cast<Side &>(raw) : kith);
            figure.kith.push_back(kith_first ? first : second);
            figure.raw.push_back(kith_first ? second : first);
            figure.ratio.push_back(figure.kith.back() / figure.raw.back());
        };
        std::uint64_t sum = 0;
        for (std::size_t round = 0; round < kRounds; ++round) {
            std::size_t index = 0;
            const auto reads = random_keys(random, kReads);
            measure(index++, "point read", [&](Side &side) {
                return microseconds_each(reads.size(), [&] { sum += side.read(reads); });
            });
            for (const auto size : kCommitSizes) {
                const std::size_t commits = size == 1000 ? 20 : 200;
                std::vector<std::vector<Key>> batches;
                for (std::size_t i = 0; i < commits; ++i) {
                    batches.push_back(random_keys(random, size));
                    sort(batches.back());
                }
                measure(index++, "commit of " + std::to_string(size), [&](Side &side) {
                    return microseconds_each(commits, [&] {
                        for (const auto &keys : batches) side.put(keys);
                    });
                });
            }
        }
        if (sum == 0) die("nothing was read");
        std::printf("%-16s %12s %12s %8s\n", "", "kith us", "raw us", "ratio");
        for (const auto &figure : figures)
            std::printf("%-16s %12.3f %12.3f %8.3f\n", figure.name.c_str(), median(figure.kith),
                        median(figure.raw), median(figure.ratio));
    }
    std::filesystem::remove_all(folder);
    return 0;
}
