// The file authority with its checks as a parameter.
#ifndef EPA_PROVIDERS_NTLM_FILE_AUTHORITY_H_
#define EPA_PROVIDERS_NTLM_FILE_AUTHORITY_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "epa/ntlm/authority.h"

namespace epa::ntlm {

// As CreateFileAuthority, looking for a change at most once an `interval`; zero: at every Verify.
absl::StatusOr<std::shared_ptr<const NtlmAuthority>> CreateFileAuthorityCheckedEvery(
    std::chrono::steady_clock::duration interval, std::string path);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_FILE_AUTHORITY_H_
