/*
 * A till that knows its customers.
 *
 *     till FILE [CARD RECEIPT TIME]
 *
 * A customer shows a card. The till finds who that is, shows what is known, records the sale, lets kith
 * do what is due by then, and prints whom to call. FILE is made, with three customers and some history,
 * when it is not there. Run it twice: the same receipt is one sale, however often it is sent.
 *
 * Build: cc -std=c99 till.c $(pkg-config --cflags --libs kith)
 */
#include <kith/kith.h>

#include <stdio.h>

/* kith's text is a pointer and a length; text that kith hands out is NUL-terminated as well. */
static kith_str text(const char *s) {
    kith_str str = {NULL, 0};
    str.data = s;
    str.size = s ? KITH_NTS : 0;
    return str;
}

static const char *or_else(kith_str str, const char *otherwise) { return str.size ? str.data : otherwise; }

/* Reports a failed call; the message says what to do. Returns 0, as the functions below do on failure. */
static int failed(const char *what, kith_status status, const kith_error *error) {
    fprintf(stderr, "till: %s: %s: %s\n", what, kith_status_name(status),
            status < 0 ? error->message : "nothing of that name");
    return 0;
}

static void print_amount(int64_t minor_units, const kith_info *info) {
    char buffer[32];
    kith_decimal_format(minor_units, info->minor_digits, buffer, sizeof buffer);
    printf("%s %s", buffer, (const char *)info->currency);
}

/* The day of a time, as "2026-01-31". */
static void print_day(kith_time time) {
    char buffer[32] = "";
    kith_time_format(time, buffer, sizeof buffer);
    printf("%.10s", buffer);
}

static int read_time(const char *written, kith_time *out_time) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_status status = kith_time_parse(written, KITH_NTS, NULL, 0, out_time, &error);
    return status == KITH_OK ? 1 : failed(written, status, &error);
}

/* ---- writing: fill a batch, commit it; all of it happens or nothing ---- */

/* Who a host key of this till, as "C-1", stands for. */
static kith_ref customer_ref(const char *number) {
    kith_ref ref = {KITH_REF_HOST, 0, {{0}}, {NULL, 0}, {NULL, 0}};
    ref.kind = text("till");
    ref.value = text(number);
    return ref;
}

static int add_customer(kith_batch *batch, const char *number, const char *name, const char *card) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_ref ref = customer_ref(number);
    kith_party party = {0};
    kith_identifier identifier = {0};
    kith_status status;

    party.struct_size = sizeof party;
    party.fields = KITH_PARTY_FIELD_NAME | KITH_PARTY_FIELD_ROLES;
    party.name = text(name);
    party.roles = KITH_ROLE_FINAL;
    status = kith_party_put(batch, &ref, KITH_ITEM_CREATE, &party, NULL, &error);
    if (status != KITH_OK) return failed("add a customer", status, &error);

    identifier.struct_size = sizeof identifier;
    identifier.kind = text("card");
    identifier.value = text(card);
    status = kith_identifier_add(batch, &ref, 0, &identifier, NULL, &error);
    if (status != KITH_OK) return failed("add a card", status, &error);
    return 1;
}

/* A sale of one product. Its receipt number names it for ever. */
static int add_sale(kith_batch *batch, const kith_ref *customer, const char *receipt, kith_time at,
                    const char *product, int64_t quantity, int64_t unit_price, const kith_info *info) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_interaction sale = {0};
    kith_line line = {0};
    kith_status status;

    line.product = text(product);
    line.quantity = quantity;
    line.unit_price = unit_price;
    status = kith_line_amount(quantity, unit_price, info->minor_digits, &line.amount, &error);
    if (status != KITH_OK) return failed("price a line", status, &error);

    sale.struct_size = sizeof sale;
    sale.fields = KITH_INTERACTION_FIELD_AMOUNT;
    sale.type = text("order");
    sale.at = at;
    sale.system = text("till");
    sale.key = text(receipt);
    sale.amount = line.amount; /* in the file's currency, since `currency` is left empty */
    sale.medium = text("shop");
    sale.lines = &line;
    sale.line_count = 1;
    status = kith_interaction_append(batch, customer, 0, &sale, NULL, &error);
    return status == KITH_OK ? 1 : failed("add a sale", status, &error);
}

/* Three customers: one who came every month and stopped, one who still comes, one who is new. */
static int add_history(kith_batch *batch, const kith_info *info) {
    static const struct {
        const char *customer, *receipt, *at;
        int64_t unit_price;
    } sales[] = {
        {"C-1", "R-0001", "2025-05-03T09:15:00Z", 12500000},
        {"C-1", "R-0002", "2025-06-02T17:40:00Z", 8900000},
        {"C-1", "R-0003", "2025-07-01T11:05:00Z", 15250000},
        {"C-1", "R-0004", "2025-08-02T10:20:00Z", 9900000},
        {"C-2", "R-0005", "2025-12-20T16:30:00Z", 24000000},
        {"C-2", "R-0006", "2026-01-24T12:00:00Z", 19500000},
        {"C-2", "R-0007", "2026-02-21T12:10:00Z", 21000000},
    };
    size_t i;

    if (!add_customer(batch, "C-1", "Ada Lindqvist", "5000-0001")) return 0;
    if (!add_customer(batch, "C-2", "Ben Okafor", "5000-0002")) return 0;
    if (!add_customer(batch, "C-3", "Chen Yu", "5000-0003")) return 0;
    for (i = 0; i < sizeof sales / sizeof sales[0]; ++i) {
        kith_ref ref = customer_ref(sales[i].customer);
        kith_time at;
        if (!read_time(sales[i].at, &at)) return 0;
        if (!add_sale(batch, &ref, sales[i].receipt, at, "coffee", KITH_DECIMAL_ONE, sales[i].unit_price,
                      info))
            return 0;
    }
    return 1;
}

static int commit(kith_batch *batch) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_status status = kith_batch_commit(batch, NULL, &error);
    return status == KITH_OK ? 1 : failed("commit", status, &error);
}

static int record_sale(kith_batch *batch, const kith_id *customer, const char *receipt, kith_time at,
                       const kith_info *info) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_ref ref = {KITH_REF_ID, 0, {{0}}, {NULL, 0}, {NULL, 0}};
    kith_outcome outcome = {0};
    kith_status status;

    ref.id = *customer;
    if (!add_sale(batch, &ref, receipt, at, "coffee", 2 * KITH_DECIMAL_ONE, 6450000, info)) return 0;
    if (!commit(batch)) return 0;
    outcome.struct_size = sizeof outcome;
    status = kith_batch_outcome(batch, 0, &outcome, &error);
    if (status != KITH_OK) return failed("read the outcome", status, &error);
    printf("\nReceipt %s %s\n", receipt,
           outcome.result == KITH_RESULT_EXISTING ? "is there already: nothing was added" : "recorded");
    return 1;
}

/* ---- reading: everything is read from a snapshot, the file as it stood at one commit ---- */

static int find_by_card(kith_snapshot *snapshot, const char *card, kith_id *out_customer) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_ref ref = {KITH_REF_IDENTIFIER, 0, {{0}}, {NULL, 0}, {NULL, 0}};
    kith_status status;

    ref.kind = text("card");
    ref.value = text(card);
    status = kith_party_find(snapshot, &ref, out_customer, &error);
    return status == KITH_OK ? 1 : failed("find the card", status, &error);
}

static void print_commitments(const kith_page *page, const char *indent) {
    size_t count, i;
    const kith_commitment *const *commitments = kith_page_commitments(page, &count);
    for (i = 0; i < count; ++i) {
        printf("%s%s %s", indent, or_else(commitments[i]->party_key, "-"),
               or_else(commitments[i]->title, commitments[i]->kind.data));
        if (commitments[i]->fields & KITH_COMMITMENT_FIELD_DUE) {
            printf(", due ");
            print_day(commitments[i]->due);
        }
        printf("\n");
    }
}

/* One call brings everything about a customer; the page holds it until it is freed. */
static int show_brief(kith_snapshot *snapshot, const kith_id *customer, const kith_info *info) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_page *page = NULL;
    const kith_figures *figures;
    size_t count, i;
    kith_status status = kith_brief(snapshot, customer, 3, &page, &error);
    if (status != KITH_OK) return failed("read the brief", status, &error);

    {
        const kith_party *const *parties = kith_page_parties(page, &count);
        for (i = 0; i < count; ++i)
            printf("%s (%s)\n", or_else(parties[i]->name, "no name"),
                   or_else(parties[i]->host_key, "no number"));
    }
    {
        const kith_process *const *processes = kith_page_processes(page, &count);
        for (i = 0; i < count; ++i) {
            printf("  %s: %s since ", processes[i]->definition.data, processes[i]->state.data);
            print_day(processes[i]->since);
            printf("\n");
        }
    }
    figures = kith_page_figures(page);
    if (figures && figures->orders > 0) {
        printf("  %lu sales, ", (unsigned long)figures->orders);
        print_amount(figures->amount_total, info);
        printf(" in all, last ");
        print_day(figures->last_order_at);
        printf("\n");
    }
    {
        const kith_interaction *const *interactions = kith_page_interactions(page, &count);
        for (i = 0; i < count; ++i) {
            printf("  ");
            print_day(interactions[i]->at);
            printf(" %s %s ", interactions[i]->type.data, or_else(interactions[i]->key, "-"));
            if (interactions[i]->fields & KITH_INTERACTION_FIELD_AMOUNT)
                print_amount(interactions[i]->amount, info);
            printf("\n");
        }
    }
    print_commitments(page, "  open: ");
    kith_page_free(page);
    return 1;
}

/* Does what has fallen due by `now`, then prints what is owed to whom, by due date. */
static int print_due(kith_store *store, kith_snapshot *snapshot, kith_time now) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_query query = {0};
    kith_cursor *cursor = NULL;
    kith_status status = kith_store_run_due(store, now, NULL, &error);
    if (status != KITH_OK) return failed("do what is due", status, &error);
    status = kith_snapshot_renew(snapshot, &error);
    if (status != KITH_OK) return failed("renew the snapshot", status, &error);

    query.struct_size = sizeof query;
    query.list = KITH_LIST_COMMITMENTS;
    status = kith_cursor_open(snapshot, &query, &cursor, &error);
    if (status != KITH_OK) return failed("list commitments", status, &error);

    printf("\nFollow-ups\n");
    for (;;) {
        kith_page *page = NULL;
        status = kith_cursor_next(cursor, 100, &page, &error);
        if (status != KITH_OK) break;
        print_commitments(page, "  ");
        kith_page_free(page);
    }
    kith_cursor_free(cursor);
    return status == KITH_END ? 1 : failed("read commitments", status, &error);
}

/* ---- the till ---- */

/* Reads the facts about the file; a new one gets its customers. */
static int prepare(kith_snapshot *snapshot, kith_batch *batch, kith_info *info) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_status status;

    info->struct_size = sizeof *info;
    status = kith_store_info(snapshot, info, &error);
    if (status != KITH_OK) return failed("read the file's facts", status, &error);
    if (info->parties > 0) return 1;

    if (!add_history(batch, info) || !commit(batch)) return 0;
    kith_batch_clear(batch);
    status = kith_snapshot_renew(snapshot, &error);
    return status == KITH_OK ? 1 : failed("renew the snapshot", status, &error);
}

int main(int argc, char **argv) {
    kith_error error = {sizeof error, 0, 0, 0, 0, 0, ""};
    kith_open_options options = {0};
    kith_store *store = NULL;
    kith_snapshot *snapshot = NULL;
    kith_batch *batch = NULL;
    kith_info info = {0};
    kith_id customer;
    kith_time at;
    kith_status status;
    int done;

    if (argc != 2 && argc != 5) {
        fprintf(stderr, "usage: till FILE [CARD RECEIPT TIME]\n");
        return 2;
    }
    if (!read_time(argc == 5 ? argv[4] : "2026-03-14T10:30:00Z", &at)) return 1;

    options.struct_size = sizeof options;
    options.flags = KITH_OPEN_CREATE;
    status = kith_store_open(argv[1], KITH_NTS, &options, &store, &error);
    if (status != KITH_OK) return failed(argv[1], status, &error), 1;
    status = kith_snapshot_begin(store, &snapshot, &error);
    if (status == KITH_OK) status = kith_batch_new(store, &batch, &error);

    done = (status == KITH_OK || failed("begin", status, &error)) && prepare(snapshot, batch, &info) &&
           find_by_card(snapshot, argc == 5 ? argv[2] : "5000-0002", &customer) &&
           show_brief(snapshot, &customer, &info) &&
           record_sale(batch, &customer, argc == 5 ? argv[3] : "R-1001", at, &info) &&
           print_due(store, snapshot, at);

    kith_batch_free(batch);
    kith_snapshot_end(snapshot);
    kith_store_close(store);
    return done ? 0 : 1;
}
