// Host names and addresses in the one spelling in which they are compared.
#ifndef EPA_LIB_CORE_HOST_NAME_H_
#define EPA_LIB_CORE_HOST_NAME_H_

#include <optional>
#include <string>
#include <string_view>

namespace epa {

// The address in canonical text; IPv4-mapped IPv6 as IPv4, without a zone identifier. No value
// for anything that is not an IP literal.
std::optional<std::string> CanonicalIpAddress(std::string_view text);

// `text` with each IDNA A-label ("xn--...") replaced by its U-label; unchanged where there is none
// or one does not decode.
std::string DecodeALabels(std::string_view text);

// For comparison alone: an address as above; a name in capitals (Unicode's simple mapping), with
// A-labels decoded and without one trailing dot.
std::string CanonicalHost(std::string_view host);

// For the network: an address or a name in lower case, with labels of other letters as A-labels
// (UTS 46, non-transitional). No value for UTF-8 text that no host can be called.
std::optional<std::string> EncodeALabels(std::string_view host);

}  // namespace epa

#endif  // EPA_LIB_CORE_HOST_NAME_H_
