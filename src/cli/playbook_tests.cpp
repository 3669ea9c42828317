#include "cli/playbook_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cli/scratch_store.hpp"

namespace kith::cli {

namespace {

using Tree = nlohmann::ordered_json;

constexpr double kClose = 1e-6;
constexpr kith_time kStoryDay = 86'400'000'000;

// ---- comparing ----

// "60000.00 EUR" as the currency and millionths of it.
std::optional<std::pair<std::string, std::int64_t>> amount_of(const std::string &text) {
    const auto blank = text.find(' ');
    if (blank == std::string::npos || text.size() != blank + 4) return std::nullopt;
    std::int64_t scaled = 0;
    if (kith_decimal_parse(text.data(), blank, kDecimalDigits, &scaled, nullptr) != KITH_OK)
        return std::nullopt;
    return std::pair(text.substr(blank + 1), scaled);
}

std::optional<kith_time> time_of(const std::string &text) {
    kith_time time = 0;
    if (kith_time_parse(text.data(), text.size(), nullptr, 0, &time, nullptr) != KITH_OK) return std::nullopt;
    return time;
}

bool same_text(const std::string &expected, const std::string &found) {
    if (expected == found) return true;
    if (const auto amount = amount_of(expected)) return amount == amount_of(found);
    const auto time = time_of(expected);
    return time && time == time_of(found);
}

bool same_tree(const Tree &expected, const Tree &found) {
    if (expected.is_number() && found.is_number()) {
        const auto a = expected.get<double>(), b = found.get<double>();
        return std::abs(a - b) <= kClose * std::max(1.0, std::abs(a));
    }
    if (expected.is_string() && found.is_string())
        return same_text(expected.get<std::string>(), found.get<std::string>());
    if (expected.is_number() && found.is_string()) return expected.dump() == found.get<std::string>();
    if (expected.is_array() && found.is_array())
        return std::equal(expected.begin(), expected.end(), found.begin(), found.end(), same_tree);
    return expected == found;
}

// ---- what a story tells ----

// Thrown where a step says what this version has no record for.
struct NotAvailable {
    std::string what;
};

std::string text_at(const Tree &object, const char *key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

// One test being told.
class Story {
public:
    Story(const Playbook &playbook, const Tree &test, const std::string &currency)
        : test_(test), scratch_(currency) {
        const Batch batch = new_batch(scratch_.store());
        kith_error error = make_error();
        scratch_.set_now(first_time());
        kith_status status =
            kith_define(batch.get(), playbook.json.data(), playbook.json.size(), nullptr, &error);
        if (status == KITH_OK) status = kith_batch_commit(batch.get(), nullptr, &error);
        if (status != KITH_OK) fail(kFailed, mistake_in(playbook, error.message));
        const Tree tree = Tree::parse(playbook.json);
        for (const Tree &entry : tree["define"]) {
            given_types_[text_at(entry, "metric")] = text_at(entry, "given");
            if (!entry.contains("states")) continue;
            for (const auto &[name, state] : entry["states"].items()) {
                if (state.contains("final")) finals_.emplace(text_at(entry, "process"), name);
            }
        }
    }

    void tell() {
        for (const Tree *step : steps_in_order()) {
            run_due_nightly(time_at((*step)["at"]));
            tell(*step);
        }
        run_due_nightly(end());
        run_due(end());
        snapshot_ = begin_snapshot(scratch_.store());
    }

    Expected look(const std::string &subject, const std::string &path, const Tree &expected) {
        Expected out{subject, path, expected.dump(), "null", "", false};
        const Tree found = path == "refused"       ? Tree(refused_[subject])
                           : path == "commitments" ? commitments_of(subject, expected, out.why)
                                                   : value_of(subject, expression_of(path), out.why);
        out.found = found.dump();
        out.met = same_tree(expected, found);
        return out;
    }

private:
    const Tree &given() const {
        static const Tree kNothing = Tree::array();
        return test_.contains("given") ? test_["given"] : kNothing;
    }

    kith_time time_at(const std::string &text) const {
        const auto time = time_of(text);
        if (!time) fail(kFailed, fmt::format("{} is no time", text));
        return *time;
    }

    std::vector<const Tree *> steps_in_order() const {
        std::vector<const Tree *> steps;
        for (const Tree &step : given()) steps.push_back(&step);
        std::ranges::stable_sort(steps, {}, [&](const Tree *step) { return time_at((*step)["at"]); });
        return steps;
    }

    kith_time first_time() const {
        const auto steps = steps_in_order();
        return steps.empty() ? end() : std::min(end(), time_at((*steps.front())["at"]));
    }

    // When it is looked at: as said, or right after the last step.
    kith_time end() const {
        if (test_.contains("at")) return time_at(test_["at"]);
        kith_time last = 0;
        for (const Tree &step : given()) last = std::max(last, time_at(step["at"]));
        return last;
    }

    void run_due(kith_time now) {
        scratch_.set_now(std::max(scratch_.now(), now));
        kith_error error = make_error();
        check(kith_store_run_due(scratch_.store().get(), now, nullptr, &error), error);
    }

    // What is due is done as a host does it that asks once a day, before anything happens on a new day.
    void run_due_nightly(kith_time now) {
        const kith_time day = now - (now % kStoryDay + kStoryDay) % kStoryDay;
        if (last_night_ == KITH_MIN_TIME) last_night_ = day;
        while (last_night_ < day) run_due(last_night_ += kStoryDay);
    }

    void tell(const Tree &step) {
        if (step.contains("on")) throw NotAvailable{"\"on\" in a step"};
        if (step.contains("score")) return tell_scores(step);
        if (!step.contains("party")) throw NotAvailable{"a step without a party that is no \"score\""};
        if (step.contains("product")) throw NotAvailable{"\"product\" of an event"};
        if (const auto name = text_at(step, "campaign"); !name.empty())
            kinds_.emplace(name, KITH_SUBJECT_CAMPAIGN);
        for (const char *key : {"actor", "by"}) {
            if (const auto name = text_at(step, key); !name.empty()) kinds_.emplace(name, KITH_SUBJECT_ACTOR);
        }
        const auto party = text_at(step, "party");
        kinds_[party] = KITH_SUBJECT_PARTY;
        const Batch batch = new_batch(scratch_.store());
        kith_time recorded_at = time_at(step["at"]);
        scratch_.set_now(std::max(scratch_.now(), recorded_at));
        if (step.contains("process")) {
            tell_process(batch, party, step);
        } else if (step.contains("commitment")) {
            move_commitment(batch, party, step);
        } else if (step.contains("event") || step.contains("form")) {
            tell_event(batch, party, step, recorded_at);
        } else {
            tell_values(batch, party, step);
        }
        scratch_.set_now(std::max(scratch_.now(), recorded_at));
        kith_error error = make_error();
        const kith_status status = kith_batch_commit(batch.get(), nullptr, &error);
        const bool refused = status == KITH_E_RULE || status == KITH_E_STATE;
        if (!refused || !expects_refusal(party)) return check(status, error);
        ++refused_[party];
    }

    bool expects_refusal(const std::string &party) const {
        const Tree &expect = test_["expect"];
        return expect.contains(party) && expect[party].contains("refused");
    }

    static kith_ref ref_to(const std::string &party) {
        kith_ref ref{};
        ref.by = KITH_REF_HOST;
        ref.kind = to_str("test");
        ref.value = to_str(party);
        return ref;
    }

    // "12.50 EUR", or a number of the file's currency; in minor units.
    std::int64_t minor_of(const Tree &value) const {
        std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (const auto blank = text.find(' '); blank != std::string::npos) {
            if (text.substr(blank + 1) != scratch_.currency())
                throw NotAvailable{"an amount in another currency than the first"};
            text.resize(blank);
        }
        kith_error error = make_error();
        std::int64_t minor = 0;
        check(kith_decimal_parse(text.data(), text.size(), scratch_.minor_digits(), &minor, &error), error);
        return minor;
    }

    static std::int64_t decimal_of(const Tree &value) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        kith_error error = make_error();
        std::int64_t scaled = 0;
        check(kith_decimal_parse(text.data(), text.size(), kDecimalDigits, &scaled, &error), error);
        return scaled;
    }

    // What a type defines: read as the type has it.
    static std::string written(const Tree &value) {
        return value.is_string() ? value.get<std::string>() : value.dump();
    }
    static kith_field field_of(kith_str name, kith_str text) {
        kith_field field{};
        field.name = name;
        field.text = text;
        return field;
    }

    Page brief_of(const std::string &party) const {
        const Snapshot snapshot = begin_snapshot(scratch_.store());
        const kith_ref ref = ref_to(party);
        kith_error error = make_error();
        kith_id id{};
        check(kith_party_find(snapshot.get(), &ref, &id, &error), error);
        kith_page *page = nullptr;
        check(kith_brief(snapshot.get(), &id, 0, &page, &error), error);
        return Page(page);
    }

    // { "process": "complaint", "event": "solved", "set": { "solution": "..." } }: to the case with the key,
    // or to the one that runs; "open" opens one.
    void tell_process(const Batch &batch, const std::string &party, const Tree &step) const {
        const auto process = text_at(step, "process"), event_name = text_at(step, "event");
        const bool opens = event_name == "open";
        std::string key = step.contains("key") ? written(step["key"]) : std::string();
        if (!opens && !step.contains("key")) key = key_of_running(party, process);
        kith_process_event event = make<kith_process_event>();
        event.process = to_str(process);
        event.key = to_str(key);
        if (!opens) event.event = to_str(event_name);
        event.at = time_at(step["at"]);
        const auto actor = text_at(step, step.contains("actor") ? "actor" : "by");
        event.actor = to_str(actor);
        std::deque<std::string> kept;
        std::vector<kith_field> values;
        const Tree set = step.contains("set") ? step["set"] : Tree::object();
        for (const auto &[name, value] : set.items()) {
            const std::string &known = kept.emplace_back(name);
            const std::string &text = kept.emplace_back(value.is_null() ? "" : written(value));
            values.push_back(field_of(to_str(known), to_str(text)));
        }
        event.values = values.data();
        event.value_count = values.size();
        const kith_ref ref = ref_to(party);
        kith_error error = make_error();
        const auto add = opens ? kith_process_open : kith_process_send;
        check(add(batch.get(), &ref, opens ? KITH_ITEM_CREATE : 0, &event, nullptr, &error), error);
    }

    std::string key_of_running(const std::string &party, const std::string &process) const {
        const Page brief = brief_of(party);
        std::size_t count = 0;
        const kith_process *const *processes = kith_page_processes(brief.get(), &count);
        std::optional<std::string> key;
        for (std::size_t i = 0; i < count; ++i) {
            if (view(processes[i]->definition) != process) continue;
            if (finals_.contains({process, std::string(view(processes[i]->state))})) continue;
            if (key)
                fail(kFailed,
                     fmt::format("several of {}'s processes {} run; say which: \"key\"", party, process));
            key = view(processes[i]->key);
        }
        return key.value_or("");
    }

    // { "commitment": "win_back", "state": "kept" }: the one of its kind that may come to that state.
    void move_commitment(const Batch &batch, const std::string &party, const Tree &step) const {
        static constexpr std::pair<std::string_view, std::uint32_t> kStates[] = {
            {"accepted", KITH_COMMITMENT_ACCEPTED},
            {"doing", KITH_COMMITMENT_DOING},
            {"kept", KITH_COMMITMENT_KEPT},
            {"broken", KITH_COMMITMENT_BROKEN},
            {"waived", KITH_COMMITMENT_WAIVED},
            {"cancelled", KITH_COMMITMENT_CANCELLED},
            {"compensated", KITH_COMMITMENT_COMPENSATED},
        };
        const auto kind = text_at(step, "commitment"), state = text_at(step, "state");
        const auto to = std::ranges::find_if(kStates, [&](auto &one) { return one.first == state; });
        const Page brief = brief_of(party);
        std::size_t count = 0;
        const kith_commitment *const *commitments = kith_page_commitments(brief.get(), &count);
        const auto end = commitments + count;
        const auto found = std::find_if(commitments, end, [&](auto *one) { return view(one->kind) == kind; });
        if (found == end) fail(kFailed, fmt::format("{} has no open commitment of kind {}", party, kind));
        kith_error error = make_error();
        check(kith_commitment_set_state(batch.get(), &(*found)->id, to->second, time_at(step["at"]), nullptr,
                                        &error),
              error);
    }

    void tell_event(const Batch &batch, const std::string &party, const Tree &step, kith_time &recorded_at) {
        kith_interaction event = make<kith_interaction>();
        std::vector<std::string> kept;
        kept.reserve(step.size() + 16 + (step.contains("values") ? 2 * step["values"].size() : 0));
        const auto keep = [&](const Tree &value) {
            return to_str(kept.emplace_back(value.get<std::string>()));
        };
        event.type = step.contains("event") ? keep(step["event"]) : to_str("form.filled");
        event.at = time_at(step["at"]);
        if (step.contains("channel")) event.medium = keep(step["channel"]);
        for (const char *key : {"by", "actor"}) {
            if (step.contains(key)) event.actor = keep(step[key]);
        }
        if (step.contains("campaign")) event.campaign = keep(step["campaign"]);
        const auto set = [&](const Tree &value, std::uint32_t field, std::int64_t &out) {
            out = minor_of(value);
            event.fields |= field;
        };
        if (step.contains("amount")) set(step["amount"], KITH_INTERACTION_FIELD_AMOUNT, event.amount);
        if (step.contains("cost")) set(step["cost"], KITH_INTERACTION_FIELD_COST, event.cost);
        std::vector<kith_field> fields;
        std::vector<kith_line> lines;
        std::vector<std::string> products;
        if (step.contains("lines")) {
            for (const Tree &line : step["lines"]) products.push_back(text_at(line, "product"));
            for (const Tree &line : step["lines"]) lines.push_back(line_of(line, products[lines.size()]));
        }
        event.lines = lines.data();
        event.line_count = lines.size();
        if (!lines.empty() && !step.contains("amount")) {
            for (const kith_line &line : lines) event.amount += line.amount;
            event.fields |= KITH_INTERACTION_FIELD_AMOUNT;
        }
        const Tree values = step.contains("values") ? step["values"] : Tree::object();
        for (const auto &[key, value] : values.items()) {
            const std::map<std::string_view, kith_str *> texts{
                {"medium", &event.medium},      {"scope", &event.scope},         {"topic", &event.topic},
                {"outcome", &event.outcome},    {"with_whom", &event.with_whom}, {"text", &event.text},
                {"next_step", &event.next_step}};
            if (const auto found = texts.find(key); found != texts.end()) {
                *found->second = keep(value);
            } else if (key == "duration_s") {
                event.duration_s = value.get<std::int64_t>();
                event.fields |= KITH_INTERACTION_FIELD_DURATION;
            } else if (key == "direction") {
                event.direction = value == "in" ? KITH_DIRECTION_IN : KITH_DIRECTION_OUT;
            } else if (step.contains("form") && (key == "about" || key == "about_kind" || key == "round")) {
                continue;
            } else if (key == "recorded_at") {
                recorded_at = time_at(value);
            } else {
                fields.push_back(field_of(keep(key), keep(written(value))));
            }
        }
        event.values = fields.data();
        event.value_count = fields.size();
        FormAnswers answers;
        if (step.contains("form")) fill(step, event, answers);
        const kith_ref ref = ref_to(party);
        kith_error error = make_error();
        check(kith_interaction_append(batch.get(), &ref, KITH_ITEM_CREATE, &event, nullptr, &error), error);
    }

    struct FormAnswers {
        std::vector<kith_answer> all;
        std::deque<std::string> kept;
        kith_str keep(const std::string &text) { return to_str(kept.emplace_back(text)); }
    };

    // { "p1": { "expected": 6, "perceived": 4 }, "p2": 5 }; of a sheet its rows, [{ "box": "S" }].
    void fill(const Tree &step, kith_interaction &event, FormAnswers &out) const {
        event.form = out.keep(text_at(step, "form"));
        const Tree values = step.contains("values") ? step["values"] : Tree::object();
        if (values.contains("about_kind")) event.about_kind = out.keep(text_at(values, "about_kind"));
        if (values.contains("about")) event.about = out.keep(text_at(values, "about"));
        if (values.contains("round")) event.round = values["round"].get<std::uint32_t>();
        const auto add = [&](const std::string &item, const std::string &aspect, std::uint32_t row,
                             const Tree &value) {
            kith_answer answer{};
            if (!item.empty()) answer.item = out.keep(item);
            if (!aspect.empty()) answer.aspect = out.keep(aspect);
            answer.row = row;
            if (value.is_number()) {
                answer.number = value.get<double>();
                answer.fields = KITH_ANSWER_FIELD_NUMBER;
            } else {
                answer.text = out.keep(value.is_string() ? value.get<std::string>() : value.dump());
            }
            out.all.push_back(answer);
        };
        const Tree answers = step.contains("answers") ? step["answers"] : Tree::object();
        std::uint32_t row = 0;
        for (const auto &[item, value] : answers.items()) {
            if (answers.is_array()) ++row;
            if (!value.is_object()) {
                add(item, "", 0, value);
                continue;
            }
            for (const auto &[aspect, one] : value.items()) add(row ? "" : item, aspect, row, one);
        }
        event.answers = out.all.data();
        event.answer_count = out.all.size();
    }

    // { "product": "tea", "quantity": 2, "price": 3.50 }, or with "amount" in place of "price"; and a
    // "margin".
    kith_line line_of(const Tree &line, const std::string &product) {
        kinds_.emplace(product, KITH_SUBJECT_PRODUCT);
        kith_line out{};
        out.product = to_str(product);
        out.quantity = line.contains("quantity") ? decimal_of(line["quantity"]) : KITH_DECIMAL_ONE;
        if (line.contains("price")) out.unit_price = decimal_of(line["price"]);
        if (line.contains("margin")) {
            out.margin = minor_of(line["margin"]);
            out.fields = KITH_LINE_FIELD_MARGIN;
        }
        if (line.contains("amount")) {
            out.amount = minor_of(line["amount"]);
            return out;
        }
        kith_error error = make_error();
        check(kith_line_amount(out.quantity, out.unit_price, scratch_.minor_digits(), &out.amount, &error),
              error);
        return out;
    }

    // { "buying_power": "90000.00 EUR", "year": 2026 }, { "affinity": { "shoes": 0.7 } }: values given of the
    // subject, all for one period where it is named.
    void tell_scores(const Tree &step) {
        static constexpr std::pair<const char *, int> kSubjects[] = {{"party", KITH_SUBJECT_PARTY},
                                                                     {"actor", KITH_SUBJECT_ACTOR},
                                                                     {"product", KITH_SUBJECT_PRODUCT},
                                                                     {"campaign", KITH_SUBJECT_CAMPAIGN},
                                                                     {"all", KITH_SUBJECT_ALL}};
        const auto *subject =
            std::ranges::find_if(kSubjects, [&](auto &one) { return step.contains(one.first); });
        const auto name = text_at(step, subject->first);
        kith_score score = make<kith_score>();
        score.subject = static_cast<std::uint32_t>(subject->second);
        if (subject->second != KITH_SUBJECT_ALL) kinds_[name] = subject->second;
        if (subject->second != KITH_SUBJECT_PARTY) score.subject_key = to_str(name);
        score.nature = KITH_NATURE_GIVEN;
        score.at = time_at(step["at"]);
        std::string period, text;
        for (const auto &[key, value] : step["score"].items()) {
            if (is_period(key)) period = value.is_string() ? value.get<std::string>() : value.dump();
        }
        score.period = to_str(period);
        const kith_ref ref = ref_to(name);
        const Batch batch = new_batch(scratch_.store());
        const auto append = [&](const std::string &metric, const Tree &value) {
            score.metric = to_str(metric);
            set_value(score, given_types_.contains(metric) ? given_types_.at(metric) : "", value, text);
            kith_error error = make_error();
            check(kith_score_append(batch.get(), subject->second == KITH_SUBJECT_PARTY ? &ref : nullptr,
                                    KITH_ITEM_CREATE, &score, nullptr, &error),
                  error);
        };
        for (const auto &[metric, value] : step["score"].items()) {
            if (is_period(metric)) continue;
            score.key = {};
            if (!value.is_object()) {
                append(metric, value);
                continue;
            }
            for (const auto &[key, one] : value.items()) {
                score.key = to_str(key);
                append(metric, one);
            }
        }
        scratch_.set_now(std::max(scratch_.now(), score.at));
        kith_error error = make_error();
        check(kith_batch_commit(batch.get(), nullptr, &error), error);
    }

    static bool is_period(const std::string &key) {
        static constexpr std::string_view kPeriods[] = {"year", "quarter", "month", "week", "day"};
        return std::ranges::find(kPeriods, key) != std::end(kPeriods);
    }

    // As the metric's type has it: times and dates are numbers. `text` keeps what a text points to.
    void set_value(kith_score &score, const std::string &type, const Tree &value, std::string &text) const {
        score.fields = KITH_SCORE_FIELD_NUMBER;
        score.text = {};
        if (value.is_boolean()) {
            score.number = value.get<bool>() ? 1 : 0;
        } else if (type == "money" ||
                   (type.empty() && value.is_string() && amount_of(value.get<std::string>()))) {
            score.fields = KITH_SCORE_FIELD_MONEY;
            score.money = minor_of(value);
        } else if (type == "time" || type == "date") {
            const kith_time time = time_at(value.get<std::string>());
            score.number = static_cast<double>(
                type == "time" ? time : (time - (time % kStoryDay + kStoryDay) % kStoryDay) / kStoryDay);
        } else if (value.is_string()) {
            score.fields = 0;
            text = value.get<std::string>();
            score.text = to_str(text);
        } else {
            score.number = value.get<double>();
        }
    }

    // What is known of a party: its name, owner, language or tags, and identifiers, verified at that time.
    void tell_values(const Batch &batch, const std::string &name, const Tree &step) {
        kith_party party = make<kith_party>();
        kith_error error = make_error();
        const kith_ref ref = ref_to(name);
        std::vector<std::pair<std::string, std::string>> identifiers;
        std::map<std::string, std::string> texts;
        std::vector<kith_field> values;
        for (const auto &[key, value] : step["values"].items()) {
            const std::map<std::string_view, std::pair<kith_str *, std::uint32_t>> fields{
                {"name", {&party.name, KITH_PARTY_FIELD_NAME}},
                {"owner", {&party.owner, KITH_PARTY_FIELD_OWNER}},
                {"language", {&party.language, KITH_PARTY_FIELD_LANGUAGE}},
                {"tags", {&party.tags, KITH_PARTY_FIELD_TAGS}}};
            if (const auto found = fields.find(key); found != fields.end()) {
                *found->second.first = to_str(texts[key] = value.get<std::string>());
                party.fields |= found->second.second;
            } else if (key == "email" || key == "phone" || key == "card") {
                identifiers.emplace_back(key, value.get<std::string>());
            } else {
                const auto [kept, is_new] = texts.try_emplace(key, written(value));
                values.push_back(field_of(to_str(kept->first), to_str(kept->second)));
            }
        }
        party.values = values.data();
        party.value_count = values.size();
        if (!values.empty()) party.fields |= KITH_PARTY_FIELD_VALUES;
        check(kith_party_put(batch.get(), &ref, KITH_ITEM_CREATE, &party, nullptr, &error), error);
        for (const auto &[kind, value] : identifiers) {
            kith_identifier identifier = make<kith_identifier>();
            identifier.kind = to_str(kind);
            identifier.value = to_str(value);
            identifier.verified_at = time_at(step["at"]);
            identifier.fields = KITH_IDENTIFIER_FIELD_VERIFIED_AT;
            check(kith_identifier_add(batch.get(), &ref, 0, &identifier, nullptr, &error), error);
        }
    }

    // ---- what came of it ----

    static std::string expression_of(const std::string &path) {
        const auto dot = path.find('.');
        const std::string head = path.substr(0, dot);
        const std::string rest = dot == std::string::npos ? "" : path.substr(dot + 1);
        if (head == "segment") return fmt::format("in_segment('{}')", rest);
        if (head == "state") return fmt::format("state['{}']", rest);
        if (head != "policy") return path;
        const auto next = rest.find('.');
        if (next == std::string::npos) return path;
        return fmt::format("policy('{}').{}", rest.substr(0, next), rest.substr(next + 1));
    }

    // Null where it is unknown, with the reason.
    Tree value_of(const std::string &name, const std::string &source, std::string &why) {
        const auto kind = name == "all" ? KITH_SUBJECT_ALL
                          : kinds_.contains(name)
                              ? kinds_[name]
                              : throw Failure{kFailed, fmt::format("the test tells nothing of {}", name)};
        kith_error error = make_error();
        kith_expr_options options = make<kith_expr_options>();
        options.definitions = snapshot_.get();
        options.subject = static_cast<std::uint32_t>(kind);
        kith_expr *compiled = nullptr;
        if (kith_expr_compile(source.data(), source.size(), &options, &compiled, &error) != KITH_OK)
            fail(kFailed, fmt::format("{}: {}", source, error.message));
        const Expr expr(compiled);
        kith_subject subject = make<kith_subject>();
        subject.kind = static_cast<std::uint32_t>(kind);
        if (kind == KITH_SUBJECT_PARTY) {
            const kith_ref ref = ref_to(name);
            check(kith_party_find(snapshot_.get(), &ref, &subject.party, &error), error);
        } else if (kind != KITH_SUBJECT_ALL) {
            subject.key = to_str(name);
        }
        kith_expr_eval_options when = make<kith_expr_eval_options>();
        when.fields = KITH_EXPR_FIELD_NOW;
        when.now = end();
        kith_expr_result *made = nullptr;
        const kith_status status =
            kith_expr_eval_subject(snapshot_.get(), expr.get(), &subject, &when, &made, &error);
        const ExprResult result(made);
        if (status == KITH_E_RULE) {
            why = error.message;
            return nullptr;
        }
        check(status, error);
        kith_expr_outcome outcome = make<kith_expr_outcome>();
        check(kith_expr_result_describe(result.get(), &outcome, &error), error);
        return Tree::parse(view(outcome.json));
    }

    // [{ "kind": "win_back", "count": 1 }]: how many are open of each kind that is expected, or in a "state".
    Tree commitments_of(const std::string &name, const Tree &expected, std::string &why) {
        Tree found = expected;
        for (Tree &one : found) {
            if (!one.is_object() || !one.contains("kind")) throw NotAvailable{"commitments without a kind"};
            const auto state = text_at(one, "state");
            one["count"] =
                value_of(name,
                         fmt::format("count(commitments, c, c.kind == '{}' && {})", text_at(one, "kind"),
                                     state.empty() ? "!c.ended" : fmt::format("c.state == '{}'", state)),
                         why);
        }
        return found;
    }

    const Tree &test_;
    ScratchStore scratch_;
    Snapshot snapshot_;
    std::map<std::string, int> kinds_;                      // of those the story names
    std::map<std::string, std::string> given_types_;        // "money", by metric
    std::map<std::string, int> refused_;                    // steps, by party
    std::set<std::pair<std::string, std::string>> finals_;  // states in which a process has ended
    kith_time last_night_ = KITH_MIN_TIME;
};

// The first amount that is told, or that a type costs, else euros.
std::string currency_of(const Tree &playbook, const Tree &test) {
    for (const auto *steps : {&test, &playbook}) {
        const char *list = steps == &test ? "given" : "define";
        if (!steps->contains(list)) continue;
        for (const Tree &step : (*steps)[list]) {
            for (const char *key : {"amount", "cost"}) {
                if (const auto amount = amount_of(text_at(step, key))) return amount->first;
            }
            // A scorecard's name stands in "score" too.
            if (!step.contains("score") || !step["score"].is_object()) continue;
            for (const Tree &value : step["score"]) {
                const auto amount = value.is_string() ? amount_of(value.get<std::string>()) : std::nullopt;
                if (amount) return amount->first;
            }
        }
    }
    return "EUR";
}

}  // namespace

bool TestOutcome::passed() const {
    return not_run.empty() && std::ranges::all_of(expectations, &Expected::met);
}

bool same_value(std::string_view expected_json, std::string_view found_json) {
    return same_tree(Tree::parse(expected_json), Tree::parse(found_json));
}

std::vector<TestOutcome> run_tests(const Playbook &playbook) {
    kith_error error = make_error();
    if (kith_definition_check(playbook.json.data(), playbook.json.size(), &error) != KITH_OK)
        fail(kFailed, mistake_in(playbook, error.message));
    const Tree tree = Tree::parse(playbook.json);
    std::vector<TestOutcome> outcomes;
    if (!tree.contains("tests")) return outcomes;
    for (const Tree &test : tree["tests"]) {
        TestOutcome &outcome = outcomes.emplace_back();
        outcome.name = text_at(test, "test");
        try {
            Story story(playbook, test, currency_of(tree, test));
            story.tell();
            for (const auto &[subject, values] : test["expect"].items()) {
                for (const auto &[path, value] : values.items())
                    outcome.expectations.push_back(story.look(subject, path, value));
            }
        } catch (const NotAvailable &missing) {
            outcome.not_run = missing.what + " is not yet available in this version";
        } catch (const Failure &failure) {
            fail(failure.exit_code,
                 fmt::format("{}: test \"{}\": {}", playbook.name, outcome.name, failure.message));
        } catch (const nlohmann::json::exception &wrong) {
            fail(kFailed, fmt::format("{}: test \"{}\": a value is of the wrong type ({})", playbook.name,
                                      outcome.name, wrong.what()));
        }
    }
    return outcomes;
}

}  // namespace kith::cli
