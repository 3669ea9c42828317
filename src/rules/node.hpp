// A value of a playbook's text together with its place, and the checks that every kind of definition
// needs: each failure names the place, what is wrong and what to write.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "rules/term.hpp"

namespace kith::rules {

using base::Json;
using base::Place;

// The keys an object of a definition has: all of `required`, any of `optional`. Those of `later` are known
// to the format and not to this version. Named as in the schemas: "bands", "bands.class".
struct Shape {
    std::string_view name;
    std::span<const std::string_view> required, optional, later;
};

// "define[0].states" and "decline" give "define[0].states.decline".
std::string place_of(const std::string &outer, std::string_view key);
std::string place_of(const std::string &outer, std::size_t index);

// A text of the user's in quotes, short and on one line.
std::string quote(std::string_view text);

// "a", "b" or "c"
std::string choice_of(std::span<const std::string_view> names);

class Node {
public:
    Node(const Json &json, std::string place) : json_(&json), place_(std::move(place)) {}

    const Json &json() const { return *json_; }
    const std::string &place() const { return place_; }
    std::size_t size() const { return json_->items.size(); }
    bool is(Json::Kind kind) const { return json_->kind == kind; }

    bool has(std::string_view key) const { return json_->find(key) != nullptr; }
    Node member(std::string_view key) const {
        return {*json_->find(key), place_of(place_, key)};
    }                                     // must be there
    Node value(std::size_t index) const;  // of an array or an object

    base::Error error(std::string_view what, base::Status status = base::Status::rule) const;
    // The same, shown at another place of the text: of a key, or inside an expression.
    base::Error error_at(Place at, std::string_view what, base::Status status = base::Status::rule) const;
    // "... is not known; did you mean ...?", with all the names where none is near
    base::Error unknown(std::string_view what, std::string_view name,
                        std::span<const std::string_view> names) const;

    base::Result<void> object(const Shape &shape) const;
    base::Result<void> array(std::size_t size_max) const;  // of at least one value
    base::Result<void> notes() const;     // what an object may carry for its readers: about, source, labels
    base::Result<Labels> labels() const;  // of one name: a text for each language; none where there are none

    base::Result<std::string> name() const;                       // snake_case, at most 64 bytes
    base::Result<std::string> name_key(std::size_t index) const;  // the key of a member is one
    base::Result<std::string> event() const;                      // names with dots between them
    base::Result<std::string> event_key(std::size_t index) const;
    base::Result<std::string> line() const;  // a text of 1 to 1,024 bytes without control characters
    base::Result<bool> boolean() const;
    base::Result<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
    base::Result<double> number() const;
    base::Result<std::size_t> one_of(std::string_view what, std::span<const std::string_view> names) const;
    base::Result<Source> expression() const;  // that is CEL; whether its names exist is asked of the set
    base::Result<Money> amount() const;       // "500.00 EUR"
    base::Result<Term> term() const;          // a number, amount, text, true, false or "=expression"

    // Puts what `parse` makes of the member into `out`, where the member is there: read("of", metric.of,
    // &Node::expression).
    template <class T, class Parse>
    base::Result<void> read(std::string_view key, T &out, Parse &&parse) const {
        if (!has(key)) return {};
        KITH_LET(value, std::invoke(parse, member(key)));
        out = std::move(value);
        return {};
    }
    // The same with what it makes of each entry of a list.
    template <class T, class Parse>
    base::Result<void> read_list(std::string_view key, std::vector<T> &out, std::size_t size_max,
                                 Parse &&parse) const {
        if (!has(key)) return {};
        const Node list = member(key);
        KITH_TRY(list.array(size_max));
        for (std::size_t i = 0; i < list.size(); ++i) {
            KITH_LET(value, std::invoke(parse, list.value(i)));
            out.push_back(std::move(value));
        }
        return {};
    }

private:
    base::Result<Source> expression_of(std::string_view text, std::uint32_t skipped) const;

    const Json *json_;
    std::string place_;
};

bool is_name(std::string_view text, std::string_view also = {});

// Where byte `offset` of an expression stands in the file, as far as that is known.
Place place_in(const Source &source, std::size_t offset);

// "name" that was not found among `names`: "did you mean ...?", or all of them where none is near.
std::string suggestion(std::string_view name, std::span<const std::string_view> names);

}  // namespace kith::rules
