// Where a server's workers get their connections from.
#ifndef EPA_TOOLS_EPA_SERVE_DOOR_H_
#define EPA_TOOLS_EPA_SERVE_DOOR_H_

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/listener.h"
#include "tools/epa/serve/mailbox.h"

namespace epa::tool {

// For several threads; workers share it.
class Door {
 public:
  Door(Listener listener, std::shared_ptr<const Site> site)
      : listener_(std::move(listener)), site_(std::move(site)) {}

  // Before the workers run.
  void AddWorker(std::shared_ptr<const Mailbox> mailbox) {
    mailboxes_.push_back(std::move(mailbox));
  }

  Listener& listener() { return listener_; }

  // What connections get.
  std::shared_ptr<const Site> site() const {
    const std::lock_guard lock(mutex_);
    return site_;
  }
  void Replace(std::shared_ptr<const Site> site) {
    const std::lock_guard lock(mutex_);
    site_.swap(site);
  }

  // A connection ended: workers that wait for room look again.
  void OnRoom() const noexcept {
    for (const std::shared_ptr<const Mailbox>& mailbox : mailboxes_) {
      if (mailbox->wants_room) {
        mailbox->Wake();
      }
    }
  }

 private:
  Listener listener_;
  std::vector<std::shared_ptr<const Mailbox>> mailboxes_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Site> site_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_DOOR_H_
