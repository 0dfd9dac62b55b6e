// The credential cache of a user who names none.
#ifndef EPA_PROVIDERS_KERBEROS_DEFAULT_CACHE_H_
#define EPA_PROVIDERS_KERBEROS_DEFAULT_CACHE_H_

#include <krb5/krb5.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace epa::kerberos {

// `default_ccache_name` of the configuration, else FILE:/tmp/krb5cc_UID. Unlike
// krb5_cc_default_name, blind to the environment. InvalidArgument for a parameter that is none.
absl::StatusOr<std::string> DefaultCacheName(krb5_context context);

// With the parameters of krb5.conf(5) replaced: %{uid}, %{euid}, %{USERID}, %{username}, %{TEMP},
// %{null}. Those about directories of an installation are unknown here.
absl::StatusOr<std::string> ExpandParameters(std::string_view text);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_DEFAULT_CACHE_H_
