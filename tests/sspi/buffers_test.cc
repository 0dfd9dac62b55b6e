// Descriptors and buffers as careless callers pass them.
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

class Buffers : public ::testing::TestWithParam<LoginKind> {
 protected:
  Login login_{GetParam(), {}, {}};

  SECURITY_STATUS Initialize(PSecBufferDesc input, PSecBufferDesc output) {
    CtxtHandle handle{};
    const SECURITY_STATUS status = epa_InitializeSecurityContextW(
        login_.client_credentials.get(), nullptr, Wide(GetParam().target).data(), 0, 0, 0, input, 0,
        &handle, output, nullptr, nullptr);
    if (status >= 0) {
      epa_DeleteSecurityContext(&handle);
    }
    return status;
  }

  SECURITY_STATUS Accept(PSecBufferDesc input, PSecBufferDesc output) {
    CtxtHandle handle{};
    const SECURITY_STATUS status = epa_AcceptSecurityContext(
        login_.server_credentials.get(), nullptr, input, 0, 0, &handle, output, nullptr, nullptr);
    if (status >= 0) {
      epa_DeleteSecurityContext(&handle);
    }
    return status;
  }

  Octets FirstToken() {
    EXPECT_GE(login_.client.Step({}), 0);
    return login_.client.reply;
  }

  std::array<uint8_t, 0x12000> room_{};
  SecBuffer out_ = {sizeof(room_), SECBUFFER_TOKEN, room_.data()};
  SecBufferDesc output_ = {SECBUFFER_VERSION, 1, &out_};
};

TEST_P(Buffers, OtherVersionsAreRefused) {
  SecBufferDesc future = {1, 1, &out_};
  EXPECT_EQ(Initialize(nullptr, &future), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Initialize(&future, &output_), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Accept(&future, &output_), SEC_E_INVALID_TOKEN);
}

TEST_P(Buffers, CountsWithoutBuffersAreRefused) {
  SecBufferDesc empty = {SECBUFFER_VERSION, 3, nullptr};
  EXPECT_EQ(Initialize(&empty, &output_), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Accept(&empty, &output_), SEC_E_INVALID_TOKEN);
  SecBufferDesc endless = {SECBUFFER_VERSION, 0xFFFFFFFF, &out_};
  EXPECT_EQ(Initialize(&endless, &output_), SEC_E_INVALID_TOKEN);
}

TEST_P(Buffers, SizesWithoutOctetsAreRefused) {
  SecBuffer nothing = {100, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &nothing};
  EXPECT_EQ(Initialize(&input, &output_), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Accept(&input, &output_), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Initialize(nullptr, &input), SEC_E_INTERNAL_ERROR);
  SecBuffer bindings = {100, SECBUFFER_CHANNEL_BINDINGS, nullptr};
  SecBufferDesc bound = {SECBUFFER_VERSION, 1, &bindings};
  EXPECT_EQ(Initialize(&bound, &output_), SEC_E_INVALID_TOKEN);
}

TEST_P(Buffers, AServerNeedsAToken) {
  EXPECT_EQ(Accept(nullptr, &output_), SEC_E_INVALID_TOKEN);
  SecBuffer data = {4, SECBUFFER_DATA, room_.data()};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &data};
  EXPECT_EQ(Accept(&input, &output_), SEC_E_INVALID_TOKEN);
}

TEST_P(Buffers, ATokenNeedsAPlace) {
  EXPECT_EQ(Initialize(nullptr, nullptr), SEC_E_BUFFER_TOO_SMALL);
  SecBuffer data = {sizeof(room_), SECBUFFER_DATA, room_.data()};
  SecBufferDesc output = {SECBUFFER_VERSION, 1, &data};
  EXPECT_EQ(Initialize(nullptr, &output), SEC_E_BUFFER_TOO_SMALL);
}

TEST_P(Buffers, AttributeBitsOfATypeAreNoOtherType) {
  out_.BufferType = SECBUFFER_TOKEN | SECBUFFER_READONLY;
  EXPECT_GE(Initialize(nullptr, &output_), 0);
}

// A truncated structure of bindings must not switch the check off.
TEST_P(Buffers, BindingsCutOffAnywhereAreRefused) {
  Octets token = FirstToken();
  for (const Octets& whole : {SecBindings(1), SecBindingsEx(1, 0)}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      std::array in = {
          SecBuffer{static_cast<ULONG>(token.size()), SECBUFFER_TOKEN, token.data()},
          SecBuffer{static_cast<ULONG>(cut.size()), SECBUFFER_CHANNEL_BINDINGS, cut.data()}};
      SecBufferDesc input = {SECBUFFER_VERSION, 2, in.data()};
      ASSERT_EQ(Accept(&input, &output_), SEC_E_INVALID_TOKEN) << size;
      SecBufferDesc bindings_alone = {SECBUFFER_VERSION, 1, &in[1]};
      ASSERT_EQ(Initialize(&bindings_alone, &output_), SEC_E_INVALID_TOKEN) << size;
    }
  }
}

TEST_P(Buffers, TokensCutOffAnywhereAreRefused) {
  const Octets token = FirstToken();
  const size_t step = token.size() > 400 ? 37 : 1;
  for (size_t size = 0; size < token.size(); size += step) {
    Octets cut(token.begin(), token.begin() + static_cast<std::ptrdiff_t>(size));
    SecBuffer in = {static_cast<ULONG>(cut.size()), SECBUFFER_TOKEN, cut.data()};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    out_ = {sizeof(room_), SECBUFFER_TOKEN, room_.data()};
    const SECURITY_STATUS status = Accept(&input, &output_);
    // Negotiate answers an empty token with its mechanisms; NTLM ends where the flags do.
    if (status >= 0) {
      EXPECT_TRUE((size == 0 && GetParam().package == "Negotiate") ||
                  (GetParam().package == "NTLM" && size >= 16))
          << size;
    }
  }
}

ULONG LongestToken(std::string package) {
  PSecPkgInfoA info = nullptr;
  EXPECT_EQ(epa_QuerySecurityPackageInfoA(package.data(), &info), SEC_E_OK);
  const ULONG longest = info->cbMaxToken;
  epa_FreeContextBuffer(info);
  return longest;
}

// The next call makes another token, and Kerberos' are not always of one size.
TEST_P(Buffers, TooLittleRoomForAFirstTokenAsksForRoomForAny) {
  out_.cbBuffer = 1;
  EXPECT_EQ(Initialize(nullptr, &output_), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(out_.cbBuffer, LongestToken(GetParam().package));
  EXPECT_GE(Initialize(nullptr, &output_), 0);
}

TEST_P(Buffers, ResultNeedsItsFourOctets) {
  Octets token = FirstToken();
  SecBuffer in = {static_cast<ULONG>(token.size()), SECBUFFER_TOKEN, token.data()};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
  std::array<uint8_t, 4> flags{};
  std::array out = {out_, SecBuffer{3, SECBUFFER_CHANNEL_BINDINGS_RESULT, flags.data()}};
  SecBufferDesc output = {SECBUFFER_VERSION, 2, out.data()};
  EXPECT_EQ(Accept(&input, &output), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(out[1].cbBuffer, sizeof(SEC_CHANNEL_BINDINGS_RESULT));
  out[1].pvBuffer = nullptr;
  EXPECT_EQ(Accept(&input, &output), SEC_E_INVALID_TOKEN);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Buffers, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

// Of packages with more than one message from each side.
class LaterTokens : public Buffers {};

// The step is not lost: the same call with enough room brings the same token.
TEST_P(LaterTokens, TooLittleRoomForALaterTokenLosesNothing) {
  ASSERT_GE(login_.client.Step({}), 0);
  ASSERT_EQ(login_.server.Step(login_.client.reply), SEC_I_CONTINUE_NEEDED);
  login_.client.options.room = 10;
  EXPECT_EQ(login_.client.Step(login_.server.reply), SEC_E_BUFFER_TOO_SMALL);
  login_.client.options.room = 0x12000;
  const SECURITY_STATUS second = login_.client.Step(login_.server.reply);
  ASSERT_GE(second, 0);
  Outcome outcome = {second, login_.server.Step(login_.client.reply)};
  if (!login_.server.reply.empty()) {
    outcome.client = login_.client.Step(login_.server.reply);
  }
  EXPECT_TRUE(outcome.succeeded());
}

INSTANTIATE_TEST_SUITE_P(Ntlm, LaterTokens, ::testing::ValuesIn(NtlmKinds()),
                         ::testing::PrintToStringParamName());

TEST(Refusals, AreToldToThePeerWhereAskedFor) {
  const LoginKind negotiate = NtlmKinds().back();
  EPA_AUTH_DATA client = ClientData(negotiate);
  client.Password = "wrong";
  for (const bool told : {false, true}) {
    SideOptions server;
    server.request = told ? ASC_REQ_EXTENDED_ERROR : 0;
    Login login(negotiate, {}, server, client, ServerData(negotiate));
    EXPECT_EQ(RunLogin(login.client, login.server).server, SEC_E_LOGON_DENIED);
    EXPECT_EQ(!login.server.reply.empty(), told);
  }
}

TEST(FreeContextBuffer, TakesNullAndWhatWasAllocated) {
  EXPECT_EQ(epa_FreeContextBuffer(nullptr), SEC_E_OK);
  PSecPkgInfoW info = nullptr;
  ULONG count = 0;
  ASSERT_EQ(epa_EnumerateSecurityPackagesW(&count, &info), SEC_E_OK);
  EXPECT_EQ(epa_FreeContextBuffer(info), SEC_E_OK);
}

}  // namespace
}  // namespace epa::test
