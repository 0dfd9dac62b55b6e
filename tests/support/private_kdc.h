// The Kerberos realm of the tests.
#ifndef EPA_TESTS_SUPPORT_PRIVATE_KDC_H_
#define EPA_TESTS_SUPPORT_PRIVATE_KDC_H_

#include "lib/realm/private_kdc.h"

namespace epa::test {

using tool::KdcOptions;
using tool::PrivateKdc;

// TEST.EXAMPLE with alice and bob, whose password is "secret-" and the name, and the services HTTP
// and cifs on server.test.example.
inline KdcOptions TestKdcOptions() {
  KdcOptions options;
  options.realm = "TEST.EXAMPLE";
  options.hosts = {".test.example"};
  options.users = {{"alice", "secret-alice"}, {"bob", "secret-bob"}};
  options.services = {"HTTP/server.test.example", "cifs/server.test.example"};
  return options;
}

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_PRIVATE_KDC_H_
