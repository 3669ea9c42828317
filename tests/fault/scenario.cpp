#include "fault/scenario.hpp"

#include <errno.h>
#include <execinfo.h>
#include <lmdb.h>

#include <cstring>
#include <stdexcept>

#include "capi/fixture.hpp"
#include "fault/strike.hpp"

namespace kith_test::fault {

bool is_sensible(int status) {
    switch (struck().code) {
        case 0:  // an allocation
        case ENOMEM:
            return status == KITH_E_NOMEM;
        case EIO:
            return status == KITH_E_IO;
        case ENOSPC:
        case MDB_MAP_FULL:
            return status == KITH_E_FULL;
        case EACCES:
            return status == KITH_E_PERMISSION;
        case EMFILE:
        case MDB_TXN_FULL:
            return status == KITH_E_LIMIT;
        case EAGAIN:
        case MDB_READERS_FULL:
        case MDB_MAP_RESIZED:
            return status == KITH_E_BUSY;
        case MDB_DBS_FULL:
            return status == KITH_E_INTERNAL;
        default:
            return status == KITH_E_CORRUPT;
    }
}

namespace {

constexpr const char *kPlaybook = R"({"playbook": "visits", "format": 1, "version": 1, "about": "a test",
    "define": [{"process": "visits", "per": "party", "start": {"on": "visit"}, "initial": "seen",
    "states": {"seen": {"after": [{"delay": "P30D", "anchor": "m.last_order_at", "target": "away"}]}, "away": {}}}]})";

constexpr const char *kValues =
    R"json({"playbook": "values", "format": 1, "version": 1, "about": "a test",
    "settings": {"few": 2}, "labels": {"zh": {"cell.worth.best": "\u660e\u661f"}}, "define": [
    {"type": "list.trade", "codes": {"food": {"codes": {"tea": {}}}}},
    {"type": "party", "fields": {"trade": "list.trade", "likes": "text"}},
    {"type": "trial", "fields": {"until": "date", "words": "text"}, "cost": "1.00 USD"},
    {"metric": "trials", "count": "trial", "where": "i.until > date('2020-01-01')"},
    {"segment": "in_tea", "when": "party.trade == 'tea'"},
    {"metric": "bought", "count": "order", "window": "P2Y"},
    {"metric": "sold", "sum": "order", "of": "i.amount", "per": "actor", "by": "month"},
    {"metric": "all_orders", "count": "order", "per": "all"},
    {"metric": "twice", "value": "m.all_orders * 2", "per": "all", "good": "up", "target": "=m.all_orders",
     "tags": {"element": "count", "layer": "operation"}, "labels": {"zh": "两倍"}},
    {"bands": "often", "of": "m.bought", "classes": [{"is": "seldom", "up_to": "=setting.few"}, {"is": "often"}]},
    {"bands": "much", "of": "m.amount_total", "classes": [{"is": "little", "up_to": 20}, {"is": "much"}]},
    {"matrix": "worth", "x": "band.often", "y": "band.much", "cells": [
        {"x": "seldom", "y": "little", "is": "low"}, {"x": "often", "y": "little", "is": "loyal"},
        {"x": "seldom", "y": "much", "is": "big"}, {"x": "often", "y": "much", "is": "best"}]},
    {"metric": "middle", "median": "order", "of": "i.amount", "per": "actor"},
    {"segment": "good", "when": "m.bought >= 3 || cell.worth == 'best'"},
    {"segment": "quiet", "when": "daysBetween(m.last_order_at, now) > 14"},
    {"scorecard": "fit", "method": "weighted_mean", "scale": [0, 10], "indicators": [
        {"name": "often", "value": "m.bought", "weight": 0.5}, {"name": "big", "value": "1.0", "weight": 0.5}]}]})json";

class Broken : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Host {
public:
    Host(Day &day, std::string path) : day_(day), path_(std::move(path)) {}
    ~Host() { free_all(); }

    void live() {
        open();
        values();
        write();
        read_records();
        read_lists();
        read_directory();
        analyse();
        expressions();
        subjects();
        export_all();
        copy_files();
        free_all();
    }

    void free_all();

    kith_error error = make<kith_error>();

private:
#define CALL(wanted, function, ...) \
    run(#function, wanted, [&] { return function(__VA_ARGS__ __VA_OPT__(, ) & error); })
#define VALUE(function, ...) value(#function, [&] { return function(__VA_ARGS__); })
#define DO(function, ...) value(#function, [&] { function(__VA_ARGS__); })

    template <class F>
    void run(const char *name, kith_status wanted, F call) {
        day_.called.insert(name);
        const auto live = kith_debug_live_handles();
        const auto before = hits();
        const auto status = armed_call(call);
        if (status == wanted) return;
        const auto said = [&] {
            return std::string(name) + ": " + kith_status_name(status) + ": " + error.message;
        };
        if (hits() == before) throw Broken("without a fault, " + said());
        if (!is_sensible(status)) throw Broken(said());
        if (error.status != status || error.message[0] == 0) throw Broken("no message, " + said());
        if (kith_debug_live_handles() != live) throw Broken("a handle is left, " + said());
        day_.failed = name;
        const auto again = call();
        if (again == wanted) return;
        day_.reopen = std::strstr(error.message, "open it again") != nullptr;
        throw Broken("again, " + std::string(name) + ": " + error.message);
    }

    template <class F>
    static auto armed_call(F call) {
        arm();
        const auto result = call();
        disarm();
        return result;
    }

    template <class F>
    auto value(const char *name, F call) {
        day_.called.insert(name);
        if constexpr (std::is_void_v<decltype(call())>) {
            arm();
            call();
            disarm();
        } else {
            return armed_call(call);
        }
    }

    void expect(bool holds, const char *what) {
        if (!holds) throw Broken(what);
    }
    // Handles that a call handed out and that the fault may have kept it from.
    template <class T>
    T *made(T *handle) {
        expect(handle != nullptr, "a call succeeded and handed out nothing");
        return handle;
    }

    void open();
    void values();
    void write();
    void directory(const kith_ref &ann);
    void read_directory();
    void read_records();
    void read_lists();
    void analyse();
    void expressions();
    void subjects();
    void typed();
    void measured();
    void export_all();
    void copy_files();
    void commit();
    void free_page();
    void table_of(std::size_t columns);
    void list(kith_query query, std::size_t at_least);

    Day &day_;
    const std::string path_;
    World world_;
    kith_store *store_ = nullptr;
    kith_snapshot *view_ = nullptr;
    kith_batch *batch_ = nullptr;
    kith_cursor *cursor_ = nullptr;
    kith_page *page_ = nullptr;
    kith_table *table_ = nullptr;
    kith_export *export_ = nullptr;
    kith_expr *expr_ = nullptr, *condition_ = nullptr, *form_ = nullptr;
    kith_expr_result *result_ = nullptr;
    kith_id ann_{}, process_{};
    kith_interaction_id sale_{};
};

void Host::free_all() {
    DO(kith_expr_result_free, result_);
    DO(kith_expr_free, expr_);
    DO(kith_expr_free, condition_);
    DO(kith_expr_free, form_);
    DO(kith_table_free, table_);
    DO(kith_page_free, page_);
    DO(kith_cursor_free, cursor_);
    DO(kith_batch_free, batch_);
    DO(kith_export_free, export_);
    DO(kith_snapshot_end, view_);
    DO(kith_store_close, store_);
    result_ = nullptr;
    expr_ = condition_ = form_ = nullptr;
    table_ = nullptr;
    page_ = nullptr;
    cursor_ = nullptr;
    batch_ = nullptr;
    export_ = nullptr;
    view_ = nullptr;
    store_ = nullptr;
}

void Host::free_page() {
    DO(kith_page_free, page_);
    page_ = nullptr;
}

void Host::open() {
    expect(VALUE(kith_version_number) == KITH_VERSION_NUMBER, "version");
    expect(VALUE(kith_version_string) && VALUE(kith_version_lmdb) && VALUE(kith_version_tzdata), "versions");
    expect(std::strcmp(VALUE(kith_status_name, KITH_E_BUSY), "KITH_E_BUSY") == 0, "status name");
    auto options = world_.options();
    options.map_reserve_bytes = 1 << 20;
    options.time_zone = str("Europe/Zagreb");
    options.device = str("till 1");
    CALL(KITH_OK, kith_store_open, path_.c_str(), KITH_NTS, &options, &store_);
    made(store_);
    CALL(KITH_OK, kith_batch_new, store_, &batch_);
}

void Host::values() {
    kith_time time = 0;
    std::int64_t number = 0;
    char buffer[33];
    CALL(KITH_OK, kith_time_parse, "2026-01-31 09:30", KITH_NTS, "Asia/Tokyo", KITH_NTS, &time);
    const auto written = VALUE(kith_time_format, time, buffer, sizeof buffer);
    expect(written > 0 || (hits() > 0 && kith_time_format(time, buffer, sizeof buffer) > 0), "time format");
    CALL(KITH_OK, kith_decimal_parse, "12.50", KITH_NTS, 2, &number);
    expect(number == 1250, "decimal");
    expect(VALUE(kith_decimal_format, number, 2, buffer, sizeof buffer) == 5, "decimal format");
    CALL(KITH_OK, kith_line_amount, KITH_DECIMAL_ONE, 12'500'000, 2, &number);
    DO(kith_hash_text, "kith", 4, buffer);
    expect(VALUE(kith_debug_live_handles) == 2, "live handles");
}

void Host::commit() {
    auto info = make<kith_commit_info>();
    CALL(KITH_OK, kith_batch_commit, batch_, &info);
    const auto items = VALUE(kith_batch_count, batch_);
    expect(items > 0 && info.items == items, "items of the batch");
    for (std::uint32_t i = 0; i < items; i += items / 2 + 1) {
        auto outcome = make<kith_outcome>();
        CALL(KITH_OK, kith_batch_outcome, batch_, i, &outcome);
    }
    DO(kith_batch_clear, batch_);
}

void Host::write() {
    const auto ann = host("shop", "ann");
    auto party = make<kith_party>();
    party.fields = KITH_PARTY_FIELD_NAME | KITH_PARTY_FIELD_TAGS | KITH_PARTY_FIELD_ROLES |
                   KITH_PARTY_FIELD_LANGUAGE | KITH_PARTY_FIELD_OWNER;
    party.name = str("Ann \xc3\x89 Example, whose name is longer than any short string");
    party.tags = str("regular,newsletter,a-tag-of-some-length");
    party.language = str("hr");
    party.owner = str("clerk 12");
    party.roles = KITH_ROLE_FINAL;
    CALL(KITH_OK, kith_party_put, batch_, &ann, KITH_ITEM_CREATE, &party, nullptr);
    auto email = make<kith_identifier>();
    email.kind = str("email");
    email.value = str("Ann@Example.com");
    CALL(KITH_OK, kith_identifier_add, batch_, &ann, KITH_ITEM_CREATE, &email, nullptr);
    CALL(KITH_OK, kith_define, batch_, kPlaybook, KITH_NTS, nullptr);
    CALL(KITH_OK, kith_definition_check, kPlaybook, KITH_NTS);
    CALL(KITH_OK, kith_batch_effects_from, batch_, kNow - 900 * kDay);
    commit();

    directory(ann);
    const std::string long_text(9000, 't');
    const kith_line lines[2] = {
        {str("coffee"), KITH_DECIMAL_ONE, 12'500'000, 1250, {}, 400, KITH_LINE_FIELD_MARGIN, 0},
        {str("cake"), 2 * KITH_DECIMAL_ONE, 3'000'000, 600, str("sweet"), 0, 0, 0}};
    for (int i = 0; i < 4; ++i) {
        const auto key = "R" + std::to_string(i);
        auto sale = order(key, kNow - (400 - 30 * i) * kDay, 1850 + i);
        sale.lines = lines;
        sale.line_count = 2;
        sale.medium = str("shop");
        sale.actor = str("clerk 12");
        sale.text = str(long_text);
        CALL(KITH_OK, kith_interaction_append, batch_, &ann, 0u, &sale, nullptr);
    }
    auto nameless = order({}, kNow - 200 * kDay, 77);  // without a host key: twice would be two
    nameless.system = nameless.key = {};
    CALL(KITH_OK, kith_interaction_append, batch_, &ann, 0u, &nameless, nullptr);
    kith_ref refs[3] = {host("shop", "bob"), host("shop", "cyd"), host("shop", "bob")};
    kith_interaction many[3] = {order("M1", kNow - 390 * kDay, 500), order("M2", kNow - 100 * kDay, 700),
                                order("M3", kNow - 360 * kDay, 900)};
    many[1].type = str("visit");
    CALL(KITH_OK, kith_interaction_append_many, batch_, refs, KITH_ITEM_CREATE, many, 3, sizeof many[0]);
    commit();

    CALL(KITH_OK, kith_snapshot_begin, store_, &view_);
    CALL(KITH_OK, kith_interaction_find, view_, "shop", KITH_NTS, "R1", KITH_NTS, &sale_);
    auto corrected = order("R1b", kNow - 370 * kDay, 1000);
    corrected.fields |= KITH_INTERACTION_FIELD_CORRECTS;
    corrected.corrects = sale_;
    CALL(KITH_OK, kith_interaction_append, batch_, &ann, 0u, &corrected, nullptr);
    DO(kith_snapshot_end, view_);
    view_ = nullptr;
    commit();
    for (const auto at : {kNow - 180 * kDay, kNow - 50 * kDay}) {
        auto report = make<kith_due_report>();
        CALL(KITH_OK, kith_store_run_due, store_, at, &report);
    }
    CALL(KITH_OK, kith_snapshot_begin, store_, &view_);

    // Events for a process: put, and taken back.
    kith_field severity{};
    severity.name = str("severity");
    severity.text = str("3");
    auto event = make<kith_process_event>();
    event.process = str("complaint");
    event.key = str("a key that is longer than short strings");
    event.at = kNow;
    event.values = &severity;
    event.value_count = 1;
    CALL(KITH_OK, kith_process_open, batch_, &ann, 0u, &event, nullptr);
    event.event = str("acknowledged");
    event.reason = str("called back, and that was all there was to it");
    CALL(KITH_OK, kith_process_send, batch_, &ann, 0u, &event, nullptr);
    DO(kith_batch_clear, batch_);

    // One of the commitments that this opened is kept.
    auto query = make<kith_query>();
    query.list = KITH_LIST_COMMITMENTS;
    CALL(KITH_OK, kith_cursor_open, view_, &query, &cursor_);
    CALL(KITH_OK, kith_cursor_next, cursor_, 10, &page_);
    std::size_t count = 0;
    const auto *const *due = VALUE(kith_page_commitments, page_, &count);
    expect(count > 0, "a commitment is open");
    CALL(KITH_OK, kith_commitment_set_state, batch_, &due[0]->id, KITH_COMMITMENT_DOING, kNow - 40 * kDay,
         nullptr);
    auto changes = make<kith_commitment_changes>();
    changes.fields = KITH_COMMITMENT_CHANGE_ASSIGNEE | KITH_COMMITMENT_CHANGE_EVIDENCE;
    changes.id = due[0]->id;
    changes.assignee = str("an assignee whose key is longer than short strings");
    changes.evidence = str("evidence that is longer than short strings are");
    CALL(KITH_OK, kith_commitment_change, batch_, &changes, nullptr);
    auto promise = make<kith_new_commitment>();
    promise.fields = KITH_NEW_COMMITMENT_FIELD_DUE;
    promise.sort = KITH_SORT_PROMISE;
    promise.kind = str("delivery");
    promise.item = str("what is promised, in more bytes than short strings have");
    promise.require = &changes.assignee;
    promise.require_count = 1;
    promise.opened_at = kNow - 45 * kDay;
    promise.due = kNow - 35 * kDay;
    promise.system = str("crm");
    promise.key = str("promise-1");
    CALL(KITH_OK, kith_commitment_make, batch_, &ann, 0u, &promise, nullptr);
    DO(kith_cursor_free, cursor_);
    cursor_ = nullptr;
    free_page();
    CALL(KITH_OK, kith_commitment_get, view_, &changes.id, &page_);
    free_page();
    CALL(KITH_OK, kith_commitment_counts, view_, kNow, &table_);
    table_of(1);
    auto asked = make<kith_request_query>();
    asked.fields = KITH_REQUEST_QUERY_ALL;
    CALL(KITH_OK, kith_requests, view_, &asked, &table_);
    table_of(14);
    CALL(KITH_OK, kith_rules, view_, kNow, &table_);
    table_of(10);
    CALL(KITH_OK, kith_rule_runs, view_, str("none"), nullptr, &table_);
    table_of(5);
    auto simulated = make<kith_simulate_options>();
    simulated.playbook = str("{}");
    simulated.folder = str("/nowhere");
    CALL(KITH_E_MISSING, kith_simulate, view_, &simulated, &table_);
    DO(kith_snapshot_end, view_);
    view_ = nullptr;
    commit();
    // There are none: put into the batch, and taken back.
    CALL(KITH_OK, kith_request_take, batch_, &changes.id, kNow, nullptr);
    CALL(KITH_OK, kith_request_done, batch_, &changes.id, str("told"), 0u, kNow, nullptr);
    CALL(KITH_OK, kith_rule_resume, batch_, str("none"), nullptr);
    DO(kith_batch_clear, batch_);
    CALL(KITH_OK, kith_snapshot_begin, store_, &view_);
    CALL(KITH_OK, kith_snapshot_renew, view_);
}

// Products, actors, campaigns, scores and links, put and changed.
void Host::directory(const kith_ref &ann) {
    const kith_str path[] = {str("food"), str("a code of a category that is longer than short strings")};
    const kith_code_value skills[] = {{str("repair"), 2}, {str("german"), 1}};
    for (int i = 0; i < 2; ++i) {
        auto product = make<kith_product>();
        product.fields = KITH_PRODUCT_FIELD_NAME | KITH_PRODUCT_FIELD_CATEGORY;
        product.key = str("coffee");
        product.name = str(i == 0 ? "Coffee" : "Coffee, ground");
        product.category = path;
        product.category_count = 2;
        CALL(KITH_OK, kith_product_put, batch_, &product, 0u, nullptr);
        auto actor = make<kith_actor>();
        actor.fields = KITH_ACTOR_FIELD_NAME | KITH_ACTOR_FIELD_PART_OF | KITH_ACTOR_FIELD_SKILLS;
        actor.key = str("clerk 12");
        actor.name = str("Mia");
        actor.part_of = str(i == 0 ? "shop 1" : "shop 2");
        actor.skills = skills;
        actor.skill_count = 2;
        CALL(KITH_OK, kith_actor_put, batch_, &actor, 0u, nullptr);
        auto campaign = make<kith_campaign>();
        campaign.fields = KITH_CAMPAIGN_FIELD_BUDGET;
        campaign.key = str("spring");
        campaign.budget = 100 + i;
        CALL(KITH_OK, kith_campaign_put, batch_, &campaign, 0u, nullptr);
        for (const auto subject : {KITH_SUBJECT_PARTY, KITH_SUBJECT_PRODUCT}) {
            auto score = make<kith_score>();
            score.fields = KITH_SCORE_FIELD_NUMBER;
            score.subject = static_cast<std::uint32_t>(subject);
            score.subject_key = str("coffee");
            score.nature = KITH_NATURE_STATED;
            score.metric = str("liking");
            score.at = kNow + i;
            score.number = i;
            score.system = str("survey");
            const auto key = std::to_string(subject) + "/" + std::to_string(i);
            score.host_key = str(key);
            CALL(KITH_OK, kith_score_append, batch_, &ann, 0u, &score, nullptr);
        }
        const auto friend_ = host("shop", i == 0 ? "eve" : "fay");
        auto link = make<kith_link>();
        link.kind = KITH_LINK_REFERS;
        CALL(KITH_OK, kith_link_put, batch_, &ann, &friend_, KITH_ITEM_CREATE, &link, nullptr);
        commit();
    }
}

void Host::read_directory() {
    std::size_t count = 0;
    CALL(KITH_OK, kith_product_get, view_, "coffee", KITH_NTS, &page_);
    expect(VALUE(kith_page_products, page_, &count)[0]->category_count == 2, "a product");
    free_page();
    CALL(KITH_OK, kith_actor_get, view_, "clerk 12", KITH_NTS, &page_);
    expect(VALUE(kith_page_actors, page_, &count)[0]->skill_count == 2, "an actor");
    free_page();
    CALL(KITH_OK, kith_campaign_get, view_, "spring", KITH_NTS, &page_);
    expect(VALUE(kith_page_campaigns, page_, &count)[0]->budget == 101, "a campaign");
    free_page();
    auto latest = make<kith_score_query>();
    latest.subject = KITH_SUBJECT_PRODUCT;
    latest.subject_key = str("coffee");
    latest.metric = str("liking");
    latest.at = kNow;
    CALL(KITH_OK, kith_score_latest, view_, &latest, &page_);
    expect(VALUE(kith_page_scores, page_, &count)[0]->at == kNow, "a score");
    free_page();
    auto query = make<kith_query>();
    for (const auto list_of : {KITH_LIST_PRODUCTS, KITH_LIST_ACTORS, KITH_LIST_CAMPAIGNS}) {
        query.list = static_cast<std::uint32_t>(list_of);
        list(query, 1);
    }
    query.list = KITH_LIST_SCORES;
    list(query, 4);
    query.list = KITH_LIST_LINKS;
    query.party = ann_;
    list(query, 2);
}

void Host::read_records() {
    auto info = make<kith_info>();
    CALL(KITH_OK, kith_store_info, view_, &info);
    expect(info.parties == 5 && info.orders == 7, "totals");
    const auto mail = identifier("email", "ann@example.com");
    CALL(KITH_OK, kith_party_find, view_, &mail, &ann_);
    kith_id found{};
    CALL(KITH_OK, kith_party_search, view_, "ann@EXAMPLE.com", KITH_NTS, &found);
    expect(std::memcmp(&found, &ann_, sizeof found) == 0, "found twice, the same");
    auto party = make<kith_party>();
    CALL(KITH_OK, kith_party_get, view_, &ann_, &party);
    CALL(KITH_OK, kith_interaction_get, view_, &sale_, &page_);
    free_page();
    CALL(KITH_OK, kith_brief, view_, &ann_, 20, &page_);
    std::size_t count = 0;
    expect(VALUE(kith_page_parties, page_, &count) && count == 1, "brief: party");
    expect(VALUE(kith_page_identifiers, page_, &count) && count == 2, "brief: identifiers");
    expect(VALUE(kith_page_interactions, page_, &count) && count == 5, "brief: interactions");
    expect(VALUE(kith_page_figures, page_)->orders == 5, "brief: figures");
    const auto *const *processes = VALUE(kith_page_processes, page_, &count);
    expect(count == 1, "brief: processes");
    process_ = processes[0]->id;
    free_page();
    CALL(KITH_OK, kith_process_log, view_, &process_, &page_);
    expect(VALUE(kith_page_transitions, page_, &count) && count > 1, "log");
    free_page();
}

void Host::list(kith_query query, std::size_t at_least) {
    std::string token;
    std::size_t seen = 0;
    CALL(KITH_OK, kith_cursor_open, view_, &query, &cursor_);
    for (bool more = true; more;) {
        const auto next = [&] { return kith_cursor_next(cursor_, 2, &page_, &error); };
        if (seen < at_least) {
            run("kith_cursor_next", KITH_OK, next);
        } else {
            const auto status = next();
            expect(status == KITH_OK || status == KITH_END, error.message);
            if (status == KITH_END) break;
        }
        kith_str resume{};
        DO(kith_page_resume, page_, &resume);
        std::size_t parties = 0, interactions = 0, commitments = 0, processes = 0, definitions = 0,
                    products = 0, actors = 0, campaigns = 0, scores = 0, links = 0, members = 0;
        VALUE(kith_page_parties, page_, &parties);
        VALUE(kith_page_interactions, page_, &interactions);
        VALUE(kith_page_commitments, page_, &commitments);
        VALUE(kith_page_processes, page_, &processes);
        VALUE(kith_page_definitions, page_, &definitions);
        VALUE(kith_page_products, page_, &products);
        VALUE(kith_page_actors, page_, &actors);
        VALUE(kith_page_campaigns, page_, &campaigns);
        VALUE(kith_page_scores, page_, &scores);
        VALUE(kith_page_links, page_, &links);
        VALUE(kith_page_members, page_, &members);
        seen += parties + interactions + commitments + processes + definitions + products + actors +
                campaigns + scores + links + members;
        if (token.empty()) token.assign(resume.data, resume.size);
        free_page();
    }
    expect(seen >= at_least, "a list is short");
    DO(kith_cursor_free, cursor_);
    cursor_ = nullptr;
    query.resume = str(token);
    CALL(KITH_OK, kith_cursor_open, view_, &query, &cursor_);
    DO(kith_cursor_free, cursor_);
    cursor_ = nullptr;
}

void Host::read_lists() {
    auto query = make<kith_query>();
    query.list = KITH_LIST_PARTIES;
    list(query, 5);
    query.list = KITH_LIST_COMMITMENTS;
    list(query, 1);
    query.list = KITH_LIST_DEFINITIONS;
    list(query, 2);
    query.list = KITH_LIST_PROCESSES;
    query.definition = str("lifecycle");
    list(query, 2);
    query = make<kith_query>();
    query.list = KITH_LIST_TIMELINE;
    query.party = ann_;
    query.type = str("order");
    list(query, 5);
    std::uint64_t after = 0;
    std::size_t changes = 0;
    do {
        CALL(KITH_OK, kith_feed_read, view_, after, 20, &page_);
        const auto *const *list = VALUE(kith_page_changes, page_, &changes);
        after = list[changes - 1]->seq;
        free_page();
    } while (changes == 20);
}

void Host::table_of(std::size_t least) {
    std::size_t rows = 0, columns = 0, facts = 0;
    DO(kith_table_size, table_, &rows, &columns, &facts);
    expect(columns >= least, "columns");
    auto column = make<kith_column>();
    CALL(KITH_OK, kith_table_column, table_, 0, &column);
    if (facts > 0) {
        auto fact = make<kith_fact>();
        CALL(KITH_OK, kith_table_fact, table_, 0, &fact);
    }
    DO(kith_table_free, table_);
    table_ = nullptr;
}

void Host::analyse() {
    auto rfm = make<kith_rfm_options>();
    rfm.as_of = kNow;
    rfm.scheme = str("airline");
    CALL(KITH_OK, kith_rfm, view_, &rfm, &table_);
    table_of(9);
    auto abc = make<kith_abc_options>();
    CALL(KITH_OK, kith_abc, view_, &abc, &table_);
    table_of(6);
    auto cohort = make<kith_cohort_options>();
    CALL(KITH_OK, kith_cohort, view_, &cohort, &table_);
    table_of(3);
    CALL(KITH_OK, kith_process_states, view_, "lifecycle", KITH_NTS, &table_);
    table_of(2);
}

void Host::expressions() {
    std::size_t count = 0;
    CALL(KITH_OK, kith_expr_check, "m.ordres >= 3", KITH_NTS, nullptr, &expr_);
    expect(VALUE(kith_expr_diagnostics, expr_, &count) && count == 1, "one mistake");
    DO(kith_expr_free, expr_);
    expr_ = nullptr;

    kith_expr_variable variable{};
    variable.name = str("total");
    variable.type = str("money");
    auto options = make<kith_expr_options>();
    options.variables = &variable;
    options.variable_count = 1;
    CALL(KITH_OK, kith_expr_compile,
         "total >= money('1.00', 'USD') && orders.exists(o, o.amount > money('5', 'USD') && "
         "o.medium == 'shop')",
         KITH_NTS, &options, &condition_);
    auto description = make<kith_expr_description>();
    CALL(KITH_OK, kith_expr_describe, condition_, &description);
    kith_str json{};
    CALL(KITH_OK, kith_expr_json, condition_, &json);
    CALL(KITH_OK, kith_expr_from_json, json.data, json.size, &options, &form_);

    kith_expr_value total{};
    total.kind = KITH_EXPR_MONEY;
    total.integer = 2500;
    std::memcpy(total.currency, "USD", 4);
    auto how = make<kith_expr_eval_options>();
    how.flags = KITH_EXPR_EXPLAIN;
    how.values = &total;
    how.value_count = 1;
    CALL(KITH_OK, kith_expr_eval_party, view_, condition_, &ann_, &how, &result_);
    auto outcome = make<kith_expr_outcome>();
    CALL(KITH_OK, kith_expr_result_describe, result_, &outcome);
    expect(std::string(outcome.json.data) == "true", "the condition holds");
    expect(VALUE(kith_expr_result_reasons, result_, &count) && count > 1, "reasons");
    expect(VALUE(kith_expr_result_values, result_, &count)->integer == 1, "value");
    DO(kith_expr_result_free, result_);
    result_ = nullptr;
    CALL(KITH_OK, kith_expr_compile, "string(i.at) + i.key + string(sum(orders, o, o.amount))", KITH_NTS,
         nullptr, &expr_);
    CALL(KITH_OK, kith_expr_eval_interaction, view_, expr_, &sale_, nullptr, &result_);
    DO(kith_expr_result_free, result_);
    result_ = nullptr;
    DO(kith_expr_free, expr_);
    expr_ = nullptr;
    CALL(KITH_OK, kith_expr_compile,
         "[1, 2, 3].map(x, {x: string(x) + 'abcdefgh'.replace('b', 'q')}) == [] || 'shop'.matches('s.+p')",
         KITH_NTS, nullptr, &expr_);
    CALL(KITH_OK, kith_expr_eval_values, expr_, nullptr, &result_);
}

// Fields of a party and of what happened, as their types have them.
void Host::typed() {
    const auto ann = host("shop", "ann");
    const std::string long_text(3000, 'l');
    kith_field values[2]{};
    values[0].name = str("trade");
    values[0].text = str("tea");
    values[1].name = str("likes");
    values[1].kind = KITH_FIELD_TEXT;
    values[1].text = str(long_text);
    auto party = make<kith_party>();
    party.fields = KITH_PARTY_FIELD_VALUES;
    party.values = values;
    party.value_count = 2;
    CALL(KITH_OK, kith_party_put, batch_, &ann, 0u, &party, nullptr);
    auto trial = order({}, kNow - 3 * kDay, 0);
    trial.type = str("trial");
    trial.system = trial.key = {};
    trial.fields = 0;
    trial.values = values;
    trial.value_count = 2;
    values[0].name = str("until");
    values[0].text = str("2026-01-31");
    values[1].name = str("words");
    CALL(KITH_OK, kith_interaction_append, batch_, &ann, 0u, &trial, nullptr);
    commit();
}

// Values of what was in the file before their definitions.
void Host::subjects() {
    DO(kith_snapshot_end, view_);  // the file may have to grow
    view_ = nullptr;
    CALL(KITH_OK, kith_define, batch_, kValues, KITH_NTS, nullptr);
    commit();
    typed();
    CALL(KITH_OK, kith_definition_build, store_, nullptr, 0);
    measured();
    CALL(KITH_OK, kith_snapshot_begin, store_, &view_);
    DO(kith_expr_result_free, result_);
    result_ = nullptr;
    DO(kith_expr_free, expr_);
    expr_ = nullptr;
    auto options = make<kith_expr_options>();
    options.definitions = view_;
    CALL(KITH_OK, kith_expr_compile,
         "m.bought >= 4 && cell.worth == 'best' && score.fit > 1.0 && in_segment('good')", KITH_NTS, &options,
         &expr_);
    auto who = make<kith_subject>();
    who.party = ann_;
    auto how = make<kith_expr_eval_options>();
    how.flags = KITH_EXPR_EXPLAIN;
    CALL(KITH_OK, kith_expr_eval_subject, view_, expr_, &who, &how, &result_);
    auto outcome = make<kith_expr_outcome>();
    CALL(KITH_OK, kith_expr_result_describe, result_, &outcome);
    expect(std::string(outcome.json.data) == "true", "the values are those of the rows");

    auto wanted = make<kith_values_options>();
    const kith_str names[] = {str("m.bought"), str("cell.worth"), str("party.name"), str("score.fit")};
    wanted.names = names;
    wanted.name_count = 4;
    wanted.where = str("in_segment('good')");
    wanted.order_by = names[0];
    CALL(KITH_OK, kith_values, view_, &wanted, &table_);
    table_of(6);
    who.kind = KITH_SUBJECT_ACTOR;
    who.key = str("clerk 12");
    CALL(KITH_OK, kith_series, view_, &who, "sold", KITH_NTS, nullptr, &table_);
    table_of(3);
    who = make<kith_subject>();
    who.party = ann_;
    auto to = make<kith_assign_options>();
    to.among = str("actor.active && free(actor, now)");
    const kith_str best = str("m.sold");
    to.best = &best;
    to.best_count = 1;
    CALL(KITH_OK, kith_assign, view_, &ann_, &to, &table_);
    table_of(5);
    std::uint64_t good = 0;
    std::uint32_t built = 0;
    CALL(KITH_OK, kith_segment_count, view_, "good", KITH_NTS, &good, &built);
    expect(good > 0 && built == 1, "the segment is built");
    auto query = make<kith_query>();
    query.list = KITH_LIST_MEMBERS;
    query.definition = str("good");
    list(query, 1);
    CALL(KITH_OK, kith_membership_log, view_, &ann_, "good", KITH_NTS, &page_);
    free_page();
    for (const auto *name : {"segment.good", "score.fit"}) {
        CALL(KITH_OK, kith_why, view_, &who, name, KITH_NTS, nullptr, &table_);
        table_of(12);
    }
    DO(kith_snapshot_end, view_);
    view_ = nullptr;
    CALL(KITH_OK, kith_setting_set, batch_, "few", KITH_NTS, "3", KITH_NTS, nullptr);
    commit();
    CALL(KITH_OK, kith_snapshot_begin, store_, &view_);
    auto playbook = make<kith_playbook>();
    CALL(KITH_OK, kith_playbook_get, 0, &playbook);
    expect(VALUE(kith_playbook_count) > 0 && playbook.about.size > 0, "playbooks");
    auto board = make<kith_board_options>();
    board.rows = str("element");
    board.columns = str("layer");
    board.at = kNow;
    board.flags = KITH_BOARD_OPERANDS;
    CALL(KITH_OK, kith_board, view_, &board, &table_);
    table_of(17);
}

// A sale that is measured as it comes, and put right; then time alone moves who is in a segment.
void Host::measured() {
    const auto ann = host("shop", "ann"), dan = host("shop", "dan");
    auto sale = order("V1", kNow - 5 * kDay, 2000);
    sale.actor = str("clerk 12");
    CALL(KITH_OK, kith_interaction_append, batch_, &ann, 0u, &sale, nullptr);
    auto first = order("V2", kNow - 5 * kDay, 30);
    CALL(KITH_OK, kith_interaction_append, batch_, &dan, KITH_ITEM_CREATE, &first, nullptr);
    commit();
    CALL(KITH_OK, kith_snapshot_begin, store_, &view_);
    auto right = order("V1 right", kNow - 4 * kDay, 2500);
    right.actor = str("clerk 12");
    right.fields |= KITH_INTERACTION_FIELD_CORRECTS;
    CALL(KITH_OK, kith_interaction_find, view_, "shop", KITH_NTS, "V1", KITH_NTS, &right.corrects);
    DO(kith_snapshot_end, view_);  // the file may have to grow
    view_ = nullptr;
    CALL(KITH_OK, kith_interaction_append, batch_, &ann, 0u, &right, nullptr);
    commit();
    auto report = make<kith_due_report>();
    CALL(KITH_OK, kith_store_run_due, store_, kNow + 20 * kDay, &report);
}

void Host::export_all() {
    auto options = make<kith_export_options>();
    options.flags = KITH_EXPORT_FACTS_ONLY;
    CALL(KITH_OK, kith_export_open, view_, &options, &export_);
    day_.facts.clear();
    bool broken = false;
    for (;;) {
        kith_str piece{};
        const auto before = hits();
        day_.called.insert("kith_export_next");
        const auto status = armed_call([&] { return kith_export_next(export_, &piece, &error); });
        if (status == KITH_END) break;
        if (status != KITH_OK) {  // a stream broken off is begun anew
            expect(hits() != before && !broken && is_sensible(status), error.message);
            broken = true;
            day_.failed = "kith_export_next";
            kith_export_free(export_);
            export_ = nullptr;
            CALL(KITH_OK, kith_export_open, view_, &options, &export_);
            day_.facts.clear();
            continue;
        }
        day_.facts.append(piece.data, piece.size);
    }
    auto report = make<kith_verify_report>();
    const auto verify = [&] { return kith_store_verify(view_, nullptr, 0, &report, &table_, &error); };
    run("kith_store_verify", KITH_OK, verify);
    if (report.problems != 0) {  // a row that the fault made unreadable
        expect(hits() > 0, "verify found problems");
        kith_table_free(table_);
        expect(verify() == KITH_OK && report.problems == 0, "verify found problems again");
    }
}

void Host::copy_files() {
    const auto backup = path_ + ".backup", restored = path_ + ".restored", saved = path_ + ".saved";
    auto copy = make<kith_copy_report>();
    CALL(KITH_OK, kith_store_backup, view_, backup.c_str(), KITH_NTS, 0, nullptr, 0, &copy);
    CALL(KITH_OK, kith_store_restore, backup.c_str(), KITH_NTS, restored.c_str(), KITH_NTS, nullptr, nullptr,
         0, &copy);
    CALL(KITH_OK, kith_store_compact, restored.c_str(), KITH_NTS, nullptr, 0, &copy);
    auto repair = make<kith_repair_report>();
    CALL(KITH_OK, kith_store_repair, restored.c_str(), KITH_NTS, saved.c_str(), KITH_NTS, nullptr, nullptr, 0,
         &repair, &table_);
    expect(repair.written == 1 && repair.lost == 0, "something of a sound file is lost");
    auto check = make<kith_verify_report>();
    CALL(KITH_OK, kith_store_check_file, saved.c_str(), KITH_NTS, &check, &table_);
    expect(check.problems == 0, "the pages of a saved file have problems");
}

// What a process does once and no host can have again when memory fails it on the way: date-tz, reading a
// zone, swallows std::bad_alloc and takes the zone for unknown from then on, or waits for ever; glibc,
// loading what unwinds the stack and noting destructors of a thread's variables, ends the process.
void warm_up() {
    kith_error error = make<kith_error>();
    kith_time time = 0;
    kith_expr *expr = nullptr;
    kith_expr_result *result = nullptr;
    void *frame = nullptr;
    bool warm = ::backtrace(&frame, 1) == 1;
    for (const char *zone : {"Europe/Zagreb", "Asia/Tokyo"})
        warm = kith_time_parse("2026-01-31", KITH_NTS, zone, KITH_NTS, &time, &error) == KITH_OK && warm;
    warm = kith_expr_compile("1", KITH_NTS, nullptr, &expr, &error) == KITH_OK &&
           kith_expr_eval_values(expr, nullptr, &result, &error) == KITH_OK && warm;
    kith_expr_result_free(result);
    kith_expr_free(expr);
    if (!warm) throw Broken("the warming up failed");
}

}  // namespace

Day run_day(const std::string &path) {
    Day day;
    try {
        warm_up();
        Host host(day, path);
        host.live();
    } catch (const Broken &broken) {
        if (!day.reopen) day.broken = broken.what();
    }
    disarm();
    if (kith_debug_live_handles() != 0 && day.broken.empty()) day.broken = "handles are left";
    return day;
}

}  // namespace kith_test::fault
