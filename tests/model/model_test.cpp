// Goal: the engine does what the headers say, whatever the order of commands.
// Method: random sequences of commits, due work, snapshots held and renewed, closes and reopens through the C
// ABI, against an oracle in memory (oracle.hpp); outcomes compared after every command, everything readable
// and the export now and then. Maps are small and must grow. Seeds are printed; KITH_MODEL_SEED runs one.
#include "model/model.hpp"

TEST(Model, RandomSequences) { kith_model::run_sequences(50, 100); }
