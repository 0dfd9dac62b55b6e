// The logins of one helper that are half-way, and which of them a token belongs to.
#ifndef EPA_TOOLS_EPA_SERVE_HALF_OPEN_LOGINS_H_
#define EPA_TOOLS_EPA_SERVE_HALF_OPEN_LOGINS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "epa/base/clock.h"
#include "epa/core/security_context.h"

namespace epa::tool {

// How many logins may be half-way, of all helpers together. For several threads.
class HalfOpenLimit {
 public:
  explicit HalfOpenLimit(size_t most) : left_(static_cast<int64_t>(most)) {}

  // One of them, while it lives.
  class Place {
   public:
    Place() = default;
    explicit Place(std::shared_ptr<HalfOpenLimit> limit) : limit_(std::move(limit)) {}
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&& other) noexcept {
      std::swap(limit_, other.limit_);
      return *this;
    }
    ~Place() {
      if (limit_ != nullptr) {
        ++limit_->left_;
      }
    }

   private:
    std::shared_ptr<HalfOpenLimit> limit_;
  };

  // No value: there are as many as there may be.
  static std::optional<Place> Take(const std::shared_ptr<HalfOpenLimit>& limit);

 private:
  std::atomic<int64_t> left_;
};

struct HalfOpenLogin {
  HalfOpenLimit::Place place;
  std::unique_ptr<SecurityContext> context;
  MonotonicTime begun = 0;
  // The time in the NTLM challenge that waits for its answer; no value: none was sent.
  std::optional<FileTime> stamp;
};

// When the NTLM challenge in a server's token was made: every client sends it back under its proof
// ([MS-NLMP] 2.2.2.1, MsvAvTimestamp). The token is NTLM's, or SPNEGO's around it.
std::optional<FileTime> StampOfChallenge(std::span<const uint8_t> token);
// The time that a client's NTLM answer sends back.
std::optional<FileTime> StampOfAnswer(std::span<const uint8_t> token);

// A front end with one helper for all its clients, such as Dovecot, does not say whose token it
// passes on: it belongs to the login whose challenge it answers. The stamp is no proof and need be
// none: whichever login it picks verifies the answer against its own challenge, and only once.
class HalfOpenLogins {
 public:
  // More make the oldest give way.
  static constexpr size_t kMost = 1024;

  bool empty() const { return logins_.empty(); }
  size_t size() const { return logins_.size(); }

  // False where another one has the same stamp already, and nothing is added then.
  bool Add(HalfOpenLogin login);
  // Takes out the login that `token` answers: the one of its stamp, or the only one where the token
  // has no stamp. No value: there is none.
  std::optional<HalfOpenLogin> TakeFor(std::span<const uint8_t> token);
  // Ends the oldest one. False: there is none.
  bool DropOldest();
  // Ends those that began at `time` or before.
  void DropUntil(MonotonicTime time);

 private:
  HalfOpenLogin Take(std::vector<HalfOpenLogin>::iterator place);

  std::vector<HalfOpenLogin> logins_;  // in the order in which they began
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HALF_OPEN_LOGINS_H_
