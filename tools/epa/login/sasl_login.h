// What the logins by SASL have in common.
#ifndef EPA_TOOLS_EPA_LOGIN_SASL_LOGIN_H_
#define EPA_TOOLS_EPA_LOGIN_SASL_LOGIN_H_

#include <optional>
#include <string>
#include <vector>

#include "epa/core/channel.h"
#include "epa/core/security_package.h"
#include "epa/sasl/mechanism.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/packages.h"

namespace epa::tool {

enum class TlsUse : uint8_t { kImplicit, kCommand, kNone };

struct SaslLoginOptions {
  HostPort server;
  std::string name;  // the URL
  TlsUse tls = TlsUse::kImplicit;
  std::string ca_file;  // empty: the system's
  PackageSet packages;
  // No value: the first of ours that the server lists.
  std::optional<sasl::MechanismType> mechanism;
  InitiatorParameters parameters;
  // LDAP's.
  sasl::Layer layer = sasl::Layer::kNone;
  // LDAP's: the choices that it had before SASL; `mechanism` is NTLM.
  bool sicily = false;
  std::string authorization_identity;
};

struct SaslLoginOutcome {
  bool accepted = false;
  std::string mechanism;
  std::string package;  // the package that carried the login; empty when refused
  std::string layer;    // LDAP's
  // What the server said after the login: its capabilities, or "Who am I?".
  std::vector<std::string> server_says;
  bool server_proved = false;
  std::string refusal;  // why, in words; empty when accepted
  Channel channel = Channel::Plain();
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_SASL_LOGIN_H_
