#include "rules/playbook.hpp"

#include <algorithm>
#include <array>

#include "rules/parse.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kEntriesMax = 1024;
constexpr std::size_t kDepthMax = 16;  // of the JSON

constexpr std::array<std::string_view, 2> kKinds{"process", "bands"};
constexpr std::array<std::string_view, 10> kLaterKinds{"metric", "segment",  "scorecard", "matrix", "rule",
                                                       "form",   "calendar", "program",   "policy", "type"};

// The one key of an entry that is a kind's name.
base::Result<std::string_view> kind_of(const Node &entry) {
    if (!entry.is(Json::Kind::object))
        return entry.error("must be an object, { \"process\": \"NAME\", ... }");
    std::string_view kind;
    for (const std::string &key : entry.json().keys) {
        if (std::ranges::find(kLaterKinds, key) != kLaterKinds.end()) {
            return entry.error(
                "this version does not install the kind " + quote(key) + "; it installs " + choice_of(kKinds),
                base::Status::unsupported);
        }
        if (std::ranges::find(kKinds, key) == kKinds.end()) continue;
        if (!kind.empty())
            return entry.error("is " + quote(kind) + " and " + quote(key) + "; make two entries of it");
        kind = key;
    }
    if (!kind.empty()) return kind;
    if (entry.size() > 0) return entry.unknown("the kind of definition", entry.json().keys[0], kKinds);
    return entry.error("names no kind of definition; write " + choice_of(kKinds));
}

base::Result<Definition> parse_entry(const Node &entry) {
    KITH_LET(kind, kind_of(entry));
    KITH_TRY(entry.notes());
    Definition definition;
    definition.kind = kind;
    if (kind == "process") {
        KITH_LET(process, parse_process(entry));
        definition.name = process.name;
        definition.body = std::move(process);
    } else {
        KITH_LET(bands, parse_bands(entry));
        definition.name = bands.name;
        definition.body = std::move(bands);
    }
    definition.json = base::to_text(entry.json());
    return definition;
}

base::Result<void> check_head(const Node &root) {
    if (!root.is(Json::Kind::object)) return root.error("must be an object, { \"playbook\": \"NAME\", ... }");
    KITH_TRY(root.object({"playbook", "format", "define"},
                         {"version", "about", "source", "settings", "labels", "tests"}, {"covers"}));
    const Node name = root.member("playbook");
    if (!name.is(Json::Kind::text) || !is_name(name.json().text, "-")) {
        return name.error(
            "must be a name: a small letter, then small letters, digits, \"_\" and \"-\", at most 64 in all");
    }
    const Node format = root.member("format");
    if (!format.is(Json::Kind::integer) || format.json().integer != 1) {
        return format.error("this version reads format 1", base::Status::unsupported);
    }
    if (root.has("version")) KITH_TRY(root.member("version").integer(1, INT32_MAX));
    for (const std::string_view key : {"settings", "tests"}) {
        if (root.has(key) && root.member(key).size() > 0) {
            return root.member(key).error("not available in this version; leave it out",
                                          base::Status::unsupported);
        }
    }
    return root.notes();
}

}  // namespace

base::Result<Playbook> parse_playbook(std::string_view json) {
    KITH_LET(tree, base::parse_json(json, kDepthMax));
    const Node root(tree, "");
    KITH_TRY(check_head(root));
    Playbook playbook;
    playbook.name = root.member("playbook").json().text;
    const Node define = root.member("define");
    KITH_TRY(define.array(kEntriesMax));
    for (std::size_t i = 0; i < define.size(); ++i) {
        KITH_LET(definition, parse_entry(define.value(i)));
        const bool twice = std::ranges::any_of(playbook.definitions, [&](const Definition &other) {
            return other.kind == definition.kind && other.name == definition.name;
        });
        if (twice) {
            return define.value(i).error("there is a " + definition.kind + " " + quote(definition.name) +
                                         " before it; give it another name");
        }
        playbook.definitions.push_back(std::move(definition));
    }
    return playbook;
}

base::Result<Definition> parse_definition(std::string_view json) {
    KITH_LET(tree, base::parse_json(json, kDepthMax));
    return parse_entry(Node(tree, "definition"));
}

}  // namespace kith::rules
