// A subject as hosts name it.
#pragma once

#include <kith/value.h>

#include "capi/batch.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "engine/subjects.hpp"

namespace kith::capi {

// Its key is borrowed from the host for the length of the call.
inline base::Result<engine::SubjectName> subject_in(const kith_subject *subject) {
    KITH_LET(in, read_struct(subject, "subject"));
    if (in.kind > KITH_SUBJECT_ALL) {
        return base::fail(base::Status::argument, "subject->kind is unknown: use a KITH_SUBJECT_ constant");
    }
    engine::SubjectName out;
    out.kind = static_cast<engine::SubjectKind>(in.kind);
    if (in.kind == KITH_SUBJECT_PARTY) {
        out.party = id_in(in.party);
    } else if (in.kind != KITH_SUBJECT_ALL) {
        KITH_LET(key, required_in(in.key.data, in.key.size, KITH_MAX_NAME_BYTES, "subject->key"));
        out.key = key;
    }
    return out;
}

}  // namespace kith::capi
