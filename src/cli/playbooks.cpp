#include "cli/playbooks.hpp"

#include <algorithm>

#include "cli/arguments.hpp"

namespace kith::cli {

std::vector<kith_playbook> built_in_playbooks() {
    std::vector<kith_playbook> all(kith_playbook_count(), make<kith_playbook>());
    kith_error error = make_error();
    for (std::size_t i = 0; i < all.size(); ++i) check(kith_playbook_get(i, &all[i], &error), error);
    return all;
}

Playbook find_playbook(const std::string &name_or_file) {
    const auto all = built_in_playbooks();
    const auto found =
        std::ranges::find_if(all, [&](const auto &one) { return view(one.name) == name_or_file; });
    if (found != all.end()) return {name_or_file, std::string(view(found->json)), true};
    if (name_or_file.find_first_of("./") == std::string::npos)
        fail(kFailed, fmt::format("there is no playbook {}; see: kith playbook list", name_or_file));
    return {name_or_file, read_file(name_or_file), false};
}

std::string mistake_in(const Playbook &playbook, std::string_view message) {
    return playbook.built_in ? fmt::format("{}: {}", playbook.name, message)
                             : at_place(playbook.name, message);
}

}  // namespace kith::cli
