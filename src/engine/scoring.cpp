// Scores and links: dated values of subjects, and edges between them. Both are appended and never rewritten.
#include <algorithm>
#include <map>

#include "engine/links.hpp"
#include "engine/session.hpp"
#include "engine/values.hpp"

namespace kith::engine {

using base::Status;
using store::Table;

namespace {

bool same_score(const model::Score &a, const model::Score &b) {
    return a.key.subject == b.key.subject && a.key.metric == b.key.metric && a.key.key == b.key.key &&
           a.key.at == b.key.at && a.nature == b.nature && a.number == b.number && a.money == b.money &&
           (!a.money || a.currency == b.currency) && a.text == b.text && a.period == b.period &&
           a.source == b.source && a.method == b.method && a.author == b.author && a.host_key == b.host_key &&
           a.definition_version == b.definition_version && a.confidence == b.confidence &&
           a.spread == b.spread && a.n == b.n;
}

}  // namespace

base::Result<model::Score> Session::compose(const ScoreItem &item) {
    model::Score out;
    out.stamp = meta_.stamp;
    out.key.subject.kind = item.kind;
    if (item.kind != model::SubjectKind::all && item.kind != model::SubjectKind::party) {
        KITH_LET(code, name(item.subject_key));
        out.key.subject.code = code;
    }
    const std::tuple<std::string_view, model::Name &> codes[] = {
        {item.metric, out.key.metric}, {item.key, out.key.key},   {item.period, out.period},
        {item.source, out.source},     {item.method, out.method}, {item.author, out.author},
        {item.system, out.system},     {item.text, out.text}};
    for (const auto &[text, code] : codes) {
        KITH_LET(known, name(text));
        code = known;
    }
    out.key.at = item.at;
    out.nature = item.nature;
    out.number = item.number;
    out.money = item.money;
    if (item.money) out.currency = item.currency.packed() ? item.currency : config_.currency;
    out.host_key = item.host_key;
    out.definition_version = item.definition_version;
    out.confidence = item.confidence;
    out.spread = item.spread;
    out.n = item.n;
    return out;
}

// What is to be said of a score whose host key is known already; none if it is new.
base::Result<std::optional<Outcome>> Session::find_existing(const ScoreItem &item,
                                                            const model::Score &score) {
    KITH_LET(reference, overlay_.get(Table::host_refs,
                                     index::host_ref(score.system, score.host_key, index::HostRef::score)));
    if (!reference) return std::optional<Outcome>();
    const auto key = index::score_key(*reference);
    KITH_LET(row, overlay_.get(Table::scores, index::score(key)));
    if (!row) return base::fail(Status::corrupt, "a host key names a score that is missing: run kith verify");
    auto asked = score;
    if (item.kind == model::SubjectKind::party && item.ref.by == Ref::By::none)
        asked.key.subject = key.subject;
    const bool same = same_score(record::decode_score(key, *row), asked);
    const auto &party = key.subject.party;
    if (same && item.flags.must_not_exist)
        return base::fail(Status::exists, "a score with this host key is there already");
    if (same) return std::optional(Outcome{ItemResult::existing, party, {}, false});
    if (item.flags.skip_conflict) return std::optional(Outcome{ItemResult::skipped, party, {}, false});
    return base::fail(Status::conflict,
                      "the host key is there already with other content: a score is not rewritten; record a "
                      "new one under a key of its own, or skip it");
}

base::Result<void> Session::record(model::Score &score) {
    const auto &subject = score.key.subject;
    auto change = model::change_of(model::ChangeKind::score, model::Operation::created, subject.party, {},
                                   score.key.metric);
    change.changed = static_cast<std::uint32_t>(subject.kind);
    change.from = subject.code;
    change.to = score.key.key;
    change.at = score.key.at;
    KITH_LET(number, record_change(change));
    score.key.origin = meta_.origin;
    score.key.number = number;
    const auto key = index::score(score.key);
    overlay_.put(Table::scores, key, encoder_.encode(score));
    new_scores_.push_back(score);
    new_scores_.back().host_key = {};
    if (score.host_key.data()) {
        overlay_.put(Table::host_refs, index::host_ref(score.system, score.host_key, index::HostRef::score),
                     key);
    }
    return {};
}

base::Result<Outcome> Session::apply_score(const ScoreItem &item, std::span<const Outcome> before) {
    // Cuts are scores too: another's would move classes that nobody has taken anew.
    if (item.kind == model::SubjectKind::all &&
        (item.metric.starts_with(kOfBands) || item.metric.starts_with(kOfScorecards)))
        return base::fail(
            Status::rule,
            "scores of the whole base whose metric begins with \"band.\" or \"score.\" are its own, "
            "which are taken when they are due: record yours under another name");
    KITH_LET(score, compose(item));
    const bool of_party = item.kind == model::SubjectKind::party;
    KITH_LET(known, of_party ? find_party(item.ref, before) : base::Result<Subject *>(nullptr));
    if (known) score.key.subject.party = known->party.id;
    if (score.host_key.data()) {
        KITH_LET(existing, find_existing(item, score));
        if (existing) return *existing;
    }
    bool created = false;
    if (of_party) {
        KITH_LET(found, require(known, item.ref, item.flags, {}, 0, created));
        score.key.subject.party = found->party.id;
    }
    const auto &subject = score.key.subject;
    KITH_TRY(record(score));
    if (of_party) {
        KITH_LET(owner, this->subject(subject.party));
        touched_.all = created;
        touched_.given.emplace(item.metric);
        model::Transition cause;
        cause.cause = model::Cause::hand;
        cause.at = item.at;
        KITH_TRY(settle(*owner, item.at, cause));
    }
    return Outcome{ItemResult::created, subject.party, {}, created};
}

// ---- links ----

// Of the file and of this batch.
base::Result<std::vector<model::Link>> Session::links_of(const model::Subject &from, model::LinkKind kind,
                                                         const base::Id *to) {
    std::vector<model::Link> all;
    auto prefix = index::links_from(from, kind);
    if (to) prefix.add(*to);
    KITH_TRY(read_links(writer_, prefix, all));
    auto added = new_links_.lower_bound({from, kind, to ? *to : base::Id(), 0, 0});
    for (; added != new_links_.end(); ++added) {
        const auto &key = added->first;
        if (key.from != from || key.kind != kind || (to && key.to != *to)) break;
        all.push_back(added->second);
    }
    return standing_links(std::move(all));
}

// By which a party hangs under others in a tree.
base::Result<std::vector<model::Link>> Session::links_up(const base::Id &party, model::LinkKind kind) {
    using model::SubjectKind;
    if (kind == model::LinkKind::member_of) return links_of({SubjectKind::party, party, 0}, kind);
    std::vector<model::Link> all;
    KITH_TRY(read_linked(writer_, index::linked_to(party, SubjectKind::party, kind), all));
    const auto [first, last] = new_linked_.equal_range({party, kind});
    for (auto added = first; added != last; ++added) {
        if (added->second.from.kind == SubjectKind::party) all.push_back(new_links_.at(added->second));
    }
    return standing_links(std::move(all));
}

// Law: trees stay trees.
base::Result<void> Session::check_tree(const model::Link &link) {
    const auto up = [&](const base::Id &party) { return links_up(party, link.key.kind); };
    KITH_LET(cycle, closes_cycle(link, up));
    if (!cycle) return {};
    return base::fail(Status::rule,
                      std::string(model::word_of(link.key.kind)) +
                          " would close a cycle: links of this kind lead from its end back to its "
                          "start; take one of them back first");
}

base::Result<Outcome> Session::apply_link(const LinkItem &item, std::span<const Outcome> before) {
    model::Link link;
    link.stamp = meta_.stamp;
    link.key.kind = item.kind;
    link.undone = item.undone;
    link.valid_from = item.valid_from;
    link.valid_to = item.valid_to;
    link.stance = item.stance;
    link.strength = item.strength;
    auto flags = item.flags;
    if (item.undone) flags.create = flags.create_anonymous = false;  // nothing is taken back from nobody
    bool created_from = false, created_to = false;
    if (item.actor.empty()) {
        KITH_LET(known, find_party(item.from, before));
        KITH_LET(found, require(known, item.from, flags, {}, 0, created_from));
        link.key.from = {model::SubjectKind::party, found->party.id, 0};
    } else {
        KITH_LET(code, name(item.actor));
        link.key.from = {model::SubjectKind::actor, {}, code};
    }
    KITH_LET(known, find_party(item.to, before));
    KITH_LET(found, require(known, item.to, flags, {}, 0, created_to));
    link.key.to = found->party.id;
    if (link.key.from.party == link.key.to)
        return base::fail(Status::rule, "the link leads from a party to itself: name two parties");

    KITH_LET(standing, links_of(link.key.from, item.kind, &link.key.to));
    const bool stands = !standing.empty();
    Outcome outcome{ItemResult::unchanged, link.key.to, {}, created_from || created_to};
    if (stands && !item.undone && item.flags.must_not_exist)
        return base::fail(Status::exists, "the link is there already: leave out must_not_exist to change it");
    if (!stands && item.undone) return outcome;
    if (stands && !item.undone && same_link(standing[0], link)) {
        outcome.result = ItemResult::existing;
        return outcome;
    }
    if (!item.undone && model::is_tree(item.kind) && item.actor.empty()) KITH_TRY(check_tree(link));

    auto change = model::change_of(model::ChangeKind::link,
                                   stands ? model::Operation::changed : model::Operation::created,
                                   item.actor.empty() ? link.key.from.party : link.key.to, link.key.to);
    KITH_LET(word, name(model::word_of(item.kind)));
    change.name = word;
    change.from = link.key.from.code;
    change.changed = static_cast<std::uint32_t>(item.kind);
    KITH_LET(number, record_change(change));
    link.key.origin = meta_.origin;
    link.key.number = number;
    overlay_.add(Table::links, index::link(link.key), encoder_.encode(link));
    overlay_.add(Table::linked, index::linked(link.key), {});
    new_links_.emplace(link.key, link);
    new_linked_.emplace(std::pair(link.key.to, link.key.kind), link.key);
    outcome.result = stands ? ItemResult::changed : ItemResult::created;
    return outcome;
}

}  // namespace kith::engine
