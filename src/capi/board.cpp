#include <kith/board.h>

#include "capi/guard.hpp"
#include "capi/snapshot.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "capi/subject.hpp"
#include "capi/table.hpp"
#include "engine/board.hpp"

using namespace kith;
using namespace kith::capi;

namespace {

base::Result<engine::BoardQuery> board_in(const kith_board_options *options) {
    KITH_LET(in, read_struct(options, "options"));
    KITH_TRY(check_bits(in.flags, KITH_BOARD_OPERANDS, "options->flags"));
    KITH_TRY(check_time(in.at, "options->at"));
    engine::BoardQuery out;
    const auto name = [](const kith_str &text, const char *what, bool required) {
        return required ? required_in(text.data, text.size, KITH_MAX_NAME_BYTES, what)
                        : text_in(text, KITH_MAX_NAME_BYTES, what);
    };
    KITH_LET(rows, name(in.rows, "options->rows", true));
    KITH_LET(columns, name(in.columns, "options->columns", true));
    KITH_LET(row, name(in.row, "options->row", false));
    KITH_LET(column, name(in.column, "options->column", false));
    KITH_LET(language, name(in.language, "options->language", false));
    if (row.empty() != column.empty()) {
        return base::fail(base::Status::argument,
                          "options->row and options->column name a cell together: give both or neither");
    }
    out.rows = rows;
    out.columns = columns;
    out.row = row;
    out.column = column;
    out.language = language;
    out.at = in.at;
    out.operands = (in.flags & KITH_BOARD_OPERANDS) != 0;
    out.subject.kind = engine::SubjectKind::all;
    if (in.subject) {
        KITH_LET(subject, subject_in(in.subject));
        out.subject = subject;
    }
    return out;
}

}  // namespace

extern "C" {

kith_status kith_board(kith_snapshot *snapshot, const kith_board_options *options, kith_table **out_table,
                       kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_out(out_table, "out_table"));
        KITH_LET(query, board_in(options));
        KITH_LET(pinned, use(snapshot));
        KITH_LET(result, engine::board(*pinned->view, query));
        if (!result) return kNotFound;
        *out_table = give(std::make_unique<Table>(std::move(*result)));
        return kOk;
    });
}
}
