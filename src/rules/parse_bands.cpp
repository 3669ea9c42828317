#include <array>
#include <compare>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kClassesMax = 64;
constexpr std::int64_t kQuantilesMax = 100;
constexpr std::array<std::string_view, 2> kBorders{"crossing", "inside"};

// A class's name: a word, or a number, so that it is a score too.
base::Result<std::string> parse_class_name(const Node &node) {
    if (!node.is(Json::Kind::integer)) return node.word();
    KITH_LET(number, node.integer(-1'000'000, 1'000'000));
    return std::to_string(number);
}

base::Result<Term> parse_limit(const Node &node) {
    KITH_LET(limit, node.term());
    if (limit.is(Term::Kind::text) || limit.is(Term::Kind::boolean))
        return node.error("must be a number, an amount, or \"=\" and an expression");
    return limit;
}

BandClass parse_class(const Node &node, bool last) {
    BandClass band;
    if (!node.has_shape(shape::kClass)) return band;
    node.read("labels", band.labels, &Node::labels);
    node.read("internal", band.internal, &Node::boolean);
    node.read("is", band.is, parse_class_name);
    const bool limited = node.has("up_to") || node.has("below");
    if (node.has("up_to") && node.has("below")) {
        node.report("has \"up_to\" and \"below\"; keep one of them");
    } else if (last && limited) {
        node.report("the last class has no limit, so that every value has a class");
    } else if (!last && !limited) {
        node.report("needs \"up_to\" or \"below\"; only the last class has no limit");
    }
    band.included = !node.has("below");
    node.read(band.included ? "up_to" : "below", band.limit, parse_limit);
    return band;
}

// Constant limits ascend, also past computed ones, in one currency.
void check_limits(const Node &node, const std::vector<BandClass> &classes) {
    const Term *before = nullptr;
    bool excluded = false;  // the limit before is
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const Term &limit = classes[i].limit;
        if (!limit.is(Term::Kind::number) && !limit.is(Term::Kind::money)) continue;
        const Node at = node.value(i);
        if (before && before->kind != limit.kind) {
            at.report("has an amount among numbers; write all limits alike");
        } else if (before && before->money.currency != limit.money.currency) {
            at.report("has another currency than the limits before it; write them in one");
        } else if (before) {
            const auto order = limit.is(Term::Kind::number)
                                   ? std::partial_ordering(limit.number <=> before->number)
                                   : std::partial_ordering(limit.money.minor <=> before->money.minor);
            // Below 1, then up to 1: a class of 1 alone.
            const bool alone = order == 0 && excluded && classes[i].included;
            if (!(order > 0) && !alone)
                at.report("the limits must rise from class to class; put the classes in order");
        }
        before = &limit;
        excluded = !classes[i].included;
    }
}

std::vector<BandClass> parse_classes(const Node &node) {
    std::vector<BandClass> classes;
    if (const auto list = node.array(kClassesMax); !list) return node.report(list.error()), classes;
    for (std::size_t i = 0; i < node.size(); ++i)
        classes.push_back(parse_class(node.value(i), i + 1 == node.size()));
    check_limits(node, classes);
    return classes;
}

// The classes of cuts over the base have names alone.
void name_classes(const Node &entry, Bands &bands, std::size_t count) {
    std::vector<std::string> names;
    if (!entry.has("classes")) {
        for (std::size_t i = 1; i <= count; ++i) names.push_back(std::to_string(i));
    } else {
        const Node classes = entry.member("classes");
        if (!classes.read_each(names, kClassesMax, parse_class_name)) return;
        if (names.size() != count) {
            return classes.report("has " + std::to_string(names.size()) + " names where there are " +
                                  std::to_string(count) + " classes");
        }
    }
    for (std::string &name : names) bands.classes.push_back({.is = std::move(name)});
}

base::Result<double> parse_share(const Node &node) {
    KITH_LET(share, node.number());
    if (!(share > 0 && share < 1)) return node.error("must be a share between 0 and 1");
    return share;
}

void read_cuts(const Node &entry, Bands &bands) {
    if (bands.kind == Bands::Kind::quantiles) {
        std::int64_t count = 0;
        if (entry.read("quantiles", count, [](const Node &node) { return node.integer(2, kQuantilesMax); }))
            name_classes(entry, bands, static_cast<std::size_t>(count));
        Good good = Good::up;
        entry.read("good", good, parse_good);
        bands.reversed = good == Good::down;
        return;
    }
    if (!entry.read_list("cumulative_share", bands.shares, kClassesMax - 1, parse_share)) return;
    for (std::size_t i = 1; i < bands.shares.size(); ++i) {
        if (bands.shares[i] <= bands.shares[i - 1])
            entry.member("cumulative_share").value(i).report("the shares must rise; put them in order");
    }
    name_classes(entry, bands, bands.shares.size() + 1);
    entry.read_choice("border", bands.border, "the border", kBorders);
}

void check_names(const Node &entry, const Bands &bands) {
    for (std::size_t i = 0; i < bands.classes.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (bands.classes[i].is != bands.classes[j].is || !entry.has("classes")) continue;
            entry.member("classes").value(i).report("there is a class " + quote(bands.classes[i].is) +
                                                    " before it; give it another name");
            break;
        }
    }
    if (bands.missing.empty()) return;
    std::vector<std::string_view> names;
    for (const BandClass &band : bands.classes) names.push_back(band.is);
    if (std::ranges::find(names, bands.missing) == names.end()) {
        const Node missing = entry.member("missing");
        missing.report(missing.unknown("the class", bands.missing, names));
    }
}

}  // namespace

Bands parse_bands(const Node &entry) {
    Bands bands;
    if (!entry.has_shape(shape::kBands)) return bands;
    entry.read("bands", bands.name, &Node::name);
    entry.read("of", bands.of, &Node::expression);
    Per per;
    entry.read("per", per, parse_per);
    bands.subject = per.subject;
    bands.rows = std::move(per.rows);
    entry.read_optional("every", bands.every, parse_unit);

    const bool quantiles = entry.has("quantiles"), shares = entry.has("cumulative_share");
    if (quantiles && shares) {
        entry.report("has \"quantiles\" and \"cumulative_share\"; keep one of them");
        return bands;
    }
    if (!quantiles && !shares && !entry.has("classes")) {
        entry.report(
            "needs \"classes\" with limits, \"quantiles\" with a number or \"cumulative_share\" with shares");
        return bands;
    }
    for (const auto &[key, owner, goes] :
         {std::tuple("good", "quantiles", quantiles), {"border", "cumulative_share", shares}}) {
        if (entry.has(key) && !goes)
            entry.member(key).report("goes with " + quote(owner) + "; name the classes as you want them");
    }
    if (quantiles || shares) {
        bands.kind = quantiles ? Bands::Kind::quantiles : Bands::Kind::cumulative_share;
        read_cuts(entry, bands);
    } else {
        bands.classes = parse_classes(entry.member("classes"));
        if (bands.every) entry.member("every").report("goes with cuts over the whole base; leave it out");
    }
    entry.read("missing", bands.missing, parse_class_name);
    check_names(entry, bands);
    return bands;
}

}  // namespace kith::rules
