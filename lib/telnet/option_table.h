// Who performs which option: negotiation by RFC 1143, which cannot loop.
#ifndef EPA_LIB_TELNET_OPTION_TABLE_H_
#define EPA_LIB_TELNET_OPTION_TABLE_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/telnet/protocol.h"
#include "lib/telnet/stream.h"

namespace epa::telnet {

// InvalidArgument where `options` names one that AgreedOptions rules out.
absl::Status ValidateOptions(const AgreedOptions& options);

class OptionTable {
 public:
  explicit OptionTable(const AgreedOptions& agreed);

  // Agrees to one option more, for this side (WILL) or for the peer (DO).
  void AgreeLocal(Option option) { local_.agreed.set(option); }
  void AgreeRemote(Option option) { remote_.agreed.set(option); }

  // What the peer said about an option; what we answer goes to `out`, at most one command.
  void OnNegotiation(Verb verb, Option option, std::vector<uint8_t>& out);

  // DO or WILL, unless that is so or was asked for. False where the option is not agreed.
  [[nodiscard]] bool AskRemote(Option option, std::vector<uint8_t>& out);
  [[nodiscard]] bool OfferLocal(Option option, std::vector<uint8_t>& out);
  // DONT, where the peer performs the option or was asked to; later offers are refused.
  void StopRemote(Option option, std::vector<uint8_t>& out);

  bool local_on(Option option) const { return local_.states[option] == State::kYes; }
  bool remote_on(Option option) const { return remote_.states[option] == State::kYes; }

 private:
  // RFC 1143 7 without its queue: we change our mind only by StopRemote, which is for good.
  enum class State : uint8_t { kNo, kYes, kWantNo, kWantYes };
  // One party's options, and the commands with which we speak of them.
  struct Party {
    Verb enable;
    Verb disable;
    std::bitset<256> agreed;
    std::array<State, 256> states{};
  };

  static void OnEnable(Party& party, Option option, std::vector<uint8_t>& out);
  static void OnDisable(Party& party, Option option, std::vector<uint8_t>& out);
  static bool Enable(Party& party, Option option, std::vector<uint8_t>& out);

  Party local_{Verb::kWill, Verb::kWont, {}, {}};
  Party remote_{Verb::kDo, Verb::kDont, {}, {}};
};

// What the members of the same name of both sides' connections answer. AUTHENTICATION is not the
// application's to ask for.
absl::StatusOr<std::vector<uint8_t>> AskRemoteOf(OptionTable& table, Option option);
absl::StatusOr<std::vector<uint8_t>> OfferLocalOf(OptionTable& table, Option option);

}  // namespace epa::telnet

#endif  // EPA_LIB_TELNET_OPTION_TABLE_H_
