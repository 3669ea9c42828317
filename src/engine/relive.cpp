#include "engine/relive.hpp"

#include <algorithm>
#include <bit>
#include <deque>

#include "engine/behaviour.hpp"
#include "engine/forms.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using store::Table;

namespace {

Occasion occasion_of(Occasion::Of of, base::Micros at, base::Bytes key) {
    Occasion one;
    one.of = of;
    one.at = std::clamp(at, base::kMinTime, base::kMaxTime);
    std::ranges::copy(key, one.key.begin());
    return one;
}

base::Id party_in(const Occasion &occasion) { return base::Id::from(base::Bytes(occasion.key).first(16)); }

Ref by_id(const base::Id &id) {
    Ref ref;
    ref.by = Ref::By::id;
    ref.id = id;
    return ref;
}

// Every row under a prefix.
template <class Take>
base::Result<void> each_under(const store::Reader &reader, Table table, base::Bytes prefix, base::Bytes from,
                              const Take &take) {
    KITH_LET(cursor, reader.cursor(table));
    KITH_LET(first, from.empty() ? cursor.first() : cursor.seek(from));
    for (bool found = first; found && index::starts_with(cursor.key(), prefix);) {
        KITH_LET(row, cursor.value());
        KITH_TRY(take(cursor.key(), row.payload));
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

// What kith works out by itself it works out once more.
bool is_of_kith(const model::Score &score) {
    return score.nature == model::Nature::computed && score.system == 0 && score.source == 0 &&
           score.author == 0;
}

}  // namespace

// When a party is first heard of: history may be imported after it happened.
base::Result<base::Micros> Reliving::appears(const base::Id &party) {
    const auto &reader = snapshot_.reader();
    auto at = base::kMaxTime;
    KITH_LET(row, reader.get(Table::parties, index::row(party, index::Tag::party)));
    if (row) at = model::wall_of(record::decode_party(party, row->payload).created);
    KITH_LET(cursor, reader.cursor(Table::rows));
    KITH_LET(found, cursor.seek(index::interactions_from(party, base::kMinTime)));
    if (found && index::starts_with(cursor.key(), party.view()))
        at = std::min(at, index::interaction_key(cursor.key()).at);
    return at;
}

base::Result<void> Reliving::each_occasion(base::Micros after, base::Micros until,
                                           const std::function<void(const Occasion &)> &take) {
    const auto &reader = snapshot_.reader();
    const auto give = [&](const Occasion &one) {
        if (one.at > after && one.at <= until) take(one);
    };
    KITH_LET(corrections, reader.count(Table::corrected));
    KITH_TRY(
        each_under(reader, Table::counters, {}, {}, [&](base::Bytes key, base::Bytes) -> base::Result<void> {
            const auto party = base::Id::from(key);
            KITH_LET(at, appears(party));
            give(occasion_of(Occasion::Of::party, at, party.view()));
            const auto from = index::interactions_from(party, std::max(after, base::kMinTime));
            KITH_TRY(each_under(reader, Table::rows, party.view(), from,
                                [&](base::Bytes row, base::Bytes) -> base::Result<void> {
                                    // The last of what was put right is lived, as if it had been right.
                                    if (corrections) {
                                        KITH_LET(corrected, reader.get(Table::corrected, row));
                                        if (corrected) return {};
                                    }
                                    give(occasion_of(Occasion::Of::interaction,
                                                     index::interaction_key(row).at, row));
                                    return {};
                                }));
            const auto moves = index::row(party, index::Tag::transition);
            KITH_TRY(each_under(reader, Table::rows, moves, moves,
                                [&](base::Bytes row, base::Bytes) -> base::Result<void> {
                                    const auto origin = base::load_big32(row.data() + 40),
                                               number = base::load_big32(row.data() + 44);
                                    KITH_LET(fact, reads_.fact(origin, number));
                                    const auto log = record::decode_transition(
                                        party, base::Id::from(row.subspan(24, 16)), origin, number, fact);
                                    if (log.cause == model::Cause::hand && !is_watched(log.process))
                                        give(occasion_of(Occasion::Of::process, log.at, row));
                                    return {};
                                }));
            const auto owed = index::row(party, index::Tag::commitment);
            return each_under(
                reader, Table::rows, owed, owed,
                [&](base::Bytes row, base::Bytes payload) -> base::Result<void> {
                    const auto one =
                        record::decode_commitment(party, base::Id::from(row.subspan(24, 16)), payload);
                    if (one.rule != 0 || one.process) return {};
                    give(occasion_of(Occasion::Of::made, one.opened_at, row));
                    using enum model::CommitmentState;
                    const auto moved = [&](std::optional<base::Micros> when, model::CommitmentState state) {
                        if (!when) return;
                        auto occasion = occasion_of(Occasion::Of::moved, *when, row);
                        occasion.state = static_cast<std::uint8_t>(state);
                        give(occasion);
                    };
                    moved(one.accepted_at, accepted);
                    moved(one.started_at, doing);
                    if (one.state == kept || one.state == waived || one.state == cancelled)
                        moved(one.ended_at, one.state);
                    return {};
                });
        }));
    KITH_TRY(each_under(reader, Table::scores, {}, {},
                        [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
                            const auto score = record::decode_score(index::score_key(key), payload);
                            if (!is_of_kith(score)) give(occasion_of(Occasion::Of::score, score.key.at, key));
                            return {};
                        }));
    // The last between two ends says whether it stands.
    std::optional<model::Link> last;
    const auto link = [&]() -> base::Result<void> {
        if (!last || last->undone) return {};
        KITH_LET(there, appears(last->key.to));
        auto at = there;
        if (last->key.from.kind == model::SubjectKind::party) {
            KITH_LET(here, appears(last->key.from.party));
            at = std::max(at, here);
        }
        give(occasion_of(Occasion::Of::link, at, index::link(last->key)));
        return {};
    };
    KITH_TRY(each_under(reader, Table::links, {}, {},
                        [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
                            const auto one = record::decode_link(index::link_key(key), payload);
                            const auto ends = [](const model::Link &of) {
                                return std::tie(of.key.from, of.key.kind, of.key.to);
                            };
                            if (last && ends(*last) != ends(one)) KITH_TRY(link());
                            last = one;
                            return {};
                        }));
    return link();
}

base::Result<std::vector<Occasion>> Reliving::next(base::Micros until, std::size_t occasions_max,
                                                   std::uint64_t &all) {
    std::vector<Occasion> found;
    auto last = until;
    const auto by_order = [](const Occasion &a, const Occasion &b) { return a.order() < b.order(); };
    const auto cut = [&] {
        const auto nth = found.begin() + static_cast<std::ptrdiff_t>(occasions_max);
        std::ranges::nth_element(found, nth, by_order);
        last = nth->at;
        std::erase_if(found, [&](const Occasion &one) { return one.at > last; });
    };
    std::uint64_t count = 0;
    KITH_TRY(each_occasion(after_, until, [&](const Occasion &one) {
        ++count;
        if (one.at > last) return;
        found.push_back(one);
        if (found.size() >= 2 * occasions_max && found.size() % occasions_max == 0) cut();
    }));
    if (found.size() > occasions_max) cut();
    if (!std::exchange(counted_, true)) all = count;
    std::ranges::sort(found, by_order);
    after_ = last;
    return found;
}

// ---- items ----

base::Result<void> Reliving::add_directory(const std::function<base::Result<Batch *>()> &batch) {
    const auto &reader = snapshot_.reader();
    const auto code_of = [](base::Bytes key) {
        return static_cast<model::Name>(base::load_big64(key.data()));
    };
    const auto codes = [&](std::span<const model::CodeValue> values,
                           std::vector<CodeValueItem> &out) -> base::Result<void> {
        for (const auto &one : values) {
            KITH_LET(code, text(one.code));
            out.push_back({code, one.value});
        }
        return {};
    };
    KITH_TRY(each_under(
        reader, Table::actors, {}, {}, [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
            const auto one = record::decode_actor(code_of(key), payload);
            ActorItem item;
            KITH_LET(called, text(one.key));
            KITH_LET(part_of, text(one.part_of));
            KITH_LET(calendar, text(one.calendar));
            std::vector<CodeValueItem> skills, limits;
            KITH_TRY(codes(one.skills, skills));
            KITH_TRY(codes(one.limits, limits));
            namespace field = model::actor_field;
            item.fields = field::kind | field::active | (one.name.empty() ? 0 : field::name) |
                          (one.part_of ? field::part_of : 0) | (one.calendar ? field::calendar : 0) |
                          (skills.empty() ? 0 : field::skills) | (limits.empty() ? 0 : field::limits);
            item.flags.create = true;
            item.key = called;
            item.name = one.name;
            item.kind = one.kind;
            item.part_of = part_of;
            item.active = one.active;
            item.calendar = calendar;
            item.skills = skills;
            item.limits = limits;
            KITH_LET(into, batch());
            KITH_TRY(into->add(item));
            return {};
        }));
    KITH_TRY(each_under(reader, Table::products, {}, {},
                        [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
                            const auto one = record::decode_product(code_of(key), payload);
                            ProductItem item;
                            KITH_LET(called, text(one.key));
                            std::vector<std::string_view> path;
                            for (const auto code : one.category) {
                                KITH_LET(part, text(code));
                                path.push_back(part);
                            }
                            item.fields = (one.name.empty() ? 0 : model::product_field::name) |
                                          (path.empty() ? 0 : model::product_field::category);
                            item.flags.create = true;
                            item.key = called;
                            item.name = one.name;
                            item.category = path;
                            KITH_LET(into, batch());
                            KITH_TRY(into->add(item));
                            return {};
                        }));
    return each_under(reader, Table::campaigns, {}, {},
                      [&](base::Bytes key, base::Bytes payload) -> base::Result<void> {
                          const auto one = record::decode_campaign(code_of(key), payload);
                          namespace field = model::campaign_field;
                          CampaignItem item;
                          KITH_LET(called, text(one.key));
                          KITH_LET(purpose, text(one.purpose));
                          item.fields = field::name | (one.purpose ? field::purpose : 0) |
                                        (one.starts_at ? field::starts_at : 0) |
                                        (one.ends_at ? field::ends_at : 0) | (one.budget ? field::budget : 0);
                          item.flags.create = true;
                          item.key = called;
                          item.name = one.name;
                          item.purpose = purpose;
                          item.starts_at = one.starts_at.value_or(0);
                          item.ends_at = one.ends_at.value_or(0);
                          item.budget = one.budget.value_or(0);
                          KITH_LET(into, batch());
                          KITH_TRY(into->add(item));
                          return {};
                      });
}

base::Result<void> Reliving::add_fields(const model::Fields &fields, std::vector<FieldItem> &items) const {
    using model::FieldKind;
    for (const auto &value : fields.values) {
        auto &item = items.emplace_back();
        KITH_LET(called, text(value.name));
        item.name = called;
        item.kind = value.kind;
        item.integer = value.number;
        if (value.kind == FieldKind::text) item.text = fields.text(value);
        if (value.kind == FieldKind::double_) item.real = std::bit_cast<double>(value.number);
        if (value.kind == FieldKind::money)
            item.currency = base::Currency(static_cast<std::uint32_t>(value.extra));
        if (value.kind == FieldKind::record) item.id = model::id_of(value);
        if (value.kind == FieldKind::code || value.kind == FieldKind::key) {
            KITH_LET(word, text(static_cast<model::Name>(value.number)));
            item.text = word;
        }
    }
    return {};
}

base::Result<void> Reliving::add(Batch &batch, const Occasion &occasion, const Commitments &commitments) {
    const base::Bytes key(occasion.key);
    switch (occasion.of) {
        case Occasion::Of::party:
            return add_party(batch, party_in(occasion));
        case Occasion::Of::link:
            return add_link(batch, index::link_key(key));
        case Occasion::Of::interaction:
            return add_interaction(batch, index::interaction_key(key.first(32)));
        case Occasion::Of::score:
            return add_score(batch, index::score_key(key));
        case Occasion::Of::process:
            return add_process(batch, occasion);
        default:
            return add_commitment(batch, occasion, commitments);
    }
}

base::Result<void> Reliving::add_party(Batch &batch, const base::Id &id) {
    KITH_LET(found, reads_.party(id));
    if (!found) return {};
    KITH_LET(identifiers, reads_.identifiers(id));
    PartyItem item;
    const bool anonymous = found->kind == model::PartyKind::anonymous;
    item.flags.create = !anonymous;
    item.flags.create_anonymous = anonymous;
    item.party = *found;
    namespace field = model::party_field;
    item.fields = field::kind | field::roles | (found->name.empty() ? 0 : field::name) |
                  (found->language.empty() ? 0 : field::language) |
                  (found->time_zone.empty() ? 0 : field::time_zone) |
                  (found->tags.empty() ? 0 : field::tags) | (found->owner ? field::owner : 0);
    KITH_LET(owner, text(found->owner));
    item.owner = owner;
    std::vector<FieldItem> values;
    KITH_TRY(add_fields(found->fields, values));
    item.values = values;
    item.ref = by_id(id);
    bool added = false;
    for (const auto &one : identifiers) {
        KITH_LET(kind, text(one.kind));
        if (one.flags & model::identifier_flag::host) {
            item.ref.by = Ref::By::host;
            item.ref.kind = kind;
            item.ref.text = one.value;
            KITH_TRY(batch.add(item));
            added = true;
        }
    }
    item.ref = by_id(id);
    if (!added) KITH_TRY(batch.add(item));
    for (const auto &one : identifiers) {
        if (one.flags & model::identifier_flag::host) continue;
        KITH_LET(kind, text(one.kind));
        IdentifierItem named;
        named.ref = by_id(id);
        named.kind = kind;
        named.value = one.value;
        named.shared = one.flags & model::identifier_flag::shared;
        named.verified_at = one.verified_at;
        named.valid_from = one.valid_from;
        named.valid_to = one.valid_to;
        KITH_TRY(batch.add(named));
    }
    return {};
}

base::Result<void> Reliving::add_interaction(Batch &batch, const model::InteractionKey &key) {
    KITH_LET(found, reads_.interaction(key));
    if (!found) return {};
    const auto &one = found->interaction;
    InteractionItem item;
    item.ref = by_id(key.party);
    item.at = key.at;
    item.host_key = one.host_key;
    item.amount = one.amount;
    item.base_amount = one.base_amount;
    item.cost = one.cost;
    item.duration_s = one.duration_s;
    item.currency = one.currency;
    item.direction = one.direction;
    item.personal = found->personal;
    item.personal.fields = {};
    item.personal.answers = {};
    item.round = one.round;
    const std::pair<std::string_view *, model::Name> words[] = {
        {&item.type, one.type},     {&item.system, one.system},
        {&item.medium, one.medium}, {&item.scope, one.scope},
        {&item.topic, one.topic},   {&item.outcome, one.outcome},
        {&item.actor, one.actor},   {&item.campaign, one.campaign},
        {&item.form, one.form},     {&item.about_kind, one.about_kind},
        {&item.about, one.about}};
    for (const auto &[target, code] : words) {
        KITH_LET(word, text(code));
        *target = word;
    }
    std::vector<LineItem> lines;
    for (std::size_t i = 0; i < one.lines.size(); ++i) {
        const auto &line = one.lines[i];
        KITH_LET(product, text(line.product));
        KITH_LET(category, text(line.category));
        auto &out = lines.emplace_back(
            LineItem{product, line.quantity, line.unit_price, line.amount, category, std::nullopt});
        if (i < one.margins.size() && one.margins[i] != model::kNoMargin) out.margin = one.margins[i];
    }
    item.lines = lines;
    std::vector<FieldItem> values;
    KITH_TRY(add_fields(one.fields, values));
    KITH_TRY(add_fields(found->personal.fields, values));
    item.values = values;
    // Cells that kith found are found once more; the item stands in one of them.
    std::vector<AnswerItem> answers;
    std::deque<std::string> texts;
    std::string_view of_item;
    std::uint32_t row = 0;
    for (const auto &cell : one.answers) {
        KITH_LET(called, text(cell.name));
        if (std::exchange(row, cell.row) != cell.row) of_item = {};
        if (cell.derived) {
            if (called == model::kItemCell) {
                KITH_LET(word, text(cell.code));
                of_item = word;
            }
            continue;
        }
        auto &answer = answers.emplace_back();
        answer.item = of_item;
        answer.aspect = called;
        answer.row = of_item.empty() ? cell.row : 0;
        answer.number = number_in(cell);
        if (cell.kind == model::AnswerKind::code) {
            KITH_LET(word, text(cell.code));
            answer.text = word;
        } else if (cell.kind == model::AnswerKind::text) {
            answer.text = text_in(cell, found->personal.answers);
        } else if (!answer.number) {
            answer.text = texts.emplace_back(written(cell));
        }
    }
    item.answers = answers;
    KITH_TRY(batch.add(item));
    return {};
}

base::Result<void> Reliving::add_score(Batch &batch, const model::ScoreKey &key) {
    KITH_LET(row, snapshot_.reader().get(Table::scores, index::score(key)));
    if (!row) return {};
    const auto one = record::decode_score(key, row->payload);
    ScoreItem item;
    item.kind = key.subject.kind;
    if (key.subject.kind == model::SubjectKind::party) item.ref = by_id(key.subject.party);
    item.at = key.at;
    item.nature = one.nature;
    item.number = one.number;
    item.money = one.money;
    item.currency = one.currency;
    item.confidence = one.confidence;
    item.spread = one.spread;
    item.n = one.n;
    item.host_key = one.host_key;
    item.definition_version = one.definition_version;
    const std::pair<std::string_view *, model::Name> words[] = {
        {&item.metric, key.metric}, {&item.key, key.key},       {&item.subject_key, key.subject.code},
        {&item.text, one.text},     {&item.period, one.period}, {&item.source, one.source},
        {&item.system, one.system}, {&item.method, one.method}, {&item.author, one.author}};
    for (const auto &[target, code] : words) {
        KITH_LET(word, text(code));
        *target = word;
    }
    KITH_TRY(batch.add(item));
    return {};
}

base::Result<void> Reliving::add_link(Batch &batch, const model::LinkKey &key) {
    KITH_LET(row, snapshot_.reader().get(Table::links, index::link(key)));
    if (!row) return {};
    const auto one = record::decode_link(key, row->payload);
    LinkItem item;
    if (key.from.kind == model::SubjectKind::party) item.from = by_id(key.from.party);
    KITH_LET(actor, text(key.from.code));
    item.actor = actor;
    item.to = by_id(key.to);
    item.kind = key.kind;
    item.valid_from = one.valid_from;
    item.valid_to = one.valid_to;
    item.stance = one.stance;
    item.strength = one.strength;
    KITH_TRY(batch.add(item));
    return {};
}

// What a host sent has left its occurrence, unlike what followed from it.
base::Result<void> Reliving::add_process(Batch &batch, const Occasion &occasion) {
    const base::Bytes row(occasion.key);
    const auto party = party_in(occasion), id = base::Id::from(row.subspan(24, 16));
    const auto origin = base::load_big32(row.data() + 40), number = base::load_big32(row.data() + 44);
    KITH_LET(fact, reads_.fact(origin, number));
    const auto log = record::decode_transition(party, id, origin, number, fact);
    KITH_LET(all, reads_.processes(party));
    const auto found = std::ranges::find(all, id, [](const auto &one) { return one.process.id; });
    if (found == all.end()) return {};
    ProcessItem item;
    KITH_LET(called, text(found->process.definition));
    KITH_LET(event, text(log.event));
    KITH_LET(actor, text(log.actor));
    item.ref = by_id(party);
    item.process = called;
    item.event = event;
    item.actor = actor;
    item.at = log.at;
    bool sent = false;
    for (const auto key : {found->process.key, std::string_view()}) {
        KITH_LET(known, snapshot_.reader().get(Table::occurrences,
                                               sent_occurrence(party, called, key, event, log.at)));
        if (!known || sent) continue;
        sent = true;
        item.key = key;
    }
    if (!sent) return {};
    std::vector<FieldItem> values;
    KITH_TRY(add_fields(log.fields, values));
    model::InteractionPersonal aside;
    KITH_LET(personal, snapshot_.reader().get(Table::personal, row));
    if (personal) aside = record::decode_personal(personal->payload);
    KITH_TRY(add_fields(aside.fields, values));
    for (const auto code : log.cleared) {
        KITH_LET(field, text(code));
        values.emplace_back().name = field;
        values.back().kind = model::FieldKind::written;
    }
    item.reason = aside.text;
    item.values = values;
    KITH_TRY(batch.add(item));
    return {};
}

base::Result<void> Reliving::add_commitment(Batch &batch, const Occasion &occasion,
                                            const Commitments &commitments) {
    const base::Bytes row(occasion.key);
    const auto party = party_in(occasion), id = base::Id::from(row.subspan(24, 16));
    if (occasion.of == Occasion::Of::moved) {
        const auto made = commitments.find(id);
        if (made == commitments.end()) return {};
        KITH_TRY(batch.add(
            CommitmentItem{made->second, static_cast<model::CommitmentState>(occasion.state), occasion.at}));
        return {};
    }
    KITH_LET(stored, snapshot_.reader().get(Table::rows, row.first(40)));
    if (!stored) return {};
    KITH_LET(read, read_commitment(snapshot_.reader(), party, id, stored->payload));
    const auto &one = read.commitment;
    NewCommitmentItem item;
    item.ref = by_id(party);
    item.sort = one.sort;
    item.traits = one.flags;
    item.debtor_party = one.debtor.party;
    item.creditor_party = one.creditor.party;
    item.opened_at = one.opened_at;
    item.due = one.due;
    item.host_key = one.host_key;
    item.personal = read.personal;
    if (one.for_kind == model::ForKind::party) {
        item.for_kind = one.for_kind;
        item.for_record = one.for_record;
    } else if (const auto made = commitments.find(one.for_record); made != commitments.end()) {
        item.for_kind = one.for_kind;
        item.for_record = made->second;
    }
    const std::pair<std::string_view *, model::Name> words[] = {{&item.kind, one.kind},
                                                                {&item.name, one.name},
                                                                {&item.assignee, one.assignee},
                                                                {&item.debtor, one.debtor.actor},
                                                                {&item.creditor, one.creditor.actor},
                                                                {&item.system, one.system}};
    for (const auto &[target, code] : words) {
        KITH_LET(word, text(code));
        *target = word;
    }
    KITH_TRY(batch.add(item));
    return {};
}

}  // namespace kith::engine
