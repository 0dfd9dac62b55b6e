// A sequence of requests on one connection, a line each, its fields separated by '|'. Whatever
// they are, nobody but the connection's first user, in whatever case, is ever served on it.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "epa/http/authenticator.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "lib/base/upper_case.h"
#include "tests/support/fake_package.h"

namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t end = 0; !text.empty(); text.remove_prefix(std::min(end + 1, text.size()))) {
    end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
  }
  return parts;
}

std::shared_ptr<const epa::http::AuthenticatorConfig> MakeConfig() {
  epa::ExtendedProtectionOptions legacy;
  legacy.mode = epa::ExtendedProtectionMode::kLegacy;
  const auto credentials = epa::test::MakeFakeCredentials();
  epa::http::AuthenticatorOptions options;
  options.schemes = {{"Negotiate", credentials}, {"NTLM", credentials}};
  options.policy = std::make_shared<const epa::ExtendedProtectionPolicy>(
      epa::ExtendedProtectionPolicy::Create(std::move(legacy)).value());
  options.audit = epa::NoAudit();
  return epa::http::AuthenticatorConfig::Create(std::move(options)).value();
}

epa::fuzz::ReachPoint served("a login that is served");
epa::fuzz::ReachPoint pending("pending work");
epa::fuzz::ReachPoint kept_out("a request of somebody else on a connection that is logged in");
epa::fuzz::ReachPoint malformed("a malformed field");
epa::fuzz::ReachPoint fault("a fault of ours");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto config = MakeConfig();
  epa::http::Authenticator connection(config, epa::Channel::Plain(), "fuzzer");
  std::string owner;
  for (std::string_view line : Split({reinterpret_cast<const char*>(data), size}, '\n')) {
    epa::http::Verdict verdict = connection.OnRequest({1, Split(line, '|')});
    while (verdict.action == epa::http::Verdict::Action::kPending) {
      pending.Reach();
      verdict.pending_work->Run();
      verdict = connection.Resume(std::move(verdict.pending_work));
    }
    const bool serve = verdict.action == epa::http::Verdict::Action::kServe;
    epa::fuzz::Require(serve == (connection.context() != nullptr));
    served.Reach(serve);
    kept_out.Reach(!serve && !owner.empty());
    malformed.Reach(!serve && verdict.status == 400);
    fault.Reach(!serve && verdict.status == 500);
    if (serve) {
      const std::string user = epa::UppercaseUtf8(connection.context()->peer()->account()->user);
      owner = owner.empty() ? user : owner;
      epa::fuzz::Require(user == owner);
    }
  }
  return 0;
}
