// Accounts in a file, watched for changes.
#ifndef EPA_PROVIDERS_NTLM_FILE_AUTHORITY_H_
#define EPA_PROVIDERS_NTLM_FILE_AUTHORITY_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/ntlm/authority.h"
#include "lib/base/watched_files.h"
#include "providers/ntlm/account_table.h"

namespace epa::ntlm {

class FileAuthority final : public NtlmAuthority {
 public:
  // `watch` names one file.
  static absl::StatusOr<std::shared_ptr<const FileAuthority>> Create(WatchOptions watch);

  absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const override;
  // Looks for a change now. OK when the file as it is has taken effect.
  absl::Status Check() const { return accounts_.Check(); }

 private:
  explicit FileAuthority(WatchedFiles<AccountTable> accounts) : accounts_(std::move(accounts)) {}

  WatchedFiles<AccountTable> accounts_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_FILE_AUTHORITY_H_
