#include "corrupt/damage.hpp"

#include <gtest/gtest.h>
#include <kith/kith.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "capi/fixture.hpp"
#include "cli/process.hpp"
#include "store/store.hpp"

namespace kith_test {
namespace {

constexpr std::size_t kPage = 4096;
constexpr unsigned kSecondsMax = 60;
constexpr kith_time kSalesAt = kNow + 960 * kDay, kEnd = kSalesAt + 60 * kDay;

std::string read_file(const std::string &path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// Says by false that something could not be read.
class Everything {
public:
    explicit Everything(kith_store *store) { ok(kith_snapshot_begin(store, &view_, nullptr)); }
    ~Everything() { kith_snapshot_end(view_); }

    bool read(std::string &out) {
        out_ = &out;
        if (!good_) return false;
        info();
        exported();
        parties();
        list(KITH_LIST_COMMITMENTS, nullptr, [this](kith_page *page) {
            each(page, kith_page_commitments, [this](const kith_commitment &one) { add_id(one.id); });
        });
        for (const char *state : {"exploration", "formation", "stable", "decline", "dormant"}) {
            list(KITH_LIST_PROCESSES, state, [this](kith_page *page) {
                each(page, kith_page_processes, [this](const kith_process &one) { add_id(one.id); });
            });
        }
        list(KITH_LIST_PRODUCTS, nullptr, [this](kith_page *page) {
            each(page, kith_page_products,
                 [this](const kith_product &one) { add(one.key), add(one.category_count); });
        });
        list(KITH_LIST_ACTORS, nullptr, [this](kith_page *page) {
            each(page, kith_page_actors, [this](const kith_actor &one) { add(one.key), add(one.part_of); });
        });
        list(KITH_LIST_CAMPAIGNS, nullptr, [this](kith_page *page) {
            each(page, kith_page_campaigns,
                 [this](const kith_campaign &one) { add(one.key), add(one.name); });
        });
        list(KITH_LIST_SCORES, nullptr, [this](kith_page *page) {
            each(page, kith_page_scores,
                 [this](const kith_score &one) { add(one.metric), add(one.host_key); });
        });
        list(KITH_LIST_LINKS, nullptr, [this](kith_page *page) {
            each(page, kith_page_links, [this](const kith_link &one) { add_id(one.to), add(one.kind); });
        });
        values(KITH_SUBJECT_PARTY,
               {"m.sales_1y", "m.typical", "in_segment('buyers')", "in_segment('quiet')"});
        values(KITH_SUBJECT_ACTOR, {"m.sold", "m.typical_sale"});
        values(KITH_SUBJECT_ALL, {"m.sales"});
        feed();
        return good_;
    }

private:
    bool ok(kith_status status) { return good_ = good_ && status >= 0; }
    void add(std::uint64_t number) { *out_ += std::to_string(number) + " "; }
    void add(const kith_str &text) { *out_ += text.data ? std::string(text.data, text.size) + " " : "- "; }
    void add_id(const kith_id &id) { out_->append(reinterpret_cast<const char *>(&id), sizeof id); }

    template <class Items, class Take>
    void each(kith_page *page, Items items, Take take) {
        std::size_t count = 0;
        const auto *const all = items(page, &count);
        add(count);
        for (std::size_t i = 0; i < count; ++i) take(*all[i]);
    }

    template <class Take>
    void list(std::uint32_t kind, const char *state, Take take) {
        auto query = make<kith_query>();
        query.list = kind;
        if (state) query.definition = str("lifecycle");
        if (state) query.state = str(state);
        kith_cursor *cursor = nullptr;
        if (!ok(kith_cursor_open(view_, &query, &cursor, nullptr))) return;
        for (kith_page *page = nullptr;;) {
            const auto status = kith_cursor_next(cursor, 500, &page, nullptr);
            if (!ok(status) || status == KITH_END) break;
            take(page);
            kith_page_free(page);
        }
        kith_cursor_free(cursor);
    }

    void info() {
        auto info = make<kith_info>();
        if (!ok(kith_store_info(view_, &info, nullptr))) return;
        for (const auto number :
             {info.parties, info.anonymous, info.identifiers, info.interactions, info.orders, info.returns,
              info.processes, info.commitments_open, info.definitions, info.feed_first, info.feed_last,
              static_cast<std::uint64_t>(info.amount_total), static_cast<std::uint64_t>(info.due_through)})
            add(number);
        add(info.time_zone);
        add(info.device);
    }

    void exported() {
        kith_export *lines = nullptr;
        if (!ok(kith_export_open(view_, nullptr, &lines, nullptr))) return;
        kith_str piece{};
        kith_status status;
        while (ok(status = kith_export_next(lines, &piece, nullptr)) && status == KITH_OK) add(piece);
        kith_export_free(lines);
    }

    void parties() {
        std::vector<kith_id> ids;
        list(KITH_LIST_PARTIES, nullptr, [&](kith_page *page) {
            each(page, kith_page_parties, [&](const kith_party &one) {
                ids.push_back(one.id);
                add(one.revision);
                add(one.stamp);
                const std::string who =
                    one.host_key.data ? std::string(one.host_key.data, one.host_key.size) : "?";
                const auto ref = host("sample", who);
                kith_id found{};
                if (ok(kith_party_find(view_, &ref, &found, nullptr))) add_id(found);
            });
        });
        for (const auto &id : ids) {
            kith_page *page = nullptr;
            if (!ok(kith_brief(view_, &id, 1000, &page, nullptr))) return;
            if (const auto *const figures = kith_page_figures(page)) {
                for (const auto number : {figures->interactions, figures->orders, figures->returns,
                                          static_cast<std::uint64_t>(figures->amount_total),
                                          static_cast<std::uint64_t>(figures->last_order_at),
                                          static_cast<std::uint64_t>(figures->median_gap_ms)})
                    add(number);
            }
            each(page, kith_page_interactions, [this](const kith_interaction &one) {
                add(static_cast<std::uint64_t>(one.at));
                add(static_cast<std::uint64_t>(one.amount));
                add(one.text);
                kith_interaction_id found{};
                if (one.key.data && ok(kith_interaction_find(view_, one.system.data, one.system.size,
                                                             one.key.data, one.key.size, &found, nullptr)))
                    out_->append(reinterpret_cast<const char *>(&found), sizeof found);
            });
            each(page, kith_page_processes, [this](const kith_process &one) { add(one.state); });
            each(page, kith_page_commitments, [this](const kith_commitment &one) { add_id(one.id); });
            kith_page_free(page);
        }
    }

    void values(std::uint32_t subject, const std::vector<std::string> &names) {
        std::vector<kith_str> columns;
        for (const auto &name : names) columns.push_back(str(name));
        auto options = make<kith_values_options>();
        options.subject = subject;
        options.fields = KITH_VALUE_FIELD_NOW;
        options.now = kEnd;
        options.names = columns.data();
        options.name_count = columns.size();
        kith_table *table = nullptr;
        if (!ok(kith_values(view_, &options, &table, nullptr))) return;
        std::size_t rows = 0, count = 0;
        kith_table_size(table, &rows, &count, nullptr);
        add(rows);
        for (std::size_t i = 0; i < count; ++i) {
            auto column = make<kith_column>();
            if (!ok(kith_table_column(table, i, &column, nullptr))) break;
            for (std::size_t row = 0; row < rows; ++row) {
                if (column.present && !column.present[row])
                    *out_ += "- ";
                else if (column.ints)
                    add(static_cast<std::uint64_t>(column.ints[row]));
                else if (column.texts)
                    add(column.texts[row]);
                else if (column.ids)
                    add_id(column.ids[row]);
            }
        }
        kith_table_free(table);
    }

    void feed() {
        for (std::uint64_t after = 0;;) {
            kith_page *page = nullptr;
            const auto status = kith_feed_read(view_, after, 1000, &page, nullptr);
            if (!ok(status) || status == KITH_END) return;
            each(page, kith_page_changes, [&](const kith_change &one) {
                after = one.seq;
                add(one.stamp);
                add(one.kind * 10 + one.operation);
                add_id(one.record);
                add(one.name);
            });
            kith_page_free(page);
        }
    }

    kith_snapshot *view_ = nullptr;
    std::string *out_ = nullptr;
    bool good_ = true;
};

kith_store *open(const std::string &path, std::uint32_t check) {
    auto options = make<kith_open_options>();
    options.durability = KITH_DURABILITY_RELAXED;
    options.map_reserve_bytes = 64 << 20;
    options.snapshot_age_ms_max = UINT64_MAX;
    options.check = check;
    kith_store *store = nullptr;
    return kith_store_open(path.c_str(), KITH_NTS, &options, &store, nullptr) == KITH_OK ? store : nullptr;
}

std::string customer(std::uint64_t number) {
    auto digits = std::to_string(number);
    return "C-" + std::string(5 - digits.size(), '0') + digits;
}

// Some sales, one of them with words, of customers who are there.
bool sell(kith_store *store, int round) {
    kith_batch *batch = nullptr;
    if (kith_batch_new(store, &batch, nullptr) != KITH_OK) return false;
    bool good = true;
    for (int i = 0; i < 20; ++i) {
        const auto key = "late-" + std::to_string(round) + "-" + std::to_string(i);
        const auto name = customer(static_cast<std::uint64_t>(round * 37 + i * 11) % 300 + 1);
        const auto ref = host("sample", name);
        auto sale = order(key, kSalesAt + i, 1000 + i);
        if (i == 0) sale.text = str("called back");
        const auto seller = "code " + std::to_string(i % 4);
        sale.actor = str(seller);
        good = good && kith_interaction_append(batch, &ref, 0, &sale, nullptr, nullptr) == KITH_OK;
    }
    good = good && kith_batch_commit(batch, nullptr, nullptr) == KITH_OK;
    kith_batch_free(batch);
    return good;
}

std::uint64_t problems_of(kith_store *store) {
    kith_snapshot *view = nullptr;
    auto report = make<kith_verify_report>();
    if (kith_snapshot_begin(store, &view, nullptr) != KITH_OK ||
        kith_store_verify(view, nullptr, 0, &report, nullptr, nullptr) != KITH_OK)
        report.problems = UINT64_MAX;
    kith_snapshot_end(view);
    return report.problems;
}

Outcome look(const std::string &path, std::uint32_t check, const std::string &truth) {
    auto *const store = open(path, check);
    if (!store) return Outcome::refused;
    if (problems_of(store) != 0) return Outcome::found;
    std::string seen;
    seen.reserve(truth.size() + 1);
    if (!Everything(store).read(seen)) return Outcome::error;
    if (seen != truth) return Outcome::silent;
    for (int round = 0; round < 3; ++round)
        if (!sell(store, 100 + round)) return Outcome::error;
    return problems_of(store) == 0 ? Outcome::none : Outcome::silent;
}

// Enough of each kind to fill some pages.
void write_directory(kith_store *store) {
    kith_batch *batch = nullptr;
    ASSERT_EQ(kith_batch_new(store, &batch, nullptr), KITH_OK);
    for (std::uint32_t i = 0; i < 120; ++i) {
        const auto key = "code " + std::to_string(i), above = "code " + std::to_string(i / 3);
        const kith_str path[] = {str("all"), str(above)};
        auto product = make<kith_product>();
        product.fields = KITH_PRODUCT_FIELD_NAME | KITH_PRODUCT_FIELD_CATEGORY;
        product.key = product.name = str(key);
        product.category = path;
        product.category_count = 2;
        ASSERT_EQ(kith_product_put(batch, &product, 0, nullptr, nullptr), KITH_OK);
        auto actor = make<kith_actor>();
        actor.fields = KITH_ACTOR_FIELD_NAME | KITH_ACTOR_FIELD_PART_OF;
        actor.key = actor.name = str(key);
        if (i > 0) actor.part_of = str(above);
        ASSERT_EQ(kith_actor_put(batch, &actor, 0, nullptr, nullptr), KITH_OK);
        auto campaign = make<kith_campaign>();
        campaign.fields = KITH_CAMPAIGN_FIELD_NAME;
        campaign.key = campaign.name = str(key);
        ASSERT_EQ(kith_campaign_put(batch, &campaign, 0, nullptr, nullptr), KITH_OK);
        const auto who = customer(i + 1), other = customer(i + 2);
        const auto from = host("sample", who), to = host("sample", other);
        auto score = make<kith_score>();
        score.subject = i % 2 ? KITH_SUBJECT_PARTY : KITH_SUBJECT_PRODUCT;
        score.subject_key = str(key);
        score.fields = KITH_SCORE_FIELD_NUMBER;
        score.nature = KITH_NATURE_GIVEN;
        score.metric = str("liking");
        score.at = kNow + i;
        score.number = i;
        score.system = str("survey");
        score.host_key = str(key);
        ASSERT_EQ(kith_score_append(batch, &from, 0, &score, nullptr, nullptr), KITH_OK);
        auto link = make<kith_link>();
        link.kind = KITH_LINK_REFERS;
        ASSERT_EQ(kith_link_put(batch, &from, &to, 0, &link, nullptr, nullptr), KITH_OK);
    }
    ASSERT_EQ(kith_batch_commit(batch, nullptr, nullptr), KITH_OK);
    kith_batch_clear(batch);
    constexpr const char *kValues = R"json({"playbook":"damage","format":1,"define":[
        {"metric":"sales_1y","sum":"order","of":"i.amount","window":"P1Y"},
        {"metric":"typical","median":"order","of":"i.amount"},
        {"metric":"sales","sum":"order","of":"i.amount","per":"all"},
        {"metric":"sold","sum":"order","of":"i.amount","per":"actor","window":"P90D"},
        {"metric":"typical_sale","median":"order","of":"i.amount","per":"actor"},
        {"metric":"by_medium","count":"order","per":["i.medium"]},
        {"segment":"buyers","when":"m.orders > 0 && m.sales_1y >= m.sales_1y * 0.5"},
        {"rule":"praise","on":"order","key":"string(e.at)","then":[{"do":"notify","to":"party","title":"Thank you"}]},
        {"segment":"quiet","when":"daysBetween(m.last_order_at, now) > 60"}]})json";
    ASSERT_EQ(kith_define(batch, kValues, KITH_NTS, nullptr, nullptr), KITH_OK);
    ASSERT_EQ(kith_batch_commit(batch, nullptr, nullptr), KITH_OK);
    kith_batch_free(batch);
    ASSERT_EQ(kith_definition_build(store, nullptr, 0, nullptr), KITH_OK);
}

// What a shop does in a day, so that pages of every table are written anew.
void live_on(const std::string &path) {
    auto *const store = open(path, KITH_CHECK_FULL);
    ASSERT_NE(store, nullptr);
    for (int round = 0; round < 10; ++round) ASSERT_TRUE(sell(store, round));
    kith_batch *batch = nullptr;
    kith_snapshot *view = nullptr;
    ASSERT_EQ(kith_batch_new(store, &batch, nullptr), KITH_OK);
    ASSERT_EQ(kith_snapshot_begin(store, &view, nullptr), KITH_OK);
    for (std::uint64_t i = 1; i <= 300; i += 7) {
        const auto who = customer(i);
        const auto ref = host("sample", who);
        auto party = make<kith_party>();
        party.fields = KITH_PARTY_FIELD_NAME | KITH_PARTY_FIELD_TAGS;
        party.name = str("Married Since");
        party.tags = str("regular");
        ASSERT_EQ(kith_party_put(batch, &ref, 0, &party, nullptr, nullptr), KITH_OK);
        kith_interaction_id wrong{};
        const auto key = "late-1-" + std::to_string(i % 20);
        ASSERT_EQ(kith_interaction_find(view, "shop", KITH_NTS, key.c_str(), KITH_NTS, &wrong, nullptr),
                  KITH_OK);
    }
    ASSERT_EQ(kith_batch_commit(batch, nullptr, nullptr), KITH_OK);
    kith_batch_clear(batch);
    for (int i = 0; i < 5; ++i) {
        const auto key = "late-2-" + std::to_string(i);
        const auto receipt = "right-" + std::to_string(i);
        auto right = order(receipt, kSalesAt + i, 7);
        right.fields |= KITH_INTERACTION_FIELD_CORRECTS;
        ASSERT_EQ(
            kith_interaction_find(view, "shop", KITH_NTS, key.c_str(), KITH_NTS, &right.corrects, nullptr),
            KITH_OK);
        const auto who = customer(static_cast<std::uint64_t>(2 * 37 + i * 11) % 300 + 1);
        const auto ref = host("sample", who);
        ASSERT_EQ(kith_interaction_append(batch, &ref, 0, &right, nullptr, nullptr), KITH_OK);
    }
    ASSERT_EQ(kith_batch_commit(batch, nullptr, nullptr), KITH_OK);
    kith_batch_free(batch);
    kith_snapshot_end(view);
    write_directory(store);
    ASSERT_TRUE(sell(store, 10));  // measured as they come, those before by the building
    ASSERT_EQ(kith_store_run_due(store, kEnd, nullptr, nullptr), KITH_OK);
    kith_store_close(store);
}

// The keys of a leaf, for LMDB's layout of it; empty for any other page.
std::string keys_of(const std::string &file, std::size_t page) {
    const auto at = [&](std::size_t offset) {
        std::uint16_t number;
        memcpy(&number, file.data() + page + offset, sizeof number);
        return number;
    };
    std::string keys;
    if (at(10) != 2 || at(12) > kPage) return keys;  // flags, and where the pointers to the nodes end
    for (std::size_t i = 16; i < at(12); i += 2) {
        const std::size_t node = at(i);
        if (node + 8 > kPage || node + 8 + at(node + 6) > kPage) return {};
        keys.append(file, page + node + 8, at(node + 6)) += '|';
    }
    return keys;
}

// Leaves that have the same keys now as in an earlier copy, but not the same values: as they would be if the
// disk had lost their last write where LMDB had put them before.
std::vector<std::pair<std::size_t, std::string>> find_older_forms(const Base &base) {
    std::map<std::string, std::vector<std::size_t>> now;
    for (std::size_t at = 2 * kPage; at < base.sound.size(); at += kPage)
        if (auto keys = keys_of(base.sound, at); !keys.empty()) now[keys].push_back(at);
    std::set<std::pair<std::size_t, std::string>> found;
    for (const auto &earlier : base.earlier)
        for (std::size_t old = 2 * kPage; old < earlier.size(); old += kPage)
            for (const auto at : now[keys_of(earlier, old)]) {
                auto bytes = base.sound.substr(at, 8) + earlier.substr(old + 8, kPage - 8);
                if (base.sound.compare(at, kPage, bytes) != 0) found.emplace(at, std::move(bytes));
            }
    return {found.begin(), found.end()};
}

// Small commits again and again, so that a page is written anew where an older form of itself was.
void rename(const std::string &path, int round) {
    auto *const store = open(path, KITH_CHECK_FULL);
    ASSERT_NE(store, nullptr);
    kith_batch *batch = nullptr;
    ASSERT_EQ(kith_batch_new(store, &batch, nullptr), KITH_OK);
    for (const std::uint64_t i : {5U, 6U}) {
        const auto who = customer(i);
        const auto ref = host("sample", who);
        const auto name = "Name " + std::to_string(round);
        auto party = make<kith_party>();
        party.fields = KITH_PARTY_FIELD_NAME;
        party.name = str(name);
        ASSERT_EQ(kith_party_put(batch, &ref, 0, &party, nullptr, nullptr), KITH_OK);
    }
    ASSERT_EQ(kith_batch_commit(batch, nullptr, nullptr), KITH_OK);
    kith_batch_free(batch);
    kith_store_close(store);
}

}  // namespace

const char *name_of(Damage damage) {
    constexpr const char *kNames[kDamages] = {"1 flipped bit anywhere",
                                              "16 random bytes in a page",
                                              "2 bytes in a page header",
                                              "page zeroed",
                                              "page of random garbage",
                                              "1 bit in a meta page",
                                              "file truncated",
                                              "page replaced by another",
                                              "two pages swapped",
                                              "page from an earlier copy",
                                              "older form of the same page"};
    return kNames[static_cast<int>(damage)];
}

Folder::Folder() : path(::access("/dev/shm", W_OK) == 0 ? "/dev/shm/kith-XXXXXX" : "/tmp/kith-XXXXXX") {
    if (::mkdtemp(path.data()) == nullptr) std::abort();
}

Folder::~Folder() { std::filesystem::remove_all(path); }

Base make_base(const std::string &folder) {
    Base base;
    const auto path = folder + "/base.kith";
    EXPECT_EQ(kith::test::run({"sample", path, "--customers", "300"}).status, 0);
    base.earlier.push_back(read_file(path));
    live_on(path);
    for (int i = 0; i < 12; ++i) {
        base.earlier.push_back(read_file(path));
        rename(path, i);
    }
    {
        const auto env = *kith::store::Env::open(path, {});
        const auto view = *env->snapshot();
        for (int i = 1; i <= kith::store::kTables; ++i) {
            const auto table = static_cast<kith::store::Table>(i);
            EXPECT_GT(*view->count(table), 0u) << kith::store::table_name(table) << " is empty";
        }
        // Each of the two segments has a row of its own.
        EXPECT_GT(*view->count(kith::store::Table::members), 2u) << "nobody is in a segment";
    }
    base.sound = read_file(path);
    base.older_forms = find_older_forms(base);
    EXPECT_GT(base.older_forms.size(), 100u);
    auto *const store = open(path, KITH_CHECK_FULL);
    EXPECT_TRUE(store && Everything(store).read(base.truth));
    kith_store_close(store);
    return base;
}

std::string damaged(const Base &base, Damage damage, std::mt19937_64 &random) {
    std::string out = base.sound;
    const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    const std::size_t pages = out.size() / kPage;
    const auto page = [&] { return (2 + below(pages - 2)) * kPage; };
    const auto scribble = [&](std::size_t at, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) out[at + i] = static_cast<char>(random());
    };
    const auto flip = [&](std::size_t at) { out[at] = static_cast<char>(out[at] ^ (1 << below(8))); };
    while (out == base.sound) {
        switch (damage) {
            case Damage::bit:
                flip(below(out.size()));
                break;
            case Damage::bytes_16:
                scribble(page() + below(kPage - 16), 16);
                break;
            case Damage::header_bytes: {
                const auto at = page();
                for (int i = 0; i < 2; ++i) scribble(at + below(64), 1);
                break;
            }
            case Damage::zeroed:
                out.replace(page(), kPage, kPage, '\0');
                break;
            case Damage::garbage:
                scribble(page(), kPage);
                break;
            case Damage::meta_bit:  // mostly where the meta page says something
                flip(below(2) * kPage + below(below(4) == 0 ? kPage : 168));
                break;
            case Damage::truncated: {
                const std::size_t kinds[] = {below(out.size()), below(pages) * kPage,
                                             out.size() - 1 - below(8 * kPage),
                                             (pages - 1 - below(8)) * kPage, below(3 * kPage)};
                out.resize(kinds[below(std::size(kinds))]);
                break;
            }
            case Damage::replaced:
                out.replace(page(), kPage, base.sound, page(), kPage);
                break;
            case Damage::swapped: {
                const auto a = page(), b = page();
                out.replace(a, kPage, base.sound, b, kPage);
                out.replace(b, kPage, base.sound, a, kPage);
                break;
            }
            case Damage::older_form: {
                const auto &[at, bytes] = base.older_forms[below(base.older_forms.size())];
                out.replace(at, kPage, bytes);
                break;
            }
            case Damage::stale: {
                const auto &earlier = base.earlier[below(base.earlier.size())];
                const auto at = (2 + below(std::min(out.size(), earlier.size()) / kPage - 2)) * kPage;
                out.replace(at, kPage, earlier, at, kPage);
                break;
            }
        }
    }
    return out;
}

Outcome trial(const Base &base, const std::string &bytes, const std::string &path, std::uint32_t check) {
    ::unlink((path + "-lock").c_str());
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(kSecondsMax);
        ::freopen("/dev/null", "w", stderr);
        ::_exit(10 + static_cast<int>(look(path, check, base.truth)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) - 10 : -1;
    return code >= 0 && code < kOutcomes ? static_cast<Outcome>(code) : Outcome::crash;
}

Counts run_trials(const Base &base, const std::string &folder, int trials_each, std::uint32_t check,
                  std::uint64_t seed) {
    Counts counts{};
    std::printf("%-28s %8s %8s %8s %8s %8s %8s\n",
                check == KITH_CHECK_FULL ? "check at open: full" : "check at open: quick", "refused",
                "verify", "error", "none", "crash", "silent");
    for (int kind = 0; kind < kDamages; ++kind) {
        auto &row = counts[static_cast<std::size_t>(kind)];
        for (int i = 0; i < trials_each; ++i) {
            const auto own = seed + static_cast<std::uint64_t>(kind * 1'000'000 + i);
            std::mt19937_64 random(own);
            const auto bytes = damaged(base, static_cast<Damage>(kind), random);
            const auto outcome = trial(base, bytes, folder + "/bad.kith", check);
            ++row[static_cast<std::size_t>(outcome)];
            if (outcome == Outcome::silent || (outcome == Outcome::crash && check == KITH_CHECK_FULL)) {
                std::size_t at = 0;
                while (at < bytes.size() && bytes[at] == base.sound[at]) ++at;
                std::printf("  %s: %s, trial %d, first at byte %zu (page %zu)\n",
                            outcome == Outcome::silent ? "silent" : "crash",
                            name_of(static_cast<Damage>(kind)), i, at, at / kPage);
            }
        }
        std::printf("%-28s %8d %8d %8d %8d %8d %8d\n", name_of(static_cast<Damage>(kind)), row[0], row[1],
                    row[2], row[3], row[4], row[5]);
        std::fflush(stdout);
    }
    return counts;
}

int total(const Counts &counts, Outcome outcome) {
    int sum = 0;
    for (const auto &row : counts) sum += row[static_cast<std::size_t>(outcome)];
    return sum;
}

std::uint64_t choose_seed() {
    const char *const given = std::getenv("KITH_SEED");
    const auto seed = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::printf("KITH_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return seed;
}

}  // namespace kith_test
