#include <memory>
#include <utility>
#include <vector>

#include "epa/telnet/server_connection.h"

namespace telnet = epa::telnet;

void Send(const std::vector<uint8_t>& octets);
bool Read(std::vector<uint8_t>& octets);
void Application(const std::vector<uint8_t>& octets);

void Run(std::shared_ptr<epa::Credentials> ntlm_credentials,
         std::shared_ptr<const epa::ExtendedProtectionPolicy> policy, const epa::Channel& channel) {
  std::vector<uint8_t> octets;
#include "snippet.inc"
}
