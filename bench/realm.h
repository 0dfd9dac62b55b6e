// A Kerberos realm of this program, whose KDC is asked for one ticket before anything is measured.
#ifndef EPA_BENCH_REALM_H_
#define EPA_BENCH_REALM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/realm/private_kdc.h"

namespace epa::bench {

// Ends the program with `what` for a krb5_error_code.
void RequireKrb5(int32_t code, std::string_view what);

// Sets the environment variables from which libkrb5 takes its configuration and the place of its
// replay cache: make it on the main thread before any other thread exists.
class Realm {
 public:
  Realm();

  const std::string& configuration() const { return kdc_->configuration(); }
  std::string keytab_path() const { return kdc_->keytab_path(); }
  // A cache in the memory of this process with a ticket for kTargetName.
  static std::string CacheName() { return "MEMORY:epa_bench"; }

 private:
  std::unique_ptr<tool::PrivateKdc> kdc_;
};

}  // namespace epa::bench

#endif  // EPA_BENCH_REALM_H_
