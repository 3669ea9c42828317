#include <fcntl.h>
#include <iostream>
#include <lmdb.h>
#include <sys/stat.h>

#include "engine/engine.hpp"
#include "text.hpp"
