// Commits a plan in batches, in order of time. While one batch is being committed on a second thread,
// the next is filled on this one.
#pragma once

#include <kith/kith.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/handles.hpp"
#include "cli/import_report.hpp"
#include "cli/plan.hpp"
#include "cli/progress.hpp"

namespace kith::cli {

struct CommitSettings {
    std::string system;
    std::uint32_t batch_items_max = 5000;
    std::optional<kith_time> effects_from;
    bool skip_conflicts = false;
    std::vector<FieldColumn> fields{};  // of the mapping
};

class Committer {
public:
    Committer(const Store &store, const Plan &plan, CommitSettings settings, Progress &progress,
              ImportReport &report);

    // Stops at the first failure and leaves it in the report; what was committed before it stays.
    void run();

private:
    struct Filled {
        Batch batch;
        std::vector<std::uint32_t> interactions;  // of the plan, by item
    };
    struct Outcome {
        kith_status status = KITH_OK;
        kith_error error{};
        kith_commit_info info{};
    };

    static Outcome commit(kith_batch *batch);
    bool fill(Filled &filled);
    kith_status append(kith_batch *batch, std::uint32_t index, kith_error &error);
    void set_fields(std::uint32_t index, kith_interaction &interaction);
    void set_lines(const PlannedInteraction &planned, kith_interaction &interaction);
    std::size_t estimated_bytes(const PlannedInteraction &planned) const;
    void settle(const Filled &filled, const Outcome &outcome);
    void skip(std::uint32_t index, std::string reason);
    void fail_at(std::optional<std::uint32_t> index, const kith_error &error);

    const Store &store_;
    const Plan &plan_;
    CommitSettings settings_;
    Progress &progress_;
    ImportReport &report_;
    std::size_t next_ = 0;  // in the schedule
    std::uint64_t acknowledged_ = 0;
    std::string key_scratch_;
    std::string campaign_scratch_, party_scratch_;
    std::vector<kith_line> lines_;
    std::deque<std::string> product_scratch_;
    std::vector<kith_field> fields_;
    std::deque<std::string> field_scratch_;
};

}  // namespace kith::cli
