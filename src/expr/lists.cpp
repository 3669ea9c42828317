// Functions of lists, sets and aggregates.
#include "base/money.hpp"
#include "expr/aggregate.hpp"
#include "expr/list_reader.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kith::expr {

namespace {

Value too_deep() { return fail(Code::depth, "the value is nested too deeply"); }
bool is_nan(const Value &value) { return value.is(Kind::double_) && std::isnan(value.d); }

// ---- a hash of any value: equal ones have the same

// Odd numbers that tell the kinds apart.
constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15, kList = 0xd6e8feb86659fd93, kMap = 0xa0761d6478bd642f,
                        kOptional = 0xe7037ed1a0b428db;

// Charges for passing over the value; false where it fails, with the error in `out`.
bool hash_deeply(Call &call, const Value &value, std::uint32_t depth, Value &out) {
    const auto failed = [&](const Value &error) {
        out = error;
        return false;
    };
    if (depth > kDepthMax) return failed(too_deep());
    Value part;
    std::uint64_t sum = 0;
    switch (value.kind) {
        case Kind::string:
        case Kind::bytes:
            if (!call.charge(text_cost(value.size))) return failed(out_of_budget());
            sum = hash(value);
            break;
        case Kind::list: {
            sum = kList;
            ListReader reader(call, value);
            for (Value item; reader.next(item);) {
                if (!hash_deeply(call, item, depth + 1, part)) return failed(part);
                sum = (std::rotl(sum, 5) ^ part.u) * kMix + kList;  // so that [0, 0] is not [0]
            }
            if (reader.error().failed()) return failed(reader.error());
            break;
        }
        case Kind::map:
            sum = kMap;
            for (std::uint32_t i = 0; i < value.map->all().count; ++i) {
                if (!call.charge(2)) return failed(out_of_budget());
                if (!hash_deeply(call, value.map->all().keys[i], depth + 1, part)) return failed(part);
                const auto key = part.u;
                if (!hash_deeply(call, value.map->all().values[i], depth + 1, part)) return failed(part);
                sum += (key ^ std::rotl(part.u, 32)) * kMix + kList;  // entries have no order
            }
            break;
        case Kind::optional:
            sum = kOptional;
            if (value.items == nullptr) break;
            if (!call.charge(1)) return failed(out_of_budget());
            if (!hash_deeply(call, *value.items, depth + 1, part)) return failed(part);
            sum = ~(part.u * kMix);
            break;
        case Kind::record:
            if (call.schema != nullptr) sum = call.schema->record(value.tag).hash(value.object);
            break;
        default:
            // Nothing equals what is no number: a hash of its own keeps such values apart.
            sum = is_nan(value) ? call.used() : hash(value);
    }
    out = of_uint(sum);
    return true;
}

// Different values in the order in which they came, found by their hash. Comparing a value with the one
// found is paid for by its hash, with more of the same hash for itself.
class ValueSet {
public:
    explicit ValueSet(Call &call) : call_(call), values_(call.memory) {}

    // True or false: whether it was there; or the error. Adds it where it is wanted and was not.
    Value find(const Value &value, bool add) {
        Value hashed;
        if (!hash_deeply(call_, value, 0, hashed)) return hashed;
        if (add && values_.count() * 2 >= slots_ && !grow()) return out_of_memory();
        if (slots_ == 0) return of_bool(false);
        auto slot = spread(hashed.u);
        for (std::uint32_t tries = 0;; ++slot) {
            const auto &entry = index_[slot & (slots_ - 1)];
            if (entry.place == 0) break;
            if (entry.hash != hashed.u) continue;
            Call free(call_.memory, call_.patterns, call_.moment, call_.schema, UINT32_MAX);
            const auto same = equal(tries++ == 0 ? free : call_, value, values_.items()[entry.place - 1]);
            if (same.failed() || same.i != 0) return same;
        }
        if (add) {
            if (!values_.add(value)) return out_of_memory();
            index_[slot & (slots_ - 1)] = {hashed.u, values_.count()};
        }
        return of_bool(false);
    }
    // Null, or the error.
    Value add_all(const Value &list) {
        ListReader reader(call_, list);
        for (Value item; reader.next(item);) {
            if (const auto found = find(item, true); found.failed()) return found;
        }
        return reader.error();
    }
    // Whether the elements of the list are all in the set (`wanted` true), or none is (false); or the error.
    Value all_found(const Value &list, bool wanted) {
        ListReader reader(call_, list);
        for (Value item; reader.next(item);) {
            const auto found = find(item, false);
            if (found.failed()) return found;
            if ((found.i != 0) != wanted) return of_bool(false);
        }
        return reader.error().failed() ? reader.error() : of_bool(true);
    }
    Value list() const { return values_.list(); }

private:
    struct Entry {
        std::uint64_t hash;
        std::uint64_t place;  // + 1; 0: free
    };
    static std::uint64_t spread(std::uint64_t hash) { return hash ^ hash >> 32; }

    bool grow() {
        const auto slots = slots_ == 0 ? 16 : slots_ * 2;
        auto *index = call_.memory.array<Entry>(slots);
        if (index == nullptr) return false;
        std::fill_n(index, slots, Entry{0, 0});
        for (std::uint32_t i = 0; i < slots_; ++i) {
            if (index_[i].place == 0) continue;
            auto slot = spread(index_[i].hash);
            while (index[slot & (slots - 1)].place != 0) ++slot;
            index[slot & (slots - 1)] = index_[i];
        }
        index_ = index;
        slots_ = slots;
        return true;
    }

    Call &call_;
    ListBuilder values_;
    Entry *index_ = nullptr;
    std::uint32_t slots_ = 0;
};

Value distinct(Call &call, const Value *args, std::uint32_t) {
    ValueSet set(call);
    const auto error = set.add_all(args[0]);
    return error.failed() ? error : set.list();
}

// Whether the elements of `b` are all in `a`, or none is.
Value all_in(Call &call, const Value &a, const Value &b, bool wanted) {
    ValueSet set(call);
    const auto error = set.add_all(a);
    return error.failed() ? error : set.all_found(b, wanted);
}

Value sets_contains(Call &call, const Value *args, std::uint32_t) {
    return all_in(call, args[0], args[1], true);
}

Value sets_intersects(Call &call, const Value *args, std::uint32_t) {
    const auto none = all_in(call, args[0], args[1], false);
    return none.failed() ? none : of_bool(none.i == 0);
}

Value sets_equivalent(Call &call, const Value *args, std::uint32_t) {
    const auto a = read_all(call, args[0]), b = read_all(call, args[1]);  // a lazy list is read once
    if (a.failed()) return a;
    if (b.failed()) return b;
    const auto result = all_in(call, a, b, true);
    return result.failed() || result.i == 0 ? result : all_in(call, b, a, true);
}

// ---- order

// Null where all keys are of one comparable kind (and currency), else the error.
Value check_keys(const Value *keys, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        if (keys[i].kind != keys[0].kind) return no_overload();
        if (compare(keys[i], keys[0]).comparable) continue;
        return keys[0].is(Kind::money) ? other_currency() : no_overload();
    }
    return {};
}

// Total over values of one kind: what is no number comes last.
bool is_less(const Value &a, const Value &b) {
    const auto order = compare(a, b).order;
    if (order == std::partial_ordering::unordered) return !is_nan(a) && is_nan(b);
    return order < 0;
}

Value sort(Call &call, const Value *args, std::uint32_t) { return sort_by_keys(call, args[0], args[0]); }

Value reverse(Call &call, const Value *args, std::uint32_t) {
    const auto list = read_all(call, args[0]);
    if (list.failed() || list.size == 0) return list;
    if (!args[0].lazy && !call.charge(list.size)) return out_of_budget();
    auto *items = call.memory.array<Value>(list.size);
    if (items == nullptr) return out_of_memory();
    std::reverse_copy(list.items, list.items + list.size, items);
    return of_list(items, list.size);
}

// ---- parts

Value present(Call &call, const Value &value) {
    auto *kept = call.memory.array<Value>(1);
    if (kept == nullptr) return out_of_memory();
    *kept = value;
    return of_optional(kept);
}

Value first(Call &call, const Value *args, std::uint32_t) {
    const auto &list = args[0];
    if (!list.lazy) return of_optional(list.size == 0 ? nullptr : list.items);
    Value item;
    if (!call.charge(2 * kReadCost)) return out_of_budget();
    if (!list.range->open({})->next(item)) return of_optional(nullptr);
    return item.failed() ? item : present(call, item);
}

Value last(Call &call, const Value *args, std::uint32_t) {
    const auto &list = args[0];
    if (!list.lazy) return of_optional(list.size == 0 ? nullptr : list.items + (list.size - 1));
    ListReader reader(call, list);
    Value item;
    bool any = false;
    while (reader.next(item)) any = true;
    if (reader.error().failed()) return reader.error();
    return any ? present(call, item) : of_optional(nullptr);
}

Value slice(Call &call, const Value *args, std::uint32_t) {
    const auto begin = args[1].i, end = args[2].i;
    if (begin < 0 || begin > end)
        return fail(Code::index, "slice takes two places from 0 on, the smaller one first");
    const auto outside = fail(Code::index, "the list is shorter than the places of slice");
    const auto &list = args[0];
    if (!list.lazy) {
        if (end > list.size) return outside;
        return of_list(list.items + begin, static_cast<std::uint32_t>(end - begin));
    }
    ListBuilder part(call.memory);
    ListReader reader(call, list);
    Value item;
    for (std::int64_t i = 0; i < end; ++i) {
        if (!reader.next(item)) return reader.error().failed() ? reader.error() : outside;
        if (i >= begin && !part.add(item)) return out_of_memory();
    }
    return part.list();
}

// Null, or the error.
Value flatten_into(Call &call, const Value &list, std::int64_t depth, std::uint32_t level, ListBuilder &out) {
    if (level > kDepthMax) return too_deep();
    ListReader reader(call, list);
    for (Value item; reader.next(item);) {
        if (item.is(Kind::list) && depth > 0) {
            const auto error = flatten_into(call, item, depth - 1, level + 1, out);
            if (error.failed()) return error;
        } else if (!out.add(item)) {
            return out_of_memory();
        }
    }
    return reader.error();
}

Value flatten(Call &call, const Value *args, std::uint32_t count) {
    const auto depth = count < 2 ? 1 : args[1].i;
    if (depth < 0) return fail(Code::range, "flatten takes a depth from 0 on");
    ListBuilder out(call.memory);
    const auto error = flatten_into(call, args[0], depth, 0, out);
    return error.failed() ? error : out.list();
}

Value range(Call &call, const Value *args, std::uint32_t) {
    const auto size = args[0].i;
    if (size < 0) return fail(Code::range, "lists.range takes a size from 0 on");
    if (size > UINT32_MAX) return out_of_memory();
    const auto count = static_cast<std::uint32_t>(size);
    auto *items = call.memory.array<Value>(count);
    if (items == nullptr && count > 0) return out_of_memory();
    if (!call.charge(count)) return out_of_budget();
    for (std::uint32_t i = 0; i < count; ++i) items[i] = of_int(i);
    return of_list(items, count);
}

// ---- aggregates

template <Aggregate::Of kOf, TypeKind kElement>
Value aggregate(Call &call, const Value *args, std::uint32_t) {
    Aggregate all(kOf);
    ListReader reader(call, args[0]);
    for (Value item; reader.next(item);) {
        if (const auto error = all.add(call, item); error.failed()) return error;
    }
    return reader.error().failed() ? reader.error() : all.result(kElement);
}

Value count(Call &call, const Value *args, std::uint32_t) { return size_of(call, args[0]); }

constexpr auto sum_of_int = aggregate<Aggregate::Of::sum, TypeKind::int_>;
constexpr auto sum_of_uint = aggregate<Aggregate::Of::sum, TypeKind::uint_>;
constexpr auto sum_of_double = aggregate<Aggregate::Of::sum, TypeKind::double_>;
constexpr auto sum_of_duration = aggregate<Aggregate::Of::sum, TypeKind::duration>;
constexpr auto sum_of_money = aggregate<Aggregate::Of::sum, TypeKind::money>;
constexpr auto least_item = aggregate<Aggregate::Of::min, TypeKind::dyn>;
constexpr auto greatest_item = aggregate<Aggregate::Of::max, TypeKind::dyn>;
constexpr auto mean = aggregate<Aggregate::Of::avg, TypeKind::dyn>;

// At run time a list of whatever meets the first row; its function takes all.
constexpr Overload kListFunctions[] = {
    {"distinct", "list(A).(): list(A)", distinct, Work::linear, Growth::first},
    {"flatten", "list(list(A)).(): list(A)", flatten, Work::linear, Growth::element},
    {"flatten", "list(dyn).(int): list(dyn)", flatten, Work::linear, Growth::element},
    {"lists.range", "(int): list(int)", range, Work::count, Growth::count},
    {"slice", "list(A).(int, int): list(A)", slice, Work::linear, Growth::first},
    {"sort", "list(A).(): list(A)", sort, Work::sort, Growth::first},
    {"reverse", "list(A).(): list(A)", reverse, Work::linear, Growth::first},
    {"first", "list(A).(): optional_type(A)", first, Work::one, Growth::element},
    {"last", "list(A).(): optional_type(A)", last, Work::linear, Growth::element},
    {"sets.contains", "(list(A), list(A)): bool", sets_contains, Work::linear},
    {"sets.equivalent", "(list(A), list(A)): bool", sets_equivalent, Work::sort},
    {"sets.intersects", "(list(A), list(A)): bool", sets_intersects, Work::linear},
    {"sum", "(list(int)): int", sum_of_int, Work::linear},
    {"sum", "list(int).(): int", sum_of_int, Work::linear},
    {"sum", "(list(uint)): uint", sum_of_uint, Work::linear},
    {"sum", "list(uint).(): uint", sum_of_uint, Work::linear},
    {"sum", "(list(double)): double", sum_of_double, Work::linear},
    {"sum", "list(double).(): double", sum_of_double, Work::linear},
    {"sum", "(list(duration)): duration", sum_of_duration, Work::linear},
    {"sum", "list(duration).(): duration", sum_of_duration, Work::linear},
    {"sum", "(list(money)): money", sum_of_money, Work::linear},
    {"sum", "list(money).(): money", sum_of_money, Work::linear},
    {"min", "(list(A)): A", least_item, Work::linear, Growth::element},
    {"min", "list(A).(): A", least_item, Work::linear, Growth::element},
    {"max", "(list(A)): A", greatest_item, Work::linear, Growth::element},
    {"max", "list(A).(): A", greatest_item, Work::linear, Growth::element},
    {"avg", "(list(int)): double", mean, Work::linear},
    {"avg", "list(int).(): double", mean, Work::linear},
    {"avg", "(list(uint)): double", mean, Work::linear},
    {"avg", "list(uint).(): double", mean, Work::linear},
    {"avg", "(list(double)): double", mean, Work::linear},
    {"avg", "list(double).(): double", mean, Work::linear},
    {"avg", "(list(duration)): duration", mean, Work::linear},
    {"avg", "list(duration).(): duration", mean, Work::linear},
    {"avg", "(list(money)): money", mean, Work::linear},
    {"avg", "list(money).(): money", mean, Work::linear},
    {"count", "(list(A)): int", count, Work::linear},
    {"count", "list(A).(): int", count, Work::linear},
};

}  // namespace

Value read_all(Call &call, const Value &list) {
    if (!list.lazy) return list;
    ListBuilder items(call.memory);
    ListReader reader(call, list);
    for (Value item; reader.next(item);) {
        if (!items.add(item)) return out_of_memory();
    }
    return reader.error().failed() ? reader.error() : items.list();
}

Value sort_by_keys(Call &call, const Value &list, const Value &keys) {
    const auto from = read_all(call, list);
    if (from.failed()) return from;
    // A lazy list sorted by itself is read once.
    const auto by = keys.lazy && list.lazy && keys.range == list.range ? from : read_all(call, keys);
    if (by.failed()) return by;
    if (from.size == 0 && by.size == 0) return from;
    if (from.size != by.size) return fail(Code::range, "sorting takes one key for each element");
    std::uint64_t pass = by.size;
    for (std::uint32_t i = 0; i < by.size; ++i) {
        if (by.items[i].is(Kind::string) || by.items[i].is(Kind::bytes)) pass += text_cost(by.items[i].size);
    }
    if (!call.charge(kCompareCost * pass * static_cast<std::uint64_t>(std::bit_width(by.size))))
        return out_of_budget();
    if (const auto error = check_keys(by.items, by.size); error.failed()) return error;

    auto *places = call.memory.array<std::uint32_t>(by.size);
    auto *items = call.memory.array<Value>(by.size);
    if (places == nullptr || items == nullptr) return out_of_memory();
    for (std::uint32_t i = 0; i < by.size; ++i) places[i] = i;
    std::sort(places, places + by.size, [&](std::uint32_t a, std::uint32_t b) {
        const auto &left = by.items[a], &right = by.items[b];
        return is_less(left, right) || (a < b && !is_less(right, left));
    });
    for (std::uint32_t i = 0; i < by.size; ++i) items[i] = from.items[places[i]];
    return of_list(items, by.size);
}

Value Aggregate::add(Call &call, const Value &value) {
    if (value.failed()) return value;
    ++count_;
    if (of_ == Of::count) return {};
    if (of_ == Of::sum || of_ == Of::avg) return add_to_sum(value);

    const auto text = value.is(Kind::string) || value.is(Kind::bytes);
    if (text && !call.charge(text_cost(value.size))) return out_of_budget();
    const auto &best = count_ == 1 ? value : value_;
    const auto [comparable, order] = compare(value, best);
    if (!comparable) return value.is(Kind::money) && best.is(Kind::money) ? other_currency() : no_overload();
    const bool better = is_nan(value) || (of_ == Of::min ? order < 0 : order > 0);
    if (count_ == 1 || (better && !is_nan(value_))) value_ = value;
    return {};
}

Value Aggregate::add_to_sum(const Value &value) {
    if (count_ == 1) {
        value_ = value;
        if (value.is(Kind::double_)) return {};
    } else if (value.kind != value_.kind) {
        return no_overload();
    } else if (value.is(Kind::money) && value.size != value_.size) {
        return other_currency();
    }
    switch (value.kind) {
        case Kind::int_:
        case Kind::duration:
        case Kind::money:
            whole_ += value.i;
            return {};
        case Kind::uint_:
            whole_ += value.u;
            return {};
        case Kind::double_:
            value_.d += value.d;
            return {};
        default:
            return no_overload();
    }
}

Value Aggregate::result(TypeKind element) const {
    if (of_ == Of::count) return of_int(static_cast<std::int64_t>(count_));
    if (count_ == 0) {
        if (of_ == Of::sum && element == TypeKind::uint_) return of_uint(0);
        if (of_ == Of::sum && element == TypeKind::double_) return of_double(0);
        if (of_ == Of::sum && element == TypeKind::duration) return of_duration(0);
        if (of_ == Of::sum && element != TypeKind::money) return of_int(0);
        return fail(Code::absent, "nothing to take it of: test the size of the list first");
    }
    if (of_ == Of::min || of_ == Of::max) return value_;

    auto whole = whole_;
    if (of_ == Of::avg) {
        const auto count = static_cast<double>(count_);
        if (value_.is(Kind::double_)) return of_double(value_.d / count);
        if (value_.is(Kind::int_) || value_.is(Kind::uint_))
            return of_double(static_cast<double>(whole) / count);
        whole = base::divide_half_even(whole, static_cast<__int128>(count_));
    } else if (value_.is(Kind::double_)) {
        return value_;
    }
    const __int128 highest = value_.is(Kind::money)   ? base::kMaxAmount
                             : value_.is(Kind::uint_) ? __int128{UINT64_MAX}
                                                      : INT64_MAX;
    const __int128 lowest = value_.is(Kind::money) ? -highest : value_.is(Kind::uint_) ? 0 : INT64_MIN;
    if (whole < lowest || whole > highest)
        return fail(Code::overflow, "the sum is outside the range of its type");
    return make(value_.kind, static_cast<std::int64_t>(whole), value_.size);
}

std::span<const Overload> list_functions() { return kListFunctions; }

}  // namespace kith::expr
