// One party as expressions see it at a snapshot: each part read when it is first asked for, and kept. Rows
// of the timeline are read in place. The first failure of reading is kept too: expressions see only that
// there was one. [one thread at a time]
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/reads.hpp"
#include "engine/row_view.hpp"
#include "expr/schema.hpp"

namespace kith::engine {

class PartyFacts;

struct ProcessView {
    const PartyFacts *facts = nullptr;
    const ProcessRead *read = nullptr;
};

class PartyFacts : public RowContext {
public:
    // None if there is no such party.
    static base::Result<std::unique_ptr<PartyFacts>> of(const Snapshot &snapshot, const base::Id &party);
    // Of a party that is being written: what lists it has are the file's.
    // Its record (null: as the file has it) outlives the facts.
    static std::unique_ptr<PartyFacts> over(const Snapshot &snapshot, const base::Id &party,
                                            const model::Party *record, const model::Figures &figures);
    // Of it too: what the file has not, or not yet so.
    void hand(const model::Interaction &interaction, const model::InteractionPersonal &personal);
    void let_go() { at_hand_.reset(); }
    void set_processes(std::vector<ProcessRead> processes);
    void set_figures(model::Figures figures) { figures_ = std::move(figures); }
    // Keys and records of its commitments, asked for once.
    void set_commitments(std::function<base::Result<RowsInHand>()> read) {
        read_commitments_ = std::move(read);
    }
    const RowsInHand *commitments() const;  // null: they are the file's

    // With the interaction at hand; none if there is no such interaction.
    static base::Result<std::unique_ptr<PartyFacts>> of(const Snapshot &snapshot,
                                                        const model::InteractionKey &interaction);

    const Snapshot &snapshot() const { return snapshot_; }
    const base::Id &id() const { return id_; }
    const model::Party &party() const;
    const RowView *at_hand() const { return at_hand_ ? &*at_hand_ : nullptr; }

    // Null, or empty, where reading failed: see error().
    const model::Figures *figures() const;
    std::span<const ProcessView> processes() const;
    std::string_view host_key() const;
    std::string_view process_name(const base::Id &process) const override;
    std::string_view parent_name(const base::Id &process) const override;
    std::string_view text(model::Name name) const override;
    const model::Interaction &interaction(const RowView &row) const override;
    const model::InteractionPersonal &personal(const RowView &row) const override;
    const model::CommitmentPersonal &commitment_personal(const RowView &row) const override;
    using RowContext::currency;
    std::uint32_t currency() const override;

    // Remembers why, and gives what an expression sees.
    expr::Value failed(base::ErrorBox error) const;
    base::ErrorBox take_error() { return std::move(error_); }  // null: none

private:
    PartyFacts(const Snapshot &snapshot, const base::Id &party)
        : snapshot_(snapshot), reads_(snapshot), id_(party) {}

    const model::Process *find_process(const base::Id &process) const;

    const Snapshot &snapshot_;
    Reads reads_;
    base::Id id_;
    const model::Party *written_ = nullptr;
    mutable std::optional<model::Party> party_;
    std::vector<std::byte> at_hand_key_;
    std::optional<RowView> at_hand_;

    mutable std::optional<model::Figures> figures_;
    mutable std::optional<std::vector<ProcessRead>> processes_;
    mutable std::vector<ProcessView> process_views_;
    mutable std::optional<std::vector<ProcessRead>> past_;
    mutable std::optional<std::string_view> host_key_;
    mutable const std::byte *decoded_key_ = nullptr, *personal_key_ = nullptr, *promised_key_ = nullptr;
    mutable model::CommitmentPersonal promised_;
    mutable model::Interaction decoded_;
    mutable model::InteractionPersonal personal_;
    std::function<base::Result<RowsInHand>()> read_commitments_;
    mutable std::optional<RowsInHand> commitments_;
    mutable base::ErrorBox error_;
};

}  // namespace kith::engine
