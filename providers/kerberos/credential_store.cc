#include "providers/kerberos/credential_store.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"
#include "lib/crypto/error_queue.h"
#include "providers/kerberos/default_cache.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/service_keys.h"

namespace epa::kerberos {
namespace {

// A ticket-granting ticket is renewed this many seconds before its end.
constexpr krb5_timestamp kMargin = 60;

// Neither a KDC nor an account, so that another reading of the name may find both.
bool IsUnknownName(krb5_error_code code) {
  return code == KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN || code == KRB5KDC_ERR_WRONG_REALM ||
         code == KRB5_REALM_UNKNOWN || code == KRB5_REALM_CANT_RESOLVE ||
         code == KRB5_CONFIG_NODEFREALM;
}

absl::Status CheckSource(const InitiatorOptions& options) {
  const bool cache = !options.credential_cache.empty() || options.default_credential_cache;
  if (!options.credential_cache.empty() && options.default_credential_cache) {
    return absl::InvalidArgumentError("give a credential cache or ask for the default one");
  }
  const bool password = !options.password.empty();
  const bool keytab = !options.client_keytab_path.empty();
  if (int{cache} + int{password} + int{keytab} != 1 || cache != options.principal.empty()) {
    return absl::InvalidArgumentError(
        "give a credential cache, a principal and its password, or a principal and its keytab");
  }
  // libkrb5 reads C strings.
  for (const std::string_view text :
       {std::string_view(options.credential_cache), std::string_view(options.principal),
        options.password.ExposeText(), std::string_view(options.client_keytab_path)}) {
    if (text.find('\0') != std::string_view::npos) {
      return absl::InvalidArgumentError(
          "the credential cache, the principal, the password or the keytab contains a zero "
          "character");
    }
  }
  return absl::OkStatus();
}

// The file of a cache that is one: of type FILE, which is also what a name without a type means.
std::optional<std::string> FileOf(std::string_view cache) {
  const size_t type_end = cache.find(':');
  if (type_end == std::string_view::npos || cache.substr(0, type_end) == "FILE") {
    return std::string(cache.substr(type_end + 1));  // npos + 1 is 0
  }
  return std::nullopt;
}

absl::StatusOr<OwnedKeytab> KeytabOfFile(krb5_context context, const std::string& path) {
  EPA_ASSIGN_OR_RETURN(const FileContent file, ReadRegularFile(path, kMaxKeytabSize));
  EPA_ASSIGN_OR_RETURN(const auto keys, ServiceKeys::Read(context, file.octets.Expose(), path));
  return MakeKeytab(context, keys->entries());
}

// Read by us, since libkrb5 would wait for a pipe of that name.
krb5_error_code ReadKeytab(krb5_context context, const std::string& path, OwnedKeytab& out) {
  absl::StatusOr<OwnedKeytab> keytab = KeytabOfFile(context, path);
  if (keytab.ok()) {
    out = *std::move(keytab);
    return 0;
  }
  const krb5_error_code code = absl::IsNotFound(keytab.status()) ? ENOENT : EIO;
  krb5_set_error_message(context, code, "%s", std::string(keytab.status().message()).c_str());
  return code;
}

}  // namespace

InitiatorName NameOfClient(krb5_context context, krb5_const_principal client) {
  OwnedText principal(context);
  OwnedText user(context);
  if (krb5_unparse_name(context, client, principal.out()) != 0 ||
      krb5_unparse_name_flags(context, client, KRB5_PRINCIPAL_UNPARSE_NO_REALM, user.out()) != 0) {
    return {};
  }
  return {user.get(), std::string(client->realm.data, client->realm.length), principal.get()};
}

absl::StatusOr<std::unique_ptr<CredentialStore>> CredentialStore::Create(
    std::shared_ptr<ContextPool> pool, const InitiatorOptions& options) {
  EPA_RETURN_IF_ERROR(CheckSource(options));
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool->Acquire());
  std::unique_ptr<CredentialStore> store(new CredentialStore(std::move(pool)));
  if (options.principal.empty()) {
    store->cache_name_ = options.credential_cache;
    if (options.default_credential_cache) {
      EPA_ASSIGN_OR_RETURN(store->cache_name_, DefaultCacheName(lease.context()));
    }
    EPA_RETURN_IF_ERROR(store->CheckCache(lease.context()));
    return store;
  }
  // A keytab has its principals in full.
  store->forms_ = options.password.empty() ? std::vector<PrincipalForm>{{options.principal}}
                                           : PrincipalForms(options.principal);
  store->given_ = store->forms_.front();
  OwnedPrincipal principal(lease.context());
  if (ParsePrincipal(lease.context(), store->given_, principal) != 0) {
    return absl::InvalidArgumentError("not a principal: " + options.principal);
  }
  store->keytab_path_ = options.client_keytab_path;
  store->forwardable_ = options.delegate;
  if (!options.password.empty()) {
    const auto octets = options.password.Expose();
    store->password_ = SecretBytes(octets.size() + 1);
    std::copy(octets.begin(), octets.end(), store->password_.ExposeMutable().begin());
  }
  EPA_RETURN_IF_ERROR(store->MakeOwnCache(lease.context()));
  return store;
}

absl::StatusOr<std::unique_ptr<CredentialStore>> CredentialStore::FromTicket(
    std::shared_ptr<ContextPool> pool, krb5_context context, krb5_creds& ticket) {
  std::unique_ptr<CredentialStore> store(new CredentialStore(std::move(pool)));
  EPA_RETURN_IF_ERROR(store->MakeOwnCache(context));
  EPA_ASSIGN_OR_RETURN(const OwnedCache cache, store->OpenCache(context));
  krb5_error_code code = krb5_cc_initialize(context, cache.get(), ticket.client);
  if (code == 0) {
    code = krb5_cc_store_cred(context, cache.get(), &ticket);
  }
  EPA_RETURN_IF_ERROR(FaultOf(context, code));
  return store;
}

CredentialStore::~CredentialStore() {
  if (!owns_cache_) {
    return;
  }
  if (const auto lease = pool_->Acquire(); lease.ok()) {
    krb5_ccache cache = nullptr;
    if (krb5_cc_resolve(lease->context(), cache_name_.c_str(), &cache) == 0) {
      krb5_cc_destroy(lease->context(), cache);
    }
  }
}

absl::Status CredentialStore::MakeOwnCache(krb5_context context) {
  OwnedCache cache(context);
  EPA_RETURN_IF_ERROR(
      FaultOf(context, krb5_cc_new_unique(context, "MEMORY", nullptr, cache.out())));
  cache_name_ = std::string("MEMORY:") + krb5_cc_get_name(context, cache.get());
  owns_cache_ = true;
  return absl::OkStatus();
}

absl::StatusOr<OwnedCache> CredentialStore::OpenCache(krb5_context context) const {
  OwnedCache cache(context);
  EPA_RETURN_IF_ERROR(FaultOf(context, krb5_cc_resolve(context, cache_name_.c_str(), cache.out())));
  return cache;
}

absl::Status CredentialStore::CheckCache(krb5_context context) const {
  if (const auto file = FileOf(cache_name_); file.has_value()) {
    // libkrb5 would wait for a pipe of that name.
    if (absl::Status kind = CheckRegularFile(*file); absl::IsInvalidArgument(kind)) {
      return kind;
    }
  }
  OwnedCache cache(context);
  OwnedPrincipal owner(context);
  krb5_error_code code = krb5_cc_resolve(context, cache_name_.c_str(), cache.out());
  if (code == 0) {
    code = krb5_cc_get_principal(context, cache.get(), owner.out());
  }
  const bool may_still_come = code == KRB5_FCC_NOFILE || code == KRB5_CC_NOTFOUND;
  return code == 0 || may_still_come
             ? absl::OkStatus()
             : absl::InvalidArgumentError("the credential cache " + cache_name_ + ": " +
                                          ErrorText(context, code));
}

InitiatorName CredentialStore::Owner() const {
  const auto lease = pool_->Acquire();
  if (!lease.ok()) {
    return {};
  }
  OwnedPrincipal client(lease->context());
  const auto cache = OpenCache(lease->context());
  if (cache.ok() && krb5_cc_get_principal(lease->context(), cache->get(), client.out()) == 0) {
    return NameOfClient(lease->context(), client.get());
  }
  if (!has_initial_key()) {
    return {};
  }
  // The KDC has not been asked, so the name is as it was given.
  return ParsePrincipal(lease->context(), given_, client) == 0
             ? NameOfClient(lease->context(), client.get())
             : InitiatorName();
}

krb5_error_code CredentialStore::Get(krb5_context context, krb5_principal server, krb5_flags how,
                                     OwnedCreds& ticket) const {
  OwnedCache cache(context);
  OwnedPrincipal client(context);
  krb5_error_code code = krb5_cc_resolve(context, cache_name_.c_str(), cache.out());
  if (code == 0) {
    code = krb5_cc_get_principal(context, cache.get(), client.out());
  }
  if (code != 0) {
    return code;
  }
  krb5_creds wanted = {};
  wanted.client = client.get();
  wanted.server = server;
  return krb5_get_credentials(context, how, cache.get(), &wanted, ticket.out());
}

krb5_error_code CredentialStore::Find(krb5_context context, krb5_principal server,
                                      OwnedCreds& ticket) const {
  return Get(context, server, KRB5_GC_CACHED, ticket);
}

krb5_error_code CredentialStore::Fetch(krb5_context context, krb5_principal server,
                                       OwnedCreds& ticket) {
  const crypto::ErrorQueueGuard errors;  // pre-authentication plug-ins use OpenSSL
  if (has_initial_key()) {
    const krb5_error_code code = RefreshInitialTicket(context);
    if (code != 0) {
      return code;
    }
  }
  return Get(context, server, 0, ticket);
}

krb5_error_code CredentialStore::RefreshInitialTicket(krb5_context context) {
  const std::lock_guard<std::mutex> lock(initial_mutex_);
  krb5_timestamp now = 0;
  krb5_error_code code = krb5_timeofday(context, &now);
  if (code != 0 || now < initial_ends_ - kMargin) {
    return code;
  }
  krb5_creds ticket = {};
  code = GetInitialTicket(context, ticket);
  if (code != 0) {
    return code;
  }
  OwnedCache cache(context);
  code = krb5_cc_resolve(context, cache_name_.c_str(), cache.out());
  if (code == 0) {
    // The client in the KDC's spelling.
    code = krb5_cc_initialize(context, cache.get(), ticket.client);
  }
  if (code == 0) {
    code = krb5_cc_store_cred(context, cache.get(), &ticket);
  }
  if (code == 0) {
    initial_ends_ = ticket.times.endtime;
  }
  krb5_free_cred_contents(context, &ticket);
  return code;
}

// No password is tried twice: a form is passed over only where no KDC knows such a name. What is
// said of the realm in the name then tells more than that the default realm lacks it, too.
krb5_error_code CredentialStore::GetInitialTicket(krb5_context context, krb5_creds& ticket) {
  krb5_error_code telling = 0;
  std::string text;
  for (const PrincipalForm& form : forms_) {
    const krb5_error_code code = GetInitialTicketAs(context, form, ticket);
    if (code == 0) {
      forms_ = {PrincipalForm(form)};
      return 0;
    }
    if (!IsUnknownName(code)) {
      return code;
    }
    if (telling == 0 || (telling != KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN && !form.default_realm)) {
      telling = code;
      text = ErrorText(context, code);
    }
  }
  krb5_set_error_message(context, telling, "%s", text.c_str());
  return telling;
}

krb5_error_code CredentialStore::GetInitialTicketAs(krb5_context context, const PrincipalForm& form,
                                                    krb5_creds& ticket) const {
  OwnedPrincipal client(context);
  OwnedInitOptions options(context);
  OwnedKeytab keytab(context);
  krb5_error_code code = ParsePrincipal(context, form, client);
  if (code == 0) {
    code = krb5_get_init_creds_opt_alloc(context, options.out());
  }
  if (code != 0) {
    return code;
  }
  krb5_get_init_creds_opt_set_forwardable(options.get(), forwardable_ ? 1 : 0);
  krb5_get_init_creds_opt_set_canonicalize(options.get(), 1);
  if (!password_.empty()) {
    code =
        krb5_get_init_creds_password(context, &ticket, client.get(), password_.ExposeText().data(),
                                     nullptr, nullptr, 0, nullptr, options.get());
    return code == KRB5KRB_AP_ERR_BAD_INTEGRITY
               ? static_cast<krb5_error_code>(KRB5KDC_ERR_PREAUTH_FAILED)
               : code;
  }
  code = ReadKeytab(context, keytab_path_, keytab);
  return code != 0 ? code
                   : krb5_get_init_creds_keytab(context, &ticket, client.get(), keytab.get(), 0,
                                                nullptr, options.get());
}

}  // namespace epa::kerberos
