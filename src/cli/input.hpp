// The bytes of an input file, mapped. What cannot be mapped (standard input, a pipe) is first copied to
// a temporary file that has no name, so that nothing of it is left behind however the program ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kith::cli {

class Input {
public:
    // "-" is standard input. Ends the command (kFailed) when the file cannot be read.
    explicit Input(const std::string &path);
    ~Input();
    Input(const Input &) = delete;
    Input &operator=(const Input &) = delete;

    std::string_view bytes() const { return {data_, size_}; }

private:
    const char *data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace kith::cli
