// Any sequence of calls, as a host with mistakes would make them: bytes are read as calls on a few handles of
// each kind, some of them freed, some never made. Every status is one that the call may give; the file stays
// sound; freed, nothing is left.
#include <kith/kith.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.hpp"

namespace {

namespace fs = std::filesystem;

constexpr kith_time kNow = 1'700'000'000'000'000, kDay = 86'400'000'000;

template <class T>
T make() {
    T out{};
    out.struct_size = sizeof out;
    return out;
}

class Bytes {
public:
    Bytes(const std::uint8_t *data, std::size_t size) : next_(data), end_(data + size) {}
    bool empty() const { return next_ == end_; }
    std::uint32_t byte() { return empty() ? 0 : *next_++; }
    std::uint32_t below(std::uint32_t end) { return byte() % end; }
    std::uint64_t word() {
        std::uint64_t out = 0;
        for (int i = 0; i < 8; ++i) out = out << 8 | byte();
        return out;
    }
    // Mostly days about now; now and then anything.
    kith_time time() {
        const auto day = byte();
        if (day == 255) return static_cast<kith_time>(word());
        return kNow + (static_cast<kith_time>(day) - 200) * 3 * kDay;
    }
    std::int64_t amount() {
        const auto first = byte();
        return first == 255 ? static_cast<std::int64_t>(word())
                            : static_cast<std::int64_t>(first) * 100 - 1000;
    }
    // A word that may mean something, or bytes as they come; absent now and then. Lives until the call is
    // over.
    kith_str text(std::initializer_list<std::string_view> words) {
        const auto which = byte();
        if (which == 255) return {nullptr, 0};
        if (which < 224 && words.size() > 0) return kept(*(words.begin() + which % words.size()));
        const auto size = below(40);
        std::string raw;
        for (std::uint32_t i = 0; i < size; ++i) raw += static_cast<char>(byte());
        return kept(raw);
    }
    void forget() { texts_.clear(); }

private:
    kith_str kept(std::string_view text) {
        texts_.emplace_back(text);
        return {texts_.back().data(), texts_.back().size()};
    }
    const std::uint8_t *next_, *end_;
    std::deque<std::string> texts_;
};

// Three handles of a kind: none, alive, or freed.
template <class T>
using Slots = std::array<T *, 3>;

class Interpreter {
public:
    explicit Interpreter(Bytes bytes) : in_(std::move(bytes)) {
        static const fs::path folder = [] {
            std::error_code none;
            const fs::path memory = "/dev/shm";
            const auto at = fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
            return at / ("kith-fuzz-" + std::to_string(::getpid()));
        }();
        fs::remove_all(folder);
        fs::create_directory(folder);
        folder_ = folder;
        open(stores_[0], KITH_OPEN_CREATE);
    }

    void run() {
        for (int calls = 0; calls < 200 && !in_.empty(); ++calls) {
            call(in_.below(32));
            in_.forget();
        }
        free_all();
        KITH_REQUIRE(kith_debug_live_handles() == 0);
        check_file();
        KITH_REQUIRE(kith_debug_live_handles() == 0);
        fs::remove_all(folder_);
    }

private:
    // What any call may say. What it may not: that the file is damaged, that kith is at fault.
    void known(kith_status status) {
        KITH_REQUIRE(status >= KITH_E_MISSING && status <= KITH_MORE);
        KITH_REQUIRE(status != KITH_E_INTERNAL && status != KITH_E_CORRUPT && status != KITH_E_IO);
        KITH_REQUIRE(status != KITH_E_NOMEM && status != KITH_E_FEED_GAP && status != KITH_E_FULL);
        KITH_REQUIRE(std::strcmp(kith_status_name(status), "unknown status") != 0);
        if (status < 0) {
            KITH_REQUIRE(error_.status == status && error_.message[0] != '\0');
            KITH_REQUIRE(std::memchr(error_.message, '\0', sizeof error_.message) != nullptr);
        }
        error_ = make<kith_error>();
    }
    template <class T>
    T *&slot(Slots<T> &slots) {
        return slots[in_.below(3)];
    }
    // What was there is freed first.
    template <class T>
    T *&fresh(Slots<T> &slots, void (*free)(T *)) {
        auto &out = slot(slots);
        free(out);
        return out;
    }

    void open(kith_store *&out, std::uint32_t flags) {
        auto options = make<kith_open_options>();
        options.flags = flags;
        options.durability = KITH_DURABILITY_RELAXED;
        options.busy_timeout_ms = 1;
        options.map_reserve_bytes = 1 << 20;
        options.now = [](uintptr_t) -> int64_t { return kNow; };
        const auto path = (folder_ / "api.kith").string();
        known(kith_store_open(path.data(), path.size(), &options, &out, &error_));
    }

    kith_ref ref() {
        kith_ref out{};
        out.by = in_.below(6);
        out.item = in_.below(8);
        out.id = party();
        out.kind = in_.text({"shop", "web", "email", "phone", "card"});
        out.value = in_.text({"C1", "C2", "a@x.org", "+1 555 0100", "12-34"});
        return out;
    }
    kith_field value() {
        kith_field out{};
        out.name = in_.text({"trade", "likes", "heads"});
        out.kind = in_.below(12);
        out.integer = in_.amount();
        out.text = in_.text({"tea", "12", "true", "2026-01-31", "12.50 EUR"});
        return out;
    }
    kith_id party() {
        const auto which = in_.byte();
        return which < parties_.size() ? parties_[which] : kith_id{{static_cast<std::uint8_t>(which)}};
    }
    kith_interaction_id interaction() {
        const auto which = in_.byte();
        return which < interactions_.size() ? interactions_[which] : kith_interaction_id{};
    }

    // One byte is read at a time, in the order written: never two in one list of arguments, which has none.
    void call(std::uint32_t which);
    void add(kith_batch *batch);
    void look_at(kith_page *page);
    void ask(kith_snapshot *snapshot, kith_expr *expr);
    void check_file();
    void free_all() {
        // In whatever order the last byte says.
        const bool stores_first = in_.below(2);
        if (stores_first) close_all();
        for (auto *handle : pages_) kith_page_free(handle);
        for (auto *handle : cursors_) kith_cursor_free(handle);
        for (auto *handle : exports_) kith_export_free(handle);
        for (auto *handle : tables_) kith_table_free(handle);
        for (auto *handle : batches_) kith_batch_free(handle);
        for (auto *handle : results_) kith_expr_result_free(handle);
        for (auto *handle : exprs_) kith_expr_free(handle);
        for (auto *handle : snapshots_) kith_snapshot_end(handle);
        if (!stores_first) close_all();
    }
    void close_all() {
        for (auto *handle : stores_) kith_store_close(handle);
    }

    Bytes in_;
    fs::path folder_;
    kith_error error_ = make<kith_error>();
    Slots<kith_store> stores_{};
    Slots<kith_snapshot> snapshots_{};
    Slots<kith_batch> batches_{};
    Slots<kith_cursor> cursors_{};
    Slots<kith_page> pages_{};
    Slots<kith_table> tables_{};
    Slots<kith_export> exports_{};
    Slots<kith_expr> exprs_{};
    Slots<kith_expr_result> results_{};
    std::vector<kith_id> parties_, commitments_, processes_;
    std::vector<kith_interaction_id> interactions_;
};

void Interpreter::add(kith_batch *batch) {
    const auto where = ref();
    const auto flags = in_.below(32);
    switch (in_.below(12)) {
        case 0: {
            auto party = make<kith_party>();
            party.fields = in_.byte() | in_.below(2) * KITH_PARTY_FIELD_VALUES;
            if (in_.below(8) == 0) party.id = this->party();
            party.kind = in_.below(5);
            party.roles = in_.byte();
            party.name = in_.text({"Ada", "Žofia"});
            party.language = in_.text({"hr", "en"});
            party.time_zone = in_.text({"UTC", "Europe/Zagreb"});
            party.owner = in_.text({"agent"});
            party.tags = in_.text({"vip", "vip,new"});
            party.revision = in_.below(3);
            const auto value = this->value();
            party.values = &value;
            party.value_count = in_.below(2);
            return known(kith_party_put(batch, &where, flags, &party, nullptr, &error_));
        }
        case 1: {
            auto identifier = make<kith_identifier>();
            identifier.fields = in_.below(9);
            identifier.flags = in_.below(3);
            identifier.kind = in_.text({"email", "phone", "card"});
            identifier.value = in_.text({"a@x.org", "A@x.ORG", "+1 555 0100", "0015550100", "12-34"});
            identifier.verified_at = in_.time();
            return known(kith_identifier_add(batch, &where, flags, &identifier, nullptr, &error_));
        }
        case 2: {
            const auto id =
                commitments_.empty() ? party() : commitments_[in_.below(200) % commitments_.size()];
            const auto state = in_.below(11);
            return known(kith_commitment_set_state(batch, &id, state, in_.time(), nullptr, &error_));
        }
        case 3: {
            const auto json = in_.text(
                {R"({"playbook":"p","format":1,"version":1,"define":[{"bands":"b","of":"orders","classes":)"
                 R"([{"up_to":1,"is":1},{"is":2}]}]})",
                 R"({"playbook":"t","format":1,"define":[{"type":"party","fields":{"trade":["tea"],"likes":"text",)"
                 R"("heads":"int"}},{"type":"visit","fields":{"trade":["tea"],"heads":"int"},"require":["trade"]}]})"});
            return known(kith_define(batch, json.data, json.size, nullptr, &error_));
        }
        case 6: {
            auto product = make<kith_product>();
            const kith_str path[2] = {in_.text({"food", "drink"}), in_.text({"bread"})};
            product.fields = in_.byte();
            product.key = in_.text({"bread", "milk"});
            product.name = in_.text({"Bread"});
            product.category = path;
            product.category_count = in_.below(3);
            product.revision = in_.below(3);
            return known(kith_product_put(batch, &product, flags & 4, nullptr, &error_));
        }
        case 7: {
            auto actor = make<kith_actor>();
            const kith_code_value skill{in_.text({"repair"}), in_.amount()};
            actor.fields = in_.byte();
            actor.key = in_.text({"agent", "team", "self"});
            actor.kind = in_.below(8);
            actor.active = in_.below(3);
            actor.name = in_.text({"Mia"});
            actor.part_of = in_.text({"agent", "team", "self"});
            actor.skills = &skill;
            actor.skill_count = in_.below(2);
            return known(kith_actor_put(batch, &actor, flags & 4, nullptr, &error_));
        }
        case 8: {
            auto campaign = make<kith_campaign>();
            campaign.fields = in_.byte();
            campaign.key = in_.text({"spring"});
            campaign.starts_at = in_.time();
            campaign.ends_at = in_.time();
            campaign.budget = in_.amount();
            return known(kith_campaign_put(batch, &campaign, flags & 4, nullptr, &error_));
        }
        case 9: {
            auto score = make<kith_score>();
            score.fields = in_.below(33);
            score.subject = in_.below(6);
            score.subject_key = in_.text({"agent", "bread"});
            score.nature = in_.below(9);
            score.metric = in_.text({"liking", "clv"});
            score.key = in_.text({"bread"});
            score.at = in_.time();
            score.number = in_.below(9);
            score.money = in_.amount();
            score.text = in_.text({"gold"});
            score.confidence = in_.below(3);
            score.system = in_.text({"survey"});
            score.host_key = in_.text({"S1", "S2"});
            return known(kith_score_append(batch, &where, flags, &score, nullptr, &error_));
        }
        case 10: {
            auto link = make<kith_link>();
            const auto to = ref();
            link.fields = in_.below(5);
            link.kind = in_.below(13);
            link.undone = in_.below(3);
            link.actor = in_.text({"agent"});
            link.valid_from = in_.time();
            link.valid_to = in_.time();
            link.stance = in_.below(5);
            link.strength = in_.below(102);
            return known(kith_link_put(batch, &where, &to, flags, &link, nullptr, &error_));
        }
        case 11: {
            auto event = make<kith_process_event>();
            event.process = in_.text({"lifecycle"});
            event.key = in_.text({"K1"});
            event.event = in_.text({"order", "jump"});
            event.at = in_.time();
            event.reason = in_.text({"why not"});
            return known((flags & 1 ? kith_process_open : kith_process_send)(batch, &where, flags, &event,
                                                                             nullptr, &error_));
        }
        default: {
            auto interaction = make<kith_interaction>();
            interaction.fields = in_.below(33);
            interaction.type = in_.text({"order", "return", "visit", "adjustment"});
            interaction.at = in_.time();
            interaction.system = in_.text({"till", "web"});
            interaction.key = in_.text({"R1", "R2", "R3", "R4", "R5"});
            interaction.amount = in_.amount();
            interaction.base_amount = in_.amount();
            if (in_.below(8) == 0) std::memcpy(interaction.currency, "EUR", 4);
            interaction.direction = in_.below(4);
            interaction.corrects = this->interaction();
            const kith_line line{in_.text({"bread", "milk"}), in_.amount(), in_.amount(), in_.amount(),
                                 in_.text({"food"}),          in_.amount(), in_.below(3), 0};
            interaction.lines = &line;
            interaction.line_count = in_.below(2);
            interaction.medium = in_.text({"shop"});
            interaction.text = in_.text({"said"});
            const auto value = this->value();
            interaction.values = &value;
            interaction.value_count = in_.below(2);
            const kith_ref refs[2] = {where, where};
            const kith_interaction many[2] = {interaction, interaction};
            if (in_.below(8) == 0)
                return known(
                    kith_interaction_append_many(batch, refs, flags, many, 2, sizeof many[0], &error_));
            return known(kith_interaction_append(batch, &where, flags, &interaction, nullptr, &error_));
        }
    }
}

// Everything in a page; what can be asked for again is kept.
void Interpreter::look_at(kith_page *page) {
    std::size_t count = 0;
    const auto each = [&](const auto *const *items, const auto &keep) {
        for (std::size_t i = 0; items && i < count; ++i) keep(*items[i]);
    };
    const auto limited = [](auto &kept, const auto &id) {
        if (kept.size() < 64) kept.push_back(id);
    };
    each(kith_page_parties(page, &count), [&](const kith_party &one) { limited(parties_, one.id); });
    each(kith_page_interactions(page, &count),
         [&](const kith_interaction &one) { limited(interactions_, one.id); });
    each(kith_page_processes(page, &count), [&](const kith_process &one) { limited(processes_, one.id); });
    each(kith_page_commitments(page, &count),
         [&](const kith_commitment &one) { limited(commitments_, one.id); });
    each(kith_page_identifiers(page, &count),
         [&](const kith_identifier &one) { KITH_REQUIRE(one.value.size > 0); });
    each(kith_page_members(page, &count),
         [&](const kith_member &one) { KITH_REQUIRE(one.segment.size > 0); });
    each(kith_page_transitions(page, &count),
         [&](const kith_transition &one) { KITH_REQUIRE(one.to.size > 0); });
    each(kith_page_definitions(page, &count),
         [&](const kith_definition &one) { KITH_REQUIRE(one.version > 0); });
    each(kith_page_products(page, &count), [&](const kith_product &one) { KITH_REQUIRE(one.key.size > 0); });
    each(kith_page_actors(page, &count), [&](const kith_actor &one) { KITH_REQUIRE(one.key.size > 0); });
    each(kith_page_campaigns(page, &count),
         [&](const kith_campaign &one) { KITH_REQUIRE(one.key.size > 0); });
    each(kith_page_scores(page, &count), [&](const kith_score &one) { KITH_REQUIRE(one.metric.size > 0); });
    each(kith_page_links(page, &count), [&](const kith_link &one) { KITH_REQUIRE(one.kind > 0); });
    each(kith_page_changes(page, &count), [&](const kith_change &one) { KITH_REQUIRE(one.seq > 0); });
    kith_str token;
    kith_page_resume(page, &token);
    (void)kith_page_figures(page);
}

void Interpreter::ask(kith_snapshot *snapshot, kith_expr *expr) {
    auto options = make<kith_expr_eval_options>();
    options.flags = in_.below(2);
    options.budget = 20'000;
    auto &result = fresh(results_, kith_expr_result_free);
    const auto id = party();
    const auto at_hand = interaction();
    switch (in_.below(3)) {
        case 0:
            known(kith_expr_eval_party(snapshot, expr, &id, &options, &result, &error_));
            break;
        case 1:
            known(kith_expr_eval_interaction(snapshot, expr, &at_hand, &options, &result, &error_));
            break;
        default:
            known(kith_expr_eval_values(expr, &options, &result, &error_));
    }
    auto outcome = make<kith_expr_outcome>();
    known(kith_expr_result_describe(result, &outcome, &error_));
    std::size_t count = 0;
    (void)kith_expr_result_values(result, &count);
    (void)kith_expr_result_reasons(result, &count);
}

void Interpreter::call(std::uint32_t which) {
    switch (which) {
        case 0: {
            auto &store = fresh(stores_, kith_store_close);
            return open(store, in_.below(16));
        }
        case 1:
            return kith_store_close(in_.below(4) == 0 ? slot(stores_) : nullptr);
        case 2:
        case 3:
            return known(kith_snapshot_begin(stores_[0], &fresh(snapshots_, kith_snapshot_end), &error_));
        case 4:
            return known(kith_snapshot_renew(slot(snapshots_), &error_));
        case 5:
            return kith_snapshot_end(slot(snapshots_));
        case 6: {
            auto *store = slot(stores_);
            return known(kith_batch_new(store, &fresh(batches_, kith_batch_free), &error_));
        }
        case 7:
            kith_batch_free(batches_[0]);
            return known(kith_batch_new(stores_[0], &batches_[0], &error_));
        case 8:
        case 9:
        case 10:
        case 11:
        case 12:
            return add(batches_[0]);
        case 13:
            return add(slot(batches_));
        case 14:
        case 15: {
            auto *batch = in_.below(4) ? batches_[0] : slot(batches_);
            auto info = make<kith_commit_info>();
            const auto status = kith_batch_commit(batch, &info, &error_);
            known(status);
            auto outcome = make<kith_outcome>();
            const auto item = in_.below(8);
            const auto told = kith_batch_outcome(batch, item, &outcome, &error_);
            known(told);
            KITH_REQUIRE(told != KITH_OK || status == KITH_OK);
            if (told == KITH_OK && parties_.size() < 64) parties_.push_back(outcome.party);
            if (told == KITH_OK && interactions_.size() < 64) interactions_.push_back(outcome.interaction);
            if (in_.below(2)) kith_batch_clear(batch);
            return;
        }
        case 16: {
            auto *batch = slot(batches_);
            return known(kith_batch_effects_from(batch, in_.time(), &error_));
        }
        case 17: {
            auto *store = slot(stores_);
            auto report = make<kith_due_report>();
            return known(kith_store_run_due(store, in_.time(), &report, &error_));
        }
        case 18: {
            const auto where = ref();
            kith_id found;
            const auto status = kith_party_find(slot(snapshots_), &where, &found, &error_);
            known(status);
            if (status == KITH_OK && parties_.size() < 64) parties_.push_back(found);
            return;
        }
        case 19: {
            const auto text = in_.text({"C1", "a@x.org", "1234"});
            kith_id found;
            return known(kith_party_search(slot(snapshots_), text.data, text.size, &found, &error_));
        }
        case 20: {
            const auto id = party();
            auto read = make<kith_party>();
            return known(kith_party_get(slot(snapshots_), &id, &read, &error_));
        }
        case 21: {
            const auto id = interaction();
            auto &page = fresh(pages_, kith_page_free);
            known(kith_interaction_get(slot(snapshots_), &id, &page, &error_));
            return look_at(page);
        }
        case 22: {
            const auto id = party();
            auto &page = fresh(pages_, kith_page_free);
            auto *view = slot(snapshots_);
            known(kith_brief(view, &id, in_.below(5), &page, &error_));
            return look_at(page);
        }
        case 23: {
            auto query = make<kith_query>();
            query.list = in_.below(7);
            query.fields = in_.below(5);
            query.subject = in_.below(6);
            query.subject_key = in_.text({"agent", "bread"});
            query.key = in_.text({"bread"});
            query.party = party();
            query.type = in_.text({"order"});
            query.definition = in_.text({"lifecycle"});
            query.state = in_.text({"exploration", "decline"});
            query.from = in_.time();
            query.until = in_.time();
            if (in_.below(4) == 0) query.resume = in_.text({});
            auto *view = slot(snapshots_);
            return known(kith_cursor_open(view, &query, &fresh(cursors_, kith_cursor_free), &error_));
        }
        case 24: {
            auto &page = fresh(pages_, kith_page_free);
            auto *cursor = slot(cursors_);
            known(kith_cursor_next(cursor, in_.byte(), &page, &error_));
            return look_at(page);
        }
        case 25: {
            auto &page = fresh(pages_, kith_page_free);
            auto *view = slot(snapshots_);
            const auto after = in_.byte();
            known(kith_feed_read(view, after, in_.byte(), &page, &error_));
            return look_at(page);
        }
        case 26: {
            const auto id = processes_.empty() ? party() : processes_[in_.byte() % processes_.size()];
            auto &page = fresh(pages_, kith_page_free);
            known(kith_process_log(slot(snapshots_), &id, &page, &error_));
            return look_at(page);
        }
        case 27: {
            auto &lines = fresh(exports_, kith_export_free);
            auto options = make<kith_export_options>();
            options.flags = in_.below(2);
            return known(kith_export_open(slot(snapshots_), &options, &lines, &error_));
        }
        case 28: {
            kith_str piece;
            return known(kith_export_next(slot(exports_), &piece, &error_));
        }
        case 29: {
            auto &table = fresh(tables_, kith_table_free);
            auto *view = slot(snapshots_);
            auto rfm = make<kith_rfm_options>();
            rfm.as_of = in_.time();
            rfm.scheme = in_.text({"quantile:5", "airline"});
            auto abc = make<kith_abc_options>();
            abc.rule = in_.below(3);
            auto cohort = make<kith_cohort_options>();
            cohort.by = in_.below(5);
            const auto analysis = in_.below(4);
            known(analysis == 0   ? kith_rfm(view, &rfm, &table, &error_)
                  : analysis == 1 ? kith_abc(view, &abc, &table, &error_)
                  : analysis == 2 ? kith_cohort(view, &cohort, &table, &error_)
                                  : kith_process_states(view, "lifecycle", KITH_NTS, &table, &error_));
            auto column = make<kith_column>();
            auto fact = make<kith_fact>();
            known(kith_table_column(table, in_.below(4), &column, &error_));
            return known(kith_table_fact(table, in_.below(4), &fact, &error_));
        }
        case 30: {
            auto &expr = fresh(exprs_, kith_expr_free);
            const auto source = in_.text({"m.orders > 1", "orders.exists(o, o.amount > money('1', 'USD'))",
                                          "i.type", "party.name + party.tags", "now - m.last_at"});
            known(kith_expr_check(source.data, source.size, nullptr, &expr, &error_));
            kith_str json;
            known(kith_expr_json(expr, &json, &error_));
            return ask(slot(snapshots_), expr);
        }
        default: {
            auto info = make<kith_info>();
            return known(kith_store_info(slot(snapshots_), &info, &error_));
        }
    }
}

// Opened anew, the file is sound and its feed has no gap.
void Interpreter::check_file() {
    kith_store *store = nullptr;
    kith_snapshot *view = nullptr;
    open(store, KITH_OPEN_CREATE);
    KITH_REQUIRE(kith_snapshot_begin(store, &view, &error_) == KITH_OK);
    auto report = make<kith_verify_report>();
    KITH_REQUIRE(kith_store_verify(view, nullptr, 0, &report, nullptr, &error_) == KITH_OK);
    KITH_REQUIRE(report.problems == 0);
    kith_snapshot_end(view);
    kith_store_close(store);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    Interpreter(Bytes(data, size)).run();
    return 0;
}
