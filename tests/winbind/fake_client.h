// A connection to a winbindd that says what a test tells it to.
#ifndef EPA_TESTS_WINBIND_FAKE_CLIENT_H_
#define EPA_TESTS_WINBIND_FAKE_CLIENT_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "lib/winbind/client.h"
#include "tests/support/gate.h"

namespace epa::winbind {

using test::Gate;

// What all connections of one test share.
struct FakeWinbindd {
  std::function<absl::Status()> connect = [] { return absl::OkStatus(); };
  std::function<absl::StatusOr<Answer>(const Question&)> authenticate;
  ntlm::ChallengeNames names = {
      .netbios_computer = "MEMBER", .netbios_domain = "CORP", .dns_domain = "corp.example.com"};
  std::atomic<int> connections = 0;  // made so far
  std::atomic<int> open = 0;
  std::atomic<int> asked = 0;
};

class FakeClient final : public Client {
 public:
  explicit FakeClient(std::shared_ptr<FakeWinbindd> server) : server_(std::move(server)) {
    ++server_->connections;
    ++server_->open;
  }
  ~FakeClient() override { --server_->open; }

  absl::Status Connect() override { return server_->connect(); }
  absl::StatusOr<Answer> Authenticate(const Question& question) override {
    ++server_->asked;
    return server_->authenticate(question);
  }
  absl::StatusOr<ntlm::ChallengeNames> MachineNames() override { return server_->names; }
  absl::StatusOr<std::string> LookUp(const std::string& name) override {
    if (name != "CORP\\staff") {
      return absl::InvalidArgumentError("unknown");
    }
    return "S-1-5-21-1-2-3-1200";
  }

 private:
  std::shared_ptr<FakeWinbindd> server_;
};

inline ClientFactory FactoryOf(const std::shared_ptr<FakeWinbindd>& server) {
  return [server] { return std::make_unique<FakeClient>(server); };
}

}  // namespace epa::winbind

#endif  // EPA_TESTS_WINBIND_FAKE_CLIENT_H_
