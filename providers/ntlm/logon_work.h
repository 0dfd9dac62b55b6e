// Asking an authority that may block.
#ifndef EPA_PROVIDERS_NTLM_LOGON_WORK_H_
#define EPA_PROVIDERS_NTLM_LOGON_WORK_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/security_package.h"
#include "epa/ntlm/authority.h"

namespace epa::ntlm {

// One question to an authority and its answer. Owns the AUTHENTICATE message and all the request
// needs, so that it may be asked on any thread.
class LogonQuestion {
 public:
  // `token` is the message `request.nt_response` lies in.
  LogonQuestion(std::shared_ptr<const NtlmAuthority> authority, const LogonRequest& request,
                std::span<const uint8_t> token)
      : authority_(std::move(authority)),
        token_(token.begin(), token.end()),
        user_(request.user),
        domain_(request.domain),
        workstation_(request.workstation),
        server_challenge_(request.server_challenge),
        nt_response_(request.nt_response.begin(), request.nt_response.end()),
        parameters_(request.parameters) {}

  void Ask() {
    LogonRequest request;
    request.user = user_;
    request.domain = domain_;
    request.workstation = workstation_;
    request.server_challenge = server_challenge_;
    request.nt_response = nt_response_;
    request.parameters = parameters_;
    verdict_ = authority_->Verify(request);
  }

  const NtlmAuthority* authority() const { return authority_.get(); }
  std::span<const uint8_t> token() const { return token_; }
  // Unavailable before Ask.
  const absl::StatusOr<LogonVerdict>& verdict() const { return verdict_; }

 private:
  std::shared_ptr<const NtlmAuthority> authority_;
  std::vector<uint8_t> token_;
  std::string user_;
  std::string domain_;
  std::string workstation_;
  std::array<uint8_t, 8> server_challenge_;
  std::vector<uint8_t> nt_response_;
  LogonParameters parameters_;
  absl::StatusOr<LogonVerdict> verdict_ = absl::UnavailableError("the pending work was not run");
};

// Handed to the program. The exchange keeps the question itself, so that whatever object comes
// back, the answer is the one to its own.
class LogonWork : public PendingWork {
 public:
  explicit LogonWork(std::shared_ptr<LogonQuestion> question) : question_(std::move(question)) {}
  void Run() override { question_->Ask(); }
  const void* party() const override { return question_->authority(); }

 private:
  std::shared_ptr<LogonQuestion> question_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_LOGON_WORK_H_
