#include "engine/rule_reads.hpp"

#include <algorithm>

#include "engine/behaviour.hpp"
#include "engine/behaviours.hpp"
#include "index/keys.hpp"

namespace kith::engine {

using store::Table;

namespace {

void add_columns(ResultTable &table, std::initializer_list<std::pair<const char *, Column::Type>> columns) {
    for (const auto &[name, type] : columns) {
        auto &column = table.columns.emplace_back();
        column.name = name;
        column.type = type;
    }
}

}  // namespace

base::Result<ResultTable> rules_table(const Snapshot &snapshot, base::Micros now) {
    constexpr std::string_view kTriggers[] = {"event", "condition", "instant", "period"};
    constexpr std::string_view kModes[] = {"edge", "level", "each"};
    using As = Column::Type;
    ResultTable table;
    add_columns(table, {{"rule", As::text},
                        {"trigger", As::text},
                        {"mode", As::text},
                        {"enabled", As::integer},
                        {"fired", As::integer},
                        {"failed", As::integer},
                        {"in_a_row", As::integer},
                        {"suspended", As::integer},
                        {"version", As::integer},
                        {"last", As::integer}});
    KITH_LET(catalog, snapshot.catalog());
    std::vector<const RulePrograms *> all;
    for (const auto &one : catalog->behaviours->rules) all.push_back(one.get());
    std::ranges::sort(all, {}, [](const auto *one) { return one->rule().name; });
    const auto zone = snapshot.store().zone();
    for (const auto *one : all) {
        const auto &rule = one->rule();
        KITH_LET(code, snapshot.store().names().find(snapshot.reader(), rule.name));
        StoredRule state;
        if (code) {
            KITH_LET(row, snapshot.reader().get(Table::rules, index::rule(*code)));
            if (row) state = decode_rule_row(row->payload);
        }
        table.columns[0].texts.push_back(rule.name);
        table.columns[1].texts.emplace_back(kTriggers[static_cast<std::size_t>(rule.trigger)]);
        table.columns[2].texts.emplace_back(kModes[static_cast<std::size_t>(rule.mode)]);
        auto column = table.columns.begin() + 3;
        for (const auto number : {std::uint64_t{is_in_force(rule, now, zone)}, state.fired, state.failed,
                                  std::uint64_t{state.failed_in_a_row}, std::uint64_t{state.suspended},
                                  std::uint64_t{one->version}})
            (column++)->ints.push_back(static_cast<std::int64_t>(number));
        column->ints.push_back(state.fired_at);
        column->present.push_back(state.fired > 0);
    }
    return table;
}

base::Result<ResultTable> runs_table(const Snapshot &snapshot, std::string_view rule, const base::Id *party,
                                     std::size_t rows_max) {
    using As = Column::Type;
    ResultTable table;
    add_columns(table, {{"party", As::id},
                        {"at", As::integer},
                        {"event", As::text},
                        {"result", As::text},
                        {"why", As::text}});
    double left = 0;
    KITH_LET(code, snapshot.store().names().find(snapshot.reader(), rule));
    if (code) {
        const auto prefix = party ? index::runs_of(*code, *party) : index::runs_of(*code);
        KITH_LET(cursor, snapshot.reader().cursor(Table::runs));
        KITH_LET(first, cursor.seek(prefix));
        for (bool found = first; found && index::starts_with(cursor.key(), prefix);) {
            if (table.columns[0].ids.size() < rows_max) {
                KITH_LET(row, cursor.value());
                const auto run = decode_run(row.payload);
                table.columns[0].ids.push_back(base::Id::from(cursor.key().subspan(8, 16)));
                table.columns[1].ints.push_back(index::run_time(cursor.key()));
                for (const auto &[place, name] : {std::pair(2, run.event), std::pair(4, run.why)}) {
                    auto &column = table.columns[static_cast<std::size_t>(place)];
                    std::string_view word;
                    if (name != 0) {
                        KITH_LET(known, snapshot.text(name));
                        word = known;
                    }
                    column.present.push_back(word.empty() ? 0 : 1);
                    column.texts.emplace_back(word);
                }
                table.columns[3].texts.emplace_back(run.result == 1 ? "fired" : "failed");
            } else {
                ++left;
            }
            KITH_LET(more, cursor.next());
            found = more;
        }
    }
    table.facts.emplace_back("left", left);
    return table;
}

}  // namespace kith::engine
