// A party's figures as stored in table `counters`: fixed fields, then the gaps.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "model/figures.hpp"
#include "model/party.hpp"

namespace kith::engine {

struct FiguresRow {
    model::Figures figures;
    bool anonymous = false;  // repeated from the party, so that analyses need only this table
};

void encode(const FiguresRow &row, std::vector<std::byte> &out);
base::Result<FiguresRow> decode_figures(base::Bytes bytes);

}  // namespace kith::engine
