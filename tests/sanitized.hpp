// Long random tests run a fifth as long under a sanitizer, which makes each step many times slower.
#pragma once

#include <cstddef>

namespace kith_test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::size_t kSanitizedShare = 5;
#else
inline constexpr std::size_t kSanitizedShare = 1;
#endif

}  // namespace kith_test
