// The bindings of OpenSSL connections, and logins bound to them.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <cstring>

#include "tests/sspi/sspi_peer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_connection.h"

namespace epa::test {
namespace {

class TlsContext {
 private:
  CtxtHandle handle_{};  // before `status`, whose making fills it in

 public:
  explicit TlsContext(SSL* ssl, ULONG flags = 0)
      : status(epa_WrapTlsConnection(ssl, flags, &handle_)) {}
  ~TlsContext() {
    if (status == SEC_E_OK) {
      epa_DeleteSecurityContext(&handle_);
    }
  }
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Empty where there is none.
  Octets Bindings(ULONG attribute) {
    SecPkgContext_Bindings bindings{};
    last = epa_QueryContextAttributesW(&handle_, attribute, &bindings);
    if (last != SEC_E_OK) {
      return {};
    }
    const auto* octets = reinterpret_cast<const uint8_t*>(bindings.Bindings);
    Octets copy(octets, octets + bindings.BindingsLength);
    epa_FreeContextBuffer(bindings.Bindings);
    return copy;
  }

  PCtxtHandle get() { return &handle_; }

  const SECURITY_STATUS status;
  SECURITY_STATUS last = SEC_E_OK;
};

TlsConnection Connect(int version, KeyType key = KeyType::kEcdsaP256) {
  const Certificate certificate = *CreateCertificate({.key = key});
  const SslContext server = CreateServerContext(version, std::span(&certificate, 1));
  TlsConnection connection = CreateTlsConnection(server, CreateClientContext(version));
  EXPECT_TRUE(connection.Handshake());
  return connection;
}

std::string ApplicationData(const Octets& bindings) {
  SEC_CHANNEL_BINDINGS header{};
  if (bindings.size() < sizeof(header)) {
    return "";
  }
  std::memcpy(&header, bindings.data(), sizeof(header));
  EXPECT_EQ(header.dwApplicationDataOffset, sizeof(header));
  EXPECT_EQ(header.cbApplicationDataLength + sizeof(header), bindings.size());
  return std::string(bindings.begin() + sizeof(header), bindings.end());
}

TEST(TlsConnections, BothEndsHaveTheSameEndpointBinding) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const TlsConnection connection = Connect(version);
    TlsContext client(connection.client.get()), server(connection.server.get());
    ASSERT_EQ(client.status, SEC_E_OK);
    const Octets bindings = client.Bindings(SECPKG_ATTR_ENDPOINT_BINDINGS);
    EXPECT_EQ(ApplicationData(bindings).substr(0, 21), "tls-server-end-point:");
    EXPECT_EQ(bindings.size(), 32u + 21 + 32);
    EXPECT_EQ(bindings, server.Bindings(SECPKG_ATTR_ENDPOINT_BINDINGS));
  }
}

TEST(TlsConnections, UniqueBindingsAreOfTls12Alone) {
  const TlsConnection older = Connect(TLS1_2_VERSION);
  TlsContext client(older.client.get()), server(older.server.get());
  const Octets bindings = client.Bindings(SECPKG_ATTR_UNIQUE_BINDINGS);
  EXPECT_EQ(ApplicationData(bindings).substr(0, 11), "tls-unique:");
  EXPECT_EQ(bindings, server.Bindings(SECPKG_ATTR_UNIQUE_BINDINGS));
  const TlsConnection newer = Connect(TLS1_3_VERSION);
  TlsContext without(newer.client.get());
  without.Bindings(SECPKG_ATTR_UNIQUE_BINDINGS);
  EXPECT_EQ(without.last, SEC_E_UNSUPPORTED_FUNCTION);
}

TEST(TlsConnections, UndefinedHashesAreThereOnRequest) {
  const TlsConnection connection = Connect(TLS1_3_VERSION, KeyType::kEd25519);
  TlsContext undefined(connection.client.get());
  undefined.Bindings(SECPKG_ATTR_ENDPOINT_BINDINGS);
  EXPECT_EQ(undefined.last, SEC_E_UNSUPPORTED_FUNCTION);
  TlsContext defined(connection.client.get(), EPA_TLS_UNDEFINED_HASH_SHA256);
  EXPECT_EQ(defined.Bindings(SECPKG_ATTR_ENDPOINT_BINDINGS).size(), 32u + 21 + 32);
}

TEST(TlsConnections, OutliveTheSslAndDoNothingElse) {
  TlsConnection connection = Connect(TLS1_2_VERSION);
  TlsContext context(connection.client.get());
  connection = {};
  EXPECT_FALSE(context.Bindings(SECPKG_ATTR_ENDPOINT_BINDINGS).empty());
  context.Bindings(SECPKG_ATTR_SIZES);
  EXPECT_EQ(context.last, SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_EncryptMessage(context.get(), 0, nullptr, 0), SEC_E_INVALID_HANDLE);
  uint8_t octet = 0;
  SecBuffer token = {1, SECBUFFER_TOKEN, &octet};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &token};
  EXPECT_EQ(epa_AcceptSecurityContext(nullptr, context.get(), &input, 0, 0, nullptr, nullptr,
                                      nullptr, nullptr),
            SEC_E_INVALID_HANDLE);
  EXPECT_EQ(epa_InitializeSecurityContextA(nullptr, context.get(), nullptr, 0, 0, 0, &input, 0,
                                           nullptr, nullptr, nullptr, nullptr),
            SEC_E_INVALID_HANDLE);
}

TEST(TlsConnections, ArgumentsAreChecked) {
  const Certificate certificate = *CreateCertificate();
  const SslContext server = CreateServerContext(TLS1_3_VERSION, std::span(&certificate, 1));
  const TlsConnection connection = CreateTlsConnection(server, CreateClientContext(TLS1_3_VERSION));
  CtxtHandle handle{};
  EXPECT_EQ(epa_WrapTlsConnection(connection.client.get(), 0, &handle), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_EQ(epa_WrapTlsConnection(nullptr, 0, &handle), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_WrapTlsConnection(connection.client.get(), 0, nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_WrapTlsConnection(connection.client.get(), 2, &handle), SEC_E_INVALID_PARAMETER);
}

// The loop of Microsoft's documentation: bindings of each end's own connection.
TEST(TlsConnections, LoginsAreBoundToThem) {
  const TlsConnection ours = Connect(TLS1_3_VERSION);
  const TlsConnection relays = Connect(TLS1_3_VERSION);
  TlsContext client(ours.client.get()), server(ours.server.get()), relay(relays.client.get());
  for (const LoginKind& kind : AllKinds()) {
    SideOptions server_options;
    server_options.bindings = server.Bindings(SECPKG_ATTR_ENDPOINT_BINDINGS);
    for (const bool relayed : {false, true}) {
      SideOptions client_options;
      client_options.bindings = (relayed ? relay : client).Bindings(SECPKG_ATTR_ENDPOINT_BINDINGS);
      Login login(kind, client_options, server_options);
      EXPECT_EQ(RunLogin(login.client, login.server).server,
                relayed ? SEC_E_BAD_BINDINGS : SEC_E_OK)
          << kind;
    }
  }
}

TEST(SspiSetChannelBindingFlags, MakesTheExtendedStructure) {
  const TlsConnection connection = Connect(TLS1_3_VERSION);
  TlsContext context(connection.server.get());
  SecPkgContext_Bindings bindings{};
  ASSERT_EQ(epa_QueryContextAttributesW(context.get(), SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings),
            SEC_E_OK);
  ASSERT_EQ(epa_SspiSetChannelBindingFlags(&bindings, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS),
            SEC_E_OK);
  SEC_CHANNEL_BINDINGS_EX header;
  ASSERT_GE(bindings.BindingsLength, sizeof(header));
  std::memcpy(&header, bindings.Bindings, sizeof(header));
  EXPECT_EQ(header.magicNumber, static_cast<ULONG>(SEC_CHANNEL_BINDINGS_EX_MAGIC));
  EXPECT_EQ(header.flags, static_cast<ULONG>(SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS));
  EXPECT_EQ(header.cbHeaderLength, sizeof(header));
  EXPECT_EQ(header.cbStructureLength, bindings.BindingsLength);
  const auto* octets = reinterpret_cast<const uint8_t*>(bindings.Bindings);
  SideOptions server;
  server.bindings.assign(octets, octets + bindings.BindingsLength);
  Login login(NtlmKinds().front(), {}, server);
  EXPECT_EQ(RunLogin(login.client, login.server).server, SEC_E_OK);
  EXPECT_EQ(login.server.result.value_or(0) & SEC_CHANNEL_BINDINGS_RESULT_NOTVALID,
            static_cast<ULONG>(SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING));
  // And back again, with a flag nobody knows, and with nothing.
  EXPECT_EQ(epa_SspiSetChannelBindingFlags(&bindings, 0), SEC_E_OK);
  EXPECT_EQ(epa_SspiSetChannelBindingFlags(&bindings, 2), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_SspiSetChannelBindingFlags(nullptr, 0), SEC_E_INVALID_PARAMETER);
  epa_FreeContextBuffer(bindings.Bindings);
  bindings = {};
  EXPECT_EQ(epa_SspiSetChannelBindingFlags(&bindings, 0), SEC_E_INVALID_PARAMETER);
}

}  // namespace
}  // namespace epa::test
