// A look at an ordinary request asks libkrb5 neither for its keys nor for its PAC's, which is what
// most of the time went into; one at another request does. Calls are counted, not timed.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <krb5/krb5.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/support/kerberos_exchange.h"

namespace {

int g_opened = 0;
int g_verified = 0;

}  // namespace

// In the place of libkrb5's.
extern "C" __attribute__((visibility("default"))) krb5_error_code krb5_rd_req(
    krb5_context context, krb5_auth_context* auth, const krb5_data* message,
    krb5_const_principal server, krb5_keytab keytab, krb5_flags* options, krb5_ticket** ticket) {
  static const auto original =
      reinterpret_cast<decltype(&krb5_rd_req)>(dlsym(RTLD_NEXT, "krb5_rd_req"));
  ++g_opened;
  return original(context, auth, message, server, keytab, options, ticket);
}

extern "C" __attribute__((visibility("default"))) krb5_error_code krb5_pac_verify(
    krb5_context context, const krb5_pac pac, krb5_timestamp time, krb5_const_principal client,
    const krb5_keyblock* server, const krb5_keyblock* kdc) {
  static const auto original =
      reinterpret_cast<decltype(&krb5_pac_verify)>(dlsym(RTLD_NEXT, "krb5_pac_verify"));
  ++g_verified;
  return original(context, pac, time, client, server, kdc);
}

namespace epa::kerberos {
namespace {

AuditEvent Inspect(const std::vector<uint8_t>& request) {
  AcceptOptions accept;
  accept.credentials = CreateInspectorCredentials(test::RealmAcceptor()).value();
  accept.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kRequire}).value());
  accept.channel = Channel::Tls(test::KerberosBindings(1));
  const auto audit = std::make_shared<test::RecordingAuditSink>();
  accept.audit = audit;
  const auto inspector = SecurityContext::Accept(std::move(accept)).value();
  g_opened = g_verified = 0;
  test::KerberosStep(*inspector, request);
  return audit->events.at(0);
}

TEST(InspectorCallsTest, AnOrdinaryRequestNeedsNone) {
  const auto request = test::KerberosStep(*test::MakeKerberosClient({}), {}).token;
  const AuditEvent event = Inspect(request);
  EXPECT_EQ(event.outcome, AuditOutcome::kAccepted);
  EXPECT_EQ(event.user, "alice");
  EXPECT_EQ(event.pac, PacEvidence::kVerified);
  EXPECT_EQ(event.binding, BindingEvidence::kMatched);
  EXPECT_EQ(g_opened, 0);
  EXPECT_EQ(g_verified, 0);
}

TEST(InspectorCallsTest, Libkrb5SaysWhyARequestIsRefused) {
  auto request = test::KerberosStep(*test::MakeKerberosClient({}), {}).token;
  request.back() ^= 1;
  const AuditEvent event = Inspect(request);
  EXPECT_EQ(event.reason, Reason::kTicketInvalid);
  EXPECT_FALSE(event.detail.empty());
  EXPECT_EQ(g_opened, 1);
}

}  // namespace
}  // namespace epa::kerberos
