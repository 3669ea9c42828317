#include "engine/simulate.hpp"

#include <algorithm>
#include <map>

#include "engine/relive.hpp"
#include "engine/values.hpp"
#include "store/draft.hpp"

namespace kith::engine {

using base::Status;

namespace {

constexpr std::size_t kOccasionsAtHand = 400'000, kOccasionsPerCommit = 5'000;
constexpr std::size_t kDefinitionsPerPage = 1'000;

// Refused by the definitions, or by how things stand, rather than by the file.
bool is_refusal(const base::Error &error) {
    switch (error.status) {
        case Status::argument:
        case Status::state:
        case Status::conflict:
        case Status::exists:
        case Status::rule:
        case Status::limit:
        case Status::missing:
            return error.item != base::kNoItem;
        default:
            return false;
    }
}

// A life: a file of its own, whose clock stands where the story is.
class Life {
public:
    Life(const Life &) = delete;
    Life &operator=(const Life &) = delete;
    ~Life() {
        store_.reset();
        if (made_) store::remove_file(path_);
    }

    static base::Result<std::unique_ptr<Life>> begin(const std::string &path, const Config &config,
                                                     base::Micros at) {
        std::unique_ptr<Life> life(new Life(path));
        life->now_ = at;
        OpenOptions options;
        options.file.create = options.file.must_be_new = true;
        options.file.durability = store::Durability::none;
        options.file.snapshot_age_ms_max = UINT64_MAX;
        options.config = config;
        options.bare = true;
        options.now = [own = life.get()] { return own->now_; };
        options.random = [own = life.get()](std::span<std::byte> out) {
            for (auto &byte : out) byte = static_cast<std::byte>(++own->random_ * 0x9e3779b97f4a7c15U >> 56);
        };
        options.deeds = &life->deeds_;
        KITH_LET(store, Store::open(path, std::move(options)));
        life->made_ = true;
        life->store_ = std::move(store);
        return life;
    }

    base::Result<void> commit(Batch &batch) {
        KITH_TRY(store_->commit(batch));
        return {};
    }

    // In batches; what is refused is told, and left out.
    base::Result<void> live(Reliving &reliving, std::span<const Occasion> occasions) {
        while (!occasions.empty()) {
            batch_.clear();
            batch_.instants.clear();
            std::vector<std::uint32_t> begins;
            for (const auto &one : occasions) {
                begins.push_back(batch_.count());
                KITH_TRY(reliving.add(batch_, one, commitments_));
                batch_.instants.resize(batch_.count(), one.at);
            }
            if (batch_.count() == 0) return {};
            stand_at(occasions.front().at);
            const auto done = store_->commit(batch_);
            if (!done && !is_refusal(done.error())) return base::Error(done.error());
            if (done) {
                for (std::size_t i = 0; i < occasions.size(); ++i) note_made(occasions[i], begins[i]);
                return {};
            }
            const auto place = static_cast<std::size_t>(std::ranges::upper_bound(begins, done.error().item) -
                                                        begins.begin() - 1);
            const auto &refused = occasions[place];
            deeds_.push_back({{},
                              "refused",
                              base::Id::from(base::Bytes(refused.key).first(16)),
                              refused.at,
                              done.error().message});
            KITH_TRY(live(reliving, occasions.first(place)));
            occasions = occasions.subspan(place + 1);
        }
        return {};
    }

    base::Result<void> run_due(base::Micros now) {
        stand_at(now);
        KITH_TRY(store_->run_due(now));
        return {};
    }

    std::vector<Deed> take_deeds() {
        std::ranges::sort(deeds_);
        return std::exchange(deeds_, {});
    }

private:
    explicit Life(std::string path) : path_(std::move(path)) {}
    void stand_at(base::Micros at) { now_ = std::max(now_, at); }
    void note_made(const Occasion &one, std::uint32_t item) {
        if (one.of != Occasion::Of::made) return;
        const auto id = base::Id::from(base::Bytes(one.key).subspan(24, 16));
        if (item < batch_.outcomes.size()) commitments_[id] = batch_.outcomes[item].commitment;
    }

    std::string path_;
    bool made_ = false;
    base::Micros now_ = 0;
    std::uint64_t random_ = 0;
    std::vector<Deed> deeds_;
    std::unique_ptr<Store> store_;
    Batch batch_;
    Reliving::Commitments commitments_;  // made by people
};

// What is installed, as one playbook; settings that were changed by hand stand apart.
struct Installed {
    std::string playbook;
    std::vector<std::pair<std::string, std::string>> by_hand;
};

base::Result<Installed> installed_in(const Snapshot &snapshot) {
    const Reads reads(snapshot);
    Installed found;
    std::string settings, define;
    std::string resume;
    while (true) {
        KITH_LET(page, reads.definitions(resume, kDefinitionsPerPage));
        for (const auto &one : page.items) {
            if (one.kind == kLabels) continue;
            auto &list = one.kind == kSetting ? settings : define;
            if (!list.empty()) list += ",";
            if (one.kind == kSetting) {
                // As stored it is an object of its own: {"cut":150}
                list += one.json.substr(1, one.json.size() - 2);
                if (one.playbook.empty()) found.by_hand.emplace_back(one.name, one.json);
            } else {
                list += one.json;
            }
        }
        if (page.items.size() < kDefinitionsPerPage) break;
        resume = page.resume;
    }
    found.playbook =
        R"({"playbook":"installed","format":1,"settings":{)" + settings + R"(},"define":[)" + define + "]}";
    return found;
}

struct Tally {
    std::uint64_t kept = 0, added = 0, removed = 0;
    std::vector<Deed> examples_added, examples_removed;
};

class Simulation {
public:
    Simulation(const Snapshot &snapshot, const SimulateQuery &query)
        : snapshot_(snapshot), query_(query), zone_(snapshot.store().zone()), reliving_(snapshot) {}

    base::Result<ResultTable> run() {
        const auto &config = snapshot_.store().config();
        KITH_LET(info, Reads(snapshot_).info());
        since_ = query_.since.value_or(base::kMinTime);
        until_ = query_.until.value_or(
            std::max(snapshot_.meta().due_through, info.last_at.value_or(base::kMinTime)));
        KITH_LET(first, reliving_.next(until_, kOccasionsAtHand, all_));
        auto occasions = std::move(first);
        const auto begin = occasions.empty() ? until_ : occasions.front().at;
        KITH_LET(as_is, Life::begin(query_.folder + "/as-is.kith", config, begin));
        KITH_LET(to_be, Life::begin(query_.folder + "/to-be.kith", config, begin));
        as_is_ = std::move(as_is);
        to_be_ = std::move(to_be);
        KITH_TRY(install());
        day_ends_ =
            period_next(rules::PeriodUnit::day, period_begin(rules::PeriodUnit::day, begin, zone_), zone_);
        while (!occasions.empty()) {
            for (std::size_t i = 0; i < occasions.size();) {
                KITH_TRY(pass_days(occasions[i].at));
                auto end = i;
                while (end < occasions.size() && end - i < kOccasionsPerCommit &&
                       occasions[end].at < day_ends_)
                    ++end;
                const auto some = std::span(occasions).subspan(i, end - i);
                KITH_TRY(as_is_->live(reliving_, some));
                KITH_TRY(to_be_->live(reliving_, some));
                done_ += some.size();
                i = end;
                if (query_.progress && !query_.progress(done_, std::max(all_, done_)))
                    return base::fail(Status::cancelled, "the simulation was stopped");
            }
            std::uint64_t rest = 0;
            KITH_LET(more, reliving_.next(until_, kOccasionsAtHand, rest));
            occasions = std::move(more);
        }
        KITH_TRY(pass_days(until_));
        KITH_TRY(run_due(until_));
        return table();
    }

private:
    base::Result<void> install() {
        KITH_LET(installed, installed_in(snapshot_));
        for (auto *life : {as_is_.get(), to_be_.get()}) {
            Batch batch;
            KITH_TRY(batch.add_playbook(installed.playbook));
            KITH_TRY(life->commit(batch));
            batch.clear();
            KITH_TRY(reliving_.add_directory([&]() -> base::Result<Batch *> {
                if (batch.count() >= kOccasionsPerCommit) {
                    KITH_TRY(life->commit(batch));
                    batch.clear();
                }
                return &batch;
            }));
            if (life == to_be_.get()) {
                KITH_TRY(life->commit(batch));
                batch.clear();
                KITH_TRY(batch.add_playbook(query_.playbook));
                KITH_TRY(life->commit(batch));
                batch.clear();
                // What was changed by hand stays so whatever a playbook says.
                for (const auto &[name, json] : installed.by_hand) {
                    KITH_LET(value, base::parse_json(json, 8));
                    KITH_TRY(batch.add_setting(name, base::to_text(*value.find(name))));
                }
            }
            KITH_TRY(life->commit(batch));
        }
        return {};
    }

    base::Result<void> run_due(base::Micros now) {
        KITH_TRY(as_is_->run_due(now));
        KITH_TRY(to_be_->run_due(now));
        compare();
        return {};
    }

    // As a host would that calls run_due every midnight.
    base::Result<void> pass_days(base::Micros at) {
        while (day_ends_ <= at) {
            KITH_TRY(run_due(day_ends_));
            day_ends_ = period_next(rules::PeriodUnit::day, day_ends_, zone_);
        }
        return {};
    }

    void compare() {
        const auto before = as_is_->take_deeds(), after = to_be_->take_deeds();
        auto a = before.begin();
        auto b = after.begin();
        const auto counts = [&](const Deed &deed) { return deed.at >= since_ && deed.at <= until_; };
        const auto take = [&](const Deed &deed, std::uint64_t Tally::*count,
                              std::vector<Deed> Tally::*examples) {
            if (!counts(deed)) return;
            auto &tally = tallies_[{deed.by, deed.what}];
            ++(tally.*count);
            if (examples && (tally.*examples).size() < query_.examples_max) (tally.*examples).push_back(deed);
        };
        while (a != before.end() || b != after.end()) {
            if (b == after.end() || (a != before.end() && *a < *b)) {
                take(*a++, &Tally::removed, &Tally::examples_removed);
            } else if (a == before.end() || *b < *a) {
                take(*b++, &Tally::added, &Tally::examples_added);
            } else {
                take(*a++, &Tally::kept, nullptr);
                ++b;
            }
        }
    }

    base::Result<ResultTable> table() {
        ResultTable out;
        using As = Column::Type;
        constexpr std::pair<const char *, As> kColumns[] = {
            {"definition", As::text}, {"effect", As::text}, {"kept", As::integer}, {"added", As::integer},
            {"removed", As::integer}, {"party", As::id},    {"at", As::integer},   {"detail", As::text}};
        for (const auto &[name, type] : kColumns) {
            auto &column = out.columns.emplace_back();
            column.name = name;
            column.type = type;
        }
        auto &c = out.columns;
        const auto row = [&](const std::string &by, const std::string &what, std::uint64_t kept,
                             std::uint64_t added, std::uint64_t removed, const Deed *example) {
            c[0].texts.push_back(by);
            c[1].texts.push_back(what);
            c[2].ints.push_back(static_cast<std::int64_t>(kept));
            c[3].ints.push_back(static_cast<std::int64_t>(added));
            c[4].ints.push_back(static_cast<std::int64_t>(removed));
            c[5].ids.push_back(example ? example->party : base::Id());
            c[6].ints.push_back(example ? example->at : 0);
            c[7].texts.push_back(example ? example->detail : std::string());
            c[0].present.push_back(!by.empty());
            for (const auto place : {5, 6, 7})
                c[static_cast<std::size_t>(place)].present.push_back(example != nullptr);
        };
        std::uint64_t added = 0, removed = 0;
        for (const auto &[of, tally] : tallies_) {
            row(of.first, of.second, tally.kept, tally.added, tally.removed, nullptr);
            for (const auto &one : tally.examples_added) row(of.first, of.second, 0, 1, 0, &one);
            for (const auto &one : tally.examples_removed) row(of.first, of.second, 0, 0, 1, &one);
            added += tally.added;
            removed += tally.removed;
        }
        out.facts.emplace_back("lived", static_cast<double>(done_));
        out.facts.emplace_back("added", static_cast<double>(added));
        out.facts.emplace_back("removed", static_cast<double>(removed));
        return out;
    }

    const Snapshot &snapshot_;
    const SimulateQuery &query_;
    base::Zone zone_;
    Reliving reliving_;
    base::Micros since_ = 0, until_ = 0, day_ends_ = 0;
    std::uint64_t all_ = 0, done_ = 0;
    std::unique_ptr<Life> as_is_, to_be_;
    std::map<std::pair<std::string, std::string>, Tally> tallies_;
};

}  // namespace

base::Result<ResultTable> simulate(const Snapshot &snapshot, const SimulateQuery &query) {
    return Simulation(snapshot, query).run();
}

}  // namespace kith::engine
