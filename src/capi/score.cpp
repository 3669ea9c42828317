#include <kith/score.h>

#include "capi/directory.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

static_assert(static_cast<int>(model::Nature::stated) == KITH_NATURE_STATED);
static_assert(static_cast<int>(model::Nature::target) == KITH_NATURE_TARGET);

constexpr std::uint32_t kScoreFields = KITH_SCORE_FIELD_NUMBER | KITH_SCORE_FIELD_MONEY |
                                       KITH_SCORE_FIELD_CONFIDENCE | KITH_SCORE_FIELD_N |
                                       KITH_SCORE_FIELD_SPREAD;

base::Result<engine::ScoreItem> score_in(const kith_ref *ref, std::uint32_t flags, const kith_score *theirs) {
    engine::ScoreItem out;
    KITH_LET(item_flags, item_flags_in(flags));
    KITH_LET(in, read_struct(theirs, "score"));
    KITH_TRY(check_bits(in.fields, kScoreFields, "score->fields"));
    KITH_LET(kind, subject_kind_in(in.subject, "score->subject"));
    if (kind == model::SubjectKind::party) {
        KITH_LET(reference, ref_in(ref));
        out.ref = reference;
    }
    KITH_LET(currency, currency_in(in.currency));
    const std::tuple<std::string_view &, const kith_str &, const char *> texts[] = {
        {out.subject_key, in.subject_key, "score->subject_key"},
        {out.metric, in.metric, "score->metric"},
        {out.key, in.key, "score->key"},
        {out.period, in.period, "score->period"},
        {out.text, in.text, "score->text"},
        {out.source, in.source, "score->source"},
        {out.method, in.method, "score->method"},
        {out.author, in.author, "score->author"},
        {out.system, in.system, "score->system"},
        {out.host_key, in.host_key, "score->host_key"}};
    for (const auto &[target, text, name] : texts) {
        KITH_LET(view, view_in(text, name));
        target = view;
    }
    out.kind = kind;
    out.flags = item_flags;
    out.at = in.at;
    out.nature = static_cast<model::Nature>(in.nature <= KITH_NATURE_TARGET ? in.nature : 0);
    if (in.fields & KITH_SCORE_FIELD_NUMBER) out.number = in.number;
    if (in.fields & KITH_SCORE_FIELD_MONEY) out.money = in.money;
    if (in.fields & KITH_SCORE_FIELD_CONFIDENCE) out.confidence = in.confidence;
    if (in.fields & KITH_SCORE_FIELD_N) out.n = in.n;
    if (in.fields & KITH_SCORE_FIELD_SPREAD) out.spread = in.spread;
    out.currency = currency;
    out.definition_version = in.definition_version;
    return out;
}

}  // namespace

extern "C" {

kith_status kith_score_append(kith_batch *batch, const kith_ref *ref, uint32_t flags, const kith_score *score,
                              uint32_t *out_item, kith_error *error) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        KITH_LET(item, score_in(ref, flags, score));
        KITH_LET(added, pinned->items.add(item));
        if (out_item) *out_item = added;
        return kOk;
    });
}

kith_status kith_score_latest(kith_snapshot *snapshot, const kith_score_query *query, kith_page **out_page,
                              kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_LET(in, read_struct(query, "query"));
        KITH_TRY(check_reserved(in.reserved));
        KITH_TRY(check_time(in.at, "query->at"));
        KITH_LET(kind, subject_kind_in(in.subject, "query->subject"));
        if (in.nature > KITH_NATURE_TARGET)
            return base::fail(base::Status::argument,
                              "query->nature is unknown: use a KITH_NATURE_ constant");
        KITH_LET(subject_key, text_in(in.subject_key, KITH_MAX_NAME_BYTES, "query->subject_key"));
        KITH_LET(metric, required_in(in.metric.data, in.metric.size, KITH_MAX_NAME_BYTES, "query->metric"));
        KITH_LET(key, text_in(in.key, KITH_MAX_NAME_BYTES, "query->key"));
        KITH_LET(pinned, use(snapshot));
        const engine::DirectoryReads reads(*pinned->view);
        engine::LatestScore latest;
        KITH_LET(subject, find_subject(reads, kind, id_in(in.party), subject_key));
        KITH_LET(metric_code, reads.code(metric));
        KITH_LET(key_code, reads.code(key));
        if (!subject || !metric_code || (!key.empty() && !key_code)) return kNotFound;
        latest.subject = *subject;
        latest.metric = *metric_code;
        latest.key = key_code.value_or(0);
        latest.at = in.at;
        if (in.nature) latest.nature = static_cast<model::Nature>(in.nature);
        KITH_LET(found, reads.latest(latest));
        if (!found) return kNotFound;
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span<const model::Score>(&*found, 1)));
        *out_page = page.finish();
        return kOk;
    });
}
}
