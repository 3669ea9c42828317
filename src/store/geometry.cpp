#include "store/geometry.hpp"

#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>

#include "store/lmdb_error.hpp"
#include "store/pages.hpp"
#include "store/structure.hpp"

namespace kith::store {

using base::Status;

base::Result<Geometry> check_geometry(const std::string &path) {
    const DataFile file(path);
    if (file.bad()) return lmdb_error(errno);
    if (file.size() == 0) return Geometry{};
    Geometry found;
    // The size is read after the meta page: the file only grows, and before a meta page says so.
    KITH_TRY(steadily(file, kManyTries, [&](const Heads &heads) -> base::Result<bool> {
        const auto &meta = heads.newest();
        found = {heads.page_size(), (meta.last_page + 1) * heads.page_size(), meta.map_size};
        if (file.size() >= found.used_bytes || ends_in_free_pages(file, heads)) return true;
        return base::fail(Status::corrupt,
                          "the file is shorter than it was: it was cut off, restore a backup");
    }));
    return found;
}

bool is_remote(std::uint32_t file_system) {
    constexpr std::uint32_t kRemote[] = {
        0x6969 /* NFS */,      0x517B /* SMB */,       0xFF534D42 /* CIFS */,   0xFE534D42 /* SMB2 */,
        0x01021997 /* 9P */,   0x65735546 /* FUSE */,  0x00C36400 /* Ceph */,   0x5346414F /* AFS */,
        0x6B414653 /* kAFS */, 0x73757245 /* Coda */,  0x0BD00BD0 /* Lustre */, 0x47504653 /* GPFS */,
        0x01161970 /* GFS2 */, 0x7461636F /* OCFS2 */, 0x786F4256 /* vboxsf */, 0xBACBACBC /* vmhgfs */};
    return std::find(std::begin(kRemote), std::end(kRemote), file_system) != std::end(kRemote);
}

base::Result<void> check_file_system(const std::string &directory) {
    struct statfs status;
    if (::statfs(directory.c_str(), &status) != 0) return lmdb_error(errno);
    if (!is_remote(static_cast<std::uint32_t>(status.f_type))) return {};
    return base::fail(Status::unsupported,
                      "the file is on a network or FUSE file system, where locks and maps are not safe: "
                      "put it on a local disk");
}

}  // namespace kith::store
