#include "cli/interactions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/handles.hpp"

namespace kith::cli {

namespace {

constexpr std::size_t kProductsNamed = 3;
constexpr std::size_t kLeadWidth = 50;  // what the columns before the last take on a terminal

bool has(const kith_interaction &interaction, std::uint32_t field) {
    return (interaction.fields & field) != 0;
}

// Quantities and unit prices without the zeros that only say how they are kept, but for `decimals`.
std::string decimal_text(std::int64_t scaled, std::size_t decimals = 0) {
    std::string text = amount_text(scaled, kDecimalDigits);
    const std::size_t point = text.find('.');
    if (point == std::string::npos) return text;
    text.erase(std::max(text.find_last_not_of('0') + 1, point + 1 + decimals));
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string amount_or_empty(const kith_interaction &interaction, std::uint32_t digits) {
    return has(interaction, KITH_INTERACTION_FIELD_AMOUNT) ? amount_text(interaction.amount, digits)
                                                           : std::string();
}

std::span<const kith_field> fields_of(const kith_interaction &interaction) {
    return {interaction.values, interaction.value_count};
}

// "2 x green tea, cup" or whatever says most of what it was about.
std::string matter(const kith_interaction &interaction, const FieldLabels &labels) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < std::min(interaction.line_count, kProductsNamed); ++i) {
        const kith_line &line = interaction.lines[i];
        const std::string quantity = decimal_text(line.quantity);
        parts.push_back((quantity == "1" ? "" : quantity + " x ") + std::string(view(line.product)));
    }
    if (interaction.line_count > kProductsNamed) {
        parts.push_back(fmt::format("{} more", interaction.line_count - kProductsNamed));
    }
    if (interaction.form.size > 0) {
        std::string about(view(interaction.about.size > 0 ? interaction.about : interaction.about_kind));
        if (about == "party") about.clear();
        parts.push_back(fmt::format("{}{}{}: {}", view(interaction.form), about.empty() ? "" : " about ",
                                    about, plural(interaction.answer_count, "answer", "answers")));
    }
    for (const kith_str *text : {&interaction.topic, &interaction.text, &interaction.outcome}) {
        if (text->size > 0) parts.emplace_back(view(*text));
    }
    const std::string type(view(interaction.type));
    for (const kith_field &field : fields_of(interaction)) {
        parts.push_back(fmt::format("{}: {}", labels.name(type, field), labels.value(type, field)));
    }
    return printable(fmt::format("{}", fmt::join(parts, ", ")));
}

std::string_view direction_text(std::uint32_t direction) {
    return direction == KITH_DIRECTION_IN ? "in" : direction == KITH_DIRECTION_OUT ? "out" : "";
}

void append_lines(Json &json, const kith_interaction &interaction, std::uint32_t digits) {
    json.array("lines");
    for (std::size_t i = 0; i < interaction.line_count; ++i) {
        const kith_line &line = interaction.lines[i];
        json.object().text_or_null("product", line.product);
        json.text("quantity", decimal_text(line.quantity))
            .text("unit_price", decimal_text(line.unit_price, digits));
        json.text("amount", amount_text(line.amount, digits));
        if (line.category.size > 0) json.text("category", view(line.category));
        if ((line.fields & KITH_LINE_FIELD_MARGIN) != 0)
            json.text("margin", amount_text(line.margin, digits));
        json.end();
    }
    json.end();
}

void append_answers(Json &json, const kith_interaction &interaction) {
    if (interaction.form.size == 0) return;
    json.text("form", view(interaction.form));
    if (interaction.round > 0) json.number("round", interaction.round);
    if (interaction.about_kind.size > 0) json.text("about_kind", view(interaction.about_kind));
    if (interaction.about.size > 0) json.text("about", view(interaction.about));
    json.array("answers");
    for (std::size_t i = 0; i < interaction.answer_count; ++i) {
        const kith_answer &answer = interaction.answers[i];
        json.object();
        if (answer.item.size > 0) {
            json.text("item", view(answer.item));
        } else {
            json.number("row", answer.row);
        }
        json.text("aspect", view(answer.aspect));
        if ((answer.fields & KITH_ANSWER_FIELD_NUMBER) != 0) json.real("number", answer.number);
        if (answer.text.data != nullptr) json.text("text", view(answer.text));
        if (answer.dimension.size > 0) json.text("dimension", view(answer.dimension));
        if ((answer.fields & KITH_ANSWER_FIELD_SCORE) != 0) json.real("score", answer.score);
        json.end();
    }
    json.end();
}

}  // namespace

std::string interaction_table(std::span<const kith_interaction *const> interactions, std::uint32_t digits,
                              const Context &context, const FieldLabels &labels) {
    TextTable table;
    table.column("when (UTC)");
    table.column("what");
    table.column("amount", TextTable::Align::kRight);
    table.column("medium");
    table.column("about");
    const std::size_t room =
        context.stdout_terminal ? std::max(context.width, kLeadWidth + 30) - kLeadWidth : 60;
    for (const kith_interaction *interaction : interactions) {
        table.row({day_text(interaction->at), printable(view(interaction->type)),
                   grouped(amount_or_empty(*interaction, digits)), printable(view(interaction->medium)),
                   clipped(matter(*interaction, labels), room, context.unicode)});
    }
    return table.text(context, "  ");
}

void append_interaction(Json &json, const kith_interaction &interaction, std::uint32_t digits,
                        const std::string &party) {
    json.object().text("id", interaction_id_text(interaction.id));
    if (!party.empty()) json.text("party", party);
    json.text("type", view(interaction.type)).text("at", time_text(interaction.at));
    json.text("recorded_at", time_text(interaction.recorded_at));
    json.text_or_null("system", interaction.system).text_or_null("key", interaction.key);
    if (has(interaction, KITH_INTERACTION_FIELD_AMOUNT)) {
        json.text("amount", amount_text(interaction.amount, digits));
    }
    if (interaction.currency[0] != 0) {
        json.text("currency", reinterpret_cast<const char *>(interaction.currency));
    }
    if (interaction.direction != KITH_DIRECTION_NONE) {
        json.text("direction", direction_text(interaction.direction));
    }
    const std::pair<const char *, const kith_str *> texts[] = {
        {"medium", &interaction.medium}, {"scope", &interaction.scope},
        {"topic", &interaction.topic},   {"outcome", &interaction.outcome},
        {"actor", &interaction.actor},   {"with_whom", &interaction.with_whom},
        {"text", &interaction.text},     {"next_step", &interaction.next_step},
        {"owner", &interaction.owner},   {"campaign", &interaction.campaign}};
    for (const auto &[name, value] : texts) {
        if (value->data != nullptr) json.text(name, view(*value));
    }
    if (has(interaction, KITH_INTERACTION_FIELD_COST))
        json.text("cost", amount_text(interaction.cost, digits));
    if (has(interaction, KITH_INTERACTION_FIELD_DURATION)) json.number("duration_s", interaction.duration_s);
    if (has(interaction, KITH_INTERACTION_FIELD_CORRECTS)) {
        json.text("corrects", interaction_id_text(interaction.corrects));
    }
    append_lines(json, interaction, digits);
    append_fields(json, fields_of(interaction));
    append_answers(json, interaction);
    json.end();
}

std::vector<std::string> interaction_csv_header() {
    return {"party", "at",      "type",  "amount", "currency", "system", "key",      "direction", "medium",
            "topic", "outcome", "actor", "text",   "lines",    "owner",  "campaign", "fields"};
}

std::vector<std::string> interaction_csv_row(const kith_interaction &interaction, std::uint32_t digits,
                                             const std::string &party) {
    const auto text = [](const kith_str &value) { return std::string(view(value)); };
    std::string fields;
    for (const kith_field &field : fields_of(interaction)) {
        fields += fmt::format("{}{}={}", fields.empty() ? "" : "; ", view(field.name), view(field.text));
    }
    return {party,
            time_text(interaction.at),
            text(interaction.type),
            amount_or_empty(interaction, digits),
            reinterpret_cast<const char *>(interaction.currency),
            text(interaction.system),
            text(interaction.key),
            std::string(direction_text(interaction.direction)),
            text(interaction.medium),
            text(interaction.topic),
            text(interaction.outcome),
            text(interaction.actor),
            text(interaction.text),
            std::to_string(interaction.line_count),
            text(interaction.owner),
            text(interaction.campaign),
            fields};
}

}  // namespace kith::cli
