#include "cli/sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <utility>

#include "cli/sample_names.hpp"

namespace kith::cli {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr int kEndYear = 2026;

// Demand of a day in per mille of the busiest one.

struct Date {
    unsigned month, day, weekday;  // Sunday is 0
};

Date date_of(std::int32_t day) {
    const std::chrono::sys_days days{std::chrono::days(day)};
    const std::chrono::year_month_day date(days);
    return {unsigned(date.month()), unsigned(date.day()), std::chrono::weekday(days).c_encoding()};
}

bool in_advent(std::int32_t day) {
    const Date date = date_of(day);
    return (date.month == 11 && date.day >= 26) || (date.month == 12 && date.day <= 23);
}

std::uint32_t demand(std::int32_t day) {
    static constexpr std::array<std::uint32_t, 12> kMonths{430, 410, 480, 520, 510, 450,
                                                           330, 320, 500, 540, 680, 1000};
    static constexpr std::array<std::uint32_t, 7> kWeekdays{150, 480, 530, 560, 620, 780, 1000};
    const Date date = date_of(day);
    if (date.month == 12 && date.day > 23) return date.day < 27 ? 30 : 150;
    if (date.month == 1 && date.day == 1) return 30;
    return kMonths[date.month - 1] * kWeekdays[date.weekday] / 1000;
}

const std::vector<SampleProduct> kProducts{
    {"Assam 100 g", 690, 60, 30},
    {"Darjeeling first flush 100 g", 1450, 35, 30},
    {"Earl Grey 100 g", 590, 80, 50},
    {"Green Sencha 100 g", 780, 60, 30},
    {"Jasmine pearls 50 g", 1290, 30, 25},
    {"Lapsang Souchong 100 g", 820, 15, 10},
    {"Oolong 50 g", 1120, 25, 20},
    {"White Peony 50 g", 1390, 15, 15},
    {"Rooibos vanilla 100 g", 540, 55, 40},
    {"Peppermint 100 g", 450, 50, 25},
    {"Camomile 100 g", 470, 40, 20},
    {"Chai spice mix 100 g", 650, 45, 60},
    {"Winter orchard 100 g", 620, 20, 140},
    {"Advent calendar of teas", 2490, 2, 120},
    {"Gift box small", 1990, 20, 110},
    {"Gift box large", 3990, 8, 60},
    {"Glass teapot 1 l", 3450, 10, 20},
    {"Cast-iron teapot", 5900, 4, 12},
    {"Porcelain cup", 1250, 25, 30},
    {"Mug, hand-thrown", 1690, 20, 35},
    {"Tea strainer", 590, 30, 15},
    {"Filter bags, 100", 390, 50, 20},
    {"Matcha 30 g", 1890, 20, 15},
    {"Bamboo whisk", 1350, 6, 8},
    {"Lime-blossom honey 250 g", 690, 30, 35},
    {"Forest honey 500 g", 990, 25, 30},
    {"Shortbread 200 g", 420, 45, 60},
    {"Almond biscuits 150 g", 480, 40, 60},
    {"Candied ginger 150 g", 550, 25, 35},
    {"Dark chocolate 100 g", 390, 50, 60},
    {"Beeswax candle", 790, 12, 70},
    {"Linen tea towel", 1190, 12, 25},
};

constexpr std::array<std::string_view, 5> kStaff{"Mira", "Tom", "Nadia", "Jonas", "Web shop"};

struct Complaint {
    std::string_view topic, text, outcome;
};
constexpr std::array<Complaint, 5> kComplaints{{
    {"delivery", "The parcel came a week late.", "apologised"},
    {"quality", "The tea smelled of the packaging.", "replaced"},
    {"damage", "The cup was broken when I opened the box.", "refunded"},
    {"service", "Nobody answered the phone.", "apologised"},
    {"wrong goods", "I ordered Assam and got Oolong.", "replaced"},
}};

struct Question {
    std::string_view topic, text, outcome;
};
constexpr std::array<Question, 5> kQuestions{{
    {"opening hours", "Are you open on the bridge day?", "answered"},
    {"goods", "Which tea goes with breakfast?", "answered"},
    {"order", "When will my order arrive?", "answered"},
    {"gift", "Can you wrap it as a gift?", "promised"},
    {"stock", "When will the first flush be back?", "promised"},
}};

// One customer's life with the shop, told into the list of events.
class Life {
public:
    Life(SampleShop &shop, std::uint32_t customer, SampleRandom &random)
        : shop_(shop),
          customer_(customer),
          random_(random),
          first_day_(static_cast<std::int32_t>(shop.begin / kDay)),
          end_day_(static_cast<std::int32_t>(shop.end / kDay)) {}

    void live() {
        const SampleHabit habit = shop_.customers[customer_].habit;
        std::int32_t day = habit == SampleHabit::kSeasonal ? advent_day(first_year_of_entry()) : entry_day();
        const std::uint32_t gap = own_gap(habit);
        // A lapsing customer has a rhythm, and one day it ends.
        std::uint32_t orders_left = orders_to_come(habit);
        while (day < end_day_ && orders_left-- > 0) {
            order(day);
            if (lost_) break;
            if (habit == SampleHabit::kSeasonal) {
                day = advent_day(date_year(day) + 1);
                continue;
            }
            visit_between(day, gap);
            day = gift_day(day, next_day(day, gap), habit);
        }
    }

private:
    // When.

    // The first demanded day from `day` on: in quiet months it takes longer to come.
    std::int32_t demanded_day(std::int32_t day) {
        while (day < end_day_ && !random_.chance(demand(day))) ++day;
        return day;
    }

    // Two in five were customers early on, the others came bit by bit.
    std::int32_t entry_day() {
        const auto days = static_cast<std::uint32_t>(end_day_ - first_day_);
        const std::uint32_t within = random_.chance(400) ? std::min(days, 150U) : days;
        for (;;) {  // so that new customers come when there is demand
            const std::int32_t day = first_day_ + static_cast<std::int32_t>(random_.below(within));
            if (random_.chance(demand(day))) return day;
        }
    }

    static int date_year(std::int32_t day) {
        return int(std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(day))).year());
    }

    int first_year_of_entry() {
        const int first = date_year(first_day_);
        return first + static_cast<int>(random_.below(static_cast<std::uint32_t>(kEndYear - first)));
    }

    std::int32_t advent_day(int year) {
        using namespace std::chrono;
        if (year >= kEndYear) return end_day_;
        const auto start = sys_days(std::chrono::year(year) / November / 26).time_since_epoch().count();
        return demanded_day(static_cast<std::int32_t>(start) + static_cast<std::int32_t>(random_.below(24)));
    }

    std::uint32_t own_gap(SampleHabit habit) {
        switch (habit) {
            case SampleHabit::kRegular:
                return random_.between(12, 55);
            case SampleHabit::kLapsing:
                return random_.between(15, 60);
            default:
                return random_.between(70, 200);
        }
    }

    // A sum of two dice of the gap: mostly near it, seldom half or one and a half times of it.
    std::uint32_t jittered(std::uint32_t gap) {
        return std::max(1U, gap / 2 + random_.below(gap / 2 + 1) + random_.below(gap / 2 + 1));
    }

    std::uint32_t orders_to_come(SampleHabit habit) {
        switch (habit) {
            case SampleHabit::kOnce:
                return 1;
            case SampleHabit::kOccasional:
                return random_.between(2, 8);
            case SampleHabit::kLapsing:
                return random_.between(4, 12);
            default:
                return 1000;
        }
    }

    // Shorter pauses in the Advent; in summer one in three is away.
    std::int32_t next_day(std::int32_t day, std::uint32_t gap) {
        std::int32_t next = day + static_cast<std::int32_t>(jittered(in_advent(day) ? gap / 2 : gap));
        const unsigned month = date_of(next).month;
        if ((month == 7 || month == 8) && random_.chance(350)) {
            next += static_cast<std::int32_t>(random_.between(14, 40));
        }
        return demanded_day(next);
    }

    // More than half of those who have come before the Advent come once more in it, for gifts.
    std::int32_t gift_day(std::int32_t day, std::int32_t next, SampleHabit habit) {
        if (habit == SampleHabit::kOnce || in_advent(day)) return next;
        const std::int32_t gift = advent_day(date_year(day));
        const bool before_next = gift > day && gift < next;
        return before_next && random_.chance(650) ? gift : next;
    }

    kith_time time_on(std::int32_t day, std::string_view medium) {
        // Per hour from midnight on: the shop is open from 9 to 19, the web shop is busy at night.
        static constexpr std::array<std::uint8_t, 24> kShop{0, 0, 0, 0, 0,  0,  0, 0, 0, 6, 10, 12,
                                                            9, 6, 7, 9, 12, 14, 9, 0, 0, 0, 0,  0};
        static constexpr std::array<std::uint8_t, 24> kWeb{2, 1, 0, 0, 0, 0, 1, 2, 3,  3,  4, 4,
                                                           5, 4, 3, 3, 4, 5, 6, 9, 12, 13, 9, 5};
        const auto &hours = medium == "web" || medium == "email" ? kWeb : kShop;
        std::uint32_t at = random_.below(std::accumulate(hours.begin(), hours.end(), 0U));
        std::uint32_t hour = 0;
        while (at >= hours[hour]) at -= hours[hour++];
        return day * kDay + (hour * 3600 + random_.below(3600)) * kSecond;
    }

    // What.

    SampleEvent &add(SampleKind kind, kith_time at, std::string_view medium) {
        SampleEvent event;
        event.kind = kind;
        event.at = at;
        event.customer = customer_;
        event.medium = medium;
        event.actor = medium == "web" ? kStaff.back() : kStaff[random_.below(kStaff.size() - 1)];
        shop_.events.push_back(std::move(event));
        return shop_.events.back();
    }

    std::string_view buying_medium(std::int32_t day) {
        const bool sunday = date_of(day).weekday == 0;
        const std::uint32_t at = random_.below(100);
        return sunday || at < 32 ? "web" : at < 37 ? "phone" : "shop";
    }

    std::uint32_t pick_product(bool advent) {
        const auto weight = [&](const SampleProduct &p) { return advent ? p.advent_weight : p.weight; };
        std::uint32_t all = 0;
        for (const SampleProduct &product : kProducts) all += weight(product);
        std::uint32_t at = random_.below(all);
        std::uint32_t index = 0;
        while (at >= weight(kProducts[index])) at -= weight(kProducts[index++]);
        return index;
    }

    std::vector<SampleLine> basket(bool advent) {
        const bool organisation = shop_.customers[customer_].organisation;
        const std::uint32_t count =
            1 + random_.below(3) + (advent ? random_.below(3) : 0) + (organisation ? 3 : 0);
        std::vector<SampleLine> lines;
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t product = pick_product(advent);
            const bool there = std::any_of(lines.begin(), lines.end(),
                                           [&](const SampleLine &line) { return line.product == product; });
            if (there) continue;
            const std::int64_t quantity = organisation          ? random_.between(4, 24)
                                          : random_.chance(750) ? 1
                                                                : random_.between(2, 4);
            lines.push_back({product, quantity, quantity * kProducts[product].price});
        }
        return lines;
    }

    void order(std::int32_t day) {
        const std::string_view medium = buying_medium(day);
        SampleEvent &event = add(SampleKind::kOrder, time_on(day, medium), medium);
        event.direction = KITH_DIRECTION_IN;
        event.lines = basket(in_advent(day));
        for (const SampleLine &line : event.lines) event.amount += line.amount;
        const SampleEvent sold = event;  // what follows moves the list
        if (!greeted_ && random_.chance(400)) thank(day);
        greeted_ = true;
        if (random_.chance(medium == "web" ? 70 : 22)) give_back(sold, day);
        if (random_.chance(25)) complain(day);
        if (random_.chance(60)) ask(day);
    }

    void thank(std::int32_t day) {
        SampleEvent &event = add(SampleKind::kMessage, time_on(day + 1, "email"), "email");
        event.direction = KITH_DIRECTION_OUT;
        event.topic = "welcome";
        event.text = "Thank you for your first order.";
    }

    // One line of the order, or part of it.
    void give_back(const SampleEvent &sold, std::int32_t day) {
        const SampleLine &line = sold.lines[random_.below(static_cast<std::uint32_t>(sold.lines.size()))];
        const std::int64_t quantity = random_.between(1, static_cast<std::uint32_t>(line.quantity));
        const std::int32_t later = day + static_cast<std::int32_t>(random_.between(3, 20));
        SampleEvent &event = add(SampleKind::kReturn, time_on(later, "shop"), sold.medium);
        event.direction = KITH_DIRECTION_IN;
        event.topic = random_.chance(600) ? "not as expected" : "damaged";
        event.lines = {{line.product, -quantity, -quantity * kProducts[line.product].price}};
        event.amount = event.lines[0].amount;
    }

    // Every third who complains is not seen again.
    void complain(std::int32_t day) {
        const Complaint &complaint = kComplaints[random_.below(kComplaints.size())];
        const std::int32_t later = day + static_cast<std::int32_t>(random_.between(1, 9));
        const std::string_view medium = random_.chance(500) ? "email" : "phone";
        SampleEvent &event = add(SampleKind::kComplaint, time_on(later, medium), medium);
        event.direction = KITH_DIRECTION_IN;
        event.topic = complaint.topic;
        event.text = complaint.text;
        event.outcome = complaint.outcome;
        SampleEvent &answer = add(SampleKind::kMessage, time_on(later + 1, "shop"), "email");
        answer.direction = KITH_DIRECTION_OUT;
        answer.topic = complaint.topic;
        answer.text = "We are sorry, and have put it right.";
        lost_ = lost_ || random_.chance(330);
    }

    void ask(std::int32_t day) {
        const Question &question = kQuestions[random_.below(kQuestions.size())];
        const std::int32_t later = day + static_cast<std::int32_t>(random_.between(2, 25));
        SampleEvent &event = add(SampleKind::kMessage, time_on(later, "email"), "email");
        event.direction = KITH_DIRECTION_IN;
        event.topic = question.topic;
        event.text = question.text;
        event.outcome = question.outcome;
    }

    // Looking in without buying.
    void visit_between(std::int32_t day, std::uint32_t gap) {
        if (!random_.chance(180)) return;
        std::int32_t later = day + static_cast<std::int32_t>(random_.between(1, std::max(2U, gap / 2)));
        if (date_of(later).weekday == 0) ++later;
        SampleEvent &event = add(SampleKind::kVisit, time_on(later, "shop"), "shop");
        event.direction = KITH_DIRECTION_IN;
        event.outcome = "nothing bought";
        event.duration_s = random_.between(2, 25) * 60;
    }

    SampleShop &shop_;
    std::uint32_t customer_;
    SampleRandom &random_;
    std::int32_t first_day_, end_day_;
    bool greeted_ = false;
    bool lost_ = false;
};

SampleCustomer make_customer(SampleRandom &random) {
    // Of a thousand customers: so many of each habit, in the order of SampleHabit.
    static constexpr std::array<std::uint32_t, 5> kHabits{360, 250, 200, 80, 110};
    SampleCustomer customer;
    std::uint32_t at = random.below(1000);
    std::uint32_t habit = 0;
    while (at >= kHabits[habit]) at -= kHabits[habit++];
    customer.habit = static_cast<SampleHabit>(habit);
    customer.organisation = customer.habit != SampleHabit::kOnce && random.chance(25);
    const SampleName name = customer.organisation ? organisation_name(random) : person_name(random);
    customer.name = name.full;
    customer.language = name.language;
    if (random.chance(720)) customer.email = name.ascii;  // finished when the number is known
    if (random.chance(450)) customer.phone = "+";
    if (random.chance(customer.habit == SampleHabit::kOnce ? 150 : 650)) customer.card = "K";
    return customer;
}

// The numbers 555-0100 to 555-0199 of each area code are kept for fiction.
std::string fiction_phone(std::uint32_t number) {
    const std::uint32_t area = 201 + number / 100;
    return area > 989 ? std::string() : fmt::format("+1 {} 555 01{:02}", area, number % 100);
}

// Customers are numbered in the order in which they came, records in the order of time.
void number_all(SampleShop &shop) {
    std::stable_sort(shop.events.begin(), shop.events.end(), [](const SampleEvent &a, const SampleEvent &b) {
        return std::pair(a.at, a.customer) < std::pair(b.at, b.customer);
    });
    std::vector<std::uint32_t> number(shop.customers.size(), UINT32_MAX);
    std::vector<SampleCustomer> customers;
    std::array<std::uint32_t, 5> counts{};
    for (SampleEvent &event : shop.events) {
        std::uint32_t &mine = number[event.customer];
        if (mine == UINT32_MAX) {
            mine = static_cast<std::uint32_t>(customers.size());
            customers.push_back(std::move(shop.customers[event.customer]));
        }
        event.customer = mine;
        static constexpr std::string_view kLetters = "OQXVM";
        const auto kind = static_cast<std::size_t>(event.kind);
        event.key = fmt::format("{}-{:06}", kLetters[kind], ++counts[kind]);
    }
    std::uint32_t phones = 0;
    for (std::uint32_t i = 0; i < customers.size(); ++i) {
        SampleCustomer &customer = customers[i];
        customer.key = fmt::format("C-{:05}", i + 1);
        if (!customer.email.empty()) customer.email += fmt::format(".{}@example.com", i + 1);
        if (!customer.phone.empty()) customer.phone = fiction_phone(phones++);
        if (!customer.card.empty())
            customer.card = fmt::format("7000 {:04} {:04}", (i + 1) / 10000, (i + 1) % 10000);
    }
    shop.customers = std::move(customers);
}

}  // namespace

std::uint64_t SampleRandom::next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

std::uint32_t SampleRandom::below(std::uint32_t limit) {
    return static_cast<std::uint32_t>(((next() >> 32) * limit) >> 32);
}

std::uint32_t SampleRandom::between(std::uint32_t low, std::uint32_t high) {
    return low + below(high - low + 1);
}

const std::vector<SampleProduct> &sample_products() { return kProducts; }

std::string_view sample_type(SampleKind kind) {
    static constexpr std::array<std::string_view, 5> kTypes{"order", "return", "complaint", "visit",
                                                            "message"};
    return kTypes[static_cast<std::size_t>(kind)];
}

SampleShop make_sample(const SampleOptions &options) {
    using namespace std::chrono;
    const auto new_year = [](int number) {
        return sys_days(year(number) / January / 1).time_since_epoch().count() * kDay;
    };
    SampleShop shop;
    shop.begin = new_year(kEndYear - static_cast<int>(options.years));
    shop.end = new_year(kEndYear);
    for (std::uint32_t i = 0; i < options.customers; ++i) {
        SampleRandom random(SampleRandom(options.seed).next() ^ SampleRandom(i).next());
        shop.customers.push_back(make_customer(random));
        Life(shop, i, random).live();
    }
    std::erase_if(shop.events, [&](const SampleEvent &event) { return event.at >= shop.end; });
    number_all(shop);
    return shop;
}

}  // namespace kith::cli
