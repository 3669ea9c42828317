// string.format, as the strings extension of cel-spec describes it.
#include "base/text.hpp"
#include "expr/list_reader.hpp"
#include "expr/text_builder.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kith::expr {

namespace {

constexpr int kDefaultPrecision = 6, kMaxPrecision = 1000;

// What all parts below return: null, or the error.
class Formatter {
public:
    explicit Formatter(Call &call) : call_(call), out_(call) {}

    Value format(std::string_view format, const Value &args);
    Value text() const { return out_.text(); }

private:
    struct Entry {
        std::string_view key;
        const Value *value;
    };
    Value add(std::string_view text) { return out_.add(text) ? Value{} : out_of_memory(); }
    Value clause(char conversion, int precision, const Value &value);
    Value put(const Value &value, std::uint32_t depth);
    Value put_bytes(std::string_view bytes);
    Value put_list(const Value &list, std::uint32_t depth);
    Value put_map(const MapView &map, std::uint32_t depth);
    Value put_plain(double d);
    Value put_real(const Value &value, std::chars_format style, int precision);
    Value put_whole(const Value &value, int base, bool capitals);
    Value put_hex(std::string_view bytes, bool capitals);

    Call &call_;
    TextBuilder out_;
};

Value wrong_kind() { return fail(Code::no_overload, "the conversion of format does not take such a value"); }

Value Formatter::format(std::string_view format, const Value &args) {
    ListReader reader(call_, args);
    for (std::size_t at = 0; at < format.size();) {
        const auto percent = std::min(format.find('%', at), format.size());
        if (const auto error = add(format.substr(at, percent - at)); error.failed()) return error;
        at = percent + 1;
        if (percent == format.size()) break;
        if (at < format.size() && format[at] == '%') {
            if (const auto error = add("%"); error.failed()) return error;
            ++at;
            continue;
        }
        int precision = kDefaultPrecision;
        if (at < format.size() && format[at] == '.') {
            const auto *end = format.data() + format.size();
            const auto read = std::from_chars(format.data() + at + 1, end, precision);
            if (read.ec != std::errc() || precision < 0 || precision > kMaxPrecision)
                return fail(Code::range, "format takes a precision of 0 to 1000 after the point");
            at = static_cast<std::size_t>(read.ptr - format.data());
        }
        if (at >= format.size())
            return fail(Code::range, "format ends within a conversion: write %% for a %");
        Value value;
        if (!reader.next(value)) {
            if (reader.error().failed()) return reader.error();
            return fail(Code::index, "format has more conversions than values: add the missing ones");
        }
        if (const auto error = clause(format[at], precision, value); error.failed()) return error;
        ++at;
    }
    return {};
}

Value Formatter::clause(char conversion, int precision, const Value &value) {
    const bool number = value.is(Kind::int_) || value.is(Kind::uint_) || value.is(Kind::double_);
    const bool whole = value.is(Kind::int_) || value.is(Kind::uint_);
    switch (conversion) {
        case 's':
            return put(value, 0);
        case 'd':
            return number ? put(value, 0) : wrong_kind();
        case 'f':
            return number ? put_real(value, std::chars_format::fixed, precision) : wrong_kind();
        case 'e':
            return number ? put_real(value, std::chars_format::scientific, precision) : wrong_kind();
        case 'b':
            if (value.is(Kind::boolean)) return add(value.i != 0 ? "1" : "0");
            return whole ? put_whole(value, 2, false) : wrong_kind();
        case 'o':
            return whole ? put_whole(value, 8, false) : wrong_kind();
        case 'x':
        case 'X':
            if (value.is(Kind::string) || value.is(Kind::bytes))
                return put_hex(value.view(), conversion == 'X');
            return whole ? put_whole(value, 16, conversion == 'X') : wrong_kind();
        default:
            return fail(Code::range, "format knows the conversions %s %d %f %e %b %o %x %X and %%");
    }
}

Value Formatter::put(const Value &value, std::uint32_t depth) {
    if (depth > kDepthMax) return fail(Code::depth, "the value to format is nested too deeply");
    if (!call_.charge(12)) return out_of_budget();
    switch (value.kind) {
        case Kind::null:
            return add("null");
        case Kind::double_:
            return put_plain(value.d);
        case Kind::string:
            return call_.charge(text_cost(value.size)) ? add(value.view()) : out_of_budget();
        case Kind::bytes:
            return put_bytes(value.view());
        case Kind::type:
            return add(to_text(value.type));
        case Kind::list:
            return put_list(value, depth + 1);
        case Kind::map:
            return put_map(value.map->all(), depth + 1);
        case Kind::error:
            return value;
        default: {
            const auto text = to_text(call_, value);
            return text.failed() ? text : add(text.view());
        }
    }
}

// As text; a run of bytes that is none becomes one U+FFFD.
Value Formatter::put_bytes(std::string_view bytes) {
    if (!call_.charge(text_cost(bytes.size()))) return out_of_budget();
    if (base::valid_utf8(bytes)) return add(bytes);
    bool wrong = false;
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t size = std::min<std::size_t>(4, bytes.size() - at);
        while (size > 0 && !(base::valid_utf8(bytes.substr(at, size)) && after_char(bytes, at) == at + size))
            --size;
        if (!(size > 0 ? out_.add(bytes.substr(at, size)) : wrong || out_.add("\uFFFD")))
            return out_of_memory();
        wrong = size == 0;
        at += std::max<std::size_t>(size, 1);
    }
    return {};
}

Value Formatter::put_list(const Value &list, std::uint32_t depth) {
    auto error = add("[");
    ListReader reader(call_, list);
    bool first = true;
    for (Value item; !error.failed() && reader.next(item); first = false) {
        if (!first) error = add(", ");
        if (!error.failed()) error = put(item, depth);
    }
    if (reader.error().failed()) return reader.error();
    return error.failed() ? error : add("]");
}

// Sorted by the keys as they are written. They are written aside first.
Value Formatter::put_map(const MapView &map, std::uint32_t depth) {
    if (!call_.charge(std::uint64_t{map.count} * 2)) return out_of_budget();
    auto *entries = call_.memory.array<Entry>(map.count);
    if (entries == nullptr && map.count > 0) return out_of_memory();
    for (std::uint32_t i = 0; i < map.count; ++i) {
        const auto &key = map.keys[i];
        if (key.is(Kind::string) && !call_.charge(text_cost(key.size))) return out_of_budget();
        const auto text = to_text(call_, key);
        if (text.failed()) return text;
        entries[i] = {text.view(), map.values + i};
    }
    std::sort(entries, entries + map.count, [](const Entry &a, const Entry &b) {
        return a.key != b.key ? a.key < b.key : a.value < b.value;
    });
    auto error = add("{");
    for (std::uint32_t i = 0; i < map.count && !error.failed(); ++i) {
        if (i > 0) error = add(", ");
        if (!error.failed()) error = add(entries[i].key);
        if (!error.failed()) error = add(": ");
        if (!error.failed()) error = put(*entries[i].value, depth);
    }
    return error.failed() ? error : add("}");
}

// The shortest digits that read back the same, without an exponent.
Value Formatter::put_plain(double d) {
    if (!std::isfinite(d)) return put_real(of_double(d), std::chars_format::fixed, 0);
    char buffer[32];
    const std::string_view text(
        buffer, static_cast<std::size_t>(
                    std::to_chars(buffer, std::end(buffer), d, std::chars_format::scientific).ptr - buffer));
    const auto mark = text.find('e');
    int exponent = 0;
    std::from_chars(text.data() + mark + (text[mark + 1] == '+' ? 2 : 1), text.data() + text.size(),
                    exponent);
    char digits[24];
    std::size_t count = 0;
    for (const char c : text.substr(0, mark)) {
        if (c >= '0' && c <= '9') digits[count++] = c;
    }
    bool ok = text[0] != '-' || out_.add('-');
    if (exponent < 0) ok = ok && out_.add("0.");
    for (int i = exponent + 1; i < 0; ++i) ok = ok && out_.add('0');
    for (int i = 0; i < static_cast<int>(count) || i <= exponent; ++i) {
        if (i == exponent + 1 && i > 0) ok = ok && out_.add('.');
        ok = ok && out_.add(i < static_cast<int>(count) ? digits[i] : '0');
    }
    return ok ? Value{} : out_of_memory();
}

// Rounded half to even, from the exact value.
Value Formatter::put_real(const Value &value, std::chars_format style, int precision) {
    constexpr int kLongest = 310;  // digits before the point, and a sign
    const double d = value.is(Kind::double_) ? value.d
                     : value.is(Kind::int_)  ? static_cast<double>(value.i)
                                             : static_cast<double>(value.u);
    if (std::isnan(d)) return add("NaN");
    if (std::isinf(d)) return add(d < 0 ? "-Infinity" : "Infinity");
    char buffer[kLongest + 1 + kMaxPrecision];
    const auto *end = std::to_chars(buffer, std::end(buffer), d, style, precision).ptr;
    return add({buffer, static_cast<std::size_t>(end - buffer)});
}

Value Formatter::put_whole(const Value &value, int base, bool capitals) {
    char buffer[65];
    auto *end = value.is(Kind::int_) ? std::to_chars(buffer, std::end(buffer), value.i, base).ptr
                                     : std::to_chars(buffer, std::end(buffer), value.u, base).ptr;
    if (capitals)
        std::transform(buffer, end, buffer,
                       [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return add({buffer, static_cast<std::size_t>(end - buffer)});
}

Value Formatter::put_hex(std::string_view bytes, bool capitals) {
    if (!call_.charge(text_cost(bytes.size()))) return out_of_budget();
    const std::string_view digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const char pair[] = {digits[byte >> 4], digits[byte & 0xF]};
        if (!out_.add({pair, 2})) return out_of_memory();
    }
    return {};
}

Value format(Call &call, const Value *args, std::uint32_t) {
    if (!call.charge(text_cost(args[0].size))) return out_of_budget();
    Formatter formatter(call);
    const auto error = formatter.format(args[0].view(), args[1]);
    return error.failed() ? error : formatter.text();
}

constexpr Overload kFormats[] = {
    {"format", "string.(list(dyn)): string", format, Work::write, Growth::memory},
};

}  // namespace

std::span<const Overload> format_functions() { return kFormats; }

}  // namespace kith::expr
