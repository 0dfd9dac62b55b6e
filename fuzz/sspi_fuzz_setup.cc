#include "fuzz/sspi_fuzz_setup.h"

#include <algorithm>
#include <array>
#include <span>

namespace epa::fuzz {
namespace {

CredHandle MakeCredentials(ULONG use) {
  EPA_AUTH_DATA data{};
  data.Version = EPA_AUTH_DATA_VERSION;
  data.Length = sizeof(data);
  data.User = "alice";
  data.Password = "secret";
  data.Accounts = ":alice:secret\n";
  data.PackageList = "NTLM";
  char package[] = "Negotiate";
  CredHandle handle{};
  Require(epa_AcquireCredentialsHandleA(nullptr, package, use, nullptr, &data, nullptr, nullptr,
                                        &handle, nullptr) == SEC_E_OK);
  return handle;
}

}  // namespace

PCredHandle SspiServer() {
  static CredHandle handle = MakeCredentials(SECPKG_CRED_INBOUND);
  return &handle;
}

PCredHandle SspiClient() {
  static CredHandle handle = MakeCredentials(SECPKG_CRED_OUTBOUND);
  return &handle;
}

FuzzedDescriptor::FuzzedDescriptor(ByteReader& input) {
  uint8_t version = 0, count = 0;
  if (!input.ReadU8(version) || !input.ReadU8(count)) {
    return;
  }
  for (uint8_t i = 0; i < count % 9; ++i) {
    uint8_t type = 0, shape = 0;
    uint16_t size = 0;
    std::span<const uint8_t> octets;
    if (!input.ReadU8(type) || !input.ReadU8(shape) || !input.ReadU16(size) ||
        !input.ReadSpan(size < input.remaining() ? size : input.remaining(), octets)) {
      break;
    }
    octets_.emplace_back(octets.begin(), octets.end());
    const auto attributes = static_cast<ULONG>(shape & 0xF0) << 24;
    const bool null = (shape & 1) != 0;
    const auto claimed = static_cast<ULONG>(octets.size());
    const ULONG shorter = (shape >> 1) & 3;
    buffers_.push_back({null || claimed < shorter ? claimed : claimed - shorter,
                        type % 33 | attributes, null ? nullptr : octets_.back().data()});
  }
  descriptor_ = {version == 0xFF ? 1u : 0u, static_cast<ULONG>(buffers_.size()),
                 count == 0xFE ? nullptr : buffers_.data()};
}

void FuzzedDescriptor::Check() const {
  // Only DecryptMessage moves a pointer: into the stream of the same call.
  for (size_t i = 0; i < buffers_.size(); ++i) {
    const auto* place = static_cast<const uint8_t*>(buffers_[i].pvBuffer);
    bool inside = place == nullptr;
    for (const std::vector<uint8_t>& octets : octets_) {
      inside = inside || (place >= octets.data() && place <= octets.data() + octets.size());
    }
    Require(inside);
  }
}

ULONG RequestOf(uint8_t flags) {
  ULONG request = 0;
  request |= (flags & 1) != 0 ? ASC_REQ_ALLOW_MISSING_BINDINGS : 0;
  request |= (flags & 2) != 0 ? ASC_REQ_PROXY_BINDINGS : 0;
  request |= (flags & 4) != 0 ? ASC_REQ_ALLOW_NULL_SESSION : 0;
  request |= (flags & 8) != 0 ? ASC_REQ_EXTENDED_ERROR | ISC_REQ_EXTENDED_ERROR : 0;
  request |= (flags & 16) != 0 ? ISC_REQ_CONFIDENTIALITY : 0;
  request |= (flags & 32) != 0 ? ISC_REQ_UNVERIFIED_TARGET_NAME : 0;
  return request;
}

SECURITY_STATUS Step(bool server, PCtxtHandle context, PSecBufferDesc input, ULONG request,
                     PCtxtHandle new_context, PSecBufferDesc output) {
  ULONG attributes = 0;
  return server
             ? epa_AcceptSecurityContext(SspiServer(), context, input, request, 0, new_context,
                                         output, &attributes, nullptr)
             : epa_InitializeSecurityContextA(SspiClient(), context, nullptr, request, 0, 0, input,
                                              0, new_context, output, &attributes, nullptr);
}

EstablishedPair::EstablishedPair() {
  SECURITY_STATUS last = SEC_I_CONTINUE_NEEDED;
  std::array<std::array<uint8_t, 4096>, 2> room;
  SecBuffer token = {0, SECBUFFER_TOKEN, nullptr};
  for (int turn = 0; turn == 0 || token.cbBuffer != 0; ++turn) {
    const bool server = turn % 2 == 1;
    SecBuffer reply = {sizeof(room[0]), SECBUFFER_TOKEN, room[server ? 1 : 0].data()};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &token}, output = {SECBUFFER_VERSION, 1, &reply};
    PCtxtHandle handle = server ? &server_ : &client_;
    last =
        Step(server, turn < 2 ? nullptr : handle, &input, ISC_REQ_CONFIDENTIALITY, handle, &output);
    Require(last >= 0);
    token = reply;
  }
  Require(last == SEC_E_OK);
}

EstablishedPair::~EstablishedPair() {
  epa_DeleteSecurityContext(&client_);
  epa_DeleteSecurityContext(&server_);
}

SecPkgContext_Bindings CopyBindings(std::span<const uint8_t> bindings) {
  void* const block = std::malloc(bindings.size() + 1);
  Require(block != nullptr);
  std::ranges::copy(bindings, static_cast<uint8_t*>(block));
  return {static_cast<ULONG>(bindings.size()), static_cast<SEC_CHANNEL_BINDINGS*>(block)};
}

BoundLogin LogInWith(std::span<const uint8_t> bindings) {
  std::array<CtxtHandle, 2> handles{};
  std::array<bool, 2> begun{};
  std::array<std::array<uint8_t, 4096>, 2> room;
  BoundLogin login = {SEC_E_OK, 0};
  SecBuffer token = {0, SECBUFFER_TOKEN, nullptr};
  for (int turn = 0; turn == 0 || (login.status >= 0 && token.cbBuffer != 0); ++turn) {
    const size_t side = turn % 2 == 0 ? 0 : 1;
    std::array in = {token,
                     SecBuffer{static_cast<ULONG>(bindings.size()), SECBUFFER_CHANNEL_BINDINGS,
                               const_cast<uint8_t*>(bindings.data())}};
    std::array out = {
        SecBuffer{sizeof(room[0]), SECBUFFER_TOKEN, room[side].data()},
        SecBuffer{sizeof(login.result), SECBUFFER_CHANNEL_BINDINGS_RESULT, &login.result}};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in.data()},
                  output = {SECBUFFER_VERSION, side == 1 ? 2u : 1u, out.data()};
    login.status =
        Step(side == 1, begun[side] ? &handles[side] : nullptr, &input, 0, &handles[side], &output);
    begun[side] = begun[side] || login.status >= 0;
    token = out[0];
  }
  for (CtxtHandle& handle : handles) {
    epa_DeleteSecurityContext(&handle);
  }
  return login;
}

}  // namespace epa::fuzz
