#include "bench/memory.h"

#include <malloc.h>

namespace epa::bench {
namespace {

double HeapInUse() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

enum class Kept { kHalfOpenServer, kEstablishedServer, kEstablishedClient };

void Login(Worker& worker, size_t slot, Kept kept) {
  worker.Negotiate(slot);
  worker.Challenge(slot);
  if (kept != Kept::kHalfOpenServer) {
    worker.Authenticate(slot);
    worker.Accept(slot);
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
  return {HeapPerContext(contender, contexts, Kept::kHalfOpenServer),
          HeapPerContext(contender, contexts, Kept::kEstablishedServer),
          HeapPerContext(contender, contexts, Kept::kEstablishedClient)};
}

}  // namespace epa::bench
