// Runs another program: arguments as they are, no shell, secrets through standard input.
#ifndef EPA_LIB_REALM_CHILD_PROCESS_H_
#define EPA_LIB_REALM_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::tool {

struct ChildOptions {
  std::string_view input;                // standard input: at most a few KiB
  std::vector<std::string> environment;  // "NAME=value", on top of our own
  std::chrono::seconds patience{20};
  bool keep_errors = false;  // standard error goes into the output instead of nowhere
};

struct ChildResult {
  int exit_status = -1;  // -1 where a signal ended it
  std::string output;    // standard output
};

// `arguments[0]` is looked for in the search path. Unavailable when the program cannot be run,
// DeadlineExceeded when it did not end in time; it is then killed.
absl::StatusOr<ChildResult> RunChild(const std::vector<std::string>& arguments,
                                     const ChildOptions& options);

// A program that runs beside us and is killed with this object, or when we die ourselves.
class Companion {
 public:
  // It reads nothing and its output goes nowhere. Called on the thread that lives longest, for
  // the kernel takes that thread's end for ours. A program that cannot be run ends at once.
  static absl::StatusOr<std::unique_ptr<Companion>> Start(
      const std::vector<std::string>& arguments, const std::vector<std::string>& environment);
  ~Companion();
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  bool HasEnded();

 private:
  explicit Companion(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

}  // namespace epa::tool

#endif  // EPA_LIB_REALM_CHILD_PROCESS_H_
