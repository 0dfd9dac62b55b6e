// The real programs of the demonstration: curl and Python's requests-ntlm.
#include <chrono>
#include <string_view>

#include "absl/status/status.h"
#include "tools/epa/child_process.h"
#include "tools/epa/demo_clients.h"

namespace epa::tool {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr char kGroup[] = "Programs on this machine";

// User and password come on standard input, the status goes to standard output.
constexpr char kRequestsScript[] = R"(
import sys, requests
from requests_ntlm import HttpNtlmAuth
user, password = sys.stdin.read().splitlines()
session = requests.Session()
session.trust_env = False
session.verify = sys.argv[2]
session.auth = HttpNtlmAuth(user, password)
print(session.get(sys.argv[1]).status_code)
)";

bool Succeeds(const std::vector<std::string>& arguments, std::string_view output_has) {
  const absl::StatusOr<ChildResult> result = RunChild(arguments, "", kPatience);
  return result.ok() && result->exit_status == 0 &&
         result->output.find(output_has) != std::string::npos;
}

// `input` is what the program reads; its output begins with the status of the last response.
absl::StatusOr<bool> RunLogin(const std::vector<std::string>& arguments, std::string_view input) {
  const absl::StatusOr<ChildResult> result = RunChild(arguments, input, kPatience);
  if (!result.ok()) {
    return result.status();
  }
  if (result->exit_status != 0) {
    return absl::UnavailableError(arguments[0] + " failed with exit status " +
                                  std::to_string(result->exit_status));
  }
  return result->output.starts_with("200");
}

// In curl's configuration a backslash escapes the next character.
std::string CurlConfiguration(const DemoWorld& world) {
  std::string user = world.user();
  user.insert(user.find('\\'), "\\");
  return "user = \"" + user + ":" + world.password() + "\"\n";
}

DemoClient Curl() {
  return {kGroup,
          "curl --ntlm (sends no binding)",
          "NTLM",
          "NTLM",
          ClientState::kAbsent,
          false,
          [](const DemoWorld& world, const DemoSite& site) {
            return RunLogin({"curl", "-q", "--ntlm", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
                             "--noproxy", "*", "--cacert", world.CaFile(), "-K", "-",
                             site.ServerUrl().ToString()},
                            CurlConfiguration(world));
          }};
}

DemoClient PythonRequests(const std::string& python) {
  return {kGroup,
          "python requests-ntlm (binds)",
          "NTLM",
          "NTLM",
          ClientState::kMatching,
          false,
          [python](const DemoWorld& world, const DemoSite& site) {
            return RunLogin(
                {python, "-c", kRequestsScript, site.ServerUrl().ToString(), world.CaFile()},
                world.user() + "\n" + world.password() + "\n");
          }};
}

}  // namespace

FoundClients FindClients() {
  FoundClients found;
  if (Succeeds({"curl", "-q", "--version"}, " NTLM ")) {
    found.clients.push_back(Curl());
  } else {
    found.left_out.push_back("curl: not found, or built without NTLM");
  }
  for (const std::string python : {"/usr/bin/python3", "python3"}) {
    if (Succeeds({python, "-c", "import requests_ntlm"}, "")) {
      found.clients.push_back(PythonRequests(python));
      return found;
    }
  }
  found.left_out.push_back("python requests-ntlm: not installed");
  return found;
}

}  // namespace epa::tool
