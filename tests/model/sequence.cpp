#include "model/sequence.hpp"

#include <unistd.h>

#include <filesystem>
#include <ostream>
#include <random>
#include <utility>

#include "model/lines.hpp"

namespace kith_model {

namespace {

namespace fs = std::filesystem;

struct Commit {
    Batch batch;
};
struct Due {
    kith_time through;
};
struct Hold {};  // begin a snapshot and keep it
struct Renew {
    std::size_t which;
};
struct Release {
    std::size_t which;
};
struct Reopen {
    bool children_first;  // else they are freed after their store is closed
};
struct Share {};  // open the file a second time, read through it, close it
using Command = std::variant<Commit, Due, Hold, Renew, Release, Reopen, Share>;

// ---- a command as text ----

std::string shown(const Text &text) {
    if (!text) return "-";
    return text->size() > 40 ? "(" + std::to_string(text->size()) + " bytes)" : "'" + *text + "'";
}
std::string shown(const Number &number) { return number ? std::to_string(*number) : "-"; }

std::string shown(const Ref &ref) {
    switch (ref.by) {
        case KITH_REF_ID:
            return "id " + hex(ref.id);
        case KITH_REF_HOST:
            return "host " + ref.kind + " " + shown(Text(ref.value));
        case KITH_REF_IDENTIFIER:
            return "identifier " + ref.kind + " " + shown(Text(ref.value));
        case KITH_REF_ITEM:
            return "item " + std::to_string(ref.item);
        default:
            return "nobody";
    }
}

std::string shown(const Item &item) {
    struct Visitor {
        std::string operator()(const PartyPut &put) {
            return "put fields " + std::to_string(put.fields) + " id " + hex(put.id) + " kind " +
                   std::to_string(put.kind) + " roles " + std::to_string(put.roles) + " name " +
                   shown(put.name) + " language " + shown(put.language) + " zone " + shown(put.time_zone) +
                   " owner " + shown(put.owner) + " tags " + shown(put.tags) + " revision " +
                   std::to_string(put.revision);
        }
        std::string operator()(const IdentifierAdd &add) {
            return "identifier " + add.kind + " '" + add.value + "'" + (add.shared ? " shared" : "") +
                   " times " + shown(add.verified_at) + " " + shown(add.valid_from) + " " +
                   shown(add.valid_to);
        }
        std::string operator()(const InteractionAppend &append) {
            return append.type + " at " + std::to_string(append.at) + " key " + shown(append.system) + " " +
                   shown(append.key) + " amount " + shown(append.amount) + " base " +
                   shown(append.base_amount) + " " + append.currency + " corrects " +
                   (append.corrects ? hex(append.corrects->data(), 32) : "-") + " lines " +
                   std::to_string(append.lines.size()) + " medium " + shown(append.medium) + " text " +
                   shown(append.text);
        }
        std::string operator()(const CommitmentMove &move) {
            return "commitment " + hex(move.commitment) + " to " + std::to_string(move.state) + " at " +
                   std::to_string(move.at);
        }
        std::string operator()(const Define &) { return "define"; }
    };
    return "flags " + std::to_string(item.flags) + ", " + shown(item.ref) + ": " +
           std::visit(Visitor{}, item.what);
}

std::string shown(const Command &command) {
    struct Visitor {
        std::string operator()(const Commit &commit) {
            std::string out = "commit effects_from " + shown(Number(commit.batch.effects_from));
            for (const auto &item : commit.batch.items) out += "\n      " + shown(item);
            return out;
        }
        std::string operator()(const Due &due) { return "run_due " + std::to_string(due.through); }
        std::string operator()(const Hold &) { return "hold a snapshot"; }
        std::string operator()(const Renew &renew) { return "renew snapshot " + std::to_string(renew.which); }
        std::string operator()(const Release &one) { return "end snapshot " + std::to_string(one.which); }
        std::string operator()(const Reopen &reopen) {
            return reopen.children_first ? "end snapshots, reopen" : "reopen, then end snapshots";
        }
        std::string operator()(const Share &) { return "open a second time"; }
    };
    return std::visit(Visitor{}, command);
}

// ---- commands made up ----

// An interaction of 1970 that no file has.
constexpr InteractionId kNothing = {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80};

// Few names and keys, so that they meet again.
class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    Command next(const File &file, std::size_t held) {
        const auto roll = below(100);
        if (roll < 78) return Commit{batch(file)};
        if (roll < 86) return Due{time()};
        if (roll < 90) return Hold{};
        if (roll < 95 && held > 0) {
            const auto which = below(held);
            if (chance(50)) return Renew{which};
            return Release{which};
        }
        if (roll < 98) return Reopen{chance(50)};
        return Share{};
    }
    // The clock goes on by up to a day; now and then it goes back.
    kith_time tick() {
        clock_ += chance(5) ? -kDay : static_cast<kith_time>(below(static_cast<std::uint64_t>(kDay)));
        return clock_;
    }
    bool chance(std::uint64_t percent) { return below(100) < percent; }
    std::uint64_t below(std::uint64_t end) { return random_() % end; }

private:
    template <class T>
    const T &one_of(const std::vector<T> &all) {
        return all[below(all.size())];
    }
    kith_time time() {
        const auto day = static_cast<kith_time>(below(500)) - 400;
        const auto within = chance(50) ? 0 : static_cast<kith_time>(below(static_cast<std::uint64_t>(kDay)));
        return chance(1) ? -day * day * kDay - within : kNow + day * kDay + within;
    }
    Number maybe_time(std::uint64_t percent) { return chance(percent) ? Number(time()) : std::nullopt; }
    Text maybe(std::uint64_t percent, std::string_view stem, std::uint64_t count) {
        if (!chance(percent)) return {};
        return std::string(stem) + std::to_string(below(count));
    }

    Ref ref(const File &file, std::size_t items) {
        static const std::vector<std::string> systems = {"shop", "web"};
        Ref out;
        const auto roll = below(100);
        out.by = KITH_REF_HOST;
        out.kind = one_of(systems);
        out.value = (chance(10) ? "Žofia " : "C") + std::to_string(below(9));
        if (chance(2)) out.value.insert(0, 300, 'k');  // longer than keys are: hashed
        if (roll < 15 && !file.parties.empty()) {
            out.by = KITH_REF_ID;
            out.id = file.parties[below(file.parties.size())].id;
        } else if (roll < 18) {
            out.by = KITH_REF_ID;
            out.id = host_id();
        } else if (roll < 40) {
            out.by = KITH_REF_IDENTIFIER;
            identifier(out.kind, out.value);
        } else if (roll < 55) {
            out.by = KITH_REF_ITEM;
            out.item = static_cast<std::uint32_t>(below(items + (chance(3) ? 1 : 0) + (items == 0)));
        } else if (roll < 60) {
            out.by = KITH_REF_NONE;
        }
        return out;
    }
    Id host_id() { return Id{1, static_cast<std::uint8_t>(below(6)), 0, 0, 0, 0, 0x70, 0, 0x80}; }
    void identifier(std::string &kind, std::string &value) {
        const auto n = std::to_string(below(5));
        const auto way = below(3);
        switch (below(3)) {
            case 0:
                kind = "email";
                value = way == 0 ? "a" + n + "@x.org" : way == 1 ? " A" + n + "@X.org" : "a" + n + "@x.ORG ";
                break;
            case 1:
                kind = "phone";
                value = way == 0 ? "+1 555 010" + n : way == 1 ? "001555010" + n : "+1-(555)-010." + n;
                break;
            default:
                kind = "card";
                value = way == 0 ? "12-34-" + n : way == 1 ? "1234" + n : "12.34/" + n;
        }
    }

    Batch batch(const File &file) {
        Batch out;
        if (chance(5)) out.effects_from = time();
        const auto count = chance(4) ? 20 + below(40) : 1 + below(5);
        // Most batches are to succeed: a careful one takes no risks of its own.
        careful_ = chance(60);
        while (out.items.size() < count) out.items.push_back(item(file, out.items.size()));
        return out;
    }

    Item item(const File &file, std::size_t items) {
        Item out;
        out.ref = ref(file, items);
        if (chance(careful_ ? 97 : 75)) out.flags |= KITH_ITEM_CREATE;
        if (chance(5)) out.flags |= KITH_ITEM_CREATE_ANONYMOUS;
        if (chance(careful_ ? 0 : 6)) out.flags |= KITH_ITEM_MUST_NOT_EXIST;
        if (chance(careful_ ? 95 : 20)) out.flags |= KITH_ITEM_SKIP_CONFLICT;
        const auto roll = below(100);
        if (roll < 22) {
            out.what = put(file);
        } else if (roll < 36) {
            IdentifierAdd add;
            identifier(add.kind, add.value);
            add.shared = chance(careful_ ? 70 : 40);
            add.verified_at = maybe_time(20);
            add.valid_from = maybe_time(10);
            add.valid_to = maybe_time(10);
            out.what = add;
        } else if (roll < 42) {
            CommitmentMove move;
            std::vector<Id> known;
            for (const auto &party : file.parties) {
                for (const auto &one : party.commitments) {
                    if (one.is_open() || !careful_) known.push_back(one.id);
                }
            }
            if (known.empty() && careful_) return item(file, items);
            move.commitment = known.empty() || chance(careful_ ? 0 : 5) ? Id{7} : one_of(known);
            move.state = KITH_COMMITMENT_ACCEPTED + static_cast<std::uint32_t>(below(7));
            for (const auto &party : file.parties) {
                for (const auto &one : party.commitments) {
                    if (one.id == move.commitment && one.is_open() && careful_)
                        move.state =
                            std::clamp<std::uint32_t>(move.state, one.state + 1, KITH_COMMITMENT_CANCELLED);
                }
            }
            move.at = time();
            out.what = move;
        } else if (roll < 44) {
            out.what = Define{};
        } else {
            append(file, out);
        }
        return out;
    }

    PartyPut put(const File &file) {
        PartyPut out;
        out.fields = static_cast<std::uint32_t>(below(128));
        if (chance(50)) out.fields &= KITH_PARTY_FIELD_NAME;
        if (chance(60)) out.fields &= ~std::uint32_t{KITH_PARTY_FIELD_KIND};
        out.kind = static_cast<std::uint32_t>(below(4));
        out.roles = static_cast<std::uint32_t>(below(128));
        out.name = maybe(80, "Žofia \"Zoe\" ", 4);
        if (chance(careful_ ? 0 : 2)) out.name = std::string(KITH_MAX_NAME_BYTES + below(2), 'n');
        if (chance(60)) out.language = chance(50) ? "hr" : "en-GB";
        if (chance(60)) out.time_zone = chance(50) ? "Europe/Zagreb" : "UTC";
        out.owner = maybe(60, "agent ", 3);
        out.tags = maybe(60, "vip,t", 3);
        if (chance(8)) {
            const bool known = chance(50) && !file.parties.empty();
            out.id = known ? file.parties[below(file.parties.size())].id : host_id();
        }
        if (chance(careful_ ? 0 : 10)) {
            out.fields |= KITH_PARTY_FIELD_REVISION;
            out.revision = below(4);
        }
        return out;
    }

    void append(const File &file, Item &out) {
        InteractionAppend append;
        const auto roll = below(100);
        if (roll < 15 && !file.interactions.empty()) {  // told again, perhaps not the same
            const auto &old = *file.interactions[below(file.interactions.size())];
            append = old.content;
            out.ref = Ref{};
            out.flags |= KITH_ITEM_CREATE;
            if (chance(50)) out.ref.by = KITH_REF_ID, out.ref.id = old.party;
            if (chance(30)) alter(append);
            if (!append.key) append.corrects = {};
            out.what = append;
            return;
        }
        static const std::vector<std::string> types = {"order",      "order", "order", "return",
                                                       "adjustment", "visit", "pledge"};
        append.type = one_of(types);
        // A process that comes to its events replays them: unit/engine/case_builds_test.cpp.
        if (append.type == "pledge" && !file.defined) append.type = "visit";
        append.at = time();
        if (chance(75)) {
            append.system = chance(80) ? "till" : "web";
            append.key = "R" + std::to_string(below(400));
            if (chance(3)) append.key->insert(0, 250, 'r');
        }
        if (!careful_ && chance(2)) append.key = {}, append.system = "till";
        const bool either_sign = append.type == "return" || append.type == "adjustment";
        if (chance(85)) append.amount = static_cast<std::int64_t>(below(20'000)) - (either_sign ? 10'000 : 0);
        if (!careful_ && chance(2)) append.amount = -5;
        // At most two of them in a file, that the sum of all parties is a number still.
        if (append.type == "order" && chance(3)) append.amount = KITH_MAX_AMOUNT / 2 + 1;
        if (chance(10)) {
            append.currency = chance(50) ? "EUR" : "JPY";
            if (append.amount && (careful_ || chance(80))) append.base_amount = *append.amount / 2;
        } else if (!careful_ && chance(1)) {
            append.base_amount = 1;
        }
        if (append.type == "order" && append.amount && *append.amount > 1'000'000) {
            append.currency = kCurrency;
            append.base_amount = {};
        }
        append.direction = static_cast<std::uint32_t>(below(3));
        if (chance(12) && !file.interactions.empty()) {
            const auto old = file.interactions[below(file.interactions.size())];
            if (!careful_ || !file.corrected.count(old->id)) append.corrects = old->id;
            if (chance(60))
                append.type = old->content.type, append.amount = 7, append.base_amount = {},
                append.currency = kCurrency;
            if (chance(60)) out.ref = Ref{}, out.ref.by = KITH_REF_ID, out.ref.id = old->party;
        }
        if (!careful_ && chance(1)) append.corrects = kNothing;
        for (auto n = chance(20) ? below(4) : 0; n > 0; --n) {
            append.lines.push_back(
                {"P" + std::to_string(below(6)), static_cast<std::int64_t>(below(9'000'000)),
                 static_cast<std::int64_t>(below(9'000'000)), static_cast<std::int64_t>(below(10'000)),
                 maybe(30, "category ", 3),
                 chance(30) ? Number(-50 + static_cast<std::int64_t>(below(100))) : Number()});
        }
        append.medium = maybe(20, "medium ", 3);
        append.scope = maybe(5, "scope ", 3);
        append.topic = maybe(10, "topic ", 3);
        append.outcome = maybe(5, "outcome ", 3);
        append.actor = maybe(20, "actor ", 3);
        append.campaign = maybe(10, "campaign ", 3);
        append.with_whom = maybe(5, "Mr ", 3);
        append.text = maybe(10, "said ", 100);
        if (chance(2)) append.text = std::string(10'000 + below(50'000), 't');  // makes the map grow
        append.next_step = maybe(5, "next ", 3);
        if (chance(10)) append.cost = static_cast<std::int64_t>(below(1'000));
        if (chance(10)) append.duration_s = static_cast<std::int64_t>(below(10'000));
        out.what = append;
    }
    void alter(InteractionAppend &append) {
        switch (below(6)) {
            case 0:
                append.at += 1;
                break;
            case 1:
                append.text = "something else";
                break;
            case 2:
                append.lines.push_back({"P9", 1, 1, 1});
                break;
            case 3:
                append.medium = "elsewhere";
                break;
            case 4:
                append.direction = (append.direction + 1) % 3;
                break;
            default:
                append.type = "visit", append.amount = {}, append.base_amount = {}, append.lines = {};
        }
    }

    std::mt19937_64 random_;
    kith_time clock_ = kNow;
    bool careful_ = true;
};

// ---- commands carried out ----

constexpr std::uint64_t kMapBytes = 256 * 1024;  // doubled each time it is full

kith_str str(const Text &text) { return text ? kith_str{text->data(), text->size()} : kith_str{}; }
kith_id id_out(const Id &id) {
    kith_id out;
    std::memcpy(out.bytes, id.data(), id.size());
    return out;
}

class Run {
public:
    Run(std::uint64_t seed, Tally &counts) : tally_(counts), bytes_(seed) {
        // Durability is proved elsewhere: memory, where there is some, does as well as a disk.
        std::error_code none;
        const fs::path memory = "/dev/shm";
        auto pattern = ((fs::is_directory(memory, none) && ::access(memory.c_str(), W_OK) == 0)
                            ? memory
                            : fs::temp_directory_path()) /
                       "kith-model-XXXXXX";
        auto text = pattern.string();
        if (!::mkdtemp(text.data())) throw Mismatch("no folder for the file: " + text);
        folder_ = text;
        page_ = 1 + static_cast<std::uint32_t>(seed % 7);
        store_ = open(KITH_OPEN_CREATE | KITH_OPEN_BARE);
        become(new_file(clock_));
    }
    ~Run() {
        for (const auto &held : held_) kith_snapshot_end(held.snapshot);
        kith_store_close(store_);
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    const File &file() const { return *file_; }
    std::size_t held() const { return held_.size(); }

    void carry_out(const Command &command, kith_time clock) {
        clock_ = clock;
        std::visit([&](const auto &one) { run(one); }, command);
    }

    // Everything readable, and everything derived.
    void check_all() {
        ++tally_.checks;
        Snapshot now(store_);
        check(now.it, *file_);
        check_values(now.it, *file_, clock_);
        tally_.valued += file_->built;
        same("export", expected_export(*file_, false), observed_export(now.it, false));
        same("export of facts", expected_export(*file_, true), observed_export(now.it, true));
        same("feed", expected_feed(*file_, 0), observed_feed(now.it, 0, page_));
        auto report = make<kith_verify_report>();
        done(kith_store_verify(now.it, nullptr, 0, &report, nullptr, &error_), "kith_store_verify");
        same("problems found by verify", 0u, report.problems);
    }

private:
    struct Snapshot {
        explicit Snapshot(kith_store *store) {
            auto error = make<kith_error>();
            if (kith_snapshot_begin(store, &it, &error) != KITH_OK)
                throw Mismatch(std::string("kith_snapshot_begin: ") + error.message);
        }
        ~Snapshot() { kith_snapshot_end(it); }
        Snapshot(const Snapshot &) = delete;
        Snapshot &operator=(const Snapshot &) = delete;
        kith_snapshot *it = nullptr;
    };
    struct Held {
        kith_snapshot *snapshot;
        std::shared_ptr<const File> file;  // as it was when the snapshot was taken
    };

    void done(kith_status status, const char *call) const {
        if (status != KITH_OK)
            throw Mismatch(std::string(call) + ": " + kith_status_name(status) + " " + error_.message);
    }
    void check(kith_snapshot *snapshot, const File &file) {
        same("reads", expected_reads(file), observed_reads(snapshot, file, page_));
        check_lookups(snapshot, file);
    }
    kith_store *open(std::uint32_t flags) {
        auto options = make<kith_open_options>();
        options.flags = flags;
        options.durability = KITH_DURABILITY_RELAXED;
        options.map_reserve_bytes = kMapBytes;
        options.busy_timeout_ms = 1;
        options.snapshot_age_ms_max = UINT64_MAX;
        options.now = [](uintptr_t self) -> int64_t { return reinterpret_cast<Run *>(self)->clock_; };
        options.random = [](uintptr_t self, uint8_t *out, size_t size) {
            auto &bytes = reinterpret_cast<Run *>(self)->bytes_;
            for (size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(bytes());
        };
        options.user_data = reinterpret_cast<uintptr_t>(this);
        kith_store *out = nullptr;
        const auto path = (folder_ / "model.kith").string();
        done(kith_store_open(path.data(), path.size(), &options, &out, &error_), "kith_store_open");
        return out;
    }
    void become(File file) { file_ = std::make_shared<const File>(std::move(file)); }

    // When the map must grow and snapshots of this process stand on it, the answer is busy, and nothing is
    // done. Without them it is not.
    template <class Call>
    kith_status unless_busy(const Call &call) {
        auto status = call();
        if (status != KITH_E_BUSY || held_.empty()) return status;
        ++tally_.busy;
        end_all();
        return call();
    }
    void end_all() {
        for (const auto &held : held_) {
            look_back(held);
            kith_snapshot_end(held.snapshot);
        }
        held_.clear();
    }
    // An old snapshot shows what it showed.
    void look_back(const Held &held) {
        ++tally_.old_snapshots;
        check(held.snapshot, *held.file);
        same("feed of an old snapshot", expected_feed(*held.file, 0), observed_feed(held.snapshot, 0, 100));
    }
    std::uint64_t file_bytes() {
        Snapshot now(store_);
        auto info = make<kith_info>();
        done(kith_store_info(now.it, &info, &error_), "kith_store_info");
        return info.file_bytes;
    }

    kith_status add(kith_batch *batch, const Item &item);
    void run(const Commit &commit);
    void run(const Due &due);
    void run(const Hold &) {
        if (held_.size() == 4) end_all();
        Held held{nullptr, file_};
        done(kith_snapshot_begin(store_, &held.snapshot, &error_), "kith_snapshot_begin");
        held_.push_back(held);
    }
    void run(const Renew &renew) {
        auto &held = held_[renew.which];
        look_back(held);
        done(kith_snapshot_renew(held.snapshot, &error_), "kith_snapshot_renew");
        held.file = file_;
        check(held.snapshot, *held.file);
    }
    void run(const Release &release) {
        look_back(held_[release.which]);
        kith_snapshot_end(held_[release.which].snapshot);
        held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(release.which));
    }
    void run(const Reopen &reopen) {
        ++tally_.reopened;
        if (reopen.children_first) end_all();
        kith_store_close(std::exchange(store_, nullptr));
        for (const auto &held : held_) {
            auto info = make<kith_info>();
            same("a read after the close", kith_status{KITH_E_CLOSED},
                 kith_store_info(held.snapshot, &info, &error_));
            kith_snapshot_end(held.snapshot);
        }
        held_.clear();
        same("live handles after the close", 0, kith_debug_live_handles());
        store_ = open(0);
        check_all();
    }
    void run(const Share &) {
        auto *other = open(0);
        {
            Snapshot now(other);
            check(now.it, *file_);
        }
        kith_store_close(other);
    }

    Tally &tally_;
    std::mt19937_64 bytes_;  // for ids
    fs::path folder_;
    kith_store *store_ = nullptr;
    kith_time clock_ = kNow;
    std::uint32_t page_ = 3;
    std::shared_ptr<const File> file_;
    std::vector<Held> held_;
    kith_error error_ = make<kith_error>();
};

kith_status Run::add(kith_batch *batch, const Item &item) {
    const auto &r = item.ref;
    const kith_ref ref{
        r.by, r.item, id_out(r.id), {r.kind.data(), r.kind.size()}, {r.value.data(), r.value.size()}};
    struct Visitor {
        kith_batch *batch;
        const kith_ref &ref;
        std::uint32_t flags;
        kith_error *error;
        kith_status operator()(const PartyPut &put) {
            auto in = make<kith_party>();
            in.fields = put.fields;
            in.id = id_out(put.id);
            in.kind = put.kind;
            in.roles = put.roles;
            in.name = str(put.name);
            in.language = str(put.language);
            in.time_zone = str(put.time_zone);
            in.owner = str(put.owner);
            in.tags = str(put.tags);
            in.revision = put.revision;
            return kith_party_put(batch, &ref, flags, &in, nullptr, error);
        }
        kith_status operator()(const IdentifierAdd &add) {
            auto in = make<kith_identifier>();
            in.kind = {add.kind.data(), add.kind.size()};
            in.value = {add.value.data(), add.value.size()};
            in.flags = add.shared ? KITH_IDENTIFIER_SHARED : 0;
            const auto set = [&](std::uint32_t field, kith_time &target, const Number &value) {
                if (value) in.fields |= field, target = *value;
            };
            set(KITH_IDENTIFIER_FIELD_VERIFIED_AT, in.verified_at, add.verified_at);
            set(KITH_IDENTIFIER_FIELD_VALID_FROM, in.valid_from, add.valid_from);
            set(KITH_IDENTIFIER_FIELD_VALID_TO, in.valid_to, add.valid_to);
            return kith_identifier_add(batch, &ref, flags, &in, nullptr, error);
        }
        kith_status operator()(const InteractionAppend &append) {
            auto in = make<kith_interaction>();
            const auto set = [&](std::uint32_t field, std::int64_t &target, const Number &value) {
                if (value) in.fields |= field, target = *value;
            };
            in.type = {append.type.data(), append.type.size()};
            in.at = append.at;
            in.system = str(append.system);
            in.key = str(append.key);
            set(KITH_INTERACTION_FIELD_AMOUNT, in.amount, append.amount);
            set(KITH_INTERACTION_FIELD_BASE_AMOUNT, in.base_amount, append.base_amount);
            set(KITH_INTERACTION_FIELD_COST, in.cost, append.cost);
            set(KITH_INTERACTION_FIELD_DURATION, in.duration_s, append.duration_s);
            // The file's own currency may be left out.
            if (append.currency != kCurrency || append.at % 2)
                std::memcpy(in.currency, append.currency.data(), append.currency.size());
            in.direction = append.direction;
            if (append.corrects) {
                in.fields |= KITH_INTERACTION_FIELD_CORRECTS;
                std::memcpy(in.corrects.bytes, append.corrects->data(), append.corrects->size());
            }
            std::vector<kith_line> lines;
            for (const auto &line : append.lines) {
                lines.push_back({{line.product.data(), line.product.size()},
                                 line.quantity,
                                 line.unit_price,
                                 line.amount,
                                 str(line.category),
                                 line.margin.value_or(0),
                                 line.margin ? std::uint32_t{KITH_LINE_FIELD_MARGIN} : 0,
                                 0});
            }
            in.lines = lines.data();
            in.line_count = lines.size();
            in.medium = str(append.medium);
            in.scope = str(append.scope);
            in.topic = str(append.topic);
            in.outcome = str(append.outcome);
            in.actor = str(append.actor);
            in.campaign = str(append.campaign);
            in.with_whom = str(append.with_whom);
            in.text = str(append.text);
            in.next_step = str(append.next_step);
            return kith_interaction_append(batch, &ref, flags, &in, nullptr, error);
        }
        kith_status operator()(const CommitmentMove &move) {
            const auto id = id_out(move.commitment);
            return kith_commitment_set_state(batch, &id, move.state, move.at, nullptr, error);
        }
        kith_status operator()(const Define &) {
            const auto json = playbook();
            return kith_define(batch, json.data(), json.size(), nullptr, error);
        }
    };
    return std::visit(Visitor{batch, ref, item.flags, &error_}, item.what);
}

void Run::run(const Commit &command) {
    struct Owner {
        kith_batch *it = nullptr;
        ~Owner() { kith_batch_free(it); }
    } batch;
    done(kith_batch_new(store_, &batch.it, &error_), "kith_batch_new");
    if (command.batch.effects_from)
        done(kith_batch_effects_from(batch.it, *command.batch.effects_from, &error_),
             "kith_batch_effects_from");
    Batch accepted;
    accepted.effects_from = command.batch.effects_from;
    for (const auto &item : command.batch.items) {
        const auto wanted = checked(item, accepted.items.size());
        const auto status = add(batch.it, item);
        if (wanted != status)
            throw Mismatch("adding " + shown(item) + ": wanted " + kith_status_name(wanted) + ", found " +
                           kith_status_name(status) + " " + error_.message);
        if (status == KITH_OK) accepted.items.push_back(item);
    }
    same("items of the batch", accepted.items.size(), kith_batch_count(batch.it));

    const auto bytes = file_bytes();
    auto info = make<kith_commit_info>();
    const auto status = unless_busy([&] { return kith_batch_commit(batch.it, &info, &error_); });
    Witness witness;
    Snapshot now(store_);
    if (status == KITH_OK) {
        witness.stamp = info.stamp;
        for (std::uint32_t i = 0; i < kith_batch_count(batch.it); ++i) {
            witness.outcomes.push_back(make<kith_outcome>());
            done(kith_batch_outcome(batch.it, i, &witness.outcomes.back(), &error_), "kith_batch_outcome");
        }
        kith_page *page = nullptr;
        for (auto seq = std::max<std::uint64_t>(info.first_seq, 1) - 1; seq < info.last_seq;) {
            done(kith_feed_read(now.it, seq, 100, &page, &error_), "kith_feed_read");
            std::size_t count = 0;
            const auto *const *changes = kith_page_changes(page, &count);
            for (std::size_t i = 0; i < count; ++i) {
                seq = changes[i]->seq;
                if (!changes[i]->record.bytes[0] || changes[i]->from.data) continue;
                if (changes[i]->kind == KITH_CHANGE_PROCESS)
                    witness.processes.push_back(id_in(changes[i]->record));
                if (changes[i]->kind == KITH_CHANGE_COMMITMENT)
                    witness.commitments.push_back(id_in(changes[i]->record));
            }
            kith_page_free(page);
        }
    }
    auto wanted = commit(*file_, accepted, clock_, witness);
    if (wanted.status != status) {
        throw Mismatch(std::string("commit: wanted ") + kith_status_name(wanted.status) + " (item " +
                       std::to_string(wanted.failed_item) + "), found " + kith_status_name(status) + " " +
                       error_.message + " (item " + std::to_string(error_.item) + ")");
    }
    ++tally_.commits;
    tally_.items += accepted.items.size();
    if (status != KITH_OK) {
        ++tally_.refused;
        ++tally_.refusals[status];
        same("the item refused", wanted.failed_item, error_.item);
        auto outcome = make<kith_outcome>();
        same("an outcome of a batch refused", kith_status{KITH_E_STATE},
             kith_batch_outcome(batch.it, 0, &outcome, &error_));
    } else {
        for (std::size_t i = 0; i < wanted.outcomes.size(); ++i) {
            const auto &outcome = wanted.outcomes[i];
            const auto &found = witness.outcomes[i];
            const auto what = "item " + std::to_string(i) + ": ";
            same(what + "result", outcome.result, found.result);
            same(what + "party", {hex(outcome.party)}, {hex(id_in(found.party))});
            same(what + "interaction", {hex(outcome.interaction.data(), 32)},
                 {hex(found.interaction.bytes, 32)});
            same(what + "party_created", std::uint32_t{outcome.party_created}, found.party_created);
            tally_.corrected += outcome.result == KITH_RESULT_CORRECTED;
        }
        const bool wrote = wanted.file.feed.size() > file_->feed.size();
        same("items", accepted.items.size(), info.items);
        same("created", wanted.created, info.created);
        same("existing", wanted.existing, info.existing);
        same("changed", wanted.changed, info.changed);
        same("skipped", wanted.skipped, info.skipped);
        same("parties_created", wanted.parties_created, info.parties_created);
        same("transitions", wanted.transitions, info.transitions);
        same("commitments", wanted.commitments, info.commitments);
        same("stamp", wanted.stamp, info.stamp);
        same("first_seq", wrote ? file_->feed.size() + 1 : 0, info.first_seq);
        same("last_seq", wrote ? wanted.file.feed.size() : 0, info.last_seq);
        tally_.created += info.created;
        tally_.existing += info.existing;
        tally_.changed += info.changed;
        tally_.skipped += info.skipped;
    }
    const auto before = file_->feed.size();
    become(std::move(wanted.file));
    same("feed of the commit", expected_feed(*file_, before), observed_feed(now.it, before, page_));
    for (auto map = kMapBytes; map < file_bytes(); map *= 2) tally_.grown += map >= bytes;
}

void Run::run(const Due &due) {
    auto report = make<kith_due_report>();
    const auto status =
        unless_busy([&] { return kith_store_run_due(store_, due.through, &report, &error_); });
    done(status, "kith_store_run_due");
    Snapshot now(store_);
    kith_page *page = nullptr;
    std::uint64_t stamp = 0;
    if (kith_feed_read(now.it, file_->feed.size(), 1, &page, &error_) == KITH_OK)
        stamp = kith_page_changes(page, nullptr)[0]->stamp;
    kith_page_free(page);
    auto wanted = run_due(*file_, due.through, clock_, stamp);
    same("timers", wanted.timers, report.timers);
    same("transitions", wanted.transitions, report.transitions);
    same("due_through", wanted.file.due_through, report.due_through);
    same("last_seq", wanted.file.feed.size(), report.last_seq);
    tally_.fired += report.timers;
    const auto before = file_->feed.size();
    become(std::move(wanted.file));
    same("feed of due work", expected_feed(*file_, before), observed_feed(now.it, before, page_));
}

// As far as `commands`, everything checked after each command, or now and then. The number of the command
// that failed and what it said, or none.
std::optional<std::pair<std::size_t, std::string>> attempt(std::uint64_t seed, std::size_t commands,
                                                           bool each, Tally &tally,
                                                           std::vector<std::string> *log) {
    std::size_t n = 0;
    try {
        Generator generator(seed);
        Run run(seed, tally);
        for (; n < commands; ++n) {
            const auto clock = generator.tick();
            const auto command = generator.next(run.file(), run.held());
            if (log) log->push_back("clock " + std::to_string(clock) + ": " + shown(command));
            const bool now = generator.chance(4);
            ++tally.commands;
            run.carry_out(command, clock);
            if (each || now || n + 1 == commands) run.check_all();
        }
    } catch (const Mismatch &mismatch) {
        return std::pair(n, std::string(mismatch.what()));
    }
    if (const auto live = kith_debug_live_handles(); live != 0)
        return std::pair(n, "handles left alive: " + std::to_string(live));
    return {};
}

}  // namespace

std::string run_sequence(std::uint64_t seed, std::size_t commands, Tally &tally) {
    ++tally.sequences;
    auto failed = attempt(seed, commands, false, tally, nullptr);
    if (!failed) return {};
    Tally ignored;
    std::vector<std::string> log;
    // Checked after each command, it fails as early as it can.
    if (const auto earlier = attempt(seed, failed->first + 1, true, ignored, &log)) failed = earlier;
    std::string out = "seed " + std::to_string(seed) + ", command " + std::to_string(failed->first) + ": " +
                      failed->second + "\n  again: KITH_MODEL_SEED=" + std::to_string(seed) +
                      "\n  the commands up to it:";
    for (std::size_t i = 0; i < log.size() && i <= failed->first; ++i)
        out += "\n    " + std::to_string(i) + " " + log[i];
    return out;
}

std::ostream &operator<<(std::ostream &out, const Tally &tally) {
    out << tally.sequences << " sequences, " << tally.commands << " commands: " << tally.commits
        << " commits (" << tally.refused << " refused) of " << tally.items << " items, " << tally.created
        << " created, " << tally.existing << " existing, " << tally.changed << " changed, " << tally.skipped
        << " skipped, " << tally.corrected << " corrections, " << tally.fired << " timers; " << tally.checks
        << " full checks, " << tally.valued << " with values, " << tally.old_snapshots << " old snapshots, "
        << tally.reopened << " reopened, " << tally.grown << " grown, " << tally.busy
        << " busy; refused with";
    for (const auto &[status, count] : tally.refusals) out << ' ' << kith_status_name(status) << ' ' << count;
    return out;
}

}  // namespace kith_model
