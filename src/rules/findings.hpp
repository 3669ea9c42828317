// What reading a definition finds: what is wrong with it, and what it names.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace kith::rules {

// One mistake: `message` begins with the place.
struct Mistake {
    base::Place place;
    base::Status status = base::Status::rule;
    std::string message;
};

// A thing that a definition names and that has to be there.
struct Mention {
    enum class Kind : std::uint8_t {
        metric,
        series,  // a metric with "by"
        bands,
        score_bands,  // bands whose classes are numbers
        scorecard,
        matrix,
        policy,  // "MATRIX.NAME": a name in the policies of a matrix
        process,
        segment,
        setting,
        given,  // a metric with "given"
        form,
        calendar,
        item,    // "FORM.ITEM"
        list,    // the type "list.NAME"
        link,    // the type "link.NAME", which need not be defined
        driver,  // a metric that is named, not read
        data,    // a field of the process that names it
        state,   // a state of that process
        rows,    // what a version may not have yet: a source of rows by row_source_name, "rule", an effect
    } kind = Kind::metric;
    std::string name;
    base::Place place;
    std::string path;  // "define[0].value"
};

struct Findings {
    std::vector<Mistake> mistakes;
    std::vector<Mention> mentions;
};

}  // namespace kith::rules
