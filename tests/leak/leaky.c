/* Loses a block on purpose: valgrind.sh must see it. */
#include <stdlib.h>

int main(void) {
    volatile char *lost = malloc(100);
    lost[0] = 1;
    lost = NULL;
    return 0;
}
