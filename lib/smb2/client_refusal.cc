#include <array>
#include <cstdio>

#include "epa/core/reason.h"
#include "epa/smb2/client_connection.h"

namespace epa::smb2 {
namespace {

std::string WindowsError(const ClientRefusal& refusal) {
  std::array<char, 64> codes{};
  const int size = std::snprintf(codes.data(), codes.size(), "error %u, 0x%08x",
                                 refusal.win32_error, refusal.hresult);
  std::string text = "on Windows: " + std::string(codes.data(), static_cast<size_t>(size));
  if (refusal.win32_error == kWin32GuestLogonBlocked) {
    text += ", \"" + std::string(kGuestLogonBlockedText) + "\"";
  }
  return text;
}

}  // namespace

std::string RefusalText(const ClientRefusal& refusal) {
  std::string text = refusal.detail;
  if (refusal.kind == ClientRefusal::Kind::kLogin || text.empty()) {
    text = std::string(ReasonText(refusal.reason)) +
           (refusal.detail.empty() ? "" : " (" + refusal.detail + ")");
  }
  if (refusal.status != kStatusSuccess) {
    text += ": " + NtStatusText(refusal.status);
  }
  return refusal.win32_error == 0 ? text : text + "; " + WindowsError(refusal);
}

}  // namespace epa::smb2
