// What a server says to whoever runs it: lines on standard error, which is the journal under
// systemd.
#ifndef EPA_TOOLS_EPA_SERVE_OPERATOR_LOG_H_
#define EPA_TOOLS_EPA_SERVE_OPERATOR_LOG_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace epa::tool {

// syslog(3)'s, which the journal understands in front of a line (sd-daemon(3)).
enum class LogLevel : uint8_t { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6 };

// Never blocks: a line that cannot be written at once is lost. For several threads.
class OperatorLog {
 public:
  // Writes to a descriptor that outlives it. `levels`: puts the level in front of each line.
  OperatorLog(int descriptor, bool levels) : descriptor_(descriptor), levels_(levels) {}
  // Standard error, with levels where that is the journal.
  static OperatorLog& StandardError();

  void Say(LogLevel level, std::string_view text);
  // A whole line as it is. Takes no memory.
  void SayAsIs(std::string_view line);
  // Says it unless that was said since the last Renew.
  void SayOnce(LogLevel level, std::string_view text);
  // Says it unless much was said this way just now: for what a stranger may cause.
  void SayUnlessFlooded(LogLevel level, std::string_view text);
  // What was said once may be said again.
  void Renew();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  const int descriptor_;
  const bool levels_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> said_;
  TimePoint period_begun_;
  int said_in_period_ = 0;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_OPERATOR_LOG_H_
