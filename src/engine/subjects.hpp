// Subjects of a snapshot as hosts name them, and expressions evaluated for them.
#pragma once

#include "engine/expressions.hpp"
#include "engine/values_at.hpp"

namespace kith::engine {

// As kith_subject of <kith/value.h>.
struct SubjectName {
    SubjectKind kind = SubjectKind::party;
    base::Id party;
    std::string_view key;  // of an actor, a product, a campaign
};

// None: the file does not know it.
base::Result<std::optional<ValueSubject>> find_subject(const Snapshot &snapshot, const SubjectName &name);

// For a subject, or a party with one of its interactions at hand. Null: there is no such subject.
base::Result<std::unique_ptr<ExpressionResult>> evaluate_for(const Snapshot &snapshot,
                                                             const Expression &expression,
                                                             const SubjectName &subject,
                                                             const EvaluateOptions &options);
base::Result<std::unique_ptr<ExpressionResult>> evaluate_at(const Snapshot &snapshot,
                                                            const Expression &expression,
                                                            const model::InteractionKey &interaction,
                                                            const EvaluateOptions &options);

}  // namespace kith::engine
