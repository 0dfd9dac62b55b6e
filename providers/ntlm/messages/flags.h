// The negotiation flags of NTLM ([MS-NLMP] 2.2.2.5) and the bits of MsvAvFlags (2.2.2.1).
#ifndef EPA_PROVIDERS_NTLM_MESSAGES_FLAGS_H_
#define EPA_PROVIDERS_NTLM_MESSAGES_FLAGS_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace epa::ntlm {

// The comment is the letter the specification gives the bit.
inline constexpr uint32_t kNegotiateUnicode = 0x00000001;                  // A
inline constexpr uint32_t kNegotiateOem = 0x00000002;                      // B
inline constexpr uint32_t kRequestTarget = 0x00000004;                     // C
inline constexpr uint32_t kNegotiateSign = 0x00000010;                     // D
inline constexpr uint32_t kNegotiateSeal = 0x00000020;                     // E
inline constexpr uint32_t kNegotiateDatagram = 0x00000040;                 // F
inline constexpr uint32_t kNegotiateLmKey = 0x00000080;                    // G
inline constexpr uint32_t kNegotiateNtlm = 0x00000200;                     // H
inline constexpr uint32_t kNegotiateAnonymous = 0x00000800;                // J
inline constexpr uint32_t kNegotiateOemDomainSupplied = 0x00001000;        // K
inline constexpr uint32_t kNegotiateOemWorkstationSupplied = 0x00002000;   // L
inline constexpr uint32_t kNegotiateAlwaysSign = 0x00008000;               // M
inline constexpr uint32_t kTargetTypeDomain = 0x00010000;                  // N
inline constexpr uint32_t kTargetTypeServer = 0x00020000;                  // O
inline constexpr uint32_t kNegotiateExtendedSessionSecurity = 0x00080000;  // P
inline constexpr uint32_t kNegotiateIdentify = 0x00100000;                 // Q
inline constexpr uint32_t kRequestNonNtSessionKey = 0x00400000;            // R
inline constexpr uint32_t kNegotiateTargetInfo = 0x00800000;               // S
inline constexpr uint32_t kNegotiateVersion = 0x02000000;                  // T
inline constexpr uint32_t kNegotiate128 = 0x20000000;                      // U
inline constexpr uint32_t kNegotiateKeyExchange = 0x40000000;              // V
inline constexpr uint32_t kNegotiate56 = 0x80000000;                       // W

// [MS-NLMP] 3.1.5.1.2: a random session key travels where key exchange is agreed and there is
// something to sign or seal with it. Otherwise EncryptedRandomSessionKey means nothing.
constexpr bool ExchangesSessionKey(uint32_t flags) {
  return (flags & kNegotiateKeyExchange) != 0 && (flags & (kNegotiateSign | kNegotiateSeal)) != 0;
}

struct NamedFlag {
  uint32_t value;
  std::string_view name;
};

// By rising value. Reserved bits have no entry.
inline constexpr std::array<NamedFlag, 22> kNegotiateFlagNames = {{
    {kNegotiateUnicode, "NTLMSSP_NEGOTIATE_UNICODE"},
    {kNegotiateOem, "NTLM_NEGOTIATE_OEM"},
    {kRequestTarget, "NTLMSSP_REQUEST_TARGET"},
    {kNegotiateSign, "NTLMSSP_NEGOTIATE_SIGN"},
    {kNegotiateSeal, "NTLMSSP_NEGOTIATE_SEAL"},
    {kNegotiateDatagram, "NTLMSSP_NEGOTIATE_DATAGRAM"},
    {kNegotiateLmKey, "NTLMSSP_NEGOTIATE_LM_KEY"},
    {kNegotiateNtlm, "NTLMSSP_NEGOTIATE_NTLM"},
    {kNegotiateAnonymous, "NTLMSSP_NEGOTIATE_ANONYMOUS"},
    {kNegotiateOemDomainSupplied, "NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED"},
    {kNegotiateOemWorkstationSupplied, "NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED"},
    {kNegotiateAlwaysSign, "NTLMSSP_NEGOTIATE_ALWAYS_SIGN"},
    {kTargetTypeDomain, "NTLMSSP_TARGET_TYPE_DOMAIN"},
    {kTargetTypeServer, "NTLMSSP_TARGET_TYPE_SERVER"},
    {kNegotiateExtendedSessionSecurity, "NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY"},
    {kNegotiateIdentify, "NTLMSSP_NEGOTIATE_IDENTIFY"},
    {kRequestNonNtSessionKey, "NTLMSSP_REQUEST_NON_NT_SESSION_KEY"},
    {kNegotiateTargetInfo, "NTLMSSP_NEGOTIATE_TARGET_INFO"},
    {kNegotiateVersion, "NTLMSSP_NEGOTIATE_VERSION"},
    {kNegotiate128, "NTLMSSP_NEGOTIATE_128"},
    {kNegotiateKeyExchange, "NTLMSSP_NEGOTIATE_KEY_EXCH"},
    {kNegotiate56, "NTLMSSP_NEGOTIATE_56"},
}};

// MsvAvFlags, [MS-NLMP] 2.2.2.1.
inline constexpr uint32_t kAvFlagConstrained = 0x00000001;
inline constexpr uint32_t kAvFlagMicPresent = 0x00000002;
inline constexpr uint32_t kAvFlagUntrustedTargetName = 0x00000004;

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGES_FLAGS_H_
