// Goal: typed fields on the command line: defined, imported, shown, exported, asked for; told in a playbook's
// story; called by their labels in another language. Method: a small shop with a type of contact and a list
// of codes.
#include "cli/shop.hpp"

namespace kith::test {
namespace {

constexpr const char *kTypes = R"json({"playbook": "types", "format": 1, "define": [
  {"type": "list.trade", "codes": {"food": {"labels": {"zh": "食品"}, "codes": {"grocery": {"labels": {"zh": "杂货"}}}}}},
  {"type": "party", "fields": {"trade": "list.trade"}, "labels": {"zh": {"party.trade": "行业"}}},
  {"type": "trial.started", "fields": {"until": "date", "mood": ["good", "bad"], "worth": "money", "words": "text",
    "boxes": "int"}, "require": ["mood"], "cost": "5.00 EUR", "labels": {"zh": {"trial.started.words": "原话"}}},
  {"metric": "good", "count": "trial.started", "where": "i.mood == 'good'"},
  {"metric": "boxes", "sum": "trial.started", "of": "i.boxes"},
  {"segment": "grocers", "when": "party.trade == 'grocery'"}],
  "tests": [{"test": "a grocer tries", "given": [
    {"at": "2026-01-01T09:00", "party": "acme", "values": {"name": "Acme", "trade": "grocery"}},
    {"at": "2026-01-02T09:00", "party": "acme", "event": "trial.started", "values": {"mood": "good", "boxes": 3}}],
    "at": "2026-01-03T09:00", "expect": {"acme": {"segment.grocers": true, "m.good": 1, "m.boxes": 3}}}]})json";

constexpr const char *kTrials =
    "customer,when,ends,how,value,said,n\n"
    "ann,2026-01-05,2026-02-01,good,12.50 EUR,\"liked \"\"it\"\", mostly\",2\n"
    "ann,2026-01-06,,bad,,,\n"
    "ben,2026-01-07,2026-02-03,good,3 EUR,,5\n";
constexpr const char *kTrialMap =
    "party=customer,at=when,field.until=ends,field.mood=how,field.worth=value,field.words=said,field.boxes=n";

class TypesCommands : public Shop {
protected:
    void fill() {
        ASSERT_EQ(init(file_, {"--currency", "EUR"}).status, 0);
        const Ended defined = run({"define", file_, write("types.json", kTypes)});
        ASSERT_EQ(defined.status, 0) << defined;
        const Ended done =
            import(write("trials.csv", kTrials), {"--kind", "trial.started", "--map", kTrialMap});
        ASSERT_EQ(done.status, 0) << done;
    }
};

TEST_F(TypesCommands, ImportedShownAndExported) {
    fill();
    const Json timeline = json({"timeline", file_, "ann"});
    ASSERT_EQ(timeline.size(), 2U);
    EXPECT_EQ(timeline[1]["fields"], Json({{"until", "2026-02-01"},
                                           {"mood", "good"},
                                           {"worth", "12.50 EUR"},
                                           {"words", "liked \"it\", mostly"},
                                           {"boxes", 2}}));
    EXPECT_EQ(timeline[0]["fields"], Json({{"mood", "bad"}}));
    EXPECT_EQ(timeline[0]["cost"], "5.00");
    EXPECT_NE(text({"timeline", file_, "ann"}).find("mood: bad"), std::string::npos);
    EXPECT_NE(text({"timeline", file_, "ann", "--language", "zh"}).find("原话"), std::string::npos);
    const auto rows = csv_rows(text({"timeline", file_, "ben", "--csv"}));
    EXPECT_EQ(rows[0].back(), "fields");
    EXPECT_EQ(rows[1].back(), "boxes=5; mood=good; until=2026-02-03; worth=3.00 EUR");
    EXPECT_NE(facts().find(R"("fields":{"boxes":5,"mood":"good","until":"2026-02-03","worth":"3.00 EUR"})"),
              std::string::npos);
    // The same again doubles nothing; another cell is another interaction.
    EXPECT_EQ(import(path("trials.csv"), {"--kind", "trial.started", "--map", kTrialMap}).status, 0);
    EXPECT_EQ(json({"timeline", file_, "ann"}).size(), 2U);
    EXPECT_EQ(text({"eval", file_, "ben", "m.boxes + m.good"}), "6\n");
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

TEST_F(TypesCommands, PartiesHaveThem) {
    fill();
    const Ended done = run({"import", file_, "parties",
                            write("parties.csv",
                                  "key,name,kind,tags,email,field.trade\n"
                                  "ann,Ann's,organisation,\"vip,old\",ann@x.org,grocery\nben,,,,,food\n")});
    ASSERT_EQ(done.status, 0) << done;
    const Json ann = json({"show", file_, "ann@x.org"});
    EXPECT_EQ(ann["name"], "Ann's");
    EXPECT_EQ(ann["kind"], "organisation");
    EXPECT_EQ(ann["fields"], Json({{"trade", "grocery"}}));
    EXPECT_EQ(ann["segments"][0]["segment"], "grocers");
    EXPECT_NE(text({"show", file_, "ben"}).find("trade         food"), std::string::npos);
    EXPECT_NE(text({"show", file_, "ben", "--language", "zh"}).find("食品"), std::string::npos);
    const Ended wrong = run({"import", file_, "parties", write("w.csv", "key,field.trade\nann,grocer\n")});
    EXPECT_NE(wrong.status, 0);
    EXPECT_NE(wrong.err.find("the field \"trade\" has no such code; did you mean \"grocery\"?"),
              std::string::npos)
        << wrong;
}

TEST_F(TypesCommands, MistakesSayWhatToDo) {
    fill();
    const auto wrong = [&](const std::string &csv, const std::string &map, const std::string &part) {
        const Ended ended =
            import(write("w.csv", csv), {"--kind", "trial.started", "--map", "party=c,at=w," + map});
        EXPECT_NE(ended.status, 0);
        EXPECT_NE(ended.err.find(part), std::string::npos) << ended;
    };
    wrong("c,w,x\nann,2026-01-05,good\n", "field.mod=x", "has no field \"mod\"; did you mean \"mood\"?");
    wrong("c,w,x\nann,2026-01-05,glad\n", "field.mood=x", "line 2: the field \"mood\" has no such code");
    wrong("c,w,x\nann,2026-01-05,2026-01-05\n", "field.until=x", "requires \"mood\": give it");
    wrong("c,w,x\nann,2026-01-05,good\n", "field.mood=y", "there is no column \"y\"");
    wrong("c,w,k,x\nann,2026-01-05,1,good\nann,2026-01-05,1,bad\n", "key=k,field.mood=x",
          "a row with the same key has another mood (line 2)");
    const Ended told = run({"playbook", "test", path("types.json")});
    EXPECT_EQ(told.status, 0) << told;
    const Ended unknown = run({"eval", file_, "ann", "party.trde"});
    EXPECT_NE(unknown.err.find("trade"), std::string::npos) << unknown;
}

}  // namespace
}  // namespace kith::test
