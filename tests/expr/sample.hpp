// A small world for tests of expressions: variables of every type, two kinds of record, a list read
// lazily. Shared by the property tests, the hostile inputs and the fuzz targets.
#pragma once

#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"
#include "expr/check.hpp"
#include "expr/explain.hpp"
#include "expr/json_form.hpp"
#include "expr/memory.hpp"
#include "expr/parse.hpp"
#include "expr/program.hpp"

namespace kith::expr::sample {

struct Person {
    std::string name;
    std::int64_t age = 0;
    std::int64_t balance = 0;  // minor units of EUR
    std::vector<std::string> tags;
    std::optional<std::string> nick;
    bool vip = false;
    double score = 0;
};

inline std::uint32_t euro() { return base::Currency::parse("EUR")->packed(); }

class PersonType : public RecordType {
public:
    PersonType(Types &types, const Type *text)
        : RecordType("Person", {{"name", text, 64, false, {}},
                                {"age", Types::of(TypeKind::int_), 0, true, {}},
                                {"balance", Types::of(TypeKind::money), 0, false, {}},
                                {"tags", types.list(text), 8, false, {}},
                                {"nick", types.wrapper(text), 64, false, {}},
                                {"vip", Types::of(TypeKind::boolean), 0, false, {}},
                                {"score", Types::of(TypeKind::double_), 0, false, {}}}) {}

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        const auto &person = *static_cast<const Person *>(object);
        switch (field) {
            case 0:
                return of_text(person.name);
            case 1:
                return of_int(person.age);
            case 2:
                return of_money(person.balance, euro());
            case 3: {
                auto *items = memory.array<Value>(person.tags.size());
                if (!items) return out_of_memory();
                for (std::size_t i = 0; i < person.tags.size(); ++i) items[i] = of_text(person.tags[i]);
                return of_list(items, static_cast<std::uint32_t>(person.tags.size()));
            }
            case 4:
                return person.nick ? of_text(*person.nick) : null_value();
            case 5:
                return of_bool(person.vip);
            default:
                return of_double(person.score);
        }
    }
    bool has(const void *object, std::uint32_t field) const override {
        const auto &person = *static_cast<const Person *>(object);
        return field == 3 ? !person.tags.empty() : field == 4 ? person.nick.has_value() : true;
    }
};

// Reads the people one by one, as a range of the store does; may be told to fail at one of them.
class PeopleRange : public Range {
public:
    PeopleRange(const std::vector<Person> &people, std::uint16_t type) : people_(people), type_(type) {}

    std::unique_ptr<Iterator> open(std::span<const Bound>) const override {
        class Reader : public Iterator {
        public:
            explicit Reader(const PeopleRange &range) : range_(range) {}
            bool next(Value &out) override {
                if (at_ == range_.people_.size()) return false;
                out = of_record(&range_.people_[at_++], range_.type_);
                return true;
            }

        private:
            const PeopleRange &range_;
            std::size_t at_ = 0;
        };
        return std::make_unique<Reader>(*this);
    }

private:
    const std::vector<Person> &people_;
    std::uint16_t type_;
};

class Weekdays : public Calendar {
public:
    bool is_business_day(std::int64_t day) const override {
        return (day % 7 + 10) % 7 < 5;
    }  // day 0: Thursday
    const base::Zone &zone() const override { return zone_; }

private:
    base::Zone zone_ = base::Zone::utc();
};

// Answers each variable of the sample schema by its place there.
class World : public Binding {
public:
    World() {
        schema_ = std::make_shared<Schema>();
        auto &types = schema_->types();
        const auto type = [&](const char *text) { return types.parse(text); };
        const auto *person = schema_->add_record(std::make_unique<PersonType>(types, type("string")));
        const auto person_tag = static_cast<std::uint16_t>(person->id);
        people_ = {{"Ana Kovač", 34, 125'000, {"vip", "mail"}, "ana", true, 0.9},
                   {"Bo", 71, -250, {}, std::nullopt, false, -1.5},
                   {"", 0, 0, {"no_email"}, "", false, 0.0}};
        range_ = std::make_unique<PeopleRange>(people_, person_tag);
        for (const auto &one : people_) records_.push_back(of_record(&one, person_tag));

        add("n", type("int"), of_int(7));
        add("m", type("int"), of_int(-3));
        add("zero", type("int"), of_int(0));
        add("big", type("int"), of_int(INT64_MAX));
        add("u", type("uint"), of_uint(12));
        add("x", type("double"), of_double(2.5));
        add("y", type("double"), of_double(-0.125));
        add("flag", type("bool"), of_bool(true));
        add("s", type("string"), of_text("Grüße, kith"), 64);
        add("t", type("string"), of_text("a-b-c"), 64);
        add("bin", type("bytes"), of_bytes({"\0\xffk", 3}), 16);
        add("ints", type("list(int)"), list({of_int(3), of_int(1), of_int(2), of_int(3)}), 8);
        add("doubles", type("list(double)"), list({of_double(0.5), of_double(-2), of_double(8)}), 8);
        add("words", type("list(string)"), list({of_text("kith"), of_text("and"), of_text("kin")}), 8);
        MapBuilder scores(memory_);
        for (const auto *word : {"one", "two", "three"})
            (void)scores.add(of_text(word), of_int(static_cast<std::int64_t>(std::string_view(word).size())));
        add("scores", type("map(string, int)"), scores.map(), 8);
        add("maybe", type("optional_type(int)"), of_optional(list({of_int(5)}).items));
        add("nothing", type("optional_type(int)"), of_optional(nullptr));
        add("at", type("timestamp"), of_timestamp(1'770'000'000, 250'000'000));
        add("gap", type("duration"), of_duration(90'061'000'000'000));
        add("price", type("money"), of_money(1250, euro()));
        add("fee", type("money"), of_money(-99, euro()));
        add("dollars", type("money"), of_money(500, base::Currency::parse("USD")->packed()));
        add("day", type("date"), of_date(20'000));
        add("person", person, records_[0]);
        add("people", types.list(person), of_list(records_.data(), 3), 8);
        add("stored", types.list(person), of_range(range_.get()), 8);
        add("any", type("dyn"), of_int(42), 64);
        add("words_of", type("map(string, list(string))"), words_of(), 8);
        add("office", type("calendar"), of_calendar(&office_));
        schema_->add_moment();
    }

    Value variable(std::uint32_t number, Memory &) const override {
        return number < values_.size() ? values_[number] : fail(Code::host, "no such variable");
    }
    std::shared_ptr<const Schema> schema() const { return schema_; }
    static Moment moment() {
        return {base::Micros{1'795'000'000'000'000}, *base::Zone::find("Europe/Zagreb")};
    }

private:
    void add(const char *name, const Type *type, const Value &value, std::uint32_t size_max = 0) {
        schema_->add_variable(name, type, size_max);
        values_.push_back(value);
    }
    Value list(std::initializer_list<Value> items) {
        const auto &kept = lists_.emplace_back(items);
        return of_list(kept.data(), static_cast<std::uint32_t>(kept.size()));
    }
    Value words_of() {
        MapBuilder map(memory_);
        (void)map.add(of_text("a"), list({of_text("apple"), of_text("ant")}));
        (void)map.add(of_text("b"), list({}));
        return map.map();
    }

    std::shared_ptr<Schema> schema_;
    Memory memory_;
    Weekdays office_;
    std::deque<std::vector<Value>> lists_;
    std::vector<Person> people_;
    std::unique_ptr<PeopleRange> range_;
    std::vector<Value> records_, values_;
};

// All of a value as text, kinds and bits included: equal for the same results alone. Records and
// calendars by their place.
inline void write(const Value &value, std::string &out) {
    const auto number = [&](const char *kind, auto n) { out += kind + std::to_string(n); };
    const auto list = [&](const Value *items, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i, out += ',') write(items[i], out);
    };
    switch (value.kind) {
        case Kind::null:
            out += "null";
            return;
        case Kind::boolean:
            out += value.i ? "true" : "false";
            return;
        case Kind::double_: {
            std::uint64_t bits = 0;
            static_assert(sizeof bits == sizeof value.d);
            if (!std::isnan(value.d)) bits = value.u;
            number(std::isnan(value.d) ? "nan" : "d", bits);
            return;
        }
        case Kind::string:
        case Kind::bytes:
            out += value.is(Kind::string) ? '\'' : 'b';
            out.append(value.view()) += '\'';
            return;
        case Kind::list:
            out += '[';
            if (value.lazy) {
                const auto iterator = value.range->open({});
                for (Value item; iterator->next(item); out += ',') write(item, out);
            } else {
                list(value.items, value.size);
            }
            out += ']';
            return;
        case Kind::map:
            out += '{';
            list(value.map->keys, value.map->count);
            out += ':';
            list(value.map->values, value.map->count);
            out += '}';
            return;
        case Kind::optional:
            out += "optional(";
            if (value.items) write(*value.items, out);
            out += ')';
            return;
        case Kind::type:
            out += "type " + to_text(value.type);
            return;
        case Kind::error:
            out += std::string("error ") + code_name(value.code());
            return;
        case Kind::record:
        case Kind::calendar:
            number("@", reinterpret_cast<std::uintptr_t>(value.object));
            return;
        default:
            number("kind", static_cast<int>(value.kind));
            number(" ", value.i);
            if (value.is(Kind::timestamp) || value.is(Kind::money)) number("+", value.size);
    }
}
inline std::string written(const Value &value) {
    std::string out;
    write(value, out);
    return out;
}

// Whether a result is of the type that was deduced.
inline bool conforms(const Value &value, const Type *type) {
    const auto all = [](const Value *items, std::uint32_t count, const Type *of) {
        for (std::uint32_t i = 0; i < count; ++i)
            if (!conforms(items[i], of)) return false;
        return true;
    };
    switch (type->kind) {
        case TypeKind::dyn:
        case TypeKind::free:
            return !value.is(Kind::error) && !value.is(Kind::iterator);
        case TypeKind::null:
            return value.is(Kind::null);
        case TypeKind::boolean:
            return value.is(Kind::boolean);
        case TypeKind::int_:
            return value.is(Kind::int_);
        case TypeKind::uint_:
            return value.is(Kind::uint_);
        case TypeKind::double_:
            return value.is(Kind::double_);
        case TypeKind::string:
            return value.is(Kind::string);
        case TypeKind::bytes:
            return value.is(Kind::bytes);
        // CEL lets null stand for these.
        case TypeKind::timestamp:
            return value.is(Kind::timestamp) || value.is(Kind::null);
        case TypeKind::duration:
            return value.is(Kind::duration) || value.is(Kind::null);
        case TypeKind::money:
            return value.is(Kind::money) || value.is(Kind::null);
        case TypeKind::date:
            return value.is(Kind::date) || value.is(Kind::null);
        case TypeKind::calendar:
            return value.is(Kind::calendar) || value.is(Kind::null);
        case TypeKind::record:
            return (value.is(Kind::record) && value.tag == type->id) || value.is(Kind::null);
        case TypeKind::optional:
            return value.is(Kind::null) ||
                   (value.is(Kind::optional) && (!value.items || conforms(*value.items, type->args[0])));
        case TypeKind::wrapper:
            return value.is(Kind::null) || conforms(value, type->args[0]);
        case TypeKind::type:
            return value.is(Kind::type);
        case TypeKind::list:
            return value.is(Kind::list) && (value.lazy || all(value.items, value.size, type->args[0]));
        case TypeKind::map:
            return value.is(Kind::map) && all(value.map->keys, value.map->count, type->args[0]) &&
                   all(value.map->values, value.map->count, type->args[1]);
        default:
            return false;
    }
}

// Equal but for places in the text and owners of the memory.
inline bool same_tree(const Tree &a, NodeId left, const Tree &b, NodeId right) {
    const auto &l = a[left], &r = b[right];
    if (l.kind != r.kind || l.count != r.count || l.name != r.name || l.optional != r.optional ||
        l.optional_entry != r.optional_entry || l.rooted != r.rooted || l.member != r.member ||
        l.vars[0] != r.vars[0] || l.vars[1] != r.vars[1])
        return false;
    if (l.kind == NodeKind::macro && l.macro != r.macro) return false;
    if (l.kind == NodeKind::literal && written(l.value) != written(r.value)) return false;
    for (std::uint32_t i = 0; i < l.count; ++i) {
        if (l.kind == NodeKind::record && a.labels(left)[i] != b.labels(right)[i]) return false;
        if (!same_tree(a, a.child(left, i), b, b.child(right, i))) return false;
    }
    return true;
}

// Whether a type, or a part of it, is only known when evaluated.
inline bool has_dyn(const Type *type) {
    if (type->kind == TypeKind::dyn || type->kind == TypeKind::free) return true;
    for (const auto *arg : type->args)
        if (has_dyn(arg)) return true;
    return false;
}

}  // namespace kith::expr::sample
