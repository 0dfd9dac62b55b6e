// Every allocation of a call may fail: SEC_E_INSUFFICIENT_MEMORY, and the library goes on.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <new>

#include "tests/sspi/sspi_peer.h"

namespace {

// Allocations that still succeed on this thread; negative: all do.
thread_local int allocations_left = -1;

bool MayAllocate() {
  if (allocations_left < 0) {
    return true;
  }
  return allocations_left-- > 0 || (allocations_left = 0, false);
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  void* block = MayAllocate() ? std::malloc(size) : nullptr;
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace epa::test {
namespace {

// Runs `call` with ever more allocations until it succeeds; how often it did not.
template <typename Call>
int FailuresUntilSuccess(const Call& call, SECURITY_STATUS& last) {
  for (int allowed = 0; allowed < 1000; ++allowed) {
    allocations_left = allowed;
    last = call();
    allocations_left = -1;
    if (last >= 0) {
      return allowed;
    }
    EXPECT_EQ(last, SEC_E_INSUFFICIENT_MEMORY) << "with " << allowed << " allocations";
  }
  return -1;
}

TEST(OutOfMemory, AcquiringSaysSo) {
  EPA_AUTH_DATA data = ClientData(NtlmKinds().front());
  std::u16string package = u"NTLM";
  CredHandle handle{};
  SECURITY_STATUS last = SEC_E_OK;
  const int failures = FailuresUntilSuccess(
      [&] {
        return epa_AcquireCredentialsHandleW(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr,
                                             &data, nullptr, nullptr, &handle, nullptr);
      },
      last);
  EXPECT_EQ(last, SEC_E_OK);
  EXPECT_GT(failures, 0);
  EXPECT_EQ(epa_FreeCredentialsHandle(&handle), SEC_E_OK);
}

TEST(OutOfMemory, AFirstMessageSaysSo) {
  EPA_AUTH_DATA data = ClientData(NtlmKinds().front());
  CredentialsHandle credentials("NTLM", SECPKG_CRED_OUTBOUND, &data);
  std::u16string target = u"HTTP/server.example.com";
  std::array<uint8_t, 1024> room{};
  SECURITY_STATUS last = SEC_E_OK;
  CtxtHandle handle{};
  const int failures = FailuresUntilSuccess(
      [&] {
        SecBuffer token = {sizeof(room), SECBUFFER_TOKEN, room.data()};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
        return epa_InitializeSecurityContextW(credentials.get(), nullptr, target.data(), 0, 0, 0,
                                              nullptr, 0, &handle, &output, nullptr, nullptr);
      },
      last);
  EXPECT_EQ(last, SEC_I_CONTINUE_NEEDED);
  EXPECT_GT(failures, 0);
  EXPECT_EQ(epa_DeleteSecurityContext(&handle), SEC_E_OK);
}

// A step that broke off half-way is not taken up again.
TEST(OutOfMemory, ABrokenStepEndsTheLogin) {
  Login login(NtlmKinds().front(), {}, {});
  ASSERT_GE(login.client.Step({}), 0);
  std::array<uint8_t, 1024> room{};
  SecBuffer in = {static_cast<ULONG>(login.client.reply.size()), SECBUFFER_TOKEN,
                  login.client.reply.data()};
  SecBuffer out = {sizeof(room), SECBUFFER_TOKEN, room.data()};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
  SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  ASSERT_GE(login.client.Step(login.server.reply), 0);
  in = {static_cast<ULONG>(login.client.reply.size()), SECBUFFER_TOKEN, login.client.reply.data()};
  allocations_left = 1;
  const SECURITY_STATUS broken = epa_AcceptSecurityContext(
      nullptr, login.server.context(), &input, 0, 0, nullptr, &output, nullptr, nullptr);
  allocations_left = -1;
  ASSERT_EQ(broken, SEC_E_INSUFFICIENT_MEMORY);
  EXPECT_EQ(login.server.Step(login.client.reply), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_EQ(login.server.UserName(), "");
}

// What the C interface promises: nothing is allocated to protect a message in place.
TEST(Allocations, MessagesNeedNone) {
  SideOptions client;
  client.request = ISC_REQ_CONFIDENTIALITY;
  Login login(NtlmKinds().front(), client, {});
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  std::array<uint8_t, 16> token{};
  std::array<uint8_t, 64> data{};
  std::array buffers = {SecBuffer{sizeof(token), SECBUFFER_TOKEN, token.data()},
                        SecBuffer{sizeof(data), SECBUFFER_DATA, data.data()}};
  SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers.data()};
  // The first message of a direction makes its cipher.
  ASSERT_EQ(epa_EncryptMessage(login.client.context(), 0, &message, 0), SEC_E_OK);
  ASSERT_EQ(epa_DecryptMessage(login.server.context(), &message, 0, nullptr), SEC_E_OK);
  allocations_left = 0;
  const SECURITY_STATUS encrypted = epa_EncryptMessage(login.client.context(), 0, &message, 0);
  const SECURITY_STATUS decrypted =
      epa_DecryptMessage(login.server.context(), &message, 0, nullptr);
  const SECURITY_STATUS made = epa_MakeSignature(login.client.context(), 0, &message, 0);
  const SECURITY_STATUS verified =
      epa_VerifySignature(login.server.context(), &message, 0, nullptr);
  SecPkgContext_Sizes sizes{};
  const SECURITY_STATUS queried =
      epa_QueryContextAttributesW(login.client.context(), SECPKG_ATTR_SIZES, &sizes);
  allocations_left = -1;
  EXPECT_EQ(encrypted, SEC_E_OK);
  EXPECT_EQ(decrypted, SEC_E_OK);
  EXPECT_EQ(made, SEC_E_OK);
  EXPECT_EQ(verified, SEC_E_OK);
  EXPECT_EQ(queried, SEC_E_OK);
}

}  // namespace
}  // namespace epa::test
