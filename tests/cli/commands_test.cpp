// Goal: every command explains itself, prints what it promises in each form, and answers alike however
// it is asked.
// Method: two small shops made here, whose answers can be counted by hand, and a made-up shop for what
// needs many records.
#include <algorithm>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

constexpr const char *kCommands[] = {"init",       "import", "sample",  "info",    "show",   "timeline",
                                     "states",     "due",    "run-due", "rfm",     "abc",    "cohort",
                                     "check-expr", "eval",   "define",  "feed",    "verify", "export",
                                     "playbook",   "board",  "list",    "process", "assign"};

// Ann buys monthly and stops; Ben buys once.
constexpr const char *kOrders =
    "customer,when,total,number\n"
    "ann,2024-01-05,10.00,o1\nann,2024-02-05,20.00,o2\nann,2024-03-05,30.00,o3\nann,2024-04-05,40.50,o4\n"
    "ben,2024-04-06 18:30:00,7,o5\n";

class CommandsTest : public Shop {
protected:
    void import_orders() const {
        ASSERT_EQ(init().status, 0);
        const Ended ended =
            import(write("orders.csv", kOrders),
                   {"--kind", "order", "--map", "party=customer,at=when,amount=total,key=number"});
        ASSERT_EQ(ended.status, 0) << ended;
    }
    void make_sample() const { ASSERT_EQ(run({"sample", file_, "--customers", "300"}).status, 0); }
    std::string first_line(const std::vector<std::string> &arguments) const {
        const std::string all = text(arguments);
        return all.substr(0, all.find('\n'));
    }
};

TEST_F(CommandsTest, EveryCommandExplainsItself) {
    const std::string overview = text({"--help"});
    for (const char *command : kCommands) {
        EXPECT_NE(overview.find(std::string("\n  ") + command + " "), std::string::npos) << command;
        const Ended help = run({command, "--help"});
        EXPECT_EQ(help.status, 0) << command;
        EXPECT_NE(help.out.find(std::string("Usage: kith ") + command), std::string::npos) << help;
        EXPECT_EQ(help.err, "") << command;
    }
    EXPECT_EQ(text({"--version"}).rfind("kith ", 0), 0U);
    EXPECT_EQ(run({}).status, 2);
}

TEST_F(CommandsTest, JsonParsesAndCsvHasItsHeader) {
    make_sample();
    for (const std::vector<std::string> &arguments :
         std::vector<std::vector<std::string>>{{"info", file_},
                                               {"states", file_},
                                               {"states", file_, "--at", "decline"},
                                               {"due", file_},
                                               {"rfm", file_},
                                               {"abc", file_},
                                               {"cohort", file_},
                                               {"show", file_, "C-00001"},
                                               {"timeline", file_, "C-00001"},
                                               {"verify", file_},
                                               {"run-due", file_}}) {
        EXPECT_FALSE(json(arguments).empty()) << arguments[0];
    }
    const std::pair<std::vector<std::string>, const char *> headers[] = {
        {{"rfm", file_}, "party,recency_days,frequency,monetary,r,f,m,cell"},
        {{"abc", file_}, "party,value,share,cumulative,class"},
        {{"states", file_}, "state,parties"},
        {{"states", file_, "--at", "decline"}, "party,name,since,due,orders,amount_total,last_order_at,key"},
        {{"due", file_}, "due,overdue,party,name,kind,title,state,opened_at,id"},
        {{"timeline", file_, "C-00001"},
         "party,at,type,amount,currency,system,key,direction,medium,topic,outcome,actor,text,lines,owner,"
         "campaign,fields"}};
    for (auto [arguments, header] : headers) {
        arguments.emplace_back("--csv");
        EXPECT_EQ(first_line(arguments), header);
    }
    EXPECT_EQ(first_line({"cohort", file_, "--csv"}).rfind("cohort,size,0,1,2,", 0), 0U);
    const std::string exported = text({"export", file_});
    EXPECT_TRUE(text({"export", file_}) == exported);
    EXPECT_EQ(run({"export", file_, "--output", path("out.jsonl")}).out, "");
    EXPECT_TRUE(read_text(path("out.jsonl")) == exported);
    std::istringstream lines(exported);
    for (std::string line; std::getline(lines, line);) ASSERT_TRUE(parse(line).is_object()) << line;
}

TEST_F(CommandsTest, TheFeedReadsOnFromWhereItWasLeft) {
    make_sample();
    const auto last = info()["feed_last"].get<std::int64_t>();
    const std::string whole = text({"feed", file_, "--after", "0", "--json"});
    EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'), last);
    std::string joined;
    std::int64_t after = 0;
    for (;;) {
        const std::string page =
            text({"feed", file_, "--after", std::to_string(after), "--limit", "1234", "--json"});
        if (page.empty()) break;
        joined += page;
        const auto line = page.rfind('\n', page.size() - 2);
        after = parse(page.substr(line == std::string::npos ? 0 : line + 1))["seq"].get<std::int64_t>();
    }
    EXPECT_EQ(after, last);
    EXPECT_TRUE(joined == whole) << "pages do not join up";
    std::int64_t seq = 0;
    std::istringstream lines(whole);
    for (std::string line; std::getline(lines, line);) ASSERT_EQ(parse(line)["seq"], ++seq) << line;
    EXPECT_NE(text({"feed", file_, "--after", std::to_string(last)}).find("Nothing newer"),
              std::string::npos);
}

TEST_F(CommandsTest, AnInitialisedFileIsEmptyAndSaysSo) {
    ASSERT_EQ(init(file_, {"--currency", "JPY", "--tz", "Asia/Tokyo", "--device", "till-1"}).status, 0);
    const Json empty = info();
    EXPECT_EQ(empty["parties"], 0);
    EXPECT_EQ(empty["amount_total"], "0");
    EXPECT_EQ(empty["currency"], "JPY");
    EXPECT_EQ(empty["time_zone"], "Asia/Tokyo");
    EXPECT_EQ(empty["device"], "till-1");
    EXPECT_EQ(empty["first_at"], nullptr);
    for (const char *command : {"rfm", "cohort", "states", "due", "feed", "verify"}) {
        EXPECT_EQ(run({command, file_}).status, 0) << command;
    }
    EXPECT_EQ(text({"rfm", file_, "--as-of", "2024-01-01", "--csv"}),
              "party,recency_days,frequency,monetary,r,f,m,cell\n");
}

TEST_F(CommandsTest, ACustomerIsFoundByEachOfTheirNames) {
    make_sample();
    const Json shown = json({"show", file_, "C-00042", "--now", "2026-01-01"});
    EXPECT_EQ(shown["party"], "C-00042");
    for (const Json &identifier : shown["identifiers"]) {
        EXPECT_EQ(json({"show", file_, identifier["value"], "--now", "2026-01-01"}), shown) << identifier;
    }
    EXPECT_EQ(json({"show", file_, shown["id"], "--now", "2026-01-01"}), shown);
    EXPECT_EQ(run({"show", file_, "nobody-of-that-name"}).status, 1);
    EXPECT_EQ(run({"timeline", file_, "nobody-of-that-name"}).status, 1);
}

TEST_F(CommandsTest, ATimelineIsNewestFirstAndCutAsAsked) {
    import_orders();
    const auto keys = [&](std::vector<std::string> options) {
        options.insert(options.begin(), {"timeline", file_, "ann"});
        std::string joined;
        for (const Json &item : json(options)) joined += item["key"].get<std::string>() + " ";
        return joined;
    };
    EXPECT_EQ(keys({}), "o4 o3 o2 o1 ");
    EXPECT_EQ(keys({"--limit", "2"}), "o4 o3 ");
    EXPECT_EQ(keys({"--from", "2024-02-05", "--until", "2024-04-05"}), "o3 o2 ");
    EXPECT_EQ(keys({"--type", "return"}), "");
    const Json last = json({"timeline", file_, "ben"})[0];
    EXPECT_EQ(last["at"], "2024-04-06T18:30:00Z");
    EXPECT_EQ(last["amount"], "7.00");
    EXPECT_EQ(last["system"], "import");
}

TEST_F(CommandsTest, DueWorkIsDoneOnce) {
    import_orders();
    const Json before = json({"show", file_, "ann", "--now", "2024-04-05"});
    EXPECT_EQ(before["figures"]["orders"], 4);
    EXPECT_EQ(before["figures"]["amount_total"], "100.50");
    EXPECT_EQ(before["processes"][0]["state"], "formation");
    EXPECT_TRUE(json({"due", file_})["commitments"].empty());

    const Json done = json({"run-due", file_, "--now", "2024-08-01"});
    EXPECT_EQ(done["due_through"], "2024-08-01T00:00:00Z");
    EXPECT_EQ(done["commitments"], 2);
    const std::string after = text({"export", file_});
    for (const char *now : {"2024-08-01", "2024-01-01"}) {
        const Json again = json({"run-due", file_, "--now", now});
        EXPECT_EQ(again["timers"], 0);
        EXPECT_EQ(again["due_through"], "2024-08-01T00:00:00Z");
    }
    EXPECT_TRUE(text({"export", file_}) == after);

    EXPECT_EQ(json({"show", file_, "ann", "--now", "2024-08-01"})["processes"][0]["state"], "decline");
    const Json due = json({"due", file_, "--now", "2024-08-01"});
    EXPECT_EQ(due["commitments"].size(), 2U);
    for (const Json &commitment : due["commitments"]) EXPECT_EQ(commitment["kind"], "win_back");
    EXPECT_EQ(json({"due", file_, "--limit", "1"})["commitments"].size(), 1U);
    EXPECT_EQ(csv_rows(text({"states", file_, "--at", "decline", "--csv"})).size(), 3U);
    EXPECT_EQ(run({"states", file_, "--at", "nowhere"}).status, 1);
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

TEST_F(CommandsTest, OldHistoryOpensNoFollowUps) {
    const std::string csv = write("old.csv", "who,when\na,2020-01-01\na,2022-01-01\n");
    const auto is_historic = [&](const std::string &file, const char *effects_from) {
        EXPECT_EQ(init(file).status, 0);
        const Ended ended = import_to(
            file, csv, {"--kind", "order", "--map", "party=who,at=when", "--effects-from", effects_from});
        EXPECT_EQ(ended.status, 0) << ended;
        const std::string all = facts(file);
        EXPECT_NE(all.find("win_back"), std::string::npos);
        return all.find(R"("state":"historic")") != std::string::npos;
    };
    EXPECT_TRUE(is_historic(path("old.kith"), "2024-01-01"));
    EXPECT_FALSE(is_historic(path("lived.kith"), "2000-01-01"));
}

TEST_F(CommandsTest, PlaybooksAreCheckedAndInstalledOnce) {
    ASSERT_EQ(init().status, 0);
    const std::string good = write("good.json", R"({"playbook": "own", "format": 1, "version": 1, "define": [
        {"bands": "size", "of": "m.orders", "classes": [{"up_to": 100, "is": 1}, {"is": 2}]}]})");
    const auto before = info()["definitions"].get<int>();
    EXPECT_EQ(json({"define", file_, good, "--check"})["installed"], false);
    EXPECT_EQ(info()["definitions"], before);
    EXPECT_EQ(json({"define", file_, good})["changed"], true);
    EXPECT_EQ(json({"define", file_, good})["changed"], false);
    EXPECT_EQ(info()["definitions"], before + 1);

    const std::string bad = write("bad.json", R"({"playbook": "own", "format": 1, "version": 1, "define": [
        {"bands": "size", "of": "m.orders", "classes": [{"up_to": 100, "is": 1}, {"up_to": 50, "is": 2}]}]})");
    // Those that are wrong only beside what is installed show when they are.
    const std::string alone = write("alone.json", R"({"playbook": "own", "format": 1, "define": [
        {"metric": "a", "value": "m.a_b + m.orders"}]})");
    EXPECT_EQ(run({"define", file_, alone, "--check"}).status, 0);
    EXPECT_NE(run({"define", file_, alone})
                  .err.find(alone + ":2:37: define[0].value: there is no metric \"a_b\"; did you mean"),
              std::string::npos)
        << run({"define", file_, alone}).err;
    EXPECT_NE(run({"define", file_, bad}).err.find(bad + ":2:"), std::string::npos);
    // Settings stay, and processes that are there can be named.
    const std::string settings =
        write("set.json", R"({"playbook": "set", "format": 1, "settings": {"cut": 0.5, "floor": "5.00 EUR",
        "by_code": {"default": 2, "x": "1.50 EUR"}}, "define": [{"metric": "gone", "value": "state.lifecycle == 'dormant' ? 1 : 0"}]})");
    EXPECT_EQ(run({"define", file_, settings}).status, 0);
    EXPECT_EQ(json({"define", file_, settings})["changed"], false);
    EXPECT_EQ(run({"define", file_, write("use.json", R"({"playbook": "use", "format": 1, "define": [
        {"metric": "a", "value": "setting.cut * 2.0"}]})")})
                  .status,
              0);
    EXPECT_EQ(run({"verify", file_}).status, 0);
    const auto now = info()["definitions"].get<int>();
    for (const auto &file : {bad, write("junk.json", "{"), write("none.json", "{}")}) {
        for (const bool check_only : {true, false}) {
            std::vector<std::string> arguments{"define", file_, file};
            if (check_only) arguments.emplace_back("--check");
            const Ended ended = run(arguments);
            EXPECT_EQ(ended.status, 1) << ended;
            EXPECT_NE(ended.err.find(file), std::string::npos) << ended;
        }
    }
    EXPECT_EQ(info()["definitions"], now);
}

TEST_F(CommandsTest, TheSameRowsInAnyFormAreTheSameOrders) {
    const std::string map = "party=customer,at=when,amount=total,key=number";
    std::string tabs = kOrders, semicolons = kOrders, bare = kOrders;
    std::replace(tabs.begin(), tabs.end(), ',', '\t');
    std::replace(semicolons.begin(), semicolons.end(), ',', ';');
    bare = bare.substr(bare.find('\n') + 1);
    std::string dos;
    for (const char c : std::string(kOrders)) dos += c == '\n' ? std::string("\r\n") : std::string(1, c);

    ASSERT_EQ(init().status, 0);
    ASSERT_EQ(import(write("orders.csv", kOrders), {"--kind", "order", "--map", map}).status, 0);
    const std::string expected = facts();
    int number = 0;
    const auto same = [&](const std::string &csv, const std::vector<std::string> &options,
                          const std::string &input = "/dev/null") {
        const std::string file = path(std::to_string(number++) + ".kith");
        ASSERT_EQ(init(file).status, 0);
        const Ended ended = import_to(file, csv, options, input);
        EXPECT_EQ(ended.status, 0) << ended;
        EXPECT_EQ(facts(file), expected) << csv;
    };
    same(write("tabs.tsv", tabs), {"--kind", "order", "--map", map});
    same(write("semicolons.csv", semicolons), {"--kind", "order", "--map", map, "--delimiter", ";"});
    same(write("dos.csv", "\xef\xbb\xbf" + dos), {"--kind", "order", "--map", map});
    same(write("bare.csv", bare), {"--kind", "order", "--no-header", "--map", "party=1,at=2,amount=3,key=4"});
    same("-", {"--kind", "order", "--map", map}, path("orders.csv"));
    same(path("orders.csv"),
         {"--kind", "order", "--map", "party=customer,at=when", "--map", "amount=total,key=number"});
    same(path("orders.csv"),
         {"--mapping", write("mapping.json", R"({"kind": "order", "delimiter": ",", "header": true,
        "map": {"party": "customer", "at": "when", "amount": "total", "key": "number"}})")});
    same(path("orders.csv"), {"--batch", "1", "--kind", "order", "--map", map});
}

TEST_F(CommandsTest, TimesWithoutZoneAreInTheZoneOfTheFile) {
    ASSERT_EQ(init(file_, {"--tz", "America/New_York"}).status, 0);
    const std::string csv = write("times.csv",
                                  "who,when\n"
                                  "winter,2024-01-05\nsummer,2024-07-05 12:00:00\nutc,2024-07-05T12:00:00Z\n"
                                  "digits,20240105\n");
    ASSERT_EQ(import(csv, {"--kind", "order", "--map", "party=who,at=when"}).status, 0);
    const auto at = [&](const char *party) { return json({"timeline", file_, party})[0]["at"]; };
    EXPECT_EQ(at("winter"), "2024-01-05T05:00:00Z");
    EXPECT_EQ(at("summer"), "2024-07-05T16:00:00Z");
    EXPECT_EQ(at("utc"), "2024-07-05T12:00:00Z");
    EXPECT_EQ(at("digits"), "2024-01-05T05:00:00Z");
    EXPECT_EQ(json({"run-due", file_, "--now", "2024-07-06"})["due_through"], "2024-07-06T04:00:00Z");
    const Rows rfm = csv_rows(text({"rfm", file_, "--as-of", "2024-07-06", "--csv"}));
    for (const auto &row : rfm) {
        const auto *days = row[0] == "summer" ? "1" : row[0] == "winter" ? "183" : nullptr;
        if (days != nullptr) {
            EXPECT_EQ(row[1], days) << row[0];
        }
    }
}

TEST_F(CommandsTest, LinesAreMultipliedAndAddedUp) {
    ASSERT_EQ(init().status, 0);
    const std::string csv = write("lines.csv",
                                  "who,when,no,sku,qty,price\n"
                                  "a,2024-01-02 10:00:00,k,tea,3,2.335\n"
                                  ",2024-01-01 10:00:00,k,cup,1,0.005\n"
                                  ",2024-01-03,x,tea,1,1\n");
    const Ended ended =
        import(csv, {"--kind", "order", "--system", "till", "--map",
                     "party=who,at=when,key=no,product=sku,quantity=qty,unit_price=price", "--json"});
    ASSERT_EQ(ended.status, 0) << ended;
    EXPECT_EQ(parse(ended.out)["anonymous_rows"], 1);
    const Json order = json({"timeline", file_, "a"})[0];
    EXPECT_EQ(order["at"], "2024-01-01T10:00:00Z");
    EXPECT_EQ(order["amount"], "7.00");  // 7.005 and 0.005, each half to even
    EXPECT_EQ(order["system"], "till");
    ASSERT_EQ(order["lines"].size(), 2U);
    EXPECT_EQ(order["lines"][0]["product"], "tea");
    EXPECT_EQ(order["lines"][0]["quantity"], "3");
    EXPECT_EQ(info()["anonymous"], 1);
    EXPECT_EQ(csv_rows(text({"abc", file_, "--csv"})).size(), 2U) << "the anonymous party is left out";
}

TEST_F(CommandsTest, EventsOfProcessesAreReadAndChecked) {
    import_orders();
    const auto wrong = [&](const std::vector<std::string> &arguments, const char *what) {
        const Ended ended = run(arguments);
        EXPECT_NE(ended.status, 0);
        EXPECT_NE(ended.err.find(what), std::string::npos) << ended;
    };
    wrong({"process", file_, "ann", "complaint"}, "say which event has happened, or --open");
    wrong({"process", file_, "ann", "complaint", "raised", "--open"}, "leave the event out");
    wrong({"process", file_, "ann", "complaint", "raised", "--set", "severity"}, "is not of the form");
    wrong({"process", file_, "nobody", "complaint", "raised"}, "no party of that name");
    const std::string events = write("events.csv",
                                     "customer,event,at,key,field.severity,reason\n"
                                     "ann,raised,2024-05-01,K1,3,by mail\n"
                                     "ann,resolved,yesterday,K1,,\n");
    wrong({"import", file_, "events", events}, "say which process the events are for: --process NAME");
    wrong({"import", file_, "parties", events, "--process", "complaint"}, "--process is for events");
    wrong({"import", file_, "events", events, "--process", "complaint"},
          "the column \"customer\" is no field");
    wrong({"import", file_, "events", events, "--process", "complaint", "--map", "party=customer"},
          "line 3: at");
}

}  // namespace
}  // namespace kith::test
