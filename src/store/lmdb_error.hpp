// LMDB's and the system's error codes as kith errors: one place that says what to do about each.
#pragma once

#include <lmdb.h>

#include <string>

#include "base/result.hpp"

namespace kith::store {

base::Error lmdb_error(int code);

// The same for a failed commit: LMDB reports a short write as EIO, so a full disk is told from a
// broken one by asking the file system of `path`.
base::Error commit_error(int code, const std::string &path);

// LMDB asserts that its pages make sense, and aborts the process when they do not. Its assert hook,
// set by install_assert, throws instead; guarded() turns that into MDB_CORRUPTED. On sound files this
// costs nothing. LMDB holds no lock in the calls that are guarded, except for the write lock, which
// the abort of the transaction gives back.
class DamagedPage {};
void install_assert(MDB_env *env);

template <class Call>
int guarded(Call call) {
    try {
        return call();
    } catch (const DamagedPage &) {
        return MDB_CORRUPTED;
    }
}

}  // namespace kith::store
