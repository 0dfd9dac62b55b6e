// MakeSignature, VerifySignature, EncryptMessage and DecryptMessage.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

Octets Text(std::string_view text) { return {text.begin(), text.end()}; }

SecBuffer Buffer(ULONG type, Octets& octets) {
  return {static_cast<ULONG>(octets.size()), type, octets.data()};
}

class Messages : public ::testing::TestWithParam<LoginKind> {
 protected:
  void SetUp() override {
    SideOptions client;
    client.request = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
    SetUpWith(client);
  }

  void SetUpWith(const SideOptions& client) {
    login_.emplace(GetParam(), client, SideOptions());
    ASSERT_TRUE(RunLogin(login_->client, login_->server).succeeded());
    ASSERT_EQ(epa_QueryContextAttributesW(sender(), SECPKG_ATTR_SIZES, &sizes_), SEC_E_OK);
  }

  bool kerberos() const { return GetParam().carrier == "Kerberos"; }
  PCtxtHandle sender() { return login_->client.context(); }
  PCtxtHandle receiver() { return login_->server.context(); }

  template <size_t N>
  SECURITY_STATUS Encrypt(std::array<SecBuffer, N>& buffers, ULONG quality = 0) {
    SecBufferDesc message = {SECBUFFER_VERSION, N, buffers.data()};
    return epa_EncryptMessage(sender(), quality, &message, 0);
  }
  template <size_t N>
  SECURITY_STATUS Decrypt(std::array<SecBuffer, N>& buffers, PULONG quality = nullptr) {
    SecBufferDesc message = {SECBUFFER_VERSION, N, buffers.data()};
    return epa_DecryptMessage(receiver(), &message, 0, quality);
  }
  template <size_t N>
  SECURITY_STATUS Sign(std::array<SecBuffer, N>& buffers) {
    SecBufferDesc message = {SECBUFFER_VERSION, N, buffers.data()};
    return epa_MakeSignature(sender(), 0, &message, 0);
  }
  template <size_t N>
  SECURITY_STATUS Verify(std::array<SecBuffer, N>& buffers) {
    SecBufferDesc message = {SECBUFFER_VERSION, N, buffers.data()};
    ULONG quality = 77;
    const SECURITY_STATUS status = epa_VerifySignature(receiver(), &message, 0, &quality);
    EXPECT_EQ(quality, 77u);  // left alone
    return status;
  }

  // As a program sends it: token, data and padding in one piece.
  Octets Wrapped(std::string_view text, ULONG quality = 0) {
    Octets token(sizes_.cbSecurityTrailer), data = Text(text), padding(sizes_.cbBlockSize);
    std::array buffers = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data),
                          Buffer(SECBUFFER_PADDING, padding)};
    EXPECT_EQ(Encrypt(buffers, quality), SEC_E_OK);
    Octets wire(token.begin(), token.begin() + buffers[0].cbBuffer);
    wire.insert(wire.end(), data.begin(), data.end());
    wire.insert(wire.end(), padding.begin(), padding.begin() + buffers[2].cbBuffer);
    return wire;
  }

  std::optional<Login> login_;
  SecPkgContext_Sizes sizes_{};
};

TEST_P(Messages, SizesAreThoseOfThePackage) {
  EXPECT_EQ(sizes_.cbMaxSignature, kerberos() ? 28u : 16u);
  EXPECT_EQ(sizes_.cbSecurityTrailer, kerberos() ? 60u : 16u);
  EXPECT_EQ(sizes_.cbBlockSize, kerberos() ? 1u : 0u);
  EXPECT_GE(sizes_.cbMaxToken, 0xFFFFu);
}

TEST_P(Messages, ASignatureBelongsToItsMessage) {
  for (int i = 0; i < 3; ++i) {
    Octets token(sizes_.cbMaxSignature), data = Text("message");
    std::array buffers = {Buffer(SECBUFFER_DATA, data), Buffer(SECBUFFER_TOKEN, token)};
    ASSERT_EQ(Sign(buffers), SEC_E_OK);
    EXPECT_EQ(buffers[1].cbBuffer, sizes_.cbMaxSignature);
    EXPECT_EQ(data, Text("message"));
    EXPECT_EQ(Verify(buffers), SEC_E_OK);
  }
  Octets token(sizes_.cbMaxSignature), data = Text("message");
  std::array buffers = {Buffer(SECBUFFER_DATA, data), Buffer(SECBUFFER_TOKEN, token)};
  ASSERT_EQ(Sign(buffers), SEC_E_OK);
  data[0] ^= 1;
  EXPECT_EQ(Verify(buffers), SEC_E_MESSAGE_ALTERED);
}

TEST_P(Messages, ASignatureCoversAllDataButWhatIsReadOnly) {
  Octets token(sizes_.cbMaxSignature), first = Text("one"), second = Text("two"),
                                       free = Text("free");
  std::array buffers = {Buffer(SECBUFFER_DATA, first), Buffer(SECBUFFER_TOKEN, token),
                        Buffer(SECBUFFER_DATA | SECBUFFER_READONLY, free),
                        Buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, second)};
  ASSERT_EQ(Sign(buffers), SEC_E_OK);
  free[0] ^= 1;
  EXPECT_EQ(Verify(buffers), SEC_E_OK);
  ASSERT_EQ(Sign(buffers), SEC_E_OK);
  second[0] ^= 1;
  EXPECT_EQ(Verify(buffers), SEC_E_MESSAGE_ALTERED);
}

TEST_P(Messages, EncryptsInPlaceAndBack) {
  for (int i = 0; i < 3; ++i) {
    Octets token(sizes_.cbSecurityTrailer + 8), data = Text("secret message");
    std::array buffers = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data)};
    ASSERT_EQ(Encrypt(buffers), SEC_E_OK);
    EXPECT_EQ(buffers[0].cbBuffer, sizes_.cbSecurityTrailer);
    EXPECT_EQ(buffers[1].cbBuffer, data.size());
    EXPECT_NE(data, Text("secret message"));
    ULONG quality = 77;
    ASSERT_EQ(Decrypt(buffers, &quality), SEC_E_OK);
    EXPECT_EQ(quality, kerberos() ? 0u : 77u);  // NTLM leaves it alone
    EXPECT_EQ(data, Text("secret message"));
  }
}

TEST_P(Messages, EncryptsSeveralBuffersAsOneMessage) {
  Octets token(sizes_.cbSecurityTrailer), first = Text("se"), free = Text("free"),
                                          second = Text("cret");
  std::array buffers = {Buffer(SECBUFFER_DATA, first), Buffer(SECBUFFER_TOKEN, token),
                        Buffer(SECBUFFER_DATA | SECBUFFER_READONLY, free),
                        Buffer(SECBUFFER_DATA, second)};
  ASSERT_EQ(Encrypt(buffers), SEC_E_OK);
  EXPECT_NE(first, Text("se"));
  EXPECT_NE(second, Text("cret"));
  EXPECT_EQ(free, Text("free"));
  Octets joined = first;
  joined.insert(joined.end(), second.begin(), second.end());
  std::array received = {Buffer(SECBUFFER_DATA, joined), buffers[1]};
  ASSERT_EQ(Decrypt(received), SEC_E_OK);
  EXPECT_EQ(joined, Text("secret"));
}

TEST_P(Messages, AStreamIsDecryptedWhereItIs) {
  for (const std::string_view text : {"", "x", "a longer message of the stream"}) {
    Octets stream = Wrapped(text);
    std::array buffers = {Buffer(SECBUFFER_STREAM, stream), SecBuffer{0, SECBUFFER_DATA, nullptr}};
    ULONG quality = 77;
    ASSERT_EQ(Decrypt(buffers, &quality), SEC_E_OK);
    EXPECT_EQ(quality, kerberos() ? 0u : 77u);  // NTLM leaves it alone
    const auto* data = static_cast<const uint8_t*>(buffers[1].pvBuffer);
    EXPECT_GE(data, stream.data());
    EXPECT_LE(data + buffers[1].cbBuffer, stream.data() + stream.size());
    EXPECT_EQ(Octets(data, data + buffers[1].cbBuffer), Text(text));
  }
}

TEST_P(Messages, AnAlteredStreamIsRefused) {
  Octets stream = Wrapped("message");
  stream.back() ^= 1;
  std::array buffers = {Buffer(SECBUFFER_STREAM, stream), SecBuffer{0, SECBUFFER_DATA, nullptr}};
  EXPECT_EQ(Decrypt(buffers), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(buffers[1].pvBuffer, nullptr);
}

TEST_P(Messages, AnAlteredMessageIsWiped) {
  Octets token(sizes_.cbSecurityTrailer), data = Text("secret");
  std::array buffers = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data)};
  ASSERT_EQ(Encrypt(buffers), SEC_E_OK);
  token[5] ^= 1;
  EXPECT_EQ(Decrypt(buffers), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(data, Octets(6, 0));
}

TEST_P(Messages, ReadOnlyDataWithChecksumIsNotEncryptedSilently) {
  Octets token(sizes_.cbSecurityTrailer), header = Text("head"), data = Text("secret");
  std::array buffers = {Buffer(SECBUFFER_TOKEN, token),
                        Buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, header),
                        Buffer(SECBUFFER_DATA, data)};
  EXPECT_EQ(Encrypt(buffers), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(data, Text("secret"));
  EXPECT_EQ(Decrypt(buffers), SEC_E_UNSUPPORTED_FUNCTION);
}

TEST_P(Messages, TooLittleRoomSaysHowMuchIsNeeded) {
  Octets token(sizes_.cbSecurityTrailer - 1), signature(sizes_.cbMaxSignature - 1),
      data = Text("secret");
  std::array buffers = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data)};
  EXPECT_EQ(Encrypt(buffers), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(buffers[0].cbBuffer, sizes_.cbSecurityTrailer);
  EXPECT_EQ(data, Text("secret"));
  std::array to_sign = {Buffer(SECBUFFER_TOKEN, signature), Buffer(SECBUFFER_DATA, data)};
  EXPECT_EQ(Sign(to_sign), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(to_sign[0].cbBuffer, sizes_.cbMaxSignature);
  // Nothing was counted: the next message is the first.
  std::array again = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data)};
  token.resize(sizes_.cbSecurityTrailer);
  again[0] = Buffer(SECBUFFER_TOKEN, token);
  ASSERT_EQ(Encrypt(again), SEC_E_OK);
  EXPECT_EQ(Decrypt(again), SEC_E_OK);
}

TEST_P(Messages, WithoutATokenThereIsNoMessage) {
  Octets data = Text("data");
  std::array buffers = {Buffer(SECBUFFER_DATA, data)};
  EXPECT_EQ(Sign(buffers), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Verify(buffers), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Encrypt(buffers), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(Decrypt(buffers), SEC_E_INVALID_TOKEN);
  std::array stream = {Buffer(SECBUFFER_STREAM, data)};
  EXPECT_EQ(Decrypt(stream), SEC_E_INVALID_TOKEN);
}

TEST_P(Messages, UnknownQualitiesAreRefused) {
  Octets token(sizes_.cbSecurityTrailer), data = Text("data");
  std::array buffers = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data)};
  EXPECT_EQ(Encrypt(buffers, SECQOP_WRAP_OOB_DATA), SEC_E_QOP_NOT_SUPPORTED);
  SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers.data()};
  EXPECT_EQ(epa_MakeSignature(sender(), 1, &message, 0), SEC_E_QOP_NOT_SUPPORTED);
}

class KerberosMessages : public Messages {};

TEST_P(KerberosMessages, SayWhetherTheyAreSealed) {
  Octets stream = Wrapped("readable", SECQOP_WRAP_NO_ENCRYPT);
  EXPECT_NE(
      std::search(stream.begin(), stream.end(), std::begin("readable"), std::end("readable") - 1),
      stream.end());
  std::array buffers = {Buffer(SECBUFFER_STREAM, stream), SecBuffer{0, SECBUFFER_DATA, nullptr}};
  ULONG quality = 0;
  ASSERT_EQ(Decrypt(buffers, &quality), SEC_E_OK);
  EXPECT_EQ(quality, kerberos() ? SECQOP_WRAP_NO_ENCRYPT : 0u);
  EXPECT_EQ(std::memcmp(buffers[1].pvBuffer, "readable", 8), 0);
}

class SignedMessages : public Messages {
 protected:
  void SetUp() override {
    SideOptions client;
    client.request = ISC_REQ_INTEGRITY;
    SetUpWith(client);
  }
};

// NTLM encrypts by agreement alone; RFC 4121's keys do both.
TEST_P(SignedMessages, EncryptionIsTheMechanismsToGrant) {
  Octets token(64), data = Text("data");
  std::array buffers = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data)};
  EXPECT_EQ(Encrypt(buffers), kerberos() ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(data == Text("data"), !kerberos());
  EXPECT_EQ(login_->client.attributes & ISC_RET_CONFIDENTIALITY, 0u);
}

TEST_P(SignedMessages, WrappedWithoutEncryptionTheyArrive) {
  for (const bool as_stream : {true, false}) {
    Octets token(sizes_.cbSecurityTrailer), data = Text("data");
    std::array buffers = {Buffer(SECBUFFER_TOKEN, token), Buffer(SECBUFFER_DATA, data)};
    ASSERT_EQ(Encrypt(buffers, SECQOP_WRAP_NO_ENCRYPT), SEC_E_OK);
    EXPECT_EQ(data, Text("data"));
    ULONG quality = 0;
    if (as_stream) {
      token.resize(buffers[0].cbBuffer);
      token.insert(token.end(), data.begin(), data.end());
      std::array stream = {Buffer(SECBUFFER_STREAM, token), SecBuffer{0, SECBUFFER_DATA, nullptr}};
      ASSERT_EQ(Decrypt(stream, &quality), SEC_E_OK);
      EXPECT_EQ(std::memcmp(stream[1].pvBuffer, "data", 4), 0);
    } else {
      ASSERT_EQ(Decrypt(buffers, &quality), SEC_E_OK);
      EXPECT_EQ(data, Text("data"));
    }
    EXPECT_EQ(quality, kerberos() ? SECQOP_WRAP_NO_ENCRYPT : 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Messages, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Kinds, KerberosMessages, ::testing::ValuesIn(KerberosKinds()),
                         ::testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Kinds, SignedMessages, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace epa::test
