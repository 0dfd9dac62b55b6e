// Lines out of octets in two pieces, the first as long as the first octet says: cutting elsewhere
// changes nothing, no line is longer than allowed, and none has a line feed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "tools/epa/common/line_reader.h"

namespace {

using epa::fuzz::Require;
using Octets = std::span<const uint8_t>;

constexpr size_t kMost = 16;

epa::fuzz::ReachPoint several("several lines");
epa::fuzz::ReachPoint too_long("a line that is too long");
epa::fuzz::ReachPoint after("a line after one that is too long");

std::vector<std::string> Lines(Octets first, Octets second) {
  epa::tool::LineReader reader;
  std::vector<std::string> lines;
  for (const Octets piece : {first, second}) {
    reader.Take(piece);
    while (const auto line = reader.Next(kMost)) {
      Require(line->text.size() < kMost && line->text.find('\n') == std::string::npos);
      lines.push_back(line->too_long ? "\n" : line->text);
    }
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const Octets octets(data + 1, size - 1);
  const size_t cut = std::min<size_t>(data[0], octets.size());
  const std::vector<std::string> lines = Lines(octets, {});
  Require(lines == Lines(octets.first(cut), octets.subspan(cut)));
  const auto bad = std::ranges::find(lines, "\n");
  several.Reach(lines.size() > 1);
  too_long.Reach(bad != lines.end());
  after.Reach(bad != lines.end() && lines.back() != "\n");
  return 0;
}
