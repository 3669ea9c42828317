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

Key host_ref(model::Name system, std::string_view text) {
    Key key;
    key.add32(system);
    return add_text(key, 0, text);
}

Key name_code(model::Name code) { return Key().add64(code); }

Key name_text(std::string_view text) {
    Key key;
    key.add32(0xff000000);
    return add_text(key, 0, text);
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

TimerKey timer_key(base::Bytes key) {
    return {time_at(key.data()), base::Id::from(key.subspan(8, 16)), base::Id::from(key.subspan(24, 16))};
}

Key due_commitment(std::optional<base::Micros> due, const base::Id &commitment) {
    return Key().add_time(due.value_or(INT64_MAX)).add(commitment);
}

Key occurrence(const base::Id &process, std::uint32_t transition, std::uint32_t effect) {
    return Key().add(process).add32(transition).add32(effect);
}

}  // namespace kith::index
