#include "base/result.hpp"

namespace kith::base {

void ErrorDeleter::operator()(Error *error) const noexcept { delete error; }

[[gnu::cold]] ErrorBox box(Error &&error) { return ErrorBox(new Error(std::move(error))); }

[[gnu::cold]] Error fail(Status status, const char *message) { return {status, message}; }
[[gnu::cold]] Error fail(Status status, std::string message) { return {status, std::move(message)}; }

}  // namespace kith::base
