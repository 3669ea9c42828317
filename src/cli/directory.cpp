#include "cli/directory.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "cli/commitments.hpp"
#include "cli/mapping.hpp"

namespace kith::cli {

namespace {

constexpr std::string_view kProductColumns[] = {"key", "name", "category"};
constexpr std::string_view kActorColumns[] = {"key",    "name",     "kind",   "part_of",
                                              "active", "calendar", "skills", "limits"};
constexpr std::string_view kCampaignColumns[] = {"key", "name", "purpose", "starts_at", "ends_at", "budget"};
constexpr std::string_view kLinkColumns[] = {"kind",     "from",   "actor",    "to",    "valid_from",
                                             "valid_to", "stance", "strength", "undone"};
constexpr std::string_view kScoreColumns[] = {"party",
                                              "actor",
                                              "product",
                                              "campaign",
                                              "metric",
                                              "key",
                                              "at",
                                              "period",
                                              "number",
                                              "money",
                                              "currency",
                                              "text",
                                              "nature",
                                              "source",
                                              "confidence",
                                              "method",
                                              "n",
                                              "spread",
                                              "definition_version",
                                              "author",
                                              "system",
                                              "host_key"};

constexpr std::string_view kPartyColumns[] = {"key",   "name", "kind",  "roles", "language", "time_zone",
                                              "owner", "tags", "email", "phone", "card"};
constexpr std::string_view kPartyKinds[] = {"person", "organisation", "household", "anonymous"};
constexpr std::string_view kRoles[] = {"final",   "intermediary", "prospect", "supplier",
                                       "partner", "competitor",   "employee"};
// Of a filled form; the other columns are its answers.
constexpr std::string_view kAnswerColumns[] = {
    "party", "at", "key", "type", "actor", "about_kind", "about", "round", "with_whom", "medium", "campaign"};

constexpr std::string_view kCommitmentColumns[] = {
    "party",     "sort",         "kind",      "name",     "title",    "item",
    "condition", "compensation", "opened_at", "due",      "assignee", "debtor",
    "creditor",  "require",      "explicit",  "internal", "system",   "host_key"};
constexpr std::string_view kEventColumns[] = {"party", "event", "at", "key", "actor", "reason"};

constexpr std::string_view kActorKinds[] = {"staff", "team",   "department", "branch",
                                            "site",  "device", "service"};
constexpr std::string_view kStances[] = {"", "for", "neutral", "against"};
constexpr std::string_view kNatures[] = {"",          "stated", "observed", "inferred",
                                         "estimated", "given",  "computed", "target"};
constexpr std::string_view kLinkKinds[] = {"",         "works_for",  "member_of",     "parent_of",
                                           "refers",   "knows",      "uses",          "decides_for",
                                           "pays_for", "influences", "competes_with", "not_same"};

std::uint32_t word_number(std::span<const std::string_view> words, std::string_view word) {
    return static_cast<std::uint32_t>(std::find(words.begin(), words.end(), word) - words.begin());
}
std::string word_text(std::span<const std::string_view> words, std::uint32_t number) {
    return number < words.size() ? std::string(words[number]) : "unknown";
}

// Reads a row's cells; the first that is wrong is kept.
class Reading {
public:
    Reading(const SheetRow &row, const SheetSettings &settings) : row_(row), settings_(settings) {}

    bool has(std::string_view column) const { return row_.has(column); }
    const std::vector<std::string> &columns() const { return row_.columns(); }
    std::string_view text(std::string_view column) const { return row_.text(column); }
    // Absent where the cell is empty.
    kith_str str(std::string_view column) const {
        const auto found = text(column);
        return found.empty() ? kith_str{} : to_str(found);
    }
    std::optional<kith_time> time(std::string_view column) {
        const auto found = text(column);
        if (found.empty()) return std::nullopt;
        kith_time at = 0;
        if (kith_time_parse(found.data(), found.size(), settings_.zone.data(), settings_.zone.size(), &at,
                            nullptr) == KITH_OK)
            return at;
        wrong(column, "is not a time: write it as 2026-01-31 or 2026-01-31 09:30:00");
        return std::nullopt;
    }
    std::optional<std::int64_t> decimal(std::string_view column, std::uint32_t digits) {
        const auto found = text(column);
        if (found.empty()) return std::nullopt;
        return decimal_of(column, found, digits);
    }
    std::int64_t decimal_of(std::string_view column, std::string_view found, std::uint32_t digits) {
        std::int64_t value = 0;
        if (kith_decimal_parse(found.data(), found.size(), digits, &value, nullptr) != KITH_OK)
            wrong(column, fmt::format("is not a number with at most {} decimals", digits));
        return value;
    }
    std::optional<double> real(std::string_view column) {
        const auto found = text(column);
        if (found.empty()) return std::nullopt;
        double value = 0;
        const auto [end, failed] = std::from_chars(found.data(), found.data() + found.size(), value);
        if (failed != std::errc() || end != found.data() + found.size()) wrong(column, "is not a number");
        return value;
    }
    std::uint32_t word(std::string_view column, std::span<const std::string_view> words,
                       std::uint32_t if_empty) {
        const auto found = text(column);
        if (found.empty()) return if_empty;
        const auto number = word_number(words, found);
        if (number == words.size())
            wrong(column, fmt::format("is none of {}", fmt::join(words.begin() + (words[0].empty() ? 1 : 0),
                                                                 words.end(), ", ")));
        return number;
    }
    bool flag(std::string_view column, bool if_empty) {
        const auto found = text(column);
        if (found.empty()) return if_empty;
        if (found != "true" && found != "false" && found != "1" && found != "0")
            wrong(column, "is neither true nor false");
        return found == "true" || found == "1";
    }
    // "repair:3;german:1"
    std::vector<kith_code_value> code_values(std::string_view column, std::uint32_t digits) {
        std::vector<kith_code_value> values;
        auto rest = text(column);
        while (!rest.empty()) {
            const auto end = std::min(rest.find(';'), rest.size());
            const auto one = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const auto colon = one.rfind(':');
            if (colon == std::string_view::npos) {
                wrong(column, "is not of the form code:3;other:1");
                break;
            }
            values.push_back({to_str(trim(one.substr(0, colon))),
                              decimal_of(column, trim(one.substr(colon + 1)), digits)});
        }
        return values;
    }
    void wrong(std::string_view column, std::string_view what) {
        if (problem_.empty()) problem_ = fmt::format("{} {}", column, what);
    }
    const std::string &problem() const { return problem_; }
    const SheetSettings &settings() const { return settings_; }

private:
    const SheetRow &row_;
    const SheetSettings &settings_;
    std::string problem_;
};

std::string outcome(kith_status status, const kith_error &error) {
    return status == KITH_OK ? std::string() : std::string(error.message);
}

std::string add_product(kith_batch *batch, Reading &in) {
    kith_product product = make<kith_product>();
    product.key = in.str("key");
    product.name = in.str("name");
    std::vector<kith_str> path;
    for (auto rest = in.text("category"); !rest.empty();) {
        const auto end = std::min(rest.find('/'), rest.size());
        path.push_back(to_str(trim(rest.substr(0, end))));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    product.category = path.data();
    product.category_count = path.size();
    if (in.has("name")) product.fields |= KITH_PRODUCT_FIELD_NAME;
    if (in.has("category")) product.fields |= KITH_PRODUCT_FIELD_CATEGORY;
    kith_error error = make_error();
    return outcome(kith_product_put(batch, &product, 0, nullptr, &error), error);
}

std::string add_actor(kith_batch *batch, Reading &in) {
    constexpr std::pair<std::string_view, std::uint32_t> kFields[] = {
        {"kind", KITH_ACTOR_FIELD_KIND},         {"name", KITH_ACTOR_FIELD_NAME},
        {"part_of", KITH_ACTOR_FIELD_PART_OF},   {"active", KITH_ACTOR_FIELD_ACTIVE},
        {"calendar", KITH_ACTOR_FIELD_CALENDAR}, {"skills", KITH_ACTOR_FIELD_SKILLS},
        {"limits", KITH_ACTOR_FIELD_LIMITS}};
    kith_actor actor = make<kith_actor>();
    for (const auto &[column, field] : kFields)
        if (in.has(column)) actor.fields |= field;
    actor.key = in.str("key");
    actor.name = in.str("name");
    actor.kind = in.word("kind", kActorKinds, KITH_ACTOR_STAFF);
    actor.part_of = in.str("part_of");
    actor.active = in.flag("active", true) ? 1 : 0;
    actor.calendar = in.str("calendar");
    const auto skills = in.code_values("skills", 0);
    const auto limits = in.code_values("limits", in.settings().minor_digits);
    actor.skills = skills.data();
    actor.skill_count = skills.size();
    actor.limits = limits.data();
    actor.limit_count = limits.size();
    if (!in.problem().empty()) return in.problem();
    kith_error error = make_error();
    return outcome(kith_actor_put(batch, &actor, 0, nullptr, &error), error);
}

std::string add_campaign(kith_batch *batch, Reading &in) {
    kith_campaign campaign = make<kith_campaign>();
    campaign.key = in.str("key");
    campaign.name = in.str("name");
    campaign.purpose = in.str("purpose");
    if (in.has("name")) campaign.fields |= KITH_CAMPAIGN_FIELD_NAME;
    if (in.has("purpose")) campaign.fields |= KITH_CAMPAIGN_FIELD_PURPOSE;
    const auto set = [&](std::uint32_t field, auto &target, const auto &value) {
        if (!value) return;
        target = *value;
        campaign.fields |= field;
    };
    set(KITH_CAMPAIGN_FIELD_STARTS_AT, campaign.starts_at, in.time("starts_at"));
    set(KITH_CAMPAIGN_FIELD_ENDS_AT, campaign.ends_at, in.time("ends_at"));
    set(KITH_CAMPAIGN_FIELD_BUDGET, campaign.budget, in.decimal("budget", in.settings().minor_digits));
    if (!in.problem().empty()) return in.problem();
    kith_error error = make_error();
    return outcome(kith_campaign_put(batch, &campaign, 0, nullptr, &error), error);
}

kith_ref party_ref(const Reading &in, std::string_view column) {
    kith_ref ref{};
    ref.by = KITH_REF_HOST;
    ref.kind = to_str(in.settings().system);
    ref.value = in.str(column);
    return ref;
}

// Columns field.NAME that are not empty, as they are written.
std::vector<kith_field> field_columns(const Reading &in) {
    std::vector<kith_field> values;
    for (const std::string &column : in.columns()) {
        if (!column.starts_with(kFieldRole) || in.text(column).empty()) continue;
        kith_field &field = values.emplace_back();
        field.name = to_str(std::string_view(column).substr(kFieldRole.size()));
        field.text = in.str(column);
    }
    return values;
}

// An empty cell leaves what is there: a file tells what is known.
std::string add_party(kith_batch *batch, Reading &in) {
    kith_party party = make<kith_party>();
    const std::tuple<std::string_view, std::uint32_t, kith_str *> texts[] = {
        {"name", KITH_PARTY_FIELD_NAME, &party.name},
        {"language", KITH_PARTY_FIELD_LANGUAGE, &party.language},
        {"time_zone", KITH_PARTY_FIELD_TIME_ZONE, &party.time_zone},
        {"owner", KITH_PARTY_FIELD_OWNER, &party.owner},
        {"tags", KITH_PARTY_FIELD_TAGS, &party.tags}};
    for (const auto &[column, field, text] : texts) {
        *text = in.str(column);
        if (text->size > 0) party.fields |= field;
    }
    party.kind = in.word("kind", kPartyKinds, KITH_PARTY_PERSON);
    if (!in.text("kind").empty()) party.fields |= KITH_PARTY_FIELD_KIND;
    for (auto rest = in.text("roles"); !rest.empty();) {
        const auto end = std::min(rest.find(','), rest.size());
        const auto role = word_number(kRoles, trim(rest.substr(0, end)));
        if (role == std::size(kRoles))
            in.wrong("roles", fmt::format("is none of {}", fmt::join(kRoles, ", ")));
        party.roles |= 1U << role;
        party.fields |= KITH_PARTY_FIELD_ROLES;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const std::vector<kith_field> values = field_columns(in);
    party.values = values.data();
    party.value_count = values.size();
    if (!values.empty()) party.fields |= KITH_PARTY_FIELD_VALUES;
    if (in.text("key").empty()) in.wrong("key", "is missing");
    if (!in.problem().empty()) return in.problem();
    kith_error error = make_error();
    const kith_ref ref = party_ref(in, "key");
    std::string wrong =
        outcome(kith_party_put(batch, &ref, KITH_ITEM_CREATE, &party, nullptr, &error), error);
    for (const char *kind : {"email", "phone", "card"}) {
        if (!wrong.empty() || in.text(kind).empty()) continue;
        kith_identifier identifier = make<kith_identifier>();
        identifier.kind = to_str(kind);
        identifier.value = in.str(kind);
        wrong =
            outcome(kith_identifier_add(batch, &ref, KITH_ITEM_CREATE, &identifier, nullptr, &error), error);
    }
    return wrong;
}

std::string add_link(kith_batch *batch, Reading &in) {
    kith_link link = make<kith_link>();
    link.kind = in.word("kind", kLinkKinds, 0);
    link.actor = in.str("actor");
    link.undone = in.flag("undone", false) ? 1 : 0;
    link.stance = in.word("stance", kStances, KITH_STANCE_NONE);
    const auto strength = in.decimal("strength", 0);
    if (strength && (*strength < 0 || *strength > 100))
        in.wrong("strength", "is out of range: 0 to 100 percent");
    link.strength = static_cast<std::uint32_t>(strength.value_or(0));
    if (const auto at = in.time("valid_from")) {
        link.valid_from = *at;
        link.fields |= KITH_LINK_FIELD_VALID_FROM;
    }
    if (const auto at = in.time("valid_to")) {
        link.valid_to = *at;
        link.fields |= KITH_LINK_FIELD_VALID_TO;
    }
    if (!in.problem().empty()) return in.problem();
    const kith_ref from = party_ref(in, "from"), to = party_ref(in, "to");
    kith_error error = make_error();
    return outcome(kith_link_put(batch, &from, &to, KITH_ITEM_CREATE, &link, nullptr, &error), error);
}

std::string add_score(kith_batch *batch, Reading &in, const std::string &key_if_none) {
    kith_score score = make<kith_score>();
    score.subject = KITH_SUBJECT_ALL;  // unless the row names one
    constexpr std::pair<std::string_view, std::uint32_t> kSubjects[] = {{"party", KITH_SUBJECT_PARTY},
                                                                        {"actor", KITH_SUBJECT_ACTOR},
                                                                        {"product", KITH_SUBJECT_PRODUCT},
                                                                        {"campaign", KITH_SUBJECT_CAMPAIGN}};
    for (const auto &[column, subject] : kSubjects) {
        if (in.text(column).empty()) continue;
        if (score.subject != KITH_SUBJECT_ALL) in.wrong(column, "is not the only subject of the row");
        score.subject = subject;
        if (subject != KITH_SUBJECT_PARTY) score.subject_key = in.str(column);
    }
    score.metric = in.str("metric");
    score.key = in.str("key");
    const auto at = in.time("at");
    if (!at) in.wrong("at", "is missing: the time that the value is of");
    score.at = at.value_or(0);
    score.period = in.str("period");
    score.text = in.str("text");
    score.nature = in.word("nature", kNatures, KITH_NATURE_GIVEN);
    score.source = in.str("source");
    score.method = in.str("method");
    score.author = in.str("author");
    score.definition_version = static_cast<std::uint32_t>(in.decimal("definition_version", 0).value_or(0));
    const auto currency = in.text("currency");
    if (!currency.empty() && currency.size() != 3)
        in.wrong("currency", "is no currency code of three letters");
    std::copy_n(currency.begin(), std::min<std::size_t>(currency.size(), 3), score.currency);
    const auto set = [&](std::uint32_t field, auto &target, const auto &value) {
        if (!value) return;
        target = *value;
        score.fields |= field;
    };
    set(KITH_SCORE_FIELD_NUMBER, score.number, in.real("number"));
    set(KITH_SCORE_FIELD_MONEY, score.money, in.decimal("money", in.settings().minor_digits));
    set(KITH_SCORE_FIELD_CONFIDENCE, score.confidence, in.real("confidence"));
    set(KITH_SCORE_FIELD_SPREAD, score.spread, in.real("spread"));
    set(KITH_SCORE_FIELD_N, score.n, in.decimal("n", 0));
    score.system = in.text("system").empty() ? to_str(in.settings().system) : in.str("system");
    score.host_key = in.text("host_key").empty() ? to_str(key_if_none) : in.str("host_key");
    if (!in.problem().empty()) return in.problem();
    const kith_ref party = party_ref(in, "party");
    kith_error error = make_error();
    return outcome(kith_score_append(batch, &party, KITH_ITEM_CREATE, &score, nullptr, &error), error);
}

std::string add_commitment(kith_batch *batch, Reading &in, const std::string &key_if_none) {
    kith_new_commitment one = make<kith_new_commitment>();
    one.sort = in.word("sort", kSortNames, KITH_SORT_TASK);
    if (in.flag("explicit", false)) one.flags |= KITH_COMMITMENT_EXPLICIT;
    if (in.flag("internal", false)) one.flags |= KITH_COMMITMENT_INTERNAL;
    const std::pair<std::string_view, kith_str *> texts[] = {
        {"kind", &one.kind},         {"name", &one.name},           {"title", &one.title},
        {"item", &one.item},         {"condition", &one.condition}, {"compensation", &one.compensation},
        {"assignee", &one.assignee}, {"debtor", &one.debtor},       {"creditor", &one.creditor}};
    for (const auto &[column, text] : texts) *text = in.str(column);
    std::vector<kith_str> require;
    for (auto rest = in.text("require"); !rest.empty();) {
        const auto end = std::min(rest.find(';'), rest.size());
        require.push_back(to_str(trim(rest.substr(0, end))));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    one.require = require.data();
    one.require_count = require.size();
    const auto at = in.time("opened_at");
    if (!at) in.wrong("opened_at", "is missing: when it was made");
    one.opened_at = at.value_or(0);
    if (const auto due = in.time("due")) {
        one.due = *due;
        one.fields = KITH_NEW_COMMITMENT_FIELD_DUE;
    }
    one.system = in.text("system").empty() ? to_str(in.settings().system) : in.str("system");
    one.key = in.text("host_key").empty() ? to_str(key_if_none) : in.str("host_key");
    if (!in.problem().empty()) return in.problem();
    const kith_ref party = party_ref(in, "party");
    kith_error error = make_error();
    return outcome(kith_commitment_make(batch, &party, KITH_ITEM_CREATE, &one, nullptr, &error), error);
}

// "p1.expected" is what the item p1 is expected; of a sheet a column is one.
kith_answer answer_of(const std::string &column, std::string_view text, const SheetSettings &settings) {
    kith_answer answer{};
    answer.text = to_str(text);
    std::string_view item = column;
    if (settings.rows) {
        answer.row = 1;
        answer.aspect = to_str(item);
        return answer;
    }
    const auto dot = item.rfind('.');
    if (dot != std::string_view::npos && std::find(settings.aspects.begin(), settings.aspects.end(),
                                                   item.substr(dot + 1)) != settings.aspects.end()) {
        answer.aspect = to_str(item.substr(dot + 1));
        item = item.substr(0, dot);
    }
    answer.item = to_str(item);
    return answer;
}

std::string add_answers(kith_batch *batch, Reading &in, const SheetRow &row, const std::string &key_if_none) {
    kith_interaction filled = make<kith_interaction>();
    filled.type = in.text("type").empty() ? to_str("form.filled") : in.str("type");
    const auto at = in.time("at");
    if (!at) in.wrong("at", "is missing: when the form was filled");
    filled.at = at.value_or(0);
    filled.system = to_str(in.settings().system);
    filled.key = in.text("key").empty() ? to_str(key_if_none) : in.str("key");
    filled.form = to_str(in.settings().form);
    filled.actor = in.str("actor");
    filled.about_kind = in.str("about_kind");
    filled.about = in.str("about");
    filled.with_whom = in.str("with_whom");
    filled.medium = in.str("medium");
    filled.campaign = in.str("campaign");
    filled.round = static_cast<std::uint32_t>(in.decimal("round", 0).value_or(0));
    std::vector<kith_answer> answers;
    for (const std::string &column : row.columns()) {
        if (std::find(std::begin(kAnswerColumns), std::end(kAnswerColumns), column) !=
            std::end(kAnswerColumns))
            continue;
        if (const auto text = in.text(column); !text.empty())
            answers.push_back(answer_of(column, text, in.settings()));
    }
    filled.answers = answers.data();
    filled.answer_count = answers.size();
    if (!in.problem().empty()) return in.problem();
    const kith_ref party = party_ref(in, "party");
    kith_error error = make_error();
    return outcome(kith_interaction_append(batch, &party, KITH_ITEM_CREATE, &filled, nullptr, &error), error);
}

// A row without an event opens the process.
std::string add_event(kith_batch *batch, Reading &in) {
    kith_process_event event = make<kith_process_event>();
    const auto at = in.time("at");
    if (!at) in.wrong("at", "is missing: when it happened");
    event.process = to_str(in.settings().process);
    event.key = in.str("key");
    event.event = in.str("event");
    event.at = at.value_or(0);
    event.actor = in.str("actor");
    event.reason = in.str("reason");
    const std::vector<kith_field> values = field_columns(in);
    event.values = values.data();
    event.value_count = values.size();
    if (!in.problem().empty()) return in.problem();
    const kith_ref party = party_ref(in, "party");
    kith_error error = make_error();
    const auto add = event.event.size > 0 ? kith_process_send : kith_process_open;
    return outcome(add(batch, &party, KITH_ITEM_CREATE, &event, nullptr, &error), error);
}

// ---- out ----

std::string text_of(const kith_str &text) { return std::string(view(text)); }

std::string time_if(bool present, kith_time at) { return present ? time_text(at) : std::string(); }

std::string codes_text(const kith_code_value *values, std::size_t count, std::uint32_t digits) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out += ';';
        out += fmt::format("{}:{}", view(values[i].code), amount_text(values[i].value, digits));
    }
    return out;
}

std::vector<std::string> row_of(const kith_product &product, std::uint32_t) {
    std::string path;
    for (std::size_t i = 0; i < product.category_count; ++i)
        path += (i > 0 ? "/" : "") + text_of(product.category[i]);
    return {text_of(product.key), text_of(product.name), path};
}

std::vector<std::string> row_of(const kith_actor &actor, std::uint32_t digits) {
    return {text_of(actor.key),
            text_of(actor.name),
            word_text(kActorKinds, actor.kind),
            text_of(actor.part_of),
            actor.active ? "true" : "false",
            text_of(actor.calendar),
            codes_text(actor.skills, actor.skill_count, 0),
            codes_text(actor.limits, actor.limit_count, digits)};
}

std::vector<std::string> row_of(const kith_campaign &campaign, std::uint32_t digits) {
    const auto has = [&](std::uint32_t field) { return (campaign.fields & field) != 0; };
    return {text_of(campaign.key),
            text_of(campaign.name),
            text_of(campaign.purpose),
            time_if(has(KITH_CAMPAIGN_FIELD_STARTS_AT), campaign.starts_at),
            time_if(has(KITH_CAMPAIGN_FIELD_ENDS_AT), campaign.ends_at),
            has(KITH_CAMPAIGN_FIELD_BUDGET) ? amount_text(campaign.budget, digits) : ""};
}

// A party by its host key, by its id where it has none.
std::string party_text(const kith_id &party, const kith_str &key) {
    return is_none(party) ? std::string() : key.size > 0 ? text_of(key) : id_text(party);
}

std::vector<std::string> row_of(const kith_link &link, std::uint32_t) {
    return {word_text(kLinkKinds, link.kind),
            party_text(link.from, link.from_key),
            text_of(link.actor),
            party_text(link.to, link.to_key),
            time_if((link.fields & KITH_LINK_FIELD_VALID_FROM) != 0, link.valid_from),
            time_if((link.fields & KITH_LINK_FIELD_VALID_TO) != 0, link.valid_to),
            word_text(kStances, link.stance),
            link.strength > 0 ? std::to_string(link.strength) : "",
            ""};
}

std::vector<std::string> row_of(const kith_score &score, std::uint32_t digits) {
    const auto has = [&](std::uint32_t field) { return (score.fields & field) != 0; };
    const auto subject = [&](std::uint32_t kind) {
        return score.subject == kind ? text_of(score.subject_key) : std::string();
    };
    const auto real_if = [&](std::uint32_t field, double value) {
        return has(field) ? real_text(value) : std::string();
    };
    return {party_text(score.party, score.party_key),
            subject(KITH_SUBJECT_ACTOR),
            subject(KITH_SUBJECT_PRODUCT),
            subject(KITH_SUBJECT_CAMPAIGN),
            text_of(score.metric),
            text_of(score.key),
            time_text(score.at),
            text_of(score.period),
            real_if(KITH_SCORE_FIELD_NUMBER, score.number),
            has(KITH_SCORE_FIELD_MONEY) ? amount_text(score.money, digits) : "",
            reinterpret_cast<const char *>(score.currency),
            text_of(score.text),
            word_text(kNatures, score.nature),
            text_of(score.source),
            real_if(KITH_SCORE_FIELD_CONFIDENCE, score.confidence),
            text_of(score.method),
            has(KITH_SCORE_FIELD_N) ? std::to_string(score.n) : "",
            real_if(KITH_SCORE_FIELD_SPREAD, score.spread),
            score.definition_version > 0 ? std::to_string(score.definition_version) : "",
            text_of(score.author),
            text_of(score.system),
            text_of(score.host_key)};
}

template <class T>
std::vector<std::vector<std::string>> rows_of_items(const T *const *items, std::size_t count,
                                                    std::uint32_t digits) {
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < count; ++i) rows.push_back(row_of(*items[i], digits));
    return rows;
}

}  // namespace

Sheet sheet_of(std::string_view name) {
    return static_cast<Sheet>(std::find(kSheetNames.begin(), kSheetNames.end(), name) - kSheetNames.begin());
}

std::span<const std::string_view> columns_of(Sheet sheet) {
    switch (sheet) {
        case Sheet::kProducts:
            return kProductColumns;
        case Sheet::kActors:
            return kActorColumns;
        case Sheet::kCampaigns:
            return kCampaignColumns;
        case Sheet::kLinks:
            return kLinkColumns;
        case Sheet::kParties:
            return kPartyColumns;
        case Sheet::kAnswers:
            return kAnswerColumns;
        case Sheet::kCommitments:
            return kCommitmentColumns;
        case Sheet::kEvents:
            return kEventColumns;
        case Sheet::kScores:
            break;
    }
    return kScoreColumns;
}

bool is_column(Sheet sheet, std::string_view name) {
    const auto known = columns_of(sheet);
    if (std::find(known.begin(), known.end(), name) != known.end()) return true;
    return (sheet == Sheet::kParties || sheet == Sheet::kEvents) && name.size() > kFieldRole.size() &&
           name.starts_with(kFieldRole);
}

SheetRow::SheetRow(std::string_view input, const std::vector<std::string> &columns)
    : input_(input), columns_(columns) {}

void SheetRow::read(const std::vector<Cell> &cells) {
    texts_.clear();
    std::string scratch;
    for (const Cell cell : cells) texts_.emplace_back(cell_text(input_, cell, scratch));
}

bool SheetRow::has(std::string_view column) const {
    return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

std::string_view SheetRow::text(std::string_view column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    const auto at = static_cast<std::size_t>(found - columns_.begin());
    return at < texts_.size() ? std::string_view(texts_[at]) : std::string_view();
}

std::string SheetRow::identity() const {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < texts_.size(); ++i)
        if (!texts_[i].empty())
            cells.push_back(fmt::format("{}:{}:{}", columns_[i], texts_[i].size(), texts_[i]));
    std::sort(cells.begin(), cells.end());
    return fmt::format("{}", fmt::join(cells, ""));
}

std::string add_row(kith_batch *batch, Sheet sheet, const SheetRow &row, const SheetSettings &settings,
                    const std::string &key_if_none) {
    Reading in(row, settings);
    switch (sheet) {
        case Sheet::kProducts:
            return add_product(batch, in);
        case Sheet::kActors:
            return add_actor(batch, in);
        case Sheet::kCampaigns:
            return add_campaign(batch, in);
        case Sheet::kLinks:
            return add_link(batch, in);
        case Sheet::kParties:
            return add_party(batch, in);
        case Sheet::kAnswers:
            return add_answers(batch, in, row, key_if_none);
        case Sheet::kCommitments:
            return add_commitment(batch, in, key_if_none);
        case Sheet::kEvents:
            return add_event(batch, in);
        case Sheet::kScores:
            break;
    }
    return add_score(batch, in, key_if_none);
}

std::vector<std::vector<std::string>> rows_of(const Page &page, Sheet sheet, std::uint32_t minor_digits) {
    std::size_t count = 0;
    switch (sheet) {
        case Sheet::kProducts: {
            const auto *const *items = kith_page_products(page.get(), &count);
            return rows_of_items(items, count, minor_digits);
        }
        case Sheet::kActors: {
            const auto *const *items = kith_page_actors(page.get(), &count);
            return rows_of_items(items, count, minor_digits);
        }
        case Sheet::kCampaigns: {
            const auto *const *items = kith_page_campaigns(page.get(), &count);
            return rows_of_items(items, count, minor_digits);
        }
        case Sheet::kLinks: {
            const auto *const *items = kith_page_links(page.get(), &count);
            return rows_of_items(items, count, minor_digits);
        }
        case Sheet::kParties:
        case Sheet::kAnswers:      // interactions are listed by timeline
        case Sheet::kCommitments:  // by `kith commitments`
        case Sheet::kEvents:
        case Sheet::kScores:
            break;
    }
    const auto *const *items = kith_page_scores(page.get(), &count);
    return rows_of_items(items, count, minor_digits);
}

kith_query query_of(Sheet sheet) {
    constexpr std::uint32_t kLists[] = {KITH_LIST_PRODUCTS,
                                        KITH_LIST_ACTORS,
                                        KITH_LIST_CAMPAIGNS,
                                        KITH_LIST_LINKS,
                                        KITH_LIST_SCORES,
                                        0,
                                        0,
                                        0};
    kith_query query = make<kith_query>();
    query.list = kLists[static_cast<std::size_t>(sheet)];
    return query;
}

}  // namespace kith::cli
