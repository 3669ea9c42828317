// Functions of texts. Places in a text are code points.
#include "base/text.hpp"
#include "expr/list_reader.hpp"
#include "expr/text_builder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace kith::expr {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

// ---- searching

// The bytes of a text from its start or from its end.
template <bool kBackwards>
struct Chars {
    explicit Chars(std::string_view text)
        : first(text.data() + (kBackwards && !text.empty() ? text.size() - 1 : 0)), size(text.size()) {}
    unsigned char operator[](std::size_t i) const {
        const auto at = static_cast<std::ptrdiff_t>(i);
        return static_cast<unsigned char>(first[kBackwards ? -at : at]);
    }

    const char *first;
    std::size_t size;
};

// Where the largest suffix of `x` begins, under the order of characters or its reverse, and its period.
template <class Chars>
std::size_t maximal_suffix(const Chars &x, bool reversed, std::size_t &period) {
    std::size_t before = kNone, j = 0, k = 1;  // the suffix begins at before + 1
    period = 1;
    while (j + k < x.size) {
        const auto a = x[j + k], b = x[before + k];
        if (a == b) {
            if (k++ != period) continue;
            j += period;
            k = 1;
        } else if ((a < b) != reversed) {
            j += k;
            k = 1;
            period = j - before;
        } else {
            before = j++;
            k = period = 1;
        }
    }
    return before + 1;
}

// The two-way algorithm (Crochemore and Perrin, 1991): linear for every needle, without memory.
template <class Chars>
std::size_t find_two_way(const Chars &text, const Chars &needle) {
    const auto size = needle.size;
    std::size_t period = 0, other_period = 0;
    auto cut = maximal_suffix(needle, false, period);
    if (const auto other = maximal_suffix(needle, true, other_period); other > cut) {
        cut = other;
        period = other_period;
    }
    bool periodic = true;
    for (std::size_t i = 0; i < cut && periodic; ++i) periodic = needle[i] == needle[i + period];
    if (!periodic) period = std::max(cut, size - cut) + 1;

    std::size_t known = 0;  // so many characters of the needle are known to match
    for (std::size_t place = 0; place + size <= text.size;) {
        auto i = std::max(cut, known);
        while (i < size && needle[i] == text[place + i]) ++i;
        if (i < size) {
            place += i - cut + 1;
            known = 0;
            continue;
        }
        for (i = cut; i > known && needle[i - 1] == text[place + i - 1];) --i;
        if (i <= known) return place;
        place += period;
        known = periodic ? size - period : 0;
    }
    return kNone;
}

// The first occurrence, or the last one, in linear time; kNone where there is none.
std::size_t find(std::string_view text, std::string_view needle, bool last = false) {
    if (needle.size() > text.size()) return kNone;
    if (needle.size() <= 1) return last ? text.rfind(needle) : text.find(needle);
    if (!last) return find_two_way(Chars<false>(text), Chars<false>(needle));
    const auto found = find_two_way(Chars<true>(text), Chars<true>(needle));
    return found == kNone ? kNone : text.size() - found - needle.size();
}

// For passes that look at every byte, as Work::walk says; text_cost is for those that copy or compare.
bool charge_walk(Call &call, const Value *args, std::uint32_t count, std::uint64_t bytes_a_unit = 4) {
    std::uint64_t bytes = 0;
    for (std::uint32_t i = 0; i < count; ++i) bytes += args[i].size;
    return call.charge(bytes / bytes_a_unit);
}
// For searches, as Work::search says.
bool charge_search(Call &call, const Value *args, std::uint32_t count) {
    return charge_walk(call, args, count, 2);
}

Value contains(Call &call, const Value *args, std::uint32_t) {
    if (!charge_search(call, args, 2)) return out_of_budget();
    return of_bool(find(args[0].view(), args[1].view()) != kNone);
}

Value starts_with(Call &call, const Value *args, std::uint32_t) {
    if (!call.charge(text_cost(args[1].size))) return out_of_budget();
    return of_bool(args[0].view().starts_with(args[1].view()));
}

Value ends_with(Call &call, const Value *args, std::uint32_t) {
    if (!call.charge(text_cost(args[1].size))) return out_of_budget();
    return of_bool(args[0].view().ends_with(args[1].view()));
}

// ---- places

// The byte at which character `place` begins, the size for the place after the last one; kNone outside.
std::size_t byte_of(std::string_view text, std::int64_t place) {
    if (place < 0) return kNone;
    auto left = static_cast<std::uint64_t>(place);
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        const auto count = characters_in_8(text.data() + at);
        if (count > left) break;
        left -= count;
    }
    for (; at < text.size(); ++at) {
        if (is_inside_char(text[at])) continue;
        if (left == 0) return at;
        --left;
    }
    return left == 0 ? at : kNone;
}

Value outside() { return fail(Code::index, "the text has no such place: places are 0 to size"); }

Value char_at(Call &call, const Value *args, std::uint32_t) {
    if (!call.charge(text_cost(args[0].size))) return out_of_budget();
    const auto text = args[0].view();
    const auto at = byte_of(text, args[1].i);
    if (at == kNone) return outside();
    return of_text(at == text.size() ? std::string_view() : text.substr(at, after_char(text, at) - at));
}

// A start outside the text is an error, as the conformance suite wants; cel-go answers -1.
Value index_of(Call &call, const Value *args, std::uint32_t count) {
    if (!charge_search(call, args, 2)) return out_of_budget();
    const auto text = args[0].view();
    const auto start = count < 3 ? 0 : byte_of(text, args[2].i);
    if (start == kNone) return outside();
    const auto found = find(text.substr(start), args[1].view());
    return of_int(found == kNone ? -1 : count_characters(text.substr(0, start + found)));
}

Value last_index_of(Call &call, const Value *args, std::uint32_t count) {
    if (!charge_search(call, args, 2)) return out_of_budget();
    auto text = args[0].view();
    const auto needle = args[1].view();
    if (count == 3) {
        const auto start = byte_of(text, args[2].i);
        if (start == kNone) return outside();
        text = text.substr(0, start + std::min(needle.size(), text.size() - start));
    }
    const auto found = find(text, needle, true);
    return of_int(found == kNone ? -1 : count_characters(text.substr(0, found)));
}

Value substring(Call &call, const Value *args, std::uint32_t count) {
    if (!call.charge(text_cost(args[0].size))) return out_of_budget();
    const auto text = args[0].view();
    const auto begin = byte_of(text, args[1].i);
    const auto end = count < 3 ? text.size() : byte_of(text, args[2].i);
    if (begin == kNone || end == kNone) return outside();
    if (begin > end)
        return fail(Code::index, "substring ends before it begins: give the smaller place first");
    return of_text(text.substr(begin, end - begin));
}

// ---- making texts

Value join(Call &call, const Value *args, std::uint32_t count) {
    const auto separator = count < 2 ? std::string_view() : args[1].view();
    TextBuilder out(call);
    ListReader reader(call, args[0]);
    bool first = true;
    for (Value item; reader.next(item); first = false) {
        if (!item.is(Kind::string)) return no_overload();
        if (!call.charge(text_cost(item.size) + (first ? 0 : text_cost(separator.size()))))
            return out_of_budget();
        if ((!first && !out.add(separator)) || !out.add(item.view())) return out_of_memory();
    }
    return reader.error().failed() ? reader.error() : out.text();
}

// How many pieces or replacements: all where no limit or a negative one is given.
std::uint64_t limit_of(const Value *args, std::uint32_t count, std::uint32_t at) {
    return count <= at || args[at].i < 0 ? UINT64_MAX : static_cast<std::uint64_t>(args[at].i);
}

// Where the next separator stands at or after `from`; an empty one stands after every character.
std::size_t next_cut(std::string_view text, std::string_view separator, std::size_t from) {
    if (separator.empty()) return from < text.size() ? after_char(text, from) : kNone;
    const auto found = find(text.substr(from), separator);
    return found == kNone ? kNone : from + found;
}

// Pieces are views of the text: eight of them cost a unit.
Value split(Call &call, const Value *args, std::uint32_t count) {
    if (!charge_search(call, args, 2)) return out_of_budget();
    constexpr std::uint32_t kPiecesAUnit = 8;
    const auto text = args[0].view(), separator = args[1].view();
    const auto limit = limit_of(args, count, 2);
    ListBuilder pieces(call.memory);
    if (limit == 0 || (text.empty() && separator.empty())) return pieces.list();
    std::size_t begin = 0;
    while (pieces.count() + 1 < limit) {
        const auto cut = next_cut(text, separator, begin);
        if (cut == kNone || (separator.empty() && cut == text.size())) break;
        if (pieces.count() % kPiecesAUnit == 0 && !call.charge(1)) return out_of_budget();
        if (!pieces.add(of_text(text.substr(begin, cut - begin)))) return out_of_memory();
        begin = cut + separator.size();
    }
    return pieces.add(of_text(text.substr(begin))) ? pieces.list() : out_of_memory();
}

// An empty text to replace stands before every character and at the end.
Value replace(Call &call, const Value *args, std::uint32_t count) {
    if (!charge_search(call, args, 3)) return out_of_budget();
    const auto text = args[0].view(), old = args[1].view(), by = args[2].view();
    auto left = limit_of(args, count, 3);
    TextBuilder out(call);
    std::size_t begin = 0;
    if (old.empty() && left > 0) {
        if (!out.add(by)) return out_of_memory();
        --left;
    }
    for (; left > 0; --left) {
        const auto cut = next_cut(text, old, begin);
        if (cut == kNone) break;
        if (!call.charge(text_cost(by.size()))) return out_of_budget();
        if (!out.add(text.substr(begin, cut - begin)) || !out.add(by)) return out_of_memory();
        begin = cut + old.size();
    }
    if (begin == 0 && out.view().empty()) return args[0];
    return out.add(text.substr(begin)) ? out.text() : out_of_memory();
}

bool is_space(std::string_view c) {  // Unicode's White_Space
    if (c.size() == 1) return c[0] == ' ' || (c[0] >= '\t' && c[0] <= '\r');
    static constexpr std::string_view kSpaces[] = {
        "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
        "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
    return std::find(std::begin(kSpaces), std::end(kSpaces), c) != std::end(kSpaces);
}

Value trim(Call &call, const Value *args, std::uint32_t) {
    if (!charge_walk(call, args, 1)) return out_of_budget();
    auto text = args[0].view();
    while (!text.empty()) {
        const auto size = after_char(text, 0);
        if (!is_space(text.substr(0, size))) break;
        text.remove_prefix(size);
    }
    while (!text.empty()) {
        auto at = text.size() - 1;
        while (at > 0 && is_inside_char(text[at])) --at;
        if (!is_space(text.substr(at))) break;
        text = text.substr(0, at);
    }
    return of_text(text);
}

template <char kFrom, char kTo, int kBy>
Value shift_ascii(Call &call, const Value *args, std::uint32_t) {
    if (!charge_walk(call, args, 1)) return out_of_budget();
    const auto text = args[0].view();
    char *out = new_text(call, text.size());
    if (out == nullptr) return out_of_memory();
    std::transform(text.begin(), text.end(), out,
                   [](char c) { return c >= kFrom && c <= kTo ? static_cast<char>(c + kBy) : c; });
    return of_text({out, text.size()});
}

Value reverse(Call &call, const Value *args, std::uint32_t) {
    if (!charge_walk(call, args, 1)) return out_of_budget();
    const auto text = args[0].view();
    char *out = new_text(call, text.size());
    if (out == nullptr) return out_of_memory();
    for (std::size_t at = 0; at < text.size();) {
        const auto next = after_char(text, at);
        std::memcpy(out + (text.size() - next), text.data() + at, next - at);
        at = next;
    }
    return of_text({out, text.size()});
}

// A literal of the language that reads back as the text; wrong bytes become U+FFFD.
Value quote(Call &call, const Value *args, std::uint32_t) {
    if (!charge_walk(call, args, 1)) return out_of_budget();
    static constexpr std::string_view kPlain = "\a\b\f\n\r\t\v\\\"", kEscapes = "abfnrtv\\\"";
    const auto text = args[0].view();
    TextBuilder out(call);
    bool ok = out.add('"');
    for (std::size_t at = 0; ok && at < text.size();) {
        auto next = at;
        while (next < text.size() && text[next] >= ' ' && text[next] < 127 && text[next] != '"' &&
               text[next] != '\\')
            ++next;  // as it is
        if (next > at) {
            ok = out.add(text.substr(at, next - at));
            at = next;
            continue;
        }
        next = after_char(text, at);
        const auto c = text.substr(at, next - at);
        if (const auto escape = kPlain.find(c); escape != kNone) {
            ok = out.add('\\') && out.add(kEscapes[escape]);
        } else {
            ok = out.add(base::valid_utf8(c) ? c : std::string_view("\uFFFD"));
        }
        at = next;
    }
    return ok && out.add('"') ? out.text() : out_of_memory();
}

Value fold_case(Call &call, const Value *args, std::uint32_t) {
    if (!call.charge(160 + 4 * std::uint64_t{args[0].size})) return out_of_budget();
    const auto folded = base::fold_case(args[0].view());
    return folded ? keep_text(call, *folded) : fail(Code::utf8, "the text is not valid UTF-8");
}

// ---- base64 (RFC 4648, section 4)

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Value encode(Call &call, const Value *args, std::uint32_t) {
    if (!charge_walk(call, args, 1)) return out_of_budget();
    const auto bytes = args[0].view();
    const auto size = (bytes.size() + 2) / 3 * 4;
    char *out = new_text(call, size);
    if (out == nullptr) return out_of_memory();
    for (std::size_t i = 0; i < size; ++i) {
        // Digit i holds six bits from bit 6 * i on.
        const auto at = i * 6 / 8;
        const auto byte_at = [&](std::size_t n) -> unsigned {
            return n < bytes.size() ? static_cast<unsigned char>(bytes[n]) : 0;
        };
        const auto pair = byte_at(at) << 8 | byte_at(at + 1);
        out[i] = at < bytes.size() ? kDigits[pair >> (10 - i * 6 % 8) & 0x3F] : '=';
    }
    return of_text({out, size});
}

// Padding may be left out, but not be wrong; line ends are skipped, as cel-go does.
Value decode(Call &call, const Value *args, std::uint32_t) {
    if (!charge_walk(call, args, 1)) return out_of_budget();
    static constexpr auto kValues = [] {
        std::array<signed char, 256> values{};
        values.fill(-1);
        for (std::size_t i = 0; i < kDigits.size(); ++i)
            values[static_cast<unsigned char>(kDigits[i])] = static_cast<signed char>(i);
        return values;
    }();
    const auto text = args[0].view();
    char *out = new_text(call, text.size() / 4 * 3 + 3);
    if (out == nullptr) return out_of_memory();
    std::size_t size = 0, digits = 0, padding = 0;
    std::uint32_t bits = 0;
    bool ok = true;
    for (const char c : text) {
        if (c == '\n' || c == '\r') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const auto value = kValues[static_cast<unsigned char>(c)];
        ok = ok && value >= 0 && padding == 0;
        bits = bits << 6 | (static_cast<std::uint32_t>(value) & 0x3F);
        if (++digits % 4 != 1) out[size++] = static_cast<char>(bits >> (4 - digits % 4) % 4 * 2);
    }
    const auto rest = digits % 4;
    ok = ok && rest != 1 && (padding == 0 || (rest != 0 && padding == 4 - rest));
    if (!ok) return fail(Code::convert, "the text is not base64");
    return of_bytes({out, size});
}

constexpr Overload kTextFunctions[] = {
    {"contains", "string.(string): bool", contains, Work::search},
    {"startsWith", "string.(string): bool", starts_with, Work::linear},
    {"endsWith", "string.(string): bool", ends_with, Work::linear},
    {"charAt", "string.(int): string", char_at, Work::linear},
    {"indexOf", "string.(string): int", index_of, Work::search},
    {"indexOf", "string.(string, int): int", index_of, Work::search},
    {"lastIndexOf", "string.(string): int", last_index_of, Work::search},
    {"lastIndexOf", "string.(string, int): int", last_index_of, Work::search},
    {"substring", "string.(int): string", substring, Work::linear, Growth::first},
    {"substring", "string.(int, int): string", substring, Work::linear, Growth::first},
    {"join", "list(string).(): string", join, Work::linear, Growth::product},
    {"join", "list(string).(string): string", join, Work::spread, Growth::product},
    {"split", "string.(string): list(string)", split, Work::product, Growth::pieces},
    {"split", "string.(string, int): list(string)", split, Work::product, Growth::pieces},
    {"replace", "string.(string, string): string", replace, Work::spread, Growth::product},
    {"replace", "string.(string, string, int): string", replace, Work::spread, Growth::product},
    {"trim", "string.(): string", trim, Work::walk, Growth::first},
    {"lowerAscii", "string.(): string", shift_ascii<'A', 'Z', 'a' - 'A'>, Work::walk, Growth::first},
    {"upperAscii", "string.(): string", shift_ascii<'a', 'z', 'A' - 'a'>, Work::walk, Growth::first},
    {"reverse", "string.(): string", reverse, Work::walk, Growth::first},
    {"foldCase", "string.(): string", fold_case, Work::fold, Growth::triple},
    {"foldCase", "(string): string", fold_case, Work::fold, Growth::triple},
    {"strings.quote", "(string): string", quote, Work::walk, Growth::triple},
    {"base64.encode", "(bytes): string", encode, Work::walk, Growth::triple},
    {"base64.decode", "(string): bytes", decode, Work::walk, Growth::first},
};

}  // namespace

std::span<const Overload> text_functions() { return kTextFunctions; }

}  // namespace kith::expr
