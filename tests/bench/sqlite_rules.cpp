#include "bench/sqlite_rules.hpp"

#include <string>

namespace kith_bench {
namespace {

// Every effect has its occurrence, so that none is done twice.
constexpr const char *kEffects = R"sql(
CREATE TABLE tasks (id INTEGER PRIMARY KEY, customer, kind, assignee, opened, due, state DEFAULT 'open', late DEFAULT 0);
CREATE INDEX queue ON tasks (assignee, due) WHERE state = 'open';
CREATE INDEX open_tasks ON tasks (customer, due) WHERE state = 'open';
CREATE TABLE requests (id INTEGER PRIMARY KEY, customer, kind, receiver, at);
CREATE TABLE tags (customer, tag, PRIMARY KEY (customer, tag)) WITHOUT ROWID;
CREATE TABLE scores (metric, customer, at, event, value, PRIMARY KEY (metric, customer, at, event)) WITHOUT ROWID;
CREATE TABLE occurrences (cause, rule, PRIMARY KEY (cause, rule)) WITHOUT ROWID;
CREATE TABLE cases (customer, process, state, since, due, PRIMARY KEY (customer, process)) WITHOUT ROWID;
CREATE INDEX case_due ON cases (due) WHERE due IS NOT NULL;
CREATE INDEX states ON cases (process, state);
CREATE TABLE log (id INTEGER PRIMARY KEY, customer, process, at, was, state);
)sql";

constexpr const char *kHappened = R"sql(
CREATE VIEW happened AS SELECT 0 AS event, 0 AS customer, 0 AS at, 0 AS type, 0 AS medium, 0 AS actor, 0 AS amount,
 0 AS before, 0 AS inside, 0 AS recent, 0 AS big;
)sql";

constexpr const char *kProcesses = R"sql(
CREATE TRIGGER moved AFTER UPDATE OF state ON cases WHEN new.state <> old.state OR new.process = 'care' BEGIN
 INSERT INTO log (customer, process, at, was, state) VALUES (new.customer, new.process, new.since, old.state, new.state);
END;
CREATE TRIGGER begun AFTER INSERT ON cases BEGIN
 INSERT INTO log (customer, process, at, was, state) VALUES (new.customer, new.process, new.since, NULL, new.state);
END;
CREATE TRIGGER repeat AFTER UPDATE OF state ON cases
 WHEN new.process = 'buying' AND new.state = 'regular' AND old.state <> 'regular' BEGIN
 INSERT OR IGNORE INTO tags VALUES (new.customer, 'repeat');
END;
CREATE TRIGGER come_back AFTER UPDATE OF state ON cases WHEN new.process = 'buying' AND new.state = 'gone' BEGIN
 INSERT INTO tasks (customer, kind, assignee, opened, due) VALUES (new.customer, 'come_back', 'desk', new.since, new.since + 259200000000);
END;
CREATE TRIGGER neglected AFTER UPDATE OF state ON cases WHEN new.process = 'care' AND new.state = 'neglected' BEGIN
 INSERT INTO requests (customer, kind, receiver, at) VALUES (new.customer, 'neglected', 'desk', new.since);
END;
CREATE TRIGGER touch AFTER UPDATE OF state ON cases WHEN new.process = 'care' AND new.state = 'due_touch' BEGIN
 INSERT INTO tasks (customer, kind, assignee, opened, due) VALUES (new.customer, 'touch', 'desk', new.since, new.since + 259200000000);
END;
CREATE TRIGGER touched AFTER UPDATE OF state ON cases WHEN new.process = 'care' AND new.state = 'touched' BEGIN
 UPDATE tasks SET state = 'kept' WHERE customer = new.customer AND state = 'open' AND kind = 'touch';
END;
CREATE TRIGGER buying INSTEAD OF INSERT ON happened BEGIN
 UPDATE cases SET state = CASE WHEN state = 'regular' AND new.recent >= 3 THEN 'busy'
   WHEN state IN ('fresh', 'quiet', 'gone') THEN 'regular' ELSE state END, since = new.at, due = new.at + 5184000000000
  WHERE customer = new.customer AND process = 'buying';
 INSERT OR IGNORE INTO cases VALUES (new.customer, 'buying', 'fresh', new.at, new.at + 5184000000000);
END;
CREATE TRIGGER care INSTEAD OF INSERT ON happened BEGIN
 UPDATE cases SET state = 'touched', since = new.at, due = new.at + 3888000000000
  WHERE customer = new.customer AND process = 'care';
 INSERT OR IGNORE INTO cases VALUES (new.customer, 'care', 'touched', new.at, new.at + 3888000000000);
END;
CREATE TRIGGER entered_tag AFTER INSERT ON members WHEN new.segment IN (0, 1, 2, 5) BEGIN
 INSERT OR IGNORE INTO tags VALUES (new.customer, CASE new.segment WHEN 0 THEN 'is_buyer' WHEN 1 THEN 'is_frequent' WHEN 2 THEN 'is_big' ELSE 'is_star' END);
END;
)sql";

// A rule: when, and what then.
std::string rule(const std::string &name, const std::string &when, const std::string &then) {
    return "CREATE TRIGGER rule_" + name + " INSTEAD OF INSERT ON happened WHEN " + when +
           " BEGIN INSERT INTO occurrences VALUES (new.event, '" + name + "'); " + then + " END;\n";
}
std::string task(const std::string &kind, int days) {
    return "INSERT INTO tasks (customer, kind, assignee, opened, due) VALUES (new.customer, '" + kind +
           "', 'desk', new.at, new.at + " + std::to_string(days * 86'400'000'000) + ");";
}
std::string tag(const std::string &name) {
    return "INSERT OR IGNORE INTO tags VALUES (new.customer, '" + name + "');";
}
std::string tell(const std::string &kind) {
    return "INSERT INTO requests (customer, kind, receiver, at) VALUES (new.customer, '" + kind +
           "', 'desk', new.at);";
}
const std::string kScore = "INSERT INTO scores VALUES ('basket', new.customer, new.at, new.event, 1.0);";

std::string rules() {
    std::string all;
    all += rule("thank", "new.type = 'order' AND new.amount > 9000", task("thank", 3));
    all += rule("buyer", "new.type = 'order'", tag("buyer"));
    all += rule("basket", "new.type = 'order'", kScore);
    all += rule("large", "new.type = 'order' AND new.amount > 8000", tell("large"));
    all += rule("call", "new.type = 'order' AND new.recent >= 6", task("call", 2));
    all += rule("star", "new.type = 'order' AND new.inside & 32 AND new.amount > 7000", tell("star"));
    all += rule("loyal", "new.type = 'order' AND new.inside & 64", tag("loyal"));
    all += rule("upsell", "new.type = 'order' AND new.inside & 128 AND new.amount > 9500", task("upsell", 3));
    all += rule("check", "new.type = 'order' AND new.actor = 7 AND new.amount > 6000", task("check", 1));
    for (const char *medium : {"web", "phone", "store", "app", "mail", "fair"})
        all += rule(medium, "new.type = 'order' AND new.medium = '" + std::string(medium) + "'", tag(medium));
    for (int i = 1; i <= 5; ++i) {
        const auto name = "big_" + std::to_string(i);
        all += rule(name, "new.amount > 5000 AND new.big = " + std::to_string(i),
                    i < 3 ? tag(name) : task(name, 3));
    }
    all += rule("complaint", "new.type = 'complaint'", task("answer", 1));
    all += rule("return", "new.type = 'return' AND new.amount > 5000", tell("return"));
    all += rule("reply", "new.type = 'contact.mailed_in'", task("reply", 1));
    return all;
}

void fill(Database &database, Outcome &out, const char *text) {
    auto *const one = database.statement(text);
    while (database.step(one))
        out[reinterpret_cast<const char *>(sqlite3_column_text(one, 0))] = sqlite3_column_int64(one, 1);
}

Outcome outcome_of(Database &database) {
    Outcome out;
    fill(database, out, "SELECT 'task ' || kind || ' ' || state, count(*) FROM tasks GROUP BY kind, state");
    fill(database, out, "SELECT 'late ' || kind, count(*) FROM tasks WHERE late GROUP BY kind");
    fill(database, out, "SELECT 'request ' || kind, count(*) FROM requests GROUP BY kind");
    fill(database, out, "SELECT 'tag ' || tag, count(*) FROM tags GROUP BY tag");
    fill(database, out,
         "SELECT 'state ' || process || ' ' || state, count(*) FROM cases GROUP BY process, state");
    fill(database, out, "SELECT 'score ' || metric, count(*) FROM scores GROUP BY metric");
    fill(database, out, "SELECT 'log ' || process, count(*) FROM log GROUP BY process");
    return out;
}

constexpr const char *kDue =
    "UPDATE cases SET state = CASE state WHEN 'quiet' THEN 'gone' WHEN 'touched' THEN 'due_touch' WHEN "
    "'due_touch' "
    "THEN 'neglected' ELSE 'quiet' END, since = due, due = CASE state WHEN 'quiet' THEN NULL WHEN 'touched' "
    "THEN due + "
    "2592000000000 WHEN 'due_touch' THEN NULL ELSE due + 15552000000000 END WHERE due <= ?1";

void tell_late(Database &database, std::int64_t customer, std::int64_t at) {
    auto *const late = database.statement(
        "UPDATE tasks SET late = 1 WHERE customer = ?1 AND state = 'open' AND due <= ?2 AND NOT late");
    sqlite3_bind_int64(late, 1, customer);
    sqlite3_bind_int64(late, 2, at);
    database.step(late);
}

}  // namespace

SqliteRules::SqliteRules(const std::string &file) : Sqlite(file) {
    run(kEffects);
    run(kHappened);
    run(kProcesses);
    run(rules().c_str());
}

void SqliteRules::sell(const Order &order) {
    const auto customer = customer_of(order);
    // What is due before it.
    auto *const due = statement("SELECT 1 FROM cases WHERE customer = ?1 AND due <= ?2");
    sqlite3_bind_int64(due, 1, customer);
    sqlite3_bind_int64(due, 2, order.at);
    while (step(due)) {
        sqlite3_reset(due);
        static const std::string kOfOne = std::string(kDue) + " AND customer = ?2";
        auto *const move = statement(kOfOne.c_str());
        sqlite3_bind_int64(move, 1, order.at);
        sqlite3_bind_int64(move, 2, customer);
        step(move);
    }
    tell_late(*this, customer, order.at);
    const auto id = add(order, customer);
    const auto settled = settle(customer, order.at);
    auto *const happened = statement(
        "INSERT INTO happened SELECT ?1, ?2, ?3, 'order', '', ?4, ?5, ?6, ?7, ?8, big FROM customer_all "
        "WHERE "
        "customer = ?2");
    const std::int64_t values[] = {
        id, customer, order.at, order.actor, order.amount(), settled.before, settled.inside, settled.recent};
    for (int i = 0; i < 8; ++i) sqlite3_bind_int64(happened, i + 1, values[i]);
    step(happened);
}

void SqliteRules::run_due(std::int64_t at) {
    Sqlite::run_due(at);
    auto *const any = statement("SELECT 1 FROM cases WHERE due <= ?1 LIMIT 1");
    sqlite3_bind_int64(any, 1, at);
    while (step(any)) {
        sqlite3_reset(any);
        auto *const move = statement(kDue);
        sqlite3_bind_int64(move, 1, at);
        step(move);
    }
    auto *const late = statement("UPDATE tasks SET late = 1 WHERE state = 'open' AND due <= ?1 AND NOT late");
    sqlite3_bind_int64(late, 1, at);
    step(late);
}

Outcome SqliteRules::outcome() { return outcome_of(*this); }

SqliteMany::SqliteMany(const std::string &file, int rules, bool by_type) : Database(file) {
    run("CREATE TABLE customers (id INTEGER PRIMARY KEY, key TEXT UNIQUE);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer, at, actor, amount);"
        "CREATE INDEX timeline ON orders (customer, at);"
        "CREATE TABLE lines (of, n, product, category, amount, PRIMARY KEY (of, n)) WITHOUT ROWID");
    run(kEffects);
    run(kHappened);
    std::string all;
    all += rule("thank", "new.type = 'order' AND new.amount >= 0", task("thank", 3));
    all += rule("buyer", "new.type = 'order'", tag("buyer"));
    all += rule("basket", "new.type = 'order'", kScore);
    for (int i = 3; i < rules; ++i) {
        const auto name = "other_" + std::to_string(i);
        all +=
            rule(name,
                 by_type ? "new.type = '" + name + "'" : "new.type = 'order' AND new.medium = '" + name + "'",
                 task("other", 3));
    }
    run(all.c_str());
}

void SqliteMany::sell(const Order &order) {
    const auto key = "C" + std::to_string(order.customer);
    auto *find =
        statement("INSERT INTO customers (key) VALUES (?1) ON CONFLICT DO UPDATE SET key = key RETURNING id");
    sqlite3_bind_text(find, 1, key.c_str(), -1, SQLITE_STATIC);
    step(find);
    const auto customer = sqlite3_column_int64(find, 0);
    sqlite3_reset(find);
    tell_late(*this, customer, order.at);
    auto *one =
        statement("INSERT INTO orders (customer, at, actor, amount) VALUES (?1, ?2, ?3, ?4) RETURNING id");
    const std::int64_t values[] = {customer, order.at, order.actor, order.amount()};
    for (int i = 0; i < 4; ++i) sqlite3_bind_int64(one, i + 1, values[i]);
    step(one);
    const auto id = sqlite3_column_int64(one, 0);
    sqlite3_reset(one);
    for (int i = 0; i < 2; ++i) {
        auto *line = statement("INSERT INTO lines VALUES (?1, ?2, ?3, ?4, ?5)");
        const std::int64_t cells[] = {id, i, order.lines[i].product, order.lines[i].category,
                                      order.lines[i].amount};
        for (int c = 0; c < 5; ++c) sqlite3_bind_int64(line, c + 1, cells[c]);
        step(line);
    }
    auto *const happened =
        statement("INSERT INTO happened VALUES (?1, ?2, ?3, 'order', '', ?4, ?5, 0, 0, 0, 0)");
    const std::int64_t seen[] = {id, customer, order.at, order.actor, order.amount()};
    for (int i = 0; i < 5; ++i) sqlite3_bind_int64(happened, i + 1, seen[i]);
    step(happened);
}

Outcome SqliteMany::outcome() { return outcome_of(*this); }

SqliteDue::SqliteDue(const std::string &file, int cases, std::int64_t at, std::int64_t due, bool with_task)
    : Database(file) {
    run(kEffects);
    run("CREATE TRIGGER moved AFTER UPDATE OF state ON cases BEGIN "
        "INSERT INTO log (customer, process, at, was, state) VALUES (new.customer, new.process, new.since, "
        "old.state, new.state); END");
    if (with_task)
        run("CREATE TRIGGER call AFTER UPDATE OF state ON cases BEGIN "
            "INSERT INTO occurrences VALUES (new.customer, 'call'); "
            "INSERT INTO tasks (customer, kind, assignee, opened, due) VALUES (new.customer, 'call', 'desk', "
            "new.since, new.since + 259200000000); END");
    begin();
    for (int i = 0; i < cases; ++i) {
        auto *const one = statement("INSERT INTO cases VALUES (?1, 'trial', 'on_trial', ?2, ?3)");
        sqlite3_bind_int64(one, 1, i);
        sqlite3_bind_int64(one, 2, at + i);
        sqlite3_bind_int64(one, 3, due + i);
        step(one);
    }
    commit();
    begin();
    run("INSERT INTO log (customer, process, at, was, state) SELECT customer, process, since, NULL, state "
        "FROM cases");
    commit();
}

void SqliteDue::run_due(std::int64_t at) {
    begin();
    auto *const move = statement("UPDATE cases SET state = 'over', since = due, due = NULL WHERE due <= ?1");
    sqlite3_bind_int64(move, 1, at);
    step(move);
    commit();
}

Outcome SqliteDue::outcome() { return outcome_of(*this); }

}  // namespace kith_bench
