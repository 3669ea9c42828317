#include "base/json.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

namespace kith::base {

namespace {

constexpr std::size_t kTextMax = std::size_t{1} << 20;
constexpr std::size_t kKeysMax = 1024;

// What the library says after " - ", without the piece of the text it repeats.
std::string reason_of(std::string_view what) {
    const auto from = what.find(" - ");
    std::string_view reason = what.substr(from == what.npos ? what.find("] ") + 2 : from + 3);
    const auto last_read = reason.find("; last read: ");
    if (last_read == reason.npos) return std::string(reason);
    const auto expected = reason.rfind("; expected ");
    const bool has_more = expected != reason.npos && expected > last_read;
    return std::string(reason.substr(0, last_read)) + (has_more ? std::string(reason.substr(expected)) : "");
}

// Feeds the library and counts what it has read: its events do not say where they are.
struct Input {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char *;
    using reference = const char &;

    const char *at;
    std::size_t *read;

    const char &operator*() const { return *at; }
    Input &operator++() {
        ++at;
        ++*read;
        return *this;
    }
    bool operator==(const Input &other) const { return at == other.at; }
};

// The place of byte `to`, from that of byte `from` before it.
Place moved(Place place, std::string_view text, std::size_t from, std::size_t to) {
    for (const char c : text.substr(from, to - from)) {
        if (c == '\n') {
            ++place.line;
            place.column = 0;
        }
        if ((c & 0xC0) != 0x80) ++place.column;
    }
    return place;
}

// Builds the tree from the library's parser events.
class Builder {
public:
    Builder(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

    Result<Json> run() {
        const Input begin{text_.data(), &read_};
        const Input end{text_.data() + text_.size(), nullptr};
        const bool complete = nlohmann::json::sax_parse(begin, end, this);
        if (error_) return std::move(*error_);
        if (!complete) return base::fail(Status::format, "not JSON");
        return std::move(root_);
    }

    bool null() { return add(Json()); }
    bool boolean(bool value) {
        Json json(Json::Kind::boolean);
        json.boolean = value;
        return add(std::move(json));
    }
    bool number_integer(std::int64_t value) {
        Json json(Json::Kind::integer);
        json.integer = value;
        return add(std::move(json));
    }
    bool number_unsigned(std::uint64_t value) {
        if (value <= INT64_MAX) return number_integer(static_cast<std::int64_t>(value));
        return number_float(static_cast<double>(value), std::to_string(value));
    }
    bool number_float(double value, const std::string &written) {
        Json json(Json::Kind::real);
        json.real = value;
        json.text = written;
        // The library puts in the decimal point of the host's locale.
        const auto point = json.text.find_first_not_of("+-0123456789eE");
        if (point != json.text.npos) json.text[point] = '.';
        return add(std::move(json));
    }
    bool string(std::string &value) {
        Json json(Json::Kind::text);
        json.text = std::move(value);
        go_to_token();
        const auto escape = text_.substr(at_ + 1, json.text.size()).find('\\');
        json.plain = static_cast<std::uint32_t>(std::min(escape, json.text.size()));
        return add(std::move(json));
    }
    bool binary(nlohmann::json::binary_t &) { return false; }  // not in JSON text

    bool start_object(std::size_t) { return open(Json::Kind::object); }
    bool start_array(std::size_t) { return open(Json::Kind::array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string &value) {
        auto &keys = open_.back()->keys;
        go_to_token();
        if (keys.size() == kKeysMax)
            return fail(Status::limit, at_, "more than 1024 keys in one object; divide it");
        if (std::ranges::find(keys, value) != keys.end())
            return fail(Status::rule, at_, "this key stands twice in its object; keep one of them");
        key_ = here_;
        go_to(read_);
        keys.push_back(std::move(value));
        return true;
    }

    bool parse_error(std::size_t position, const std::string &,
                     const nlohmann::detail::exception &exception) {
        return fail(Status::format, std::max<std::size_t>(position, 1) - 1,
                    "not JSON: " + reason_of(exception.what()));
    }

private:
    bool add(Json json) {
        place(std::move(json));
        return true;
    }

    Json &place(Json json) {
        go_to_token();
        json.place = here_;
        json.key_place = key_;
        key_ = {};
        // A number is known to be over by the character after it.
        const bool number = json.is(Json::Kind::integer) || json.is(Json::Kind::real);
        go_to(number ? std::min(text_.find_first_not_of("+-.0123456789Ee", at_), text_.size()) : read_);
        if (open_.empty()) return root_ = std::move(json);
        return open_.back()->items.emplace_back(std::move(json));
    }

    // The library does not say where a token begins: after the one before it.
    void go_to_token() { go_to(std::min(text_.find_first_not_of(" \t\r\n,:", at_), text_.size())); }

    void go_to(std::size_t position) {
        here_ = moved(here_, text_, at_, position);
        at_ = position;
    }

    bool open(Json::Kind kind) {
        if (open_.size() == depth_max_)
            return fail(Status::limit, read_ - 1,
                        "nested deeper than " + std::to_string(depth_max_) + " levels");
        open_.push_back(&place(Json(kind)));  // stays put: nothing is added beside it until it is closed
        return true;
    }

    bool close() {
        go_to(read_);
        open_.pop_back();
        return true;
    }

    bool fail(Status status, std::size_t position, const std::string &what) {
        const Place place = moved({1, 1}, text_, begin_, std::clamp(position, begin_, text_.size()));
        error_ = base::fail(status, place_text(place) + ": " + what);
        return false;
    }

    std::string_view text_;
    std::size_t depth_max_;
    std::size_t read_ = 0;                                           // bytes of the text
    std::size_t begin_ = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;  // a byte order mark is in no column
    std::size_t at_ = begin_;                                        // the place of this byte is here_
    Place here_{1, 1}, key_;
    Json root_;
    std::vector<Json *> open_;
    std::optional<Error> error_;
};

void write(std::string &out, const Json &json) {
    switch (json.kind) {
        case Json::Kind::null:
            out += "null";
            break;
        case Json::Kind::boolean:
            out += json.boolean ? "true" : "false";
            break;
        case Json::Kind::integer:
            out += std::to_string(json.integer);
            break;
        case Json::Kind::real:
            out += json.text;
            break;
        case Json::Kind::text:
            quote_json(out, json.text);
            break;
        case Json::Kind::array:
        case Json::Kind::object: {
            const bool object = json.is(Json::Kind::object);
            out += object ? '{' : '[';
            for (std::size_t i = 0; i < json.items.size(); ++i) {
                if (i > 0) out += ',';
                if (object) {
                    quote_json(out, json.keys[i]);
                    out += ':';
                }
                write(out, json.items[i]);
            }
            out += object ? '}' : ']';
            break;
        }
    }
}

}  // namespace

const Json *Json::find(std::string_view key) const {
    const auto found = std::ranges::find(keys, key);
    return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

Result<Json> parse_json(std::string_view text, std::size_t depth_max) {
    if (text.size() > kTextMax) return fail(Status::limit, "the text is longer than 1 MiB; divide it");
    return Builder(text, depth_max).run();
}

std::string place_text(Place place) {
    return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

Place place_of_message(std::string_view message) {
    Place place;
    const auto number = [&](std::string_view before, std::uint32_t &out) {
        if (!message.starts_with(before)) return false;
        message.remove_prefix(before.size());
        const auto read = std::from_chars(message.data(), message.data() + message.size(), out);
        message.remove_prefix(static_cast<std::size_t>(read.ptr - message.data()));
        return read.ec == std::errc();
    };
    return number("line ", place.line) && number(", column ", place.column) && message.starts_with(": ")
               ? place
               : Place();
}

std::string to_text(const Json &json) {
    std::string out;
    write(out, json);
    return out;
}

void quote_json(std::string &out, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
            case '\\':
                out += '\\';
                out += c;
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out += kHex[c >> 4];
                    out += kHex[c & 15];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

}  // namespace kith::base
