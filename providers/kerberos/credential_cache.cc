#include "epa/kerberos/credential_cache.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "absl/status/status.h"
#include "lib/base/file_descriptor.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/credential_store.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/initiator_credentials.h"

namespace epa::kerberos {
namespace {

// Kerberos credentials with a client's name are a client's.
bool AreOfKerberosClient(const Credentials& credentials) {
  return &credentials.package() == &KerberosPackageInfo() &&
         !credentials.initiator_name().user.empty();
}

krb5_error_code Copy(krb5_context context, krb5_ccache from, krb5_ccache to) {
  OwnedPrincipal client(context);
  krb5_error_code code = krb5_cc_get_principal(context, from, client.out());
  if (code == 0) {
    // Makes the file anew, with mode 0600, and fails if somebody else did so meanwhile.
    code = krb5_cc_initialize(context, to, client.get());
  }
  return code == 0 ? krb5_cc_copy_creds(context, from, to) : code;
}

absl::Status Write(const CredentialStore& store, const std::string& name) {
  EPA_ASSIGN_OR_RETURN(const auto lease, store.pool()->Acquire());
  EPA_ASSIGN_OR_RETURN(const OwnedCache from, store.OpenCache(lease.context()));
  OwnedCache to(lease.context());
  krb5_error_code code = krb5_cc_resolve(lease.context(), name.c_str(), to.out());
  if (code == 0) {
    code = Copy(lease.context(), from.get(), to.get());
  }
  return code == 0 ? absl::OkStatus()
                   : absl::InternalError("the credential cache " + name + ": " +
                                         ErrorText(lease.context(), code));
}

}  // namespace

absl::StatusOr<std::unique_ptr<const CredentialCacheFile>> CredentialCacheFile::Create(
    const Credentials& credentials, const std::string& folder) {
  if (!AreOfKerberosClient(credentials)) {
    return absl::InvalidArgumentError("not the credentials of a Kerberos client");
  }
  std::string path = folder + "/epa-XXXXXX";
  if (!FileDescriptor(mkstemp(path.data())).valid()) {
    return absl::InternalError("cannot write a credential cache to " + folder + ": " +
                               std::generic_category().message(errno));
  }
  std::unique_ptr<const CredentialCacheFile> file(new CredentialCacheFile(std::move(path)));
  const auto& client = static_cast<const InitiatorCredentials&>(credentials);
  EPA_RETURN_IF_ERROR(Write(client.store(), file->name()));
  return file;
}

CredentialCacheFile::~CredentialCacheFile() { unlink(path_.c_str()); }

}  // namespace epa::kerberos
