#include "cel_vectors/vectors.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

#include "expr/check.hpp"
#include "expr/explain.hpp"
#include "expr/memory.hpp"
#include "expr/parse.hpp"
#include "expr/program.hpp"

namespace kith::expr::vectors {

namespace {

using nlohmann::json;

double double_of(const json &typed) {
    const auto bits = std::stoull(typed.at("bits").get<std::string>(), nullptr, 16);
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

std::string bytes_of(const json &typed) {
    const auto &hex = typed.at("v").get_ref<const std::string &>();
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

std::int64_t seconds_of(const json &typed) { return std::stoll(typed.at("s").get<std::string>()); }
std::int64_t nanos_of(const json &typed) { return typed.value("n", std::int64_t{0}); }

// Values of a binding, built from typed JSON and owned here.
class Values {
public:
    // None where kith has no such value.
    std::optional<Value> build(const json &typed) {
        const auto &kind = typed.at("t").get_ref<const std::string &>();
        if (kind == "null") return null_value();
        if (kind == "bool") return of_bool(typed.at("v").get<bool>());
        if (kind == "int") return of_int(std::stoll(typed.at("v").get<std::string>()));
        if (kind == "uint") return of_uint(std::stoull(typed.at("v").get<std::string>()));
        if (kind == "double") return of_double(double_of(typed));
        if (kind == "string") return of_text(texts_.emplace_back(typed.at("v").get<std::string>()));
        if (kind == "bytes") return of_bytes(texts_.emplace_back(bytes_of(typed)));
        if (kind == "duration") return of_duration(seconds_of(typed) * 1'000'000'000 + nanos_of(typed));
        if (kind == "timestamp")
            return of_timestamp(seconds_of(typed), static_cast<std::uint32_t>(nanos_of(typed)));
        if (kind == "type") {
            const auto *type = types_.parse(typed.at("v").get<std::string>());
            return type ? std::optional(of_type(type)) : std::nullopt;
        }
        if (kind == "list") {
            auto &items = lists_.emplace_back();
            for (const auto &item : typed.at("v")) {
                const auto value = build(item);
                if (!value) return std::nullopt;
                items.push_back(*value);
            }
            return of_list(items.data(), static_cast<std::uint32_t>(items.size()));
        }
        if (kind == "map") {
            MapBuilder map(memory_);
            for (const auto &pair : typed.at("v")) {
                const auto key = build(pair.at(0)), value = build(pair.at(1));
                if (!key || !value || map.add(*key, *value).failed()) return std::nullopt;
            }
            return map.map();
        }
        return std::nullopt;
    }

private:
    Types types_;
    Memory memory_;
    std::deque<std::string> texts_;
    std::deque<std::vector<Value>> lists_;
};

class Bound : public Binding {
public:
    std::map<std::uint32_t, Value> values;

    Value variable(std::uint32_t number, Memory &) const override {
        const auto found = values.find(number);
        return found == values.end() ? fail(Code::host, "the vector binds no such variable") : found->second;
    }
};

// The items of a list, read where it is lazy; none where reading fails.
std::optional<std::vector<Value>> items_of(const Value &list) {
    if (!list.lazy) return std::vector<Value>(list.items, list.items + list.size);
    std::vector<Value> items;
    const auto iterator = list.range->open({});
    for (Value item; iterator->next(item);) {
        if (item.failed()) return std::nullopt;
        items.push_back(item);
    }
    return items;
}

bool matches(const Value &value, const json &typed) {
    const auto &kind = typed.at("t").get_ref<const std::string &>();
    switch (value.kind) {
        case Kind::null:
            return kind == "null";
        case Kind::boolean:
            return kind == "bool" && (value.i != 0) == typed.at("v").get<bool>();
        case Kind::int_:
            return kind == "int" && value.i == std::stoll(typed.at("v").get<std::string>());
        case Kind::uint_:
            return kind == "uint" && value.u == std::stoull(typed.at("v").get<std::string>());
        case Kind::double_: {
            if (kind != "double") return false;
            const auto wanted = double_of(typed);
            return value.d == wanted || (std::isnan(value.d) && std::isnan(wanted));
        }
        case Kind::string:
            return kind == "string" && value.view() == typed.at("v").get_ref<const std::string &>();
        case Kind::bytes:
            return kind == "bytes" && value.view() == bytes_of(typed);
        case Kind::duration:
            return kind == "duration" && value.i == seconds_of(typed) * 1'000'000'000 + nanos_of(typed);
        case Kind::timestamp:
            return kind == "timestamp" && value.i == seconds_of(typed) && value.size == nanos_of(typed);
        case Kind::type: {  // a value's type is erased: list(int) is list
            const auto text = to_text(value.type);
            return kind == "type" && text.substr(0, text.find('(')) == typed.at("v").get<std::string>();
        }
        case Kind::list: {
            if (kind != "list") return false;
            const auto items = items_of(value);
            const auto &wanted = typed.at("v");
            return items && std::equal(items->begin(), items->end(), wanted.begin(), wanted.end(), matches);
        }
        case Kind::map: {
            if (kind != "map" || value.map->count != typed.at("v").size()) return false;
            const auto has_pair = [&](const json &pair) {
                for (std::uint32_t i = 0; i < value.map->count; ++i)
                    if (matches(value.map->keys[i], pair.at(0)))
                        return matches(value.map->values[i], pair.at(1));
                return false;
            };
            return std::all_of(typed.at("v").begin(), typed.at("v").end(), has_pair);
        }
        default:
            return false;
    }
}

std::string judge_it(const json &test) {
    const auto &source = test.at("expr").get_ref<const std::string &>();
    const auto &expect = test.at("expect");
    const bool dynamic = test.value("disable_check", false);
    if (test.value("disable_macros", false)) return "cannot run without macros";

    auto schema = std::make_shared<Schema>();
    schema->set_container(test.value("container", ""));
    for (const auto &entry : test.value("type_env", json::array())) {
        const auto name = entry.at("name").get<std::string>();
        const auto type_of = [&](const json &text) { return schema->types().parse(text.get<std::string>()); };
        if (entry.contains("type")) {
            const auto *type = type_of(entry.at("type"));
            if (!type) return "cannot read a type of type_env";
            schema->add_variable(name, type);
            continue;
        }
        for (const auto &overload : entry.at("overloads")) {
            Signature signature;
            for (const auto &param : overload.at("params")) signature.params.push_back(type_of(param));
            signature.result = type_of(overload.at("result"));
            signature.member = overload.value("member", false);
            if (!signature.result || std::count(signature.params.begin(), signature.params.end(), nullptr))
                return "cannot read a type of type_env";
            schema->declare_function(name, std::move(signature));
        }
    }
    Values values;
    Bound binding;
    const auto bindings = test.value("bindings", json::object());
    for (const auto &[name, typed] : bindings.items()) {
        auto number = schema->variable(name);
        // Without a check, what is bound need not be declared.
        if (!number && dynamic) number = schema->add_variable(name, Types::of(TypeKind::dyn));
        if (!number) continue;
        const auto value = values.build(typed);
        if (!value) return "cannot bind a value of this type";
        binding.values[*number] = *value;
    }

    auto parsed = parse(source);
    if (!parsed) return "does not parse: " + format(parsed.diagnostic, source);
    auto checked = check(std::move(parsed.tree), schema, nullptr, dynamic ? Mode::dynamic : Mode::strict);
    if (!checked) return "does not check: " + format(checked.diagnostics[0], source);

    if (expect.contains("deduced_type")) {
        const auto *wanted = schema->types().parse(expect.at("deduced_type").get<std::string>());
        if (!wanted) return "cannot read deduced_type";
        if (to_text(checked.type()) != to_text(wanted))
            return "is " + to_text(checked.type()) + ", wanted " + to_text(wanted);
    }
    if (test.value("check_only", false)) return {};
    if (!expect.contains("value") && !expect.contains("error")) return "expects nothing of an evaluation";

    const auto program = compile(std::move(checked));
    if (!program) return "does not compile: " + program.error().message;
    Evaluator evaluator;
    const Moment moment;
    const auto outcome = evaluator.evaluate(*program, binding, moment);
    const auto &value = outcome.value;
    if (expect.contains("error")) {
        if (value.failed()) return {};
        return "gives a value, wanted an error: " + expect.at("error").dump();
    }
    if (value.failed()) return std::string("fails: ") + code_name(value.code()) + ": " + value.text;
    if (matches(value, expect.at("value"))) return {};
    Patterns patterns;
    Memory memory;
    Call call(memory, patterns, moment, schema.get(), kBudget);
    return "gives " + value_text(call, value) + ", wanted " + expect.at("value").dump();
}

}  // namespace

void load(const std::filesystem::path &path, Loaded &out) {
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<fs::path> files;
    if (fs::is_regular_file(path, error))
        files.push_back(path);
    else
        for (auto it = fs::recursive_directory_iterator(path, error); !error && it != fs::end(it);
             it.increment(error))
            if (it->path().extension() == ".json") files.push_back(it->path());
    if (error) out.problems.push_back(path.string() + ": " + error.message());
    std::sort(files.begin(), files.end());
    for (const auto &file : files) {
        std::ifstream stream(file, std::ios::binary);
        auto content = json::parse(stream, nullptr, false);
        if (content.is_discarded()) {
            out.problems.push_back(file.string() + ": no JSON");
            continue;
        }
        if (!content.is_object() || content.value("format", json()) != "cel-vectors/1") continue;
        for (auto &test : content["tests"]) out.tests.push_back(std::move(test));
    }
}

std::string id_of(const json &test) { return test.value("id", "(without id)"); }
bool is_proto(const json &test) { return test.value("tier", "") == "proto"; }

std::string judge(const json &test) {
    try {
        return judge_it(test);
    } catch (const std::exception &problem) {  // of the JSON library, and of numbers in its texts
        return std::string("cannot read the vector: ") + problem.what();
    }
}

}  // namespace kith::expr::vectors
