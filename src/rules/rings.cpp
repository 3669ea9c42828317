#include "rules/rings.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "rules/node.hpp"

namespace kith::rules {

namespace {

// Who waits for what a rule emits.
class Listeners {
public:
    explicit Listeners(std::span<const Definition *const> all) {
        for (const Definition *one : all) {
            const auto *rule = std::get_if<Rule>(&one->body);
            if (!rule) continue;
            for (const std::string &event : rule->on) {
                if (event.find('*') == event.npos) {
                    exact_[event].push_back(one);
                } else {
                    patterns_.emplace_back(event, one);
                }
            }
        }
    }

    const std::vector<const Definition *> &of(const Definition &definition) {
        const auto [known, added] = of_.try_emplace(&definition);
        auto &all = known->second;
        if (!added) return all;
        for (const Effect &effect : std::get<Rule>(definition.body).then) {
            if (effect.what != Effect::Do::emit) continue;
            if (const auto found = exact_.find(effect.event); found != exact_.end())
                all.insert(all.end(), found->second.begin(), found->second.end());
            for (const auto &[pattern, listener] : patterns_) {
                if (type_matches(pattern, effect.event)) all.push_back(listener);
            }
        }
        return all;
    }

private:
    std::map<std::string_view, std::vector<const Definition *>> exact_;
    std::vector<std::pair<std::string_view, const Definition *>> patterns_;
    std::map<const Definition *, std::vector<const Definition *>> of_;  // as far as asked for
};

bool may_stop(const Rule &rule) {
    return !rule.where.empty() || !rule.when.empty() || !rule.key.empty() || rule.unless;
}

// The rules of the shortest ring that `first` is in, from it on; empty if there is none.
std::vector<const Definition *> ring_of(const Definition &first, Listeners &listeners) {
    struct Link {
        const Definition *rule;
        std::size_t from;  // place in `way` of the one that sets it off
    };
    std::vector<Link> way{{&first, 0}};  // breadth first
    std::set<const Definition *> seen;
    for (std::size_t at = 0; at < way.size(); ++at) {
        for (const Definition *next : listeners.of(*way[at].rule)) {
            if (next == &first) {
                std::vector<const Definition *> ring;
                for (std::size_t back = at; back != 0; back = way[back].from) ring.push_back(way[back].rule);
                ring.push_back(&first);
                std::ranges::reverse(ring);
                return ring;
            }
            if (seen.insert(next).second) way.push_back({next, at});
        }
    }
    return {};
}

}  // namespace

std::vector<Ring> find_rings(std::span<const Definition> ours, std::span<const Definition *const> all) {
    Listeners listeners(all);
    std::vector<Ring> rings;
    std::set<const Definition *> told;
    for (const Definition &first : ours) {
        if (!first.sound || !std::holds_alternative<Rule>(first.body) || told.contains(&first)) continue;
        const auto members = ring_of(first, listeners);
        if (members.empty()) continue;
        Ring ring{&first, "", false};
        for (const Definition *one : members) {
            ring.path += quote(one->name) + " -> ";
            ring.stops |= may_stop(std::get<Rule>(one->body));
            told.insert(one);
        }
        ring.path += quote(first.name);
        rings.push_back(std::move(ring));
    }
    return rings;
}

}  // namespace kith::rules
