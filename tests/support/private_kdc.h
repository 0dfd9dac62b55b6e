// A Kerberos realm of one's own: MIT's krb5kdc on a loopback port, with its files in a temporary
// directory.
#ifndef EPA_TESTS_SUPPORT_PRIVATE_KDC_H_
#define EPA_TESTS_SUPPORT_PRIVATE_KDC_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace epa::test {

struct KdcOptions {
  std::string realm = "TEST.EXAMPLE";
  // Users: password "secret-" and the name.
  std::vector<std::string> users = {"alice", "bob"};
  // Services: keys in the service keytab.
  std::vector<std::string> services = {"HTTP/server.test.example", "cifs/server.test.example"};
  // Given to kadmin.local after that, one command a line.
  std::vector<std::string> commands = {};
};

// Needs Debian's krb5-kdc, krb5-admin-server and krb5-user.
class PrivateKdc {
 public:
  static absl::StatusOr<std::unique_ptr<PrivateKdc>> Start(KdcOptions options = {});
  // Stops the KDC and removes the directory.
  ~PrivateKdc();
  PrivateKdc(const PrivateKdc&) = delete;
  PrivateKdc& operator=(const PrivateKdc&) = delete;

  // The text of a krb5.conf for this realm, and the path of a file with it.
  const std::string& configuration() const { return configuration_; }
  std::string configuration_path() const { return directory_ + "/krb5.conf"; }
  // The keys of all services.
  std::string keytab_path() const { return directory_ + "/service.keytab"; }
  const std::string& directory() const { return directory_; }

  // One command of kadmin.local.
  absl::Status Admin(std::string_view command) const;
  // A new credential cache with a forwardable ticket-granting ticket of `user`; its full name.
  // `options` are kinit's.
  absl::StatusOr<std::string> Login(const std::string& user,
                                    std::vector<std::string> options = {}) const;

  // From now on nobody answers.
  void Stop();

 private:
  PrivateKdc(std::string directory, std::string realm)
      : directory_(std::move(directory)), realm_(std::move(realm)) {}

  absl::Status WriteFiles();
  absl::Status CreateDatabase(const KdcOptions& options);
  absl::Status StartServer();
  absl::Status Run(std::vector<std::string> arguments, std::string_view input) const;

  std::string directory_;
  std::string realm_;
  std::string configuration_;
  int port_ = 0;
  pid_t server_ = -1;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_PRIVATE_KDC_H_
