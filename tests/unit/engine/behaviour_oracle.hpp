// Random processes and rules, random histories, and an interpreter of both that knows nothing of the engine:
// it keeps every event of a party and counts them anew whenever it is asked. Shared by the quick and the full
// test.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "unit/engine/fixture.hpp"

namespace kith::engine::oracle {

using base::Micros;

// ---- definitions, as data of their own and as JSON ----

struct Guard {  // all of it holds
    int orders_least = 0, complaints_least = 0, orders_most = -1, size_least = 0;
    std::string in_state;  // of the case, or none
    bool reads(const std::set<std::string> &moved) const {
        return moved.contains("all") || ((orders_least > 0 || orders_most >= 0) && moved.contains("sale")) ||
               (complaints_least > 0 && moved.contains("complaint")) ||
               (!in_state.empty() && moved.contains("state"));
    }
    bool none() const {
        return orders_least == 0 && complaints_least == 0 && orders_most < 0 && size_least == 0 &&
               in_state.empty();
    }
    std::string text() const {
        std::string all;
        const auto add = [&](const std::string &one) { all += (all.empty() ? "" : " && ") + one; };
        if (orders_least) add("m.sales_made >= " + std::to_string(orders_least));
        if (orders_most >= 0) add("m.sales_made <= " + std::to_string(orders_most));
        if (complaints_least) add("m.complaints >= " + std::to_string(complaints_least));
        if (size_least) add("data.size >= " + std::to_string(size_least));
        if (!in_state.empty()) add("in_state('" + in_state + "')");
        return all;
    }
};

struct Deed {
    enum class What { task, commit, close, tag, untag, emit, open, move } what{};
    std::string name = "k0", event;  // kind, tag, event; process and event
    int due_hours = 30;
    std::string text() const {
        const std::string due = ", \"due\": \"PT" + std::to_string(due_hours) + "H\"";
        switch (what) {
            case What::task:
                return R"({"do": "task", "kind": ")" + name + R"(", "title": "t")" + due + "}";
            case What::commit:
                return R"({"do": "commit", "kind": ")" + name + R"(", "title": "t")" + due + "}";
            case What::close:
                return R"({"do": "close", "kind": ")" + name + R"(", "as": "kept"})";
            case What::tag:
                return R"({"do": "tag", "tag": ")" + name + R"("})";
            case What::untag:
                return R"({"do": "tag", "tag": ")" + name + R"(", "remove": true})";
            case What::emit:
                return R"({"do": "emit", "event": ")" + name + R"("})";
            case What::open:
                return R"({"do": "open", "process": ")" + name + R"("})";
            case What::move:
                return R"({"do": "move", "process": ")" + name + R"(", "event": ")" + event + R"("})";
        }
        return {};
    }
};

inline std::string list_of(const std::vector<Deed> &deeds) {
    std::string text = "[";
    for (const auto &deed : deeds) text += (text.size() > 1 ? ", " : "") + deed.text();
    return text + "]";
}

struct Move {
    int target = -1;  // none: actions alone
    Guard guard;
    std::vector<Deed> actions;
    bool reenter = false;
};

struct After {
    enum class By { delay, anchor, at } by{};
    int hours = 0;
    Move move;
};

struct State {
    std::string name;
    int outer = -1, initial = -1;
    std::vector<std::pair<std::string, std::vector<Move>>> on;
    std::vector<After> after;
    std::vector<Move> always;
    std::vector<Deed> entry, exit;
    bool final = false, require = false;  // the size
};

struct Chart {
    std::string name, start;
    bool keyed = false, has_size = false;
    bool waits = false;  // of a rule with `unless`: told by the rule
    int initial = 0;
    std::vector<State> states;
    std::vector<std::pair<std::string, std::vector<Move>>> on;

    std::string text_of(const Move &move, const std::string &first = {}) const {
        std::string text = "{" + first;
        const auto add = [&](const std::string &one) { text += (text.size() > 1 ? ", " : "") + one; };
        if (!move.guard.none()) add("\"guard\": \"" + move.guard.text() + "\"");
        if (move.target >= 0)
            add("\"target\": \"" + states[static_cast<std::size_t>(move.target)].name + "\"");
        if (move.reenter) add("\"reenter\": true");
        if (!move.actions.empty()) add("\"actions\": " + list_of(move.actions));
        return text + "}";
    }
    std::string text_of(const std::vector<Move> &moves) const {
        std::string text = "[";
        for (const auto &move : moves) text += (text.size() > 1 ? ", " : "") + text_of(move);
        return text + "]";
    }
    std::string text_of(const std::vector<std::pair<std::string, std::vector<Move>>> &all) const {
        std::string text = "{";
        for (const auto &[event, moves] : all)
            text += (text.size() > 1 ? ", \"" : "\"") + event + "\": " + text_of(moves);
        return text + "}";
    }
    std::string states_text(int outer) const {
        std::string text = "{";
        for (std::size_t i = 0; i < states.size(); ++i) {
            const auto &state = states[i];
            if (state.outer != outer) continue;
            std::string one;
            const auto add = [&](const std::string &part) { one += (one.empty() ? "" : ", ") + part; };
            if (state.initial >= 0) {
                add("\"initial\": \"" + states[static_cast<std::size_t>(state.initial)].name + "\"");
                add("\"states\": " + states_text(static_cast<int>(i)));
            }
            if (!state.on.empty()) add("\"on\": " + text_of(state.on));
            if (!state.always.empty()) add("\"always\": " + text_of(state.always));
            if (!state.entry.empty()) add("\"entry\": " + list_of(state.entry));
            if (!state.exit.empty()) add("\"exit\": " + list_of(state.exit));
            if (state.final) add("\"final\": true");
            if (state.require) add("\"require\": [\"size\"]");
            std::string timers;
            for (const auto &after : state.after) {
                const auto hours = std::to_string(after.hours);
                std::string when = "\"delay\": \"PT" + hours + "H\"";
                if (after.by == After::By::anchor) when += ", \"anchor\": \"m.last_sale_at\"";
                if (after.by == After::By::at)
                    when =
                        "\"at\": \"addDays(m.last_sale_at, " + std::to_string(after.hours / 24) + ", zone)\"";
                timers += (timers.empty() ? "" : ", ") + text_of(after.move, when);
            }
            if (!timers.empty()) add("\"after\": [" + timers + "]");
            text += (text.size() > 1 ? ", \"" : "\"") + state.name + "\": {" + one + "}";
        }
        return text + "}";
    }
    std::string text() const {
        return R"({"process": ")" + name + R"(", "per": "party", "start": {"on": ")" + start +
               (keyed ? R"(", "key": "i.topic"}, )" : R"("}, )") +
               (has_size ? R"("fields": {"size": "int"}, )" : "") + R"("initial": ")" +
               states[static_cast<std::size_t>(initial)].name + "\"" +
               (on.empty() ? "" : ", \"on\": " + text_of(on)) + ", \"states\": " + states_text(-1) + "}";
    }
};

struct Rule {
    std::string name, on;  // none: as `when` becomes true
    Guard when;
    int priority = 100;
    std::vector<Deed> then;
    int at_days = 0;                  // after the last sale
    bool every = false, all = false;  // day; each that was missed
    std::string unless;
    int within_hours = 0;
    std::string text() const {
        std::string text = R"({"rule": ")" + name + "\"";
        if (!on.empty()) text += R"(, "on": ")" + on + "\"";
        if (at_days) text += R"(, "at": "addDays(m.last_sale_at, )" + std::to_string(at_days) + ", zone)\"";
        if (every) text += R"(, "every": "day")";
        if (all) text += R"(, "catch_up": "all")";
        if (!unless.empty())
            text += R"(, "unless": {"event": ")" + unless + R"(", "within": "PT)" +
                    std::to_string(within_hours) + "H\"}";
        if (!when.none()) text += ", \"when\": \"" + when.text() + "\"";
        if (priority != 100) text += ", \"priority\": " + std::to_string(priority);
        return text + ", \"then\": " + list_of(then) + "}";
    }
    bool by_event() const { return !on.empty() && unless.empty(); }
    // What waits for what does not come.
    Chart waiting() const {
        Chart chart;
        chart.name = "rule." + name;
        chart.start = on;
        chart.waits = true;
        chart.states.resize(4);
        const char *const names[] = {"waiting", "came", "missed", "passed"};
        for (std::size_t i = 0; i < 4; ++i) chart.states[i].name = names[i], chart.states[i].final = i > 0;
        Move came;
        came.target = 1;
        chart.states[0].on.emplace_back(unless, std::vector{came});
        After after;
        after.hours = within_hours;
        after.move.target = 2;
        after.move.guard = when;
        after.move.actions = then;
        chart.states[0].after.push_back(after);
        after.move = {};
        after.move.target = 3;
        if (!when.none()) chart.states[0].after.push_back(after);
        return chart;
    }
};

struct Definitions {
    std::vector<Chart> charts;
    std::vector<Rule> rules;  // in order of priority, then name
    std::string text() const {
        std::string text = R"({"playbook": "random", "format": 1, "version": 1, "define": [
{"metric": "sales_made", "count": "sale"}, {"metric": "complaints", "count": "complaint"},
{"metric": "last_sale_at", "last": "sale", "of": "i.at"},
{"type": "complaint", "fields": {"size": "int"}}, {"type": "visit", "fields": {"size": "int"}})";
        for (const auto &one : charts) {
            if (!one.waits) text += ",\n" + one.text();
        }
        for (const auto &one : rules) text += ",\n" + one.text();
        return text + "]}";
    }
};

struct Event {
    std::string party, type, key, corrects;
    Micros at = 0, arrives = 0;  // it may come late
    std::string topic{};
    int size = 0;
    bool operator==(const Event &) const = default;
};

// ---- at random ----

class Maker {
public:
    explicit Maker(std::uint64_t seed) : random_(seed) {}

    int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
    bool one_in(int n) { return below(n) == 0; }

    Definitions definitions() {
        Definitions made;
        charts_ = 1 + below(2);
        for (int i = 0; i < charts_; ++i) made.charts.push_back(chart(i));
        const int rules = below(4);
        for (int i = 0; i < rules; ++i) {
            Rule rule;
            rule.name = (one_in(2) ? "a" : "r") + std::to_string(i);
            static const char *const kOn[] = {
                "sale",      "complaint",      "visit",          "x",
                "y",         "state.entered",  "process.ended",  "state.changed",
                "task.late", "promise.broken", "commitment.kept"};
            if (!one_in(3)) rule.on = kOn[below(11)];
            if (rule.on.empty() || one_in(3)) rule.when = guard({});
            if (rule.on.empty() && rule.when.none()) rule.when.orders_least = 2;
            if (one_in(3)) rule.priority = one_in(2) ? 50 : 150;
            rule.then = deeds(1 + below(2), true);
            mend({&rule.then});
            if (i == 0 && one_in(3)) {
                rule.on.clear();
                rule.at_days = 1 + below(6);
            } else if (one_in(5)) {
                rule.on.clear();
                rule.every = true;
                rule.all = one_in(2);
            } else if (!rule.on.empty() && one_in(3)) {
                rule.unless = kOn[below(5)];
                rule.within_hours = 5 + 24 * below(4);
                rule.priority = 100;
            }
            // What waits for what it makes itself would grow without end.
            if (!rule.unless.empty() && (rule.on == "x" || rule.on == "y")) rule.then = {Deed{}};
            if (!rule.unless.empty()) made.charts.push_back(rule.waiting());
            made.rules.push_back(rule);
        }
        std::ranges::sort(made.charts, {}, &Chart::name);
        std::ranges::sort(made.rules, {},
                          [](const auto &rule) { return std::pair(rule.priority, rule.name); });
        return made;
    }

    std::vector<Event> history(int parties, int days) {
        std::vector<Event> all;
        const int count = 4 + below(16);
        std::set<Micros> times;
        while (times.size() < static_cast<std::size_t>(count))
            times.insert(below(days) * base::kDay + (1 + below(22)) * (base::kDay / 24));
        for (const auto at : times)
            all.push_back(
                {"p" + std::to_string(below(parties)), type(), "k" + std::to_string(all.size()), {}, at, at});
        for (auto &event : all) {
            event.topic = one_in(2) ? "a" : "b";
            if (event.type != "sale" && one_in(2)) event.size = 1 + below(3);
        }
        if (one_in(2)) return all;
        // Some come late, and some are put right later: of another type, party or time.
        for (std::size_t i = 0, end = all.size(); i < end; ++i) {
            if (one_in(4)) all[i].arrives += (1 + below(200)) * (base::kDay / 24);
            if (!one_in(6)) continue;
            auto right = all[i];
            right.corrects = right.key;
            right.key += "c";
            if (one_in(2)) right.type = type();
            if (right.type == "sale") right.size = 0;
            if (one_in(3)) right.party = "p" + std::to_string(below(parties));
            if (one_in(3)) right.at -= below(30) * (base::kDay / 24);
            right.at = std::max(right.at, base::kDay / 24);
            right.arrives += (1 + below(100)) * (base::kDay / 24);
            all.push_back(right);
        }
        std::ranges::stable_sort(all, {}, &Event::arrives);
        return all;
    }
    std::string type() {
        static const char *const kTypes[] = {"sale", "sale", "complaint", "visit"};
        return kTypes[below(4)];
    }

private:
    Guard guard(const std::string &in_state) {
        Guard made;
        switch (below(5)) {
            case 0:
                made.orders_least = 1 + below(3);
                break;
            case 1:
                made.complaints_least = 1 + below(2);
                break;
            case 2:
                made.orders_most = below(3);
                break;
            case 3:
                made.orders_least = 1 + below(2);
                made.complaints_least = 1;
                break;
            default:
                made.in_state = in_state;
                break;
        }
        return made;
    }
    std::vector<Deed> deeds(int count, bool of_rule) {
        std::vector<Deed> made;
        for (int i = 0; i < count; ++i) {
            Deed deed;
            deed.due_hours = 5 + 12 * below(8);
            deed.name = "k" + std::to_string(below(2));
            switch (below(of_rule ? 9 : 7)) {
                case 0:
                    deed.what = Deed::What::task;
                    break;
                case 1:
                    deed.what = Deed::What::commit;
                    break;
                case 2:
                    deed.what = Deed::What::close;
                    break;
                case 3:
                    deed.what = Deed::What::tag, deed.name = "t" + std::to_string(below(2));
                    break;
                case 4:
                    deed.what = Deed::What::untag, deed.name = "t" + std::to_string(below(2));
                    break;
                case 5:
                case 6:
                    deed.what = Deed::What::emit, deed.name = one_in(2) ? "x" : "y";
                    break;
                case 7:
                    deed.what = Deed::What::open, deed.name = "p" + std::to_string(below(charts_));
                    break;
                default:
                    deed.what = Deed::What::move, deed.name = "p" + std::to_string(below(charts_));
                    deed.event = one_in(2) ? "x" : "visit";
            }
            made.push_back(deed);
        }
        return made;
    }
    Move move(const Chart &chart, bool may_stay, bool must_guard) {
        Move made;
        const auto states = static_cast<int>(chart.states.size());
        if (!may_stay || !one_in(5)) made.target = below(states);
        if (must_guard || one_in(3))
            made.guard = guard(chart.states[static_cast<std::size_t>(below(states))].name);
        if (must_guard && made.guard.none()) made.guard.orders_least = 3;
        made.actions = deeds(one_in(3) ? 1 : 0, false);
        if (made.target < 0 && made.actions.empty()) made.actions = deeds(1, false);
        made.reenter = made.target >= 0 && one_in(4);
        return made;
    }
    // What is made nowhere cannot be closed.
    static void mend(const std::vector<std::vector<Deed> *> &lists) {
        std::set<std::string> made;
        for (const auto *list : lists) {
            for (const auto &deed : *list) {
                if (deed.what == Deed::What::task || deed.what == Deed::What::commit) made.insert(deed.name);
            }
        }
        for (auto *list : lists) {
            for (auto &deed : *list) {
                if (deed.what == Deed::What::close && !made.contains(deed.name))
                    deed.what = made.empty() ? Deed::What::tag : deed.what,
                    deed.name = made.empty() ? "t0" : *made.begin();
            }
        }
    }
    static void mend(Chart &chart) {
        std::vector<std::vector<Deed> *> lists;
        const auto moves = [&](std::vector<Move> &all) {
            for (auto &move : all) lists.push_back(&move.actions);
        };
        for (auto &[event, all] : chart.on) moves(all);
        for (auto &state : chart.states) {
            lists.push_back(&state.entry);
            lists.push_back(&state.exit);
            for (auto &[event, all] : state.on) moves(all);
            for (auto &after : state.after) lists.push_back(&after.move.actions);
            moves(state.always);
        }
        mend(lists);
    }
    Move with_size(const Chart &chart, Move move) {
        if (chart.has_size && one_in(4)) move.guard.size_least = 1 + below(3);
        return move;
    }
    Chart chart(int number) {
        Chart made;
        made.name = "p" + std::to_string(number);
        made.keyed = one_in(3);
        made.has_size = one_in(2);
        made.start = one_in(3) ? "complaint" : one_in(3) ? "visit" : "sale";
        const int count = 2 + below(4);
        made.states.resize(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            made.states[static_cast<std::size_t>(i)].name = "s" + std::to_string(i);
        if (count > 2 && one_in(2)) {  // s0 has the last ones
            const int first = 2 + below(count - 2);
            made.states[0].initial = first;
            for (int i = first; i < count; ++i) made.states[static_cast<std::size_t>(i)].outer = 0;
        }
        made.initial = made.states[0].initial >= 0 ? 0 : below(2);
        for (std::size_t i = 0; i < made.states.size(); ++i) {
            auto &state = made.states[i];
            state.final = state.initial < 0 && state.outer < 0 && i > 0 && one_in(6);
            state.entry = deeds(one_in(2) ? 1 : 0, false);
            state.require = made.has_size && i > 0 && one_in(3);
            if (state.final) continue;
            state.exit = deeds(one_in(4) ? 1 : 0, false);
            for (const auto *event : {"sale", "complaint", "visit", "x"}) {
                if (!one_in(3)) continue;
                std::vector<Move> moves;
                for (int n = 1 + below(2); n > 0 && (moves.empty() || !moves.back().guard.none()); --n)
                    moves.push_back(with_size(made, move(made, true, false)));
                state.on.emplace_back(event, moves);
            }
            for (int n = one_in(2) ? 1 + below(2) : 0; n > 0; --n) {
                After after;
                after.by = static_cast<After::By>(below(3));
                after.hours = after.by == After::By::at ? 24 * (1 + below(5)) : 7 + 13 * below(9);
                after.move = with_size(made, move(made, true, false));
                after.move.reenter = false;
                state.after.push_back(after);
            }
            if (one_in(4)) {
                state.always.push_back(move(made, false, true));
                auto &always = state.always.back();  // one that stays is there for ever
                const auto stays = [&](int target) {
                    const auto to = static_cast<std::size_t>(target);
                    return to == i || made.states[to].outer == static_cast<int>(i);
                };
                for (int n = 0; n < count && stays(always.target); ++n)
                    always.target = (always.target + 1) % count;
            }
        }
        // Each state is to be reached: a visit goes from one to the next.
        for (std::size_t i = 0; i < made.states.size(); ++i) {
            auto &state = made.states[i];
            if (state.final ||
                std::ranges::any_of(state.on, [](const auto &on) { return on.first == "visit"; })) {
                for (auto &[event, moves] : state.on) {
                    if (event == "visit")
                        moves.back().target = static_cast<int>((i + 1) % made.states.size());
                }
                continue;
            }
            Move next;
            next.target = static_cast<int>((i + 1) % made.states.size());
            if (state.initial < 0 || made.states[static_cast<std::size_t>(next.target)].outer < 0)
                state.on.emplace_back("visit", std::vector{next});
        }
        if (one_in(4)) made.on.emplace_back("y", std::vector{move(made, true, false)});
        mend(made);
        return made;
    }

    std::mt19937_64 random_;
    int charts_ = 1;
};

// ---- the interpreter ----

struct Failed {
    std::string why;
};

class Interpreter {
public:
    explicit Interpreter(const Definitions &definitions) : d_(definitions) {
        for (const auto &rule : d_.rules) rows_[rule.name] = {};
    }

    void add(const Event &event) {
        if (!keys_.insert(event.key).second) return;
        const bool created = !parties_.contains(event.party);
        if (created) in_order_.push_back(event.party);
        auto &party = parties_[event.party];
        fire_until(party, event.at);
        std::set<std::string> moved{created ? "all" : event.type};
        bool news = true;
        if (!event.corrects.empty()) {
            for (auto &[name, other] : parties_) {
                const auto old = std::ranges::find(other.events, event.corrects, &Event::key);
                if (old == other.events.end()) continue;
                const auto type = old->type;
                other.events.erase(old);
                news = type != event.type || &other != &party;
                if (&other == &party)
                    moved.insert(type);
                else
                    look_again(other, event, type);
                break;
            }
        }
        party.events.push_back(event);
        now_ = instant_of(party, event.at);
        until_ = event.at;
        Happening root;
        root.type = event.type;
        root.at = event.at;
        root.cause = event.key;
        root.outside = true;
        root.topic = event.topic;
        root.size = event.size;
        whole(party, root.at, [&] {
            if (news) party.queue.push_back(root);
            drain(party, root, moved);
        });
    }
    void run_due(Micros now) {
        if (now <= through_) return;
        // As if it had been asked as each day began.
        while (true) {
            auto day = INT64_MAX;
            for (const auto &rule : d_.rules) day = std::min(day, next_day(rule, now));
            if (day > now) break;
            due_until(day);
            for (const auto &rule : d_.rules) {
                if (next_day(rule, now) != day) continue;
                for (const auto &name : in_order_) run_day(parties_[name], rule, day);
                rows_[rule.name].ran = day;
            }
        }
        due_until(now);
    }

    // What is told of a party, a line each.
    std::string told(const std::string &name) const {
        const auto found = parties_.find(name);
        if (found == parties_.end()) return {};
        const auto &party = found->second;
        std::vector<std::string> lines;
        for (const auto &one : party.cases) {
            std::string line = "case " + chart(one).name + (chart(one).keyed ? " " + one.key : "") + ":";
            for (const auto &entry : one.log) line += " " + entry;
            lines.push_back(line);
        }
        for (const auto &one : party.owed)
            lines.push_back("owed " + one.kind + (one.task ? " task " : " promise ") + one.maker + " " +
                            std::to_string(one.opened) + " " + one.state + " " + std::to_string(one.ended));
        for (const auto &one : party.fired) lines.push_back(one);
        std::ranges::sort(lines);
        std::string text;
        for (const auto &line : lines) text += line + "\n";
        for (const auto &tag : party.tags) text += "tag " + tag + "\n";
        return text;
    }
    std::size_t transitions() const {
        std::size_t all = 0;
        for (const auto &[name, party] : parties_) {
            for (const auto &one : party.cases) all += one.log.size();
        }
        return all;
    }
    std::size_t failures = 0, firings = 0;
    // What breeds without end is not worth comparing.
    bool grows() const {
        return std::ranges::any_of(
            parties_, [](const auto &one) { return one.second.cases.size() + one.second.owed.size() > 250; });
    }

private:
    struct Happening {
        std::string type, process, cause, maker, topic;
        int size = 0;  // of the event itself
        Micros at = 0;
        int depth = 0;
        bool outside = false, opens = false, timer = false;
    };
    struct Running {
        std::size_t chart = 0;
        std::string key;
        int state = -1, size = 0;
        Micros since = 0, outer_since = 0;
        std::optional<Micros> tried, outer_tried;
        std::vector<std::string> log;
        bool ended = false;
        std::size_t born = 0;  // what is due at one instant comes in this order
        // When it is due by all that was known when something moved last.
        Micros due = INT64_MAX;
        bool moved = false;
    };
    struct Owed {
        std::string kind, maker, state = "open";
        std::size_t of_case = SIZE_MAX, born = 0;
        bool task = false, late = false;
        Micros opened = 0, due = 0, ended = 0;
    };
    struct Party {
        std::vector<Event> events;
        std::vector<Running> cases;
        std::vector<Owed> owed;
        std::vector<std::string> tags, fired;
        std::size_t born = 0;
        std::map<std::string, bool> truth;
        struct Instant {
            Micros since = 0, wake = INT64_MAX;
        };
        std::map<std::string, Instant> instants;
        std::deque<Happening> queue;
        bool states_moved = false, touched = false;
    };
    struct Row {
        int failed_in_a_row = 0;
        Micros ran = 0;
        bool suspended = false;
    };
    struct Next {
        Micros at = INT64_MAX;
        std::size_t of_case = SIZE_MAX, of_owed = SIZE_MAX;
        const Rule *of_rule = nullptr;
    };

    void due_until(Micros now) {
        while (true) {  // in the order of their instants
            Party *first = nullptr;
            for (auto &[name, party] : parties_) {
                if (!grows() && next(party).at <= now && (!first || next(party).at < next(*first).at))
                    first = &party;
            }
            if (!first) break;
            fire(*first);
        }
        through_ = std::max(through_, now);
    }
    Micros next_day(const Rule &rule, Micros now) {
        if (!rule.every) return INT64_MAX;
        const auto next = rows_[rule.name].ran + base::kDay;
        return next > now || rule.all ? next : now / base::kDay * base::kDay;
    }
    void run_day(Party &party, const Rule &rule, Micros day) {
        now_ = until_ = day;
        Happening root;
        root.at = day;
        root.timer = true;
        whole(party, day, [&] {
            if (!holds(party, rule.when, nullptr)) return;
            run(party, rule, root);
            drain(party, root, {});
        });
    }
    Micros instant_of_rule(const Party &party, const Rule &rule) const {
        const auto last = last_sale(party, now_);
        return last == INT64_MIN ? INT64_MIN : last + rule.at_days * base::kDay;
    }
    // A rule's instant: once for each that comes.
    void look(Party &party, const Rule &rule, Happening one) {
        auto &[since, wake] = party.instants[rule.name];
        wake = INT64_MAX;
        const auto due = instant_of_rule(party, rule);
        if (due <= since) return;
        if (due > now_) {
            wake = due;
            return;
        }
        since = due;
        one.at = due;
        if (holds(party, rule.when, nullptr)) run(party, rule, one);
    }

    const Chart &chart(const Running &one) const { return d_.charts[one.chart]; }
    const State &state(const Running &one, int at) const {
        return chart(one).states[static_cast<std::size_t>(at)];
    }

    int count(const Party &party, const std::string &type) const {
        int found = 0;
        for (const auto &event : party.events) found += event.type == type && event.at <= now_;
        return found;
    }
    static Micros last_sale(const Party &party, Micros now) {
        auto last = INT64_MIN;
        for (const auto &event : party.events) {
            if (event.type == "sale" && event.at <= now) last = std::max(last, event.at);
        }
        return last;
    }
    // What a party is looked at as of: nothing that has happened is ahead of it.
    Micros instant_of(const Party &party, Micros at) const {
        for (const auto &event : party.events) at = std::max(at, event.at);
        at = std::max(at, through_);
        return at == INT64_MIN ? INT64_MAX : at;
    }
    // What was the party's is another's now.
    void look_again(Party &party, const Event &event, const std::string &type) {
        now_ = instant_of(party, INT64_MIN);
        until_ = INT64_MIN;
        Happening root;
        root.at = event.at;
        whole(party, root.at, [&] { drain(party, root, {type}); });
    }
    bool holds(const Party &party, const Guard &guard, const Running *one) const {
        if (guard.orders_least > count(party, "sale") || guard.complaints_least > count(party, "complaint"))
            return false;
        if (guard.orders_most >= 0 && count(party, "sale") > guard.orders_most) return false;
        if (guard.size_least > (one ? one->size : 0)) return false;
        if (guard.in_state.empty()) return true;
        const auto &here = state(*one, one->state);
        return here.name == guard.in_state ||
               (here.outer >= 0 && state(*one, here.outer).name == guard.in_state);
    }

    // A cause that fails leaves what there was, and that it failed.
    void whole(Party &party, Micros at, const std::function<void()> &body,
               const std::function<void()> &kept = {}) {
        const auto before = party;
        const auto rows = rows_;
        const auto firings_before = firings;
        effects_ = 0;
        rule_.clear();
        process_.clear();
        try {
            body();
        } catch (const Failed &) {
            party = before;
            if (kept) kept();
            rows_ = rows;
            firings = firings_before;
            ++failures;
            const auto row = rows_.find(rule_);
            if (row != rows_.end() && ++row->second.failed_in_a_row >= 16) row->second.suspended = true;
            party.fired.push_back("failed " + (rule_.empty() ? process_ : rule_) + " " + std::to_string(at));
            for (auto &one : party.cases) one.moved = false, one.due = due_of(party, one);
            for (const auto &rule : d_.rules) {
                if (!rule.at_days) continue;
                auto &[since, wake] = party.instants[rule.name];
                const auto due = instant_of_rule(party, rule);
                wake = due > since && due > now_ ? due : INT64_MAX;
            }
        }
    }

    // What nothing has moved is not looked at again: it is as it was.
    void drain(Party &party, const Happening &root, std::set<std::string> moved) {
        party.states_moved = false;
        party.touched = !moved.empty();
        for (int round = 0;; ++round) {
            if (round == 32) throw Failed{"rounds"};
            while (!party.queue.empty()) {
                const auto one = party.queue.front();
                party.queue.pop_front();
                if (one.depth > 8) {
                    if (!one.maker.empty()) (rows_.contains(one.maker) ? rule_ : process_) = one.maker;
                    throw Failed{"depth"};
                }
                deliver(party, one);
            }
            party.touched = false;
            auto again = root;
            again.type.clear();
            again.outside = false;
            again.depth = 0;
            if (std::exchange(party.states_moved, false)) moved.insert("state");
            for (std::size_t i = 0; i < party.cases.size(); ++i) {
                const auto &here = state(party.cases[i], party.cases[i].state);
                const auto reads = [&](const State &at) {
                    return std::ranges::any_of(at.always,
                                               [&](const auto &move) { return move.guard.reads(moved); });
                };
                if (reads(here) || (here.outer >= 0 && reads(state(party.cases[i], here.outer))))
                    settle(party, i, again);
            }
            for (const auto &rule : d_.rules) {
                if (rule.at_days && (moved.contains("sale") || moved.contains("all")))
                    look(party, rule, again);
                if (!rule.on.empty() || rule.at_days || rule.every || !rule.when.reads(moved)) continue;
                const bool is = holds(party, rule.when, nullptr);
                if (std::exchange(party.truth[rule.name], is) == is || !is) continue;
                run(party, rule, again);
            }
            moved.clear();
            // What comes to be due by what has moved; what was due before is a cause of its own.
            bool fired = false;
            for (std::size_t i = 0; i < party.cases.size(); ++i) {
                auto &one = party.cases[i];
                const auto before = one.moved ? INT64_MAX : one.due;
                one.moved = false;
                one.due = due_of(party, one);
                if (one.ended || one.due == before || one.due > std::max(one.since, until_)) continue;
                fire_case(party, i, std::max(one.due, one.since));
                fired = true;
            }
            if (!fired && party.queue.empty() && !party.touched) return;
        }
    }

    void deliver(Party &party, const Happening &one) {
        auto rule = d_.rules.begin();
        const auto rules_before = [&](const std::string &process) {
            for (; rule != d_.rules.end(); ++rule) {
                if (!process.empty() && std::pair(rule->priority, rule->name) >= std::pair(100, process))
                    return;
                if (one.process.empty() && rule->by_event() && rule->on == one.type && !one.opens &&
                    holds(party, rule->when, nullptr)) {
                    run(party, *rule, one);
                }
            }
        };
        for (std::size_t c = 0; c < d_.charts.size(); ++c) {
            const auto &chart = d_.charts[c];
            if (!one.process.empty() && one.process != chart.name) continue;
            rules_before(chart.name);
            std::vector<std::size_t> running;
            for (std::size_t i = 0; i < party.cases.size(); ++i) {
                if (party.cases[i].chart == c && !party.cases[i].ended) running.push_back(i);
            }
            if (!one.opens) {
                for (const auto i : running) {
                    if (party.cases[i].ended) continue;
                    if (chart.keyed && one.process.empty()) {  // an event is for the case of its key
                        process_ = chart.name;
                        if (one.topic != party.cases[i].key) continue;
                    }
                    move_on(party, i, one);
                }
            }
            if (!one.opens && one.type != chart.start) continue;
            process_ = chart.name;
            // What is waited for begins a case for each event.
            const auto key = chart.keyed ? one.topic : chart.waits ? std::to_string(party.cases.size()) : "";
            if (chart.keyed && key.empty()) continue;
            const bool runs = std::ranges::any_of(party.cases, [&](const auto &other) {
                return other.chart == c && !other.ended && other.key == key;
            });
            if (runs) continue;
            process_ = chart.name;
            if (++effects_ > 256) throw Failed{"effects"};
            Running fresh;
            fresh.key = key;
            fresh.born = party.born++;
            fresh.chart = c;
            fresh.since = fresh.outer_since = one.at;
            party.cases.push_back(fresh);
            enter(party, party.cases.size() - 1, chart.initial, nullptr, one);
            settle(party, party.cases.size() - 1, one);
        }
        rules_before({});
    }

    void move_on(Party &party, std::size_t i, const Happening &one) {
        const auto &chart = d_.charts[party.cases[i].chart];
        process_ = chart.name;
        const auto here = party.cases[i].state;
        std::vector<const std::vector<std::pair<std::string, std::vector<Move>>> *> levels;
        levels.push_back(&chart.states[static_cast<std::size_t>(here)].on);
        if (const auto outer = state(party.cases[i], here).outer; outer >= 0)
            levels.push_back(&chart.states[static_cast<std::size_t>(outer)].on);
        levels.push_back(&chart.on);
        for (const auto *level : levels) {
            for (const auto &[event, moves] : *level) {
                if (event != one.type) continue;
                for (const auto &move : moves) {
                    auto seen = party.cases[i];  // guards see what the event brings
                    if (const auto size = carried(seen, one)) seen.size = size;
                    if (!holds(party, move.guard, &seen)) continue;
                    if (one.outside && move.target >= 0 && one.at < party.cases[i].since &&
                        undone(party, party.cases[i], move.target))
                        break;
                    take(party, i, move, one);
                    if (carried(party.cases[i], one)) settle(party, i, one);
                    return;
                }
            }
        }
    }
    int carried(const Running &one, const Happening &event) const {
        return chart(one).has_size && event.outside ? event.size : 0;
    }
    bool undone(const Party &party, Running one, int target) const {
        while (state(one, target).initial >= 0) target = state(one, target).initial;
        one.state = target;
        bool found = false;
        each_timer(party, one, now_,
                   [&](const After &, Micros due, bool) { found = found || due <= one.since; });
        return found;
    }

    void take(Party &party, std::size_t i, const Move &move, const Happening &one) {
        if (move.target >= 0 && (move.target != party.cases[i].state || move.reenter)) {
            enter(party, i, move.target, &move, one);
            settle(party, i, one);
        } else {
            auto &here = party.cases[i];
            if (const auto size = carried(here, one)) {
                here.size = size;
                const auto &name = state(here, here.state).name;
                here.log.push_back(name + ">" + name + "@" + std::to_string(one.at));
            }
            carry_out(party, move.actions, i, d_.charts[party.cases[i].chart].name, one);
        }
    }

    void enter(Party &party, std::size_t i, int target, const Move *move, const Happening &one) {
        const auto &chart = d_.charts[party.cases[i].chart];
        process_ = chart.name;
        const auto at = [&](int n) -> const State & { return chart.states[static_cast<std::size_t>(n)]; };
        const int from = party.cases[i].state;
        const int asked = target;
        while (at(target).initial >= 0) target = at(target).initial;
        const int old_outer = from < 0 ? -1 : at(from).outer, outer = at(target).outer;
        const bool leaves =
            old_outer >= 0 && (old_outer != outer || (move && move->reenter && asked == old_outer));
        const bool enters = outer >= 0 && (old_outer != outer || leaves);
        if (const auto size = carried(party.cases[i], one)) party.cases[i].size = size;
        const bool lacks = (enters && at(outer).require) || at(target).require;
        if (lacks && party.cases[i].size == 0) throw Failed{"require"};
        auto moved = one;  // what it does is done when it moves
        moved.at = std::max(one.at, party.cases[i].since);
        if (from >= 0) carry_out(party, at(from).exit, i, chart.name, moved);
        if (leaves) carry_out(party, at(old_outer).exit, i, chart.name, moved);
        if (move) carry_out(party, move->actions, i, chart.name, moved);
        auto &here = party.cases[i];
        here.since = std::max(one.at, here.since);
        here.state = target;
        here.log.push_back((from < 0 ? "" : at(from).name) + ">" + at(target).name + "@" +
                           std::to_string(here.since));
        party.states_moved = party.touched = here.moved = true;
        here.tried.reset();
        if (enters || outer < 0) here.outer_since = here.since, here.outer_tried.reset();
        here.ended = at(target).final;
        const auto tell = [&](const char *type) {
            Happening told = one;
            told.type = type;
            told.process.clear();
            told.opens = told.outside = false;
            told.at = party.cases[i].since;
            told.maker = chart.name;
            told.topic.clear();
            told.depth = one.depth + 1;
            if (waits_for(type)) party.queue.push_back(told);
        };
        tell(from < 0 ? "process.started" : "state.left");
        tell("state.changed");
        tell("state.entered");
        if (enters) carry_out(party, at(outer).entry, i, chart.name, moved);
        carry_out(party, at(target).entry, i, chart.name, moved);
        // What a rule waited for has not come: it has run.
        if (chart.name.starts_with("rule.") && at(target).name == "missed") {
            const auto rule = chart.name.substr(5);
            party.fired.push_back("fired " + rule + " " + std::to_string(moved.at));
            rows_[rule].failed_in_a_row = 0;
            ++firings;
        }
        if (party.cases[i].ended) tell("process.ended");
    }

    void settle(Party &party, std::size_t i, const Happening &one) {
        auto by_itself = one;
        by_itself.outside = false;
        for (int step = 0;; ++step) {
            if (party.cases[i].ended) return;
            const auto &here = state(party.cases[i], party.cases[i].state);
            const Move *found = nullptr;
            const auto look = [&](const State &at) {
                for (const auto &move : at.always) {
                    if (!found && holds(party, move.guard, &party.cases[i])) found = &move;
                }
            };
            look(here);
            if (here.outer >= 0) look(state(party.cases[i], here.outer));
            process_ = d_.charts[party.cases[i].chart].name;
            if (!found) return;
            if (step == 32) throw Failed{"microsteps"};
            if (found->target == party.cases[i].state && !found->reenter) {
                carry_out(party, found->actions, i, process_, by_itself);
                return;
            }
            enter(party, i, found->target, found, by_itself);
        }
    }

    bool waits_for(const std::string &type) const {
        for (const auto &rule : d_.rules) {
            if (rule.unless == type) return true;
        }
        return std::ranges::any_of(d_.rules, [&](const auto &rule) { return rule.on == type; });
    }

    void run(Party &party, const Rule &rule, const Happening &one) {
        rule_ = rule.name;
        if (rows_[rule.name].suspended) return rule_.clear();
        if (one.depth > 8) throw Failed{"depth"};
        carry_out(party, rule.then, SIZE_MAX, rule.name, one);
        rows_[rule.name].failed_in_a_row = 0;
        party.fired.push_back("fired " + rule.name + " " + std::to_string(one.at));
        ++firings;
        rule_.clear();
    }

    void carry_out(Party &party, const std::vector<Deed> &deeds, std::size_t i, const std::string &maker,
                   const Happening &one) {
        using What = Deed::What;
        for (const auto &deed : deeds) {
            if (++effects_ > 256) throw Failed{"effects"};
            switch (deed.what) {
                case What::task:
                case What::commit: {
                    Owed owed;
                    owed.kind = deed.name;
                    owed.maker = maker;
                    owed.of_case = i;
                    owed.task = deed.what == What::task;
                    owed.opened = one.at;
                    owed.due = one.at + deed.due_hours * (base::kDay / 24);
                    owed.born = party.born++;
                    party.owed.push_back(owed);
                    tell(party, owed, "opened", one.at, one.depth);
                    break;
                }
                case What::close:
                    for (auto &owed : party.owed) {
                        if (owed.kind != deed.name || owed.maker != maker || owed.of_case != i ||
                            owed.state != "open")
                            continue;
                        end(party, owed, "kept", one.at, one.depth);
                    }
                    break;
                case What::tag:
                    if (std::ranges::find(party.tags, deed.name) != party.tags.end()) break;
                    party.tags.push_back(deed.name);
                    party.touched = true;
                    break;
                case What::untag:
                    if (std::erase(party.tags, deed.name)) party.touched = true;
                    break;
                case What::emit: {
                    auto told = one;
                    told.type = deed.name;
                    told.maker = maker;
                    told.topic.clear();
                    told.process.clear();
                    told.opens = told.outside = false;
                    told.depth = one.depth + 1;
                    party.queue.push_back(told);
                    break;
                }
                case What::open:
                case What::move: {
                    auto told = one;
                    told.opens = deed.what == What::open;
                    told.outside = false;
                    told.process = deed.name;
                    told.maker = maker;
                    told.topic.clear();
                    told.type = deed.event;
                    told.depth = one.depth + 1;
                    party.queue.push_back(told);
                    break;
                }
            }
        }
    }
    void end(Party &party, Owed &owed, const std::string &state, Micros at, int depth) {
        owed.state = state;
        owed.ended = at;
        tell(party, owed, state, at, depth);
    }
    void tell(Party &party, const Owed &owed, const std::string &verb, Micros at, int depth) {
        party.touched = true;
        Happening told;
        told.at = at;
        told.depth = depth + 1;
        told.type = "commitment." + verb;
        if (waits_for(told.type)) party.queue.push_back(told);
        told.type = (owed.task ? "task." : "promise.") + verb;
        if (waits_for(told.type)) party.queue.push_back(told);
    }

    // ---- time ----

    template <class Each>
    void each_timer(const Party &party, const Running &one, Micros now, const Each &each) const {
        const auto last = last_sale(party, now);
        const auto of = [&](const State &at, Micros since, bool outside) {
            for (const auto &after : at.after) {
                const auto hours = after.hours * (base::kDay / 24);
                if (after.by != After::By::delay && last == INT64_MIN) continue;
                const auto due = (after.by == After::By::delay ? since : last) + hours;
                each(after, std::max(due, since), outside);
            }
        };
        const auto &here = state(one, one.state);
        of(here, one.since, false);
        if (here.outer >= 0) of(state(one, here.outer), one.outer_since, true);
    }
    Micros due_of(const Party &party, const Running &one) const {
        auto first = INT64_MAX;
        if (one.ended) return first;
        each_timer(party, one, INT64_MAX, [&](const After &, Micros due, bool outside) {
            const auto &tried = outside ? one.outer_tried : one.tried;
            if (!tried || due > *tried) first = std::min(first, due);
        });
        return first;
    }
    void fire_case(Party &party, std::size_t i, Micros due) {
        auto &one = party.cases[i];
        std::vector<const After *> found;
        each_timer(party, one, now_, [&](const After &after, Micros at, bool outside) {
            const auto &tried = outside ? one.outer_tried : one.tried;
            if (at == due && (!tried || at > *tried)) found.push_back(&after);
        });
        one.tried = std::max(due, one.tried.value_or(due));
        one.outer_tried = std::max(due, one.outer_tried.value_or(due));
        Happening timer;
        timer.at = due;
        timer.timer = true;
        process_ = d_.charts[one.chart].name;
        for (const auto *after : found) {
            if (!holds(party, after->move.guard, &party.cases[i])) continue;
            auto target = after->move.target;
            while (target >= 0 && state(one, target).initial >= 0) target = state(one, target).initial;
            if (target >= 0 && state(one, target).require && one.size == 0) {
                Owed owed;
                owed.kind = "complete_data";
                owed.maker = process_;
                owed.of_case = i;
                owed.task = true;
                owed.opened = due;
                owed.due = INT64_MAX;
                owed.born = party.born++;
                party.owed.push_back(owed);
                tell(party, owed, "opened", due, 0);
                return;
            }
            take(party, i, after->move, timer);
            break;
        }
        settle(party, i, timer);
    }
    Next next(const Party &party) const {
        Next first;
        for (const auto &rule : d_.rules) {
            const auto found = party.instants.find(rule.name);
            if (found != party.instants.end() && found->second.wake < first.at)
                first = {found->second.wake, SIZE_MAX, SIZE_MAX, &rule};
        }
        for (std::size_t i = 0; i < party.cases.size(); ++i) {
            const auto due = party.cases[i].due;
            if (due < first.at) first = {due, i, SIZE_MAX, nullptr};
        }
        for (std::size_t i = 0; i < party.owed.size(); ++i) {
            const auto &owed = party.owed[i];
            if (owed.state == "open" && !owed.late &&
                std::pair(owed.due, owed.born) <
                    std::pair(first.at, first.of_case == SIZE_MAX ? 0 : party.cases[first.of_case].born))
                first = {owed.due, SIZE_MAX, i, nullptr};
        }
        return first;
    }
    void fire_until(Party &party, Micros at) {
        while (!grows() && next(party).at <= at) fire(party);
    }
    void fire(Party &party) {
        const auto one = next(party);
        now_ = until_ = one.at;
        Happening root;
        root.at = one.at;
        root.timer = true;
        if (one.of_rule) {
            whole(
                party, root.at,
                [&] {
                    look(party, *one.of_rule, root);
                    drain(party, root, {});
                },
                [&] { party.instants[one.of_rule->name].wake = INT64_MAX; });
            return;
        }
        if (one.of_owed != SIZE_MAX) {
            auto &owed = party.owed[one.of_owed];
            owed.late = true;
            const auto before = party.queue.size();
            if (owed.task) {
                tell(party, owed, "late", one.at, 0);
            } else {
                end(party, owed, "broken", one.at, 0);
            }
            // What is told is of the cause: it goes where that fails.
            std::deque<Happening> told(party.queue.begin() + static_cast<std::ptrdiff_t>(before),
                                       party.queue.end());
            party.queue.clear();
            now_ = instant_of(party, one.at);
            whole(party, root.at, [&] {
                party.queue = told;
                drain(party, root, {"owed"});
            });
            return;
        }
        whole(
            party, root.at,
            [&] {
                fire_case(party, one.of_case, one.at);
                drain(party, root, {});
            },
            [&] {  // Whatever becomes of it, it is not tried again.
                auto &tried = party.cases[one.of_case];
                tried.tried = std::max(one.at, tried.tried.value_or(one.at));
                tried.outer_tried = std::max(one.at, tried.outer_tried.value_or(one.at));
            });
    }

    const Definitions &d_;
    std::map<std::string, Party> parties_;
    std::map<std::string, Row> rows_;
    std::set<std::string> keys_;
    std::vector<std::string> in_order_;  // parties
    std::string rule_, process_;         // at work
    Micros now_ = 0, until_ = 0, through_ = INT64_MIN;
    int effects_ = 0;
};

}  // namespace kith::engine::oracle
