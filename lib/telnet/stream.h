// A Telnet connection's octets (RFC 854, RFC 855), cut into what they mean and written again.
#ifndef EPA_LIB_TELNET_STREAM_H_
#define EPA_LIB_TELNET_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "epa/telnet/protocol.h"
#include "lib/base/byte_reader.h"

namespace epa::telnet {

// RFC 854, "TELNET COMMAND STRUCTURE".
enum class Verb : uint8_t {
  kSuboptionEnd = 240,
  kSuboptionBegin = 250,
  kWill = 251,
  kWont = 252,
  kDo = 253,
  kDont = 254,
  kInterpretAsCommand = 255,
};

struct Element {
  enum class Kind : uint8_t {
    kData,         // `octets`
    kNegotiation,  // `verb` and `option`
    kSuboption,    // `option` and `octets`
    kTooLong,      // a sub-negotiation of `option` that exceeded the limit
    kMalformed,    // a command inside a sub-negotiation: nothing that follows has a meaning
  };
  Kind kind = Kind::kData;
  Verb verb = Verb::kWill;
  Option option = 0;
  // Views into the input or the reader, until the next call.
  std::span<const uint8_t> octets;
};

// Holds at most one sub-negotiation of at most `max_suboption` octets.
class StreamReader {
 public:
  explicit StreamReader(size_t max_suboption) : max_suboption_(max_suboption) {}

  // The next element of `input`; none when it is used up. Other commands
  // (NOP, AYT, ...) are passed over. After kMalformed there is nothing more.
  std::optional<Element> Next(ByteReader& input);

 private:
  enum class State : uint8_t {
    kData,
    kCommand,           // after IAC
    kNegotiation,       // after WILL, WONT, DO or DONT
    kSuboptionStart,    // after SB
    kSuboption,         // in the body
    kSuboptionCommand,  // after IAC in the body
    kMalformed,
  };

  // Data up to the next command; a sub-negotiation's goes into `body_`.
  std::span<const uint8_t> TakePlain(ByteReader& input);
  std::optional<Element> OnOctet(uint8_t octet);
  std::optional<Element> OnCommand(uint8_t octet);
  std::optional<Element> OnBodyCommand(uint8_t octet);
  void AppendToBody(std::span<const uint8_t> octets);

  const size_t max_suboption_;
  State state_ = State::kData;
  Verb verb_ = Verb::kWill;
  Option option_ = 0;
  bool too_long_ = false;
  std::vector<uint8_t> body_;
};

// A StreamReader whose elements are handed to somebody who may have to stop for a while.
class IncomingStream {
 public:
  explicit IncomingStream(size_t max_suboption) : reader_(max_suboption) {}

  // Calls `handle` with each element of `octets`. Where that returns false, the rest is kept.
  template <typename Handle>
  void Feed(std::span<const uint8_t> octets, const Handle& handle) {
    ByteReader input(octets);
    while (const std::optional<Element> element = reader_.Next(input)) {
      if (!handle(*element)) {
        rest_.assign(input.rest().begin(), input.rest().end());
        return;
      }
    }
  }
  // What Feed kept.
  std::vector<uint8_t> TakeRest() { return std::exchange(rest_, {}); }

 private:
  StreamReader reader_;
  std::vector<uint8_t> rest_;
};

void AppendNegotiation(Verb verb, Option option, std::vector<uint8_t>& out);
void AppendSuboption(Option option, std::span<const uint8_t> body, std::vector<uint8_t>& out);
void AppendEscaped(std::span<const uint8_t> octets, std::vector<uint8_t>& out);

}  // namespace epa::telnet

#endif  // EPA_LIB_TELNET_STREAM_H_
