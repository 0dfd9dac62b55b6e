// Bits that nobody has defined, in what a caller passes: never overlooked.
#include <gtest/gtest.h>

#include <bit>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

LoginKind Ntlm() { return NtlmKinds().front(); }

TEST(UnknownBits, OfBindingsDoNotMakeAServerAuditOnly) {
  for (const ULONG flags : {2u, 3u, 0x80000001u, 0xFFFFFFFFu}) {
    SideOptions server;
    server.bindings = SecBindingsEx(1, flags);
    Login login(Ntlm(), {}, server);
    ASSERT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
    EXPECT_EQ(login.server.Step(login.client.reply), SEC_E_INVALID_TOKEN) << flags;
    SideOptions client;
    client.bindings = SecBindingsEx(1, flags);
    Login initiator(Ntlm(), client, {});
    EXPECT_EQ(initiator.client.Step({}), SEC_E_INVALID_TOKEN) << flags;
  }
  for (const ULONG flags : {0u, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS + 0u}) {
    SideOptions server;
    server.bindings = SecBindingsEx(1, flags);
    Login login(Ntlm(), {}, server);
    EXPECT_EQ(RunLogin(login.client, login.server).succeeded(), flags != 0);
  }
}

TEST(UnknownBits, OfALaterCallsBindings) {
  Login login(Ntlm(), {}, {});
  ASSERT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  login.client.options.bindings = SecBindingsEx(1, 0x10);
  EXPECT_EQ(login.client.Step(login.server.reply), SEC_E_INVALID_TOKEN);
}

SECURITY_STATUS AcquireWith(void* identity) {
  CredHandle handle{};
  const SECURITY_STATUS status = Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, identity, &handle);
  epa_FreeCredentialsHandle(&handle);
  return status;
}

// 0x10 to 0x80 say that the strings are encrypted; 0x8, that there is no password.
TEST(UnknownBits, OfIdentities) {
  std::u16string user = u"alice", password = u"secret";
  for (int bit = 2; bit < 32; ++bit) {
    const ULONG flag = 1u << bit;
    const bool harmless = flag == SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER ||
                          flag == SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN;
    SEC_WINNT_AUTH_IDENTITY_W plain{};
    plain.User = reinterpret_cast<unsigned short*>(user.data());
    plain.UserLength = 5;
    plain.Password = reinterpret_cast<unsigned short*>(password.data());
    plain.PasswordLength = 6;
    plain.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | flag;
    EXPECT_EQ(AcquireWith(&plain), harmless ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS) << bit;
    SEC_WINNT_AUTH_IDENTITY_EXW extended{};
    extended.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    extended.Length = sizeof(extended);
    extended.User = reinterpret_cast<unsigned short*>(user.data());
    extended.UserLength = 5;
    extended.Password = reinterpret_cast<unsigned short*>(password.data());
    extended.PasswordLength = 6;
    extended.Flags = plain.Flags;
    EXPECT_EQ(AcquireWith(&extended), harmless ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS) << bit;
  }
}

TEST(UnknownBits, OfOpaqueIdentities) {
  for (int bit = 2; bit < 32; ++bit) {
    const ULONG flag = 1u << bit;
    const bool harmless = flag == SEC_WINNT_AUTH_IDENTITY_MARSHALLED ||
                          flag == SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER ||
                          flag == SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN;
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
    ASSERT_EQ(epa_SspiEncodeStringsAsAuthIdentity(u"alice", u"CORP", u"secret", &identity),
              SEC_E_OK);
    static_cast<SEC_WINNT_AUTH_IDENTITY_EX2*>(identity)->Flags |= flag;
    EXPECT_EQ(AcquireWith(identity), harmless ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS) << bit;
    EXPECT_EQ(epa_SspiValidateAuthIdentity(identity),
              harmless ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS)
        << bit;
    EXPECT_EQ(epa_SspiIsAuthIdentityEncrypted(identity) != 0, bit >= 4 && bit <= 7) << bit;
    epa_SspiFreeAuthIdentity(identity);
  }
}

// The structure of another compiler's packing, or of a newer header.
TEST(UnknownBits, OfAnExtendedIdentitysLength) {
  for (const ULONG length : {0u, 68u, 71u, 73u, 80u}) {
    SEC_WINNT_AUTH_IDENTITY_EXW extended{};
    extended.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    extended.Length = length;
    extended.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    EXPECT_EQ(AcquireWith(&extended), SEC_E_UNKNOWN_CREDENTIALS) << length;
  }
}

TEST(UnknownBits, OfBufferTypes) {
  Login login(Ntlm(), {}, {});
  ASSERT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
  for (const ULONG attribute : {0x20000000u, 0x40000000u, SECBUFFER_RESERVED + 0u}) {
    SecBuffer in = {static_cast<ULONG>(login.client.reply.size()), SECBUFFER_TOKEN | attribute,
                    login.client.reply.data()};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    Octets room(4096);
    SecBuffer out = {4096, SECBUFFER_TOKEN, room.data()};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle context{};
    ULONG attributes = 0;
    EXPECT_EQ(epa_AcceptSecurityContext(login.server_credentials.get(), nullptr, &input, 0, 0,
                                        &context, &output, &attributes, nullptr),
              SEC_E_INVALID_TOKEN)
        << attribute;
  }
}

}  // namespace
}  // namespace epa::test
