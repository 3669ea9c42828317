// Products, actors, campaigns, scores and links, and what follows from them: host keys of scores, links by
// their end, trees without cycles.
#include <algorithm>
#include <iterator>

#include "engine/derivation.hpp"
#include "engine/links.hpp"

namespace kith::engine {

using base::Bytes;
using store::Table;

namespace {

model::Name code_at(Bytes key) { return static_cast<model::Name>(base::load_big64(key.data())); }

}  // namespace

base::Result<void> Derivation::read_directory() {
    const auto each_code = [&](Table table, record::Kind kind,
                               const std::function<void(model::Name, Bytes, Bytes)> &look) {
        return each(table, [&, table, kind](Bytes key, Bytes payload) -> base::Result<void> {
            if (key.size() != 8) {
                problem(table, key, "the key is one that no record has");
                return {};
            }
            if (!sound_record(kind, table, key, payload)) return {};
            check_name(code_at(key), table, key);
            look(code_at(key), key, payload);
            return sink_.keep(table, key, payload);
        });
    };
    KITH_TRY(
        each_code(Table::products, record::Kind::product, [&](model::Name code, Bytes key, Bytes payload) {
            for (const auto each : record::decode_product(code, payload).category)
                check_name(each, Table::products, key);
        }));
    std::map<model::Name, model::Name> above;
    KITH_TRY(each_code(Table::actors, record::Kind::actor, [&](model::Name code, Bytes key, Bytes payload) {
        const auto actor = record::decode_actor(code, payload);
        above[code] = actor.part_of;
        for (const auto name : {actor.part_of, actor.calendar}) check_name(name, Table::actors, key);
        for (const auto &values : {actor.skills, actor.limits})
            for (const auto &value : values) check_name(value.code, Table::actors, key);
    }));
    for (const auto &[actor, part_of] : above) {
        auto at = part_of;
        std::size_t steps = 0;
        for (; at != 0 && at != actor && steps <= above.size(); ++steps) {
            const auto next = above.find(at);
            at = next != above.end() ? next->second : 0;
        }
        if (at == actor)
            problem(Table::actors, index::by_number(actor), "the actor is part of itself: move it elsewhere");
    }
    return each_code(Table::campaigns, record::Kind::campaign,
                     [&](model::Name code, Bytes key, Bytes payload) {
                         check_name(record::decode_campaign(code, payload).purpose, Table::campaigns, key);
                     });
}

base::Result<void> Derivation::read_scores() {
    return each(Table::scores, [&](Bytes key, Bytes payload) -> base::Result<void> {
        if (key.size() != index::kScoreKeyBytes) {
            problem(Table::scores, key, "the key is one that no record has");
            return {};
        }
        if (!sound_record(record::Kind::score, Table::scores, key, payload)) return {};
        const auto score = record::decode_score(index::score_key(key), payload);
        for (const auto name : {score.key.subject.code, score.key.metric, score.key.key, score.text,
                                score.period, score.source, score.system, score.method, score.author})
            check_name(name, Table::scores, key);
        if (score.host_key.data())
            KITH_TRY(sink_.expect(Table::host_refs,
                                  index::host_ref(score.system, score.host_key, index::HostRef::score), key));
        return sink_.keep(Table::scores, key, payload);
    });
}

base::Result<void> Derivation::read_links() {
    std::vector<model::Link> trees;
    KITH_TRY(each(Table::links, [&](Bytes key, Bytes payload) -> base::Result<void> {
        if (key.size() != index::kLinkKeyBytes) {
            problem(Table::links, key, "the key is one that no record has");
            return {};
        }
        if (!sound_record(record::Kind::link, Table::links, key, payload)) return {};
        const auto link = index::link_key(key);
        check_name(link.from.code, Table::links, key);
        if (model::is_tree(link.kind) && link.from.kind == model::SubjectKind::party)
            trees.push_back(record::decode_link(link, payload));
        KITH_TRY(sink_.expect(Table::linked, index::linked(link), {}));
        return sink_.keep(Table::links, key, payload);
    }));
    for (const auto kind :
         {model::LinkKind::parent_of, model::LinkKind::member_of, model::LinkKind::refers}) {
        std::vector<model::Link> of_kind;
        std::ranges::copy_if(trees, std::back_inserter(of_kind),
                             [&](const auto &link) { return link.key.kind == kind; });
        KITH_TRY(check_tree(standing_links(std::move(of_kind))));
    }
    return {};
}

// What hangs under nothing is on no cycle; nor is what then hangs under nothing. Only what is left is looked
// at.
base::Result<void> Derivation::check_tree(const std::vector<model::Link> &links) {
    std::map<base::Id, std::vector<const model::Link *>> above, below;
    std::map<base::Id, std::size_t> hangs;
    std::vector<base::Id> free;
    for (const auto &link : links) {
        const auto ends = tree_ends(link.key);
        above[ends.above].push_back(&link);
        below[ends.below].push_back(&link);
        ++hangs[ends.below];
    }
    for (const auto &[party, under] : above)
        if (!hangs.contains(party)) free.push_back(party);
    while (!free.empty()) {
        const auto party = free.back();
        free.pop_back();
        const auto under = above.find(party);
        if (under == above.end()) continue;
        for (const auto *link : under->second)
            if (--hangs[tree_ends(link->key).below] == 0) free.push_back(tree_ends(link->key).below);
    }
    const auto up = [&](const base::Id &party) -> base::Result<std::vector<model::Link>> {
        std::vector<model::Link> all;
        for (const auto *link : below[party]) all.push_back(*link);
        return all;
    };
    for (const auto &link : links) {
        if (hangs[tree_ends(link.key).above] == 0) continue;
        KITH_LET(cycle, closes_cycle(link, up));
        if (cycle) problem(Table::links, index::link(link.key), "the link closes a cycle: take it back");
    }
    return {};
}

}  // namespace kith::engine
