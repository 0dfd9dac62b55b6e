// What a piece of code asks the kernel for.
#ifndef EPA_TESTS_SUPPORT_SYSTEM_CALLS_H_
#define EPA_TESTS_SUPPORT_SYSTEM_CALLS_H_

#include <functional>
#include <string>

namespace epa::test {

// Runs `prepare`, then `run`, in a child process. Empty where `run` asked the kernel for nothing
// but memory, random octets, the time, who it is, and to wake other threads; else the first system
// call that it made beside these, as "openat: /etc/passwd", which ends it. A file whose path ends
// in `spared`, if that is not empty, may be opened, and is not there. Needs no privileges.
//
// `run` returns what went wrong in its own eyes, or an empty text.
std::string ForeignSystemCall(const std::function<void()>& prepare,
                              const std::function<std::string()>& run,
                              const std::string& spared = {});

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_SYSTEM_CALLS_H_
