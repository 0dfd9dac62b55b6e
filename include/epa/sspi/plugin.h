// Security packages of plug-ins: shared objects that export an SSPI function table.
//
// A plug-in is code in this process, so it cannot be fenced in; but its answers are checked: sizes
// against the room it was given, states against what may follow, texts against a limit. It only
// verifies. What it reports about channel bindings and the client's target becomes evidence, and
// the policy decides: a plug-in that reports nothing is "not checked", which mode 2 refuses.
#ifndef EPA_SSPI_PLUGIN_H_
#define EPA_SSPI_PLUGIN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/security_package.h"

#pragma GCC visibility push(default)

// SecurityFunctionTableW of epa/sspi/sspi.h.
struct _SECURITY_FUNCTION_TABLE_W;

namespace epa::sspi {

// The function table of a plug-in. Immutable; shared by all threads, as its functions have to be.
class Plugin {
 public:
  // Loads a shared object and calls its `entry_point`, or where it has none "epa_" and that name,
  // which a plug-in built with epa/sspi/sspi.h exports. It returns the table. `path` contains a
  // slash, so that no search path is asked. The code stays in the process until it ends.
  static absl::StatusOr<std::shared_ptr<const Plugin>> Load(
      const std::string& path, const std::string& entry_point = "InitSecurityInterfaceW");
  // A table that lives as long as all that is made of it. Both fail on null, on a version other
  // than 1 to 5 and where a function is missing that every login needs.
  static absl::StatusOr<std::shared_ptr<const Plugin>> Create(
      const _SECURITY_FUNCTION_TABLE_W* table);

  const _SECURITY_FUNCTION_TABLE_W& table() const { return *table_; }

 private:
  explicit Plugin(const _SECURITY_FUNCTION_TABLE_W* table) : table_(table) {}

  const _SECURITY_FUNCTION_TABLE_W* table_;
};

struct PluginOptions {
  std::shared_ptr<const Plugin> plugin;  // required
  std::string package;                   // what the plug-in calls it, in UTF-8; required
  // Under which Negotiate offers it: DER with tag and length, preferred first.
  std::vector<std::vector<uint8_t>> mechanism_oids;
  // How a first token begins, for servers that take it without SPNEGO around it. Empty: none does.
  std::vector<uint8_t> token_prefix;
  // For AcquireCredentialsHandle: pszPrincipal (empty: null), in UTF-8, and pAuthData, which is
  // read before the function returns.
  std::string principal;
  void* auth_data = nullptr;
  // The plug-in may wait for something: each of its steps is then handed out as pending work.
  bool blocks = true;
};

// Both fail where the plug-in does, where it lacks a function that the role needs, and where it
// names a longest token of nothing or of more than a megabyte.
//
// An acceptor gives the plug-in the channel's first binding, to be reported and not to be refused
// (SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS). Behind a trusted proxy the plug-in itself refuses a client
// that says it had no channel.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(PluginOptions options);

// An initiator cannot tell a plug-in to say nothing about bindings: BindingRequest::kOmit is
// FailedPrecondition.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    PluginOptions options);

}  // namespace epa::sspi

#pragma GCC visibility pop

#endif  // EPA_SSPI_PLUGIN_H_
