#include "base/json.hpp"

#include <algorithm>
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
        return add(std::move(json));
    }
    bool binary(nlohmann::json::binary_t &) { return false; }  // not in JSON text

    bool start_object(std::size_t) { return open(Json::Kind::object); }
    bool start_array(std::size_t) { return open(Json::Kind::array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string &value) {
        auto &keys = open_.back()->keys;
        if (keys.size() == kKeysMax)
            return fail(Status::limit, read_, "more than 1024 keys in one object; divide it");
        if (std::ranges::find(keys, value) != keys.end())
            return fail(Status::rule, read_, "this key stands twice in its object; keep one of them");
        keys.push_back(std::move(value));
        return true;
    }

    bool parse_error(std::size_t position, const std::string &,
                     const nlohmann::detail::exception &exception) {
        return fail(Status::format, position, "not JSON: " + reason_of(exception.what()));
    }

private:
    bool add(Json json) {
        place(std::move(json));
        return true;
    }

    Json &place(Json json) {
        if (open_.empty()) return root_ = std::move(json);
        return open_.back()->items.emplace_back(std::move(json));
    }

    bool open(Json::Kind kind) {
        if (open_.size() == depth_max_)
            return fail(Status::limit, read_, "nested deeper than " + std::to_string(depth_max_) + " levels");
        open_.push_back(&place(Json(kind)));  // stays put: nothing is added beside it until it is closed
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    bool fail(Status status, std::size_t position, const std::string &what) {
        const std::string_view read = text_.substr(0, position);
        const auto line = std::ranges::count(read, '\n') + 1;
        const auto column = position - (read.rfind('\n') + 1);  // npos + 1 is 0
        error_ = base::fail(
            status, "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what);
        return false;
    }

    std::string_view text_;
    std::size_t depth_max_;
    std::size_t read_ = 0;  // bytes of the text
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
