#include "support/load.hpp"

#include <stdlib.h>

#include <random>
#include <stdexcept>

namespace kith_test {

namespace fs = std::filesystem;

namespace {

constexpr kith_time kDay = 86'400'000'000;
constexpr kith_time kStart = 1'600'000'000'000'000;
constexpr std::uint64_t kCustomers = 40;

template <class T>
T make() {
    T out{};
    out.struct_size = sizeof out;
    return out;
}

kith_str str(const std::string &text) { return {text.data(), text.size()}; }

kith_ref customer(std::string &key, std::uint64_t number) {
    key = "c" + std::to_string(number);
    kith_ref ref{};
    ref.by = KITH_REF_HOST;
    ref.kind = {"shop", 4};
    ref.value = str(key);
    return ref;
}

class Batch {
public:
    ~Batch() { kith_batch_free(handle); }
    kith_batch *handle = nullptr;
};

kith_status fill(kith_batch *batch, std::uint32_t seed, int step, kith_error *error) {
    std::seed_seq sequence{seed, static_cast<std::uint32_t>(step)};
    std::mt19937 random(sequence);
    std::string key, name = "name " + std::to_string(step);
    for (int i = 0; i < 3; ++i) {
        const auto ref = customer(key, random() % kCustomers);
        auto party = make<kith_party>();
        party.fields = KITH_PARTY_FIELD_NAME;
        party.name = str(name);
        if (const auto s = kith_party_put(batch, &ref, KITH_ITEM_CREATE, &party, nullptr, error);
            s != KITH_OK)
            return s;
    }
    const auto orders = 1 + random() % 8;
    for (std::uint64_t i = 0; i < orders; ++i) {
        const auto ref = customer(key, random() % kCustomers);
        const auto order_key = std::to_string(step) + "-" + std::to_string(i);
        std::string text;
        if (random() % 8 == 0) text.assign(1000 + random() % 40'000, static_cast<char>('a' + random() % 26));
        auto order = make<kith_interaction>();
        order.fields = KITH_INTERACTION_FIELD_AMOUNT;
        order.type = {"order", 5};
        order.system = {"till", 4};
        order.key = str(order_key);
        order.at = kStart + step * 5 * kDay + static_cast<kith_time>(i) * 1'000'000;
        order.amount = static_cast<std::int64_t>(random() % 100'000);
        order.text = str(text);
        if (const auto s = kith_interaction_append(batch, &ref, KITH_ITEM_CREATE, &order, nullptr, error);
            s != KITH_OK)
            return s;
    }
    return KITH_OK;
}

kith_status hash_export(kith_snapshot *snapshot, std::string &out, kith_error *error) {
    auto options = make<kith_export_options>();
    options.flags = KITH_EXPORT_FACTS_ONLY;
    kith_export *lines = nullptr;
    auto status = kith_export_open(snapshot, &options, &lines, error);
    std::string all;
    kith_str piece{};
    while (status == KITH_OK) {
        status = kith_export_next(lines, &piece, error);
        if (status == KITH_OK) all.append(piece.data, piece.size);
    }
    kith_export_free(lines);
    char hex[33];
    kith_hash_text(all.data(), all.size(), hex);
    out = hex;
    return status == KITH_END ? KITH_OK : status;
}

}  // namespace

Folder::Folder() {
    const fs::path memory = "/dev/shm";
    const auto parent = fs::is_directory(memory) ? memory : fs::temp_directory_path();
    std::string pattern = (parent / "kith-trust-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = pattern;
}

Folder::~Folder() { fs::remove_all(path_); }

kith_status open(const std::string &path, const How &how, kith_store **out, kith_error *error) {
    auto options = make<kith_open_options>();
    options.flags = how.flags;
    options.durability = how.durability;
    options.map_reserve_bytes = how.reserve;
    return kith_store_open(path.data(), path.size(), &options, out, error);
}

Load::Load(std::uint32_t seed, int steps) : seed_(seed) {
    const Folder folder;
    kith_store *store = nullptr;
    auto error = make<kith_error>();
    How how;
    how.durability = KITH_DURABILITY_RELAXED;
    auto status = open(folder.path("whole.kith"), how, &store, &error);
    for (int step = 0; status == KITH_OK && step <= steps; ++step) {
        Look next;
        status = look(store, next, &error);
        after_.push_back(next);
        if (status == KITH_OK && step < steps) status = run(store, step, &error);
    }
    kith_store_close(store);
    if (status != KITH_OK) throw std::runtime_error(error.message);
}

kith_status Load::run(kith_store *store, int step, kith_error *error) const {
    if (step % 8 == 7) return kith_store_run_due(store, kStart + step * 5 * kDay, nullptr, error);
    Batch batch;
    auto status = kith_batch_new(store, &batch.handle, error);
    if (status == KITH_OK) status = fill(batch.handle, seed_, step, error);
    return status == KITH_OK ? kith_batch_commit(batch.handle, nullptr, error) : status;
}

kith_status Load::look(kith_store *store, Look &out, kith_error *error) {
    kith_snapshot *snapshot = nullptr;
    auto status = kith_snapshot_begin(store, &snapshot, error);
    auto info = make<kith_info>();
    if (status == KITH_OK) status = kith_store_info(snapshot, &info, error);
    out.orders = info.orders;
    out.due_through = info.due_through;
    if (status == KITH_OK) status = hash_export(snapshot, out.hash, error);
    kith_snapshot_end(snapshot);
    return status;
}

int Load::found(kith_store *store, std::string &why) const {
    auto error = make<kith_error>();
    Look seen;
    if (look(store, seen, &error) != KITH_OK) return why = error.message, kWrong;
    kith_snapshot *snapshot = nullptr;
    auto report = make<kith_verify_report>();
    auto status = kith_snapshot_begin(store, &snapshot, &error);
    if (status == KITH_OK) status = kith_store_verify(snapshot, nullptr, 0, &report, nullptr, &error);
    kith_snapshot_end(snapshot);
    if (status != KITH_OK) return why = error.message, kWrong;
    if (report.problems != 0)
        return why = "verify found " + std::to_string(report.problems) + " problems", kWrong;
    for (int step = 0; step <= steps(); ++step) {
        const auto &look = after_[static_cast<std::size_t>(step)];
        if (look.orders != seen.orders || look.due_through != seen.due_through) continue;
        if (look.hash == seen.hash) return step;
        return why = "rows differ from what " + std::to_string(step) + " steps make", kWrong;
    }
    return why = "part of a step is there: " + std::to_string(seen.orders) + " orders", kWrong;
}

int Load::found(const std::string &path, const How &how, std::string &why) const {
    auto error = make<kith_error>();
    kith_store *store = nullptr;
    const auto status = open(path, how, &store, &error);
    if (status == KITH_E_MISSING) return kAbsent;
    if (status != KITH_OK) return why = std::string("open: ") + error.message, kWrong;
    const int steps = found(store, why);
    kith_store_close(store);
    return steps;
}

}  // namespace kith_test
