// Handles: what hosts hold are not pointers but numbers, each of kind, generation and slot of a table
// that never shrinks. A handle that was freed, closed, or never was one is told apart and refused; none
// is ever followed into memory that is gone.
//
// A call pins the handles it uses. Freeing waits for nobody: the last pin to go deletes the object.
// Nothing here takes a lock.
#pragma once

#include <kith/base.h>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/result.hpp"

namespace kith::capi {

enum class Kind : std::uint8_t {
    store = 1,
    snapshot,
    batch,
    cursor,
    page,
    table,
    export_,
    expr,
    expr_result
};

// What a handle stands for. A class derived from it says which C type hosts know it by (Public), its
// kind (kKind), and whether calls on it may run at the same time (kShared).
class Object {
public:
    virtual ~Object() = default;
};

namespace handles {

using Handle = std::uint64_t;

Handle add(Kind kind, std::unique_ptr<Object> object);
base::Result<Object *> pin(Handle handle, Kind kind, bool shared);
void unpin(Handle handle);
void free(Handle handle, Kind kind);  // anything else than a live handle of this kind is left alone
bool shut(Handle handle, Kind kind);  // no pin from now on; false if it was shut before
void drain(Handle handle);            // waits for the pins on a shut handle
std::int64_t live();

template <class T>
Handle number(const T *handle) {
    return static_cast<Handle>(reinterpret_cast<std::uintptr_t>(handle));
}

}  // namespace handles

// A handle in use, for the length of a call.
template <class T>
class Pin {
public:
    Pin(T *object, handles::Handle handle) : object_(object), handle_(handle) {}
    Pin(Pin &&other) noexcept : object_(std::exchange(other.object_, nullptr)), handle_(other.handle_) {}
    Pin &operator=(Pin &&) = delete;
    ~Pin() {
        if (object_) handles::unpin(handle_);
    }
    T *operator->() const { return object_; }
    T &operator*() const { return *object_; }

private:
    T *object_;
    handles::Handle handle_;
};

template <class T>
base::Result<Pin<T>> pin(const typename T::Public *handle) {
    const auto number = handles::number(handle);
    KITH_LET(object, handles::pin(number, T::kKind, T::kShared));
    return Pin<T>(static_cast<T *>(object), number);
}

template <class T>
typename T::Public *give(std::unique_ptr<T> object) {
    return reinterpret_cast<typename T::Public *>(handles::add(T::kKind, std::move(object)));
}

template <class T>
void free_handle(const typename T::Public *handle) {
    handles::free(handles::number(handle), T::kKind);
}

}  // namespace kith::capi
