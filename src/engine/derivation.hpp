// The state of a derivation (derive.hpp) on its way through the file.
//
//   derive.cpp        names, the feed and what it names, rows beside records, facts
//   derive_party.cpp  all rows of a party
//   derive_directory.cpp  products, actors, campaigns, scores, links
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/derive.hpp"
#include "engine/figures_row.hpp"
#include "engine/sums.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

class Derivation : private NameSource, private Timeline {
public:
    Derivation(const Snapshot &snapshot, RowSink &sink, const Progress &progress);
    base::Result<Derived> run();

private:
    using Found = std::optional<base::Bytes>;

    // What is known of a fact, by origin and number.
    struct Mark {
        bool good = false, told = false,
             named = false;     // sound; the feed or a row tells of it; a row names it
        std::uint32_t row = 0;  // hash of the key of its row, once told
    };

    // One party.
    struct Subject {
        base::Arena arena{1024};  // of what its logs fold to
        base::Id id;
        bool known = false;
        model::Party party;
        std::map<base::Id, std::vector<model::Transition>> logs;
        std::vector<std::pair<base::Id, base::Bytes>> past_processes;  // as their rows have them
        std::vector<std::pair<base::Micros, record::InteractionSummary>> interactions;  // that count
        std::vector<std::pair<model::InteractionKey, base::Bytes>> to_place;  // in cells, when all are known
        base::Micros commitments_due = kNever;
    };

    void problem(store::Table table, base::Bytes key, const char *what);
    void tick();
    base::Result<void> each(store::Table table,
                            const std::function<base::Result<void>(base::Bytes, base::Bytes)> &take);
    base::Result<Found> sound(store::Table table, base::Bytes key);  // none: missing or damaged
    bool sound_record(record::Kind kind, store::Table table, base::Bytes key, base::Bytes payload);
    base::Result<bool> has_record(record::Kind kind, store::Table table, base::Bytes key);
    void check_name(model::Name name, store::Table table, base::Bytes key);
    void check_names(const model::Fields &fields, store::Table table, base::Bytes key);

    base::Result<void> settle_names();
    base::Result<void> load_definitions();
    base::Result<void> read_feed();
    base::Result<void> read_change(const model::Change &change);
    base::Result<void> read_told(const model::Change &change, record::Kind kind, store::Table table,
                                 base::Bytes key, const char *what);
    base::Result<void> read_untold();
    base::Result<void> read_side_rows();
    base::Result<void> read_directory();
    base::Result<void> read_scores();
    base::Result<void> read_links();
    base::Result<void> check_tree(const std::vector<model::Link> &links);  // of one kind
    base::Result<void> read_facts();

    Mark &mark(std::uint32_t origin, std::uint32_t number);
    base::Result<bool> tell_fact(record::Kind kind, base::Bytes row, std::uint32_t origin,
                                 std::uint32_t number, std::uint64_t stamp);
    base::Result<Found> fact_of(record::Kind kind, base::Bytes row);
    bool feed_is_whole() const { return snapshot_.meta().feed_first <= 1 && derived_.lost_through == 0; }
    void lose(std::uint64_t seq, store::Table table, base::Bytes key, const char *what);

    base::Result<void> read_parties();
    base::Result<void> begin_subject(const base::Id &party);
    base::Result<void> take_party_row(base::Bytes key, base::Bytes payload);
    base::Result<void> take_row(base::Bytes key, Found payload);
    base::Result<void> take_interaction(base::Bytes key);
    base::Result<void> take_commitment(base::Bytes key, base::Bytes payload);
    base::Result<void> finish_subject();
    base::Result<void> add_processes(const base::Bytes *stored, std::vector<std::byte> &row);
    base::Result<void> fold(std::span<const model::Transition> log, const model::Process *stored,
                            model::Process &process);
    model::Figures recount() const;

    // Measures: all is counted from nothing, so that no day is ever cut.
    base::Result<std::string_view> text(model::Name name) const override;
    base::Result<std::optional<model::Name>> code(std::string_view text) override;
    base::Result<void> interactions(const base::Id &, base::Micros, base::Micros,
                                    const TakeInteraction &) override {
        return {};
    }
    base::Result<void> interaction(const model::InteractionKey &, const TakeInteraction &) override {
        return {};
    }
    base::Result<void> changes(const base::Id &, base::Micros, base::Micros, const TakeChange &) override {
        return {};
    }
    base::Result<std::optional<model::Score>> given(const GivenQuery &) override {
        return std::optional<model::Score>();
    }
    base::Result<void> scores(model::SubjectKind, const model::Subject *, std::string_view, base::Micros,
                              base::Micros,
                              const std::function<base::Result<void>(const model::Score &)> &) override {
        return {};
    }
    base::Result<void> given_keys(const model::Subject &, std::string_view,
                                  const std::function<bool(model::Name key)> &) override {
        return {};
    }
    base::Result<void> measure(const model::Interaction &interaction, bool of_cells);
    base::Result<void> expect_sums(Sums &sums);
    base::Result<void> add_membership(const base::Id &id, base::Micros wake, std::vector<std::byte> &row);
    base::Result<void> expect_segments();
    std::string_view text_of(model::Name name) const;
    base::Result<model::Name> definition_of(const base::Id &process);

    const Snapshot &snapshot_;
    const store::Reader &reader_;
    RowSink &sink_;
    const Progress &progress_;
    base::Zone zone_;
    const bool same_zone_rules_;  // timers of an older tz database are right until they are armed anew
    std::uint64_t rows_all_ = 0;
    Derived derived_;
    record::Encoder encoder_;

    std::map<model::Name, std::string> texts_;
    std::map<std::string_view, model::Name> codes_;  // of them
    std::shared_ptr<const Catalog> catalog_;
    std::optional<Measurer> measurer_;
    Sums party_sums_{nullptr, zone_};  // of the subject at hand
    Sums sums_{nullptr, zone_};        // of grains that no one party has
    model::Name order_ = 0, return_ = 0;
    std::map<model::Name, std::pair<std::uint32_t, std::uint64_t>>
        definitions_told_;  // versions, last sequence

    std::unordered_map<std::uint64_t, std::vector<Mark>> marks_;  // 1,024 numbers each
    std::set<std::string> missing_rows_;                          // of `rows`, that the feed tells of
    std::set<base::Id> missing_parties_;
    std::set<model::InteractionKey> corrected_;
    std::optional<std::map<base::Id, model::Name>>
        definitions_;                                      // of processes, by the feed; read when needed
    std::set<std::pair<store::Table, std::string>> told_;  // problems
    std::map<model::Name, std::uint64_t> members_;         // of each segment
    bool segments_unknown_ = false;  // what is kept of some party and its segments is lost
    Subject subject_;
};

}  // namespace kith::engine
