// A session applies one batch, or one page of due work, inside one write transaction: it evaluates
// every item against the file plus what the batch has changed so far, and writes nothing until all
// items are evaluated.
//
//   session.cpp    references, parties, identifiers, definitions, the feed, the end
//   recording.cpp  interactions: identity, corrections, figures
//   behaviour.cpp  what cases and rules make of it (behaviour.hpp)
//   due_work.cpp   what is due
//   commitments.cpp what is owed: made, moved, due
//   directory.cpp  products, actors, campaigns
//   scoring.cpp    scores, links
//   typing.cpp     values of typed fields
//   membership.cpp segments: who is in them, and their timers
//   measuring.cpp  measures: what interactions bring to sums
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "engine/batch.hpp"
#include "engine/catalog.hpp"
#include "engine/deed.hpp"
#include "engine/forms.hpp"
#include "engine/meta.hpp"
#include "engine/names.hpp"
#include "engine/overlay.hpp"
#include "engine/subject.hpp"
#include "engine/sums.hpp"
#include "model/change.hpp"
#include "record/record.hpp"
#include "store/store.hpp"

namespace kith::engine {

// What a commit takes from outside: drawn once, before the transaction, and the same when the
// transaction is run again.
struct Circumstances {
    base::Micros now = 0;
    std::array<std::byte, 16> random{};
};

// What a commit builds upon: the file, or what the commits before it in the same transaction left.
struct Head {
    Meta meta;
    std::shared_ptr<const Catalog> catalog;
    std::deque<std::pair<std::string, model::Name>> names;  // given in this transaction
    std::vector<Deed> deeds;                                // done in it, where they are asked for
};

struct CommitCounts {
    std::uint32_t created = 0, existing = 0, changed = 0, skipped = 0;
    std::uint32_t parties_created = 0, transitions = 0, commitments = 0;
    std::uint64_t stamp = 0;
    std::uint64_t first_seq = 0, last_seq = 0;  // 0: nothing changed
};

struct DueCounts {
    std::uint64_t timers = 0, transitions = 0, commitments = 0;
};

// How far the measuring of what was there before a definition has come.
struct BuildProgress {
    std::uint64_t parties = 0, rows = 0;  // done since the build began
};

struct TimeWatch;
class Behaviour;
struct Happening;
struct TypedValue;
struct ProcessRead;
class PartyFacts;
class Snapshot;
class Store;
class Values;

// A segment in a session.
struct SegmentInUse {
    std::uint32_t place = 0;  // in the catalog
    model::Name name = 0;
    const TimeWatch *watch = nullptr;
    StoredSegment row;
    bool changed = false;
    bool is_built(const base::Id &party) const { return party <= row.built_through; }
};

// A process whose cases are not built yet.
struct CaseBuild {
    model::Name process = 0;
    bool migrates = false;  // else it is replayed
    base::Id built_through;
    bool operator==(const CaseBuild &) const = default;
};

// What an item moved of its party.
struct Touched {
    bool all = false, party = false, figures = false, processes = false, commitments = false;
    std::vector<MeasureNumber> measures;
    std::set<std::string, std::less<>> given;  // metrics

    bool any() const {
        return all || party || figures || processes || commitments || !measures.empty() || !given.empty();
    }
    bool moves(const TimeWatch &watch) const;
    void merge(const Touched &other);
};

class Session : private NameSource, private Timeline {
public:
    Session(store::Writer &writer, Store &store, const Config &config, const Head &head,
            const Circumstances &circumstances);

    base::Result<void> prepare(std::size_t items);  // first, with how many there are to come

    base::Result<Outcome> apply(const Batch &batch, const Item &item, std::span<const Outcome> before);

    // Fires timers due at or before `now` in order of (due, party, process), at most `timers_max`
    // read from the file. True when all are done.
    base::Result<bool> run_due(base::Micros through, std::size_t timers_max);

    // Measures the interactions of at most so many parties for definitions that were installed after them.
    // True when there was nothing left to do.
    base::Result<bool> build(std::size_t parties_max, BuildProgress &progress);

    // Of rules for periods: see Behaviour.
    base::Result<base::Micros> next_period(base::Micros now);
    void run_at(base::Micros now) { run_now_ = now; }  // what is due earlier is late
    base::Result<bool> run_periods(base::Micros begin, std::size_t parties_max);

    bool has_numbers_of_base() const;
    // Numbers of the whole base of `parties`, taken at an instant. Those in segments that read them are
    // looked at again by build().
    base::Result<void> take_of_base(const std::string &of, std::uint32_t version, base::Micros at,
                                    std::span<const double> numbers, std::size_t parties);

    // Writes everything, and lets `head` be what the next commit builds upon. No view into the file outlives
    // this.
    base::Result<void> finish(store::Writer &writer, Head &head);
    ~Session();

    // Causes before the largest instant ever given open no commitments, in this commit or a later one.
    void raise_effects_from(base::Micros at) { meta_.effects_from = std::max(meta_.effects_from, at); }
    void stand_at(base::Micros now) { circumstances_.now = now; }
    void raise_due_through(base::Micros now) { meta_.due_through = std::max(meta_.due_through, now); }

    // Rows of a person have been deleted; their bytes stay in free pages until the file is compacted.
    void mark_erasure() {
        if (meta_.erasure_pending_since == 0) meta_.set_erasure_pending(circumstances_.now);
    }

    const Meta &meta() const { return meta_; }
    bool has_changes() const {
        return counts_.first_seq != 0 || !overlay_.empty() || due_counts_.timers != 0;
    }
    const CommitCounts &counts() const { return counts_; }
    const DueCounts &due_counts() const { return due_counts_; }

private:
    friend class Behaviour;
    // References and parties.
    base::Result<Subject *> subject(const base::Id &id);  // null if there is no such party
    base::Result<void> load_party(Subject &subject);
    base::Result<std::vector<index::Key>> identifier_rows(const Subject &subject);
    base::Result<ItemResult> update_identifier(Subject &subject, const IdentifierItem &item, model::Name kind,
                                               std::string_view normalised);
    base::Result<Subject *> find_party(const Ref &ref, std::span<const Outcome> before);  // null if none
    base::Result<Subject *> require(Subject *found, const Ref &ref, const ItemFlags &flags,
                                    const base::Id &wanted_id, std::uint32_t fields, bool &created);
    base::Result<Subject *> create_party(const base::Id &wanted_id, bool anonymous, std::uint32_t fields);
    base::Result<std::optional<base::Id>> find_claim(const Ref &ref);
    base::Result<ItemResult> add_identifier(Subject &subject, const IdentifierItem &item, bool host);

    base::Result<Outcome> apply_party(const PartyItem &item, std::span<const Outcome> before);
    base::Result<Outcome> apply_identifier(const IdentifierItem &item, std::span<const Outcome> before);
    base::Result<Outcome> apply_interaction(const InteractionItem &item, std::span<const Outcome> before);
    base::Result<Outcome> apply_commitment(const CommitmentItem &item);
    base::Result<Outcome> apply_commitment(const NewCommitmentItem &item, std::span<const Outcome> before);
    base::Result<Outcome> apply_commitment(const CommitmentChangeItem &item);
    base::Result<Outcome> apply_resume(const ResumeItem &item);
    base::Result<Outcome> apply_request(const RequestItem &item);
    base::Result<Outcome> apply_process(const ProcessItem &item, std::span<const Outcome> before);
    base::Result<Outcome> apply_playbook(const rules::Playbook &playbook);
    base::Result<std::uint32_t> store_definition(std::string_view kind, const std::string &definition_name,
                                                 const std::string &playbook, const std::string &json);
    base::Result<Outcome> apply_product(const ProductItem &item);
    base::Result<Outcome> apply_actor(const ActorItem &item);
    base::Result<Outcome> apply_campaign(const CampaignItem &item);
    base::Result<Outcome> apply_score(const ScoreItem &item, std::span<const Outcome> before);
    base::Result<Outcome> apply_link(const LinkItem &item, std::span<const Outcome> before);
    base::Result<void> raise_party(std::uint32_t changed, model::Name owner_before, model::Name owner);
    // What was not an event has no time of its own.
    base::Micros instant_by_hand() const { return std::max(circumstances_.now, meta_.due_through); }
    base::Result<void> write_provenance(const Subject &subject, std::uint32_t fields,
                                        std::span<const model::Name> values, model::Name source);

    // Typed fields.
    base::Result<std::optional<model::FieldValue>> written_value(model::FieldKind kind,
                                                                 std::string_view text);
    base::Result<model::FieldValue> typed_value(const rules::Field &field, const FieldItem &item);
    base::Result<void> check_code(const rules::Field &field, std::string_view code);
    base::Result<bool> has_record(const rules::FieldType &type, const base::Id &id);
    base::Result<std::vector<TypedValue>> typed_values(std::string_view record,
                                                       std::span<const FieldItem> items);  // by name
    model::Fields packed(std::span<const TypedValue> values, bool texts, bool others);
    model::Fields laid_over(const model::Fields &fields, std::span<const TypedValue> given,
                            std::vector<model::Name> &changed);
    base::Result<std::vector<model::Name>> set_values(model::Party &party, std::span<const FieldItem> items);
    base::Result<void> check_type(const rules::Definition &definition, const rules::Type &type) const;
    base::Result<void> check_required(const model::Party &party);
    base::Result<void> check_required(const rules::Type &type, const model::Interaction &interaction,
                                      const model::InteractionPersonal &personal);
    bool has_value(const model::Fields &fields, std::string_view field) const;

    // What codes stand for; scores and links.
    template <class Record, class Item, class Decode>
    base::Result<std::optional<Record>> row_to_put(store::Table table, model::Name code, const Item &item,
                                                   std::uint32_t revision, Decode decode, const char *what);
    template <class Record>
    base::Result<Outcome> put_row(store::Table table, model::ChangeKind kind, bool created,
                                  std::uint32_t changed, Record &record);
    base::Result<model::Name> category_of(model::Name product);
    base::Result<std::vector<model::CodeValue>> code_values(std::span<const CodeValueItem> items);
    base::Result<void> check_part_of(model::Name actor, model::Name part_of);
    base::Result<model::Score> compose(const ScoreItem &item);
    base::Result<std::optional<Outcome>> find_existing(const ScoreItem &item, const model::Score &score);
    // That stand: from an end, or between two.
    base::Result<std::vector<model::Link>> links_of(const model::Subject &from, model::LinkKind kind,
                                                    const base::Id *to = nullptr);
    base::Result<std::vector<model::Link>> links_up(const base::Id &party, model::LinkKind kind);
    base::Result<void> check_tree(const model::Link &link);

    // Interactions.
    base::Result<model::Interaction> compose(const InteractionItem &item,
                                             model::InteractionPersonal &personal);
    base::Result<void> fill_form(const InteractionItem &item, model::Interaction &out);
    base::Result<std::optional<base::Bytes>> interaction_row(const model::InteractionKey &key);
    base::Result<std::optional<Outcome>> find_existing(const InteractionItem &item, const Subject *party,
                                                       const model::Interaction &interaction,
                                                       const model::InteractionPersonal &personal);
    base::Result<model::Name> check_correction(const model::InteractionKey &old);
    base::Result<void> correct(const model::InteractionKey &old, const model::InteractionKey &by);
    base::Result<bool> is_corrected(const model::InteractionKey &key);
    base::Result<void> count(Subject &subject, const PendingInteraction &interaction);
    base::Result<void> count_order(Subject &subject, base::Micros at, std::int64_t amount);
    base::Result<std::vector<PendingInteraction>> counted(const Subject &subject);
    base::Result<std::vector<base::Micros>> order_times(const Subject &subject);
    base::Result<void> recount(Subject &subject);

    // Measures.
    base::Result<std::string_view> text(model::Name name) const override;
    base::Result<std::optional<model::Name>> code(std::string_view text) override;
    base::Result<void> interactions(const base::Id &party, base::Micros after, base::Micros until,
                                    const TakeInteraction &take) override;
    base::Result<void> interaction(const model::InteractionKey &key, const TakeInteraction &take) override;
    base::Result<void> changes(const base::Id &party, base::Micros after, base::Micros until,
                               const TakeChange &take) override;
    base::Result<std::optional<model::Score>> given(const GivenQuery &query) override;
    base::Result<void> scores(model::SubjectKind kind, const model::Subject *subject, std::string_view metric,
                              base::Micros after, base::Micros until,
                              const std::function<base::Result<void>(const model::Score &)> &take) override;
    base::Result<void> given_keys(const model::Subject &subject, std::string_view metric,
                                  const std::function<bool(model::Name key)> &take) override;
    Measurer *measurer();
    base::Result<void> measure(const model::Interaction &interaction);
    base::Result<std::vector<Taken>> brought_by(const model::InteractionKey &key);
    base::Result<void> unmeasure(const std::vector<Taken> &brought, const model::InteractionKey &key);
    // What a party's rows from an instant on bring to measures of cells.
    base::Result<std::vector<TakenOfRow>> of_cells(const base::Id &party, base::Micros from,
                                                   const model::InteractionKey *without);
    base::Result<bool> is_first(std::span<const Taken> brought) const;
    base::Result<void> replace_cells(std::span<const TakenOfRow> before, std::span<const TakenOfRow> after);
    base::Result<void> install(std::shared_ptr<Catalog> next);
    void set_catalog(std::shared_ptr<const Catalog> catalog);
    void put_measure(const Measure &measure, const base::Id &through);
    base::Result<void> stage_sums();

    // Segments.
    base::Result<std::span<SegmentInUse>> segments();
    void touch(const Measure &measure);
    base::Micros instant_of(const Subject &subject, base::Micros at) const;
    base::Result<void> settle(Subject &subject, base::Micros at, const model::Transition &cause,
                              const Happening *happening = nullptr);
    base::Result<void> settle_segments(Subject &subject, const Touched &touched, base::Micros at,
                                       const model::Transition &cause);
    base::Result<void> settle_by_hand(Subject &subject, bool created, bool changed);
    base::Result<void> look_at(Subject &subject, std::span<SegmentInUse *const> segments, base::Micros now,
                               const model::Transition &cause);
    Membership &watched_in(Subject &subject, Watched kind, model::Name name);
    base::Result<void> move(Subject &subject, SegmentInUse &segment, Membership &membership, bool inside,
                            base::Micros now, model::Transition transition);
    base::Result<void> fire(Subject &subject, Membership &membership);
    void stage_membership(Subject &subject, Membership &membership);
    void stage_segments();
    base::Result<void> record(model::Score &score);
    // A process's, or a segment's: its fact, its row and its entry of the feed.
    base::Result<void> record(model::Transition &transition, model::ChangeKind kind, model::Name of,
                              bool begins);
    base::Result<std::vector<base::Id>> parties_after(const base::Id &party, std::size_t parties_max);
    base::Result<bool> build_segments(std::size_t parties_max, BuildProgress &progress);

    // Processes.
    base::Result<void> load_instances(Subject &subject);
    Behaviour &behaviour();
    base::Result<std::span<CaseBuild>> case_builds();
    base::Result<void> begin_build(const rules::Definition &definition, std::uint32_t version);
    base::Result<void> check_migration(const rules::Definition &definition, const rules::Statechart &chart);
    base::Result<void> fire_before(Subject &subject, base::Micros at);
    Instance *find_instance(Subject &subject, const base::Id &process);
    std::vector<ProcessRead> cases_of(const Subject &subject) const;
    std::unique_ptr<PartyFacts> facts_of(Subject &subject);
    base::Result<RowsInHand> commitment_rows(Subject &subject);
    base::Result<TypedValue> value_for(std::span<const rules::Field> fields, const std::string &of,
                                       const FieldItem &item);
    base::Result<model::Name> actor_above(model::Name actor);
    base::Result<model::Name> first_active(model::Name actor);  // it, or the first above that is
    base::Result<model::Name> assignee_of(Subject &subject, const base::Id &commitment);
    base::Result<void> bind(Instance &instance);

    // Commitments. What is made, moved, changed or falls due goes through record_commitment.
    struct FoundCommitment {
        Subject *subject = nullptr;
        OpenCommitment *open = nullptr;
    };
    base::Result<void> load_commitments(Subject &subject);
    base::Result<FoundCommitment> find_commitment(const base::Id &id);
    base::Result<OpenCommitment *> make_commitment(Subject &subject, const NewCommitment &in);
    // Refused where it does not follow (model::may_move), or waits for artefacts. One that is kept for a
    // broken one makes that one good.
    base::Result<void> move_commitment(Subject &subject, OpenCommitment &open, model::CommitmentState to,
                                       base::Micros at);
    // Which fields changed.
    base::Result<std::uint32_t> change_commitment(Subject &subject, OpenCommitment &open,
                                                  const CommitmentChange &change);
    base::Result<void> record_commitment(Subject &subject, OpenCommitment &open, model::Operation operation,
                                         std::optional<model::CommitmentState> before,
                                         std::optional<base::Micros> at, std::uint32_t changed);
    base::Result<model::CommitmentPersonal> personal_of(const model::Commitment &commitment);
    // The first that falls due at or before an instant; null if none does.
    base::Result<OpenCommitment *> next_commitment(Subject &subject, base::Micros at);
    base::Result<void> fall_due(Subject &subject, OpenCommitment &open);
    base::Result<void> fall_due(Subject &subject, const index::TimerKey &timer);
    base::Result<void> raise_commitment(const model::Commitment &commitment, model::Operation operation,
                                        std::optional<model::CommitmentState> before,
                                        std::optional<base::Micros> at, std::uint32_t changed);
    base::Result<void> settle_owed(Subject &subject, base::Micros at, model::Cause by);
    base::Result<std::span<const model::Name>> artefacts_of(std::span<const std::string_view> texts);
    void note_commitments_due(Subject &subject);

    // The end.
    void stage(Subject &subject);
    void stage_feed();
    void stage_instance(const Subject &subject, Instance &instance);
    bool is_past(const Subject &subject, const Instance &instance) const;
    void stage_commitment(const OpenCommitment &open);

    void note(const Subject &subject, std::string_view by, std::string_view what, std::string detail,
              base::Micros at);
    base::Result<void> note(Subject &subject, const model::Commitment &commitment, model::Operation operation,
                            bool moved, base::Micros at);

    // Marks.
    base::Result<model::Name> name(std::string_view text);            // given a code if it has none
    base::Result<std::uint32_t> record_change(model::Change change);  // its number
    base::Result<void> use_number();
    base::Id new_id();

    Store &store_;
    const Config &config_;
    base::Zone zone_;
    Names &names_;
    Meta meta_;
    std::shared_ptr<const Catalog> catalog_;
    std::uint64_t catalog_revision_ = 0;                          // as the file has it
    std::vector<std::shared_ptr<const Catalog>> older_catalogs_;  // instances point into them
    Circumstances circumstances_;
    store::Writer &writer_;
    Overlay overlay_;
    record::Encoder encoder_;
    std::vector<std::byte> figures_bytes_;

    struct IdHash {
        std::size_t operator()(const base::Id &id) const {
            std::size_t hash;
            std::memcpy(&hash, id.bytes.data() + 8, sizeof hash);
            return hash * 0x9e3779b97f4a7c15u ^ static_cast<std::size_t>(id.bytes[7]);
        }
    };
    std::unordered_map<base::Id, std::unique_ptr<Subject>, IdHash> subjects_;
    std::vector<std::string_view> new_shared_;  // keys of this batch's claims of shared identifiers
    std::unordered_map<std::string_view, model::Name> codes_;
    std::vector<std::pair<std::string_view, model::Name>> new_names_;
    std::unordered_map<model::Name, std::string_view> new_texts_;  // of this transaction
    Sums sums_{&writer_, zone_};
    std::optional<Measurer> measurer_;
    KnownMeasures new_measures_;
    std::vector<SegmentInUse> segments_;
    bool segments_loaded_ = false;
    std::vector<CaseBuild> case_builds_;
    bool case_builds_loaded_ = false;
    Touched touched_;
    std::unique_ptr<Snapshot> view_;  // of the transaction, for values
    std::unique_ptr<Values> values_;  // of the party that is looked at
    std::unique_ptr<Behaviour> behaviour_;
    std::optional<base::Micros> run_now_;  // of run_due
    base::Arena texts_;
    std::vector<model::Line> lines_;
    std::vector<std::int64_t> margins_;
    FilledForm filled_;
    std::unordered_map<model::Name, model::Name> categories_;  // of products
    std::map<model::LinkKey, model::Link> new_links_;
    std::vector<model::Score> new_scores_;
    std::multimap<base::Id, MemberChange> new_changes_;  // of memberships, by party
    std::multimap<std::pair<base::Id, model::LinkKind>, model::LinkKey>
        new_linked_;  // by the party they lead to
    std::vector<model::Change> changes_;
    bool tells_deeds_ = false;
    std::vector<Deed> deeds_;
    model::Name order_ = 0, return_ = 0;
    bool products_ = false;     // the file or this batch has some
    bool corrections_ = false;  // the file or this batch has corrected interactions
    CommitCounts counts_;
    DueCounts due_counts_;
    std::vector<index::TimerKey> armed_;  // timers of commitments, since run_due looked last
};

}  // namespace kith::engine
