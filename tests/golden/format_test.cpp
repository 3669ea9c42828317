// Goal: this kith reads, understands and goes on with the files of every format so far, and does not touch
// those of a format to come.
// Method: a copy of each golden store is opened, verified, compared with what it said when it was made,
// committed to and verified again; and once more with its meta row as a newer kith would leave it.
#include "golden/golden.hpp"

#include "engine/meta.hpp"

namespace kith_test {
namespace {

class Format : public Capi {
protected:
    static std::filesystem::path golden(std::uint32_t format, const char *ending) {
        return std::filesystem::path(KITH_SOURCE_DIR "/tests/golden") / (golden_name(format) + ending);
    }
    void copy(std::uint32_t format) {
        std::filesystem::copy_file(golden(format, ".kith"), path("copy.kith"),
                                   std::filesystem::copy_options::overwrite_existing);
    }
    void change_meta(void (*how)(kith::engine::Meta &)) {
        auto env = kith::store::Env::open(path("copy.kith"), {});
        ASSERT_TRUE(env) << env.error().message;
        ASSERT_TRUE((*env)->update([&](kith::store::Writer &writer) -> kith::base::Result<void> {
            KITH_LET(meta, kith::engine::read_meta(writer));
            how(meta);
            return kith::engine::write_meta(writer, meta);
        }));
    }
    void expect_sound(kith_store *of, const char *when) {
        kith_snapshot *snapshot = nullptr;
        ASSERT_EQ(kith_snapshot_begin(of, &snapshot, &error), KITH_OK) << error.message;
        auto report = make<kith_verify_report>();
        EXPECT_EQ(kith_store_verify(snapshot, nullptr, 0, &report, nullptr, &error), KITH_OK)
            << error.message;
        EXPECT_EQ(report.problems, 0u) << when;
        EXPECT_GT(report.records, 50u) << when;
        kith_snapshot_end(snapshot);
    }
    kith_status sell(kith_store *to, const char *key) {
        kith_batch *sale = new_batch(to);
        const kith_ref ada = identifier("email", "ada@example.org");
        const kith_interaction interaction = order(key, world.now, 1234);
        EXPECT_EQ(kith_interaction_append(sale, &ada, 0, &interaction, nullptr, &error), KITH_OK)
            << error.message;
        const kith_status status = kith_batch_commit(sale, nullptr, &error);
        kith_batch_free(sale);
        return status;
    }
};

TEST_F(Format, EveryOneSoFarIsUnderstoodAndGoneOnWith) {
    world.now = 1'740'000'000'000'000;  // after all that the stores tell
    for (std::uint32_t format = 1; format <= KITH_FORMAT_VERSION; ++format) {
        SCOPED_TRACE(golden_name(format));
        copy(format);
        const std::string expected = read_file(golden(format, ".txt"));
        for (const char *kind :
             {"definition", "party", "identifier", "process", "transition", "commitment", "interaction"}) {
            EXPECT_NE(expected.find("{\"record\":\"" + std::string(kind) + "\""), std::string::npos) << kind;
        }
        kith_store *old = open("copy.kith");
        ASSERT_NE(old, nullptr);
        expect_sound(old, "as it was");
        EXPECT_EQ(said(old, error), expected) << "see README.md: was the change meant?";
        EXPECT_EQ(sell(old, "new"), KITH_OK) << error.message;
        EXPECT_EQ(kith_store_run_due(old, world.now, nullptr, &error), KITH_OK) << error.message;
        expect_sound(old, "gone on with");
        kith_store_close(old);
        old = open("copy.kith");
        expect_sound(old, "opened again");
        EXPECT_NE(said(old, error).find("\"key\":\"new\""), std::string::npos);
        kith_store_close(old);
    }
}

TEST_F(Format, ANewerOneIsRefused) {
    copy(KITH_FORMAT_VERSION);
    change_meta([](kith::engine::Meta &meta) { meta.format = KITH_FORMAT_VERSION + 1; });
    const auto options = world.options();
    kith_store *newer = nullptr;
    EXPECT_EQ(kith_store_open(path("copy.kith").c_str(), KITH_NTS, &options, &newer, &error),
              KITH_E_FORMAT_NEWER);
    EXPECT_EQ(newer, nullptr);
    EXPECT_NE(std::string(error.message).find("newer kith"), std::string::npos) << error.message;
}

TEST_F(Format, WhatMustBeUnderstoodAndIsNotMayOnlyBeRead) {
    copy(KITH_FORMAT_VERSION);
    change_meta([](kith::engine::Meta &meta) { meta.must_understand |= 1u << 31; });
    kith_store *newer = open("copy.kith");
    ASSERT_NE(newer, nullptr);
    const std::string expected = read_file(golden(KITH_FORMAT_VERSION, ".txt"));
    EXPECT_EQ(said(newer, error), expected);
    EXPECT_EQ(sell(newer, "new"), KITH_E_FORMAT_NEWER);
    EXPECT_EQ(kith_store_run_due(newer, world.now, nullptr, &error), KITH_E_FORMAT_NEWER);
    EXPECT_EQ(said(newer, error), expected);
    kith_store_close(newer);
}

}  // namespace
}  // namespace kith_test
