// Where some octets are among others.
#ifndef EPA_TESTS_SUPPORT_FIND_OCTETS_H_
#define EPA_TESTS_SUPPORT_FIND_OCTETS_H_

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>

namespace epa::test {

// The first occurrence; empty where there is none. `pattern`: text or octets.
template <typename Pattern>
std::span<uint8_t> FindOctets(std::span<uint8_t> octets, const Pattern& pattern) {
  const auto found =
      std::search(octets.begin(), octets.end(), std::begin(pattern), std::end(pattern));
  return found == octets.end() ? std::span<uint8_t>()
                               : std::span<uint8_t>(found, std::size(pattern));
}

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_FIND_OCTETS_H_
