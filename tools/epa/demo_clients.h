// Who logs in during the demonstration.
#ifndef EPA_TOOLS_EPA_DEMO_CLIENTS_H_
#define EPA_TOOLS_EPA_DEMO_CLIENTS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/epa/demo_truth_table.h"
#include "tools/epa/demo_world.h"

namespace epa::tool {

struct DemoClient {
  std::string group;
  std::string label;
  std::string package;
  std::string scheme;
  ClientState state = ClientState::kAbsent;
  // The login comes through the attacker: where it is accepted, the attacker is in.
  bool relayed = false;
  // Logs in once; whether the client was let in, as it sees it.
  std::function<absl::StatusOr<bool>(const DemoWorld& world, const DemoSite& site)> log_in;
};

// Clients made with this library, honest ones and attackers.
std::vector<DemoClient> OwnClients();

struct FoundClients {
  std::vector<DemoClient> clients;
  // Programs that are not here, with the reason.
  std::vector<std::string> left_out;
};

// Real programs on this machine that can log in by NTLM.
FoundClients FindClients();

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_CLIENTS_H_
