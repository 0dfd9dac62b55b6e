// SMB server name hardening (SmbServerNameHardeningLevel, KB2345886): which target names a login
// may have been made for.
#ifndef EPA_SMB2_SERVER_NAMES_H_
#define EPA_SMB2_SERVER_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/extended_protection.h"

#pragma GCC visibility push(default)

namespace epa::smb2 {

// What this server answers to, in UTF-8 and without "cifs/".
struct ServerNames {
  // The machine's own names: NetBIOS host and domain, fully qualified host, DNS domain.
  std::vector<std::string> own_names;
  // SrvAllowedServerNames: aliases.
  std::vector<std::string> configured_names;
  // Its addresses as literals.
  std::vector<std::string> addresses;
};

// The names and addresses of this machine: uname(2)'s node name and its first label, and every
// interface's address. The NetBIOS and DNS domain are the caller's to add.
absl::StatusOr<ServerNames> LocalServerNames();

// With "LocalHost", 127.0.0.1 and ::1, which Windows always counts as a server's own.
ServerNames WithLoopback(ServerNames names);

// Splits the text of SrvAllowedServerNames, which separates by NUL, space and comma.
std::vector<std::string> SplitAllowedServerNames(std::string_view text);

struct NameHardeningOptions {
  // SmbServerNameHardeningLevel: 0 any name, 1 a name that is given must be ours, 2 it must be
  // given.
  uint32_t level = 0;
  ServerNames names;
  // As in ExtendedProtectionOptions. Level 2 admits neither guests nor anonymous clients.
  bool audit_only = false;
  bool allow_guest = false;
  bool allow_anonymous = false;
};

// The policy for ServerOptions: `level` as the mode, the loopback names always among the names,
// names by the SMB server's rules (class CIFS alone, the rest taken whole). Fails on a level above
// 2, an address that is none, a name that is empty or contains '/', and where
// ExtendedProtectionPolicy::Create does.
absl::StatusOr<ExtendedProtectionPolicy> CreateNameHardeningPolicy(NameHardeningOptions options);

}  // namespace epa::smb2

#pragma GCC visibility pop

#endif  // EPA_SMB2_SERVER_NAMES_H_
