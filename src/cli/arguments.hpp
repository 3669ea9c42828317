// What people type: times, files, and parties by whatever they know of them.
#pragma once

#include <kith/kith.h>

#include <string>
#include <string_view>

#include "cli/handles.hpp"

namespace kith::cli {

// The system's clock.
kith_time system_now();

// A time or date as typed for `option`; without a zone it is wall time in `zone`.
kith_time parse_time(std::string_view option, const std::string &text, std::string_view zone);

// `text` parsed, or the system's clock where it is empty.
kith_time time_or_now(std::string_view option, const std::string &text, std::string_view zone);

std::string read_file(const std::string &path);

// A message about a file's text: "line 3, column 14: what" becomes "path:3:14: what", which editors jump to.
std::string at_place(const std::string &path, std::string_view message);

// The party known by an id, a host key or an identifier; fails if there is none.
kith_id find_party(const Snapshot &snapshot, const std::string &text);

// The name of a party, empty where it has none. Borrowed until the snapshot ends.
std::string_view party_name(const Snapshot &snapshot, const kith_id &party);

// How a party is called in all output: its host key, its id where there is none.
std::string party_label(const kith_id &party, const kith_str &host_key);

}  // namespace kith::cli
