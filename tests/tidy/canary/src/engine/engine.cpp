#include <flatbuffers/flatbuffers.h>
#include <unistd.h>

#include "base/text.hpp"
#include "engine/engine.hpp"
#include "party_generated.h"

const char *path = "/home/somebody/kith";
