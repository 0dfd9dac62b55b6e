// A challenge list never reads outside its input, keeps its bounds, and every token that is base64
// is written back as it was read. What is read strictly is read leniently, too.
#include <cstdint>
#include <string_view>

#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "lib/base/base64.h"
#include "lib/http/challenge_list.h"

using epa::fuzz::Require;

namespace {

epa::fuzz::ReachPoint token_read("a token in base64");
epa::fuzz::ReachPoint parameters("parameters");
epa::fuzz::ReachPoint several("several challenges");
epa::fuzz::ReachPoint refused("a refused header");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const auto lenient = epa::http::ParseChallengesLeniently(value);
  Require(lenient.size() <= epa::http::kMaxChallenges);
  for (const epa::http::Challenge& challenge : lenient) {
    Require(challenge.parameters.size() <= epa::http::kMaxParameters);
    (void)epa::DecodeBase64AnyPadding(challenge.token68);
  }
  const auto list = epa::http::ParseChallengeList(value);
  refused.Reach(!list.ok());
  if (!list.ok()) {
    return 0;
  }
  Require(list->size() == lenient.size());
  Require(list->size() <= epa::http::kMaxChallenges);
  several.Reach(list->size() > 1);
  for (const epa::http::Challenge& challenge : *list) {
    Require(!challenge.scheme.empty());
    Require(challenge.token68.empty() || challenge.parameters.empty());
    Require(challenge.parameters.size() <= epa::http::kMaxParameters);
    parameters.Reach(!challenge.parameters.empty());
    if (const auto token = epa::DecodeBase64(challenge.token68)) {
      Require(epa::EncodeBase64(*token) == challenge.token68);
      token_read.Reach(!token->empty());
      Require(epa::DecodeBase64AnyPadding(challenge.token68) == token);
    }
  }
  return 0;
}
