#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/commands.hpp"
#include "cli/handles.hpp"
#include "cli/output.hpp"

namespace kith::cli {

namespace {

struct Options {
    std::string file, output;
    bool facts_only = false;
};

// The file written to, or standard output where none is named.
class Sink {
public:
    explicit Sink(const Options &options) : path_(options.output) {
        if (path_.empty()) return;
        std::error_code ignored;
        if (std::filesystem::equivalent(options.file, path_, ignored)) {
            fail(kUsage, "--output: this is the kith file itself; name another file");
        }
        file_ = std::fopen(path_.c_str(), "wb");
        if (file_ == nullptr) fail(kFailed, fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
    }
    ~Sink() {
        if (file_ != nullptr) std::fclose(file_);
    }
    Sink(const Sink &) = delete;
    Sink &operator=(const Sink &) = delete;

    void write(std::string_view text) {
        if (file_ == nullptr) return print(text);
        if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) failed();
    }
    void close() {
        if (file_ == nullptr) return flush();
        if (std::fclose(std::exchange(file_, nullptr)) != 0) failed();
    }

private:
    [[noreturn]] void failed() const {
        fail(kFailed, fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
    }

    std::string path_;
    std::FILE *file_ = nullptr;
};

void run(const Options &options) {
    const Store store = open_store(options.file, KITH_OPEN_READ_ONLY);
    const Snapshot snapshot = begin_snapshot(store);
    kith_export_options what = make<kith_export_options>();
    what.flags = options.facts_only ? KITH_EXPORT_FACTS_ONLY : 0;
    kith_error error = make_error();
    kith_export *opened = nullptr;
    check(kith_export_open(snapshot.get(), &what, &opened, &error), error);
    const Export pieces(opened);
    Sink sink(options);
    for (;;) {
        kith_str text{};
        const kith_status status = kith_export_next(pieces.get(), &text, &error);
        if (status == KITH_END) break;
        check(status, error);
        sink.write(view(text));
    }
    sink.close();
}

}  // namespace

void add_export(CLI::App &app, Context &context) {
    auto options = std::make_shared<Options>();
    Command command(app, "export", "Every record as a line of JSON");
    command.footer(
        "With --facts-only the order and the form depend on what the records say alone: two files with the "
        "same\n"
        "history, imported at once or recorded day by day, give the same text.\n"
        "It includes personal data: keep it as safe as the file.\n\n"
        "  kith export shop.kith --output shop.jsonl\n");
    command.file(options->file);
    command.option("--output,-o", options->output, "Write to this file (default: standard output)")
        .type("FILE");
    command.flag("--facts-only", options->facts_only,
                 "Leave out ids, numbers, stamps and recorded times: the same history gives the same text");
    command.json_flag(context);  // what it prints anyway
    command.on_run([options] { run(*options); });
}

}  // namespace kith::cli
