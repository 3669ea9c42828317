#include <kith/kith.h>
#include <unistd.h>

#include "engine/engine.hpp"
