#include "engine/behaviours.hpp"

#include <algorithm>

#include "engine/programs.hpp"
#include "engine/value_records.hpp"
#include "expr/parse.hpp"

namespace kith::engine {

using expr::Memory;
using expr::TypeKind;
using expr::Types;
using expr::Value;
using rules::Source;
using rules::SubjectKind;

namespace {

constexpr std::string_view kDataOf = "_data_", kInOf = "_in_";
constexpr std::uint32_t kWordSize = 64, kOpenMax = 32;

class EventRecord : public expr::RecordType {
public:
    EventRecord()
        : RecordType("Event", {{"type", Types::of(TypeKind::string), kWordSize, false, "segment.entered"},
                               {"name", Types::of(TypeKind::string), kWordSize, false, "of what it is about"},
                               {"from", Types::of(TypeKind::string), kWordSize, false, "a state or class"},
                               {"to", Types::of(TypeKind::string), kWordSize, false, "a state or class"},
                               {"at", Types::of(TypeKind::timestamp), 0, false, "when it happened"},
                               {"late", Types::of(TypeKind::boolean), 0, false,
                                "it is older than what came before it"}}) {}

    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto &event = *static_cast<const EventView *>(object);
        switch (field) {
            case 0:
                return expr::of_text(event.type);
            case 1:
                return word(event.name);
            case 2:
                return word(event.from);
            case 3:
                return word(event.to);
            case 4:
                return expr::of_micros(event.at);
            default:
                return expr::of_bool(event.late);
        }
    }

private:
    static Value word(std::string_view text) { return expr::of_text(text.data() ? text : ""); }
};

// A process with its data: the fields that all have, then `data`. An object is a ProcessView.
class CaseRecord : public expr::RecordType {
public:
    CaseRecord(std::string name, std::vector<expr::Field> fields, const RecordType &all, std::uint16_t data)
        : RecordType(std::move(name), std::move(fields)), all_(all), data_(data) {}

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        if (field < all_.fields().size()) return all_.get(object, field, memory);
        return expr::of_record(object, data_);
    }
    bool has(const void *object, std::uint32_t field) const override {
        return field >= all_.fields().size() || all_.has(object, field);
    }
    bool same(const void *a, const void *b) const override { return all_.same(a, b); }
    std::uint64_t hash(const void *object) const override { return all_.hash(object); }

private:
    const RecordType &all_;
    std::uint16_t data_;
};

class DataRecord : public expr::RecordType {
public:
    DataRecord(std::string name, std::vector<expr::Field> fields, std::vector<TypedField> typed)
        : RecordType(std::move(name), std::move(fields)), typed_(std::move(typed)) {}

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        const auto &view = *static_cast<const ProcessView *>(object);
        return field_value(view.read->process.fields, *view.facts, typed_[field], memory);
    }

private:
    std::vector<TypedField> typed_;
};

// Whether the case is in a state, by its name.
class InStateRecord : public expr::RecordType {
public:
    using RecordType::RecordType;
    Value get(const void *object, std::uint32_t field, Memory &) const override {
        const auto &one = *static_cast<const CaseView *>(object);
        const auto &process = *one.programs->process;
        const auto state = process.state_index(one.process.read->process.state);
        return expr::of_bool(state && process.chart().is_in(*state, field));
    }
    bool has(const void *, std::uint32_t) const override { return true; }
};

// By the name of a process, the cases of the party that run. An object is its PartyFacts.
class OpenRecord : public expr::RecordType {
public:
    OpenRecord(std::vector<expr::Field> fields, std::vector<std::uint16_t> tags)
        : RecordType("Open", std::move(fields)), tags_(std::move(tags)) {}

    Value get(const void *object, std::uint32_t field, Memory &memory) const override {
        const auto &facts = *static_cast<const PartyFacts *>(object);
        expr::ListBuilder list(memory);
        for (const auto &view : facts.processes()) {
            if (view.read->ended || facts.text(view.read->process.definition) != fields()[field].name)
                continue;
            if (!list.add(expr::of_record(&view, tags_[field]))) return expr::out_of_memory();
        }
        return list.list();
    }
    bool has(const void *, std::uint32_t) const override { return true; }

private:
    std::vector<std::uint16_t> tags_;
};

class BehaviourCompiler {
public:
    BehaviourCompiler(const ValueCatalog &values, std::vector<rules::Mistake> &mistakes)
        : values_(values), mistakes_(mistakes), made_(std::make_shared<Behaviours>()) {}

    std::shared_ptr<const Behaviours> run(std::span<const InstalledProcess> processes,
                                          std::span<const BehaviourInUse> rules) {
        if (processes.empty() && rules.empty()) return std::move(made_);
        processes_ = processes;
        schema_ = make_schema(processes, SubjectKind::party);
        for (std::uint32_t place = 0; place < processes.size(); ++place) compile(processes[place], place);
        for (const auto &one : rules) compile(one);
        std::ranges::stable_sort(made_->rules, {}, [](const auto &one) {
            return std::pair(one->rule().priority, std::string_view(one->rule().name));
        });
        index();
        return std::move(made_);
    }

private:
    static std::string versioned(const InstalledProcess &process) {
        return process.chart().name + (process.newest ? "" : "_" + std::to_string(process.version));
    }

    // The same records and variables, by the same numbers, beside the values of any kind of subject.
    std::shared_ptr<expr::Schema> make_schema(std::span<const InstalledProcess> processes, SubjectKind kind) {
        auto schema = make_value_schema(values_, kind);
        made_->process_tags.clear();
        made_->data_tags.clear();
        made_->state_tags.clear();
        auto &types = schema->types();
        const auto tag_of = [](const expr::Type *type) { return static_cast<std::uint16_t>(type->id); };
        const auto *event = schema->add_record(std::make_unique<EventRecord>());
        constexpr auto kProcess = static_cast<std::uint32_t>(ExpressionRecord::process);
        std::vector<expr::Field> opened;
        std::vector<std::uint16_t> opened_tags;
        std::vector<std::pair<const expr::Type *, const expr::Type *>> of_processes;
        for (const auto &process : processes) {
            const auto name = versioned(process);
            const auto [type, data] =
                add_case_record(*schema, name, process.chart().fields, process.chart().name);
            std::vector<expr::Field> states;
            for (const auto &state : process.chart().states)
                states.push_back({state.name, Types::of(TypeKind::boolean), 0, false, ""});
            const auto *in =
                schema->add_record(std::make_unique<InStateRecord>("In_" + name, std::move(states)));
            made_->process_tags.push_back(tag_of(type));
            made_->data_tags.push_back(tag_of(data));
            made_->state_tags.push_back(tag_of(in));
            of_processes.emplace_back(data, in);
            if (!process.newest) continue;
            opened.push_back({process.chart().name, types.list(type), kOpenMax, false, "cases that run"});
            opened_tags.push_back(tag_of(type));
        }
        const auto *open =
            schema->add_record(std::make_unique<OpenRecord>(std::move(opened), std::move(opened_tags)));
        const auto *process = schema->record_type(kProcess);
        const auto *owed = schema->record_type(static_cast<std::uint32_t>(ExpressionRecord::commitment));
        made_->tags = {tag_of(event), tag_of(process), tag_of(owed), tag_of(open)};
        // In the order of BehaviourVariable.
        schema->add_variable("e", event, 0, "the event at hand");
        schema->add_variable("p", process, 0, "the process at hand");
        schema->add_variable("c", owed, 0, "the commitment at hand");
        schema->add_variable("open", open, 0, "cases that run, by the name of their process");
        for (std::size_t i = 0; i < processes.size(); ++i) {
            const auto name = versioned(processes[i]);
            schema->add_variable(std::string(kDataOf) + name, of_processes[i].first, 0, "the case's data");
            schema->add_variable(std::string(kInOf) + name, of_processes[i].second, 0, "where it stands");
        }
        return schema;
    }

    // Of those that work may be given to: their values, beside the case's variables.
    std::shared_ptr<const CompiledAssignment> choice(const rules::Assignment &written) {
        if (written.among.empty()) return nullptr;
        if (!actors_) {
            auto schema = make_schema(processes_, SubjectKind::actor);
            add_candidate(*schema);
            actors_ = std::move(schema);
        }
        return std::make_shared<const CompiledAssignment>(compile_assignment(
            written, schema_, actors_,
            [&](const Source &source, const auto &schema, const expr::Type *wanted) {
                auto made = maker_.program(source, schema, wanted, [&](expr::Tree &tree) { resolve(tree); });
                if (made) refuse_lists(source, *made);
                return made;
            }));
    }

    // open("X") is the field X of `open`; in a process `data` is its own, and in_state("x") the field x of
    // where its case stands.
    void resolve(expr::Tree &tree) const {
        for (expr::NodeId id = 0; id < tree.size(); ++id) {
            auto &node = tree[id];
            if (node.kind == expr::NodeKind::identifier && node.name == "data" && process_) {
                node.name = tree.keep(std::string(kDataOf) + versioned(*process_));
                continue;
            }
            if (node.kind != expr::NodeKind::call || node.member || node.count != 1) continue;
            const bool open = node.name == "open", in = node.name == "in_state" && process_;
            if (!open && !in) continue;
            auto &named = tree[tree.child(id, 0)];
            if (named.kind != expr::NodeKind::literal || !named.value.is(expr::Kind::string)) continue;
            node.kind = expr::NodeKind::select;
            node.name = tree.keep(named.value.view());
            named.kind = expr::NodeKind::identifier;
            named.name =
                open ? std::string_view("open") : tree.keep(std::string(kInOf) + versioned(*process_));
            named.value = {};
        }
    }

    ProgramPtr program(const Source &source, TypeKind wanted = TypeKind::dyn) {
        if (source.empty()) return nullptr;
        const auto *type = wanted == TypeKind::dyn ? nullptr : Types::of(wanted);
        auto made = maker_.program(source, schema_, type, [&](expr::Tree &tree) { resolve(tree); });
        if (made) refuse_lists(source, *made);
        return made;
    }
    ProgramPtr condition(const Source &source) { return program(source, TypeKind::boolean); }
    ProgramPtr instant(const Source &source) { return program(source, TypeKind::timestamp); }
    ProgramPtr term(const rules::Term &written) {
        return written.is(rules::Term::Kind::expression) ? program(written.source) : nullptr;
    }

    // What a batch has in hand is not in the lists that are read from the file.
    void refuse_lists(const Source &source, const expr::Program &made) {
        static constexpr std::string_view kLists[] = {"interactions", "orders", "identifiers", "processes"};
        const auto &tree = made.checked().tree;
        for (expr::NodeId id = 0; id < tree.size(); ++id) {
            const auto &node = tree[id];
            if (node.kind != expr::NodeKind::identifier ||
                std::ranges::find(kLists, node.name) == std::end(kLists))
                continue;
            maker_.mistake(place_in(source, node.span.begin),
                           "a process or rule reads no list of records; count them in a metric, and read "
                           "that, or ask open(\"PROCESS\")");
        }
    }

    std::shared_ptr<const TimeWatch> watch(const Source &source, const ProgramPtr &made, bool instant) {
        if (!made) return nullptr;
        auto watching = std::make_shared<TimeWatch>();
        const CompilePiece compile = [&](const std::string &text) -> ProgramPtr {
            auto parsed = expr::parse(text);
            if (!parsed) return nullptr;
            auto compiled = expr::compile(expr::check(std::move(parsed.tree), schema_));
            return compiled ? std::make_shared<const expr::Program>(std::move(*compiled)) : nullptr;
        };
        const auto refused = instant ? watch_instant(values_, *made, compile, *watching)
                                     : watch_condition(values_, *made, compile, *watching);
        if (refused) {
            maker_.mistake(place_in(source, refused->offset),
                           (instant ? "the instant " : "the condition ") + refused->what);
            return nullptr;
        }
        return watching;
    }

    EffectPrograms effect(const rules::Effect &written) {
        EffectPrograms made;
        made.effect = &written;
        made.tag = term(written.tag);
        made.title = term(written.title);
        made.item = term(written.item);
        made.to = term(written.to);
        made.record = program(written.record);
        made.due = program(written.due.source);
        made.assign = term(written.assign.to);
        made.count = term(written.count);
        made.approve_over = term(written.approve_over);
        made.key = program(written.key);
        made.parent = program(written.parent);
        made.value = program(written.value);
        for (const auto &[name, value] : written.set) made.set.push_back(term(value));
        made.choice = choice(written.assign);
        if (written.what == rules::Effect::Do::link) maker_.not_yet("the effect \"link\"");
        return made;
    }
    std::vector<EffectPrograms> effects(const std::vector<rules::Effect> &written) {
        std::vector<EffectPrograms> made;
        for (const auto &one : written) made.push_back(effect(one));
        return made;
    }

    MovePrograms move(const rules::Move &written, bool always = false) {
        MovePrograms made;
        made.move = &written;
        made.guard = condition(written.guard);
        if (always) made.watch = watch(written.guard, made.guard, false);
        made.actions = effects(written.actions);
        return made;
    }
    std::vector<EventPrograms> events(const std::vector<rules::EventMoves> &written) {
        std::vector<EventPrograms> made;
        for (const auto &one : written) {
            made.push_back({one.event, {}});
            for (const auto &each : one.moves) made.back().moves.push_back(move(each));
        }
        return made;
    }

    void compile(const InstalledProcess &process, std::uint32_t place) {
        const auto &chart = process.chart();
        auto made = std::make_unique<ProcessPrograms>();
        process_ = &process;
        maker_.definition = process.definition.get();
        const auto wrong_before = mistakes_.size();
        if (chart.subject != SubjectKind::party) maker_.not_yet("a process of another subject than a party");
        made->process = &process;
        made->place = place;
        made->where = condition(chart.where);
        made->key = program(chart.key);
        made->hours = term(chart.hours);
        for (const auto &one : chart.fields)
            made->fields.push_back({one.name, kind_of(one.type), chart.name});
        made->on = events(chart.on);
        for (const auto &state : chart.states) {
            auto &out = made->states.emplace_back();
            out.on = events(state.on);
            for (const auto &one : state.after) {
                TimerPrograms timer;
                timer.timer = &one;
                timer.delay = program(one.delay.source);
                timer.anchor = instant(one.anchor);
                timer.at = instant(one.at);
                // Only to tell an instant that moves with the clock.
                if (timer.anchor) watch(one.anchor, timer.anchor, true);
                if (timer.at) watch(one.at, timer.at, true);
                timer.move = move(one.move);
                out.after.push_back(std::move(timer));
            }
            for (const auto &one : state.always) out.always.push_back(move(one, true));
            out.entry = effects(state.entry);
            out.exit = effects(state.exit);
        }
        for (const auto &one : chart.milestones) {
            auto &out = made->milestones.emplace_back();
            out.milestone = &one;
            out.within = program(one.within.source);
            out.by = instant(one.by);
            if (out.by) watch(one.by, out.by, true);
            out.warn = program(one.warn.source);
            out.warned = effects(one.warned);
            out.late = effects(one.late);
        }
        if (!process.newest) mistakes_.resize(wrong_before);  // only older cases run under it
        made_->processes.push_back(std::move(made));
        process_ = nullptr;
    }

    void compile(const BehaviourInUse &one) {
        auto made = std::make_unique<RulePrograms>();
        made->definition = one.definition;
        made->version = one.version;
        maker_.definition = one.definition.get();
        const auto &rule = made->rule();
        if (rule.subject != SubjectKind::party) maker_.not_yet("a rule of another subject than a party");
        made->where = condition(rule.where);
        made->when = condition(rule.when);
        made->at = instant(rule.at);
        made->key = program(rule.key);
        made->hours = term(rule.hours);
        made->within = program(rule.within.source);
        if (rule.unless) {
            made->unless_where = condition(rule.unless->where);
            made->unless_same = program(rule.unless->same);
            made->unless_within = program(rule.unless->within.source);
        }
        if (rule.trigger == rules::Rule::Trigger::condition)
            made->watch = watch(rule.when, made->when, false);
        if (rule.trigger == rules::Rule::Trigger::instant) made->watch = watch(rule.at, made->at, true);
        made->then = effects(rule.then);
        made_->rules.push_back(std::move(made));
    }

    void listen(const std::string &pattern, std::optional<std::uint32_t> rule = {}) {
        if (pattern.find('*') != pattern.npos) return made_->broad.emplace_back(pattern, rule), void();
        auto &listening = made_->listening[pattern];
        listening.any = true;
        if (rule) listening.rules.push_back(*rule);
    }

    void index() {
        const auto moves = [&](const std::vector<EventPrograms> &on) {
            for (const auto &one : on) listen(std::string(one.event));
        };
        for (const auto &one : made_->processes) {
            for (const auto &pattern : one->process->chart().start) listen(pattern);
            moves(one->on);
            for (const auto &state : one->states) moves(state.on);
        }
        for (std::uint32_t place = 0; place < made_->rules.size(); ++place) {
            const auto &one = *made_->rules[place];
            const auto &rule = one.rule();
            // What does not come is waited for by a process of its own.
            const bool runs = rule.trigger == rules::Rule::Trigger::event && !rule.unless;
            for (const auto &pattern : rule.on) listen(pattern, runs ? std::optional(place) : std::nullopt);
            if (rule.unless) std::ranges::for_each(rule.unless->events, [&](auto &each) { listen(each); });
            if (!one.watch) continue;
            auto &by = made_->conditions;
            by.all.push_back(place);
            if (one.watch->party) by.party.push_back(place);
            if (one.watch->figures) by.figures.push_back(place);
            if (one.watch->processes) by.processes.push_back(place);
            if (one.watch->commitments) by.commitments.push_back(place);
            for (const auto number : one.watch->measures) by.measures[number].push_back(place);
            for (const auto &metric : one.watch->given) by.given[metric].push_back(place);
        }
        for (auto &[type, listening] : made_->listening) made_->add_broad(type, listening);
    }

    const ValueCatalog &values_;
    std::vector<rules::Mistake> &mistakes_;
    ProgramMaker maker_{mistakes_};
    std::shared_ptr<Behaviours> made_;
    std::span<const InstalledProcess> processes_;
    std::shared_ptr<const expr::Schema> schema_, actors_;
    const InstalledProcess *process_ = nullptr;  // the one at hand
};

}  // namespace

std::optional<std::uint32_t> InstalledProcess::state_index(model::Name state) const {
    const auto it = std::ranges::find(states, state);
    if (it == states.end()) return std::nullopt;
    return static_cast<std::uint32_t>(it - states.begin());
}

const ProcessPrograms *Behaviours::find(const InstalledProcess *process) const {
    for (const auto &one : processes) {
        if (one->process == process) return one.get();
    }
    return nullptr;
}

void Behaviours::add_broad(std::string_view type, Listening &out) const {
    for (const auto &[pattern, rule] : broad) {
        if (!rules::type_matches(pattern, type)) continue;
        out.any = true;
        if (rule) out.rules.push_back(*rule);
    }
    std::ranges::sort(out.rules);
    const auto same = std::ranges::unique(out.rules);
    out.rules.erase(same.begin(), same.end());
}

CaseRecords add_case_record(expr::Schema &schema, const std::string &name,
                            std::span<const rules::Field> written, const std::string &process) {
    const auto &all = schema.record(static_cast<std::uint32_t>(ExpressionRecord::process));
    std::vector<expr::Field> fields;
    std::vector<TypedField> typed;
    for (const auto &one : written) {
        typed.push_back({one.name, kind_of(one.type), process});
        fields.push_back({one.name, Types::of(type_of(typed.back().kind)), kWordSize, false, "data"});
    }
    CaseRecords made;
    made.data =
        schema.add_record(std::make_unique<DataRecord>("Data_" + name, std::move(fields), std::move(typed)));
    std::vector<expr::Field> of_case(all.fields().begin(), all.fields().end());
    of_case.push_back({"data", made.data, 0, false, "its fields"});
    made.of_case = schema.add_record(std::make_unique<CaseRecord>("Process_" + name, std::move(of_case), all,
                                                                  static_cast<std::uint16_t>(made.data->id)));
    return made;
}

std::shared_ptr<const Behaviours> compile_behaviours(const ValueCatalog &values,
                                                     std::span<const InstalledProcess> processes,
                                                     std::span<const BehaviourInUse> rules,
                                                     std::vector<rules::Mistake> &mistakes) {
    return BehaviourCompiler(values, mistakes).run(processes, rules);
}

}  // namespace kith::engine
