#include "tests/support/test_data.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "lib/base/hex.h"

namespace epa::test {
namespace {

[[noreturn]] void Die(std::string_view what, std::string_view subject) {
  std::cerr << "test data: " << what << ": " << subject << std::endl;
  std::abort();
}

}  // namespace

std::string DataPath(std::string_view name) {
  return std::string(EPA_TEST_DATA) + "/" + std::string(name);
}

std::string ReadTestFile(std::string_view name) {
  const std::string path = DataPath(name);
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) {
    Die("cannot be read", path);
  }
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

nlohmann::json ReadTestJson(std::string_view name) {
  nlohmann::json document = nlohmann::json::parse(ReadTestFile(name), nullptr, false);
  if (document.is_discarded()) {
    Die("not JSON", name);
  }
  return document;
}

std::vector<uint8_t> FromHex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      digits.push_back(c);
    }
  }
  std::optional<std::vector<uint8_t>> octets = DecodeHex(digits);
  if (!octets) {
    Die("not hexadecimal", text);
  }
  return *std::move(octets);
}

std::string ToHex(std::span<const uint8_t> octets) { return EncodeHex(octets); }

std::vector<uint8_t> OctetsOf(std::string_view text) {
  return std::vector<uint8_t>(text.begin(), text.end());
}

}  // namespace epa::test
