#include "providers/kerberos/keytab_source.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <utility>

#include "epa/base/random.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {
namespace {

// Differs whenever the file may have changed.
absl::StatusOr<std::string> StateOf(const std::string& path) {
  struct stat now = {};
  if (stat(path.c_str(), &now) != 0) {
    const int error = errno;
    return absl::NotFoundError("the keytab " + path + ": " +
                               std::string(absl::ErrnoToStatus(error, "stat").message()));
  }
  return std::to_string(now.st_dev) + "," + std::to_string(now.st_ino) + "," +
         std::to_string(now.st_size) + "," + std::to_string(now.st_mtim.tv_sec) + "," +
         std::to_string(now.st_mtim.tv_nsec);
}

// KRB5_KT_NOTFOUND: there are none.
krb5_error_code CopyEntries(krb5_context context, krb5_keytab from, krb5_keytab to) {
  krb5_kt_cursor cursor;
  krb5_error_code code = krb5_kt_start_seq_get(context, from, &cursor);
  if (code != 0) {
    return code;
  }
  bool any = false;
  krb5_keytab_entry entry;
  while ((code = krb5_kt_next_entry(context, from, &entry, &cursor)) == 0) {
    code = krb5_kt_add_entry(context, to, &entry);
    krb5_free_keytab_entry_contents(context, &entry);
    if (code != 0) {
      break;
    }
    any = true;
  }
  krb5_kt_end_seq_get(context, from, &cursor);
  if (code != KRB5_KT_END) {
    return code;
  }
  return any ? 0 : KRB5_KT_NOTFOUND;
}

}  // namespace

KeytabSource KeytabSource::FromFile(std::string path) { return {std::move(path), std::nullopt}; }

absl::StatusOr<KeytabSource> KeytabSource::FromOctets(const SecretBytes& octets) {
  EPA_ASSIGN_OR_RETURN(MemoryFile file, MemoryFile::Create(octets.Expose()));
  std::string path = file.path();
  return KeytabSource(std::move(path), std::move(file));
}

absl::Status KeytabSource::Refresh(Workspace& workspace) const {
  const auto state = StateOf(path_);
  if (state.ok() && workspace.keytab != nullptr && workspace.keytab_state == *state) {
    return absl::OkStatus();
  }
  krb5_context context = workspace.context;
  if (workspace.keytab != nullptr) {
    krb5_kt_close(context, std::exchange(workspace.keytab, nullptr));
  }
  EPA_RETURN_IF_ERROR(state.status());
  // Memory keytabs have names that the whole process shares.
  std::array<uint8_t, 16> unique{};
  SystemRandom().Fill(unique);
  OwnedKeytab file(context), memory(context);
  krb5_error_code code = krb5_kt_resolve(context, ("FILE:" + path_).c_str(), file.out());
  if (code == 0) {
    code = krb5_kt_resolve(context, ("MEMORY:epa-" + EncodeHex(unique)).c_str(), memory.out());
  }
  if (code == 0) {
    code = CopyEntries(context, file.get(), memory.get());
  }
  if (code != 0) {
    return absl::NotFoundError(
        "the keytab " + path_ + ": " +
        (code == KRB5_KT_NOTFOUND ? "no whole key in it" : ErrorText(context, code)));
  }
  workspace.keytab = memory.Release();
  workspace.keytab_state = *state;
  return absl::OkStatus();
}

}  // namespace epa::kerberos
