#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "epa/ntlm/authority.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "lib/base/take_until.h"
#include "lib/base/utf16.h"
#include "providers/ntlm/verification.h"

namespace epa::ntlm {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// smbpasswd(5)
constexpr size_t kHashDigits = 32;
constexpr std::string_view kNoPassword = "NO PASSWORD";
constexpr std::string_view kKnownFlags = "NDHTUMWSLXI ";
constexpr std::string_view kRefusingFlags = "NDL";  // no password, disabled, locked

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsAbsentHash(std::string_view field) {
  if (field.size() != kHashDigits) {
    return false;
  }
  if (field.substr(0, kNoPassword.size()) == kNoPassword) {
    field.remove_prefix(kNoPassword.size());
  }
  return field.find_first_not_of('X') == std::string_view::npos;
}

bool IsHashField(std::string_view field) {
  return IsAbsentHash(field) ||
         (field.size() == kHashDigits &&
          field.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos);
}

// user:uid:LM-hash:NT-hash:[flags]:...
struct SmbPasswdFields {
  explicit SmbPasswdFields(std::string_view line)
      : user(TakeUntil(':', line)),
        uid(TakeUntil(':', line)),
        lm_hash(TakeUntil(':', line)),
        nt_hash(TakeUntil(':', line)),
        flags(TakeUntil(':', line)) {}

  // Decided on the whole shape, so that a damaged smbpasswd line is an error and not taken for
  // the password of a user named like a number.
  bool recognised() const {
    return IsNumber(uid) && (IsHashField(lm_hash) || (!flags.empty() && flags.front() == '['));
  }

  std::string_view user;
  std::string_view uid;
  std::string_view lm_hash;
  std::string_view nt_hash;
  std::string_view flags;
};

absl::StatusOr<Account> ParseSmbPasswdLine(const SmbPasswdFields& fields) {
  if (!IsHashField(fields.lm_hash) || !IsHashField(fields.nt_hash)) {
    return absl::InvalidArgumentError("a hash is not 32 hexadecimal digits");
  }
  std::string_view flags = fields.flags;
  if (flags.size() < 2 || flags.front() != '[' || flags.back() != ']') {
    return absl::InvalidArgumentError("the account flags are not [in brackets]");
  }
  flags = flags.substr(1, flags.size() - 2);
  if (flags.find_first_not_of(kKnownFlags) != std::string_view::npos) {
    return absl::InvalidArgumentError("unknown account flag");
  }
  Account account{.user = std::string(fields.user), .domain = {}, .nt_hash = {}};
  account.disabled = flags.find_first_of(kRefusingFlags) != std::string_view::npos;
  if (IsAbsentHash(fields.nt_hash)) {
    account.disabled = true;
    return account;
  }
  std::array<uint8_t, 16> hash{};
  if (std::optional<std::vector<uint8_t>> octets = DecodeHex(fields.nt_hash)) {
    std::copy_n(octets->begin(), hash.size(), hash.begin());
    WipeMemory(*octets);
  }
  account.nt_hash = NtHash(hash);
  WipeMemory(hash);
  if (IsUnsetHash(account.nt_hash)) {
    return absl::InvalidArgumentError("the NT hash is all zero");
  }
  return account;
}

absl::StatusOr<Account> ParsePasswordLine(std::string_view line) {
  if (std::count(line.begin(), line.end(), ':') < 2) {
    return absl::InvalidArgumentError("neither DOMAIN:user:password nor an smbpasswd line");
  }
  Account account;
  account.domain = TakeUntil(':', line);
  account.user = TakeUntil(':', line);
  if (line.empty()) {
    account.disabled = true;
    return account;
  }
  EPA_ASSIGN_OR_RETURN(account.nt_hash, NtHashFromPassword(line));
  return account;
}

absl::StatusOr<Account> ParseLine(std::string_view line) {
  if (!IsValidUtf8(line)) {
    return absl::InvalidArgumentError("not UTF-8");
  }
  const SmbPasswdFields fields(line);
  EPA_ASSIGN_OR_RETURN(Account account,
                       fields.recognised() ? ParseSmbPasswdLine(fields) : ParsePasswordLine(line));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  if (std::any_of(account.user.begin(), account.user.end(), is_control) ||
      std::any_of(account.domain.begin(), account.domain.end(), is_control)) {
    return absl::InvalidArgumentError("a control character in a name");
  }
  if (account.user.empty()) {
    return absl::InvalidArgumentError("no user name");
  }
  return account;
}

bool IsBlankOrComment(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t");
  return first == std::string_view::npos || line[first] == '#';
}

}  // namespace

absl::StatusOr<std::vector<Account>> ParseAccounts(std::string_view text, std::string_view file) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  std::vector<Account> accounts;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = TakeUntil('\n', text);
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    if (IsBlankOrComment(line)) {
      continue;
    }
    absl::StatusOr<Account> account = ParseLine(line);
    if (!account.ok()) {
      return absl::Status(account.status().code(), std::string(file) + ":" +
                                                       std::to_string(number) + ": " +
                                                       std::string(account.status().message()));
    }
    accounts.push_back(*std::move(account));
  }
  return accounts;
}

}  // namespace epa::ntlm
