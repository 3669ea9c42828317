#include "capi/handles.hpp"

#include <array>
#include <atomic>
#include <bit>

namespace kith::capi::handles {
namespace {

using base::Status;

// A handle: 10 | kind 4 | generation 34 | slot 24. The two bits on top make it no address of any
// 64-bit machine, so that nothing ever takes it for a pointer.
constexpr int kSlotBits = 24, kGenerationBits = 34;
constexpr std::uint64_t kSlotMask = (std::uint64_t{1} << kSlotBits) - 1;
constexpr std::uint64_t kGenerationMask = (std::uint64_t{1} << kGenerationBits) - 1;
constexpr int kKindShift = kSlotBits + kGenerationBits;
constexpr std::uint64_t kMark = std::uint64_t{1} << 63;

// A slot's state: generation 34 | kind 4 | used | freed | shut | pins 20.
constexpr std::uint64_t kPins = (std::uint64_t{1} << 20) - 1;
constexpr std::uint64_t kShut = kPins + 1;
constexpr std::uint64_t kFreed = kShut << 1;
constexpr std::uint64_t kUsed = kFreed << 1;
constexpr int kStateKindShift = 23, kStateGenerationShift = 27;

struct Slot {
    std::atomic<std::uint64_t> state{0};
    std::atomic<std::uint32_t> next_free{0};
    std::unique_ptr<Object> object;  // written while the slot is not used, or by its last user
};

// Chunk k has 64 << k slots; a chunk once made stays.
constexpr std::uint32_t kFirstChunk = 64;
constexpr int kChunks = kSlotBits - 6;
constexpr std::uint32_t kSlotsMax = kFirstChunk * ((1u << kChunks) - 1);

struct Place {
    int chunk;
    std::uint32_t offset;
};

constexpr Place place_of(std::uint32_t index) {
    const int chunk = static_cast<int>(std::bit_width(index / kFirstChunk + 1)) - 1;
    return {chunk, index - kFirstChunk * ((1u << chunk) - 1)};
}

// Free slots are a stack (Treiber, 1986): index + 1 of the top, and a count against ABA above it.
struct Table {
    std::array<std::atomic<Slot *>, kChunks> chunks{};
    std::atomic<std::uint32_t> begun{0};
    std::atomic<std::uint64_t> free_top{0};
    std::atomic<std::int64_t> live{0};
};
constinit Table table;

Slot *find(std::uint32_t index) {
    if (index >= kSlotsMax) return nullptr;
    const auto place = place_of(index);
    auto *chunk = table.chunks[static_cast<std::size_t>(place.chunk)].load(std::memory_order_acquire);
    return chunk ? chunk + place.offset : nullptr;
}

std::uint32_t slot_of(Handle handle) { return static_cast<std::uint32_t>(handle & kSlotMask); }
std::uint64_t generation_of(Handle handle) { return handle >> kSlotBits & kGenerationMask; }
std::uint64_t generation_in(std::uint64_t state) { return state >> kStateGenerationShift; }

Handle handle_of(Kind kind, std::uint64_t generation, std::uint32_t index) {
    return kMark | static_cast<Handle>(kind) << kKindShift | generation << kSlotBits | index;
}

// The part of a state by which a handle knows its slot.
std::uint64_t identity(Kind kind, std::uint64_t generation) {
    return generation << kStateGenerationShift | static_cast<std::uint64_t>(kind) << kStateKindShift | kUsed;
}
constexpr std::uint64_t kIdentity = ~(kPins | kShut | kFreed);

struct Known {
    Slot *slot = nullptr;  // null if it cannot be a handle of this kind
    std::uint64_t identity = 0;
};

Known known(Handle handle, Kind kind) {
    if (handle >> kKindShift != (kMark >> kKindShift | static_cast<std::uint64_t>(kind))) return {};
    return {find(slot_of(handle)), identity(kind, generation_of(handle))};
}

std::uint32_t pop_free() {
    auto top = table.free_top.load(std::memory_order_acquire);
    while (static_cast<std::uint32_t>(top) != 0) {
        const auto index = static_cast<std::uint32_t>(top) - 1;
        const auto next = find(index)->next_free.load(std::memory_order_relaxed);
        const auto after = ((top >> 32) + 1) << 32 | next;
        if (table.free_top.compare_exchange_weak(top, after, std::memory_order_acq_rel)) return index;
    }
    return kSlotsMax;
}

void push_free(std::uint32_t index) {
    auto *slot = find(index);
    auto top = table.free_top.load(std::memory_order_relaxed);
    std::uint64_t after;
    do {
        slot->next_free.store(static_cast<std::uint32_t>(top), std::memory_order_relaxed);
        after = ((top >> 32) + 1) << 32 | (index + 1);
    } while (!table.free_top.compare_exchange_weak(top, after, std::memory_order_acq_rel));
}

std::uint32_t begin_slot() {
    const auto index = table.begun.fetch_add(1, std::memory_order_relaxed);
    if (index >= kSlotsMax) {
        table.begun.fetch_sub(1, std::memory_order_relaxed);
        throw std::bad_alloc();
    }
    auto &chunk = table.chunks[static_cast<std::size_t>(place_of(index).chunk)];
    if (!chunk.load(std::memory_order_acquire)) {
        auto made = std::make_unique<Slot[]>(kFirstChunk << place_of(index).chunk);
        Slot *none = nullptr;
        if (chunk.compare_exchange_strong(none, made.get(), std::memory_order_acq_rel)) (void)made.release();
    }
    return index;
}

// Once the handle is freed and the last pin has gone; only one caller sees that.
void retire(Slot &slot, Handle handle) {
    slot.object.reset();
    const auto generation = generation_of(handle);
    slot.state.store(generation << kStateGenerationShift, std::memory_order_release);
    table.live.fetch_sub(1, std::memory_order_relaxed);
    push_free(slot_of(handle));
}

base::Error refuse(const Slot *slot, Handle handle, std::uint64_t identity) {
    if (!handle) return base::fail(Status::argument, "a handle is NULL: give the one kith handed out");
    const auto state = slot ? slot->state.load(std::memory_order_acquire) : 0;
    const bool was_one =
        slot && generation_of(handle) != 0 && generation_of(handle) <= generation_in(state) &&
        (generation_of(handle) < generation_in(state) || !(state & kUsed) || (state & kIdentity) == identity);
    if (was_one)
        return base::fail(Status::closed, "the handle was freed, or its store was closed: get a new one");
    return base::fail(Status::argument,
                      "a handle is none of kith's, or of another kind: give the one kith handed out");
}

}  // namespace

Handle add(Kind kind, std::unique_ptr<Object> object) {
    auto index = pop_free();
    if (index == kSlotsMax) index = begin_slot();
    auto *slot = find(index);
    auto generation = (generation_in(slot->state.load(std::memory_order_acquire)) + 1) & kGenerationMask;
    if (generation == 0) generation = 1;
    slot->object = std::move(object);
    slot->state.store(identity(kind, generation), std::memory_order_release);
    table.live.fetch_add(1, std::memory_order_relaxed);
    return handle_of(kind, generation, index);
}

base::Result<Object *> pin(Handle handle, Kind kind, bool shared) {
    const auto [slot, identity] = known(handle, kind);
    if (!slot) return refuse(nullptr, handle, identity);
    auto state = slot->state.load(std::memory_order_relaxed);
    do {
        if ((state & ~kPins) != identity) return refuse(slot, handle, identity);
        if ((state & kPins) == kPins || (!shared && (state & kPins))) {
            return base::fail(Status::state,
                              "the handle is in use by another call: use it from one thread at a time");
        }
    } while (!slot->state.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                                std::memory_order_relaxed));
    return slot->object.get();
}

void unpin(Handle handle) {
    auto &slot = *find(slot_of(handle));
    const auto before = slot.state.fetch_sub(1, std::memory_order_acq_rel);
    if (!(before & kShut) || (before & kPins) != 1) return;
    slot.state.notify_all();
    if (before & kFreed) retire(slot, handle);
}

void free(Handle handle, Kind kind) {
    const auto [slot, identity] = known(handle, kind);
    if (!slot) return;
    auto state = slot->state.load(std::memory_order_relaxed);
    do {
        if ((state & (kIdentity | kFreed)) != identity) return;
    } while (!slot->state.compare_exchange_weak(state, state | kFreed | kShut, std::memory_order_acq_rel,
                                                std::memory_order_relaxed));
    if (!(state & kPins)) retire(*slot, handle);
}

bool shut(Handle handle, Kind kind) {
    const auto [slot, identity] = known(handle, kind);
    if (!slot) return false;
    auto state = slot->state.load(std::memory_order_relaxed);
    do {
        if ((state & ~kPins) != identity) return false;
    } while (!slot->state.compare_exchange_weak(state, state | kShut, std::memory_order_acq_rel,
                                                std::memory_order_relaxed));
    return true;
}

void drain(Handle handle) {
    const auto *slot = find(slot_of(handle));
    auto state = slot->state.load(std::memory_order_acquire);
    while (generation_in(state) == generation_of(handle) && (state & kPins)) {
        slot->state.wait(state, std::memory_order_acquire);
        state = slot->state.load(std::memory_order_acquire);
    }
}

std::int64_t live() { return table.live.load(std::memory_order_relaxed); }

}  // namespace kith::capi::handles
