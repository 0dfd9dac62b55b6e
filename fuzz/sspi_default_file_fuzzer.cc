// The configuration file of programs that cannot be changed: understood, or refused with a sentence
// that names the file.
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "epa/sspi/epa_sspi.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"

namespace {

epa::fuzz::ReachPoint understood("a file that is understood");
epa::fuzz::ReachPoint refused("a refused file");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using epa::fuzz::Require;
  static const int file = memfd_create("sspi.conf", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  Require(ftruncate(file, 0) == 0);
  Require(pwrite(file, data, size, 0) == static_cast<ssize_t>(size));
  std::array<char, 256> fault{};
  const SECURITY_STATUS status =
      epa_SetDefaultAuthDataFile(path.c_str(), fault.data(), static_cast<ULONG>(fault.size()));
  understood.Reach(status == SEC_E_OK);
  refused.Reach(status != SEC_E_OK);
  Require(status == SEC_E_OK || status == SEC_E_UNKNOWN_CREDENTIALS);
  Require(std::string(fault.data()).starts_with(path) == (status != SEC_E_OK));
  Require(epa_SetDefaultAuthDataFile(nullptr, nullptr, 0) != SEC_E_INTERNAL_ERROR);
  return 0;
}
