// secext.h: names of the user that this process runs as.
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "epa/sspi/secext.h"
#include "lib/base/upper_case.h"
#include "lib/sspi/credentials.h"
#include "lib/sspi/default_auth_data.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

struct Account {
  std::string name;
  std::string display;
};

std::optional<Account> AccountOfProcess() {
  constexpr size_t kRoom = 16384;
  std::vector<char> room(kRoom);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  const std::string gecos = found->pw_gecos != nullptr ? found->pw_gecos : "";
  return Account{found->pw_name, gecos.substr(0, gecos.find(','))};
}

std::string HostName() {
  std::vector<char> name(256);
  if (gethostname(name.data(), name.size() - 1) != 0) {
    return "localhost";
  }
  const std::string host = name.data();
  return UppercaseUtf8(host.substr(0, host.find('.')));
}

// Of the default credential cache.
std::optional<InitiatorName> Principal() {
  const auto defaults = ReadDefaultAuthData();
  if (!defaults.ok()) {
    return std::nullopt;
  }
  const auto credentials = MakeInitiator(PackageId::kKerberos, defaults->client);
  InitiatorName name = credentials.ok() ? (*credentials)->initiator_name() : InitiatorName();
  return name.user.empty() ? std::nullopt : std::optional(std::move(name));
}

// An error of winerror.h instead of a name.
struct Answer {
  std::string name;
  int error = 0;
};

Answer NameIn(EXTENDED_NAME_FORMAT format) {
  if (format == NameSamCompatible || format == NameDisplay) {
    const auto account = AccountOfProcess();
    if (!account.has_value()) {
      return {{}, ERROR_NO_SUCH_USER};
    }
    if (format == NameSamCompatible) {
      return {HostName() + "\\" + account->name};
    }
    return account->display.empty() ? Answer{{}, ERROR_NONE_MAPPED} : Answer{account->display};
  }
  if (format == NameUserPrincipal || format == NameDnsDomain) {
    const auto principal = Principal();
    if (!principal.has_value()) {
      return {{}, ERROR_NONE_MAPPED};
    }
    return {format == NameUserPrincipal ? principal->principal : Joined(*principal)};
  }
  return {{}, format == NameUnknown ? ERROR_NO_SUCH_USER : ERROR_NONE_MAPPED};
}

BOOLEAN Fail(int error) {
  errno = error;
  return 0;
}

template <typename Char>
BOOLEAN PutName(const Answer& answer, Char* room, PULONG size) {
  const auto octets =
      answer.error == 0 ? EncodeText(answer.name, Char()) : std::optional<SecretBytes>();
  if (!octets.has_value()) {
    return Fail(answer.error != 0 ? answer.error : ERROR_NONE_MAPPED);
  }
  const size_t characters = octets->size() / sizeof(Char);
  const bool fits = room != nullptr && *size > characters;
  *size = static_cast<ULONG>(characters + (fits ? 0 : 1));
  if (!fits) {
    return Fail(ERROR_MORE_DATA);
  }
  std::ranges::copy(octets->Expose(), reinterpret_cast<uint8_t*>(room));
  room[characters] = Char{0};
  return 1;
}

template <typename Char>
BOOLEAN GetUserName(EXTENDED_NAME_FORMAT format, Char* room, PULONG size) {
  if (size == nullptr) {
    return Fail(ERROR_INVALID_PARAMETER);
  }
  BOOLEAN done = 0;
  const SECURITY_STATUS status = Entry([&] {
    done = PutName(NameIn(format), room, size);
    return SEC_E_OK;
  });
  return status == SEC_E_OK ? done : Fail(ERROR_NONE_MAPPED);
}

}  // namespace
}  // namespace epa::sspi

BOOLEAN SEC_ENTRY epa_GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, SEC_CHAR* lpNameBuffer,
                                     PULONG nSize) noexcept {
  return epa::sspi::GetUserName(NameFormat, lpNameBuffer, nSize);
}

BOOLEAN SEC_ENTRY epa_GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, SEC_WCHAR* lpNameBuffer,
                                     PULONG nSize) noexcept {
  return epa::sspi::GetUserName(NameFormat, lpNameBuffer, nSize);
}

BOOLEAN SEC_ENTRY epa_GetComputerObjectNameA(EXTENDED_NAME_FORMAT NameFormat, SEC_CHAR*,
                                             PULONG) noexcept {
  return epa::sspi::Fail(NameFormat == NameUnknown ? ERROR_INVALID_PARAMETER : ERROR_NONE_MAPPED);
}

BOOLEAN SEC_ENTRY epa_GetComputerObjectNameW(EXTENDED_NAME_FORMAT NameFormat, SEC_WCHAR*,
                                             PULONG) noexcept {
  return epa::sspi::Fail(NameFormat == NameUnknown ? ERROR_INVALID_PARAMETER : ERROR_NONE_MAPPED);
}

BOOLEAN SEC_ENTRY epa_TranslateNameA(const SEC_CHAR*, EXTENDED_NAME_FORMAT, EXTENDED_NAME_FORMAT,
                                     SEC_CHAR*, PULONG) noexcept {
  return epa::sspi::Fail(ERROR_NONE_MAPPED);
}

BOOLEAN SEC_ENTRY epa_TranslateNameW(const SEC_WCHAR*, EXTENDED_NAME_FORMAT, EXTENDED_NAME_FORMAT,
                                     SEC_WCHAR*, PULONG) noexcept {
  return epa::sspi::Fail(ERROR_NONE_MAPPED);
}
