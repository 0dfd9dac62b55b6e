// What mod_status says of this module.
#ifndef EPA_MODULES_APACHE_STATUS_PAGE_H_
#define EPA_MODULES_APACHE_STATUS_PAGE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "epa/http/authenticator.h"

namespace epa::apache {

// How often what came of requests, in all processes, since the configuration was read. For all
// threads.
class Counters {
 public:
  enum Kind : uint8_t { kServed, kChallenged, kMalformed, kHttp11Required, kFaults, kKinds };

  // Shared with the processes that begin later. Fails where there is no memory for it.
  static absl::StatusOr<std::unique_ptr<Counters>> Create();
  ~Counters();
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  void Add(const http::Verdict& verdict);
  uint64_t Of(Kind kind) const { return (*shared_)[kind].load(std::memory_order_relaxed); }

 private:
  using Shared = std::array<std::atomic<uint64_t>, kKinds>;
  explicit Counters(Shared* shared) : shared_(shared) {}

  Shared* const shared_;
};

// Tells mod_status, if it is there.
void RegisterStatusPage();

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_STATUS_PAGE_H_
