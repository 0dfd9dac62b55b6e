// A helper of Squid and Dovecot in place of Samba's ntlm_auth: `epa helper`. A program of its own,
// without a library, since a front end starts one for each login that is half-way.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "tools/epa/helper/dialogue.h"

namespace epa::tool {
namespace {

constexpr int kExitDone = 0;
constexpr int kExitUsage = 2;
constexpr int kExitFault = 3;

constexpr char kHelp[] =
    "usage: epa helper --helper-protocol=NAME [--service SOCKET]\n"
    "\n"
    "Samba's ntlm_auth dialogue on standard input and output, for Squid and Dovecot: each\n"
    "message is answered by the `epa serve helper` behind the socket. epa-helper is the same\n"
    "as a program of its own, to be named in place of ntlm_auth.\n"
    "\n"
    "options:\n"
    "  --helper-protocol NAME  squid-2.5-ntlmssp, gss-spnego or ntlm-server-1\n"
    "  --service SOCKET        The service's socket; default /run/epa/helper.sock\n"
    "  --help                  Show this\n"
    "\n"
    "example:\n"
    "  epa helper --helper-protocol=squid-2.5-ntlmssp\n";

int Refuse(const char* what, const char* which) {
  std::fprintf(stderr, "epa-helper: %s '%s'; epa-helper --help explains\n", what, which);
  return kExitUsage;
}

// `--name VALUE` and `--name=VALUE`. Null: the argument is another one, or has no value.
const char* ValueOf(std::string_view name, char** argument, char** end, int& taken) {
  taken = 1;
  if (std::strncmp(*argument, name.data(), name.size()) != 0) {
    return nullptr;
  }
  const char* const rest = *argument + name.size();
  if (*rest == '=') {
    return rest + 1;
  }
  taken = 2;
  return *rest == '\0' && argument + 1 < end ? argument[1] : nullptr;
}

int Run(char** argument, char** end) {
  DialogueOptions options;
  std::optional<HelperProtocol> protocol;
  const char* service = kHelperSocket;
  for (int taken = 0; argument < end; argument += taken) {
    if (const char* name = ValueOf("--helper-protocol", argument, end, taken); name != nullptr) {
      protocol = ParseHelperProtocol(name);
      if (!protocol.has_value()) {
        return Refuse(
            "--helper-protocol: expected squid-2.5-ntlmssp, gss-spnego or ntlm-server-1,"
            " not",
            name);
      }
    } else if (const char* path = ValueOf("--service", argument, end, taken); path != nullptr) {
      service = path;
    } else if (std::strcmp(*argument, "--help") == 0 || std::strcmp(*argument, "-h") == 0) {
      std::fputs(kHelp, stdout);
      return kExitDone;
    } else {
      // Among ntlm_auth's are some that say who may log in.
      return Refuse("unknown option, or one without its value:", *argument);
    }
  }
  if (!protocol.has_value()) {
    return Refuse("needed:", "--helper-protocol");
  }
  options.protocol = *protocol;
  if (!MakeLocalAddress(service, options.service)) {
    return Refuse("--service: expected the path of a socket, not", service);
  }
  Dialogue dialogue(options);
  if (!dialogue.Run()) {
    std::fprintf(stderr, "epa-helper: cannot write to standard output: %s\n", std::strerror(errno));
    return kExitFault;
  }
  return kExitDone;
}

}  // namespace
}  // namespace epa::tool

int main(int count, char** arguments) {
  signal(SIGPIPE, SIG_IGN);
  return epa::tool::Run(arguments + 1, arguments + count);
}
