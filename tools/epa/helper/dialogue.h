// A helper's part of the dialogue between a front end and the service.
#ifndef EPA_TOOLS_EPA_HELPER_DIALOGUE_H_
#define EPA_TOOLS_EPA_HELPER_DIALOGUE_H_

#include <chrono>
#include <cstddef>
#include <string_view>

#include "tools/epa/common/helper_protocol.h"
#include "tools/epa/common/helper_socket.h"

namespace epa::tool {

struct DialogueOptions {
  HelperProtocol protocol = HelperProtocol::kNtlmssp;
  LocalAddress service;
  int input = 0;
  int output = 1;
  // From a message to its answer, which is then that there is none.
  std::chrono::milliseconds patience{std::chrono::minutes(1)};
};

// Answers each message of the front end with one, in their order, until its input ends or its
// output takes no more. Where the service cannot be had the answer says so: BH, which lets nobody
// in. What a connection that broke had begun is lost with it. Takes no memory but this; messages
// touch as much of it as they are long.
class Dialogue {
 public:
  explicit Dialogue(const DialogueOptions& options) : options_(options) {}
  ~Dialogue() { Disconnect(); }
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  // Until the input ends. False: an answer could not be written.
  bool Run();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  // One message, and what came behind it.
  struct Buffer {
    size_t size = 0;
    size_t message = 0;  // 0: it is not complete
    char octets[kLongestHelperMessage];

    std::string_view text() const { return {octets, message}; }
    bool full() const { return size == sizeof(octets); }
  };
  enum class Reading : unsigned char { kMessage, kTooLong, kEnd };

  Reading ReadRequest();
  // Reads no more after the deadline; one reading of the service waits for the patience at most.
  Reading Read(int descriptor, Buffer& buffer, TimePoint deadline);
  static void DropMessage(Buffer& buffer);
  bool SkipLine();
  bool Ask();
  bool AskOnce(TimePoint deadline);
  bool Connect();
  void Disconnect();
  bool Send(std::string_view text);
  bool Answer(std::string_view text);
  void Complain(std::string_view what);

  const DialogueOptions options_;
  int service_ = -1;
  bool complained_ = false;
  Buffer request_;
  Buffer answer_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_HELPER_DIALOGUE_H_
