/*
 * Goal: a host in plain C99 can use every function of kith, and each does what its header says.
 * Method: one small shop; every function of tests/abi/symbols.txt is called at least once with success, and
 * what it gives is checked. plain_c.sh checks that none is left out.
 */
#include <kith/kith.h>

#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000000)
#define NOW INT64_C(1700000000000000) /* 2023-11-14T22:13:20Z */

static int failures = 0;
static kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};

static void check(int holds, int line, const char *what) {
    if (holds) return;
    ++failures;
    fprintf(stderr, "plain_c.c:%d: not so: %s (last error: %s)\n", line, what, error.message);
}
#define CHECK(condition) check((condition) ? 1 : 0, __LINE__, #condition)
#define OK(call) check((call) == KITH_OK, __LINE__, #call)

static kith_str text(const char *s) {
    kith_str out = {NULL, 0};
    out.data = s;
    out.size = KITH_NTS;
    return out;
}
static int is(kith_str found, const char *wanted) {
    return found.data != NULL && found.size == strlen(wanted) && strcmp(found.data, wanted) == 0;
}
static int same_id(const kith_id *a, const kith_id *b) { return memcmp(a, b, sizeof *a) == 0; }

static kith_ref host(const char *key) {
    kith_ref out = {KITH_REF_HOST, 0, {{0}}, {NULL, 0}, {NULL, 0}};
    out.kind = text("shop");
    out.value = text(key);
    return out;
}

static kith_interaction order(const char *key, kith_time at, int64_t amount) {
    kith_interaction out = {0};
    out.struct_size = sizeof out;
    out.fields = KITH_INTERACTION_FIELD_AMOUNT;
    out.type = text("order");
    out.at = at;
    out.system = text("till");
    out.key = text(key);
    out.amount = amount;
    return out;
}

static int64_t stands_still(uintptr_t calls) {
    ++*(int *)calls;
    return NOW;
}
static void counts_up(uintptr_t calls, uint8_t *out, size_t size) {
    size_t i;
    for (i = 0; i < size; ++i) out[i] = (uint8_t)(*(int *)calls * 31 + (int)i);
    ++*(int *)calls;
}
static int goes_on(uintptr_t told, uint64_t done, uint64_t all) {
    if (done <= all) ++*(int *)told;
    return 0;
}
static void progress(uintptr_t told, uint64_t done, uint64_t all) {
    if (done <= all) ++*(int *)told;
}

/* ---- error.h, version.h, values.h ---- */

static void versions_and_values(void) {
    kith_time at = 0;
    int64_t number = 0;
    char buffer[33];

    CHECK(kith_version_number() >= KITH_VERSION_NUMBER);
    CHECK(strchr(kith_version_string(), '.') != NULL);
    CHECK(strstr(kith_version_lmdb(), "LMDB") != NULL);
    CHECK(kith_version_tzdata()[0] != '\0');
    CHECK(strcmp(kith_status_name(KITH_E_BUSY), "KITH_E_BUSY") == 0);
    OK(kith_time_parse("2023-11-14T22:13:20Z", KITH_NTS, NULL, 0, &at, &error));
    CHECK(at == NOW);
    CHECK(kith_time_format(NOW, buffer, sizeof buffer) == 20 && strcmp(buffer, "2023-11-14T22:13:20Z") == 0);
    OK(kith_decimal_parse("-0.50", 5, 2, &number, &error));
    CHECK(number == -50);
    CHECK(kith_decimal_format(1177, 2, buffer, sizeof buffer) == 5 && strcmp(buffer, "11.77") == 0);
    OK(kith_line_amount(5 * KITH_DECIMAL_ONE / 2, 4 * KITH_DECIMAL_ONE, 2, &number, &error));
    CHECK(number == 1000);
    kith_hash_text("kith", 4, buffer);
    CHECK(strlen(buffer) == 32);
}

/* ---- batch.h, party.h, interaction.h, definition.h ---- */

static void fill(kith_store *store, kith_id *out_party, kith_interaction_id *out_sale) {
    static const char bands[] =
        "{\"playbook\":\"plain\",\"format\":1,\"version\":1,\"define\":[{\"bands\":\"often\","
        "\"of\":\"orders\",\"classes\":[{\"up_to\":1,\"is\":1},{\"is\":2}]},"
        "{\"type\":\"party\",\"fields\":{\"trade\":[\"tea\",\"tools\"]}}]}";
    kith_field trade = {{NULL, 0}, KITH_FIELD_CODE, {0}, 0, 0, {NULL, 0}, {{0}}};
    kith_batch *batch = NULL;
    kith_ref ada = host("C1"), refs[2];
    kith_party party = {0};
    kith_identifier card = {0};
    kith_interaction sale = order("R1", NOW - 200 * DAY, 1000), many[2];
    kith_line line = {{NULL, 0}, 2 * KITH_DECIMAL_ONE, 5 * KITH_DECIMAL_ONE, 1000, {NULL, 0}, 0, 0, 0};
    kith_commit_info info = {0};
    kith_outcome outcome = {0};
    uint32_t item = 99;
    size_t i;

    OK(kith_batch_new(store, &batch, &error));
    party.struct_size = sizeof party;
    OK(kith_define(batch, bands, sizeof bands - 1, &item, &error));
    party.fields = KITH_PARTY_FIELD_NAME | KITH_PARTY_FIELD_VALUES;
    party.name = text("Ada Lindqvist");
    trade.name = text("trade");
    trade.text = text("tea");
    party.values = &trade;
    party.value_count = 1;
    OK(kith_party_put(batch, &ada, KITH_ITEM_CREATE, &party, &item, &error));
    CHECK(item == 1);
    card.struct_size = sizeof card;
    card.kind = text("card");
    card.value = text("5000-0001");
    OK(kith_identifier_add(batch, &ada, 0, &card, &item, &error));
    line.product = text("coffee");
    sale.lines = &line;
    sale.line_count = 1;
    OK(kith_interaction_append(batch, &ada, 0, &sale, &item, &error));
    CHECK(item == 3);
    for (i = 0; i < 2; ++i) {
        refs[i] = host(i == 0 ? "C2" : "C3");
        many[i] = order(i == 0 ? "R2" : "R3", NOW - (kith_time)i * DAY, 500);
    }
    OK(kith_interaction_append_many(batch, refs, KITH_ITEM_CREATE, many, 2, sizeof many[0], &error));
    OK(kith_definition_check(bands, KITH_NTS, &error));
    OK(kith_batch_effects_from(batch, NOW - 1000 * DAY, &error));
    CHECK(kith_batch_count(batch) == 6);

    info.struct_size = sizeof info;
    OK(kith_batch_commit(batch, &info, &error));
    CHECK(info.items == 6 && info.created == 6 && info.parties_created == 3 && info.recorded_at == NOW);
    outcome.struct_size = sizeof outcome;
    OK(kith_batch_outcome(batch, 3, &outcome, &error));
    CHECK(outcome.result == KITH_RESULT_CREATED);
    *out_party = outcome.party;
    *out_sale = outcome.interaction;
    kith_batch_clear(batch);
    CHECK(kith_batch_count(batch) == 0);
    kith_batch_free(batch);
}

/* ---- product.h, actor.h, campaign.h, score.h, link.h ---- */

static void directory(kith_store *store, kith_snapshot *snapshot, const kith_id *ada) {
    kith_batch *batch = NULL;
    kith_page *page = NULL;
    kith_cursor *cursor = NULL;
    kith_query query = {0};
    kith_product product = {0};
    kith_actor actor = {0};
    kith_campaign campaign = {0};
    kith_score score = {0};
    kith_score_query latest = {0};
    kith_link link = {0};
    kith_str path[2];
    kith_code_value skill = {{NULL, 0}, 3};
    kith_ref from = host("C1"), to = host("C2");
    uint32_t item = 99;
    size_t count = 0;

    OK(kith_batch_new(store, &batch, &error));
    path[0] = text("drinks");
    path[1] = text("hot");
    product.struct_size = sizeof product;
    product.fields = KITH_PRODUCT_FIELD_NAME | KITH_PRODUCT_FIELD_CATEGORY;
    product.key = text("coffee");
    product.name = text("Coffee, 250 g");
    product.category = path;
    product.category_count = 2;
    OK(kith_product_put(batch, &product, 0, &item, &error));
    CHECK(item == 0);
    actor.struct_size = sizeof actor;
    actor.fields = KITH_ACTOR_FIELD_NAME | KITH_ACTOR_FIELD_PART_OF | KITH_ACTOR_FIELD_SKILLS;
    actor.key = text("mia");
    actor.name = text("Mia");
    actor.part_of = text("shop_1");
    skill.code = text("coffee");
    actor.skills = &skill;
    actor.skill_count = 1;
    OK(kith_actor_put(batch, &actor, 0, &item, &error));
    campaign.struct_size = sizeof campaign;
    campaign.fields = KITH_CAMPAIGN_FIELD_PURPOSE | KITH_CAMPAIGN_FIELD_BUDGET;
    campaign.key = text("spring");
    campaign.purpose = text("win_back");
    campaign.budget = 50000;
    OK(kith_campaign_put(batch, &campaign, 0, &item, &error));
    score.struct_size = sizeof score;
    score.fields = KITH_SCORE_FIELD_NUMBER;
    score.subject = KITH_SUBJECT_PARTY;
    score.nature = KITH_NATURE_STATED;
    score.metric = text("liking");
    score.key = text("coffee");
    score.at = NOW;
    score.number = 4.5;
    OK(kith_score_append(batch, &from, 0, &score, &item, &error));
    link.struct_size = sizeof link;
    link.kind = KITH_LINK_REFERS;
    OK(kith_link_put(batch, &from, &to, 0, &link, &item, &error));
    CHECK(item == 4);
    OK(kith_batch_commit(batch, NULL, &error));
    kith_batch_clear(batch);
    OK(kith_link_put(batch, &to, &from, 0, &link, &item, &error));
    CHECK(kith_batch_commit(batch, NULL, &error) == KITH_E_RULE);
    kith_batch_free(batch);

    OK(kith_snapshot_renew(snapshot, &error));
    OK(kith_product_get(snapshot, "coffee", KITH_NTS, &page, &error));
    CHECK(kith_page_products(page, &count) != NULL && count == 1);
    if (count == 1) {
        const kith_product *one = kith_page_products(page, NULL)[0];
        CHECK(is(one->key, "coffee") && one->category_count == 2 && is(one->category[1], "hot"));
    }
    kith_page_free(page);
    OK(kith_actor_get(snapshot, "mia", KITH_NTS, &page, &error));
    CHECK(kith_page_actors(page, &count) != NULL && count == 1);
    if (count == 1) {
        const kith_actor *one = kith_page_actors(page, NULL)[0];
        CHECK(is(one->part_of, "shop_1") && one->active == 1 && one->skills[0].value == 3);
    }
    kith_page_free(page);
    OK(kith_campaign_get(snapshot, "spring", KITH_NTS, &page, &error));
    CHECK(kith_page_campaigns(page, &count) != NULL && count == 1);
    if (count == 1) CHECK(kith_page_campaigns(page, NULL)[0]->budget == 50000);
    kith_page_free(page);
    CHECK(kith_actor_get(snapshot, "shop_1", KITH_NTS, &page, &error) == KITH_NOT_FOUND);

    latest.struct_size = sizeof latest;
    latest.subject = KITH_SUBJECT_PARTY;
    latest.party = *ada;
    latest.metric = text("liking");
    latest.key = text("coffee");
    latest.at = NOW + DAY;
    OK(kith_score_latest(snapshot, &latest, &page, &error));
    CHECK(kith_page_scores(page, &count) != NULL && count == 1);
    if (count == 1) {
        const kith_score *one = kith_page_scores(page, NULL)[0];
        CHECK(one->number == 4.5 && is(one->party_key, "C1") && same_id(&one->party, ada));
    }
    kith_page_free(page);
    query.struct_size = sizeof query;
    query.list = KITH_LIST_LINKS;
    query.party = *ada;
    OK(kith_cursor_open(snapshot, &query, &cursor, &error));
    OK(kith_cursor_next(cursor, 10, &page, &error));
    CHECK(kith_page_links(page, &count) != NULL && count == 1);
    if (count == 1) CHECK(is(kith_page_links(page, NULL)[0]->to_key, "C2"));
    kith_page_free(page);
    kith_cursor_free(cursor);
}

/* ---- store.h: due work; commitment.h ---- */

static void due_work(kith_store *store, kith_snapshot *snapshot) {
    kith_due_report due = {0};
    kith_query query = {0};
    kith_cursor *cursor = NULL;
    kith_page *page = NULL;
    kith_batch *batch = NULL;
    size_t count = 0;
    uint32_t item = 99;

    due.struct_size = sizeof due;
    OK(kith_store_run_due(store, NOW - 100 * DAY, &due, &error));
    CHECK(due.timers == 1 && due.commitments == 1 && due.due_through == NOW - 100 * DAY);
    OK(kith_snapshot_renew(snapshot, &error));
    query.struct_size = sizeof query;
    query.list = KITH_LIST_COMMITMENTS;
    OK(kith_cursor_open(snapshot, &query, &cursor, &error));
    OK(kith_cursor_next(cursor, 10, &page, &error));
    CHECK(kith_page_commitments(page, &count) != NULL && count == 1);
    if (count == 1) {
        const kith_commitment *call = kith_page_commitments(page, NULL)[0];
        CHECK(is(call->kind, "win_back") && is(call->party_key, "C1"));
        OK(kith_batch_new(store, &batch, &error));
        OK(kith_commitment_set_state(batch, &call->id, KITH_COMMITMENT_KEPT, NOW - 99 * DAY, &item, &error));
        OK(kith_batch_commit(batch, NULL, &error));
        kith_batch_free(batch);
    }
    kith_page_free(page);
    kith_cursor_free(cursor);
    OK(kith_snapshot_renew(snapshot, &error));
}

/* A promise by hand: it waits for an artefact, is in a queue, and is kept. */
static void promises(kith_store *store, kith_snapshot *snapshot) {
    kith_new_commitment promise = {0};
    kith_commitment_changes changes = {0};
    kith_outcome outcome = {0};
    kith_batch *batch = NULL;
    kith_page *page = NULL;
    kith_table *counts = NULL;
    const kith_ref ada = host("C1");
    const kith_str contract = text("contract");
    const kith_commitment *made;
    size_t rows = 0, count = 0;
    uint32_t item = 99;

    promise.struct_size = sizeof promise;
    promise.fields = KITH_NEW_COMMITMENT_FIELD_DUE;
    promise.sort = KITH_SORT_PROMISE;
    promise.flags = KITH_COMMITMENT_EXPLICIT;
    promise.kind = text("delivery");
    promise.item = text("the red sofa");
    promise.assignee = text("bob");
    promise.require = &contract;
    promise.require_count = 1;
    promise.opened_at = NOW - 99 * DAY;
    promise.due = NOW - 90 * DAY;
    OK(kith_batch_new(store, &batch, &error));
    OK(kith_commitment_make(batch, &ada, 0, &promise, &item, &error));
    OK(kith_batch_commit(batch, NULL, &error));
    outcome.struct_size = sizeof outcome;
    OK(kith_batch_outcome(batch, item, &outcome, &error));
    kith_batch_clear(batch);
    OK(kith_snapshot_renew(snapshot, &error));
    OK(kith_commitment_counts(snapshot, NOW - 98 * DAY, &counts, &error));
    kith_table_size(counts, &rows, NULL, NULL);
    CHECK(rows >= 1); /* bob */
    kith_table_free(counts);

    changes.struct_size = sizeof changes;
    changes.fields = KITH_COMMITMENT_CHANGE_ARTEFACTS | KITH_COMMITMENT_CHANGE_EVIDENCE;
    changes.id = outcome.commitment;
    changes.artefacts = &contract;
    changes.artefact_count = 1;
    changes.evidence = text("receipt 4711");
    OK(kith_commitment_change(batch, &changes, &item, &error));
    OK(kith_commitment_set_state(batch, &outcome.commitment, KITH_COMMITMENT_KEPT, NOW - 95 * DAY, &item,
                                 &error));
    OK(kith_batch_commit(batch, NULL, &error));
    kith_batch_free(batch);
    OK(kith_snapshot_renew(snapshot, &error));
    OK(kith_commitment_get(snapshot, &outcome.commitment, &page, &error));
    made = kith_page_commitments(page, &count)[0];
    CHECK(count == 1 && made->state == KITH_COMMITMENT_KEPT && made->ended_at == NOW - 95 * DAY);
    CHECK(is(made->item, "the red sofa") && is(made->evidence, "receipt 4711") && made->artefact_count == 1);
    kith_page_free(page);
}

/* ---- request.h, rule.h ---- */

static void requests(kith_store *store, kith_snapshot *snapshot) {
    kith_request_query query = {0};
    kith_batch *batch = NULL;
    kith_table *table = NULL;
    kith_id none = {{9}};
    uint32_t item = 0;
    size_t rows = 9;
    query.struct_size = sizeof query;
    query.fields = KITH_REQUEST_QUERY_ALL;
    OK(kith_requests(snapshot, &query, &table, &error));
    kith_table_size(table, &rows, NULL, NULL);
    CHECK(rows == 0); /* no rule asks for anything */
    kith_table_free(table);
    OK(kith_rules(snapshot, NOW, &table, &error));
    kith_table_free(table);
    OK(kith_rule_runs(snapshot, text("none"), NULL, &table, &error));
    kith_table_free(table);
    kith_simulate_options simulated = {0};
    simulated.struct_size = sizeof simulated;
    simulated.playbook = text("{}");
    simulated.folder = text("/nowhere");
    CHECK(kith_simulate(snapshot, &simulated, &table, &error) != KITH_OK);
    OK(kith_batch_new(store, &batch, &error));
    OK(kith_request_take(batch, &none, NOW + DAY, &item, &error));
    OK(kith_request_done(batch, &none, text("told"), 0, NOW, &item, &error));
    CHECK(item == 1 && kith_batch_commit(batch, NULL, &error) == KITH_E_MISSING);
    kith_batch_clear(batch);
    OK(kith_rule_resume(batch, text("none"), &item, &error));
    CHECK(kith_batch_commit(batch, NULL, &error) == KITH_E_MISSING);
    kith_batch_free(batch);
}

/* ---- party.h, interaction.h, process.h, cursor.h, feed.h, store.h: reads ---- */

static void records(kith_snapshot *snapshot, const kith_id *ada, const kith_interaction_id *sale) {
    kith_ref ref = host("C1");
    kith_id found;
    kith_party party = {0};
    kith_interaction_id interaction;
    kith_page *page = NULL, *log = NULL;
    size_t count = 0;

    OK(kith_party_find(snapshot, &ref, &found, &error));
    CHECK(same_id(&found, ada));
    OK(kith_party_search(snapshot, "50000001", KITH_NTS, &found, &error));
    CHECK(same_id(&found, ada));
    party.struct_size = sizeof party;
    OK(kith_party_get(snapshot, ada, &party, &error));
    CHECK(is(party.name, "Ada Lindqvist") && is(party.host_key, "C1") && party.revision == 1);
    CHECK(party.value_count == 1 && is(party.values[0].name, "trade") && is(party.values[0].text, "tea"));

    OK(kith_interaction_find(snapshot, "till", 4, "R1", 2, &interaction, &error));
    CHECK(memcmp(&interaction, sale, sizeof interaction) == 0);
    OK(kith_interaction_get(snapshot, sale, &page, &error));
    CHECK(kith_page_interactions(page, &count) != NULL && count == 1);
    if (count == 1) {
        const kith_interaction *one = kith_page_interactions(page, NULL)[0];
        CHECK(one->amount == 1000 && one->line_count == 1 && is(one->lines[0].product, "coffee"));
    }
    kith_page_free(page);

    OK(kith_brief(snapshot, ada, 10, &page, &error));
    CHECK(kith_page_parties(page, &count) != NULL && count == 1);
    CHECK(kith_page_identifiers(page, &count) != NULL && count == 2);
    CHECK(kith_page_commitments(page, &count) == NULL && count == 0); /* kept: not open */
    CHECK(kith_page_figures(page) != NULL && kith_page_figures(page)->orders == 1);
    CHECK(kith_page_processes(page, &count) != NULL && count == 1);
    if (count == 1) {
        const kith_process *process = kith_page_processes(page, NULL)[0];
        CHECK(is(process->definition, "lifecycle") && is(process->state, "decline"));
        OK(kith_process_log(snapshot, &process->id, &log, &error));
        CHECK(kith_page_transitions(log, &count) != NULL && count == 2);
        kith_page_free(log);
    }
    kith_page_free(page);
}

static void lists(kith_snapshot *snapshot) {
    kith_query query = {0};
    kith_cursor *cursor = NULL;
    kith_page *page = NULL;
    kith_str token = {NULL, 0};
    size_t count = 0, columns = 0, facts = 0;
    kith_table *states = NULL;
    kith_column column = {0};

    query.struct_size = sizeof query;
    query.list = KITH_LIST_DEFINITIONS;
    OK(kith_cursor_open(snapshot, &query, &cursor, &error));
    OK(kith_cursor_next(cursor, 1, &page, &error));
    CHECK(kith_page_definitions(page, &count) != NULL && count == 1);
    kith_page_resume(page, &token);
    CHECK(token.size > 0);
    kith_page_free(page);
    OK(kith_cursor_next(cursor, 3, &page, &error));
    kith_page_free(page);
    CHECK(kith_cursor_next(cursor, 1, &page, &error) == KITH_END);
    kith_cursor_free(cursor);

    OK(kith_feed_read(snapshot, 0, 3, &page, &error));
    CHECK(kith_page_changes(page, &count) != NULL && count == 3);
    if (count == 3) CHECK(kith_page_changes(page, NULL)[2]->seq == 3);
    kith_page_free(page);

    OK(kith_process_states(snapshot, "lifecycle", KITH_NTS, &states, &error));
    kith_table_size(states, &count, &columns, &facts);
    CHECK(count == 5 && columns == 2);
    column.struct_size = sizeof column;
    OK(kith_table_column(states, 0, &column, &error));
    CHECK(column.type == KITH_COLUMN_TEXT && is(column.texts[0], "exploration"));
    kith_table_free(states);
}

static void whole_file(kith_snapshot *snapshot) {
    kith_info info = {0};
    kith_verify_report report = {0};
    kith_table *problems = NULL;
    kith_export_options options = {0};
    kith_export *lines = NULL;
    kith_str piece;
    int told = 0;

    info.struct_size = sizeof info;
    OK(kith_store_info(snapshot, &info, &error));
    CHECK(info.parties == 3 && info.orders == 3 && info.amount_total == 2000 && info.definitions == 4);
    CHECK(strcmp((const char *)info.currency, "EUR") == 0 && is(info.time_zone, "Europe/Zagreb"));
    report.struct_size = sizeof report;
    OK(kith_store_verify(snapshot, progress, (uintptr_t)&told, &report, &problems, &error));
    CHECK(report.rows > 0 && report.problems == 0 && problems == NULL && told > 0);
    options.struct_size = sizeof options;
    OK(kith_export_open(snapshot, &options, &lines, &error));
    OK(kith_export_next(lines, &piece, &error));
    CHECK(piece.size > 0 && piece.data[0] == '{' && piece.data[piece.size - 1] == '\n');
    CHECK(kith_export_next(lines, &piece, &error) == KITH_END);
    kith_export_free(lines);
}

/* ---- analytics.h ---- */

static void analyses(kith_snapshot *snapshot) {
    kith_rfm_options rfm = {0};
    kith_abc_options abc = {0};
    kith_cohort_options cohort = {0};
    kith_table *table = NULL;
    kith_fact fact = {0};
    size_t rows = 0, columns = 0, facts = 0;

    rfm.struct_size = sizeof rfm;
    rfm.as_of = NOW;
    OK(kith_rfm(snapshot, &rfm, &table, &error));
    kith_table_size(table, &rows, NULL, NULL);
    CHECK(rows == 3);
    kith_table_free(table);
    abc.struct_size = sizeof abc;
    OK(kith_abc(snapshot, &abc, &table, &error));
    kith_table_size(table, &rows, &columns, &facts);
    CHECK(rows == 3 && facts > 0);
    fact.struct_size = sizeof fact;
    OK(kith_table_fact(table, 0, &fact, &error));
    CHECK(is(fact.name, "total") && fact.value > 0);
    kith_table_free(table);
    cohort.struct_size = sizeof cohort;
    OK(kith_cohort(snapshot, &cohort, &table, &error));
    kith_table_size(table, &rows, &columns, NULL);
    CHECK(rows == 2 && columns > 2);
    kith_table_free(table);
}

/* ---- expr.h ---- */

static void expressions(kith_snapshot *snapshot, const kith_id *ada, const kith_interaction_id *sale) {
    kith_expr *expr = NULL, *again = NULL;
    kith_expr_result *result = NULL;
    kith_expr_options options = {0};
    kith_expr_variable variable = {{NULL, 0}, {NULL, 0}, 0, 0};
    kith_expr_eval_options eval = {0};
    kith_expr_value value = {0};
    kith_expr_description description = {0};
    kith_expr_outcome outcome = {0};
    kith_str json = {NULL, 0};
    size_t count = 0;

    OK(kith_expr_check("m.ordrs > 1", KITH_NTS, NULL, &expr, &error));
    CHECK(kith_expr_diagnostics(expr, &count) != NULL && count == 1);
    if (count == 1) CHECK(kith_expr_diagnostics(expr, NULL)[0]->code == KITH_EXPR_CODE_NO_FIELD);
    kith_expr_free(expr);

    OK(kith_expr_compile("m.orders == 1 && party.name.startsWith('Ada')", KITH_NTS, NULL, &expr, &error));
    description.struct_size = sizeof description;
    OK(kith_expr_describe(expr, &description, &error));
    CHECK(is(description.type, "bool") && description.static_cost > 0);
    OK(kith_expr_json(expr, &json, &error));
    OK(kith_expr_from_json(json.data, json.size, NULL, &again, &error));
    eval.struct_size = sizeof eval;
    eval.flags = KITH_EXPR_EXPLAIN;
    OK(kith_expr_eval_party(snapshot, again, ada, &eval, &result, &error));
    outcome.struct_size = sizeof outcome;
    OK(kith_expr_result_describe(result, &outcome, &error));
    CHECK(outcome.kind == KITH_EXPR_BOOL && is(outcome.text, "true") && is(outcome.json, "true"));
    CHECK(kith_expr_result_reasons(result, &count) != NULL && count > 0);
    kith_expr_result_free(result);
    kith_expr_free(again);
    kith_expr_free(expr);

    OK(kith_expr_compile("i.amount >= money('10.00', 'EUR')", KITH_NTS, NULL, &expr, &error));
    OK(kith_expr_eval_interaction(snapshot, expr, sale, NULL, &result, &error));
    CHECK(kith_expr_result_values(result, &count) != NULL && count == 1);
    if (count == 1) CHECK(kith_expr_result_values(result, NULL)[0].integer == 1);
    kith_expr_result_free(result);
    kith_expr_free(expr);

    variable.name = text("total");
    variable.type = text("int");
    options.struct_size = sizeof options;
    options.variables = &variable;
    options.variable_count = 1;
    OK(kith_expr_compile("total * 2", KITH_NTS, &options, &expr, &error));
    value.kind = KITH_EXPR_INT;
    value.integer = 21;
    eval.flags = 0;
    eval.values = &value;
    eval.value_count = 1;
    OK(kith_expr_eval_values(expr, &eval, &result, &error));
    OK(kith_expr_result_describe(result, &outcome, &error));
    CHECK(is(outcome.text, "42"));
    kith_expr_result_free(result);
    kith_expr_free(expr);
}

/* ---- value.h, and the rest of definition.h ---- */

static void values(kith_store *store, kith_snapshot *snapshot) {
    static const char metrics[] =
        "{\"playbook\":\"values\",\"format\":1,\"version\":1,\"define\":[{\"metric\":\"sold\","
        "\"sum\":\"order.line\",\"of\":\"line.amount\",\"per\":\"product\",\"by\":\"month\"}],\"settings\":{"
        "\"least\":2}}";
    kith_batch *batch = NULL;
    kith_expr *expr = NULL;
    kith_expr_result *result = NULL;
    kith_expr_options options = {0};
    kith_expr_outcome outcome = {0};
    kith_subject coffee = {0};
    kith_values_options wanted = {0};
    kith_value_options how = {0};
    kith_column column = {0};
    kith_table *table = NULL;
    kith_str name;
    size_t rows = 0, columns = 0;
    int told = 0;

    OK(kith_batch_new(store, &batch, &error));
    OK(kith_define(batch, metrics, KITH_NTS, NULL, &error));
    OK(kith_batch_commit(batch, NULL, &error));
    kith_batch_clear(batch);
    OK(kith_setting_set(batch, "least", KITH_NTS, "3.5", KITH_NTS, NULL, &error));
    OK(kith_batch_commit(batch, NULL, &error));
    kith_batch_free(batch);
    OK(kith_definition_build(store, goes_on, (uintptr_t)&told, &error));
    CHECK(told > 0);
    OK(kith_snapshot_renew(snapshot, &error));
    options.struct_size = sizeof options;
    options.definitions = snapshot;
    options.subject = KITH_SUBJECT_PRODUCT;
    OK(kith_expr_compile("m.sold", KITH_NTS, &options, &expr, &error));
    coffee.struct_size = sizeof coffee;
    coffee.kind = KITH_SUBJECT_PRODUCT;
    coffee.key = text("coffee");
    OK(kith_expr_eval_subject(snapshot, expr, &coffee, NULL, &result, &error));
    outcome.struct_size = sizeof outcome;
    OK(kith_expr_result_describe(result, &outcome, &error));
    CHECK(is(outcome.json, "\"0.00 EUR\""));
    kith_expr_result_free(result);
    kith_expr_free(expr);

    name = text("m.sold");
    wanted.struct_size = sizeof wanted;
    wanted.subject = KITH_SUBJECT_PRODUCT;
    wanted.fields = KITH_VALUE_FIELD_NOW;
    wanted.now = NOW - 200 * DAY;
    wanted.names = &name;
    wanted.name_count = 1;
    wanted.where = text("setting.least == 3.5");
    OK(kith_values(snapshot, &wanted, &table, &error));
    kith_table_size(table, &rows, &columns, NULL);
    CHECK(rows == 1 && columns == 2);
    column.struct_size = sizeof column;
    OK(kith_table_column(table, 1, &column, &error));
    CHECK(column.type == KITH_COLUMN_AMOUNT && column.count == 1 && column.ints[0] == 1000);
    kith_table_free(table);
    OK(kith_series(snapshot, &coffee, "sold", KITH_NTS, NULL, &table, &error));
    kith_table_size(table, &rows, &columns, NULL);
    CHECK(rows == 8 && columns == 3);
    kith_table_free(table);
    how.struct_size = sizeof how;
    how.fields = KITH_VALUE_FIELD_NOW;
    how.now = NOW - 200 * DAY;
    OK(kith_why(snapshot, &coffee, "m.sold", KITH_NTS, &how, &table, &error));
    kith_table_size(table, &rows, NULL, NULL);
    CHECK(rows == 3);
    kith_table_free(table);
}

/* Events for a process of a party, put into a batch and taken back. */
static void process_events(kith_store *store) {
    kith_batch *batch = NULL;
    kith_process_event event = {0};
    kith_ref ref = host("C1");

    event.struct_size = sizeof event;
    event.process = text("complaint");
    event.key = text("K1");
    event.at = NOW;
    OK(kith_batch_new(store, &batch, &error));
    OK(kith_process_open(batch, &ref, 0, &event, NULL, &error));
    event.event = text("acknowledged");
    OK(kith_process_send(batch, &ref, 0, &event, NULL, &error));
    CHECK(kith_batch_count(batch) == 2);
    kith_batch_free(batch);
}

/* Who would get something of a party. */
static void assignment(kith_snapshot *snapshot, const kith_id *party) {
    kith_assign_options options = {0};
    kith_table *table = NULL;
    size_t columns = 0;
    kith_str best = text("actor.key");

    options.struct_size = sizeof options;
    options.among = text("actor.active");
    options.best = &best;
    options.best_count = 1;
    OK(kith_assign(snapshot, party, &options, &table, &error));
    kith_table_size(table, NULL, &columns, NULL);
    CHECK(columns == 5);
    kith_table_free(table);
    OK(kith_assign(snapshot, party, NULL, &table, &error));
    kith_table_free(table);
}

/* Who is in a segment: by a definition, as the parties were there before it. */
static void members(kith_store *store, kith_snapshot *snapshot) {
    static const char segments[] =
        "{\"playbook\":\"segments\",\"format\":1,\"define\":[{\"segment\":\"buyers\",\"when\":\"m.orders > "
        "0\"}]}";
    kith_batch *batch = NULL;
    kith_query query = {0};
    kith_cursor *cursor = NULL;
    kith_page *page = NULL;
    const kith_member *const *found;
    kith_id buyer;
    uint64_t all = 0;
    uint32_t built = 0;
    size_t count = 0;

    OK(kith_batch_new(store, &batch, &error));
    OK(kith_define(batch, segments, KITH_NTS, NULL, &error));
    OK(kith_batch_commit(batch, NULL, &error));
    kith_batch_free(batch);
    OK(kith_definition_build(store, NULL, 0, &error));
    OK(kith_snapshot_renew(snapshot, &error));
    OK(kith_segment_count(snapshot, "buyers", KITH_NTS, &all, &built, &error));
    CHECK(all > 0 && built == 1);
    query.struct_size = sizeof query;
    query.list = KITH_LIST_MEMBERS;
    query.definition = text("buyers");
    OK(kith_cursor_open(snapshot, &query, &cursor, &error));
    OK(kith_cursor_next(cursor, 1, &page, &error));
    found = kith_page_members(page, &count);
    CHECK(count == 1 && found != NULL);
    if (count == 1) {
        CHECK(is(found[0]->segment, "buyers"));
        buyer = found[0]->party;
        kith_page_free(page);
        OK(kith_membership_log(snapshot, &buyer, "buyers", KITH_NTS, &page, &error));
        CHECK(kith_page_transitions(page, &count) != NULL && count == 1);
        if (count == 1) CHECK(kith_page_transitions(page, NULL)[0]->cause == KITH_CAUSE_DEFINITION);
    }
    kith_page_free(page);
    kith_cursor_free(cursor);
}

/* ---- playbook.h, board.h ---- */

static void board(kith_store *store, kith_snapshot *snapshot) {
    kith_playbook kpi = {0};
    kith_batch *batch = NULL;
    kith_board_options options = {0};
    kith_table *table = NULL;
    size_t i, rows = 0, columns = 0;

    kpi.struct_size = sizeof kpi;
    for (i = 0; i < kith_playbook_count(); ++i) {
        OK(kith_playbook_get(i, &kpi, &error));
        if (is(kpi.name, "kpi")) break;
    }
    CHECK(is(kpi.name, "kpi") && kpi.version == 1 && kpi.about.size > 0 && kpi.source.size > 0);
    CHECK(kith_playbook_get(kith_playbook_count(), &kpi, &error) == KITH_E_ARGUMENT);
    OK(kith_playbook_get(i, &kpi, &error));
    OK(kith_batch_new(store, &batch, &error));
    OK(kith_define(batch, kpi.json.data, kpi.json.size, NULL, &error));
    OK(kith_batch_commit(batch, NULL, &error));
    kith_batch_free(batch);
    OK(kith_snapshot_renew(snapshot, &error));
    options.struct_size = sizeof options;
    options.rows = text("element");
    options.columns = text("layer");
    options.at = NOW;
    OK(kith_board(snapshot, &options, &table, &error));
    kith_table_size(table, &rows, &columns, NULL);
    CHECK(rows > 20 && columns == 17);
    kith_table_free(table);
    options.row = text("experience");
    CHECK(kith_board(snapshot, &options, &table, &error) == KITH_E_ARGUMENT && table == NULL);
}

/* ---- file.h: `snapshot` is of the file at `path`; what is made stands beside it ---- */

static void copies(kith_snapshot *snapshot, const char *path) {
    char backup[4096], restored[4096], saved[4096];
    kith_copy_report copy = {0};
    kith_repair_report repair = {0};
    kith_verify_report pages = {0};
    kith_table *lost = NULL;
    int told = 0;

    snprintf(backup, sizeof backup, "%s.backup", path);
    snprintf(restored, sizeof restored, "%s.restored", path);
    snprintf(saved, sizeof saved, "%s.saved", path);
    copy.struct_size = sizeof copy;
    repair.struct_size = sizeof repair;
    pages.struct_size = sizeof pages;
    OK(kith_store_backup(snapshot, backup, KITH_NTS, KITH_BACKUP_VERIFY, progress, (uintptr_t)&told, &copy,
                         &error));
    CHECK(copy.rows > 0 && copy.origin == 0 && told > 0);
    CHECK(kith_store_backup(snapshot, backup, KITH_NTS, 0, NULL, 0, NULL, &error) == KITH_E_EXISTS);
    OK(kith_store_restore(backup, KITH_NTS, restored, KITH_NTS, NULL, NULL, 0, &copy, &error));
    CHECK(copy.origin != 0);
    OK(kith_store_compact(restored, KITH_NTS, NULL, 0, &copy, &error));
    CHECK(copy.bytes_after <= copy.bytes_before);
    OK(kith_store_repair(restored, KITH_NTS, saved, KITH_NTS, NULL, NULL, 0, &repair, &lost, &error));
    CHECK(repair.written == 1 && repair.lost == 0 && repair.left == 0 && lost == NULL);
    OK(kith_store_check_file(saved, KITH_NTS, &pages, NULL, &error));
    CHECK(pages.pages > 0 && pages.problems == 0);
}

int main(int argc, char **argv) {
    kith_open_options options = {0};
    kith_store *store = NULL;
    kith_snapshot *snapshot = NULL;
    kith_id ada = {{0}};
    kith_interaction_id sale = {{0}};
    int calls = 0;

    if (argc != 2) return fprintf(stderr, "usage: plain_c NEW_FILE\n"), 2;
    options.struct_size = sizeof options;
    options.flags = KITH_OPEN_NEW;
    options.currency = text("EUR");
    options.time_zone = text("Europe/Zagreb");
    options.now = stands_still;
    options.random = counts_up;
    options.user_data = (uintptr_t)&calls;

    versions_and_values();
    OK(kith_store_open(argv[1], KITH_NTS, &options, &store, &error));
    OK(kith_snapshot_begin(store, &snapshot, &error));
    fill(store, &ada, &sale);
    CHECK(calls > 0);
    due_work(store, snapshot);
    promises(store, snapshot);
    requests(store, snapshot);
    records(snapshot, &ada, &sale);
    lists(snapshot);
    whole_file(snapshot);
    analyses(snapshot);
    expressions(snapshot, &ada, &sale);
    directory(store, snapshot, &ada);
    values(store, snapshot);
    assignment(snapshot, &ada);
    process_events(store);
    members(store, snapshot);
    board(store, snapshot);
    copies(snapshot, argv[1]);
    CHECK(kith_debug_live_handles() == 2);
    kith_snapshot_end(snapshot);
    kith_store_close(store);
    CHECK(kith_debug_live_handles() == 0);
    return failures == 0 ? 0 : 1;
}
