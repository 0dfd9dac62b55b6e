// Authorization data of Windows in the authenticator ([MS-KILE] 2.2.5, 3.2.5.8).
#ifndef EPA_PROVIDERS_KERBEROS_AP_OPTIONS_H_
#define EPA_PROVIDERS_KERBEROS_AP_OPTIONS_H_

#include <cstdint>

namespace epa::kerberos {

inline constexpr int32_t kAuthDataApOptions = 143;     // AD-AUTH-DATA-AP-OPTIONS
inline constexpr int32_t kAuthDataClientTarget = 144;  // KERB_AUTH_DATA_CLIENT_TARGET

inline constexpr uint32_t kApOptionsBindings = 0x4000;          // KERB_AP_OPTIONS_CBT
inline constexpr uint32_t kApOptionsUnverifiedTarget = 0x8000;  // ..._UNVERIFIED_TARGET_NAME

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_AP_OPTIONS_H_
