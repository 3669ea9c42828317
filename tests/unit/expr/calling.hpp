// Calls functions through their table rows as the evaluator does, without parser and checker.
#pragma once

#include "base/money.hpp"
#include "expr/library.hpp"
#include "expr/schema.hpp"

#include <charconv>
#include <deque>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace kith::expr {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A lazy list over given values; counts what was read.
class GivenRange : public Range {
public:
    explicit GivenRange(std::vector<Value> items) : items_(std::move(items)) {}
    std::unique_ptr<Iterator> open(std::span<const Bound>) const override {
        return std::make_unique<Reader>(*this);
    }
    mutable std::size_t read = 0;

private:
    struct Reader : Iterator {
        explicit Reader(const GivenRange &of) : range(of) {}
        bool next(Value &out) override {
            if (place == range.items_.size()) return false;
            ++range.read;
            out = range.items_[place++];
            return true;
        }
        const GivenRange &range;
        std::size_t place = 0;
    };
    std::vector<Value> items_;
};

class Calling {
public:
    explicit Calling(std::initializer_list<std::span<const Overload>> tables, std::uint64_t budget = kBudget,
                     std::uint32_t memory_max = kMemoryMax)
        : memory(memory_max), budget_(budget) {
        for (const auto table : tables) rows_.insert(rows_.end(), table.begin(), table.end());
    }

    // Through the first overload whose parameters fit; no_overload() where none does. Each call has the
    // whole budget; memory is kept.
    Value call(std::string_view name, const std::vector<Value> &args) {
        Call call(memory, patterns, moment, schema, budget_);
        Value result = no_overload();
        if (const auto *row = find(name, args)) {
            result = row->function(call, args.data(), static_cast<std::uint32_t>(args.size()));
        }
        cost = call.used();
        return result;
    }
    std::string shown(std::string_view name, const std::vector<Value> &args) {
        return show(call(name, args));
    }

    const Overload *find(std::string_view name, const std::vector<Value> &args) const {
        for (const auto &row : rows_) {
            if (row.name == name && takes(row.signature, args)) return &row;
        }
        return nullptr;
    }

    // Values that live as long as this object.
    Value text(std::string_view s) { return of_text(texts_.emplace_back(s)); }
    Value bytes(std::string_view s) { return of_bytes(texts_.emplace_back(s)); }
    Value list(std::vector<Value> items) {
        const auto &kept = lists_.emplace_back(std::move(items));
        return of_list(kept.data(), static_cast<std::uint32_t>(kept.size()));
    }
    Value texts(std::initializer_list<std::string_view> items) {
        std::vector<Value> values;
        for (const auto item : items) values.push_back(text(item));
        return list(std::move(values));
    }
    Value lazy(std::vector<Value> items) { return of_range(&ranges_.emplace_back(std::move(items))); }
    Value map(const std::vector<std::pair<Value, Value>> &entries) {  // without an index
        auto &keys = lists_.emplace_back(), &values = lists_.emplace_back();
        for (const auto &[key, value] : entries) {
            keys.push_back(key);
            values.push_back(value);
        }
        auto &view = maps_.emplace_back();
        view.count = static_cast<std::uint32_t>(entries.size());
        view.keys = keys.data();
        view.values = values.data();
        return of_map(&view);
    }
    Value optional(const Value &value) { return of_optional(&lists_.emplace_back(1, value)[0]); }

    // For comparison and print: 1, 1u, 1.0, "a", b"a", [1, 2], {1: 2}, optional(1), none, !no_overload.
    static std::string show(const Value &value) {
        static constexpr const char *kCodes[] = {
            "none",     "parse",  "undeclared", "no_overload", "no_field", "no_key",   "index",   "div_zero",
            "overflow", "range",  "convert",    "utf8",        "regex",    "key_type", "dup_key", "tz",
            "cost",     "memory", "depth",      "size",        "type",     "currency", "absent",  "host"};
        switch (value.kind) {
            case Kind::null:
                return "null";
            case Kind::boolean:
                return value.i != 0 ? "true" : "false";
            case Kind::int_:
                return std::to_string(value.i);
            case Kind::uint_:
                return std::to_string(value.u) + "u";
            case Kind::double_:
                return show_double(value.d);
            case Kind::string:
                return '"' + std::string(value.view()) + '"';
            case Kind::bytes:
                return "b\"" + std::string(value.view()) + '"';
            case Kind::timestamp:
                return std::to_string(value.i) + "." + std::to_string(value.size) + "t";
            case Kind::duration:
                return std::to_string(value.i) + "ns";
            case Kind::date:
                return std::to_string(value.i) + "days";
            case Kind::money:
                return std::to_string(value.i) + base::Currency(value.size).text();
            case Kind::optional:
                return value.items ? "optional(" + show(*value.items) + ")" : "none";
            case Kind::error:
                return '!' + std::string(kCodes[value.tag]);
            case Kind::list: {
                if (value.lazy) return "lazy";
                std::string out;
                for (std::uint32_t i = 0; i < value.size; ++i) out += (i ? ", " : "") + show(value.items[i]);
                return '[' + out + ']';
            }
            case Kind::map: {
                std::string out;
                for (std::uint32_t i = 0; i < value.map->count; ++i) {
                    out += (i ? ", " : "") + show(value.map->keys[i]) + ": " + show(value.map->values[i]);
                }
                return '{' + out + '}';
            }
            default:
                return "other";
        }
    }

    Memory memory;
    Patterns patterns;
    Moment moment;
    const Schema *schema = nullptr;
    std::uint64_t cost = 0;  // of the last call

private:
    static std::string show_double(double value) {
        char buffer[40];
        std::string out(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
        return out.find_first_of(".einE") == std::string::npos ? out + ".0" : out;
    }
    static bool fits_type(std::string_view type, const Value &value) {
        if (type.size() == 1 || type == "dyn") return true;
        const auto head = type.substr(0, type.find('('));
        static constexpr std::pair<std::string_view, Kind> kKinds[] = {{"null_type", Kind::null},
                                                                       {"bool", Kind::boolean},
                                                                       {"int", Kind::int_},
                                                                       {"uint", Kind::uint_},
                                                                       {"double", Kind::double_},
                                                                       {"string", Kind::string},
                                                                       {"bytes", Kind::bytes},
                                                                       {"timestamp", Kind::timestamp},
                                                                       {"duration", Kind::duration},
                                                                       {"list", Kind::list},
                                                                       {"map", Kind::map},
                                                                       {"type", Kind::type},
                                                                       {"optional_type", Kind::optional},
                                                                       {"money", Kind::money},
                                                                       {"date", Kind::date},
                                                                       {"calendar", Kind::calendar}};
        for (const auto &[name, kind] : kKinds) {
            if (name == head) return value.is(kind);
        }
        return false;
    }
    static bool takes(std::string_view signature, const std::vector<Value> &args) {
        std::vector<std::string_view> types;
        const auto open = signature.find(".(");
        bool member = open != signature.npos;
        if (member) types.push_back(signature.substr(0, open));
        auto rest = signature.substr(member ? open + 2 : 1);
        std::size_t begin = 0;
        int depth = 0;
        for (std::size_t i = 0;; ++i) {
            const char c = rest[i];
            if ((c == ',' || c == ')') && depth == 0) {
                if (i > begin) types.push_back(rest.substr(begin, i - begin));
                if (c == ')') break;
                begin = rest.find_first_not_of(' ', i + 1);
            }
            depth += (c == '(') - (c == ')');
        }
        const bool variadic = !types.empty() && types.back().ends_with("...");
        if (variadic) types.back().remove_suffix(3);
        if (variadic ? args.size() < types.size() : args.size() != types.size()) return false;
        for (std::size_t i = 0; i < args.size(); ++i) {
            if (!fits_type(types[i < types.size() ? i : types.size() - 1], args[i])) return false;
        }
        return true;
    }

    std::vector<Overload> rows_;
    std::uint64_t budget_;
    std::deque<std::string> texts_;
    std::deque<std::vector<Value>> lists_;
    std::deque<GivenRange> ranges_;
    std::deque<MapView> maps_;
};

}  // namespace kith::expr
