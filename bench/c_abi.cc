#include "bench/c_abi.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "epa/core/channel_bindings.h"
#include "epa/sspi/epa_sspi.h"

namespace epa::bench {
namespace {

constexpr ULONG kMaxToken = 4096;
constexpr ULONG kSignatureSize = 16;  // [MS-NLMP] 2.2.2.9

void RequireStatus(SECURITY_STATUS status, SECURITY_STATUS expected, std::string_view what) {
  if (status != expected) {
    std::fprintf(stderr, "C ABI: status %#x: ", static_cast<unsigned>(status));
    Require(false, what);
  }
}

CredHandle Acquire(ULONG use, EPA_AUTH_DATA data) {
  data.Version = EPA_AUTH_DATA_VERSION;
  data.Length = sizeof(data);
  std::u16string package = NTLMSP_NAME;
  CredHandle handle{};
  RequireStatus(epa_AcquireCredentialsHandleW(nullptr, package.data(), use, nullptr, &data, nullptr,
                                              nullptr, &handle, nullptr),
                SEC_E_OK, "AcquireCredentialsHandleW");
  return handle;
}

CredHandle AcquireClient() {
  const std::string user(kUser), domain(kDomain), password(kPassword), workstation(kWorkstation);
  EPA_AUTH_DATA data{};
  data.User = user.c_str();
  data.Domain = domain.c_str();
  data.Password = password.c_str();
  data.Workstation = workstation.c_str();
  return Acquire(SECPKG_CRED_OUTBOUND, data);
}

CredHandle AcquireServer() {
  std::string accounts =
      std::string(kDomain) + ":" + std::string(kUser) + ":" + std::string(kPassword) + "\n";
  for (int i = 1; i < 10; ++i) {
    accounts += ":" + std::to_string(i) + "user:other\n";
  }
  const std::string target(kTargetName), computer(kNetbiosComputer), domain(kNetbiosDomain);
  const std::array<const char*, 2> names = {target.c_str(), nullptr};
  EPA_PROTECTION_POLICY policy{};
  policy.Length = sizeof(policy);
  policy.Mode = EPA_PROTECTION_REQUIRE;
  policy.Flags = EPA_POLICY_SERVICE_NAME_ON_TLS | EPA_POLICY_REQUIRE_MIC;
  policy.AcceptedNames = names.data();
  EPA_AUTH_DATA data{};
  data.Accounts = accounts.c_str();
  data.NetbiosComputerName = computer.c_str();
  data.NetbiosDomainName = domain.c_str();
  data.Policy = &policy;
  return Acquire(SECPKG_CRED_INBOUND, data);
}

struct Shared {
  std::string name;
  CredHandle client = AcquireClient();
  CredHandle server = AcquireServer();
  std::vector<uint8_t> bindings;
  std::u16string target{kTargetName.begin(), kTargetName.end()};
};

struct Message {
  std::vector<uint8_t> text;
  std::array<uint8_t, kSignatureSize> signature{};
};

class CAbiWorker : public Worker {
 public:
  CAbiWorker(const Shared& shared, size_t slots)
      : Worker(slots, kNtlmLegs), shared_(shared), clients_(slots), servers_(slots) {}

  ~CAbiWorker() override {
    for (size_t slot = 0; slot < slots(); ++slot) {
      ReleaseClient(slot);
      ReleaseServer(slot);
    }
  }

  void Step(size_t slot, size_t leg) override {
    if (leg == 0) {
      DropToken(slot);
    }
    std::array in = {
        SecBuffer{static_cast<ULONG>(token(slot).size()), SECBUFFER_TOKEN, token(slot).data()},
        SecBuffer{static_cast<ULONG>(shared_.bindings.size()), SECBUFFER_CHANNEL_BINDINGS,
                  const_cast<uint8_t*>(shared_.bindings.data())}};
    std::array<uint8_t, kMaxToken> room;
    SecBuffer out = {kMaxToken, SECBUFFER_TOKEN, room.data()};
    SecBufferDesc input = {SECBUFFER_VERSION, in.size(), in.data()};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    const SECURITY_STATUS status = IsClients(leg) ? StepClient(slot, leg, input, output)
                                                  : StepServer(slot, leg, input, output);
    RequireStatus(status, Establishes(leg) ? SEC_E_OK : SEC_I_CONTINUE_NEEDED, "a step");
    CopyToken(slot, room.data(), out.cbBuffer);
  }

  void ReleaseClient(size_t slot) override { Release(clients_[slot]); }
  void ReleaseServer(size_t slot) override { Release(servers_[slot]); }

  void PrepareMessages(size_t count, size_t size) override {
    messages_.assign(count, Message{std::vector<uint8_t>(size, 0x33)});
  }

  void Seal(size_t index) override {
    std::array<SecBuffer, 2> buffers;
    SecBufferDesc message = DescriptorOf(messages_[index], buffers);
    RequireStatus(epa_EncryptMessage(&clients_[0], 0, &message, 0), SEC_E_OK, "EncryptMessage");
  }

  void Unseal(size_t index) override {
    std::array<SecBuffer, 2> buffers;
    SecBufferDesc message = DescriptorOf(messages_[index], buffers);
    RequireStatus(epa_DecryptMessage(&servers_[0], &message, 0, nullptr), SEC_E_OK,
                  "DecryptMessage");
  }

 private:
  SECURITY_STATUS StepClient(size_t slot, size_t leg, SecBufferDesc& input, SecBufferDesc& output) {
    ULONG attributes = 0;
    return epa_InitializeSecurityContextW(
        const_cast<PCredHandle>(&shared_.client), leg < 2 ? nullptr : &clients_[slot],
        const_cast<SEC_WCHAR*>(shared_.target.c_str()), ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY,
        0, SECURITY_NATIVE_DREP, &input, 0, &clients_[slot], &output, &attributes, nullptr);
  }

  SECURITY_STATUS StepServer(size_t slot, size_t leg, SecBufferDesc& input, SecBufferDesc& output) {
    ULONG attributes = 0;
    return epa_AcceptSecurityContext(
        const_cast<PCredHandle>(&shared_.server), leg < 2 ? nullptr : &servers_[slot], &input, 0,
        SECURITY_NATIVE_DREP, &servers_[slot], &output, &attributes, nullptr);
  }

  static SecBufferDesc DescriptorOf(Message& message, std::array<SecBuffer, 2>& buffers) {
    buffers = {
        SecBuffer{kSignatureSize, SECBUFFER_TOKEN, message.signature.data()},
        SecBuffer{static_cast<ULONG>(message.text.size()), SECBUFFER_DATA, message.text.data()}};
    return {SECBUFFER_VERSION, 2, buffers.data()};
  }

  // A handle that leads nowhere is refused.
  static void Release(CtxtHandle& handle) { epa_DeleteSecurityContext(&handle); }

  const Shared& shared_;
  std::vector<CtxtHandle> clients_;
  std::vector<CtxtHandle> servers_;
  std::vector<Message> messages_;
};

class CAbi : public Contender {
 public:
  explicit CAbi(std::string name) {
    shared_.name = std::move(name);
    const auto bindings = ChannelBindings::FromApplicationData(BindingApplicationData());
    Require(bindings.ok(), "FromApplicationData");
    shared_.bindings = bindings->ToSecChannelBindings();
  }
  ~CAbi() override {
    epa_FreeCredentialsHandle(&shared_.client);
    epa_FreeCredentialsHandle(&shared_.server);
  }

  std::string_view name() const override { return shared_.name; }
  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<CAbiWorker>(shared_, slots);
  }

 private:
  Shared shared_;
};

}  // namespace

std::unique_ptr<Contender> CreateCAbi(std::string name) {
  return std::make_unique<CAbi>(std::move(name));
}

}  // namespace epa::bench
