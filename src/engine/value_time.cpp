#include "engine/value_time.hpp"

#include <algorithm>

#include "engine/value_records.hpp"
#include "expr/parse.hpp"

namespace kith::engine {

using expr::NodeId;
using expr::NodeKind;

namespace {

// How a value moves as time goes by and nothing happens.
enum class Trend : std::uint8_t { still, up, down, mixed };

Trend flipped(Trend trend) {
    return trend == Trend::up ? Trend::down : trend == Trend::down ? Trend::up : trend;
}

Trend together(Trend a, Trend b) {
    if (a == Trend::still) return b;
    if (b == Trend::still || a == b) return a;
    return Trend::mixed;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

class Watcher {
public:
    Watcher(const ValueCatalog &catalog, const CompilePiece &compile, TimeWatch &watch)
        : catalog_(catalog), compile_(compile), watch_(watch) {}

    std::optional<Unwatched> run(const expr::Program &condition, const char *moving) {
        const auto &tree = condition.checked().tree;
        tree_ = &tree;
        own_ = true;
        if (trend(tree.root) != Trend::still) refuse(tree.root, moving);
        return std::move(refusal_);
    }

private:
    // Of an expression of another definition that is read.
    Trend of(const ProgramPtr &program) {
        if (!program) return Trend::still;
        const auto *kept = std::exchange(tree_, &program->checked().tree);
        const auto kept_own = std::exchange(own_, false);
        const auto found = trend(tree_->root);
        tree_ = kept;
        own_ = kept_own;
        return found;
    }

    Trend refuse(NodeId node, const char *what) {
        if (!refusal_) refusal_ = Unwatched{what, own_ ? tree()[node].span.begin : place_};
        return Trend::still;
    }

    const expr::Tree &tree() const { return *tree_; }
    std::string_view name_of(NodeId node) const {
        return tree()[node].kind == NodeKind::identifier ? tree()[node].name : std::string_view();
    }

    Trend trend(NodeId id) {
        const auto &node = tree()[id];
        if (own_) place_ = node.span.begin;
        switch (node.kind) {
            case NodeKind::literal:
                return Trend::still;
            case NodeKind::identifier:
                return of_variable(id, node.name);
            case NodeKind::select:
                return of_field(id, node);
            case NodeKind::has:
                trend(tree().child(id, 0));  // whether it is known; it moves as what it reads does
                return Trend::still;
            case NodeKind::call:
                return of_call(id, node);
            case NodeKind::macro:
                if (own_ && node.count == 2 && node.vars[1].empty() && !node.vars[0].empty() &&
                    trend(tree().child(id, 0)) == Trend::still) {
                    scopes_.push_back({expr::unparse(tree(), tree().child(id, 0)), node.vars[0]});
                    const auto body = trend(tree().child(id, 1));
                    scopes_.pop_back();
                    return body == Trend::still ? body : Trend::mixed;
                }
                [[fallthrough]];
            default: {
                auto all = Trend::still;
                for (const auto child : tree().children(id)) all = together(all, trend(child));
                return all == Trend::still ? all : Trend::mixed;
            }
        }
    }

    Trend of_variable(NodeId id, std::string_view name) {
        if (is_one_of(name, {"now", "today"})) return Trend::up;
        if (name == "party") watch_.party = true;
        if (is_one_of(name, {"open", "state"})) watch_.processes = true;
        if (name == "commitments") watch_.commitments = true;
        if (is_one_of(name, {"interactions", "orders", "processes", "identifiers", "i"})) {
            return refuse(id, "reads a list of records; count them in a metric, and read that");
        }
        if (name == "all") return refuse(id, "reads the whole base; give the definition an \"every\"");
        return Trend::still;
    }

    Trend of_field(NodeId id, const expr::Node &node) {
        const auto owner = tree().child(id, 0);
        const auto group = name_of(owner);
        const std::string name(node.name);
        if (group == "m") {
            if (const auto place = catalog_.metrics.find(name)) return of_metric(id, *place);
            watch_.figures = true;
            return Trend::still;
        }
        if (group == "series") {
            const auto place = catalog_.metrics.find(name);
            if (!place) return Trend::still;
            const auto &value = catalog_.metrics.items[*place];
            if (value.by) watch_.periods.insert(*value.by);
            return of_metric(id, *place) == Trend::still ? Trend::still : Trend::mixed;
        }
        if (group == "band") {
            if (const auto place = catalog_.bands.find(name))
                return of_bands(id, *place, catalog_.bands.items[*place].of);
        } else if (group == "cell" || group == "policy") {
            if (const auto place = catalog_.matrices.find(name)) {
                const auto &matrix = catalog_.matrices.items[*place];
                if (of(matrix.x) != Trend::still || of(matrix.y) != Trend::still) {
                    return refuse(id, "reads a matrix whose axes move in no one direction");
                }
                return Trend::still;
            }
        } else if (group == "segment") {
            if (const auto place = catalog_.segments.find(name))
                return of(catalog_.segments.items[*place].when);
        } else if (group == "score") {
            if (const auto place = catalog_.scorecards.find(name)) return of_score(id, *place);
        } else if (group == "setting") {
            return Trend::still;
        }
        return trend(owner) == Trend::still ? Trend::still : Trend::mixed;
    }

    Trend of_metric(NodeId id, std::uint32_t place) {
        const auto &value = catalog_.metrics.items[place];
        if (value.metric.subject == rules::SubjectKind::all) return refuse(id, "reads the whole base");
        if (!value.tuple.empty() && value.owner == rules::SubjectKind::all)
            return refuse(id, "reads the whole base");
        const bool slides = value.metric.window.kind == rules::Window::Kind::sliding;
        if (!value.tuple.empty() && (slides || value.by || value.metric.decay)) {
            return refuse(id,
                          "reads a metric of several keys that moves with the clock; declare \"recheck\": "
                          "\"P1D\"");
        }
        if (value.metric.kind == rules::Metric::Kind::formula) return of(value.formula);
        if (value.metric.kind == rules::Metric::Kind::given) {
            watch_.given.insert(value.metric.name);
            if (value.by) watch_.periods.insert(*value.by);
        }
        if (value.of_scores) {
            watch_.given.insert(value.metric.rows.types[0]);
            if (slides || value.by)
                return refuse(id, "reads scores that leave a window; declare \"recheck\": \"P1D\"");
            return Trend::still;
        }
        if (value.of_parties) return refuse(id, "reads other customers");
        if (value.behaviour) return of_behaviour(id, place);
        if (value.measure && value.measure->grain->of_changes)
            return refuse(id, "reads who entered and left segments");
        if (!value.measure) return Trend::still;
        if (!value.metric.along.empty()) return refuse(id, "reads the rows of other customers");
        watch_.measures.insert(value.measure->number);
        if (value.since) watch_.measures.insert(value.since->number);
        if (slides) watch_.windows.insert(place);
        if (value.by) watch_.periods.insert(*value.by);
        return value.metric.decay ? Trend::down : Trend::still;  // in size: all rows fade alike
    }

    // Rows of the party's own: when a case or commitment moves, they are looked at; one comes to count, or
    // leaves, as time goes by.
    Trend of_behaviour(NodeId id, std::uint32_t place) {
        const auto &value = catalog_.metrics.items[place];
        const auto &rows = *value.behaviour;
        if (!value.metric.along.empty()) return refuse(id, "reads the rows of other customers");
        if (rows.kind == BehaviourRows::Kind::stays)
            return refuse(id, "reads the stays of cases in states; declare \"recheck\": \"P1D\"");
        (rows.kind == BehaviourRows::Kind::cases ? watch_.processes : watch_.commitments) = true;
        watch_.processes |= rows.kind == BehaviourRows::Kind::commitments;  // c.process
        auto parts = rows.key;
        parts.insert(parts.end(), {value.where, value.of, rows.at});
        for (const auto &part : parts) {
            if (of(part) != Trend::still)
                return refuse(id, "reads rows that move with the clock; declare \"recheck\": \"P1D\"");
        }
        if (value.metric.window.kind == rules::Window::Kind::sliding) watch_.windows.insert(place);
        if (rows.at || rows.befell == BehaviourRows::Befell::due) watch_.coming.insert(place);
        if (value.by) watch_.periods.insert(*value.by);
        return Trend::still;
    }

    Trend of_bands(NodeId id, std::uint32_t place, const ProgramPtr &value) {
        const auto &bands = catalog_.bands.items[place];
        if (bands.of_base) watch_.dated.insert(catalog_.of_base[*bands.of_base].metric);
        for (const auto &limit : bands.limits) {
            if (of(limit) != Trend::still) return refuse(id, "reads bands whose limits move with the clock");
        }
        const auto moves = of(value);
        if (moves == Trend::still) return Trend::still;
        if (moves == Trend::mixed) return refuse(id, "reads bands of a value that moves in no one direction");
        watch_.turns.push_back({value, nullptr, place});
        return Trend::still;
    }

    Trend of_score(NodeId id, std::uint32_t place) {
        const auto &card = catalog_.scorecards.items[place];
        auto all = Trend::still;
        for (std::size_t i = 0; i < card.indicators.size(); ++i) {
            const auto &definition = card.scorecard.indicators[i];
            const auto &indicator = card.indicators[i];
            if (indicator.asked) {
                watch_.measures.insert(indicator.asked->number);
                if (definition.good_for) watch_.asked.emplace(place, static_cast<std::uint32_t>(i));
            }
            if (const auto bands = catalog_.bands.find(definition.score_by);
                bands && !definition.score_by.empty()) {
                of_bands(id, *bands, indicator.value);
                continue;
            }
            if (indicator.of_base) watch_.dated.insert(catalog_.of_base[*indicator.of_base].metric);
            if (of(indicator.a) != Trend::still || of(indicator.b) != Trend::still) return Trend::mixed;
            const auto moves = of(indicator.value);
            all = together(all, definition.less_is_better ? flipped(moves) : moves);
        }
        return all;
    }

    bool is_positive(NodeId id) const {
        const auto &value = tree()[id].value;
        if (tree()[id].kind != NodeKind::literal) return false;
        return (value.is(expr::Kind::int_) && value.i > 0) || (value.is(expr::Kind::double_) && value.d > 0);
    }

    Trend of_call(NodeId id, const expr::Node &node) {
        namespace op = expr::op;
        const auto children = tree().children(id);
        const auto child = [&](std::size_t n) { return trend(children[n]); };
        const auto any = [&] {
            auto all = Trend::still;
            for (std::size_t i = 0; i < children.size(); ++i) all = together(all, child(i));
            return all == Trend::still ? all : Trend::mixed;
        };
        if (is_one_of(node.name, {op::both, op::either, op::negate})) return any();
        if (is_one_of(node.name,
                      {op::less, op::less_equal, op::greater, op::greater_equal, op::equal, op::not_equal})) {
            return of_comparison(id, children[0], children[1]);
        }
        if (node.name == op::add && children.size() == 2) return together(child(0), child(1));
        if (node.name == op::subtract) return together(child(0), flipped(child(1)));
        if (node.name == op::minus) return flipped(child(0));
        if (node.name == op::multiply) {
            if (is_positive(children[1])) return child(0);
            if (is_positive(children[0])) return child(1);
            return any();
        }
        if (node.name == op::divide || node.name == "ratio")
            return is_positive(children[1]) ? child(0) : any();
        if (node.name == op::conditional) {
            const auto condition = child(0);
            const auto a = child(1), b = child(2);
            if (condition != Trend::still) return Trend::mixed;
            return a == b ? a : Trend::mixed;
        }
        if (is_one_of(node.name, {"daysBetween", "monthsBetween"}) && children.size() >= 2) {
            return together(flipped(child(0)), child(1));
        }
        if (is_one_of(node.name, {"int", "double", "addDays", "addMonths", "addYears"}) &&
            !children.empty()) {
            for (std::size_t i = 1; i < children.size(); ++i) {
                if (child(i) != Trend::still) return Trend::mixed;
            }
            return child(0);
        }
        if (is_one_of(node.name, {"after", "before"})) {
            if (child(0) != Trend::still || (children.size() > 2 && child(2) != Trend::still))
                return Trend::mixed;
            return children.size() > 1 ? child(1) : Trend::up;
        }
        return any();
    }

    Trend of_comparison(NodeId id, NodeId left, NodeId right) {
        const auto moves = together(trend(left), flipped(trend(right)));
        if (moves == Trend::still) return moves;
        if (moves == Trend::mixed) {
            return refuse(
                id,
                "compares what moves with the clock in no one direction, so that the instant at which it "
                "changes cannot be told; compare time since something with a number, or declare "
                "\"recheck\": \"P1D\"");
        }
        // Inside a list's macro each element has its own turn.
        const auto piece = [&](NodeId side) {
            auto text = expr::unparse(tree(), side);
            for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
                text = scope->list + ".map(" + std::string(scope->name) + ", " + text + ")";
            return compile_(text);
        };
        if (scopes_.size() > 1) return refuse(id, "compares with the clock in a list within a list");
        auto before = piece(left), after = piece(right);
        if (!before || !after) return refuse(id, "cannot be watched");
        watch_.turns.push_back({std::move(before), std::move(after), std::nullopt});
        return Trend::still;
    }

    const ValueCatalog &catalog_;
    const CompilePiece &compile_;
    TimeWatch &watch_;
    const expr::Tree *tree_ = nullptr;
    bool own_ = false;
    struct Scope {
        std::string list;
        std::string_view name;
    };
    std::vector<Scope> scopes_;
    std::uint32_t place_ = 0;  // in the condition's own text
    std::optional<Unwatched> refusal_;
};

// ---- when it changes ----

constexpr base::Micros kHorizon = 200 * 366 * base::kDay;
constexpr int kUnknown = 9;

// Of the elements of two lists, as one number.
std::int64_t standing_of_lists(SubjectValues &subject, const expr::Value &left, const expr::Program &other) {
    // The next evaluation takes the list's place.
    const std::vector<expr::Value> kept(left.items, left.items + left.size);
    const auto right = subject.evaluate(other).value;
    if (!right.is(expr::Kind::list) || right.size != kept.size()) return kUnknown;
    std::uint64_t all = 1469598103934665603u;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto order = expr::compare(kept[i], right.items[i]);
        const auto sign = !order.comparable ? kUnknown : order.order < 0 ? -1 : order.order > 0 ? 1 : 0;
        all = (all ^ static_cast<std::uint64_t>(sign + 2)) * 1099511628211u;
    }
    return static_cast<std::int64_t>(all);
}

// The order of two sides, or the place of the class.
std::int64_t standing(SubjectValues &subject, const TimeWatch::Turn &turn) {
    const auto left = subject.evaluate(*turn.left).value;
    if (turn.bands) {
        const auto *found = subject.band_class(*turn.bands, left);
        return found ? found - subject.values().catalog().bands.items[*turn.bands].bands.classes.data() : -1;
    }
    if (left.failed()) return kUnknown;
    if (left.is(expr::Kind::list)) return standing_of_lists(subject, left, *turn.right);
    // Texts of one evaluation do not outlive the next; only numbers and times move with the clock.
    const auto *fixed = turn.right->constant();
    const auto right = fixed ? *fixed : subject.evaluate(*turn.right).value;
    if (right.failed()) return kUnknown;
    const auto order = expr::compare(left, right);
    if (!order.comparable) return kUnknown;
    return order.order < 0 ? -1 : order.order > 0 ? 1 : 0;
}

// What comes without a comparison: a row leaves, a period begins.
base::Micros next_event(SubjectValues &subject, const TimeWatch &watch) {
    auto &values = subject.values();
    const auto now = values.moment().now;
    auto first = kNever;
    const auto leaves = [&](base::Result<base::Micros> at) {
        if (at) {
            first = std::min(first, *at);
        } else {
            values.failed(at.take_error());
        }
    };
    const auto leave = [&](const Measure &measure, const rules::Period &length) {
        leaves(subject.first_leave(measure, length));
    };
    const auto &catalog = values.catalog();
    for (const auto place : watch.windows) {
        const auto &metric = catalog.metrics.items[place];
        if (metric.behaviour) {
            leaves(subject.first_leave(metric));
        } else {
            leave(*metric.measure, metric.metric.window.length);
        }
    }
    for (const auto place : watch.coming) {
        auto next = subject.behaviour_after(catalog.metrics.items[place], now);
        leaves(next ? base::Result<base::Micros>(next->value_or(kNever)) : next.take_error());
    }
    for (const auto &[card, indicator] : watch.asked) {
        const auto &value = catalog.scorecards.items[card];
        leave(*value.indicators[indicator].asked, *value.scorecard.indicators[indicator].good_for);
    }
    const auto &zone = values.moment().zone;
    for (const auto &periods : watch.periods) first = std::min(first, values.period(periods).next);
    if (watch.recheck) {
        first =
            std::min(first, zone.add(now, watch.recheck->months, watch.recheck->days, watch.recheck->micros));
    }
    return first;
}

// The first instant up to `end`, at which it is, that it is not as `before`. Most turn as a day begins: days
// are looked at first.
base::Micros first_turn(SubjectValues &subject, const TimeWatch::Turn &turn, std::int64_t before,
                        base::Micros end) {
    const auto &zone = subject.values().moment().zone;
    auto begin = subject.values().moment().now;
    const auto is_turned = [&](base::Micros at) { return standing(subject.at(at), turn) != before; };
    for (auto first = zone.local_day(begin), last = zone.local_day(end); last - first > 1;) {
        const auto middle = first + (last - first) / 2;
        const auto at = zone.instant(middle * base::kDay);
        const bool turned = is_turned(at);
        (turned ? last : first) = middle;
        (turned ? end : begin) = at;
    }
    if (end - begin > 1 && !is_turned(end - 1)) return end;
    while (end - begin > 1) {
        const auto middle = begin + (end - begin) / 2;
        (is_turned(middle) ? end : begin) = middle;
    }
    return end;
}

}  // namespace

std::optional<Unwatched> watch_condition(const ValueCatalog &catalog, const expr::Program &condition,
                                         const CompilePiece &compile, TimeWatch &watch) {
    return Watcher(catalog, compile, watch).run(condition, "is not a condition that holds or does not");
}

std::optional<Unwatched> watch_instant(const ValueCatalog &catalog, const expr::Program &instant,
                                       const CompilePiece &compile, TimeWatch &watch) {
    auto refused =
        Watcher(catalog, compile, watch).run(instant, "moves with the clock; reckon it from a date");
    if (!refused && watch.moves_with_time())
        return Unwatched{"moves as time goes by, without anything happening; reckon it from a date", 0};
    return refused;
}

base::Micros next_change(SubjectValues &subject, const TimeWatch &watch) {
    const auto now = subject.values().moment().now;
    auto first = next_event(subject, watch);
    for (const auto &turn : watch.turns) {
        const auto before = standing(subject, turn);
        auto end = std::min({first - 1, now + kHorizon, base::kMaxTime});
        if (end <= now) continue;
        if (standing(subject.at(end), turn) == before) continue;
        first = std::min(first, first_turn(subject, turn, before, end));
    }
    return first;
}

bool stands_until(SubjectValues &subject, const TimeWatch &watch, base::Micros until) {
    if (next_event(subject, watch) < until) return false;
    if (until - 1 <= subject.values().moment().now) return true;
    auto &then = subject.at(std::min(until - 1, base::kMaxTime));
    for (const auto &turn : watch.turns) {
        if (standing(then, turn) != standing(subject, turn)) return false;
    }
    return true;
}

}  // namespace kith::engine
