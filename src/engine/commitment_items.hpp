// Items of a batch about commitments and requests, and what a session makes of them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/ref.hpp"
#include "model/commitment.hpp"
#include "model/request.hpp"

namespace kith::engine {

// Of a party; made by people.
struct NewCommitmentItem {
    Ref ref;
    ItemFlags flags;
    model::CommitmentSort sort = model::CommitmentSort::task;
    std::uint8_t traits = 0;  // model::commitment_flag
    model::ForKind for_kind = model::ForKind::none;
    std::string_view kind, name, assignee, debtor, creditor, system, host_key;
    base::Id debtor_party, creditor_party, for_record;
    std::span<const std::string_view> require;
    base::Micros opened_at = 0;
    std::optional<base::Micros> due;
    model::CommitmentPersonal personal;
};

// Another state.
struct CommitmentItem {
    base::Id commitment;
    model::CommitmentState state{};
    base::Micros at = 0;
};

// Other fields: those of `fields` (model::commitment_field).
struct CommitmentChangeItem {
    base::Id commitment;
    std::uint32_t fields = 0;
    std::uint32_t revision = 0;
    std::optional<base::Micros> due;
    std::string_view assignee;
    std::span<const std::string_view> artefacts;  // that are there, all of them
    model::CommitmentPersonal personal;
};

// A request to the host: taken until `at`, or closed then.
struct RequestItem {
    base::Id request;
    std::optional<model::RequestState> closes;  // done or failed
    base::Micros at = 0;
    std::string_view result{};
};

// A rule that is suspended is to run again.
struct ResumeItem {
    std::string_view rule;
};

// The same as a new commitment, in the file's names: what rules and processes make and change too.
struct NewCommitment {
    model::CommitmentSort sort = model::CommitmentSort::task;
    std::uint8_t traits = 0;  // model::commitment_flag
    model::ForKind for_kind = model::ForKind::none;
    bool historic = false;  // recorded, never opened
    model::Name kind = 0, name = 0, title = 0, assignee = 0, system = 0;
    std::string_view host_key{};
    model::Side debtor{}, creditor{};
    base::Id for_record{};
    std::span<const model::Name> require{};
    base::Micros opened_at = 0;
    std::optional<base::Micros> due{};
    base::Id process{};  // that makes it
    model::Name rule = 0;
    std::uint32_t version = 0;
    model::CommitmentPersonal personal{};
};

struct CommitmentChange {
    std::uint32_t fields = 0;
    std::optional<base::Micros> due{};
    model::Name assignee = 0;
    std::span<const model::Name> artefacts{};
    model::CommitmentPersonal personal{};
};

}  // namespace kith::engine
