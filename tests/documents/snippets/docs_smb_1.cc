#include <memory>
#include <utility>
#include <vector>

#include "epa/smb2/framing.h"
#include "epa/smb2/server_connection.h"

epa::smb2::ServerResponse Answer(const epa::smb2::ServerRequest& request);
void Send(const std::vector<uint8_t>& octets);

void Run(std::shared_ptr<epa::Credentials> credentials,
         std::shared_ptr<const epa::ExtendedProtectionPolicy> policy,
         std::shared_ptr<epa::AuditSink> audit, epa::smb2::FrameReader frames) {
#include "snippet.inc"
}
