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

template <class Table>
const Table *root(base::Bytes bytes) {
    return flatbuffers::GetRoot<Table>(bytes.data());
}

std::string_view text(const flatbuffers::String *value) {
    return value ? std::string_view(value->c_str(), value->size()) : std::string_view();
}

template <class T>
std::optional<T> optional(const flatbuffers::Optional<T> &value) {
    return value.has_value() ? std::optional<T>(*value) : std::nullopt;
}

// FlatBuffers' verifier does not ask where the items of a vector stand. Ours are read in place.
template <class T>
bool aligned(const flatbuffers::Vector<T> *items) {
    return !items || reinterpret_cast<std::uintptr_t>(items->Data()) % alignof(std::remove_pointer_t<T>) == 0;
}

template <class T, class Stored>
std::span<const T> in_place(const flatbuffers::Vector<Stored> *items) {
    if (!items) return {};
    return {reinterpret_cast<const T *>(items->Data()), items->size()};
}

template <class Table>
model::Fields fields_of(const Table *in) {
    return {in_place<model::FieldValue>(in->fields()), text(in->field_texts())};
}

bool fits(const fbs::Interaction *in) {
    const auto *margins = in->margins();
    if (!aligned(in->lines()) || !aligned(margins) || !aligned(in->fields()) || !aligned(in->answers()))
        return false;
    return !margins || (in->lines() && margins->size() == in->lines()->size());
}

base::Id id_of(const fbs::Id *id) {
    base::Id out;
    if (id) std::memcpy(out.bytes.data(), id, out.bytes.size());
    return out;
}

}  // namespace

model::Party decode_party(const base::Id &id, base::Bytes bytes) {
    const auto *in = root<fbs::Party>(bytes);
    model::Party out;
    out.id = id;
    out.kind = static_cast<model::PartyKind>(in->kind());
    out.roles = in->roles();
    out.name = text(in->name());
    out.language = text(in->language());
    out.time_zone = text(in->time_zone());
    out.tags = text(in->tags());
    out.owner = in->owner();
    out.revision = in->revision();
    out.created = in->created();
    out.changed = in->changed();
    out.fields = fields_of(in);
    return out;
}

std::span<const model::FieldSource> decode_provenance(base::Bytes bytes) {
    const auto *fields = root<fbs::Provenance>(bytes)->fields();
    if (!fields) return {};
    return {reinterpret_cast<const model::FieldSource *>(fields->Data()), fields->size()};
}

model::Identifier decode_identifier(const base::Id &party, std::uint32_t origin, std::uint32_t number,
                                    base::Bytes bytes) {
    const auto *in = root<fbs::Identifier>(bytes);
    model::Identifier out;
    out.party = party;
    out.origin = origin;
    out.number = number;
    out.kind = in->kind();
    out.flags = in->flags();
    out.value = text(in->value());
    out.normalised = in->normalised() ? text(in->normalised()) : out.value;
    out.verified_at = optional(in->verified_at());
    out.valid_from = optional(in->valid_from());
    out.valid_to = optional(in->valid_to());
    out.stamp = in->stamp();
    return out;
}

model::Interaction decode_interaction(const model::InteractionKey &key, base::Bytes bytes) {
    const auto *in = root<fbs::Interaction>(bytes);
    model::Interaction out;
    out.key = key;
    out.stamp = in->stamp();
    out.type = in->type();
    out.system = in->system();
    out.host_key = text(in->key());
    out.amount = optional(in->amount());
    out.base_amount = optional(in->base_amount());
    out.currency = base::Currency(in->currency());
    out.direction = in->direction();
    if (const auto *old = in->corrects()) {
        out.corrects = model::InteractionKey{id_of(&old->party()), old->at(), old->origin(), old->number()};
    }
    out.lines = in_place<model::Line>(in->lines());
    out.medium = in->medium();
    out.scope = in->scope();
    out.topic = in->topic();
    out.outcome = in->outcome();
    out.actor = in->actor();
    out.cost = optional(in->cost());
    out.duration_s = optional(in->duration_s());
    out.owner = in->owner();
    out.campaign = in->campaign();
    out.margins = in_place<std::int64_t>(in->margins());
    out.fields.values = in_place<model::FieldValue>(in->fields());
    out.form = in->form();
    out.round = in->round();
    out.about_kind = in->about_kind();
    out.about = in->about();
    out.answers = in_place<model::Answer>(in->answers());
    return out;
}

InteractionSummary summarise_interaction(base::Bytes bytes) {
    const auto *in = root<fbs::Interaction>(bytes);
    const auto base_amount = in->base_amount();
    return {in->type(), in->corrects() ? 1u : 0u,
            base_amount.has_value() ? *base_amount : in->amount().value_or(0)};
}

model::InteractionPersonal decode_personal(base::Bytes bytes) {
    const auto *in = root<fbs::InteractionPersonal>(bytes);
    return {text(in->with_whom()), text(in->text()), text(in->next_step()), fields_of(in),
            text(in->answers())};
}

model::Request decode_request(const base::Id &id, base::Bytes bytes) {
    const auto *in = root<fbs::Request>(bytes);
    model::Request out;
    out.id = id;
    out.kind = in->kind();
    out.by = in->by();
    out.state = static_cast<model::RequestState>(in->state());
    out.party = id_of(in->party());
    out.to = in->to();
    out.channel = in->channel();
    out.at = in->at();
    out.commitment = id_of(in->commitment());
    out.title = text(in->title());
    out.item = text(in->item());
    out.lease_until = optional(in->lease_until());
    out.ended_at = optional(in->ended_at());
    out.result = text(in->result());
    out.stamp = in->stamp();
    return out;
}

model::Process decode_process(const base::Id &party, const base::Id &id, base::Bytes bytes) {
    const auto *in = root<fbs::Process>(bytes);
    model::Process out;
    out.party = party;
    out.id = id;
    out.definition = in->definition();
    out.version = in->version();
    out.state = in->state();
    out.since = in->since();
    out.started_at = in->started_at();
    out.transitions = in->transitions();
    out.tried_at = optional(in->tried_at());
    out.stamp = in->stamp();
    out.key = text(in->key());
    out.parent = id_of(in->parent());
    out.fields = fields_of(in);
    out.due = in->due();
    out.looks = in->looks();
    out.milestones = in_place<model::Milestone>(in->milestones());
    out.outer_since = in->outer_since() != 0 ? in->outer_since() : out.since;
    out.outer_tried_at = optional(in->outer_tried_at());
    return out;
}

model::Transition decode_transition(const base::Id &party, const base::Id &process, std::uint32_t origin,
                                    std::uint32_t number, base::Bytes bytes) {
    const auto *in = root<fbs::Transition>(bytes);
    model::Transition out;
    out.party = party;
    out.process = process;
    out.origin = origin;
    out.number = number;
    out.stamp = in->stamp();
    out.at = in->at();
    out.from = in->from();
    out.to = in->to();
    out.cause = static_cast<model::Cause>(in->cause());
    out.event = in->event();
    if (out.cause == model::Cause::event) {
        out.interaction = {party, in->event_at(), in->event_origin(), in->event_number()};
    }
    out.version = in->version();
    out.late = in->late();
    out.actor = in->actor();
    out.fields.values = in_place<model::FieldValue>(in->fields());
    out.cleared = in_place<model::Name>(in->cleared());
    out.definition = in->definition();
    out.key = text(in->key());
    out.parent = id_of(in->parent());
    out.inside = in->inside();
    return out;
}

model::Commitment decode_commitment(const base::Id &party, const base::Id &id, base::Bytes bytes) {
    const auto *in = root<fbs::Commitment>(bytes);
    model::Commitment out;
    out.party = party;
    out.id = id;
    out.sort = static_cast<model::CommitmentSort>(in->sort());
    out.state = static_cast<model::CommitmentState>(in->state());
    out.flags = in->flags();
    out.for_kind = static_cast<model::ForKind>(in->for_kind());
    out.told_late = in->told_late();
    out.kind = in->kind();
    out.name = in->name();
    out.title = in->title();
    out.assignee = in->assignee();
    out.owner = in->owner();
    out.debtor = {id_of(in->debtor_party()), in->debtor()};
    out.creditor = {id_of(in->creditor_party()), in->creditor()};
    out.for_record = id_of(in->for_record());
    out.require = in_place<model::Name>(in->require());
    out.artefacts = in_place<model::Name>(in->artefacts());
    out.opened_at = in->opened_at();
    out.due = optional(in->due());
    out.accepted_at = optional(in->accepted_at());
    out.started_at = optional(in->started_at());
    out.ended_at = optional(in->ended_at());
    out.broken_at = optional(in->broken_at());
    out.process = id_of(in->process());
    out.rule = in->rule();
    out.version = in->version();
    out.revision = in->revision();
    out.stamp = in->stamp();
    out.system = in->system();
    out.host_key = text(in->key());
    return out;
}

model::CommitmentPersonal decode_commitment_personal(base::Bytes bytes) {
    const auto *in = root<fbs::CommitmentPersonal>(bytes);
    return {text(in->title()),
            text(in->item()),
            text(in->condition()),
            text(in->compensation()),
            text(in->evidence()),
            text(in->result()),
            in->stamp()};
}

model::DefinitionRecord decode_definition(base::Bytes bytes) {
    const auto *in = root<fbs::Definition>(bytes);
    return {text(in->kind()), text(in->name()), text(in->playbook()),
            text(in->json()), in->version(),    in->stamp()};
}

model::Product decode_product(model::Name key, base::Bytes bytes) {
    const auto *in = root<fbs::Product>(bytes);
    return {key,           text(in->name()), in_place<model::Name>(in->category()), in->revision(),
            in->created(), in->changed()};
}

model::Actor decode_actor(model::Name key, base::Bytes bytes) {
    const auto *in = root<fbs::Actor>(bytes);
    model::Actor out;
    out.key = key;
    out.kind = static_cast<model::ActorKind>(in->kind());
    out.name = text(in->name());
    out.part_of = in->part_of();
    out.active = !in->inactive();
    out.calendar = in->calendar();
    out.skills = in_place<model::CodeValue>(in->skills());
    out.limits = in_place<model::CodeValue>(in->limits());
    out.revision = in->revision();
    out.created = in->created();
    out.changed = in->changed();
    return out;
}

model::Campaign decode_campaign(model::Name key, base::Bytes bytes) {
    const auto *in = root<fbs::Campaign>(bytes);
    model::Campaign out;
    out.key = key;
    out.name = text(in->name());
    out.purpose = in->purpose();
    out.starts_at = optional(in->starts_at());
    out.ends_at = optional(in->ends_at());
    out.budget = optional(in->budget());
    out.revision = in->revision();
    out.created = in->created();
    out.changed = in->changed();
    return out;
}

model::Score decode_score(const model::ScoreKey &key, base::Bytes bytes) {
    const auto *in = root<fbs::Score>(bytes);
    model::Score out;
    out.key = key;
    out.stamp = in->stamp();
    out.nature = static_cast<model::Nature>(in->nature());
    out.number = optional(in->number());
    out.money = optional(in->money());
    out.currency = base::Currency(in->currency());
    out.text = in->text();
    out.period = in->period();
    out.source = in->source();
    out.system = in->system();
    out.host_key = text(in->host_key());
    out.method = in->method();
    out.author = in->author();
    out.definition_version = in->definition_version();
    out.confidence = optional(in->confidence());
    out.spread = optional(in->spread());
    out.n = optional(in->n());
    return out;
}

model::Link decode_link(const model::LinkKey &key, base::Bytes bytes) {
    const auto *in = root<fbs::Link>(bytes);
    model::Link out;
    out.key = key;
    out.stamp = in->stamp();
    out.undone = in->undone();
    out.valid_from = optional(in->valid_from());
    out.valid_to = optional(in->valid_to());
    out.stance = in->stance();
    out.strength = in->strength();
    return out;
}

void decode_changes(std::uint64_t seq, base::Bytes bytes, std::vector<model::Change> &out) {
    const auto *row = root<fbs::Changes>(bytes);
    if (!row->changes()) return;
    auto number = row->first_number();
    for (const auto *in : *row->changes()) {
        model::Change change;
        change.seq = seq++;
        change.stamp = row->stamp();
        change.origin = row->origin();
        change.number = number++;
        change.kind = static_cast<model::ChangeKind>(in->kind());
        change.operation = static_cast<model::Operation>(in->operation());
        change.changed = in->changed();
        change.party = id_of(&in->party());
        change.record = id_of(&in->record());
        change.name = in->name();
        change.from = in->from();
        change.to = in->to();
        if (in->has_at()) change.at = in->at();
        out.push_back(change);
    }
}

bool verify(Kind kind, base::Bytes bytes) {
    // Records are flat: nesting and table counts far below the library's defaults, which a crafted
    // buffer of 400 bytes can turn into milliseconds.
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size(), 16,
                                   1000);
    switch (kind) {
        case Kind::party:
            return verifier.VerifyBuffer<fbs::Party>(nullptr) && aligned(root<fbs::Party>(bytes)->fields());
        case Kind::provenance:
            return verifier.VerifyBuffer<fbs::Provenance>(nullptr) &&
                   aligned(root<fbs::Provenance>(bytes)->fields());
        case Kind::identifier:
            return verifier.VerifyBuffer<fbs::Identifier>(nullptr);
        case Kind::interaction:
            return verifier.VerifyBuffer<fbs::Interaction>(nullptr) && fits(root<fbs::Interaction>(bytes));
        case Kind::personal:
            return verifier.VerifyBuffer<fbs::InteractionPersonal>(nullptr) &&
                   aligned(root<fbs::InteractionPersonal>(bytes)->fields());
        case Kind::request:
            return verifier.VerifyBuffer<fbs::Request>(nullptr);
        case Kind::process:
            return verifier.VerifyBuffer<fbs::Process>(nullptr) &&
                   aligned(root<fbs::Process>(bytes)->fields()) &&
                   aligned(root<fbs::Process>(bytes)->milestones());
        case Kind::transition:
            return verifier.VerifyBuffer<fbs::Transition>(nullptr) &&
                   aligned(root<fbs::Transition>(bytes)->fields());
        case Kind::commitment:
            return verifier.VerifyBuffer<fbs::Commitment>(nullptr) &&
                   aligned(root<fbs::Commitment>(bytes)->require()) &&
                   aligned(root<fbs::Commitment>(bytes)->artefacts());
        case Kind::commitment_personal:
            return verifier.VerifyBuffer<fbs::CommitmentPersonal>(nullptr);
        case Kind::definition:
            return verifier.VerifyBuffer<fbs::Definition>(nullptr);
        case Kind::product:
            return verifier.VerifyBuffer<fbs::Product>(nullptr) &&
                   aligned(root<fbs::Product>(bytes)->category());
        case Kind::actor:
            return verifier.VerifyBuffer<fbs::Actor>(nullptr) && aligned(root<fbs::Actor>(bytes)->skills()) &&
                   aligned(root<fbs::Actor>(bytes)->limits());
        case Kind::campaign:
            return verifier.VerifyBuffer<fbs::Campaign>(nullptr);
        case Kind::score:
            return verifier.VerifyBuffer<fbs::Score>(nullptr);
        case Kind::link:
            return verifier.VerifyBuffer<fbs::Link>(nullptr);
        case Kind::changes:
            return verifier.VerifyBuffer<fbs::Changes>(nullptr) &&
                   aligned(root<fbs::Changes>(bytes)->changes());
    }
    return false;
}

}  // namespace kith::record
