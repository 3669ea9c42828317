// Goal: bad input is refused row by row with its line and a reason, stores nothing where it should not,
// and every way to fail has its exit code and says what to do.
// Method: one file with one row of each kind of mistake, imported with `stop` and with `skip`; wrong
// command lines; wrong and damaged files.
#include <map>
#include <set>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

constexpr const char *kMap = "party=who,at=when,amount=value,key=key";

struct BadRow {
    const char *text;
    const char *reason;  // what the message must contain
};

// Each stands between two good rows.
constexpr BadRow kBadRows[] = {
    {"b,yesterday,1.00,b1", "at (column when) is not a time"},
    {"b,2024-02-30,1.00,b2", "at (column when) is not a time"},
    {"b,10000-01-01,1.00,b3", "at (column when) is not a time"},
    {"b,0000-01-01,1.00,b4", "at (column when) is not a time"},
    {"b,2024-01-02,abc,b5", "amount (column value) is not a number"},
    {"b,2024-01-02,1.234,b6", "at most 2 decimals"},
    {"b,2024-01-02,\"1,50\",b7", "and a point"},
    {"b,2024-01-02,,b8", "amount (column value) is empty"},
    {"b,2024-01-02,99999999999999999999,b9", "too large"},
    {"b,2024-01-02,-1.00,b10", "cannot be negative"},
    {"b\xff,2024-01-02,1.00,b11", "not valid UTF-8"},
    {"b,2024-01-02,1.00", "it has 3 fields, the first row has 4"},
    {"b,2024-01-02,1.00,b13,more", "it has 5 fields, the first row has 4"},
    {"\"b,2024-01-02,1.00,b14", "a quote is opened and never closed"},
    {"b,2024-01-02,1.00,", "key (column key) is empty"},
    {"(anonymous),2024-01-02,1.00,b16", "reserved word"},
};

std::string good_row(std::size_t i) { return "good,2024-01-01,1.00,g" + std::to_string(i) + "\n"; }

class MalformedTest : public Shop {
protected:
    void SetUp() override { ASSERT_EQ(init().status, 0); }

    Ended import_orders(const std::string &csv, const std::string &on_error = "stop",
                        const std::string &kind = "order") const {
        return import(csv, {"--kind", kind, "--map", kMap, "--on-error", on_error});
    }
    void expect_usage(const std::vector<std::string> &arguments, const std::string &hint) const {
        const Ended ended = run(arguments);
        EXPECT_EQ(ended.status, 2) << ended;
        EXPECT_EQ(ended.err.rfind("kith: ", 0), 0U) << ended;
        EXPECT_NE(ended.err.find(hint), std::string::npos) << "no hint: " << hint << ended;
        EXPECT_EQ(ended.out, "");
    }
};

TEST_F(MalformedTest, EachBadRowIsNamedAndStopStoresNothing) {
    std::string csv = "who,when,value,key\n";
    std::size_t good = 0;
    std::map<std::size_t, std::string> reasons;  // by line
    std::size_t line = 1;
    for (const BadRow &bad : kBadRows) {
        csv += good_row(good++) + bad.text + "\n";
        line += 2;
        reasons[line] = bad.reason;
    }
    csv += good_row(good++);
    const std::string file = write("bad.csv", csv);
    const std::string before = text({"export", file_});

    const Ended stopped = import_orders(file);
    EXPECT_EQ(stopped.status, 1) << stopped;
    EXPECT_NE(stopped.err.find("nothing was imported"), std::string::npos) << stopped;
    EXPECT_EQ(text({"export", file_}), before);

    const Ended skipped = import_orders(file, "skip");
    EXPECT_EQ(skipped.status, 3) << skipped;
    EXPECT_EQ(info()["orders"], good);
    for (const auto &[number, reason] : reasons) {
        const std::string start = "line " + std::to_string(number) + ": ";
        for (const Ended *ended : {&stopped, &skipped}) {
            const auto at = ended->err.find(start);
            ASSERT_NE(at, std::string::npos) << start << *ended;
            const std::string told = ended->err.substr(at, ended->err.find('\n', at) - at);
            EXPECT_NE(told.find(reason), std::string::npos) << told << "\nexpected: " << reason;
        }
    }
    EXPECT_EQ(skipped.err.find("line 2:"), std::string::npos) << "a good row is blamed";

    const Ended as_json = import(file, {"--kind", "order", "--map", kMap, "--on-error", "skip", "--json"});
    EXPECT_EQ(as_json.status, 3);
    const Json report = parse(as_json.out);
    EXPECT_EQ(report["rows_skipped"], reasons.size());
    EXPECT_EQ(report["created"], 0);
    ASSERT_EQ(report["problems"].size(), reasons.size());
    for (const Json &problem : report["problems"]) EXPECT_TRUE(reasons.contains(problem["line"])) << problem;
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

TEST_F(MalformedTest, RowsOfOneKeyAreTakenTogetherOrNotAtAll) {
    const std::string csv = write("keys.csv",
                                  "who,when,value,key\n"
                                  "a,2024-01-01,1.00,two-parties\n"
                                  "b,2024-01-01,1.00,two-parties\n"
                                  "a,2024-01-01,1.00,one-is-bad\n"
                                  "a,never,1.00,one-is-bad\n"
                                  "a,2024-01-02,2.00,good\n"
                                  "a,2024-01-01,1.00,good\n");
    const Ended ended = import_orders(csv, "skip");
    EXPECT_EQ(ended.status, 3);
    EXPECT_NE(ended.err.find("line 3: a row with the same key has another party (line 2)"), std::string::npos)
        << ended;
    EXPECT_NE(ended.err.find("line 4: another row with the same key is bad (line 5)"), std::string::npos)
        << ended;
    const Json now = info();
    EXPECT_EQ(now["orders"], 1);
    EXPECT_EQ(now["amount_total"], "3.00");
    EXPECT_EQ(now["first_at"], "2024-01-01T00:00:00Z") << "an order's time is its earliest row's";

    const std::string mapping = write("kinds.json", R"({"kind": "order", "when":
        [{"when": {"column": "value", "below": 0}, "kind": "return"}]})");
    const Ended kinds =
        import(write("kinds.csv", "who,when,value,key\na,2024-01-01,5,k\na,2024-01-01,-5,k\n"),
               {"--mapping", mapping, "--map", kMap});
    EXPECT_EQ(kinds.status, 1);
    EXPECT_NE(kinds.err.find("line 3: a row with the same key is of another kind"), std::string::npos)
        << kinds;
    EXPECT_EQ(info()["interactions"], 1);
}

TEST_F(MalformedTest, OtherContentUnderAKnownKeyIsAConflict) {
    const std::string header = "who,when,value,key\n";
    ASSERT_EQ(import_orders(write("one.csv", header + "a,2024-01-01,1.00,k1\n")).status, 0);
    const std::string before = text({"export", file_});
    const std::string other =
        write("other.csv", header + "a,2024-01-01,2.00,k1\n" + "a,2024-01-05,3.00,k2\n");
    const Ended stopped = import_orders(other);
    EXPECT_EQ(stopped.status, 1) << stopped;
    EXPECT_NE(stopped.err.find("line 2: "), std::string::npos) << stopped;
    EXPECT_EQ(text({"export", file_}), before);
    const Ended skipped = import_orders(other, "skip");
    EXPECT_EQ(skipped.status, 3) << skipped;
    EXPECT_NE(skipped.err.find("line 2: "), std::string::npos) << skipped;
    EXPECT_EQ(info()["amount_total"], "4.00");
}

TEST_F(MalformedTest, ReturnsMayBeNegative) {
    const std::string csv =
        write("returns.csv", "who,when,value,key\na,2024-01-01,-5.25,r1\na,2024-01-02,1,r2\n");
    EXPECT_EQ(import_orders(csv, "stop", "return").status, 0);
    EXPECT_EQ(info()["returns_total"], "-4.25");
    EXPECT_EQ(
        import_orders(write("visit.csv", "who,when,value,key\na,2024-01-01,-5.25,v1\n"), "stop", "visit")
            .status,
        1);
}

TEST_F(MalformedTest, WrongUsageEndsWithTwoAndAHint) {
    const std::string csv = write("orders.csv", "who,when,value,key\na,2024-01-01,1.00,k1\n");
    const auto import_with = [&](std::vector<std::string> options) {
        options.insert(options.begin(), {"import", file_, "interactions", csv});
        return options;
    };
    expect_usage({"frobnicate"}, "Try: kith --help");
    expect_usage({"info"}, "Try: kith info --help");
    expect_usage({"info", file_, "--frobnicate"}, "Try: kith info --help");
    expect_usage({"import", file_, "people", csv}, "Try: kith import --help");
    expect_usage(import_with({"--map", kMap}), "--kind order");
    expect_usage(import_with({"--kind", "order"}), "--map party=COL");
    expect_usage(import_with({"--kind", "order", "--map", "party=nobody,at=when"}),
                 "the columns are: who, when");
    expect_usage(import_with({"--kind", "order", "--map", "party=who"}), "at=COL");
    expect_usage(import_with({"--kind", "order", "--map", "party=who,at=when,colour=value"}),
                 "it has party, at");
    expect_usage(import_with({"--kind", "order", "--map", "party"}), "party=COL");
    expect_usage(import_with({"--kind", "order", "--map", kMap, "--on-error", "maybe"}), "stop");
    expect_usage(import_with({"--kind", "order", "--map", kMap, "--batch", "5001"}), "5000");
    expect_usage(import_with({"--kind", "order", "--map", kMap, "--delimiter", "xx"}), "tab");
    expect_usage(import_with({"--kind", "order", "--map", kMap, "--effects-from", "soon"}), "--effects-from");
    expect_usage(import_with({"--no-header", "--kind", "order"}), "by number");
    expect_usage(import_with({"--no-header", "--kind", "order", "--map", "party=1,at=9"}), "1 to 4");
    for (const char *mapping :
         {"junk", "[]", R"({"colour": 1})", R"({"map": {"party": ""}})", R"({"when": [{}]})",
          R"({"when": [{"when": {"column": "a", "like": "b"}, "kind": "c"}]})"}) {
        expect_usage(import_with({"--mapping", write("mapping.json", mapping)}), "mapping");
    }
    expect_usage({"init", path("new.kith"), "--currency", "XX"}, "ISO 4217");
    expect_usage({"init", path("new.kith"), "--tz", "Mars/Phobos"}, "IANA");
    EXPECT_FALSE(std::filesystem::exists(path("new.kith"))) << "a refused init leaves no file";
    expect_usage({"cohort", file_, "--by", "day"}, "month");
    expect_usage({"abc", file_, "--borders", "1,2"}, "0.8,0.95");
    expect_usage({"run-due", file_, "--now", "soon"}, "2026-01-31");
    expect_usage({"feed", file_, "--after", "x"}, "--after");
    expect_usage({"timeline", file_, "a", "--limit", "0"}, "--limit");
    EXPECT_EQ(info()["interactions"], 0);
}

TEST_F(MalformedTest, AFileThatIsNoneIsRefusedWithAClearMessage) {
    const std::string junk = write("junk.kith", std::string(100'000, 'x'));
    const std::string empty = write("empty.kith", "");
    const struct {
        std::string file, says;
    } cases[] = {{path("absent.kith"), "no file"},
                 {folder_.string(), "is a directory"},
                 {junk, "not a kith file"},
                 {empty, "the file is empty"}};
    for (const auto &[file, says] : cases) {
        for (const char *command : {"info", "verify", "run-due", "rfm"}) {
            const Ended ended = run({command, file});
            EXPECT_EQ(ended.status, 1) << command << ended;
            EXPECT_NE(ended.err.find(says), std::string::npos) << command << " " << file << ended;
        }
    }
    EXPECT_FALSE(std::filesystem::exists(path("absent.kith"))) << "reading made a file";
    EXPECT_EQ(read_text(junk), std::string(100'000, 'x'));
    const Ended taken = init(file_);
    EXPECT_EQ(taken.status, 1);
    EXPECT_NE(taken.err.find("exists"), std::string::npos) << taken;
    const Ended nowhere = init(path("no/such/folder.kith"));
    EXPECT_EQ(nowhere.status, 1);
    EXPECT_NE(nowhere.err.find("folder"), std::string::npos) << nowhere;
    for (const std::string &csv : {path("absent.csv"), folder_.string()}) {
        const Ended ended = import_orders(csv);
        EXPECT_EQ(ended.status, 1) << ended;
        EXPECT_NE(ended.err.find("cannot read"), std::string::npos) << ended;
    }
    EXPECT_NE(import_orders(write("nothing.csv", "")).err.find("the input is empty"), std::string::npos);
}

TEST_F(MalformedTest, ADamagedFileIsFound) {
    std::string csv = "who,when,value,key\n";
    for (std::size_t i = 0; i < 5'000; ++i) {
        csv += "party" + std::to_string(i % 500) + ",2024-01-01,1.00,k" + std::to_string(i) + "\n";
    }
    ASSERT_EQ(import_orders(write("many.csv", csv)).status, 0);
    const std::string whole = read_text(file_);
    constexpr std::size_t kTrials = 24, kFirst = 2 * 4096;  // after the two pages LMDB begins with
    std::size_t found = 0;
    for (std::size_t trial = 0; trial < kTrials; ++trial) {
        const std::size_t at = kFirst + (whole.size() - kFirst - 64) * trial / kTrials;
        std::string damaged = whole;
        for (std::size_t i = 0; i < 64; ++i) damaged[at + i] = static_cast<char>(damaged[at + i] ^ 0x5a);
        const Ended ended = run({"verify", write("damaged.kith", damaged)});
        EXPECT_TRUE(ended.status == 4 || ended.status == 0) << "byte " << at << ended;
        EXPECT_NE((ended.out + ended.err).size(), 0U);
        found += ended.status == 4;
    }
    // Too damaged to be opened, it is told all the same what is wrong, page by page.
    std::string torn = whole;
    for (std::size_t at = kFirst; at < torn.size(); at += 7 * 4096) torn.replace(at, 4096, 4096, '\0');
    const Ended listed = run({"verify", write("torn.kith", torn), "--json"});
    EXPECT_EQ(listed.status, 4) << listed;
    const Json report = parse(listed.out);
    EXPECT_EQ(report["sound"], false) << listed;
    ASSERT_GT(report["problems"].size(), 3U) << listed;
    std::set<std::string> tables;
    for (const Json &problem : report["problems"]) {
        tables.insert(problem["table"].get<std::string>());
        EXPECT_EQ(problem["problem"].get<std::string>().rfind("page ", 0), 0U) << problem;
    }
    EXPECT_GT(tables.size(), 1U) << listed;
    EXPECT_GT(found, kTrials / 2) << "free pages may be damaged unseen, but most are not free";
    const Ended untouched = run({"verify", write("copy.kith", whole)});
    EXPECT_EQ(untouched.status, 0) << untouched;
}

}  // namespace
}  // namespace kith::test
