// A made-up shop: two years (or more) of customers, orders, returns, complaints, visits and messages,
// with an Advent peak, a quiet summer, full Saturdays, and customers of different habits. It is a pure
// function of its options in integer arithmetic: the same seed gives the same shop on every machine.
// Nobody in it exists; e-mail addresses are at example.com, phone numbers from the range kept for fiction.
#pragma once

#include <kith/kith.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::cli {

// splitmix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014).
class SampleRandom {
public:
    explicit SampleRandom(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    std::uint32_t below(std::uint32_t limit);                      // 0 to limit - 1
    std::uint32_t between(std::uint32_t low, std::uint32_t high);  // both included
    bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }

private:
    std::uint64_t state_;
};

struct SampleOptions {
    std::uint64_t seed = 1;
    std::uint32_t customers = 2500;
    std::uint32_t years = 2;
};

enum class SampleHabit : std::uint8_t { kOnce, kOccasional, kRegular, kSeasonal, kLapsing };
enum class SampleKind : std::uint8_t { kOrder, kReturn, kComplaint, kVisit, kMessage };

struct SampleCustomer {
    std::string key;  // C-00001 is the first who came
    std::string name;
    std::string email, phone, card;  // empty: none
    std::string_view language;
    SampleHabit habit = SampleHabit::kOnce;
    bool organisation = false;
};

struct SampleProduct {
    std::string_view name;
    std::int64_t price;    // cents
    std::uint32_t weight;  // how often it is chosen
    std::uint32_t advent_weight;
};

struct SampleLine {
    std::uint32_t product = 0;
    std::int64_t quantity = 0;  // negative in returns
    std::int64_t amount = 0;    // cents
};

struct SampleEvent {
    kith_time at = 0;
    std::uint32_t customer = 0;
    SampleKind kind = SampleKind::kOrder;
    std::uint32_t direction = KITH_DIRECTION_NONE;
    std::string key;
    std::int64_t amount = 0;  // cents: orders and returns
    std::vector<SampleLine> lines;
    std::string_view medium, topic, text, outcome, actor;
    std::int64_t duration_s = 0;  // visits
};

struct SampleShop {
    kith_time begin = 0, end = 0;  // end is 2026-01-01
    std::vector<SampleCustomer> customers;
    std::vector<SampleEvent> events;  // in order of time
};

const std::vector<SampleProduct> &sample_products();
std::string_view sample_type(SampleKind kind);  // the interaction type: "order", ...
SampleShop make_sample(const SampleOptions &options);

}  // namespace kith::cli
