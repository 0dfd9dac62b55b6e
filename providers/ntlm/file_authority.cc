#include "providers/ntlm/file_authority.h"

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status_macros.h"
#include "lib/crypto/openssl_library.h"
#include "providers/ntlm/verification.h"

namespace epa::ntlm {
namespace {

// A million accounts and more.
constexpr size_t kMaxAccountsFileSize = size_t{512} << 20;

// A line that lost its end may read as another account's, or with a shorter password.
absl::Status CheckWhole(std::string_view text, const std::string& path) {
  if (text.empty()) {
    return absl::InvalidArgumentError(path + ": empty");
  }
  if (text.back() != '\n') {
    return absl::InvalidArgumentError(path + ": cut off: the last line has no line end");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const AccountTable>> BuildTable(std::string_view text,
                                                               const std::string& path) {
  EPA_RETURN_IF_ERROR(CheckWhole(text, path));
  EPA_ASSIGN_OR_RETURN(std::vector<Account> accounts, ParseAccounts(text, path));
  absl::StatusOr<AccountTable> table = AccountTable::Create(std::move(accounts));
  if (!table.ok()) {
    return absl::Status(table.status().code(), path + ": " + std::string(table.status().message()));
  }
  return std::make_shared<const AccountTable>(*std::move(table));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const FileAuthority>> FileAuthority::Create(WatchOptions watch) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireMd5());
  watch.max_size = kMaxAccountsFileSize;
  auto build = [path = watch.paths.front()](std::span<const SecretBytes> contents) {
    return BuildTable(contents.front().ExposeText(), path);
  };
  EPA_ASSIGN_OR_RETURN(auto accounts,
                       WatchedFiles<AccountTable>::Create(std::move(watch), std::move(build)));
  return std::shared_ptr<const FileAuthority>(new FileAuthority(std::move(accounts)));
}

absl::StatusOr<LogonVerdict> FileAuthority::Verify(const LogonRequest& request) const {
  const std::shared_ptr<const AccountTable> accounts = accounts_.Current();
  return VerifyAccount(accounts->Find(request.domain, request.user), request);
}

absl::StatusOr<std::shared_ptr<const NtlmAuthority>> CreateFileAuthority(std::string path,
                                                                         FileObserver observer) {
  WatchOptions watch;
  watch.paths = {std::move(path)};
  watch.observer = std::move(observer);
  return FileAuthority::Create(std::move(watch));
}

}  // namespace epa::ntlm
