#include "cli/subjects.hpp"

#include <fmt/format.h>

#include "cli/arguments.hpp"

namespace kith::cli {

void add_subject_options(Command &command, SubjectOptions &options) {
    Option actor = command.option("--actor", options.actor, "Of an employee, by key, in place of a customer");
    actor.type("KEY");
    Option product = command.option("--product", options.product, "Of a product");
    product.type("KEY").not_with(actor);
    Option campaign = command.option("--campaign", options.campaign, "Of a campaign");
    campaign.type("KEY").not_with(actor).not_with(product);
    command.flag("--all", options.all, "Of the whole base")
        .not_with(actor)
        .not_with(product)
        .not_with(campaign);
}

kith_subject Subject::borrowed() const {
    kith_subject out = make<kith_subject>();
    out.kind = kind;
    out.party = party;
    if (kind != KITH_SUBJECT_PARTY && kind != KITH_SUBJECT_ALL) out.key = to_str(key);
    return out;
}

std::string Subject::label() const {
    if (kind == KITH_SUBJECT_PARTY) return printable(key);
    if (kind == KITH_SUBJECT_ALL) return "the whole base";
    return fmt::format("{} {}", subject_name(kind), printable(key));
}

std::uint32_t subject_kind(const SubjectOptions &options) {
    if (options.all) return KITH_SUBJECT_ALL;
    if (!options.actor.empty()) return KITH_SUBJECT_ACTOR;
    if (!options.product.empty()) return KITH_SUBJECT_PRODUCT;
    return options.campaign.empty() ? KITH_SUBJECT_PARTY : KITH_SUBJECT_CAMPAIGN;
}

Subject find_subject(const Snapshot &snapshot, const std::string &party, const SubjectOptions &options) {
    Subject out;
    out.kind = subject_kind(options);
    if (out.kind != KITH_SUBJECT_PARTY) {
        out.key = options.actor + options.product + options.campaign;  // one of them is given
        return out;
    }
    out.party = find_party(snapshot, party);
    kith_party found = make<kith_party>();
    kith_error error = make_error();
    check(kith_party_get(snapshot.get(), &out.party, &found, &error), error);
    out.key = party_label(out.party, found.host_key);
    return out;
}

std::string_view subject_name(std::uint32_t kind) {
    static constexpr std::string_view kNames[] = {"party", "actor", "product", "campaign", "all"};
    return kNames[kind];
}

void append_subject(Json &json, const Subject &subject) {
    if (subject.kind == KITH_SUBJECT_ALL) {
        json.flag("all", true);
    } else {
        json.text(subject_name(subject.kind), subject.key);
    }
}

}  // namespace kith::cli
