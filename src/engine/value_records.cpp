#include "engine/value_records.hpp"

#include "engine/values.hpp"

namespace kith::engine {

using expr::Code;
using expr::Field;
using expr::Kind;
using expr::Memory;
using expr::TypeKind;
using expr::Types;
using expr::Value;

namespace {

// Of each kind of subject, in this order; then Actor, Base, Settings, Policies, and a Policy of each matrix.
enum Group : std::uint32_t { kMetrics, kSeries, kBands, kScores, kCells, kMembership, kGroups };

constexpr std::uint16_t kFirstTag = static_cast<std::uint16_t>(ExpressionRecord::figures) + 1;

constexpr std::uint16_t tag_of(SubjectKind kind, Group group) {
    return static_cast<std::uint16_t>(kFirstTag + static_cast<std::uint32_t>(kind) * kGroups + group);
}
constexpr std::uint16_t kActorTag = kFirstTag + kSubjectKinds * kGroups, kBaseTag = kActorTag + 1,
                        kSettingsTag = kBaseTag + 1, kPoliciesTag = kBaseTag + 2, kEntryTag = kBaseTag + 3,
                        kFirstPolicyTag = kBaseTag + 4;

// Fields that are values of a subject; an object is its SubjectValues.
class ValuesRecord : public expr::RecordType {
public:
    using Read = Value (*)(SubjectValues &, std::uint32_t place);
    ValuesRecord(std::string name, std::vector<Field> fields, std::vector<std::uint32_t> places, Read read,
                 bool with_figures)
        : RecordType(std::move(name), std::move(fields)),
          places_(std::move(places)),
          read_(read),
          with_figures_(with_figures) {}

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        auto &subject = *static_cast<SubjectValues *>(const_cast<void *>(object));
        if (field < places_.size()) return read_(subject, places_[field]);
        if (!with_figures_ || !subject.facts()) return expr::fail(Code::absent, "there is no party at hand");
        return figure_value(figures_[field - places_.size()], *subject.facts(), memory);
    }
    void add_figures(std::vector<std::uint32_t> figures) { figures_ = std::move(figures); }

private:
    std::vector<std::uint32_t> places_;
    Read read_;
    bool with_figures_;
    std::vector<std::uint32_t> figures_;  // after the places: those that no metric has the name of
};

// The base: fields are its groups.
class BaseRecord : public expr::RecordType {
public:
    using RecordType::RecordType;
    Value get(const void *object, std::uint32_t field, Memory &) const override {
        return expr::of_record(object, tag_of(SubjectKind::all, static_cast<Group>(field)));
    }
    bool has(const void *, std::uint32_t) const override { return true; }
};

const expr::Type *type_of(TypeKind kind) { return Types::of(kind); }

Value term_value(const rules::Term &term) {
    switch (term.kind) {
        case rules::Term::Kind::number:
            return expr::of_double(term.number);
        case rules::Term::Kind::money:
            return expr::of_money(term.money.minor, term.money.currency.packed());
        case rules::Term::Kind::text:
            return expr::of_text(term.text);
        case rules::Term::Kind::boolean:
            return expr::of_bool(term.boolean);
        default:
            return expr::fail(Code::absent, "no value is set");
    }
}

TypeKind type_of_term(const rules::Term &term) {
    switch (term.kind) {
        case rules::Term::Kind::money:
            return TypeKind::money;
        case rules::Term::Kind::text:
            return TypeKind::string;
        case rules::Term::Kind::boolean:
            return TypeKind::boolean;
        default:
            return TypeKind::double_;
    }
}

class SettingsRecord : public expr::RecordType {
public:
    SettingsRecord(std::vector<Field> fields, std::vector<rules::Setting> settings)
        : RecordType("Settings", std::move(fields)), settings_(std::move(settings)) {}

    Value get(const void *, std::uint32_t field, Memory &memory) const override {
        const auto &setting = settings_[field];
        if (setting.by.empty()) return term_value(setting.value);
        expr::MapBuilder map(memory);
        for (const auto &[code, term] : setting.by) {
            const auto added = map.add(expr::of_text(code), term_value(term));
            if (added.failed()) return added;
        }
        return map.map();
    }
    bool has(const void *, std::uint32_t) const override { return true; }

private:
    std::vector<rules::Setting> settings_;
};

// policy.M: the policy of the cell the subject has in matrix M.
class PoliciesRecord : public expr::RecordType {
public:
    PoliciesRecord(std::vector<Field> fields, std::vector<std::uint32_t> places)
        : RecordType("Policies", std::move(fields)), places_(std::move(places)) {}

    Value get(const void *object, std::uint32_t field, Memory &) const override {
        auto &subject = *static_cast<SubjectValues *>(const_cast<void *>(object));
        const auto *cell = subject.matrix_cell(places_[field]);
        if (cell == nullptr) return expr::fail(Code::absent, "the cell is unknown");
        return expr::of_record(cell, static_cast<std::uint16_t>(kFirstPolicyTag + field));
    }

private:
    std::vector<std::uint32_t> places_;
};

class PolicyRecord : public expr::RecordType {
public:
    using RecordType::RecordType;
    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto *term =
            rules::find_policy(*static_cast<const rules::Cell *>(object), fields()[field].name);
        return term ? term_value(*term) : expr::fail(Code::absent, "the cell's policy does not say");
    }
    bool has(const void *object, std::uint32_t field) const override {
        return rules::find_policy(*static_cast<const rules::Cell *>(object), fields()[field].name) != nullptr;
    }
};

constexpr std::string_view kKindNames[kSubjectKinds] = {"Party", "Actor", "Product", "Campaign", "Base"};
constexpr std::string_view kGroupNames[kGroups] = {"Metrics", "Series", "Bands",
                                                   "Scores",  "Cells",  "Segments"};
constexpr std::string_view kGroupVariables[kGroups] = {"m", "series", "band", "score", "cell", "segment"};

class ValueSchema {
public:
    ValueSchema(const ValueCatalog &catalog, SubjectKind kind, std::string_view tuple)
        : catalog_(catalog), schema_(make_expression_schema(catalog.types)), types_(schema_->types()) {
        for (std::size_t each = 0; each < kSubjectKinds; ++each) add_groups(static_cast<SubjectKind>(each));
        schema_->add_functions(clock_functions(), kClockUnits);
        add_actor_record(*schema_);
        std::vector<Field> groups;
        for (std::uint32_t group = 0; group < kGroups; ++group) {
            groups.push_back({std::string(kGroupVariables[group]),
                              of(SubjectKind::all, static_cast<Group>(group)), 0, false, ""});
        }
        const auto *all = schema_->add_record(std::make_unique<BaseRecord>("All", std::move(groups)));
        const auto *setting = add_settings();
        const auto *policies = add_policies(kind, tuple);
        schema_->set_variable(static_cast<std::uint32_t>(ExpressionVariable::m),
                              tuple.empty() ? of(kind, kMetrics) : schema_->record_type(kEntryTag));
        // In the order of ValueVariable.
        schema_->add_variable("all", all, 0, "the whole base: all.m.NAME");
        for (const auto group : {kSeries, kBands, kScores, kCells, kMembership}) {
            schema_->add_variable(kGroupVariables[group], of(kind, group), 0, "by name");
        }
        schema_->add_variable("setting", setting, 0, "numbers of playbooks, by name");
        schema_->add_variable("policy", policies, 0, "of the cell in a matrix");
        schema_->add_functions(clock_functions(), kClockUnits);
    }

    std::shared_ptr<expr::Schema> take() { return std::move(schema_); }

private:
    const expr::Type *of(SubjectKind kind, Group group) const {
        return schema_->record_type(tag_of(kind, group));
    }

    template <class Item, class Kind, class TypeOf>
    void add(SubjectKind kind, Group group, const Named<Item> &items, const Kind &kind_of, const TypeOf &type,
             ValuesRecord::Read read, std::string name = {}) {
        std::vector<Field> fields;
        std::vector<std::uint32_t> places;
        for (std::uint32_t i = 0; i < items.items.size(); ++i) {
            const auto *field_type = kind_of(items.items[i]) == kind ? type(items.items[i]) : nullptr;
            if (!field_type) continue;
            fields.push_back({items.name(i), field_type, 0, false, ""});
            places.push_back(i);
        }
        std::vector<std::uint32_t> figures;
        if (kind == SubjectKind::party && group == kMetrics) {
            const auto known = figure_fields();
            for (std::uint32_t i = 0; i < known.size(); ++i) {
                if (std::ranges::find(fields, known[i].name, &Field::name) != fields.end()) continue;
                fields.push_back(known[i]);
                figures.push_back(i);
            }
        }
        const bool with_figures = !figures.empty();
        if (name.empty())
            name = std::string(kGroupNames[group]) + "Of" +
                   std::string(kKindNames[static_cast<std::size_t>(kind)]);
        auto record = std::make_unique<ValuesRecord>(std::move(name), std::move(fields), std::move(places),
                                                     read, with_figures);
        record->add_figures(std::move(figures));
        schema_->add_record(std::move(record));
    }

    // `tuple`: the key by which an entry is read; what goes by another one, or none, is the whole subject's.
    void add_metrics(SubjectKind kind, std::string_view tuple, std::string name) {
        add(
            kind, kMetrics, catalog_.metrics, [](auto &v) { return v.owner; },
            [&](auto &v) -> const expr::Type * {
                if (v.tuple.empty()) return v.metric.key.empty() ? type_of(v.type) : nullptr;
                if (v.tuple == tuple) return type_of(v.type);
                return types_.map(type_of(TypeKind::string), type_of(v.type));
            },
            [](SubjectValues &s, std::uint32_t i) { return s.metric(i); }, std::move(name));
    }

    void add_groups(SubjectKind kind) {
        const auto string = [](auto &) { return type_of(TypeKind::string); };
        add_metrics(kind, {}, {});
        add(
            kind, kSeries, catalog_.metrics, [](auto &v) { return v.metric.subject; },
            [&](auto &v) { return v.metric.key.empty() && v.by ? types_.list(type_of(v.type)) : nullptr; },
            [](SubjectValues &s, std::uint32_t i) { return s.series(i); });
        add(
            kind, kBands, catalog_.bands, [](auto &v) { return v.bands.subject; }, string,
            [](SubjectValues &s, std::uint32_t i) { return s.band(i); });
        add(
            kind, kScores, catalog_.scorecards, [](auto &v) { return v.scorecard.subject; },
            [](auto &) { return type_of(TypeKind::double_); },
            [](SubjectValues &s, std::uint32_t i) { return s.score(i); });
        add(
            kind, kCells, catalog_.matrices, [](auto &v) { return v.matrix.subject; }, string,
            [](SubjectValues &s, std::uint32_t i) { return s.cell(i); });
        add(
            kind, kMembership, catalog_.segments, [](auto &v) { return v.segment.subject; },
            [](auto &) { return type_of(TypeKind::boolean); },
            [](SubjectValues &s, std::uint32_t i) { return expr::of_bool(s.is_member(i)); });
    }

    const expr::Type *add_settings() {
        std::vector<Field> fields;
        std::vector<rules::Setting> settings;
        for (const auto &[name, setting] : catalog_.settings) {
            const auto *value =
                type_of(type_of_term(setting.by.empty() ? setting.value : setting.by.front().second));
            const auto *type = setting.by.empty() ? value : types_.map(type_of(TypeKind::string), value);
            fields.push_back({name, type, 0, false, ""});
            settings.push_back(setting);
        }
        return schema_->add_record(std::make_unique<SettingsRecord>(std::move(fields), std::move(settings)));
    }

    const expr::Type *add_policies(SubjectKind kind, std::string_view tuple) {
        std::vector<Field> fields;
        std::vector<std::uint32_t> places;
        std::vector<std::unique_ptr<PolicyRecord>> policies;
        const auto count = catalog_.matrices.items.size();
        // Records get their numbers in order: the policies after the record that names them.
        std::vector<const expr::Type *> types;
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto &matrix = catalog_.matrices.items[i].matrix;
            std::vector<Field> names;
            for (const auto &cell : matrix.cells) {
                for (const auto &[name, term] : cell.policy) {
                    if (std::ranges::find(names, name, &Field::name) != names.end()) continue;
                    names.push_back({name, type_of(type_of_term(term)), 0, false, ""});
                }
            }
            const auto number = static_cast<std::uint32_t>(kFirstPolicyTag + i);
            policies.push_back(std::make_unique<PolicyRecord>("PolicyOf_" + matrix.name, std::move(names)));
            fields.push_back({matrix.name, types_.record("PolicyOf_" + matrix.name, number), 0, false, ""});
            places.push_back(i);
        }
        const auto *type =
            schema_->add_record(std::make_unique<PoliciesRecord>(std::move(fields), std::move(places)));
        add_metrics(kind, tuple, "MetricsByKey");
        for (auto &policy : policies) schema_->add_record(std::move(policy));
        return type;
    }

    const ValueCatalog &catalog_;
    std::shared_ptr<expr::Schema> schema_;
    Types &types_;
};

}  // namespace

std::shared_ptr<expr::Schema> make_value_schema(const ValueCatalog &catalog, SubjectKind kind,
                                                std::string_view tuple) {
    return ValueSchema(catalog, kind, tuple).take();
}

void resolve_names(expr::Tree &tree) {
    for (expr::NodeId id = 0; id < tree.size(); ++id) {
        auto &call = tree[id];
        if (call.kind != expr::NodeKind::call || call.member || call.count != 1) continue;
        const bool segment = call.name == "in_segment", policy = call.name == "policy";
        if (!segment && !policy) continue;
        auto &named = tree[tree.child(id, 0)];
        if (named.kind != expr::NodeKind::literal || !named.value.is(Kind::string)) continue;
        call.kind = expr::NodeKind::select;
        call.name = tree.keep(named.value.view());
        named.kind = expr::NodeKind::identifier;
        named.name = segment ? "segment" : "policy";
        named.value = {};
    }
}

bool is_of_values(std::uint32_t variable) {
    return variable == static_cast<std::uint32_t>(ExpressionVariable::m) ||
           (variable >= static_cast<std::uint32_t>(ValueVariable::series) &&
            variable <= static_cast<std::uint32_t>(ValueVariable::segment));
}

Value ValueBinding::variable(std::uint32_t number, Memory &memory) const {
    const auto kind = subject_.subject().kind;
    auto &whole = subject_.whole();
    const auto group = [&](Group one) { return expr::of_record(&whole, tag_of(kind, one)); };
    if (number == static_cast<std::uint32_t>(ExpressionVariable::m))
        return subject_.subject().key != 0 ? expr::of_record(&subject_, kEntryTag) : group(kMetrics);
    if (number < kHostVariables || number >= kHostVariablesOfValues) {
        if (!party_) party_.emplace(subject_.facts(), host_, kHostVariablesOfValues);
        return party_->variable(number, memory);
    }
    switch (static_cast<ValueVariable>(number)) {
        case ValueVariable::all: {
            auto *base = subject_.values().of({SubjectKind::all, {}, 0});
            return base ? expr::of_record(base, kBaseTag) : expr::fail(Code::host, "the data cannot be read");
        }
        case ValueVariable::series:
            return group(kSeries);
        case ValueVariable::band:
            return group(kBands);
        case ValueVariable::score:
            return group(kScores);
        case ValueVariable::cell:
            return group(kCells);
        case ValueVariable::segment:
            return group(kMembership);
        case ValueVariable::setting:
            return expr::of_record(&whole, kSettingsTag);
        case ValueVariable::policy:
            return expr::of_record(&whole, kPoliciesTag);
    }
    return expr::fail(Code::host, "there is no variable of this number");
}

}  // namespace kith::engine
