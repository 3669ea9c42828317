// Regular expressions, by RE2: time is linear in the text, memory is bounded.
#include <re2/re2.h>

#include "base/hash.hpp"
#include "expr/limits.hpp"
#include "expr/text_builder.hpp"

#include <algorithm>

namespace kith::expr {

namespace {

// The characters and classes of a pattern with its repetitions written out: the most places a search can be
// in at once. A Unicode class counts as many, since it takes long to build.
std::uint64_t size_written_out(std::string_view pattern) {
    constexpr std::uint64_t kMost = 1'000'000, kUnicodeClass = 32;
    std::uint64_t sums[kRegexMax + 1] = {};  // of the groups that are open
    std::uint64_t last = 0;                  // what a repetition repeats
    std::size_t depth = 0;
    const auto at = [&](std::size_t i) { return i < pattern.size() ? pattern[i] : '\0'; };
    const auto skip_to = [&](std::size_t i, char c) { return std::min(pattern.find(c, i), pattern.size()); };
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '(') {
            sums[++depth] = last = 0;
            if (at(i + 1) == '?') i = std::min(pattern.find_first_of(":>)", i), pattern.size());
            if (at(i) == ')') --depth;
            continue;
        }
        if (c == ')') {
            last = sums[depth];
            if (depth > 0) --depth;
        } else if (c == '|') {
            last = 0;
            continue;
        } else if (c == '*' || c == '+' || c == '?') {
            continue;
        } else if (c == '{' && at(i + 1) >= '0' && at(i + 1) <= '9') {
            std::uint64_t most = 0, number = 0;
            for (++i; i < pattern.size() && pattern[i] != '}'; ++i) {
                number = pattern[i] == ','
                             ? 0
                             : std::min(number * 10 + static_cast<unsigned char>(pattern[i]) - '0', kMost);
                most = std::max(most, number);
            }
            const auto repeated = std::min(last * std::max<std::uint64_t>(most, 1), kMost);
            sums[depth] += repeated - last;
            last = repeated;
            continue;
        } else if (c == '[') {
            i += at(i + 1) == '^' ? 2 : 1;
            last = 1;
            for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false, ++i) {
                if (pattern[i] == '[' && at(i + 1) == ':') i = skip_to(i + 2, ']');
                if (at(i) == '\\' && (at(i + 1) == 'p' || at(i + 1) == 'P')) last += kUnicodeClass;
                if (at(i) == '\\') ++i;
            }
        } else {
            last = 1;
            if (c == '\\') {
                const char escaped = at(++i);
                const bool unicode = escaped == 'p' || escaped == 'P';
                if (unicode) last = kUnicodeClass;
                if ((unicode || escaped == 'x') && at(i + 1) == '{') {
                    i = skip_to(i, '}');
                } else if (unicode) {
                    ++i;
                }
            }
        }
        sums[depth] = std::min(sums[depth] + last, kMost);
    }
    while (depth > 0) {
        sums[depth - 1] += sums[depth];
        --depth;
    }
    return sums[0];
}

}  // namespace

Patterns::Patterns() = default;
Patterns::~Patterns() = default;
Patterns::Patterns(Patterns &&) noexcept = default;

const re2::RE2 *Patterns::find(std::string_view pattern) {
    for (const auto &kept : kept_) {
        if (kept && kept->pattern() == pattern) return kept->ok() ? kept.get() : nullptr;
    }
    // Else a short pattern such as (a|b)*a(a|b){900} would need many times the steps it is charged for.
    constexpr std::uint64_t kWrittenOut = 128;
    if (pattern.size() > kRegexMax || size_written_out(pattern) > pattern.size() + kWrittenOut)
        return nullptr;
    constexpr std::int64_t kProgramMax = 256 * 1024;  // bytes of a program and the states built from it
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kProgramMax);
    auto &place = kept_[next_];
    next_ = (next_ + 1) % kKept;
    place = std::make_unique<re2::RE2>(pattern, options);
    return place->ok() ? place.get() : nullptr;
}

bool Call::admit_pattern(std::uint64_t hash) {
    for (std::size_t i = 0; i < kRecent && i < patterns_used_; ++i) {
        if (recent_patterns_[i] == hash) return true;
    }
    if (patterns_used_ == kPatternsMax) return false;
    recent_patterns_[patterns_used_++ % kRecent] = hash;
    return true;
}

namespace {

Value wrong_pattern() {
    return fail(Code::regex, "not an RE2 regular expression, or one too long or with too many repetitions");
}

// The pattern compiled and paid for, alike whether it was kept or not, so that costs repeat; null, with the
// error, where that fails.
const re2::RE2 *pattern_of(Call &call, const Value &text, const Value &pattern, Value &error) {
    const re2::RE2 *found = nullptr;
    const std::uint64_t size = pattern.size;
    if (size > kRegexMax) {
        error = wrong_pattern();
    } else if (!call.charge((std::uint64_t{text.size} + 16) * (size + 64) / 16 + size * 4)) {
        error = out_of_budget();
    } else if (!call.admit_pattern(base::hash64(base::bytes_of(pattern.view())))) {
        error = fail(Code::regex, "too many different patterns in one evaluation: at most 64 are possible");
    } else {
        found = call.patterns.find(pattern.view());
        if (found == nullptr) error = wrong_pattern();
    }
    return found;
}

Value matches(Call &call, const Value *args, std::uint32_t) {
    Value error;
    const auto *pattern = pattern_of(call, args[0], args[1], error);
    if (pattern == nullptr) return error;
    return of_bool(pattern->Match(args[0].view(), 0, args[0].size, re2::RE2::UNANCHORED, nullptr, 0));
}

// The matches from left to right that do not overlap; none is empty right after another, as in Go.
class Matches {
public:
    Matches(Call &call, const re2::RE2 &pattern, std::string_view text)
        : call_(call),
          pattern_(pattern),
          text_(text),
          groups_(std::min(pattern.NumberOfCapturingGroups() + 1, kGroups)) {}

    // False at the end, and where the budget is used up. Each further search costs a pass over what is left:
    // it may look that far.
    bool next() {
        while (at_ <= text_.size()) {
            if (at_ > 0 && !call_.charge(text_cost(text_.size() - at_) + 1)) {
                spent_ = true;
                return false;
            }
            if (!pattern_.Match(text_, at_, text_.size(), re2::RE2::UNANCHORED, found_, groups_))
                return false;
            begin_ = static_cast<std::size_t>(found_[0].data() - text_.data());
            const auto before = end_;
            end_ = begin_ + found_[0].size();
            at_ = end_ > begin_ ? end_ : after_char(text_, end_);
            if (end_ > begin_ || begin_ != before) return true;
        }
        return false;
    }
    bool spent() const { return spent_; }
    int groups() const { return groups_; }  // with the whole match, which is group 0
    std::string_view group(int number) const { return {found_[number].data(), found_[number].size()}; }
    std::size_t begin() const { return begin_; }
    std::size_t end() const { return end_; }

private:
    static constexpr int kGroups = 10;
    Call &call_;
    const re2::RE2 &pattern_;
    std::string_view text_;
    int groups_;
    re2::StringPiece found_[kGroups];
    std::size_t at_ = 0, begin_ = 0, end_ = std::string_view::npos;
    bool spent_ = false;
};

Value too_many_groups() {
    return fail(Code::regex, "a pattern to extract with has at most one group: write the others as (?:...)");
}

// The group where the pattern has one, else the whole match. A group that is empty counts as not found.
Value extract(Call &call, const Value *args, std::uint32_t) {
    Value error;
    const auto *pattern = pattern_of(call, args[0], args[1], error);
    if (pattern == nullptr) return error;
    Matches found(call, *pattern, args[0].view());
    if (found.groups() > 2) return too_many_groups();
    if (!found.next() || (found.groups() == 2 && found.group(1).empty())) return of_optional(nullptr);
    auto *value = call.memory.array<Value>(1);
    if (value == nullptr) return out_of_memory();
    *value = of_text(found.group(found.groups() - 1));
    return of_optional(value);
}

Value extract_all(Call &call, const Value *args, std::uint32_t) {
    Value error;
    const auto *pattern = pattern_of(call, args[0], args[1], error);
    if (pattern == nullptr) return error;
    Matches found(call, *pattern, args[0].view());
    if (found.groups() > 2) return too_many_groups();
    ListBuilder values(call.memory);
    while (found.next()) {
        if (found.groups() == 2 && found.group(1).empty()) continue;
        if (!values.add(of_text(found.group(found.groups() - 1)))) return out_of_memory();
    }
    return found.spent() ? out_of_budget() : values.list();
}

// The replacement of a match: \0 to \9 are its groups, \\ is a backslash. Null, or the error.
Value expand(const Matches &found, std::string_view replacement, TextBuilder &out) {
    for (std::size_t at = 0; at < replacement.size(); ++at) {
        auto part = replacement.substr(at, replacement.find('\\', at) - at);
        if (part.empty()) {
            const char c = ++at < replacement.size() ? replacement[at] : '\0';
            if (c != '\\' && (c < '0' || c - '0' >= found.groups()))
                return fail(Code::regex,
                            "in a replacement \\ stands before the number of a group or another \\");
            part = c == '\\' ? replacement.substr(at, 1) : found.group(c - '0');
        } else {
            at += part.size() - 1;
        }
        if (!out.add(part)) return out_of_memory();
    }
    return {};
}

// Without a count, or with a negative one, all matches.
Value replace(Call &call, const Value *args, std::uint32_t count) {
    if (count == 4 && args[3].i == 0) return args[0];
    auto left = count < 4 || args[3].i < 0 ? UINT64_MAX : args[3].u;
    Value error;
    const auto *pattern = pattern_of(call, args[0], args[1], error);
    if (pattern == nullptr) return error;
    const auto text = args[0].view();
    Matches found(call, *pattern, text);
    TextBuilder out(call);
    std::size_t copied = 0;
    for (; left > 0 && found.next(); --left) {
        if (!call.charge(text_cost(args[2].size))) return out_of_budget();
        if (!out.add(text.substr(copied, found.begin() - copied))) return out_of_memory();
        error = expand(found, args[2].view(), out);
        if (error.failed()) return error;
        copied = found.end();
    }
    if (found.spent()) return out_of_budget();
    return out.add(text.substr(copied)) ? out.text() : out_of_memory();
}

constexpr Overload kRegexFunctions[] = {
    {"matches", "string.(string): bool", matches, Work::regex},
    {"matches", "(string, string): bool", matches, Work::regex},
    {"regex.extract", "(string, string): optional_type(string)", extract, Work::regex, Growth::first},
    {"regex.extractAll", "(string, string): list(string)", extract_all, Work::regex_all, Growth::pieces},
    {"regex.replace", "(string, string, string): string", replace, Work::regex_all, Growth::memory},
    {"regex.replace", "(string, string, string, int): string", replace, Work::regex_all, Growth::memory},
};

}  // namespace

std::span<const Overload> regex_functions() { return kRegexFunctions; }

}  // namespace kith::expr
