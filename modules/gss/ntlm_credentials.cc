#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/ascii.h"
#include "lib/base/hex.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"
#include "modules/gss/ntlm.h"
#include "modules/gss/services.h"
#include "modules/gss/status.h"

namespace epa::gss::ntlm_mechanism {
namespace {

// gss-ntlmssp's keys of a credential store.
constexpr std::string_view kKeyFile = "ntlmssp_keyfile";
constexpr std::string_view kKeyDomain = "ntlmssp_domain";
constexpr std::string_view kKeyPassword = "ntlmssp_password";
constexpr std::string_view kKeyHash = "ntlmssp_nthash";

std::string OfEnvironment(const char* name) {
  const char* const value = secure_getenv(name);
  return value == nullptr ? "" : value;
}

struct Store {
  std::string accounts;
  std::string domain;
  std::string password;
  std::string hash;
};

Store StoreOf(gss_const_key_value_set_t given) {
  Store store;
  for (OM_uint32 i = 0; given != GSS_C_NO_CRED_STORE && i < given->count; ++i) {
    const std::string_view key = given->elements[i].key;
    std::string* const place = key == kKeyFile       ? &store.accounts
                               : key == kKeyDomain   ? &store.domain
                               : key == kKeyPassword ? &store.password
                               : key == kKeyHash     ? &store.hash
                                                     : nullptr;
    if (place != nullptr) {
      *place = given->elements[i].value;
    }
  }
  return store;
}

absl::StatusOr<std::shared_ptr<const Credentials>> InitiatorFor(ntlm::InitiatorOptions options) {
  options.workstation = OfEnvironment("NETBIOS_COMPUTER_NAME");
  return ntlm::CreateInitiatorCredentials(std::move(options));
}

// Whose account it is to be; empty: anybody's.
bool IsWanted(const ntlm::Account& account, const Name& wanted) {
  return !account.disabled &&
         (wanted.user.empty() || EqualsIgnoringAsciiCase(account.user, wanted.user)) &&
         (wanted.domain.empty() || EqualsIgnoringAsciiCase(account.domain, wanted.domain));
}

absl::StatusOr<std::unique_ptr<Credential>> InitiatorFromFile(const std::string& path,
                                                              const Name& wanted) {
  EPA_ASSIGN_OR_RETURN(const FileContent content, ReadRegularFile(path));
  EPA_ASSIGN_OR_RETURN(const std::vector<ntlm::Account> accounts,
                       ntlm::ParseAccounts(content.octets.ExposeText(), path));
  const auto found = std::ranges::find_if(
      accounts, [&wanted](const ntlm::Account& account) { return IsWanted(account, wanted); });
  if (found == accounts.end()) {
    return absl::NotFoundError(path + ": no such account");
  }
  auto credential = std::make_unique<Credential>();
  credential->usage = GSS_C_INITIATE;
  credential->name.user = found->user;
  credential->name.domain = found->domain;
  ntlm::InitiatorOptions options;
  options.user = found->user;
  options.domain = found->domain;
  options.nt_hash = std::make_shared<const ntlm::NtHash>(found->nt_hash);
  EPA_ASSIGN_OR_RETURN(credential->initiator, InitiatorFor(std::move(options)));
  return credential;
}

absl::StatusOr<std::unique_ptr<Credential>> InitiatorWithSecret(Name name,
                                                                std::string_view password,
                                                                std::string_view hash) {
  if (name.user.empty()) {
    return absl::NotFoundError("a password without a user's name");
  }
  ntlm::InitiatorOptions options;
  options.user = name.user;
  options.domain = name.domain;
  if (!hash.empty()) {
    const auto octets = DecodeHex(hash);
    if (!octets.has_value() || octets->size() != 16) {
      return absl::InvalidArgumentError("ntlmssp_nthash: expected 32 hexadecimal digits");
    }
    options.nt_hash =
        std::make_shared<const ntlm::NtHash>(std::span<const uint8_t, 16>(octets->data(), 16));
  } else {
    options.password = SecretBytes::FromText(password);
  }
  auto credential = std::make_unique<Credential>();
  credential->usage = GSS_C_INITIATE;
  credential->name = std::move(name);
  EPA_ASSIGN_OR_RETURN(credential->initiator, InitiatorFor(std::move(options)));
  return credential;
}

absl::StatusOr<std::unique_ptr<Credential>> InitiatorFromStore(const Store& store, Name wanted) {
  if (wanted.domain.empty()) {
    wanted.domain = store.domain;
  }
  if (!store.password.empty() || !store.hash.empty()) {
    return InitiatorWithSecret(std::move(wanted), store.password, store.hash);
  }
  const std::string file =
      store.accounts.empty() ? OfEnvironment("NTLM_USER_FILE") : store.accounts;
  if (file.empty()) {
    return absl::NotFoundError("there is no file of accounts");
  }
  return InitiatorFromFile(file, wanted);
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// Credentials over a file of accounts, which is watched; one for each file of this process.
absl::StatusOr<std::shared_ptr<const Credentials>> AcceptorOverFile(const std::string& path) {
  static auto& mutex = *new std::mutex();
  static auto& known = *new std::map<std::string, std::shared_ptr<const Credentials>>();
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(path); found != known.end()) {
    return found->second;
  }
  ntlm::AcceptorOptions options;
  EPA_ASSIGN_OR_RETURN(options.authority, ntlm::CreateFileAuthority(path));
  options.names.netbios_computer = OfEnvironment("NETBIOS_COMPUTER_NAME");
  options.names.netbios_domain = OfEnvironment("NETBIOS_DOMAIN_NAME");
  options.names.dns_computer = HostName();
  EPA_ASSIGN_OR_RETURN(auto credentials, ntlm::CreateAcceptorCredentials(std::move(options)));
  known.emplace(path, credentials);
  return credentials;
}

// A program that epa.conf does not name: as with gss-ntlmssp. What clients bind must be right,
// where the program says what that is; whether they bind is the program's to see (CHANNEL_BOUND).
absl::StatusOr<AcceptOptions> UnconfiguredAcceptance(const std::string& accounts,
                                                     gss_channel_bindings_t given) {
  const std::string path = accounts.empty() ? OfEnvironment("NTLM_USER_FILE") : accounts;
  if (path.empty()) {
    return absl::NotFoundError("there is no file of accounts");
  }
  static const auto& allow = *new std::shared_ptr<const ExtendedProtectionPolicy>(
      std::make_shared<const ExtendedProtectionPolicy>(
          *ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kAllow})));
  AcceptOptions options;
  EPA_ASSIGN_OR_RETURN(options.credentials, AcceptorOverFile(path));
  EPA_ASSIGN_OR_RETURN(options.channel, ChannelOf(given));
  options.policy = options.channel->kind() == ChannelKind::kTls ? allow : LegacyPolicy();
  options.audit = NoAudit();
  return options;
}

absl::StatusOr<AcceptOptions> ConfiguredAcceptance(const ConfiguredService& service,
                                                   const std::string& accounts,
                                                   gss_channel_bindings_t given) {
  EPA_ASSIGN_OR_RETURN(LoginRules rules, RulesOf(service, given));
  AcceptOptions options;
  options.credentials = rules.parts->packages.ntlm;
  if (options.credentials == nullptr) {
    if (accounts.empty()) {
      return absl::NotFoundError("there are no accounts");
    }
    EPA_ASSIGN_OR_RETURN(options.credentials, AcceptorOverFile(accounts));
  }
  options.policy = std::move(rules.policy);
  options.channel = std::move(rules.channel);
  options.audit = rules.parts->audit;
  return options;
}

OM_uint32 Fail(OM_uint32* minor, const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    *minor = MinorOf(Reason::kNoCredentials);
    return GSS_S_NO_CRED;
  }
  Log(std::string(status.message()));
  *minor = MinorOf(Reason::kAuthorityUnavailable);
  return GSS_S_FAILURE;
}

OM_uint32 Finish(OM_uint32* minor, std::unique_ptr<Credential> made, gss_cred_id_t* cred,
                 gss_OID_set* actual, OM_uint32* lifetime) {
  if (actual != nullptr) {
    OM_uint32 major = gss_create_empty_oid_set(minor, actual);
    if (major == GSS_S_COMPLETE) {
      major = gss_add_oid_set_member(minor, NtlmOid(), actual);
    }
    if (major != GSS_S_COMPLETE) {
      return major;
    }
  }
  if (lifetime != nullptr) {
    *lifetime = GSS_C_INDEFINITE;
  }
  *cred = reinterpret_cast<gss_cred_id_t>(made.release());
  return GSS_S_COMPLETE;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Credential>> DefaultInitiator() {
  return InitiatorFromStore({}, {});
}

absl::StatusOr<AcceptOptions> AcceptanceFor(const Credential* credential,
                                            gss_channel_bindings_t given) {
  const std::string accounts = credential == nullptr ? "" : credential->accounts;
  EPA_ASSIGN_OR_RETURN(const auto services, Services::OfThisProcess().Current());
  const auto is_on = [](const ConfiguredService& service) { return service.service != nullptr; };
  const auto has_accounts = [&is_on](const ConfiguredService& service) {
    return is_on(service) && service.service->parts()->packages.ntlm != nullptr;
  };
  auto found = std::ranges::find_if(*services, has_accounts);
  if (found == services->end()) {
    found = std::ranges::find_if(*services, is_on);
  }
  return found == services->end() ? UnconfiguredAcceptance(accounts, given)
                                  : ConfiguredAcceptance(*found, accounts, given);
}

OM_uint32 gss_acquire_cred_from(OM_uint32* minor, gss_name_t name, OM_uint32 /*time*/,
                                gss_OID_set /*mechs*/, gss_cred_usage_t usage,
                                gss_const_key_value_set_t given, gss_cred_id_t* cred,
                                gss_OID_set* actual, OM_uint32* lifetime) {
  *minor = 0;
  *cred = GSS_C_NO_CREDENTIAL;
  const Name wanted = name == GSS_C_NO_NAME ? Name() : *NameOf(name);
  const Store store = StoreOf(given);
  absl::StatusOr<std::unique_ptr<Credential>> made = std::make_unique<Credential>();
  absl::Status acceptor = absl::NotFoundError("not asked for");
  if (usage != GSS_C_INITIATE) {
    Credential asked;
    asked.accounts = store.accounts;
    acceptor = AcceptanceFor(&asked, GSS_C_NO_CHANNEL_BINDINGS).status();
  }
  if (usage != GSS_C_ACCEPT) {
    made = InitiatorFromStore(store, wanted);
    if (!made.ok() && acceptor.ok()) {
      made = std::make_unique<Credential>();
    }
  } else if (!acceptor.ok()) {
    made = acceptor;
  }
  if (!made.ok()) {
    return Fail(minor, made.status());
  }
  (*made)->usage = usage;
  (*made)->accounts = store.accounts;
  if ((*made)->initiator == nullptr) {
    (*made)->name = wanted;
  }
  return Finish(minor, *std::move(made), cred, actual, lifetime);
}

OM_uint32 gssspi_acquire_cred_with_password(OM_uint32* minor, gss_name_t name,
                                            gss_buffer_t password, OM_uint32 /*time*/,
                                            gss_OID_set /*mechs*/, gss_cred_usage_t usage,
                                            gss_cred_id_t* cred, gss_OID_set* actual,
                                            OM_uint32* lifetime) {
  *minor = 0;
  *cred = GSS_C_NO_CREDENTIAL;
  if (usage == GSS_C_ACCEPT || name == GSS_C_NO_NAME) {
    return usage == GSS_C_ACCEPT ? GSS_S_NO_CRED : GSS_S_BAD_NAME;
  }
  auto made = InitiatorWithSecret(*NameOf(name), TextOf(password), {});
  return made.ok() ? Finish(minor, *std::move(made), cred, actual, lifetime)
                   : Fail(minor, made.status());
}

OM_uint32 gss_release_cred(OM_uint32* minor, gss_cred_id_t* cred) {
  *minor = 0;
  delete CredentialOf(*cred);
  *cred = GSS_C_NO_CREDENTIAL;
  return GSS_S_COMPLETE;
}

OM_uint32 gss_inquire_cred(OM_uint32* minor, gss_cred_id_t cred, gss_name_t* name,
                           OM_uint32* lifetime, gss_cred_usage_t* usage, gss_OID_set* mechs) {
  *minor = 0;
  const Credential* credential = CredentialOf(cred);
  std::unique_ptr<Credential> own;
  if (credential == nullptr) {
    auto made = DefaultInitiator();
    if (!made.ok()) {
      return Fail(minor, made.status());
    }
    own = *std::move(made);
    credential = own.get();
  }
  if (lifetime != nullptr) {
    *lifetime = GSS_C_INDEFINITE;
  }
  if (usage != nullptr) {
    *usage = credential->usage;
  }
  if (mechs != nullptr) {
    OM_uint32 major = gss_create_empty_oid_set(minor, mechs);
    if (major == GSS_S_COMPLETE) {
      major = gss_add_oid_set_member(minor, NtlmOid(), mechs);
    }
    if (major != GSS_S_COMPLETE) {
      return major;
    }
  }
  if (name != nullptr) {
    const bool named = !credential->name.user.empty() || !credential->name.service.empty();
    *name = named ? HandleOf(std::make_unique<Name>(credential->name)) : GSS_C_NO_NAME;
  }
  return GSS_S_COMPLETE;
}

OM_uint32 gss_inquire_cred_by_mech(OM_uint32* minor, gss_cred_id_t cred, gss_OID /*mech*/,
                                   gss_name_t* name, OM_uint32* initiator, OM_uint32* acceptor,
                                   gss_cred_usage_t* usage) {
  gss_cred_usage_t found = GSS_C_INITIATE;
  const OM_uint32 major =
      ntlm_mechanism::gss_inquire_cred(minor, cred, name, nullptr, &found, nullptr);
  if (major != GSS_S_COMPLETE) {
    return major;
  }
  if (initiator != nullptr) {
    *initiator = found == GSS_C_ACCEPT ? 0 : GSS_C_INDEFINITE;
  }
  if (acceptor != nullptr) {
    *acceptor = found == GSS_C_INITIATE ? 0 : GSS_C_INDEFINITE;
  }
  if (usage != nullptr) {
    *usage = found;
  }
  return GSS_S_COMPLETE;
}

// GSS_KRB5_CRED_NO_CI_FLAGS_X, with which a client says that it wants no protection of messages:
// none is offered that was not asked for.
OM_uint32 gssspi_set_cred_option(OM_uint32* minor, gss_cred_id_t* /*cred*/, gss_OID object,
                                 gss_buffer_t /*value*/) {
  static char text[] = "\x2a\x85\x70\x2b\x0d\x1d";  // 1.2.752.43.13.29
  const gss_OID_desc no_flags = {sizeof(text) - 1, text};
  *minor = 0;
  return gss_oid_equal(object, &no_flags) != 0 ? GSS_S_COMPLETE : GSS_S_UNAVAILABLE;
}

}  // namespace epa::gss::ntlm_mechanism
