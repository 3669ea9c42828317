// A file with playbooks in it, lived in: what happens, what people do, what time brings, told in local times
// of Zagreb ("2026-03-06T19:00"), and what came of it as lines to compare. The clock follows what is told. At
// its end every file is verified.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "engine/commitment_reads.hpp"
#include "engine/requests.hpp"
#include "engine/subjects.hpp"
#include "playbooks/playbooks.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {

using Sets = std::vector<std::pair<std::string_view, std::string_view>>;

// What else an interaction says.
struct Says {
    std::string_view key{}, actor{}, medium{}, outcome{}, campaign{};
    std::int64_t amount = 0;
};

class LifeTest : public EngineTest {
protected:
    void TearDown() override {
        if (store_) expect_sound(*store_);
        store_.reset();
        EngineTest::TearDown();
    }

    static std::string text_of(std::string_view playbook) {
        for (const auto &[name, json] : playbooks::built_in()) {
            if (name == playbook) return std::string(json);
        }
        ADD_FAILURE() << "no playbook " << playbook;
        return {};
    }
    void begin(std::initializer_list<std::string_view> playbooks) {
        now_ = 0;
        reopen();
        for (const auto playbook : playbooks) install(text_of(playbook));
    }
    void install(std::string_view json) {
        Batch batch;
        const auto added = batch.add_playbook(json);
        ASSERT_TRUE(added) << added.error().message;
        commit(*store_, batch);
    }
    // A built-in playbook with texts in it changed.
    void upgrade(std::string_view playbook, const Sets &changes) {
        auto json = text_of(playbook);
        for (const auto &[from, to] : changes) {
            const auto place = json.find(from);
            ASSERT_NE(place, std::string::npos) << from;
            json.replace(place, from.size(), to);
        }
        install(json);
    }
    // As after the end of the program.
    void reopen() {
        store_.reset();
        store_ = open("life.kith", "Europe/Zagreb", "EUR");
        ASSERT_TRUE(store_);
    }

    base::Micros at(std::string_view when) const {
        const auto time = base::parse_time(when, zone_);
        EXPECT_TRUE(time) << when;
        return time ? *time : 0;
    }
    std::string local(base::Micros when) const {
        auto written = base::format_time(zone_.local(when)).substr(5, 11);
        written[5] = ' ';
        return written;
    }

    // ---- who there is ----

    void actor(std::string_view key, std::string_view part_of = {}, bool active = true,
               std::vector<CodeValueItem> skills = {}, std::vector<CodeValueItem> limits = {},
               std::string_view calendar = {}) {
        ActorItem item;
        item.key = key;
        item.part_of = part_of;
        item.active = active;
        item.skills = skills;
        item.limits = limits;
        item.calendar = calendar;
        using namespace model::actor_field;
        item.fields = active_ | (part_of.empty() ? 0 : model::actor_field::part_of) |
                      (skills.empty() ? 0 : model::actor_field::skills) |
                      (limits.empty() ? 0 : model::actor_field::limits) |
                      (calendar.empty() ? 0 : model::actor_field::calendar);
        ASSERT_EQ(done(item), "");
    }
    Ref named(std::string_view party) const {
        Ref ref;
        if (const auto known = known_.find(party); known != known_.end()) {
            ref.by = Ref::By::id;
            ref.id = known->second;
            return ref;
        }
        ref.by = Ref::By::host;
        ref.kind = "shop";
        ref.text = party;
        return ref;
    }
    void customer(std::string_view key, std::string_view owner, const Sets &values = {}) {
        PartyItem item;
        item.ref = named(key);
        item.flags.create = true;
        item.fields = model::party_field::owner | (values.empty() ? 0 : model::party_field::values);
        item.owner = owner;
        const auto written = written_values(values);
        item.values = written;
        ASSERT_EQ(done(item), "");
    }

    // ---- what happens; what is wrong where it is refused ----

    template <class Item>
    std::string done(const Item &item) {
        Batch batch;
        const auto added = batch.add(item);
        if (!added) return added.error().message;
        const auto committed = store_->commit(batch);
        outcome_ = batch.outcomes.empty() ? Outcome{} : batch.outcomes[0];
        return committed ? std::string() : committed.error().message;
    }
    std::string happens(std::string_view when, std::string_view who, std::string_view type,
                        const Sets &values = {}, const Says &says = {}) {
        now_ = std::max(now_, at(when));
        InteractionItem item;
        item.ref = named(who);
        item.flags.create = true;
        item.type = type;
        item.at = at(when);
        item.system = says.key.empty() ? std::string_view() : "shop";
        item.host_key = says.key;
        item.actor = says.actor;
        item.medium = says.medium;
        item.outcome = says.outcome;
        item.campaign = says.campaign;
        if (says.amount != 0) item.amount = says.amount;
        const auto written = written_values(values);
        item.values = written;
        return done(item);
    }
    // To the process of that key, else to the one that runs.
    std::string sends(std::string_view when, std::string_view who, std::string_view process,
                      std::string_view event, const Sets &values = {}, std::string_view key = {},
                      std::string_view by = {}) {
        now_ = std::max(now_, at(when));
        ProcessItem item;
        item.ref = named(who);
        item.process = process;
        const auto running = key.empty() ? running_key(who, process) : std::string(key);
        item.key = running;
        item.event = event;
        item.actor = by;
        item.at = at(when);
        const auto written = written_values(values);
        item.values = written;
        return done(item);
    }
    std::string becomes(std::string_view when, const model::Commitment &one, model::CommitmentState state) {
        now_ = std::max(now_, at(when));
        return done(CommitmentItem{one.id, state, at(when)});
    }
    void due(std::string_view when) {
        now_ = std::max(now_, at(when));
        const auto report = store_->run_due(at(when));
        ASSERT_TRUE(report) << report.error().message;
    }

    // ---- what came of it ----

    // "03-09 17:00 task answer_complaint open tom due 03-09 20:00", oldest first; of one kind, or all.
    std::vector<std::string> work(std::string_view who, std::string_view kind = {}) {
        std::vector<std::string> lines;
        for (const auto &one : commitments(who, kind)) {
            const auto assignee = text(one.assignee);
            lines.push_back(
                local(one.opened_at) + " " + text(one.kind) + " " + std::string(model::word_of(one.state)) +
                (assignee.empty() ? "" : " " + assignee) + (one.due ? " due " + local(*one.due) : "") +
                (one.ended_at ? " ended " + local(*one.ended_at) : ""));
        }
        return lines;
    }
    // Without those of milestones, unless they are asked for.
    std::vector<model::Commitment> commitments(std::string_view who, std::string_view kind = {}) {
        const auto snapshot = store_->snapshot();
        std::vector<model::Commitment> found;
        auto page = CommitmentReads(**snapshot).of_party(id_of(who), {}, {}, 1000);
        EXPECT_TRUE(page);
        for (const auto &read : page->items) {
            const auto &one = read.commitment;
            const bool milestone = one.sort == model::CommitmentSort::milestone && kind.empty();
            if (milestone || (!kind.empty() && text(one.kind) != kind)) continue;
            found.push_back(one);
            found.back().require = found.back().artefacts = {};
            found.back().host_key = {};
        }
        std::ranges::stable_sort(found, {}, &model::Commitment::opened_at);
        return found;
    }
    // "03-09 17:00 unanswered tom", by time.
    std::vector<std::string> told() {
        const auto snapshot = store_->snapshot();
        std::vector<std::pair<base::Micros, std::string>> lines;
        auto cursor = *(*snapshot)->reader().cursor(store::Table::requests);
        for (bool more = *cursor.first(); more; more = *cursor.next()) {
            const auto one = record::decode_request({}, cursor.value()->payload);
            lines.emplace_back(one.at, local(one.at) + " " + text(one.kind) + " " + text(one.to) +
                                           (one.title.empty() ? "" : ": " + std::string(one.title)));
        }
        std::ranges::sort(lines);
        std::vector<std::string> out;
        for (auto &[when, line] : lines) out.push_back(std::move(line));
        return out;
    }
    // "03-06 19:00 open", of the one of that key, else of all.
    std::vector<std::string> log(std::string_view who, std::string_view process, std::string_view key = {}) {
        const auto snapshot = store_->snapshot();
        const Reads reads(**snapshot);
        std::vector<std::string> lines;
        for (const auto &read : processes(who, process)) {
            if (!key.empty() && read.key != key) continue;
            const auto entries = reads.log(read.id);
            for (const auto &entry : **entries)
                lines.push_back(local(entry.at) + " " + text(entry.to) + (entry.late ? " late" : ""));
        }
        return lines;
    }
    struct Running {
        base::Id id;
        std::string state, key;
        bool ended = false;
        std::uint32_t version = 0;
    };
    std::vector<Running> processes(std::string_view who, std::string_view process) {
        const auto snapshot = store_->snapshot();
        std::vector<Running> found;
        const auto all = Reads(**snapshot).processes(id_of(who));
        for (const auto &read : *all) {
            if (text(read.process.definition) == process)
                found.push_back({read.process.id, text(read.process.state), std::string(read.process.key),
                                 read.ended, read.process.version});
        }
        return found;
    }
    std::string running_key(std::string_view who, std::string_view process) {
        for (const auto &one : processes(who, process)) {
            if (!one.ended) return one.key;
        }
        return {};
    }
    std::string state(std::string_view who, std::string_view process) {
        const auto all = processes(who, process);
        return all.empty() ? "none" : all.back().state;
    }

    // An expression's value for a party, or a subject of another kind, as text; what is wrong where there is
    // none.
    std::string value(std::string_view when, std::string_view who, std::string_view source,
                      SubjectKind kind = SubjectKind::party) {
        const auto snapshot = store_->snapshot();
        ExpressionOptions options;
        options.values = (*(*snapshot)->catalog())->values;
        options.subject = kind;
        const auto made = Expression::check(source, options);
        if (!made) return made.error().message;
        if (!(*made)->diagnostics().empty()) return (*made)->mistake().message;
        SubjectName subject;
        subject.kind = kind;
        if (kind == SubjectKind::party) {
            subject.party = id_of(who);
        } else {
            subject.key = who;
        }
        EvaluateOptions how;
        how.moment.now = at(when);
        how.moment.zone = zone_;
        const auto result = evaluate_for(**snapshot, **made, subject, how);
        if (!result) return result.error().message;
        return *result ? (*result)->text : "no such subject";
    }
    // What an actor has to do, by due time: "call_why ann".
    std::vector<std::string> queue(std::string_view actor, bool team = false) {
        const auto snapshot = store_->snapshot();
        const auto code = store_->names().find((*snapshot)->reader(), actor);
        const CommitmentReads reads(**snapshot);
        QueueQuery query;
        if (!code || !*code) return {};
        query.of = team ? *reads.team(**code) : std::vector<model::Name>{**code};
        std::vector<std::string> lines;
        const auto page = reads.queue(query, {}, 1000);
        for (const auto &read : page->items) {
            const auto party = Reads(**snapshot).host_key(read.commitment.party);
            lines.push_back(text(read.commitment.kind) + " " + std::string(*party));
        }
        return lines;
    }
    base::Id id_of(std::string_view who) {
        const auto known = known_.find(who);
        return known == known_.end() ? find(*store_, who) : known->second;
    }
    std::string text(model::Name name) {
        const auto snapshot = store_->snapshot();
        return std::string(*(*snapshot)->text(name));
    }

    std::unique_ptr<Store> store_;
    base::Zone zone_ = *base::Zone::find("Europe/Zagreb");
    Outcome outcome_;
    std::map<std::string, base::Id, std::less<>> known_;  // by another name than the shop's

private:
    static constexpr std::uint32_t active_ = model::actor_field::active;
    static std::vector<FieldItem> written_values(const Sets &values) {
        std::vector<FieldItem> written;
        for (const auto &[name, text] : values) {
            FieldItem item;
            item.name = name;
            item.kind = model::FieldKind::written;
            if (!text.empty()) item.text = text;
            written.push_back(item);
        }
        return written;
    }
};

using Lines = std::vector<std::string>;

}  // namespace kith::engine
