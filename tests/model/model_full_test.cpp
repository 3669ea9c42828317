// Goal and method: as model_test.cpp, 1,000 sequences of 200 commands, in parts that may run side by side.
#include "model/model.hpp"

namespace {

class Model : public ::testing::TestWithParam<int> {};

TEST_P(Model, ManyRandomSequences) { kith_model::run_sequences(250, 200); }
INSTANTIATE_TEST_SUITE_P(Parts, Model, ::testing::Range(0, 4));

}  // namespace
