#include <cstring>

#include "actor_generated.h"
#include "campaign_generated.h"
#include "change_generated.h"
#include "commitment_generated.h"
#include "definition_generated.h"
#include "field_generated.h"
#include "identifier_generated.h"
#include "interaction_generated.h"
#include "link_generated.h"
#include "party_generated.h"
#include "process_generated.h"
#include "product_generated.h"
#include "record/record.hpp"
#include "request_generated.h"
#include "score_generated.h"

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

struct FieldOffsets {
    Offset<flatbuffers::Vector<const fbs::FieldValue *>> values;
    Offset<String> texts;
};
FieldOffsets fields(FlatBufferBuilder &builder, const model::Fields &in) {
    static_assert(sizeof(model::FieldValue) == sizeof(fbs::FieldValue));
    if (in.values.empty()) return {};
    return {builder.CreateVectorOfStructs(reinterpret_cast<const fbs::FieldValue *>(in.values.data()),
                                          in.values.size()),
            in.texts.empty() ? Offset<String>{} : text(builder, in.texts)};
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
    const auto own = fields(b, party.fields);
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
    out.add_fields(own.values);
    out.add_field_texts(own.texts);
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
    Offset<flatbuffers::Vector<std::int64_t>> margins;
    if (!interaction.margins.empty())
        margins = b.CreateVector(interaction.margins.data(), interaction.margins.size());
    const auto own = fields(b, interaction.fields);
    static_assert(sizeof(model::Answer) == sizeof(fbs::Answer));
    Offset<flatbuffers::Vector<const fbs::Answer *>> answers;
    if (!interaction.answers.empty()) {
        answers = b.CreateVectorOfStructs(reinterpret_cast<const fbs::Answer *>(interaction.answers.data()),
                                          interaction.answers.size());
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
    out.add_owner(interaction.owner);
    out.add_campaign(interaction.campaign);
    out.add_margins(margins);
    out.add_fields(own.values);
    out.add_form(interaction.form);
    out.add_round(interaction.round);
    out.add_about_kind(interaction.about_kind);
    out.add_about(interaction.about);
    out.add_answers(answers);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::InteractionPersonal &personal) {
    auto &b = impl_->builder;
    b.Clear();
    const auto with_whom = text(b, personal.with_whom), body = text(b, personal.text),
               next_step = text(b, personal.next_step), answers = text(b, personal.answers);
    const auto own = fields(b, personal.fields);
    fbs::InteractionPersonalBuilder out(b);
    out.add_with_whom(with_whom);
    out.add_text(body);
    out.add_next_step(next_step);
    out.add_fields(own.values);
    out.add_field_texts(own.texts);
    out.add_answers(answers);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Request &request) {
    auto &b = impl_->builder;
    b.Clear();
    const auto title = text(b, request.title);
    const auto item = text(b, request.item);
    const auto result = text(b, request.result);
    const auto party = id_of(request.party), commitment = id_of(request.commitment);
    fbs::RequestBuilder out(b);
    out.add_kind(request.kind);
    out.add_by(request.by);
    out.add_state(static_cast<std::uint8_t>(request.state));
    out.add_party(&party);
    out.add_to(request.to);
    out.add_channel(request.channel);
    out.add_at(request.at);
    if (request.commitment) out.add_commitment(&commitment);
    out.add_title(title);
    out.add_item(item);
    if (request.lease_until) out.add_lease_until(*request.lease_until);
    if (request.ended_at) out.add_ended_at(*request.ended_at);
    out.add_result(result);
    out.add_stamp(request.stamp);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Process &process) {
    auto &b = impl_->builder;
    b.Clear();
    const auto key = text(b, process.key);
    const auto own = fields(b, process.fields);
    Offset<flatbuffers::Vector<const fbs::Milestone *>> milestones;
    static_assert(sizeof(model::Milestone) == sizeof(fbs::Milestone));
    if (!process.milestones.empty()) {
        milestones = b.CreateVectorOfStructs(
            reinterpret_cast<const fbs::Milestone *>(process.milestones.data()), process.milestones.size());
    }
    const auto parent = id_of(process.parent);
    fbs::ProcessBuilder out(b);
    out.add_definition(process.definition);
    out.add_version(process.version);
    out.add_state(process.state);
    out.add_since(process.since);
    out.add_started_at(process.started_at);
    out.add_transitions(process.transitions);
    if (process.tried_at) out.add_tried_at(*process.tried_at);
    out.add_stamp(process.stamp);
    out.add_key(key);
    if (process.parent) out.add_parent(&parent);
    out.add_fields(own.values);
    out.add_field_texts(own.texts);
    out.add_due(process.due);
    out.add_looks(process.looks);
    out.add_milestones(milestones);
    if (process.outer_since != process.since) out.add_outer_since(process.outer_since);
    if (process.outer_tried_at) out.add_outer_tried_at(*process.outer_tried_at);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Transition &transition) {
    auto &b = impl_->builder;
    b.Clear();
    const auto key = text(b, transition.key);
    const auto own = fields(b, transition.fields);
    Offset<flatbuffers::Vector<std::uint32_t>> cleared;
    if (!transition.cleared.empty())
        cleared = b.CreateVector(transition.cleared.data(), transition.cleared.size());
    const auto parent = id_of(transition.parent);
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
    out.add_actor(transition.actor);
    out.add_fields(own.values);
    out.add_cleared(cleared);
    out.add_definition(transition.definition);
    out.add_key(key);
    if (transition.parent) out.add_parent(&parent);
    out.add_inside(transition.inside);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Commitment &commitment) {
    auto &b = impl_->builder;
    b.Clear();
    using Names = Offset<flatbuffers::Vector<std::uint32_t>>;
    const auto names = [&](std::span<const model::Name> in) {
        return in.empty() ? Names() : b.CreateVector(in.data(), in.size());
    };
    const auto require = names(commitment.require), artefacts = names(commitment.artefacts);
    const auto key = text(b, commitment.host_key);
    const auto process = id_of(commitment.process), debtor = id_of(commitment.debtor.party),
               creditor = id_of(commitment.creditor.party), record = id_of(commitment.for_record);
    fbs::CommitmentBuilder out(b);
    out.add_kind(commitment.kind);
    out.add_title(commitment.title);
    out.add_state(static_cast<std::uint8_t>(commitment.state));
    out.add_opened_at(commitment.opened_at);
    if (commitment.due) out.add_due(*commitment.due);
    if (commitment.ended_at) out.add_ended_at(*commitment.ended_at);
    if (commitment.broken_at) out.add_broken_at(*commitment.broken_at);
    if (commitment.process) out.add_process(&process);
    out.add_stamp(commitment.stamp);
    out.add_sort(static_cast<std::uint8_t>(commitment.sort));
    out.add_flags(commitment.flags);
    out.add_name(commitment.name);
    out.add_assignee(commitment.assignee);
    out.add_owner(commitment.owner);
    if (commitment.debtor.party) out.add_debtor_party(&debtor);
    out.add_debtor(commitment.debtor.actor);
    if (commitment.creditor.party) out.add_creditor_party(&creditor);
    out.add_creditor(commitment.creditor.actor);
    out.add_for_kind(static_cast<std::uint8_t>(commitment.for_kind));
    if (commitment.for_record) out.add_for_record(&record);
    out.add_require(require);
    out.add_artefacts(artefacts);
    if (commitment.accepted_at) out.add_accepted_at(*commitment.accepted_at);
    if (commitment.started_at) out.add_started_at(*commitment.started_at);
    out.add_told_late(commitment.told_late);
    out.add_rule(commitment.rule);
    out.add_version(commitment.version);
    out.add_revision(commitment.revision);
    out.add_system(commitment.system);
    out.add_key(key);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::CommitmentPersonal &personal) {
    auto &b = impl_->builder;
    b.Clear();
    const auto title = text(b, personal.title), item = text(b, personal.item),
               condition = text(b, personal.condition), compensation = text(b, personal.compensation),
               evidence = text(b, personal.evidence), result = text(b, personal.result);
    fbs::CommitmentPersonalBuilder out(b);
    out.add_stamp(personal.stamp);
    out.add_title(title);
    out.add_item(item);
    out.add_condition(condition);
    out.add_compensation(compensation);
    out.add_evidence(evidence);
    out.add_result(result);
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

base::Bytes Encoder::encode(const model::Product &product) {
    auto &b = impl_->builder;
    b.Clear();
    const auto name = text(b, product.name);
    Offset<flatbuffers::Vector<std::uint32_t>> category;
    if (!product.category.empty())
        category = b.CreateVector(product.category.data(), product.category.size());
    fbs::ProductBuilder out(b);
    out.add_name(name);
    out.add_category(category);
    out.add_revision(product.revision);
    out.add_created(product.created);
    out.add_changed(product.changed);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Actor &actor) {
    static_assert(sizeof(model::CodeValue) == sizeof(fbs::CodeValue));
    auto &b = impl_->builder;
    b.Clear();
    const auto name = text(b, actor.name);
    const auto values = [&](std::span<const model::CodeValue> in) {
        return in.empty()
                   ? Offset<flatbuffers::Vector<const fbs::CodeValue *>>()
                   : b.CreateVectorOfStructs(reinterpret_cast<const fbs::CodeValue *>(in.data()), in.size());
    };
    const auto skills = values(actor.skills), limits = values(actor.limits);
    fbs::ActorBuilder out(b);
    out.add_kind(static_cast<std::uint8_t>(actor.kind));
    out.add_name(name);
    out.add_part_of(actor.part_of);
    out.add_inactive(!actor.active);
    out.add_calendar(actor.calendar);
    out.add_skills(skills);
    out.add_limits(limits);
    out.add_revision(actor.revision);
    out.add_created(actor.created);
    out.add_changed(actor.changed);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Campaign &campaign) {
    auto &b = impl_->builder;
    b.Clear();
    const auto name = text(b, campaign.name);
    fbs::CampaignBuilder out(b);
    out.add_name(name);
    out.add_purpose(campaign.purpose);
    if (campaign.starts_at) out.add_starts_at(*campaign.starts_at);
    if (campaign.ends_at) out.add_ends_at(*campaign.ends_at);
    if (campaign.budget) out.add_budget(*campaign.budget);
    out.add_revision(campaign.revision);
    out.add_created(campaign.created);
    out.add_changed(campaign.changed);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Score &score) {
    auto &b = impl_->builder;
    b.Clear();
    const auto host_key = text(b, score.host_key);
    fbs::ScoreBuilder out(b);
    out.add_stamp(score.stamp);
    out.add_nature(static_cast<std::uint8_t>(score.nature));
    if (score.number) out.add_number(*score.number);
    if (score.money) out.add_money(*score.money);
    out.add_currency(score.currency.packed());
    out.add_text(score.text);
    out.add_period(score.period);
    out.add_source(score.source);
    out.add_system(score.system);
    out.add_host_key(host_key);
    out.add_method(score.method);
    out.add_author(score.author);
    out.add_definition_version(score.definition_version);
    if (score.confidence) out.add_confidence(*score.confidence);
    if (score.spread) out.add_spread(*score.spread);
    if (score.n) out.add_n(*score.n);
    return impl_->finish(out.Finish());
}

base::Bytes Encoder::encode(const model::Link &link) {
    auto &b = impl_->builder;
    b.Clear();
    fbs::LinkBuilder out(b);
    out.add_stamp(link.stamp);
    out.add_undone(link.undone);
    if (link.valid_from) out.add_valid_from(*link.valid_from);
    if (link.valid_to) out.add_valid_to(*link.valid_to);
    out.add_stance(link.stance);
    out.add_strength(link.strength);
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
