// Writes one JSON object a line, fields in the order given (RFC 8259).
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace kith::engine {

using base::quote_json;

class JsonLine {
public:
    explicit JsonLine(std::string &out) : out_(out) { out_ += '{'; }

    // Absent text is left out.
    void text(std::string_view name, std::string_view value) {
        if (!value.data()) return;
        begin(name);
        quote_json(out_, value);
    }
    void number(std::string_view name, std::int64_t value) {
        begin(name);
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_.append(digits, end);
    }
    // The shortest text that reads back the same.
    void real(std::string_view name, double value) {
        begin(name);
        out_ += real_text(value);
    }
    static std::string real_text(double value) {
        char digits[32];
        return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
    }
    void flag(std::string_view name, bool value) {
        begin(name);
        out_ += value ? "true" : "false";
    }
    void raw(std::string_view name, std::string_view json) {
        begin(name);
        out_ += json;
    }
    void end() { out_ += "}\n"; }

private:
    void begin(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        quote_json(out_, name);
        out_ += ':';
    }
    std::string &out_;
    bool first_ = true;
};

}  // namespace kith::engine
