#include "tools/epa/decode/smb2.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "epa/smb2/framing.h"
#include "epa/smb2/header.h"
#include "lib/base/byte_reader.h"
#include "lib/base/hex.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/wire.h"

namespace epa::tool {
namespace {

std::string Hex32(uint32_t value) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", value);
  return text.data();
}

// The message without TCP's length before it.
std::span<const uint8_t> WithoutFrame(std::span<const uint8_t> octets) {
  return !octets.empty() && octets[0] == 0 && octets.size() > smb2::kFrameHeaderSize
             ? octets.subspan(smb2::kFrameHeaderSize)
             : octets;
}

// The readers say where they stopped at the end of their message.
TokenFault FaultOf(const absl::Status& status) {
  constexpr std::string_view kOffset = " (offset ";
  const std::string text(status.message());
  TokenFault fault{0, text};
  const size_t at = text.rfind(kOffset);
  if (at != std::string::npos) {
    std::from_chars(text.data() + at + kOffset.size(), text.data() + text.size(), fault.offset);
    fault.reason = text.substr(0, at);
  }
  return fault;
}

Json DialectText(uint16_t dialect) {
  const std::string_view name = smb2::DialectName(smb2::Dialect{dialect});
  if (!name.empty()) {
    return name;
  }
  return EncodeHex(std::array{static_cast<uint8_t>(dialect >> 8), static_cast<uint8_t>(dialect)});
}

class Decoder {
 public:
  Decoder(std::span<const uint8_t> octets, const DecodeOptions& options, int depth)
      : octets_(octets), message_(WithoutFrame(octets)), options_(options), depth_(depth) {}

  DecodedToken Decode();

 private:
  void AddHeader(const smb2::Header& header);
  absl::Status AddNegotiateRequest();
  absl::Status AddNegotiateResponse();
  absl::Status AddSessionSetupRequest();
  absl::Status AddSessionSetupResponse();
  absl::Status AddBody(const smb2::Header& header);
  void AddSecurityMode(uint16_t mode);
  void AddToken(std::span<const uint8_t> token);
  // `offset` is that in the octets at `from`.
  void AddFaultAt(std::span<const uint8_t> from, size_t offset, std::string reason);

  Json& document() { return decoded_.document; }

  const std::span<const uint8_t> octets_;
  const std::span<const uint8_t> message_;
  const DecodeOptions& options_;
  const int depth_;
  DecodedToken decoded_;
};

DecodedToken Decoder::Decode() {
  document()["kind"] = "smb2";
  const auto header = smb2::ParseHeader(message_);
  absl::Status status = header.status();
  if (header.ok()) {
    AddHeader(*header);
    status = AddBody(*header);
  }
  if (!status.ok()) {
    TokenFault fault = FaultOf(status);
    AddFaultAt(message_, fault.offset, std::move(fault.reason));
  }
  return std::move(decoded_);
}

void Decoder::AddFaultAt(std::span<const uint8_t> from, size_t offset, std::string reason) {
  const auto before = static_cast<size_t>(from.data() - octets_.data());
  AddFault(TokenFault{before + offset, std::move(reason)}, decoded_);
}

void Decoder::AddHeader(const smb2::Header& header) {
  if (header.command == smb2::Command::kNegotiate) {
    document()["message"] = "negotiate";
  } else if (header.command == smb2::Command::kSessionSetup) {
    document()["message"] = "session_setup";
  } else {
    document()["message"] = "command " + std::to_string(static_cast<unsigned>(header.command));
  }
  document()["direction"] = header.is_response() ? "response" : "request";
  if (header.is_response()) {
    document()["status"] = Hex32(header.status);
  }
  document()["message_id"] = header.message_id;
  document()["session_id"] = header.session_id;
  document()["signed"] = header.is_signed();
}

absl::Status Decoder::AddBody(const smb2::Header& header) {
  const bool with_body = !header.is_response() || header.status == smb2::kStatusSuccess ||
                         header.status == smb2::kStatusMoreProcessingRequired;
  if (header.command == smb2::Command::kNegotiate && with_body) {
    return header.is_response() ? AddNegotiateResponse() : AddNegotiateRequest();
  }
  if (header.command == smb2::Command::kSessionSetup && with_body) {
    return header.is_response() ? AddSessionSetupResponse() : AddSessionSetupRequest();
  }
  return absl::OkStatus();
}

absl::Status Decoder::AddNegotiateRequest() {
  const auto request = smb2::ParseNegotiateRequest(message_);
  if (!request.ok()) {
    return request.status();
  }
  AddSecurityMode(request->security_mode);
  for (const uint16_t dialect : request->dialects) {
    document()["dialects"].push_back(DialectText(dialect));
  }
  return absl::OkStatus();
}

absl::Status Decoder::AddNegotiateResponse() {
  const auto response = smb2::ParseNegotiateResponse(message_);
  if (!response.ok()) {
    return response.status();
  }
  AddSecurityMode(response->security_mode);
  document()["dialect"] = DialectText(response->dialect);
  AddToken(response->token);
  return absl::OkStatus();
}

absl::Status Decoder::AddSessionSetupRequest() {
  const auto request = smb2::ParseSessionSetupRequest(message_);
  if (!request.ok()) {
    return request.status();
  }
  AddSecurityMode(request->security_mode);
  document()["binding"] = (request->flags & smb2::kSessionSetupBinding) != 0;
  AddToken(request->token);
  return absl::OkStatus();
}

absl::Status Decoder::AddSessionSetupResponse() {
  const auto response = smb2::ParseSessionSetupResponse(message_);
  if (!response.ok()) {
    return response.status();
  }
  document()["guest"] = (response->session_flags & smb2::kSessionIsGuest) != 0;
  document()["anonymous"] = (response->session_flags & smb2::kSessionIsNull) != 0;
  document()["encrypt_data"] = (response->session_flags & smb2::kSessionEncryptData) != 0;
  AddToken(response->token);
  return absl::OkStatus();
}

void Decoder::AddSecurityMode(uint16_t mode) {
  document()["signing"] = (mode & smb2::kSigningRequired) != 0  ? "required"
                          : (mode & smb2::kSigningEnabled) != 0 ? "enabled"
                                                                : "off";
}

void Decoder::AddToken(std::span<const uint8_t> token) {
  if (token.empty()) {
    return;
  }
  document()["token"] = EncodeHex(token);
  std::optional<DecodedToken> inner = DecodeMechanismToken(token, options_, depth_);
  if (!inner.has_value()) {
    return;
  }
  if (inner->malformed) {
    const Json& error = inner->document.at("error");
    AddFaultAt(token, error.at("offset").get<size_t>(), error.at("reason").get<std::string>());
  }
  document()["inner"] = std::move(inner->document);
  decoded_.opened = std::move(inner->opened);
}

}  // namespace

bool LooksLikeSmb2(std::span<const uint8_t> message) {
  return ByteReader(WithoutFrame(message)).Match(smb2::kSmb2ProtocolId);
}

DecodedToken DecodeSmb2(std::span<const uint8_t> message, const DecodeOptions& options, int depth) {
  return Decoder(message, options, depth).Decode();
}

}  // namespace epa::tool
