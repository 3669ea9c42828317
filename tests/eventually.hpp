// Waits for what another thread or process is about to do, in place of a sleep that hopes it has been done.
#pragma once

#include <chrono>
#include <thread>

namespace kith_test {

// False when it has not come to be within a minute.
template <class Condition>
bool eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace kith_test
