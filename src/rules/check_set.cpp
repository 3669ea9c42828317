#include "rules/check_set.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "expr/parse.hpp"
#include "rules/node.hpp"
#include "rules/rings.hpp"

namespace kith::rules {

namespace {

using Key = std::pair<std::string_view, std::string_view>;  // kind, name

// The kind of definition that a mention is of, if it is of one; a list and a link are types named "list.X",
// "link.X".
std::string_view kind_of(Mention::Kind kind) {
    switch (kind) {
        case Mention::Kind::metric:
        case Mention::Kind::series:
        case Mention::Kind::driver:
        case Mention::Kind::given:
            return "metric";
        case Mention::Kind::bands:
        case Mention::Kind::score_bands:
            return "bands";
        case Mention::Kind::scorecard:
            return "scorecard";
        case Mention::Kind::matrix:
        case Mention::Kind::policy:
            return "matrix";
        case Mention::Kind::process:
            return "process";
        case Mention::Kind::segment:
            return "segment";
        case Mention::Kind::setting:
            return "setting";
        case Mention::Kind::form:
        case Mention::Kind::item:
            return "form";
        case Mention::Kind::calendar:
            return "calendar";
        case Mention::Kind::list:
        case Mention::Kind::link:
            return "type";
        case Mention::Kind::data:
        case Mention::Kind::state:
        case Mention::Kind::rows:
            break;
    }
    return {};
}

// Whether what is named is read: definitions, and settings.
bool is_read(const Mention &mention) {
    return mention.kind != Mention::Kind::driver && !kind_of(mention.kind).empty();
}

// Its name as a definition: of "FORM.ITEM" the form.
std::string name_of(const Mention &mention) {
    switch (mention.kind) {
        case Mention::Kind::list:
            return "list." + mention.name;
        case Mention::Kind::link:
            return "link." + mention.name;
        case Mention::Kind::policy:
        case Mention::Kind::item:
            return mention.name.substr(0, mention.name.find('.'));
        default:
            return mention.name;
    }
}

// After the point of "MATRIX.NAME".
std::string_view part_of(const Mention &mention) {
    return std::string_view(mention.name).substr(mention.name.find('.') + 1);
}

// The bands that an axis is, written "band.NAME" and nothing else; none for another expression.
std::optional<std::string> bands_of_axis(const Source &axis) {
    const expr::Parsed parsed = expr::parse(axis.text);
    if (!parsed) return std::nullopt;
    const expr::Tree &tree = parsed.tree;
    const expr::Node &node = tree[tree.root];
    if (node.kind != expr::NodeKind::select) return std::nullopt;
    const expr::Node &root = tree[tree.child(tree.root, 0)];
    if (root.kind != expr::NodeKind::identifier || root.name != "band") return std::nullopt;
    return std::string(node.name);
}

class SetChecker {
public:
    SetChecker(const Playbook &playbook, const Surroundings &around) : playbook_(playbook), around_(around) {
        for (const Definition &one : playbook.definitions) {
            const auto [found, added] = all_.try_emplace({one.kind, one.name}, &one);
            if (added || one.name.empty()) continue;
            report(one.place, one.path,
                   "there is a " + one.kind + " " + quote(one.name) + " before it; give it another name");
        }
        for (const Definition *one : around.installed) all_.try_emplace({one->kind, one->name}, one);
        for (const auto &settings : {std::span<const Setting>(playbook.settings), around.settings}) {
            for (const Setting &one : settings) settings_.push_back(one.name);
        }
    }

    Checked check() {
        out_.reads.resize(playbook_.definitions.size());
        for (std::size_t i = 0; i < playbook_.definitions.size(); ++i) {
            const Definition &one = playbook_.definitions[i];
            for (const Mention &mention : one.mentions) {
                check_mention(mention);
                check_own(one, mention);
                if (!is_read(mention) || !is_there(mention)) continue;
                out_.reads[i].push_back(std::string(kind_of(mention.kind)) + " " + name_of(mention));
            }
            std::ranges::sort(out_.reads[i]);
            auto &reads = out_.reads[i];
            reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
            const auto *matrix = std::get_if<Matrix>(&one.body);
            if (matrix && one.sound) check_cells(one, *matrix);
        }
        for (const Mention &mention : playbook_.mentions) check_mention(mention);
        check_covers();
        check_rings();
        put_in_order();
        std::ranges::stable_sort(out_.mistakes, {}, &Mistake::place);
        return std::move(out_);
    }

private:
    void report(base::Place place, const std::string &path, const std::string &what,
                base::Status status = base::Status::rule) {
        out_.mistakes.push_back(mistake(place, path, what, status));
    }
    static Mistake mistake(base::Place place, const std::string &path, const std::string &what,
                           base::Status status = base::Status::rule) {
        return {place, status, base::place_text(place) + ": " + path + ": " + what};
    }

    const Definition *find(std::string_view kind, std::string_view name) const {
        const auto found = all_.find({kind, name});
        return found == all_.end() ? nullptr : found->second;
    }

    // A sound definition of this shape.
    template <class Shape>
    const Shape *body(std::string_view kind, std::string_view name) const {
        const Definition *found = find(kind, name);
        return found && found->sound ? std::get_if<Shape>(&found->body) : nullptr;
    }

    bool is_there(const Mention &mention) const {
        const std::string name = name_of(mention);
        const std::string_view kind = kind_of(mention.kind);
        if (kind == "setting") return std::ranges::find(settings_, name) != settings_.end();
        return find(kind, name) != nullptr;
    }

    std::vector<std::string_view> names_of(Mention::Kind kind) const {
        if (kind == Mention::Kind::setting) return settings_;
        std::vector<std::string_view> names;
        for (const auto &[key, definition] : all_) {
            if (key.first != kind_of(kind) || key.second.empty()) continue;
            const bool list = key.second.starts_with("list.");
            if (kind == Mention::Kind::list && !list) continue;
            names.push_back(list ? key.second.substr(5) : key.second);
        }
        if (kind_of(kind) == "metric")
            names.insert(names.end(), around_.metrics.begin(), around_.metrics.end());
        return names;
    }

    void check_mention(const Mention &mention) {
        if (mention.kind == Mention::Kind::rows) return check_rows(mention);
        if (mention.kind == Mention::Kind::link || kind_of(mention.kind).empty()) return;
        const std::string name = name_of(mention);
        const bool always = kind_of(mention.kind) == "metric" && mention.kind != Mention::Kind::series &&
                            std::ranges::find(around_.metrics, name) != around_.metrics.end();
        if (always) return;
        if (is_there(mention)) return check_part(mention, name);
        // That there is no matrix is told where it is named.
        if (!around_.complete || mention.kind == Mention::Kind::policy) return;
        const auto names = names_of(mention.kind);
        const std::string_view kind = mention.kind == Mention::Kind::list ? "list" : kind_of(mention.kind);
        const std::string_view shown = mention.kind == Mention::Kind::list ? mention.name : name;
        report(mention.place, mention.path,
               "there is no " + std::string(kind) + " " + quote(shown) + "; " +
                   (names.empty() ? "define it" : suggestion(shown, names)));
    }

    // What a process says of itself: data.X, in_state("X").
    void check_own(const Definition &one, const Mention &mention) {
        const bool state = mention.kind == Mention::Kind::state;
        const auto *chart = std::get_if<Statechart>(&one.body);
        if ((!state && mention.kind != Mention::Kind::data) || !chart || !one.sound) return;
        std::vector<std::string_view> names;
        for (const Field &field : chart->fields) {
            if (!state) names.push_back(field.name);
        }
        for (const State &of : chart->states) {
            if (state) names.push_back(of.name);
        }
        if (std::ranges::find(names, mention.name) == names.end())
            report(mention.place, mention.path,
                   "this process has no " + std::string(state ? "state " : "field ") + quote(mention.name) +
                       "; " + suggestion(mention.name, names));
    }

    void check_rows(const Mention &mention) {
        if (around_.rows.empty() || std::ranges::find(around_.rows, mention.name) != around_.rows.end())
            return;
        report(mention.place, mention.path,
               quote(mention.name) + " is not yet available in this version; leave it out",
               base::Status::unsupported);
    }

    // What a definition that is there must have besides.
    void check_part(const Mention &mention, const std::string &name) {
        if (mention.kind == Mention::Kind::series) {
            const auto *metric = body<Metric>("metric", name);
            if (metric && !metric->by)
                report(mention.place, mention.path,
                       "the metric " + quote(name) + " is no series; give it \"by\": \"month\"");
        } else if (mention.kind == Mention::Kind::given) {
            const auto *metric = body<Metric>("metric", name);
            if (metric && metric->kind != Metric::Kind::given)
                report(mention.place, mention.path,
                       "the metric " + quote(name) + " is computed; name one that is \"given\"");
        } else if (mention.kind == Mention::Kind::score_bands) {
            const auto *bands = body<Bands>("bands", name);
            if (!bands) return;
            const auto word = std::ranges::find_if(
                bands->classes, [](auto &one) { return !base::parse_number<double>(one.is); });
            if (word != bands->classes.end())
                report(mention.place, mention.path,
                       "the bands " + quote(name) + " give no score: their class " + quote(word->is) +
                           " is no number");
        } else if (mention.kind == Mention::Kind::item) {
            const auto *form = body<Form>("form", name);
            if (!form) return;
            std::vector<std::string_view> items;
            for (const Item &item : form->items) {
                items.push_back(item.name);
                if (!item.dimension.empty()) items.push_back(item.dimension);
            }
            for (const Dimension &one : form->dimensions) items.push_back(one.name);
            if (std::ranges::find(items, part_of(mention)) == items.end())
                report(mention.place, mention.path,
                       "the form " + quote(name) + " has no item " + quote(part_of(mention)) + "; " +
                           suggestion(part_of(mention), items));
        } else if (mention.kind == Mention::Kind::policy) {
            check_policy(mention, name);
        }
    }

    void check_policy(const Mention &mention, const std::string &name) {
        const auto *matrix = body<Matrix>("matrix", name);
        if (!matrix) return;
        std::vector<std::string_view> names;
        for (const Cell &cell : matrix->cells) {
            for (const auto &[policy, term] : cell.policy) {
                if (std::ranges::find(names, policy) == names.end()) names.push_back(policy);
            }
        }
        if (std::ranges::find(names, part_of(mention)) == names.end())
            report(mention.place, mention.path,
                   "no policy of the matrix " + quote(name) + " has " + quote(part_of(mention)) + "; " +
                       suggestion(part_of(mention), names));
    }

    // The classes of an axis that is bands; none for another one.
    std::vector<std::string_view> classes_of(const Source &axis) const {
        std::vector<std::string_view> names;
        const auto name = bands_of_axis(axis);
        const auto *bands = name ? body<Bands>("bands", *name) : nullptr;
        if (!bands) return names;
        for (const BandClass &band : bands->classes) names.push_back(band.is);
        return names;
    }

    void check_classes(const Definition &definition, const Matrix &matrix, bool is_x,
                       std::span<const std::string_view> known) {
        if (known.empty()) return;
        for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
            const Cell &cell = matrix.cells[i];
            for (const std::string &one : is_x ? cell.x : cell.y) {
                if (std::ranges::find(known, one) != known.end()) continue;
                report({cell.line, cell.column},
                       definition.path + ".cells[" + std::to_string(i) + "]." + (is_x ? "x" : "y"),
                       "its bands have no class " + quote(one) + "; " + suggestion(one, known));
            }
        }
    }

    void check_cells(const Definition &definition, const Matrix &matrix) {
        const auto xs = classes_of(matrix.x), ys = classes_of(matrix.y);
        check_classes(definition, matrix, true, xs);
        check_classes(definition, matrix, false, ys);
        std::string missing;
        for (const std::string_view x : xs) {
            for (const std::string_view y : ys) {
                if (find_cell(matrix, x, y)) continue;
                missing += (missing.empty() ? "" : "; ") + quote(x) + ", " + quote(y);
            }
        }
        if (!missing.empty())
            report(definition.place, definition.path + ".cells",
                   "no cell has the pair " + missing + "; every pair of classes needs one");
    }

    void check_covers() {
        for (const Cover &cover : playbook_.covers) {
            for (const std::string &value : cover.values) {
                const bool there = std::ranges::any_of(all_, [&](const auto &entry) {
                    const auto *metric = std::get_if<Metric>(&entry.second->body);
                    return metric &&
                           std::ranges::find(metric->tags, std::pair(cover.tag, value)) != metric->tags.end();
                });
                if (!there)
                    report(cover.place, "covers." + cover.tag,
                           "no metric has the tag " + quote(cover.tag) + ": " + quote(value) +
                               "; give it to one, or leave the value out");
            }
        }
    }

    // Where nothing stops a ring it is a mistake, since all its effects would be lost at the cascade's limit.
    void check_rings() {
        std::vector<const Definition *> sound;
        for (const auto &[key, definition] : all_) {
            if (definition->sound) sound.push_back(definition);
        }
        for (const Ring &ring : find_rings(playbook_.definitions, sound)) {
            const std::string cure = ring.stops ? "; it goes on until a condition stops it"
                                                : "; give one of them a condition, or break the circle";
            Mistake found = mistake(ring.first->place, ring.first->path,
                                    "sets itself off by what it emits: " + ring.path + cure);
            (ring.stops ? out_.warnings : out_.mistakes).push_back(std::move(found));
        }
    }

    // Depth first; a definition that leads back to one on the way to it is in a cycle.
    void put_in_order() {
        enum class Seen : std::uint8_t { no, open, done };
        struct Step {
            const Definition *definition;
            std::size_t next = 0;  // of its mentions
        };
        std::map<const Definition *, Seen> seen;
        std::vector<const Definition *> in_cycle;
        std::vector<Step> way;
        const auto enter = [&](const Definition *definition) {
            seen[definition] = Seen::open;
            way.push_back({definition});
            // Where a case stands is written down: reading it does not work out what moved it there.
            if (definition->kind == "process") way.back().next = definition->mentions.size();
        };
        for (const Definition &root : playbook_.definitions) {
            if (seen[&root] == Seen::no) enter(&root);
            while (!way.empty()) {
                Step &step = way.back();
                if (step.next == step.definition->mentions.size()) {
                    finish(*step.definition, in_cycle);
                    seen[step.definition] = Seen::done;
                    way.pop_back();
                    continue;
                }
                const Mention &mention = step.definition->mentions[step.next++];
                if (!is_read(mention)) continue;
                const Definition *to = find(kind_of(mention.kind), name_of(mention));
                if (!to || seen[to] == Seen::done) continue;
                if (seen[to] == Seen::no) {
                    enter(to);
                    continue;
                }
                const auto first = std::ranges::find(way, to, &Step::definition);
                std::string path;
                for (auto one = first; one != way.end(); ++one) {
                    path += one->definition->kind + " " + quote(one->definition->name) + " -> ";
                    in_cycle.push_back(one->definition);
                }
                report_cycle(*way.back().definition, mention, path + to->kind + " " + quote(to->name));
            }
        }
    }

    void report_cycle(const Definition &definition, const Mention &mention, const std::string &path) {
        const bool ours = &definition >= playbook_.definitions.data() &&
                          &definition < playbook_.definitions.data() + playbook_.definitions.size();
        report(ours ? mention.place : base::Place{1, 1},
               ours ? mention.path : definition.kind + " " + quote(definition.name),
               "reads itself: " + path + "; break the circle");
    }

    void finish(const Definition &definition, const std::vector<const Definition *> &in_cycle) {
        const auto &ours = playbook_.definitions;
        const bool is_ours = &definition >= ours.data() && &definition < ours.data() + ours.size();
        if (is_ours && std::ranges::find(in_cycle, &definition) == in_cycle.end())
            out_.order.push_back(static_cast<std::uint32_t>(&definition - ours.data()));
    }

    const Playbook &playbook_;
    const Surroundings &around_;
    std::map<Key, const Definition *> all_;
    std::vector<std::string_view> settings_;
    Checked out_;
};

}  // namespace

Checked check_set(const Playbook &playbook, const Surroundings &surroundings) {
    return SetChecker(playbook, surroundings).check();
}

}  // namespace kith::rules
