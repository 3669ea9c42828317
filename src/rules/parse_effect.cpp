#include <algorithm>
#include <array>

#include "rules/event.hpp"
#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kSetMax = 256;
constexpr std::size_t kArtefactsMax = 64;
constexpr std::size_t kBestMax = 8;
constexpr double kCountMax = 256;  // effects of one event

constexpr std::array<std::string_view, 2> kAssignees{"owner", "part_of"};
constexpr std::array<std::string_view, 3> kReceivers{"owner", "part_of", "party"};

base::Result<Term> text_or_computed(const Node &node) {
    KITH_LET(term, node.term());
    if (!term.is(Term::Kind::text) && !term.is(Term::Kind::expression))
        return node.error("must be a text, or \"=\" and an expression");
    return term;
}

base::Result<Term> parse_tag(const Node &node) {
    KITH_LET(term, text_or_computed(node));
    if (term.is(Term::Kind::text)) KITH_TRY(node.word());
    return term;
}

base::Result<Term> parse_count(const Node &node) {
    KITH_LET(term, node.term());
    if (term.is(Term::Kind::expression) || (term.is(Term::Kind::number) && term.number >= 0)) return term;
    return node.error("must be a number not below 0, or \"=\" and an expression");
}

base::Result<Term> one_or_computed(const Node &node, std::string_view what,
                                   std::span<const std::string_view> names) {
    KITH_LET(term, text_or_computed(node));
    if (term.is(Term::Kind::text) && std::ranges::find(names, term.text) == names.end())
        return node.error(std::string(what) + " " + quote(term.text) + " is not known; write " +
                          choice_of(names) + ", or \"=\" and an expression");
    return term;
}

base::Result<Term> parse_receiver(const Node &node) {
    return one_or_computed(node, "the receiver", kReceivers);
}

base::Result<Assignment> parse_assignment(const Node &node) {
    Assignment assignment;
    if (!node.is(Json::Kind::object)) {
        KITH_LET(to, one_or_computed(node, "the assignee", kAssignees));
        assignment.to = std::move(to);
        return assignment;
    }
    KITH_TRY(node.object(shape::kChoice));
    node.read("among", assignment.among, &Node::expression);
    node.read_list("best", assignment.best, kBestMax, &Node::expression);
    return assignment;
}

base::Result<std::vector<std::string>> parse_require(const Node &node) {
    std::vector<std::string> names;
    node.read_each(names, kArtefactsMax, &Node::name);
    return names;
}

// "limit.compensation" is kept as the limit's name.
base::Result<Term> parse_approve_over(const Node &node) {
    constexpr std::string_view kLimit = "limit.";
    KITH_LET(term, node.term());
    if (term.is(Term::Kind::money) || term.is(Term::Kind::expression)) return term;
    if (!term.is(Term::Kind::text) || !term.text.starts_with(kLimit) ||
        !is_name(std::string_view(term.text).substr(kLimit.size())))
        return node.error(
            "must be an amount, a limit of the actor as \"limit.NAME\", or \"=\" and an expression");
    term.text.erase(0, kLimit.size());
    return term;
}

base::Result<std::vector<std::pair<std::string, Term>>> parse_set(const Node &node) {
    if (!node.is(Json::Kind::object) || node.size() == 0)
        return node.error("must be an object, { \"FIELD\": VALUE }");
    if (node.size() > kSetMax) return node.error("sets more than 256 fields", base::Status::limit);
    std::vector<std::pair<std::string, Term>> set;
    for (std::size_t i = 0; i < node.size(); ++i) {
        const Node field = node.value(i);
        KITH_LET(name, node.name_key(i));
        Term value;
        if (!field.is(Json::Kind::null)) {
            KITH_LET(term, field.term());
            value = std::move(term);
        }
        set.emplace_back(std::move(name), std::move(value));
    }
    return set;
}

base::Result<double> parse_confidence(const Node &node) {
    KITH_LET(share, node.number());
    if (share < 0 || share > 1) return node.error("must be a share, from 0 to 1");
    return share;
}

base::Result<std::string> parse_emitted(const Node &node) {
    KITH_LET(event, node.event());
    if (engine_events_of(event))
        return node.error(quote(event) + " happens by itself; emit a type of your own, as \"host." +
                          event.substr(event.find('.') + 1) + "\"");
    return event;
}

base::Result<std::uint32_t> parse_end(const Node &node) {
    static constexpr std::array<std::string_view, 4> kEnds{"kept", "broken", "waived", "cancelled"};
    KITH_LET(end, node.one_of("the end", kEnds));
    return static_cast<std::uint32_t>(end);
}

// A name of something that has to be there.
template <Mention::Kind kind>
base::Result<std::string> parse_named(const Node &node) {
    KITH_LET(name, node.name());
    node.mention(kind, name);
    return name;
}

template <auto member, auto parse>
void read_key(const Node &node, std::string_view key, Effect &effect) {
    node.read(key, effect.*member, parse);
}

// How each key is read; the same in every effect that has it.
constexpr std::pair<std::string_view, void (*)(const Node &, std::string_view, Effect &)> kEffectKeys[] = {
    {"as", read_key<&Effect::as, parse_end>},
    {"approve_over", read_key<&Effect::approve_over, parse_approve_over>},
    {"assign", read_key<&Effect::assign, parse_assignment>},
    {"channel", read_key<&Effect::channel, &Node::word>},
    {"confidence", read_key<&Effect::confidence, parse_confidence>},
    {"content", read_key<&Effect::item, text_or_computed>},
    {"count", read_key<&Effect::count, parse_count>},
    {"due", read_key<&Effect::due, parse_length>},
    {"for", read_key<&Effect::record, &Node::computed>},
    {"item", read_key<&Effect::item, text_or_computed>},
    {"key", read_key<&Effect::key, &Node::expression>},
    {"kind", read_key<&Effect::kind, &Node::name>},
    {"labels", read_key<&Effect::labels, &Node::labels>},
    {"link", read_key<&Effect::name, parse_named<Mention::Kind::link>>},
    {"message", read_key<&Effect::title, text_or_computed>},
    {"method", read_key<&Effect::method, &Node::word>},
    {"metric", read_key<&Effect::name, parse_named<Mention::Kind::given>>},
    {"over", read_key<&Effect::over, parse_unit>},
    {"parent", read_key<&Effect::parent, &Node::computed>},
    {"points", read_key<&Effect::count, parse_count>},
    {"process", read_key<&Effect::name, parse_named<Mention::Kind::process>>},
    {"program", read_key<&Effect::name, &Node::name>},
    {"purpose", read_key<&Effect::name, &Node::name>},
    {"remove", read_key<&Effect::remove, &Node::boolean>},
    {"require", read_key<&Effect::require, parse_require>},
    {"scope", read_key<&Effect::scope, &Node::name>},
    {"set", read_key<&Effect::set, parse_set>},
    {"tag", read_key<&Effect::tag, parse_tag>},
    {"title", read_key<&Effect::title, text_or_computed>},
    {"to", read_key<&Effect::to, parse_receiver>},
    {"until", read_key<&Effect::due, parse_length>},
    {"value", read_key<&Effect::value, &Node::expression>},
    {"what", read_key<&Effect::record, &Node::computed>},
};

}  // namespace

base::Result<Effect> parse_effect(const Node &node) {
    static constexpr auto kNames = [] {
        std::array<std::string_view, std::size(shape::kEffects)> names;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string_view name = shape::kEffects[i].name;
            names[i] = name.substr(name.find('.') + 1);
        }
        return names;
    }();
    static_assert(kNames.back() == "close" && kNames.size() == std::size_t(Effect::Do::close) + 1);
    if (!node.is(Json::Kind::object) || !node.has("do"))
        return node.error("must be an object with \"do\": " + choice_of(kNames));
    KITH_LET(index, node.member("do").one_of("the effect", kNames));
    Effect effect;
    effect.what = static_cast<Effect::Do>(index);
    if (comes_later(effect.what)) node.member("do").mention(Mention::Kind::rows, kNames[index]);
    if (!node.has_shape(shape::kEffects[index])) return effect;
    for (const auto &[key, read] : kEffectKeys) read(node, key, effect);
    if (node.has("event")) {
        const bool emits = effect.what == Effect::Do::emit;
        node.read("event", effect.event,
                  [&](const Node &event) { return emits ? parse_emitted(event) : event.event(); });
    }
    if (effect.what == Effect::Do::plan && effect.count.is(Term::Kind::number) &&
        (effect.count.number > kCountMax ||
         effect.count.number != static_cast<double>(static_cast<int>(effect.count.number))))
        node.member("count").report("must be a whole number, at most 256");
    return effect;
}

}  // namespace kith::rules
