// Goal: what a type defines is what can be recorded, and what expressions see; what was recorded before it
// stays as it is. Method: small definitions with every kind of field, each mistake told by name; random
// types, lists and records (seed printed) against an oracle that keeps the rules as sets; values read back,
// exported and verified.
#include <map>
#include <set>

#include "engine/expressions.hpp"
#include "engine/subjects.hpp"
#include "engine/values_at.hpp"
#include "unit/engine/fixture.hpp"

namespace kith::engine {
namespace {

using model::FieldKind;

constexpr const char *kShop = R"json({"playbook":"shop","format":1,
 "settings":{"decline_factor":{"grocery":2,"tea":3.5}},"define":[
 {"type":"list.trade","codes":{"food":{"codes":{"grocery":{},"tea":{"codes":{"green":{}}}}},"tools":{}}},
 {"type":"party","fields":{"trade":"list.trade","relationship_since":"date","heads":"int","likes":"text",
                           "parent":"party","credit":"money"}},
 {"type":"trial.started","fields":{"product":"product","until":"date","mood":["good","bad"],"worth":"money",
   "words":"text","share":"double","paid":"bool","ends_at":"time","boxes":"int"},"cost":"5.00 USD"},
 {"type":"contact.visited","require":["medium","with","scope","outcome","duration","next"],"cost":"60.00 USD"},
 {"type":"lead.won","fields":{"boxes":"int"},"require":["boxes"]},
 {"metric":"trials_good","count":"trial.started","where":"i.mood == 'good'"},
 {"metric":"trial_worth","sum":"trial.started","of":"i.worth"},
 {"metric":"boxes","sum":["trial.started","lead.won"],"of":"i.boxes"},
 {"metric":"contact_cost","sum":"contact.*","of":"i.cost"},
 {"metric":"by_mood","count":"trial.started","per":["party","i.mood"]},
 {"metric":"factor","value":"setting.decline_factor[party.trade]"},
 {"metric":"months","value":"monthsBetween(party.relationship_since, today)"},
 {"segment":"grocers","when":"party.trade == 'grocery'"},
 {"segment":"old_friends","when":"monthsBetween(party.relationship_since, today) >= 12"}]})json";

FieldItem written(std::string_view name, std::string_view text) {
    FieldItem item;
    item.name = name;
    item.text = text;
    return item;
}

class TypesTest : public EngineTest {
protected:
    static Ref host(std::string_view key) {
        Ref ref;
        ref.by = Ref::By::host;
        ref.kind = "shop";
        ref.text = key;
        return ref;
    }

    void install(Store &store, const std::string &json) { EXPECT_EQ(installed(store, json), ""); }
    static std::string installed(Store &store, const std::string &json) {
        Batch batch;
        const auto added = batch.add_playbook(json);
        if (!added) return added.error().message;
        const auto done = store.commit(batch);
        if (!done) return done.error().message;
        EXPECT_TRUE(store.build({}));
        return {};
    }
    static std::string defined(Store &store, const std::string &definitions) {
        return installed(store, R"({"playbook":"more","format":1,"define":[)" + definitions + "]}");
    }

    // What is wrong with it; empty if nothing is.
    std::string put(Store &store, std::string_view party, std::vector<FieldItem> values) {
        Batch batch;
        PartyItem item;
        item.ref = host(party);
        item.flags.create = true;
        item.fields = model::party_field::values;
        item.values = values;
        return done(store, batch, batch.add(item));
    }
    static InteractionItem happened(std::string_view party, std::string_view type,
                                    std::string_view key = {}) {
        auto item = order(party, day(19'600), 0, key);
        item.type = type;
        item.amount.reset();
        return item;
    }
    std::string append(Store &store, InteractionItem item, std::vector<FieldItem> values) {
        Batch batch;
        item.values = values;
        return done(store, batch, batch.add(item));
    }
    std::string done(Store &store, Batch &batch, const base::Result<std::uint32_t> &added) {
        if (!added) return added.error().message;
        const auto committed = store.commit(batch);
        result_ = batch.outcomes.empty() ? ItemResult::unchanged : batch.outcomes[0].result;
        return committed ? std::string() : committed.error().message;
    }

    // An expression's value for a party, as text; what is wrong where there is none.
    std::string value(Store &store, std::string_view party, std::string_view source) {
        auto snapshot = store.snapshot();
        ExpressionOptions options;
        options.values = (*(*snapshot)->catalog())->values;
        auto compiled = Expression::check(source, options);
        if (!compiled) return compiled.error().message;
        if (!(*compiled)->diagnostics().empty()) return (*compiled)->mistake().message;
        auto at = ValuesAt::of(**snapshot, now_);
        auto *values = (*at)->values().of({SubjectKind::party, find(store, party), 0});
        EvaluateOptions how;
        how.moment = (*at)->values().moment();
        ExpressionSubject of;
        of.values = values;
        const auto out = (*compiled)->evaluate(of, how);
        return out ? (*out)->text : out.error().message;
    }

    ItemResult result_{};
};

// Every kind of field, in all the ways it may be given, is read back as it was meant.
TEST_F(TypesTest, FieldsAreReadAsTheirTypeHasThem) {
    auto store = open("a.kith", "Europe/Zagreb");
    ASSERT_TRUE(store);
    install(*store, kShop);
    ASSERT_EQ(
        put(*store, "ada",
            {written("trade", "grocery"), written("relationship_since", "2020-03-01"), written("heads", "12"),
             written("likes", "green tea, é"), written("credit", "1200.5 EUR")}),
        "");
    ASSERT_EQ(put(*store, "bea",
                  {written("trade", "green"), written("parent", base::to_text(find(*store, "ada")))}),
              "");
    for (const auto &[source, expected] :
         std::map<std::string, std::string>{{"party.trade", "'grocery'"},
                                            {"party.relationship_since", "date('2020-03-01')"},
                                            {"party.heads + 1", "13"},
                                            {"party.likes", "'green tea, é'"},
                                            {"party.credit", "1200.50 EUR"},
                                            {"has(party.parent)", "false"},
                                            {"m.factor", "2.0"},
                                            {"in_segment('grocers')", "true"},
                                            {"in_segment('old_friends')", "true"}}) {
        EXPECT_EQ(value(*store, "ada", source), expected) << source;
    }
    EXPECT_EQ(value(*store, "bea", "party.parent"), "'" + base::to_text(find(*store, "ada")) + "'");

    auto trial = happened("ada", "trial.started", "T1");
    FieldItem share{"share", FieldKind::double_, 0, 0.25, {}, {}, {}};
    FieldItem worth{"worth", FieldKind::money, 350, 0, {}, {}, {}};
    FieldItem paid{"paid", FieldKind::bool_, 1, 0, {}, {}, {}};
    FieldItem until{"until", FieldKind::date, 20'000, 0, {}, {}, {}};
    FieldItem mood{"mood", FieldKind::code, 0, 0, {}, "good", {}};
    FieldItem product{"product", FieldKind::key, 0, 0, {}, "tea", {}};
    FieldItem words{"words", FieldKind::text, 0, 0, {}, "liked it", {}};
    FieldItem boxes{"boxes", FieldKind::int_, 3, 0, {}, {}, {}};
    ASSERT_EQ(append(*store, trial,
                     {share, worth, paid, until, mood, product, words, boxes,
                      written("ends_at", "2026-07-01T12:00")}),
              "");
    const std::string i = "interactions.filter(i, i.type == 'trial.started')[0].";
    for (const auto &[field, expected] :
         std::map<std::string, std::string>{{"share", "0.25"},
                                            {"worth", "3.50 USD"},
                                            {"paid", "true"},
                                            {"until", "date('2024-10-04')"},
                                            {"mood", "'good'"},
                                            {"product", "'tea'"},
                                            {"words", "'liked it'"},
                                            {"boxes", "3"},
                                            {"ends_at", "timestamp('2026-07-01T10:00:00Z')"},
                                            {"cost", "5.00 USD"}}) {
        EXPECT_EQ(value(*store, "ada", i + field), expected) << field;
    }
    ASSERT_EQ(append(*store, happened("ada", "lead.won"), {written("boxes", "4")}), "");
    EXPECT_EQ(value(*store, "ada", "m.boxes"), "7");
    EXPECT_EQ(value(*store, "ada", "m.trials_good"), "1");
    EXPECT_EQ(value(*store, "ada", "m.trial_worth"), "3.50 USD");

    // The text stands aside with what is personal, and all of it is in the export.
    const auto lines = exported(*store);
    EXPECT_NE(lines.find(R"("fields":{"credit":"1200.50 EUR","heads":12,"likes":"green tea, é",)"
                         R"("relationship_since":"2020-03-01","trade":"grocery"})"),
              std::string::npos)
        << lines;
    EXPECT_NE(
        lines.find(
            R"("fields":{"boxes":3,"ends_at":"2026-07-01T10:00:00Z","mood":"good","paid":true,)"
            R"("product":"tea","share":0.25,"until":"2024-10-04","words":"liked it","worth":"3.50 USD"})"),
        std::string::npos)
        << lines;
    expect_sound(*store);
}

// Each mistake says which field it is, and what to write.
TEST_F(TypesTest, WhatATypeDoesNotDefineIsRefused) {
    auto store = open("a.kith");
    ASSERT_TRUE(store);
    EXPECT_EQ(put(*store, "ada", {written("trade", "grocery")}),
              "the type \"party\" has no field \"trade\"; define it in a type, or leave it out");
    install(*store, kShop);
    const std::pair<FieldItem, std::string> wrong[] = {
        {written("trad", "tea"), "the type \"party\" has no field \"trad\"; did you mean \"trade\"?"},
        {written("trade", "grocer"), "the field \"trade\" has no such code; did you mean \"grocery\"?"},
        {written("heads", "many"), "the field \"heads\" is int: give a whole number"},
        {{"heads", FieldKind::double_, 0, 2, {}, {}, {}}, "the field \"heads\" is int: give a whole number"},
        {written("relationship_since", "2020-03-01T10:00"),
         "the field \"relationship_since\" is date: give a date, as 2026-01-31"},
        {written("credit", "12.345 EUR"), "the field \"credit\" is money: give an amount, as 12.50 EUR"},
        {written("parent", "00000000-0000-0000-0000-000000000001"),
         "the field \"parent\" is party: give the id of a record that is there"}};
    for (const auto &[item, message] : wrong) EXPECT_EQ(put(*store, "ada", {item}), message);
    EXPECT_EQ(put(*store, "ada", {written("heads", "1"), written("heads", "2")}),
              "a field is given twice: give it once");
    EXPECT_EQ(append(*store, happened("ada", "order"), {written("boxes", "1")}),
              "the type \"order\" has no field \"boxes\"; define it in a type, or leave it out");
    EXPECT_EQ(append(*store, happened("ada", "lead.won"), {}),
              "the type \"lead.won\" requires \"boxes\": give it");
    EXPECT_EQ(append(*store, happened("ada", "trial.started"), {written("mood", "sad")}),
              "the field \"mood\" has no such code; did you mean \"bad\"?");
    EXPECT_EQ(put(*store, "ada", {written("heads", "1")}), "") << "nothing wrong was kept";
}

// A type says what must be known of a contact; what its name's cost is when nobody says.
TEST_F(TypesTest, ContactsAreCompleteAndCostWhatTheirTypeSays) {
    auto store = open("a.kith");
    ASSERT_TRUE(store);
    install(*store, kShop);
    auto visit = happened("ada", "contact.visited");
    const auto refused = [&](std::string_view name) {
        EXPECT_EQ(append(*store, visit, {}),
                  "the type \"contact.visited\" requires \"" + std::string(name) + "\": give it");
    };
    refused("medium");
    visit.medium = "shop";
    refused("with");
    visit.personal.with_whom = "the buyer";
    refused("scope");
    visit.scope = "deep";
    refused("outcome");
    visit.outcome = "agreed";
    refused("duration");
    visit.duration_s = 0;
    refused("next");
    visit.personal.next_step = "send the offer";
    EXPECT_EQ(append(*store, visit, {}), "");
    visit.cost = 1000;
    EXPECT_EQ(append(*store, visit, {}), "");
    EXPECT_EQ(value(*store, "ada", "m.contact_cost"), "70.00 USD");
}

// What was recorded before a type stays as it is, and is the same when it comes again.
TEST_F(TypesTest, WhatWasThereBeforeStays) {
    auto store = open("a.kith");
    ASSERT_TRUE(store);
    const auto visit = happened("ada", "trial.started", "T1");
    ASSERT_EQ(append(*store, visit, {}), "");
    install(*store, kShop);
    EXPECT_EQ(append(*store, visit, {}), "");
    EXPECT_EQ(result_, ItemResult::existing);
    EXPECT_EQ(value(*store, "ada", "has(interactions[0].cost)"), "false");
    ASSERT_EQ(append(*store, happened("ada", "trial.started", "T2"), {written("boxes", "2")}), "");
    EXPECT_EQ(append(*store, happened("ada", "trial.started", "T2"), {written("boxes", "2")}), "");
    EXPECT_EQ(result_, ItemResult::existing);
    EXPECT_NE(append(*store, happened("ada", "trial.started", "T2"), {written("boxes", "3")}), "");
    // A type that says more asks it of what comes, not of what is there.
    EXPECT_EQ(
        defined(*store,
                R"({"type":"trial.started","fields":{"boxes":"int"},"require":["boxes"],"cost":"7.00 USD"})"),
        "");
    EXPECT_EQ(append(*store, visit, {}), "");
    EXPECT_EQ(append(*store, happened("ada", "trial.started", "T2"), {written("boxes", "2")}), "");
    EXPECT_EQ(result_, ItemResult::existing);
    EXPECT_NE(append(*store, happened("ada", "trial.started", "T3"), {}), "");
    EXPECT_NE(append(*store, happened("ada", "trial.started", "T3"),
                     {written("boxes", "1"), written("mood", "bad")}),
              "")
        << "a field of a former version can be read, not given";
    EXPECT_EQ(value(*store, "ada", "m.trials_good"), "0");
    expect_sound(*store);
}

// A segment over a field moves with the party in the same commit; fields are kept, changed and cleared one by
// one.
TEST_F(TypesTest, SegmentsFollowTheFieldsOfAParty) {
    auto store = open("a.kith");
    ASSERT_TRUE(store);
    install(*store, kShop);
    const auto grocers = [&] {
        auto snapshot = store->snapshot();
        std::string kept = "none";
        const auto memberships = Reads(**snapshot).memberships(find(*store, "ada"));
        for (const auto &one : *memberships) {
            if (*(*snapshot)->text(one.segment) == "grocers") kept = one.is_in ? "true" : "false";
        }
        return kept;
    };
    ASSERT_EQ(put(*store, "ada", {written("trade", "tools"), written("likes", "x"), written("heads", "2")}),
              "");
    EXPECT_EQ(grocers(), "none");
    ASSERT_EQ(put(*store, "ada", {written("trade", "grocery")}), "");
    EXPECT_EQ(result_, ItemResult::changed);
    EXPECT_EQ(grocers(), "true");
    ASSERT_EQ(put(*store, "ada", {written("trade", "grocery")}), "");
    EXPECT_EQ(result_, ItemResult::unchanged);
    EXPECT_EQ(value(*store, "ada", "party.likes + string(party.heads)"), "'x2'");
    FieldItem none;
    none.name = "trade";
    ASSERT_EQ(put(*store, "ada", {none, written("likes", "")}), "");
    EXPECT_EQ(grocers(), "false");
    EXPECT_EQ(value(*store, "ada", "has(party.trade) || party.likes != ''"), "false");
    expect_sound(*store);

    auto snapshot = store->snapshot();
    const auto row = (*snapshot)->reader().get(store::Table::provenance, index::by_id(find(*store, "ada")));
    ASSERT_TRUE(row && *row);
    const auto sources = record::decode_provenance((*row)->payload);
    EXPECT_EQ(std::ranges::count_if(sources, [](auto &one) { return one.field & model::party_field::typed; }),
              3)
        << "the source of each field is known";
}

// Names are checked when a definition is installed.
TEST_F(TypesTest, DefinitionsAreCheckedAgainstTheFields) {
    auto store = open("a.kith");
    ASSERT_TRUE(store);
    install(*store, kShop);
    const std::pair<const char *, const char *> wrong[] = {
        {R"({"segment":"s","when":"party.trde == 'tea'"})", "trade"},
        {R"({"metric":"q","count":"trial.started","where":"i.mod == 'good'"})", "mood"},
        {R"({"metric":"q","sum":"trial.started","of":"i.mood"})", "does not add up"},
        {R"({"metric":"q","count":"trial.started","where":"i.words == 'x'"})", "words"},
        {R"({"type":"order","fields":{"boxes":"text"}})",
         "the field \"boxes\" is text here, and of another type in lead.won"},
        {R"({"type":"order","fields":{"amount":"int"}})", "every interaction has \"amount\" anyway"},
        {R"({"type":"party","fields":{"name":"text"}})", "every party has \"name\" anyway"},
        {R"({"type":"order","require":["medum"]})", "did you mean \"medium\"?"},
        {R"({"type":"order","cost":"5.00 CHF"})", "write it in USD"},
        {R"({"type":"actor","fields":{"grade":"int"}})", "fields of actors is not yet available"},
        {R"({"type":"lead.won","fields":{"boxes":"double"}})", "\"boxes\""},
        {R"({"type":"lead.won","fields":{"boxes":"link.refers"}})",
         "a field that is a link is not yet available"}};
    for (const auto &[definition, part] : wrong) {
        const auto why = defined(*store, definition);
        EXPECT_NE(why.find(part), std::string::npos) << definition << ": " << why;
        EXPECT_TRUE(why.starts_with("line ")) << why;
    }
}

// The types of the hard definitions, used.
TEST_F(TypesTest, HardTypesAreUsed) {
    const std::string path = shared_folder() + "/design/hard-definitions.jsonl";
    std::ifstream in(path);
    if (!in) GTEST_SKIP() << "there is no " << path;
    auto store = open("hard.kith", "UTC", "EUR");
    ASSERT_TRUE(store);
    std::string all = R"({"type":"list.trade","codes":{"grocery":{}}},
        {"type":"complaint.closed","fields":{"cause":"list.loss_cause","factor":"list.satisfaction_factor"}})";
    std::size_t types = 0;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("{ \"type\"")) continue;
        all += "," + line;
        ++types;
    }
    EXPECT_EQ(types, 4u);
    ASSERT_EQ(defined(*store, all), "");
    EXPECT_EQ(put(*store, "ada", {written("trade", "grocery"), written("relationship_since", "2021-02-03")}),
              "");
    EXPECT_EQ(append(*store, happened("ada", "trial.started"),
                     {written("product", "tea"), written("until", "2026-01-31")}),
              "");
    for (const auto *cause : {"own", "related", "uncontrollable"})
        EXPECT_EQ(append(*store, happened("ada", "complaint.closed"), {written("cause", cause)}), "");
    for (const auto *factor : {"process", "on_time", "queue", "emotion", "respect", "let_down"})
        EXPECT_EQ(append(*store, happened("ada", "complaint.closed"), {written("factor", factor)}), "");
    EXPECT_NE(append(*store, happened("ada", "complaint.closed"), {written("factor", "own")}), "");
    EXPECT_EQ(value(*store, "ada", "interactions.exists(i, has(i.until) && i.until == date('2026-01-31'))"),
              "true");
    EXPECT_EQ(value(*store, "ada", "interactions[0].cost"), "5.00 EUR");
    expect_sound(*store);
}

// Random lists and requirements against an oracle.
TEST_F(TypesTest, RandomRecordsAreTakenAsTheOracleSays) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    std::size_t taken = 0, refused = 0;
    for (int round = 0; round < 12; ++round) {
        auto store = open("r" + std::to_string(round) + ".kith");
        ASSERT_TRUE(store);
        std::map<std::string, std::set<std::string>> lists;  // codes, however deep
        std::string all;
        for (std::size_t l = 0; l < 3; ++l) {
            auto &codes = lists["l" + std::to_string(l)];
            std::size_t next = 0;
            const std::function<std::string(int)> tree = [&](int depth) {
                std::string out = "{";
                const auto n = 1 + below(3);
                for (std::size_t i = 0; i < n; ++i) {
                    const auto code = "c" + std::to_string(l) + "_" + std::to_string(next++);
                    codes.insert(code);
                    out += (i ? ",\"" : "\"") + code + "\":{";
                    if (depth < 4 && below(2)) out += "\"codes\":" + tree(depth + 1);
                    out += "}";
                }
                return out + "}";
            };
            const auto written_codes = tree(0);
            all += (all.empty() ? "" : ",") + (R"({"type":"list.l)" + std::to_string(l) + R"(","codes":)") +
                   written_codes + "}";
        }
        std::map<std::string, std::string> fields;  // of what list
        std::set<std::string> required;
        std::string list_of_fields, requires_;
        for (std::size_t f = 0; f < 5; ++f) {
            const auto name = "f" + std::to_string(f);
            fields[name] = "l" + std::to_string(below(3));
            list_of_fields += (f ? ",\"" : "\"") + name + "\":\"list." + fields[name] + "\"";
            if (below(3) == 0) required.insert(name);
        }
        for (const auto *name : {"medium", "topic"}) {
            if (below(2)) required.insert(name);
        }
        for (const auto &name : required) requires_ += (requires_.empty() ? "\"" : ",\"") + name + "\"";
        all += R"(,{"type":"noted","fields":{)" + list_of_fields + "}" +
               (requires_.empty() ? "" : ",\"require\":[" + requires_ + "]") + "}";
        ASSERT_EQ(defined(*store, all), "");
        std::map<std::string, std::size_t> counted;  // by field and code
        for (int n = 0; n < 60; ++n) {
            auto item = happened("ada", "noted");
            std::map<std::string, std::string> given;
            bool right = true;
            for (const auto &[name, list] : fields) {
                if (below(4) == 0) continue;
                const auto from = below(6) == 0 ? "l" + std::to_string(below(3)) : list;
                const auto &codes = lists[from];
                given[name] = *std::next(codes.begin(), static_cast<std::ptrdiff_t>(below(codes.size())));
                right &= lists[list].contains(given[name]);
            }
            if (below(3)) item.medium = "shop";
            if (below(3)) item.topic = "tea";
            for (const auto &name : required) {
                right &= name == "medium"  ? !item.medium.empty()
                         : name == "topic" ? !item.topic.empty()
                                           : given.contains(name);
            }
            std::vector<FieldItem> values;
            for (const auto &[name, code] : given) values.push_back(written(name, code));
            std::ranges::shuffle(values, random);
            EXPECT_EQ(append(*store, item, values).empty(), right);
            right ? ++taken : ++refused;
            if (!right) continue;
            for (const auto &[name, code] : given) ++counted[name + "." + code];
        }
        if (counted.empty()) continue;
        for (int n = 0; n < 10; ++n) {
            const auto &[path, count] =
                *std::next(counted.begin(), static_cast<std::ptrdiff_t>(below(counted.size())));
            const auto dot = path.find('.');
            const auto name = path.substr(0, dot);
            EXPECT_EQ(value(*store, "ada",
                            "interactions.filter(i, has(i." + name + ") && i." + name + " == '" +
                                path.substr(dot + 1) + "').size()"),
                      std::to_string(count));
        }
        expect_sound(*store);
    }
    EXPECT_GT(taken, 20u);
    EXPECT_GT(refused, 20u);
}

}  // namespace
}  // namespace kith::engine
