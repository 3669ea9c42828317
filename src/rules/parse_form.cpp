#include <algorithm>
#include <array>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kAspectsMax = 16;
constexpr std::size_t kDimensionsMax = 64;
constexpr std::size_t kItemsMax = 1024;
constexpr std::size_t kAboutMax = 16;
constexpr std::array<std::string_view, 2> kRaters{"party", "actor"};
// Besides "process.NAME".
constexpr std::array<std::string_view, 6> kThings{"self",  "party",   "competitor",
                                                  "actor", "product", "campaign"};

base::Result<Item> parse_item(const Node &node) {
    Item item;
    KITH_TRY(node.object(shape::kItem));
    node.read("item", item.name, &Node::name);
    node.read("dimension", item.dimension, &Node::name);
    node.read("group", item.group, &Node::name);
    node.read_optional("scale", item.scale, parse_scale);
    node.read_optional("answer", item.answer, parse_field_type);
    node.read("labels", item.labels, &Node::labels);
    if (node.has("scale") && node.has("answer"))
        node.member("answer").report("has a \"scale\" too; keep one of them");
    return item;
}

// "self|process.plan"
base::Result<std::vector<std::string>> parse_things(const Node &node) {
    if (!node.is(Json::Kind::text)) return node.error("must be text, as \"party\" or \"self|competitor\"");
    std::vector<std::string> things;
    for (std::string_view rest = node.json().text; things.size() < kAboutMax;) {
        const auto end = std::min(rest.find('|'), rest.size());
        const std::string_view thing = rest.substr(0, end);
        if (thing.starts_with("process.") && is_name(thing.substr(8))) {
            node.mention(Mention::Kind::process, thing.substr(8));
        } else if (std::ranges::find(kThings, thing) == kThings.end()) {
            return node.unknown("the thing", thing, kThings);
        }
        things.emplace_back(thing);
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    return things;
}

base::Result<std::string> parse_rater(const Node &node) {
    KITH_LET(index, node.one_of("who answers", kRaters));
    return std::string(kRaters[index]);
}

base::Result<double> parse_share_of(const Node &node) {
    KITH_LET(share, node.number());
    if (!(share > 0 && share <= 1)) return node.error("must be a share more than 0, at most 1");
    return share;
}

// { "tangibles": 4, "reliability": 5 }
void read_dimensions(const Node &node, Form &form) {
    if (!node.is(Json::Kind::object) || node.size() == 0 || node.size() > kDimensionsMax)
        return node.report("must be an object, { \"DIMENSION\": HOW_MANY_ITEMS }");
    for (std::size_t i = 0; i < node.size(); ++i) {
        const auto name = node.name_key(i);
        const auto count = node.value(i).integer(1, kItemsMax);
        if (!name) node.report(name.error());
        if (!count) node.report(count.error());
        if (name && count) form.dimensions.push_back({*name, static_cast<std::uint32_t>(*count)});
    }
}

void check_items(const Node &entry, const Form &form) {
    const Node items = entry.member("items");
    std::vector<std::string_view> dimensions;
    for (const Dimension &dimension : form.dimensions) dimensions.push_back(dimension.name);
    std::vector<std::uint32_t> counts(dimensions.size());
    for (std::size_t i = 0; i < form.items.size(); ++i) {
        const Item &item = form.items[i];
        const Node node = items.value(i);
        const auto same = std::ranges::find(form.items, item.name, &Item::name);
        if (same != form.items.begin() + static_cast<std::ptrdiff_t>(i))
            node.report("there is an item " + quote(item.name) + " before it; give it another name");
        if (!item.scale && !item.answer && !form.scale)
            node.report(
                "has nothing to be answered with; give it or the form a \"scale\", or it an \"answer\"");
        if (item.dimension.empty() || !entry.has("dimensions")) continue;
        const auto found = std::ranges::find(dimensions, item.dimension);
        if (found == dimensions.end()) {
            node.report(node.member("dimension").unknown("the dimension", item.dimension, dimensions));
        } else if (const auto at = static_cast<std::size_t>(found - dimensions.begin());
                   ++counts[at] > form.dimensions[at].items) {
            node.report("is one more item than the dimension " + quote(item.dimension) + " has, " +
                        std::to_string(form.dimensions[at].items) + "; change the number");
        }
    }
}

}  // namespace

Form parse_form(const Node &entry) {
    Form form;
    if (!entry.has_shape(shape::kForm)) return form;
    entry.read("form", form.name, &Node::name);
    entry.read_optional("scale", form.scale, parse_scale);
    entry.read_list("aspects", form.aspects, kAspectsMax, &Node::name);
    if (entry.has("dimensions")) read_dimensions(entry.member("dimensions"), form);
    if (entry.read_list("items", form.items, kItemsMax, parse_item)) check_items(entry, form);
    entry.read_optional("score", form.score, &Node::expression);
    entry.read("least", form.least, parse_share_of);
    // What a form may be about is also text for its readers.
    entry.read("about", form.about, parse_things);
    entry.read("by", form.by, parse_rater);
    entry.read("rate", form.rate, parse_things);
    entry.read("within", form.within, parse_rater);
    entry.read("rounds", form.rounds, &Node::boolean);
    entry.read("rows", form.rows, parse_fields);
    entry.read("ordered", form.ordered, &Node::boolean);
    if (entry.has("rows") && entry.has("items"))
        entry.member("rows").report("has \"items\" too; keep one of them");
    if (!entry.has("rows") && !entry.has("items") && !entry.has("dimensions"))
        entry.report("asks nothing; write \"items\", or \"rows\" of a sheet");
    if (entry.has("ordered") && !entry.has("rows"))
        entry.member("ordered").report("goes with \"rows\"; leave it out");
    return form;
}

}  // namespace kith::rules
