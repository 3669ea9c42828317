#include "capi/directory.hpp"

#include <algorithm>

#include "capi/page.hpp"
#include "capi/structs.hpp"

namespace kith::capi {

using model::SubjectKind;
static_assert(static_cast<int>(SubjectKind::all) == KITH_SUBJECT_ALL);
static_assert(static_cast<int>(SubjectKind::party) == KITH_SUBJECT_PARTY);
static_assert(static_cast<int>(SubjectKind::actor) == KITH_SUBJECT_ACTOR);
static_assert(static_cast<int>(SubjectKind::product) == KITH_SUBJECT_PRODUCT);
static_assert(static_cast<int>(SubjectKind::campaign) == KITH_SUBJECT_CAMPAIGN);

base::Result<engine::ItemFlags> put_flags_in(std::uint32_t flags) {
    KITH_TRY(check_bits(flags, KITH_ITEM_MUST_NOT_EXIST, "flags"));
    return item_flags_in(flags);
}

base::Result<SubjectKind> subject_kind_in(std::uint32_t subject, const char *name) {
    if (subject <= KITH_SUBJECT_ALL) return static_cast<SubjectKind>(subject);
    return base::fail(base::Status::argument,
                      std::string(name) + " is unknown: use a KITH_SUBJECT_ constant");
}

base::Result<model::LinkKind> link_kind_in(std::string_view word) {
    const auto found = std::ranges::find(model::kLinkWords, word);
    if (!word.empty() && found != model::kLinkWords.end())
        return static_cast<model::LinkKind>(found - model::kLinkWords.begin());
    return base::fail(base::Status::argument,
                      "there is no kind of link of this name: works_for, member_of, ...");
}

base::Result<std::optional<model::Subject>> find_subject(const engine::DirectoryReads &reads,
                                                         SubjectKind kind, const base::Id &party,
                                                         std::string_view key) {
    using Found = std::optional<model::Subject>;
    if (kind == SubjectKind::all) return Found(model::Subject());
    if (kind == SubjectKind::party) return Found(model::Subject{kind, party, 0});
    KITH_LET(code, reads.code(key));
    return code ? Found(model::Subject{kind, {}, *code}) : Found();
}

// ---- pages ----

base::Result<void> PageWriter::add(std::span<const model::Product> products) {
    return put(page_->products, products);
}
base::Result<void> PageWriter::add(std::span<const model::Actor> actors) {
    return put(page_->actors, actors);
}
base::Result<void> PageWriter::add(std::span<const model::Campaign> campaigns) {
    return put(page_->campaigns, campaigns);
}
base::Result<void> PageWriter::add(std::span<const model::Score> scores) {
    return put(page_->scores, scores);
}
base::Result<void> PageWriter::add(std::span<const model::Link> links) { return put(page_->links, links); }

base::Result<void> PageWriter::fill(kith_product &out, const model::Product &in) {
    KITH_TRY(name(out.key, in.key));
    out.name = str_out(in.name);
    const auto category = page_->memory.array<kith_str>(in.category.size());
    for (std::size_t i = 0; i < category.size(); ++i) KITH_TRY(name(category[i], in.category[i]));
    if (!category.empty()) out.category = category.data();
    out.category_count = category.size();
    out.revision = in.revision;
    out.created_at = model::wall_of(in.created);
    out.stamp = in.changed;
    out.fields = KITH_PRODUCT_FIELD_REVISION;
    if (out.name.data) out.fields |= KITH_PRODUCT_FIELD_NAME;
    if (out.category) out.fields |= KITH_PRODUCT_FIELD_CATEGORY;
    return {};
}

base::Result<std::span<const kith_code_value>> PageWriter::code_values(std::span<const model::CodeValue> in) {
    const auto out = page_->memory.array<kith_code_value>(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        KITH_TRY(name(out[i].code, in[i].code));
        out[i].value = in[i].value;
    }
    return std::span<const kith_code_value>(out);
}

base::Result<void> PageWriter::fill(kith_actor &out, const model::Actor &in) {
    KITH_TRY(name(out.key, in.key));
    out.kind = static_cast<std::uint32_t>(in.kind);
    out.active = in.active;
    out.name = str_out(in.name);
    KITH_TRY(name(out.part_of, in.part_of));
    KITH_TRY(name(out.calendar, in.calendar));
    KITH_LET(skills, code_values(in.skills));
    KITH_LET(limits, code_values(in.limits));
    if (!skills.empty()) out.skills = skills.data();
    out.skill_count = skills.size();
    if (!limits.empty()) out.limits = limits.data();
    out.limit_count = limits.size();
    out.revision = in.revision;
    out.created_at = model::wall_of(in.created);
    out.stamp = in.changed;
    out.fields = KITH_ACTOR_FIELD_KIND | KITH_ACTOR_FIELD_ACTIVE | KITH_ACTOR_FIELD_REVISION;
    if (out.name.data) out.fields |= KITH_ACTOR_FIELD_NAME;
    if (out.part_of.data) out.fields |= KITH_ACTOR_FIELD_PART_OF;
    if (out.calendar.data) out.fields |= KITH_ACTOR_FIELD_CALENDAR;
    if (out.skills) out.fields |= KITH_ACTOR_FIELD_SKILLS;
    if (out.limits) out.fields |= KITH_ACTOR_FIELD_LIMITS;
    return {};
}

base::Result<void> PageWriter::fill(kith_campaign &out, const model::Campaign &in) {
    KITH_TRY(name(out.key, in.key));
    out.name = str_out(in.name);
    KITH_TRY(name(out.purpose, in.purpose));
    out.starts_at = in.starts_at.value_or(0);
    out.ends_at = in.ends_at.value_or(0);
    out.budget = in.budget.value_or(0);
    out.revision = in.revision;
    out.created_at = model::wall_of(in.created);
    out.stamp = in.changed;
    out.fields = KITH_CAMPAIGN_FIELD_REVISION;
    if (out.name.data) out.fields |= KITH_CAMPAIGN_FIELD_NAME;
    if (out.purpose.data) out.fields |= KITH_CAMPAIGN_FIELD_PURPOSE;
    if (in.starts_at) out.fields |= KITH_CAMPAIGN_FIELD_STARTS_AT;
    if (in.ends_at) out.fields |= KITH_CAMPAIGN_FIELD_ENDS_AT;
    if (in.budget) out.fields |= KITH_CAMPAIGN_FIELD_BUDGET;
    return {};
}

base::Result<void> PageWriter::fill(kith_score &out, const model::Score &in) {
    out.subject = static_cast<std::uint32_t>(in.key.subject.kind);
    out.nature = static_cast<std::uint32_t>(in.nature);
    out.party = id_out(in.key.subject.party);
    KITH_TRY(name(out.subject_key, in.key.subject.code));
    KITH_TRY(name(out.metric, in.key.metric));
    KITH_TRY(name(out.key, in.key.key));
    out.at = in.key.at;
    KITH_TRY(name(out.period, in.period));
    const auto set = [&](std::uint32_t field, auto &target, const auto &value) {
        if (!value) return;
        out.fields |= field;
        target = *value;
    };
    set(KITH_SCORE_FIELD_NUMBER, out.number, in.number);
    set(KITH_SCORE_FIELD_MONEY, out.money, in.money);
    set(KITH_SCORE_FIELD_CONFIDENCE, out.confidence, in.confidence);
    set(KITH_SCORE_FIELD_N, out.n, in.n);
    set(KITH_SCORE_FIELD_SPREAD, out.spread, in.spread);
    KITH_TRY(name(out.text, in.text));
    if (in.money) {
        const auto currency = in.currency.text();
        std::memcpy(out.currency, currency.data(), std::min(currency.size(), sizeof out.currency - 1));
    }
    out.definition_version = in.definition_version;
    KITH_TRY(name(out.source, in.source));
    KITH_TRY(name(out.method, in.method));
    KITH_TRY(name(out.author, in.author));
    KITH_TRY(name(out.system, in.system));
    out.host_key = str_out(in.host_key);
    out.recorded_at = model::wall_of(in.stamp);
    out.stamp = in.stamp;
    return party_key(out.party_key, in.key.subject.party);
}

base::Result<void> PageWriter::fill(kith_link &out, const model::Link &in) {
    out.kind = static_cast<std::uint32_t>(in.key.kind);
    out.undone = in.undone;
    KITH_TRY(name(out.actor, in.key.from.code));
    out.from = id_out(in.key.from.party);
    out.to = id_out(in.key.to);
    if (in.valid_from) out.fields |= KITH_LINK_FIELD_VALID_FROM;
    if (in.valid_to) out.fields |= KITH_LINK_FIELD_VALID_TO;
    out.valid_from = in.valid_from.value_or(0);
    out.valid_to = in.valid_to.value_or(0);
    out.stance = in.stance;
    out.strength = in.strength;
    out.recorded_at = model::wall_of(in.stamp);
    out.stamp = in.stamp;
    KITH_TRY(party_key(out.from_key, in.key.from.party));
    return party_key(out.to_key, in.key.to);
}

}  // namespace kith::capi

using namespace kith;
using namespace kith::capi;

extern "C" {

const kith_product *const *kith_page_products(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::products);
}

const kith_actor *const *kith_page_actors(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::actors);
}

const kith_campaign *const *kith_page_campaigns(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::campaigns);
}

const kith_score *const *kith_page_scores(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::scores);
}

const kith_link *const *kith_page_links(const kith_page *page, size_t *out_count) {
    return items_of(page, out_count, &Page::links);
}
}
