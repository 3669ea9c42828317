#include "expr/aggregate.hpp"
#include "expr/bytecode.hpp"
#include "expr/list_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace kith::expr {

struct Evaluator::State {
    std::vector<Value> stack;
    Memory memory;
    Patterns patterns;
    std::optional<Program> traced;  // of the last trace: values point to its constants
};

namespace {

// Units and bytes that are gone cannot be put aside: they end the evaluation.
bool final_error(Code code) { return code == Code::cost || code == Code::memory; }

Value no_key() { return fail(Code::no_key, "there is no such key in the map"); }
Value not_bool() { return fail(Code::no_overload, "a condition must be a bool"); }

template <class T>
T *pointer(const Value &value) {
    return reinterpret_cast<T *>(value.iterator);
}
template <class T>
Value hold(T *object) {
    Value value;
    value.kind = Kind::iterator;
    value.iterator = reinterpret_cast<Iterator *>(object);
    return value;
}

constexpr auto kUnits = [] {
    std::array<std::uint8_t, static_cast<std::size_t>(Op::done) + 1> units{};
    for (std::size_t i = 0; i < units.size(); ++i) units[i] = units_of(static_cast<Op>(i));
    return units;
}();

class Machine {
public:
    Machine(const Bytecode &code, const Checked &checked, const Binding &binding, Call &call, Value *stack,
            std::vector<Trace> *trace)
        : code_(code),
          schema_(*checked.schema),
          binding_(binding),
          call_(call),
          stack_(stack),
          trace_(trace) {}

    Value run();

private:
    Value variable(std::uint32_t number, std::uint8_t kind);
    Value now() const;
    Value today() const;
    Value select(const Value &of, std::string_view name, bool optional);
    Value has(const Value &of, std::string_view name);
    Value index(const Value &of, const Value &key, bool optional);
    Value part(const Value &of, std::string_view name, bool optional);
    Value read(const Value &record, std::uint32_t field);
    Value record_field(const Value &record, std::string_view name, bool optional);
    Value make_optional(const Value &value);
    Value unwrap_entry(const Value &value, bool &present);
    Value make_list(const Value *items, std::uint32_t count, std::uint16_t entries);
    Value make_map(const Value *items, std::uint32_t pairs, std::uint16_t entries);
    Value call(const Signature &signature, const Value *args, std::uint32_t argc);
    Value dispatch(const CallSite &site, const Value *args);
    Value open(Value *loop, const Value *bound_values, std::uint32_t bounds);
    bool next(Value *loop, bool pair, Value &failed);
    Value put_all(MapBuilder &builder, const Value &map);

    const Bytecode &code_;
    const Schema &schema_;
    const Binding &binding_;
    Call &call_;
    Value *stack_;
    std::vector<Trace> *trace_;
    std::uint32_t tick_ = 0;
};

Value Machine::now() const {
    const auto us = call_.moment.now;
    auto seconds = us / 1'000'000, rest = us % 1'000'000;
    if (rest < 0) {
        --seconds;
        rest += 1'000'000;
    }
    return of_timestamp(seconds, static_cast<std::uint32_t>(rest * 1000));
}

Value Machine::today() const { return of_date(call_.moment.zone.local_day(call_.moment.now)); }

// What failed outside has no place in this program: another's may be in it.
Value from_outside(Value value) {
    if (value.failed()) value.size = 0;
    return value;
}

Value Machine::variable(std::uint32_t number, std::uint8_t kind) {
    const auto value = from_outside(binding_.variable(number, call_.memory));
    // What a host binds need not be what it declared.
    if (kind != kAnyKind && static_cast<std::uint8_t>(value.kind) != kind && !value.failed())
        return fail(Code::host, "a variable is bound to a value of another type than declared");
    return value;
}

Value Machine::make_optional(const Value &value) {
    auto *kept = call_.memory.array<Value>(1);
    if (kept == nullptr) return out_of_memory();
    *kept = value;
    return of_optional(kept);
}

Value Machine::read(const Value &record, std::uint32_t field) {
    return from_outside(schema_.record(record.tag).get(record.object, field, call_.memory));
}

Value Machine::record_field(const Value &record, std::string_view name, bool optional) {
    const auto &type = schema_.record(record.tag);
    const auto field = type.find(name);
    if (!field) return fail(Code::no_field, "the record has no such field");
    if (!optional) return read(record, *field);
    if (!type.has(record.object, *field)) return of_optional(nullptr);
    const auto value = read(record, *field);
    return value.failed() ? value : make_optional(value);
}

Value Machine::select(const Value &operand, std::string_view name, bool optional) {
    Value of = operand;
    if (of.is(Kind::optional)) {
        if (of.items == nullptr) return of;
        of = *of.items;
        optional = true;
    }
    if (of.is(Kind::map)) {
        const auto *found = of.map->find(of_text(name));
        if (found == nullptr) return optional ? of_optional(nullptr) : no_key();
        return optional ? make_optional(*found) : *found;
    }
    if (of.is(Kind::record)) return record_field(of, name, optional);
    if (of.is(Kind::date) || of.is(Kind::money)) return part(of, name, optional);
    return fail(Code::no_field, "a field is asked of a value that has none");
}

// date.month, money.currency: of a value whose type was not known when it was checked.
Value Machine::part(const Value &of, std::string_view name, bool optional) {
    const auto parts = Library::standard().find((of.is(Kind::date) ? "date." : "money.") + std::string(name));
    if (parts.empty()) return fail(Code::no_field, "the value has no such part");
    const auto value = call(parts.front(), &of, 1);
    return optional && !value.failed() ? make_optional(value) : value;
}

Value Machine::has(const Value &operand, std::string_view name) {
    Value of = operand;
    if (of.is(Kind::optional)) {
        if (of.items == nullptr) return of_bool(false);
        of = *of.items;
    }
    if (of.is(Kind::map)) return of_bool(of.map->find(of_text(name)) != nullptr);
    if (of.is(Kind::record)) {
        const auto &type = schema_.record(of.tag);
        const auto field = type.find(name);
        if (!field) return fail(Code::no_field, "the record has no such field");
        return of_bool(type.has(of.object, *field));
    }
    if (of.is(Kind::date) || of.is(Kind::money)) {
        const auto value = part(of, name, false);
        return value.failed() ? value : of_bool(true);
    }
    // The suite wants has({'foo': optional.none()}.foo.bar) to be false, see above, and all else an error.
    return fail(Code::no_field, "a field is asked of a value that has none");
}

Value Machine::index(const Value &operand, const Value &key, bool optional) {
    Value of = operand;
    if (of.is(Kind::optional)) {
        if (of.items == nullptr) return of;
        of = *of.items;
        optional = true;
    }
    if (of.is(Kind::record) && key.is(Kind::string)) return record_field(of, key.view(), optional);
    const auto value = element_at(call_, of, key);
    if (!optional) return value;
    if (value.failed())
        return value.code() == Code::no_key || value.code() == Code::index ? of_optional(nullptr) : value;
    return make_optional(value);
}

Value Machine::unwrap_entry(const Value &value, bool &present) {
    if (!value.is(Kind::optional)) return fail(Code::no_overload, "an entry after '?' must be optional");
    present = value.items != nullptr;
    return present ? *value.items : null_value();
}

Value Machine::make_list(const Value *items, std::uint32_t count, std::uint16_t entries) {
    if (count == 0) return of_list(nullptr, 0);
    if (!call_.charge(count)) return out_of_budget();
    ListBuilder builder(call_.memory);
    if (!builder.reserve(count)) return out_of_memory();
    for (std::uint32_t i = 0; i < count; ++i) {
        auto item = items[i];
        if (entries != 0 && code_.optional_entries[entries - 1u][i]) {
            bool present = false;
            item = unwrap_entry(item, present);
            if (item.failed()) return item;
            if (!present) continue;
        }
        if (!builder.add(item)) return out_of_memory();
    }
    return builder.list();
}

Value Machine::make_map(const Value *items, std::uint32_t pairs, std::uint16_t entries) {
    if (!call_.charge(2 * std::uint64_t{pairs})) return out_of_budget();
    MapBuilder builder(call_.memory);
    for (std::uint32_t i = 0; i < pairs; ++i) {
        const auto &key = items[2 * i];
        auto value = items[2 * i + 1];
        if (key.is(Kind::string) && !call_.charge(text_cost(key.size))) return out_of_budget();
        if (entries != 0 && code_.optional_entries[entries - 1u][i]) {
            bool present = false;
            value = unwrap_entry(value, present);
            if (value.failed()) return value;
            if (!present) continue;
        }
        const auto added = builder.add(key, value);
        if (added.failed()) return added;
    }
    return builder.map();
}

Value Machine::call(const Signature &signature, const Value *args, std::uint32_t argc) {
    return call_.charge(signature.units) ? signature.overload->function(call_, args, argc) : out_of_budget();
}

Value Machine::dispatch(const CallSite &site, const Value *args) {
    for (const auto *candidate : site.candidates) {
        if (!call_.charge(1)) return out_of_budget();
        const auto &params = candidate->params;
        bool all = candidate->overload != nullptr;
        for (std::uint32_t i = 0; all && i < site.argc; ++i)
            all = fits(args[i], params[std::min<std::size_t>(i, params.size() - 1)]);
        if (all) return call(*candidate, args, site.argc);
    }
    const bool null =
        std::any_of(args, args + site.argc, [](const Value &arg) { return arg.is(Kind::null); });
    return null ? fail(Code::absent, "an operand is null, not known: test it with has(...) or != null first")
                : no_overload();
}

// Makes [range position v1 v2] of a range and the values of its bounds.
Value Machine::open(Value *loop, const Value *bound_values, std::uint32_t bounds) {
    const auto range = loop[0];
    Value position = of_int(0);
    if (range.is(Kind::map)) {
        const auto &all = range.map->all();
        if (all.wrong.failed()) return all.wrong;
        if (range.map->entries && !call_.charge(kReadCost * (1 + all.count))) return out_of_budget();
        loop[0] = of_map(&all);
    }
    if (range.is(Kind::list) && range.lazy) {
        // Opening costs as much as reading a record, and takes memory until the evaluation ends.
        if (!call_.charge(kReadCost)) return out_of_budget();
        if (call_.memory.allocate(sizeof(void *) * 8) == nullptr) return out_of_memory();
        Bound known[8];
        std::size_t count = 0;
        if (bounds != 0) {
            const auto &templates = code_.bounds[bounds - 1];
            for (std::size_t i = 0; i < templates.size(); ++i)
                if (!bound_values[i].failed())
                    known[count++] = {templates[i].field, templates[i].op, bound_values[i]};
        }
        position = hold(call_.memory.own(range.range->open({known, count})));
    } else if (!range.is(Kind::list) && !range.is(Kind::map)) {
        return fail(Code::no_overload, "only lists and maps have elements");
    }
    loop[1] = position;
    loop[2] = loop[3] = null_value();
    return {};
}

// False at the end, with `failed` set where reading failed.
bool Machine::next(Value *loop, bool pair, Value &failed) {
    const auto &range = loop[0];
    auto &position = loop[1];
    if (range.is(Kind::map)) {
        const auto at = static_cast<std::uint32_t>(position.i);
        if (at == range.map->count) return false;
        loop[2] = range.map->keys[at];
        loop[3] = range.map->values[at];
        ++position.i;
        return true;
    }
    Value item;
    if (position.is(Kind::iterator)) {
        if (!call_.charge(kReadCost)) {
            failed = out_of_budget();
            return false;
        }
        if (!position.iterator->next(item)) return false;
        if (item.failed()) {
            failed = item;
            return false;
        }
        const auto place = static_cast<std::int64_t>(position.size++);
        loop[2] = pair ? of_int(place) : item;
        loop[3] = item;
        return true;
    }
    const auto at = static_cast<std::uint32_t>(position.i);
    if (at == range.size) return false;
    ++position.i;
    loop[2] = pair ? of_int(at) : range.items[at];
    loop[3] = range.items[at];
    return true;
}

Value Machine::put_all(MapBuilder &builder, const Value &map) {
    if (!map.is(Kind::map)) return fail(Code::no_overload, "an entry must be a map");
    const auto &all = map.map->all();
    if (all.wrong.failed()) return all.wrong;
    for (std::uint32_t i = 0; i < all.count; ++i) {
        if (!call_.charge(1 + text_cost(all.keys[i].is(Kind::string) ? all.keys[i].size : 0)))
            return out_of_budget();
        const auto added = builder.add(all.keys[i], all.values[i]);
        if (added.failed()) return added;
    }
    return {};
}

Value Machine::run() {
    const auto *const first = code_.code.data();
    const auto *at = first;
    auto *top = stack_ - 1;  // the last value
    Value failed;

// An operation that may fail leaves its value on top; fail_now unwinds.
#define KITH_PUT(value)             \
    {                               \
        const Value put_ = (value); \
        if (put_.failed()) {        \
            failed = put_;          \
            goto fail_now;          \
        }                           \
        *top = put_;                \
        break;                      \
    }
// The right operand of an operator whose kinds are known; the left one is on top after it.
#define KITH_RIGHT (instruction.a != 0 ? code_.constants[instruction.c] : *top--)
#define KITH_INT(builtin)                                                       \
    {                                                                           \
        const auto right = KITH_RIGHT.i;                                        \
        if (builtin(top->i, right, &top->i)) {                                  \
            failed = fail(Code::overflow, "the result does not fit in an int"); \
            goto fail_now;                                                      \
        }                                                                       \
        break;                                                                  \
    }
#define KITH_COMPARE(member, sign)              \
    {                                           \
        const auto right = KITH_RIGHT.member;   \
        *top = of_bool(top->member sign right); \
        break;                                  \
    }
#define KITH_DOUBLE(sign)                    \
    {                                        \
        const auto right = KITH_RIGHT.d;     \
        *top = of_double(top->d sign right); \
        break;                               \
    }

    for (;;) {
        const auto instruction = *at++;
        if (!call_.charge(kUnits[static_cast<std::size_t>(instruction.op)])) goto out_of_units;
        switch (instruction.op) {
            case Op::constant:
                *++top = code_.constants[instruction.c];
                break;
            case Op::variable:
                ++top;
                KITH_PUT(variable(instruction.c, instruction.a))
            case Op::now:
                *++top = now();
                break;
            case Op::today:
                *++top = today();
                break;
            case Op::zone:
                *++top = of_text(call_.moment.zone.name());
                break;
            case Op::local:
                ++top;
                KITH_PUT(stack_[instruction.b])
            case Op::variable_field:
                *++top = from_outside(binding_.variable(instruction.c, call_.memory));
                if (!top->is(Kind::record)) {
                    failed = top->failed() ? *top : fail(Code::no_field, "a field is asked of null");
                    goto fail_now;
                }
                KITH_PUT(read(*top, instruction.b))
            case Op::field:
                if (!top->is(Kind::record)) {
                    failed = fail(Code::no_field, "a field is asked of null");
                    goto fail_now;
                }
                KITH_PUT(read(*top, instruction.c))
            case Op::has_field:
                *top = of_bool(top->is(Kind::record) &&
                               schema_.record(top->tag).has(top->object, instruction.c));
                break;
            case Op::select:
            case Op::has: {
                const auto name = code_.constants[instruction.c].view();
                if (!call_.charge(text_cost(name.size()))) goto out_of_units;
                KITH_PUT(instruction.op == Op::has ? has(*top, name) : select(*top, name, instruction.a != 0))
            }
            case Op::index:
                --top;
                KITH_PUT(index(top[0], top[1], instruction.a != 0))
            case Op::raise:
                failed = code_.constants[instruction.c];
                goto fail_now;
            case Op::list:
                top -= static_cast<std::ptrdiff_t>(instruction.c) - 1;
                KITH_PUT(make_list(top, instruction.c, instruction.b))
            case Op::map:
                top -= 2 * static_cast<std::ptrdiff_t>(instruction.c) - 1;
                KITH_PUT(make_map(top, instruction.c, instruction.b))
            case Op::call: {
                const auto &site = code_.sites[instruction.c];
                top -= static_cast<std::ptrdiff_t>(site.argc) - 1;
                KITH_PUT(site.only != nullptr ? call(*site.only, top, site.argc) : dispatch(site, top))
            }
            case Op::drop:
                --top;
                break;

            case Op::int_add:
                KITH_INT(__builtin_add_overflow)
            case Op::int_subtract:
                KITH_INT(__builtin_sub_overflow)
            case Op::int_multiply:
                KITH_INT(__builtin_mul_overflow)
            case Op::int_equal:
                KITH_COMPARE(i, ==)
            case Op::int_less:
                KITH_COMPARE(i, <)
            case Op::int_less_equal:
                KITH_COMPARE(i, <=)
            case Op::int_greater:
                KITH_COMPARE(i, >)
            case Op::int_greater_equal:
                KITH_COMPARE(i, >=)
            case Op::double_add:
                KITH_DOUBLE(+)
            case Op::double_subtract:
                KITH_DOUBLE(-)
            case Op::double_multiply:
                KITH_DOUBLE(*)
            case Op::double_equal:
                KITH_COMPARE(d, ==)
            case Op::double_less:
                KITH_COMPARE(d, <)
            case Op::double_less_equal:
                KITH_COMPARE(d, <=)
            case Op::double_greater:
                KITH_COMPARE(d, >)
            case Op::double_greater_equal:
                KITH_COMPARE(d, >=)
            case Op::text_equal: {
                const Value &right = KITH_RIGHT;
                const bool alike = top->size == right.size;
                if (alike && !call_.charge(text_cost(right.size))) goto out_of_units;
                *top = of_bool(alike &&
                               (right.size == 0 || std::memcmp(top->text, right.text, right.size) == 0));
                break;
            }
            case Op::contains:
                --top;
                KITH_PUT(contains_element(call_, top[0], top[1]))
            case Op::equal:
                --top;
                KITH_PUT(equal(call_, top[0], top[1]))
            case Op::negate:
                if (!top->is(Kind::boolean)) {
                    failed = no_overload();
                    goto fail_now;
                }
                [[fallthrough]];
            case Op::flip:
                top->i ^= 1;
                break;

            case Op::jump:
                at = first + instruction.c;
                break;
            case Op::branch:
                if (!top->is(Kind::boolean)) {
                    failed = not_bool();
                    goto fail_now;
                }
                if ((top--)->i == 0) at = first + instruction.c;
                break;
            case Op::and_next:
            case Op::or_next: {
                if (!top->is(Kind::boolean)) {
                    failed = not_bool();
                    goto fail_now;
                }
                const bool decides = (top->i != 0) == (instruction.op == Op::or_next);
                if (decides) {
                    stack_[instruction.b] = *top;
                    at = first + instruction.c;
                }
                --top;
                break;
            }
            case Op::settle:
                KITH_PUT(*top)
            case Op::keep:
                stack_[instruction.b] = *top;
                top = stack_ + instruction.b;
                break;

            case Op::loop: {
                auto *slots = stack_ + instruction.b;
                const auto result = open(slots, slots + 1, instruction.c);
                if (result.failed()) {
                    failed = result;
                    goto fail_now;
                }
                top = slots + 3;
                break;
            }
            case Op::next:
            case Op::next_pair: {
                failed = {};
                if (next(stack_ + instruction.b, instruction.op == Op::next_pair, failed)) break;
                if (failed.failed()) goto fail_now;
                at = first + instruction.c;
                break;
            }
            case Op::count:
                if (!top->is(Kind::boolean)) {
                    failed = not_bool();
                    goto fail_now;
                }
                stack_[instruction.b].i += (top--)->i;
                break;
            case Op::is_one:
                *top = of_bool(top->i == 1);
                break;
            case Op::new_list:
            case Op::new_map:
            case Op::new_sum: {
                constexpr auto kRoom = std::max({sizeof(ListBuilder), sizeof(MapBuilder), sizeof(Aggregate)});
                auto *room = call_.memory.allocate(kRoom);
                if (room == nullptr) {
                    failed = out_of_memory();
                    goto fail_now;
                }
                ++top;
                if (instruction.op == Op::new_list)
                    *top = hold(new (room) ListBuilder(call_.memory));
                else if (instruction.op == Op::new_map)
                    *top = hold(new (room) MapBuilder(call_.memory));
                else
                    *top = hold(new (room) Aggregate(static_cast<Aggregate::Of>(instruction.a)));
                break;
            }
            case Op::append:
                if (!pointer<ListBuilder>(stack_[instruction.b])->add(*top)) {
                    failed = out_of_memory();
                    goto fail_now;
                }
                --top;
                break;
            case Op::take_list:
                *top = pointer<ListBuilder>(*top)->list();
                break;
            case Op::put:
            case Op::put_all: {
                auto &builder = *pointer<MapBuilder>(stack_[instruction.b]);
                Value added;
                if (instruction.op == Op::put_all) {
                    added = put_all(builder, top[0]);
                } else {
                    --top;
                    added = call_.charge(1 + text_cost(top->is(Kind::string) ? top->size : 0))
                                ? builder.add(top[0], top[1])
                                : out_of_budget();
                }
                if (added.failed()) {
                    failed = added;
                    goto fail_now;
                }
                --top;
                break;
            }
            case Op::take_map:
                KITH_PUT(pointer<MapBuilder>(*top)->map())
            case Op::sum: {
                const auto added = pointer<Aggregate>(stack_[instruction.b])->add(call_, *top);
                if (added.failed()) {
                    failed = added;
                    goto fail_now;
                }
                --top;
                break;
            }
            case Op::take_sum:
                KITH_PUT(pointer<Aggregate>(*top)->result(static_cast<TypeKind>(instruction.c)))
            case Op::sort:
                --top;
                KITH_PUT(sort_by_keys(call_, top[0], top[1]))
            case Op::read_all:
                if (!top->is(Kind::list)) {
                    failed = no_overload();
                    goto fail_now;
                }
                KITH_PUT(read_all(call_, *top))

            case Op::present:
                if (!top->is(Kind::optional)) {
                    failed = no_overload();
                    goto fail_now;
                }
                if (top->items == nullptr)
                    at = first + instruction.c;
                else
                    *top = *top->items;
                break;
            case Op::otherwise:
                if (!top->is(Kind::optional)) {
                    failed = no_overload();
                    goto fail_now;
                }
                if (top->items == nullptr) {
                    --top;
                } else {
                    if (instruction.a != 0) *top = *top->items;
                    at = first + instruction.c;
                }
                break;
            case Op::wrap:
                KITH_PUT(make_optional(*top))
            case Op::only_optional:
                if (!top->is(Kind::optional)) {
                    failed = no_overload();
                    goto fail_now;
                }
                break;

            case Op::trace:
                (*trace_)[instruction.c].value = *top;
                (*trace_)[instruction.c].tick = ++tick_;
                break;
            case Op::trace_element: {
                auto &trace = (*trace_)[instruction.c];
                const auto *loop = stack_ + instruction.b;
                trace.place =
                    loop[1].is(Kind::iterator) ? loop[1].size - 1 : static_cast<std::uint32_t>(loop[1].i) - 1;
                trace.element = loop[0].is(Kind::map) ? loop[2] : loop[3];
                trace.element_tick = ++tick_;
                break;
            }
            case Op::done:
                return *top;
            default:  // spares the check of a jump that the generator alone decides
                __builtin_unreachable();
        }
        continue;

    out_of_units:
        failed = out_of_budget();
    fail_now:
        const auto pc = static_cast<std::size_t>(at - first) - 1;
        if (failed.size == 0) failed.size = code_.nodes[pc] + 1;  // put aside, an error keeps its place
        if (trace_ != nullptr) {
            auto &trace = (*trace_)[code_.nodes[pc]];
            trace.value = failed;
            trace.tick = ++tick_;
        }
        const auto number = code_.handlers[pc];
        if (number == Bytecode::kNoHandler || final_error(failed.code())) return failed;
        const auto &handler = code_.handler_table[number];
        if (!stack_[handler.slot].failed()) stack_[handler.slot] = failed;
        top = stack_ + handler.depth - 1;
        at = first + handler.target;
    }
#undef KITH_PUT
#undef KITH_RIGHT
#undef KITH_INT
#undef KITH_COMPARE
#undef KITH_DOUBLE
}

Outcome evaluate_code(const Bytecode &code, const Checked &checked, const Binding &binding,
                      const Moment &moment, std::uint64_t budget, std::vector<Value> &stack, Memory &memory,
                      Patterns &patterns, std::vector<Trace> *trace) {
    // One below the bottom stands for the empty stack.
    if (stack.size() <= code.stack_size) stack.resize(code.stack_size + 1);
    memory.clear();
    Call call(memory, patterns, moment, checked.schema.get(), budget);
    Outcome outcome;
    outcome.value = Machine(code, checked, binding, call, stack.data() + 1, trace).run();
    if (outcome.value.failed()) outcome.node = outcome.value.size - 1;
    outcome.cost = call.used();
    outcome.memory = memory.used();
    return outcome;
}

}  // namespace

Evaluator::Evaluator() : state_(std::make_unique<State>()) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator &&) noexcept = default;
Evaluator &Evaluator::operator=(Evaluator &&) noexcept = default;
void Evaluator::clear() { state_->memory.clear(); }

Outcome Evaluator::evaluate(const Program &program, const Binding &binding, const Moment &moment,
                            std::uint64_t budget) {
    return evaluate_code(*program.code_, program.checked(), binding, moment, budget, state_->stack,
                         state_->memory, state_->patterns, nullptr);
}

Outcome Evaluator::trace(const Program &program, const Binding &binding, const Moment &moment,
                         std::vector<Trace> &trace, std::uint64_t budget) {
    state_->traced = Program(program.checked_, true);
    trace.assign(program.checked().tree.size(), {});
    return evaluate_code(*state_->traced->code_, program.checked(), binding, moment, budget, state_->stack,
                         state_->memory, state_->patterns, &trace);
}

}  // namespace kith::expr
