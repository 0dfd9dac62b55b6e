#include <utility>

#include "epa/ntlm/authority.h"
#include "lib/base/status_macros.h"
#include "lib/crypto/openssl_library.h"
#include "providers/ntlm/account_table.h"
#include "providers/ntlm/verification.h"

namespace epa::ntlm {
namespace {

class MemoryAuthority final : public NtlmAuthority {
 public:
  explicit MemoryAuthority(AccountTable table) : table_(std::move(table)) {}

  absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const override {
    return VerifyAccount(table_.Find(request.domain, request.user), request);
  }

 private:
  AccountTable table_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const NtlmAuthority>> CreateMemoryAuthority(
    std::vector<Account> accounts) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireMd5());
  EPA_ASSIGN_OR_RETURN(AccountTable table, AccountTable::Create(std::move(accounts)));
  return std::make_shared<const MemoryAuthority>(std::move(table));
}

}  // namespace epa::ntlm
