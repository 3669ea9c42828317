#include "cli/mapping.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <kith/values.h>

#include <algorithm>

#include "cli/context.hpp"
#include "cli/csv.hpp"

namespace kith::cli {

namespace {

[[noreturn]] void fail_usage(std::string message) { fail(kUsage, std::move(message)); }

std::optional<Role> role_of(std::string_view name) {
    const auto found = std::find(kRoleNames.begin(), kRoleNames.end(), name);
    if (found == kRoleNames.end()) return std::nullopt;
    return static_cast<Role>(found - kRoleNames.begin());
}

// Letters and digits only, in lower case: "Customer ID" is "customerid".
std::string simplified(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') out.push_back(static_cast<char>(c - 'A' + 'a'));
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out.push_back(c);
    }
    return out;
}

const std::vector<std::string_view> &known_names(Role role) {
    static const std::array<std::vector<std::string_view>, kRoleCount> kNames = {{
        {"party", "customer", "customerid", "customerno", "customernumber", "cust", "custid", "client",
         "clientid"},
        {"at", "date", "datetime", "time", "timestamp", "invoicedate", "orderdate", "purchasedate",
         "transactiondate", "createdat"},
        {"amount", "value", "revenue", "total", "ordertotal", "totalamount"},
        {"key", "order", "orderid", "orderno", "ordernumber", "invoice", "invoiceno", "invoiceid",
         "invoicenumber", "receipt", "receiptno", "transactionid"},
        {"product", "productid", "sku", "stockcode"},
        {"quantity", "qty"},
        {"unitprice"},
        {"category", "productcategory"},
        {},  // a margin may be a share or an amount: it has to be said
        {"campaign", "campaignid"},
    }};
    return kNames[role];
}

[[noreturn]] void fail_guess(std::string_view what, const std::vector<std::string> &header) {
    fail_usage(
        fmt::format("{}; say which column is what, as in --map party=COL,at=COL,amount=COL\n"
                    "the columns are: {}\nan example: --map party={},at={}",
                    what, fmt::join(header, ", "), header.front(), header.size() > 1 ? header[1] : "COL"));
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void bind_column(Column &column, const std::vector<std::string> *header, std::size_t width) {
    if (!column.mapped()) return;
    if (header != nullptr) {
        const auto found = std::find(header->begin(), header->end(), column.name);
        if (found != header->end()) {
            if (std::find(found + 1, header->end(), column.name) != header->end()) {
                fail_usage(fmt::format("two columns are named \"{}\": rename one of them", column.name));
            }
            column.index = static_cast<std::size_t>(found - header->begin());
            return;
        }
    }
    if (is_number(column.name) && column.name.size() <= 6) {
        const std::size_t number = std::stoul(column.name);
        if (number >= 1 && number <= width) {
            column.index = number - 1;
            return;
        }
    }
    if (header == nullptr) {
        fail_usage(
            fmt::format("there is no column \"{}\": without a header, columns are numbers from 1 to {}",
                        column.name, width));
    }
    fail_usage(
        fmt::format("there is no column \"{}\"; the columns are: {}", column.name, fmt::join(*header, ", ")));
}

}  // namespace

std::optional<std::int64_t> read_decimal(std::string_view text) {
    std::int64_t scaled = 0;
    if (kith_decimal_parse(text.data(), text.size(), kDecimalDigits, &scaled, nullptr) != KITH_OK) {
        return std::nullopt;
    }
    return scaled;
}

void set_column(Mapping &mapping, std::string_view role_name, std::string_view column) {
    if (column.empty()) fail_usage(fmt::format("the mapping of \"{}\" names no column", role_name));
    if (role_name.size() > kFieldRole.size() && role_name.starts_with(kFieldRole)) {
        const std::string_view name = role_name.substr(kFieldRole.size());
        const auto known = std::ranges::find(mapping.fields, name, &FieldColumn::name);
        auto &field = known != mapping.fields.end() ? *known : mapping.fields.emplace_back();
        field.name = name;
        field.column.name = column;
        return;
    }
    const std::optional<Role> role = role_of(role_name);
    if (!role) {
        fail_usage(fmt::format("a mapping has no \"{}\": it has {}, and field.NAME", role_name,
                               fmt::join(kRoleNames, ", ")));
    }
    mapping.columns[*role].name = column;
}

bool Condition::holds(std::string_view cell) const {
    switch (test) {
        case Test::kStarts:
            return cell.substr(0, text.size()) == text;
        case Test::kEnds:
            return cell.size() >= text.size() && cell.substr(cell.size() - text.size()) == text;
        case Test::kEquals:
            return cell == text;
        case Test::kEmpty:
            return cell.empty() == empty;
        case Test::kBelow: {
            const std::optional<std::int64_t> value = read_decimal(cell);
            return value && *value < number;
        }
    }
    return false;
}

bool Mapping::has_columns() const {
    return !fields.empty() ||
           std::any_of(columns.begin(), columns.end(), [](const Column &c) { return c.mapped(); });
}

void read_map_option(std::string_view text, Mapping &mapping) {
    std::vector<std::string> entries;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t to = std::min(text.find(',', from), text.size());
        const std::string_view part = text.substr(from, to - from);
        if (part.find('=') == std::string_view::npos && !entries.empty()) {
            entries.back().append(",").append(part);
        } else {
            entries.emplace_back(part);
        }
        from = to + 1;
    }
    for (const std::string_view entry : entries) {
        const std::size_t equals = entry.find('=');
        if (equals == std::string_view::npos) {
            fail_usage(fmt::format("--map: \"{}\" is not of the form party=COL,at=COL", entry));
        }
        set_column(mapping, trim(entry.substr(0, equals)), trim(entry.substr(equals + 1)));
    }
}

char read_delimiter(std::string_view text) {
    if (text == "\\t" || text == "tab") return '\t';
    if (text.size() == 1 && std::string_view(",;\t|").find(text[0]) != std::string_view::npos) return text[0];
    fail_usage(fmt::format("the delimiter \"{}\" is none of , ; | and tab", text));
}

std::string guess_columns(const std::vector<std::string> &header, Mapping &mapping) {
    std::vector<std::string> guessed;
    for (std::size_t role = 0; role < kRoleCount; ++role) {
        const auto &names = known_names(static_cast<Role>(role));
        Column &column = mapping.columns[role];
        for (const std::string &name : header) {
            if (std::find(names.begin(), names.end(), simplified(name)) == names.end()) continue;
            if (column.mapped()) {
                fail_guess(fmt::format("\"{}\" and \"{}\" could both be the {}", column.name, name,
                                       kRoleNames[role]),
                           header);
            }
            column.name = name;
        }
        if (column.mapped()) guessed.push_back(fmt::format("{}={}", kRoleNames[role], column.name));
        if (role <= kAt && !column.mapped()) {
            fail_guess(fmt::format("no column looks like the {}", role == kParty ? "party" : "time"), header);
        }
    }
    return fmt::format("{}", fmt::join(guessed, ","));
}

void bind_columns(Mapping &mapping, const std::vector<std::string> *header, std::size_t width) {
    if (!mapping.columns[kParty].mapped())
        fail_usage("the mapping names no column for the party: --map party=COL,at=COL");
    if (!mapping.columns[kAt].mapped())
        fail_usage("the mapping names no column for the time: --map party=COL,at=COL");
    for (Column &column : mapping.columns) bind_column(column, header, width);
    for (FieldColumn &field : mapping.fields) bind_column(field.column, header, width);
    for (KindRule &rule : mapping.rules) {
        for (Condition &condition : rule.conditions) bind_column(condition.column, header, width);
    }
}

bool detect_header(const Mapping &mapping, const std::vector<std::string> &first_row) {
    for (const Column &column : mapping.columns) {
        if (column.mapped() && !is_number(column.name)) return true;
    }
    return std::none_of(first_row.begin(), first_row.end(), [](const std::string &cell) {
        kith_time at = 0;
        return cell.empty() || read_decimal(cell) ||
               kith_time_parse(cell.data(), cell.size(), nullptr, 0, &at, nullptr) == KITH_OK;
    });
}

}  // namespace kith::cli
