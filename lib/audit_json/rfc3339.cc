#include "lib/audit_json/rfc3339.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace epa {
namespace {

constexpr FileTime kTicksPerMicrosecond = kTicksPerSecond / 1'000'000;
constexpr std::chrono::sys_days kFileTimeEpoch =
    std::chrono::sys_days(std::chrono::January / 1 / 1601);
constexpr std::chrono::sys_days kEnd = std::chrono::sys_days(std::chrono::January / 1 / 10000);
constexpr FileTime kLastMicrosecond =
    static_cast<FileTime>(
        std::chrono::duration_cast<std::chrono::microseconds>(kEnd - kFileTimeEpoch).count()) -
    1;

}  // namespace

std::string FormatRfc3339(FileTime time) {
  const FileTime microseconds = std::min(time / kTicksPerMicrosecond, kLastMicrosecond);
  const std::chrono::sys_time<std::chrono::microseconds> moment =
      kFileTimeEpoch + std::chrono::microseconds(microseconds);
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(moment - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ld.%06ldZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<long>(clock.hours().count()),
      static_cast<long>(clock.minutes().count()), static_cast<long>(clock.seconds().count()),
      static_cast<long>(clock.subseconds().count()));
  return std::string(text.data(), static_cast<size_t>(size));
}

}  // namespace epa
