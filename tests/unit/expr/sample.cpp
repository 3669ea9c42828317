#include "sample.hpp"

#include "base/money.hpp"

namespace readme {

namespace {

constexpr std::int64_t kNow = 1772359200;  // 2026-03-01T10:00:00Z

std::uint32_t euro() { return kith::base::Currency::parse("EUR")->packed(); }

class RowIterator : public Iterator {
public:
    RowIterator(const std::vector<Value> &rows, std::size_t &read, std::uint32_t field, Value kind)
        : rows_(rows), read_(read), field_(field), kind_(kind) {}
    bool next(Value &out) override {
        while (at_ < rows_.size()) {
            const auto &row = rows_[at_++];
            if (kind_.is(Kind::string) &&
                static_cast<const Row *>(row.object)->values[field_].view() != kind_.view())
                continue;
            ++read_;
            out = row;
            return true;
        }
        return false;
    }

private:
    const std::vector<Value> &rows_;
    std::size_t &read_, at_ = 0;
    std::uint32_t field_;
    Value kind_;
};

}  // namespace

std::unique_ptr<Iterator> RowRange::open(std::span<const Bound> bounds) const {
    Value kind;
    for (const auto &bound : bounds)
        if (bound.field == kind_field_ && bound.op == Bound::Op::equal) kind = bound.value;
    bounded += bounds.size();
    return std::make_unique<RowIterator>(rows_, read, kind_field_, kind);
}

std::shared_ptr<const Schema> schema() {
    static const auto shared = [] {
        auto made = std::make_shared<Schema>();
        auto &types = made->types();
        const auto type = [&](const char *text) { return types.parse(text); };
        const auto *customer = made->add_record(std::make_unique<Rows>(
            "customer", std::vector<Field>{{"name", type("string"), 64, false, {}},
                                           {"frequency", type("int"), 0, false, {}},
                                           {"recency_days", type("int"), 0, false, {}},
                                           {"tags", type("list(string)"), 8, false, {}},
                                           {"total", type("money"), 0, false, {}},
                                           {"score", type("double"), 0, false, {}},
                                           {"last_order_at", type("timestamp"), 0, false, {}},
                                           {"phone", type("string"), 32, false, {}}}));
        const auto *interaction = made->add_record(std::make_unique<Rows>(
            "interaction", std::vector<Field>{{"kind", type("string"), 32, true, {}},
                                              {"status", type("string"), 32, false, {}},
                                              {"at", type("timestamp"), 0, true, {}},
                                              {"amount", type("money"), 0, false, {}},
                                              {"severity", type("int"), 0, false, {}}}));
        made->add_variable("customer", customer);
        made->add_variable("interactions", types.list(interaction), 100);
        made->add_variable("stored", types.list(interaction), 100);
        made->add_variable("limits", type("map(string, int)"), 8);
        made->add_moment();
        return made;
    }();
    return shared;
}

Data::Data() : stored({}, 0) {
    tags_[0] = of_text("vip");
    tags_[1] = of_text("no_email");
    customer_.values = {of_text("Ada"),
                        of_int(12),
                        of_int(40),
                        of_list(tags_, 2),
                        of_money(125000, euro()),
                        of_double(3.5),
                        of_timestamp(kNow - 40 * 86400, 0),
                        {}};
    const auto row = [&](const char *kind, const char *status, int days, std::int64_t minor, int severity) {
        interactions_.push_back({{of_text(kind), of_text(status), of_timestamp(kNow - days * 86400, 0),
                                  of_money(minor, euro()), of_int(severity)}});
    };
    row("order", "paid", 90, 4000, 0);
    row("order", "paid", 40, 6050, 0);
    row("complaint", "open", 10, 0, 3);
    for (const auto &each : interactions_) rows_.push_back(of_record(&each, 1));
    stored = RowRange(rows_, 0);
    keys_[0] = of_text("visits");
    limits_values_[0] = of_int(4);
    limits_.count = 1;
    limits_.keys = keys_;
    limits_.values = limits_values_;
}

Value Data::variable(std::uint32_t number, Memory &) const {
    switch (number) {
        case 0:
            return of_record(&customer_, 0);
        case 1:
            return of_list(rows_.data(), static_cast<std::uint32_t>(rows_.size()));
        case 2:
            return of_range(&stored);
        case 3:
            return of_map(&limits_);
        default:
            return fail(Code::host, "there is no such variable");
    }
}

Moment moment() {
    Moment moment;
    moment.now = kNow * 1'000'000;
    moment.zone = std::move(*kith::base::Zone::find("Europe/Zagreb"));
    return moment;
}

Checked checked(std::string_view source, const Type *wanted) {
    auto parsed = parse(source);
    if (parsed) return check(std::move(parsed.tree), schema(), wanted);
    Checked failed;
    failed.tree.source = source;
    failed.diagnostics.push_back(parsed.diagnostic);
    return failed;
}

std::string value_of(std::string_view source, const Binding &data) {
    auto tree = checked(source);
    if (!tree) {
        const auto &first = tree.diagnostics.front();
        return "?" + std::string(code_name(first.code)) + (first.hint.empty() ? "" : ": " + first.hint);
    }
    auto program = compile(std::move(tree));
    Evaluator evaluator;
    const auto at = moment();
    const auto outcome = evaluator.evaluate(*program, data, at);
    if (outcome.value.failed()) return "!" + std::string(code_name(outcome.value.code()));
    Memory memory;
    Patterns patterns;
    const auto schema_used = schema();
    Call call(memory, patterns, at, schema_used.get(), kBudget);
    return value_text(call, outcome.value);
}

}  // namespace readme
