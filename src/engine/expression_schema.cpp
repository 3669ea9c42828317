#include "engine/expression_schema.hpp"

#include <kith/base.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "base/hash.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using expr::Kind;
using expr::Memory;
using expr::Type;
using expr::TypeKind;
using expr::Value;

namespace {

// Sizes the static cost reckons with. No limit of base.h: a rule that reads every free text of a timeline
// would never pass. The budget holds whatever the sizes are.
constexpr std::uint32_t kName = 64, kId = 36, kText = 512;
constexpr std::uint32_t kTags = 32, kLines = 8, kTimeline = 256, kFew = 16;
static_assert(kText <= KITH_MAX_TEXT_BYTES && kLines <= KITH_MAX_LINES && kName <= KITH_MAX_NAME_BYTES);

// ---- values of fields; absent text is a null view, which get() makes "" ----

Value text(std::string_view view) { return expr::of_text(view); }

Value copied(std::string_view view, Memory &memory) {
    auto *copy = memory.array<char>(view.size() + 1);
    if (copy == nullptr) return expr::out_of_memory();
    std::memcpy(copy, view.data(), view.size());
    return expr::of_text({copy, view.size()});
}

Value id(const base::Id &id, Memory &memory) { return id ? copied(base::to_text(id), memory) : text({}); }

Value interaction_id(const model::InteractionKey &key, Memory &memory) {
    return copied(base::to_hex(index::interaction(key)), memory);
}

Value time(base::Micros at) { return expr::of_micros(at); }
Value time(const std::optional<base::Micros> &at) { return at ? time(*at) : expr::null_value(); }

Value count(std::uint64_t number) { return expr::of_int(static_cast<std::int64_t>(number)); }

// Unknown is not zero.
Value unknown() { return expr::fail(expr::Code::absent, "the field is not set: test it with has()"); }

Value money(const std::optional<std::int64_t> &minor, std::uint32_t currency) {
    return minor ? expr::of_money(*minor, currency) : unknown();
}

Value list(std::span<const std::string_view> texts, Memory &memory) {
    expr::ListBuilder items(memory);
    for (const auto each : texts) {
        if (!items.add(text(each))) return expr::out_of_memory();
    }
    return items.list();
}

Value tags(std::string_view written, Memory &memory) {
    std::vector<std::string_view> found;
    while (!written.empty()) {
        const auto comma = std::min(written.find(','), written.size());
        auto tag = written.substr(0, comma);
        while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
        while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
        if (!tag.empty()) found.push_back(tag);
        written.remove_prefix(std::min(comma + 1, written.size()));
    }
    return list(found, memory);
}

Value roles(std::uint32_t bits, Memory &memory) {
    constexpr std::string_view kNames[] = {"final",   "intermediary", "prospect", "supplier",
                                           "partner", "competitor",   "employee"};
    std::vector<std::string_view> found;
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        if (bits >> i & 1) found.push_back(kNames[i]);
    }
    return list(found, memory);
}

Value duration(const std::optional<std::int64_t> &seconds) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    if (!seconds) return unknown();
    if (*seconds > INT64_MAX / kSecond || *seconds < INT64_MIN / kSecond) {
        return expr::fail(expr::Code::range, "the duration is longer than 292 years");
    }
    return expr::of_duration(*seconds * kSecond);
}

Value decimal(std::int64_t scaled) {
    return expr::of_double(static_cast<double>(scaled) / static_cast<double>(KITH_DECIMAL_ONE));
}

Value flag(const model::Identifier &identifier, std::uint32_t bit) {
    return expr::of_bool((identifier.flags & bit) != 0);
}

// ---- records ----

bool present(const Value &value) {
    switch (value.kind) {
        case Kind::null:
        case Kind::error:
            return false;
        case Kind::string:
            return value.text != nullptr;
        case Kind::list:
            return value.lazy ? value.range->size() != 0u : value.size > 0;
        default:
            return true;
    }
}

template <class Object>
struct FieldRow {
    const char *name;
    TypeKind type;  // list: of strings
    std::uint32_t size_max;
    Value (*read)(const Object &object, Memory &memory);
    const char *about;
};

// The same for the same record: views of it are made anew each time a list is read.
const void *identity(const PartyFacts &facts) { return &facts; }
const void *identity(const RowView &row) { return row.payload.data(); }
const void *identity(const LineView &line) { return line.line; }
const void *identity(const ProcessView &process) { return process.read; }

Value typed_value(const PartyFacts &o, const TypedField &field, Memory &memory) {
    return field_value(o.party().fields, o, field, memory);
}
Value typed_value(const RowView &o, const TypedField &field, Memory &memory) {
    const bool aside = field.kind == model::FieldKind::text;
    return field_value(aside ? o.facts->personal(o).fields : o.facts->interaction(o).fields, *o.facts, field,
                       memory);
}
template <class Object>
Value typed_value(const Object &, const TypedField &, Memory &) {
    return unknown();
}

// A record whose fields are the rows of a table, and those that types define.
template <class Object>
class Record : public expr::RecordType {
public:
    Record(const char *name, std::span<const FieldRow<Object>> rows, std::vector<expr::Field> fields,
           std::span<const TypedField> typed)
        : RecordType(name, std::move(fields)), rows_(rows), typed_(typed.begin(), typed.end()) {}

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        auto value = read(object, field, memory);
        if (value.is(Kind::string) && value.text == nullptr) value.text = "";
        return value;
    }
    bool has(const void *object, std::uint32_t field) const override {
        Memory scratch;
        return present(read(object, field, scratch));
    }
    bool same(const void *a, const void *b) const override {
        return identity(*static_cast<const Object *>(a)) == identity(*static_cast<const Object *>(b));
    }
    std::uint64_t hash(const void *object) const override {
        return reinterpret_cast<std::uintptr_t>(identity(*static_cast<const Object *>(object)));
    }

private:
    Value read(const void *object, std::uint32_t field, Memory &memory) const {
        const auto &of = *static_cast<const Object *>(object);
        return field < rows_.size() ? rows_[field].read(of, memory)
                                    : typed_value(of, typed_[field - rows_.size()], memory);
    }

    std::span<const FieldRow<Object>> rows_;
    std::vector<TypedField> typed_;
};

constexpr FieldRow<PartyFacts> kPartyFields[] = {
    {"id", TypeKind::string, kId, [](auto &o, Memory &m) { return id(o.id(), m); }, "kith's id"},
    {"kind", TypeKind::string, kName,
     [](auto &o, Memory &) {
         constexpr std::string_view kKinds[] = {"person", "organisation", "household", "anonymous"};
         const auto kind = static_cast<std::size_t>(o.party().kind);
         return text(kind < std::size(kKinds) ? kKinds[kind] : std::string_view());
     },
     "person, organisation, household or anonymous"},
    {"roles", TypeKind::list, kFew, [](auto &o, Memory &m) { return roles(o.party().roles, m); },
     "final, intermediary, prospect, supplier, partner, competitor, employee"},
    {"name", TypeKind::string, kName, [](auto &o, Memory &) { return text(o.party().name); }, "as given"},
    {"language", TypeKind::string, kName, [](auto &o, Memory &) { return text(o.party().language); },
     "BCP 47"},
    {"time_zone", TypeKind::string, kName, [](auto &o, Memory &) { return text(o.party().time_zone); },
     "IANA"},
    {"owner", TypeKind::string, kName, [](auto &o, Memory &) { return text(o.text(o.party().owner)); },
     "the actor who looks after it"},
    {"tags", TypeKind::list, kTags, [](auto &o, Memory &m) { return tags(o.party().tags, m); },
     "those between the commas"},
    {"host_key", TypeKind::string, kName, [](auto &o, Memory &) { return text(o.host_key()); },
     "the first host key it came with"},
    {"revision", TypeKind::int_, 0, [](auto &o, Memory &) { return count(o.party().revision); },
     "grows with each change"},
    {"created_at", TypeKind::timestamp, 0,
     [](auto &o, Memory &) { return time(model::wall_of(o.party().created)); }, "when it was recorded"},
};

constexpr FieldRow<RowView> kInteractionFields[] = {
    {"id", TypeKind::string, kId * 2,
     [](auto &o, Memory &m) { return interaction_id(o.facts->interaction(o).key, m); }, "kith's id"},
    {"type", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).type)); },
     "order, return, payment, visit, call, message, ..."},
    {"at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(index::time_at(o.key + 16)); },
     "when it happened"},
    {"recorded_at", TypeKind::timestamp, 0,
     [](auto &o, Memory &) { return time(model::wall_of(o.facts->interaction(o).stamp)); },
     "when it was recorded"},
    {"system", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).system)); },
     "the host system it came from"},
    {"key", TypeKind::string, kName, [](auto &o, Memory &) { return text(o.facts->interaction(o).host_key); },
     "its key there"},
    {"amount", TypeKind::money, 0,
     [](auto &o, Memory &) {
         const auto &in = o.facts->interaction(o);
         return money(in.amount, o.facts->currency(in));
     },
     "in its own currency"},
    {"base_amount", TypeKind::money, 0,
     [](auto &o, Memory &) {
         const auto &in = o.facts->interaction(o);
         return money(in.base_amount ? in.base_amount : in.amount, o.facts->currency());
     },
     "in the file's currency"},
    {"direction", TypeKind::string, kName,
     [](auto &o, Memory &) {
         constexpr std::string_view kDirectionWords[] = {{}, "in", "out"};
         const auto direction = o.facts->interaction(o).direction;
         return text(direction < std::size(kDirectionWords) ? kDirectionWords[direction]
                                                            : std::string_view());
     },
     "in or out"},
    {"corrects", TypeKind::string, kId * 2,
     [](auto &o, Memory &m) {
         const auto &old = o.facts->interaction(o).corrects;
         return old ? interaction_id(*old, m) : text({});
     },
     "the id of the one this takes the place of"},
    {"lines", TypeKind::record, kLines,
     [](auto &o, Memory &m) {
         const auto &in = o.facts->interaction(o);
         auto *piece = m.allocate(sizeof(LineRange));
         if (piece == nullptr) return expr::out_of_memory();
         return expr::of_range(new (piece) LineRange(*o.facts, in, o.facts->currency(in), m));
     },
     "what was bought or brought back"},
    {"medium", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).medium)); },
     "shop, web, phone, email, ..."},
    {"scope", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).scope)); }, "how far it went"},
    {"topic", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).topic)); }, "what about"},
    {"outcome", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).outcome)); },
     "what came of it"},
    {"actor", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).actor)); }, "who of us"},
    {"with_whom", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->personal(o).with_whom); }, "whom on their side"},
    {"text", TypeKind::string, kText, [](auto &o, Memory &) { return text(o.facts->personal(o).text); },
     "what was said or written"},
    {"next_step", TypeKind::string, kText,
     [](auto &o, Memory &) { return text(o.facts->personal(o).next_step); }, "what was agreed"},
    {"cost", TypeKind::money, 0,
     [](auto &o, Memory &) { return money(o.facts->interaction(o).cost, o.facts->currency()); },
     "what the contact cost us"},
    {"duration", TypeKind::duration, 0,
     [](auto &o, Memory &) { return duration(o.facts->interaction(o).duration_s); }, "how long it took"},
    {"owner", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).owner)); },
     "the actor who looked after the party when it was recorded"},
    {"campaign", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).campaign)); },
     "the key of the campaign it came of"},
    {"form", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).form)); },
     "the form that was filled"},
    {"round", TypeKind::int_, 0, [](auto &o, Memory &) { return count(o.facts->interaction(o).round); },
     "of a form with rounds, from 1"},
    {"about_kind", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->interaction(o).about_kind)); },
     "what the form is about: self, party, competitor, ..."},
    {"about", TypeKind::string, kName,
     [](auto &o, Memory &) {
         const auto &in = o.facts->interaction(o);
         return text(o.facts->text(in.about ? in.about : in.about_kind));
     },
     "its key; self and party have none"},
};
static_assert(std::string_view(kInteractionFields[kInteractionType].name) == "type");
static_assert(std::string_view(kInteractionFields[kInteractionAt].name) == "at");

constexpr FieldRow<LineView> kLineFields[] = {
    {"product", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.line->product)); }, "the host's product key"},
    {"quantity", TypeKind::double_, 0, [](auto &o, Memory &) { return decimal(o.line->quantity); }, ""},
    {"unit_price", TypeKind::double_, 0, [](auto &o, Memory &) { return decimal(o.line->unit_price); },
     "in major units of the currency"},
    {"amount", TypeKind::money, 0,
     [](auto &o, Memory &) { return expr::of_money(o.line->amount, o.currency); }, "as billed"},
    {"category", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.line->category)); },
     "of the product when it was recorded"},
    {"margin", TypeKind::money, 0,
     [](auto &o, Memory &) {
         const bool known = o.margin != nullptr && *o.margin != model::kNoMargin;
         return money(known ? std::optional(*o.margin) : std::nullopt, o.currency);
     },
     "what is left of the amount"},
};

constexpr FieldRow<ProcessView> kProcessFields[] = {
    {"id", TypeKind::string, kId, [](auto &o, Memory &m) { return id(o.read->process.id, m); }, "kith's id"},
    {"definition", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.read->process.definition)); }, "its name"},
    {"version", TypeKind::int_, 0, [](auto &o, Memory &) { return count(o.read->process.version); },
     "of the definition"},
    {"state", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.read->process.state)); }, "where it stands"},
    {"since", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(o.read->process.since); },
     "when it entered the state"},
    {"started_at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(o.read->process.started_at); },
     "when it started"},
    {"transitions", TypeKind::int_, 0, [](auto &o, Memory &) { return count(o.read->process.transitions); },
     "entries of its log"},
    {"due", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(o.read->due); },
     "its next timer; null if none"},
    {"key", TypeKind::string, kName, [](auto &o, Memory &) { return text(o.read->process.key); },
     "of the case among those of its subject"},
    {"at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(o.read->process.started_at); },
     "when it started"},
    {"ended", TypeKind::boolean, 0, [](auto &o, Memory &) { return expr::of_bool(o.read->ended); },
     "in a final state"},
    {"ended_at", TypeKind::timestamp, 0,
     [](auto &o, Memory &) { return o.read->ended ? time(o.read->process.since) : expr::null_value(); },
     "null while it runs"},
    {"owner", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(o.facts->party().owner)); },
     "the actor who looks after the customer"},
    {"parent", TypeKind::string, kId, [](auto &o, Memory &m) { return id(o.read->process.parent, m); },
     "the id of the case it is a part of"},
};

model::Commitment commitment(const RowView &row) {
    return record::decode_commitment(base::Id::from({row.key, 16}), base::Id::from({row.key + 24, 16}),
                                     row.payload);
}

// A party by its id, an actor by its key.
Value side(const model::Side &side, const RowView &row, Memory &memory) {
    return side.party ? id(side.party, memory) : text(row.facts->text(side.actor));
}

Value codes(std::span<const model::Name> names, const RowView &row, Memory &memory) {
    std::vector<std::string_view> texts;
    for (const auto one : names) texts.push_back(row.facts->text(one));
    return list(texts, memory);
}

constexpr FieldRow<RowView> kCommitmentFields[] = {
    {"id", TypeKind::string, kId, [](auto &o, Memory &m) { return id(commitment(o).id, m); }, "kith's id"},
    {"kind", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(commitment(o).kind)); }, "win_back, visit, ..."},
    {"title", TypeKind::string, kName,
     [](auto &o, Memory &) {
         const auto &told = o.facts->commitment_personal(o).title;
         return text(told.data() ? told : o.facts->text(commitment(o).title));
     },
     "a line to read"},
    {"state", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(model::word_of(commitment(o).state)); },
     "open, accepted, doing, kept, broken, waived, cancelled, compensated or historic"},
    {"ended", TypeKind::boolean, 0,
     [](auto &o, Memory &) { return expr::of_bool(!model::is_open(commitment(o).state)); },
     "no longer open, accepted or doing"},
    {"opened_at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(commitment(o).opened_at); },
     "when its cause happened"},
    {"due", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(commitment(o).due); },
     "null if it has no date"},
    {"ended_at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(commitment(o).ended_at); },
     "null while it is open"},
    {"process", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->process_name(commitment(o).process)); },
     "the name of the process that made it"},
    {"parent_process", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->parent_name(commitment(o).process)); },
     "the name of the process that the one that made it is a part of"},
    {"broken_at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(commitment(o).broken_at); },
     "null if it was not broken"},
    {"sort", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(model::word_of(commitment(o).sort)); },
     "task, promise, approval, compensation, milestone or reminder"},
    {"name", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(commitment(o).name)); }, "of a milestone: its name"},
    {"assignee", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(commitment(o).assignee)); }, "who is to do it"},
    {"owner", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(commitment(o).owner)); },
     "of the customer when it was made"},
    {"debtor", TypeKind::string, kName, [](auto &o, Memory &m) { return side(commitment(o).debtor, o, m); },
     "who owes it: actor, or id"},
    {"creditor", TypeKind::string, kName,
     [](auto &o, Memory &m) { return side(commitment(o).creditor, o, m); }, "who is owed it: actor, or id"},
    {"for_record", TypeKind::string, kId, [](auto &o, Memory &m) { return id(commitment(o).for_record, m); },
     "the id of the record it is for"},
    {"explicit", TypeKind::boolean, 0,
     [](auto &o, Memory &) {
         return expr::of_bool((commitment(o).flags & model::commitment_flag::is_explicit) != 0);
     },
     "said in so many words"},
    {"internal", TypeKind::boolean, 0,
     [](auto &o, Memory &) {
         return expr::of_bool((commitment(o).flags & model::commitment_flag::internal) != 0);
     },
     "among ourselves"},
    {"require", TypeKind::list, kFew, [](auto &o, Memory &m) { return codes(commitment(o).require, o, m); },
     "artefacts it needs"},
    {"artefacts", TypeKind::list, kFew,
     [](auto &o, Memory &m) { return codes(commitment(o).artefacts, o, m); }, "those that are there"},
    {"ready", TypeKind::boolean, 0, [](auto &o, Memory &) { return expr::of_bool(commitment(o).is_ready()); },
     "all it needs is there"},
    {"late", TypeKind::boolean, 0, [](auto &o, Memory &) { return expr::of_bool(commitment(o).was_late()); },
     "its due time came while it was open"},
    {"accepted_at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(commitment(o).accepted_at); },
     "null if it was not"},
    {"started_at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(commitment(o).started_at); },
     "null if it was not"},
    {"rule", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(commitment(o).rule)); }, "the rule that made it"},
    {"item", TypeKind::string, kText,
     [](auto &o, Memory &) { return text(o.facts->commitment_personal(o).item); }, "what is owed"},
    {"condition", TypeKind::string, kText,
     [](auto &o, Memory &) { return text(o.facts->commitment_personal(o).condition); }, "on which it is"},
    {"compensation", TypeKind::string, kText,
     [](auto &o, Memory &) { return text(o.facts->commitment_personal(o).compensation); },
     "what is due if it is broken"},
    {"evidence", TypeKind::string, kText,
     [](auto &o, Memory &) { return text(o.facts->commitment_personal(o).evidence); }, "that it was kept"},
    {"result", TypeKind::string, kText,
     [](auto &o, Memory &) { return text(o.facts->commitment_personal(o).result); }, "what came of it"},
};

model::Identifier identifier(const RowView &row) { return record::decode_identifier({}, 0, 0, row.payload); }

constexpr FieldRow<RowView> kIdentifierFields[] = {
    {"kind", TypeKind::string, kName,
     [](auto &o, Memory &) { return text(o.facts->text(identifier(o).kind)); },
     "email, phone, card, ...; of a host key the system"},
    {"value", TypeKind::string, kName, [](auto &o, Memory &) { return text(identifier(o).value); },
     "as written"},
    {"normalised", TypeKind::string, kName, [](auto &o, Memory &) { return text(identifier(o).normalised); },
     "as compared"},
    {"shared", TypeKind::boolean, 0,
     [](auto &o, Memory &) { return flag(identifier(o), model::identifier_flag::shared); },
     "others have it too"},
    {"host", TypeKind::boolean, 0,
     [](auto &o, Memory &) { return flag(identifier(o), model::identifier_flag::host); }, "a host key"},
    {"verified_at", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(identifier(o).verified_at); },
     "null if never"},
    {"valid_from", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(identifier(o).valid_from); },
     "null if always"},
    {"valid_to", TypeKind::timestamp, 0, [](auto &o, Memory &) { return time(identifier(o).valid_to); },
     "null if for ever"},
    {"verified", TypeKind::boolean, 0,
     [](auto &o, Memory &) { return expr::of_bool(identifier(o).verified_at.has_value()); }, "at some time"},
};

// Of the party's counters; their record is the party's facts.
template <auto Read>
Value figure(const PartyFacts &facts, Memory &) {
    const auto *figures = facts.figures();
    return figures ? Read(*figures, facts) : expr::fail(expr::Code::host, "the data cannot be read");
}
Value when(bool known, base::Micros at) { return known ? time(at) : expr::null_value(); }

constexpr FieldRow<PartyFacts> kFiguresFields[] = {
    {"interactions", TypeKind::int_, 0, figure<[](auto &f, auto &) { return count(f.interactions); }>,
     "how many"},
    {"orders", TypeKind::int_, 0, figure<[](auto &f, auto &) { return count(f.orders); }>, "how many"},
    {"returns", TypeKind::int_, 0, figure<[](auto &f, auto &) { return count(f.returns); }>, "how many"},
    {"amount_total", TypeKind::money, 0,
     figure<[](auto &f, auto &o) { return expr::of_money(f.amount_total, o.currency()); }>,
     "of orders, in the file's currency"},
    {"returns_total", TypeKind::money, 0,
     figure<[](auto &f, auto &o) { return expr::of_money(f.returns_total, o.currency()); }>,
     "of returns, as recorded"},
    {"first_at", TypeKind::timestamp, 0,
     figure<[](auto &f, auto &) { return when(f.interactions > 0, f.first_at); }>,
     "null if nothing happened"},
    {"last_at", TypeKind::timestamp, 0,
     figure<[](auto &f, auto &) { return when(f.interactions > 0, f.last_at); }>, "null if nothing happened"},
    {"first_order_at", TypeKind::timestamp, 0,
     figure<[](auto &f, auto &) { return when(f.orders > 0, f.first_order_at); }>, "null without orders"},
    {"last_order_at", TypeKind::timestamp, 0,
     figure<[](auto &f, auto &) { return when(f.orders > 0, f.last_order_at); }>, "null without orders"},
    {"gap_days", TypeKind::double_, 0, figure<[](auto &f, auto &) {
         const auto gap = f.median_gap_us();
         return gap ? expr::of_double(static_cast<double>(*gap) / static_cast<double>(base::kDay))
                    : unknown();
     }>,
     "median of the days between days with an order"},
};

// Adds records and their types, the numbers of which are those of ExpressionRecord.
class Builder {
public:
    explicit Builder(expr::Schema &schema) : schema_(schema), types_(schema.types()) {}

    template <class Object, std::size_t N>
    const Type *add(ExpressionRecord number, const char *name, const FieldRow<Object> (&rows)[N],
                    std::span<const TypedField> typed = {}) {
        std::vector<expr::Field> fields;
        for (const auto &row : rows) {
            const auto *type = row.type == TypeKind::list     ? types_.list(Types::of(TypeKind::string))
                               : row.type == TypeKind::record ? types_.list(line_)
                                                              : Types::of(row.type);
            const bool indexed = number == ExpressionRecord::interaction && is_indexed(fields.size());
            fields.push_back({row.name, type, row.size_max, indexed, row.about});
        }
        for (const auto &one : typed) {
            const auto size_max = one.kind == model::FieldKind::text ? kText : kName;
            const auto type = type_of(one.kind);
            fields.push_back({one.name, Types::of(type), type == TypeKind::string ? size_max : 0, false,
                              "of the type " + one.about});
        }
        const auto *type = schema_.add_record(
            std::make_unique<Record<Object>>(name, std::span(rows), std::move(fields), typed));
        if (number == ExpressionRecord::line) line_ = type;
        return type;
    }

private:
    using Types = expr::Types;
    static bool is_indexed(std::size_t field) { return field == kInteractionType || field == kInteractionAt; }

    expr::Schema &schema_;
    Types &types_;
    const Type *line_ = nullptr;
};

}  // namespace

Value field_value(const model::Fields &fields, const RowContext &names, const TypedField &field,
                  Memory &memory) {
    using model::FieldKind;
    for (const auto &value : fields.values) {
        if (value.kind != field.kind || names.text(value.name) != field.name) continue;
        switch (value.kind) {
            case FieldKind::text:
                return text(fields.text(value));
            case FieldKind::int_:
                return expr::of_int(value.number);
            case FieldKind::double_:
                return expr::of_double(std::bit_cast<double>(value.number));
            case FieldKind::bool_:
                return expr::of_bool(value.number != 0);
            case FieldKind::money:
                return expr::of_money(value.number, static_cast<std::uint32_t>(value.extra));
            case FieldKind::time:
                return time(value.number);
            case FieldKind::date:
                return expr::of_date(value.number);
            case FieldKind::record:
                return id(model::id_of(value), memory);
            default:
                return text(names.text(static_cast<model::Name>(value.number)));
        }
    }
    return unknown();
}
RowTypes add_row_records(expr::Schema &schema, std::span<const TypedField> fields) {
    Builder builder(schema);
    const auto *line = builder.add(ExpressionRecord::line, "Line", kLineFields);
    return {line, builder.add(ExpressionRecord::interaction, "Interaction", kInteractionFields, fields)};
}

std::span<const expr::Field> figure_fields() {
    static const auto fields = [] {
        std::vector<expr::Field> made;
        for (const auto &row : kFiguresFields) {
            made.push_back({row.name, expr::Types::of(row.type), row.size_max, false, row.about});
        }
        return made;
    }();
    return fields;
}

Value figure_value(std::uint32_t field, const PartyFacts &facts, Memory &memory) {
    return kFiguresFields[field].read(facts, memory);
}

bool is_built_in(ExpressionRecord record, std::string_view field) {
    const auto among = [&](const auto &rows) {
        return std::ranges::any_of(rows, [&](const auto &row) { return row.name == field; });
    };
    return record == ExpressionRecord::party ? among(kPartyFields) : among(kInteractionFields);
}

std::shared_ptr<expr::Schema> make_expression_schema(const TypeSet &installed) {
    auto schema = std::make_shared<expr::Schema>();
    // In the order of ExpressionRecord.
    const auto *interaction = add_row_records(*schema, installed.interaction).interaction;
    Builder builder(*schema);
    const auto *party = builder.add(ExpressionRecord::party, "Party", kPartyFields, installed.party);
    const auto *process = builder.add(ExpressionRecord::process, "Process", kProcessFields);
    const auto *owed = builder.add(ExpressionRecord::commitment, "Commitment", kCommitmentFields);
    const auto *named = builder.add(ExpressionRecord::identifier, "Identifier", kIdentifierFields);
    const auto *figures = builder.add(ExpressionRecord::figures, "Figures", kFiguresFields);

    auto &types = schema->types();
    const auto *string = expr::Types::of(TypeKind::string);
    // In the order of ExpressionVariable.
    schema->add_variable("party", party, 0, "the customer");
    schema->add_variable("i", interaction, 0, "the interaction at hand");
    schema->add_variable("m", figures, 0, "the party's figures");
    schema->add_variable("state", types.map(string, string), kFew, "by the name of a process, its state");
    schema->add_variable("interactions", types.list(interaction), kTimeline, "all, oldest first");
    schema->add_variable("orders", types.list(interaction), kTimeline, "interactions of type order");
    schema->add_variable("commitments", types.list(owed), kTags, "open and ended, oldest first");
    schema->add_variable("processes", types.list(process), kFew, "that run or ran");
    schema->add_variable("identifiers", types.list(named), kFew, "by which the party is found");
    schema->add_moment();
    return schema;
}

// ---- the binding ----

PartyBinding::PartyBinding(const PartyFacts *facts, std::span<const Value> host, std::uint32_t first_host)
    : facts_(facts), host_(host), first_host_(first_host) {}

Value PartyBinding::state(Memory &memory) const {
    // The latest of several instances of one definition.
    std::vector<const model::Process *> latest;
    for (const auto &view : facts_->processes()) {
        const auto &process = view.read->process;
        auto known = std::find_if(latest.begin(), latest.end(),
                                  [&](auto *each) { return each->definition == process.definition; });
        if (known == latest.end()) {
            latest.push_back(&process);
        } else if (process.since > (*known)->since) {
            *known = &process;
        }
    }
    expr::MapBuilder map(memory);
    for (const auto *process : latest) {
        const auto added =
            map.add(text(facts_->text(process->definition)), text(facts_->text(process->state)));
        if (added.failed()) return added;
    }
    return map.map();
}

Value PartyBinding::processes(Memory &memory) const {
    expr::ListBuilder list(memory);
    for (const auto &view : facts_->processes()) {
        if (!list.add(expr::of_record(&view, static_cast<std::uint16_t>(ExpressionRecord::process)))) {
            return expr::out_of_memory();
        }
    }
    return list.list();
}

Value PartyBinding::variable(std::uint32_t number, Memory &memory) const {
    if (number >= first_host_) {
        const auto place = number - first_host_;
        return place < host_.size() ? host_[place]
                                    : expr::fail(expr::Code::absent, "the host gave no value for it");
    }
    if (facts_ == nullptr) {
        return expr::fail(expr::Code::absent, "there is no party at hand: evaluate for a party");
    }
    const auto record = [](const void *object, ExpressionRecord type) {
        return expr::of_record(object, static_cast<std::uint16_t>(type));
    };
    const auto range = [&](RowKind kind) {
        auto &list = lists_[static_cast<std::size_t>(kind)];
        if (!list) list.emplace(*facts_, kind);
        list->use(memory, passed_);
        return expr::of_range(&*list);
    };
    switch (static_cast<ExpressionVariable>(number)) {
        case ExpressionVariable::party:
            return record(facts_, ExpressionRecord::party);
        case ExpressionVariable::i:
            if (facts_->at_hand()) return record(facts_->at_hand(), ExpressionRecord::interaction);
            return expr::fail(expr::Code::absent,
                              "there is no interaction at hand: evaluate for an interaction");
        case ExpressionVariable::m:
            return record(facts_, ExpressionRecord::figures);
        case ExpressionVariable::state:
            return state(memory);
        case ExpressionVariable::interactions:
            return range(RowKind::interaction);
        case ExpressionVariable::orders:
            return range(RowKind::order);
        case ExpressionVariable::commitments:
            return range(RowKind::commitment);
        case ExpressionVariable::processes:
            return processes(memory);
        case ExpressionVariable::identifiers:
            return range(RowKind::identifier);
    }
    return expr::fail(expr::Code::host, "there is no variable of this number");
}

}  // namespace kith::engine
