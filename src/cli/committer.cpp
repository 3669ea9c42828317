#include "cli/committer.hpp"

#include <fmt/format.h>

#include <array>
#include <future>
#include <utility>

namespace kith::cli {

namespace {

constexpr std::size_t kBatchBytesMax = 32 * 1024 * 1024;
constexpr std::size_t kLinesNamed = 10;

std::string lines_of(const Plan &plan, const PlannedInteraction &planned) {
    std::string out = planned.row_count == 1 ? "line " : "lines ";
    std::size_t named = 0;
    for (std::uint32_t row = planned.first_row; row != kNoRow; row = plan.row(row).next) {
        if (named++ == kLinesNamed) return out + ", ...";
        out += fmt::format("{}{}", named > 1 ? ", " : "", plan.row(row).line);
    }
    return out;
}

}  // namespace

Committer::Committer(const Store &store, const Plan &plan, CommitSettings settings, Progress &progress,
                     ImportReport &report)
    : store_(store), plan_(plan), settings_(std::move(settings)), progress_(progress), report_(report) {
    for (const std::string &kind : plan.kinds()) report_.kinds.push_back({kind});
}

void Committer::run() {
    std::array<Filled, 2> filled;
    for (Filled &f : filled) f.batch = new_batch(store_);
    std::future<Outcome> running;
    std::size_t current = 0;
    while (!report_.failure && fill(filled[current])) {
        if (running.valid()) settle(filled[1 - current], running.get());
        if (report_.failure) break;
        running = std::async(std::launch::async, commit, filled[current].batch.get());
        current = 1 - current;
    }
    if (running.valid()) settle(filled[1 - current], running.get());
}

Committer::Outcome Committer::commit(kith_batch *batch) {
    Outcome outcome;
    outcome.error = make_error();
    outcome.info = make<kith_commit_info>();
    outcome.status = kith_batch_commit(batch, &outcome.info, &outcome.error);
    return outcome;
}

// False when there is nothing left, or what there is cannot be taken.
bool Committer::fill(Filled &filled) {
    kith_batch_clear(filled.batch.get());
    filled.interactions.clear();
    kith_error error = make_error();
    if (settings_.effects_from) {
        check(kith_batch_effects_from(filled.batch.get(), *settings_.effects_from, &error), error);
    }
    std::size_t bytes = 0;
    while (next_ < plan_.schedule().size() && filled.interactions.size() < settings_.batch_items_max) {
        const std::uint32_t index = plan_.schedule()[next_];
        bytes += estimated_bytes(plan_.interaction(index));
        if (bytes > kBatchBytesMax && !filled.interactions.empty()) break;
        ++next_;
        if (append(filled.batch.get(), index, error) == KITH_OK) {
            filled.interactions.push_back(index);
        } else if (settings_.skip_conflicts) {
            skip(index, error.message);
        } else {
            fail_at(index, error);
            return false;
        }
    }
    return !filled.interactions.empty();
}

kith_status Committer::append(kith_batch *batch, std::uint32_t index, kith_error &error) {
    const PlannedInteraction &planned = plan_.interaction(index);
    const bool anonymous = planned.party.empty();
    kith_ref ref{};
    ref.by = KITH_REF_HOST;
    ref.kind = to_str(settings_.system);
    ref.value = to_str(anonymous ? kAnonymousKey : plan_.text(planned.party, party_scratch_));

    kith_interaction interaction = make<kith_interaction>();
    interaction.type = to_str(plan_.kinds()[planned.kind]);
    interaction.at = planned.at;
    interaction.system = to_str(settings_.system);
    interaction.key = to_str(plan_.key_text(index, key_scratch_));
    if (!planned.campaign.empty())
        interaction.campaign = to_str(plan_.text(planned.campaign, campaign_scratch_));
    if (plan_.has_amount()) {
        interaction.fields |= KITH_INTERACTION_FIELD_AMOUNT;
        interaction.amount = planned.amount;
    }
    if (plan_.has_lines()) set_lines(planned, interaction);
    set_fields(index, interaction);

    std::uint32_t flags = anonymous ? KITH_ITEM_CREATE_ANONYMOUS : KITH_ITEM_CREATE;
    if (settings_.skip_conflicts) flags |= KITH_ITEM_SKIP_CONFLICT;
    return kith_interaction_append(batch, &ref, flags, &interaction, nullptr, &error);
}

// As written: what they are is by their type.
void Committer::set_fields(std::uint32_t index, kith_interaction &interaction) {
    fields_.clear();
    field_scratch_.clear();
    const auto cells = plan_.fields(index);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].empty()) continue;
        kith_field field{};
        field.name = to_str(settings_.fields[i].name);
        field.text = to_str(plan_.text(cells[i], field_scratch_.emplace_back()));
        fields_.push_back(field);
    }
    interaction.values = fields_.data();
    interaction.value_count = fields_.size();
}

void Committer::set_lines(const PlannedInteraction &planned, kith_interaction &interaction) {
    lines_.clear();
    product_scratch_.clear();
    for (std::uint32_t i = planned.first_row; i != kNoRow; i = plan_.row(i).next) {
        const PlannedRow &row = plan_.row(i);
        kith_line line{};
        if (row.product.doubled()) {
            line.product = to_str(plan_.text(row.product, product_scratch_.emplace_back()));
        } else if (!row.product.empty()) {
            line.product = to_str(plan_.text(row.product, key_scratch_));  // a place in the input
        }
        if (row.category.doubled()) {
            line.category = to_str(plan_.text(row.category, product_scratch_.emplace_back()));
        } else if (!row.category.empty()) {
            line.category = to_str(plan_.text(row.category, key_scratch_));
        }
        if (row.margin != kNoMargin) {
            line.margin = row.margin;
            line.fields = KITH_LINE_FIELD_MARGIN;
        }
        line.quantity = row.quantity;
        line.unit_price = row.unit_price;
        line.amount = row.amount;
        lines_.push_back(line);
    }
    interaction.lines = lines_.data();
    interaction.line_count = lines_.size();
}

std::size_t Committer::estimated_bytes(const PlannedInteraction &planned) const {
    constexpr std::size_t kInteractionBytes = 256;
    constexpr std::size_t kLineBytes = 64;
    std::size_t bytes = kInteractionBytes + planned.party.size() + planned.key.size();
    if (!plan_.has_lines()) return bytes;
    for (std::uint32_t i = planned.first_row; i != kNoRow; i = plan_.row(i).next) {
        bytes += kLineBytes + plan_.row(i).product.size() + plan_.row(i).category.size();
    }
    return bytes;
}

void Committer::settle(const Filled &filled, const Outcome &outcome) {
    if (outcome.status != KITH_OK) {
        const bool has_item = outcome.error.item < filled.interactions.size();
        return fail_at(has_item ? std::optional(filled.interactions[outcome.error.item]) : std::nullopt,
                       outcome.error);
    }
    const kith_commit_info &info = outcome.info;
    report_.created += info.created;
    report_.existing += info.existing;
    report_.parties_created += info.parties_created;
    report_.transitions += info.transitions;
    report_.commitments += info.commitments;
    for (std::uint32_t item = 0; item < filled.interactions.size(); ++item) {
        const std::uint32_t index = filled.interactions[item];
        kith_outcome result = make<kith_outcome>();
        if (info.skipped > 0) {
            kith_error error = make_error();
            check(kith_batch_outcome(filled.batch.get(), item, &result, &error), error);
        }
        if (result.result == KITH_RESULT_SKIPPED) {
            skip(index, "its key is in the file already, with other content");
        } else {
            const PlannedInteraction &planned = plan_.interaction(index);
            report_.count(planned.kind, planned.at, planned.amount);
        }
    }
    acknowledged_ += filled.interactions.size();
    report_.memory.sample();
    progress_.update(acknowledged_, plan_.schedule().size());
}

void Committer::skip(std::uint32_t index, std::string reason) {
    const PlannedInteraction &planned = plan_.interaction(index);
    ++report_.conflicts;
    report_.rows_skipped += planned.row_count;
    report_.add_bad_row(plan_.row(planned.first_row).line, std::move(reason));
}

// The first failure is the one that is told.
void Committer::fail_at(std::optional<std::uint32_t> index, const kith_error &error) {
    if (report_.failure) return;
    const std::string where = index ? lines_of(plan_, plan_.interaction(*index)) + ": " : "";
    const std::string advice =
        index ? "mend the input or use --on-error skip, and import again" : "import again to go on";
    report_.failure =
        Failure{exit_code_of(error.status),
                fmt::format("{}{}; {} of {} interactions are imported; {}: nothing is doubled", where,
                            error.message, acknowledged_, plan_.schedule().size(), advice)};
}

}  // namespace kith::cli
