#include "bench/memory.h"

#include <malloc.h>

#include <limits>

namespace epa::bench {
namespace {

double HeapInUse() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

enum class Kept { kHalfOpenServer, kEstablishedServer, kEstablishedClient };

constexpr size_t kHalfOpenLegs = 2;

void Login(Worker& worker, size_t slot, Kept kept) {
  const size_t legs = kept == Kept::kHalfOpenServer ? kHalfOpenLegs : worker.legs();
  for (size_t leg = 0; leg < legs; ++leg) {
    worker.Step(slot, leg);
  }
  if (kept == Kept::kEstablishedClient) {
    worker.ReleaseServer(slot);
  } else {
    worker.ReleaseClient(slot);
  }
  worker.DropToken(slot);
}

double HeapPerContext(const Contender& contender, size_t contexts, Kept kept) {
  const std::unique_ptr<Worker> worker = contender.CreateWorker(contexts + 1);
  Login(*worker, contexts, kept);
  const double before = HeapInUse();
  for (size_t slot = 0; slot < contexts; ++slot) {
    Login(*worker, slot, kept);
  }
  const double after = HeapInUse();
  for (size_t slot = 0; slot <= contexts; ++slot) {
    worker->ReleaseClient(slot);
    worker->ReleaseServer(slot);
  }
  return (after - before) / static_cast<double>(contexts);
}

}  // namespace

HeapUse MeasureHeap(const Contender& contender, size_t contexts) {
  HeapUse use;
  const bool has_half_open = !contender.CreateWorker(1)->Establishes(kHalfOpenLegs - 1);
  use.half_open_server = has_half_open ? HeapPerContext(contender, contexts, Kept::kHalfOpenServer)
                                       : std::numeric_limits<double>::quiet_NaN();
  use.established_server = HeapPerContext(contender, contexts, Kept::kEstablishedServer);
  use.established_client = HeapPerContext(contender, contexts, Kept::kEstablishedClient);
  return use;
}

}  // namespace epa::bench
