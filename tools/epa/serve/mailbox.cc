#include "tools/epa/serve/mailbox.h"

#include <sys/eventfd.h>

#include <cstdint>
#include <utility>

namespace epa::tool {

Mailbox::Mailbox() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Mailbox::Put(std::shared_ptr<ServedConnection> connection) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      return;
    }
    connection->next_in_mailbox_ = std::move(first_);
    first_ = std::move(connection);
  }
  Wake();
}

void Mailbox::Wake() const noexcept {
  constexpr uint64_t kOne = 1;
  [[maybe_unused]] const ssize_t written = write(event_.number(), &kOne, sizeof(kOne));
}

void Mailbox::Close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

std::shared_ptr<ServedConnection> Mailbox::TakeAll() noexcept {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(event_.number(), &count, sizeof(count));
  const std::lock_guard lock(mutex_);
  return std::exchange(first_, nullptr);
}

}  // namespace epa::tool
