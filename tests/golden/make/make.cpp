// Makes the golden store of the present format: make_golden FOLDER writes format-N.kith, and format-N.txt
// with what it says. Every kind of record, by the public calls; the clock and the random bytes are the
// program's.
#include "golden/golden.hpp"

#include <lmdb.h>

#include <cstdio>
#include <cstdlib>

using namespace kith_test;

namespace {

kith_error error = make<kith_error>();

void require(bool done, const char *what) {
    if (done) return;
    std::fprintf(stderr, "make_golden: %s: %s\n", what, error.message);
    std::exit(1);
}
#define DO(call) require((call) == KITH_OK, #call)

constexpr kith_time kYear2024 = 1'704'067'200'000'000;
constexpr kith_time day(std::int64_t number) { return kYear2024 + number * kDay; }

// The machine and its owner: what time it is, and bytes that no run has otherwise.
struct Source {
    kith_time now = day(0);
    std::uint32_t state = 1;
    static int64_t clock(uintptr_t self) { return reinterpret_cast<Source *>(self)->now; }
    static void random(uintptr_t self, uint8_t *out, size_t size) {
        auto &state = reinterpret_cast<Source *>(self)->state;
        for (std::size_t i = 0; i < size; ++i) {
            state = state * 1664525 + 1013904223;
            out[i] = static_cast<uint8_t>(state >> 24);
        }
    }
};

kith_interaction event(std::string_view type, std::string_view key, kith_time at) {
    auto out = order(key, at, 0);
    out.type = str(type);
    out.fields = 0;
    return out;
}

kith_field written(std::string_view name, std::string_view text) {
    kith_field out{};
    out.name = str(name);
    out.text = str(text);
    return out;
}

const std::string kLong = "a key longer than a key may be " + std::string(250, 'k');

class Maker {
public:
    explicit Maker(const std::string &path) {
        auto options = make<kith_open_options>();
        options.flags = KITH_OPEN_CREATE;
        options.map_reserve_bytes = 16 << 20;
        options.currency = str("EUR");
        options.time_zone = str("Europe/Zagreb");
        options.device = str("till 1");
        options.now = Source::clock;
        options.random = Source::random;
        options.user_data = reinterpret_cast<uintptr_t>(&source_);
        DO(kith_store_open(path.c_str(), KITH_NTS, &options, &store_, &error));
        DO(kith_batch_new(store_, &batch_, &error));
    }
    ~Maker() {
        kith_batch_free(batch_);
        kith_store_close(store_);
    }

    void make_all() {
        definitions();
        directory();
        parties();
        steady_customer();
        lost_customer();
        contacts();
        corrections();
        history();
        scores();
        due_work();
    }
    std::string what_it_says() {
        const std::string text = said(store_, error);
        require(!text.empty(), "reading it");
        return text;
    }

private:
    void commit(kith_time now) {
        source_.now = now;
        DO(kith_batch_commit(batch_, nullptr, &error));
        kith_batch_clear(batch_);
    }
    void put(const kith_ref &ref, const kith_party &party) {
        DO(kith_party_put(batch_, &ref, KITH_ITEM_CREATE, &party, nullptr, &error));
    }
    void identify(const kith_ref &ref, std::string_view kind, std::string_view value, std::uint32_t flags = 0,
                  std::uint32_t fields = 0) {
        auto in = make<kith_identifier>();
        in.kind = str(kind);
        in.value = str(value);
        in.flags = flags;
        in.fields = fields;
        in.verified_at = day(1);
        in.valid_from = day(0);
        in.valid_to = day(3000);
        DO(kith_identifier_add(batch_, &ref, 0, &in, nullptr, &error));
    }
    void append(const kith_ref &ref, const kith_interaction &interaction,
                std::uint32_t flags = KITH_ITEM_CREATE) {
        DO(kith_interaction_append(batch_, &ref, flags, &interaction, nullptr, &error));
    }
    void define(std::string_view json) { DO(kith_define(batch_, json.data(), json.size(), nullptr, &error)); }

    void definitions() {
        define(R"json({"playbook": "own", "format": 1, "version": 1, "settings": {"few": 2},
            "labels": {"zh": {"m.sales": "销售"}}, "define": [
            {"type": "list.trade", "codes": {"food": {"codes": {"tea": {}}}, "tools": {}}},
            {"type": "party", "fields": {"trade": "list.trade", "since": "date", "likes": "text"}},
            {"type": "trial", "fields": {"until": "date", "worth": "money", "words": "text"}, "cost": "5.00 EUR"},
            {"metric": "sales", "sum": "order", "of": "i.amount"},
            {"metric": "typical", "median": "order", "of": "i.amount", "window": "P1Y"},
            {"metric": "all_sales", "sum": "order", "of": "i.amount", "per": "all"},
            {"bands": "size", "of": "m.sales", "classes": [{"up_to": 100, "is": 1}, {"is": 2}]},
            {"segment": "buyers", "when": "m.orders >= int(setting.few) - 1"},
            {"segment": "quiet", "when": "daysBetween(m.last_order_at, now) > 30"}]})json");
        commit(day(0));
        define(R"json({"playbook": "own", "format": 1, "version": 2, "define": [
            {"bands": "size", "of": "m.sales", "classes": [{"up_to": 200, "is": 1}, {"is": 2}]}]})json");
        commit(day(0));
    }

    // Every field; one actor that is no longer active.
    void directory() {
        const kith_str path[] = {str("hardware"), str("tools")};
        auto product = make<kith_product>();
        product.fields = KITH_PRODUCT_FIELD_NAME | KITH_PRODUCT_FIELD_CATEGORY;
        product.key = str("nails");
        product.name = str("Nails, 60 mm");
        product.category = path;
        product.category_count = 2;
        DO(kith_product_put(batch_, &product, 0, nullptr, &error));
        const kith_code_value skills[] = {{str("repair"), 3}}, limits[] = {{str("discount"), 5000}};
        auto actor = make<kith_actor>();
        actor.fields = 127;
        actor.key = str("Ivo");
        actor.name = str("Ivo \xC5\xBDuvela");
        actor.part_of = str("shop 1");
        actor.calendar = str("weekdays");
        actor.skills = skills;
        actor.skill_count = 1;
        actor.limits = limits;
        actor.limit_count = 1;
        actor.active = 1;
        DO(kith_actor_put(batch_, &actor, 0, nullptr, &error));
        auto branch = make<kith_actor>();
        branch.fields = KITH_ACTOR_FIELD_KIND | KITH_ACTOR_FIELD_ACTIVE;
        branch.key = str("shop 1");
        branch.kind = KITH_ACTOR_BRANCH;
        DO(kith_actor_put(batch_, &branch, 0, nullptr, &error));
        auto campaign = make<kith_campaign>();
        campaign.fields = 31;
        campaign.key = str("spring");
        campaign.name = str("Spring 2024");
        campaign.purpose = str("win_back");
        campaign.starts_at = day(200);
        campaign.ends_at = day(290);
        campaign.budget = 100000;
        DO(kith_campaign_put(batch_, &campaign, 0, nullptr, &error));
        commit(day(0));
    }

    // Of each sort of subject and of value; links of each end, one taken back.
    void scores() {
        const auto ada = host("shop", "ada"), kai = host("shop", "kai");
        auto score = make<kith_score>();
        score.subject = KITH_SUBJECT_PARTY;
        score.nature = KITH_NATURE_ESTIMATED;
        score.metric = str("buying_power");
        score.key = str("hardware");
        score.at = day(300);
        score.period = str("2024");
        score.fields = KITH_SCORE_FIELD_MONEY | KITH_SCORE_FIELD_CONFIDENCE | KITH_SCORE_FIELD_N |
                       KITH_SCORE_FIELD_SPREAD;
        score.money = 9000000;
        score.confidence = 0.75;
        score.n = 12;
        score.spread = 1.5;
        score.source = str("survey");
        score.method = str("asked");
        score.author = str("Ivo");
        score.definition_version = 2;
        score.system = str("survey");
        score.host_key = str("s1");
        DO(kith_score_append(batch_, &ada, 0, &score, nullptr, &error));
        for (const auto subject :
             {KITH_SUBJECT_ALL, KITH_SUBJECT_ACTOR, KITH_SUBJECT_PRODUCT, KITH_SUBJECT_CAMPAIGN}) {
            auto other = make<kith_score>();
            other.subject = static_cast<std::uint32_t>(subject);
            other.subject_key = str(subject == KITH_SUBJECT_ALL ? "" : "Ivo");
            other.nature = KITH_NATURE_COMPUTED;
            other.metric = str("grade");
            other.at = day(301);
            if (subject == KITH_SUBJECT_PRODUCT) {
                other.text = str("gold");
            } else {
                other.fields = KITH_SCORE_FIELD_NUMBER;
                other.number = 0.1;
            }
            DO(kith_score_append(batch_, nullptr, 0, &other, nullptr, &error));
        }
        auto link = make<kith_link>();
        link.kind = KITH_LINK_INFLUENCES;
        link.fields = KITH_LINK_FIELD_VALID_FROM | KITH_LINK_FIELD_VALID_TO;
        link.valid_from = day(1);
        link.valid_to = day(400);
        link.stance = KITH_STANCE_FOR;
        link.strength = 60;
        DO(kith_link_put(batch_, &ada, &kai, 0, &link, nullptr, &error));
        link = make<kith_link>();
        link.kind = KITH_LINK_REFERS;
        DO(kith_link_put(batch_, &ada, &kai, 0, &link, nullptr, &error));
        link.undone = 1;
        DO(kith_link_put(batch_, &ada, &kai, 0, &link, nullptr, &error));
        link = make<kith_link>();
        link.kind = KITH_LINK_KNOWS;
        link.actor = str("Ivo");
        DO(kith_link_put(batch_, nullptr, &kai, 0, &link, nullptr, &error));
        commit(day(302));
    }

    // Every field and both sources of them; identifiers claimed, shared, hashed, with times.
    void parties() {
        auto ada = make<kith_party>();
        ada.fields = KITH_PARTY_FIELD_KIND | KITH_PARTY_FIELD_ROLES | KITH_PARTY_FIELD_NAME |
                     KITH_PARTY_FIELD_LANGUAGE | KITH_PARTY_FIELD_TIME_ZONE | KITH_PARTY_FIELD_OWNER |
                     KITH_PARTY_FIELD_TAGS | KITH_PARTY_FIELD_VALUES;
        const kith_field values[] = {written("trade", "tea"), written("since", "2020-02-29"),
                                     written("likes", "rain, \xC3\xA9")};
        ada.values = values;
        ada.value_count = 3;
        ada.kind = KITH_PARTY_PERSON;
        ada.roles = KITH_ROLE_FINAL | KITH_ROLE_PARTNER;
        ada.name = str("Ada \xC5\xBDivkovi\xC4\x87");
        ada.language = str("hr-HR");
        ada.time_zone = str("Europe/Zagreb");
        ada.owner = str("Ivo");
        ada.tags = str("first,loud");
        put(host("shop", "ada"), ada);
        auto mill = ada;
        mill.kind = KITH_PARTY_ORGANISATION;
        mill.roles = KITH_ROLE_SUPPLIER;
        mill.name = str("Mill & Sons");
        put(host("shop", kLong), mill);
        mill.kind = KITH_PARTY_HOUSEHOLD;
        mill.fields = KITH_PARTY_FIELD_KIND;
        put(host("shop", "household"), mill);
        commit(day(1));

        identify(host("shop", "ada"), "email", " Ada@Example.org", 0,
                 KITH_IDENTIFIER_FIELD_VERIFIED_AT | KITH_IDENTIFIER_FIELD_VALID_FROM |
                     KITH_IDENTIFIER_FIELD_VALID_TO);
        identify(host("shop", "ada"), "phone", "+385 1 234 567", KITH_IDENTIFIER_SHARED);
        identify(host("shop", "household"), "phone", "+385 1 234 567", KITH_IDENTIFIER_SHARED);
        identify(host("shop", kLong), "openid", kLong);
        ada.fields = KITH_PARTY_FIELD_NAME | KITH_PARTY_FIELD_TAGS;
        ada.name = str("Ada K.");
        ada.tags = {};
        put(identifier("email", "ada@example.org"), ada);
        commit(day(2));
    }

    // Orders of all forms, so that the process walks to its stable state.
    void steady_customer() {
        for (int i = 0; i < 8; ++i) {
            const std::string key = "a" + std::to_string(i);
            append(host("shop", "ada"), order(key, day(10 + 30 * i), 1000 + i));
        }
        auto sale = order(kLong, day(260), 5000);
        const kith_line lines[] = {
            {str("nails"), 100 * KITH_DECIMAL_ONE, KITH_DECIMAL_ONE / 4, 2500, {}, 0, 0, 0},
            {str("hammer"), KITH_DECIMAL_ONE, 25 * KITH_DECIMAL_ONE, 2500, str("tools"), 900,
             KITH_LINE_FIELD_MARGIN, 0}};
        sale.lines = lines;
        sale.line_count = 2;
        sale.actor = str("Ivo");
        sale.campaign = str("spring");
        append(host("shop", "ada"), sale);
        sale = order("dollars", day(265), 4000);
        memcpy(sale.currency, "USD", 4);
        sale.base_amount = 3700;
        sale.fields |= KITH_INTERACTION_FIELD_BASE_AMOUNT;
        append(host("shop", "ada"), sale);
        auto back = event("return", "r1", day(266));
        back.amount = 1000;
        back.fields = KITH_INTERACTION_FIELD_AMOUNT;
        append(host("shop", "ada"), back);
        commit(day(270));
        append(host("shop", "ada"), order("late", day(15), 700));  // older than what is recorded
        commit(day(271));
    }

    // Who goes to decline and back (kept), and to decline and on to dormant (broken).
    void lost_customer() {
        for (const char *key : {"ben", "eva", "zoe"}) {
            for (int i = 0; i < 4; ++i) {
                append(host("shop", key), order(key + std::to_string(i), day(20 + 20 * i), 2000));
            }
        }
        commit(day(272));
        append(host("shop", "ben"), order("ben is back", day(275), 2000));
        commit(day(275));
    }

    void contacts() {
        auto call = event("call", "c1", day(276));
        call.direction = KITH_DIRECTION_OUT;
        call.medium = str("phone");
        call.scope = str("talked");
        call.topic = str("offer");
        call.outcome = str("maybe");
        call.actor = str("Ivo");
        call.with_whom = str("her sister");
        call.text = str("Asked for a larger hammer.");
        call.next_step = str("send the list");
        call.cost = 150;
        call.duration_s = 240;
        call.fields = KITH_INTERACTION_FIELD_COST | KITH_INTERACTION_FIELD_DURATION;
        append(identifier("email", "ada@example.org"), call);
        auto trial = event("trial", "t1", day(276));
        const kith_field values[] = {written("until", "2026-01-31"), written("worth", "12.50 EUR"),
                                     written("words", "liked it")};
        trial.values = values;
        trial.value_count = 3;
        append(host("shop", "ada"), trial);
        auto visit = event("visit", "", day(276));
        visit.system = visit.key = {};
        append(host("till", "walk-in"), visit, KITH_ITEM_CREATE_ANONYMOUS);
        commit(day(276));
    }

    void corrections() {
        kith_snapshot *snapshot = nullptr;
        auto right = order("a3 corrected", day(100), 9999);
        DO(kith_snapshot_begin(store_, &snapshot, &error));
        DO(kith_interaction_find(snapshot, "shop", KITH_NTS, "a3", KITH_NTS, &right.corrects, &error));
        right.fields |= KITH_INTERACTION_FIELD_CORRECTS;
        kith_snapshot_end(snapshot);
        append(host("shop", "ada"), right);
        commit(day(277));
    }

    // Taken over: its commitments are historic.
    void history() {
        DO(kith_batch_effects_from(batch_, day(250), &error));
        for (int i = 0; i < 3; ++i) {
            append(host("shop", "kai"), order("k" + std::to_string(i), day(-800 + 10 * i), 500));
        }
        commit(day(278));
    }

    // Timers fire; one commitment is taken up by a person, the last stay open and due.
    void due_work() {
        source_.now = day(340);
        DO(kith_store_run_due(store_, day(340), nullptr, &error));
        kith_snapshot *snapshot = nullptr;
        kith_cursor *cursor = nullptr;
        kith_page *page = nullptr;
        auto query = make<kith_query>();
        query.list = KITH_LIST_COMMITMENTS;
        DO(kith_snapshot_begin(store_, &snapshot, &error));
        DO(kith_cursor_open(snapshot, &query, &cursor, &error));
        DO(kith_cursor_next(cursor, 10, &page, &error));
        std::size_t count = 0;
        const kith_id first = kith_page_commitments(page, &count)[0]->id;
        kith_page_free(page);
        kith_cursor_free(cursor);
        kith_snapshot_end(snapshot);
        DO(kith_commitment_set_state(batch_, &first, KITH_COMMITMENT_ACCEPTED, day(341), nullptr, &error));
        commit(day(341));
    }

    Source source_;
    kith_store *store_ = nullptr;
    kith_batch *batch_ = nullptr;
};

// Without free pages.
void copy_compact(const std::string &from, const std::string &to) {
    MDB_env *env = nullptr;
    const bool copied = mdb_env_create(&env) == 0 && mdb_env_set_maxdbs(env, 64) == 0 &&
                        mdb_env_open(env, from.c_str(), MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0644) == 0 &&
                        mdb_env_copy2(env, to.c_str(), MDB_CP_COMPACT) == 0;
    mdb_env_close(env);
    require(copied, "copying it");
}

}  // namespace

int main(int argc, char **argv) {
    require(argc == 2, "make_golden FOLDER");
    const std::string stem = std::string(argv[1]) + "/" + golden_name(KITH_FORMAT_VERSION);
    const std::string working = stem + ".working";
    for (const auto &file : {working, working + "-lock", stem + ".kith"}) std::filesystem::remove(file);
    std::string text;
    {
        Maker maker(working);
        maker.make_all();
        text = maker.what_it_says();
    }
    copy_compact(working, stem + ".kith");
    for (const auto &file : {working, working + "-lock"}) std::filesystem::remove(file);
    std::ofstream(stem + ".txt", std::ios::binary) << text;
    return 0;
}
