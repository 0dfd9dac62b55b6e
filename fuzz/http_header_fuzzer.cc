// A challenge list never reads outside its input, keeps its bounds, and every token that is base64
// is written back as it was read.
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "lib/base/base64.h"
#include "lib/http/challenge_list.h"

using epa::fuzz::Require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const auto list = epa::http::ParseChallengeList(value);
  if (!list.ok()) {
    return 0;
  }
  Require(list->size() <= epa::http::kMaxChallenges);
  for (const epa::http::Challenge& challenge : *list) {
    Require(!challenge.scheme.empty());
    Require(challenge.token68.empty() || challenge.parameters.empty());
    Require(challenge.parameters.size() <= epa::http::kMaxParameters);
    if (const auto token = epa::DecodeBase64(challenge.token68)) {
      Require(epa::EncodeBase64(*token) == challenge.token68);
    }
  }
  return 0;
}
