// What every event moves of a party, as stored in table `counters`: its figures (fixed fields, then the
// gaps), then its processes. One row, so that an event reads and writes one place.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "model/figures.hpp"
#include "model/party.hpp"
#include "record/record.hpp"

namespace kith::engine {

// Figures counted from scratch, of interactions in the order of their time.
class FiguresCount {
public:
    FiguresCount(model::Name order, model::Name returned, base::Zone zone, bool gaps)
        : order_(order), return_(returned), zone_(std::move(zone)), gaps_(gaps) {}
    void add(base::Micros at, const record::InteractionSummary &summary);
    model::Figures figures;

private:
    model::Name order_, return_;  // 0: the file has none
    base::Zone zone_;
    bool gaps_;
    std::optional<std::int64_t> last_day_;
};

struct FiguresRow {
    model::Figures figures;
    bool anonymous = false;  // repeated from the party, so that analyses need only this table
    model::Name owner = 0;   // the same, for those who are asked for it at every interaction
    base::Micros commitments_due = INT64_MAX;  // when the first of its commitments falls due
};

void encode(const FiguresRow &row, std::vector<std::byte> &out);
base::Result<FiguresRow> decode_figures(base::Bytes bytes);

inline constexpr base::Micros kNever = INT64_MAX;

struct StoredProcess {
    base::Id id;
    base::Micros wake = kNever;  // where its row in table `timers` stands; kNever: it has none
    base::Bytes record;
};

// In order of id, after the figures.
void append(const StoredProcess &process, std::vector<std::byte> &out);
base::Result<base::Bytes> processes_of(base::Bytes row);
// Takes the next one off `rest`; false at the end.
base::Result<bool> next_process(base::Bytes &rest, StoredProcess &out);

}  // namespace kith::engine
