// Runs a fuzzer's entry point over stored inputs, without libFuzzer: the corpus as a plain test. A
// folder is a corpus, and has to reach every ReachPoint of the fuzzer; single files need not.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>
#include <vector>

#include "fuzz/reach.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

// Appends the files at or below `path`. False when there is none.
bool CollectFiles(const fs::path& path, std::vector<fs::path>& files) {
  const size_t before = files.size();
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    files.push_back(path);
  } else if (fs::is_directory(path, error)) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) {
        files.push_back(entry.path());
      }
    }
  }
  return files.size() > before;
}

bool RunFile(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> content((std::istreambuf_iterator<char>(stream)),
                                  std::istreambuf_iterator<char>());
  if (stream.bad() || !stream.is_open()) {
    std::cerr << path.string() << ": cannot be read\n";
    return false;
  }
  const std::vector<uint8_t> octets(content.begin(), content.end());
  LLVMFuzzerTestOneInput(octets.data(), octets.size());
  return true;
}

bool ReachesEverything() {
  const std::vector<epa::fuzz::ReachPoint*>& points = epa::fuzz::ReachPoint::All();
  if (points.empty()) {
    std::cerr << "the fuzzer names no ReachPoint\n";
    return false;
  }
  bool everything = true;
  for (const epa::fuzz::ReachPoint* point : points) {
    if (!point->reached()) {
      std::cerr << "no input of the corpus reaches: " << point->name() << "\n";
      everything = false;
    }
  }
  return everything;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  bool whole_corpus = false;
  for (int i = 1; i < argc; ++i) {
    whole_corpus = whole_corpus || fs::is_directory(argv[i]);
    if (!CollectFiles(argv[i], files)) {
      std::cerr << argv[i] << ": no input file\n";
      return 1;
    }
  }
  if (files.empty()) {
    std::cerr << "usage: " << argv[0] << " FILE-OR-FOLDER...\n";
    return 1;
  }
  std::sort(files.begin(), files.end());
  const uint8_t nothing = 0;
  LLVMFuzzerTestOneInput(&nothing, 0);
  for (const fs::path& file : files) {
    if (!RunFile(file)) {
      return 1;
    }
  }
  std::cout << files.size() << " inputs and the empty one\n";
  return !whole_corpus || ReachesEverything() ? 0 : 1;
}
