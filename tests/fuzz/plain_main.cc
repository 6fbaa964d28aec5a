// Runs a fuzz target without libFuzzer: a bounded number of random inputs, grown from the files given as
// arguments.
//     fuzz_block [runs [seed]] [file…]
// The seed is printed; the same one gives the same inputs.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string damaged(std::string input, std::mt19937& random) {
    for (std::size_t rounds = 1 + random() % 6; rounds > 0; --rounds) {
        const std::size_t at = input.empty() ? 0 : random() % input.size();
        const auto byte = static_cast<char>(random());
        switch (input.empty() ? 0 : random() % 4) {
            case 0:
                input.insert(at, 1 + random() % 4, byte);
                break;
            case 1:
                input[at] = byte;
                break;
            case 2:
                input.erase(at, 1 + random() % 4);
                break;
            case 3:
                input[at] = static_cast<char>(input[at] ^ (1 << random() % 8));
                break;
        }
    }
    return input;
}

}  // namespace

int main(int argc, char** argv) {
    const unsigned long runs = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
    const unsigned long seed = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : std::random_device()();
    std::printf("%lu runs, seed %lu\n", runs, seed);
    std::vector<std::string> inputs{""};
    for (int i = 3; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "cannot read %s\n", argv[i]);
            return 1;
        }
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        run(inputs.back());
    }
    std::mt19937 random(static_cast<std::uint32_t>(seed));
    for (unsigned long i = 0; i < runs; ++i) run(damaged(inputs[random() % inputs.size()], random));
    return 0;
}
