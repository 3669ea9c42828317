#include <kith/version.h>

#include <string>

#include "base/time.hpp"
#include "capi/handles.hpp"
#include "engine/store.hpp"

static_assert(KITH_FORMAT_VERSION == kith::engine::kFormat);

#define KITH_TEXT_OF(value) #value
#define KITH_DOTTED(major, minor, patch) KITH_TEXT_OF(major) "." KITH_TEXT_OF(minor) "." KITH_TEXT_OF(patch)

extern "C" {

uint32_t kith_version_number(void) { return KITH_VERSION_NUMBER; }

const char *kith_version_string(void) {
    return KITH_DOTTED(KITH_VERSION_MAJOR, KITH_VERSION_MINOR, KITH_VERSION_PATCH);
}

const char *kith_version_lmdb(void) { return kith::store::lmdb_version(); }

const char *kith_version_tzdata(void) {
    try {
        static const std::string version = kith::base::tz_version();
        return version.c_str();
    } catch (...) {
        return "unknown";
    }
}

int64_t kith_debug_live_handles(void) { return kith::capi::handles::live(); }
}
