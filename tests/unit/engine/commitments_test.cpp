// Goal: a commitment goes forwards through its states and no other way, waits for its artefacts, breaks or is
// told late at its due time exactly once, makes good the broken one it is for; queues are what a filter over
// all of them gives. Method: every move between states; written-out examples; random histories (seed printed)
// against a model that keeps them in a list and looks through all of it each time; pages of queues against a
// filter and sort; after each the file is verified.
#include <map>
#include <set>

#include "engine/commitment_reads.hpp"
#include "engine/directory_reads.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using base::Status;
using model::CommitmentSort;
using model::CommitmentState;

class CommitmentsTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_ = open("commitments.kith");
    }

    static NewCommitmentItem made(std::string_view party, CommitmentSort sort, base::Micros at,
                                  std::optional<base::Micros> due = {}) {
        NewCommitmentItem item;
        item.ref = order(party, 0, 0).ref;
        item.flags.create = true;
        item.sort = sort;
        item.kind = "call_back";
        item.opened_at = at;
        item.due = due;
        return item;
    }
    template <class Item>
    base::Result<Outcome> put(const Item &item) {
        Batch batch;
        KITH_TRY(batch.add(item));
        KITH_TRY(store_->commit(batch));
        return batch.outcomes[0];
    }
    base::Id make(const NewCommitmentItem &item) {
        auto done = put(item);
        EXPECT_TRUE(done) << done.error().message;
        return done ? done->commitment : base::Id();
    }
    Status move(const base::Id &id, CommitmentState state, base::Micros at) {
        auto done = put(CommitmentItem{id, state, at});
        message_ = done ? std::string() : done.error().message;
        return done ? Status::ok : done.error().status;
    }
    Status change(CommitmentChangeItem item) {
        auto done = put(item);
        message_ = done ? std::string() : done.error().message;
        return done ? Status::ok : done.error().status;
    }
    CommitmentRead read(const base::Id &id) {
        snapshot_ = *store_->snapshot();
        return CommitmentReads(*snapshot_).commitment(id)->value();
    }
    CommitmentState state(const base::Id &id) { return read(id).commitment.state; }
    model::Name code(std::string_view text) {
        auto snapshot = store_->snapshot();
        return DirectoryReads(**snapshot).code(text)->value_or(0);
    }
    // How often the feed tells it late, or changed to a state.
    int told(const base::Id &id, model::Operation operation, std::string_view to) {
        auto snapshot = store_->snapshot();
        int count = 0;
        auto cursor = *(*snapshot)->reader().cursor(store::Table::feed);
        std::vector<model::Change> changes;
        for (bool found = *cursor.first(); found; found = *cursor.next())
            record::decode_changes(base::load_big64(cursor.key().data()), cursor.value()->payload, changes);
        for (const auto &one : changes) {
            count += one.record == id && one.operation == operation &&
                     std::string(*(*snapshot)->text(one.to)) == to;
        }
        return count;
    }

    static base::Id unknown_id() {
        base::Id id;
        id.bytes.fill(std::byte{0x77});
        return id;
    }

    std::unique_ptr<Store> store_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::string message_;
};

// Every state to every other: allowed as the table here has it, refused with a reason and unchanged else.
TEST_F(CommitmentsTest, EveryMoveIsAllowedOrRefused) {
    using enum CommitmentState;
    const std::map<CommitmentState, std::set<CommitmentState>> allowed{
        {open, {accepted, doing, kept, broken, waived, cancelled}},
        {accepted, {doing, kept, broken, waived, cancelled}},
        {doing, {kept, broken, waived, cancelled}},
        {broken, {waived, compensated}}};
    const std::vector<CommitmentState> all{accepted, doing, kept, broken, waived, cancelled, compensated};
    int moves = 0;
    for (const auto from : {open, accepted, doing, kept, broken, waived, cancelled, compensated}) {
        for (const auto to : all) {
            const auto id = make(made("ann", CommitmentSort::task, day(1)));
            if (from == compensated) move(id, broken, day(2));
            if (from != open) move(id, from, day(2));
            EXPECT_EQ(state(id), from) << message_;
            const auto way = allowed.find(from);
            const bool may = from == to || (way != allowed.end() && way->second.contains(to));
            EXPECT_EQ(move(id, to, day(3)), may ? Status::ok : Status::state)
                << word_of(from) << " to " << word_of(to) << ": " << message_;
            EXPECT_EQ(state(id), may ? to : from);
            ++moves;
        }
    }
    EXPECT_EQ(moves, 56);
    for (const auto to : {open, historic}) {
        Batch batch;
        auto added = batch.add(CommitmentItem{unknown_id(), to, day(3)});
        EXPECT_EQ(added.error().status, Status::argument);
    }
    expect_sound(*store_);
}

// A hand-off has its times; what it needs is named when it is missing; revisions guard changes.
TEST_F(CommitmentsTest, WaitsForItsArtefacts) {
    auto item = made("ann", CommitmentSort::task, day(1), day(9));
    const std::string_view needs[] = {"contract", "copy of the card"};
    item.require = needs;
    item.assignee = "bob";
    item.personal.title = "Open the account";
    const auto id = make(item);
    EXPECT_EQ(move(id, CommitmentState::accepted, day(2)), Status::ok);
    EXPECT_EQ(move(id, CommitmentState::doing, day(3)), Status::rule);
    EXPECT_EQ(message_,
              "the commitment waits for contract, copy of the card: say that it is there, then move it");
    CommitmentChangeItem changes;
    changes.commitment = id;
    changes.fields = model::commitment_field::artefacts;
    changes.artefacts = std::span(needs).first(1);
    EXPECT_EQ(change(changes), Status::ok);
    EXPECT_EQ(move(id, CommitmentState::kept, day(3)), Status::rule);
    EXPECT_NE(message_.find("waits for copy of the card:"), message_.npos) << message_;
    changes.artefacts = needs;
    changes.fields |= model::commitment_field::revision;
    changes.revision = 2;
    EXPECT_EQ(change(changes), Status::conflict);
    changes.revision = 3;
    EXPECT_EQ(change(changes), Status::ok) << message_;
    EXPECT_EQ(move(id, CommitmentState::doing, day(3)), Status::ok);
    EXPECT_EQ(move(id, CommitmentState::kept, day(4)), Status::ok);
    changes.fields = model::commitment_field::evidence | model::commitment_field::result;
    changes.personal.evidence = "the signed contract";
    EXPECT_EQ(change(changes), Status::ok) << message_;
    changes.fields = model::commitment_field::assignee;
    changes.assignee = "eve";
    EXPECT_EQ(change(changes), Status::state);
    const auto now = read(id);
    EXPECT_EQ(now.commitment.accepted_at, day(2));
    EXPECT_EQ(now.commitment.started_at, day(3));
    EXPECT_EQ(now.commitment.ended_at, day(4));
    EXPECT_EQ(now.commitment.revision, 7u);
    EXPECT_EQ(now.personal.evidence, "the signed contract");
    EXPECT_EQ(now.personal.title, "Open the account");
    EXPECT_EQ(now.personal.result.data(), nullptr);
    expect_sound(*store_);
}

// A broken promise is made good by what is kept for it, whoever it is of; the same key makes nothing twice.
TEST_F(CommitmentsTest, KeptForABrokenOneMakesItGood) {
    auto item = made("ann", CommitmentSort::promise, day(1), day(5));
    item.system = "crm";
    item.host_key = "p-1";
    item.personal.compensation = "20 EUR voucher";
    const auto promise = make(item);
    EXPECT_EQ(make(item), promise);
    EXPECT_EQ(move(promise, CommitmentState::doing, day(5)), Status::ok) << "in time at its due time";
    ASSERT_TRUE(store_->run_due(day(5)));
    EXPECT_EQ(state(promise), CommitmentState::broken);
    EXPECT_EQ(read(promise).commitment.ended_at, day(5));
    EXPECT_EQ(move(promise, CommitmentState::kept, day(5)), Status::state);
    EXPECT_EQ(message_, "the commitment is broken: it can be compensated or waived, no more");
    auto good = made("bob", CommitmentSort::compensation, day(6), day(8));
    good.for_kind = model::ForKind::commitment;
    good.for_record = promise;
    const auto compensation = make(good);
    EXPECT_EQ(move(compensation, CommitmentState::kept, day(7)), Status::ok) << message_;
    EXPECT_EQ(state(promise), CommitmentState::compensated);
    EXPECT_EQ(told(promise, model::Operation::changed, "compensated"), 1);
    good.for_record = unknown_id();
    EXPECT_EQ(put(good).error().status, Status::missing);
    expect_sound(*store_);
}

// What each of three reps promised a customer stands with author, due time and evidence, also when one of
// them has gone; the kept and the broken can be counted per actor.
TEST_F(CommitmentsTest, PromisesOfThreeRepsOutliveThem) {
    std::vector<base::Id> ids;
    for (const char *rep : {"bob", "eve", "ivo"}) {
        auto item = made("ann", CommitmentSort::promise, day(1), day(10));
        item.debtor = item.assignee = rep;
        item.personal.item = "a call back";
        ids.push_back(make(item));
    }
    EXPECT_EQ(move(ids[0], CommitmentState::kept, day(4)), Status::ok);
    CommitmentChangeItem evidence;
    evidence.commitment = ids[0];
    evidence.fields = model::commitment_field::evidence;
    evidence.personal.evidence = "call of day 4";
    EXPECT_EQ(change(evidence), Status::ok);
    ActorItem gone;
    gone.key = "bob";
    gone.active = false;
    gone.fields = model::actor_field::active;
    ASSERT_TRUE(put(gone));
    ASSERT_TRUE(store_->run_due(day(11)));
    auto snapshot = store_->snapshot();
    const auto all = *CommitmentReads(**snapshot).of_party(find(*store_, "ann"), {}, {}, 10);
    ASSERT_EQ(all.items.size(), 3u);
    std::string told;
    for (const auto &[one, text] : all.items) {
        told += std::string(*(*snapshot)->text(one.debtor.actor)) + " " + std::string(word_of(one.state)) +
                " " + base::format_time(*one.due) + " " + std::string(text.item) + " " +
                std::string(text.evidence) + ";";
    }
    EXPECT_EQ(
        told,
        "bob kept 1970-01-11T00:00:00Z a call back call of day 4;eve broken 1970-01-11T00:00:00Z a call "
        "back ;ivo broken 1970-01-11T00:00:00Z a call back ;");
    CommitmentFilter broken;
    broken.state = CommitmentState::broken;
    EXPECT_EQ(CommitmentReads(**snapshot).of_party(find(*store_, "ann"), broken, {}, 10)->items.size(), 2u);
    expect_sound(*store_);
}

// Late hand-offs between teams: what was not even accepted is late with the team, and with all above it.
TEST_F(CommitmentsTest, LateHandOffsAreListedByTeam) {
    for (const auto &[actor, part_of] : {std::pair("ina", "repair"), std::pair("repair", "service")}) {
        ActorItem item;
        item.key = actor;
        item.part_of = part_of;
        item.fields = model::actor_field::part_of;
        ASSERT_TRUE(put(item));
    }
    auto item = made("ann", CommitmentSort::task, day(1), day(3));
    item.assignee = "ina";
    make(item);
    item.assignee = "repair";
    const auto accepted = make(item);
    EXPECT_EQ(move(accepted, CommitmentState::accepted, day(2)), Status::ok);
    auto snapshot = store_->snapshot();
    const CommitmentReads reads(**snapshot);
    QueueQuery query;
    query.of = *reads.team(code("service"));
    query.until = day(4);
    const auto page = *reads.queue(query, {}, 10);
    ASSERT_EQ(page.items.size(), 2u);
    EXPECT_FALSE(page.items[0].commitment.accepted_at);
    EXPECT_EQ(page.items[1].commitment.accepted_at, day(2));
    const auto counts = *reads.counts(day(4));
    std::string told;
    for (std::size_t i = 0; i < counts.columns[0].texts.size(); ++i)
        told += counts.columns[0].texts[i] + " " + std::to_string(counts.columns[2].ints[i]) + " " +
                std::to_string(counts.columns[4].ints[i]) + ";";
    EXPECT_EQ(told, "ina 1 1;repair 1 2;service 0 2;");
}

// More than a page of timers, some moved meanwhile: each is told once, at its due time, by one run or many.
TEST_F(CommitmentsTest, EachIsToldLateOnceAcrossPages) {
    std::vector<base::Id> ids;
    for (int i = 0; i < 5; ++i) {
        Batch batch;
        for (int j = 0; j < 1100; ++j) {
            auto item = made("p" + std::to_string(j % 50), CommitmentSort::task, day(1), day(10) + j % 7);
            ASSERT_TRUE(batch.add(item));
        }
        commit(*store_, batch);
        for (const auto &one : batch.outcomes) ids.push_back(one.commitment);
    }
    CommitmentChangeItem later;
    later.commitment = ids[0];
    later.fields = model::commitment_field::due;
    later.due = day(20);
    ASSERT_EQ(change(later), Status::ok);
    ASSERT_EQ(move(ids[1], CommitmentState::cancelled, day(2)), Status::ok);
    auto first = store_->run_due(day(12));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->counts.timers, ids.size() - 2);
    EXPECT_EQ(store_->run_due(day(12))->counts.timers, 0u);
    EXPECT_EQ(told(ids[0], model::Operation::late, "open"), 0);
    EXPECT_EQ(told(ids[1], model::Operation::late, "open"), 0);
    EXPECT_EQ(told(ids[2], model::Operation::late, "open"), 1);
    EXPECT_EQ(store_->run_due(day(21))->counts.timers, 1u);
    EXPECT_EQ(told(ids[0], model::Operation::late, "open"), 1);
    later.due = day(30);  // a new due time: late again, when it comes
    ASSERT_EQ(change(later), Status::ok);
    EXPECT_EQ(store_->run_due(day(31))->counts.timers, 1u);
    EXPECT_EQ(told(ids[0], model::Operation::late, "open"), 2);
    expect_sound(*store_);
}

TEST_F(CommitmentsTest, WhatCannotBeIsRefused) {
    const auto refused = [&](auto spoil, Status status = Status::argument) {
        auto item = made("ann", CommitmentSort::task, day(1), day(2));
        spoil(item);
        Batch batch;
        auto added = batch.add(item);
        ASSERT_FALSE(added);
        EXPECT_EQ(added.error().status, status) << added.error().message;
    };
    refused([](auto &i) { i.sort = static_cast<CommitmentSort>(7); });
    refused([](auto &i) { i.kind = {}; });
    refused([](auto &i) { i.due = day(0); });
    refused([](auto &i) { i.for_kind = model::ForKind::party; });
    refused([](auto &i) { i.system = "crm"; });
    refused([](auto &i) { i.personal.item = "\xff"; });
    const std::string long_text(KITH_MAX_TEXT_BYTES + 1, 'x');
    refused([&](auto &i) { i.personal.item = long_text; }, Status::limit);
    const std::vector<std::string_view> many(257, "x"), twice(2, "x");
    refused([&](auto &i) { i.require = many; }, Status::limit);
    refused([&](auto &i) { i.require = twice; });
    EXPECT_EQ(move(unknown_id(), CommitmentState::kept, day(1)), Status::missing);
}

// ---- a random history ----

struct Listed {
    base::Id id, broken;
    std::string party, assignee, kind;
    CommitmentSort sort{};
    CommitmentState state = CommitmentState::open;
    std::optional<base::Micros> due;
    std::set<std::string> needs, there;
    bool late = false;
    bool open() const { return state <= CommitmentState::doing; }
    bool ready() const { return std::ranges::includes(there, needs); }
};

class Model {
public:
    void fall_due(const std::string &party, base::Micros through) {  // of all parties where it is empty
        for (auto &one : all) {
            if (!one.open() || one.late || !one.due || *one.due > through ||
                (!party.empty() && one.party != party))
                continue;
            const bool breaks = one.sort == CommitmentSort::promise ||
                                one.sort == CommitmentSort::milestone ||
                                one.sort == CommitmentSort::compensation;
            if (breaks) one.state = CommitmentState::broken;
            if (!breaks) one.late = true;
        }
    }
    bool move(Listed &one, CommitmentState to) {
        if (to == one.state) return true;
        const bool mends = to == CommitmentState::compensated || to == CommitmentState::waived;
        if (one.state == CommitmentState::broken
                ? !mends
                : !one.open() || to < one.state || to == CommitmentState::compensated)
            return false;
        if ((to == CommitmentState::doing || to == CommitmentState::kept) && !one.ready()) return false;
        one.state = to;
        for (auto &owed : all) {
            if (to == CommitmentState::kept && one.broken && owed.id == one.broken &&
                owed.state == CommitmentState::broken)
                owed.state = CommitmentState::compensated;
        }
        return true;
    }
    std::vector<Listed> all;
};

TEST_F(CommitmentsTest, RandomHistoriesAgreeWithAList) {
    const auto *given = std::getenv("KITH_SEED");
    const auto seed = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    // Teams: t1 has a and b, t2 is part of t1 and has c; d is of none.
    const std::map<std::string, std::string> above{{"a", "t1"}, {"b", "t1"}, {"c", "t2"}, {"t2", "t1"}};
    const std::vector<std::string> actors{"", "a", "b", "c", "d", "t1", "t2"};
    for (const auto &[actor, part_of] : above) {
        ActorItem item;
        item.key = actor;
        item.part_of = part_of;
        item.fields = model::actor_field::part_of;
        ASSERT_TRUE(put(item));
    }
    // Known before the first commitment names it: the queue of a name without a code is nobody's.
    ActorItem alone;
    alone.key = "d";
    ASSERT_TRUE(put(alone));
    const std::vector<std::string> names{"deed", "photo", "stamp"};
    Model model;
    std::size_t refused = 0, broken = 0, pages = 0;
    base::Micros now = day(100);
    for (int step = 0; step < 1500; ++step) {
        now += static_cast<base::Micros>(below(static_cast<std::size_t>(base::kDay)));
        const std::string party = "p" + std::to_string(below(4));
        const auto roll = below(10);
        const auto due_by = [&]() -> std::optional<base::Micros> {
            if (below(5) == 0) return std::nullopt;
            return now + static_cast<base::Micros>(below(6)) * base::kDay;
        };
        const auto some = [&] {
            std::vector<std::string_view> out;
            for (const auto &one : names) {
                if (below(3) == 0) out.push_back(one);
            }
            return out;
        };
        if (roll < 3) {
            auto item = made(party, static_cast<CommitmentSort>(1 + below(6)), now, due_by());
            const auto needs = some();
            item.require = needs;
            item.assignee = actors[below(actors.size())];
            item.kind = below(2) ? "call" : "visit";
            if (!model.all.empty() && below(2)) {
                item.for_kind = model::ForKind::commitment;
                item.for_record = model.all[below(model.all.size())].id;
            }
            model.fall_due(party, now);
            Listed known{make(item),
                         item.for_record,
                         party,
                         std::string(item.assignee),
                         std::string(item.kind),
                         item.sort,
                         CommitmentState::open,
                         item.due,
                         {},
                         {},
                         false};
            known.needs.insert(needs.begin(), needs.end());
            model.all.push_back(known);
        } else if (roll < 6 && !model.all.empty()) {
            auto &one = model.all[below(model.all.size())];
            const auto to = static_cast<CommitmentState>(2 + below(7));
            // A move that is refused takes back what fell due with it.
            auto before = model.all;
            model.fall_due(one.party, now - 1);
            const bool may = model.move(one, to);
            if (!may) model.all = before;
            refused += !may;
            EXPECT_EQ(
                move(before[static_cast<std::size_t>(&one - model.all.data())].id, to, now) == Status::ok,
                may)
                << message_;
        } else if (roll < 8 && !model.all.empty()) {
            auto &one = model.all[below(model.all.size())];
            CommitmentChangeItem item;
            item.commitment = one.id;
            const auto there = some();
            item.artefacts = there;
            item.fields = model::commitment_field::artefacts;
            if (one.open() && below(2)) {
                item.fields |= model::commitment_field::due | model::commitment_field::assignee;
                item.due = due_by();
                item.assignee = actors[below(actors.size())];
                if (item.due != one.due) one.late = false;
                one.due = item.due;
                one.assignee = item.assignee;
            }
            one.there = {there.begin(), there.end()};
            EXPECT_EQ(change(item), Status::ok) << message_;
        } else if (roll == 8) {
            auto message = order(party, now, 0);
            message.type = "message";  // an order would start the lifecycle, which makes tasks of its own
            ASSERT_TRUE(put(message));
            model.fall_due(party, now);
        } else {
            ASSERT_TRUE(store_->run_due(now));
            model.fall_due({}, now);
        }
        if (step % 50 != 49) continue;
        // All of them as they stand.
        auto snapshot = store_->snapshot();
        const CommitmentReads reads(**snapshot);
        for (const auto &one : model.all) {
            const auto found = **reads.commitment(one.id);
            const auto &stored = found.commitment;
            ASSERT_EQ(stored.state, one.state) << "step " << step;
            ASSERT_EQ(stored.told_late, one.late);
            ASSERT_EQ(stored.due, one.due);
            ASSERT_EQ(stored.is_ready(), one.ready());
            ASSERT_EQ(stored.assignee ? std::string(*(*snapshot)->text(stored.assignee)) : "", one.assignee);
            broken += one.state == CommitmentState::broken;
        }
        // A queue in pages, by a filter and a sort of all of them.
        const std::string actor = actors[below(actors.size())];
        const bool team = !actor.empty() && below(2), everybody = below(3) == 0;
        QueueQuery query;
        if (!everybody) {
            query.of.emplace(1, actor.empty() ? 0 : code(actor));
            if (team) query.of = *reads.team(code(actor));
        }
        if (below(3) == 0) query.until = now + base::kDay;
        if (below(3) == 0) query.filter.sort = static_cast<CommitmentSort>(1 + below(6));
        if (below(3) == 0) query.filter.kind = code("call");
        std::vector<std::pair<base::Micros, base::Id>> wanted, got;
        for (const auto &one : model.all) {
            bool of = everybody || one.assignee == actor;
            for (auto at = above.find(one.assignee); team && at != above.end(); at = above.find(at->second))
                of = of || at->second == actor;
            const auto due = one.due.value_or(INT64_MAX);
            if (one.open() && of && due <= query.until.value_or(INT64_MAX) &&
                one.sort == query.filter.sort.value_or(one.sort) &&
                (query.filter.kind == 0 || one.kind == "call"))
                wanted.emplace_back(due, one.id);
        }
        std::sort(wanted.begin(), wanted.end());
        std::string resume;
        while (true) {
            auto page = reads.queue(query, resume, 1 + below(7));
            ASSERT_TRUE(page) << page.error().message;
            if (page->items.empty()) break;
            ++pages;
            for (const auto &one : page->items)
                got.emplace_back(one.commitment.due.value_or(INT64_MAX), one.commitment.id);
            resume = page->resume;
        }
        ASSERT_EQ(got, wanted) << "step " << step << ", of " << (everybody ? "everybody" : actor)
                               << (team ? " and team" : "") << ", kind " << query.filter.kind << ", until "
                               << query.until.value_or(0);
        // What is open and late along the tree.
        const auto counts = *reads.counts(now);
        for (std::size_t row = 0; row < counts.columns[0].texts.size(); ++row) {
            const auto &of = counts.columns[0].texts[row];
            std::int64_t open = 0, late = 0, open_all = 0, late_all = 0;
            for (const auto &one : model.all) {
                if (!one.open()) continue;
                const bool is_late = one.due && *one.due < now;
                bool below_it = one.assignee == of;
                for (auto at = above.find(one.assignee); at != above.end(); at = above.find(at->second))
                    below_it = below_it || at->second == of;
                open += one.assignee == of;
                late += one.assignee == of && is_late;
                open_all += below_it;
                late_all += below_it && is_late;
            }
            const std::vector<std::int64_t> row_wanted{open, late, open_all, late_all};
            std::vector<std::int64_t> row_got;
            for (std::size_t i = 1; i < 5; ++i) row_got.push_back(counts.columns[i].ints[row]);
            ASSERT_EQ(row_got, row_wanted) << "of " << of;
        }
    }
    EXPECT_GT(refused, 50u);
    EXPECT_GT(broken, 50u);
    EXPECT_GT(pages, 20u);
    expect_sound(*store_);
}

}  // namespace
}  // namespace kith::engine
