#include "lib/telnet/stream.h"

#include <algorithm>

namespace epa::telnet {
namespace {

constexpr uint8_t kIac = static_cast<uint8_t>(Verb::kInterpretAsCommand);
constexpr uint8_t kIacOctets[] = {kIac};

bool IsNegotiation(uint8_t octet) {
  return octet >= static_cast<uint8_t>(Verb::kWill) && octet <= static_cast<uint8_t>(Verb::kDont);
}

// Reads what stands before the next IAC.
std::span<const uint8_t> ReadPlain(ByteReader& input) {
  const std::span<const uint8_t> rest = input.rest();
  const auto size = std::find(rest.begin(), rest.end(), kIac) - rest.begin();
  std::span<const uint8_t> plain;
  return input.ReadSpan(static_cast<size_t>(size), plain) ? plain : std::span<const uint8_t>();
}

}  // namespace

std::optional<Element> StreamReader::Next(ByteReader& input) {
  while (!input.at_end() && state_ != State::kMalformed) {
    if (const std::span<const uint8_t> plain = TakePlain(input); !plain.empty()) {
      return Element{Element::Kind::kData, Verb::kWill, 0, plain};
    }
    uint8_t octet = 0;
    if (!input.ReadU8(octet)) {
      break;
    }
    if (std::optional<Element> element = OnOctet(octet); element.has_value()) {
      return element;
    }
  }
  return std::nullopt;
}

std::span<const uint8_t> StreamReader::TakePlain(ByteReader& input) {
  if (state_ == State::kData) {
    return ReadPlain(input);
  }
  if (state_ == State::kSuboption) {
    AppendToBody(ReadPlain(input));
  }
  return {};
}

std::optional<Element> StreamReader::OnOctet(uint8_t octet) {
  switch (state_) {
    case State::kData:
      state_ = State::kCommand;
      break;
    case State::kCommand:
      return OnCommand(octet);
    case State::kNegotiation:
      state_ = State::kData;
      return Element{Element::Kind::kNegotiation, verb_, octet, {}};
    case State::kSuboptionStart:
      option_ = octet;
      too_long_ = false;
      body_.clear();
      state_ = State::kSuboption;
      break;
    case State::kSuboption:
      state_ = State::kSuboptionCommand;
      break;
    case State::kSuboptionCommand:
      return OnBodyCommand(octet);
    case State::kMalformed:
      break;
  }
  return std::nullopt;
}

std::optional<Element> StreamReader::OnCommand(uint8_t octet) {
  state_ = State::kData;
  if (octet == kIac) {
    return Element{Element::Kind::kData, Verb::kWill, 0, kIacOctets};
  }
  if (octet == static_cast<uint8_t>(Verb::kSuboptionBegin)) {
    state_ = State::kSuboptionStart;
  } else if (IsNegotiation(octet)) {
    verb_ = static_cast<Verb>(octet);
    state_ = State::kNegotiation;
  }
  return std::nullopt;
}

std::optional<Element> StreamReader::OnBodyCommand(uint8_t octet) {
  if (octet == kIac) {
    AppendToBody(kIacOctets);
    state_ = State::kSuboption;
    return std::nullopt;
  }
  if (octet != static_cast<uint8_t>(Verb::kSuboptionEnd)) {
    state_ = State::kMalformed;
    return Element{Element::Kind::kMalformed, static_cast<Verb>(octet), option_, {}};
  }
  state_ = State::kData;
  if (too_long_) {
    return Element{Element::Kind::kTooLong, Verb::kWill, option_, {}};
  }
  return Element{Element::Kind::kSuboption, Verb::kWill, option_, body_};
}

void StreamReader::AppendToBody(std::span<const uint8_t> octets) {
  if (too_long_ || octets.size() > max_suboption_ - body_.size()) {
    too_long_ = true;
    body_.clear();
    return;
  }
  body_.insert(body_.end(), octets.begin(), octets.end());
}

void AppendNegotiation(Verb verb, Option option, std::vector<uint8_t>& out) {
  out.insert(out.end(), {kIac, static_cast<uint8_t>(verb), option});
}

void AppendSuboption(Option option, std::span<const uint8_t> body, std::vector<uint8_t>& out) {
  out.insert(out.end(), {kIac, static_cast<uint8_t>(Verb::kSuboptionBegin), option});
  AppendEscaped(body, out);
  out.insert(out.end(), {kIac, static_cast<uint8_t>(Verb::kSuboptionEnd)});
}

void AppendEscaped(std::span<const uint8_t> octets, std::vector<uint8_t>& out) {
  for (const uint8_t octet : octets) {
    out.insert(out.end(), octet == kIac ? 2 : 1, octet);
  }
}

std::vector<uint8_t> EscapeData(std::span<const uint8_t> data) {
  std::vector<uint8_t> escaped;
  escaped.reserve(data.size());
  AppendEscaped(data, escaped);
  return escaped;
}

std::vector<uint8_t> EncodeSuboption(Option option, std::span<const uint8_t> body) {
  std::vector<uint8_t> frame;
  AppendSuboption(option, body, frame);
  return frame;
}

}  // namespace epa::telnet
