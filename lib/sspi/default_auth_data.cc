#include "lib/sspi/default_auth_data.h"

#include <memory>
#include <mutex>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/sspi/entry.h"

namespace epa::sspi {
namespace {

// Those of this process, as the handles are.
struct Given {
  std::mutex mutex;
  std::shared_ptr<const AuthData> client;  // null: the file's
  std::shared_ptr<const AuthData> server;
  std::string file = EPA_SSPI_CONF;
};

Given& TheGiven() {
  static Given& given = *new Given();
  return given;
}

SECURITY_STATUS Set(ULONG use, const EPA_AUTH_DATA* data) {
  const bool gives_way = (use & SECPKG_CRED_DEFAULT) != 0;
  if ((use & SECPKG_CRED_BOTH) == 0 ||
      (use & ~ULONG{SECPKG_CRED_BOTH | SECPKG_CRED_DEFAULT}) != 0) {
    return SEC_E_INVALID_PARAMETER;
  }
  std::shared_ptr<AuthData> copy;
  if (data != nullptr) {
    copy = std::make_shared<AuthData>();
    const absl::Status read = IsEpaAuthData(data)
                                  ? ReadAuthData(data, *copy)
                                  : absl::InvalidArgumentError("not an EPA_AUTH_DATA");
    WriteFaultText(data, read);
    if (!read.ok()) {
      return SEC_E_UNKNOWN_CREDENTIALS;
    }
  }
  Given& given = TheGiven();
  const std::lock_guard lock(given.mutex);
  if ((use & SECPKG_CRED_OUTBOUND) != 0 && !(gives_way && given.client != nullptr)) {
    given.client = copy;
  }
  if ((use & SECPKG_CRED_INBOUND) != 0 && !(gives_way && given.server != nullptr)) {
    given.server = copy;
  }
  return SEC_E_OK;
}

SECURITY_STATUS SetFile(const char* path, std::span<char> fault) {
  const std::string name = path != nullptr ? path : EPA_SSPI_CONF;
  const absl::Status read = ReadDefaultFile(name).status();
  WriteText(std::string(read.message()), fault);
  if (!read.ok()) {
    return SEC_E_UNKNOWN_CREDENTIALS;
  }
  Given& given = TheGiven();
  const std::lock_guard lock(given.mutex);
  given.file = name;
  return SEC_E_OK;
}

}  // namespace

absl::StatusOr<DefaultFile> ReadDefaultFile() {
  std::string path;
  {
    Given& given = TheGiven();
    const std::lock_guard lock(given.mutex);
    path = given.file;
  }
  return ReadDefaultFile(path);
}

absl::StatusOr<DefaultAuthData> ReadDefaultAuthData() {
  std::shared_ptr<const AuthData> client;
  std::shared_ptr<const AuthData> server;
  {
    Given& given = TheGiven();
    const std::lock_guard lock(given.mutex);
    client = given.client;
    server = given.server;
  }
  DefaultAuthData data;
  if (client == nullptr || server == nullptr) {
    EPA_ASSIGN_OR_RETURN(DefaultFile file, ReadDefaultFile());
    data = std::move(file.data);
  }
  if (client != nullptr) {
    data.client = *client;
  }
  if (server != nullptr) {
    data.server = *server;
  }
  return data;
}

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_SetDefaultAuthData(ULONG fCredentialUse,
                                                 const EPA_AUTH_DATA* pAuthData) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Set(fCredentialUse, pAuthData); });
}

SECURITY_STATUS SEC_ENTRY epa_SetDefaultAuthDataFile(const char* pszPath, char* FaultText,
                                                     ULONG cbFaultText) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::SetFile(pszPath, {FaultText, FaultText == nullptr ? 0 : cbFaultText});
  });
}
