// What a context can do although its client did not ask: a request flag is a wish.
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "epa/base/clock.h"
#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

SecPkgContext_Sizes SizesOf(PCtxtHandle context) {
  SecPkgContext_Sizes sizes{};
  EXPECT_EQ(epa_QueryContextAttributesW(context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
  return sizes;
}

class Unrequested : public ::testing::TestWithParam<LoginKind> {};

// RFC 4752, as curl's and the MongoDB driver's SASL do it: only mutual authentication is asked for,
// and the last message is signed by EncryptMessage.
TEST_P(Unrequested, KerberosProtectsMessages) {
  SideOptions client;
  client.request = ISC_REQ_MUTUAL_AUTH;
  Login login(GetParam(), client, {});
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  const SecPkgContext_Sizes sizes = SizesOf(login.server.context());
  EXPECT_EQ(sizes.cbMaxSignature, 28u);
  EXPECT_EQ(sizes.cbSecurityTrailer, 60u);
  for (const ULONG quality : {SECQOP_WRAP_NO_ENCRYPT + 0u, 0u}) {
    Octets token(sizes.cbSecurityTrailer), data = {1, 0, 0, 0}, padding(sizes.cbBlockSize);
    std::array sent = {
        SecBuffer{static_cast<ULONG>(token.size()), SECBUFFER_TOKEN, token.data()},
        SecBuffer{4, SECBUFFER_DATA, data.data()},
        SecBuffer{static_cast<ULONG>(padding.size()), SECBUFFER_PADDING, padding.data()}};
    SecBufferDesc message = {SECBUFFER_VERSION, 3, sent.data()};
    ASSERT_EQ(epa_EncryptMessage(login.server.context(), quality, &message, 0), SEC_E_OK);
    Octets wire(token.begin(), token.begin() + sent[0].cbBuffer);
    wire.insert(wire.end(), data.begin(), data.end());
    std::array received = {
        SecBuffer{static_cast<ULONG>(wire.size()), SECBUFFER_STREAM, wire.data()},
        SecBuffer{0, SECBUFFER_DATA, nullptr}};
    SecBufferDesc answer = {SECBUFFER_VERSION, 2, received.data()};
    ULONG qop = 77;
    ASSERT_EQ(epa_DecryptMessage(login.client.context(), &answer, 0, &qop), SEC_E_OK);
    EXPECT_EQ(qop, quality);
    EXPECT_EQ(received[1].cbBuffer, 4u);
  }
}

// The client's ticket is there before the server has answered.
TEST_P(Unrequested, TheFirstCallTellsTheTicketsEnd) {
  Login login(GetParam(), {}, {});
  ASSERT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
  EXPECT_GT(login.client.expiry.QuadPart, static_cast<LONGLONG>(SystemClock().Now()));
  EXPECT_LT(login.client.expiry.QuadPart, std::numeric_limits<LONGLONG>::max());
}

TEST_P(Unrequested, DelegationIsToldToWhoAskedWhereItWasGiven) {
  for (const bool asked : {false, true}) {
    for (const bool given : {false, true}) {
      SideOptions client, server;
      client.target = "cifs/server.test.example";  // whom the KDC trusts with it
      server.request = asked ? ASC_REQ_DELEGATE : 0;
      EPA_AUTH_DATA data = ClientData(GetParam());
      data.Flags |= given ? EPA_AUTH_DELEGATE : 0;
      Login login(GetParam(), client, server, data, ServerData(GetParam()));
      ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
      EXPECT_EQ((login.server.attributes & ASC_RET_DELEGATE) != 0, asked && given)
          << asked << given;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Unrequested, ::testing::ValuesIn(KerberosKinds()),
                         ::testing::PrintToStringParamName());

// As on Windows the sizes are those of a signature, whatever was agreed on; NTLM signs by agreement
// alone, so making one fails.
TEST(UnrequestedNtlm, TellsTheSizesAndSignsNothing) {
  Login login(NtlmKinds().front(), {}, {});
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  const SecPkgContext_Sizes sizes = SizesOf(login.client.context());
  EXPECT_EQ(sizes.cbMaxSignature, 16u);
  EXPECT_EQ(sizes.cbSecurityTrailer, 16u);
  EXPECT_EQ(sizes.cbBlockSize, 0u);
  SecPkgContext_KeyInfoA key{};
  ASSERT_EQ(epa_QueryContextAttributesA(login.client.context(), SECPKG_ATTR_KEY_INFO, &key),
            SEC_E_OK);
  EXPECT_STREQ(key.sEncryptAlgorithmName, "RSADSI RC4");
  EXPECT_EQ(key.KeySize, 128u);
  epa_FreeContextBuffer(key.sSignatureAlgorithmName);
  epa_FreeContextBuffer(key.sEncryptAlgorithmName);
  Octets token(16), data(4);
  std::array buffers = {SecBuffer{16, SECBUFFER_TOKEN, token.data()},
                        SecBuffer{4, SECBUFFER_DATA, data.data()}};
  SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers.data()};
  EXPECT_EQ(epa_MakeSignature(login.client.context(), 0, &message, 0), SEC_E_UNSUPPORTED_FUNCTION);
}

class Sequence : public ::testing::TestWithParam<LoginKind> {};

TEST_P(Sequence, AMessageThatIsPlayedAgainIsOutOfSequence) {
  SideOptions client;
  client.request = ISC_REQ_INTEGRITY | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT;
  Login login(GetParam(), client, {});
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  Octets token(SizesOf(login.client.context()).cbMaxSignature), data = {1, 2, 3};
  std::array buffers = {SecBuffer{static_cast<ULONG>(token.size()), SECBUFFER_TOKEN, token.data()},
                        SecBuffer{3, SECBUFFER_DATA, data.data()}};
  SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers.data()};
  ASSERT_EQ(epa_MakeSignature(login.client.context(), 0, &message, 0), SEC_E_OK);
  ASSERT_EQ(epa_VerifySignature(login.server.context(), &message, 0, nullptr), SEC_E_OK);
  EXPECT_EQ(epa_VerifySignature(login.server.context(), &message, 0, nullptr),
            SEC_E_OUT_OF_SEQUENCE);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Sequence, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

TEST(Tables, AreAsWindowsFillsThem) {
  const PSecurityFunctionTableW wide = epa_InitSecurityInterfaceW();
  EXPECT_EQ(wide->dwVersion, ULONG{SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION});
  EXPECT_EQ(wide->Reserved2, nullptr);
  EXPECT_EQ(wide->Reserved3, reinterpret_cast<void*>(wide->EncryptMessage));
  EXPECT_EQ(wide->Reserved4, reinterpret_cast<void*>(wide->DecryptMessage));
  const PSecurityFunctionTableA narrow = epa_InitSecurityInterfaceA();
  EXPECT_EQ(narrow->dwVersion, ULONG{SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION});
  EXPECT_EQ(narrow->Reserved3, reinterpret_cast<void*>(narrow->EncryptMessage));
  EXPECT_EQ(narrow->Reserved4, reinterpret_cast<void*>(narrow->DecryptMessage));
}

}  // namespace
}  // namespace epa::test
