#include "providers/ntlm/account_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/string_view.h"
#include "lib/base/status_macros.h"
#include "lib/base/upper_case.h"
#include "lib/base/utf16.h"
#include "providers/ntlm/verification.h"

namespace epa::ntlm {
namespace {

constexpr uint32_t kAmbiguous = std::numeric_limits<uint32_t>::max();
// In no account's name, so that no two names share a key.
constexpr char kSeparator = '\0';

char UppercaseAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c; }

// The upper-cased domain, separator and user; ASCII of the usual length needs no allocation.
class NameKey {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): short_key_ is read where it is filled
  NameKey(std::string_view domain, std::string_view user) {
    if (!AppendAscii(domain) || !AppendAscii({&kSeparator, 1}) || !AppendAscii(user)) {
      long_key_ = UppercaseUtf8(domain) + kSeparator + UppercaseUtf8(user);
      separator_ = long_key_.find(kSeparator);
      return;
    }
    separator_ = domain.size();
  }

  std::string_view full_name() const {
    return long_key_.empty() ? std::string_view(short_key_.data(), size_) : long_key_;
  }
  std::string_view user() const { return full_name().substr(separator_ + 1); }

 private:
  bool AppendAscii(std::string_view text) {
    if (text.size() > short_key_.size() - size_) {
      return false;
    }
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (!std::all_of(text.begin(), text.end(), is_ascii)) {
      return false;
    }
    std::transform(text.begin(), text.end(), short_key_.begin() + static_cast<ptrdiff_t>(size_),
                   UppercaseAscii);
    size_ += text.size();
    return true;
  }

  std::array<char, 128> short_key_;
  size_t size_ = 0;
  size_t separator_ = 0;
  std::string long_key_;
};

bool IsName(std::string_view name) {
  return IsValidUtf8(name) && name.find(kSeparator) == std::string_view::npos;
}

std::string DisplayName(const Account& account) {
  return account.domain.empty() ? account.user : account.domain + "\\" + account.user;
}

absl::Status CheckAccount(const Account& account) {
  if (!IsName(account.user) || !IsName(account.domain)) {
    return absl::InvalidArgumentError("an account's name is not UTF-8 or contains NUL");
  }
  if (account.user.empty()) {
    return absl::InvalidArgumentError("an account has no user name");
  }
  if (!account.disabled && IsUnsetHash(account.nt_hash)) {
    return absl::InvalidArgumentError("account " + DisplayName(account) +
                                      ": the NT hash is all zero");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AccountTable> AccountTable::Create(std::vector<Account> accounts) {
  if (accounts.size() >= kAmbiguous) {
    return absl::ResourceExhaustedError("too many accounts");
  }
  AccountTable table;
  table.records_.reserve(accounts.size());
  table.by_full_name_.reserve(accounts.size());
  table.by_user_.reserve(accounts.size());
  for (Account& account : accounts) {
    EPA_RETURN_IF_ERROR(table.Add(std::move(account)));
  }
  return table;
}

// Without a domain an account is this computer's own.
absl::Status AccountTable::Add(Account account) {
  EPA_RETURN_IF_ERROR(CheckAccount(account));
  const auto position = static_cast<uint32_t>(records_.size());
  const NameKey key(account.domain, account.user);
  if (!by_full_name_.emplace(std::string(key.full_name()), position).second) {
    return absl::InvalidArgumentError("account " + DisplayName(account) + " occurs twice");
  }
  const auto [entry, is_first] = by_user_.emplace(std::string(key.user()), position);
  if (!is_first) {
    entry->second = kAmbiguous;
  }
  AccountIdentity identity;
  identity.local = account.domain.empty();
  identity.user = std::move(account.user);
  identity.domain = std::move(account.domain);
  records_.push_back({std::make_shared<const AccountIdentity>(std::move(identity)), account.nt_hash,
                      account.disabled});
  return absl::OkStatus();
}

const AccountTable::Record* AccountTable::Get(const Index& index, std::string_view key) const {
  const auto entry = index.find(absl::string_view(key.data(), key.size()));
  return entry == index.end() || entry->second == kAmbiguous ? nullptr : &records_[entry->second];
}

const AccountTable::Record* AccountTable::FindSpelled(std::string_view domain,
                                                      std::string_view user) const {
  const NameKey key(domain, user);
  if (const Record* record = Get(by_full_name_, key.full_name()); record != nullptr) {
    return record;
  }
  if (domain.empty()) {
    return Get(by_user_, key.user());
  }
  return Get(by_full_name_, NameKey("", user).full_name());
}

const AccountTable::Record* AccountTable::Find(std::string_view domain,
                                               std::string_view user) const {
  const Record* record = FindSpelled(domain, user);
  if (record != nullptr || !domain.empty()) {
    return record;
  }
  if (const size_t backslash = user.find('\\'); backslash != std::string_view::npos) {
    return FindSpelled(user.substr(0, backslash), user.substr(backslash + 1));
  }
  if (const size_t at = user.rfind('@'); at != std::string_view::npos) {
    return FindSpelled(user.substr(at + 1), user.substr(0, at));
  }
  return nullptr;
}

}  // namespace epa::ntlm
