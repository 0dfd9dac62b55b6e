// A protocol of `epa serve`, as the servers' common part sees it.
#ifndef EPA_TOOLS_EPA_SERVE_CONVERSATION_H_
#define EPA_TOOLS_EPA_SERVE_CONVERSATION_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "epa/core/channel.h"
#include "epa/core/security_package.h"
#include "tools/epa/serve/server_transport.h"

namespace epa::tool {

// What a conversation wants done, in this order. Empty: it needs more octets.
struct Turn {
  std::vector<uint8_t> send;
  // TLS begins on this connection after what is sent: OnTls follows, or the end.
  bool start_tls = false;
  // Run on another thread, then given to Resume. Nothing else is called until then.
  std::unique_ptr<PendingWork> work;
  bool close = false;
  // What went wrong here, for the operator.
  absl::Status fault;

  bool empty() const { return send.empty() && !start_tls && work == nullptr && !close; }
};

// Where a conversation stands when it needs more octets.
struct Standing {
  // Somebody has logged in on this connection. Does not become false again.
  bool logged_in = false;
  // The beginning of a message has come: there is a limit to the time for the rest.
  bool in_message = false;
  // A login is half-way: a server that stops waits for it, though not for long.
  bool in_login = false;
};

// One connection's side of a protocol: octets in, octets out. It does no input or output, and is
// used by one thread at a time. A throwing one ends its own connection alone.
class Conversation {
 public:
  virtual ~Conversation() = default;

  // Takes octets as they come, cut anywhere. Called only when it needs more, so what it keeps is
  // one message and a little more.
  virtual void Receive(std::span<const uint8_t> octets) = 0;
  // The answer to the next message among what came, or what is due without one. It is sent before
  // the message after it is looked at, so a client that does not read holds back only itself.
  virtual Turn Next() = 0;
  // Takes back the work of a turn after it ran. A protocol without such work has nothing to do.
  virtual Turn Resume(std::unique_ptr<PendingWork> work) = 0;
  virtual Standing standing() const = 0;
  // From time to time, and never while there is work.
  virtual void OnTick() {}
  // TLS has begun, as a turn said; what was learnt before counts no more.
  virtual void OnTls(Channel /*channel*/) {}
  // The server stops: a goodbye, where the protocol has one, goes with the next answer.
  virtual void Leave() {}
};

// The settings of a server as of one moment. Connections keep those they began with. Shared by all
// threads.
class Site {
 public:
  virtual ~Site() = default;

  // `peer`: for audit events, such as "192.0.2.1:50432".
  virtual std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const = 0;
  virtual ServerTransport& transport() const = 0;
  // How long somebody who is logged in may be silent.
  virtual std::chrono::seconds idle_time() const = 0;
  // Where the transport has TLS, connections begin with it; otherwise a turn says when.
  virtual bool begins_with_tls() const { return true; }
  // On clear connections the server speaks first.
  virtual bool greets() const { return false; }
  // What an operator should know of these settings, a sentence each.
  virtual std::vector<std::string> Warnings() const { return {}; }
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_CONVERSATION_H_
