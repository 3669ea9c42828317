// Names for the sample shop's customers: common given and family names put together by chance.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/sample.hpp"

namespace kith::cli {

struct SampleName {
    std::string full;
    std::string ascii;  // for the e-mail address: "given.family"
    std::string_view language;
};

SampleName person_name(SampleRandom &random);
SampleName organisation_name(SampleRandom &random);

}  // namespace kith::cli
