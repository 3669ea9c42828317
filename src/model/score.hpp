// Score: a dated value of any subject. Link: an edge between parties, or from an actor to a party.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/id.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "model/name.hpp"

namespace kith::model {

// As KITH_SUBJECT_*, and in the order of rules::SubjectKind.
enum class SubjectKind : std::uint8_t { party, actor, product, campaign, all };

inline constexpr std::array<std::string_view, 5> kSubjectWords = {"party", "actor", "product", "campaign",
                                                                  "all"};
constexpr std::string_view word_of(SubjectKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < kSubjectWords.size() ? kSubjectWords[index] : "unknown";
}

// What a value is about. A party by its id, others by the name code of their key.
struct Subject {
    SubjectKind kind = SubjectKind::all;
    base::Id party;
    Name code = 0;
    auto operator<=>(const Subject &) const = default;
};

// Names a score for ever, and orders the values of a subject under a metric and a key by time.
struct ScoreKey {
    Subject subject;
    Name metric = 0;
    Name key = 0;  // attribute, category, competitor, ...; 0: none
    base::Micros at = 0;
    std::uint32_t origin = 0, number = 0;
    auto operator<=>(const ScoreKey &) const = default;
};

enum class Nature : std::uint8_t { stated = 1, observed, inferred, estimated, given, computed, target };

inline constexpr std::array<std::string_view, 8> kNatureWords = {
    "", "stated", "observed", "inferred", "estimated", "given", "computed", "target"};
constexpr std::string_view word_of(Nature nature) {
    const auto index = static_cast<std::size_t>(nature);
    return index < kNatureWords.size() ? kNatureWords[index] : "unknown";
}

struct Score {
    ScoreKey key;
    std::uint64_t stamp = 0;
    Nature nature = Nature::given;
    std::optional<double> number;  // one of number, money and text
    std::optional<std::int64_t> money;
    base::Currency currency;  // of money
    Name text = 0;
    Name period = 0, source = 0, system = 0, method = 0, author = 0;
    std::string_view host_key;
    std::uint32_t definition_version = 0;
    std::optional<double> confidence, spread;
    std::optional<std::int64_t> n;
};

enum class LinkKind : std::uint8_t {
    works_for = 1,
    member_of,
    parent_of,
    refers,
    knows,
    uses,
    decides_for,
    pays_for,
    influences,
    competes_with,
    not_same,
};
inline constexpr std::array<std::string_view, 12> kLinkWords = {
    "",     "works_for",   "member_of", "parent_of",  "refers",        "knows",
    "uses", "decides_for", "pays_for",  "influences", "competes_with", "not_same"};

inline constexpr std::array<std::string_view, 4> kStanceWords = {"", "for", "neutral", "against"};

constexpr bool is_tree(LinkKind kind) {
    return kind == LinkKind::parent_of || kind == LinkKind::member_of || kind == LinkKind::refers;
}
constexpr std::string_view word_of(LinkKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < kLinkWords.size() ? kLinkWords[index] : "unknown";
}

struct LinkKey {
    Subject from;  // a party or an actor
    LinkKind kind{};
    base::Id to;
    std::uint32_t origin = 0, number = 0;
    auto operator<=>(const LinkKey &) const = default;
};

struct Link {
    LinkKey key;
    std::uint64_t stamp = 0;
    bool undone = false;  // takes back the one before between the same ends
    std::optional<base::Micros> valid_from, valid_to;
    std::uint8_t stance = 0, strength = 0;
};

}  // namespace kith::model
