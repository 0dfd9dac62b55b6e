// A certificate in the text of a file.
#ifndef EPA_LIB_TLS_CERTIFICATE_TEXT_H_
#define EPA_LIB_TLS_CERTIFICATE_TEXT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::tls {

// In DER: the first certificate of a text in PEM, or the whole where it is no such text. No value:
// a text in PEM without any, such as that of a key. Fails where the text is damaged up to there.
absl::StatusOr<std::optional<std::vector<uint8_t>>> FirstCertificate(
    std::span<const uint8_t> content);

}  // namespace epa::tls

#endif  // EPA_LIB_TLS_CERTIFICATE_TEXT_H_
