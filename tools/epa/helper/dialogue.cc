#include "tools/epa/helper/dialogue.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace epa::tool {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kUnavailable = "the service cannot be reached";
constexpr std::string_view kTooLong = "the message is too long";

// As steady_clock::now(), which is in a library that this program does without.
steady_clock::time_point Now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return steady_clock::time_point(std::chrono::seconds(time.tv_sec) +
                                  std::chrono::nanoseconds(time.tv_nsec));
}

std::string_view Refusal(HelperProtocol protocol) {
  return protocol == HelperProtocol::kNtlmServer
             ? "Authenticated: No\nAuthentication-Error: The service cannot be reached\n.\n"
             : "BH the service cannot be reached\n";
}

bool WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(descriptor, text.data(), text.size());
    if (size > 0) {
      text.remove_prefix(static_cast<size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

timeval TimeOf(milliseconds time) {
  constexpr int kThousand = 1000;
  return {.tv_sec = time.count() / kThousand,
          .tv_usec = static_cast<suseconds_t>(time.count() % kThousand * kThousand)};
}

}  // namespace

bool Dialogue::Run() {
  while (true) {
    switch (ReadRequest()) {
      case Reading::kEnd:
        return true;
      case Reading::kTooLong:
        Complain(kTooLong);
        if (!Answer(Refusal(options_.protocol))) {
          return false;
        }
        if (!SkipLine()) {
          return true;
        }
        break;
      case Reading::kMessage:
        if (!Answer(Ask() ? answer_.text() : Refusal(options_.protocol))) {
          return false;
        }
        DropMessage(request_);
        break;
    }
  }
}

Dialogue::Reading Dialogue::ReadRequest() {
  return Read(options_.input, request_, TimePoint::max());
}

Dialogue::Reading Dialogue::Read(int descriptor, Buffer& buffer, TimePoint deadline) {
  size_t searched = 0;
  while (true) {
    buffer.message = HelperMessageSize(options_.protocol, {buffer.octets, buffer.size}, searched);
    if (buffer.message > 0) {
      return Reading::kMessage;
    }
    if (buffer.full()) {
      return Reading::kTooLong;
    }
    searched = buffer.size;
    if (deadline != TimePoint::max() && Now() >= deadline) {
      return Reading::kEnd;
    }
    const ssize_t size =
        read(descriptor, buffer.octets + buffer.size, sizeof(buffer.octets) - buffer.size);
    if (size > 0) {
      buffer.size += static_cast<size_t>(size);
    } else if (size == 0 || errno != EINTR) {
      return Reading::kEnd;
    }
  }
}

void Dialogue::DropMessage(Buffer& buffer) {
  std::memmove(buffer.octets, buffer.octets + buffer.message, buffer.size - buffer.message);
  buffer.size -= buffer.message;
  buffer.message = 0;
}

// Over what is left of a line that is too long. False: the input ended.
bool Dialogue::SkipLine() {
  while (true) {
    const std::string_view text(request_.octets, request_.size);
    const size_t end = text.find('\n');
    if (end != std::string_view::npos) {
      request_.message = end + 1;
      DropMessage(request_);
      return true;
    }
    const ssize_t size = read(options_.input, request_.octets, sizeof(request_.octets));
    if (size == 0 || (size < 0 && errno != EINTR)) {
      return false;
    }
    request_.size = size > 0 ? static_cast<size_t>(size) : 0;
  }
}

// The answer is in `answer_` then. A service that went away between two messages may be back: what
// begins a login is said once more. What goes on with one was said to the service that has it.
bool Dialogue::Ask() {
  const TimePoint deadline = Now() + options_.patience;
  const bool connected = service_ >= 0;
  if (AskOnce(deadline)) {
    complained_ = false;
    return true;
  }
  const bool begins = request_.octets[0] != 'K';  // KK
  if (connected && begins && Now() < deadline && AskOnce(deadline)) {
    complained_ = false;
    return true;
  }
  Complain(kUnavailable);
  return false;
}

// Without an answer the connection is given up, so that one that comes late is nobody's.
bool Dialogue::AskOnce(TimePoint deadline) {
  answer_.size = 0;
  if ((service_ >= 0 || Connect()) && Send(request_.text()) &&
      Read(service_, answer_, deadline) == Reading::kMessage && answer_.size == answer_.message) {
    return true;
  }
  Disconnect();
  return false;
}

bool Dialogue::Connect() {
  service_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience = TimeOf(options_.patience);
  const std::string_view name = HelperProtocolName(options_.protocol);
  return service_ >= 0 &&
         setsockopt(service_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
         setsockopt(service_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
         connect(service_, options_.service.generic(), options_.service.size) == 0 &&
         Send(kHelperGreeting) && Send(name) && Send("\n");
}

void Dialogue::Disconnect() {
  if (service_ >= 0) {
    close(service_);
    service_ = -1;
  }
}

bool Dialogue::Send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = send(service_, text.data(), text.size(), MSG_NOSIGNAL);
    if (size > 0) {
      text.remove_prefix(static_cast<size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool Dialogue::Answer(std::string_view text) { return WriteAll(options_.output, text); }

// Once in a row: front ends ask again and again.
void Dialogue::Complain(std::string_view what) {
  if (complained_) {
    return;
  }
  complained_ = true;
  for (const std::string_view part :
       {std::string_view("epa-helper: "), std::string_view(options_.service.name.sun_path),
        std::string_view(": "), what, std::string_view("\n")}) {
    WriteAll(STDERR_FILENO, part);
  }
}

}  // namespace epa::tool
