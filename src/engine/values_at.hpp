// The values of a snapshot's subjects at an instant. [one thread]
#pragma once

#include "engine/values.hpp"

namespace kith::engine {

class ValuesAt : private NameSource, private Timeline {
public:
    static base::Result<std::unique_ptr<ValuesAt>> of(const Snapshot &snapshot, base::Micros now);
    // The same at another instant.
    void move_to(base::Micros now);

    Values &values() { return *values_; }
    const ValueCatalog &catalog() const { return *catalog_; }

private:
    ValuesAt(const Snapshot &snapshot, std::shared_ptr<const ValueCatalog> catalog, bool corrections);
    base::Result<std::string_view> text(model::Name name) const override;
    base::Result<std::optional<model::Name>> code(std::string_view text) override;
    base::Result<void> interactions(const base::Id &party, base::Micros after, base::Micros until,
                                    const TakeInteraction &take) override;
    base::Result<void> interaction(const model::InteractionKey &key, const TakeInteraction &take) override;
    base::Result<void> changes(const base::Id &party, base::Micros after, base::Micros until,
                               const TakeChange &take) override;
    base::Result<std::optional<model::Score>> given(const GivenQuery &query) override;
    base::Result<void> scores(model::SubjectKind kind, const model::Subject *subject, std::string_view metric,
                              base::Micros after, base::Micros until,
                              const std::function<base::Result<void>(const model::Score &)> &take) override;
    base::Result<void> given_keys(const model::Subject &subject, std::string_view metric,
                                  const std::function<bool(model::Name key)> &take) override;
    base::Result<bool> is_corrected(const model::InteractionKey &key) const;

    const Snapshot &snapshot_;
    std::shared_ptr<const ValueCatalog> catalog_;
    bool corrections_;
    base::Zone zone_;
    Sums sums_;
    Measurer measurer_;
    std::optional<Values> values_;
};

}  // namespace kith::engine
