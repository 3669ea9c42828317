// Goal: key, parent and fields of a process are a fold over its log, and are stored, verified, repaired and
// exported with it; a log says why and who.
// Method: records of the lifecycle rewritten by hand in an open file, as a session writes them; then the row
// beside them lost or wrong.
#include "engine/expressions.hpp"
#include "engine/figures_row.hpp"
#include "engine/repair.hpp"
#include "record/record.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using store::Table;

class ProcessRecordsTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        store_ = open("process.kith");
        Batch batch;
        ASSERT_TRUE(batch.add(order("ann", day(100), 1000)));
        ASSERT_TRUE(batch.add(order("ann", day(110), 1000)));
        ASSERT_TRUE(batch.add(order("ann", day(120), 1000)));
        ActorItem mia;
        mia.key = "mia";
        ASSERT_TRUE(batch.add(mia));
        commit(*store_, batch);
        ASSERT_TRUE(store_->run_due(day(1'000)));
        ann_ = find(*store_, "ann");
        auto snapshot = store_->snapshot();
        auto log = Reads(**snapshot).log((*Reads(**snapshot).processes(ann_, {}))[0].process.id);
        ASSERT_GE((*log)->size(), 2u);
        mia_ = **store_->names().find((*snapshot)->reader(), "mia");
        severity_ = **store_->names().find((*snapshot)->reader(), "order");  // any name will do
    }

    // The log brings them; the process beside it has them.
    void write_log() {
        ASSERT_TRUE(store_->env().update([&](store::Writer &writer) -> base::Result<void> {
            record::Encoder encoder;
            model::FoldedFields fields;
            const model::FieldValue first[] = {{severity_, model::FieldKind::int_, 2, 0},
                                               {mia_, model::FieldKind::text, 0, 5}};
            const model::FieldValue then[] = {{severity_, model::FieldKind::int_, 3, 0},
                                              {mia_, model::FieldKind::written, 0, 0}};
            KITH_LET(cursor, writer.cursor(Table::rows));
            const auto prefix = index::row(ann_, index::Tag::transition);
            KITH_LET(found, cursor.seek(prefix));
            std::vector<model::Transition> log;
            while (found && index::starts_with(cursor.key(), prefix)) {
                const auto key = cursor.key();
                const auto origin = base::load_big32(&key[40]), number = base::load_big32(&key[44]);
                KITH_LET(fact, writer.get(Table::facts, index::fact(origin, number)));
                log.push_back(record::decode_transition(ann_, base::Id::from(key.subspan(24, 16)), origin,
                                                        number, fact->payload));
                KITH_LET(more, cursor.next());
                found = more;
            }
            for (std::size_t i = 0; i < log.size(); ++i) {
                auto &one = log[i];
                if (i == 0) {
                    one.key = "R-7";
                    one.parent = one.process;
                    one.fields = {first, "noted"};
                } else {
                    one.reason = "the customer rang";
                    one.actor = mia_;
                    one.fields = {then, ""};
                }
                fields.set(one.fields);
                const std::string bytes(base::text_of(encoder.encode(one)));
                KITH_TRY(
                    writer.put(Table::facts, index::fact(one.origin, one.number), base::bytes_of(bytes)));
            }
            return put_process(writer, [&](model::Process &one) {
                one.key = "R-7";
                one.parent = one.id;
                one.fields = fields.get();
            });
        }));
    }
    template <class Change>
    base::Result<void> put_process(store::Writer &writer, const Change &change) {
        KITH_LET(row, writer.get(Table::counters, index::by_id(ann_)));
        KITH_LET(figures, decode_figures(row->payload));
        KITH_LET(rest, processes_of(row->payload));
        StoredProcess stored;
        KITH_LET(found, next_process(rest, stored));
        EXPECT_TRUE(found);
        auto process = record::decode_process(ann_, stored.id, stored.record);
        change(process);
        record::Encoder encoder;
        std::vector<std::byte> bytes;
        encode(figures, bytes);
        append({stored.id, stored.wake, encoder.encode(process)}, bytes);
        return writer.put(Table::counters, index::by_id(ann_), bytes);
    }
    std::uint64_t problems() {
        auto snapshot = store_->snapshot();
        auto report = verify(**snapshot, {});
        return report ? report->problems.count : 999;
    }

    std::unique_ptr<Store> store_;
    base::Id ann_;
    model::Name mia_ = 0, severity_ = 0;
};

TEST_F(ProcessRecordsTest, AProcessIsAFoldOverItsLog) {
    write_log();
    EXPECT_EQ(problems(), 0u);
    const auto all = facts(*store_);
    EXPECT_NE(all.find(R"("process":"lifecycle","key":"R-7","parent":"lifecycle R-7","version":1)"), all.npos)
        << all;
    EXPECT_NE(all.find(R"("fields":{"order":3}})"), all.npos) << all;
    EXPECT_NE(all.find(R"("fields":{"mia":"noted","order":2}})"), all.npos) << all;
    EXPECT_NE(all.find(R"("reason":"the customer rang","actor":"mia","fields":{"mia":null,"order":3}})"),
              all.npos)
        << all;

    {
        auto snapshot = store_->snapshot();
        auto ann = PartyFacts::of(**snapshot, ann_);
        auto asked = Expression::check("processes.exists(p, has(p.key) && p.key == 'R-7')", {});
        EXPECT_EQ((*(*asked)->evaluate({ann->get(), nullptr}, {}))->json, "true");
    }

    ASSERT_TRUE(store_->env().update([&](store::Writer &writer) {
        return put_process(writer, [](model::Process &one) { one.key = "R-8"; });
    }));
    EXPECT_GT(problems(), 0u) << "a key that the log does not say";
    ASSERT_TRUE(store_->env().update([&](store::Writer &writer) {
        return put_process(writer, [](model::Process &one) {
            one.key = "R-7";
            one.fields = {};
        });
    }));
    EXPECT_GT(problems(), 0u) << "fields that the log says are missing";

    ASSERT_TRUE(store_->env().update(
        [&](store::Writer &writer) { return writer.remove(Table::counters, index::by_id(ann_)); }));
    store_.reset();
    auto repaired = repair((folder_ / "process.kith").string(), {});
    ASSERT_TRUE(repaired) << repaired.error().message;
    store_ = open("process.kith");
    EXPECT_EQ(problems(), 0u);
    EXPECT_TRUE(facts(*store_) == all) << "all of it follows from the log";
}

TEST(FoldedFieldsTest, LaterOnesTakeThePlaceOfEarlier) {
    using model::FieldKind, model::FieldValue;
    model::FoldedFields folded;
    const FieldValue first[] = {
        {5, FieldKind::text, 0, 3}, {7, FieldKind::text, 3, 2}, {9, FieldKind::bool_, 1, 0}};
    folded.set({first, "onetw"});
    const FieldValue then[] = {
        {3, FieldKind::int_, -1, 0}, {5, FieldKind::text, 0, 5}, {9, FieldKind::written, 0, 0}};
    folded.set({then, "three"});
    const auto fields = folded.get();
    ASSERT_EQ(fields.values.size(), 3u);
    EXPECT_EQ(fields.values[0], (FieldValue{3, FieldKind::int_, -1, 0}));
    EXPECT_EQ(fields.text(fields.values[1]), "three");
    EXPECT_EQ(fields.text(fields.values[2]), "tw");
    EXPECT_EQ(folded.get(), fields);
}

}  // namespace
}  // namespace kith::engine
