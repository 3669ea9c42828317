#include "engine/figures_row.hpp"

#include <cstring>

namespace kith::engine {
namespace {

struct Stored {
    std::int64_t amount_total, returns_total;
    std::int64_t first_at, last_at, first_order_at, last_order_at;
    std::uint32_t interactions, orders, returns;
    std::uint32_t anonymous : 1;
    std::uint32_t gaps : 31;
};
static_assert(sizeof(Stored) == 64 && sizeof(model::Gap) == 8);

}  // namespace

void encode(const FiguresRow &row, std::vector<std::byte> &out) {
    const auto &f = row.figures;
    Stored stored{};
    stored.amount_total = f.amount_total;
    stored.returns_total = f.returns_total;
    stored.first_at = f.first_at;
    stored.last_at = f.last_at;
    stored.first_order_at = f.first_order_at;
    stored.last_order_at = f.last_order_at;
    stored.interactions = f.interactions;
    stored.orders = f.orders;
    stored.returns = f.returns;
    stored.anonymous = row.anonymous;
    stored.gaps = f.gaps.size() & 0x7fffffffu;
    out.resize(sizeof stored + f.gaps.size() * sizeof(model::Gap));
    std::memcpy(out.data(), &stored, sizeof stored);
    if (!f.gaps.empty())
        std::memcpy(out.data() + sizeof stored, f.gaps.data(), f.gaps.size() * sizeof(model::Gap));
}

base::Result<FiguresRow> decode_figures(base::Bytes bytes) {
    Stored stored;
    if (bytes.size() < sizeof stored)
        return base::fail(base::Status::corrupt, "a row of table counters is too short");
    std::memcpy(&stored, bytes.data(), sizeof stored);
    if (bytes.size() != sizeof stored + stored.gaps * sizeof(model::Gap)) {
        return base::fail(base::Status::corrupt, "a row of table counters has the wrong length");
    }
    FiguresRow row;
    row.anonymous = stored.anonymous != 0;
    auto &f = row.figures;
    f.interactions = stored.interactions;
    f.orders = stored.orders;
    f.returns = stored.returns;
    f.amount_total = stored.amount_total;
    f.returns_total = stored.returns_total;
    f.first_at = stored.first_at;
    f.last_at = stored.last_at;
    f.first_order_at = stored.first_order_at;
    f.last_order_at = stored.last_order_at;
    f.gaps.resize(stored.gaps);
    if (stored.gaps)
        std::memcpy(f.gaps.data(), bytes.data() + sizeof stored, stored.gaps * sizeof(model::Gap));
    return row;
}

}  // namespace kith::engine
