// The installed types: which fields records have, and of what kind; what a value of a field may be.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "expr/type.hpp"
#include "model/interaction.hpp"
#include "model/party.hpp"
#include "rules/type.hpp"

namespace kith::engine {

// A field as expressions see it.
struct TypedField {
    std::string name;
    model::FieldKind kind{};
    std::string about;
};

struct TypeSet {
    std::map<std::string, rules::Type, std::less<>> all;  // by name: "party", "trial.started", "list.trade"
    // Of the type "party", and of any type of interaction; those of former versions too, which stand in
    // records.
    std::vector<TypedField> party, interaction;

    const rules::Type *find(std::string_view name) const;
    // Takes the type in, in place of the version before it. What is wrong with it: empty if nothing is.
    // `unavailable` says that it is a part of the format that this version does not have.
    std::string add(const rules::Type &type, bool &unavailable);
};

model::FieldKind kind_of(const rules::FieldType &type);
expr::TypeKind type_of(model::FieldKind kind);
// Those a value of the type may be: written on the spot, or of its list (null: there is none).
std::vector<std::string_view> codes_of(const rules::FieldType &type, const rules::Type *list);
std::string name_of(const rules::FieldType &type);  // as a person writes it: "list.trade"

// As it could be given, of what is a number, a time or a date.
std::string written(const model::FieldValue &value);

const rules::Field *find_field(const rules::Type &type, std::string_view name);

// Names of what a record has anyway, which a type may require of it, and no field of a type can have.
bool is_set(const model::Party &party, std::string_view name);
bool is_set(const model::Interaction &interaction, const model::InteractionPersonal &personal,
            std::string_view name);

}  // namespace kith::engine
