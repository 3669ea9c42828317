#include "engine/subjects.hpp"

namespace kith::engine {

using base::Status;

namespace {

using Evaluated = base::Result<std::unique_ptr<ExpressionResult>>;

// An expression holds places in the definitions it was compiled with.
base::Result<std::unique_ptr<ValuesAt>> values_for(const Snapshot &snapshot, const Expression &expression,
                                                   base::Micros now) {
    KITH_LET(values, ValuesAt::of(snapshot, now));
    if (values->catalog().fingerprint != expression.values()->fingerprint) {
        return base::fail(Status::state, "the definitions have changed: compile the expression again");
    }
    return values;
}

base::Error wrong_kind() {
    return base::fail(Status::argument,
                      "the expression was compiled for subjects of another kind: set options->subject");
}

}  // namespace

base::Result<std::optional<ValueSubject>> find_subject(const Snapshot &snapshot, const SubjectName &name) {
    if (name.kind == SubjectKind::all) return std::optional(ValueSubject{SubjectKind::all, {}, 0});
    if (name.kind == SubjectKind::party) {
        KITH_LET(row,
                 snapshot.reader().get(store::Table::parties, index::row(name.party, index::Tag::party)));
        if (!row) return std::optional<ValueSubject>();
        return std::optional(ValueSubject{SubjectKind::party, name.party, 0});
    }
    KITH_LET(code, snapshot.store().names().find(snapshot.reader(), name.key));
    if (!code) return std::optional<ValueSubject>();
    return std::optional(ValueSubject{name.kind, {}, *code});
}

Evaluated evaluate_for(const Snapshot &snapshot, const Expression &expression, const SubjectName &subject,
                       const EvaluateOptions &options) {
    if (subject.kind != expression.subject()) return wrong_kind();
    if (!expression.values()) {
        KITH_LET(facts, PartyFacts::of(snapshot, subject.party));
        if (!facts) return std::unique_ptr<ExpressionResult>();
        return expression.evaluate({facts.get(), nullptr}, options);
    }
    KITH_LET(found, find_subject(snapshot, subject));
    if (!found) return std::unique_ptr<ExpressionResult>();
    KITH_LET(values, values_for(snapshot, expression, options.moment.now));
    auto *at_hand = values->values().of(*found);
    if (auto error = values->values().take_error()) return error;
    if (!at_hand) return std::unique_ptr<ExpressionResult>();
    return expression.evaluate({nullptr, at_hand}, options);
}

Evaluated evaluate_at(const Snapshot &snapshot, const Expression &expression,
                      const model::InteractionKey &interaction, const EvaluateOptions &options) {
    if (expression.subject() != SubjectKind::party) return wrong_kind();
    KITH_LET(facts, PartyFacts::of(snapshot, interaction));
    if (!facts) return std::unique_ptr<ExpressionResult>();
    if (!expression.values()) return expression.evaluate({facts.get(), nullptr}, options);
    KITH_LET(values, values_for(snapshot, expression, options.moment.now));
    SubjectValues at_hand(values->values(), {SubjectKind::party, interaction.party, 0}, std::move(facts));
    return expression.evaluate({nullptr, &at_hand}, options);
}

}  // namespace kith::engine
