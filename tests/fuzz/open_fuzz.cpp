// Any bytes as a file, or a sound file with pieces of it overwritten as the bytes say: the checks of a file
// end without a fault, and a file they pass is read whole and written to by LMDB without one.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/require.hpp"
#include "store/geometry.hpp"
#include "store/structure.hpp"

namespace {

using namespace kith;
using namespace kith::store;

std::string key_of(std::uint64_t number) {
    std::string key(16, 'k');
    base::store_big64(reinterpret_cast<std::byte *>(key.data()), number);
    return key;
}

// In memory, gone with the process.
class Place {
public:
    Place() {
        KITH_REQUIRE(::mkdtemp(folder_.data()) != nullptr);
        path = folder_ + "/file";
    }
    ~Place() { std::filesystem::remove_all(folder_); }
    void write(const std::string &bytes) const {
        ::unlink((path + "-lock").c_str());
        std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    std::string path;

private:
    std::string folder_ =
        ::access("/dev/shm", W_OK) == 0 ? "/dev/shm/kith-fuzz-XXXXXX" : "/tmp/kith-fuzz-XXXXXX";
};

const Place &place() {
    static const Place only;
    return only;
}

Options options() {
    Options out;
    out.create = true;
    out.durability = Durability::relaxed;
    out.map_reserve_bytes = 1 << 20;
    return out;
}

std::string make_sound() {
    {
        const auto env = *Env::open(place().path, options());
        for (std::uint64_t round = 0; round < 3; ++round)
            KITH_REQUIRE(env->update([&](Writer &writer) -> base::Result<void> {
                for (std::uint64_t i = 0; i < 150; ++i)
                    KITH_TRY(writer.put(Table::facts, base::bytes_of(key_of(i * 3 + round)),
                                        base::bytes_of(std::string(i == 7 ? 9000 : 100, 'x'))));
                for (std::uint64_t i = 0; i < 20; ++i)
                    KITH_TRY(writer.remove(Table::facts, base::bytes_of(key_of(i * 9 + round))));
                return writer.put(Table::names, base::bytes_of(key_of(round)), base::bytes_of("name"));
            }));
    }
    std::ifstream stream(place().path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::filesystem::remove(place().path);
    return bytes;
}

// Each piece: where (4 bytes), how long (1), what.
std::string patched(const std::string &sound, const std::uint8_t *data, std::size_t size) {
    std::string out = sound;
    while (size > 5) {
        const std::size_t at =
            (data[0] | std::size_t{data[1]} << 8 | std::size_t{data[2]} << 16) % (out.size() + 1);
        const std::size_t length = std::min({std::size_t{data[4]} % 64, size - 5, out.size() - at});
        if (data[3] == 0xff) {
            out.resize(at);
        } else {
            out.replace(at, length, reinterpret_cast<const char *>(data) + 5, length);
        }
        data += 5 + length;
        size -= 5 + length;
    }
    return out;
}

void use(const std::string &file) {
    place().write(file);
    auto opened = Env::open(place().path, options());
    if (!opened) return;
    const auto env = std::move(*opened);
    {
        const auto view = env->snapshot();
        if (!view) return;
        for (int i = 1; i <= kTables; ++i) {
            auto cursor = (*view)->cursor(static_cast<Table>(i));
            KITH_REQUIRE(cursor);
            std::uint64_t rows = 0;
            auto found = cursor->first();
            for (; found && *found; found = cursor->next()) {
                static_cast<void>(cursor->value());
                ++rows;
            }
            KITH_REQUIRE(found && rows == *(*view)->count(static_cast<Table>(i)));
        }
    }
    for (std::uint64_t i = 0; i < 3; ++i)
        KITH_REQUIRE(env->update([&](Writer &writer) -> base::Result<void> {
            for (int table = 1; table <= kTables; ++table)
                KITH_TRY(writer.put(static_cast<Table>(table), base::bytes_of(key_of(i * 70)),
                                    base::bytes_of(std::string(200, 'n'))));
            return writer.remove(Table::facts, base::bytes_of(key_of(i * 70 + 1)));
        }));
    KITH_REQUIRE(env->check_structure()->usable);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const std::string sound = make_sound();
    if (size == 0) return 0;
    const std::string file = data[0] & 1 ? patched(sound, data + 1, size - 1)
                                         : std::string(reinterpret_cast<const char *>(data) + 1, size - 1);
    const int memory = ::memfd_create("file", MFD_CLOEXEC);
    KITH_REQUIRE(memory >= 0 &&
                 ::write(memory, file.data(), file.size()) == static_cast<ssize_t>(file.size()));
    const auto structure = check_structure(DataFile(memory));
    const auto geometry = check_geometry("/proc/self/fd/" + std::to_string(memory));
    ::close(memory);
    if (structure && structure->usable) {
        KITH_REQUIRE(geometry);
        use(file);
    }
    return 0;
}
