#include "bench/realm.h"

#include <krb5/krb5.h>

#include <cstdlib>
#include <utility>

#include "bench/contender.h"

namespace epa::bench {
namespace {

constexpr char kPrincipal[] = "alice@EXAMPLE.COM";
constexpr char kPrincipalPassword[] = "secret-alice";

tool::KdcOptions OptionsOfRealm() {
  tool::KdcOptions options;
  options.realm = "EXAMPLE.COM";
  options.hosts = {".example.com"};
  options.users = {{"alice", kPrincipalPassword}};
  options.services = {std::string(kTargetName)};
  return options;
}

void FetchTickets() {
  krb5_context context = nullptr;
  krb5_principal user = nullptr;
  krb5_principal service = nullptr;
  krb5_ccache cache = nullptr;
  RequireKrb5(krb5_init_context(&context), "krb5_init_context");
  RequireKrb5(krb5_parse_name(context, kPrincipal, &user), "krb5_parse_name");
  RequireKrb5(krb5_parse_name(context, std::string(kTargetName).c_str(), &service),
              "krb5_parse_name");
  RequireKrb5(krb5_cc_resolve(context, Realm::CacheName().c_str(), &cache), "krb5_cc_resolve");
  RequireKrb5(krb5_cc_initialize(context, cache, user), "krb5_cc_initialize");

  krb5_creds initial = {};
  RequireKrb5(krb5_get_init_creds_password(context, &initial, user, kPrincipalPassword, nullptr,
                                           nullptr, 0, nullptr, nullptr),
              "the KDC gives no initial ticket");
  RequireKrb5(krb5_cc_store_cred(context, cache, &initial), "krb5_cc_store_cred");
  krb5_creds wanted = {};
  wanted.client = user;
  wanted.server = service;
  krb5_creds* ticket = nullptr;
  RequireKrb5(krb5_get_credentials(context, 0, cache, &wanted, &ticket),
              "the KDC gives no ticket for the service");

  krb5_free_creds(context, ticket);
  krb5_free_cred_contents(context, &initial);
  krb5_cc_close(context, cache);
  krb5_free_principal(context, service);
  krb5_free_principal(context, user);
  krb5_free_context(context);
}

}  // namespace

void RequireKrb5(int32_t code, std::string_view what) { Require(code == 0, what); }

Realm::Realm() {
  Require(tool::PrivateKdc::IsInstalled(),
          "no KDC: apt-get install krb5-kdc krb5-admin-server krb5-user");
  kdc_ = Value(tool::PrivateKdc::Start(OptionsOfRealm()));
  setenv("KRB5_CONFIG", kdc_->configuration_path().c_str(), 1);
  setenv("KRB5RCACHEDIR", kdc_->directory().c_str(), 1);
  FetchTickets();
}

}  // namespace epa::bench
