// The structure of a whole file: meta pages, trees and free list, as LMDB must find them. A walk that follows
// every page number once, believes none of what it reads, and goes on behind a damaged page.
#pragma once

#include "store/pages.hpp"
#include "store/store.hpp"

namespace kith::store {

// Of a file that is not open, or not written meanwhile: tried again when it is, then Status::busy.
base::Result<Structure> check_structure(const DataFile &file, int tries = kManyTries);

// As of transaction `txn`, which the caller is reading, so that its pages stay; Status::busy when two commits
// came between, and it must begin a new one.
base::Result<Structure> check_structure(const DataFile &file, std::uint64_t txn);

// The first finding that forbids to use the file.
base::Result<void> verdict(const Structure &structure);

// LMDB does not write a page that is taken and given back within one transaction, so a sound file may be
// shorter than its meta page says: by pages of the free list, and no others.
bool ends_in_free_pages(const DataFile &file, const Heads &heads);

}  // namespace kith::store
