// Histories lived in the engine and in the interpreter, compared.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "unit/engine/behaviour_oracle.hpp"

namespace kith::engine {

class BehaviourOracleTest : public EngineTest {
protected:
    static constexpr int kParties = 3, kDays = 18, kNights = 29;

    static std::uint64_t seed() {
        const auto *given = std::getenv("KITH_SEED");
        const auto seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
        std::printf("KITH_SEED=%llu\n", static_cast<unsigned long long>(seed));
        return seed;
    }

    // Events in batches; what a correction names has to be there before it.
    class Sender {
    public:
        explicit Sender(Store &store) : store_(store) {}
        void add(const oracle::Event &event) {
            if (!event.corrects.empty() && !ids_.contains(event.corrects)) send();
            auto item = order(event.party, event.at, 100, event.key);
            item.type = event.type;
            item.topic = event.topic;
            FieldItem size;
            size.name = "size";
            size.kind = model::FieldKind::int_;
            size.integer = event.size;
            if (event.size) item.values = {&size, 1};
            if (!event.corrects.empty()) item.corrects = ids_.at(event.corrects);
            const auto added = batch_.add(item);
            ASSERT_TRUE(added) << added.error().message;
            keys_.push_back(event.key);
        }
        void send() {
            if (keys_.empty()) return;
            commit(store_, batch_);
            for (std::size_t i = 0; i < keys_.size() && i < batch_.outcomes.size(); ++i)
                ids_[keys_[i]] = batch_.outcomes[i].interaction.value();
            batch_.clear();
            keys_.clear();
        }

    private:
        Store &store_;
        Batch batch_;
        std::vector<std::string> keys_;
        std::map<std::string, model::InteractionKey> ids_;
    };

    std::unique_ptr<Store> installed(const std::string &name, const std::string &playbook) {
        now_ = 0;  // days begin to count here
        auto store = open(name);
        Batch batch;
        auto added = batch.add_playbook(playbook);
        EXPECT_TRUE(added) << added.error().message << "\n" << playbook;
        if (!added) return nullptr;
        commit(*store, batch);
        return store;
    }

    // What the engine tells of a party, in the interpreter's words.
    static std::string told(Store &store, const std::string &party) {
        auto snapshot = store.snapshot();
        const Reads reads(**snapshot);
        Ref ref;
        ref.by = Ref::By::host;
        ref.kind = "shop";
        ref.text = party;
        const auto found = reads.find(ref);
        if (!found || !*found) return {};
        const auto &id = **found;
        const auto text = [&](model::Name name) { return name ? std::string(*(*snapshot)->text(name)) : ""; };
        std::vector<std::string> lines;
        std::map<base::Id, std::string> makers;
        const auto processes = *reads.processes(id);
        for (const auto &read : processes) {
            makers[read.process.id] = text(read.process.definition);
            std::string line = "case " + text(read.process.definition);
            line += (read.process.key.empty() || line.starts_with("case rule.")
                         ? ":"
                         : " " + std::string(read.process.key) + ":");
            const auto entries = **reads.log(read.process.id);
            for (const auto &entry : entries)
                line += " " + text(entry.from) + ">" + text(entry.to) + "@" + std::to_string(entry.at);
            lines.push_back(line);
        }
        for (const auto &one : commitments_of(**snapshot, id)) {
            lines.push_back("owed " + text(one.kind) +
                            (one.sort == model::CommitmentSort::task ? " task " : " promise ") +
                            (one.process ? makers[one.process] : text(one.rule)) + " " +
                            std::to_string(one.opened_at) + " " + std::string(model::word_of(one.state)) +
                            " " + std::to_string(one.ended_at.value_or(0)));
        }
        const auto changes = *reads.changes(0, 1'000'000);
        for (const auto &change : changes) {
            if (change.kind != model::ChangeKind::rule || change.party != id) continue;
            lines.push_back((change.operation == model::Operation::failed ? "failed " : "fired ") +
                            text(change.name) + " " + std::to_string(*change.at));
        }
        std::ranges::sort(lines);
        std::string all;
        for (const auto &line : lines) all += line + "\n";
        std::string tags((*reads.party(id))->tags);
        for (std::size_t begin = 0; begin < tags.size();) {
            const auto end = std::min(tags.find(',', begin), tags.size());
            all += "tag " + tags.substr(begin, end - begin) + "\n";
            begin = end + 1;
        }
        return all;
    }

    void compare(std::uint64_t first, int count) {
        std::size_t compared = 0, moved = 0, fired = 0, failed = 0, by_order = 0;
        int refused = 0;
        for (int i = 0; i < count && !HasFailure(); ++i) {
            const auto seed = first + static_cast<std::uint64_t>(i);
            oracle::Maker maker(seed);
            const auto definitions = maker.definitions();
            const auto history = maker.history(kParties, kDays);
            oracle::Interpreter interpreter(definitions);
            if (Batch batch;
                !batch.add_playbook(definitions.text())) {  // a state that is never reached, a ring
                if (getenv("KITH_SHOW"))
                    std::printf("%s\n", batch.add_playbook(definitions.text()).error().message.c_str());
                ++refused;
                continue;
            }
            if (breeds(definitions, history)) continue;
            auto lived = installed("lived-" + std::to_string(i), definitions.text());
            if (!lived) return;
            Sender sender(*lived);
            std::size_t next = 0;
            for (int night = 0; night <= kNights; ++night) {
                const auto until = (night + 1) * base::kDay;
                for (; next < history.size() && history[next].arrives < until; ++next) {
                    sender.add(history[next]);
                    interpreter.add(history[next]);
                }
                if (next && maker.one_in(4))  // sent again
                    sender.add(history[static_cast<std::size_t>(maker.below(static_cast<int>(next)))]);
                sender.send();
                auto report = lived->run_due(until);
                ASSERT_TRUE(report) << report.error().message << " KITH_SEED=" << seed << "\n"
                                    << definitions.text();
                interpreter.run_due(until);
            }
            compared += same(*lived, interpreter, definitions, history, seed);
            if (i % 10 == 0) expect_sound(*lived);
            moved += interpreter.transitions();
            fired += interpreter.firings;
            failed += interpreter.failures;
            if (i % 4 == 0) by_order += same_at_once(definitions, history, *lived, i, seed);
            if (HasFailure()) std::printf("KITH_SEED=%llu\n", static_cast<unsigned long long>(seed));
            lived.reset();
            for (const auto &entry : std::filesystem::directory_iterator(folder_))
                std::filesystem::remove_all(entry.path());
        }
        std::printf(
            "%zu histories of parties compared: %zu transitions, %zu firings, %zu causes that failed; "
            "%zu lived in three ways\n",
            compared, moved, fired, failed, by_order);
        EXPECT_LT(refused, count * 3 / 4);
        std::printf("%d refused at install\n", refused);
        EXPECT_GT(moved, compared / 2);
        EXPECT_GT(fired, compared / 10);
    }

    // Promises that are made of promises that are broken double each time.
    static bool breeds(const oracle::Definitions &definitions, const std::vector<oracle::Event> &history) {
        oracle::Interpreter interpreter(definitions);
        std::size_t next = 0;
        for (int night = 0; night <= kNights && !interpreter.grows(); ++night) {
            const auto until = (night + 1) * base::kDay;
            for (; next < history.size() && history[next].arrives < until; ++next)
                interpreter.add(history[next]);
            interpreter.run_due(until);
        }
        return interpreter.grows();
    }

    // How many parties' histories were compared.
    std::size_t same(Store &lived, const oracle::Interpreter &interpreter,
                     const oracle::Definitions &definitions, const std::vector<oracle::Event> &history,
                     std::uint64_t seed) {
        std::size_t compared = 0;
        for (int p = 0; p < kParties && !HasFailure(); ++p) {
            const auto name = "p" + std::to_string(p);
            const auto expected = interpreter.told(name);
            EXPECT_EQ(told(lived, name), expected) << name << " KITH_SEED=" << seed << "\n"
                                                   << definitions.text() << "\n"
                                                   << text_of(history, name);
            compared += !expected.empty();
        }
        return compared;
    }

    // In one batch, and in some.
    std::size_t same_at_once(const oracle::Definitions &definitions,
                             const std::vector<oracle::Event> &history, Store &lived, int number,
                             std::uint64_t seed) {
        oracle::Maker maker(static_cast<std::uint64_t>(number));
        const auto expected = facts(lived);
        const bool timely =
            std::ranges::all_of(history, [](const auto &event) { return event.arrives == event.at; }) &&
            std::ranges::none_of(definitions.rules, &oracle::Rule::every);
        oracle::Interpreter interpreter(definitions);
        for (const auto &event : history) interpreter.add(event);
        interpreter.run_due((kNights + 1) * base::kDay);
        if (interpreter.grows()) return 0;
        for (const bool cut : {false, true}) {
            auto store = installed((cut ? "cut-" : "once-") + std::to_string(number), definitions.text());
            if (!store) return 0;
            Sender sender(*store);
            for (const auto &event : history) {
                sender.add(event);
                if (cut && maker.one_in(3)) sender.send();
            }
            sender.send();
            EXPECT_TRUE(store->run_due((kNights + 1) * base::kDay));
            const auto once = facts(*store);
            same(*store, interpreter, definitions, history, seed);
            // What came when it happened is the same, however late it was looked at.
            if (timely) {
                EXPECT_EQ(once, expected) << "KITH_SEED=" << seed;
            }
            expect_sound(*store);
            // Exactly once: the same again, due work again, the playbook again.
            for (const auto &event : history) sender.add(event);
            sender.send();
            Batch batch;
            EXPECT_TRUE(batch.add_playbook(definitions.text()));
            commit(*store, batch);
            EXPECT_TRUE(store->run_due((kNights + 1) * base::kDay));
            EXPECT_EQ(facts(*store), once) << "again\n" << definitions.text();
        }
        return 1;
    }

    static std::string text_of(const std::vector<oracle::Event> &history, const std::string &party) {
        std::string text;
        for (const auto &event : history) {
            if (party.empty() || event.party == party)
                text += event.party + " " + event.type + " " + std::to_string(event.at) + " " + event.key +
                        " " + event.topic + std::to_string(event.size) + " came " +
                        std::to_string(event.arrives) +
                        (event.corrects.empty() ? "\n" : " corrects " + event.corrects + "\n");
        }
        return text;
    }
};

}  // namespace kith::engine
