#include "engine/figures_row.hpp"

#include <algorithm>
#include <cstring>

namespace kith::engine {
namespace {

struct Stored {
    std::int64_t amount_total, returns_total;
    std::int64_t first_at, last_at, first_order_at, last_order_at;
    std::uint32_t interactions, orders, returns;
    std::uint32_t anonymous : 1;
    std::uint32_t gaps : 31;
    model::Name owner, reserved;
    base::Micros commitments_due;
};
static_assert(sizeof(Stored) == 80 && sizeof(model::Gap) == 8);

struct ProcessHead {
    base::Id id;
    base::Micros wake;
    std::uint64_t size;
};
static_assert(sizeof(ProcessHead) == 32);

[[gnu::cold]] base::Error too_short() {
    return base::fail(base::Status::corrupt, "a row of table counters is too short");
}

base::Result<std::size_t> figures_size(base::Bytes bytes) {
    Stored stored;
    if (bytes.size() < sizeof stored) return too_short();
    std::memcpy(&stored, bytes.data(), sizeof stored);
    return sizeof stored + stored.gaps * sizeof(model::Gap);
}

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
    stored.owner = row.owner;
    stored.commitments_due = row.commitments_due;
    stored.gaps = f.gaps.size() & 0x7fffffffu;
    out.resize(sizeof stored + f.gaps.size() * sizeof(model::Gap));
    std::memcpy(out.data(), &stored, sizeof stored);
    if (!f.gaps.empty())
        std::memcpy(out.data() + sizeof stored, f.gaps.data(), f.gaps.size() * sizeof(model::Gap));
}

base::Result<FiguresRow> decode_figures(base::Bytes bytes) {
    Stored stored;
    KITH_LET(size, figures_size(bytes));
    if (size > bytes.size()) return too_short();
    std::memcpy(&stored, bytes.data(), sizeof stored);
    FiguresRow row;
    row.anonymous = stored.anonymous != 0;
    row.owner = stored.owner;
    row.commitments_due = stored.commitments_due;
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

void append(const StoredProcess &process, std::vector<std::byte> &out) {
    const ProcessHead head{process.id, process.wake, process.record.size()};
    const auto at = out.size();
    out.resize(at + sizeof head + base::round_up_8(process.record.size()));
    std::memcpy(out.data() + at, &head, sizeof head);
    std::memcpy(out.data() + at + sizeof head, process.record.data(), process.record.size());
}

base::Result<base::Bytes> processes_of(base::Bytes row) {
    KITH_LET(size, figures_size(row));
    if (size > row.size()) return too_short();
    return row.subspan(size);
}

base::Result<bool> next_process(base::Bytes &rest, StoredProcess &out) {
    if (rest.empty()) return false;
    ProcessHead head;
    if (rest.size() < sizeof head) return too_short();
    std::memcpy(&head, rest.data(), sizeof head);
    rest = rest.subspan(sizeof head);
    if (head.size > rest.size()) return too_short();
    out = {head.id, head.wake, rest.first(head.size)};
    rest = rest.subspan(std::min<std::size_t>(base::round_up_8(head.size), rest.size()));
    return true;
}

void FiguresCount::add(base::Micros at, const record::InteractionSummary &summary) {
    auto &f = figures;
    if (f.interactions++ == 0) f.first_at = at;
    f.last_at = at;
    if (summary.type == return_ && return_) {
        ++f.returns;
        f.returns_total += summary.amount;
    }
    if (summary.type != order_ || !order_) return;
    if (f.orders++ == 0) f.first_order_at = at;
    f.last_order_at = at;
    f.amount_total += summary.amount;
    const auto day = zone_.local_day(at);
    if (last_day_ && day > *last_day_ && gaps_) f.add_gap(static_cast<std::uint32_t>(day - *last_day_));
    last_day_ = day;
}

}  // namespace kith::engine
