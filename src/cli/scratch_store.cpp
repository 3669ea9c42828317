#include "cli/scratch_store.hpp"

#include <stdlib.h>

#include <filesystem>

namespace kith::cli {

ScratchStore::ScratchStore(const std::string &currency) : currency_(currency) {
    std::error_code unused;
    // In memory where there is such a place: nothing of it is to last.
    std::filesystem::path folder = "/dev/shm";
    if (!std::filesystem::is_directory(folder, unused)) folder = std::filesystem::temp_directory_path();
    folder_ = (folder / "kith-test-XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr)
        fail(kFailed, fmt::format("cannot make a folder in {}", folder.string()));
    kith_open_options options = make<kith_open_options>();
    options.flags = KITH_OPEN_NEW;
    options.durability = KITH_DURABILITY_RELAXED;
    options.snapshot_age_ms_max = UINT64_MAX;
    options.currency = to_str(currency_);
    options.now = read_clock;
    options.user_data = reinterpret_cast<std::uintptr_t>(this);
    store_ = open_store(folder_ + "/test.kith", options);
    minor_digits_ = read_info(begin_snapshot(store_)).minor_digits;
}

ScratchStore::~ScratchStore() {
    store_.reset();
    std::error_code unused;
    std::filesystem::remove_all(folder_, unused);
}

}  // namespace kith::cli
