#include <memory>
#include <string>
#include <vector>

#include "epa/defaults/defaults.h"
#include "epa/defaults/windows_settings.h"
#include "epa/ntlm/authority.h"

void Run(const std::vector<std::string>& paths,
         std::shared_ptr<const epa::ntlm::NtlmAuthority> authority) {
#include "snippet.inc"
}
