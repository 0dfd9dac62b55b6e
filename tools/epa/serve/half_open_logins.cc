#include "tools/epa/serve/half_open_logins.h"

#include <algorithm>

#include "providers/negotiate/neg_token.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/challenge_message.h"

namespace epa::tool {
namespace {

// What SPNEGO carries, or the token as it is. An answer comes in a NegTokenResp.
std::span<const uint8_t> WithoutSpnego(std::span<const uint8_t> token) {
  if (ntlm::PeekMessageType(token).has_value()) {
    return token;
  }
  const auto response = negotiate::ParseNegTokenResp(token);
  return response.ok() ? response->response_token.value_or(std::span<const uint8_t>())
                       : std::span<const uint8_t>();
}

}  // namespace

std::optional<HalfOpenLimit::Place> HalfOpenLimit::Take(
    const std::shared_ptr<HalfOpenLimit>& limit) {
  Place place(limit);  // gives back what is taken here
  return --limit->left_ >= 0 ? std::optional(std::move(place)) : std::nullopt;
}

std::optional<FileTime> StampOfChallenge(std::span<const uint8_t> token) {
  ntlm::ChallengeMessage message;
  return ntlm::ReadChallengeMessage(WithoutSpnego(token), message).has_value()
             ? std::nullopt
             : message.av_pairs.timestamp();
}

std::optional<FileTime> StampOfAnswer(std::span<const uint8_t> token) {
  ntlm::AuthenticateMessage message;
  return ntlm::ReadAuthenticateMessage(WithoutSpnego(token), message).has_value()
             ? std::nullopt
             : message.v2.av_pairs.timestamp();
}

bool HalfOpenLogins::Add(HalfOpenLogin login) {
  if (login.stamp.has_value() &&
      std::ranges::find(logins_, login.stamp, &HalfOpenLogin::stamp) != logins_.end()) {
    return false;
  }
  if (logins_.size() == kMost) {
    DropOldest();
  }
  logins_.push_back(std::move(login));
  return true;
}

std::optional<HalfOpenLogin> HalfOpenLogins::TakeFor(std::span<const uint8_t> token) {
  const std::optional<FileTime> stamp = StampOfAnswer(token);
  if (!stamp.has_value()) {
    return logins_.size() == 1 ? std::optional(Take(logins_.begin())) : std::nullopt;
  }
  const auto found = std::ranges::find(logins_, stamp, &HalfOpenLogin::stamp);
  return found == logins_.end() ? std::nullopt : std::optional(Take(found));
}

bool HalfOpenLogins::DropOldest() {
  if (logins_.empty()) {
    return false;
  }
  Take(logins_.begin());
  return true;
}

void HalfOpenLogins::DropUntil(MonotonicTime time) {
  std::erase_if(logins_, [time](const HalfOpenLogin& login) { return login.begun <= time; });
  if (logins_.empty()) {
    std::vector<HalfOpenLogin>().swap(logins_);
  }
}

HalfOpenLogin HalfOpenLogins::Take(std::vector<HalfOpenLogin>::iterator place) {
  HalfOpenLogin taken = std::move(*place);
  logins_.erase(place);
  return taken;
}

}  // namespace epa::tool
