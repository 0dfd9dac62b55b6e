// The channel of a process that never sees its TLS connections: tls-server-end-point depends on the
// certificate alone (RFC 5929 4), and so on files.
#ifndef EPA_TLS_CERTIFICATE_FILES_H_
#define EPA_TLS_CERTIFICATE_FILES_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/base/file_observer.h"
#include "epa/core/channel.h"
#include "epa/tls/channel_binding.h"

#pragma GCC visibility push(default)

namespace epa::tls {

struct CertificateFilesOptions {
  // Files in PEM, whose first certificate counts (the rest is its chain), or in DER; or folders:
  // then all of their files named *.pem, *.crt, *.cer or *.der that hold a certificate, however
  // they come and go. At least one.
  std::vector<std::string> paths;
  UndefinedHashRule rule = UndefinedHashRule::kFail;
  // How long a certificate still counts that was replaced or taken away: clients that resume a TLS
  // session bind the one they remember, and the process that ends TLS may not have the new one yet.
  std::chrono::seconds roll_over = std::chrono::hours(1);
  FileObserver observer;  // may be empty
  // Null: the system's. Outlives the object.
  const Clock* clock = nullptr;
};

struct CertificateOnFile {
  std::string path;
  EndpointBinding binding;
  // Absent: it is there now. Else for how long it still counts.
  std::optional<std::chrono::seconds> counts_for;
};

// Reads the files at once. A thread looks once a second whether one has changed and reads all of
// them again; what cannot be read or is damaged leaves everything as it was, and the observer is
// told. For several threads.
class CertificateFiles {
 public:
  // Fails where a file or folder cannot be read, a file named in `paths` holds no certificate, a
  // folder none at all, and as EndpointBindingOf. `predecessor`, which may be null, was in use
  // until now: what it has and these files have not counts for `roll_over`.
  static absl::StatusOr<std::unique_ptr<CertificateFiles>> Create(
      CertificateFilesOptions options, const CertificateFiles* predecessor = nullptr);
  ~CertificateFiles();

  // A TLS channel with the bindings of every certificate that counts now. A relay between the
  // servers of two of them is not stopped by it. Does not read.
  Channel ChannelNow() const;
  // Those there are, then those that were.
  std::vector<CertificateOnFile> List() const;
  // Looks now. OK when the files as they are have taken effect.
  absl::Status Check() const;

 private:
  struct Impl;
  explicit CertificateFiles(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::tls

#pragma GCC visibility pop

#endif  // EPA_TLS_CERTIFICATE_FILES_H_
