// Accounts indexed by name.
#ifndef EPA_PROVIDERS_NTLM_ACCOUNT_TABLE_H_
#define EPA_PROVIDERS_NTLM_ACCOUNT_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "epa/ntlm/authority.h"

namespace epa::ntlm {

// Immutable. Finds accounts by the rules at CreateMemoryAuthority.
class AccountTable {
 public:
  static absl::StatusOr<AccountTable> Create(std::vector<Account> accounts);

  struct Record {
    std::shared_ptr<const AccountIdentity> identity;
    NtHash nt_hash;
    bool disabled = false;
  };

  // Null when there is none, or no single one. The table owns the record.
  const Record* Find(std::string_view domain, std::string_view user) const;

 private:
  // Upper-cased name -> position in records_.
  using Index = absl::flat_hash_map<std::string, uint32_t>;

  AccountTable() = default;
  absl::Status Add(Account account);
  const Record* FindSpelled(std::string_view domain, std::string_view user) const;
  const Record* Get(const Index& index, std::string_view key) const;

  std::vector<Record> records_;
  // "DOMAIN" NUL "USER".
  Index by_full_name_;
  // "USER", or kAmbiguous.
  Index by_user_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_ACCOUNT_TABLE_H_
