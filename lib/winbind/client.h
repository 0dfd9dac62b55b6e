// One connection to winbindd, as the pool sees it.
#ifndef EPA_LIB_WINBIND_CLIENT_H_
#define EPA_LIB_WINBIND_CLIENT_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "epa/ntlm/authority.h"

namespace epa::winbind {

// A LogonRequest that owns what it names: it may outlive whoever asked.
struct Question {
  std::string user;
  std::string domain;
  std::string workstation;
  std::array<uint8_t, 8> challenge{};
  std::vector<uint8_t> nt_response;
  bool allow_computer_accounts = false;
};

// What the domain controller said.
struct Answer {
  uint32_t nt_status = 0;  // [MS-ERREF] 2.3.1; 0: verified, and the rest is filled in
  std::string user;
  std::string domain;
  std::string dns_domain;
  std::string principal;
  Secret<16> session_key;
  uint32_t user_flags = 0;        // UserFlags of [MS-PAC] 2.5
  std::vector<std::string> sids;  // the account's own first
};

// Used by one thread at a time.
class Client {
 public:
  virtual ~Client() = default;
  // Opens the pipe and hears winbindd on it.
  virtual absl::Status Connect() = 0;
  // An error where nobody answered the question.
  virtual absl::StatusOr<Answer> Authenticate(const Question& question) = 0;
  virtual absl::StatusOr<ntlm::ChallengeNames> MachineNames() = 0;
  // The SID of "DOMAIN\name".
  virtual absl::StatusOr<std::string> LookUp(const std::string& name) = 0;
};

using ClientFactory = std::function<std::unique_ptr<Client>()>;

// Over libwbclient, which is loaded now. Unavailable where it is not installed.
absl::StatusOr<ClientFactory> LibwbclientFactory();

}  // namespace epa::winbind

#endif  // EPA_LIB_WINBIND_CLIENT_H_
