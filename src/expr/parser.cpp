#include "expr/parse.hpp"

#include "base/text.hpp"
#include "expr/lexer.hpp"
#include "expr/limits.hpp"
#include "expr/macros.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kith::expr {
namespace {

using enum TokenKind;

// An expression, and where it stands with its parentheses.
struct Piece {
    NodeId id = kNoNode;
    Span outer;
};

// Binary operators that take two operands, by level; all of them group from the left.
struct Binary {
    TokenKind token;
    int level;
    std::string_view name;
};
constexpr int kRelation = 0;
constexpr Binary kBinaries[] = {
    {equal, 0, op::equal},     {not_equal, 0, op::not_equal},
    {less, 0, op::less},       {less_equal, 0, op::less_equal},
    {greater, 0, op::greater}, {greater_equal, 0, op::greater_equal},
    {in, 0, op::in},           {plus, 1, op::add},
    {minus, 1, op::subtract},  {star, 2, op::multiply},
    {slash, 2, op::divide},    {percent, 2, op::modulo},
};

const Binary *binary_of(TokenKind token) {
    for (const auto &each : kBinaries)
        if (each.token == token) return &each;
    return nullptr;
}

// Words of other languages.
struct Word {
    std::string_view text;
    const char *hint;
};
constexpr Word kWords[] = {
    {"and", "write && for 'and'"},
    {"or", "write || for 'or'"},
    {"not", "write ! for 'not'"},
    {"is", "write == to compare"},
    {"eq", "write == to compare"},
    {"mod", "write % for the remainder"},
    {"if", "write condition ? value : other"},
    {"then", "write condition ? value : other"},
    {"else", "write condition ? value : other"},
};
const char *hint_of(std::string_view word) {
    std::string lower(word);
    for (char &c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    for (const auto &each : kWords)
        if (each.text == lower) return each.hint;
    return "";
}

class Parser {
public:
    explicit Parser(std::string_view source) : source_(source), lexer_(source) {}

    Parsed run() {
        if (source_.size() > kSourceMax) {
            fail(Code::size, {kSourceMax, kSourceMax},
                 "the expression is longer than " + std::to_string(kSourceMax) + " bytes",
                 "split it into several");
        } else if (!base::valid_utf8(source_)) {
            const auto at = first_invalid(source_);
            fail(Code::utf8, {at, at + 1}, "the expression is not valid UTF-8", "save it as UTF-8");
        } else {
            out_.tree.source = source_;
            advance();
            if (!failed() && token_.kind == end) fail(Code::parse, token_.span, "the expression is empty");
            const auto whole = expression();
            if (!failed() && token_.kind != end) unexpected("the end");
            if (!failed()) out_.tree.root = whole.id;
        }
        return std::move(out_);
    }

private:
    // ---- failing ----

    bool failed() const { return out_.diagnostic.code != Code::none; }

    Piece fail(Code code, Span span, std::string_view message, std::string_view hint = {}) {
        if (!failed()) out_.diagnostic = {code, span, std::string(message), std::string(hint)};
        token_.kind = end;  // nothing more is read
        return {};
    }

    static std::uint32_t first_invalid(std::string_view source) {
        std::size_t at = 0;
        while (at < source.size()) {
            const auto lead = static_cast<unsigned char>(source[at]);
            const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            if (!base::valid_utf8(source.substr(at, size))) break;
            at += size;
        }
        return static_cast<std::uint32_t>(at);
    }

    // A token that cannot stand where a value must.
    Piece no_value() {
        if (token_.kind == end)
            return fail(Code::parse, token_.span, "the expression ends too early",
                        "a value is missing at its end");
        if (token_.kind == greater && last_.kind == less && last_.span.end == token_.span.begin)
            return fail(Code::parse, {last_.span.begin, token_.span.end}, "'<>' is no operator", "write !=");
        const char *hint = "";
        if (token_.kind == quoted) hint = "a name in back-ticks can only stand after a dot";
        if (token_.kind == equal || token_.kind == both || token_.kind == either)
            hint = "a value is missing before it";
        if (token_.kind == in) hint = "'in' is an operator: x in list";
        if ((token_.kind == right_paren || token_.kind == right_bracket) && last_.kind == comma)
            hint = "leave out the comma before it";
        return fail(Code::parse, token_.span, "a value is expected here", hint);
    }

    // A token after a whole expression, where only `or_else` could stand too.
    Piece unexpected(const char *or_else) {
        const bool touching = last_.span.end == token_.span.begin;
        const auto span = token_.span;
        std::string_view hint;
        switch (token_.kind) {
            case right_paren:
            case right_bracket:
            case right_brace:
                if (nesting_ == 0) return fail(Code::parse, span, "this closes nothing", "leave it out");
                break;
            case left_paren:
            case left_brace:
                return fail(Code::parse, span, "what stands before this can be neither called nor built",
                            "an operator may be missing");
            case name:
                hint = hint_of(token_.text);
                if (hint.empty() && last_.kind == name) hint = hint_of(last_.text);
                if (hint.empty() && last_.kind == string && touching)
                    hint = "a quote inside a text is written \\' or \\\"";
                break;
            case real:
                if (touching && (last_.kind == integer || last_.kind == real))
                    hint = "a number has one point";
                break;
            default:
                break;
        }
        return fail(Code::parse, span, std::string("an operator or ") + or_else + " is expected here", hint);
    }

    // ---- reading ----

    void advance() {
        last_ = token_;
        token_ = lexer_.next();
        if (token_.kind == error) {
            const auto slip = token_.slip;
            const auto span = token_.span;
            if (last_.kind == equal && token_.text == "=") {
                fail(Code::parse, {last_.span.begin, span.end}, "'===' is no operator", "write ==");
            } else if (last_.kind == not_equal && token_.text == "=") {
                fail(Code::parse, {last_.span.begin, span.end}, "'!==' is no operator", "write !=");
            }
            fail(Code::parse, span, slip.message, slip.hint);
        }
    }

    bool accept(TokenKind kind) {
        if (token_.kind != kind) return false;
        advance();
        return true;
    }

    TokenKind ahead() const { return Lexer(lexer_).next().kind; }

    // Reads the sign that closes what `open` opened.
    bool close(TokenKind kind, const char *sign, Span open) {
        if (failed() || accept(kind)) return !failed();
        if (token_.kind == end) {
            fail(Code::parse, open, std::string(sign) + " is missing", "it closes what is opened here");
        } else {
            unexpected(sign);
        }
        return false;
    }

    // Counts what stands in each other.
    bool enter() {
        if (++nesting_ <= kNestingMax) return true;
        fail(Code::depth, token_.span,
             "more than " + std::to_string(kNestingMax) + " brackets stand in each other",
             "split the expression, or give its parts names with cel.bind");
        return false;
    }
    void leave() { --nesting_; }

    // ---- building ----

    // Takes the children above `base` from the stack.
    Piece add(Node node, Span outer, std::size_t base) {
        if (failed()) return {};
        if (out_.tree.size() >= kNodesMax)
            return fail(Code::size, node.span,
                        "the expression has more than " + std::to_string(kNodesMax) + " parts", "split it");
        const auto id = out_.tree.add(node, std::span(stack_).subspan(base));
        stack_.resize(base);
        if (out_.tree[id].depth > kDepthMax)
            return fail(Code::depth, node.span,
                        "the expression has more than " + std::to_string(kDepthMax) + " levels",
                        "group its parts with parentheses, or use a list");
        return {id, outer};
    }
    Piece add(Node node, std::initializer_list<NodeId> children) {
        const auto base = stack_.size();
        stack_.insert(stack_.end(), children);
        return add(node, node.span, base);
    }

    static Node node_of(NodeKind kind, Span span, std::uint32_t mark, std::string_view name = {}) {
        Node node;
        node.kind = kind;
        node.span = span;
        node.mark = mark;
        node.name = name;
        return node;
    }

    // ---- operators ----

    // condition ? value : condition ? value : ...  without recursion to the right
    Piece expression() {
        const auto first = chain(either);
        if (failed() || token_.kind != question) return first;
        struct Branch {
            Piece condition, value;
            std::uint32_t mark;
        };
        std::vector<Branch> branches;
        Piece last = first;
        while (token_.kind == question) {
            const auto mark = token_.span;
            advance();
            const auto value = chain(either);
            if (failed()) return {};
            if (token_.kind == question)
                return fail(Code::parse, token_.span, "a condition in the middle needs parentheses",
                            "write a ? (b ? c : d) : e");
            if (!accept(colon)) {
                if (token_.kind != end) return unexpected("':'");
                return fail(Code::parse, mark, "':' is missing", "write condition ? value : other");
            }
            branches.push_back({last, value, mark.begin});
            last = chain(either);
            if (failed()) return {};
        }
        for (auto branch = branches.rbegin(); branch != branches.rend() && !failed(); ++branch) {
            const Span span{branch->condition.outer.begin, last.outer.end};
            last = add(node_of(NodeKind::call, span, branch->mark, op::conditional),
                       {branch->condition.id, branch->value.id, last.id});
        }
        return last;
    }

    // a || b || c, and a && b && c within: one node each, so that long ones are flat.
    Piece chain(TokenKind sign) {
        const auto operand = [&] { return sign == either ? chain(both) : binary(kRelation); };
        const auto first = operand();
        if (failed() || token_.kind != sign) return first;
        const auto base = stack_.size();
        stack_.push_back(first.id);
        auto outer = first.outer;
        const auto mark = token_.span.begin;
        while (!failed() && accept(sign)) {
            const auto next = operand();
            stack_.push_back(next.id);
            outer.end = next.outer.end;
        }
        return add(node_of(NodeKind::call, outer, mark, sign == either ? op::either : op::both), outer, base);
    }

    // Operators of `least` and tighter levels.
    Piece binary(int least) {
        auto left = unary();
        while (!failed()) {
            const auto *row = binary_of(token_.kind);
            if (row == nullptr || row->level < least) break;
            const auto mark = token_.span.begin;
            advance();
            const auto right = binary(row->level + 1);
            if (failed()) break;
            left = add(node_of(NodeKind::call, {left.outer.begin, right.outer.end}, mark, row->name),
                       {left.id, right.id});
        }
        return left;
    }

    // A minus directly before a number belongs to the number, so that the least int can be written.
    bool at_negative_number() const {
        if (token_.kind != minus) return false;
        const auto next = ahead();
        return next == integer || next == real;
    }

    Piece unary() {
        const auto sign = token_.kind;
        if ((sign != minus && sign != exclamation) || at_negative_number()) return member();
        const auto begin = token_.span.begin;
        const auto base = stack_.size();  // of the places of the signs
        while (token_.kind == sign && !at_negative_number()) {
            stack_.push_back(token_.span.begin);
            advance();
        }
        if ((token_.kind == minus || token_.kind == exclamation) && !at_negative_number())
            return fail(Code::parse, {begin, token_.span.end}, "'!' and '-' do not mix",
                        "write !(-a) or -(!a)");
        auto operand = member();
        while (!failed() && stack_.size() > base) {
            const auto mark = stack_.back();
            stack_.pop_back();
            operand = add(node_of(NodeKind::call, {mark, operand.outer.end}, mark,
                                  sign == minus ? op::minus : op::negate),
                          {operand.id});
        }
        return operand;
    }

    // ---- selections, calls, indexes ----

    Piece member() {
        auto piece = primary();
        while (!failed()) {
            if (token_.kind == dot) {
                piece = select(piece);
            } else if (token_.kind == left_bracket) {
                piece = index(piece);
            } else {
                break;
            }
        }
        return piece;
    }

    Piece index(Piece operand) {
        const auto open = token_.span;
        advance();
        if (!enter()) return {};
        const bool optional = accept(question);
        const auto key = expression();
        if (!close(right_bracket, "']'", open)) return {};
        leave();
        return add(node_of(NodeKind::call, {operand.outer.begin, last_.span.end}, open.begin,
                           optional ? op::optional_index : op::index),
                   {operand.id, key.id});
    }

    Piece select(Piece operand) {
        const auto number = last_;
        advance();
        const bool optional = accept(question);
        if (failed()) return {};
        const auto field = token_;
        if (field.kind != name && field.kind != quoted) {
            if (number.kind == integer && number.span.end == last_.span.begin)
                return fail(Code::parse, {number.span.begin, last_.span.end},
                            "a number cannot end in a point", "write a digit after it, as 1.0");
            const bool keyword = field.kind >= true_ && field.kind <= in;
            return fail(Code::parse, field.span, "the name of a field is expected after the dot",
                        keyword ? "put the word in back-ticks" : "");
        }
        advance();
        if (token_.kind == left_paren && field.kind == name && !optional) return method(operand, field);
        auto node = node_of(NodeKind::select, {operand.outer.begin, field.span.end}, field.span.begin);
        node.optional = optional;
        node.quoted = field.kind == quoted;
        node.name = out_.tree.keep(plain(field));
        return add(node, {operand.id});
    }

    static std::string_view plain(const Token &field) {
        return field.kind == quoted ? field.text.substr(1, field.text.size() - 2) : field.text;
    }

    // Names in the place of a macro's variables are kept back until it is clear that it is one: they are
    // no expressions.
    struct Arguments {
        std::size_t base = 0;  // in the stack; kNoNode for what is kept back
        std::uint32_t count = 0;
        Token kept[2];
        Span outer[2];  // of the first two
        std::uint32_t end = 0;
    };

    Arguments arguments(bool may_be_macro) {
        Arguments out;
        const auto open = token_.span;
        advance();
        out.base = stack_.size();
        if (!enter()) return out;
        if (token_.kind != right_paren) {
            do {
                const auto n = out.count++;
                if (may_be_macro && n < 2 && token_.kind == name && !is_reserved(token_.text) &&
                    ahead() == comma) {
                    out.kept[n] = token_;
                    out.outer[n] = token_.span;
                    stack_.push_back(kNoNode);
                    advance();
                } else {
                    const auto argument = expression();
                    stack_.push_back(argument.id);
                    if (n < 2) out.outer[n] = argument.outer;
                }
            } while (!failed() && accept(comma));
        }
        if (!close(right_paren, "')'", open)) return out;
        leave();
        out.end = last_.span.end;
        return out;
    }

    // The node of a name that was kept back after all.
    NodeId identifier(const Token &token, bool rooted = false, std::uint32_t begin = UINT32_MAX) {
        auto node = node_of(NodeKind::identifier, {std::min(begin, token.span.begin), token.span.end},
                            token.span.begin);
        node.name = out_.tree.keep(token.text);
        node.rooted = rooted;
        return add(node, {}).id;
    }

    Piece method(Piece receiver, const Token &name) {
        const auto base = stack_.size();
        stack_.push_back(receiver.id);
        const auto arguments = this->arguments(find_macro(name.text, true) != nullptr);
        if (failed()) return {};
        const Span span{receiver.outer.begin, arguments.end};
        if (const auto *row = find_macro(name.text, true, arguments.count))
            return macro(*row, name, span, base, arguments);
        auto node = node_of(NodeKind::call, span, name.span.begin, out_.tree.keep(name.text));
        node.member = true;
        return call(node, base, arguments);
    }

    Piece function(const Token &name, bool rooted, std::uint32_t begin) {
        const auto base = stack_.size();
        const auto arguments = this->arguments(!rooted && find_macro(name.text, false) != nullptr);
        if (failed()) return {};
        const Span span{begin, arguments.end};
        if (!rooted && name.text == "has" && arguments.count == 1) {
            const auto &field = out_.tree[stack_[base]];
            // has(e["k"]) is "k" in e
            if (field.kind == NodeKind::call && field.name == op::index) {
                const auto map = out_.tree.child(stack_[base], 0), key = out_.tree.child(stack_[base], 1);
                const auto &literal = out_.tree[key];
                if (literal.kind == NodeKind::literal && literal.value.is(Kind::string)) {
                    stack_[base] = key;
                    stack_.push_back(map);
                    return add(node_of(NodeKind::call, span, name.span.begin, op::in), span, base);
                }
            }
            if (field.kind != NodeKind::select || field.optional)
                return fail(Code::parse, arguments.outer[0], "has() asks for a field: a selection",
                            "write has(record.field)");
            return add(node_of(NodeKind::has, span, name.span.begin), span, base);
        }
        const auto *row = rooted ? nullptr : find_macro(name.text, false, arguments.count);
        if (row != nullptr) return macro(*row, name, span, base, arguments);
        auto node = node_of(NodeKind::call, span, name.span.begin, out_.tree.keep(name.text));
        node.rooted = rooted;
        return call(node, base, arguments);
    }

    Piece call(const Node &node, std::size_t base, const Arguments &arguments) {
        for (std::uint32_t n = 0; n < std::min(arguments.count, 2u) && !failed(); ++n)
            if (auto &id = stack_[arguments.base + n]; id == kNoNode) {
                const auto made = identifier(arguments.kept[n]);
                stack_[arguments.base + n] = made;
            }
        return add(node, node.span, base);
    }

    // cel.bind(name, value, body); with another number of arguments a method of a variable `cel`.
    Piece bind(const Token &cel) {
        const auto base = stack_.size();
        advance();
        const auto name = token_;
        advance();
        stack_.push_back(kNoNode);
        const auto arguments = this->arguments(true);
        if (failed()) return {};
        const Span span{cel.span.begin, arguments.end};
        if (arguments.count == 3) {
            stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(base));
            auto moved = arguments;
            --moved.base;
            auto whole = cel;
            whole.text = "cel.bind";
            return macro(kBind, whole, span, base, moved);
        }
        const auto receiver = identifier(cel);
        stack_[base] = receiver;
        auto node = node_of(NodeKind::call, span, name.span.begin, out_.tree.keep(name.text));
        node.member = true;
        return call(node, base, arguments);
    }

    // Its variables are the first arguments of a method and of cel.bind, and the second of a function.
    Piece macro(const MacroRow &row, const Token &name, Span span, std::size_t base,
                const Arguments &arguments) {
        const std::uint32_t variables = row.variables(arguments.count);
        const std::uint32_t first = row.method || row.macro == Macro::bind ? 0 : 1;
        auto node = node_of(NodeKind::macro, span, name.span.begin, out_.tree.keep(name.text));
        node.macro = row.macro;
        node.member = row.method;
        for (std::uint32_t n = 0; n < variables; ++n) {
            const auto at = first + n;
            if (stack_[arguments.base + at] != kNoNode)
                return fail(Code::parse, arguments.outer[at],
                            "'" + std::string(name.text) + "' needs the name of a variable here",
                            "write a plain name of your choice, as x");
            const auto text = arguments.kept[at].text;
            if (text == "__result__")  // an accumulator of other implementations
                return fail(Code::parse, arguments.outer[at], "this name is reserved", "choose another");
            if (n == 1 && text == node.vars[0])
                return fail(Code::parse, arguments.outer[at], "the two variables have the same name",
                            "give the second another");
            node.vars[n] = out_.tree.keep(text);
        }
        // A name kept back beside them is an expression: sum(xs, x, x.amount).
        for (std::uint32_t at = 0; at < 2 && at < arguments.count; ++at) {
            if (at >= first && at < first + variables) continue;
            if (stack_[arguments.base + at] != kNoNode) continue;
            const auto made = identifier(arguments.kept[at]);
            stack_[arguments.base + at] = made;
        }
        const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(arguments.base + first);
        stack_.erase(begin, begin + variables);
        return add(node, span, base);
    }

    // ---- primaries ----

    Piece primary() {
        switch (token_.kind) {
            case dot:
            case name:
                return named();
            case left_paren: {
                const auto open = token_.span;
                advance();
                if (!enter()) return {};
                const auto inner = expression();
                if (!close(right_paren, "')'", open)) return {};
                leave();
                return {inner.id, {open.begin, last_.span.end}};
            }
            case left_bracket:
                return list();
            case left_brace:
                return map();
            case minus:
            case integer:
            case uinteger:
            case real:
            case string:
            case bytes:
            case true_:
            case false_:
            case null:
                return literal();
            default:
                return no_value();
        }
    }

    // An identifier, a call of a function, or a record Name{...}.
    Piece named() {
        const auto begin = token_.span.begin;
        const bool rooted = accept(dot);
        if (failed()) return {};
        const auto first = token_;
        if (first.kind != name) return fail(Code::parse, token_.span, "a name is expected after the dot");
        if (is_reserved(first.text)) {
            const std::string_view hint = hint_of(first.text);
            return fail(Code::parse, first.span, "'" + std::string(first.text) + "' is a reserved word",
                        hint.empty() ? "choose another name" : hint);
        }
        const auto next = ahead();
        if (next == left_brace || (next == dot && begins_record())) return record(rooted, begin);
        advance();
        if (next == left_paren) return function(first, rooted, begin);
        if (!rooted && first.text == "cel" && token_.kind == dot) {
            Lexer further(lexer_);
            if (further.next().text == "bind" && further.next().kind == left_paren) return bind(first);
        }
        const auto id = identifier(first, rooted, begin);
        return {id, {begin, first.span.end}};
    }

    // Whether the names from here, as in a.b.C, are followed by `{`.
    bool begins_record() const {
        Lexer further(lexer_);
        for (;;) {
            const auto kind = further.next().kind;
            if (kind != dot) return kind == left_brace;
            if (further.next().kind != name) return false;
        }
    }

    Piece record(bool rooted, std::uint32_t begin) {
        const auto mark = token_.span.begin;
        std::string label;
        for (; token_.kind != left_brace; advance()) label += token_.text;
        const auto open = token_.span;
        const auto base = stack_.size();
        std::vector<std::string_view> labels;
        advance();
        if (!enter()) return {};
        while (!failed() && token_.kind != right_brace) {
            const bool optional = accept(question);
            const auto field = token_;
            if (!failed() && field.kind != name && field.kind != quoted)
                return fail(Code::parse, token_.span, "the name of a field is expected here",
                            "write Type{field: value}");
            advance();
            if (!colon_after("field")) return {};
            const auto value = entry(optional);
            stack_.push_back(value.id);
            labels.push_back(out_.tree.keep(plain(field)));
            if (!accept(comma)) break;
        }
        if (!close(right_brace, "'}'", open)) return {};
        leave();
        auto node = node_of(NodeKind::record, {begin, last_.span.end}, mark, out_.tree.keep(label));
        node.rooted = rooted;
        node.labels = out_.tree.add_labels(labels);
        return add(node, node.span, base);
    }

    bool colon_after(const char *what) {
        if (failed()) return false;
        if (accept(colon)) return true;
        fail(Code::parse, token_.span, std::string("':' is missing after the ") + what,
             "write {" + std::string(what) + ": value}");
        return false;
    }

    // An element, key or value that may stand after a `?`.
    Piece entry(bool optional) {
        const auto piece = expression();
        if (!failed()) out_.tree[piece.id].optional_entry = optional;
        return piece;
    }

    Piece list() {
        const auto open = token_.span;
        const auto base = stack_.size();
        advance();
        if (!enter()) return {};
        while (!failed() && token_.kind != right_bracket) {
            const bool optional = accept(question);
            const auto element = entry(optional);
            stack_.push_back(element.id);
            if (!accept(comma)) break;
        }
        if (!close(right_bracket, "']'", open)) return {};
        leave();
        const Span span{open.begin, last_.span.end};
        return add(node_of(NodeKind::list, span, open.begin), span, base);
    }

    Piece map() {
        const auto open = token_.span;
        const auto base = stack_.size();
        advance();
        if (!enter()) return {};
        while (!failed() && token_.kind != right_brace) {
            const bool optional = accept(question);
            const auto key = entry(optional);
            if (!colon_after("key")) return {};
            const auto value = expression();
            stack_.push_back(key.id);
            stack_.push_back(value.id);
            if (!accept(comma)) break;
        }
        if (!close(right_brace, "'}'", open)) return {};
        leave();
        const Span span{open.begin, last_.span.end};
        return add(node_of(NodeKind::map, span, open.begin), span, base);
    }

    // ---- literals ----

    Piece literal() {
        auto node = node_of(NodeKind::literal, token_.span, token_.span.begin);
        const bool negative = token_.kind == minus;
        if (negative) advance();
        node.span.end = token_.span.end;
        switch (token_.kind) {
            case integer:
            case uinteger:
                if (!whole(negative, node.value))
                    return fail(Code::parse, node.span, "the number is too large",
                                token_.kind == integer ? "an int is at most 9223372036854775807"
                                                       : "a uint is at most 18446744073709551615u");
                break;
            case real:
                if (!real_number(negative, node.value))
                    return fail(Code::parse, node.span, "the number is too large",
                                "a double is at most 1.8e308");
                break;
            case string:
            case bytes: {
                Slip slip;
                Span where;
                if (!unescape(token_, text_, slip, where))
                    return fail(Code::parse, where, slip.message, slip.hint);
                node.value =
                    of_text(out_.tree.keep(text_), token_.kind == string ? Kind::string : Kind::bytes);
                break;
            }
            case true_:
            case false_:
                node.value = of_bool(token_.kind == true_);
                break;
            default:
                break;
        }
        advance();
        return add(node, {});
    }

    bool whole(bool negative, Value &out) const {
        auto text = token_.text;
        if (token_.kind == uinteger) text.remove_suffix(1);
        const bool hex = text.starts_with("0x");
        if (hex) text.remove_prefix(2);
        std::uint64_t number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
        if (read.ec != std::errc()) return false;
        if (token_.kind == uinteger) {
            out = of_uint(number);
            return true;
        }
        if (number > std::uint64_t{INT64_MAX} + (negative ? 1 : 0)) return false;
        out = of_int(static_cast<std::int64_t>(negative ? 0 - number : number));
        return true;
    }

    // Too small a number is zero, as everywhere; too large a one is refused.
    bool real_number(bool negative, Value &out) const {
        double number = 0;
        const auto read =
            std::from_chars(token_.text.data(), token_.text.data() + token_.text.size(), number);
        if (read.ec == std::errc::result_out_of_range) {
            if (magnitude(token_.text) > 0) return false;
            number = 0;
        }
        if (std::isinf(number)) return false;
        out = of_double(negative ? -number : number);
        return true;
    }
    // The decimal exponent of a number as written, no more exactly than its sign.
    static std::int64_t magnitude(std::string_view text) {
        const auto e = text.find_first_of("eE");
        const auto digits = text.substr(0, e);
        const auto point = std::min(digits.find('.'), digits.size());
        const auto leading = digits.find_first_not_of("0.");
        if (leading == std::string_view::npos) return 0;
        std::int64_t exponent = 0;
        if (e != std::string_view::npos) {
            auto tail = text.substr(e + 1);
            const bool less_than_one = tail[0] == '-';
            if (tail[0] == '-' || tail[0] == '+') tail.remove_prefix(1);
            const auto read = std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
            if (read.ec != std::errc()) exponent = INT32_MAX;
            if (less_than_one) exponent = -exponent;
        }
        return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(leading);
    }

    std::string_view source_;
    Parsed out_;
    Lexer lexer_;
    Token token_, last_;
    std::vector<NodeId> stack_;  // children of nodes that are being read
    std::string text_;
    std::uint32_t nesting_ = 0;
};

}  // namespace

Parsed parse(std::string_view source) { return Parser(source).run(); }

}  // namespace kith::expr
