#include "engine/value_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>

#include "base/money.hpp"
#include "engine/directory_reads.hpp"
#include "engine/host_keys.hpp"
#include "engine/value_records.hpp"
#include "expr/explain.hpp"
#include "expr/parse.hpp"

namespace kith::engine {

using base::Status;
using expr::Kind;
using expr::TypeKind;
using expr::Value;
using store::Table;

namespace {

constexpr std::size_t kSubjectsAtOnce = 512;  // whose values are kept in memory
constexpr std::size_t kRowsBeyond = 4096;     // of the limit, that wait to be sorted

constexpr std::string_view kSubjectColumns[] = {"party", "actor", "product", "campaign", "all"};
constexpr KeyPart::From kSubjectFrom[] = {KeyPart::From::party, KeyPart::From::actor, KeyPart::From::product,
                                          KeyPart::From::campaign};

bool is_plain_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

base::Result<expr::Program> compile_value(std::string_view source, std::shared_ptr<const expr::Schema> schema,
                                          const expr::Type *wanted) {
    auto parsed = expr::parse(source);
    const auto wrong = [&](const expr::Diagnostic &diagnostic) {
        auto error =
            base::fail(Status::rule, "\"" + std::string(source) + "\": " + expr::format(diagnostic, source));
        error.detail = static_cast<std::int32_t>(diagnostic.code);
        return error;
    };
    if (!parsed) return wrong(parsed.diagnostic);
    resolve_names(parsed.tree);
    auto checked = expr::check(std::move(parsed.tree), std::move(schema), wanted);
    if (!checked.diagnostics.empty()) return wrong(checked.diagnostics.front());
    KITH_LET(program, expr::compile(std::move(checked)));
    if (const auto cost = program.cost_diagnostic(); cost.code != expr::Code::none) return wrong(cost);
    return program;
}

// Codes of the actors (products, campaigns) that have sums.
base::Result<std::set<model::Name>> named_subjects(const Snapshot &snapshot, const Measures &measures,
                                                   SubjectKind kind) {
    std::set<model::Name> found;
    KITH_LET(cursor, snapshot.reader().cursor(Table::sums));
    for (const auto &grain : measures.grains) {
        if (grain->parts.size() != 1 ||
            grain->parts.front().from != kSubjectFrom[static_cast<std::size_t>(kind)])
            continue;
        KITH_LET(any, cursor.seek(index::Key().add32(grain->number)));
        auto more = any;
        while (more && base::load_big32(cursor.key().data()) == grain->number) {
            const auto code = base::load_big32(cursor.key().data() + 4);
            found.insert(code);
            if (code == UINT32_MAX) break;
            KITH_LET(next, cursor.seek(index::Key().add32(grain->number).add32(code + 1)));
            more = next;
        }
    }
    return found;
}

class ValueTable {
public:
    ValueTable(const Snapshot &snapshot, const ValueQuery &query) : snapshot_(snapshot), query_(query) {}

    base::Result<ResultTable> run() {
        KITH_TRY(prepare());
        KITH_TRY(query_.kind == SubjectKind::party ? add_parties() : add_named());
        sort();
        out_.facts.emplace_back("subjects", static_cast<double>(rows_));
        return std::move(out_);
    }

private:
    base::Result<void> prepare() {
        KITH_LET(values, ValuesAt::of(snapshot_, query_.now));
        values_ = std::move(values);
        schema_ = make_value_schema(values_->catalog(), query_.kind);
        if (!query_.where.empty()) {
            KITH_LET(where, compile_value(query_.where, schema_, expr::Types::of(TypeKind::boolean)));
            where_.emplace(std::move(where));
        }
        const auto subject = kSubjectColumns[static_cast<std::size_t>(query_.kind)];
        if (query_.kind != SubjectKind::all)
            out_.columns.push_back(column_of(std::string(subject), TypeKind::string));
        if (query_.kind == SubjectKind::party) {
            out_.columns.emplace_back();
            out_.columns.back().name = "id";
            out_.columns.back().type = Column::Type::id;
        }
        first_ = out_.columns.size();
        for (std::size_t i = 0; i < query_.names.size(); ++i) {
            const auto name = query_.names[i];
            auto program = compile_value(is_plain_name(name) ? "m." + std::string(name) : std::string(name),
                                         schema_, nullptr);
            if (!program) {
                auto error = program.take_error();
                error->item = static_cast<std::uint32_t>(i);
                return error;
            }
            out_.columns.push_back(column_of(std::string(name), program->checked().type()->kind));
            programs_.push_back(std::move(*program));
            if (name == query_.order_by) sorted_by_ = out_.columns.size() - 1;
        }
        if (query_.order_by.empty() || sorted_by_) return {};
        return base::fail(Status::argument, "the order is by none of the names: give one that is among them");
    }

    base::Result<void> add_parties() {
        KITH_LET(keys, HostKeys::read(snapshot_));
        KITH_LET(cursor, snapshot_.reader().cursor(Table::counters));
        KITH_LET(found, cursor.first());
        while (found) {
            const auto id = base::Id::from(cursor.key());
            KITH_LET(row, cursor.value());
            KITH_LET(figures, decode_figures(row.payload));
            if (!figures.anonymous) {
                KITH_LET(shown, add({SubjectKind::party, id, 0}));
                if (shown) {
                    KITH_LET(key, keys.of(id));
                    out_.columns[0].texts.push_back(std::move(key));
                    out_.columns[1].ids.push_back(id);
                    prune();
                }
            }
            KITH_LET(more, cursor.next());
            found = more;
        }
        return finish_subjects();
    }

    base::Result<void> add_named() {
        if (query_.kind == SubjectKind::all) {
            KITH_TRY(add({SubjectKind::all, {}, 0}));
            return finish_subjects();
        }
        KITH_LET(codes, named_subjects(snapshot_, *values_->catalog().measures, query_.kind));
        KITH_TRY(add_of_behaviour(codes));
        for (const auto code : codes) {
            KITH_LET(shown, add({query_.kind, {}, code}));
            if (!shown) continue;
            KITH_LET(text, snapshot_.text(code));
            out_.columns[0].texts.emplace_back(text);
            prune();
        }
        return finish_subjects();
    }

    // Who answers for a case or commitment that a metric of actors counts.
    base::Result<void> add_of_behaviour(std::set<model::Name> &codes) {
        if (query_.kind != SubjectKind::actor) return {};
        auto *base = values_->values().of({SubjectKind::all, {}, 0});
        for (const auto &metric : values_->catalog().metrics.items) {
            if (!metric.behaviour || metric.metric.subject != SubjectKind::actor) continue;
            KITH_TRY(base->each_behaviour(metric, [&](const BehaviourRow &row) -> base::Result<void> {
                KITH_LET(code, DirectoryReads(snapshot_).code(row.keys[0]));
                if (code) codes.insert(*code);
                return {};
            }));
        }
        return {};
    }

    // False if it does not meet the condition.
    base::Result<bool> add(const ValueSubject &of) {
        if (++at_once_ > kSubjectsAtOnce) KITH_TRY(finish_subjects());
        auto &values = values_->values();
        auto *subject = values.of(of);
        if (!subject) {
            if (auto error = values.take_error()) return error;
            return false;
        }
        if (where_) {
            const auto met = subject->evaluate(*where_).value;
            if (!met.is(Kind::boolean) || met.i == 0) return false;
        }
        for (std::size_t i = 0; i < programs_.size(); ++i) {
            put_value(out_.columns[first_ + i], subject->evaluate(programs_[i]).value, *schema_,
                      values.moment(), values.currency());
        }
        ++rows_;
        ++held_;
        return true;
    }

    base::Result<void> finish_subjects() {
        at_once_ = 0;
        if (auto error = values_->values().take_error()) return error;
        values_->move_to(query_.now);
        return {};
    }

    // No more rows are held than are to be shown, and some that wait.
    void prune() {
        if (held_ > kRowsBeyond && held_ - kRowsBeyond > query_.limit) sort();
    }

    // Those that are within the limit, in order: what is sorted is places.
    void sort() {
        std::vector<std::size_t> places(held_);
        std::iota(places.begin(), places.end(), 0);
        const auto by_subject = [&](std::size_t a, std::size_t b) {
            if (query_.kind == SubjectKind::all) return false;
            return out_.columns[0].texts[a] < out_.columns[0].texts[b];
        };
        std::ranges::sort(places, by_subject);
        if (sorted_by_) {
            const auto &column = out_.columns[*sorted_by_];
            const auto less = [&](std::size_t a, std::size_t b) {
                switch (column.type) {
                    case Column::Type::real:
                        return column.reals[a] < column.reals[b];
                    case Column::Type::text:
                        return column.texts[a] < column.texts[b];
                    default:
                        return column.ints[a] < column.ints[b];
                }
            };
            std::ranges::stable_sort(places, [&](std::size_t a, std::size_t b) {
                if (!column.present[a] || !column.present[b]) return column.present[a] > column.present[b];
                return query_.descending ? less(b, a) : less(a, b);
            });
        }
        places.resize(static_cast<std::size_t>(std::min<std::uint64_t>(held_, query_.limit)));
        held_ = places.size();
        const auto take = [&](auto &all) {
            if (all.empty()) return;
            std::remove_reference_t<decltype(all)> taken;
            taken.reserve(places.size());
            for (const auto place : places) taken.push_back(std::move(all[place]));
            all = std::move(taken);
        };
        for (auto &column : out_.columns) {
            take(column.ints);
            take(column.reals);
            take(column.texts);
            take(column.ids);
            take(column.present);
        }
    }

    const Snapshot &snapshot_;
    const ValueQuery &query_;
    std::unique_ptr<ValuesAt> values_;
    std::shared_ptr<const expr::Schema> schema_;
    std::optional<expr::Program> where_;
    std::vector<expr::Program> programs_;
    ResultTable out_;
    std::size_t first_ = 0, rows_ = 0, held_ = 0, at_once_ = 0;  // `held_`: in the table
    std::optional<std::size_t> sorted_by_;
};

std::string iso_time(const Value &time) { return base::format_time(expr::micros_of(time)); }

std::string real_digits(double number) {
    char digits[32];
    return {digits, std::to_chars(digits, std::end(digits), number).ptr};
}

}  // namespace

Column column_of(std::string name, TypeKind type) {
    Column column;
    column.name = std::move(name);
    switch (type) {
        case TypeKind::boolean:
        case TypeKind::int_:
        case TypeKind::uint_:
            column.type = Column::Type::integer;
            break;
        case TypeKind::double_:
            column.type = Column::Type::real;
            break;
        case TypeKind::money:
            column.type = Column::Type::amount;
            break;
        default:
            column.type = Column::Type::text;
    }
    return column;
}

void put_value(Column &column, const Value &value, const expr::Schema &schema, const expr::Moment &moment,
               std::uint32_t currency) {
    const bool known = !value.failed() && !value.is(Kind::null) &&
                       (!value.is(Kind::money) || value.size == currency) &&
                       (!value.is(Kind::double_) || std::isfinite(value.d));
    column.present.push_back(known);
    switch (column.type) {
        case Column::Type::real:
            column.reals.push_back(known ? value.d : 0);
            break;
        case Column::Type::text:
            column.texts.push_back(known ? plain_text(value, schema, moment) : "");
            break;
        default:
            column.ints.push_back(known ? value.i : 0);
    }
}

std::string plain_text(const Value &value, const expr::Schema &schema, const expr::Moment &moment) {
    switch (value.kind) {
        case Kind::null:
        case Kind::error:
            return {};
        case Kind::boolean:
            return value.i ? "true" : "false";
        case Kind::int_:
            return std::to_string(value.i);
        case Kind::double_:
            return real_digits(value.d);
        case Kind::string:
            return std::string(value.view());
        case Kind::timestamp:
            return iso_time(value);
        case Kind::date:
            return base::format_date(base::civil_of(value.i));
        case Kind::money: {
            const auto currency = base::Currency(value.size);
            return base::format_decimal(value.i, currency.minor_digits()) + " " +
                   std::string(currency.text());
        }
        default: {
            expr::Memory memory;
            expr::Patterns patterns;
            expr::Call call(memory, patterns, moment, &schema, expr::kBudget);
            return expr::value_text(call, value);
        }
    }
}

base::Result<ResultTable> value_table(const Snapshot &snapshot, const ValueQuery &query) {
    return ValueTable(snapshot, query).run();
}

base::Result<ResultTable> series_table(const Snapshot &snapshot, const ValueSubject &subject,
                                       std::string_view name, base::Micros now) {
    KITH_LET(at, ValuesAt::of(snapshot, now));
    auto &values = at->values();
    const auto place = at->catalog().metrics.find(name);
    if (!place || at->catalog().metrics.items[*place].metric.subject != subject.kind) {
        return base::fail(Status::missing, "no metric of such subjects has this name");
    }
    const auto &metric = at->catalog().metrics.items[*place];
    if (!metric.by || !metric.metric.key.empty()) {
        return base::fail(Status::argument, "the metric is no series: it says no \"by\"");
    }
    auto *found = values.of(subject);
    if (!found) {
        if (auto error = values.take_error()) return error;
        return base::fail(Status::missing, "there is no such subject");
    }
    const auto schema = make_value_schema(at->catalog(), subject.kind);
    const auto &zone = values.moment().zone;
    ResultTable out;
    out.columns = {column_of("period", TypeKind::string), column_of("begin", TypeKind::int_),
                   column_of("value", metric.type)};
    KITH_LET(begins, found->periods(*place));
    for (const auto begin : begins) {
        out.columns[0].texts.push_back(base::format_date(base::civil_of(zone.local_day(begin))));
        out.columns[1].ints.push_back(begin);
        put_value(out.columns[2], found->period_value(*place, begin), *schema, values.moment(),
                  values.currency());
    }
    if (auto error = values.take_error()) return error;
    return out;
}

}  // namespace kith::engine
