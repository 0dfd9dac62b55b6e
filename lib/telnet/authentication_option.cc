#include "lib/telnet/authentication_option.h"

#include <string>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"

namespace epa::telnet {
namespace {

// SECBUFFER_TOKEN ([MS-TNAP] 2.2.2).
constexpr uint32_t kBufferType = 2;

absl::Status Malformed(const ByteReader& reader, std::string_view what) {
  return absl::InvalidArgumentError("AUTHENTICATION: " + std::string(what) + " at offset " +
                                    std::to_string(reader.offset()));
}

bool HasToken(NtlmCommand command) {
  return command != NtlmCommand::kAccept && command != NtlmCommand::kReject;
}

bool ReadPair(ByteReader& reader, AuthenticationPair& pair) {
  return reader.ReadU8(pair.type) && reader.ReadU8(pair.modifiers);
}

absl::Status ReadOffered(ByteReader& reader, std::vector<AuthenticationPair>& offered) {
  while (!reader.at_end()) {
    AuthenticationPair pair;
    if (!ReadPair(reader, pair)) {
      return Malformed(reader, "half a type pair");
    }
    offered.push_back(pair);
  }
  return absl::OkStatus();
}

absl::Status ReadNtlm(ByteReader& reader, AuthenticationMessage& message) {
  uint8_t command = 0;
  if (!reader.ReadU8(command) || command > static_cast<uint8_t>(NtlmCommand::kReject)) {
    return Malformed(reader, "no known NTLM command");
  }
  message.ntlm = static_cast<NtlmCommand>(command);
  if (!HasToken(*message.ntlm)) {
    return reader.at_end() ? absl::OkStatus() : Malformed(reader, "octets after the last field");
  }
  uint32_t size = 0;
  uint32_t buffer_type = 0;
  if (!reader.ReadU32(size) || !reader.ReadU32(buffer_type)) {
    return Malformed(reader, "no token size or no buffer type");
  }
  if (buffer_type != kBufferType) {
    return Malformed(reader, "a buffer type that is not 2");
  }
  if (size != reader.remaining()) {
    return Malformed(reader, "a token size that is not the token's");
  }
  message.token = reader.rest();
  return absl::OkStatus();
}

ByteWriter BeginNtlm(AuthenticationVerb verb, NtlmCommand command) {
  ByteWriter writer;
  writer.WriteU8(static_cast<uint8_t>(verb));
  writer.WriteU8(kNtlmPair.type);
  writer.WriteU8(kNtlmPair.modifiers);
  writer.WriteU8(static_cast<uint8_t>(command));
  return writer;
}

std::vector<uint8_t> EncodeNtlm(AuthenticationVerb verb, NtlmCommand command,
                                std::span<const uint8_t> token) {
  ByteWriter writer = BeginNtlm(verb, command);
  if (HasToken(command)) {
    writer.WriteU32(static_cast<uint32_t>(token.size()));
    writer.WriteU32(kBufferType);
    writer.WriteBytes(token);
  }
  return std::move(writer).Take();
}

}  // namespace

absl::StatusOr<AuthenticationMessage> ParseAuthentication(std::span<const uint8_t> body) {
  ByteReader reader(body);
  AuthenticationMessage message;
  uint8_t verb = 0;
  if (!reader.ReadU8(verb) || verb > static_cast<uint8_t>(AuthenticationVerb::kName)) {
    return Malformed(reader, "no known command");
  }
  message.verb = static_cast<AuthenticationVerb>(verb);
  absl::Status read = absl::OkStatus();
  if (message.verb == AuthenticationVerb::kSend) {
    read = ReadOffered(reader, message.offered);
  } else if (message.verb != AuthenticationVerb::kName) {
    if (!ReadPair(reader, message.pair)) {
      return Malformed(reader, "no type pair");
    }
    if (message.pair.type == kNtlmPair.type) {
      read = ReadNtlm(reader, message);
    } else {
      message.token = reader.rest();
    }
  }
  return read.ok() ? absl::StatusOr<AuthenticationMessage>(std::move(message)) : read;
}

std::vector<uint8_t> EncodeSend(std::span<const AuthenticationPair> offered) {
  ByteWriter writer;
  writer.WriteU8(static_cast<uint8_t>(AuthenticationVerb::kSend));
  for (const AuthenticationPair& pair : offered) {
    writer.WriteU8(pair.type);
    writer.WriteU8(pair.modifiers);
  }
  return std::move(writer).Take();
}

std::vector<uint8_t> EncodeIsNull() {
  return {static_cast<uint8_t>(AuthenticationVerb::kIs), kNullPair.type, kNullPair.modifiers};
}

std::vector<uint8_t> EncodeNtlmIs(NtlmCommand command, std::span<const uint8_t> token) {
  return EncodeNtlm(AuthenticationVerb::kIs, command, token);
}

std::vector<uint8_t> EncodeNtlmReply(NtlmCommand command, std::span<const uint8_t> token) {
  return EncodeNtlm(AuthenticationVerb::kReply, command, token);
}

}  // namespace epa::telnet
