// The functions of the language: one table row per overload, one file per family.
#pragma once

#include "base/time.hpp"
#include "expr/memory.hpp"
#include "expr/type.hpp"
#include "expr/value.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace kith::expr {

class Schema;
struct Overload;

// The instant an evaluation happens at, the same for all expressions of one event.
struct Moment {
    base::Micros now = 0;
    base::Zone zone = base::Zone::utc();
    const void *host = nullptr;  // for functions that the schema was given beside the standard ones
};

// Compiled patterns by their text: a few, reused from one evaluation to the next.
class Patterns {
public:
    Patterns();
    ~Patterns();
    Patterns(Patterns &&) noexcept;
    // Null where the pattern is wrong, longer than kRegexMax or too large with its repetitions written out;
    // valid until the next call but seven.
    const re2::RE2 *find(std::string_view pattern);

private:
    static constexpr std::size_t kKept = 8;
    std::unique_ptr<re2::RE2> kept_[kKept];
    std::size_t next_ = 0;
};

// What a function may use while it runs: memory, the budget, the moment. For one thread.
class Call {
public:
    Call(Memory &memory_in, Patterns &patterns_in, const Moment &moment_in, const Schema *schema_in,
         std::uint64_t budget)
        : memory(memory_in),
          patterns(patterns_in),
          moment(moment_in),
          schema(schema_in),
          budget_(budget),
          left_(static_cast<std::int64_t>(budget)) {}

    // Takes units from the budget; false when it is used up: answer with out_of_budget(). Every loop over
    // the size of an argument charges (text_cost for texts, 1 an element), so that no function runs long.
    [[nodiscard]] bool charge(std::uint64_t units) {
        left_ -= static_cast<std::int64_t>(units < kHuge ? units : kHuge);
        return left_ >= 0;
    }
    std::uint64_t used() const { return budget_ - static_cast<std::uint64_t>(left_); }
    // False where the evaluation has used kPatternsMax different patterns: building one takes long. A pattern
    // among the last few is not counted again, so that the answer does not depend on what Patterns keeps.
    [[nodiscard]] bool admit_pattern(std::uint64_t hash);

    Memory &memory;
    Patterns &patterns;
    const Moment &moment;
    const Schema *schema;  // of records; may be null
    // Those looked up by name, the names that are none included: finding one is slow.
    std::vector<std::pair<std::string, std::optional<base::Zone>>> zones;

private:
    static constexpr std::uint64_t kHuge = std::uint64_t{1} << 40;
    static constexpr std::size_t kRecent = 8;
    std::uint64_t budget_;
    std::int64_t left_;
    std::uint64_t recent_patterns_[kRecent];  // the first patterns_used_ of them
    std::uint32_t patterns_used_ = 0;
};

inline Value out_of_budget() { return fail(Code::cost, "the expression costs more than its budget"); }
inline Value other_currency() {
    return fail(Code::currency, "the currencies differ: test with a.convertible(b)");
}
inline Value no_overload() {
    return fail(Code::no_overload, "no overload of the function or operator takes these types");
}
// The cost of passing over a text once.
constexpr std::uint64_t text_cost(std::uint64_t bytes) { return bytes / 16; }

// A text of `size` bytes in the evaluation's memory; null where there is no room.
inline char *new_text(Call &call, std::size_t size) {
    return reinterpret_cast<char *>(call.memory.allocate(size ? size : 1));
}
// A copy in the evaluation's memory, or the error.
Value keep_text(Call &call, std::string_view text, Kind kind = Kind::string);

using Function = Value (*)(Call &call, const Value *args, std::uint32_t count);
// Of a call whose first argument is a literal: what is wrong with it, or nothing.
using LiteralCheck = std::string (*)(const Value &literal);

// What a call costs beside its one unit, given the largest sizes of its arguments. A static bound: what
// the function charges never exceeds it.
enum class Work : std::uint8_t {
    one,        // nothing
    linear,     // passes over all arguments, texts in 16 bytes a unit, lists and maps deeply, one a piece
    walk,       // four times linear: looks at every byte of a text
    search,     // eight times linear: looks for one text in another
    write,      // 16 times linear: writes every piece as text
    fold,       // 64 times linear, and 160
    product,    // search, and size of the first times size of the second
    spread,     // search, and for every piece of the first a pass over the largest of the others
    sort,       // n log n of the first, deeply
    regex,      // (text + 16) * (pattern + 64) / 16, and building the pattern
    regex_all,  // regex, and for every character of the text one more pass over it and the third argument
    count,      // as much as the first argument, an int, says
};

// The largest size of the result, given those of the arguments.
enum class Growth : std::uint8_t {
    small,    // a scalar, or a text of at most 64 bytes
    first,    // as the first argument
    triple,   // three times the first argument, and at most 64 more
    pieces,   // a list of what the first argument, a text, may be cut into
    sum,      // of all arguments
    element,  // an element of the first argument
    product,  // first times second (and third)
    count,    // as many elements as the first argument, an int, says
    memory,   // bounded only by memory
};

struct Overload {
    std::string_view name;  // "size", "math.greatest", "_+_"
    // "(list(A), A): bool", with a receiver "string.(string): bool". Capital letters are type parameters;
    // "(int...): int" takes one or more. Types as in Types::parse.
    std::string_view signature;
    Function function;
    Work work = Work::one;
    Growth growth = Growth::small;
    // Its result is the same for the same arguments whatever the moment, so that a call of literals may be
    // computed once.
    bool constant = true;
    LiteralCheck check = nullptr;
};

// One family each.
std::span<const Overload>
operator_functions();  // operators.cpp: + - * / % - ! == != < <= > >= in [] size type dyn
std::span<const Overload>
conversion_functions();  // conversions.cpp: int uint double string bytes bool timestamp duration
std::span<const Overload>
text_functions();  // texts.cpp: contains ... replace, strings.quote, base64, foldCase
std::span<const Overload> format_functions();    // format.cpp: string.format
std::span<const Overload> regex_functions();     // regex.cpp: matches, regex.extract, extractAll, replace
std::span<const Overload> math_functions();      // math.cpp: math.*
std::span<const Overload> list_functions();      // lists.cpp: lists, sets, aggregates
std::span<const Overload> series_functions();    // series.cpp: rising falling steady slope ago
std::span<const Overload> optional_functions();  // optionals.cpp
std::span<const Overload> time_functions();      // times.cpp: accessors, calendar
std::span<const Overload> money_functions();     // money.cpp: money, ratio, convertible, operators

// Used by operators, functions and the evaluator alike; defined in the file of their family.
Value add(Call &call, const Value &a, const Value &b);         // operators.cpp: every _+_ that exists
Value element_at(Call &call, const Value &a, const Value &b);  // operators.cpp: _[_]
Value contains_element(Call &call, const Value &element, const Value &list);  // operators.cpp: @in
Value size_of(Call &call, const Value &value);                                // operators.cpp: size(x)
// Stable sort of a list by as many keys, all of one comparable kind; doubles that are no number come last.
Value sort_by_keys(Call &call, const Value &list, const Value &keys);  // lists.cpp
bool is_zero_value(const Value &value);         // optionals.cpp: what optional.ofNonZeroValue makes none
Value to_text(Call &call, const Value &value);  // conversions.cpp: string(x)
// "0.1", "1e+100": the shortest text that reads back the same; at most 32 bytes written to `out`.
std::size_t write_double(double value, char *out);  // conversions.cpp
// The same as a whole number and a power of ten: 0.05 is 5 and -2. Of a finite value.
struct Decimal {
    std::int64_t digits = 0;  // at most 17, with the sign
    int exponent = 0;
};
Decimal decimal_of(double value);  // conversions.cpp
// A zone by IANA name or offset ("+02:00", "02:00"). False where there is none, or where an evaluation has
// asked for kZonesMax others; valid until the next one is asked for. times.cpp
struct ZoneAt {
    const base::Zone *zone = nullptr;  // null: at `offset_seconds` east of UTC
    std::int64_t offset_seconds = 0;
};
bool find_zone(Call &call, const Value &name, ZoneAt &out);
// Civil day (since 1970) of a timestamp in a zone.
std::int64_t local_day(const Value &timestamp, const ZoneAt &zone);
// Reads RFC 3339; "1h30m". False where it is none, or out of range.
bool parse_timestamp(std::string_view text, Value &out);
bool parse_duration(std::string_view text, Value &out);
std::string tz_version();                         // of the zones in use: "2025b", or "unknown"
Value add_money(const Value &a, const Value &b);  // money.cpp: fails where the currencies differ
inline constexpr std::int64_t kMinSeconds = -62135596800, kMaxSeconds = 253402300799;

// A parsed row of the table.
struct Signature {
    const Overload *overload = nullptr;  // null: declared by a host without implementation
    std::vector<const Type *> params;    // with the receiver
    const Type *result = nullptr;
    bool member = false;
    bool variadic = false;    // the last parameter repeats
    std::uint32_t units = 1;  // what a call costs whatever its arguments, about 30 machine instructions each
};

// All overloads by name. The standard library is built once and shared.
class Library {
public:
    static const Library &standard();

    void add(std::span<const Overload> overloads, std::uint32_t units = 1);
    void add(std::string_view name, Signature signature);
    // Empty where there is none of the name.
    std::span<const Signature> find(std::string_view name) const;
    std::vector<std::string_view> names() const;
    Types &types() { return types_; }

private:
    Types types_;
    std::unordered_map<std::string, std::vector<Signature>> by_name_;
};

// True where a run-time value may be passed for the parameter: kinds alone, parameters take all.
bool fits(const Value &value, const Type *param);

// What a business day is, supplied by the binding.
class Calendar {
public:
    virtual ~Calendar() = default;
    virtual bool is_business_day(std::int64_t day) const = 0;  // days since 1970
    virtual const base::Zone &zone() const = 0;
};

}  // namespace kith::expr
