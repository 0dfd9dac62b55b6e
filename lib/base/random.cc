#include "epa/base/random.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>

#include "epa/base/secret.h"

namespace epa {
namespace {

void FillFromKernel(std::span<uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      std::abort();
    }
    out = out.subspan(static_cast<size_t>(got));
  }
}

// A page the kernel clears in a forked child: `remaining` is then 0 and the child reads anew.
struct Page {
  size_t remaining;
  std::array<uint8_t, 512> octets;
};

class Pool {
 public:
  Pool() {
    void* memory =
        mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      return;
    }
    if (madvise(memory, sizeof(Page), MADV_WIPEONFORK) != 0) {
      munmap(memory, sizeof(Page));
      return;
    }
    page_ = new (memory) Page{};
  }
  ~Pool() {
    if (page_ != nullptr) {
      WipeMemory(page_->octets);
      munmap(page_, sizeof(Page));
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Octets are wiped as they are handed out. Large requests, and all of them on a system that
  // cannot clear the page on fork, go to the kernel.
  void Fill(std::span<uint8_t> out) {
    if (page_ == nullptr || out.size() > page_->octets.size() / 4) {
      FillFromKernel(out);
      return;
    }
    if (page_->remaining < out.size()) {
      FillFromKernel(page_->octets);
      page_->remaining = page_->octets.size();
    }
    const auto taken = std::span(page_->octets).subspan(page_->remaining - out.size(), out.size());
    std::copy(taken.begin(), taken.end(), out.begin());
    WipeMemory(taken);
    page_->remaining -= out.size();
  }

 private:
  Page* page_ = nullptr;
};

class KernelRandom : public RandomSource {
 public:
  void Fill(std::span<uint8_t> out) const override {
    thread_local Pool pool;
    pool.Fill(out);
  }
};

}  // namespace

const RandomSource& SystemRandom() {
  static const KernelRandom random;
  return random;
}

}  // namespace epa
