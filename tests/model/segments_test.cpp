// Goal: who is in a segment is who meets its condition: at the instant of a party's last event, after due
// work at every instant, and in a snapshot for as long as it is held. Method: random sequences (seeds
// printed; KITH_MODEL_SEED runs one) of orders and visits, late ones and corrections, tags, due work,
// reopening and the definitions coming at any time, through the C ABI; the conditions are worked out again in
// this file over plain lists of rows. verify finds nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>
#include <set>

#include "model/lines.hpp"
#include "sanitized.hpp"

namespace kith_model {
namespace {

constexpr std::string_view kSegments = R"json({"playbook":"segments","format":1,"define":[
 {"metric":"orders_40d","count":"order","window":"P40D"},{"metric":"spent","sum":"order","of":"i.amount"},
 {"metric":"this_month","count":"*","by":"month"},{"metric":"visits","count":"visit"},
 {"metric":"last_order","last":"order","of":"i.at"},{"metric":"orders_2m","count":"order","window":"P2M"},
 {"segment":"regular","when":"m.orders_40d >= 2"},{"segment":"worth","when":"m.spent > money('50.00', 'USD')"},
 {"segment":"month","when":"m.this_month > 0"},{"segment":"lapsed","when":"daysBetween(m.last_order, now) > 30"},
 {"segment":"vip","when":"'vip' in party.tags && m.visits > 0"},{"segment":"two_months","when":"m.orders_2m > 0"},
 {"segment":"kept","when":"in_segment('worth') && !in_segment('lapsed')"}]})json";
constexpr const char *kSegmentNames[] = {"regular", "worth", "month", "lapsed", "vip", "two_months", "kept"};
constexpr std::size_t kParties = 4;

struct Row {
    std::size_t party = 0;
    bool is_order = false, counts = true;  // not: another took its place
    kith_time at = 0;
    std::int64_t amount = 0;
    kith_interaction_id id{};
};

std::int64_t civil_day(kith_time at) { return at / kDay; }  // years after 1970

std::chrono::year_month month_of(kith_time at) {
    const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(civil_day(at)))};
    return day.year() / day.month();
}

// Two months before an instant, the last day of a month that is shorter.
kith_time two_months_before(kith_time at) {
    const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(civil_day(at)))};
    auto before = day.year() / day.month() / day.day() - std::chrono::months(2);
    if (!before.ok()) before = before.year() / before.month() / std::chrono::last;
    return std::chrono::sys_days(before).time_since_epoch().count() * kDay + at % kDay;
}

class SegmentRun {
public:
    explicit SegmentRun(std::uint64_t seed) : random_(seed) {
        std::string text = (std::filesystem::temp_directory_path() / "kith-segments-XXXXXX").string();
        if (mkdtemp(text.data()) == nullptr) std::abort();
        folder_ = text;
        open();
    }
    ~SegmentRun() {
        kith_snapshot_end(held_);
        kith_store_close(store_);
        std::filesystem::remove_all(folder_);
    }
    SegmentRun(const SegmentRun &) = delete;
    SegmentRun &operator=(const SegmentRun &) = delete;

    void step() {
        const auto roll = random_() % 100;
        if (roll < 60) return record();
        if (roll < 68) return tag();
        if (roll < 88) return due();
        if (roll < 92 && !defined_) return define();
        if (roll < 96) return hold();
        if (held_ != nullptr) release();
        kith_store_close(store_);
        open();
    }
    void end() {
        if (!defined_) define();
        due();
        release();
        Begun now(store_);
        auto report = make<kith_verify_report>();
        must(kith_store_verify(now.it, nullptr, 0, &report, nullptr, &error_));
        EXPECT_EQ(report.problems, 0u);
    }
    std::uint64_t compared = 0, inside = 0;

private:
    using Members = std::set<std::pair<std::string, std::size_t>>;  // segment, party

    struct Begun {
        explicit Begun(kith_store *store) {
            auto error = make<kith_error>();
            EXPECT_EQ(kith_snapshot_begin(store, &it, &error), KITH_OK) << error.message;
        }
        ~Begun() { kith_snapshot_end(it); }
        Begun(const Begun &) = delete;
        Begun &operator=(const Begun &) = delete;
        kith_snapshot *it = nullptr;
    };

    void must(kith_status status) { ASSERT_EQ(status, KITH_OK) << error_.message; }
    static kith_str str(std::string_view text) { return {text.data(), text.size()}; }

    void open() {
        auto options = make<kith_open_options>();
        options.flags = KITH_OPEN_CREATE;
        options.durability = KITH_DURABILITY_RELAXED;
        options.snapshot_age_ms_max = UINT64_MAX;
        options.currency = str(kCurrency);
        options.now = [](uintptr_t self) -> int64_t { return reinterpret_cast<SegmentRun *>(self)->now_; };
        options.user_data = reinterpret_cast<uintptr_t>(this);
        const auto path = (folder_ / "segments.kith").string();
        must(kith_store_open(path.data(), path.size(), &options, &store_, &error_));
    }

    // One item, committed.
    template <class Add>
    kith_outcome commit(const Add &add) {
        kith_batch *batch = nullptr;
        must(kith_batch_new(store_, &batch, &error_));
        must(add(batch));
        must(kith_batch_commit(batch, nullptr, &error_));
        auto outcome = make<kith_outcome>();
        must(kith_batch_outcome(batch, 0, &outcome, &error_));
        kith_batch_free(batch);
        return outcome;
    }
    kith_ref ref_of(std::size_t party) {
        key_ = "P" + std::to_string(party);
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = str("shop");
        ref.value = str(key_);
        return ref;
    }

    void record() {
        Row row;
        row.party = random_() % kParties;
        row.is_order = random_() % 4 != 0;
        row.amount = static_cast<std::int64_t>(random_() % 4000);
        now_ += static_cast<kith_time>(random_() % static_cast<std::uint64_t>(3 * kDay));
        row.at = now_;
        const bool late = random_() % 4 == 0;
        if (late) row.at -= static_cast<kith_time>(random_() % static_cast<std::uint64_t>(60 * kDay));
        auto interaction = make<kith_interaction>();
        Row *old = nullptr;
        if (!rows_.empty() && random_() % 8 == 0) {
            old = &rows_[random_() % rows_.size()];
            if (!old->counts) old = nullptr;
        }
        if (old != nullptr) {
            row.party = old->party;
            row.is_order = old->is_order;
            row.at = old->at;
            interaction.corrects = old->id;
            interaction.fields |= KITH_INTERACTION_FIELD_CORRECTS;
        }
        interaction.type = str(row.is_order ? "order" : "visit");
        interaction.at = row.at;
        if (row.is_order) {
            interaction.amount = row.amount;
            interaction.fields |= KITH_INTERACTION_FIELD_AMOUNT;
        }
        const auto ref = ref_of(row.party);
        row.id =
            commit([&](kith_batch *batch) {
                return kith_interaction_append(batch, &ref, KITH_ITEM_CREATE, &interaction, nullptr, &error_);
            }).interaction;
        if (old != nullptr) old->counts = false;
        rows_.push_back(row);
        known_.insert(row.party);
        // The newest of all: it is looked at at its own instant.
        if (defined_ && !late && old == nullptr) compare(row.at, row.party);
    }
    void tag() {
        const auto party = random_() % kParties;
        const bool vip = random_() % 2 == 0;
        auto put = make<kith_party>();
        put.tags = str(vip ? "vip,new" : "new");
        put.fields = KITH_PARTY_FIELD_TAGS;
        const auto ref = ref_of(party);
        commit([&](kith_batch *batch) {
            return kith_party_put(batch, &ref, KITH_ITEM_CREATE, &put, nullptr, &error_);
        });
        vips_.erase(party);
        if (vip) vips_.insert(party);
        known_.insert(party);
    }
    void due() {
        now_ += static_cast<kith_time>(random_() % static_cast<std::uint64_t>(25 * kDay));
        must(kith_store_run_due(store_, now_, nullptr, &error_));
        if (defined_) compare(now_, std::nullopt);
    }
    void define() {
        commit([&](kith_batch *batch) {
            return kith_define(batch, kSegments.data(), kSegments.size(), nullptr, &error_);
        });
        defined_ = true;
        due();
    }
    void hold() {
        release();
        must(kith_snapshot_begin(store_, &held_, &error_));
        kept_ = defined_ ? members(held_) : Members();
        held_defined_ = defined_;
    }
    void release() {
        if (held_ != nullptr && held_defined_) {
            EXPECT_EQ(members(held_), kept_);
        }
        kith_snapshot_end(held_);
        held_ = nullptr;
    }

    bool meets(std::string_view segment, std::size_t party, kith_time now) const {
        std::int64_t spent = 0, orders_40d = 0, orders_2m = 0, visits = 0, month = 0;
        std::optional<kith_time> last;
        for (const auto &row : rows_) {
            if (row.party != party || !row.counts || row.at > now) continue;
            month += month_of(row.at) == month_of(now);
            if (!row.is_order) {
                ++visits;
                continue;
            }
            spent += row.amount;
            orders_40d += row.at > now - 40 * kDay;
            orders_2m += row.at > two_months_before(now);
            last = std::max(last.value_or(row.at), row.at);
        }
        const bool lapsed = last && civil_day(now) - civil_day(*last) > 30;
        if (segment == "regular") return orders_40d >= 2;
        if (segment == "worth") return spent > 5000;
        if (segment == "month") return month > 0;
        if (segment == "lapsed") return lapsed;
        if (segment == "vip") return vips_.contains(party) && visits > 0;
        if (segment == "two_months") return orders_2m > 0;
        return spent > 5000 && !lapsed;
    }

    // As they are read, in pages of two; their number is the one that is kept.
    Members members(kith_snapshot *snapshot) {
        Members all;
        for (const char *segment : kSegmentNames) {
            auto query = make<kith_query>();
            query.list = KITH_LIST_MEMBERS;
            query.definition = str(segment);
            kith_cursor *cursor = nullptr;
            must(kith_cursor_open(snapshot, &query, &cursor, &error_));
            std::uint64_t count = 0, counted = 0;
            std::uint32_t built = 0;
            kith_page *page = nullptr;
            while (kith_cursor_next(cursor, 2, &page, &error_) == KITH_OK) {
                std::size_t items = 0;
                const auto *const *found = kith_page_members(page, &items);
                for (std::size_t i = 0; i < items; ++i)
                    all.emplace(segment, std::stoul(std::string(found[i]->party_key.data + 1)));
                count += items;
                kith_page_free(page);
            }
            kith_cursor_free(cursor);
            must(kith_segment_count(snapshot, segment, KITH_NTS, &counted, &built, &error_));
            EXPECT_EQ(count, counted) << segment;
        }
        return all;
    }
    void compare(kith_time now, std::optional<std::size_t> party) {
        Begun snapshot(store_);
        const auto found = members(snapshot.it);
        for (const auto one : known_) {
            if (party && one != *party) continue;
            for (const char *segment : kSegmentNames) {
                ASSERT_EQ(found.contains({segment, one}), meets(segment, one, now))
                    << segment << " of P" << one << " at " << now;
                ++compared;
                inside += found.contains({segment, one});
            }
        }
    }

    std::mt19937_64 random_;
    std::filesystem::path folder_;
    kith_store *store_ = nullptr;
    kith_snapshot *held_ = nullptr;
    Members kept_;
    kith_error error_ = make<kith_error>();
    kith_time now_ = kNow;
    bool defined_ = false, held_defined_ = false;
    std::vector<Row> rows_;
    std::set<std::size_t> known_, vips_;
    std::string key_;
};

TEST(Model, MembersMeetTheirConditions) {
    std::uint64_t first = std::random_device{}(), sequences = 20 / kith_test::kSanitizedShare;
    if (const char *given = std::getenv("KITH_MODEL_SEED"))
        first = std::strtoull(given, nullptr, 10), sequences = 1;
    std::cout << "seeds " << first << " and on\n";
    std::uint64_t compared = 0, inside = 0;
    for (std::uint64_t i = 0; i < sequences; ++i) {
        SCOPED_TRACE("seed " + std::to_string(first + i));
        SegmentRun run(first + i);
        for (int step = 0; step < 80 && !testing::Test::HasFailure(); ++step) run.step();
        if (!testing::Test::HasFailure()) run.end();
        compared += run.compared;
        inside += run.inside;
        if (testing::Test::HasFailure()) return;
    }
    std::cout << compared << " memberships compared, " << inside << " held\n";
    EXPECT_GT(inside, 0u);
    EXPECT_GT(compared, inside);
}

}  // namespace
}  // namespace kith_model
