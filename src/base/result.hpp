// Results and errors: every expected failure in kith is a value. Exceptions are left to programming
// errors and to std::bad_alloc, and stop at the wall in capi/.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace kith::base {

// The same values as the KITH_* constants of include/kith/error.h (asserted in capi/).
enum class Status : std::int32_t {
    ok = 0,
    not_found = 1,
    end = 2,
    unchanged = 3,
    more = 4,
    argument = -1,
    state = -2,
    closed = -3,
    busy = -4,
    timeout = -5,
    cancelled = -6,
    conflict = -7,
    exists = -8,
    rule = -9,
    limit = -10,
    full = -11,
    io = -12,
    corrupt = -13,
    format = -14,
    format_newer = -15,
    permission = -16,
    feed_gap = -17,
    nomem = -18,
    unsupported = -19,
    internal = -20,
    missing = -21,
};

inline constexpr std::uint32_t kNoItem = UINT32_MAX;

// One line that says what to do; never a value of a personal field.
struct Error {
    Status status = Status::internal;
    std::string message;
    std::int32_t detail = 0;
    std::int32_t os_code = 0;
    std::uint32_t field = 0;
    std::uint32_t item = kNoItem;
};

// Errors are boxed, and made and freed out of line: the good path stays small.
struct ErrorDeleter {
    void operator()(Error *error) const noexcept;
};
using ErrorBox = std::unique_ptr<Error, ErrorDeleter>;
ErrorBox box(Error &&error);

Error fail(Status status, const char *message);
Error fail(Status status, std::string message);

// A value or an error. Not a std::variant, which takes more code at every call.
template <class T>
class [[nodiscard]] Result {
    using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    using value_type = T;

    Result() requires std::is_void_v<T> : value_(), good_(true) {}
    template <class U = Stored>
        requires(!std::is_void_v<T> && std::is_constructible_v<Stored, U &&> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Result> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Error> &&
                 !std::is_same_v<std::remove_cvref_t<U>, ErrorBox>)
    Result(U &&value) : value_(std::forward<U>(value)), good_(true) {}
    Result(Error error) : error_(box(std::move(error))), good_(false) {}
    Result(ErrorBox error) : error_(std::move(error)), good_(false) {}

    Result(Result &&other) noexcept : good_(other.good_) {
        if (good_) {
            std::construct_at(&value_, std::move(other.value_));
        } else {
            std::construct_at(&error_, std::move(other.error_));
        }
    }
    Result &operator=(Result &&other) noexcept {
        if (this == &other) return *this;
        std::destroy_at(this);
        return *std::construct_at(this, std::move(other));
    }
    ~Result() {
        if (good_) {
            std::destroy_at(&value_);
        } else {
            std::destroy_at(&error_);
        }
    }

    explicit operator bool() const { return good_; }
    Stored &operator*() & { return value_; }
    const Stored &operator*() const & { return value_; }
    Stored &&operator*() && { return std::move(value_); }
    Stored *operator->() { return &value_; }
    const Stored *operator->() const { return &value_; }
    Error &error() { return *error_; }
    const Error &error() const { return *error_; }
    ErrorBox take_error() { return std::move(error_); }

private:
    union {
        Stored value_;
        ErrorBox error_;
    };
    bool good_;
};

}  // namespace kith::base

#define KITH_JOIN_(a, b) a##b
#define KITH_JOIN(a, b) KITH_JOIN_(a, b)
#define KITH_TRY_AS(result, call)                \
    do {                                         \
        auto result = (call);                    \
        if (!result) return result.take_error(); \
    } while (false)

// KITH_TRY(call): returns the error of `call` from the enclosing function, if it has one.
#define KITH_TRY(call) KITH_TRY_AS(KITH_JOIN(kith_try_, __COUNTER__), call)

// KITH_LET(name, call): the same, else declares `name` with the value.
#define KITH_LET(name, call)                                 \
    auto name##_result_ = (call);                            \
    if (!name##_result_) return name##_result_.take_error(); \
    auto name = std::move(*name##_result_)
