// The real programs of the demonstration: curl and Python's requests-ntlm.
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/realm/child_process.h"
#include "tools/epa/demo/clients.h"

namespace epa::tool {
namespace {

// Where Debian registers it with MIT's GSS-API.
constexpr char kGssNtlmSsp[] = "/etc/gss/mech.d/mech.ntlmssp.conf";

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
  const absl::StatusOr<ChildResult> result = RunChild(arguments, {});
  return result.ok() && result->exit_status == 0 &&
         result->output.find(output_has) != std::string::npos;
}

// The output begins with the status of the last response.
absl::StatusOr<DemoLogin> RunLogin(const std::vector<std::string>& arguments,
                                   const ChildOptions& options) {
  const absl::StatusOr<ChildResult> result = RunChild(arguments, options);
  if (!result.ok()) {
    return result.status();
  }
  if (result->exit_status != 0) {
    return absl::UnavailableError(arguments[0] + " failed with exit status " +
                                  std::to_string(result->exit_status));
  }
  return DemoLogin{result->output.starts_with("200")};
}

// In curl's configuration a backslash escapes the next character.
std::string CurlConfiguration(const DemoWorld& world) {
  std::string user = world.user();
  user.insert(user.find('\\'), "\\");
  return "user = \"" + user + ":" + world.password() + "\"\n";
}

std::vector<std::string> CurlArguments(const std::string& how, const DemoWorld& world,
                                       const DemoSite& site) {
  return {"curl",         "-q",        how,  "-sS",
          "-o",           "/dev/null", "-w", "%{http_code}",
          "-4",           "--noproxy", "*",  "--cacert",
          world.CaFile(), "-K",        "-",  site.ServerUrl().ToString()};
}

DemoClient Program(std::string label, std::string package, std::string scheme) {
  DemoClient client;
  client.group = "Programs on this machine";
  client.label = std::move(label);
  client.package = std::move(package);
  client.scheme = std::move(scheme);
  return client;
}

DemoClient CurlNtlm() {
  DemoClient client = Program("curl --ntlm", "NTLM", "NTLM");
  client.log_in = [](const DemoWorld& world, const DemoSite& site) {
    return RunLogin(CurlArguments("--ntlm", world, site), {.input = CurlConfiguration(world)});
  };
  return client;
}

// curl leaves Negotiate to MIT's GSS-API, which `environment` tells whose tickets to use.
DemoClient CurlNegotiate(std::string label, std::string package,
                         std::vector<std::string> environment) {
  DemoClient client = Program(std::move(label), std::move(package), "Negotiate");
  client.log_in = [environment = std::move(environment)](const DemoWorld& world,
                                                         const DemoSite& site) {
    return RunLogin(CurlArguments("--negotiate", world, site),
                    {.input = "user = \":\"\n", .environment = environment});
  };
  return client;
}

DemoClient PythonRequests(const std::string& python) {
  DemoClient client = Program("python requests-ntlm", "NTLM", "NTLM");
  client.log_in = [python](const DemoWorld& world, const DemoSite& site) {
    const std::string input = world.user() + "\n" + world.password() + "\n";
    return RunLogin({python, "-c", kRequestsScript, site.ServerUrl().ToString(), world.CaFile()},
                    {.input = input});
  };
  return client;
}

void FindCurlByKerberos(const DemoWorld& world, FoundClients& found) {
  if (world.kdc() == nullptr) {
    return;
  }
  if (world.tickets().empty()) {
    found.left_out.push_back("curl --negotiate by Kerberos: no kinit (Debian: krb5-user)");
    return;
  }
  const std::string tickets = "KRB5CCNAME=" + world.tickets();
  const std::string configuration = "KRB5_CONFIG=" + world.kdc()->configuration_path();
  found.clients.push_back(
      CurlNegotiate("curl --negotiate, by Kerberos", "Kerberos", {configuration, tickets}));
  found.clients.push_back(CurlNegotiate("the same, client_aware_channel_bindings", "Kerberos",
                                        {configuration + ":" + world.File("aware.conf"), tickets}));
}

void FindCurlByNtlm(const DemoWorld& world, FoundClients& found) {
  if (access(kGssNtlmSsp, R_OK) != 0) {
    found.left_out.push_back("curl --negotiate by NTLM: no gss-ntlmssp");
    return;
  }
  found.clients.push_back(CurlNegotiate(
      "curl --negotiate, by NTLM", "NTLM",
      {"NTLM_USER_FILE=" + world.File("accounts"), "KRB5CCNAME=FILE:" + world.File("no-tickets")}));
}

}  // namespace

FoundClients FindClients(const DemoWorld& world) {
  FoundClients found;
  if (world.kdc() == nullptr) {
    found.left_out.push_back(
        "Kerberos: no KDC on this machine (Debian: krb5-kdc, krb5-admin-server)");
  }
  if (Succeeds({"curl", "-q", "--version"}, " NTLM ")) {
    found.clients.push_back(CurlNtlm());
  } else {
    found.left_out.push_back("curl --ntlm: not found, or built without NTLM");
  }
  if (!Succeeds({"curl", "-q", "--version"}, " SPNEGO ")) {
    found.left_out.push_back("curl --negotiate: not found, or built without GSS-API");
  } else {
    FindCurlByKerberos(world, found);
    FindCurlByNtlm(world, found);
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
