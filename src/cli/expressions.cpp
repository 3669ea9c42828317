#include "cli/expressions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kith::cli {

namespace {

// The line of the source where a mistake begins, and the marks that go under it.
struct Shown {
    std::string line, marks;
};

Shown show(std::string_view source, std::size_t begin, std::size_t end) {
    begin = std::min(begin, source.size());
    const std::size_t before = begin == 0 ? std::string_view::npos : source.rfind('\n', begin - 1);
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t stop = std::min(source.find('\n', begin), source.size());
    const std::size_t last = std::clamp(end, begin, stop);
    const std::size_t indent = display_width(printable(source.substr(start, begin - start)));
    const std::size_t width = display_width(printable(source.substr(begin, last - begin)));
    return {printable(source.substr(start, stop - start)),
            std::string(indent, ' ') + "^" + std::string(width > 1 ? width - 1 : 0, '~')};
}

}  // namespace

Expr check_expression(const std::string &source) {
    kith_error error = make_error();
    kith_expr *expr = nullptr;
    check(kith_expr_check(source.data(), source.size(), nullptr, &expr, &error), error);
    return Expr(expr);
}

Expr check_expression(const std::string &source, const Snapshot &definitions, std::uint32_t subject) {
    kith_error error = make_error();
    kith_expr_options options = make<kith_expr_options>();
    options.definitions = definitions.get();
    options.subject = subject;
    kith_expr *expr = nullptr;
    check(kith_expr_check(source.data(), source.size(), &options, &expr, &error), error);
    return Expr(expr);
}

kith_expr_description describe(const Expr &expr) {
    kith_error error = make_error();
    kith_expr_description description = make<kith_expr_description>();
    check(kith_expr_describe(expr.get(), &description, &error), error);
    return description;
}

std::span<const kith_expr_diagnostic *const> diagnostics(const Expr &expr) {
    std::size_t count = 0;
    const kith_expr_diagnostic *const *first = kith_expr_diagnostics(expr.get(), &count);
    return {first, count};
}

std::string diagnostics_text(const Expr &expr, const Context &context) {
    const std::string_view source = view(describe(expr).source);
    std::string out;
    for (const kith_expr_diagnostic *diagnostic : diagnostics(expr)) {
        const Shown shown = show(source, diagnostic->begin, diagnostic->end);
        if (!out.empty()) out += "\n";
        out += fmt::format("{}:{}: {}: {}\n", diagnostic->line, diagnostic->column,
                           view(diagnostic->code_name), bold(printable(view(diagnostic->message)), context));
        out += fmt::format("  {}\n  {}\n", shown.line, shown.marks);
        if (diagnostic->hint.size > 0) out += fmt::format("  {}\n", printable(view(diagnostic->hint)));
    }
    return out;
}

void append_diagnostics(Json &json, const Expr &expr) {
    json.array("diagnostics");
    for (const kith_expr_diagnostic *diagnostic : diagnostics(expr)) {
        json.object().text("code", view(diagnostic->code_name));
        json.count("line", diagnostic->line).count("column", diagnostic->column);
        json.count("begin", diagnostic->begin).count("end", diagnostic->end);
        json.text("text", view(diagnostic->text)).text("message", view(diagnostic->message));
        json.text_or_null("hint", diagnostic->hint).end();
    }
    json.end();
}

}  // namespace kith::cli
