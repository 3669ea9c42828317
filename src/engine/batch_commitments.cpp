// Items about commitments: checked without the file.
#include <algorithm>

#include "engine/batch.hpp"
#include "engine/batch_checks.hpp"

namespace kith::engine {

namespace {
namespace commitment_part = model::commitment_field;
}

using base::Status;

base::Result<std::span<const std::string_view>> Batch::copy(std::span<const std::string_view> codes,
                                                            std::uint32_t at_fault) {
    if (codes.size() > KITH_MAX_CODES)
        return wrong(at_fault, Status::limit, "too many artefacts: at most 256 of a commitment");
    const auto copies = arena_.array<std::string_view>(codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        KITH_TRY(check_required(codes[i], KITH_MAX_NAME_BYTES, "an artefact", at_fault));
        if (std::find(copies.begin(), copies.begin() + static_cast<std::ptrdiff_t>(i), codes[i]) !=
            copies.begin() + static_cast<std::ptrdiff_t>(i))
            return wrong(at_fault, Status::argument, "an artefact is given twice: give it once");
        copies[i] = arena_.copy(codes[i]);
    }
    return std::span<const std::string_view>(copies);
}

base::Result<model::CommitmentPersonal> Batch::copy(const model::CommitmentPersonal &in) {
    KITH_TRY(check_name(in.title, "the title", commitment_part::title));
    for (const auto text : {in.item, in.condition, in.compensation, in.evidence, in.result})
        KITH_TRY(check_text(text, KITH_MAX_TEXT_BYTES, "a text of the commitment", commitment_part::item));
    auto out = in;
    for (auto *text : {&out.title, &out.item, &out.condition, &out.compensation, &out.evidence, &out.result})
        *text = arena_.copy(*text);
    return out;
}

base::Result<std::uint32_t> Batch::add(const NewCommitmentItem &in) {
    KITH_TRY(check_ref(in.ref, in.flags));
    if (in.sort < model::CommitmentSort::task || in.sort > model::CommitmentSort::reminder) {
        return base::fail(Status::argument,
                          "the commitment's sort is unknown: use task, promise, approval, compensation, "
                          "milestone or reminder");
    }
    if (in.kind.empty() && in.name.empty())
        return base::fail(Status::argument, "the commitment's kind is missing: say what it is, as call_back");
    for (const auto text : {in.kind, in.name, in.debtor, in.creditor})
        KITH_TRY(check_name(text, "a code of the commitment"));
    KITH_TRY(check_name(in.assignee, "the assignee", commitment_part::assignee));
    if ((in.debtor_party && !in.debtor.empty()) || (in.creditor_party && !in.creditor.empty()))
        return base::fail(Status::argument, "who owes, or is owed, is a party or an actor: give one");
    if ((in.for_kind == model::ForKind::none) != !in.for_record || in.for_kind > model::ForKind::commitment)
        return base::fail(Status::argument,
                          "the record it is for has a kind and an id: give both, use a KITH_FOR_ constant");
    KITH_TRY(check_time(in.opened_at, "opened_at"));
    KITH_TRY(check_time(in.due, "due", commitment_part::due));
    if (in.due && *in.due < in.opened_at)
        return wrong(commitment_part::due, Status::argument,
                     "it is due before it was opened: mend one of the two");
    if (in.host_key.data()) {
        KITH_TRY(check_required(in.host_key, KITH_MAX_TEXT_BYTES, "the host key"));
        KITH_TRY(check_required(in.system, KITH_MAX_NAME_BYTES, "the host system"));
    } else if (!in.system.empty()) {
        return base::fail(Status::argument, "a host system is given without a host key: give both or none");
    }
    auto item = in;
    KITH_LET(ref, copy(in.ref));
    KITH_LET(require, copy(in.require, commitment_part::artefacts));
    KITH_LET(personal, copy(in.personal));
    item.ref = ref;
    item.require = require;
    item.personal = personal;
    for (auto *text :
         {&item.kind, &item.name, &item.assignee, &item.debtor, &item.creditor, &item.system, &item.host_key})
        *text = arena_.copy(*text);
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const CommitmentItem &in) {
    using model::CommitmentState;
    if (!in.commitment) return base::fail(Status::argument, "the commitment's id is all zero");
    KITH_TRY(check_time(in.at, "the time"));
    if (in.state < CommitmentState::accepted || in.state > CommitmentState::compensated) {
        return base::fail(Status::argument,
                          "a commitment cannot be moved to this state: use accepted, doing, kept, broken, "
                          "waived, cancelled or compensated");
    }
    return push(in);
}

base::Result<std::uint32_t> Batch::add(const CommitmentChangeItem &in) {
    if (!in.commitment) return base::fail(Status::argument, "the commitment's id is all zero");
    KITH_TRY(check_time(in.due, "due", commitment_part::due));
    KITH_TRY(check_name(in.assignee, "the assignee", commitment_part::assignee));
    auto item = in;
    KITH_LET(artefacts, copy(in.artefacts, commitment_part::artefacts));
    KITH_LET(personal, copy(in.personal));
    item.artefacts = artefacts;
    item.personal = personal;
    item.assignee = arena_.copy(in.assignee);
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const RequestItem &in) {
    if (!in.request) return base::fail(Status::argument, "the request's id is all zero");
    KITH_TRY(check_time(in.at, in.closes ? "the time" : "lease_until"));
    KITH_TRY(check_text(in.result, KITH_MAX_TEXT_BYTES, "the result", 0));
    auto item = in;
    item.result = arena_.copy(in.result);
    return push(item);
}

base::Result<std::uint32_t> Batch::add(const ResumeItem &in) {
    KITH_TRY(check_required(in.rule, KITH_MAX_NAME_BYTES, "the rule's name"));
    return push(ResumeItem{arena_.copy(in.rule)});
}

}  // namespace kith::engine
