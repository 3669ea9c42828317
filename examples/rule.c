/*
 * A till that asks a rule.
 *
 *     rule FILE [RULE]
 *
 * The rule is text, written by the shop and kept where it likes: which customers get a voucher with this
 * sale? It may name what kith knows (m, orders, state, ...) and what the till alone knows: `total`, the sale
 * on the counter, and `till`. It is read once, with its mistakes shown, and asked for every customer. Then
 * the till says why. FILE is made, with a few customers, when it is not there.
 *
 * Build: cc -std=c99 rule.c $(pkg-config --cflags --libs kith)
 */
#include <kith/kith.h>

#include <stdio.h>
#include <string.h>

static const char default_rule[] =
    "total >= money('20.00', 'EUR') && orders.exists(o, o.at > now - duration('2160h')) && till != 'returns'";

static kith_str text(const char *s) {
    kith_str str = {NULL, 0};
    str.data = s;
    str.size = KITH_NTS;
    return str;
}

/* Reports a failed call. Returns 0, as the functions below do on failure. */
static int failed(const char *what, kith_status status, const kith_error *error) {
    fprintf(stderr, "rule: %s: %s: %s\n", what, kith_status_name(status),
            status < 0 ? error->message : "nothing of that name");
    return 0;
}

/* ---- the rule: read once, used by any thread for any file ---- */

static kith_expr *read_rule(const char *source) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_expr_variable variables[2];
    kith_expr_options options = {0};
    kith_expr *rule = NULL;
    const kith_expr_diagnostic *const *mistakes;
    kith_status status;
    size_t count, i;

    memset(variables, 0, sizeof variables);
    variables[0].name = text("total");
    variables[0].type = text("money");
    variables[1].name = text("till");
    variables[1].type = text("string");
    variables[1].size_max = 32;
    options.struct_size = sizeof options;
    options.variables = variables;
    options.variable_count = 2;
    options.result_type = text("bool");
    status = kith_expr_check(source, KITH_NTS, &options, &rule, &error);
    if (status != KITH_OK) {
        failed("read the rule", status, &error);
        return NULL;
    }
    mistakes = kith_expr_diagnostics(rule, &count);
    for (i = 0; i < count; ++i) {
        printf("line %u, column %u: %s", (unsigned)mistakes[i]->line, (unsigned)mistakes[i]->column,
               mistakes[i]->message.data);
        if (mistakes[i]->hint.data) printf(" (%s)", mistakes[i]->hint.data);
        printf("\n");
    }
    if (count == 0) return rule;
    kith_expr_free(rule);
    return NULL;
}

static void print_reasons(const kith_expr_result *result) {
    size_t count, i;
    const kith_expr_reason *const *reasons = kith_expr_result_reasons(result, &count);
    for (i = 0; i < count; ++i) {
        printf("    %*s%.*s is %s\n", (int)reasons[i]->level * 2, "", (int)reasons[i]->text.size,
               reasons[i]->text.data, reasons[i]->value.data);
    }
}

/* Asks the rule for one customer and one sale. */
static int ask(kith_snapshot *snapshot, const kith_expr *rule, const kith_party *party, int64_t total,
               kith_time now) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_expr_eval_options options = {0};
    kith_expr_value values[2];
    kith_expr_result *result = NULL;
    const kith_expr_value *answer;
    kith_status status;

    memset(values, 0, sizeof values);
    values[0].kind = KITH_EXPR_MONEY;
    values[0].integer = total;
    memcpy(values[0].currency, "EUR", 4);
    values[1].kind = KITH_EXPR_STRING;
    values[1].text = text("till 2");
    options.struct_size = sizeof options;
    options.fields = KITH_EXPR_FIELD_NOW;
    options.now = now;
    options.flags = KITH_EXPR_EXPLAIN;
    options.values = values;
    options.value_count = 2;
    status = kith_expr_eval_party(snapshot, rule, &party->id, &options, &result, &error);
    if (status != KITH_OK) return failed("ask the rule", status, &error);
    answer = kith_expr_result_values(result, NULL);
    printf("%s: %s\n", party->name.data,
           answer->kind == KITH_EXPR_BOOL && answer->integer ? "a voucher" : "no voucher");
    print_reasons(result);
    kith_expr_result_free(result);
    return 1;
}

/* ---- a small shop ---- */

static int add_sale(kith_batch *batch, const char *number, const char *name, const char *receipt,
                    const char *when) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_ref ref = {KITH_REF_HOST, 0, {{0}}, {NULL, 0}, {NULL, 0}};
    kith_party party = {0};
    kith_interaction sale = {0};
    kith_status status;

    ref.kind = text("till");
    ref.value = text(number);
    party.struct_size = sizeof party;
    party.fields = KITH_PARTY_FIELD_NAME;
    party.name = text(name);
    status = kith_party_put(batch, &ref, KITH_ITEM_CREATE, &party, NULL, &error);
    if (status != KITH_OK) return failed("add a customer", status, &error);
    sale.struct_size = sizeof sale;
    sale.type = text("order");
    sale.system = text("till");
    sale.key = text(receipt);
    sale.fields = KITH_INTERACTION_FIELD_AMOUNT;
    sale.amount = 1250;
    status = kith_time_parse(when, KITH_NTS, NULL, 0, &sale.at, &error);
    if (status == KITH_OK) status = kith_interaction_append(batch, &ref, 0, &sale, NULL, &error);
    return status == KITH_OK ? 1 : failed("add a sale", status, &error);
}

static int fill(kith_store *store) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_batch *batch = NULL;
    kith_status status = kith_batch_new(store, &batch, &error);
    int done = status == KITH_OK && add_sale(batch, "C-1", "Ada Lindqvist", "R-1", "2025-05-03T09:15:00Z") &&
               add_sale(batch, "C-2", "Ben Okafor", "R-2", "2026-02-21T12:10:00Z");
    if (done) {
        status = kith_batch_commit(batch, NULL, &error);
        if (status != KITH_OK) done = failed("commit", status, &error);
    }
    kith_batch_free(batch);
    return done;
}

static int ask_for_all(kith_store *store, const kith_expr *rule) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_snapshot *snapshot = NULL;
    kith_cursor *cursor = NULL;
    kith_page *page = NULL;
    kith_query query = {0};
    kith_time now = 0;
    size_t count, i;
    int done = 1;
    kith_status status = kith_time_parse("2026-03-01T10:00:00Z", KITH_NTS, NULL, 0, &now, &error);

    query.struct_size = sizeof query;
    query.list = KITH_LIST_PARTIES;
    if (status == KITH_OK) status = kith_snapshot_begin(store, &snapshot, &error);
    if (status == KITH_OK) status = kith_cursor_open(snapshot, &query, &cursor, &error);
    while (done && status == KITH_OK && (status = kith_cursor_next(cursor, 100, &page, &error)) == KITH_OK) {
        const kith_party *const *parties = kith_page_parties(page, &count);
        for (i = 0; done && i < count; ++i) done = ask(snapshot, rule, parties[i], 2500, now);
        kith_page_free(page);
    }
    if (status < 0) done = failed("read the customers", status, &error);
    kith_cursor_free(cursor);
    kith_snapshot_end(snapshot);
    return done;
}

int main(int argc, char **argv) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_open_options options = {0};
    kith_store *store = NULL;
    kith_expr *rule;
    kith_status status;
    int done;

    if (argc < 2) {
        fprintf(stderr, "usage: rule FILE [RULE]\n");
        return 2;
    }
    rule = read_rule(argc > 2 ? argv[2] : default_rule);
    if (!rule) return 1;
    options.struct_size = sizeof options;
    options.flags = KITH_OPEN_CREATE;
    options.currency = text("EUR");
    status = kith_store_open(argv[1], KITH_NTS, &options, &store, &error);
    if (status != KITH_OK) failed("open the file", status, &error);
    done = status == KITH_OK && fill(store) && ask_for_all(store, rule);
    kith_store_close(store);
    kith_expr_free(rule);
    return done ? 0 : 1;
}
