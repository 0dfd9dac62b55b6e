// A Kerberos realm of one's own: MIT's krb5kdc on a loopback port, with its files in one directory.
#ifndef EPA_LIB_REALM_PRIVATE_KDC_H_
#define EPA_LIB_REALM_PRIVATE_KDC_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/realm/child_process.h"
#include "lib/realm/loopback_port.h"

namespace epa::tool {

struct KdcUser {
  std::string name;
  std::string password;  // without white space and quotes
};

struct KdcOptions {
  std::string realm;
  // Hosts and domains (".example.com") of the realm.
  std::vector<std::string> hosts;
  std::vector<KdcUser> users;
  // Services: keys in the service keytab.
  std::vector<std::string> services;
  // Given to kadmin.local after that, one command a line.
  std::vector<std::string> commands;
  // Where the files go, and stay; a realm that was there before is replaced. Empty: a temporary
  // directory that is removed at the end.
  std::string directory;
};

class PrivateKdc {
 public:
  // Whether krb5kdc, kdb5_util and kadmin.local are here (Debian: krb5-kdc, krb5-admin-server).
  static bool IsInstalled();

  // Called on the thread that lives longest: see Companion.
  static absl::StatusOr<std::unique_ptr<PrivateKdc>> Start(KdcOptions options);
  // Stops the KDC.
  ~PrivateKdc();
  PrivateKdc(const PrivateKdc&) = delete;
  PrivateKdc& operator=(const PrivateKdc&) = delete;

  // The text of a krb5.conf for this realm, and the path of a file with it.
  const std::string& configuration() const { return configuration_; }
  std::string configuration_path() const { return directory_ + "/krb5.conf"; }
  // The keys of all services.
  std::string keytab_path() const { return directory_ + "/service.keytab"; }
  const std::string& directory() const { return directory_; }
  const std::string& realm() const { return options_.realm; }

  // One command of kadmin.local.
  absl::Status Admin(std::string_view command) const;
  // Puts a forwardable ticket-granting ticket of `user` into the credential cache `file`.
  // `options` are kinit's. Needs kinit (Debian: krb5-user).
  absl::Status Login(const std::string& user, const std::string& file,
                     std::vector<std::string> options = {}) const;
  // The same with a new file in the directory; the full name of the cache.
  absl::StatusOr<std::string> Login(const std::string& user,
                                    std::vector<std::string> options = {}) const;

  // From now on nobody answers.
  void Stop() { server_ = nullptr; }

 private:
  PrivateKdc(KdcOptions options, std::string directory)
      : options_(std::move(options)), directory_(std::move(directory)) {}

  void WriteFiles();
  absl::Status CreateDatabase() const;
  absl::Status StartServer();
  std::vector<std::string> Environment() const;
  absl::Status Run(std::vector<std::string> arguments, std::string_view input) const;

  const KdcOptions options_;
  const std::string directory_;
  std::string configuration_;
  const ReservedLoopbackPort port_;
  std::unique_ptr<Companion> server_;
};

}  // namespace epa::tool

#endif  // EPA_LIB_REALM_PRIVATE_KDC_H_
