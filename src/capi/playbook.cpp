#include <kith/playbook.h>

#include "capi/guard.hpp"
#include "capi/strings.hpp"
#include "capi/structs.hpp"
#include "engine/built_in.hpp"

using namespace kith;
using namespace kith::capi;

extern "C" {

size_t kith_playbook_count(void) {
    return guard_value(std::size_t{0}, [] { return engine::built_in_playbooks().size(); });
}

kith_status kith_playbook_get(size_t index, kith_playbook *out_playbook, kith_error *error) {
    return guard(error, [&]() -> Done {
        KITH_TRY(clear_struct(out_playbook, "out_playbook"));
        const auto all = engine::built_in_playbooks();
        if (index >= all.size()) {
            return base::fail(base::Status::argument,
                              "there is no such playbook: give an index below kith_playbook_count");
        }
        const auto &one = all[index];
        kith_playbook out{};
        out.version = one.version;
        out.name = str_out(one.name);
        out.about = str_out(one.about);
        out.source = str_out(one.source);
        out.json = str_out(one.json);
        write_struct(out_playbook, out);
        return kOk;
    });
}
}
