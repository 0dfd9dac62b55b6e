// Names a client chose so that a C program reads less than the server compared.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/sspi/sspi_peer.h"
#include "tests/support/ntlm_client_forge.h"

namespace epa::test {
namespace {

// A client with its own words against a server of the C interface.
class ForgedLogin {
 public:
  explicit ForgedLogin(const ForgedClient& client)
      : login_(NtlmKinds().front(), SideOptions(), SideOptions()) {
    const Octets negotiate = client.Negotiate();
    EXPECT_EQ(login_.server.Step(negotiate), SEC_I_CONTINUE_NEEDED);
    const Octets challenge = login_.server.reply;
    status_ = login_.server.Step(client.Authenticate(negotiate, challenge));
  }

  SECURITY_STATUS status() const { return status_; }
  // The status, and the target where there is one.
  SECURITY_STATUS Target(std::string& out) {
    SecPkgContext_ClientSpecifiedTarget target{};
    const SECURITY_STATUS status = epa_QueryContextAttributesW(
        login_.server.context(), SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target);
    out = target.sTargetName == nullptr ? "" : Narrow(target.sTargetName);
    epa_FreeContextBuffer(target.sTargetName);
    return status;
  }

 private:
  Login login_;
  SECURITY_STATUS status_ = SEC_E_OK;
};

ForgedClient ClientThatMeans(std::optional<std::string> target) {
  ForgedClient client;
  client.target_name = std::move(target);
  return client;
}

TEST(HostileNames, AreWhatTheClientProved) {
  ForgedLogin login(ClientThatMeans("HTTP/server.example.com"));
  ASSERT_EQ(login.status(), SEC_E_OK);
  std::string target;
  EXPECT_EQ(login.Target(target), SEC_E_OK);
  EXPECT_EQ(target, "HTTP/server.example.com");
}

TEST(HostileNames, DoNotEndEarly) {
  using std::string_literals::operator""s;
  ForgedLogin login(ClientThatMeans("HTTP/server.example.com\0.evil.example"s));
  ASSERT_EQ(login.status(), SEC_E_OK);
  std::string target;
  EXPECT_EQ(login.Target(target), SEC_E_TARGET_UNKNOWN);
  EXPECT_EQ(target, "");
}

TEST(HostileNames, MayBeEmptyOrMissing) {
  std::string target;
  ForgedLogin empty(ClientThatMeans(""));
  ASSERT_EQ(empty.status(), SEC_E_OK);
  EXPECT_EQ(empty.Target(target), SEC_E_OK);
  EXPECT_EQ(target, "");
  ForgedLogin missing(ClientThatMeans(std::nullopt));
  ASSERT_EQ(missing.status(), SEC_E_OK);
  EXPECT_EQ(missing.Target(target), SEC_E_TARGET_UNKNOWN);
}

}  // namespace
}  // namespace epa::test
