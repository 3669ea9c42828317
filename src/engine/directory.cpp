// Products, actors and campaigns: what the host's codes stand for, put by key.
#include <algorithm>

#include "engine/session.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

namespace {

constexpr int kTreeDepthMax = 1000;

base::Error there_already(const char *what) {
    return base::fail(Status::exists,
                      std::string(what) + " is there already: leave out must_not_exist to change it");
}

base::Error changed_since(const char *what) {
    return base::fail(Status::conflict,
                      std::string(what) + " has changed since it was read: read it again, then put");
}

// Sets the fields asked for, and remembers which changed.
class Setter {
public:
    explicit Setter(std::uint32_t fields) : fields_(fields) {}
    template <class T, class Value>
    void set(std::uint32_t bit, T &target, const Value &value) {
        if (!(fields_ & bit) || same(target, value)) return;
        target = value;
        changed_ |= bit;
    }
    std::uint32_t changed() const { return changed_; }

private:
    template <class T, class Value>
    static bool same(const T &a, const Value &b) {
        if constexpr (requires { a.begin() + 1, a.subspan(0); }) {
            return std::ranges::equal(a, b);
        } else if constexpr (requires { a.data(); }) {
            return a == b && !a.data() == !b.data();  // absent is not empty
        } else {
            return a == b;
        }
    }
    std::uint32_t fields_, changed_ = 0;
};

}  // namespace

// The row of a code, which the item may be right about: there or not, and its revision (a bit of its fields).
template <class Record, class Item, class Decode>
base::Result<std::optional<Record>> Session::row_to_put(Table table, model::Name code, const Item &item,
                                                        std::uint32_t revision, Decode decode,
                                                        const char *what) {
    KITH_LET(row, overlay_.get(table, index::by_number(code)));
    if (row && item.flags.must_not_exist) return there_already(what);
    auto found = row ? std::optional<Record>(decode(code, *row)) : std::nullopt;
    if (item.fields & revision && item.revision != (found ? found->revision : 0)) return changed_since(what);
    return found;
}

template <class Record>
base::Result<Outcome> Session::put_row(Table table, model::ChangeKind kind, bool created,
                                       std::uint32_t changed, Record &record) {
    if (!created && changed == 0) return Outcome{ItemResult::unchanged, {}, {}, false};
    if (created) record.created = meta_.stamp;
    record.changed = meta_.stamp;
    ++record.revision;
    overlay_.put(table, index::by_number(record.key), encoder_.encode(record));
    auto change = model::change_of(kind, created ? model::Operation::created : model::Operation::changed, {},
                                   {}, record.key);
    change.changed = changed;
    KITH_TRY(record_change(change));
    return Outcome{created ? ItemResult::created : ItemResult::changed, {}, {}, false};
}

base::Result<Outcome> Session::apply_product(const ProductItem &item) {
    namespace field = model::product_field;
    KITH_LET(code, name(item.key));
    KITH_LET(found, row_to_put<model::Product>(Table::products, code, item, field::revision,
                                               record::decode_product, "the product"));
    auto product = found.value_or(model::Product());
    product.key = code;
    std::vector<model::Name> category;
    for (const auto each : item.category) {
        KITH_LET(one, name(each));
        category.push_back(one);
    }
    Setter setter(item.fields);
    setter.set(field::name, product.name, item.name);
    setter.set(field::category, product.category, std::span<const model::Name>(category));
    products_ = true;
    categories_.erase(code);
    return put_row(Table::products, model::ChangeKind::product, !found,
                   found ? setter.changed() : item.fields & ~field::revision, product);
}

// The last code of a product's category; 0 if it has none.
base::Result<model::Name> Session::category_of(model::Name product) {
    if (!products_ || product == 0) return model::Name{0};
    if (const auto known = categories_.find(product); known != categories_.end()) return known->second;
    KITH_LET(row, overlay_.get(Table::products, index::by_number(product)));
    const auto category =
        row ? record::decode_product(product, *row).category : std::span<const model::Name>();
    return categories_[product] = category.empty() ? 0 : category.back();
}

base::Result<std::vector<model::CodeValue>> Session::code_values(std::span<const CodeValueItem> items) {
    std::vector<model::CodeValue> values;
    for (const auto &item : items) {
        KITH_LET(code, name(item.code));
        values.push_back({code, 0, item.value});
    }
    return values;
}

// Law: trees stay trees. `part_of` is walked up to the root, or to an actor that has no record yet.
base::Result<void> Session::check_part_of(model::Name actor, model::Name part_of) {
    auto at = part_of;
    for (int depth = 0; at != 0; ++depth) {
        if (at == actor || depth == kTreeDepthMax) {
            auto error = at == actor
                             ? base::fail(Status::rule,
                                          "part_of would close a cycle: the actor it names is the actor "
                                          "itself or below it; move that one first")
                             : base::fail(Status::limit, "the tree of actors is deeper than 1,000");
            error.field = model::actor_field::part_of;
            return error;
        }
        KITH_LET(row, overlay_.get(Table::actors, index::by_number(at)));
        at = row ? record::decode_actor(at, *row).part_of : 0;
    }
    return {};
}

base::Result<Outcome> Session::apply_actor(const ActorItem &item) {
    namespace field = model::actor_field;
    KITH_LET(code, name(item.key));
    KITH_LET(found, row_to_put<model::Actor>(Table::actors, code, item, field::revision, record::decode_actor,
                                             "the actor"));
    auto actor = found.value_or(model::Actor());
    actor.key = code;
    model::Name part_of = 0;
    if (item.part_of != model::kSelf) {  // of the enterprise itself: the same as of nothing else
        KITH_LET(above, name(item.part_of));
        part_of = above;
    }
    KITH_LET(calendar, name(item.calendar));
    KITH_LET(skills, code_values(item.skills));
    KITH_LET(limits, code_values(item.limits));
    if (item.fields & field::part_of && part_of != actor.part_of) KITH_TRY(check_part_of(code, part_of));
    Setter setter(item.fields);
    setter.set(field::kind, actor.kind, item.kind);
    setter.set(field::name, actor.name, item.name);
    setter.set(field::part_of, actor.part_of, part_of);
    setter.set(field::active, actor.active, item.active);
    setter.set(field::calendar, actor.calendar, calendar);
    setter.set(field::skills, actor.skills, std::span<const model::CodeValue>(skills));
    setter.set(field::limits, actor.limits, std::span<const model::CodeValue>(limits));
    return put_row(Table::actors, model::ChangeKind::actor, !found,
                   found ? setter.changed() : item.fields & ~field::revision, actor);
}

base::Result<Outcome> Session::apply_campaign(const CampaignItem &item) {
    namespace field = model::campaign_field;
    KITH_LET(code, name(item.key));
    KITH_LET(found, row_to_put<model::Campaign>(Table::campaigns, code, item, field::revision,
                                                record::decode_campaign, "the campaign"));
    auto campaign = found.value_or(model::Campaign());
    campaign.key = code;
    KITH_LET(purpose, name(item.purpose));
    Setter setter(item.fields);
    setter.set(field::name, campaign.name, item.name);
    setter.set(field::purpose, campaign.purpose, purpose);
    setter.set(field::starts_at, campaign.starts_at, std::optional(item.starts_at));
    setter.set(field::ends_at, campaign.ends_at, std::optional(item.ends_at));
    setter.set(field::budget, campaign.budget, std::optional(item.budget));
    if (campaign.starts_at && campaign.ends_at && *campaign.ends_at < *campaign.starts_at) {
        auto error = base::fail(Status::argument, "the campaign ends before it starts: mend one of the two");
        error.field = field::ends_at;
        return error;
    }
    return put_row(Table::campaigns, model::ChangeKind::campaign, !found,
                   found ? setter.changed() : item.fields & ~field::revision, campaign);
}

}  // namespace kith::engine
