#include "cli/fields.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/handles.hpp"

namespace kith::cli {

void append_fields(Json &json, std::span<const kith_field> fields) {
    if (fields.empty()) return;
    json.object("fields");
    for (const kith_field &field : fields) {
        const std::string name(view(field.name));
        if (field.kind == KITH_FIELD_INT) {
            json.number(name, field.integer);
        } else if (field.kind == KITH_FIELD_DOUBLE) {
            json.real(name, field.real);
        } else if (field.kind == KITH_FIELD_BOOL) {
            json.flag(name, field.integer != 0);
        } else {
            json.text(name, view(field.text));
        }
    }
    json.end();
}

FieldLabels::FieldLabels(std::span<const Listed> definitions, const std::string &language)
    : labels_(definitions, language) {
    for (const Listed &one : definitions) {
        if (one.kind != "type") continue;
        const auto json = nlohmann::ordered_json::parse(one.body, nullptr, false);
        const auto fields = json.find("fields");
        if (fields == json.end() || !fields->is_object()) continue;
        for (const auto &[name, type] : fields->items()) {
            if (type.is_string()) lists_[one.name + "." + name] = type.get<std::string>();
        }
    }
}

std::string FieldLabels::name(const std::string &type, const kith_field &field) const {
    return labels_.of(fmt::format("{}.{}", type, view(field.name)));
}

std::string FieldLabels::value(const std::string &type, const kith_field &field) const {
    const auto list = lists_.find(fmt::format("{}.{}", type, view(field.name)));
    if (field.kind != KITH_FIELD_CODE || list == lists_.end()) return std::string(view(field.text));
    return labels_.of(fmt::format("{}.{}", list->second, view(field.text)));
}

}  // namespace kith::cli
