// What values are called in audit events, logs and texts: others' programs look for these words.
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/core/extended_protection.h"
#include "epa/core/identity.h"
#include "epa/core/security_status.h"

namespace epa {
namespace {

template <typename Value>
void ExpectNames(std::string_view (*name_of)(Value),
                 std::initializer_list<std::pair<Value, std::string_view>> rows) {
  for (const auto& [value, name] : rows) {
    EXPECT_EQ(name_of(value), name);
  }
}

// [MS-ERREF] 2.1.1.
TEST(ValueNames, StatusesAreThoseOfWindows) {
  const std::pair<uint32_t, std::string_view> rows[] = {
      {0x00000000, "SEC_E_OK"},
      {0x00090312, "SEC_I_CONTINUE_NEEDED"},
      {0x80090302, "SEC_E_UNSUPPORTED_FUNCTION"},
      {0x80090303, "SEC_E_TARGET_UNKNOWN"},
      {0x80090304, "SEC_E_INTERNAL_ERROR"},
      {0x80090308, "SEC_E_INVALID_TOKEN"},
      {0x8009030C, "SEC_E_LOGON_DENIED"},
      {0x8009030E, "SEC_E_NO_CREDENTIALS"},
      {0x8009030F, "SEC_E_MESSAGE_ALTERED"},
      {0x80090310, "SEC_E_OUT_OF_SEQUENCE"},
      {0x80090311, "SEC_E_NO_AUTHENTICATING_AUTHORITY"},
      {0x80090317, "SEC_E_CONTEXT_EXPIRED"},
      {0x80090322, "SEC_E_WRONG_PRINCIPAL"},
      {0x80090324, "SEC_E_TIME_SKEW"},
      {0x80090346, "SEC_E_BAD_BINDINGS"},
      {0x80090350, "SEC_E_DOWNGRADE_DETECTED"},
      {0x80090351, "unknown"},
  };
  for (const auto& [value, name] : rows) {
    EXPECT_EQ(SecurityStatusName(static_cast<SecurityStatus>(value)), name);
  }
}

TEST(ValueNames, OfEvidence) {
  ExpectNames(BindingEvidenceName, {{BindingEvidence::kNotChecked, "not_checked"},
                                    {BindingEvidence::kAbsent, "absent"},
                                    {BindingEvidence::kExplicitNone, "explicit_none"},
                                    {BindingEvidence::kMatched, "matched"},
                                    {BindingEvidence::kMismatched, "mismatched"}});
  ExpectNames(MicEvidenceName, {{MicEvidence::kNotApplicable, "not_applicable"},
                                {MicEvidence::kAbsent, "absent"},
                                {MicEvidence::kVerified, "verified"}});
  ExpectNames(PacEvidenceName, {{PacEvidence::kNotApplicable, "not_applicable"},
                                {PacEvidence::kAbsent, "absent"},
                                {PacEvidence::kVerified, "verified"},
                                {PacEvidence::kInvalid, "invalid"}});
  ExpectNames(TargetNameVoucherName, {{TargetNameVoucher::kNobody, "nobody"},
                                      {TargetNameVoucher::kClient, "client"},
                                      {TargetNameVoucher::kUnsureClient, "unsure_client"},
                                      {TargetNameVoucher::kExclusiveKey, "exclusive_key"}});
}

TEST(ValueNames, OfModesAndIdentities) {
  ExpectNames(ExtendedProtectionModeName, {{ExtendedProtectionMode::kLegacy, "legacy"},
                                           {ExtendedProtectionMode::kAllow, "allow"},
                                           {ExtendedProtectionMode::kRequire, "require"}});
  ExpectNames(IdentityKindName, {{IdentityKind::kUser, "user"},
                                 {IdentityKind::kGuest, "guest"},
                                 {IdentityKind::kAnonymous, "anonymous"}});
  ExpectNames(IdentityProofName, {{IdentityProof::kPassword, "password"},
                                  {IdentityProof::kTicket, "ticket"},
                                  {IdentityProof::kPac, "pac"}});
}

// A value that is none is taken for the one that lets nobody in.
TEST(ValueNames, OfNoValueIsTheStrictest) {
  EXPECT_EQ(ExtendedProtectionModeName(static_cast<ExtendedProtectionMode>(9)), "require");
  EXPECT_EQ(BindingEvidenceName(static_cast<BindingEvidence>(9)), "not_checked");
  EXPECT_EQ(IdentityKindName(static_cast<IdentityKind>(9)), "anonymous");
}

TEST(ValueNames, APolicyAsText) {
  ExtendedProtectionOptions options;
  options.mode = ExtendedProtectionMode::kAllow;
  options.scenario = ProtectionScenario::kTrustedProxy;
  options.require_mic = true;
  const std::vector<std::string> names = {"HTTP/www.example.com", "HTTP/www.example.com:8443"};
  options.accepted_names =
      AcceptedServiceNames::Create(names, ServiceNameProfile::kDotNet, false, PortRule::kIfListed)
          .value();
  EXPECT_EQ(ExtendedProtectionPolicy::Create(options)->ToString(),
            "mode = allow\n"
            "scenario = trusted-proxy\n"
            "proxy_cohosting = false\n"
            "no_service_name_check = false\n"
            "nothing_to_check = false\n"
            "service_name_on_tls = false\n"
            "audit_only = false\n"
            "require_mic = true\n"
            "allow_guest = false\n"
            "allow_anonymous = false\n"
            "name_profile = dotnet\n"
            "port_rule = if-listed\n"
            "accepted_name = HTTP/www.example.com\n"
            "accepted_name = HTTP/www.example.com:8443\n");
}

}  // namespace
}  // namespace epa
