#include <kith/commitment.h>

#include "capi/directory.hpp"
#include "capi/table.hpp"
#include "engine/commitment_reads.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

namespace bits = model::commitment_field;
using model::CommitmentState;
static_assert(static_cast<int>(CommitmentState::open) == KITH_COMMITMENT_OPEN);
static_assert(static_cast<int>(CommitmentState::accepted) == KITH_COMMITMENT_ACCEPTED);
static_assert(static_cast<int>(CommitmentState::doing) == KITH_COMMITMENT_DOING);
static_assert(static_cast<int>(CommitmentState::kept) == KITH_COMMITMENT_KEPT);
static_assert(static_cast<int>(CommitmentState::broken) == KITH_COMMITMENT_BROKEN);
static_assert(static_cast<int>(CommitmentState::waived) == KITH_COMMITMENT_WAIVED);
static_assert(static_cast<int>(CommitmentState::cancelled) == KITH_COMMITMENT_CANCELLED);
static_assert(static_cast<int>(CommitmentState::compensated) == KITH_COMMITMENT_COMPENSATED);
static_assert(static_cast<int>(CommitmentState::historic) == KITH_COMMITMENT_HISTORIC);
static_assert(static_cast<int>(model::CommitmentSort::task) == KITH_SORT_TASK);
static_assert(static_cast<int>(model::CommitmentSort::reminder) == KITH_SORT_REMINDER);
static_assert(static_cast<int>(model::ForKind::commitment) == KITH_FOR_COMMITMENT);
static_assert(model::commitment_flag::is_explicit == KITH_COMMITMENT_EXPLICIT);
static_assert(model::commitment_flag::internal == KITH_COMMITMENT_INTERNAL);
static_assert(bits::due == KITH_COMMITMENT_CHANGE_DUE && bits::assignee == KITH_COMMITMENT_CHANGE_ASSIGNEE);
static_assert(bits::title == KITH_COMMITMENT_CHANGE_TITLE);
static_assert(bits::artefacts == KITH_COMMITMENT_CHANGE_ARTEFACTS);
static_assert(bits::evidence == KITH_COMMITMENT_CHANGE_EVIDENCE);
static_assert(bits::result == KITH_COMMITMENT_CHANGE_RESULT && bits::item == KITH_COMMITMENT_CHANGE_ITEM);
static_assert(bits::condition == KITH_COMMITMENT_CHANGE_CONDITION);
static_assert(bits::compensation == KITH_COMMITMENT_CHANGE_COMPENSATION);
static_assert(bits::revision == KITH_COMMITMENT_CHANGE_REVISION);

struct Text {
    std::string_view &target;
    const kith_str &given;
    const char *name;
};
base::Result<void> texts_of(std::initializer_list<Text> texts) {
    for (const auto &one : texts) {
        KITH_LET(view, view_in(one.given, one.name));
        one.target = view;
    }
    return {};
}

base::Result<void> artefacts_in(const kith_str *given, std::size_t count, const char *name,
                                std::vector<std::string_view> &out) {
    if (count > 0 && !given)
        return base::fail(base::Status::argument, std::string(name) + " is NULL with a count: give them");
    if (count > KITH_MAX_CODES)
        return base::fail(base::Status::limit, std::string(name) + " are too many: at most 256");
    for (std::size_t i = 0; i < count; ++i) {
        KITH_LET(one, view_in(given[i], name));
        out.push_back(one);
    }
    return {};
}

base::Result<engine::NewCommitmentItem> new_commitment_in(const kith_ref *ref, std::uint32_t flags,
                                                          const kith_new_commitment *theirs,
                                                          std::vector<std::string_view> &require) {
    engine::NewCommitmentItem out;
    KITH_LET(reference, ref_in(ref));
    KITH_LET(item_flags, item_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "commitment"));
    KITH_TRY(check_bits(in.fields, KITH_NEW_COMMITMENT_FIELD_DUE, "commitment->fields"));
    KITH_TRY(check_bits(in.flags, KITH_COMMITMENT_EXPLICIT | KITH_COMMITMENT_INTERNAL, "commitment->flags"));
    KITH_TRY(check_reserved(in.reserved));
    if (in.sort > KITH_SORT_REMINDER)
        return base::fail(base::Status::argument, "commitment->sort is unknown: use a KITH_SORT_ constant");
    if (in.for_kind > KITH_FOR_COMMITMENT)
        return base::fail(base::Status::argument,
                          "commitment->for_kind is unknown: use a KITH_FOR_ constant");
    KITH_TRY(texts_of({{out.kind, in.kind, "commitment->kind"},
                       {out.name, in.name, "commitment->name"},
                       {out.personal.title, in.title, "commitment->title"},
                       {out.personal.item, in.item, "commitment->item"},
                       {out.personal.condition, in.condition, "commitment->condition"},
                       {out.personal.compensation, in.compensation, "commitment->compensation"},
                       {out.assignee, in.assignee, "commitment->assignee"},
                       {out.debtor, in.debtor, "commitment->debtor"},
                       {out.creditor, in.creditor, "commitment->creditor"},
                       {out.system, in.system, "commitment->system"},
                       {out.host_key, in.key, "commitment->key"}}));
    KITH_TRY(artefacts_in(in.require, in.require_count, "commitment->require", require));
    out.ref = reference;
    out.flags = item_flags;
    if (in.sort) out.sort = static_cast<model::CommitmentSort>(in.sort);
    out.traits = static_cast<std::uint8_t>(in.flags);
    out.debtor_party = id_in(in.debtor_party);
    out.creditor_party = id_in(in.creditor_party);
    out.for_record = id_in(in.for_record);
    out.for_kind = static_cast<model::ForKind>(in.for_kind);
    out.require = require;
    out.opened_at = in.opened_at;
    if (in.fields & KITH_NEW_COMMITMENT_FIELD_DUE) out.due = in.due;
    return out;
}

base::Result<engine::CommitmentChangeItem> changes_in(const kith_commitment_changes *theirs,
                                                      std::vector<std::string_view> &artefacts) {
    engine::CommitmentChangeItem out;
    KITH_LET(in, read_struct(theirs, "changes"));
    KITH_TRY(check_bits(in.fields, 2 * KITH_COMMITMENT_CHANGE_NO_DUE - 1, "changes->fields"));
    constexpr auto kEither = KITH_COMMITMENT_CHANGE_DUE | KITH_COMMITMENT_CHANGE_NO_DUE;
    if ((in.fields & kEither) == kEither)
        return base::fail(base::Status::argument, "changes->fields has a due time and none: set one bit");
    KITH_TRY(texts_of({{out.assignee, in.assignee, "changes->assignee"},
                       {out.personal.title, in.title, "changes->title"},
                       {out.personal.item, in.item, "changes->item"},
                       {out.personal.condition, in.condition, "changes->condition"},
                       {out.personal.compensation, in.compensation, "changes->compensation"},
                       {out.personal.evidence, in.evidence, "changes->evidence"},
                       {out.personal.result, in.result, "changes->result"}}));
    KITH_TRY(artefacts_in(in.artefacts, in.artefact_count, "changes->artefacts", artefacts));
    out.commitment = id_in(in.id);
    out.fields = in.fields & ~std::uint32_t{KITH_COMMITMENT_CHANGE_NO_DUE};
    if (in.fields & KITH_COMMITMENT_CHANGE_NO_DUE) out.fields |= bits::due;
    if (in.fields & KITH_COMMITMENT_CHANGE_DUE) out.due = in.due;
    out.artefacts = artefacts;
    if (in.revision > UINT32_MAX)
        return base::fail(base::Status::argument, "changes->revision is none: give what was read");
    out.revision = static_cast<std::uint32_t>(in.revision);
    return out;
}

}  // namespace

extern "C" {

kith_status kith_commitment_make(kith_batch *batch, const kith_ref *ref, uint32_t flags,
                                 const kith_new_commitment *commitment, uint32_t *out_item,
                                 kith_error *error) {
    std::vector<std::string_view> require;
    return put_item(batch, out_item, error,
                    [&] { return new_commitment_in(ref, flags, commitment, require); });
}

kith_status kith_commitment_change(kith_batch *batch, const kith_commitment_changes *changes,
                                   uint32_t *out_item, kith_error *error) {
    std::vector<std::string_view> artefacts;
    return put_item(batch, out_item, error, [&] { return changes_in(changes, artefacts); });
}

kith_status kith_commitment_set_state(kith_batch *batch, const kith_id *commitment, uint32_t state,
                                      kith_time at, uint32_t *out_item, kith_error *error) {
    return put_item(batch, out_item, error, [&]() -> base::Result<engine::CommitmentItem> {
        KITH_TRY(not_null(commitment, "commitment"));
        engine::CommitmentItem item;
        item.commitment = id_in(*commitment);
        item.state = static_cast<CommitmentState>(state <= KITH_COMMITMENT_HISTORIC ? state : 0);
        item.at = at;
        return item;
    });
}

kith_status kith_commitment_get(kith_snapshot *snapshot, const kith_id *id, kith_page **out_page,
                                kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_TRY(not_null(id, "id"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(found, engine::CommitmentReads(*pinned->view).commitment(id_in(*id)));
        if (!found) return kNotFound;
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span<const engine::CommitmentRead>(&*found, 1)));
        *out_page = page.finish();
        return kOk;
    });
}

kith_status kith_commitment_counts(kith_snapshot *snapshot, kith_time now, kith_table **out_table,
                                   kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_TRY(check_time(now, "now"));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(result, engine::CommitmentReads(*pinned->view).counts(now));
        *out_table = give(std::make_unique<Table>(std::move(result)));
        return kOk;
    });
}
}
