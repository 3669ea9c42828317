#include "cli/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

namespace kith::cli {

namespace {

using DefinitionJson = nlohmann::ordered_json;

constexpr std::uint32_t kDefinitionsAtOnce = 500;

DefinitionJson parsed(const Listed &definition) {
    return DefinitionJson::parse(definition.body, nullptr, false);  // stored: it is JSON
}

std::string text_in(const DefinitionJson &json, const char *key) {
    const auto found = json.find(key);
    if (found == json.end()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<std::string> split(const DefinitionJson &classes) {
    std::string text = classes.is_string() ? classes.get<std::string>() : classes.dump();
    std::vector<std::string> out(1);
    for (const char c : text) {
        if (c == '|') {
            out.emplace_back();
        } else {
            out.back() += c;
        }
    }
    return out;
}

// How paths of labels begin, by kind.
std::string_view path_of(std::string_view kind) {
    if (kind == "metric") return "m";
    if (kind == "bands") return "band";
    if (kind == "scorecard") return "score";
    if (kind == "matrix") return "cell";
    return kind;
}

}  // namespace

Result read_values(const Snapshot &snapshot, const ValuesWanted &wanted, std::uint32_t digits) {
    kith_values_options options = make<kith_values_options>();
    std::vector<kith_str> names;
    for (const std::string &name : wanted.names) names.push_back(to_str(name));
    options.subject = wanted.subject;
    options.fields = KITH_VALUE_FIELD_NOW;
    options.now = wanted.now;
    options.names = names.data();
    options.name_count = names.size();
    options.where = to_str(wanted.where);
    options.order_by = to_str(wanted.order_by);
    if (wanted.descending) options.flags = KITH_VALUES_DESCENDING;
    options.limit = wanted.limit;
    kith_error error = make_error();
    kith_table *table = nullptr;
    check(kith_values(snapshot.get(), &options, &table, &error), error);
    return Result(Table(table), digits);
}

Result read_series(const Snapshot &snapshot, const Subject &subject, const std::string &metric, kith_time now,
                   std::uint32_t digits) {
    kith_value_options options = make<kith_value_options>();
    options.fields = KITH_VALUE_FIELD_NOW;
    options.now = now;
    const kith_subject of = subject.borrowed();
    kith_error error = make_error();
    kith_table *table = nullptr;
    const kith_status status =
        kith_series(snapshot.get(), &of, metric.data(), metric.size(), &options, &table, &error);
    if (status == KITH_NOT_FOUND) fail(kFailed, "the file knows of no " + subject.label());
    check(status, error);
    return Result(Table(table), digits);
}

Result read_why(const Snapshot &snapshot, const Subject &subject, const std::string &name, kith_time now,
                std::uint32_t rows, std::uint32_t digits) {
    kith_value_options options = make<kith_value_options>();
    options.fields = KITH_VALUE_FIELD_NOW;
    options.now = now;
    options.rows = rows;
    const kith_subject of = subject.borrowed();
    kith_error error = make_error();
    kith_table *table = nullptr;
    const kith_status status =
        kith_why(snapshot.get(), &of, name.data(), name.size(), &options, &table, &error);
    if (status == KITH_NOT_FOUND) fail(kFailed, "the file knows of no " + subject.label());
    check(status, error);
    return Result(Table(table), digits);
}

std::string value_cell(const Result &result, const kith_column &column, std::size_t row) {
    if (!result.present(column, row)) return "-";
    switch (column.type) {
        case KITH_COLUMN_INT:
        case KITH_COLUMN_AMOUNT:
            return grouped(result.cell(column, row));
        case KITH_COLUMN_REAL:
            return fmt::format("{:.6g}", column.reals[row]);
        default:
            return printable(result.cell(column, row));
    }
}

std::string values_text(const Result &result, std::size_t rows_max, const Context &context) {
    TextTable table;
    std::vector<const kith_column *> shown;
    for (const kith_column &column : result.columns()) {
        if (column.type == KITH_COLUMN_ID) continue;
        shown.push_back(&column);
        table.column(printable(view(column.name)),
                     column.type == KITH_COLUMN_TEXT ? TextTable::Align::kLeft : TextTable::Align::kRight);
    }
    for (std::size_t row = 0; row < std::min(result.rows(), rows_max); ++row) {
        std::vector<std::string> cells;
        for (const kith_column *column : shown) cells.push_back(value_cell(result, *column, row));
        table.row(std::move(cells));
    }
    std::string out = table.text(context, "  ");
    const auto all = std::max<std::size_t>(result.count_fact("subjects"), result.rows());
    const auto shown_rows = std::min(result.rows(), rows_max);
    if (all > shown_rows) {
        out += fmt::format("  and {} more: --limit N, or --csv for all\n", grouped(all - shown_rows));
    }
    return out;
}

std::string Listed::text(const char *key) const { return text_in(parsed(*this), key); }

std::string Listed::per() const {
    const DefinitionJson json = parsed(*this);
    const auto per = json.find("per");
    if (per == json.end()) return "party";
    if (per->is_string()) return per->get<std::string>();
    std::string out;
    for (const auto &part : *per) out += (out.empty() ? "" : ", ") + part.get<std::string>();
    return out;
}

std::string Listed::counts() const {
    const DefinitionJson json = parsed(*this);
    if (const auto value = json.find("value"); value != json.end()) return "= " + text_in(json, "value");
    if (json.contains("given")) return "given: " + text_in(json, "given");
    std::string out;
    for (const char *aggregate :
         {"count", "sum", "avg", "min", "max", "first", "last", "distinct", "median", "median_gap"}) {
        if (!json.contains(aggregate)) continue;
        out = aggregate;
        if (json.contains("of")) out += " of " + text_in(json, "of");
        out += " over " + text_in(json, aggregate);
    }
    for (const char *more : {"window", "since", "by"}) {
        if (json.contains(more)) out += fmt::format(", {} {}", more, text_in(json, more));
    }
    return out;
}

std::vector<std::string> Listed::classes() const {
    std::vector<std::string> out;
    const DefinitionJson json = parsed(*this);
    if (const auto classes = json.find("classes"); classes != json.end() && classes->is_array()) {
        for (const auto &one : *classes) {
            out.push_back(one.is_string() ? one.get<std::string>() : text_in(one, "is"));
        }
    } else if (const auto quantiles = json.find("quantiles"); quantiles != json.end()) {
        const int count = quantiles->is_number_integer() ? quantiles->get<int>() : 0;
        for (int i = 1; i <= count; ++i) out.push_back(std::to_string(i));
    }
    return out;
}

std::vector<ListedCell> Listed::cells() const {
    std::vector<ListedCell> out;
    const DefinitionJson json = parsed(*this);
    if (!json.contains("cells")) return out;
    for (const auto &cell : json["cells"]) {
        out.push_back({split(cell["x"]), split(cell["y"]), text_in(cell, "is")});
    }
    return out;
}

std::vector<Listed> list_definitions(const Snapshot &snapshot) {
    kith_query query = make<kith_query>();
    query.list = KITH_LIST_DEFINITIONS;
    const Cursor cursor = open_cursor(snapshot, query);
    std::vector<Listed> all;
    while (const Page page = next_page(cursor, kDefinitionsAtOnce)) {
        std::size_t count = 0;
        const kith_definition *const *items = kith_page_definitions(page.get(), &count);
        for (const kith_definition *one : std::span(items, count)) {
            all.push_back({std::string(view(one->kind)), std::string(view(one->name)),
                           std::string(view(one->playbook)), std::string(view(one->json)), one->version});
        }
    }
    return all;
}

Listed find_definition(std::span<const Listed> all, std::string_view kind, std::string_view name) {
    std::string others;
    for (const Listed &one : all) {
        if (one.kind != kind) continue;
        if (one.name == name) return one;
        others += (others.empty() ? "" : ", ") + one.name;
    }
    fail(kFailed, others.empty() ? fmt::format("no {} is installed; `kith define` installs some", kind)
                                 : fmt::format("no {} is called {}; there are: {}", kind, name, others));
}

std::uint32_t subject_kind(const Listed &definition) {
    const std::string per = definition.per();
    for (std::uint32_t kind = KITH_SUBJECT_PARTY; kind <= KITH_SUBJECT_ALL; ++kind) {
        if (per == subject_name(kind)) return kind;
    }
    fail(kFailed,
         fmt::format("{} {} is per {}, which has no table of values", definition.kind, definition.name, per));
}

Labels::Labels(std::span<const Listed> definitions, std::string language) {
    if (language.empty()) return;
    const auto own = [&](const DefinitionJson &json, const std::string &path) {
        const auto labels = json.find("labels");
        if (labels == json.end() || !labels->is_object()) return;
        const auto text = labels->find(language);
        if (text == labels->end()) return;
        if (text->is_string()) by_path_.emplace(path, text->get<std::string>());
        if (!text->is_object()) return;
        for (const auto &[below, one] : text->items()) {  // a table, as a playbook has it
            if (one.is_string()) by_path_.emplace(below.empty() ? path : below, one.get<std::string>());
        }
    };
    for (const Listed &one : definitions) {
        const DefinitionJson json = parsed(one);
        if (one.kind == "labels") {
            const auto table = json.find(language);
            if (table == json.end() || !table->is_object()) continue;
            for (const auto &[path, text] : table->items()) {
                if (text.is_string()) by_path_.emplace(path, text.get<std::string>());
            }
            continue;
        }
        const bool type = one.kind == "type";
        const std::string path = type ? one.name : fmt::format("{}.{}", path_of(one.kind), one.name);
        own(json, path);
        const std::function<void(const DefinitionJson &)> codes = [&](const DefinitionJson &above) {
            const auto found = above.find("codes");
            if (found == above.end() || !found->is_object()) return;
            for (const auto &[code, below] : found->items()) {
                if (!below.is_object()) continue;
                own(below, path + "." + code);
                codes(below);
            }
        };
        if (type) codes(json);
        for (const char *items : {"cells", "classes", "indicators"}) {
            const auto found = json.find(items);
            if (found == json.end() || !found->is_array()) continue;
            for (const auto &item : *found) {
                if (!item.is_object()) continue;
                own(item, path + "." + text_in(item, item.contains("is") ? "is" : "name"));
            }
        }
    }
}

std::string Labels::of(std::string_view path) const {
    const auto found = by_path_.find(path);
    if (found != by_path_.end()) return found->second;
    const auto dot = path.rfind('.');
    return std::string(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

}  // namespace kith::cli
