#include "engine/party_facts.hpp"

#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using store::Table;

base::Result<std::unique_ptr<PartyFacts>> PartyFacts::of(const Snapshot &snapshot, const base::Id &party) {
    KITH_LET(found, Reads(snapshot).party(party));
    if (!found) return std::unique_ptr<PartyFacts>();
    std::unique_ptr<PartyFacts> made(new PartyFacts(snapshot, party));
    made->party_ = *found;
    return made;
}

std::unique_ptr<PartyFacts> PartyFacts::over(const Snapshot &snapshot, const base::Id &party,
                                             const model::Party *record, const model::Figures &figures) {
    std::unique_ptr<PartyFacts> made(new PartyFacts(snapshot, party));
    made->written_ = record;
    made->figures_ = figures;
    return made;
}

base::Result<std::unique_ptr<PartyFacts>> PartyFacts::of(const Snapshot &snapshot,
                                                         const model::InteractionKey &interaction) {
    // Keys of other records are 32 bytes too; theirs are no times.
    if (interaction.at < base::kMinTime || interaction.at > base::kMaxTime) {
        return std::unique_ptr<PartyFacts>();
    }
    const auto key = index::interaction(interaction);
    KITH_LET(row, snapshot.reader().get(Table::rows, key));
    if (!row) return std::unique_ptr<PartyFacts>();
    KITH_LET(facts, of(snapshot, interaction.party));
    if (!facts) return base::fail(base::Status::corrupt, "a party's record is missing: run kith verify");
    facts->at_hand_key_.assign(key.view().begin(), key.view().end());
    facts->at_hand_ = RowView{facts.get(), facts->at_hand_key_.data(), row->payload};
    return facts;
}

void PartyFacts::hand(const model::Interaction &interaction, const model::InteractionPersonal &personal) {
    const auto key = index::interaction(interaction.key);
    at_hand_key_.assign(key.view().begin(), key.view().end());
    at_hand_ = RowView{this, at_hand_key_.data(), {}};
    decoded_ = interaction;
    personal_ = personal;
    decoded_key_ = personal_key_ = at_hand_key_.data();
}

void PartyFacts::set_processes(std::vector<ProcessRead> processes) {
    processes_ = std::move(processes);
    process_views_.clear();
    process_views_.reserve(processes_->size());
    for (const auto &each : *processes_) process_views_.push_back({this, &each});
}

const RowsInHand *PartyFacts::commitments() const {
    if (!read_commitments_) return nullptr;
    if (!commitments_) {
        auto read = read_commitments_();
        commitments_ = read ? std::move(*read) : RowsInHand();
        if (!read) failed(read.take_error());
    }
    return &*commitments_;
}

expr::Value PartyFacts::failed(base::ErrorBox error) const {
    if (!error_) error_ = std::move(error);
    return expr::fail(expr::Code::host, "the data cannot be read");
}

const model::Party &PartyFacts::party() const {
    if (written_) return *written_;
    if (!party_) {
        const auto record = [&]() -> base::Result<model::Party> {
            KITH_LET(read, reads_.party(id_));
            if (!read)
                return base::fail(base::Status::corrupt, "a party's record is missing: run kith verify");
            return *read;
        };
        auto read = record();
        if (!read) failed(read.take_error());
        party_ = read ? *read : model::Party();
    }
    return *party_;
}

const model::Figures *PartyFacts::figures() const {
    if (!figures_) {
        auto read = reads_.figures(id_);
        if (!read) {
            failed(read.take_error());
            return nullptr;
        }
        figures_ = std::move(*read);
    }
    return &*figures_;
}

std::span<const ProcessView> PartyFacts::processes() const {
    if (!processes_) {
        auto read = reads_.processes(id_);
        if (!read) {
            failed(read.take_error());
            return {};
        }
        processes_ = std::move(*read);
        for (const auto &each : *processes_) process_views_.push_back({this, &each});
    }
    return process_views_;
}

// A commit in the making has in hand those that run, and the last of each kind.
const model::Process *PartyFacts::find_process(const base::Id &process) const {
    if (!process) return nullptr;
    for (const auto &view : processes()) {
        if (view.read->process.id == process) return &view.read->process;
    }
    if (!past_) {
        auto read = reads_.past_processes(id_);
        past_ = read ? std::move(*read) : std::vector<ProcessRead>();
        if (!read) failed(read.take_error());
    }
    const auto past = std::ranges::find(*past_, process, [](const auto &one) { return one.process.id; });
    return past == past_->end() ? nullptr : &past->process;
}

std::string_view PartyFacts::process_name(const base::Id &process) const {
    const auto *found = find_process(process);
    return found ? text(found->definition) : std::string_view();
}

std::string_view PartyFacts::parent_name(const base::Id &process) const {
    const auto *found = find_process(process);
    return found ? process_name(found->parent) : std::string_view();
}

std::string_view PartyFacts::host_key() const {
    if (!host_key_) {
        auto read = reads_.host_key(id_);
        if (!read) {
            failed(read.take_error());
            return {};
        }
        host_key_ = *read;
    }
    return *host_key_;
}

std::string_view PartyFacts::text(model::Name name) const {
    if (name == 0) return {};
    auto found = snapshot_.text(name);
    if (found) return *found;
    failed(found.take_error());
    return {};
}

const model::Interaction &PartyFacts::interaction(const RowView &row) const {
    if (decoded_key_ != row.key) {
        const auto key = index::interaction_key({row.key, 32});
        auto payload = reads_.fact(key.origin, key.number);
        decoded_ = payload ? record::decode_interaction(key, *payload) : model::Interaction();
        if (!payload) failed(payload.take_error());
        decoded_key_ = row.key;
    }
    return decoded_;
}

const model::InteractionPersonal &PartyFacts::personal(const RowView &row) const {
    if (personal_key_ != row.key) {
        personal_ = {};
        auto aside = snapshot_.reader().get(Table::personal, {row.key, 32});
        if (!aside) {
            failed(aside.take_error());
        } else if (*aside) {
            personal_ = record::decode_personal((*aside)->payload);
        }
        personal_key_ = row.key;
    }
    return personal_;
}

const model::CommitmentPersonal &PartyFacts::commitment_personal(const RowView &row) const {
    if (promised_key_ != row.key) {
        promised_ = {};
        auto aside = snapshot_.reader().get(Table::personal, {row.key, 40});
        if (!aside) {
            failed(aside.take_error());
        } else if (*aside) {
            promised_ = record::decode_commitment_personal((*aside)->payload);
        }
        promised_key_ = row.key;
    }
    return promised_;
}

std::uint32_t PartyFacts::currency() const { return snapshot_.store().config().currency.packed(); }

}  // namespace kith::engine
