#include "engine/batch.hpp"

#include <cmath>

#include "base/text.hpp"
#include "engine/batch_checks.hpp"

namespace kith::engine {
namespace {

namespace field = model::interaction_field;

// What can be said of a filled form without the form.
base::Result<void> check_answers(const InteractionItem &in) {
    for (const auto text : {in.form, in.about_kind, in.about})
        KITH_TRY(check_name(text, "a name of the filled form", field::form));
    if (in.form.empty() && (!in.answers.empty() || !in.about_kind.empty() || !in.about.empty() || in.round))
        return wrong(field::form, base::Status::argument, "there are answers, but to no form: name the form");
    if (in.answers.size() > KITH_MAX_ANSWERS) {
        return wrong(field::form, base::Status::limit,
                     "too many answers: at most " + std::to_string(KITH_MAX_ANSWERS) + " an interaction");
    }
    for (const auto &one : in.answers) {
        KITH_TRY(check_name(one.item, "an answer's item", field::form));
        KITH_TRY(check_name(one.aspect, "an answer's aspect", field::form));
        KITH_TRY(check_text(one.text, KITH_MAX_TEXT_BYTES, "an answer's text", field::form));
        if (one.number && !std::isfinite(*one.number))
            return wrong(field::form, base::Status::argument, "an answer is no finite number");
    }
    return {};
}

}  // namespace

using base::Status;

base::Result<void> check_ref(const Ref &ref, const ItemFlags &flags) {
    using By = Ref::By;
    const bool creates = flags.create || flags.create_anonymous;
    switch (ref.by) {
        case By::none:
            if (!creates) {
                return base::fail(Status::argument,
                                  "the reference names no party: give one, or ask to create it");
            }
            return {};
        case By::id:
            if (!ref.id) return base::fail(Status::argument, "the reference's id is all zero");
            return {};
        case By::host:
            KITH_TRY(check_required(ref.kind, KITH_MAX_NAME_BYTES, "the reference's host system"));
            return check_required(ref.text, KITH_MAX_TEXT_BYTES, "the reference's host key");
        case By::identifier:
            KITH_TRY(check_required(ref.kind, KITH_MAX_NAME_BYTES, "the reference's kind of identifier"));
            KITH_TRY(check_required(ref.text, KITH_MAX_TEXT_BYTES, "the reference's identifier"));
            if (auto normal = base::normalise_identifier(ref.kind, ref.text); !normal)
                return normal.take_error();
            return {};
        case By::item:
            return {};
    }
    return base::fail(Status::argument, "the reference's `by` is unknown: use a KITH_REF_ constant");
}

base::Result<Ref> Batch::copy(const Ref &ref) {
    if (ref.by == Ref::By::item && ref.item >= items_.size()) {
        return base::fail(Status::argument, "the reference names an item that is not in the batch yet");
    }
    auto out = ref;
    out.kind = arena_.copy(ref.kind);
    out.text = arena_.copy(ref.text);
    return out;
}

base::Result<std::uint32_t> Batch::push(Item item) {
    if (items_.size() >= KITH_MAX_BATCH_ITEMS) {
        return base::fail(Status::limit, "the batch is full: at most " +
                                             std::to_string(KITH_MAX_BATCH_ITEMS) +
                                             " items; commit it and go on with the next");
    }
    if (arena_.used() > KITH_MAX_BATCH_BYTES) {
        return base::fail(Status::limit,
                          "the batch is full: at most 64 MiB; commit it and go on with the next");
    }
    outcomes.clear();
    items_.push_back(std::move(item));
    return count() - 1;
}

base::Result<std::span<const FieldItem>> Batch::copy(std::span<const FieldItem> values,
                                                     std::uint32_t at_fault) {
    if (values.size() > KITH_MAX_FIELDS) {
        return wrong(at_fault, Status::limit,
                     "too many fields: at most " + std::to_string(KITH_MAX_FIELDS) + " of a record");
    }
    const auto copies = arena_.array<FieldItem>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        KITH_TRY(check_required(values[i].name, KITH_MAX_NAME_BYTES, "a field's name", at_fault));
        KITH_TRY(check_text(values[i].text, KITH_MAX_TEXT_BYTES, "a field's text", at_fault));
        for (std::size_t j = 0; j < i; ++j) {
            if (copies[j].name == values[i].name)
                return wrong(at_fault, Status::argument, "a field is given twice: give it once");
        }
        copies[i] = values[i];
        copies[i].name = arena_.copy(values[i].name);
        copies[i].text = arena_.copy(values[i].text);
    }
    return std::span<const FieldItem>(copies);
}

base::Result<std::uint32_t> Batch::add(const PartyItem &in) {
    KITH_TRY(check_ref(in.ref, in.flags));
    KITH_TRY(check_name(in.party.name, "the name", model::party_field::name));
    KITH_TRY(check_name(in.party.language, "the language", model::party_field::language));
    KITH_TRY(check_name(in.party.time_zone, "the time zone", model::party_field::time_zone));
    KITH_TRY(check_name(in.party.tags, "the tags", model::party_field::tags));
    KITH_TRY(check_name(in.owner, "the owner", model::party_field::owner));
    if (in.fields & model::party_field::time_zone && !in.party.time_zone.empty()) {
        if (auto zone = base::Zone::find(in.party.time_zone); !zone) {
            auto error = zone.take_error();
            error->field = model::party_field::time_zone;
            return error;
        }
    }
    auto item = in;
    KITH_LET(ref, copy(in.ref));
    item.ref = ref;
    for (auto *text : {&item.party.name, &item.party.language, &item.party.time_zone, &item.party.tags}) {
        KITH_LET(composed, base::to_nfc(*text));
        *text = text->data() ? arena_.copy(composed) : std::string_view();
    }
    item.owner = arena_.copy(in.owner);
    KITH_LET(values, copy(in.values, model::party_field::values));
    item.values = values;
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const IdentifierItem &in) {
    KITH_TRY(check_ref(in.ref, in.flags));
    KITH_TRY(check_required(in.kind, KITH_MAX_NAME_BYTES, "the identifier's kind"));
    KITH_TRY(check_required(in.value, KITH_MAX_TEXT_BYTES, "the identifier's value"));
    KITH_TRY(check_time(in.verified_at, "verified_at"));
    KITH_TRY(check_time(in.valid_from, "valid_from"));
    KITH_TRY(check_time(in.valid_to, "valid_to"));
    if (auto normal = base::normalise_identifier(in.kind, in.value); !normal) return normal.take_error();
    auto item = in;
    KITH_LET(ref, copy(in.ref));
    item.ref = ref;
    item.kind = arena_.copy(in.kind);
    item.value = arena_.copy(in.value);
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const InteractionItem &in) {
    KITH_TRY(check_ref(in.ref, in.flags));
    KITH_TRY(check_required(in.type, KITH_MAX_NAME_BYTES, "the interaction's type", field::type));
    KITH_TRY(check_time(in.at, "the interaction's time", field::at));
    for (const auto text : {in.medium, in.scope, in.topic, in.outcome, in.actor, in.campaign}) {
        KITH_TRY(check_name(text, "a code of the interaction", field::text));
    }
    for (const auto text : {in.personal.with_whom, in.personal.text, in.personal.next_step}) {
        KITH_TRY(check_text(text, KITH_MAX_TEXT_BYTES, "a text of the interaction", field::text));
    }
    if (in.host_key.data()) {
        KITH_TRY(check_required(in.host_key, KITH_MAX_TEXT_BYTES, "the host key", field::key));
        KITH_TRY(check_required(in.system, KITH_MAX_NAME_BYTES, "the host system", field::key));
    } else if (!in.system.empty()) {
        return wrong(field::key, Status::argument,
                     "a host system is given without a host key: give both or none");
    }
    KITH_TRY(model::check_amounts(in.type, in.amount, in.base_amount, in.cost));
    if (in.duration_s && *in.duration_s < 0) {
        return wrong(field::duration, Status::argument, "the duration is negative");
    }
    if (in.corrects) KITH_TRY(check_time(in.corrects->at, "the time in `corrects`", field::corrects));
    if (in.direction > 2) {
        return base::fail(Status::argument, "the direction is unknown: use a KITH_DIRECTION_ constant");
    }
    if (in.lines.size() > KITH_MAX_LINES) {
        return wrong(field::lines, Status::limit,
                     "too many lines: at most " + std::to_string(KITH_MAX_LINES) + " an interaction");
    }
    for (const auto &line : in.lines) {
        KITH_TRY(check_name(line.product, "a line's product", field::lines));
        KITH_TRY(check_name(line.category, "a line's category", field::lines));
        KITH_TRY(model::check_line(in.type, line.quantity, line.unit_price, line.amount, line.margin));
    }
    KITH_TRY(check_answers(in));

    auto item = in;
    KITH_LET(ref, copy(in.ref));
    item.ref = ref;
    for (auto *text : {&item.type, &item.system, &item.host_key, &item.medium, &item.scope, &item.topic,
                       &item.outcome, &item.actor, &item.campaign, &item.personal.with_whom,
                       &item.personal.text, &item.personal.next_step}) {
        *text = arena_.copy(*text);
    }
    if (!in.lines.empty()) {
        const auto lines = arena_.array<LineItem>(in.lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i) {
            lines[i] = in.lines[i];
            lines[i].product = arena_.copy(in.lines[i].product);
            lines[i].category = arena_.copy(in.lines[i].category);
        }
        item.lines = lines;
    }
    KITH_LET(values, copy(in.values, field::values));
    item.values = values;
    for (auto *text : {&item.form, &item.about_kind, &item.about}) *text = arena_.copy(*text);
    if (!in.answers.empty()) {
        const auto answers = arena_.array<AnswerItem>(in.answers.size());
        for (std::size_t i = 0; i < answers.size(); ++i) {
            answers[i] = in.answers[i];
            for (auto *text : {&answers[i].item, &answers[i].aspect, &answers[i].text})
                *text = arena_.copy(*text);
        }
        item.answers = answers;
    }
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const ProcessItem &in) {
    KITH_TRY(check_ref(in.ref, in.flags));
    KITH_TRY(check_required(in.process, KITH_MAX_NAME_BYTES, "the process's name"));
    KITH_TRY(check_text(in.key, KITH_MAX_TEXT_BYTES, "the process's key", 0));
    KITH_TRY(check_name(in.event, "the event"));
    KITH_TRY(check_name(in.actor, "the actor"));
    KITH_TRY(check_text(in.reason, KITH_MAX_TEXT_BYTES, "the reason", 0));
    KITH_TRY(check_time(in.at, "the event's time"));
    auto item = in;
    KITH_LET(ref, copy(in.ref));
    item.ref = ref;
    for (auto *text : {&item.process, &item.key, &item.event, &item.actor, &item.reason})
        *text = text->empty() ? std::string_view() : arena_.copy(*text);
    KITH_LET(values, copy(in.values, 0));
    item.values = values;
    return push(item);
}

base::Result<std::uint32_t> Batch::add_playbook(std::string_view json) {
    if (json.size() > KITH_MAX_RECORD_BYTES) {
        return base::fail(Status::limit, "the playbook is too long: at most 1 MiB; split it");
    }
    KITH_LET(playbook, rules::parse_playbook(json));
    playbooks_.push_back(std::move(playbook));  // first: an item must never name one that is not there
    return push(DefineItem{playbooks_.size() - 1});
}

base::Result<std::uint32_t> Batch::add_setting(std::string_view name, std::string_view json) {
    if (json.size() > KITH_MAX_RECORD_BYTES) return base::fail(Status::limit, "the value is too long");
    KITH_LET(value, base::parse_json(json, 4));
    std::string text = "{";
    base::quote_json(text, name);
    KITH_LET(setting, rules::parse_setting(text + ":" + base::to_text(value) + "}"));
    rules::Playbook playbook;  // without a name: by hand
    playbook.settings.push_back(std::move(setting));
    playbooks_.push_back(std::move(playbook));
    return push(DefineItem{playbooks_.size() - 1});
}

void Batch::clear() {
    items_.clear();
    playbooks_.clear();
    arena_.clear();
    outcomes.clear();
    effects_from = INT64_MIN;
}

}  // namespace kith::engine
