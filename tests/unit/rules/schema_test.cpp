// Goal: the JSON Schemas, from which editors complete and check, say what the parsers take. Method: the keys
// of each shape against the schema's properties, both ways; a small validator of the words the schemas use,
// tried on the built-in playbooks, the full one and the hard definitions, which must pass, and on wrong ones,
// which must not.
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "playbooks/playbooks.hpp"
#include "rules/shapes.hpp"
#include "unit/rules/full_playbook.hpp"

namespace kith::rules {
namespace {

using Schema = nlohmann::ordered_json;

const std::map<std::string, Schema> &schemas() {
    static const auto kSchemas = [] {
        std::map<std::string, Schema> all;
        for (const auto &entry :
             std::filesystem::directory_iterator(std::string(KITH_SOURCE_DIR) + "/src/playbooks/schema")) {
            std::ifstream file(entry.path());
            all[entry.path().filename().string()] = Schema::parse(file);
        }
        return all;
    }();
    return kSchemas;
}

// Whether a value is as its schema says; refuses a word of schemas that it does not know.
class Validator {
public:
    bool accepts(const Schema &value, const Schema &schema, const std::string &file) {
        for (const auto &[word, rule] : schema.items()) {
            if (!keeps(value, schema, word, rule, file)) return false;
        }
        return true;
    }

private:
    static bool has_type(const Schema &value, const std::string &type) {
        if (type == "string") return value.is_string();
        if (type == "boolean") return value.is_boolean();
        if (type == "integer") return value.is_number_integer();
        if (type == "number") return value.is_number();
        if (type == "array") return value.is_array();
        if (type == "null") return value.is_null();
        return type == "object" && value.is_object();
    }

    static bool matches(const std::string &text, const std::string &pattern) {
        static std::map<std::string, std::regex> compiled;  // which takes long
        return std::regex_search(text, compiled.try_emplace(pattern, pattern).first->second);
    }

    bool refers(const Schema &value, const std::string &to, const std::string &file) {
        const auto hash = to.find('#');
        const std::string target = hash == 0 ? file : to.substr(0, hash);
        const Schema &root = schemas().at(target);
        return accepts(value, hash == to.npos ? root : root.at(Schema::json_pointer(to.substr(hash + 1))),
                       target);
    }

    std::size_t count(const Schema &value, const Schema &rules, const std::string &file) {
        std::size_t good = 0;
        for (const Schema &rule : rules) good += accepts(value, rule, file);
        return good;
    }

    bool keeps(const Schema &value, const Schema &schema, const std::string &word, const Schema &rule,
               const std::string &file) {
        static const std::set<std::string> kNotes{"$schema", "$id", "$defs", "title", "description"};
        if (kNotes.contains(word)) return true;
        if (word == "$ref") return refers(value, rule, file);
        if (word == "anyOf") return count(value, rule, file) > 0;
        if (word == "oneOf") return count(value, rule, file) == 1;
        if (word == "const") return value == rule;
        if (word == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end();
        if (word == "type" && rule.is_string()) return has_type(value, rule);
        if (word == "type")
            return std::any_of(rule.begin(), rule.end(),
                               [&](const auto &type) { return has_type(value, type); });
        if (word == "pattern") return !value.is_string() || matches(value, rule);
        if (word == "minLength") return !value.is_string() || value.get<std::string>().size() >= rule;
        if (word == "minimum") return !value.is_number() || value >= rule;
        if (word == "maximum") return !value.is_number() || value <= rule;
        if (word == "exclusiveMinimum") return !value.is_number() || value > rule;
        if (word == "exclusiveMaximum") return !value.is_number() || value < rule;
        if (word == "minItems") return !value.is_array() || value.size() >= rule;
        if (word == "maxItems") return !value.is_array() || value.size() <= rule;
        if (word == "minProperties") return !value.is_object() || value.size() >= rule;
        if (word == "maxProperties") return !value.is_object() || value.size() <= rule;
        if (word == "items") return !value.is_array() || count_of_items(value, rule, file) == value.size();
        if (word == "required")
            return !value.is_object() || std::all_of(rule.begin(), rule.end(),
                                                     [&](const auto &key) { return value.contains(key); });
        if (word == "properties" || word == "additionalProperties" || word == "propertyNames")
            return !value.is_object() || members(value, schema, word, rule, file);
        ADD_FAILURE() << "this validator does not know " << word;
        return false;
    }

    std::size_t count_of_items(const Schema &value, const Schema &rule, const std::string &file) {
        std::size_t good = 0;
        for (const Schema &item : value) good += accepts(item, rule, file);
        return good;
    }

    bool members(const Schema &value, const Schema &schema, const std::string &word, const Schema &rule,
                 const std::string &file) {
        for (const auto &[key, member] : value.items()) {
            const bool known = schema.contains("properties") && schema["properties"].contains(key);
            if (word == "propertyNames" && !accepts(key, rule, file)) return false;
            if (word == "properties" && known && !accepts(member, rule[key], file)) return false;
            if (word != "additionalProperties" || known) continue;
            if (rule.is_boolean() ? !rule.get<bool>() : !accepts(member, rule, file)) return false;
        }
        return true;
    }
};

bool is_playbook(const Schema &json) {
    return Validator().accepts(json, schemas().at("playbook.json"), "playbook.json");
}

TEST(Schemas, ListTheKeysThatParsersTake) {
    std::set<std::string> shapes;
    std::vector<const Shape *> all(std::begin(shape::kAll), std::end(shape::kAll));
    for (const Shape &effect : shape::kEffects) all.push_back(&effect);
    for (const Shape *shape : all) {
        const std::string name(shape->name);
        shapes.insert(name);
        const auto dot = name.find('.');
        const Schema &root = schemas().at(name.substr(0, dot) + ".json");
        const Schema &schema = dot == name.npos ? root : root.at("$defs").at(name.substr(dot + 1));
        std::set<std::string> listed, required, taken, needed;
        for (const auto &[key, rule] : schema.at("properties").items()) listed.insert(key);
        for (const auto &key : schema.value("required", Schema::array())) required.insert(key);
        for (const auto key : words(shape->required)) needed.emplace(key);
        taken = needed;
        for (const auto key : words(shape->optional)) taken.emplace(key);
        EXPECT_EQ(listed, taken) << name;
        EXPECT_EQ(required, needed) << name;
        EXPECT_EQ(schema.at("additionalProperties"), false) << name;
    }
    // And every object of a schema that lists keys is a shape.
    for (const auto &[file, root] : schemas()) {
        const std::string kind = file.substr(0, file.find('.'));
        EXPECT_EQ(root.at("$id"), file);
        if (root.contains("properties")) {
            EXPECT_TRUE(shapes.contains(kind)) << kind;
        }
        if (!root.contains("$defs")) continue;
        for (const auto &[name, schema] : root["$defs"].items()) {
            if (schema.contains("properties")) {
                EXPECT_TRUE(shapes.contains(kind + "." + name)) << kind << "." << name;
            }
        }
    }
}

TEST(Schemas, RightPlaybooksPass) {
    for (const auto &[name, json] : playbooks::built_in())
        EXPECT_TRUE(is_playbook(Schema::parse(json))) << name;
    EXPECT_TRUE(is_playbook(Schema::parse(full_text())));
}

TEST(Schemas, HardDefinitionsPass) {
    std::ifstream file(std::string(KITH_SHARED_DIR) + "/design/hard-definitions.jsonl");
    if (!file) GTEST_SKIP() << "the hard definitions are not there";
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        const Schema entry = Schema::parse(line);
        const std::string kind = entry.begin().key();
        if (!schemas().contains(kind + ".json")) continue;
        EXPECT_TRUE(Validator().accepts(entry, schemas().at(kind + ".json"), kind + ".json")) << line;
    }
}

// Also with one key of the full playbook misnamed, each in turn: that neither passes the schema nor parses.
TEST(Schemas, WrongPlaybooksFail) {
    const Schema full = Schema::parse(full_text());
    const auto with = [&](std::size_t entry, const char *key, const Schema &value) {
        Schema changed = full;
        changed["define"][entry][key] = value;
        return changed;
    };
    EXPECT_TRUE(is_playbook(with(0, "unit", "x")));
    EXPECT_FALSE(is_playbook(with(0, "units", "x")));
    EXPECT_FALSE(is_playbook(with(0, "window", "24 months")));
    EXPECT_FALSE(is_playbook(with(0, "value", "1")));  // made in two ways
    EXPECT_FALSE(is_playbook(with(0, "metric", "Orders")));
    EXPECT_FALSE(is_playbook(with(0, "program", "x")));
    for (std::size_t i = 0; i < full["define"].size(); ++i) {
        for (const auto &[key, value] : full["define"][i].items()) {
            Schema changed = full;
            Schema &entry = changed["define"][i];
            entry.erase(key);
            entry[key + "x"] = value;
            const std::string file = full["define"][i].begin().key() + ".json";
            EXPECT_FALSE(Validator().accepts(entry, schemas().at(file), file)) << i << key;
            EXPECT_FALSE(parse_playbook(changed.dump())) << i << key;
        }
    }
    for (const char *key : {"playbook", "format", "define"}) {
        Schema changed = full;
        changed.erase(key);
        EXPECT_FALSE(is_playbook(changed)) << key;
    }
}

// The keys of an object that are its own, not names that its author gives; those of all objects below too.
void each_key(const Schema &json, const Schema::json_pointer &at,
              const std::function<void(const Schema::json_pointer &, const std::string &)> &see) {
    static const std::set<std::string> kGiven{"states",  "on",     "fields", "milestones",
                                              "mapping", "labels", "set"};
    const bool given = !at.empty() && kGiven.contains(at.back());
    if (json.is_array()) {
        for (std::size_t i = 0; i < json.size(); ++i) each_key(json[i], at / i, see);
    } else if (json.is_object()) {
        for (const auto &[key, value] : json.items()) {
            if (!given) see(at, key);
            each_key(value, at / key, see);
        }
    }
}

// A process with one of its keys misnamed, each in turn, at any depth.
TEST(Schemas, WrongKeysOfProcessesFail) {
    const Schema full = Schema::parse(full_text());
    int count = 0;
    for (const Schema &entry : full["define"]) {
        if (entry.begin().key() != "process") continue;
        each_key(entry, Schema::json_pointer(), [&](const Schema::json_pointer &at, const std::string &key) {
            Schema changed = entry;
            Schema &object = changed[at];
            object[key + "x"] = object[key];
            object.erase(key);
            EXPECT_FALSE(Validator().accepts(changed, schemas().at("process.json"), "process.json"))
                << at.to_string() << " " << key;
            EXPECT_FALSE(parse_definition(changed.dump())) << at.to_string() << " " << key;
            ++count;
        });
    }
    EXPECT_GT(count, 90);
}

}  // namespace
}  // namespace kith::rules
