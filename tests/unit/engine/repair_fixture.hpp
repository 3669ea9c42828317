// A shop with every kind of record, in many commits, so that its file has old pages too; and the trial of
// destroyed pages.
#pragma once

#include <cstdio>
#include <deque>
#include <map>

#include "engine/commitment_reads.hpp"
#include "engine/repair.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

constexpr std::size_t kPage = 4096;

using Rows = std::map<std::pair<Table, std::string>, std::string>;

// All of the file's rows that follow from records.
inline bool is_derived(const std::pair<Table, std::string> &place) {
    switch (place.first) {
        case Table::names:
        case Table::counters:
        case Table::claims:
        case Table::host_refs:
        case Table::corrected:
        case Table::subjects:
        case Table::states:
        case Table::timers:
        case Table::due_commitments:
        case Table::linked:
            return true;
        case Table::rows:
            return index::tag_of(base::bytes_of(place.second)) != index::Tag::commitment;
        default:
            return false;
    }
}

class RepairTest : public EngineTest {
protected:
    // Corrections, returns, anonymous and named parties, identifiers of three sorts, processes in several
    // states, open and ended commitments, a definition in two versions; in many commits, so that old pages
    // are about.
    void SetUp() override {
        EngineTest::SetUp();
        auto store = open("shop.kith");
        std::vector<Outcome> outcomes;
        for (int i = 0; i < 240; ++i) {
            Batch batch;
            names_.push_back("c" + std::to_string(i % 40));
            keys_.push_back("o" + std::to_string(i));
            texts_.push_back("told by " + names_.back());
            auto item = order(names_.back(), day(19000 + i * 2), 100 + i, keys_.back());
            if (i % 3 == 0) item.personal.text = texts_.back();
            if (i % 17 == 0) item.type = "return";
            if (i % 23 == 0 && i > 0) {
                item.corrects = outcomes[static_cast<std::size_t>(i) - 10].interaction;
                item.ref.text = names_[static_cast<std::size_t>(i) - 10];
            }
            if (i % 40 == 39) {
                item.flags.create = false;
                item.flags.create_anonymous = true;
            }
            ASSERT_TRUE(batch.add(item));
            if (i < 40) {
                IdentifierItem card;
                card.ref.by = Ref::By::item;
                card.kind = i % 5 == 0 ? "phone" : "card";
                cards_.push_back(i % 5 == 0 ? "+38512345" : "card " + std::to_string(i));
                card.value = cards_.back();
                card.shared = i % 5 == 0;
                ASSERT_TRUE(batch.add(card));
            }
            if (i % 4 == 0) add_directory(batch, i);
            commit(*store, batch);
            outcomes.push_back(batch.outcomes[0]);
            if (i % 60 == 59) {
                ASSERT_TRUE(store->run_due(day(19000 + i * 2 + 1)));
            }
        }
        ASSERT_TRUE(store->run_due(day(19700)));
        auto snapshot = store->snapshot();
        const auto due = CommitmentReads(**snapshot).queue({}, {}, 3);
        ASSERT_TRUE(due && due->items.size() == 3) << "the sample has no open commitments";
        Batch batch;
        CommitmentItem kept;
        kept.commitment = due->items[0].commitment.id;
        kept.state = model::CommitmentState::kept;
        kept.at = day(19701);
        ASSERT_TRUE(batch.add(kept));
        commit(*store, batch);
        facts_ = facts(*store);
        rows_ = rows(*store);
        expect_sound(*store);
    }

    // Products, actors, campaigns, and scores and links of the party of item 0.
    void add_directory(Batch &batch, int i) {
        codes_.push_back("code " + std::to_string(i % 60));
        const std::string_view code = codes_.back();
        ProductItem product;
        product.key = product.name = code;
        product.fields = model::product_field::name;
        ASSERT_TRUE(batch.add(product));
        ActorItem actor;
        actor.key = code;
        actor.part_of = i == 0 ? "self" : "code 0";
        actor.fields = i % 60 == 0 ? 0 : model::actor_field::part_of;
        ASSERT_TRUE(batch.add(actor));
        CampaignItem campaign;
        campaign.key = code;
        campaign.budget = i;
        campaign.fields = model::campaign_field::budget;
        ASSERT_TRUE(batch.add(campaign));
        ScoreItem score;
        score.kind = i % 8 == 0 ? model::SubjectKind::party : model::SubjectKind::product;
        score.ref.by = Ref::By::item;
        score.subject_key = code;
        score.metric = "liking";
        score.at = day(19000 + i);
        score.number = i;
        score.nature = model::Nature::stated;
        score.system = "survey";
        score.host_key = keys_.back();
        ASSERT_TRUE(batch.add(score));
        LinkItem link;
        link.actor = code;
        link.to.by = Ref::By::item;
        link.kind = model::LinkKind::works_for;
        link.undone = i % 24 == 20;
        ASSERT_TRUE(batch.add(link));
    }

    std::string path(const std::string &name) const { return (folder_ / name).string(); }

    static Rows rows(Store &store) {
        Rows all;
        auto snapshot = store.snapshot();
        EXPECT_TRUE(store::each_row(
            (*snapshot)->reader(), [&](Table table, base::Bytes key, const store::Value &value) {
                all.emplace(std::pair(table, std::string(base::text_of(key))), base::text_of(value.payload));
                return base::Result<void>();
            }));
        return all;
    }

    std::uint64_t problems(const std::string &name) {
        auto store = open(name);
        auto report = verify(**store->snapshot(), {});
        EXPECT_TRUE(report) << report.error().message;
        return report ? report->problems.count : 0;
    }

    void change(const std::string &name, const std::function<base::Result<void>(store::Writer &)> &how) {
        auto env = store::Env::open(path(name), {});
        ASSERT_TRUE(env) << env.error().message;
        auto done = (*env)->update(how);
        ASSERT_TRUE(done) << done.error().message;
    }

    base::Result<RepairReport> salvaged(const std::string &name, const std::string &to) {
        RestoreOptions options;
        options.open.now = [this] { return now_; };
        options.open.random = [this](std::span<std::byte> out) {
            for (auto &byte : out) byte = static_cast<std::byte>(random_());
        };
        return salvage(path(name), path(to), options, {});
    }

    static std::string list(const RepairReport &report) {
        std::string out;
        const auto &columns = report.listed.columns;
        for (std::size_t i = 0; i < columns[0].texts.size() && i < 20; ++i)
            out += columns[0].texts[i] + " " + columns[1].texts[i] + ": " + columns[2].texts[i] + "\n";
        return out;
    }

    // Every `step`th page from `first` on is destroyed in turn, in one of three ways, and the file salvaged.
    void destroy_pages(std::size_t first, std::size_t step, unsigned ways);

    std::deque<std::string> names_, keys_, texts_, cards_, codes_;
    std::string facts_;
    Rows rows_;
};

}  // namespace kith::engine
