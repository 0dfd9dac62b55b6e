// A server and a client over the fake package.
#ifndef EPA_TESTS_HTTP_HTTP_TEST_SUPPORT_H_
#define EPA_TESTS_HTTP_HTTP_TEST_SUPPORT_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/http/authenticator.h"
#include "lib/base/base64.h"
#include "tests/support/fake_package.h"

namespace epa::http {

inline std::string Field(std::string_view scheme, std::string_view token) {
  return std::string(scheme) + " " + EncodeBase64(test::FakeToken(token));
}
inline std::string Ntlm(std::string_view token) { return Field("NTLM", token); }
inline std::string Negotiate(std::string_view token) { return Field("Negotiate", token); }

struct RecordingSink : AuditSink {
  void OnEvent(const AuditEvent& event) override { events.push_back(event); }
  std::vector<AuditEvent> events;
};

inline std::shared_ptr<const ExtendedProtectionPolicy> LegacyPolicy() {
  ExtendedProtectionOptions options;
  options.mode = ExtendedProtectionMode::kLegacy;
  return std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(options)).value());
}

// One connection to a server with both schemes.
class TestServer {
 public:
  explicit TestServer(test::FakePackageOptions package = {}, bool proxy = false,
                      int max_failures = 8, bool each_request = false) {
    const auto credentials = test::MakeFakeCredentials(std::move(package));
    AuthenticatorOptions options;
    options.schemes = {{"Negotiate", credentials}, {"NTLM", credentials}};
    options.policy = LegacyPolicy();
    options.audit = sink;
    options.proxy = proxy;
    options.max_failures = max_failures;
    options.authenticate_each_request = each_request;
    authenticator = std::make_unique<Authenticator>(
        AuthenticatorConfig::Create(std::move(options)).value(), Channel::Plain(), "192.0.2.1:1");
  }

  // A request with these Authorization fields.
  template <typename... Fields>
  Verdict Request(const Fields&... fields) {
    return authenticator->OnRequest({1, {std::string_view(fields)...}});
  }
  // Runs the pending work, if the verdict has some.
  Verdict Finish(Verdict verdict) {
    while (verdict.action == Verdict::Action::kPending) {
      verdict.pending_work->Run();
      verdict = authenticator->Resume(std::move(verdict.pending_work));
    }
    return verdict;
  }
  // The user the connection is logged in as, or "-".
  std::string User() const {
    const SecurityContext* context = authenticator->context();
    return context != nullptr ? context->peer().value().account()->user : "-";
  }

  std::shared_ptr<RecordingSink> sink = std::make_shared<RecordingSink>();
  std::unique_ptr<Authenticator> authenticator;
};

}  // namespace epa::http

#endif  // EPA_TESTS_HTTP_HTTP_TEST_SUPPORT_H_
