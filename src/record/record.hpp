// Records as bytes: model values to FlatBuffers and back. The only room that sees generated headers.
//
// decode_* reads bytes whose checksum has been checked and borrows their text; it trusts their
// structure. verify runs FlatBuffers' Verifier, for anything that may come from outside.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "model/change.hpp"
#include "model/directory.hpp"
#include "model/interaction.hpp"
#include "model/party.hpp"
#include "model/process.hpp"
#include "model/request.hpp"
#include "model/score.hpp"

namespace kith::record {

// Changes packed into one row of the feed: two rows fill a page.
inline constexpr std::size_t kChangesPerRow = 30;

// Reuses its memory: each encode voids the bytes of the one before.
class Encoder {
public:
    Encoder();
    ~Encoder();

    base::Bytes encode(const model::Party &party);
    base::Bytes encode(std::span<const model::FieldSource> provenance);
    base::Bytes encode(const model::Identifier &identifier);
    base::Bytes encode(const model::Interaction &interaction);
    base::Bytes encode(const model::InteractionPersonal &personal);
    base::Bytes encode(const model::Request &request);
    base::Bytes encode(const model::Process &process);
    base::Bytes encode(const model::Transition &transition);
    base::Bytes encode(const model::Commitment &commitment);
    base::Bytes encode(const model::CommitmentPersonal &personal);
    base::Bytes encode(const model::DefinitionRecord &definition);
    base::Bytes encode(const model::Product &product);
    base::Bytes encode(const model::Actor &actor);
    base::Bytes encode(const model::Campaign &campaign);
    base::Bytes encode(const model::Score &score);
    base::Bytes encode(const model::Link &link);
    base::Bytes encode(
        std::span<const model::Change> changes);  // of one commit and origin, numbers ascending

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

model::Party decode_party(const base::Id &id, base::Bytes bytes);
std::span<const model::FieldSource> decode_provenance(base::Bytes bytes);
model::Identifier decode_identifier(const base::Id &party, std::uint32_t origin, std::uint32_t number,
                                    base::Bytes bytes);
model::Interaction decode_interaction(const model::InteractionKey &key, base::Bytes bytes);
model::InteractionPersonal decode_personal(base::Bytes bytes);
model::Request decode_request(const base::Id &id, base::Bytes bytes);
model::Process decode_process(const base::Id &party, const base::Id &id, base::Bytes bytes);
model::Transition decode_transition(const base::Id &party, const base::Id &process, std::uint32_t origin,
                                    std::uint32_t number, base::Bytes bytes);
model::Commitment decode_commitment(const base::Id &party, const base::Id &id, base::Bytes bytes);
model::CommitmentPersonal decode_commitment_personal(base::Bytes bytes);
model::DefinitionRecord decode_definition(base::Bytes bytes);
model::Product decode_product(model::Name key, base::Bytes bytes);
model::Actor decode_actor(model::Name key, base::Bytes bytes);
model::Campaign decode_campaign(model::Name key, base::Bytes bytes);
model::Score decode_score(const model::ScoreKey &key, base::Bytes bytes);
model::Link decode_link(const model::LinkKey &key, base::Bytes bytes);
// Appends the changes of a row whose first has sequence `seq`.
void decode_changes(std::uint64_t seq, base::Bytes bytes, std::vector<model::Change> &out);

// What figures and scans need of an interaction, without the rest: stored beside its key as it is.
struct InteractionSummary {
    model::Name type = 0;
    std::uint32_t corrects = 0;  // 1: it corrects another
    std::int64_t amount = 0;     // in the file's currency: base_amount where given
};
InteractionSummary summarise_interaction(base::Bytes bytes);

// As stored, little-endian.
inline base::Bytes bytes_of(const InteractionSummary &summary) {
    static_assert(sizeof summary == 16);
    return base::bytes_of_object(summary);
}
inline InteractionSummary decode_summary(base::Bytes bytes) {
    InteractionSummary summary;
    if (bytes.size() == sizeof summary) std::memcpy(&summary, bytes.data(), sizeof summary);
    return summary;
}

enum class Kind : std::uint8_t {
    party,
    provenance,
    identifier,
    interaction,
    personal,
    process,
    transition,
    commitment,
    definition,
    changes,
    product,
    actor,
    campaign,
    score,
    link,
    request,
    commitment_personal,  // the last
};
bool verify(Kind kind, base::Bytes bytes);

}  // namespace kith::record
