// Test vectors under tests/data, and hexadecimal text as octets.
#ifndef EPA_TESTS_SUPPORT_TEST_DATA_H_
#define EPA_TESTS_SUPPORT_TEST_DATA_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa::test {

// The path of `name` in tests/data.
std::string DataPath(std::string_view name);
// The content of tests/data/`name`. A file that cannot be read ends the process: the test that
// needs it cannot mean anything.
std::string ReadTestFile(std::string_view name);
nlohmann::json ReadTestJson(std::string_view name);

// The octets of hexadecimal text; white space is ignored. Anything else ends the process.
std::vector<uint8_t> FromHex(std::string_view text);
std::string ToHex(std::span<const uint8_t> octets);
// The octets of the characters.
std::vector<uint8_t> OctetsOf(std::string_view text);

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_TEST_DATA_H_
