#include "engine/session.hpp"

#include <kith/base.h>

#include <algorithm>

#include "base/text.hpp"
#include "engine/behaviour.hpp"
#include "engine/claims.hpp"
#include "engine/store.hpp"
#include "engine/values.hpp"
#include "feed/origin.hpp"
#include "feed/stamp.hpp"
#include "rules/waiting.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

Session::Session(store::Writer &writer, Store &store, const Config &config, const Head &head,
                 const Circumstances &circumstances)
    : store_(store),
      config_(config),
      zone_(store.zone()),
      names_(store.names()),
      meta_(head.meta),
      catalog_(head.catalog),
      circumstances_(circumstances),
      writer_(writer),
      overlay_(writer) {
    catalog_revision_ = meta_.definitions_revision;
    meta_.stamp = feed::next_stamp(meta_.stamp, circumstances.now);
    counts_.stamp = meta_.stamp;
    tells_deeds_ = store.tells_deeds();
    for (const auto &[text, name] : head.names) {
        codes_.emplace(text, name);
        new_texts_.emplace(name, text);
    }
}

Session::~Session() = default;

base::Result<void> Session::prepare(std::size_t items) {
    subjects_.reserve(items);
    changes_.reserve(items * 3);
    for (auto [text, code] : {std::pair(model::kOrder, &order_), std::pair(model::kReturn, &return_)}) {
        const auto given =
            codes_.find(text);  // in this transaction; the file's dictionary must not keep that
        if (given != codes_.end()) {
            *code = given->second;
            continue;
        }
        KITH_LET(known, names_.find(writer_, text));
        *code = known.value_or(0);
    }
    KITH_LET(corrections, writer_.count(Table::corrected));
    corrections_ = corrections > 0;
    KITH_LET(products, writer_.count(Table::products));
    products_ = products > 0;
    return {};
}

base::Result<Outcome> Session::apply(const Batch &batch, const Item &item, std::span<const Outcome> before) {
    struct Visitor {
        Session &session;
        const Batch &batch;
        std::span<const Outcome> before;
        base::Result<Outcome> operator()(const PartyItem &i) { return session.apply_party(i, before); }
        base::Result<Outcome> operator()(const IdentifierItem &i) {
            return session.apply_identifier(i, before);
        }
        base::Result<Outcome> operator()(const InteractionItem &i) {
            return session.apply_interaction(i, before);
        }
        base::Result<Outcome> operator()(const CommitmentItem &i) { return session.apply_commitment(i); }
        base::Result<Outcome> operator()(const NewCommitmentItem &i) {
            return session.apply_commitment(i, before);
        }
        base::Result<Outcome> operator()(const CommitmentChangeItem &i) {
            return session.apply_commitment(i);
        }
        base::Result<Outcome> operator()(const ResumeItem &i) { return session.apply_resume(i); }
        base::Result<Outcome> operator()(const RequestItem &i) { return session.apply_request(i); }
        base::Result<Outcome> operator()(const DefineItem &i) {
            return session.apply_playbook(batch.playbook(i));
        }
        base::Result<Outcome> operator()(const ProductItem &i) { return session.apply_product(i); }
        base::Result<Outcome> operator()(const ActorItem &i) { return session.apply_actor(i); }
        base::Result<Outcome> operator()(const CampaignItem &i) { return session.apply_campaign(i); }
        base::Result<Outcome> operator()(const ScoreItem &i) { return session.apply_score(i, before); }
        base::Result<Outcome> operator()(const LinkItem &i) { return session.apply_link(i, before); }
        base::Result<Outcome> operator()(const ProcessItem &i) { return session.apply_process(i, before); }
    };
    KITH_LET(outcome, std::visit(Visitor{*this, batch, before}, item));
    switch (outcome.result) {
        case ItemResult::created:
        case ItemResult::corrected:
            ++counts_.created;
            break;
        case ItemResult::existing:
        case ItemResult::unchanged:
            ++counts_.existing;
            break;
        case ItemResult::changed:
            ++counts_.changed;
            break;
        case ItemResult::skipped:
            ++counts_.skipped;
            break;
    }
    return outcome;
}

// ---- marks ----

base::Result<model::Name> Session::name(std::string_view text) {
    if (text.empty()) return model::Name{0};
    if (const auto it = codes_.find(text); it != codes_.end()) return it->second;
    KITH_LET(known, names_.find(writer_, text));
    const auto kept = texts_.copy(text);
    if (!known) {
        known = ++meta_.last_name;
        overlay_.put(Table::names, index::name_code(*known), base::bytes_of(kept));
        overlay_.put(Table::names, index::name_text(kept), base::bytes_of_object(*known));
        new_names_.emplace_back(kept, *known);
        new_texts_.emplace(*known, kept);
    }
    codes_.emplace(kept, *known);
    return *known;
}

base::Id Session::new_id() {
    std::array<std::byte, 10> random;
    std::copy_n(circumstances_.random.begin(), random.size(), random.begin());
    meta_.last_id = base::next_id(meta_.last_id, circumstances_.now / 1000, random);
    return meta_.last_id;
}

base::Result<void> Session::use_number() {
    if (meta_.origin == 0 || meta_.number == UINT32_MAX) {
        std::uint32_t random;
        std::memcpy(&random, circumstances_.random.data() + 10, sizeof random);
        KITH_LET(row, feed::mint_origin(writer_, random, config_.device, circumstances_.now));
        meta_.origin = row.origin;
        meta_.number = 0;
        overlay_.put(Table::origins, index::by_number(row.origin), row.payload);
    }
    ++meta_.number;
    return {};
}

base::Result<std::uint32_t> Session::record_change(model::Change change) {
    KITH_TRY(use_number());
    change.seq = ++meta_.feed_last;
    if (meta_.feed_first == 0) meta_.feed_first = change.seq;
    if (counts_.first_seq == 0) counts_.first_seq = change.seq;
    counts_.last_seq = change.seq;
    change.stamp = meta_.stamp;
    change.origin = meta_.origin;
    change.number = meta_.number;
    changes_.push_back(change);
    return change.number;
}

// ---- references and parties ----

base::Result<Subject *> Session::subject(const base::Id &id) {
    if (const auto it = subjects_.find(id); it != subjects_.end()) return it->second.get();
    // Every party has figures; its record is read when it is asked for.
    KITH_LET(counters, writer_.get(Table::counters, index::by_id(id)));
    if (!counters) return nullptr;
    auto loaded = std::make_unique<Subject>();
    loaded->party.id = id;
    KITH_LET(figures, decode_figures(counters->payload));
    loaded->row = std::move(figures);
    KITH_LET(processes, processes_of(counters->payload));
    loaded->stored_processes = processes;
    return subjects_.emplace(id, std::move(loaded)).first->second.get();
}

base::Result<void> Session::load_party(Subject &subject) {
    if (subject.party_loaded) return {};
    subject.party_loaded = true;
    KITH_LET(row, writer_.get(Table::parties, index::row(subject.party.id, index::Tag::party)));
    if (!row) return base::fail(Status::corrupt, "a party's record is missing: run kith verify");
    subject.party = record::decode_party(subject.party.id, row->payload);
    return {};
}

base::Result<std::optional<base::Id>> Session::find_claim(const Ref &ref) {
    KITH_LET(kind, name(ref.kind));
    if (ref.by == Ref::By::host) {
        std::string composed;
        auto text = ref.text;
        if (!base::is_ascii(text)) {
            KITH_LET(nfc, base::to_nfc(text));
            composed = std::move(nfc);
            text = composed;
        }
        KITH_LET(row, overlay_.get(Table::claims, index::claim(kind, index::Claim::host, text)));
        return row ? std::optional(base::Id::from(*row)) : std::nullopt;
    }
    KITH_LET(text, base::normalise_identifier(ref.kind, ref.text));
    KITH_LET(row, overlay_.get(Table::claims, index::claim(kind, index::Claim::unique, text)));
    if (row) return std::optional(base::Id::from(*row));
    KITH_LET(sharing, shared_claim(writer_, kind, text));
    const auto prefix = index::claim(kind, index::Claim::shared, text);
    for (const auto claim : new_shared_) {
        if (!claim.starts_with(base::text_of(prefix))) continue;
        if (sharing) return several_share();
        sharing = base::Id::from(base::bytes_of(claim).subspan(prefix.size()));
    }
    return sharing;
}

base::Result<Subject *> Session::create_party(const base::Id &wanted_id, bool anonymous,
                                              std::uint32_t fields) {
    auto created = std::make_unique<Subject>();
    auto &party = created->party;
    party.id = wanted_id ? wanted_id : new_id();
    party.kind = anonymous ? model::PartyKind::anonymous : model::PartyKind::person;
    party.revision = 1;
    party.created = party.changed = meta_.stamp;
    created->row.anonymous = anonymous;
    created->is_new = created->party_loaded = created->party_changed = created->figures_changed = true;
    created->instances_loaded = created->commitments_loaded = true;
    ++counts_.parties_created;
    auto change = model::change_of(model::ChangeKind::party, model::Operation::created, party.id, party.id);
    change.changed = fields;
    KITH_TRY(record_change(change));
    return subjects_.emplace(party.id, std::move(created)).first->second.get();
}

base::Result<Subject *> Session::find_party(const Ref &ref, std::span<const Outcome> before) {
    switch (ref.by) {
        case Ref::By::none:
            return nullptr;
        case Ref::By::item:
            return subject(before[ref.item].party);
        case Ref::By::id:
            return subject(ref.id);
        case Ref::By::host:
        case Ref::By::identifier:
            break;
    }
    KITH_LET(claimed, find_claim(ref));
    if (!claimed) return nullptr;
    return subject(*claimed);
}

// The party a reference names, `found` if it is there, else made if the flags say so.
base::Result<Subject *> Session::require(Subject *found, const Ref &ref, const ItemFlags &flags,
                                         const base::Id &wanted_id, std::uint32_t fields, bool &created) {
    using By = Ref::By;
    created = false;
    if (found) return found;
    const bool names_claim = ref.by == By::host || ref.by == By::identifier;
    IdentifierItem claim;
    claim.kind = ref.kind;
    claim.value = ref.text;
    if (wanted_id) {
        KITH_LET(named, subject(wanted_id));
        found = named;
        // A known party under a new key: the key is one more of its own.
        if (found && names_claim) KITH_TRY(add_identifier(*found, claim, ref.by == By::host));
    }
    if (found) return found;
    if (!flags.create && !flags.create_anonymous) {
        return base::fail(Status::missing, "the reference finds no party: check it, or ask to create one");
    }
    created = true;
    KITH_LET(made, create_party(ref.by == By::id ? ref.id : wanted_id, flags.create_anonymous, fields));
    if (names_claim) KITH_TRY(add_identifier(*made, claim, ref.by == By::host));
    return made;
}

base::Result<ItemResult> Session::add_identifier(Subject &subject, const IdentifierItem &item, bool host) {
    const auto &party = subject.party.id;
    auto normal = host ? base::to_nfc(item.value) : base::normalise_identifier(item.kind, item.value);
    if (!normal) return normal.take_error();
    KITH_LET(kind, name(item.kind));
    const auto sort = host ? index::Claim::host : item.shared ? index::Claim::shared : index::Claim::unique;
    auto claim = index::claim(kind, sort, *normal);
    if (item.shared) claim.add(party);
    KITH_LET(owner, overlay_.get(Table::claims, claim));
    if (owner) {
        if (base::Id::from(*owner) == party) return update_identifier(subject, item, kind, *normal);
        return base::fail(
            Status::conflict,
            "the identifier belongs to another party: mark it as shared, or correct one of the two");
    }
    KITH_LET(number, record_change(model::change_of(model::ChangeKind::identifier, model::Operation::created,
                                                    party, {}, kind)));
    overlay_.put(Table::claims, claim, party.view());
    if (item.shared) new_shared_.push_back(texts_.copy(base::text_of(claim)));
    model::Identifier record;
    record.kind = kind;
    record.flags =
        (item.shared ? model::identifier_flag::shared : 0) | (host ? model::identifier_flag::host : 0);
    record.value = item.value;
    record.normalised = *normal;
    record.verified_at = item.verified_at;
    record.valid_from = item.valid_from;
    record.valid_to = item.valid_to;
    record.stamp = meta_.stamp;
    subject.new_identifiers.push_back(index::identifier(party, meta_.origin, number));
    overlay_.put(Table::parties, subject.new_identifiers.back(), encoder_.encode(record));
    return ItemResult::created;
}

base::Result<std::vector<index::Key>> Session::identifier_rows(const Subject &subject) {
    std::vector<index::Key> rows;
    const auto prefix = index::row(subject.party.id, index::Tag::identifier);
    KITH_LET(cursor, writer_.cursor(Table::parties));
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        rows.push_back(index::Key().add(cursor.key()));
        KITH_LET(more, cursor.next());
        found = more;
    }
    rows.insert(rows.end(), subject.new_identifiers.begin(), subject.new_identifiers.end());
    return rows;
}

// The party has it already; what is said of it may be new.
base::Result<ItemResult> Session::update_identifier(Subject &subject, const IdentifierItem &item,
                                                    model::Name kind, std::string_view normalised) {
    if (!item.verified_at && !item.valid_from && !item.valid_to) return ItemResult::existing;
    KITH_LET(rows, identifier_rows(subject));
    for (const auto &key : rows) {
        // As this batch sees it: an earlier item may have told something else of it.
        KITH_LET(row, overlay_.get(Table::parties, key));
        auto record = record::decode_identifier(subject.party.id, 0, 0, *row);
        const bool shared = record.flags & model::identifier_flag::shared;
        if (record.kind != kind || record.normalised != normalised || shared != item.shared ||
            record.flags & model::identifier_flag::host) {
            continue;
        }
        const auto before = std::tuple(record.verified_at, record.valid_from, record.valid_to);
        if (item.verified_at) record.verified_at = item.verified_at;
        if (item.valid_from) record.valid_from = item.valid_from;
        if (item.valid_to) record.valid_to = item.valid_to;
        if (before == std::tuple(record.verified_at, record.valid_from, record.valid_to)) break;
        record.stamp = meta_.stamp;
        KITH_TRY(record_change(model::change_of(model::ChangeKind::identifier, model::Operation::changed,
                                                subject.party.id, {}, kind)));
        overlay_.put(Table::parties, key, encoder_.encode(record));
        return ItemResult::changed;
    }
    return ItemResult::existing;
}

base::Result<Outcome> Session::apply_party(const PartyItem &item, std::span<const Outcome> before) {
    namespace field = model::party_field;
    bool created = false;
    const auto seq_before = meta_.feed_last;
    KITH_LET(known, find_party(item.ref, before));
    KITH_LET(found,
             require(known, item.ref, item.flags, item.party.id, item.fields & ~field::revision, created));
    const bool claimed = !created && meta_.feed_last != seq_before;
    KITH_TRY(load_party(*found));
    auto &party = found->party;
    if (!created && item.flags.must_not_exist) {
        return base::fail(Status::exists,
                          "the party is there already: leave out must_not_exist to change it");
    }
    if (item.fields & field::revision && item.party.revision != (created ? 0 : party.revision)) {
        return base::fail(Status::conflict,
                          "the party has changed since it was read: read it again, then put");
    }
    std::uint32_t changed = 0;
    const auto set = [&](std::uint32_t bit, auto &target, const auto &value) {
        if (!(item.fields & bit) || target == value) return;
        target = value;
        changed |= bit;
    };
    set(field::kind, party.kind, item.party.kind);
    set(field::roles, party.roles, item.party.roles);
    set(field::name, party.name, item.party.name);
    set(field::language, party.language, item.party.language);
    set(field::time_zone, party.time_zone, item.party.time_zone);
    set(field::tags, party.tags, item.party.tags);
    KITH_LET(values, set_values(party, item.values));
    if (!values.empty()) changed |= field::values;
    if (changed != 0 || created) KITH_TRY(check_required(party));
    KITH_LET(owner, name(item.owner));
    const auto owner_before = party.owner;
    set(field::owner, party.owner, owner);
    if (found->row.owner != party.owner) {
        found->row.owner = party.owner;
        found->figures_changed = true;
    }

    const bool anonymous = party.kind == model::PartyKind::anonymous;
    if (found->row.anonymous != anonymous) {
        found->row.anonymous = anonymous;  // whose orders have no gaps
        KITH_TRY(load_instances(*found));
        KITH_TRY(recount(*found));
    }
    Outcome outcome{created   ? ItemResult::created
                    : claimed ? ItemResult::changed
                              : ItemResult::unchanged,
                    party.id,
                    {},
                    created};
    if (created)
        changed |=
            item.fields & ~(field::revision | field::values);  // set, be it to what a new party has anyway
    if (!created && changed != 0) {
        KITH_TRY(load_instances(*found));
        KITH_TRY(raise_party(changed, owner_before, party.owner));
    }
    KITH_TRY(settle_by_hand(*found, created, changed != 0));
    if (changed == 0) return outcome;
    found->party_changed = true;
    model::Name source = 0;
    if (item.ref.by == Ref::By::host) {
        KITH_LET(system, name(item.ref.kind));
        source = system;
    }
    KITH_TRY(write_provenance(*found, changed, values, source));
    if (created) return outcome;
    ++party.revision;
    party.changed = meta_.stamp;
    auto change = model::change_of(model::ChangeKind::party, model::Operation::changed, party.id, party.id);
    change.changed = changed;
    KITH_TRY(record_change(change));
    outcome.result = ItemResult::changed;
    return outcome;
}

// Told to who waits for it, with what is looked at next.
base::Result<void> Session::raise_party(std::uint32_t changed, model::Name owner_before, model::Name owner) {
    const auto tell = [&](std::string_view type, model::Name from, model::Name to) -> base::Result<void> {
        if (!behaviour().waits_for(type)) return {};
        Happening one;
        KITH_LET(was, text(from));
        KITH_LET(is, text(to));
        one.view = {type, {}, was, is, instant_by_hand(), false};
        one.cause.cause = model::Cause::hand;
        one.cause.at = one.view.at;
        KITH_LET(event, name(type));
        one.cause.event = event;
        one.depth = 1;
        behaviour().raise(one);
        return {};
    };
    KITH_TRY(tell("party.changed", 0, 0));
    return changed & model::party_field::owner ? tell("party.owner_changed", owner_before, owner)
                                               : base::Result<void>();
}

base::Result<void> Session::write_provenance(const Subject &subject, std::uint32_t fields,
                                             std::span<const model::Name> values, model::Name source) {
    const auto key = index::by_id(subject.party.id);
    KITH_LET(stored, overlay_.get(Table::provenance, key));
    std::vector<model::FieldSource> sources;
    if (stored) {
        const auto old = record::decode_provenance(*stored);
        sources.assign(old.begin(), old.end());
    }
    const auto set = [&](std::uint32_t field) {
        const auto at = std::ranges::lower_bound(sources, field, {}, &model::FieldSource::field);
        const model::FieldSource now{field, source, meta_.stamp};
        if (at != sources.end() && at->field == field) {
            *at = now;
        } else {
            sources.insert(at, now);
        }
    };
    for (std::uint32_t bit = 1; bit <= fields; bit <<= 1) {
        if (fields & bit & ~model::party_field::values) set(bit);
    }
    for (const auto value : values) set(model::party_field::typed | value);
    overlay_.put(Table::provenance, key, encoder_.encode(sources));
    return {};
}

base::Result<Outcome> Session::apply_identifier(const IdentifierItem &item, std::span<const Outcome> before) {
    bool created = false;
    KITH_LET(known, find_party(item.ref, before));
    KITH_LET(found, require(known, item.ref, item.flags, {}, 0, created));
    KITH_LET(added, add_identifier(*found, item, false));
    KITH_TRY(settle_by_hand(*found, created, false));
    const auto result = created ? ItemResult::created : added;  // a new party may have it by the reference
    if (result != ItemResult::created && item.flags.must_not_exist) {
        return base::fail(Status::exists, "the party has this identifier already");
    }
    return Outcome{result, found->party.id, {}, created};
}

// ---- definitions ----

base::Result<Outcome> Session::apply_playbook(const rules::Playbook &playbook) {
    if (const auto mistakes = check_beside(*catalog_, playbook); !mistakes.empty())
        return rules::error_of(mistakes);
    auto result = ItemResult::unchanged;
    auto next = std::make_shared<Catalog>(*catalog_);
    const auto store = [&](std::string_view kind, const std::string &definition_name,
                           const std::string &json) -> base::Result<std::uint32_t> {
        KITH_LET(version, store_definition(kind, definition_name, playbook.name, json));
        if (version != 0) {
            result =
                version == 1 && result != ItemResult::changed ? ItemResult::created : ItemResult::changed;
        }
        return version;
    };
    for (const auto &setting : playbook.settings) {
        if (playbook.name.empty() && !catalog_->has_setting(setting.name)) {
            return base::fail(Status::missing, "there is no setting of this name: a playbook brings it");
        }
        KITH_LET(version, store(kSetting, setting.name, setting.json));
        if (version != 0) add_installed(*next, {nullptr, setting, version});
    }
    if (!playbook.labels_json.empty()) KITH_TRY(store(kLabels, playbook.name, playbook.labels_json));
    for (const auto &definition : playbook.definitions) {
        if (const auto *type = std::get_if<rules::Type>(&definition.body))
            KITH_TRY(check_type(definition, *type));
        KITH_LET(version, store(definition.kind, definition.name, definition.json));
        if (version == 0) continue;
        KITH_TRY(begin_build(definition, version));
        KITH_TRY(
            add_definition(*next, definition, version, [&](std::string_view text) { return name(text); }));
    }
    if (result != ItemResult::unchanged) KITH_TRY(install(std::move(next)));
    return Outcome{result, {}, {}, false};
}

// Its version; 0 if it is there with the same text.
base::Result<std::uint32_t> Session::store_definition(std::string_view kind,
                                                      const std::string &definition_name,
                                                      const std::string &playbook, const std::string &json) {
    std::uint32_t version = 0;
    bool same = false;
    while (true) {
        KITH_LET(row,
                 overlay_.get(Table::definitions, index::definition(kind, definition_name, version + 1)));
        if (!row) break;
        ++version;
        const auto before = record::decode_definition(*row);
        // A setting that was changed by hand stays so whatever its playbook says.
        same = before.json == json || (before.playbook.empty() && !playbook.empty());
    }
    if (same) return std::uint32_t{0};
    KITH_LET(stored_before, writer_.count(Table::definitions));
    if (stored_before + meta_.definitions_revision - catalog_revision_ >= KITH_MAX_DEFINITIONS) {
        return base::fail(Status::limit, "the file is full of definitions: at most 10,000 versions");
    }
    ++version;
    const model::DefinitionRecord stored{kind, definition_name, playbook, json, version, meta_.stamp};
    overlay_.put(Table::definitions, index::definition(kind, definition_name, version),
                 encoder_.encode(stored));
    ++meta_.definitions_revision;
    KITH_LET(code, name(definition_name));
    KITH_TRY(record_change(model::change_of(
        model::ChangeKind::definition, version == 1 ? model::Operation::created : model::Operation::changed,
        {}, {}, code)));
    return version;
}

// ---- deeds ----

void Session::note(const Subject &subject, std::string_view by, std::string_view what, std::string detail,
                   base::Micros at) {
    if (!tells_deeds_) return;
    if (by.starts_with(rules::kWaitingPrefix)) by.remove_prefix(rules::kWaitingPrefix.size());
    deeds_.push_back({std::string(by), std::string(what), subject.party.id, at, std::move(detail)});
}

base::Result<void> Session::note(Subject &subject, const model::Commitment &commitment,
                                 model::Operation operation, bool moved, base::Micros at) {
    const bool late = operation == model::Operation::late;
    if (!tells_deeds_ || (operation == model::Operation::changed && !moved)) return {};
    const auto called = [&](model::Name one) {
        return one == 0 ? base::Result<std::string_view>(std::string_view()) : text(one);
    };
    KITH_LET(by, called(commitment.rule));
    KITH_LET(kind, called(commitment.name ? commitment.name : commitment.kind));
    KITH_LET(title, called(commitment.title));
    KITH_LET(assignee, called(commitment.assignee));
    if (const auto *instance = find_instance(subject, commitment.process))
        by = instance->definition->chart().name;
    std::string detail(late ? "late" : model::word_of(commitment.state));
    for (const auto part : {title.empty() ? kind : title, assignee}) {
        if (!part.empty()) detail.append(", ").append(part);
    }
    note(subject, by, model::word_of(commitment.sort), std::move(detail), at);
    return {};
}

// ---- the end ----

void Session::stage(Subject &subject) {
    const auto &party = subject.party;
    if (subject.party_changed) {
        overlay_.add(Table::parties, index::row(party.id, index::Tag::party), encoder_.encode(party));
    }
    note_commitments_due(subject);
    bool changed = subject.figures_changed;
    for (auto &membership : subject.memberships) {
        stage_membership(subject, membership);
        changed = changed || membership.changed;
    }
    for (auto &instance : subject.instances) {
        stage_instance(subject, instance);
        changed = changed || instance.changed;
    }
    if (changed) {
        encode(subject.row, figures_bytes_);
        figures_bytes_.insert(figures_bytes_.end(), subject.stored_processes.begin(),
                              subject.stored_processes.end());
        for (const auto &membership : subject.memberships) {
            if (membership.stored.times == 0 && membership.wake == kNever) continue;
            append({watched_id(membership.kind, membership.name), membership.wake,
                    base::bytes_of_object(membership.stored)},
                   figures_bytes_);
        }
        for (const auto &instance : subject.instances) {
            const auto record = encoder_.encode(instance.process);
            if (is_past(subject, instance)) {
                overlay_.add(Table::rows, index::process(party.id, instance.process.id), record);
            } else {
                append({instance.process.id, instance.wake, record}, figures_bytes_);
            }
        }
        overlay_.add(Table::counters, index::by_id(party.id), figures_bytes_);
    }
    for (const auto &open : subject.commitments) stage_commitment(open);
}

void Session::stage_instance(const Subject &, Instance &instance) {
    auto &process = instance.process;
    process.milestones = instance.milestones;
    if (instance.state_before != process.state) {
        if (instance.state_before == 0) {
            overlay_.add(Table::subjects, index::by_id(process.id), process.party.view());
        } else {
            overlay_.remove(Table::states, index::state(process.definition, instance.state_before,
                                                        process.party, process.id));
        }
    }
    if (instance.state_before != process.state || instance.since_before != process.since) {
        overlay_.add(Table::states,
                     index::state(process.definition, process.state, process.party, process.id),
                     base::bytes_of_object(process.since));
    }
    // Most events put the due time off. The row stays where it is: run_due moves it on when it comes to it.
    // No timer is due before its state was entered.
    const auto key = [&](base::Micros at) { return index::timer({at, process.party, process.id}); };
    const auto due = instance.due();
    if (instance.wake != kNever && instance.ended) {
        overlay_.remove(Table::timers, key(instance.wake));
        instance.wake = kNever;
        instance.changed = true;
    }
    if (instance.ended || process.since >= instance.wake || due >= instance.wake) return;
    if (instance.wake != kNever) overlay_.remove(Table::timers, key(instance.wake));
    instance.wake = due;
    instance.changed = true;
    overlay_.add(Table::timers, key(instance.wake), {});
}

// One that ended before another of its process did: it stands in a row of its own.
bool Session::is_past(const Subject &subject, const Instance &instance) const {
    if (!instance.ended) return false;
    const auto order = [](const Instance &one) { return std::pair(one.process.since, one.process.id); };
    return std::ranges::any_of(subject.instances, [&](const Instance &other) {
        return other.ended && other.process.definition == instance.process.definition &&
               order(other) > order(instance);
    });
}

void Session::stage_feed() {
    for (std::size_t i = 0; i < changes_.size();) {
        auto end = i + 1;
        while (end < changes_.size() && end - i < record::kChangesPerRow &&
               changes_[end].origin == changes_[i].origin) {
            ++end;
        }
        overlay_.add(Table::feed, index::by_number(changes_[i].seq),
                     encoder_.encode(std::span(changes_).subspan(i, end - i)));
        i = end;
    }
}

base::Result<void> Session::finish(store::Writer &writer, Head &head) {
    // Party by party, so that the rows of the clustered tree come out in order.
    std::vector<Subject *> parties;
    parties.reserve(subjects_.size());
    for (const auto &[id, subject] : subjects_) parties.push_back(subject.get());
    std::sort(parties.begin(), parties.end(),
              [](const auto *a, const auto *b) { return a->party.id < b->party.id; });
    for (auto *party : parties) stage(*party);
    if (behaviour_) behaviour_->stage();
    stage_feed();
    stage_segments();
    KITH_TRY(stage_sums());
    KITH_TRY(overlay_.flush(writer));
    head.meta = meta_;
    head.catalog = catalog_;
    for (const auto &[text, name] : new_names_) head.names.emplace_back(text, name);
    std::ranges::move(deeds_, std::back_inserter(head.deeds));
    return write_meta(writer, meta_);
}

}  // namespace kith::engine
