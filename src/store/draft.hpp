// A file in the making: under a temporary name beside the one it is to have, and nobody else's until it is
// complete, checked and on the disk. An error, a full disk or a crash on the way leaves nothing under the
// name itself; what a crash leaves under the temporary one is removed by the next draft of the same name.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "store/file_lock.hpp"
#include "store/store.hpp"

namespace kith::store {

// Of a file that nobody has open, and its lock file: those that are there.
void remove_file(const std::string &path) noexcept;

using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

class Draft {
public:
    // What stands under the name must be nothing (Status::exists), or is to be replaced.
    enum class Place { free, taken };

    // With the mode of the file `like`, and its owner where that is permitted; as a new file without one.
    static base::Result<std::unique_ptr<Draft>> begin(const std::string &path, Place place,
                                                      const std::string &like = {});
    Draft(const Draft &) = delete;
    Draft &operator=(const Draft &) = delete;
    ~Draft();

    // Rows in any order, quickest in that of their keys; copied, and written in transactions of bounded size
    // without a sync. The same key again puts the later payload.
    base::Result<void> add(Table table, base::Bytes key, base::Bytes payload, std::uint16_t schema = 1);

    // What has been added, to be read or changed. To be let go before finish().
    base::Result<std::shared_ptr<Env>> env();

    // It may take the place of the file of its name, if there is one: refused while that is open, and nobody
    // can open it until the draft is gone.
    base::Result<void> take_place();
    void take_place(std::shared_ptr<Env> old);  // of a file open alone, by its only owner

    struct Size {
        std::uint64_t rows = 0, bytes = 0;
    };
    // Reads every row back, syncs, gives the file its name.
    base::Result<Size> finish();

private:
    explicit Draft(std::string path) : path_(std::move(path)) {}
    base::Result<void> open(const std::string &like);
    base::Result<void> flush();

    const std::string path_;
    std::string temporary_;  // empty once it has its name
    std::shared_ptr<Env> env_;
    std::optional<FileLock> place_;
    base::Arena arena_{1 << 20};
    std::array<std::vector<Row>, kTables + 1> rows_;
    std::uint16_t schema_ = 1;
};

// Every row of every table, in order, its checksum checked. Status::corrupt where a row is damaged, or a
// table has more or fewer than it says. Gives how many there are.
using TakeRow = std::function<base::Result<void>(Table table, base::Bytes key, const Value &value)>;
base::Result<std::uint64_t> each_row(const Reader &reader, const TakeRow &take);

// All rows of `from`.
base::Result<void> copy_rows(const Reader &from, Draft &to, const Progress &progress);

}  // namespace kith::store
