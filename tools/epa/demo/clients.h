// Who logs in during the demonstration.
#ifndef EPA_TOOLS_EPA_DEMO_CLIENTS_H_
#define EPA_TOOLS_EPA_DEMO_CLIENTS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/epa/demo/truth_table.h"
#include "tools/epa/demo/world.h"

namespace epa::tool {

struct DemoLogin {
  bool accepted = false;
  // Where the client gave up before the server could say anything, why.
  Reason own_reason = Reason::kNone;
};

struct DemoClient {
  std::string group;
  std::string label;
  // The package that carries the login.
  std::string package;
  std::string scheme;
  // What it proves. None: a program whose version decides; the server sees what it says.
  std::optional<ClientState> state;
  // The login comes through the attacker: where it is accepted, the attacker is in.
  bool relayed = false;
  // Logs in once; what came of it, as the client sees it.
  std::function<absl::StatusOr<DemoLogin>(const DemoWorld& world, const DemoSite& site)> log_in;
};

// Clients made with this library, honest ones and attackers.
std::vector<DemoClient> OwnClients(const DemoWorld& world);

struct FoundClients {
  std::vector<DemoClient> clients;
  // What is not here, with the reason.
  std::vector<std::string> left_out;
};

// Real programs on this machine that can log in by NTLM or Kerberos.
FoundClients FindClients(const DemoWorld& world);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_CLIENTS_H_
