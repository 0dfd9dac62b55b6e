// NTLM logins over SMTP.
#ifndef EPA_BENCH_MAIL_SMTP_PATH_H_
#define EPA_BENCH_MAIL_SMTP_PATH_H_

#include <sys/types.h>

#include <memory>

#include "bench/winbind/login_path.h"

namespace epa::bench {

// To a server on that port of 127.0.0.1, without TLS, each login on a connection of its own: SMTP
// has one login for each. `process` is the server's, or 0 where there are several.
std::unique_ptr<LoginPath> LogInBySmtp(int port, pid_t process);

}  // namespace epa::bench

#endif  // EPA_BENCH_MAIL_SMTP_PATH_H_
