// A value of a playbook's text together with its place, and the checks that every kind of definition
// needs: each failure names the place, what is wrong and what to write.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"

namespace kith::rules {

using base::Json;

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
    // "... is not known; did you mean ...?", with all the names where none is near
    base::Error unknown(std::string_view what, std::string_view name,
                        std::span<const std::string_view> names) const;

    // An object with all of `required` and nothing but these; a key of `later` is Status::unsupported.
    base::Result<void> object(std::initializer_list<std::string_view> required,
                              std::initializer_list<std::string_view> optional,
                              std::initializer_list<std::string_view> later = {}) const;
    base::Result<void> array(std::size_t size_max) const;  // of at least one value
    base::Result<void> notes() const;  // what an object may carry for its readers: about, source, labels

    base::Result<std::string> name() const;                       // snake_case, at most 64 bytes
    base::Result<std::string> name_key(std::size_t index) const;  // the key of a member is one
    base::Result<std::string> event() const;                      // names with dots between them
    base::Result<std::string> event_key(std::size_t index) const;
    base::Result<std::string> line() const;  // a text of 1 to 1,024 bytes without control characters
    base::Result<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
    base::Result<double> number() const;
    base::Result<std::size_t> one_of(std::string_view what, std::span<const std::string_view> names) const;

private:
    const Json *json_;
    std::string place_;
};

bool is_name(std::string_view text, std::string_view also = {});

}  // namespace kith::rules
