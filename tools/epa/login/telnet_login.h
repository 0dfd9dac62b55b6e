// One login over Telnet: what `epa login telnet` does.
#ifndef EPA_TOOLS_EPA_LOGIN_TELNET_LOGIN_H_
#define EPA_TOOLS_EPA_LOGIN_TELNET_LOGIN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/security_package.h"
#include "tools/epa/common/address.h"

namespace epa::tool {

struct TelnetLoginOptions {
  HostPort server;
  bool tls = false;
  std::string ca_file;  // empty: the system's
  std::shared_ptr<const Credentials> credentials;
  InitiatorParameters parameters;
};

struct TelnetLoginOutcome {
  bool accepted = false;
  std::string package;  // the package that carried the login; empty when refused
  // What the server answered to `whoami`: its first line of JSON; empty where there is none.
  std::string report;
  std::string refusal;  // why, in words; empty when accepted
  Channel channel = Channel::Plain();
};

// Blocks. Logs in, asks `whoami` and leaves. A refusal is an outcome. Errors: as
// ClientStream::Open, and Internal for ours.
absl::StatusOr<TelnetLoginOutcome> LogInOverTelnet(const TelnetLoginOptions& options);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_TELNET_LOGIN_H_
