// Typed fields as people and programs read them.
#pragma once

#include <kith/party.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "cli/values.hpp"

namespace kith::cli {

// Adds "fields": { ... }, where there are some.
void append_fields(Json &json, std::span<const kith_field> fields);

// What fields and their codes are called in a language, where the installed types say it.
class FieldLabels {
public:
    FieldLabels() = default;  // nothing is called otherwise
    FieldLabels(std::span<const Listed> definitions, const std::string &language);
    std::string name(const std::string &type, const kith_field &field) const;
    std::string value(const std::string &type, const kith_field &field) const;

private:
    Labels labels_;
    std::map<std::string, std::string, std::less<>> lists_;  // of "party.trade": "list.trade"
};

}  // namespace kith::cli
