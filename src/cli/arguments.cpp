#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/output.hpp"

namespace kith::cli {

kith_time system_now() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

kith_time parse_time(std::string_view option, const std::string &text, std::string_view zone) {
    kith_error error = make_error();
    kith_time time = 0;
    if (kith_time_parse(text.data(), text.size(), zone.data(), zone.size(), &time, &error) != KITH_OK) {
        fail(kUsage, fmt::format("{}: {}", option, error.message));
    }
    return time;
}

kith_time time_or_now(std::string_view option, const std::string &text, std::string_view zone) {
    return text.empty() ? system_now() : parse_time(option, text, zone);
}

std::string at_place(const std::string &path, std::string_view message) {
    constexpr std::string_view kLine = "line ", kColumn = ", column ";
    const auto column = message.find(kColumn);
    const auto end = message.find(": ");
    if (!message.starts_with(kLine) || column >= end || end == message.npos)
        return fmt::format("{}: {}", path, message);
    return fmt::format("{}:{}:{}{}", path, message.substr(kLine.size(), column - kLine.size()),
                       message.substr(column + kColumn.size(), end - column - kColumn.size()),
                       message.substr(end));
}

std::string read_file(const std::string &path) {
    struct Close {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
    if (!file) fail(kFailed, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    std::string text;
    char piece[16384];
    for (std::size_t got = 0; (got = std::fread(piece, 1, sizeof piece, file.get())) > 0;) {
        text.append(piece, got);
    }
    if (std::ferror(file.get()) != 0) fail(kFailed, fmt::format("cannot read {}; is it a file?", path));
    return text;
}

kith_id find_party(const Snapshot &snapshot, const std::string &text) {
    kith_error error = make_error();
    kith_id party{};
    const kith_status status = kith_party_search(snapshot.get(), text.data(), text.size(), &party, &error);
    if (status == KITH_NOT_FOUND) {
        fail(kFailed,
             "no party of that name; give its id, its host key, or an identifier as it was written "
             "(e-mail, phone, card)");
    }
    check(status, error);
    return party;
}

std::string_view party_name(const Snapshot &snapshot, const kith_id &id) {
    kith_error error = make_error();
    kith_party party = make<kith_party>();
    const kith_status status = kith_party_get(snapshot.get(), &id, &party, &error);
    if (status == KITH_NOT_FOUND) return {};
    check(status, error);
    return view(party.name);
}

std::string party_label(const kith_id &party, const kith_str &host_key) {
    return host_key.data == nullptr ? id_text(party) : std::string(view(host_key));
}

}  // namespace kith::cli
