// A value of a playbook's text together with its place, and the checks that every kind of definition
// needs: each failure names the place, what is wrong and what to write.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "rules/findings.hpp"
#include "rules/term.hpp"

namespace kith::rules {

using base::Json;
using base::Place;

// The keys an object of a definition has: all of `required`, any of `optional`. Those of `later` are known
// to the format and not to this version. Named as in the schemas: "bands", "bands.class".
struct Shape {
    std::string_view name;
    std::string_view required, optional, later;  // with blanks between them
};
std::vector<std::string_view> words(std::string_view text);

// "define[0].states" and "decline" give "define[0].states.decline".
std::string place_of(const std::string &outer, std::string_view key);
std::string place_of(const std::string &outer, std::size_t index);

// A text of the user's in quotes, short and on one line.
std::string quote(std::string_view text);

// "a", "b" or "c"
std::string choice_of(std::span<const std::string_view> names);

class Node {
public:
    Node(const Json &json, std::string place, Findings &findings)
        : json_(&json), place_(std::move(place)), findings_(&findings) {}

    const Json &json() const { return *json_; }
    const std::string &place() const { return place_; }
    std::size_t size() const { return json_->items.size(); }
    bool is(Json::Kind kind) const { return json_->kind == kind; }

    bool has(std::string_view key) const { return json_->find(key) != nullptr; }
    Node member(std::string_view key) const {
        return {*json_->find(key), place_of(place_, key), *findings_};
    }                                     // must be there
    Node value(std::size_t index) const;  // of an array or an object

    base::Error error(std::string_view what, base::Status status = base::Status::rule) const;
    // The same, shown at another place of the text: of a key, or inside an expression.
    base::Error error_at(Place at, std::string_view what, base::Status status = base::Status::rule) const;
    // "... is not known; did you mean ...?", with all the names where none is near
    base::Error unknown(std::string_view what, std::string_view name,
                        std::span<const std::string_view> names) const;

    base::Result<void> object(const Shape &shape) const;

    // Notes a mistake, so that reading can go on to the next.
    void report(const base::Error &error) const;
    void report(std::string_view what, base::Status status = base::Status::rule) const {
        report(error(what, status));
    }
    // Notes all that `object` would refuse. Whether that is nothing: else what is in it is not read, since
    // one mistake would show as several.
    bool has_shape(const Shape &shape) const;
    void mention(Mention::Kind kind, std::string_view name, Place at) const;
    void mention(Mention::Kind kind, std::string_view name) const { mention(kind, name, json_->place); }
    base::Result<void> array(std::size_t size_max) const;  // of at least one value
    base::Result<void> notes() const;  // what an object may carry for its readers: about, source, labels
    base::Result<LabelTables> label_tables() const;  // of what has parts: a text or a table for each language
    base::Result<Labels> labels() const;             // of one name: a text for each language

    base::Result<std::string> name() const;                       // snake_case, at most 64 bytes
    base::Result<std::string> name_key(std::size_t index) const;  // the key of a member is one
    base::Result<std::string> word() const;     // letters, digits, "_" and "-", at most 64 bytes
    base::Result<std::string> event() const;    // names with dots between them
    base::Result<std::string> pattern() const;  // of events: one with at most one "*"
    base::Result<std::string> pattern_key(std::size_t index) const;
    base::Result<std::string> line() const;  // a text of 1 to 1,024 bytes without control characters
    base::Result<bool> boolean() const;
    base::Result<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
    base::Result<double> number() const;
    base::Result<std::size_t> one_of(std::string_view what, std::span<const std::string_view> names,
                                     std::size_t from = 0) const;
    base::Result<Source> expression() const;  // that is CEL; whether its names exist is asked of the set
    base::Result<Source> computed() const;    // "=expression", without the sign
    base::Result<Money> amount() const;       // "500.00 EUR"
    base::Result<Term> term() const;          // a number, amount, text, true, false or "=expression"

    // Puts what `parse` makes of the member into `out`, where it is there: read("of", metric.of,
    // &Node::expression). What is wrong is noted; whether it was read.
    template <class T, class Parse>
    bool read(std::string_view key, T &out, Parse &&parse) const {
        return has(key) && member(key).read_into(out, parse);
    }
    template <class T, class Parse>
    bool read_optional(std::string_view key, std::optional<T> &out, Parse &&parse) const {
        T value{};
        if (!read(key, value, parse)) return false;
        out = std::move(value);
        return true;
    }
    // The same with each entry of a list.
    template <class T, class Parse>
    bool read_list(std::string_view key, std::vector<T> &out, std::size_t size_max, Parse &&parse) const {
        return has(key) && member(key).read_each(out, size_max, parse);
    }
    template <class T, class Parse>
    bool read_each(std::vector<T> &out, std::size_t size_max, Parse &&parse) const {
        if (const auto good = array(size_max); !good) return report(good.error()), false;
        for (std::size_t i = 0; i < size(); ++i) {
            T one{};
            if (value(i).read_into(one, parse)) out.push_back(std::move(one));
        }
        return out.size() == size();
    }
    // The same with one of some names, in the order of the enum.
    template <class T>
    bool read_choice(std::string_view key, T &out, std::string_view what,
                     std::span<const std::string_view> names) const {
        return read(key, out, [&](const Node &node) -> base::Result<T> {
            KITH_LET(index, node.one_of(what, names));
            return static_cast<T>(index);
        });
    }

private:
    std::vector<base::Error> errors_of(const Shape &shape) const;
    template <class T, class Parse>
    bool read_into(T &out, Parse &&parse) const {
        auto value = std::invoke(parse, *this);
        if (!value) return report(value.error()), false;
        out = std::move(*value);
        return true;
    }
    base::Result<Source> expression_of(std::string_view text, std::uint32_t skipped) const;

    const Json *json_;
    std::string place_;
    Findings *findings_;
};

bool is_name(std::string_view text, std::string_view also = {});

std::string short_number(double number);  // to four digits

// Where byte `offset` of an expression stands in the file, as far as that is known.
Place place_in(const Source &source, std::size_t offset);

// "name" that was not found among `names`: "did you mean ...?", or all of them where none is near.
std::string suggestion(std::string_view name, std::span<const std::string_view> names);

}  // namespace kith::rules
