// Claims of identifiers that several parties share.
#pragma once

#include <optional>
#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"
#include "model/name.hpp"
#include "store/store.hpp"

namespace kith::engine {

// The party of a shared identifier, where it has only one. Law 4: a shared identifier finds candidates, it
// never decides between them: Status::conflict if there are several.
base::Result<std::optional<base::Id>> shared_claim(const store::Reader &reader, model::Name kind,
                                                   std::string_view normalised);
base::Error several_share();

}  // namespace kith::engine
