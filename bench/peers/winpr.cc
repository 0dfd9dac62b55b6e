#include "bench/peers/winpr.h"

#include <winpr/sspi.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace epa::bench {
namespace {

constexpr ULONG kMaxToken = 2010;     // what WinPR's NTLM package announces
constexpr ULONG kSignatureSize = 16;  // [MS-NLMP] 2.2.2.9

void RequireSecurityStatus(SECURITY_STATUS status, SECURITY_STATUS expected,
                           std::string_view what) {
  if (status != expected) {
    std::fprintf(stderr, "WinPR: status %#x: ", static_cast<unsigned>(status));
    Require(false, what);
  }
}

// All texts of this benchmark are ASCII.
std::u16string Widen(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }

WCHAR* Wide(const std::u16string& text) {
  return reinterpret_cast<WCHAR*>(const_cast<char16_t*>(text.c_str()));
}

struct Shared {
  SecurityFunctionTableW* functions = nullptr;
  std::u16string package = Widen("NTLM");
  std::u16string user = Widen(kUser);
  std::u16string domain = Widen(kDomain);
  std::u16string password = Widen(kPassword);
  std::u16string target = Widen(kTargetName);
  CredHandle client_credentials{};
};

// A server's credentials serve one login: WinPR writes the client's name into them.
struct Server {
  CredHandle credentials{};
  CtxtHandle context{};
  bool exists = false;
};

struct Client {
  CtxtHandle context{};
  bool exists = false;
};

struct Message {
  std::vector<uint8_t> text;
  std::array<uint8_t, kSignatureSize> signature{};
};

class WinPrWorker : public NtlmWorker {
 public:
  WinPrWorker(const Shared& shared, size_t slots)
      : NtlmWorker(slots), shared_(shared), clients_(slots), servers_(slots) {
    const std::span<const uint8_t> data = BindingApplicationData();
    SEC_CHANNEL_BINDINGS header{};
    header.cbApplicationDataLength = static_cast<UINT32>(data.size());
    header.dwApplicationDataOffset = sizeof(header);
    bindings_.resize(sizeof(header));
    std::memcpy(bindings_.data(), &header, sizeof(header));
    bindings_.insert(bindings_.end(), data.begin(), data.end());
  }

  ~WinPrWorker() override {
    for (size_t slot = 0; slot < slots(); ++slot) {
      ReleaseClient(slot);
      ReleaseServer(slot);
    }
  }

  void Negotiate(size_t slot) override {
    StepClient(slot, SEC_I_CONTINUE_NEEDED, "NEGOTIATE");
    clients_[slot].exists = true;
  }

  void Authenticate(size_t slot) override { StepClient(slot, SEC_E_OK, "AUTHENTICATE"); }

  void Challenge(size_t slot) override {
    Server& server = servers_[slot];
    RequireSecurityStatus(shared_.functions->AcquireCredentialsHandleW(
                              nullptr, Wide(shared_.package), SECPKG_CRED_INBOUND, nullptr, nullptr,
                              nullptr, nullptr, &server.credentials, nullptr),
                          SEC_E_OK, "AcquireCredentialsHandle");
    StepServer(slot, SEC_I_CONTINUE_NEEDED, "CHALLENGE");
    server.exists = true;
    SecPkgContext_AuthNtlmHash hash{};
    hash.Version = 1;
    std::memcpy(hash.NtlmHash, kNtHash.data(), kNtHash.size());
    RequireSecurityStatus(shared_.functions->SetContextAttributesW(
                              &server.context, SECPKG_ATTR_AUTH_NTLM_HASH, &hash, sizeof(hash)),
                          SEC_E_OK, "SetContextAttributes");
  }

  // WinPR verifies in CompleteAuthToken.
  void Accept(size_t slot) override {
    StepServer(slot, SEC_I_COMPLETE_NEEDED, "accepting");
    SecBufferDesc none = {SECBUFFER_VERSION, 0, nullptr};
    RequireSecurityStatus(shared_.functions->CompleteAuthToken(&servers_[slot].context, &none),
                          SEC_E_OK, "CompleteAuthToken");
  }

  void ReleaseClient(size_t slot) override {
    if (clients_[slot].exists) {
      shared_.functions->DeleteSecurityContext(&clients_[slot].context);
      clients_[slot] = Client{};
    }
  }

  void ReleaseServer(size_t slot) override {
    if (servers_[slot].exists) {
      shared_.functions->DeleteSecurityContext(&servers_[slot].context);
      shared_.functions->FreeCredentialsHandle(&servers_[slot].credentials);
      servers_[slot] = Server{};
    }
  }

  void PrepareMessages(size_t count, size_t size) override {
    messages_.assign(count, Message{std::vector<uint8_t>(size, 0x33), {}});
  }

  void Seal(size_t index) override {
    std::array<SecBuffer, 2> buffers = BuffersOf(messages_[index]);
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers.data()};
    RequireSecurityStatus(shared_.functions->EncryptMessage(&clients_[0].context, 0, &list,
                                                            static_cast<ULONG>(index)),
                          SEC_E_OK, "EncryptMessage");
  }

  void Unseal(size_t index) override {
    std::array<SecBuffer, 2> buffers = BuffersOf(messages_[index]);
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers.data()};
    RequireSecurityStatus(shared_.functions->DecryptMessage(&servers_[0].context, &list,
                                                            static_cast<ULONG>(index), nullptr),
                          SEC_E_OK, "DecryptMessage");
  }

 private:
  static std::array<SecBuffer, 2> BuffersOf(Message& message) {
    return {SecBuffer{static_cast<ULONG>(message.text.size()), SECBUFFER_DATA, message.text.data()},
            SecBuffer{kSignatureSize, SECBUFFER_TOKEN, message.signature.data()}};
  }

  void StepClient(size_t slot, SECURITY_STATUS expected, std::string_view what) {
    constexpr ULONG kFlags = ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY |
                             ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT;
    Client& client = clients_[slot];
    const std::vector<uint8_t>& challenge = token(slot);
    std::array<SecBuffer, 2> inputs = {
        SecBuffer{static_cast<ULONG>(bindings_.size()), SECBUFFER_CHANNEL_BINDINGS,
                  bindings_.data()},
        SecBuffer{static_cast<ULONG>(challenge.size()), SECBUFFER_TOKEN,
                  const_cast<uint8_t*>(challenge.data())}};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, inputs.data()};
    std::array<uint8_t, kMaxToken> octets;
    SecBuffer output_buffer = {kMaxToken, SECBUFFER_TOKEN, octets.data()};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &output_buffer};
    ULONG attributes = 0;
    CredHandle credentials = shared_.client_credentials;
    const SECURITY_STATUS status = shared_.functions->InitializeSecurityContextW(
        &credentials, client.exists ? &client.context : nullptr, Wide(shared_.target), kFlags, 0,
        SECURITY_NATIVE_DREP, client.exists ? &input : nullptr, 0, &client.context, &output,
        &attributes, nullptr);
    RequireSecurityStatus(status, expected, what);
    CopyToken(slot, octets.data(), output_buffer.cbBuffer);
  }

  void StepServer(size_t slot, SECURITY_STATUS expected, std::string_view what) {
    constexpr ULONG kFlags = ASC_REQ_MUTUAL_AUTH | ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY |
                             ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT;
    Server& server = servers_[slot];
    std::vector<uint8_t>& received = token(slot);
    SecBuffer input_buffer = {static_cast<ULONG>(received.size()), SECBUFFER_TOKEN,
                              received.data()};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &input_buffer};
    std::array<uint8_t, kMaxToken> octets;
    SecBuffer output_buffer = {kMaxToken, SECBUFFER_TOKEN, octets.data()};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &output_buffer};
    ULONG attributes = 0;
    const SECURITY_STATUS status = shared_.functions->AcceptSecurityContext(
        &server.credentials, server.exists ? &server.context : nullptr, &input, kFlags,
        SECURITY_NATIVE_DREP, &server.context, &output, &attributes, nullptr);
    RequireSecurityStatus(status, expected, what);
    if (status == SEC_I_CONTINUE_NEEDED) {
      CopyToken(slot, octets.data(), output_buffer.cbBuffer);
    }
  }

  const Shared& shared_;
  std::vector<uint8_t> bindings_;
  std::vector<Client> clients_;
  std::vector<Server> servers_;
  std::vector<Message> messages_;
};

class WinPr : public Contender {
 public:
  WinPr() {
    setenv("WLOG_LEVEL", "OFF", 1);
    shared_.functions = InitSecurityInterfaceExW(SSPI_INTERFACE_WINPR);
    Require(shared_.functions != nullptr, "WinPR has no security interface");
    SEC_WINNT_AUTH_IDENTITY_W identity{};
    identity.User = Wide(shared_.user);
    identity.UserLength = static_cast<UINT32>(shared_.user.size());
    identity.Domain = Wide(shared_.domain);
    identity.DomainLength = static_cast<UINT32>(shared_.domain.size());
    identity.Password = Wide(shared_.password);
    identity.PasswordLength = static_cast<UINT32>(shared_.password.size());
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    RequireSecurityStatus(shared_.functions->AcquireCredentialsHandleW(
                              nullptr, Wide(shared_.package), SECPKG_CRED_OUTBOUND, nullptr,
                              &identity, nullptr, nullptr, &shared_.client_credentials, nullptr),
                          SEC_E_OK, "AcquireCredentialsHandle");
  }

  ~WinPr() override { shared_.functions->FreeCredentialsHandle(&shared_.client_credentials); }

  std::string_view name() const override { return "winpr"; }

  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<WinPrWorker>(shared_, slots);
  }

 private:
  Shared shared_;
};

}  // namespace

std::unique_ptr<Contender> CreateWinPr() { return std::make_unique<WinPr>(); }

}  // namespace epa::bench
