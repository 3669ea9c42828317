// Goal: wrong arguments give a status and a message that says what to do, and change nothing.
// Method: each call with one argument at a time wrong, beside a right one; the file's totals stay the same.
#include <functional>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class BadArguments : public Capi {
protected:
    void refused(kith_status status, kith_status wanted, const char *what) {
        EXPECT_EQ(status, wanted) << what << ": " << error.message;
        EXPECT_STRNE(error.message, "") << what;
        EXPECT_EQ(strchr(error.message, '\n'), nullptr) << what;
        EXPECT_EQ(kith_batch_count(batch), 0u) << what;
        error = make<kith_error>();
    }
    kith_status put(const kith_ref &ref, const kith_party &party, std::uint32_t flags = KITH_ITEM_CREATE) {
        return kith_party_put(batch, &ref, flags, &party, nullptr, &error);
    }
    kith_status add(const kith_identifier &value) {
        const auto ref = host("shop", "C1");
        return kith_identifier_add(batch, &ref, KITH_ITEM_CREATE, &value, nullptr, &error);
    }
    kith_identifier email(std::string_view value) {
        auto out = make<kith_identifier>();
        out.kind = str("email");
        out.value = str(value);
        return out;
    }
};

#define REFUSED(wanted, call) refused((call), (wanted), #call)

TEST_F(BadArguments, NullPointers) {
    const auto ref = host("shop", "C1");
    const auto sale = order("R", kNow, 1);
    const auto party = make<kith_party>();
    const auto value = email("a@b.example");
    kith_id id{};
    auto *const v = fresh();
    kith_store *opened = nullptr;
    REFUSED(KITH_E_ARGUMENT, kith_store_open(nullptr, KITH_NTS, nullptr, &opened, &error));
    REFUSED(KITH_E_ARGUMENT, kith_store_open("x", 1, nullptr, nullptr, &error));
    auto report = make<kith_verify_report>();
    REFUSED(KITH_E_ARGUMENT, kith_store_check_file(nullptr, KITH_NTS, &report, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_store_check_file("x", 1, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_snapshot_begin(store, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_batch_new(store, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_store_info(v, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_store_verify(v, nullptr, 0, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_export_open(v, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_put(batch, nullptr, 0, &party, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_put(batch, &ref, 0, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_identifier_add(batch, nullptr, 0, &value, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_identifier_add(batch, &ref, 0, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_append(batch, nullptr, 0, &sale, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_append(batch, &ref, 0, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_append_many(batch, nullptr, 0, &sale, 1, sizeof sale, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_append_many(batch, &ref, 0, nullptr, 1, sizeof sale, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_append_many(batch, &ref, 0, &sale, 2, 8, &error));
    REFUSED(KITH_E_ARGUMENT,
            kith_commitment_set_state(batch, nullptr, KITH_COMMITMENT_KEPT, kNow, nullptr, &error));
    auto owed = make<kith_new_commitment>();
    owed.kind = {"call", 4};
    REFUSED(KITH_E_ARGUMENT, kith_commitment_make(batch, nullptr, 0, &owed, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_commitment_make(batch, &ref, 0, nullptr, nullptr, &error));
    for (std::uint32_t kith_new_commitment::*field :
         {&kith_new_commitment::struct_size, &kith_new_commitment::sort, &kith_new_commitment::for_kind,
          &kith_new_commitment::reserved}) {
        auto bad = owed;
        bad.*field = 7;
        REFUSED(KITH_E_ARGUMENT, kith_commitment_make(batch, &ref, 0, &bad, nullptr, &error));
    }
    for (std::uint32_t kith_new_commitment::*field :
         {&kith_new_commitment::fields, &kith_new_commitment::flags}) {
        auto bad = owed;
        bad.*field = 8;
        REFUSED(KITH_E_UNSUPPORTED, kith_commitment_make(batch, &ref, 0, &bad, nullptr, &error));
    }
    auto unlisted = owed;
    unlisted.require_count = 1;
    REFUSED(KITH_E_ARGUMENT, kith_commitment_make(batch, &ref, 0, &unlisted, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_request_take(batch, nullptr, kNow, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_request_done(batch, nullptr, {}, 0, kNow, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_request_done(batch, &id, {}, 2, kNow, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_request_take(batch, &id, KITH_MAX_TIME + 1, nullptr, &error));
    kith_table *asked = nullptr;
    REFUSED(KITH_E_ARGUMENT, kith_requests(v, nullptr, &asked, &error));
    auto changes = make<kith_commitment_changes>();
    REFUSED(KITH_E_ARGUMENT, kith_commitment_change(batch, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_commitment_change(batch, &changes, nullptr, &error));  // no id
    changes.id.bytes[0] = 1;
    changes.fields = KITH_COMMITMENT_CHANGE_DUE | KITH_COMMITMENT_CHANGE_NO_DUE;
    REFUSED(KITH_E_ARGUMENT, kith_commitment_change(batch, &changes, nullptr, &error));
    changes.fields = 2048;
    REFUSED(KITH_E_UNSUPPORTED, kith_commitment_change(batch, &changes, nullptr, &error));
    kith_page *owed_page = nullptr;
    REFUSED(KITH_E_ARGUMENT, kith_commitment_get(v, nullptr, &owed_page, &error));
    REFUSED(KITH_E_ARGUMENT, kith_commitment_get(v, &id, nullptr, &error));
    kith_table *owed_table = nullptr;
    REFUSED(KITH_E_ARGUMENT, kith_commitment_counts(v, KITH_MAX_TIME + 1, &owed_table, &error));
    REFUSED(KITH_E_ARGUMENT, kith_commitment_counts(v, kNow, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_define(batch, nullptr, 0, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_definition_check(nullptr, 0, &error));
    REFUSED(KITH_E_ARGUMENT, kith_batch_outcome(batch, 0, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_find(v, nullptr, &id, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_find(v, &ref, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_search(v, nullptr, 0, &id, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_search(v, nullptr, 5, &id, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_search(v, "x", 1, nullptr, &error));
    auto out_party = make<kith_party>();
    REFUSED(KITH_E_ARGUMENT, kith_party_get(v, nullptr, &out_party, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_get(v, &id, nullptr, &error));
    kith_interaction_id interaction{};
    kith_page *page = nullptr;
    REFUSED(KITH_E_ARGUMENT, kith_interaction_get(v, nullptr, &page, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_get(v, &interaction, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_find(v, nullptr, 0, "k", 1, &interaction, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_find(v, "s", 1, nullptr, 0, &interaction, &error));
    REFUSED(KITH_E_ARGUMENT, kith_interaction_find(v, "s", 1, "k", 1, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_process_log(v, nullptr, &page, &error));
    REFUSED(KITH_E_ARGUMENT, kith_process_log(v, &id, nullptr, &error));
    kith_table *table = nullptr;
    REFUSED(KITH_E_ARGUMENT, kith_process_states(v, nullptr, 0, &table, &error));
    REFUSED(KITH_E_ARGUMENT, kith_process_states(v, "lifecycle", KITH_NTS, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_rfm(v, nullptr, &table, &error));
    REFUSED(KITH_E_ARGUMENT, kith_abc(v, nullptr, &table, &error));
    REFUSED(KITH_E_ARGUMENT, kith_cohort(v, nullptr, &table, &error));
    kith_cursor *cursor = nullptr;
    REFUSED(KITH_E_ARGUMENT, kith_cursor_open(v, nullptr, &cursor, &error));
    REFUSED(KITH_E_ARGUMENT, kith_brief(v, nullptr, 1, &page, &error));
    REFUSED(KITH_E_ARGUMENT, kith_brief(v, &id, 1, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_feed_read(v, 0, 1, nullptr, &error));
    kith_time time;
    REFUSED(KITH_E_ARGUMENT, kith_time_parse(nullptr, 0, nullptr, 0, &time, &error));
    REFUSED(KITH_E_ARGUMENT, kith_time_parse("2026-01-31", KITH_NTS, nullptr, 0, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_decimal_parse("1", 1, 2, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_line_amount(1, 1, 2, nullptr, &error));
    EXPECT_EQ(kith_party_search(v, "x", 1, nullptr, nullptr), KITH_E_ARGUMENT);  // no error struct: the same
    kith_table_size(nullptr, nullptr, nullptr, nullptr);
    kith_page_resume(nullptr, nullptr);
    kith_hash_text(nullptr, 0, nullptr);
    EXPECT_EQ(kith_page_figures(nullptr), nullptr);
    EXPECT_EQ(totals().parties, 0u);
}

TEST_F(BadArguments, StructSizes) {
    struct Larger {
        kith_party party;
        std::uint64_t rest;
    } larger{make<kith_party>(), 0};
    const auto ref = host("shop", "C1");
    larger.party.struct_size = sizeof larger;
    EXPECT_EQ(put(ref, larger.party), KITH_OK) << error.message;
    kith_batch_clear(batch);
    larger.rest = 1;
    REFUSED(KITH_E_UNSUPPORTED, put(ref, larger.party));
    for (const auto size : {std::size_t{0}, sizeof(kith_party) - 1, std::size_t{0xCCCCCCCC}}) {
        larger.party.struct_size = static_cast<std::uint32_t>(size);
        REFUSED(KITH_E_ARGUMENT, put(ref, larger.party));
    }
    struct LargerInfo {
        kith_info info;
        std::uint64_t rest;
    } info_out{make<kith_info>(), 7};
    info_out.info.struct_size = sizeof info_out;
    EXPECT_EQ(kith_store_info(fresh(), &info_out.info, &error), KITH_OK);
    EXPECT_EQ(info_out.rest, 0u);
    EXPECT_EQ(info_out.info.struct_size, sizeof info_out);
    for (const std::uint32_t size :
         {0u, 255u, 0xCCCCCCCCu}) {  // an error struct of a wrong size is not touched
        kith_error untouched{};
        untouched.struct_size = size;
        untouched.status = 77;
        EXPECT_EQ(kith_definition_check("", 0, &untouched), KITH_E_ARGUMENT);
        EXPECT_EQ(untouched.status, 77);
    }
}

TEST_F(BadArguments, TextsThatAreNotUtf8) {
    constexpr std::string_view bad = "ab\xff";
    kith_id id;
    const std::vector<std::function<void(kith_interaction &)>> spoil = {
        [&](auto &in) { in.type = str(bad); },      [&](auto &in) { in.system = str(bad); },
        [&](auto &in) { in.key = str(bad); },       [&](auto &in) { in.medium = str(bad); },
        [&](auto &in) { in.scope = str(bad); },     [&](auto &in) { in.topic = str(bad); },
        [&](auto &in) { in.outcome = str(bad); },   [&](auto &in) { in.actor = str(bad); },
        [&](auto &in) { in.with_whom = str(bad); }, [&](auto &in) { in.text = str(bad); },
        [&](auto &in) { in.next_step = str(bad); }};
    for (const auto &change : spoil) {
        auto sale = order("R", kNow, 1);
        change(sale);
        REFUSED(KITH_E_ARGUMENT, append(host("shop", "C1"), sale));
    }
    REFUSED(KITH_E_ARGUMENT, append(host(bad, "C1"), order("R", kNow, 1)));
    REFUSED(KITH_E_ARGUMENT, append(host("shop", bad), order("R", kNow, 1)));
    REFUSED(KITH_E_ARGUMENT, add(email(bad)));
    for (const auto member : {&kith_party::name, &kith_party::language, &kith_party::time_zone,
                              &kith_party::owner, &kith_party::tags}) {
        auto party = make<kith_party>();
        party.fields = 127;
        party.*member = str(bad);
        REFUSED(KITH_E_ARGUMENT, put(host("shop", "C1"), party));
    }
    auto ref = host("shop", bad);
    REFUSED(KITH_E_ARGUMENT, kith_party_find(fresh(), &ref, &id, &error));
    REFUSED(KITH_E_ARGUMENT, kith_party_search(fresh(), bad.data(), bad.size(), &id, &error));
    ref = item(0);
    REFUSED(KITH_E_ARGUMENT, kith_party_find(fresh(), &ref, &id, &error));
}

TEST_F(BadArguments, AmountsAndTimes) {
    const auto ref = host("shop", "C1");
    auto sale = order("R", kNow, -1);
    REFUSED(KITH_E_ARGUMENT, append(ref, sale));
    sale.amount = KITH_MAX_AMOUNT;
    EXPECT_EQ(append(ref, sale), KITH_OK);
    kith_batch_clear(batch);
    sale.amount = KITH_MAX_AMOUNT + 1;
    REFUSED(KITH_E_LIMIT, append(ref, sale));
    sale.type = str("return");
    sale.amount = -KITH_MAX_AMOUNT - 1;
    REFUSED(KITH_E_LIMIT, append(ref, sale));
    for (const auto at : {KITH_MIN_TIME, KITH_MAX_TIME}) {
        EXPECT_EQ(append(ref, order("R", at, 1)), KITH_OK) << error.message;
        kith_batch_clear(batch);
    }
    for (const auto at : {KITH_MIN_TIME - 1, KITH_MAX_TIME + 1, INT64_MIN, INT64_MAX}) {
        REFUSED(KITH_E_ARGUMENT, append(ref, order("R", at, 1)));
        REFUSED(KITH_E_ARGUMENT, kith_store_run_due(store, at, nullptr, &error));
        REFUSED(KITH_E_ARGUMENT, kith_batch_effects_from(batch, at, &error));
    }
}

TEST_F(BadArguments, EventsOfProcesses) {
    const auto ref = host("shop", "C1");
    auto event = make<kith_process_event>();
    event.process = str("complaint");
    event.event = str("acknowledged");
    event.at = kNow;
    const auto send = [&] { return kith_process_send(batch, &ref, 0, &event, nullptr, &error); };
    const auto opened = [&] { return kith_process_open(batch, &ref, 0, &event, nullptr, &error); };
    REFUSED(KITH_E_ARGUMENT, kith_process_send(batch, nullptr, 0, &event, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_process_send(batch, &ref, 0, nullptr, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, kith_process_send(nullptr, &ref, 0, &event, nullptr, &error));
    REFUSED(KITH_E_ARGUMENT, opened());  // with an event
    event.reserved = 1;
    REFUSED(KITH_E_ARGUMENT, send());
    event.reserved = 0;
    event.at = INT64_MAX;
    REFUSED(KITH_E_ARGUMENT, send());
    event.at = kNow;
    event.process = {};
    REFUSED(KITH_E_ARGUMENT, send());
    event.process = str("complaint");
    event.reason = str("\xff");
    REFUSED(KITH_E_ARGUMENT, send());
    const std::string name(KITH_MAX_NAME_BYTES + 1, 'n'), text(KITH_MAX_TEXT_BYTES + 1, 't');
    event.reason = str(text);
    REFUSED(KITH_E_LIMIT, send());
    event.reason = {};
    event.key = str(text);
    REFUSED(KITH_E_LIMIT, send());
    event.key = {};
    event.event = str(name);
    REFUSED(KITH_E_LIMIT, send());
    event.event = {};
    REFUSED(KITH_E_ARGUMENT, send());  // without one
    kith_field twice[2]{};
    twice[0].name = twice[1].name = str("severity");
    event.values = twice;
    event.value_count = 2;
    REFUSED(KITH_E_ARGUMENT, opened());
    event.values = nullptr;
    REFUSED(KITH_E_ARGUMENT, opened());
    event.value_count = 0;
    EXPECT_EQ(opened(), KITH_OK) << error.message;
    std::uint32_t item = 7;
    event.event = str("acknowledged");
    EXPECT_EQ(kith_process_send(batch, &ref, KITH_ITEM_CREATE, &event, &item, &error), KITH_OK);
    EXPECT_EQ(item, 1u);
    EXPECT_EQ(kith_batch_count(batch), 2u);
}

TEST_F(BadArguments, Lengths) {
    constexpr std::size_t kGigabyte = std::size_t{1} << 30;
    const std::string name(KITH_MAX_NAME_BYTES + 1, 'n'), text(KITH_MAX_TEXT_BYTES + 1, 't');
    const kith_str huge{"x", kGigabyte};
    kith_id id;
    const auto named = [&](std::size_t size) {
        auto party = make<kith_party>();
        party.fields = KITH_PARTY_FIELD_NAME;
        party.name = {name.data(), size};
        return party;
    };
    EXPECT_EQ(put(host("shop", "C1"), named(KITH_MAX_NAME_BYTES)), KITH_OK) << error.message;
    auto sale = order("R", kNow, 1);
    sale.text = {text.data(), KITH_MAX_TEXT_BYTES};
    EXPECT_EQ(append(host("shop", "C1"), sale), KITH_OK) << error.message;
    kith_batch_clear(batch);
    REFUSED(KITH_E_LIMIT, put(host("shop", "C1"), named(KITH_MAX_NAME_BYTES + 1)));
    sale.text = str(text);
    REFUSED(KITH_E_LIMIT, append(host("shop", "C1"), sale));
    sale.text = huge;
    REFUSED(KITH_E_LIMIT, append(host("shop", "C1"), sale));
    auto ref = host("shop", {huge.data, huge.size});
    REFUSED(KITH_E_LIMIT, append(ref, order("R", kNow, 1)));
    REFUSED(KITH_E_LIMIT, kith_party_find(fresh(), &ref, &id, &error));
    REFUSED(KITH_E_LIMIT, kith_party_search(fresh(), "x", kGigabyte, &id, &error));
    REFUSED(KITH_E_LIMIT, kith_define(batch, "{", kGigabyte, nullptr, &error));
    REFUSED(KITH_E_LIMIT, kith_definition_check("{", kGigabyte, &error));

    const std::vector<kith_line> lines(KITH_MAX_LINES + 1,
                                       kith_line{str("p"), KITH_DECIMAL_ONE, 0, 0, {}, 0, 0, 0});
    sale = order("R", kNow, 0);
    sale.lines = lines.data();
    sale.line_count = KITH_MAX_LINES;
    EXPECT_EQ(append(host("shop", "C1"), sale), KITH_OK) << error.message;
    EXPECT_EQ(commit(), KITH_OK) << error.message;
    sale.line_count = KITH_MAX_LINES + 1;
    REFUSED(KITH_E_LIMIT, append(host("shop", "C1"), sale));

    kith_page *page = nullptr;
    EXPECT_EQ(kith_feed_read(fresh(), 0, KITH_MAX_PAGE_ITEMS, &page, &error), KITH_OK);
    kith_page_free(page);
    REFUSED(KITH_E_LIMIT, kith_feed_read(fresh(), 0, KITH_MAX_PAGE_ITEMS + 1, &page, &error));
    REFUSED(KITH_E_ARGUMENT, kith_feed_read(fresh(), 0, 0, &page, &error));

    for (std::uint32_t i = 0; i < KITH_MAX_BATCH_ITEMS; ++i) {
        ASSERT_EQ(append(host("shop", "C1"), order("R", kNow, 1)), KITH_OK) << i;
    }
    EXPECT_EQ(append(host("shop", "C1"), order("R", kNow, 1)), KITH_E_LIMIT);
    EXPECT_EQ(kith_batch_count(batch), std::uint32_t{KITH_MAX_BATCH_ITEMS});
}

TEST_F(BadArguments, LongKeysAreHashedAndFound) {
    const std::string key(KITH_MAX_KEY_BYTES + 1, 'k'), mail = std::string(300, 'm') + "@b.example";
    ASSERT_EQ(append(host("shop", key), order(key, kNow, 1)), KITH_OK) << error.message;
    auto ref = host("shop", key);
    const auto value = email(mail);
    ASSERT_EQ(kith_identifier_add(batch, &ref, 0, &value, nullptr, &error), KITH_OK) << error.message;
    ASSERT_EQ(commit(), KITH_OK) << error.message;
    kith_id by_key, by_mail;
    ASSERT_EQ(kith_party_find(fresh(), &ref, &by_key, &error), KITH_OK);
    ref = identifier("email", mail);
    ASSERT_EQ(kith_party_find(fresh(), &ref, &by_mail, &error), KITH_OK);
    EXPECT_EQ(memcmp(&by_key, &by_mail, sizeof by_key), 0);
    kith_interaction_id sale;
    EXPECT_EQ(kith_interaction_find(fresh(), "shop", KITH_NTS, key.c_str(), KITH_NTS, &sale, &error),
              KITH_OK);
}

}  // namespace
}  // namespace kith_test
