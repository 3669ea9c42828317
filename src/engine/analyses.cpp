#include "engine/analyses.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <optional>
#include <tuple>

#include "analytics/abc.hpp"
#include "analytics/cohort.hpp"
#include "analytics/rfm.hpp"
#include "engine/host_keys.hpp"
#include "engine/reads.hpp"
#include "index/keys.hpp"
#include "playbooks/playbooks.hpp"
#include "record/record.hpp"
#include "rules/bands.hpp"
#include "rules/playbook.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

namespace {

// What the analyses take of a party's orders.
struct Buyer {
    base::Id id;
    std::string key;  // as printed: the host key, else the id
    std::int64_t orders = 0;
    std::int64_t amount = 0;
    base::Micros last_order_at = 0;
    std::int64_t orders_24m = 0;
};

// Walks the orders of parties in order of id: one cursor for all of them.
class Orders {
public:
    static base::Result<Orders> open(const Snapshot &snapshot) {
        KITH_LET(order, snapshot.store().names().find(snapshot.reader(), model::kOrder));
        KITH_LET(rows, snapshot.reader().cursor(Table::rows));
        KITH_LET(corrections, snapshot.reader().count(Table::corrected));
        return Orders(snapshot.reader(), std::move(rows), order.value_or(0), corrections > 0);
    }

    // Every order that counts, oldest first.
    base::Result<void> each(const base::Id &party,
                            const std::function<void(base::Micros, std::int64_t)> &take) {
        KITH_LET(found, rows_.seek(index::interactions_from(party, base::kMinTime)));
        while (found && index::starts_with(rows_.key(), party.view())) {
            KITH_LET(row, rows_.value());
            const auto summary = record::decode_summary(row.payload);
            if (summary.type == order_) {
                bool counts = true;
                if (corrections_) {
                    KITH_LET(later, reader_.get(Table::corrected, rows_.key()));
                    counts = !later;
                }
                if (counts) take(index::interaction_key(rows_.key()).at, summary.amount);
            }
            KITH_LET(more, rows_.next());
            found = more;
        }
        return {};
    }

private:
    Orders(const store::Reader &reader, store::Cursor rows, model::Name order, bool corrections)
        : reader_(reader), rows_(std::move(rows)), order_(order), corrections_(corrections) {}

    const store::Reader &reader_;
    store::Cursor rows_;
    model::Name order_;
    bool corrections_;
};

// Calls `take` with every party that has an order and is not anonymous.
base::Result<void> each_buyer(
    const Snapshot &snapshot,
    const std::function<base::Result<void>(const base::Id &, const model::Figures &)> &take) {
    KITH_LET(cursor, snapshot.reader().cursor(Table::counters));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        KITH_LET(decoded, decode_figures(row.payload));
        if (!decoded.anonymous && decoded.figures.orders > 0) {
            KITH_TRY(take(base::Id::from(cursor.key()), decoded.figures));
        }
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

// Places are sorted, not buyers: by the first bytes of the key, which decide most comparisons.
void sort_by_key(std::vector<Buyer> &buyers) {
    struct Place {
        std::uint64_t prefix;
        std::uint32_t buyer;
    };
    std::vector<Place> places(buyers.size());
    for (std::uint32_t i = 0; i < buyers.size(); ++i) {
        std::array<std::byte, 8> first{};
        const auto &key = buyers[i].key;
        std::memcpy(first.data(), key.data(), std::min(key.size(), first.size()));
        places[i] = {base::load_big64(first.data()), i};
    }
    std::sort(places.begin(), places.end(), [&](const Place &a, const Place &b) {
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        const auto &x = buyers[a.buyer], &y = buyers[b.buyer];
        return std::tie(x.key, x.id) < std::tie(y.key, y.id);
    });
    std::vector<Buyer> sorted;
    sorted.reserve(buyers.size());
    for (const auto &place : places) sorted.push_back(std::move(buyers[place.buyer]));
    buyers = std::move(sorted);
}

Column column(std::string name, Column::Type type) {
    Column out;
    out.name = std::move(name);
    out.type = type;
    return out;
}

// The buyers as they stood at the end of the day of `as_of`.
base::Result<std::vector<Buyer>> buyers_at(const Snapshot &snapshot, base::Micros as_of, bool count_24m) {
    const auto zone = snapshot.store().zone();
    const auto day = zone.local_day(as_of);
    const auto end = zone.instant((day + 1) * base::kDay);  // not included
    const auto two_years_ago = zone.add(end, -24, 0, 0);    // included
    KITH_LET(orders, Orders::open(snapshot));
    KITH_LET(keys, HostKeys::read(snapshot));
    std::vector<Buyer> buyers;
    KITH_LET(parties, snapshot.reader().count(Table::counters));
    buyers.reserve(parties);
    KITH_TRY(
        each_buyer(snapshot, [&](const base::Id &id, const model::Figures &figures) -> base::Result<void> {
            Buyer buyer;
            buyer.id = id;
            if (figures.last_order_at < end && !count_24m) {
                buyer.orders = static_cast<std::int64_t>(figures.orders);
                buyer.amount = figures.amount_total;
                buyer.last_order_at = figures.last_order_at;
            } else {
                KITH_TRY(orders.each(id, [&](base::Micros at, std::int64_t amount) {
                    if (at >= end) return;
                    ++buyer.orders;
                    buyer.amount += amount;
                    buyer.last_order_at = at;
                    if (at >= two_years_ago) ++buyer.orders_24m;
                }));
            }
            if (buyer.orders == 0) return {};
            KITH_LET(key, keys.of(id));
            buyer.key = std::move(key);
            buyers.push_back(std::move(buyer));
            return {};
        }));
    sort_by_key(buyers);
    return buyers;
}

// ---- schemes of RFM: three bands, from low to high ----

struct Scheme {
    rules::Bands recency, frequency, monetary;
};

base::Result<Scheme> quantile_scheme(std::string_view text) {
    if (text.size() != 1 || text[0] < '2' || text[0] > '9') {
        return base::fail(Status::argument, "the scheme quantile:K takes a K from 2 to 9");
    }
    rules::Bands bands;
    bands.kind = rules::Bands::Kind::quantiles;
    for (int i = 1; i <= text[0] - '0'; ++i) bands.classes.push_back({.is = std::to_string(i)});
    Scheme scheme{bands, bands, bands};
    scheme.recency.of.text = "recency_days";
    scheme.recency.reversed = true;
    scheme.frequency.of.text = "orders";
    scheme.monetary.of.text = "monetary";
    return scheme;
}

base::Result<Scheme> playbook_scheme(std::string_view json) {
    KITH_LET(playbook, rules::parse_playbook(json));
    Scheme scheme;
    for (const auto &[name, bands] :
         {std::pair("recency", &scheme.recency), std::pair("frequency", &scheme.frequency),
          std::pair("monetary", &scheme.monetary)}) {
        for (auto &definition : playbook.definitions) {
            if (definition.name != name) continue;
            if (auto *found = std::get_if<rules::Bands>(&definition.body)) *bands = std::move(*found);
        }
        if (bands->name.empty()) {
            return base::fail(Status::rule,
                              std::string("the scheme's playbook defines no bands named ") + name);
        }
        if (bands->of.text.starts_with("m.")) bands->of.text.erase(0, 2);  // the figure that a metric is
    }
    return scheme;
}

base::Result<Scheme> parse_scheme(std::string_view text) {
    constexpr std::string_view kQuantile = "quantile:";
    if (text.empty()) return quantile_scheme("5");
    if (text.starts_with(kQuantile)) return quantile_scheme(text.substr(kQuantile.size()));
    for (const auto &playbook : playbooks::built_in()) {
        if (playbook.name == text || playbook.name == "rfm-" + std::string(text))
            return playbook_scheme(playbook.json);
    }
    if (text.find('{') == std::string_view::npos) {
        return base::fail(
            Status::argument,
            "the scheme is unknown: use quantile:K, airline, or the JSON text of a playbook with bands");
    }
    return playbook_scheme(text);
}

// The values that bands of this figure classify, one a buyer.
base::Result<std::vector<double>> values_of(const std::string &figure, const std::vector<Buyer> &buyers,
                                            std::int64_t as_of_day, const base::Zone &zone,
                                            double minor_units) {
    const auto collect = [&](auto &&value) {
        std::vector<double> values;
        values.reserve(buyers.size());
        for (const auto &buyer : buyers) values.push_back(static_cast<double>(value(buyer)));
        return values;
    };
    if (figure == "recency_days") {
        return collect([&](const Buyer &b) { return as_of_day - zone.local_day(b.last_order_at); });
    }
    if (figure == "recency_months") {
        return collect([&](const Buyer &b) {
            return analytics::recency_months(zone.local_day(b.last_order_at), as_of_day);
        });
    }
    if (figure == "orders") return collect([](const Buyer &b) { return b.orders; });
    if (figure == "orders_24m") return collect([](const Buyer &b) { return b.orders_24m; });
    if (figure == "monetary")
        return collect([&](const Buyer &b) { return static_cast<double>(b.amount) / minor_units; });
    if (figure == "mean_amount") {
        return collect([&](const Buyer &b) {
            return static_cast<double>(b.amount) / static_cast<double>(b.orders) / minor_units;
        });
    }
    return base::fail(Status::rule,
                      "RFM has no figure of this name: use recency_days, recency_months, orders, "
                      "orders_24m, monetary or mean_amount");
}

// The class of each value, as its label.
base::Result<std::vector<std::string>> classes_of(const rules::Bands &bands,
                                                  const std::vector<double> &values) {
    std::vector<std::string> labels;
    labels.reserve(values.size());
    if (bands.kind == rules::Bands::Kind::thresholds) {
        const auto limits = rules::number_limits(bands);
        if (!limits) return base::fail(Status::rule, "RFM takes bands whose limits are numbers");
        for (const double value : values)
            labels.push_back(bands.classes[rules::classify<double>(*limits, value)].is);
        return labels;
    }
    KITH_LET(classes, rules::classify_base(bands, values));
    for (const std::size_t c : classes) labels.push_back(bands.classes[c].is);
    return labels;
}

}  // namespace

base::Result<ResultTable> rfm(const Snapshot &snapshot, base::Micros as_of, std::string_view text) {
    KITH_LET(scheme, parse_scheme(text));
    const bool count_24m = scheme.frequency.of.text == "orders_24m" ||
                           scheme.recency.of.text == "orders_24m" || scheme.monetary.of.text == "orders_24m";
    KITH_LET(buyers, buyers_at(snapshot, as_of, count_24m));
    const auto zone = snapshot.store().zone();
    const auto day = zone.local_day(as_of);
    const double minor_units = std::pow(10.0, snapshot.store().config().currency.minor_digits());

    using Type = Column::Type;
    auto party = column("party", Type::text), id = column("id", Type::id),
         recency = column("recency_days", Type::integer), frequency = column("frequency", Type::integer),
         monetary = column("monetary", Type::amount), cell = column("cell", Type::text);
    for (auto &buyer : buyers) {
        id.ids.push_back(buyer.id);
        recency.ints.push_back(day - zone.local_day(buyer.last_order_at));
        frequency.ints.push_back(buyer.orders);
        monetary.ints.push_back(buyer.amount);
    }
    ResultTable table;
    std::vector<Column> classes;
    cell.texts.resize(buyers.size());
    for (const auto &[name, bands] : {std::pair("r", &scheme.recency), std::pair("f", &scheme.frequency),
                                      std::pair("m", &scheme.monetary)}) {
        KITH_LET(values, values_of(bands->of.text, buyers, day, zone, minor_units));
        classes.push_back(column(name, Type::text));
        KITH_LET(labels, classes_of(*bands, values));
        classes.back().texts = std::move(labels);
        for (std::size_t i = 0; i < buyers.size(); ++i) cell.texts[i] += classes.back().texts[i];
    }
    for (auto &buyer : buyers) party.texts.push_back(std::move(buyer.key));
    table.columns = {std::move(party), std::move(id), std::move(recency), std::move(frequency),
                     std::move(monetary)};
    std::move(classes.begin(), classes.end(), std::back_inserter(table.columns));
    table.columns.push_back(std::move(cell));
    return table;
}

base::Result<ResultTable> abc(const Snapshot &snapshot, const AbcOptions &options) {
    KITH_LET(keys, HostKeys::read(snapshot));
    std::vector<Buyer> buyers;
    KITH_TRY(
        each_buyer(snapshot, [&](const base::Id &id, const model::Figures &figures) -> base::Result<void> {
            KITH_LET(key, keys.of(id));
            buyers.push_back({id, std::move(key), static_cast<std::int64_t>(figures.orders),
                              figures.amount_total, figures.last_order_at, 0});
            return {};
        }));
    sort_by_key(buyers);
    std::vector<std::int64_t> values;
    values.reserve(buyers.size());
    for (const auto &buyer : buyers) values.push_back(buyer.amount);
    analytics::AbcOptions how;
    how.rule = options.inside ? analytics::AbcRule::inside : analytics::AbcRule::crossing;
    how.border_a = options.border_a;
    how.border_b = options.border_b;
    KITH_LET(result, analytics::abc(values, how));

    using Type = Column::Type;
    auto party = column("party", Type::text), id = column("id", Type::id),
         value = column("value", Type::amount), share = column("share", Type::real),
         cumulative = column("cumulative", Type::real), name = column("class", Type::text);
    for (const auto &row : result.rows) {
        auto &buyer = buyers[row.index];
        party.texts.push_back(std::move(buyer.key));
        id.ids.push_back(buyer.id);
        value.ints.push_back(buyer.amount);
        share.reals.push_back(row.share);
        cumulative.reals.push_back(row.cumulative);
        name.texts.emplace_back(1, row.name);
    }
    ResultTable table;
    table.columns = {std::move(party), std::move(id),         std::move(value),
                     std::move(share), std::move(cumulative), std::move(name)};
    table.facts = {{"total", result.total},
                   {"gini", result.gini},
                   {"a", static_cast<double>(result.a)},
                   {"b", static_cast<double>(result.b)},
                   {"c", static_cast<double>(result.c)},
                   {"top20", result.top20}};
    return table;
}

base::Result<ResultTable> cohort(const Snapshot &snapshot, Period by) {
    const auto periods = static_cast<analytics::CohortBy>(by);
    const auto zone = snapshot.store().zone();
    KITH_LET(orders, Orders::open(snapshot));
    std::vector<analytics::Activity> activity;
    std::uint32_t buyer = 0;
    KITH_TRY(each_buyer(snapshot, [&](const base::Id &id, const model::Figures &) -> base::Result<void> {
        KITH_TRY(orders.each(id, [&](base::Micros at, std::int64_t) {
            activity.push_back({buyer, analytics::period_of(zone.local_day(at), periods)});
        }));
        ++buyer;
        return {};
    }));
    KITH_LET(result, analytics::cohorts(std::move(activity)));

    auto first_day = column("cohort", Column::Type::text), size = column("size", Column::Type::integer);
    for (const auto &row : result.rows) {
        first_day.texts.push_back(
            base::format_date(base::civil_of(analytics::first_day_of(row.period, periods))));
        size.ints.push_back(row.active[0]);
    }
    ResultTable table;
    table.columns = {std::move(first_day), std::move(size)};
    for (std::size_t i = 0; i < result.columns; ++i) {
        auto cells = column(std::to_string(i), Column::Type::integer);
        for (std::size_t row = 0; row < result.rows.size(); ++row) {
            const auto cell = result.cell(row, i);
            cells.ints.push_back(cell.value_or(0));
            cells.present.push_back(cell.has_value());
        }
        table.columns.push_back(std::move(cells));
    }
    return table;
}

base::Result<ResultTable> process_states(const Snapshot &snapshot, std::string_view process) {
    KITH_LET(counts, Reads(snapshot).states(process));
    auto state = column("state", Column::Type::text), parties = column("parties", Column::Type::integer);
    for (const auto &count : counts) {
        state.texts.emplace_back(count.state);
        parties.ints.push_back(static_cast<std::int64_t>(count.parties));
    }
    ResultTable table;
    table.columns = {std::move(state), std::move(parties)};
    return table;
}

}  // namespace kith::engine
