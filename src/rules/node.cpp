#include "rules/node.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "expr/parse.hpp"
#include "rules/mentions.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kLineMax = 1024;
constexpr std::size_t kQuoteMax = 40;
constexpr std::size_t kChoicesMax = 24;

// Levenshtein's distance, over bytes: names are ASCII.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = row[j + 1];
            row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

constexpr std::string_view kNameForm =
    "must be a name: a small letter, then small letters, digits and \"_\", at most 64 in all";
constexpr std::string_view kEventForm = "must be an event's name, as \"order\" or \"contact.called_in\"";
constexpr std::string_view kPatternForm =
    "must be a type of interaction, as \"order\", \"contact.called_in\" or \"contact.*\"";

bool is_event(std::string_view text) {
    return is_name(text, ".") && text.back() != '.' && text.find("..") == text.npos;
}

// Names with dots between them, with at most one "*".
bool is_pattern(std::string_view text) {
    std::string filled(text);
    if (const auto star = text.find('*'); star != text.npos) filled[star] = 'x';
    return is_event(filled);
}

// A number, a blank, three capitals: whether it is a right amount is told when it is read.
bool is_amount(std::string_view text) {
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() > 4 && text[text.size() - 4] == ' ' &&
           std::ranges::all_of(text.substr(text.size() - 3), is_capital) &&
           text.find_first_not_of("+-.0123456789") == text.size() - 4;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string place_of(const std::string &outer, std::string_view key) {
    std::string shown = is_name(key, ".-") ? std::string(key) : quote(key);
    return outer.empty() ? shown : outer + "." + shown;
}

std::string place_of(const std::string &outer, std::size_t index) {
    return outer + "[" + std::to_string(index) + "]";
}

std::string quote(std::string_view text) {
    std::string shown(text.substr(0, kQuoteMax));
    if (text.size() > kQuoteMax) {
        while (!shown.empty() && (text[shown.size()] & 0xC0) == 0x80) shown.pop_back();  // between characters
        shown += "...";
    }
    std::ranges::replace_if(shown, is_control, '?');
    return '"' + shown + '"';
}

std::string choice_of(std::span<const std::string_view> names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
        text.append("\"").append(names[i]).append("\"");
    }
    return text;
}

bool is_name(std::string_view text, std::string_view also) {
    return !text.empty() && text.size() <= kNameMax && text[0] >= 'a' && text[0] <= 'z' &&
           std::ranges::all_of(text, [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                      also.find(c) != also.npos;
           });
}

Node Node::value(std::size_t index) const {
    const bool object = is(Json::Kind::object);
    return {json_->items[index], object ? place_of(place_, json_->keys[index]) : place_of(place_, index),
            *findings_};
}

base::Error Node::error(std::string_view what, base::Status status) const {
    return error_at(json_->place, what, status);
}

base::Error Node::error_at(Place at, std::string_view what, base::Status status) const {
    std::string message = base::place_text(at) + ": ";
    message.append(place_.empty() ? "the playbook" : place_).append(": ").append(what);
    return base::fail(status, std::move(message));
}

std::string suggestion(std::string_view name, std::span<const std::string_view> names) {
    const auto far = std::max<std::size_t>(2, name.size() / 3);
    const std::string_view shown = name.substr(0, kNameMax);
    const auto nearest =
        std::ranges::min_element(names, {}, [&](std::string_view known) { return distance(shown, known); });
    if (nearest != names.end() && distance(shown, *nearest) <= far) {
        return "did you mean " + quote(*nearest) + "?";
    }
    if (names.empty()) return "there is none";
    return "write " + choice_of(names.first(std::min(names.size(), kChoicesMax)));
}

base::Error Node::unknown(std::string_view what, std::string_view name,
                          std::span<const std::string_view> names) const {
    return error(std::string(what) + " " + quote(name) + " is not known; " + suggestion(name, names));
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> all;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        all.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

void Node::report(const base::Error &error) const {
    findings_->mistakes.push_back({base::place_of_message(error.message), error.status, error.message});
}

void Node::mention(Mention::Kind kind, std::string_view name, Place at) const {
    findings_->mentions.push_back({kind, std::string(name), at, place_});
}

base::Result<void> Node::object(const Shape &shape) const {
    const std::vector<base::Error> errors = errors_of(shape);
    if (!errors.empty()) return errors[0];
    return {};
}

bool Node::has_shape(const Shape &shape) const {
    const std::vector<base::Error> errors = errors_of(shape);
    for (const base::Error &wrong : errors) report(wrong);
    return errors.empty();
}

std::vector<base::Error> Node::errors_of(const Shape &shape) const {
    if (!is(Json::Kind::object)) return {error("must be an object, { ... }")};
    std::vector<base::Error> errors;
    const auto required = words(shape.required), later = words(shape.later);
    auto known = required;
    for (const std::string_view key : words(shape.optional)) known.push_back(key);
    for (std::size_t i = 0; i < json_->keys.size(); ++i) {
        const std::string &key = json_->keys[i];
        const Place at = json_->items[i].key_place;
        if (std::ranges::find(later, key) != later.end()) {
            errors.push_back(error_at(at, quote(key) + " is not available in this version; leave it out",
                                      base::Status::unsupported));
        } else if (std::ranges::find(known, key) == known.end()) {
            errors.push_back(
                error_at(at, "the key " + quote(key) + " is not known; " + suggestion(key, known)));
        }
    }
    // A key that is not known may be one that is missing.
    if (!errors.empty()) return errors;
    for (const std::string_view key : required) {
        if (!has(key)) errors.push_back(error(quote(key) + " is missing; add it"));
    }
    return errors;
}

base::Result<void> Node::array(std::size_t size_max) const {
    if (!is(Json::Kind::array)) return error("must be a list, [ ... ]");
    if (size() == 0) return error("the list is empty; give at least one entry, or leave it out");
    if (size() > size_max) {
        return error("has " + std::to_string(size()) + " entries; at most " + std::to_string(size_max) +
                         " are allowed",
                     base::Status::limit);
    }
    return {};
}

base::Result<void> Node::notes() const {
    for (const std::string_view key : {"about", "source"}) {
        if (has(key) && !member(key).is(Json::Kind::text)) return member(key).error("must be text");
    }
    if (has("labels")) KITH_TRY(member("labels").label_tables());
    return {};
}

base::Result<LabelTables> Node::label_tables() const {
    if (!is(Json::Kind::object)) {
        return error("must be an object with a text or table for each language, { \"zh\": ... }");
    }
    LabelTables tables;
    for (std::size_t i = 0; i < size(); ++i) {
        auto &table = tables[json_->keys[i]];
        const Node language = value(i);
        if (!language.is(Json::Kind::object)) {
            KITH_LET(text, language.line());
            table.emplace("", std::move(text));
            continue;
        }
        for (std::size_t j = 0; j < language.size(); ++j) {
            KITH_LET(text, language.value(j).line());
            table.emplace(language.json().keys[j], std::move(text));
        }
    }
    return tables;
}

base::Result<Labels> Node::labels() const {
    if (!is(Json::Kind::object)) return error("must be an object, { \"zh\": \"TEXT\" }");
    Labels labels;
    for (std::size_t i = 0; i < size(); ++i) {
        KITH_LET(text, value(i).line());
        labels.emplace(json_->keys[i], std::move(text));
    }
    return labels;
}

base::Result<std::string> Node::name() const {
    if (!is(Json::Kind::text) || !is_name(json_->text)) return error(kNameForm);
    return json_->text;
}

base::Result<std::string> Node::word() const {
    const auto in_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    const std::string &text = json_->text;
    if (!is(Json::Kind::text) || text.empty() || text.size() > kNameMax ||
        !std::ranges::all_of(text, in_word))
        return error("must be one word of letters, digits, \"_\" and \"-\", at most 64 in all");
    return text;
}

base::Result<std::string> Node::name_key(std::size_t index) const {
    if (!is_name(json_->keys[index])) return value(index).error(kNameForm);
    return json_->keys[index];
}

base::Result<std::string> Node::event() const {
    if (!is(Json::Kind::text) || !is_event(json_->text)) return error(kEventForm);
    return json_->text;
}

base::Result<std::string> Node::pattern() const {
    if (!is(Json::Kind::text) || !is_pattern(json_->text)) return error(kPatternForm);
    return json_->text;
}

base::Result<std::string> Node::pattern_key(std::size_t index) const {
    if (!is_pattern(json_->keys[index])) return value(index).error(kPatternForm);
    return json_->keys[index];
}

base::Result<std::string> Node::line() const {
    const auto &text = json_->text;
    if (!is(Json::Kind::text) || text.empty() || text.size() > kLineMax ||
        std::ranges::any_of(text, is_control)) {
        return error("must be a text of one line, 1 to 1024 bytes long");
    }
    return text;
}

base::Result<bool> Node::boolean() const {
    if (!is(Json::Kind::boolean)) return error("must be true or false");
    return json_->boolean;
}

base::Result<std::int64_t> Node::integer(std::int64_t min, std::int64_t max) const {
    if (!is(Json::Kind::integer) || json_->integer < min || json_->integer > max) {
        return error("must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return json_->integer;
}

base::Result<double> Node::number() const {
    if (is(Json::Kind::integer)) return static_cast<double>(json_->integer);
    if (is(Json::Kind::real)) return json_->real;
    return error("must be a number");
}

base::Result<std::size_t> Node::one_of(std::string_view what, std::span<const std::string_view> names,
                                       std::size_t from) const {
    if (!is(Json::Kind::text)) return error("must be text: " + choice_of(names));
    const auto text = std::string_view(json_->text).substr(from);
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return unknown(what, text, names);
    return static_cast<std::size_t>(found - names.begin());
}

std::string short_number(double number) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::general, 4).ptr;
    return {text, end};
}

Place place_in(const Source &source, std::size_t offset) {
    Place place{source.line, source.column};
    if (offset > source.plain) return place;
    for (const char c : std::string_view(source.text).substr(0, offset)) place.column += (c & 0xC0) != 0x80;
    return place;
}

base::Result<Source> Node::expression() const {
    if (!is(Json::Kind::text) || json_->text.empty())
        return error("must be an expression, as \"m.orders > 0\"");
    return expression_of(json_->text, 0);
}

base::Result<Source> Node::computed() const {
    if (!is(Json::Kind::text) || !json_->text.starts_with('='))
        return error("must be \"=\" and an expression, as \"=c.id\"");
    return expression_of(std::string_view(json_->text).substr(1), 1);
}

base::Result<Source> Node::expression_of(std::string_view text, std::uint32_t skipped) const {
    Source source{std::string(text), json_->place.line, json_->place.column + 1 + skipped,
                  json_->plain < skipped ? 0 : json_->plain - skipped};
    const expr::Parsed parsed = expr::parse(source.text);
    if (parsed) {
        add_mentions(*this, source, parsed.tree);
        return source;
    }
    const expr::Diagnostic &wrong = parsed.diagnostic;
    const auto status = wrong.code == expr::Code::parse ? base::Status::rule : base::Status::limit;
    return error_at(place_in(source, wrong.span.begin),
                    "in the expression: " + wrong.message + (wrong.hint.empty() ? "" : "; " + wrong.hint),
                    status);
}

base::Result<Term> Node::term() const {
    Term term;
    if (is(Json::Kind::boolean)) {
        term.kind = Term::Kind::boolean;
        term.boolean = json_->boolean;
        return term;
    }
    if (is(Json::Kind::integer) || is(Json::Kind::real)) {
        term.kind = Term::Kind::number;
        KITH_LET(number, this->number());
        term.number = number;
        return term;
    }
    if (!is(Json::Kind::text))
        return error("must be a number, a text, an amount, or \"=\" and an expression");
    const std::string &text = json_->text;
    if (text.starts_with('=')) {
        term.kind = Term::Kind::expression;
        KITH_LET(source, computed());
        term.source = std::move(source);
    } else if (is_amount(text)) {
        term.kind = Term::Kind::money;
        KITH_LET(money, amount());
        term.money = money;
    } else {
        term.kind = Term::Kind::text;
        KITH_LET(line, this->line());
        term.text = std::move(line);
    }
    return term;
}

base::Result<Money> Node::amount() const {
    constexpr std::string_view kForm = "must be an amount with its currency, as \"500.00 EUR\"";
    if (!is(Json::Kind::text) || !is_amount(json_->text)) return error(kForm);
    const std::string_view text = json_->text;
    const auto currency = base::Currency::parse(text.substr(text.size() - 3));
    if (!currency) return error(kForm);
    const auto minor = base::parse_decimal(text.substr(0, text.size() - 4), currency->minor_digits());
    if (!minor) {
        const bool large = minor.error().status == base::Status::limit;
        return error(minor.error().message, large ? base::Status::limit : base::Status::rule);
    }
    return Money{*minor, *currency};
}

}  // namespace kith::rules
