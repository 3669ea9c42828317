// Whose values a command shows: a customer, or another subject by an option.
#pragma once

#include <kith/kith.h>

#include <string>

#include "cli/command.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"

namespace kith::cli {

struct SubjectOptions {
    std::string actor, product, campaign;
    bool all = false;

    bool given() const { return all || !actor.empty() || !product.empty() || !campaign.empty(); }
};

void add_subject_options(Command &command, SubjectOptions &options);

// A subject with the text it points to.
struct Subject {
    std::uint32_t kind = KITH_SUBJECT_PARTY;
    kith_id party{};
    std::string key;  // as people call it: of a party its label

    kith_subject borrowed() const;  // for a call
    std::string label() const;      // "C-00042", "actor mia", "the whole base"
};

// `party` is what was typed for one; empty where an option names another.
Subject find_subject(const Snapshot &snapshot, const std::string &party, const SubjectOptions &options);
std::uint32_t subject_kind(const SubjectOptions &options);

// "party", "actor", ...
std::string_view subject_name(std::uint32_t kind);
void append_subject(Json &json, const Subject &subject);

}  // namespace kith::cli
