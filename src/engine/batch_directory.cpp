// Items about products, actors, campaigns, scores and links: checked without the file.
#include <algorithm>
#include <cmath>

#include "base/money.hpp"
#include "engine/batch.hpp"
#include "engine/batch_checks.hpp"

namespace kith::engine {

using base::Status;

namespace {

base::Result<void> check_codes(std::span<const CodeValueItem> values, const char *what, std::uint32_t field) {
    if (values.size() > KITH_MAX_CODES)
        return wrong(field, Status::limit, std::string("too many ") + what + ": at most 256");
    for (auto one = values.begin(); one != values.end(); ++one) {
        KITH_TRY(check_required(one->code, KITH_MAX_NAME_BYTES, "a code", field));
        if (std::any_of(values.begin(), one, [&](const auto &other) { return other.code == one->code; }))
            return wrong(field, Status::argument,
                         std::string("a code stands twice among the ") + what + ": give it once");
    }
    return {};
}

base::Result<void> check_number(const std::optional<double> &number, const char *what) {
    if (!number || std::isfinite(*number)) return {};
    return base::fail(Status::argument, std::string(what) + " is not a finite number: leave it out");
}

}  // namespace

std::span<const CodeValueItem> Batch::copy(std::span<const CodeValueItem> values) {
    const auto copies = arena_.array<CodeValueItem>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        copies[i] = {arena_.copy(values[i].code), values[i].value};
    return copies;
}

base::Result<std::uint32_t> Batch::add(const ProductItem &in) {
    namespace field = model::product_field;
    KITH_TRY(check_required(in.key, KITH_MAX_NAME_BYTES, "the product's key"));
    KITH_TRY(check_name(in.name, "the product's name", field::name));
    if (in.category.size() > KITH_MAX_CATEGORY_DEPTH)
        return wrong(field::category, Status::limit, "the category is too deep: at most 32 codes");
    for (const auto code : in.category)
        KITH_TRY(check_required(code, KITH_MAX_NAME_BYTES, "a code of the category", field::category));
    KITH_LET(name, base::to_nfc(in.name));
    auto item = in;
    item.key = arena_.copy(in.key);
    item.name = in.name.data() ? arena_.copy(name) : std::string_view();
    const auto category = arena_.array<std::string_view>(in.category.size());
    for (std::size_t i = 0; i < category.size(); ++i) category[i] = arena_.copy(in.category[i]);
    item.category = category;
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const ActorItem &in) {
    namespace field = model::actor_field;
    KITH_TRY(check_required(in.key, KITH_MAX_NAME_BYTES, "the actor's key"));
    KITH_TRY(check_name(in.name, "the actor's name", field::name));
    KITH_TRY(check_name(in.part_of, "part_of", field::part_of));
    KITH_TRY(check_name(in.calendar, "the calendar", field::calendar));
    if (in.kind > model::ActorKind::service) {
        return wrong(field::kind, Status::argument,
                     "the actor's kind is unknown: use staff, team, department, branch, site, device or "
                     "service");
    }
    KITH_TRY(check_codes(in.skills, "skills", field::skills));
    KITH_TRY(check_codes(in.limits, "limits", field::limits));
    if (in.key == model::kSelf && in.fields & field::part_of && !in.part_of.empty()) {
        return wrong(field::part_of, Status::argument,
                     "`self` is the root of the tree of actors: it is part of nothing");
    }
    KITH_LET(name, base::to_nfc(in.name));
    auto item = in;
    item.key = arena_.copy(in.key);
    item.name = in.name.data() ? arena_.copy(name) : std::string_view();
    item.part_of = arena_.copy(in.part_of);
    item.calendar = arena_.copy(in.calendar);
    item.skills = copy(in.skills);
    item.limits = copy(in.limits);
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const CampaignItem &in) {
    namespace field = model::campaign_field;
    KITH_TRY(check_required(in.key, KITH_MAX_NAME_BYTES, "the campaign's key"));
    KITH_TRY(check_name(in.name, "the campaign's name", field::name));
    KITH_TRY(check_name(in.purpose, "the purpose", field::purpose));
    if (in.fields & field::starts_at) KITH_TRY(check_time(in.starts_at, "starts_at", field::starts_at));
    if (in.fields & field::ends_at) KITH_TRY(check_time(in.ends_at, "ends_at", field::ends_at));
    if (in.fields & field::budget && (in.budget < 0 || in.budget > base::kMaxAmount)) {
        return wrong(field::budget, in.budget < 0 ? Status::argument : Status::limit,
                     "the budget is out of range: 0 to 900,000,000,000,000,000 minor units");
    }
    KITH_LET(name, base::to_nfc(in.name));
    auto item = in;
    item.key = arena_.copy(in.key);
    item.name = in.name.data() ? arena_.copy(name) : std::string_view();
    item.purpose = arena_.copy(in.purpose);
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const ScoreItem &in) {
    using model::SubjectKind;
    if (in.kind > SubjectKind::all)
        return base::fail(Status::argument, "the subject is unknown: use a KITH_SUBJECT_ constant");
    if (in.kind == SubjectKind::party) {
        KITH_TRY(check_ref(in.ref, in.flags));
    } else if (in.kind != SubjectKind::all) {
        KITH_TRY(check_required(in.subject_key, KITH_MAX_NAME_BYTES, "the subject's key"));
    }
    KITH_TRY(check_required(in.metric, KITH_MAX_NAME_BYTES, "the metric's name"));
    for (const auto text : {in.key, in.period, in.source, in.method, in.author, in.text})
        KITH_TRY(check_name(text, "a code of the score"));
    KITH_TRY(check_time(in.at, "the score's time"));
    if (in.host_key.data()) {
        KITH_TRY(check_required(in.host_key, KITH_MAX_TEXT_BYTES, "the host key"));
        KITH_TRY(check_required(in.system, KITH_MAX_NAME_BYTES, "the host system"));
    } else if (!in.system.empty()) {
        return base::fail(Status::argument, "a host system is given without a host key: give both or none");
    }
    if (in.nature < model::Nature::stated || in.nature > model::Nature::target)
        return base::fail(Status::argument, "the score's nature is unknown: use a KITH_NATURE_ constant");
    if ((in.number ? 1 : 0) + (in.money ? 1 : 0) + (in.text.empty() ? 0 : 1) != 1)
        return base::fail(Status::argument,
                          "a score has one value: give a number, an amount of money or a text");
    KITH_TRY(check_number(in.number, "the score's number"));
    KITH_TRY(check_number(in.confidence, "the confidence"));
    KITH_TRY(check_number(in.spread, "the spread"));
    if (in.confidence && (*in.confidence < 0 || *in.confidence > 1))
        return base::fail(Status::argument, "the confidence is out of range: 0 to 1");
    if (in.money && (*in.money > base::kMaxAmount || *in.money < -base::kMaxAmount))
        return base::fail(Status::limit,
                          "the amount is too large: at most 900,000,000,000,000,000 minor units");
    if (in.n && *in.n < 0) return base::fail(Status::argument, "n is negative: it counts what was looked at");
    auto item = in;
    KITH_LET(ref, copy(in.ref));
    item.ref = ref;
    for (auto *text : {&item.subject_key, &item.metric, &item.key, &item.period, &item.source, &item.method,
                       &item.author, &item.system, &item.host_key, &item.text})
        *text = arena_.copy(*text);
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const LinkItem &in) {
    if (in.kind < model::LinkKind::works_for || in.kind > model::LinkKind::not_same)
        return base::fail(Status::argument, "the link's kind is unknown: use a KITH_LINK_ constant");
    if (in.actor.empty()) {
        KITH_TRY(check_ref(in.from, in.flags));
    } else {
        KITH_TRY(check_name(in.actor, "the actor's key"));
    }
    KITH_TRY(check_ref(in.to, in.flags));
    KITH_TRY(check_time(in.valid_from, "valid_from"));
    KITH_TRY(check_time(in.valid_to, "valid_to"));
    if (in.valid_from && in.valid_to && *in.valid_to <= *in.valid_from)
        return base::fail(Status::argument, "valid_to is not after valid_from: a link holds until valid_to");
    if (in.stance > 3)
        return base::fail(Status::argument, "the stance is unknown: use a KITH_STANCE_ constant");
    if (in.strength > 100)
        return base::fail(Status::argument, "the strength is out of range: 0 to 100 percent");
    if ((in.stance || in.strength) && in.kind != model::LinkKind::influences)
        return base::fail(Status::argument, "only `influences` has a stance and a strength: leave them out");
    auto item = in;
    KITH_LET(from, copy(in.from));
    KITH_LET(to, copy(in.to));
    item.from = from;
    item.to = to;
    item.actor = arena_.copy(in.actor);
    return push(item);
}

}  // namespace kith::engine
