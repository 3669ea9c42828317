#include "cli/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <unordered_map>

#include "cli/context.hpp"
#include "cli/hash_index.hpp"
#include "cli/time_reader.hpp"

namespace kith::cli {

namespace {

// A guess from the first lines, a little too large: what is reserved and not used costs nothing.
std::size_t estimated_rows(std::string_view input) {
    const std::string_view sample = input.substr(0, 65536);
    const auto lines = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\n'));
    if (lines == 0) return 16;
    return input.size() / (sample.size() / lines) * 5 / 4 + 16;
}

std::uint64_t from_hex(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char c : digits)
        value = value << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    return value;
}

bool beyond_limit(std::int64_t amount) { return amount > KITH_MAX_AMOUNT || amount < -KITH_MAX_AMOUNT; }

bool may_be_negative(std::string_view kind) { return kind == "return" || kind == "adjustment"; }

std::string negative(std::string_view kind, std::string_view what) {
    if (kind != "order") return fmt::format("only the {} of a return or an adjustment can be negative", what);
    return fmt::format(
        "an order's {} cannot be negative: give it kind return or adjustment with a mapping file", what);
}

}  // namespace

class Planner {
public:
    Planner(Plan &plan, const Mapping &mapping, const PlanSettings &settings);
    void run();

private:
    struct Values {
        kith_time at = 0;
        Cell party;
        Cell key;
        Cell campaign;
        std::vector<Cell> fields;
        PlannedRow row;
        std::uint8_t kind = 0;
    };

    bool mapped(Role role) const { return mapping_.columns[role].mapped(); }
    Cell cell(Role role) const { return reader_.cells()[mapping_.columns[role].index]; }
    std::string_view text(Role role) { return cell_text(plan_.input_, cell(role), scratch_); }
    std::string named(Role role, std::string_view what) const;

    void set_kinds();
    std::uint8_t kind_of_row();
    void take_row();
    std::string read_row(Values &values);
    std::string read_text(Role role, std::size_t size_max, Cell &out);
    std::string read_number(Role role, std::uint32_t digits, std::int64_t &out);
    std::string read_numbers(Values &values);
    std::uint32_t find_by_key(Cell key);
    std::uint32_t add_by_digest();
    void join(std::uint32_t index, const Values &values);
    void report(std::uint32_t line, std::string_view reason, std::uint32_t other_line = 0);
    void spoil(PlannedInteraction &interaction, std::uint32_t line);
    void check_whole(PlannedInteraction &interaction);
    bool key_before(std::uint32_t a, std::uint32_t b);
    void finish();

    Plan &plan_;
    const Mapping &mapping_;
    PlanSettings settings_;
    CsvReader reader_;
    std::size_t width_ = 0;
    TimeReader times_;
    HashIndex index_;
    std::unordered_map<std::string, std::uint32_t> reason_numbers_;
    std::vector<std::uint8_t> rule_kinds_;
    std::string scratch_;
    std::string other_scratch_;
    std::string encoded_;
};

Planner::Planner(Plan &plan, const Mapping &mapping, const PlanSettings &settings)
    : plan_(plan),
      mapping_(mapping),
      settings_(settings),
      reader_(settings.input, settings.delimiter),
      times_(settings.zone) {
    plan_.input_ = settings.input;
    plan_.field_count_ = mapping.fields.size();
    plan_.has_lines_ =
        mapped(kProduct) || mapped(kQuantity) || mapped(kUnitPrice) || mapped(kCategory) || mapped(kMargin);
    plan_.has_amount_ = mapped(kAmount) || mapped(kUnitPrice);
    set_kinds();
    const std::size_t rows = estimated_rows(settings.input);
    plan_.rows_.reserve(rows);
    if (!mapped(kKey)) {
        plan_.interactions_.reserve(rows);
        plan_.digests_.reserve(rows);
    }
}

void Planner::set_kinds() {
    plan_.kinds_.push_back(mapping_.kind);
    for (const KindRule &rule : mapping_.rules) {
        auto found = std::find(plan_.kinds_.begin(), plan_.kinds_.end(), rule.kind);
        if (found == plan_.kinds_.end()) found = plan_.kinds_.insert(found, rule.kind);
        rule_kinds_.push_back(static_cast<std::uint8_t>(found - plan_.kinds_.begin()));
    }
}

void Planner::run() {
    if (settings_.header && reader_.next()) width_ = reader_.cells().size();
    while (reader_.next()) {
        if (width_ == 0) width_ = reader_.cells().size();
        take_row();
    }
    finish();
}

std::string Planner::named(Role role, std::string_view what) const {
    return fmt::format("{} (column {}) {}", kRoleNames[role], mapping_.columns[role].name, what);
}

std::uint8_t Planner::kind_of_row() {
    for (std::size_t i = 0; i < mapping_.rules.size(); ++i) {
        const auto &conditions = mapping_.rules[i].conditions;
        const bool met = std::all_of(conditions.begin(), conditions.end(), [&](const Condition &condition) {
            return condition.holds(
                cell_text(plan_.input_, reader_.cells()[condition.column.index], scratch_));
        });
        if (met) return rule_kinds_[i];
    }
    return 0;
}

void Planner::take_row() {
    ++plan_.rows_read_;
    Values values;
    values.row.line = reader_.line();
    const std::string reason = read_row(values);
    if (reason.empty()) return join(mapped(kKey) ? find_by_key(values.key) : add_by_digest(), values);
    report(values.row.line, reason);
    // An interaction is recorded whole or not at all.
    if (mapped(kKey) && mapping_.columns[kKey].index < reader_.cells().size() && !text(kKey).empty()) {
        spoil(plan_.interactions_[find_by_key(cell(kKey))], values.row.line);
    }
}

// What is wrong with the row; empty if nothing is.
std::string Planner::read_row(Values &values) {
    if (reader_.error() != nullptr) return reader_.error();
    const std::size_t width = reader_.cells().size();
    if (width != width_) return fmt::format("it has {} fields, the first row has {}", width, width_);
    values.kind = kind_of_row();
    if (!times_.read(text(kAt), values.at)) {
        return named(kAt, "is not a time: write it as 2026-01-31, 20260131 or 2026-01-31 09:30:00");
    }
    std::string reason = read_text(kParty, KITH_MAX_TEXT_BYTES, values.party);
    if (reason.empty() && text(kParty) == kAnonymousKey) {
        reason = named(kParty, "is a reserved word: leave it empty where the customer is not known");
    }
    if (reason.empty() && mapped(kKey)) {
        reason = read_text(kKey, KITH_MAX_TEXT_BYTES, values.key);
        if (reason.empty() && text(kKey).empty()) reason = named(kKey, "is empty");
    }
    if (reason.empty() && mapped(kProduct))
        reason = read_text(kProduct, KITH_MAX_NAME_BYTES, values.row.product);
    if (reason.empty() && mapped(kCategory))
        reason = read_text(kCategory, KITH_MAX_NAME_BYTES, values.row.category);
    if (reason.empty() && mapped(kCampaign))
        reason = read_text(kCampaign, KITH_MAX_NAME_BYTES, values.campaign);
    for (const FieldColumn &field : mapping_.fields) {
        if (!reason.empty()) break;
        const Cell cell = reader_.cells()[field.column.index];
        const std::string_view value = cell_text(plan_.input_, cell, scratch_);
        if (value.size() > KITH_MAX_TEXT_BYTES || value.find('\0') != std::string_view::npos)
            reason = fmt::format("field.{} (column {}) is too long, or has a zero byte", field.name,
                                 field.column.name);
        values.fields.push_back(value.empty() ? Cell() : cell);
    }
    return reason.empty() ? read_numbers(values) : reason;
}

std::string Planner::read_text(Role role, std::size_t size_max, Cell &out) {
    const std::string_view value = text(role);
    if (value.size() > size_max) return named(role, fmt::format("is longer than {} bytes", size_max));
    if (value.find('\0') != std::string_view::npos) return named(role, "contains a zero byte");
    out = value.empty() ? Cell() : cell(role);
    return {};
}

std::string Planner::read_number(Role role, std::uint32_t digits, std::int64_t &out) {
    const std::string_view value = text(role);
    if (value.empty()) return named(role, "is empty");
    const kith_status status = kith_decimal_parse(value.data(), value.size(), digits, &out, nullptr);
    if (status == KITH_OK) return {};
    if (status == KITH_E_LIMIT) return named(role, "is too large");
    return named(role,
                 fmt::format("is not a number with at most {} decimals and a point, as in 1234.5", digits));
}

std::string Planner::read_numbers(Values &values) {
    PlannedRow &row = values.row;
    std::string reason;
    if (mapped(kQuantity)) reason = read_number(kQuantity, kDecimalDigits, row.quantity);
    if (reason.empty() && mapped(kUnitPrice))
        reason = read_number(kUnitPrice, kDecimalDigits, row.unit_price);
    if (!reason.empty()) return reason;
    const std::string &kind = plan_.kinds_[values.kind];
    if (row.quantity < 0 && !may_be_negative(kind)) return negative(kind, "quantity");
    if (row.unit_price < 0 && !may_be_negative(kind)) return negative(kind, "unit_price");
    if (mapped(kAmount)) {
        reason = read_number(kAmount, settings_.minor_digits, row.amount);
    } else if (mapped(kUnitPrice) && kith_line_amount(row.quantity, row.unit_price, settings_.minor_digits,
                                                      &row.amount, nullptr) != KITH_OK) {
        reason = "quantity times unit_price is too large";
    }
    if (reason.empty() && mapped(kMargin) && !text(kMargin).empty())
        reason = read_number(kMargin, settings_.minor_digits, row.margin);
    if (!reason.empty()) return reason;
    if (plan_.has_lines_ && row.amount < 0 && !may_be_negative(kind)) return negative(kind, "amount");
    if (beyond_limit(row.amount) || beyond_limit(row.quantity) || beyond_limit(row.unit_price) ||
        (row.margin != kNoMargin && beyond_limit(row.margin))) {
        return "amount, quantity, unit_price or margin is too large";
    }
    return {};
}

std::uint32_t Planner::find_by_key(Cell key) {
    const std::string_view value = cell_text(plan_.input_, key, scratch_);
    const std::uint32_t hash = HashIndex::hash(value);
    std::uint32_t &place = index_.place(hash, [&](std::uint32_t other) {
        return cell_text(plan_.input_, plan_.interactions_[other].key, other_scratch_) == value;
    });
    if (place != kNoEntry) return place;
    place = static_cast<std::uint32_t>(plan_.interactions_.size());
    index_.add(hash);
    plan_.interactions_.emplace_back().key = key;
    return place;
}

// Each row is an interaction; rows with the same mapped cells are told apart by their count. The cells
// are hashed as role:size:text, one after the other.
std::uint32_t Planner::add_by_digest() {
    encoded_.clear();
    for (std::size_t role = 0; role < kRoleCount; ++role) {
        if (!mapped(static_cast<Role>(role))) continue;
        const std::string_view value = text(static_cast<Role>(role));
        std::array<char, 20> size{};
        const auto end = std::to_chars(size.data(), size.data() + size.size(), value.size()).ptr;
        encoded_.append(kRoleNames[role]).append(":").append(size.data(), end).append(":").append(value);
    }
    for (const FieldColumn &field : mapping_.fields) {
        const std::string_view value = cell_text(plan_.input_, reader_.cells()[field.column.index], scratch_);
        encoded_.append(fmt::format("{}{}:{}:{}", kFieldRole, field.name, value.size(), value));
    }
    std::array<char, 33> hex{};
    kith_hash_text(encoded_.data(), encoded_.size(), hex.data());
    Plan::Digest digest;
    digest.high = from_hex({hex.data(), 16});
    digest.low = from_hex({hex.data() + 16, 16});

    const auto hash = static_cast<std::uint32_t>(digest.low);
    std::uint32_t &place = index_.place(hash, [&](std::uint32_t other) {
        return plan_.digests_[other].high == digest.high && plan_.digests_[other].low == digest.low;
    });
    if (place != kNoEntry) digest.repeat = plan_.digests_[place].repeat + 1;
    place = static_cast<std::uint32_t>(plan_.interactions_.size());  // the last of its equals
    index_.add(hash);
    plan_.digests_.push_back(digest);
    plan_.interactions_.emplace_back();
    return place;
}

void Planner::join(std::uint32_t index, const Values &values) {
    PlannedInteraction &interaction = plan_.interactions_[index];
    const bool first = interaction.row_count == 0;
    const std::uint32_t line = values.row.line;
    const auto refuse = [&](std::string_view reason, std::uint32_t other_line) {
        report(line, reason, other_line);
        spoil(interaction, line);
    };
    if (!first && interaction.kind != values.kind) {
        return refuse(
            "a row with the same key is of another kind: let the rules decide by a column all its rows share",
            plan_.rows_[interaction.first_row].line);
    }
    if (!values.party.empty() && !interaction.party.empty() &&
        cell_text(plan_.input_, values.party, scratch_) !=
            cell_text(plan_.input_, interaction.party, other_scratch_)) {
        return refuse("a row with the same key has another party", interaction.party_line);
    }
    if (!values.campaign.empty() && !interaction.campaign.empty() &&
        cell_text(plan_.input_, values.campaign, scratch_) !=
            cell_text(plan_.input_, interaction.campaign, other_scratch_)) {
        return refuse("a row with the same key has another campaign",
                      plan_.rows_[interaction.first_row].line);
    }
    plan_.fields_.resize(plan_.interactions_.size() * plan_.field_count_);
    Cell *const fields = plan_.fields_.data() + index * plan_.field_count_;
    for (std::size_t i = 0; i < values.fields.size(); ++i) {
        if (!values.fields[i].empty() && !fields[i].empty() &&
            cell_text(plan_.input_, values.fields[i], scratch_) !=
                cell_text(plan_.input_, fields[i], other_scratch_)) {
            return refuse(fmt::format("a row with the same key has another {}", mapping_.fields[i].name),
                          plan_.rows_[interaction.first_row].line);
        }
    }
    std::int64_t amount = 0;
    if (__builtin_add_overflow(interaction.amount, values.row.amount, &amount)) {
        return refuse("the amounts of the rows with its key are too large", 0);
    }
    interaction.amount = amount;
    interaction.kind = values.kind;
    interaction.at = first ? values.at : std::min(interaction.at, values.at);
    if (!values.party.empty() && interaction.party.empty()) {
        interaction.party = values.party;
        interaction.party_line = line;
    }
    if (interaction.campaign.empty()) interaction.campaign = values.campaign;
    for (std::size_t i = 0; i < values.fields.size(); ++i) {
        if (fields[i].empty()) fields[i] = values.fields[i];
    }
    const auto row = static_cast<std::uint32_t>(plan_.rows_.size());
    plan_.rows_.push_back(values.row);
    if (first) interaction.first_row = row;
    if (!first) plan_.rows_[interaction.last_row].next = row;
    interaction.last_row = row;
    ++interaction.row_count;
}

void Planner::report(std::uint32_t line, std::string_view reason, std::uint32_t other_line) {
    const auto [entry, fresh] =
        reason_numbers_.try_emplace(std::string(reason), static_cast<std::uint32_t>(plan_.reasons_.size()));
    if (fresh) plan_.reasons_.push_back(entry->first);
    plan_.problems_.push_back({line, entry->second, other_line});
}

void Planner::spoil(PlannedInteraction &interaction, std::uint32_t line) {
    if (interaction.bad_line == 0) interaction.bad_line = line;
}

// What can only be said of an interaction when all its rows are known.
void Planner::check_whole(PlannedInteraction &interaction) {
    if (interaction.bad_line != 0 || interaction.row_count == 0) return;
    const std::string &kind = plan_.kinds_[interaction.kind];
    std::string reason;
    if (interaction.amount < 0 && !may_be_negative(kind)) {
        reason = negative(kind, "amount");
    } else if (beyond_limit(interaction.amount)) {
        reason = "the amount is too large";
    } else if (plan_.has_lines_ && interaction.row_count > KITH_MAX_LINES) {
        reason = fmt::format("more than {} rows have its key", KITH_MAX_LINES);
    }
    if (reason.empty()) return;
    const std::uint32_t line = plan_.rows_[interaction.first_row].line;
    report(line, reason);
    spoil(interaction, line);
}

// What happened at the same instant is ordered by key: the order of rows in the file must not show.
bool Planner::key_before(std::uint32_t a, std::uint32_t b) {
    if (!mapped(kKey)) {
        const Plan::Digest &x = plan_.digests_[a], &y = plan_.digests_[b];
        return std::tie(x.high, x.low, x.repeat) < std::tie(y.high, y.low, y.repeat);
    }
    return cell_text(plan_.input_, plan_.interactions_[a].key, scratch_) <
           cell_text(plan_.input_, plan_.interactions_[b].key, other_scratch_);
}

void Planner::finish() {
    auto &interactions = plan_.interactions_;
    plan_.fields_.resize(interactions.size() * plan_.field_count_);
    for (std::uint32_t i = 0; i < interactions.size(); ++i) {
        PlannedInteraction &interaction = interactions[i];
        check_whole(interaction);
        if (interaction.row_count == 0) continue;
        if (interaction.bad_line == 0) {
            plan_.schedule_.push_back(i);
            if (interaction.party.empty()) plan_.anonymous_rows_ += interaction.row_count;
            continue;
        }
        for (std::uint32_t row = interaction.first_row; row != kNoRow; row = plan_.rows_[row].next) {
            const std::uint32_t line = plan_.rows_[row].line;
            if (line != interaction.bad_line)
                report(line, "another row with the same key is bad", interaction.bad_line);
        }
    }
    std::sort(plan_.schedule_.begin(), plan_.schedule_.end(), [&](std::uint32_t a, std::uint32_t b) {
        return interactions[a].at != interactions[b].at ? interactions[a].at < interactions[b].at
                                                        : key_before(a, b);
    });
    std::sort(plan_.problems_.begin(), plan_.problems_.end(),
              [](const Problem &a, const Problem &b) { return a.line < b.line; });
}

Plan::Plan(const Mapping &mapping, const PlanSettings &settings) { Planner(*this, mapping, settings).run(); }

std::string Plan::problem_text(const Problem &problem) const {
    const std::string &reason = reasons_[problem.reason];
    return problem.other_line == 0 ? reason : fmt::format("{} (line {})", reason, problem.other_line);
}

std::string_view Plan::key_text(std::uint32_t index, std::string &scratch) const {
    if (digests_.empty()) return text(interactions_[index].key, scratch);
    const Digest &digest = digests_[index];
    // The date goes first, so that keys grow with time: the store adds them at the end of its index.
    char at[32];
    kith_time_format(interactions_[index].at, at, sizeof at);
    scratch = fmt::format("{:.10}-{:016x}{:016x}-{}", at, digest.high, digest.low, digest.repeat);
    return scratch;
}

}  // namespace kith::cli
