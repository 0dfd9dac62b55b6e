// The server's configuration as this module sees it: what was said where, and the sites that were
// made of it when it was complete.
//
// A server says something for all of it, and sections (<Directory>, <Location>...) for their part:
// a section stands on what its server says, and on nothing that another section says. So which
// sites there are is known before the first request, and all of them are made, by the root user,
// when the configuration is read.
#ifndef EPA_MODULES_APACHE_SERVER_H_
#define EPA_MODULES_APACHE_SERVER_H_

#include <httpd.h>

#include <http_config.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/work_pool.h"
#include "modules/apache/status_page.h"
#include "modules/web/connection.h"
#include "modules/web/site.h"

// By which httpd finds it.
extern "C" __attribute__((visibility("default")))
module_struct AP_MODULE_DECLARE_DATA auth_epa_module;

namespace epa::apache {

// What one place says.
struct Said {
  web::SiteSettings settings;
  // For messages: where it begins.
  std::string place;
};

// The configuration of a directory, and what becomes of merging two of them.
struct DirectoryConfig {
  const Said* server = nullptr;
  const Said* section = nullptr;
};

// One reading of the configuration. Filled while it is read, by one thread; then constant but for
// the pool, which each child process makes for itself.
class Server {
 public:
  Server();

  // Sections that say something, in the server that they are in.
  void AddSection(const server_rec* server, const Said* section);
  // Makes all sites. InvalidArgument and so on in one line.
  absl::Status MakeSites(const server_rec* main_server);
  // Makes what the channels of connections are compared with.
  absl::Status MakeCertificates();
  void AddTlsContext(SSL_CTX* context) { contexts_.push_back(context); }
  absl::Status StartPool(int serving_threads);
  // Before the processes that serve begin.
  absl::Status StartCounting();

  // The site for a request; FailedPrecondition where the configuration makes none for it.
  absl::StatusOr<const web::Site*> SiteFor(const DirectoryConfig& config) const;
  const web::TlsCertificates& certificates() const { return *certificates_; }
  WorkPool& pool() const { return *pool_; }
  Counters& counters() const { return *counters_; }

 private:
  using Place = std::pair<const Said*, const Said*>;

  absl::Status MakeSite(const Said* server, const Said* section);

  web::Sites sites_;
  std::vector<std::pair<const server_rec*, const Said*>> sections_;
  std::map<Place, absl::StatusOr<const web::Site*>> places_;
  std::vector<SSL_CTX*> contexts_;
  std::unique_ptr<const web::TlsCertificates> certificates_;
  std::unique_ptr<WorkPool> pool_;
  std::unique_ptr<Counters> counters_;
};

// The one of the configuration that is in use, or being read. Null without one.
Server* CurrentServer();
// Until `pool` is cleared.
void BeginServer(apr_pool_t* pool);

// Apache's hooks for directories' configurations.
void* CreateDirectoryConfig(apr_pool_t* pool, char* directory);
void* MergeDirectoryConfigs(apr_pool_t* pool, void* base, void* over);

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_SERVER_H_
