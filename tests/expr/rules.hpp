// The rules of the speed bars (E1, E2, E3): a customer in one FlatBuffer, read in place through schema
// accessors, and ten interactions in memory. For the benchmark and for the count of instructions.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "customer_generated.h"
#include "expr/check.hpp"
#include "expr/memory.hpp"
#include "expr/parse.hpp"
#include "expr/program.hpp"

namespace kith::expr::bench {

inline constexpr const char *kE1 =
    R"(customer.recency_days > 90 && customer.frequency >= 3 && !("no_email" in customer.tags))";
inline constexpr const char *kE2 = R"(interactions.exists(i, i.kind == "complaint" && i.status == "open"))";

struct Weighted {
    const char *condition, *sql;
    int weight;
};
inline constexpr Weighted kScorecard[] = {
    {"customer.recency_days < 30", "recency_days < 30", 10},
    {"customer.recency_days > 90", "recency_days > 90", -5},
    {"customer.recency_days > 365", "recency_days > 365", -10},
    {"customer.frequency >= 3", "frequency >= 3", 5},
    {"customer.frequency >= 10", "frequency >= 10", 10},
    {"customer.monetary_minor > 100000", "monetary_minor > 100000", 8},
    {"customer.monetary_minor > 1000000", "monetary_minor > 1000000", 12},
    {"customer.age >= 18 && customer.age < 30", "age >= 18 AND age < 30", 3},
    {"customer.visits > 20", "visits > 20", 4},
    {"customer.returns == 0", "returns = 0", 2},
    {"customer.returns > 5", "returns > 5", -6},
    {"customer.complaints > 0", "complaints > 0", -4},
    {"customer.open_orders > 0", "open_orders > 0", 3},
    {"customer.satisfaction >= 4.5", "satisfaction >= 4.5", 6},
    {"customer.wallet_share > 0.5", "wallet_share > 0.5", 7},
    {"customer.vip", "vip", 15},
    {"!customer.newsletter", "NOT newsletter", -1},
    {"customer.tier == \"gold\"", "tier = 'gold'", 9},
    {"customer.city == \"Zagreb\" || customer.city == \"Split\"", "city = 'Zagreb' OR city = 'Split'", 1},
    {"\"returning\" in customer.tags", "EXISTS (SELECT 1 FROM tags WHERE customer = 1 AND tag = 'returning')",
     5},
};
inline std::string scorecard() {
    std::string text;
    for (const auto &row : kScorecard) {
        if (!text.empty()) text += " + ";
        text += "(" + std::string(row.condition) + " ? " + std::to_string(row.weight) + " : 0)";
    }
    return text;
}
inline constexpr int kE3Result = -5 + 5 + 8 + 4 + 2 - 4 + 7 + 9 + 1 + 5;

inline constexpr std::array<const char *, 4> kTags{"returning", "newsletter", "store_7", "imported"};

class CustomerType : public RecordType {
public:
    explicit CustomerType(Types &types) : RecordType("Customer", fields(types)) {}

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        const auto &customer = *static_cast<const Customer *>(object);
        switch (field) {
            case 0:
                return of_int(customer.recency_days());
            case 1:
                return of_int(customer.frequency());
            case 2:
                return of_int(customer.monetary_minor());
            case 3:
                return of_int(customer.age());
            case 4:
                return of_int(customer.visits());
            case 5:
                return of_int(customer.returns());
            case 6:
                return of_int(customer.complaints());
            case 7:
                return of_int(customer.open_orders());
            case 8:
                return of_double(customer.satisfaction());
            case 9:
                return of_double(customer.wallet_share());
            case 10:
                return of_bool(customer.vip());
            case 11:
                return of_bool(customer.newsletter());
            case 12:
                return text(customer.tier());
            case 13:
                return text(customer.city());
            case 14:
                return text(customer.language());
            default: {
                const auto *tags = customer.tags();
                const auto count = tags ? tags->size() : 0;
                auto *items = memory.array<Value>(count);
                if (!items) return out_of_memory();
                for (std::uint32_t i = 0; i < count; ++i) items[i] = text(tags->Get(i));
                return of_list(items, count);
            }
        }
    }
    bool has(const void *object, std::uint32_t field) const override {
        const auto slot = static_cast<flatbuffers::voffset_t>(4 + 2 * field);
        return static_cast<const flatbuffers::Table *>(object)->CheckField(slot);
    }

private:
    static Value text(const flatbuffers::String *text) {
        return text ? of_text({text->c_str(), text->size()}) : of_text("");
    }
    static std::vector<Field> fields(Types &types) {
        std::vector<Field> all;
        for (const auto *name : {"recency_days", "frequency", "monetary_minor", "age", "visits", "returns",
                                 "complaints", "open_orders"})
            all.push_back({name, Types::of(TypeKind::int_), 0, false, {}});
        for (const auto *name : {"satisfaction", "wallet_share"})
            all.push_back({name, Types::of(TypeKind::double_), 0, false, {}});
        for (const auto *name : {"vip", "newsletter"})
            all.push_back({name, Types::of(TypeKind::boolean), 0, false, {}});
        for (const auto *name : {"tier", "city", "language"})
            all.push_back({name, Types::of(TypeKind::string), 64, false, {}});
        all.push_back({"tags", types.list(Types::of(TypeKind::string)), 16, false, {}});
        return all;
    }
};

struct Interaction {
    std::string kind, status;
};

class InteractionType : public RecordType {
public:
    InteractionType()
        : RecordType("Interaction", {{"kind", Types::of(TypeKind::string), 32, true, {}},
                                     {"status", Types::of(TypeKind::string), 32, false, {}}}) {}
    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto &interaction = *static_cast<const Interaction *>(object);
        return of_text(field == 0 ? interaction.kind : interaction.status);
    }
    bool has(const void *, std::uint32_t) const override { return true; }
};

// One customer with ten interactions, the last of which is an open complaint.
class Shop : public Binding {
public:
    Shop() {
        const std::vector<std::string> tags(kTags.begin(), kTags.end());
        buffer_.Finish(CreateCustomerDirect(buffer_, 120, 7, 250'000, 41, 23, 0, 1, 0, 4.2, 0.55, false, true,
                                            "gold", "Zagreb", "hr", strings(tags)));
        for (int i = 0; i < 9; ++i)
            interactions_.push_back({i % 3 == 0 ? "complaint" : i % 3 == 1 ? "purchase" : "visit", "closed"});
        interactions_.push_back({"complaint", "open"});

        schema_ = std::make_shared<Schema>();
        const auto *customer = schema_->add_record(std::make_unique<CustomerType>(schema_->types()));
        const auto *interaction = schema_->add_record(std::make_unique<InteractionType>());
        schema_->add_variable("customer", customer);
        schema_->add_variable("interactions", schema_->types().list(interaction), 1000);
        customer_ =
            of_record(GetCustomer(buffer_.GetBufferPointer()), static_cast<std::uint16_t>(customer->id));
        for (const auto &one : interactions_)
            items_.push_back(of_record(&one, static_cast<std::uint16_t>(interaction->id)));
    }

    Value variable(std::uint32_t number, Memory &) const override {
        return number == 0 ? customer_ : of_list(items_.data(), static_cast<std::uint32_t>(items_.size()));
    }
    base::Result<Program> program(const std::string &source) const {
        return compile(check(parse(source).tree, schema_));
    }
    const std::vector<Interaction> &interactions() const { return interactions_; }

private:
    const std::vector<flatbuffers::Offset<flatbuffers::String>> *strings(
        const std::vector<std::string> &texts) {
        for (const auto &text : texts) offsets_.push_back(buffer_.CreateString(text));
        return &offsets_;
    }

    flatbuffers::FlatBufferBuilder buffer_;
    std::vector<flatbuffers::Offset<flatbuffers::String>> offsets_;
    std::vector<Interaction> interactions_;
    std::shared_ptr<Schema> schema_;
    Value customer_;
    std::vector<Value> items_;
};

}  // namespace kith::expr::bench
