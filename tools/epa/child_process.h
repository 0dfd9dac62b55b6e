// Runs another program: arguments as they are, no shell, secrets through standard input.
#ifndef EPA_TOOLS_EPA_CHILD_PROCESS_H_
#define EPA_TOOLS_EPA_CHILD_PROCESS_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::tool {

struct ChildResult {
  int exit_status = -1;  // -1 where a signal ended it
  std::string output;    // standard output; standard error is dropped
};

// `arguments[0]` is looked for in the search path. Unavailable when the program cannot be run,
// DeadlineExceeded when it did not end in time; it is then killed. `input` is at most a few KiB.
absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& arguments,
                                     std::string_view input, std::chrono::seconds patience);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_CHILD_PROCESS_H_
