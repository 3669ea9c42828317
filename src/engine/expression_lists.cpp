#include "engine/expression_lists.hpp"

#include <algorithm>
#include <cstring>

#include "engine/expression_schema.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using expr::Value;
using store::Table;

namespace {

// Rows passed over without being given are not in the budget of units: they have a bound of their own, for
// all lists of an evaluation together. At some 50 to 200 ns a row it is reached within a few hundredths of a
// second.
constexpr std::uint32_t kPassedMax = 200'000;

// What a cursor takes outside of the evaluation's memory, counted as if it were in it.
constexpr std::size_t kCursorBytes = 512;

// What bounds leave of a timeline.
struct Window {
    base::Micros from = base::kMinTime, until = base::kMaxTime;  // both included
    model::Name type = 0;                                        // 0: all
    bool empty = false;

    void no_earlier(base::Micros at) { from = std::max(from, at); }
    void no_later(base::Micros at) { until = std::min(until, at); }
    // Times of the file are microseconds, those of expressions nanoseconds.
    void bound(expr::Bound::Op op, const Value &time) {
        const auto micros = expr::micros_of(time);
        const bool between = time.size % 1000 != 0;  // later than `micros`
        switch (op) {
            case expr::Bound::Op::equal:
                no_earlier(micros);
                no_later(micros);
                empty |= between;
                break;
            case expr::Bound::Op::less:
                no_later(between ? micros : micros - 1);
                break;
            case expr::Bound::Op::less_equal:
                no_later(micros);
                break;
            case expr::Bound::Op::greater:
                no_earlier(micros + 1);
                break;
            case expr::Bound::Op::greater_equal:
                no_earlier(between ? micros + 1 : micros);
                break;
        }
    }
};

ExpressionRecord record_of(RowKind kind) {
    switch (kind) {
        case RowKind::commitment:
            return ExpressionRecord::commitment;
        case RowKind::identifier:
            return ExpressionRecord::identifier;
        default:
            return ExpressionRecord::interaction;
    }
}

// Ends at once, with an error or without.
class Nothing : public expr::Iterator {
public:
    explicit Nothing(Value error = {}) : error_(error) {}
    bool next(Value &out) override {
        if (!error_.failed()) return false;
        out = error_;
        error_ = {};
        return true;
    }

private:
    Value error_;
};

class Rows : public expr::Iterator {
public:
    Rows(const PartyFacts &facts, RowKind kind, const Window &window, bool corrections, store::Cursor cursor,
         expr::Memory &memory, std::uint32_t &passed)
        : facts_(facts),
          memory_(memory),
          passed_(passed),
          window_(window),
          record_(record_of(kind)),
          corrections_(corrections),
          cursor_(std::move(cursor)) {}

    bool next(Value &out) override {
        if (ended_) return false;
        auto given = advance(out);
        if (given && *given) return true;
        ended_ = true;
        if (given) return false;
        out = facts_.failed(given.take_error());
        return true;
    }

private:
    bool timeline() const { return record_ == ExpressionRecord::interaction; }

    index::Key start() const {
        const auto &party = facts_.id();
        if (timeline()) return index::interactions_from(party, window_.from);
        return index::row(
            party, record_ == ExpressionRecord::commitment ? index::Tag::commitment : index::Tag::identifier);
    }
    bool inside() const {
        if (!timeline()) return index::starts_with(cursor_.key(), start());
        return index::starts_with(cursor_.key(), facts_.id().view()) &&
               index::interaction_key(cursor_.key()).at <= window_.until;
    }

    // Whether the row at hand is not of the list.
    base::Result<bool> passes(base::Bytes row) const {
        if (window_.type != 0 && record::decode_summary(row).type != window_.type) return true;
        if (!corrections_) return false;
        KITH_LET(corrected, facts_.snapshot().reader().get(Table::corrected, cursor_.key()));
        return corrected.has_value();
    }

    base::Result<bool> advance(Value &out) {
        for (;;) {
            auto moved = begun_ ? cursor_.next() : cursor_.seek(start());
            begun_ = true;
            if (!moved) return moved.take_error();
            if (!*moved || !inside()) return false;
            KITH_LET(row, cursor_.value());
            KITH_LET(passed, passes(row.payload));
            if (passed) {
                if (++passed_ <= kPassedMax) continue;
                out = expr::fail(expr::Code::cost, "the list is too long to look through: bound its time");
                return ended_ = true;
            }
            auto *view = memory_.array<RowView>(1);
            if (view == nullptr) {
                out = expr::fail(expr::Code::memory,
                                 "the list has more records than memory holds: bound its time");
                return ended_ = true;
            }
            *view = {&facts_, cursor_.key().data(), row.payload};
            out = expr::of_record(view, static_cast<std::uint16_t>(record_));
            return true;
        }
    }

    const PartyFacts &facts_;
    expr::Memory &memory_;
    std::uint32_t &passed_;  // by all lists of the evaluation
    Window window_;
    ExpressionRecord record_;
    bool corrections_, begun_ = false, ended_ = false;
    store::Cursor cursor_;
};

// Of commitments that are not, or not so, in the file yet.
class GivenRows : public expr::Iterator {
public:
    GivenRows(const PartyFacts &facts, const RowsInHand &rows, expr::Memory &memory)
        : facts_(facts), rows_(rows), memory_(memory) {}

    bool next(Value &out) override {
        if (next_ == rows_.size()) return false;
        const auto &[key, record] = rows_[next_++];
        auto *view = memory_.array<RowView>(1);
        if (view == nullptr) {
            next_ = rows_.size();
            out = expr::out_of_memory();
            return true;
        }
        *view = {&facts_, key.data(), record};
        out = expr::of_record(view, static_cast<std::uint16_t>(ExpressionRecord::commitment));
        return true;
    }

private:
    const PartyFacts &facts_;
    const RowsInHand &rows_;
    expr::Memory &memory_;
    std::size_t next_ = 0;
};

class Lines : public expr::Iterator {
public:
    Lines(const LineView &first, std::size_t count, expr::Memory &memory)
        : next_(first), left_(count), memory_(memory) {}

    bool next(Value &out) override {
        if (left_ == 0) return false;
        --left_;
        auto *view = memory_.array<LineView>(1);
        if (view == nullptr) {
            left_ = 0;
            out = expr::out_of_memory();
            return true;
        }
        *view = next_;
        ++next_.line;
        if (next_.margin != nullptr) ++next_.margin;
        out = expr::of_record(view, static_cast<std::uint16_t>(ExpressionRecord::line));
        return true;
    }

private:
    LineView next_;
    std::size_t left_;
    expr::Memory &memory_;
};

}  // namespace

std::unique_ptr<expr::Iterator> RowRange::open(std::span<const expr::Bound> bounds) const {
    const auto failed = [&](base::ErrorBox error) {
        return std::make_unique<Nothing>(facts_.failed(std::move(error)));
    };
    const auto &snapshot = facts_.snapshot();
    auto &names = snapshot.store().names();
    Window window;
    const auto only = [&](std::string_view type) -> base::Result<void> {
        KITH_LET(name, names.find(snapshot.reader(), type));
        window.empty |= !name || *name == 0 || (window.type != 0 && window.type != *name);
        if (name) window.type = *name;
        return {};
    };
    bool corrections = false;
    if (kind_ == RowKind::interaction || kind_ == RowKind::order) {
        if (kind_ == RowKind::order) {
            if (auto done = only(model::kOrder); !done) return failed(done.take_error());
        }
        for (const auto &bound : bounds) {
            if (bound.field == kInteractionAt && bound.value.is(expr::Kind::timestamp)) {
                window.bound(bound.op, bound.value);
            } else if (bound.field == kInteractionType && bound.op == expr::Bound::Op::equal &&
                       bound.value.is(expr::Kind::string)) {
                if (auto done = only(bound.value.view()); !done) return failed(done.take_error());
            }
        }
        if (window.empty || window.from > window.until) return std::make_unique<Nothing>();
        auto corrected = snapshot.reader().count(Table::corrected);
        if (!corrected) return failed(corrected.take_error());
        corrections = *corrected > 0;
    }
    if (const auto *given = kind_ == RowKind::commitment ? facts_.commitments() : nullptr)
        return std::make_unique<GivenRows>(facts_, *given, *memory_);
    if (memory_->allocate(kCursorBytes) == nullptr) return std::make_unique<Nothing>(expr::out_of_memory());
    auto cursor = snapshot.reader().cursor(kind_ == RowKind::identifier ? Table::parties : Table::rows);
    if (!cursor) return failed(cursor.take_error());
    return std::make_unique<Rows>(facts_, kind_, window, corrections, std::move(*cursor), *memory_, *passed_);
}

std::optional<std::uint32_t> RowRange::size() const {
    if (kind_ != RowKind::interaction && kind_ != RowKind::order) return std::nullopt;
    const auto *counted = facts_.figures();
    if (!counted) return std::nullopt;
    return kind_ == RowKind::order ? counted->orders : counted->interactions;
}

std::unique_ptr<expr::Iterator> LineRange::open(std::span<const expr::Bound>) const {
    return std::make_unique<Lines>(
        LineView{&facts_, lines_.data(), margins_.empty() ? nullptr : margins_.data(), currency_},
        lines_.size(), memory_);
}

}  // namespace kith::engine
