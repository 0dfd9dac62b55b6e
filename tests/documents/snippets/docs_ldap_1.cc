#include <memory>
#include <utility>
#include <vector>

#include "epa/sasl/ldap_server.h"

namespace sasl = epa::sasl;

void Send(const std::vector<uint8_t>& octets);
bool ReadMessage(sasl::SecurityLayer* layer, std::vector<uint8_t>& message);
void Answer(const std::vector<uint8_t>& message, const sasl::ServerExchange* login,
            bool bind_in_progress);

void Run(std::shared_ptr<const epa::Credentials> negotiate_credentials,
         std::shared_ptr<const epa::Credentials> kerberos_credentials,
         std::shared_ptr<const epa::ExtendedProtectionPolicy> policy,
         std::shared_ptr<epa::AuditSink> audit, const epa::Channel& channel) {
  std::vector<uint8_t> message;
#include "snippet.inc"
}
