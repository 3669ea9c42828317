// Regular expressions: the first line is the pattern, the rest the text; as a constant, which the compiler
// may prepare, and as a value.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/text.hpp"
#include "expr/sample.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace kith::expr;

class Texts : public Binding {
public:
    Value pattern, text;
    Value variable(std::uint32_t number, Memory &) const override { return number == 0 ? pattern : text; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const auto schema = [] {
        auto made = std::make_shared<Schema>();
        made->add_variable("pattern", Types::of(TypeKind::string), kRegexMax);
        made->add_variable("text", Types::of(TypeKind::string), 64 * 1024);
        return std::shared_ptr<const Schema>(made);
    }();
    static Evaluator evaluator;
    const Moment moment;
    const std::string_view input(reinterpret_cast<const char *>(data), size);
    const auto line = std::min(input.find('\n'), input.size());
    Texts texts;
    texts.pattern = of_text(input.substr(0, line));
    texts.text = of_text(input.substr(std::min(line + 1, input.size())));
    for (const auto value : {texts.pattern, texts.text})
        if (!kith::base::valid_utf8(value.view())) return 0;  // a binding gives none

    const auto run = [&](const std::string &source) {
        auto checked = check(parse(source).tree, schema);
        if (!checked) {  // a constant pattern may be refused at once
            for (const auto &diagnostic : checked.diagnostics) KITH_REQUIRE(diagnostic.code == Code::regex);
            return std::string("error regex");
        }
        const auto program = compile(std::move(checked));
        KITH_REQUIRE(program);
        const auto outcome = evaluator.evaluate(*program, texts, moment);
        KITH_REQUIRE(outcome.memory <= kMemoryMax);
        return sample::written(outcome.value);
    };
    const auto computed = run("text.matches(pattern)");
    const auto constant = literal_text(texts.pattern);
    if (constant.size() < kSourceMax / 2) KITH_REQUIRE(run("text.matches(" + constant + ")") == computed);
    (void)run("regex.extract(text, pattern)");
    (void)run("regex.extractAll(text, pattern)");
    (void)run("regex.replace(text, pattern, '<\\\\0>')");
    (void)run("regex.replace(text, pattern, text, 2)");
    return 0;
}
