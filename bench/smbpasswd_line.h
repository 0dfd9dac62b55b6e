// One line of smbpasswd(5), which gss-ntlmssp and Samba read; `smbpasswd -a` is root's alone.
#ifndef EPA_BENCH_SMBPASSWD_LINE_H_
#define EPA_BENCH_SMBPASSWD_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace epa::bench {

// The account `user` with kPassword.
std::string SmbpasswdLine(std::string_view user, uint32_t user_id);

}  // namespace epa::bench

#endif  // EPA_BENCH_SMBPASSWD_LINE_H_
