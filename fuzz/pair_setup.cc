#include "fuzz/pair_setup.h"

#include <array>
#include <optional>
#include <utility>

#include "fuzz/require.h"
#include "lib/base/byte_reader.h"

namespace epa::fuzz {
namespace {

constexpr size_t kChangeSize = 5;

struct Change {
  uint8_t message = 0;
  uint8_t kind = 0;
  uint16_t offset = 0;
  uint8_t octet = 0;
};

std::optional<Change> ReadChange(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  Change change;
  if (reader.ReadU8(change.message) && reader.ReadU8(change.kind) &&
      reader.ReadU16(change.offset) && reader.ReadU8(change.octet)) {
    return change;
  }
  return std::nullopt;
}

void Apply(const Change& change, const std::vector<uint8_t>& previous,
           std::vector<uint8_t>& message) {
  if (message.empty()) {
    return;
  }
  const auto at = message.begin() + static_cast<std::ptrdiff_t>(change.offset % message.size());
  switch (change.kind % 6) {
    case 0:
      *at ^= change.octet;
      break;
    case 1:
      *at = change.octet;
      break;
    case 2:
      message.insert(at, change.octet);
      break;
    case 3:
      message.erase(at);
      break;
    case 4:
      message.erase(at, message.end());
      break;
    default:
      message = previous;
  }
}

// One end that is final when it says so.
class End {
 public:
  explicit End(SecurityContext& context) : context_(context) {}

  // What it sends, if anything.
  std::optional<std::vector<uint8_t>> Take(std::span<const uint8_t> token) {
    if (ended_) {
      Require(!context_.Step(token).ok());
      return std::nullopt;
    }
    auto result = StepBlocking(context_, token);
    ended_ = !result.ok() || result->state != StepState::kContinue;
    Require(context_.established() == (result.ok() && result->state == StepState::kEstablished));
    if (!result.ok() || result->token.empty()) {
      return std::nullopt;
    }
    return std::move(result->token);
  }

 private:
  SecurityContext& context_;
  bool ended_ = false;
};

bool Said(SecurityContext& from, SecurityContext& to, uint8_t octet, Tampering& tampering) {
  const std::array<uint8_t, 3> text = {octet, 0, octet};
  const auto agreed = from.agreed_protection();
  const auto of_sender = from.message_protection();
  const auto of_receiver = to.message_protection();
  if (!agreed.ok() || !of_sender.ok() || !of_receiver.ok()) {
    return false;
  }
  const WrapKind kind = agreed->sealing ? WrapKind::kSealed : WrapKind::kSigned;
  auto message = (*of_sender)->Wrap(text, kind);
  if (!message.ok()) {
    return false;
  }
  const auto heard = (*of_receiver)->Unwrap(tampering.Deliver(*std::move(message)), kind);
  Require(!kProofsAreChecked || !heard.ok() ||
          std::vector<uint8_t>(text.begin(), text.end()) == *heard);
  return heard.ok();
}

bool HaveOneKey(SecurityContext& client, SecurityContext& server) {
  const auto of_client = client.ExportSessionKey();
  const auto of_server = server.ExportSessionKey();
  return of_client.ok() && of_server.ok() && *of_client == *of_server;
}

}  // namespace

std::vector<uint8_t> Tampering::Deliver(std::vector<uint8_t> message) {
  const std::vector<uint8_t> sent = message;
  for (auto rest = changes_; rest.size() >= kChangeSize; rest = rest.subspan(kChangeSize)) {
    if (const auto change = ReadChange(rest); change->message == count_) {
      Apply(*change, previous_, message);
    }
  }
  ++count_;
  happened_ = happened_ || message != sent;
  previous_ = sent;
  return message;
}

PairOutcome RunPair(SecurityContext& client, SecurityContext& server, Tampering& tampering) {
  End client_end(client);
  End server_end(server);
  auto message = client_end.Take({});
  for (End* receiver = &server_end; message.has_value();
       receiver = receiver == &server_end ? &client_end : &server_end) {
    message = receiver->Take(tampering.Deliver(*std::move(message)));
  }
  PairOutcome outcome;
  outcome.client = client.established();
  outcome.server = server.established() && server.peer()->kind() == IdentityKind::kUser;
  if (outcome.client && outcome.server && HaveOneKey(client, server)) {
    outcome.talked = Said(client, server, 1, tampering) && Said(server, client, 2, tampering);
  }
  return outcome;
}

}  // namespace epa::fuzz
