#include <kith/interaction.h>

#include "capi/batch.hpp"
#include "capi/fields.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

namespace field = model::interaction_field;
static_assert(field::amount == KITH_INTERACTION_FIELD_AMOUNT);
static_assert(field::base_amount == KITH_INTERACTION_FIELD_BASE_AMOUNT);
static_assert(field::corrects == KITH_INTERACTION_FIELD_CORRECTS);
static_assert(field::cost == KITH_INTERACTION_FIELD_COST);
static_assert(field::duration == KITH_INTERACTION_FIELD_DURATION);
static_assert(field::type == KITH_INTERACTION_FIELD_TYPE && field::at == KITH_INTERACTION_FIELD_AT);
static_assert(field::currency == KITH_INTERACTION_FIELD_CURRENCY &&
              field::lines == KITH_INTERACTION_FIELD_LINES);
static_assert(field::key == KITH_INTERACTION_FIELD_KEY && field::text == KITH_INTERACTION_FIELD_TEXT);
static_assert(field::values == KITH_INTERACTION_FIELD_VALUES);
static_assert(field::form == KITH_INTERACTION_FIELD_FORM);
static_assert(base::kMaxAmount == KITH_MAX_AMOUNT && base::kDecimalOne == KITH_DECIMAL_ONE);

constexpr std::uint32_t kFields =
    field::amount | field::base_amount | field::corrects | field::cost | field::duration;

base::Error wrong(std::uint32_t at_fault, base::Status status, std::string message) {
    auto error = base::fail(status, std::move(message));
    error.field = at_fault;
    return error;
}

base::Result<void> lines_in(const kith_line *lines, std::size_t count, std::vector<engine::LineItem> &out) {
    out.clear();
    if (count == 0) return {};
    if (!lines)
        return wrong(field::lines, base::Status::argument, "lines is NULL with a count: give the lines");
    if (count > KITH_MAX_LINES) {
        return wrong(field::lines, base::Status::limit,
                     "too many lines: at most " + std::to_string(KITH_MAX_LINES) + " an interaction");
    }
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        KITH_LET(product, view_in(lines[i].product, "a line's product"));
        KITH_LET(category, view_in(lines[i].category, "a line's category"));
        KITH_TRY(check_bits(lines[i].fields, KITH_LINE_FIELD_MARGIN, "a line's fields"));
        KITH_TRY(check_reserved(lines[i].reserved));
        const bool margin = lines[i].fields & KITH_LINE_FIELD_MARGIN;
        out.push_back({product, lines[i].quantity, lines[i].unit_price, lines[i].amount, category,
                       margin ? std::optional(lines[i].margin) : std::nullopt});
    }
    return {};
}

base::Result<void> answers_in(const kith_answer *answers, std::size_t count,
                              std::vector<engine::AnswerItem> &out) {
    out.clear();
    if (count == 0) return {};
    if (!answers)
        return wrong(field::form, base::Status::argument, "answers is NULL with a count: give the answers");
    if (count > KITH_MAX_ANSWERS) {
        return wrong(field::form, base::Status::limit,
                     "too many answers: at most " + std::to_string(KITH_MAX_ANSWERS) + " an interaction");
    }
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto &in = answers[i];
        KITH_LET(item, view_in(in.item, "an answer's item"));
        KITH_LET(aspect, view_in(in.aspect, "an answer's aspect"));
        KITH_LET(text, view_in(in.text, "an answer's text"));
        KITH_TRY(check_bits(in.fields, KITH_ANSWER_FIELD_NUMBER, "an answer's fields"));
        const bool number = in.fields & KITH_ANSWER_FIELD_NUMBER;
        if (number == (text.data() != nullptr))
            return wrong(field::form, base::Status::argument, "an answer is a number or a text: give one");
        out.push_back({item, aspect, text, number ? std::optional(in.number) : std::nullopt, in.row});
    }
    return {};
}

base::Result<void> texts_in(const kith_interaction &in, engine::InteractionItem &out) {
    const auto set = [](std::string_view &target, const kith_str &text,
                        const char *name) -> base::Result<void> {
        KITH_LET(view, view_in(text, name));
        target = view;
        return {};
    };
    KITH_TRY(set(out.type, in.type, "interaction->type"));
    KITH_TRY(set(out.system, in.system, "interaction->system"));
    KITH_TRY(set(out.host_key, in.key, "interaction->key"));
    KITH_TRY(set(out.medium, in.medium, "interaction->medium"));
    KITH_TRY(set(out.scope, in.scope, "interaction->scope"));
    KITH_TRY(set(out.topic, in.topic, "interaction->topic"));
    KITH_TRY(set(out.outcome, in.outcome, "interaction->outcome"));
    KITH_TRY(set(out.actor, in.actor, "interaction->actor"));
    KITH_TRY(set(out.campaign, in.campaign, "interaction->campaign"));
    KITH_TRY(set(out.personal.with_whom, in.with_whom, "interaction->with_whom"));
    KITH_TRY(set(out.personal.text, in.text, "interaction->text"));
    KITH_TRY(set(out.form, in.form, "interaction->form"));
    KITH_TRY(set(out.about_kind, in.about_kind, "interaction->about_kind"));
    KITH_TRY(set(out.about, in.about, "interaction->about"));
    return set(out.personal.next_step, in.next_step, "interaction->next_step");
}

// What an item's lines, values and answers point into, until it is added.
struct Scratch {
    std::vector<engine::LineItem> lines;
    std::vector<engine::FieldItem> values;
    std::vector<engine::AnswerItem> answers;
};

base::Result<engine::InteractionItem> interaction_in(const kith_ref *ref, std::uint32_t flags,
                                                     const kith_interaction *theirs, Scratch &scratch) {
    engine::InteractionItem out;
    KITH_LET(reference, ref_in(ref));
    KITH_LET(item_flags, item_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "interaction"));
    KITH_TRY(check_bits(in.fields, kFields, "interaction->fields"));
    if (in.direction > KITH_DIRECTION_OUT) {
        return base::fail(base::Status::argument,
                          "interaction->direction is unknown: use a KITH_DIRECTION_ constant");
    }
    auto currency = currency_in(in.currency);
    if (!currency) {
        currency.error().field = field::currency;
        return currency.take_error();
    }
    KITH_TRY(texts_in(in, out));
    KITH_TRY(lines_in(in.lines, in.line_count, scratch.lines));
    KITH_TRY(values_in(in.values, in.value_count, field::values, scratch.values));
    KITH_TRY(check_reserved(in.form_reserved));
    KITH_TRY(answers_in(in.answers, in.answer_count, scratch.answers));
    out.ref = reference;
    out.flags = item_flags;
    out.at = in.at;
    if (in.fields & field::amount) out.amount = in.amount;
    if (in.fields & field::base_amount) out.base_amount = in.base_amount;
    if (in.fields & field::cost) out.cost = in.cost;
    if (in.fields & field::duration) out.duration_s = in.duration_s;
    if (in.fields & field::corrects) out.corrects = interaction_id_in(in.corrects);
    out.currency = *currency;
    out.direction = static_cast<std::uint8_t>(in.direction);
    out.lines = scratch.lines;
    out.values = scratch.values;
    out.answers = scratch.answers;
    out.round = in.round;
    return out;
}

base::Result<std::uint32_t> append(engine::Batch &batch, const kith_ref *ref, std::uint32_t flags,
                                   const kith_interaction *interaction, Scratch &scratch) {
    KITH_LET(item, interaction_in(ref, flags, interaction, scratch));
    return batch.add(item);
}

}  // namespace

extern "C" {

kith_status kith_interaction_append(kith_batch *batch, const kith_ref *ref, uint32_t flags,
                                    const kith_interaction *interaction, uint32_t *out_item,
                                    kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        Scratch scratch;
        KITH_LET(added, append(pinned->items, ref, flags, interaction, scratch));
        if (out_item) *out_item = added;
        return kOk;
    });
}

kith_status kith_interaction_append_many(kith_batch *batch, const kith_ref *refs, uint32_t flags,
                                         const kith_interaction *interactions, size_t count, size_t stride,
                                         kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_LET(pinned, use(batch));
        if (count == 0) return kOk;
        KITH_TRY(not_null(refs, "refs"));
        KITH_LET(size, struct_size(interactions, "interactions"));
        if (stride < size) {
            return base::fail(base::Status::argument,
                              "stride is smaller than a struct: give the distance in bytes");
        }
        const auto before = pinned->items.count();
        if (count > KITH_MAX_BATCH_ITEMS - before) {
            return base::fail(base::Status::limit, "the batch is full: at most " +
                                                       std::to_string(KITH_MAX_BATCH_ITEMS) +
                                                       " items; commit it and go on with the next");
        }
        // However this is left, by an exception too: all are added or none.
        const auto take_back = [before](engine::Batch *items) { items->truncate(before); };
        std::unique_ptr<engine::Batch, decltype(take_back)> unfinished(&pinned->items, take_back);
        Scratch scratch;
        const auto *next = reinterpret_cast<const unsigned char *>(interactions);
        for (std::size_t i = 0; i < count; ++i, next += stride) {
            auto added = append(pinned->items, refs + i, flags,
                                reinterpret_cast<const kith_interaction *>(next), scratch);
            if (added) continue;
            added.error().item = static_cast<std::uint32_t>(i);
            return added.take_error();
        }
        static_cast<void>(unfinished.release());
        return kOk;
    });
}

kith_status kith_interaction_get(kith_snapshot *snapshot, const kith_interaction_id *id, kith_page **out_page,
                                 kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_TRY(not_null(id, "id"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(found, engine::Reads(*pinned->view).interaction(interaction_id_in(*id)));
        if (!found) return kNotFound;
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span(&*found, 1)));
        *out_page = page.finish();
        return kOk;
    });
}

kith_status kith_interaction_find(kith_snapshot *snapshot, const char *system, size_t system_size,
                                  const char *key, size_t key_size, kith_interaction_id *out_id,
                                  kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_id, "out_id"));
        KITH_LET(host, required_in(system, system_size, KITH_MAX_NAME_BYTES, "system"));
        KITH_LET(text, required_in(key, key_size, KITH_MAX_TEXT_BYTES, "key"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(found, engine::Reads(*pinned->view).find_interaction(host, text));
        if (!found) return kNotFound;
        *out_id = interaction_id_out(*found);
        return kOk;
    });
}
}
