// Records from bytes: what verify passes is read to its last byte, and written again verifies; a row of
// figures and processes is read or refused.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/figures_row.hpp"
#include "fuzz/require.hpp"
#include "record/record.hpp"

namespace {

using namespace kith;
using record::Kind;

constexpr int kKinds = static_cast<int>(Kind::commitment_personal) + 1;

volatile unsigned sink;

void touch(std::string_view text) {
    for (const char c : text) sink = sink + static_cast<unsigned char>(c);
}
template <class T>
void in_place(std::span<const T> items) {
    KITH_REQUIRE(reinterpret_cast<std::uintptr_t>(items.data()) % alignof(T) == 0);
}
void touch(std::span<const model::Line> lines) {
    in_place(lines);
    for (const auto &line : lines) sink = sink + line.product + static_cast<unsigned>(line.amount);
}

void touch(const model::Fields &fields) {
    in_place(fields.values);
    for (const auto &value : fields.values) {
        sink = sink + value.name + static_cast<unsigned>(value.number);
        touch(fields.text(value));
    }
}

// Encoded anew, a record is one.
template <class Record>
void again(Kind kind, const Record &decoded) {
    record::Encoder encoder;
    const auto bytes = encoder.encode(decoded);
    const std::vector<std::uint64_t> aligned = [&] {
        std::vector<std::uint64_t> out((bytes.size() + 7) / 8);
        std::memcpy(out.data(), bytes.data(), bytes.size());
        return out;
    }();
    KITH_REQUIRE(record::verify(kind, std::as_bytes(std::span(aligned)).first(bytes.size())));
}

void read(Kind kind, base::Bytes bytes) {
    switch (kind) {
        case Kind::party: {
            const auto party = record::decode_party({}, bytes);
            for (const auto text : {party.name, party.language, party.time_zone, party.tags}) touch(text);
            touch(party.fields);
            return again(kind, party);
        }
        case Kind::provenance: {
            const auto sources = record::decode_provenance(bytes);
            in_place(sources);
            for (const auto &source : sources) sink = sink + source.field;
            return again(kind, sources);
        }
        case Kind::identifier: {
            const auto identifier = record::decode_identifier({}, 1, 2, bytes);
            touch(identifier.value);
            touch(identifier.normalised);
            return again(kind, identifier);
        }
        case Kind::interaction: {
            const auto interaction = record::decode_interaction({}, bytes);
            touch(interaction.host_key);
            touch(interaction.lines);
            touch(interaction.fields);
            in_place(interaction.margins);
            for (const auto margin : interaction.margins) sink = sink + static_cast<unsigned>(margin);
            const auto summary = record::summarise_interaction(bytes);
            KITH_REQUIRE(summary.type == interaction.type &&
                         (summary.corrects != 0) == !!interaction.corrects);
            return again(kind, interaction);
        }
        case Kind::personal: {
            const auto personal = record::decode_personal(bytes);
            for (const auto text : {personal.with_whom, personal.text, personal.next_step}) touch(text);
            touch(personal.fields);
            return again(kind, personal);
        }
        case Kind::commitment_personal: {
            const auto told = record::decode_commitment_personal(bytes);
            for (const auto text :
                 {told.title, told.item, told.condition, told.compensation, told.evidence, told.result})
                touch(text);
            return again(kind, told);
        }
        case Kind::request: {
            const auto request = record::decode_request({}, bytes);
            for (const auto text : {request.title, request.item, request.result}) touch(text);
            return again(kind, request);
        }
        case Kind::process:
            return again(kind, record::decode_process({}, {}, bytes));
        case Kind::transition:
            return again(kind, record::decode_transition({}, {}, 1, 2, bytes));
        case Kind::commitment:
            return again(kind, record::decode_commitment({}, {}, bytes));
        case Kind::definition: {
            const auto definition = record::decode_definition(bytes);
            for (const auto text : {definition.kind, definition.name, definition.playbook, definition.json})
                touch(text);
            return again(kind, definition);
        }
        case Kind::product: {
            const auto product = record::decode_product(1, bytes);
            touch(product.name);
            in_place(product.category);
            for (const auto code : product.category) sink = sink + code;
            return again(kind, product);
        }
        case Kind::actor: {
            const auto actor = record::decode_actor(1, bytes);
            touch(actor.name);
            for (const auto &values : {actor.skills, actor.limits}) {
                in_place(values);
                for (const auto &value : values) sink = sink + value.code;
            }
            return again(kind, actor);
        }
        case Kind::campaign: {
            const auto campaign = record::decode_campaign(1, bytes);
            touch(campaign.name);
            return again(kind, campaign);
        }
        case Kind::score: {
            const auto score = record::decode_score({}, bytes);
            touch(score.host_key);
            return again(kind, score);
        }
        case Kind::link:
            return again(kind, record::decode_link({}, bytes));
        case Kind::changes: {
            std::vector<model::Change> changes;
            record::decode_changes(7, bytes, changes);
            for (std::size_t i = 0; i < changes.size(); ++i) KITH_REQUIRE(changes[i].seq == 7 + i);
            return;
        }
    }
}

void read_figures(base::Bytes bytes) {
    sink = sink + record::decode_summary(bytes).type;
    const auto figures = engine::decode_figures(bytes);
    const auto processes = engine::processes_of(bytes);
    KITH_REQUIRE(figures || figures.error().status == base::Status::corrupt);
    if (!processes) return;
    auto rest = *processes;
    engine::StoredProcess stored;
    for (;;) {
        const auto found = engine::next_process(rest, stored);
        if (!found || !*found) return;
        if (record::verify(Kind::process, stored.record)) read(Kind::process, stored.record);
    }
}

}  // namespace

// The first byte is the kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const int kind = data[0] % (kKinds + 1);
    // Payloads are 8-aligned in the map; the copy ends where they do, so that a read beyond is seen.
    std::vector<std::uint64_t> memory((size + 6) / 8);
    if (size > 1) std::memcpy(memory.data(), data + 1, size - 1);
    const auto bytes = std::as_bytes(std::span(memory)).first(size - 1);
    if (kind == kKinds) {
        read_figures(bytes);
    } else if (record::verify(static_cast<Kind>(kind), bytes)) {
        read(static_cast<Kind>(kind), bytes);
    }
    return 0;
}
