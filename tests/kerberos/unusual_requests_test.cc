// Requests that no good client of today sends: without a checksum, with another one, with
// authorization data out of shape. None of them may count as bound.
#include <gtest/gtest.h>
#include <krb5/krb5.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "providers/kerberos/ap_options.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/krb5_handles.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

using test::KerberosSetup;
using test::TestRealm;

// A client made with libkrb5 alone.
struct Forge {
  // The checksum's type and content; no value: none. Another type than GSS-API's is computed.
  std::optional<krb5_cksumtype> checksum_type;
  std::vector<uint8_t> checksum;
  // Each an element of the innermost container.
  std::vector<std::pair<krb5_authdatatype, std::vector<uint8_t>>> claims;
  int containers = 1;
  krb5_flags options = 0;
  // Without the frame: the raw AP-REQ.
  std::vector<uint8_t> Request() const;
};

std::vector<uint8_t> Forge::Request() const {
  static const std::string cache_name = TestRealm().Login("alice").value();
  setenv("KRB5_CONFIG", TestRealm().configuration_path().c_str(), 1);
  krb5_context context = nullptr;
  EXPECT_EQ(krb5_init_context(&context), 0);
  std::vector<uint8_t> request;
  {
    OwnedCache cache(context);
    OwnedPrincipal client(context), server(context);
    OwnedCreds ticket(context);
    OwnedAuthContext auth(context);
    OwnedData message(context);
    EXPECT_EQ(krb5_cc_resolve(context, cache_name.c_str(), cache.out()), 0);
    EXPECT_EQ(krb5_cc_get_principal(context, cache.get(), client.out()), 0);
    EXPECT_EQ(krb5_parse_name(context, "HTTP/server.test.example", server.out()), 0);
    krb5_creds wanted = {};
    wanted.client = client.get();
    wanted.server = server.get();
    EXPECT_EQ(krb5_get_credentials(context, 0, cache.get(), &wanted, ticket.out()), 0);
    std::vector<krb5_authdata> elements;
    for (const auto& [type, octets] : claims) {
      krb5_authdata element = {};
      element.ad_type = type;
      element.length = static_cast<unsigned int>(octets.size());
      element.contents = const_cast<krb5_octet*>(octets.data());
      elements.push_back(element);
    }
    std::vector<krb5_authdata*> list;
    for (krb5_authdata& element : elements) {
      list.push_back(&element);
    }
    list.push_back(nullptr);
    for (int i = 0; !elements.empty() && i < containers; ++i) {
      krb5_authdata** const content = i == 0 ? list.data() : ticket->authdata;
      OwnedAuthData container(context);
      EXPECT_EQ(krb5_encode_authdata_container(context, KRB5_AUTHDATA_IF_RELEVANT, content,
                                               container.out()),
                0);
      krb5_free_authdata(context, std::exchange(ticket->authdata, container.Release()));
    }
    EXPECT_EQ(krb5_auth_con_init(context, auth.out()), 0);
    krb5_auth_con_setflags(context, auth.get(), KRB5_AUTH_CONTEXT_DO_SEQUENCE);
    krb5_data content = ViewOf(checksum);
    if (checksum_type.has_value()) {
      krb5_auth_con_set_req_cksumtype(context, auth.get(), *checksum_type);
    }
    krb5_auth_context raw = auth.get();
    EXPECT_EQ(krb5_mk_req_extended(context, &raw, AP_OPTS_USE_SUBKEY | options,
                                   checksum_type.has_value() ? &content : nullptr, ticket.get(),
                                   message.out()),
              0);
    request.assign(message.octets().begin(), message.octets().end());
  }
  krb5_free_context(context);
  return request;
}

constexpr krb5_cksumtype kOrdinary = CKSUMTYPE_HMAC_SHA1_96_AES256;
const std::vector<uint8_t> kKnowsBindings = {0x00, 0x40, 0x00, 0x00};

std::unique_ptr<SecurityContext> Accept(const Forge& forge, StepResult& result,
                                        ExtendedProtectionMode mode) {
  KerberosSetup setup;
  setup.policy.mode = mode;
  auto server = test::MakeKerberosServer(setup);
  result = test::KerberosStep(*server, forge.Request());
  return server;
}

TEST(KerberosUnusualRequests, WithoutOrWithAnotherChecksumNothingIsBound) {
  for (const bool foreign : {false, true}) {
    for (const bool knows : {false, true}) {
      Forge forge;
      if (foreign) {
        forge.checksum_type = kOrdinary;
      }
      if (knows) {
        forge.claims = {{kAuthDataApOptions, kKnowsBindings}};
      }
      SCOPED_TRACE(std::to_string(foreign) + std::to_string(knows));
      StepResult result;
      auto server = Accept(forge, result, ExtendedProtectionMode::kLegacy);
      ASSERT_EQ(result.state, StepState::kEstablished) << server->reason_detail();
      EXPECT_TRUE(result.token.empty());
      EXPECT_EQ(server->evidence()->binding,
                knows ? BindingEvidence::kExplicitNone : BindingEvidence::kAbsent);
      EXPECT_EQ(server->evidence()->target_name, "HTTP/server.test.example");
      EXPECT_EQ(server->evidence()->target_name_voucher, TargetNameVoucher::kNobody);
      server = Accept(forge, result, ExtendedProtectionMode::kAllow);
      EXPECT_EQ(result.state, knows ? StepState::kRejected : StepState::kEstablished);
      server = Accept(forge, result, ExtendedProtectionMode::kRequire);
      EXPECT_EQ(result.state, StepState::kRejected);
    }
  }
}

TEST(KerberosUnusualRequests, RawRequestGetsARawReply) {
  for (const auto& checksum_type : {std::optional<krb5_cksumtype>(), std::optional(kOrdinary)}) {
    Forge forge;
    forge.checksum_type = checksum_type;
    forge.options = AP_OPTS_MUTUAL_REQUIRED;
    StepResult result;
    const auto server = Accept(forge, result, ExtendedProtectionMode::kAllow);
    ASSERT_EQ(result.state, StepState::kEstablished) << server->reason_detail();
    ASSERT_FALSE(result.token.empty()) << checksum_type.has_value();
    EXPECT_EQ(result.token.front(), 0x6F);
  }
}

TEST(KerberosUnusualRequests, ChecksumOverSomethingElseIsRefused) {
  Forge forge;
  forge.checksum_type = kOrdinary;
  forge.checksum = {1, 2};
  StepResult result;
  const auto server = Accept(forge, result, ExtendedProtectionMode::kLegacy);
  EXPECT_EQ(server->reason(), Reason::kTicketInvalid);
}

TEST(KerberosUnusualRequests, MalformedClaimsAreRefused) {
  const std::vector<std::vector<std::pair<krb5_authdatatype, std::vector<uint8_t>>>> cases = {
      {{kAuthDataApOptions, {0x00, 0x40, 0x00}}},
      {{kAuthDataApOptions, {0x00, 0x40, 0x00, 0x00, 0x00}}},
      {{kAuthDataApOptions, kKnowsBindings}, {kAuthDataApOptions, kKnowsBindings}},
      {{kAuthDataClientTarget, {0x48}}},
      {{kAuthDataClientTarget, {0x00, 0xD8}}},
      {{kAuthDataClientTarget, {0x48, 0x00, 0x00, 0x00, 0x48, 0x00}}},  // a NUL inside
      {{kAuthDataClientTarget, {0x48, 0x00}}, {kAuthDataClientTarget, {0x48, 0x00}}}};
  for (const auto& claims : cases) {
    Forge forge;
    forge.claims = claims;
    StepResult result;
    const auto server = Accept(forge, result, ExtendedProtectionMode::kLegacy);
    EXPECT_EQ(result.state, StepState::kRejected);
    EXPECT_EQ(server->reason(), Reason::kMalformedToken);
  }
}

TEST(KerberosUnusualRequests, ClaimsAreFoundInContainersButNotInAnyNumberOfThem) {
  constexpr int kMost = 4;
  for (int containers = 1; containers <= kMost + 1; ++containers) {
    Forge forge;
    forge.claims = {{kAuthDataApOptions, kKnowsBindings}};
    forge.containers = containers;
    StepResult result;
    const auto server = Accept(forge, result, ExtendedProtectionMode::kLegacy);
    if (containers <= kMost) {
      ASSERT_EQ(result.state, StepState::kEstablished) << server->reason_detail();
      EXPECT_EQ(server->evidence()->binding, BindingEvidence::kExplicitNone) << containers;
    } else {
      EXPECT_EQ(server->reason(), Reason::kMalformedToken);
    }
  }
}

// The client's own word is covered by its proof; the name in the ticket is not.
TEST(KerberosUnusualRequests, ClientsTargetComesBeforeTheTickets) {
  Forge forge;
  const std::string target = "HTTP/other.test.example@TEST.EXAMPLE";
  std::vector<uint8_t> utf16;
  for (const char character : target) {
    utf16.push_back(static_cast<uint8_t>(character));
    utf16.push_back(0);
  }
  forge.claims = {{kAuthDataClientTarget, utf16}};
  StepResult result;
  const auto server = Accept(forge, result, ExtendedProtectionMode::kLegacy);
  ASSERT_EQ(result.state, StepState::kEstablished) << server->reason_detail();
  EXPECT_EQ(server->evidence()->target_name, "HTTP/other.test.example");
  EXPECT_EQ(server->evidence()->target_name_voucher, TargetNameVoucher::kClient);
}

// KRB-ERROR, RFC 4120 5.9.1, which nothing protects.
std::vector<uint8_t> ServersError(krb5_error_code code) {
  krb5_context context = nullptr;
  EXPECT_EQ(krb5_init_context(&context), 0);
  std::vector<uint8_t> token;
  {
    OwnedPrincipal server(context);
    OwnedData message(context);
    EXPECT_EQ(krb5_parse_name(context, "HTTP/server.test.example@TEST.EXAMPLE", server.out()), 0);
    krb5_error error = {};
    error.error = static_cast<krb5_ui_4>(code - ERROR_TABLE_BASE_krb5);
    error.server = server.get();
    EXPECT_EQ(krb5_mk_error(context, &error, message.out()), 0);
    token = WriteFramedMessage(Frame::kKerberos, MessageKind::kError, message.octets());
  }
  krb5_free_context(context);
  return token;
}

TEST(KerberosUnusualRequests, AServersErrorEndsTheClientsLogin) {
  const auto refused_with = [](const std::vector<uint8_t>& token) {
    const auto client = test::MakeKerberosClient({});
    test::KerberosStep(*client, {});
    const StepResult result = test::KerberosStep(*client, token);
    EXPECT_EQ(result.state, StepState::kRejected);
    EXPECT_TRUE(result.token.empty());
    return std::pair(client->reason(), std::string(client->reason_detail()));
  };
  const auto [reason, detail] = refused_with(ServersError(KRB5KRB_AP_ERR_SKEW));
  EXPECT_EQ(reason, Reason::kRefusedByPeer);
  EXPECT_NE(detail.find("Clock skew too great"), std::string::npos) << detail;
  const std::vector<uint8_t> hollow =
      WriteFramedMessage(Frame::kKerberos, MessageKind::kError, std::vector<uint8_t>{0x7E, 0});
  EXPECT_EQ(refused_with(hollow).first, Reason::kMalformedToken);
}

TEST(KerberosUnusualRequests, MalformedGssChecksumAndDceStyleAreRefused) {
  Forge forge;
  forge.checksum_type = kGssChecksumType;
  forge.checksum = std::vector<uint8_t>(23, 0);
  StepResult result;
  EXPECT_EQ(Accept(forge, result, ExtendedProtectionMode::kLegacy)->reason(),
            Reason::kMalformedToken);
  GssChecksum checksum;
  checksum.flags = kDceStyle | kMutual;
  forge.checksum = WriteGssChecksum(checksum).value();
  EXPECT_EQ(Accept(forge, result, ExtendedProtectionMode::kLegacy)->reason(),
            Reason::kUnsupportedMechanism);
}

}  // namespace
}  // namespace epa::kerberos
