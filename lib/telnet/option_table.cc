#include "lib/telnet/option_table.h"

#include <algorithm>
#include <string>
#include <utility>

namespace epa::telnet {
namespace {

constexpr char kNotAgreed[] = "the option is not among the agreed ones";
constexpr Option kRuledOut[] = {kEnvironment, kAuthentication, kEncryption, kNewEnvironment};

absl::Status Validate(std::span<const Option> options) {
  for (const Option option : options) {
    if (std::find(std::begin(kRuledOut), std::end(kRuledOut), option) != std::end(kRuledOut)) {
      return absl::InvalidArgumentError("option " + std::to_string(option) +
                                        " is not one that applications may agree to");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateOptions(const AgreedOptions& options) {
  if (absl::Status local = Validate(options.local); !local.ok()) {
    return local;
  }
  return Validate(options.remote);
}

OptionTable::OptionTable(const AgreedOptions& agreed) {
  for (const Option option : agreed.local) {
    AgreeLocal(option);
  }
  for (const Option option : agreed.remote) {
    AgreeRemote(option);
  }
}

void OptionTable::OnNegotiation(Verb verb, Option option, std::vector<uint8_t>& out) {
  if (verb == Verb::kWill) {
    OnEnable(remote_, option, out);
  } else if (verb == Verb::kWont) {
    OnDisable(remote_, option, out);
  } else if (verb == Verb::kDo) {
    OnEnable(local_, option, out);
  } else if (verb == Verb::kDont) {
    OnDisable(local_, option, out);
  }
}

bool OptionTable::AskRemote(Option option, std::vector<uint8_t>& out) {
  return Enable(remote_, option, out);
}

bool OptionTable::OfferLocal(Option option, std::vector<uint8_t>& out) {
  return Enable(local_, option, out);
}

void OptionTable::StopRemote(Option option, std::vector<uint8_t>& out) {
  remote_.agreed.reset(option);
  State& state = remote_.states[option];
  if (state == State::kYes || state == State::kWantYes) {
    state = State::kWantNo;
    AppendNegotiation(remote_.disable, option, out);
  }
}

void OptionTable::OnEnable(Party& party, Option option, std::vector<uint8_t>& out) {
  State& state = party.states[option];
  switch (state) {
    case State::kNo:
      if (party.agreed.test(option)) {
        state = State::kYes;
        AppendNegotiation(party.enable, option, out);
      } else {
        AppendNegotiation(party.disable, option, out);
      }
      break;
    case State::kWantYes:
      state = State::kYes;
      break;
    case State::kWantNo:
      // RFC 1143 7: an error of the peer's, who has to agree to a refusal.
      state = State::kNo;
      break;
    case State::kYes:
      break;
  }
}

void OptionTable::OnDisable(Party& party, Option option, std::vector<uint8_t>& out) {
  State& state = party.states[option];
  if (state == State::kYes) {
    AppendNegotiation(party.disable, option, out);
  }
  state = State::kNo;
}

bool OptionTable::Enable(Party& party, Option option, std::vector<uint8_t>& out) {
  State& state = party.states[option];
  if (!party.agreed.test(option)) {
    return false;
  }
  if (state == State::kNo) {
    state = State::kWantYes;
    AppendNegotiation(party.enable, option, out);
  }
  return true;
}

absl::StatusOr<std::vector<uint8_t>> AskRemoteOf(OptionTable& table, Option option) {
  std::vector<uint8_t> octets;
  if (option == kAuthentication || !table.AskRemote(option, octets)) {
    return absl::FailedPreconditionError(kNotAgreed);
  }
  return octets;
}

absl::StatusOr<std::vector<uint8_t>> OfferLocalOf(OptionTable& table, Option option) {
  std::vector<uint8_t> octets;
  if (option == kAuthentication || !table.OfferLocal(option, octets)) {
    return absl::FailedPreconditionError(kNotAgreed);
  }
  return octets;
}

}  // namespace epa::telnet
