// A page: C structs, pointers to them and their texts in one piece of memory. What the snapshot's map or
// the dictionary of names holds for as long as the snapshot lives is borrowed, not copied.
#pragma once

#include <kith/kith.h>

#include <array>
#include <unordered_map>

#include "base/arena.hpp"
#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "capi/strings.hpp"
#include "engine/directory_reads.hpp"
#include "engine/reads.hpp"

namespace kith::capi {

template <class T>
struct Items {
    const T *const *pointers = nullptr;
    std::size_t count = 0;
};

class Page : public Object {
public:
    using Public = kith_page;
    static constexpr Kind kKind = Kind::page;
    static constexpr bool kShared = true;

    Page() : memory(4096) {}

    base::Arena memory;
    std::shared_ptr<const void> lease;  // of the snapshot's views
    std::string_view resume;
    const kith_figures *figures = nullptr;
    Items<kith_party> parties;
    Items<kith_identifier> identifiers;
    Items<kith_interaction> interactions;
    Items<kith_process> processes;
    Items<kith_member> members;
    Items<kith_transition> transitions;
    Items<kith_commitment> commitments;
    Items<kith_definition> definitions;
    Items<kith_change> changes;
    Items<kith_product> products;
    Items<kith_actor> actors;
    Items<kith_campaign> campaigns;
    Items<kith_score> scores;
    Items<kith_link> links;
};

base::Result<void> check_items_max(std::uint32_t items_max);

// Fills a page with records of a snapshot.
class PageWriter {
public:
    explicit PageWriter(const engine::Snapshot &snapshot)
        : snapshot_(snapshot), reads_(snapshot), page_(std::make_unique<Page>()) {
        page_->lease = snapshot.view().lease();
    }

    base::Result<void> add(std::span<const model::Party> parties);
    base::Result<void> add(std::span<const model::Identifier> identifiers);
    base::Result<void> add(std::span<const engine::InteractionRead> interactions);
    base::Result<void> add(std::span<const engine::ProcessRead> processes);
    base::Result<void> add(std::span<const engine::MemberRead> members);
    base::Result<void> add(std::span<const model::Transition> transitions);
    base::Result<void> add(std::span<const engine::CommitmentRead> commitments);
    base::Result<void> add(std::span<const model::DefinitionRecord> definitions);
    base::Result<void> add(std::span<const model::Change> changes);
    base::Result<void> add(std::span<const model::Product> products);
    base::Result<void> add(std::span<const model::Actor> actors);
    base::Result<void> add(std::span<const model::Campaign> campaigns);
    base::Result<void> add(std::span<const model::Score> scores);
    base::Result<void> add(std::span<const model::Link> links);
    void add(const model::Figures &figures);
    void resume_after(std::string_view token);

    kith_page *finish() { return give(std::move(page_)); }
    std::shared_ptr<const void> keep() { return std::shared_ptr<const Page>(std::move(page_)); }

    // One record in its C form; its texts are borrowed from the snapshot, its values from what keep() gives.
    base::Result<void> fill(kith_party &out, const model::Party &in);

private:
    base::Result<void> fill(kith_identifier &out, const model::Identifier &in);
    base::Result<void> fill(kith_interaction &out, const engine::InteractionRead &in);
    base::Result<void> fill(kith_process &out, const engine::ProcessRead &in);
    base::Result<void> fill(kith_member &out, const engine::MemberRead &in);
    base::Result<void> fill(kith_transition &out, const model::Transition &in);
    base::Result<void> fill(kith_commitment &out, const engine::CommitmentRead &read);
    base::Result<void> names(const kith_str *&out, std::size_t &out_count, std::span<const model::Name> in);
    base::Result<void> fill(kith_definition &out, const model::DefinitionRecord &in);
    base::Result<void> fill(kith_change &out, const model::Change &in);
    base::Result<void> fill(kith_product &out, const model::Product &in);
    base::Result<void> fill(kith_actor &out, const model::Actor &in);
    base::Result<void> fill(kith_campaign &out, const model::Campaign &in);
    base::Result<void> fill(kith_score &out, const model::Score &in);
    base::Result<void> fill(kith_link &out, const model::Link &in);
    base::Result<std::span<const kith_field>> values(std::initializer_list<const model::Fields *> of);
    base::Result<void> lines(kith_interaction &out, const model::Interaction &in);
    base::Result<void> answers(kith_interaction &out, const engine::InteractionRead &read);
    base::Result<std::span<const kith_code_value>> code_values(std::span<const model::CodeValue> in);

    template <class T, class Record>
    base::Result<void> put(Items<T> &items, std::span<const Record> records);

    base::Result<void> name(kith_str &out, model::Name name);
    base::Result<void> party_key(kith_str &out, const base::Id &party);

    struct IdHash {
        std::size_t operator()(const base::Id &id) const {
            std::size_t hash;
            std::memcpy(&hash, id.bytes.data() + 8, sizeof hash);
            return hash;
        }
    };
    struct KnownName {
        model::Name name = 0;
        kith_str text{};
    };

    const engine::Snapshot &snapshot_;
    engine::Reads reads_;
    std::unique_ptr<Page> page_;
    std::array<KnownName, 32> names_{};  // by the code's low bits: a page repeats a few
    std::unordered_map<base::Id, std::string_view, IdHash> keys_;
};

template <class T, class Record>
base::Result<void> PageWriter::put(Items<T> &items, std::span<const Record> records) {
    const auto structs = page_->memory.array<T>(records.size());
    const auto pointers = page_->memory.array<const T *>(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        structs[i].struct_size = sizeof(T);
        KITH_TRY(fill(structs[i], records[i]));
        pointers[i] = &structs[i];
    }
    items = {pointers.data(), records.size()};
    return {};
}

template <class T>
const T *const *items_of(const kith_page *page, std::size_t *out_count, Items<T> Page::*items) {
    if (out_count) *out_count = 0;
    return guard_value(static_cast<const T *const *>(nullptr), [&]() -> const T *const * {
        const auto pinned = pin<Page>(page);
        if (!pinned) return nullptr;
        const auto &found = (**pinned).*items;
        if (out_count) *out_count = found.count;
        return found.count ? found.pointers : nullptr;
    });
}

}  // namespace kith::capi
