#include <cstring>

#include "change_generated.h"
#include "commitment_generated.h"
#include "definition_generated.h"
#include "identifier_generated.h"
#include "interaction_generated.h"
#include "party_generated.h"
#include "process_generated.h"
#include "record/record.hpp"

namespace kith::record {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;

// Absent text stays absent; empty text is stored.
Offset<String> text(FlatBufferBuilder &builder, std::string_view value) {
    return value.data() ? builder.CreateString(value.data(), value.size()) : Offset<String>{};
}

fbs::Id id_of(const base::Id &id) {
    fbs::Id out;
    std::memcpy(static_cast<void *>(&out), id.bytes.data(), id.bytes.size());
    return out;
}

}  // namespace

struct Encoder::Impl {
    FlatBufferBuilder builder{4096};

    // Optional scalars are written even when zero: absent and zero differ.
    template <class Table>
    base::Bytes finish(Offset<Table> root) {
        builder.Finish(root);
        return {reinterpret_cast<const std::byte *>(builder.GetBufferPointer()), builder.GetSize()};
    }
};

Encoder::Encoder() : impl_(std::make_unique<Impl>()) {}
Encoder::~Encoder() = default;

base::Bytes Encoder::encode(const model::Party &party) {
    auto &b = impl_->builder;
    b.Clear();
    const auto name = text(b, party.name), language = text(b, party.language),
               time_zone = text(b, party.time_zone), tags = text(b, party.tags);
    fbs::PartyBuilder out(b);
    out.add_kind(static_cast<std::uint8_t>(party.kind));
    out.add_roles(party.roles);
    out.add_name(name);
    out.add_language(language);
    out.add_time_zone(time_zone);
    out.add_owner(party.owner);
    out.add_tags(tags);
    out.add_revision(party.revision);
    out.add_created(party.created);
    out.add_changed(party.changed);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(std::span<const model::FieldSource> provenance) {
    static_assert(sizeof(model::FieldSource) == sizeof(fbs::FieldSource));
    auto &b = impl_->builder;
    b.Clear();
    const auto fields = b.CreateVectorOfStructs(reinterpret_cast<const fbs::FieldSource *>(provenance.data()),
                                                provenance.size());
    fbs::ProvenanceBuilder out(b);
    out.add_fields(fields);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Identifier &identifier) {
    auto &b = impl_->builder;
    b.Clear();
    const auto value = text(b, identifier.value);
    const auto normalised =
        identifier.normalised == identifier.value ? Offset<String>{} : text(b, identifier.normalised);
    fbs::IdentifierBuilder out(b);
    out.add_kind(identifier.kind);
    out.add_flags(identifier.flags);
    out.add_value(value);
    out.add_normalised(normalised);
    if (identifier.verified_at) out.add_verified_at(*identifier.verified_at);
    if (identifier.valid_from) out.add_valid_from(*identifier.valid_from);
    if (identifier.valid_to) out.add_valid_to(*identifier.valid_to);
    out.add_stamp(identifier.stamp);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Interaction &interaction) {
    static_assert(sizeof(model::Line) == sizeof(fbs::Line));
    auto &b = impl_->builder;
    b.Clear();
    const auto key = text(b, interaction.host_key);
    Offset<flatbuffers::Vector<const fbs::Line *>> lines;
    if (!interaction.lines.empty()) {
        lines = b.CreateVectorOfStructs(reinterpret_cast<const fbs::Line *>(interaction.lines.data()),
                                        interaction.lines.size());
    }
    fbs::InteractionBuilder out(b);
    out.add_stamp(interaction.stamp);
    out.add_type(interaction.type);
    out.add_system(interaction.system);
    out.add_key(key);
    if (interaction.amount) out.add_amount(*interaction.amount);
    if (interaction.base_amount) out.add_base_amount(*interaction.base_amount);
    out.add_currency(interaction.currency.packed());
    out.add_direction(interaction.direction);
    fbs::InteractionKey corrects;
    if (interaction.corrects) {
        const auto &old = *interaction.corrects;
        corrects = fbs::InteractionKey(id_of(old.party), old.at, old.origin, old.number);
        out.add_corrects(&corrects);
    }
    out.add_lines(lines);
    out.add_medium(interaction.medium);
    out.add_scope(interaction.scope);
    out.add_topic(interaction.topic);
    out.add_outcome(interaction.outcome);
    out.add_actor(interaction.actor);
    if (interaction.cost) out.add_cost(*interaction.cost);
    if (interaction.duration_s) out.add_duration_s(*interaction.duration_s);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::InteractionPersonal &personal) {
    auto &b = impl_->builder;
    b.Clear();
    const auto with_whom = text(b, personal.with_whom), body = text(b, personal.text),
               next_step = text(b, personal.next_step);
    fbs::InteractionPersonalBuilder out(b);
    out.add_with_whom(with_whom);
    out.add_text(body);
    out.add_next_step(next_step);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Process &process) {
    auto &b = impl_->builder;
    b.Clear();
    fbs::ProcessBuilder out(b);
    out.add_definition(process.definition);
    out.add_version(process.version);
    out.add_state(process.state);
    out.add_since(process.since);
    out.add_started_at(process.started_at);
    out.add_transitions(process.transitions);
    if (process.tried_at) out.add_tried_at(*process.tried_at);
    out.add_stamp(process.stamp);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Transition &transition) {
    auto &b = impl_->builder;
    b.Clear();
    fbs::TransitionBuilder out(b);
    out.add_stamp(transition.stamp);
    out.add_at(transition.at);
    out.add_from(transition.from);
    out.add_to(transition.to);
    out.add_cause(static_cast<std::uint8_t>(transition.cause));
    out.add_event(transition.event);
    out.add_event_at(transition.interaction.at);
    out.add_event_origin(transition.interaction.origin);
    out.add_event_number(transition.interaction.number);
    out.add_version(transition.version);
    out.add_late(transition.late);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Commitment &commitment) {
    auto &b = impl_->builder;
    b.Clear();
    fbs::CommitmentBuilder out(b);
    out.add_kind(commitment.kind);
    out.add_title(commitment.title);
    out.add_state(static_cast<std::uint8_t>(commitment.state));
    out.add_opened_at(commitment.opened_at);
    if (commitment.due) out.add_due(*commitment.due);
    if (commitment.ended_at) out.add_ended_at(*commitment.ended_at);
    const auto process = id_of(commitment.process);
    if (commitment.process) out.add_process(&process);
    out.add_stamp(commitment.stamp);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::DefinitionRecord &definition) {
    auto &b = impl_->builder;
    b.Clear();
    const auto kind = text(b, definition.kind), name = text(b, definition.name),
               playbook = text(b, definition.playbook), json = text(b, definition.json);
    fbs::DefinitionBuilder out(b);
    out.add_kind(kind);
    out.add_name(name);
    out.add_version(definition.version);
    out.add_playbook(playbook);
    out.add_json(json);
    out.add_stamp(definition.stamp);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(std::span<const model::Change> changes) {
    auto &b = impl_->builder;
    b.Clear();
    fbs::Change *out = nullptr;
    const auto packed = b.CreateUninitializedVectorOfStructs(changes.size(), &out);
    for (const auto &in : changes) {
        *out++ = fbs::Change(static_cast<std::uint8_t>(in.kind), static_cast<std::uint8_t>(in.operation),
                             in.at.has_value(), 0, in.changed, id_of(in.party), id_of(in.record), in.name,
                             in.from, in.to, 0, in.at.value_or(0));
    }
    fbs::ChangesBuilder row(b);
    row.add_stamp(changes.front().stamp);
    row.add_origin(changes.front().origin);
    row.add_first_number(changes.front().number);
    row.add_changes(packed);
    return impl_->finish(row.Finish());
}

}  // namespace kith::record
