#include "bench/contender.h"

#include <algorithm>

namespace epa::bench {

std::span<const uint8_t> BindingApplicationData() {
  static const std::vector<uint8_t> kData = [] {
    constexpr std::string_view kPrefix = "tls-server-end-point:";
    std::vector<uint8_t> data(kPrefix.size() + 32, 0x5c);
    std::copy(kPrefix.begin(), kPrefix.end(), data.begin());
    return data;
  }();
  return kData;
}

void Worker::CopyToken(size_t slot, const void* octets, size_t size) {
  const auto* first = static_cast<const uint8_t*>(octets);
  tokens_[slot].assign(first, first + size);
}

void NtlmWorker::Step(size_t slot, size_t leg) {
  constexpr std::array kSteps = {&NtlmWorker::Negotiate, &NtlmWorker::Challenge,
                                 &NtlmWorker::Authenticate, &NtlmWorker::Accept};
  (this->*kSteps[leg])(slot);
}

}  // namespace epa::bench
