#include "epa/ntlm/reflection_guard.h"

#include <algorithm>
#include <cstring>

namespace epa::ntlm {
namespace {

uint64_t AsNumber(std::span<const uint8_t, 8> challenge) {
  uint64_t number = 0;
  std::memcpy(&number, challenge.data(), challenge.size());
  return number;
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): Fill does
ReflectionGuard::ReflectionGuard(size_t capacity, const RandomSource& random)
    : recent_(std::max<size_t>(capacity, 1)) {
  random.Fill(machine_id_);
}

void ReflectionGuard::RecordIssued(std::span<const uint8_t, 8> server_challenge) {
  const std::lock_guard lock(mutex_);
  recent_[next_] = AsNumber(server_challenge);
  next_ = (next_ + 1) % recent_.size();
}

bool ReflectionGuard::IsOurs(std::span<const uint8_t, 8> server_challenge) const {
  const std::lock_guard lock(mutex_);
  return std::find(recent_.begin(), recent_.end(), AsNumber(server_challenge)) != recent_.end();
}

}  // namespace epa::ntlm
