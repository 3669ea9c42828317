#include "engine/export.hpp"

#include "capi/guard.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

// The export itself belongs to the snapshot, as it cannot outlive it.
struct Export : Object {
    using Public = kith_export;
    static constexpr Kind kKind = Kind::export_;
    static constexpr bool kShared = false;

    Export(kith_snapshot *from, std::uint64_t which) : snapshot(from), number(which) {}
    ~Export() override;

    kith_snapshot *const snapshot;
    const std::uint64_t number;
};

// Where the snapshot is busy or has ended, it lets go of the export itself; and to say that it is takes
// memory, which there may be none of.
Export::~Export() {
    guard_value(0, [&] {
        if (auto pinned = pin<capi::Snapshot>(snapshot); pinned && !(*pinned)->core->forked()) {
            (*pinned)->exports.erase(number);
        }
        return 0;
    });
}

}  // namespace

extern "C" {

kith_status kith_export_open(kith_snapshot *snapshot, const kith_export_options *options,
                             kith_export **out_export, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_export, "out_export"));
        kith_export_options in{};
        if (options) {
            KITH_LET(given, read_struct(options, "options"));
            in = given;
        }
        KITH_TRY(check_bits(in.flags, KITH_EXPORT_FACTS_ONLY, "options->flags"));
        KITH_LET(pinned, use(snapshot));
        const auto number = ++pinned->last_export;
        auto made = std::make_unique<Export>(snapshot, number);
        pinned->exports.try_emplace(number, *pinned->view, (in.flags & KITH_EXPORT_FACTS_ONLY) != 0);
        *out_export = give(std::move(made));
        return kOk;
    });
}

kith_status kith_export_next(kith_export *export_, kith_str *out_text, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_text, "out_text"));
        KITH_LET(running, pin<Export>(export_));
        KITH_LET(pinned, use(running->snapshot));
        const auto found = pinned->exports.find(running->number);
        if (found == pinned->exports.end()) {
            return base::fail(base::Status::closed,
                              "the export's snapshot was renewed: begin the export again");
        }
        KITH_LET(lines, found->second.next());
        if (!lines) return kEnd;
        *out_text = str_out(*lines);
        return kOk;
    });
}

void kith_export_free(kith_export *export_) { free_handle<Export>(export_); }
}
