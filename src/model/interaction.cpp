#include "model/interaction.hpp"

namespace kith::model {
namespace {

bool either_sign(std::string_view type) { return type == kReturn || type == kAdjustment; }

base::Error wrong(std::uint32_t field, base::Status status, std::string message) {
    auto error = base::fail(status, std::move(message));
    error.field = field;
    return error;
}

base::Result<void> check_one(std::string_view type, std::int64_t amount, std::uint32_t field,
                             const char *what) {
    if (amount > base::kMaxAmount || amount < -base::kMaxAmount) {
        return wrong(field, base::Status::limit,
                     std::string(what) + " is too large: at most 900,000,000,000,000,000 minor units");
    }
    if (amount < 0 && !either_sign(type)) {
        return wrong(field, base::Status::argument,
                     std::string(what) + " is negative: record what goes back as type return or adjustment");
    }
    return {};
}

}  // namespace

base::Result<void> check_amounts(std::string_view type, std::optional<std::int64_t> amount,
                                 std::optional<std::int64_t> base_amount, std::optional<std::int64_t> cost) {
    if (amount) KITH_TRY(check_one(type, *amount, interaction_field::amount, "the amount"));
    if (base_amount)
        KITH_TRY(check_one(type, *base_amount, interaction_field::base_amount, "the base amount"));
    if (cost) KITH_TRY(check_one({}, *cost, interaction_field::cost, "the cost"));
    return {};
}

base::Result<void> check_line(std::string_view type, std::int64_t quantity, std::int64_t unit_price,
                              std::int64_t amount, std::optional<std::int64_t> margin) {
    // Of either sign: goods are sold at a loss too.
    if (margin) KITH_TRY(check_one(kAdjustment, *margin, interaction_field::lines, "a line's margin"));
    KITH_TRY(check_one(type, quantity, interaction_field::lines, "a line's quantity"));
    KITH_TRY(check_one(type, unit_price, interaction_field::lines, "a line's unit price"));
    return check_one(type, amount, interaction_field::lines, "a line's amount");
}

}  // namespace kith::model
