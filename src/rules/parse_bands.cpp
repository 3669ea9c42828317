#include <array>

#include "rules/parse.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kClassesMax = 64;
constexpr std::int64_t kQuantilesMax = 100;

constexpr std::array<std::string_view, 6> kBandFigures{"recency_days", "recency_months", "orders",
                                                       "orders_24m",   "monetary",       "mean_amount"};

base::Result<BandClass> parse_class(const Node &node, bool last) {
    KITH_TRY(node.object({"is"}, {"up_to", "below", "labels"}, {"internal"}));
    KITH_TRY(node.notes());
    BandClass band;
    if (node.has("up_to") && node.has("below"))
        return node.error("has \"up_to\" and \"below\"; keep one of them");
    const bool limited = node.has("up_to") || node.has("below");
    if (last && limited) return node.error("the last class has no limit, so that every value has a class");
    if (!last && !limited)
        return node.error("needs \"up_to\" or \"below\"; only the last class has no limit");
    if (limited) {
        band.included = node.has("up_to");
        KITH_LET(limit, node.member(band.included ? "up_to" : "below").number());
        band.limit = limit;
    }
    const Node is = node.member("is");
    if (is.is(Json::Kind::integer)) {
        KITH_LET(number, is.integer(0, 1'000'000));
        band.is = std::to_string(number);
    } else {
        KITH_LET(name, is.name());
        band.is = std::move(name);
    }
    return band;
}

base::Result<std::vector<BandClass>> parse_classes(const Node &node) {
    KITH_TRY(node.array(kClassesMax));
    std::vector<BandClass> classes;
    for (std::size_t i = 0; i < node.size(); ++i) {
        KITH_LET(band, parse_class(node.value(i), i + 1 == node.size()));
        if (i > 0 && band.limit && *band.limit <= *classes.back().limit) {
            return node.value(i).error("the limits must rise from class to class; put the classes in order");
        }
        classes.push_back(std::move(band));
    }
    return classes;
}

}  // namespace

base::Result<Bands> parse_bands(const Node &entry) {
    KITH_TRY(entry.object({"bands", "of"}, {"classes", "quantiles", "good", "about", "source", "labels"},
                          {"cumulative_share", "border", "every", "missing", "per"}));
    Bands bands;
    KITH_LET(name, entry.member("bands").name());
    bands.name = std::move(name);
    KITH_LET(figure, entry.member("of").one_of("the figure", kBandFigures));
    bands.of = kBandFigures[figure];

    if (entry.has("classes") == entry.has("quantiles")) {
        return entry.error("needs either \"classes\" with limits or \"quantiles\" with a number");
    }
    if (entry.has("classes")) {
        if (entry.has("good"))
            return entry.error("\"good\" goes with \"quantiles\"; name the classes as you want them");
        KITH_LET(classes, parse_classes(entry.member("classes")));
        bands.classes = std::move(classes);
        return bands;
    }
    KITH_LET(quantiles, entry.member("quantiles").integer(2, kQuantilesMax));
    bands.quantiles = static_cast<std::uint32_t>(quantiles);
    for (std::int64_t i = 1; i <= quantiles; ++i)
        bands.classes.push_back({std::nullopt, true, std::to_string(i)});
    if (entry.has("good")) {
        static constexpr std::array<std::string_view, 2> kGood{"up", "down"};
        KITH_LET(good, entry.member("good").one_of("the direction", kGood));
        bands.reversed = good == 1;
    }
    return bands;
}

}  // namespace kith::rules
