#include <algorithm>

#include "rules/parse.hpp"
#include "rules/shapes.hpp"

namespace kith::rules {

namespace {

constexpr std::size_t kCellsMax = 256;
constexpr std::size_t kPolicyMax = 64;

// "low|below_zero"
base::Result<std::vector<std::string>> parse_alternatives(const Node &node) {
    if (node.is(Json::Kind::integer)) return std::vector<std::string>{std::to_string(node.json().integer)};
    if (!node.is(Json::Kind::text)) return node.error("must be a class, or several as \"low|below_zero\"");
    std::vector<std::string> classes;
    for (std::string_view rest = node.json().text;;) {
        const auto end = std::min(rest.find('|'), rest.size());
        std::string one(rest.substr(0, end));
        Json json(Json::Kind::text);
        json.text = one;
        json.place = node.json().place;
        Findings none;
        KITH_TRY(Node(json, node.place(), none).word());
        if (std::ranges::find(classes, one) != classes.end())
            return node.error("names " + quote(one) + " twice; leave one out");
        classes.push_back(std::move(one));
        if (end == rest.size()) return classes;
        rest.remove_prefix(end + 1);
    }
}

void read_policy(const Node &node, Cell &cell) {
    if (!node.is(Json::Kind::object)) return node.report("must be an object, { \"NAME\": VALUE }");
    if (node.size() > kPolicyMax) return node.report("has more than 64 names", base::Status::limit);
    for (std::size_t i = 0; i < node.size(); ++i) {
        const auto name = node.name_key(i);
        auto value = node.value(i).term();
        if (!name) node.report(name.error());
        if (!value) node.report(value.error());
        if (name && value) cell.policy.emplace_back(*name, std::move(*value));
    }
}

base::Result<Cell> parse_cell(const Node &node) {
    Cell cell;
    KITH_TRY(node.object(shape::kCell));
    node.read("x", cell.x, parse_alternatives);
    node.read("y", cell.y, parse_alternatives);
    node.read("is", cell.is, &Node::word);
    node.read("internal", cell.internal, &Node::boolean);
    node.read("labels", cell.labels, &Node::labels);
    if (node.has("policy")) read_policy(node.member("policy"), cell);
    cell.line = node.json().place.line;
    cell.column = node.json().place.column;
    return cell;
}

// Every pair has one cell. What classes there are is known to the set alone; doubles show here.
void check_pairs(const Node &cells, const Matrix &matrix) {
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        for (const std::string &x : matrix.cells[i].x) {
            for (const std::string &y : matrix.cells[i].y) {
                const Cell *first = find_cell(matrix, x, y);
                if (first == &matrix.cells[i]) continue;
                cells.value(i).report("has the pair " + quote(x) + ", " + quote(y) + " that cell " +
                                      std::to_string(first - matrix.cells.data()) +
                                      " has already; take it out of one of them");
            }
        }
    }
}

}  // namespace

Matrix parse_matrix(const Node &entry) {
    Matrix matrix;
    if (!entry.has_shape(shape::kMatrix)) return matrix;
    entry.read("matrix", matrix.name, &Node::name);
    Per per;
    entry.read("per", per, parse_per);
    matrix.subject = per.subject;
    matrix.rows = std::move(per.rows);
    entry.read("x", matrix.x, &Node::expression);
    entry.read("y", matrix.y, &Node::expression);
    if (entry.read_list("cells", matrix.cells, kCellsMax, parse_cell))
        check_pairs(entry.member("cells"), matrix);
    entry.read("missing", matrix.missing, [&](const Node &node) -> base::Result<std::string> {
        std::vector<std::string_view> names;
        for (const Cell &cell : matrix.cells) names.push_back(cell.is);
        KITH_LET(index, node.one_of("the cell", names));
        return std::string(names[index]);
    });
    return matrix;
}

}  // namespace kith::rules
