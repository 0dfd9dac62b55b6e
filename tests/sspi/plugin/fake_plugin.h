// An SSPI function table that answers as a test tells it.
#ifndef EPA_TESTS_SSPI_PLUGIN_FAKE_PLUGIN_H_
#define EPA_TESTS_SSPI_PLUGIN_FAKE_PLUGIN_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "epa/sspi/plugin.h"
#include "epa/sspi/sspi.h"

namespace epa::test {

// What a step answers; `spoil` may put anything into the output.
struct FakeStep {
  SECURITY_STATUS status = SEC_E_OK;
  std::string token;
  ULONG result_flags = 0;
  std::function<void(SecBufferDesc& output)> spoil;
};

// The state behind the table; one at a time, reset by each FakePlugin.
struct FakePluginState {
  // Answers.
  ULONG longest_token = 4096;
  SECURITY_STATUS package_status = SEC_E_OK;
  SECURITY_STATUS acquire_status = SEC_E_OK;
  std::deque<FakeStep> steps;  // the last one is repeated
  ULONG attributes = 0;
  std::optional<std::u16string> user = u"DEMO\\alice";
  std::optional<std::u16string> target;
  SecPkgContext_Sizes sizes{4096, 16, 1, 16};
  ULONG session_key_length = 16;
  SECURITY_STATUS message_status = SEC_E_OK;
  ULONG message_signature = 16;
  ULONG quality = 0;

  // What was seen.
  int credentials = 0;  // held now
  int contexts = 0;     // held now
  int buffers = 0;      // held now
  int calls = 0;
  std::u16string target_name;
  ULONG flags = 0;
  std::string token;
  std::vector<uint8_t> bindings;
  bool result_asked = false;
};

class FakePlugin {
 public:
  FakePlugin();
  ~FakePlugin();
  FakePlugin(const FakePlugin&) = delete;
  FakePlugin& operator=(const FakePlugin&) = delete;

  FakePluginState& state();
  // A whole table, for the test to take functions from.
  SecurityFunctionTableW table;

  // Options for the package "Fake" that do not block.
  sspi::PluginOptions Options();
};

}  // namespace epa::test

#endif  // EPA_TESTS_SSPI_PLUGIN_FAKE_PLUGIN_H_
