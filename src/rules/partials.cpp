#include "rules/partials.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace kith::rules {

namespace {

// As stored, little-endian; the summary's words follow. A count has 38 bits: the upper six stand above the
// summary.
class CellHead {
public:
    std::uint8_t day = 0;

private:
    std::uint8_t kind_ = 0;

public:
    MeasureNumber measure = 0;

private:
    std::uint32_t count_ = 0;

public:
    Summary summary() const { return static_cast<Summary>(kind_ & 3); }
    std::uint64_t count() const { return static_cast<std::uint64_t>(kind_ >> 2) << 32 | count_; }
    void set(Summary summary, std::uint64_t count) {
        kind_ = static_cast<std::uint8_t>(static_cast<std::uint64_t>(summary) | (count >> 32) << 2);
        count_ = static_cast<std::uint32_t>(count);
    }
};
static_assert(sizeof(CellHead) == 8);

// The first or the last row of a cell.
struct End {
    base::Micros at = 0;
    std::int64_t value = 0;
    auto operator<=>(const End &) const = default;
};

constexpr std::size_t words_of(Summary summary) {
    constexpr std::size_t kWords[] = {0, 2, 2, 4};
    return kWords[static_cast<std::size_t>(summary)];
}

constexpr std::size_t kCellMax = sizeof(CellHead) + 4 * 8;

std::size_t size_of(const CellHead &head) { return sizeof head + words_of(head.summary()) * 8; }

bool read_head(base::Bytes bytes, CellHead &head) {
    if (bytes.size() < sizeof head) return false;
    std::memcpy(&head, bytes.data(), sizeof head);
    return bytes.size() >= size_of(head);
}

template <class... Numbers>
void read_words(const std::byte *in, Numbers &...numbers) {
    ((std::memcpy(&numbers, in, sizeof numbers), in += sizeof numbers), ...);
}

template <class... Numbers>
void write_words(std::byte *out, const Numbers &...numbers) {
    ((std::memcpy(out, &numbers, sizeof numbers), out += sizeof numbers), ...);
}

Partial read_partial(Summary summary, std::uint64_t count, const std::byte *words) {
    Partial partial;
    partial.count = count;
    switch (summary) {
        case Summary::count:
            break;
        case Summary::sum:
            read_words(words, partial.sum);
            break;
        case Summary::extremes:
            read_words(words, partial.min, partial.max);
            break;
        case Summary::ends:
            read_words(words, partial.first_at, partial.first_value, partial.last_at, partial.last_value);
            break;
    }
    return partial;
}

void write_partial(const CellHead &head, const Partial &partial, std::byte *out) {
    write_words(out, head);
    out += sizeof head;
    switch (head.summary()) {
        case Summary::count:
            break;
        case Summary::sum:
            write_words(out, partial.sum);
            break;
        case Summary::extremes:
            write_words(out, partial.min, partial.max);
            break;
        case Summary::ends:
            write_words(out, partial.first_at, partial.first_value, partial.last_at, partial.last_value);
            break;
    }
}

}  // namespace

void Partial::add(const Contribution &one) {
    Partial other;
    other.count = 1;
    other.sum = one.addend;
    other.min = other.max = other.first_value = other.last_value = one.value;
    other.first_at = other.last_at = one.at;
    add(other);
}

void Partial::add(const Partial &other) {
    if (other.count == 0) return;
    if (count == 0) {
        *this = other;
        return;
    }
    count += other.count;
    sum += other.sum;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    if (std::pair(other.first_at, other.first_value) < std::pair(first_at, first_value)) {
        first_at = other.first_at;
        first_value = other.first_value;
    }
    if (std::pair(other.last_at, other.last_value) > std::pair(last_at, last_value)) {
        last_at = other.last_at;
        last_value = other.last_value;
    }
}

bool Partial::remove(const Contribution &one, Summary summary) {
    if (count <= 1) {
        *this = {};
        return true;
    }
    switch (summary) {
        case Summary::count:
            break;
        case Summary::sum:
            sum -= one.addend;
            break;
        case Summary::extremes:
            if (one.value == min || one.value == max) return false;
            break;
        case Summary::ends:
            if (one.at == first_at || one.at == last_at) return false;
            break;
    }
    --count;
    return true;
}

std::optional<__int128> fixed_point(double value) {
    if (!(std::abs(value) <= kAddendMax)) return std::nullopt;
    return static_cast<__int128>(std::nearbyint(value * kFixedPoint));
}

Partial DayCell::partial() const { return read_partial(summary, count, words); }

bool next_cell(base::Bytes &rest, DayCell &out) {
    CellHead head;
    if (!read_head(rest, head)) return false;
    out = {head.day, head.measure, head.summary(), head.count(), rest.data() + sizeof head};
    rest = rest.subspan(size_of(head));
    return true;
}

PartialRow::Place PartialRow::place(int day, MeasureNumber measure) const {
    if (day < near_day_) {
        near_day_ = 0;
        near_ = 0;
    }
    Place place{near_, 0};
    int before = -1;
    CellHead head;
    while (read_head(base::Bytes(bytes_).subspan(place.offset), head)) {
        if (head.day != before) {
            if (head.day > day) break;
            before = head.day;
            near_day_ = head.day;
            near_ = place.offset;
        }
        if (head.day == day && head.measure >= measure) {
            if (head.measure == measure) place.size = size_of(head);
            break;
        }
        place.offset += size_of(head);
    }
    return place;
}

std::optional<Partial> PartialRow::find(int day, MeasureNumber measure) const {
    const auto found = place(day, measure);
    if (found.size == 0) return std::nullopt;
    CellHead head;
    std::memcpy(&head, bytes_.data() + found.offset, sizeof head);
    return read_partial(head.summary(), head.count(), bytes_.data() + found.offset + sizeof head);
}

void PartialRow::add(int day, MeasureNumber measure, Summary summary, const Contribution &one) {
    const auto found = place(day, measure);
    if (found.size == 0) {
        Partial partial;
        partial.add(one);
        put(found, day, measure, summary, partial);
        return;
    }
    auto *const cell = bytes_.data() + found.offset;
    auto *const words = cell + sizeof(CellHead);
    CellHead head;
    std::memcpy(&head, cell, sizeof head);
    head.set(head.summary(), head.count() + 1);
    std::memcpy(cell, &head, sizeof head);
    switch (head.summary()) {
        case Summary::count:
            break;
        case Summary::sum: {
            __int128 sum = 0;
            read_words(words, sum);
            sum += one.addend;
            write_words(words, sum);
            break;
        }
        case Summary::extremes: {
            std::int64_t min = 0, max = 0;
            read_words(words, min, max);
            write_words(words, std::min(min, one.value), std::max(max, one.value));
            break;
        }
        case Summary::ends: {
            End first, last;
            read_words(words, first, last);
            const End mine{one.at, one.value};
            write_words(words, std::min(first, mine), std::max(last, mine));
            break;
        }
    }
}

bool PartialRow::remove(int day, MeasureNumber measure, const Contribution &one) {
    const auto found = place(day, measure);
    if (found.size == 0) return true;
    CellHead head;
    std::memcpy(&head, bytes_.data() + found.offset, sizeof head);
    auto partial = read_partial(head.summary(), head.count(), bytes_.data() + found.offset + sizeof head);
    if (!partial.remove(one, head.summary())) return false;
    put(found, day, measure, head.summary(), partial);
    return true;
}

void PartialRow::put(int day, MeasureNumber measure, Summary summary, const Partial &partial) {
    put(place(day, measure), day, measure, summary, partial);
}

void PartialRow::put(const Place &old, int day, MeasureNumber measure, Summary summary,
                     const Partial &partial) {
    std::array<std::byte, kCellMax> cell;
    CellHead head;
    head.day = static_cast<std::uint8_t>(day);
    head.measure = measure;
    head.set(summary, partial.count);
    const auto size = partial.count ? size_of(head) : 0;
    if (size) write_partial(head, partial, cell.data());
    const auto at = bytes_.begin() + static_cast<std::ptrdiff_t>(old.offset);
    if (size > old.size) {
        bytes_.insert(at, size - old.size, std::byte{0});
    } else if (size < old.size) {
        bytes_.erase(at, at + static_cast<std::ptrdiff_t>(old.size - size));
    }
    std::memcpy(bytes_.data() + old.offset, cell.data(), size);
}

}  // namespace kith::rules
