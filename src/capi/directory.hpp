// What the calls about products, actors, campaigns, scores and links share.
#pragma once

#include "capi/batch.hpp"
#include "engine/directory_reads.hpp"

namespace kith::capi {

// Of the calls that put a record by its key.
base::Result<engine::ItemFlags> put_flags_in(std::uint32_t flags);
base::Result<model::SubjectKind> subject_kind_in(std::uint32_t subject, const char *name);
base::Result<model::LinkKind> link_kind_in(std::string_view word);

// None if the file has never heard of it. A party is not looked for.
base::Result<std::optional<model::Subject>> find_subject(const engine::DirectoryReads &reads,
                                                         model::SubjectKind kind, const base::Id &party,
                                                         std::string_view key);

}  // namespace kith::capi
