// Goal: no handle, in whatever state, leads to anything but a status. Method: freed, closed, foreign and
// NULL handles of every kind in calls of every kind; children freed after their store was closed; calls from
// callbacks; a child process.
#include <sys/wait.h>
#include <unistd.h>

#include "capi/fixture.hpp"

namespace kith_test {
namespace {

class HandleCalls : public Capi {
protected:
    // One call on each kind of handle.
    void expect_all(kith_status wanted, kith_store *s, kith_snapshot *v, kith_batch *b, kith_cursor *c,
                    kith_table *t, kith_export *e) {
        kith_snapshot *out = nullptr;
        EXPECT_EQ(kith_snapshot_begin(s, &out, &error), wanted) << error.message;
        EXPECT_EQ(kith_store_run_due(s, kNow, nullptr, &error), wanted);
        EXPECT_EQ(kith_snapshot_renew(v, &error), wanted);
        auto totals_out = make<kith_info>();
        EXPECT_EQ(kith_store_info(v, &totals_out, &error), wanted);
        EXPECT_EQ(kith_batch_commit(b, nullptr, &error), wanted);
        EXPECT_EQ(append_to(b), wanted);
        kith_page *got = nullptr;
        EXPECT_EQ(kith_cursor_next(c, 10, &got, &error), wanted);
        kith_str text{};
        EXPECT_EQ(kith_export_next(e, &text, &error), wanted);
        EXPECT_STRNE(error.message, "");
        auto column = make<kith_column>();
        EXPECT_EQ(kith_table_column(t, 0, &column, &error), t == table && !tables_end ? KITH_OK : wanted);
        EXPECT_EQ(got, nullptr);
        EXPECT_EQ(out, nullptr);
    }
    kith_status append_to(kith_batch *b) {
        const auto ref = host("shop", "C1");
        const auto sale = order("R9", kNow, 1);
        return kith_interaction_append(b, &ref, KITH_ITEM_CREATE, &sale, nullptr, &error);
    }
    void make_children() {
        ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100)), KITH_OK);
        ASSERT_EQ(commit(), KITH_OK) << error.message;
        ASSERT_EQ(kith_snapshot_begin(store, &view, &error), KITH_OK);
        auto query = make<kith_query>();
        query.list = KITH_LIST_PARTIES;
        ASSERT_EQ(kith_cursor_open(view, &query, &cursor, &error), KITH_OK) << error.message;
        ASSERT_EQ(kith_cursor_next(cursor, 1, &page, &error), KITH_OK) << error.message;
        ASSERT_EQ(kith_export_open(view, nullptr, &lines, &error), KITH_OK) << error.message;
        const auto options = make<kith_cohort_options>();
        ASSERT_EQ(kith_cohort(view, &options, &table, &error), KITH_OK) << error.message;
    }
    void free_children() {
        kith_table_free(table);
        kith_snapshot_end(view);
        kith_export_free(lines);
        kith_cursor_free(cursor);
        kith_page_free(page);
    }

    kith_snapshot *view = nullptr;
    kith_cursor *cursor = nullptr;
    kith_page *page = nullptr;
    kith_export *lines = nullptr;
    kith_table *table = nullptr;
    bool tables_end = true;
};

TEST_F(HandleCalls, FreedHandlesAreClosed) {
    make_children();
    free_children();
    kith_batch_free(batch);
    kith_store_close(store);
    expect_all(KITH_E_CLOSED, store, view, batch, cursor, table, lines);
    free_children();  // twice is harmless
    kith_store_close(store);
    EXPECT_EQ(kith_page_parties(page, nullptr), nullptr);
}

TEST_F(HandleCalls, ChildrenOfAClosedStoreAreClosedAndFreedInAnyOrder) {
    make_children();
    kith_store_close(store);
    tables_end = false;  // a table needs no snapshot to live
    expect_all(KITH_E_CLOSED, store, view, batch, cursor, table, lines);
    free_children();
}

TEST_F(HandleCalls, NullForeignAndWrongKindsAreArguments) {
    make_children();
    expect_all(KITH_E_ARGUMENT, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
    int foreign = 0;
    for (const auto bits : {reinterpret_cast<std::uintptr_t>(&foreign), std::uintptr_t{8}, UINTPTR_MAX,
                            reinterpret_cast<std::uintptr_t>(page)}) {
        expect_all(KITH_E_ARGUMENT, reinterpret_cast<kith_store *>(bits),
                   reinterpret_cast<kith_snapshot *>(bits), reinterpret_cast<kith_batch *>(bits),
                   reinterpret_cast<kith_cursor *>(bits), reinterpret_cast<kith_table *>(bits),
                   reinterpret_cast<kith_export *>(bits));
    }
    kith_store_close(reinterpret_cast<kith_store *>(&foreign));
    kith_snapshot_end(reinterpret_cast<kith_snapshot *>(page));
    free_children();
}

TEST_F(HandleCalls, CallingFromACallbackIsRefused) {
    struct Inside {
        kith_store *store = nullptr;
        kith_snapshot *view = nullptr;
        kith_status status = KITH_OK;
        static void progress(uintptr_t self, uint64_t, uint64_t) {
            auto &inside = *reinterpret_cast<Inside *>(self);
            kith_snapshot *out = nullptr;
            inside.status = kith_snapshot_begin(inside.store, &out, nullptr);
            kith_store_close(inside.store);
            kith_snapshot_end(inside.view);  // takes effect when the call returns
        }
    } inside;
    make_children();
    inside.store = store;
    inside.view = view;
    auto report = make<kith_verify_report>();
    ASSERT_EQ(kith_store_verify(view, Inside::progress, reinterpret_cast<uintptr_t>(&inside), &report,
                                nullptr, &error),
              KITH_OK)
        << error.message;
    EXPECT_EQ(report.problems, 0u);
    EXPECT_EQ(inside.status, KITH_E_STATE);
    EXPECT_EQ(totals().orders, 1u);  // the store is still open
    free_children();
}

TEST_F(HandleCalls, AChildProcessMayOnlyLetGo) {
    make_children();
    const auto child = ::fork();
    if (child == 0) {
        kith_snapshot *out = nullptr;
        auto totals_out = make<kith_info>();
        kith_page *next = nullptr;
        const bool refused = kith_snapshot_begin(store, &out, nullptr) == KITH_E_STATE &&
                             kith_store_info(view, &totals_out, nullptr) == KITH_E_STATE &&
                             kith_cursor_next(cursor, 1, &next, nullptr) == KITH_E_STATE &&
                             append_to(batch) == KITH_E_STATE &&
                             kith_batch_commit(batch, nullptr, nullptr) == KITH_E_STATE;
        free_children();
        kith_batch_free(batch);
        kith_store_close(store);
        ::_exit(refused ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(totals().orders, 1u);
    free_children();
}

TEST_F(HandleCalls, TwoStoresOnOneFileShareIt) {
    auto *other = open("base.kith");
    ASSERT_EQ(append(host("shop", "C1"), order("R1", kNow, 100)), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK);
    kith_snapshot *seen = nullptr;
    ASSERT_EQ(kith_snapshot_begin(other, &seen, &error), KITH_OK);
    kith_store_close(store);
    auto out = make<kith_info>();
    EXPECT_EQ(kith_store_info(seen, &out, &error), KITH_OK) << error.message;
    EXPECT_EQ(out.orders, 1u);
    kith_snapshot_end(seen);
    kith_store_close(other);
}

// The structure is checked when opening asks for it, by verify, and of a file by its name.
TEST_F(Capi, AFileIsCheckedByItsPages) {
    const auto ref = host("shop", "C1");
    ASSERT_EQ(append(ref, order("R1", kNow, 100)), KITH_OK);
    ASSERT_EQ(commit(), KITH_OK);
    auto options = world.options();
    options.check = KITH_CHECK_FULL;
    kith_store_close(open("base.kith", options));  // open already: walked beside its users
    auto report = make<kith_verify_report>();
    ASSERT_EQ(kith_store_verify(fresh(), nullptr, 0, &report, nullptr, &error), KITH_OK) << error.message;
    EXPECT_EQ(report.problems, 0u);
    EXPECT_GT(report.pages, 20u);
    const auto pages = report.pages;
    kith_table *problems = nullptr;
    report = make<kith_verify_report>();
    ASSERT_EQ(kith_store_check_file(path("base.kith").c_str(), KITH_NTS, &report, &problems, &error),
              KITH_OK);
    EXPECT_EQ(report.pages, pages);
    EXPECT_EQ(problems, nullptr);
    EXPECT_EQ(kith_store_check_file(path("absent").c_str(), KITH_NTS, &report, nullptr, &error),
              KITH_E_MISSING);

    std::filesystem::copy_file(path("base.kith"), path("bad"));
    std::filesystem::resize_file(path("bad"), std::filesystem::file_size(path("bad")) / 8192 * 4096);
    kith_store *opened = nullptr;
    EXPECT_EQ(kith_store_open(path("bad").c_str(), KITH_NTS, &options, &opened, &error), KITH_E_CORRUPT);
    options.check = 2;
    EXPECT_EQ(kith_store_open(path("bad").c_str(), KITH_NTS, &options, &opened, &error), KITH_E_ARGUMENT);
    options.check = KITH_CHECK_QUICK;
    options.reserved = 1;
    EXPECT_EQ(kith_store_open(path("bad").c_str(), KITH_NTS, &options, &opened, &error), KITH_E_ARGUMENT);
    report = make<kith_verify_report>();
    ASSERT_EQ(kith_store_check_file(path("bad").c_str(), KITH_NTS, &report, &problems, &error), KITH_OK);
    EXPECT_GT(report.problems, 0u);
    EXPECT_NE(problems, nullptr);
    kith_table_free(problems);
}

}  // namespace
}  // namespace kith_test
