#include <kith/kith.h>
#include <unistd.h>
