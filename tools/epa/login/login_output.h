// What the logins of `epa login` have in common: how they bind, and how they tell of it.
#ifndef EPA_TOOLS_EPA_LOGIN_LOGIN_OUTPUT_H_
#define EPA_TOOLS_EPA_LOGIN_LOGIN_OUTPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/reason.h"
#include "epa/core/security_package.h"
#include "epa/tls/channel_binding.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"

namespace epa::tool {

// From --binding.
absl::StatusOr<BindingRequest> BindingFrom(const CommandLine& line);

// The channel of a connection for a client that binds as `request` says; `ssl` null: clear. `rule`:
// for certificates without a hash of their own.
absl::StatusOr<Channel> ClientChannelOf(
    SSL* ssl, BindingRequest request, tls::UndefinedHashRule rule = tls::UndefinedHashRule::kFail);

// Adds what our token said: about the channel (binding) and the server (target_name).
void ReportClaims(const InitiatorParameters& parameters, const Channel& channel, Json& report);

// Why our own side refused, in words.
std::string ReasonInWords(Reason reason, const std::string& detail);

// Whether the server proved itself. A bound channel's certificate says who is at its other end; a
// mutual login, who has the service's key. Reads the keys server_proved, target_name and binding.
std::string ServerProofInWords(const Json& report);

// What a server's own report becomes in ours: null where it is no JSON.
Json ServerReport(const std::string& text);

// A report for people. `place`: the server. `how`: what follows the package's name. Reads the keys
// accepted, package, server_says, binding and target_name, and server_proved and passed_over where
// they are there.
void PrintLogin(const Json& report, const std::string& place, const std::string& how);

// For errors of the connection: a certificate that is not trusted is our
// refusal; a server that cannot be had, a fault.
Ending FailLogin(const absl::Status& status);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_LOGIN_OUTPUT_H_
