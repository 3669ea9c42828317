#include <kith/cursor.h>

#include <algorithm>

#include "capi/batch.hpp"
#include "capi/directory.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "engine/commitment_reads.hpp"

namespace kith::capi {
namespace {

// A cursor holds nothing of the file: each page begins after the token of the one before, in whatever
// the snapshot then shows.
class Cursor : public Object {
public:
    using Public = kith_cursor;
    static constexpr Kind kKind = Kind::cursor;
    static constexpr bool kShared = false;

    kith_snapshot *snapshot = nullptr;
    std::uint32_t list = 0;
    base::Id party;
    std::string type, definition, state, subject_key, key;
    model::SubjectKind subject = model::SubjectKind::all;
    bool of_subject = false, with_key = false, team = false;
    std::uint32_t sort = 0;
    std::optional<base::Micros> from, until;
    std::string resume;
    bool ended = false;
};

base::Result<std::unique_ptr<Cursor>> cursor_in(const kith_query *query) {
    KITH_LET(in, read_struct(query, "query"));
    KITH_TRY(check_bits(
        in.fields,
        KITH_QUERY_FIELD_FROM | KITH_QUERY_FIELD_UNTIL | KITH_QUERY_FIELD_SUBJECT | KITH_QUERY_FIELD_TEAM,
        "query->fields"));
    KITH_TRY(check_reserved(in.reserved_3));
    if (in.sort > KITH_SORT_REMINDER)
        return base::fail(base::Status::argument, "query->sort is unknown: use a KITH_SORT_ constant");
    KITH_TRY(check_reserved(in.reserved));
    KITH_TRY(check_reserved(in.reserved_2));
    KITH_LET(subject, subject_kind_in(in.subject, "query->subject"));
    if (in.list < KITH_LIST_PARTIES || in.list > KITH_LIST_COMMITMENTS_OF) {
        return base::fail(base::Status::argument, "query->list is unknown: use a KITH_LIST_ constant");
    }
    KITH_LET(type, text_in(in.type, KITH_MAX_NAME_BYTES, "query->type"));
    KITH_LET(definition, text_in(in.definition, KITH_MAX_NAME_BYTES, "query->definition"));
    KITH_LET(state, text_in(in.state, KITH_MAX_NAME_BYTES, "query->state"));
    KITH_LET(subject_key, text_in(in.subject_key, KITH_MAX_NAME_BYTES, "query->subject_key"));
    KITH_LET(key, text_in(in.key, KITH_MAX_NAME_BYTES, "query->key"));
    KITH_LET(resume, view_in(in.resume, "query->resume"));
    if (resume.size() > KITH_MAX_NAME_BYTES) {
        return base::fail(base::Status::argument, "query->resume is no token: use one of kith_page_resume");
    }
    if (in.list == KITH_LIST_PROCESSES && definition.empty()) {
        return base::fail(base::Status::argument, "query->definition is missing: name the process");
    }
    if (in.list == KITH_LIST_MEMBERS && definition.empty()) {
        return base::fail(base::Status::argument, "query->definition is missing: name the segment");
    }
    auto cursor = std::make_unique<Cursor>();
    cursor->list = in.list;
    cursor->party = id_in(in.party);
    cursor->type = type;
    cursor->definition = definition;
    cursor->state = state;
    cursor->resume = resume;
    cursor->subject = subject;
    cursor->of_subject = (in.fields & KITH_QUERY_FIELD_SUBJECT) != 0;
    cursor->team = (in.fields & KITH_QUERY_FIELD_TEAM) != 0;
    cursor->sort = in.sort;
    cursor->subject_key = subject_key;
    cursor->with_key = in.key.data != nullptr;
    cursor->key = key;
    if (in.fields & KITH_QUERY_FIELD_FROM) {
        KITH_TRY(check_time(in.from, "query->from"));
        cursor->from = in.from;
    }
    if (in.fields & KITH_QUERY_FIELD_UNTIL) {
        KITH_TRY(check_time(in.until, "query->until"));
        cursor->until = in.until;
    }
    return cursor;
}

template <class T>
base::Result<kith_page *> page_of(Cursor &cursor, const engine::Snapshot &view,
                                  base::Result<engine::Page<T>> read) {
    if (!read) return read.take_error();
    if (read->items.empty()) return static_cast<kith_page *>(nullptr);
    PageWriter page(view);
    KITH_TRY(page.add(std::span<const T>(read->items)));
    page.resume_after(read->resume);
    cursor.resume = read->resume;
    cursor.ended = read->resume.empty();
    return page.finish();
}

constexpr kith_page *kNoPage = nullptr;

// A name that the file has never heard of finds nothing.
base::Result<kith_page *> next_scores(Cursor &cursor, const engine::Snapshot &view, std::uint32_t items_max) {
    const engine::DirectoryReads reads(view);
    engine::ScoreQuery query;
    if (cursor.of_subject) {
        KITH_LET(subject, find_subject(reads, cursor.subject, cursor.party, cursor.subject_key));
        if (!subject) return kNoPage;
        query.subject = *subject;
    }
    const auto code = [&](const std::string &text, std::optional<model::Name> &out) -> base::Result<bool> {
        KITH_LET(found, reads.code(text));
        out = found;
        return found.has_value();
    };
    if (!cursor.definition.empty()) {
        KITH_LET(known, code(cursor.definition, query.metric));
        if (!known) return kNoPage;
    }
    if (cursor.with_key && cursor.key.empty()) query.key = 0;
    if (!cursor.key.empty()) {
        KITH_LET(known, code(cursor.key, query.key));
        if (!known) return kNoPage;
    }
    if (cursor.from) query.from = *cursor.from;
    if (cursor.until) query.until = *cursor.until;
    return page_of(cursor, view, reads.scores(query, cursor.resume, items_max));
}

base::Result<kith_page *> next_links(Cursor &cursor, const engine::Snapshot &view, std::uint32_t items_max) {
    const engine::DirectoryReads reads(view);
    std::optional<model::LinkKind> kind;
    if (!cursor.type.empty()) {
        KITH_LET(found, link_kind_in(cursor.type));
        kind = found;
    }
    if (cursor.list == KITH_LIST_LINKED)
        return page_of(cursor, view, reads.links_to(cursor.party, kind, cursor.resume, items_max));
    std::optional<model::Subject> from;
    if (cursor.subject == model::SubjectKind::actor) {
        KITH_LET(actor, find_subject(reads, cursor.subject, {}, cursor.subject_key));
        if (!actor) return kNoPage;
        from = actor;
    } else if (cursor.party) {
        from = model::Subject{model::SubjectKind::party, cursor.party, 0};
    }
    return page_of(cursor, view, reads.links(from, kind, cursor.resume, items_max));
}

base::Result<kith_page *> next_commitments(Cursor &cursor, const engine::Snapshot &view,
                                           std::uint32_t items_max) {
    const engine::DirectoryReads directory(view);
    const engine::CommitmentReads reads(view);
    engine::QueueQuery query;
    auto &filter = query.filter;
    if (cursor.sort) filter.sort = static_cast<model::CommitmentSort>(cursor.sort);
    if (!cursor.type.empty()) {
        KITH_LET(kind, directory.code(cursor.type));
        if (!kind) return kNoPage;
        filter.kind = *kind;
    }
    if (cursor.list == KITH_LIST_COMMITMENTS_OF) {
        if (!cursor.state.empty()) {
            const auto state = std::ranges::find(model::kCommitmentStates, cursor.state);
            if (state == std::end(model::kCommitmentStates)) {
                return base::fail(
                    base::Status::argument,
                    "query->state is no state of a commitment: use open, accepted, doing, kept, "
                    "broken, waived, cancelled, compensated or historic");
            }
            filter.state = static_cast<model::CommitmentState>(state - std::begin(model::kCommitmentStates));
        }
        return page_of(cursor, view, reads.of_party(cursor.party, filter, cursor.resume, items_max));
    }
    query.until = cursor.until;
    if (cursor.of_subject && cursor.subject_key.empty()) {
        query.of.emplace(1, model::Name{0});
    } else if (cursor.of_subject) {
        KITH_LET(actor, directory.code(cursor.subject_key));
        if (!actor) return kNoPage;
        query.of.emplace(1, *actor);
        if (cursor.team && cursor.subject_key == model::kSelf) query.of.reset();  // the whole enterprise
        if (cursor.team && query.of) {
            KITH_LET(team, reads.team(*actor));
            query.of = std::move(team);
        }
    }
    return page_of(cursor, view, reads.queue(query, cursor.resume, items_max));
}

// The members, and beside each its party's record.
base::Result<kith_page *> next_members(Cursor &cursor, const engine::Snapshot &view,
                                       std::uint32_t items_max) {
    const engine::Reads reads(view);
    KITH_LET(read, reads.members(cursor.definition, cursor.resume, items_max));
    if (!read) return base::fail(base::Status::not_found, "no segment of this name is installed");
    if (read->items.empty()) return kNoPage;
    std::vector<model::Party> parties;
    for (const auto &member : read->items) {
        KITH_LET(party, reads.party(member.party));
        if (!party) {
            return base::fail(base::Status::corrupt,
                              "the record of a segment's member is missing: run kith verify");
        }
        parties.push_back(*party);
    }
    PageWriter page(view);
    KITH_TRY(page.add(std::span<const engine::MemberRead>(read->items)));
    KITH_TRY(page.add(std::span<const model::Party>(parties)));
    page.resume_after(read->resume);
    cursor.resume = read->resume;
    return page.finish();
}

// Null where the list has ended.
base::Result<kith_page *> next_page(Cursor &cursor, const engine::Snapshot &view, std::uint32_t items_max) {
    const engine::Reads reads(view);
    switch (cursor.list) {
        case KITH_LIST_PARTIES:
            return page_of(cursor, view, reads.parties(cursor.resume, items_max));
        case KITH_LIST_TIMELINE: {
            engine::TimelineQuery query;
            query.party = cursor.party;
            query.type = cursor.type;
            if (cursor.from) query.from = *cursor.from;
            if (cursor.until) query.until = *cursor.until;
            return page_of(cursor, view, reads.timeline(query, cursor.resume, items_max));
        }
        case KITH_LIST_COMMITMENTS:
        case KITH_LIST_COMMITMENTS_OF:
            return next_commitments(cursor, view, items_max);
        case KITH_LIST_PROCESSES:
            return page_of(cursor, view,
                           reads.in_state(cursor.definition, cursor.state, cursor.resume, items_max));
        case KITH_LIST_PRODUCTS:
            return page_of(cursor, view, engine::DirectoryReads(view).products(cursor.resume, items_max));
        case KITH_LIST_ACTORS:
            return page_of(cursor, view, engine::DirectoryReads(view).actors(cursor.resume, items_max));
        case KITH_LIST_CAMPAIGNS:
            return page_of(cursor, view, engine::DirectoryReads(view).campaigns(cursor.resume, items_max));
        case KITH_LIST_SCORES:
            return next_scores(cursor, view, items_max);
        case KITH_LIST_LINKS:
        case KITH_LIST_LINKED:
            return next_links(cursor, view, items_max);
        case KITH_LIST_MEMBERS:
            return next_members(cursor, view, items_max);
        default:
            return page_of(cursor, view, reads.definitions(cursor.resume, items_max));
    }
}

}  // namespace
}  // namespace kith::capi

using namespace kith;
using namespace kith::capi;

extern "C" {

kith_status kith_cursor_open(kith_snapshot *snapshot, const kith_query *query, kith_cursor **out_cursor,
                             kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_cursor, "out_cursor"));
        KITH_LET(cursor, cursor_in(query));
        KITH_LET(pinned, use(snapshot));
        if (cursor->list == KITH_LIST_TIMELINE) {
            KITH_LET(party, engine::Reads(*pinned->view).party(cursor->party));
            if (!party) return kNotFound;
        }
        cursor->snapshot = snapshot;
        *out_cursor = give(std::move(cursor));
        return kOk;
    });
}

kith_status kith_cursor_next(kith_cursor *cursor, uint32_t items_max, kith_page **out_page,
                             kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_TRY(check_items_max(items_max));
        KITH_LET(running, pin<Cursor>(cursor));
        KITH_LET(pinned, use(running->snapshot));
        if (running->ended) return kEnd;
        KITH_LET(page, next_page(*running, *pinned->view, items_max));
        if (!page) return kEnd;
        *out_page = page;
        return kOk;
    });
}

void kith_cursor_free(kith_cursor *cursor) { free_handle<Cursor>(cursor); }

kith_status kith_brief(kith_snapshot *snapshot, const kith_id *party, uint32_t interactions_max,
                       kith_page **out_page, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_TRY(not_null(party, "party"));
        if (interactions_max > 0) KITH_TRY(check_items_max(interactions_max));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(brief, engine::Reads(*pinned->view).brief(id_in(*party), interactions_max));
        if (!brief) return kNotFound;
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span<const model::Party>(&brief->party, 1)));
        page.add(brief->figures);
        KITH_TRY(page.add(std::span<const model::Identifier>(brief->identifiers)));
        KITH_TRY(page.add(std::span<const engine::ProcessRead>(brief->processes)));
        KITH_TRY(page.add(std::span<const engine::MemberRead>(brief->memberships)));
        KITH_TRY(page.add(std::span<const engine::CommitmentRead>(brief->commitments)));
        KITH_TRY(page.add(std::span<const engine::InteractionRead>(brief->interactions)));
        *out_page = page.finish();
        return kOk;
    });
}
}
