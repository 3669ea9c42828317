#include "cli/import_directory.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/input.hpp"
#include "cli/values.hpp"

namespace kith::cli {

namespace {

struct PreparedRow {
    std::uint32_t line = 0;
    SheetRow row;
    std::string key;  // of a score or commitment without a host key
};

class DirectoryImporter {
public:
    DirectoryImporter(const DirectoryImport &options, const Store &store, std::string_view input)
        : options_(options),
          store_(store),
          input_(input),
          delimiter_(options.delimiter.value_or(detect_delimiter(input))) {
        const Snapshot snapshot = begin_snapshot(store);
        const kith_info info = read_info(snapshot);
        settings_ = {
            options.system, std::string(view(info.time_zone)), info.minor_digits, options.form, {}, false,
            options.process};
        if (options.sheet == Sheet::kAnswers) read_form(snapshot);
    }

    void run() {
        read_header();
        check_all();
        if (!problems_.empty() && !options_.skip) {
            failure_ =
                Failure{kFailed, fmt::format("{} of {} are bad: nothing was imported; mend them, or leave "
                                             "them out with --on-error skip",
                                             grouped(problems_.size()), plural(rows_, "row", "rows"))};
            return;
        }
        commit_all();
    }
    void report(Context &context) const;

private:
    void read_form(const Snapshot &snapshot);
    void read_header();
    void check_all();
    void commit_all();
    bool next(CsvReader &reader, PreparedRow &out);
    void commit(std::vector<PreparedRow> &rows);
    bool try_commit(const std::vector<PreparedRow> &rows, std::size_t first, std::size_t count,
                    bool last_resort);

    const DirectoryImport &options_;
    const Store &store_;
    std::string_view input_;
    char delimiter_;
    SheetSettings settings_;
    std::vector<std::string> columns_;
    std::map<std::uint32_t, std::string> problems_;  // by line
    std::map<std::string, std::uint32_t> seen_;      // rows without a host key
    std::uint64_t rows_ = 0, done_ = 0, created_ = 0, changed_ = 0, existing_ = 0;
    std::optional<Failure> failure_;
};

// What its columns may be. That there is none is told with the first row.
void DirectoryImporter::read_form(const Snapshot &snapshot) {
    for (const Listed &one : list_definitions(snapshot)) {
        if (one.kind != "form" || one.name != settings_.form) continue;
        const auto tree = nlohmann::json::parse(one.body, nullptr, false);
        settings_.rows = tree.contains("rows");
        if (tree.contains("aspects"))
            for (const auto &aspect : tree["aspects"]) settings_.aspects.push_back(aspect);
    }
}

// Columns are named by the fields; --map says which is what where they are not.
void DirectoryImporter::read_header() {
    CsvReader reader(input_, delimiter_);
    if (!reader.next()) fail(kFailed, "the input is empty");
    if (reader.error() != nullptr) fail(kFailed, fmt::format("line {}: {}", reader.line(), reader.error()));
    std::string scratch;
    for (const Cell cell : reader.cells()) columns_.emplace_back(cell_text(input_, cell, scratch));
    const auto known = columns_of(options_.sheet);
    const auto is_known = [&](std::string_view name) {
        return options_.sheet == Sheet::kAnswers || is_column(options_.sheet, name);  // an answer
    };
    for (const std::string &map : options_.maps) {
        for (std::string_view rest = map; !rest.empty();) {
            const auto end = std::min(rest.find(','), rest.size());
            const std::string_view entry = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const auto equals = entry.find('=');
            const auto field = trim(entry.substr(0, std::min(equals, entry.size())));
            if (equals == std::string_view::npos || !is_known(field))
                fail(kUsage, fmt::format("--map: \"{}\" is not of the form FIELD=COL; the fields are: {}",
                                         entry, fmt::join(known, ", ")));
            const auto column = std::find(columns_.begin(), columns_.end(), trim(entry.substr(equals + 1)));
            if (column == columns_.end())
                fail(kUsage, fmt::format("there is no column \"{}\"; the columns are: {}",
                                         trim(entry.substr(equals + 1)), fmt::join(columns_, ", ")));
            *column = field;
        }
    }
    for (auto at = columns_.begin(); at != columns_.end(); ++at) {
        if (!is_known(*at))
            fail(kUsage,
                 fmt::format("the column \"{}\" is no field: rename it, say what it is with --map, or leave "
                             "it out; the fields are: {}",
                             *at, fmt::join(known, ", ")));
        if (std::find(columns_.begin(), at, *at) != at)
            fail(kUsage, fmt::format("two columns are named \"{}\": rename one of them", *at));
    }
}

// The next row that is not known to be bad.
bool DirectoryImporter::next(CsvReader &reader, PreparedRow &out) {
    while (reader.next()) {
        out.line = reader.line();
        if (problems_.contains(out.line)) continue;
        std::string problem;
        if (reader.error() != nullptr) {
            problem = reader.error();
        } else if (reader.cells().size() != columns_.size()) {
            problem =
                fmt::format("it has {} fields, the first row has {}", reader.cells().size(), columns_.size());
        }
        if (!problem.empty()) {
            ++rows_;
            problems_.emplace(out.line, std::move(problem));
            continue;
        }
        out.row.read(reader.cells());
        if (((options_.sheet == Sheet::kScores || options_.sheet == Sheet::kCommitments) &&
             out.row.text("host_key").empty()) ||
            (options_.sheet == Sheet::kAnswers && out.row.text("key").empty())) {
            const std::string all = out.row.identity();
            char hash[33];
            kith_hash_text(all.data(), all.size(), hash);
            out.key = fmt::format("{}-{}", hash, seen_[hash]++);  // the same row twice is two
        }
        return true;
    }
    return false;
}

void DirectoryImporter::check_all() {
    CsvReader reader(input_, delimiter_);
    reader.next();
    const Batch batch = new_batch(store_);
    PreparedRow one{0, SheetRow(input_, columns_), {}};
    while (next(reader, one)) {
        ++rows_;
        std::string problem = add_row(batch.get(), options_.sheet, one.row, settings_, one.key);
        kith_batch_clear(batch.get());
        if (!problem.empty()) problems_.emplace(one.line, std::move(problem));
    }
    seen_.clear();
}

void DirectoryImporter::commit_all() {
    CsvReader reader(input_, delimiter_);
    reader.next();
    std::vector<PreparedRow> rows;
    PreparedRow one{0, SheetRow(input_, columns_), {}};
    while (!failure_ && next(reader, one)) {
        rows.push_back(one);
        if (rows.size() < options_.batch) continue;
        commit(rows);
        rows.clear();
    }
    if (!failure_ && !rows.empty()) commit(rows);
}

// All in one commit; where it fails and bad rows are to be left out, one by one.
void DirectoryImporter::commit(std::vector<PreparedRow> &rows) {
    if (try_commit(rows, 0, rows.size(), !options_.skip) || failure_) return;
    for (std::size_t i = 0; i < rows.size() && !failure_; ++i) try_commit(rows, i, 1, true);
}

bool DirectoryImporter::try_commit(const std::vector<PreparedRow> &rows, std::size_t first, std::size_t count,
                                   bool last_resort) {
    const Batch batch = new_batch(store_);
    for (std::size_t i = first; i < first + count; ++i) {
        const std::string problem = add_row(batch.get(), options_.sheet, rows[i].row, settings_, rows[i].key);
        if (!problem.empty()) fail(kFailed, fmt::format("line {}: {}", rows[i].line, problem));
    }
    kith_commit_info info = make<kith_commit_info>();
    kith_error error = make_error();
    const kith_status status = kith_batch_commit(batch.get(), &info, &error);
    if (status == KITH_OK) {
        done_ += count;
        created_ += info.created;
        changed_ += info.changed;
        existing_ += info.existing;
        return true;
    }
    if (!last_resort) return false;
    const bool of_row = error.item < count;
    const std::uint32_t line = of_row ? rows[first + error.item].line : 0;
    if (of_row && options_.skip) {
        problems_.emplace(line, error.message);
        return false;
    }
    failure_ = Failure{exit_code_of(status), fmt::format("{}{}; {} of {} rows are imported",
                                                         of_row ? fmt::format("line {}: ", line) : "",
                                                         error.message, done_, rows_)};
    return false;
}

void DirectoryImporter::report(Context &context) const {
    std::string bad;
    for (const auto &[line, reason] : problems_) bad += fmt::format("line {}: {}\n", line, printable(reason));
    fmt::print(stderr, "{}", bad);
    if (context.format == Format::kJson) {
        Json json;
        json.object().count("rows", rows_).count("imported", done_).count("skipped", problems_.size());
        json.count("created", created_).count("changed", changed_).count("existing", existing_);
        json.array("bad_rows");
        for (const auto &[line, reason] : problems_)
            json.object().count("line", line).text("reason", reason).end();
        print(json.end().end().str());
    } else if (!failure_) {
        print(fmt::format("{}: {} imported, {} created, {} changed, {} there already\n",
                          kSheetNames[static_cast<std::size_t>(options_.sheet)], plural(done_, "row", "rows"),
                          grouped(created_), grouped(changed_), grouped(existing_)));
    }
    flush();
    if (failure_) throw Failure(*failure_);
    if (!problems_.empty()) context.exit_code = kRowsSkipped;
}

}  // namespace

void import_directory(const DirectoryImport &options, Context &context) {
    const Store store = open_store(options.file);
    const Input input(options.csv);
    DirectoryImporter importer(options, store, input.bytes());
    importer.run();
    importer.report(context);
}

}  // namespace kith::cli
