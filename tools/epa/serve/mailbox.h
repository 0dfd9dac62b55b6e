// How other threads reach a worker.
#ifndef EPA_TOOLS_EPA_SERVE_MAILBOX_H_
#define EPA_TOOLS_EPA_SERVE_MAILBOX_H_

#include <atomic>
#include <memory>
#include <mutex>

#include "lib/base/file_descriptor.h"
#include "tools/epa/serve/served_connection.h"

namespace epa::tool {

// For several threads. Needs no memory once it is made.
class Mailbox {
 public:
  // Check valid().
  Mailbox();
  bool valid() const { return event_.valid(); }
  // Readable while there is something to do.
  int descriptor() const { return event_.number(); }

  // The worker takes no connections because there is no room.
  std::atomic<bool> wants_room = false;

  // Gives the worker a connection whose work is done.
  void Put(std::shared_ptr<ServedConnection> connection) noexcept;
  // Lets the worker look around.
  void Wake() const noexcept;

  // The worker's part. Nothing is taken any more.
  void Close() noexcept;
  // What has come, in the reverse order, linked by `next_in_mailbox_`.
  std::shared_ptr<ServedConnection> TakeAll() noexcept;

 private:
  const FileDescriptor event_;
  std::mutex mutex_;
  std::shared_ptr<ServedConnection> first_;
  bool closed_ = false;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_MAILBOX_H_
