#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>

#include "cli/commands.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/sample.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, csv_directory;
    SampleOptions shop;
};

constexpr std::string_view kSystem = "sample";
constexpr std::size_t kBatchEvents =
    1500;  // with new customers and their identifiers well below 10,000 items
constexpr std::uint32_t kPageItems = 1000;
constexpr std::int64_t kCent = KITH_DECIMAL_ONE / 100;

// The clock and the random bits the store is opened with: the same seed gives the same file.
struct Outside {
    kith_time now = 0;
    SampleRandom random;

    static std::int64_t tell(std::uintptr_t self) { return reinterpret_cast<Outside *>(self)->now; }
    static void fill(std::uintptr_t self, std::uint8_t *out, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            out[i] = static_cast<std::uint8_t>(reinterpret_cast<Outside *>(self)->random.next() >> 56);
        }
    }
};

kith_ref customer_ref(const SampleCustomer &customer) {
    kith_ref ref{};
    ref.by = KITH_REF_HOST;
    ref.kind = to_str(kSystem);
    ref.value = to_str(customer.key);
    return ref;
}

// Lets the shop live through its time in the file: commits in order of time, due work at each month's
// end, and a staff that closes most of what was promised.
class Player {
public:
    Player(const SampleShop &shop, Store &store, Outside &outside, const Context &context)
        : shop_(shop),
          store_(store),
          outside_(outside),
          batch_(new_batch(store)),
          known_(shop.customers.size()),
          bar_(progress_mode("auto", context.stderr_terminal), "recorded") {}

    void play() {
        std::size_t at = 0;
        for (const kith_time month_end : month_ends()) {
            while (at < shop_.events.size() && shop_.events[at].at < month_end) {
                std::size_t until = at;
                while (until < shop_.events.size() && until - at < kBatchEvents &&
                       shop_.events[until].at < month_end) {
                    ++until;
                }
                commit(std::span(shop_.events).subspan(at, until - at));
                at = until;
                bar_.update(at, shop_.events.size());
            }
            outside_.now = std::max(outside_.now, month_end);
            check(kith_store_run_due(store_.get(), month_end, nullptr, &error_), error_);
            close_commitments(month_end);
        }
    }

private:
    std::vector<kith_time> month_ends() const {
        using namespace std::chrono;
        std::vector<kith_time> ends;
        const auto first = floor<days>(sys_time<microseconds>(microseconds(shop_.begin)));
        for (auto month = year_month_day(first).year() / year_month_day(first).month();;) {
            month += months(1);
            const sys_days next(month / 1);
            ends.push_back(duration_cast<microseconds>(next.time_since_epoch()).count());
            if (ends.back() >= shop_.end) return ends;
        }
    }

    void commit(std::span<const SampleEvent> events) {
        kith_batch_clear(batch_.get());
        for (const SampleEvent &event : events) {
            if (!known_[event.customer]) add_customer(shop_.customers[event.customer]);
            known_[event.customer] = true;
            add_event(event);
        }
        outside_.now = events.back().at;
        commit_batch();
    }

    void commit_batch() { check(kith_batch_commit(batch_.get(), nullptr, &error_), error_); }

    void add_customer(const SampleCustomer &customer) {
        const kith_ref ref = customer_ref(customer);
        kith_party party = make<kith_party>();
        party.fields = KITH_PARTY_FIELD_KIND | KITH_PARTY_FIELD_ROLES | KITH_PARTY_FIELD_NAME |
                       KITH_PARTY_FIELD_LANGUAGE;
        party.kind = customer.organisation ? KITH_PARTY_ORGANISATION : KITH_PARTY_PERSON;
        party.roles = customer.organisation ? KITH_ROLE_INTERMEDIARY : KITH_ROLE_FINAL;
        party.name = to_str(customer.name);
        party.language = to_str(customer.language);
        check(kith_party_put(batch_.get(), &ref, KITH_ITEM_CREATE, &party, nullptr, &error_), error_);
        const std::pair<std::string_view, const std::string *> identifiers[] = {
            {"email", &customer.email}, {"phone", &customer.phone}, {"card", &customer.card}};
        for (const auto &[kind, value] : identifiers) {
            if (value->empty()) continue;
            kith_identifier identifier = make<kith_identifier>();
            identifier.kind = to_str(kind);
            identifier.value = to_str(*value);
            check(kith_identifier_add(batch_.get(), &ref, 0, &identifier, nullptr, &error_), error_);
        }
    }

    void add_event(const SampleEvent &event) {
        lines_.clear();
        for (const SampleLine &line : event.lines) {
            const SampleProduct &product = sample_products()[line.product];
            kith_line &added = lines_.emplace_back(kith_line{});
            added.product = to_str(product.name);
            added.quantity = line.quantity * KITH_DECIMAL_ONE;
            added.unit_price = product.price * kCent;
            added.amount = line.amount;
        }
        kith_interaction interaction = make<kith_interaction>();
        interaction.type = to_str(sample_type(event.kind));
        interaction.at = event.at;
        interaction.system = to_str(kSystem);
        interaction.key = to_str(event.key);
        interaction.direction = event.direction;
        if (!lines_.empty()) {
            interaction.fields |= KITH_INTERACTION_FIELD_AMOUNT;
            interaction.amount = event.amount;
            interaction.lines = lines_.data();
            interaction.line_count = lines_.size();
        }
        if (event.duration_s > 0) {
            interaction.fields |= KITH_INTERACTION_FIELD_DURATION;
            interaction.duration_s = event.duration_s;
        }
        const std::pair<kith_str *, std::string_view> texts[] = {{&interaction.medium, event.medium},
                                                                 {&interaction.topic, event.topic},
                                                                 {&interaction.text, event.text},
                                                                 {&interaction.outcome, event.outcome},
                                                                 {&interaction.actor, event.actor}};
        for (const auto &[field, text] : texts) {
            if (!text.empty()) *field = to_str(text);
        }
        const kith_ref ref = customer_ref(shop_.customers[event.customer]);
        check(kith_interaction_append(batch_.get(), &ref, 0, &interaction, nullptr, &error_), error_);
    }

    // What was due by then: the staff has kept four in five of its promises, the others stay overdue.
    void close_commitments(kith_time until) {
        kith_batch_clear(batch_.get());
        {
            const Snapshot snapshot = begin_snapshot(store_);
            kith_query query = make<kith_query>();
            query.list = KITH_LIST_COMMITMENTS;
            query.fields = KITH_QUERY_FIELD_UNTIL;
            query.until = until;
            const Cursor cursor = open_cursor(snapshot, query);
            while (const Page page = next_page(cursor, kPageItems)) {
                std::size_t count = 0;
                const kith_commitment *const *items = kith_page_commitments(page.get(), &count);
                for (const kith_commitment *item : std::span(items, count)) close(*item, until);
            }
        }
        if (kith_batch_count(batch_.get()) > 0) commit_batch();
    }

    void close(const kith_commitment &commitment, kith_time at) {
        const std::string_view key = view(commitment.party_key);  // C-00042
        if (key.ends_with('0') || key.ends_with('5')) return;
        check(kith_commitment_set_state(batch_.get(), &commitment.id, KITH_COMMITMENT_KEPT, at, nullptr,
                                        &error_),
              error_);
    }

    const SampleShop &shop_;
    Store &store_;
    Outside &outside_;
    Batch batch_;
    kith_error error_ = make_error();
    std::vector<bool> known_;
    std::vector<kith_line> lines_;
    Progress bar_;
};

// The orders' lines as a till or a web shop would hand them over.
std::string write_purchases(const SampleShop &shop, const std::string &directory) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    const std::string path = (std::filesystem::path(directory) / "purchases.csv").string();
    std::string csv;
    append_csv(csv, {"customer", "date", "order", "product", "quantity", "unit_price"});
    for (const SampleEvent &event : shop.events) {
        if (event.kind != SampleKind::kOrder) continue;
        for (const SampleLine &line : event.lines) {
            const SampleProduct &product = sample_products()[line.product];
            append_csv(csv, {shop.customers[event.customer].key, time_text(event.at), event.key,
                             std::string(product.name), std::to_string(line.quantity),
                             amount_text(product.price, 2)});
        }
    }
    std::FILE *file = std::fopen(path.c_str(), "wb");
    const bool written = file != nullptr && std::fwrite(csv.data(), 1, csv.size(), file) == csv.size();
    if (file == nullptr || std::fclose(file) != 0 || !written) {
        fail(kFailed, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    return path;
}

void print_done(const Options &options, const SampleShop &shop, const std::string &purchases,
                const Context &context) {
    std::array<std::uint64_t, 5> counts{};
    std::int64_t total = 0;
    for (const SampleEvent &event : shop.events) {
        ++counts[static_cast<std::size_t>(event.kind)];
        if (event.kind == SampleKind::kOrder) total += event.amount;
    }
    if (context.format == Format::kJson) {
        Json json;
        json.object().text("file", options.file).count("seed", options.shop.seed);
        json.count("customers", shop.customers.size()).count("interactions", shop.events.size());
        json.count("orders", counts[0]).count("returns", counts[1]).count("complaints", counts[2]);
        json.count("visits", counts[3])
            .count("messages", counts[4])
            .text("amount_total", amount_text(total, 2));
        json.text("first_day", time_text(shop.begin)).text("end", time_text(shop.end)).end();
        return print(json.str());
    }
    print(fmt::format("{} is a made-up tea shop, {} to {}: {}, {} ({} in all), {}, {}, {}, {}.\n",
                      options.file, day_text(shop.begin), day_text(shop.end),
                      plural(shop.customers.size(), "customer", "customers"),
                      plural(counts[0], "order", "orders"), grouped(amount_text(total, 2)),
                      plural(counts[1], "return", "returns"), plural(counts[2], "complaint", "complaints"),
                      plural(counts[3], "visit", "visits"), plural(counts[4], "message", "messages")));
    if (!purchases.empty()) {
        print(fmt::format(
            "Its purchases are in {}; try:\n  kith init other.kith\n  kith import other.kith interactions "
            "{} --kind order --map party=customer,at=date,key=order,product=product,quantity=quantity,"
            "unit_price=unit_price\n",
            purchases, purchases));
    }
    print(fmt::format("Next: kith states {}\n", options.file));
}

void run(const Options &options, const Context &context) {
    const SampleShop shop = make_sample(options.shop);
    Outside outside{shop.begin, SampleRandom(options.shop.seed ^ 0x6B697468)};
    kith_open_options open = make<kith_open_options>();
    open.flags = KITH_OPEN_CREATE;
    open.now = Outside::tell;
    open.random = Outside::fill;
    open.user_data = reinterpret_cast<std::uintptr_t>(&outside);
    Store store = open_store(options.file, open);
    {
        const Snapshot snapshot = begin_snapshot(store);
        const kith_info info = read_info(snapshot);
        if (info.parties > 0)
            fail(kFailed, fmt::format("{} has customers in it already; name a new file", options.file));
        if (info.minor_digits != 2)
            fail(kFailed, "the sample's prices have two decimals; make the file with such a currency");
    }
    Player(shop, store, outside, context).play();
    const std::string purchases =
        options.csv_directory.empty() ? "" : write_purchases(shop, options.csv_directory);
    print_done(options, shop, purchases, context);
}

}  // namespace

void add_sample(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "sample", "Fill a new file with a made-up shop to play with");
    command.footer(
        "Customers of all habits, orders with their goods, returns, complaints, visits and messages; busy\n"
        "before Christmas, quiet in summer. It ends with 2025, and nobody in it exists. The same seed gives\n"
        "the same shop on every machine.\n\n"
        "  kith sample shop.kith --seed 1\n"
        "  kith sample shop.kith --seed 7 --customers 10000 --years 3 --csv shop-csv\n");
    command.file(options->file);
    command.option("--seed", options->shop.seed, "Any number: another seed, another shop")
        .type("N")
        .show_default();
    command.option("--customers", options->shop.customers, "How many customers (1 to 1,000,000)")
        .between(1, 1'000'000)
        .type("N")
        .show_default();
    command.option("--years", options->shop.years, "How many years, to the end of 2025 (1 to 20)")
        .between(1, 20)
        .type("N")
        .show_default();
    command
        .option("--csv", options->csv_directory,
                "Also write the purchases to DIR/purchases.csv, ready to import")
        .type("DIR");
    command.json_flag(context);
    command.on_run([options, &context] { run(*options, context); });
}

}  // namespace kith::cli
