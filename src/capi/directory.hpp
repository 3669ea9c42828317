// What the calls about products, actors, campaigns, scores and links share.
#pragma once

#include "capi/batch.hpp"
#include "capi/guard.hpp"
#include "capi/page.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "engine/directory_reads.hpp"

namespace kith::capi {

// Of the calls that put a record by its key.
base::Result<engine::ItemFlags> put_flags_in(std::uint32_t flags);
base::Result<model::SubjectKind> subject_kind_in(std::uint32_t subject, const char *name);
base::Result<model::LinkKind> link_kind_in(std::string_view word);

// None if the file has never heard of it. A party is not looked for.
base::Result<std::optional<model::Subject>> find_subject(const engine::DirectoryReads &reads,
                                                         model::SubjectKind kind, const base::Id &party,
                                                         std::string_view key);

// Puts the item that `read` makes; what it points into lives until it is added.
template <class Read>
kith_status put_item(kith_batch *batch, std::uint32_t *out_item, kith_error *error, const Read &read) {
    return guard(error, [&]() -> Done {
        if (out_item) *out_item = 0;
        KITH_LET(pinned, use(batch));
        KITH_LET(item, read());
        KITH_LET(added, pinned->items.add(item));
        if (out_item) *out_item = added;
        return kOk;
    });
}

// A page with the record that a key stands for.
template <class Record>
kith_status get_by_key(kith_snapshot *snapshot, const char *key, std::size_t key_size, kith_page **out_page,
                       kith_error *error,
                       base::Result<std::optional<Record>> (engine::DirectoryReads::*get)(model::Name)
                           const) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_page, "out_page"));
        KITH_LET(wanted, required_in(key, key_size, KITH_MAX_NAME_BYTES, "key"));
        KITH_LET(pinned, use(snapshot));
        const engine::DirectoryReads reads(*pinned->view);
        KITH_LET(code, reads.code(wanted));
        if (!code) return kNotFound;
        KITH_LET(found, (reads.*get)(*code));
        if (!found) return kNotFound;
        PageWriter page(*pinned->view);
        KITH_TRY(page.add(std::span<const Record>(&*found, 1)));
        *out_page = page.finish();
        return kOk;
    });
}

}  // namespace kith::capi
