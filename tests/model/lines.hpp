// A file as lines of text, twice: as the oracle has it, and as every read of the C ABI shows it. Records are
// written as kith_export writes them, so that the export compares with the same lines.
#pragma once

#include <stdexcept>

#include "model/oracle.hpp"

namespace kith_model {

// What the engine did is not what the oracle says.
struct Mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void same(const std::string &what, const std::vector<std::string> &wanted,
          const std::vector<std::string> &found);
template <class A, class B>
void same(const std::string &what, const A &wanted, const B &found) {
    if (wanted != static_cast<A>(found))
        throw Mismatch(what + ": wanted " + std::to_string(wanted) + ", found " + std::to_string(found));
}

template <class T>
T make() {
    T out{};
    out.struct_size = sizeof out;
    return out;
}

std::string hex(const std::uint8_t *bytes, std::size_t size);
inline std::string hex(const Id &id) { return hex(id.data(), id.size()); }
inline Id id_in(const kith_id &id) {
    Id out;
    std::memcpy(out.data(), id.bytes, out.size());
    return out;
}
inline InteractionId id_in(const kith_interaction_id &id) {
    InteractionId out;
    std::memcpy(out.data(), id.bytes, out.size());
    return out;
}

// The whole file by every read there is, in pages of `page` items; what is found by key and by id too.
std::vector<std::string> expected_reads(const File &file);
std::vector<std::string> observed_reads(kith_snapshot *snapshot, const File &file, std::uint32_t page);
void check_lookups(kith_snapshot *snapshot, const File &file);
// What the metrics say at an instant, once they are built.
void check_values(kith_snapshot *snapshot, const File &file, kith_time now);

// The feed after `seq`.
std::vector<std::string> expected_feed(const File &file, std::uint64_t seq);
std::vector<std::string> observed_feed(kith_snapshot *snapshot, std::uint64_t seq, std::uint32_t page);

std::vector<std::string> expected_export(const File &file, bool facts_only);
std::vector<std::string> observed_export(kith_snapshot *snapshot, bool facts_only);

}  // namespace kith_model
