#include "index/keys.hpp"

#include "base/hash.hpp"

namespace kith::index {
namespace {

Key tagged(const base::Id &party, Tag tag) {
    return Key().add(party).add64(std::uint64_t{static_cast<std::uint8_t>(tag)} << 56);
}

// The last four bytes of a text key's first eight, and the text or its hash.
Key &add_text(Key &key, std::uint8_t sort, std::string_view text) {
    const bool hashed = text.size() > kTextBytesMax;
    const auto length = hashed ? 16u : static_cast<std::uint32_t>(text.size());
    key.add32(std::uint32_t{sort} << 24 | (hashed ? 1u : 0u) << 16 | length);
    if (!hashed) return key.add(base::bytes_of(text)).pad();
    const auto hash = base::hash128(base::bytes_of(text));
    return key.add64(hash.high).add64(hash.low);
}

// A party by its id, others by their code at the end of 16 bytes.
base::Id end_of(const model::Subject &subject) {
    if (subject.kind == model::SubjectKind::party) return subject.party;
    base::Id end;
    base::store_big32(end.bytes.data() + 12, subject.code);
    return end;
}

model::Subject subject_at(model::SubjectKind kind, base::Bytes end) {
    if (kind == model::SubjectKind::party) return {kind, base::Id::from(end), 0};
    return {kind, {}, base::load_big32(&end[12])};
}

base::Bytes kind_byte(const model::SubjectKind &kind) {
    return {reinterpret_cast<const std::byte *>(&kind), 1};
}

std::uint64_t link_head(model::SubjectKind from, model::LinkKind kind) {
    return std::uint64_t{static_cast<std::uint8_t>(from)} << 56 |
           std::uint64_t{static_cast<std::uint8_t>(kind)} << 48;
}

}  // namespace

std::optional<Tag> tag_of(base::Bytes key) {
    const auto byte = static_cast<std::uint8_t>(key[16]);
    return byte < 0x10 ? std::optional(static_cast<Tag>(byte)) : std::nullopt;
}

Key row(const base::Id &party, Tag tag) { return tagged(party, tag); }

Key identifier(const base::Id &party, std::uint32_t origin, std::uint32_t number) {
    return tagged(party, Tag::identifier).add32(origin).add32(number);
}

Key transition(const base::Id &party, const base::Id &process, std::uint32_t origin, std::uint32_t number) {
    return tagged(party, Tag::transition).add(process).add32(origin).add32(number);
}

Key process(const base::Id &party, const base::Id &process) { return row(party, Tag::process).add(process); }

Key rule(model::Name rule) { return Key().add32(rule).add32(0); }
Key case_build(model::Name process, bool migrates) {
    return Key().add32(0).add32(process).add32(0).add32(migrates ? 2 : 1);
}
Key runs_of(model::Name rule) { return Key().add32(rule).add32(0); }
Key runs_of(model::Name rule, const base::Id &party) { return runs_of(rule).add(party); }
Key run(model::Name rule, const base::Id &party, base::Micros at, std::uint32_t origin,
        std::uint32_t number) {
    return runs_of(rule, party).add_time(at).add32(origin).add32(number);
}

Key commitment(const base::Id &party, const base::Id &commitment) {
    return tagged(party, Tag::commitment).add(commitment);
}

Key interaction(const model::InteractionKey &key) {
    return Key().add(key.party).add_time(key.at).add32(key.origin).add32(key.number);
}

model::InteractionKey interaction_key(base::Bytes thirty_two) {
    return {base::Id::from(thirty_two.first(16)), time_at(thirty_two.data() + 16),
            base::load_big32(thirty_two.data() + 24), base::load_big32(thirty_two.data() + 28)};
}

Key fact(std::uint32_t origin, std::uint32_t number) { return Key().add32(origin).add32(number); }

Key interactions_from(const base::Id &party, base::Micros at) { return Key().add(party).add_time(at); }

Key interactions_end(const base::Id &party) { return Key().add(party).add64(UINT64_MAX); }

Key claim(model::Name kind, Claim sort, std::string_view normalised) {
    Key key;
    key.add32(kind);
    return add_text(key, static_cast<std::uint8_t>(sort), normalised);
}

Key claims_of_kind(model::Name kind) { return Key().add32(kind).add32(0); }

bool is_host_claim(base::Bytes claim) { return claim[4] == static_cast<std::byte>(Claim::host); }

std::string_view claim_text(base::Bytes claim) {
    const auto head = base::load_big32(claim.data() + 4);
    return head >> 16 & 1 ? std::string_view() : base::text_of(claim.subspan(8, head & 0xffff));
}

Key host_ref(model::Name system, std::string_view text, HostRef of) {
    Key key;
    key.add32(system);
    return add_text(key, static_cast<std::uint8_t>(of), text);
}

Key name_code(model::Name code) { return Key().add64(code); }

Key name_text(std::string_view text) {
    Key key;
    key.add32(0xff000000);
    return add_text(key, 0, text);
}

Key score(const model::ScoreKey &key) {
    return scores_of(key.subject, key.metric, key.key).add_time(key.at).add32(key.origin).add32(key.number);
}

Key scores_of(const model::Subject &subject, model::Name metric) {
    return Key().add32(static_cast<std::uint32_t>(subject.kind)).add32(metric).add(end_of(subject));
}

Key scores_of(const model::Subject &subject, model::Name metric, model::Name key) {
    return scores_of(subject, metric).add32(key).add32(0);
}

model::ScoreKey score_key(base::Bytes key) {
    model::ScoreKey out;
    out.subject = subject_at(static_cast<model::SubjectKind>(base::load_big32(&key[0])), key.subspan(8, 16));
    out.metric = base::load_big32(&key[4]);
    out.key = base::load_big32(&key[24]);
    out.at = time_at(&key[32]);
    out.origin = base::load_big32(&key[40]);
    out.number = base::load_big32(&key[44]);
    return out;
}

Key links_from(const model::Subject &from) { return Key().add(end_of(from)).add(kind_byte(from.kind)); }

Key links_from(const model::Subject &from, model::LinkKind kind) {
    return Key().add(end_of(from)).add64(link_head(from.kind, kind));
}

Key linked_to(const base::Id &to, model::SubjectKind from, model::LinkKind kind) {
    return Key().add(to).add64(link_head(from, kind));
}

Key link(const model::LinkKey &key) {
    return links_from(key.from, key.kind).add(key.to).add32(key.origin).add32(key.number);
}

Key linked(const model::LinkKey &key) {
    return linked_to(key.to, key.from.kind, key.kind)
        .add(end_of(key.from))
        .add32(key.origin)
        .add32(key.number);
}

model::LinkKey link_key(base::Bytes key) {
    return {subject_at(static_cast<model::SubjectKind>(key[16]), key.first(16)),
            static_cast<model::LinkKind>(key[17]), base::Id::from(key.subspan(24, 16)),
            base::load_big32(&key[40]), base::load_big32(&key[44])};
}

model::LinkKey linked_key(base::Bytes key) {
    return {subject_at(static_cast<model::SubjectKind>(key[16]), key.subspan(24, 16)),
            static_cast<model::LinkKind>(key[17]), base::Id::from(key.first(16)), base::load_big32(&key[40]),
            base::load_big32(&key[44])};
}

Key definition(std::string_view kind, std::string_view name, std::uint64_t version) {
    Key key;
    key.add(base::bytes_of(kind)).pad();
    if (key.size() < 16) key.add64(0);
    key.add(base::bytes_of(name)).pad();
    while (key.size() < 80) key.add64(0);
    return key.add64(version);
}

Key members_of(model::Name segment) { return Key().add32(segment).add32(0); }
Key member(model::Name segment, const base::Id &party) { return members_of(segment).add(party); }

Key states_of(model::Name process, model::Name state) { return Key().add32(process).add32(state); }

Key state(model::Name process, model::Name state, const base::Id &party, const base::Id &instance) {
    return states_of(process, state).add(party).add(instance);
}

Key timer(const TimerKey &timer) { return Key().add_time(timer.due).add(timer.party).add(timer.process); }

base::Micros run_time(base::Bytes key) { return time_at(key.data() + 24); }

TimerKey timer_key(base::Bytes key) {
    return {time_at(key.data()), base::Id::from(key.subspan(8, 16)), base::Id::from(key.subspan(24, 16))};
}

Key queue_of(model::Name assignee) { return Key().add32(assignee).add32(0); }

Key queue(const QueueKey &key) { return queue_of(key.assignee).add_time(key.due).add(key.commitment); }

QueueKey queue_key(base::Bytes key) {
    return {base::load_big32(&key[0]), time_at(&key[8]), base::Id::from(key.subspan(16, 16))};
}

Key occurrence(const base::Id &process, std::uint32_t transition, std::uint32_t effect) {
    return Key().add(process).add32(transition).add32(effect);
}

}  // namespace kith::index
