// Goal: members of segments through the C ABI: how many without a count, who and since when in pages, when a
// party entered and left and why, in the feed and the export too; told while it is being built. Method: a
// small shop whose instants are worked out by hand; random orders (seed printed) whose members are those that
// the condition holds for, whatever the size of a page.
#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

constexpr const char *kSegmentsOfShop = R"({"playbook": "segments", "format": 1, "define": [
    {"metric": "bought", "count": "order", "window": "P30D"},
    {"metric": "sold", "count": "order", "per": "actor"},
    {"segment": "regular", "when": "m.bought >= 2"},
    {"segment": "never", "when": "m.bought >= 1000"},
    {"segment": "seller", "per": "actor", "when": "m.sold >= 1"}]})";

class Members : public Capi {
protected:
    void define() {
        ASSERT_EQ(kith_define(batch, kSegmentsOfShop, KITH_NTS, nullptr, &error), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
    }
    // In the 30 days before: ann has two from -20 days, one again from -10, two from now.
    void fill() {
        for (const int days : {40, 20, 0}) {
            const auto key = "R" + std::to_string(days);
            ASSERT_EQ(append(host("shop", "ann"), order(key, kNow - days * kDay, 1000)), KITH_OK)
                << error.message;
        }
        ASSERT_EQ(append(host("shop", "bob"), order("B1", kNow - kDay, 500)), KITH_OK) << error.message;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        ann = outcomes[0].party;
        bob = outcomes[3].party;
    }

    // "count built"; the status where it failed.
    std::string count(std::string_view segment) {
        std::uint64_t members = 99;
        std::uint32_t built = 99;
        const auto status =
            kith_segment_count(fresh(), segment.data(), segment.size(), &members, &built, &error);
        if (status != KITH_OK) return kith_status_name(status);
        return std::to_string(members) + (built ? " built" : " building");
    }

    // "key since", a member a line, since in days from kNow; through cursors that each give one page.
    std::string members(std::string_view segment, std::uint32_t items_max = 10) {
        std::string out, resume;
        while (true) {
            auto query = make<kith_query>();
            query.list = KITH_LIST_MEMBERS;
            query.definition = str(segment);
            if (!resume.empty()) query.resume = str(resume);
            kith_cursor *cursor = nullptr;
            EXPECT_EQ(kith_cursor_open(fresh(), &query, &cursor, &error), KITH_OK) << error.message;
            kith_page *page = nullptr;
            const auto status = kith_cursor_next(cursor, items_max, &page, &error);
            kith_cursor_free(cursor);
            if (status == KITH_END) return out;
            if (status != KITH_OK) return kith_status_name(status);
            std::size_t found = 0, parties = 0;
            const auto *const *items = kith_page_members(page, &found);
            const auto *const *records = kith_page_parties(page, &parties);
            EXPECT_EQ(found, parties);
            EXPECT_LE(found, items_max);
            for (std::size_t i = 0; i < found; ++i) {
                EXPECT_EQ(memcmp(&items[i]->party, &records[i]->id, sizeof(kith_id)), 0);
                EXPECT_EQ(text_of(items[i]->segment), segment);
                out += text_of(items[i]->party_key) + " " + std::to_string((items[i]->since - kNow) / kDay) +
                       "\n";
            }
            kith_str token{};
            kith_page_resume(page, &token);
            resume = text_of(token);
            kith_page_free(page);
        }
    }

    // "to days cause event version", an entry a line.
    std::string log(const kith_id &party, std::string_view segment) {
        kith_page *page = nullptr;
        const auto status =
            kith_membership_log(fresh(), &party, segment.data(), segment.size(), &page, &error);
        if (status != KITH_OK) return kith_status_name(status);
        std::size_t found = 0;
        const auto *const *items = kith_page_transitions(page, &found);
        std::string out;
        for (std::size_t i = 0; i < found; ++i) {
            out += text_of(items[i]->to) + " " + std::to_string((items[i]->at - kNow) / kDay) + " " +
                   std::to_string(items[i]->cause) + " " + text_of(items[i]->event) + "\n";
        }
        kith_page_free(page);
        return out;
    }

    // The segments of a brief.
    std::string brief(const kith_id &party) {
        kith_page *page = nullptr;
        EXPECT_EQ(kith_brief(fresh(), &party, 0, &page, &error), KITH_OK) << error.message;
        std::size_t found = 0;
        const auto *const *items = kith_page_members(page, &found);
        std::string out;
        for (std::size_t i = 0; i < found; ++i) {
            out += text_of(items[i]->segment) + " " + std::to_string((items[i]->since - kNow) / kDay) + "\n";
        }
        kith_page_free(page);
        return out;
    }

    kith_id ann{}, bob{};
};

TEST_F(Members, AreKeptWithTheInstantAndTheCause) {
    define();
    EXPECT_EQ(count("regular"), "0 built") << "nobody is there to look at";
    EXPECT_EQ(members("regular"), "");
    fill();
    EXPECT_EQ(count("regular"), "1 built");
    EXPECT_EQ(members("regular"), "ann 0\n");
    EXPECT_EQ(brief(ann), "regular 0\n");
    EXPECT_EQ(brief(bob), "");
    EXPECT_EQ(count("never"), "0 built");
    EXPECT_EQ(log(ann, "regular"), "in -20 1 order\nout -10 2 (absent)\nin 0 1 order\n");
    EXPECT_EQ(log(bob, "regular"), "");

    ASSERT_EQ(kith_store_run_due(store, kNow + 15 * kDay, nullptr, &error), KITH_OK) << error.message;
    EXPECT_EQ(count("regular"), "0 built");
    EXPECT_EQ(members("regular"), "");
    EXPECT_EQ(brief(ann), "");
    EXPECT_EQ(log(ann, "regular"), "in -20 1 order\nout -10 2 (absent)\nin 0 1 order\nout 10 2 (absent)\n");
}

TEST_F(Members, AreToldInTheFeedAndTheExport) {
    define();
    fill();
    kith_page *page = nullptr;
    ASSERT_EQ(kith_feed_read(fresh(), 0, 1000, &page, &error), KITH_OK) << error.message;
    std::size_t found = 0;
    const auto *const *changes = kith_page_changes(page, &found);
    std::string told;
    for (std::size_t i = 0; i < found; ++i) {
        const auto &one = *changes[i];
        if (one.kind != KITH_CHANGE_MEMBERSHIP) continue;
        told += text_of(one.party_key) + " " + text_of(one.name) + " " + text_of(one.from) + ">" +
                text_of(one.to) + " " + std::to_string((one.at - kNow) / kDay) + "\n";
    }
    kith_page_free(page);
    EXPECT_EQ(told, "ann regular out>in -20\nann regular in>out -10\nann regular out>in 0\n");

    const auto lines = exported(store);
    EXPECT_NE(
        lines.find(
            R"("record":"membership","party":"ann","segment":"regular","from":"in","to":"out","at":"2023-11-04T22:13:20Z","cause":"timer")"),
        std::string::npos)
        << lines;
}

TEST_F(Members, AreBuiltOfWhoWasThere) {
    fill();
    define();
    EXPECT_EQ(count("regular"), "0 building");
    EXPECT_EQ(log(ann, "regular"), "");
    ASSERT_EQ(kith_definition_build(store, nullptr, 0, &error), KITH_OK) << error.message;
    EXPECT_EQ(count("regular"), "1 built");
    EXPECT_EQ(log(ann, "regular"), "in 0 4 (absent)\n") << "nobody knows what was before";
}

TEST_F(Members, InPagesAreThoseOfTheCondition) {
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    define();
    for (int i = 0; i < 150; ++i) {
        const auto at = kNow - static_cast<kith_time>(random() % 60) * kDay;
        ASSERT_EQ(append(host("shop", "p" + std::to_string(random() % 60)),
                         order("R" + std::to_string(i), at, 100)),
                  KITH_OK)
            << error.message;
        if (i % 7 != 0) continue;
        ASSERT_EQ(commit(), KITH_OK) << error.message;
    }
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    ASSERT_EQ(kith_store_run_due(store, kNow, nullptr, &error), KITH_OK) << error.message;
    auto options = make<kith_values_options>();
    options.where = str("in_segment('regular')");
    kith_table *table = nullptr;
    ASSERT_EQ(kith_values(fresh(), &options, &table, &error), KITH_OK) << error.message;
    auto column = make<kith_column>();
    ASSERT_EQ(kith_table_column(table, 0, &column, &error), KITH_OK) << error.message;
    std::set<std::string> wanted;
    for (std::size_t i = 0; i < column.count; ++i) wanted.insert(text_of(column.texts[i]));
    kith_table_free(table);
    ASSERT_GT(wanted.size(), 3u);
    EXPECT_EQ(count("regular"), std::to_string(wanted.size()) + " built");
    const auto whole = members("regular", 1000);
    std::set<std::string> keys;
    for (std::size_t begin = 0; begin < whole.size(); begin = whole.find('\n', begin) + 1)
        keys.insert(whole.substr(begin, whole.find(' ', begin) - begin));
    EXPECT_EQ(keys, wanted);
    for (const std::uint32_t items_max : {1u, 2u, 7u}) EXPECT_EQ(members("regular", items_max), whole);
}

TEST_F(Members, WrongArgumentsAreRefused) {
    define();
    fill();
    EXPECT_EQ(count("nothing"), "KITH_NOT_FOUND");
    EXPECT_EQ(count("seller"), "KITH_E_ARGUMENT") << "of actors";
    EXPECT_EQ(count(""), "KITH_E_ARGUMENT");
    EXPECT_EQ(members("nothing"), "KITH_NOT_FOUND");
    EXPECT_EQ(members("seller"), "KITH_E_ARGUMENT");
    EXPECT_EQ(log(ann, "nothing"), "KITH_NOT_FOUND");
    EXPECT_EQ(log(kith_id{}, "regular"), "KITH_NOT_FOUND");
    EXPECT_EQ(log(ann, "seller"), "KITH_E_ARGUMENT");
    auto query = make<kith_query>();
    query.list = KITH_LIST_MEMBERS;
    kith_cursor *cursor = nullptr;
    EXPECT_EQ(kith_cursor_open(fresh(), &query, &cursor, &error), KITH_E_ARGUMENT);
    EXPECT_STREQ(error.message, "query->definition is missing: name the segment");
    query.list = KITH_LIST_COMMITMENTS_OF + 1;
    query.definition = str("regular");
    EXPECT_EQ(kith_cursor_open(fresh(), &query, &cursor, &error), KITH_E_ARGUMENT);
    std::uint64_t members = 0;
    std::uint32_t built = 0;
    kith_page *page = nullptr;
    EXPECT_EQ(kith_segment_count(fresh(), "regular", KITH_NTS, nullptr, &built, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_segment_count(fresh(), "regular", KITH_NTS, &members, nullptr, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_segment_count(nullptr, "regular", KITH_NTS, &members, &built, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_membership_log(fresh(), nullptr, "regular", KITH_NTS, &page, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_membership_log(fresh(), &ann, nullptr, 3, &page, &error), KITH_E_ARGUMENT);
    EXPECT_EQ(kith_membership_log(fresh(), &ann, "regular", KITH_NTS, nullptr, &error), KITH_E_ARGUMENT);
}

}  // namespace
}  // namespace kith_test
