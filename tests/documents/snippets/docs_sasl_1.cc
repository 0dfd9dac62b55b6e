#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "epa/sasl/mail_server.h"

namespace sasl = epa::sasl;

void Send(const std::string& lines);
bool ReadLine(std::string& line);

void Run(std::shared_ptr<const epa::Credentials> kerberos_credentials,
         std::shared_ptr<const epa::Credentials> ntlm_credentials,
         std::shared_ptr<const epa::ExtendedProtectionPolicy> policy,
         std::shared_ptr<epa::AuditSink> audit, const epa::Channel& channel) {
  std::string line;
#include "snippet.inc"
}
