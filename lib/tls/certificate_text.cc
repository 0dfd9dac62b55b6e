#include "lib/tls/certificate_text.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "lib/tls/openssl_handles.h"

namespace epa::tls {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// A block of any kind; keys among them leave nothing behind.
struct PemBlock {
  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(octets, static_cast<size_t>(size));
  }
  bool IsCertificate() const {
    const std::string_view kind = name;
    return kind == PEM_STRING_X509 || kind == PEM_STRING_X509_OLD;
  }

  char* name = nullptr;
  char* header = nullptr;
  unsigned char* octets = nullptr;
  long size = 0;
};

bool IsPem(std::span<const uint8_t> content) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  return std::search(content.begin(), content.end(), kBegin.begin(), kBegin.end()) != content.end();
}

}  // namespace

absl::StatusOr<std::optional<std::vector<uint8_t>>> FirstCertificate(
    std::span<const uint8_t> content) {
  if (!IsPem(content)) {
    return std::vector<uint8_t>(content.begin(), content.end());
  }
  const ErrorQueueGuard errors;
  const std::unique_ptr<BIO, BioDeleter> text(
      BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  if (text == nullptr) {
    return absl::InternalError("OpenSSL has no memory for a file");
  }
  while (true) {
    PemBlock block;
    if (PEM_read_bio(text.get(), &block.name, &block.header, &block.octets, &block.size) != 1) {
      break;
    }
    if (block.IsCertificate()) {
      return std::vector<uint8_t>(block.octets, block.octets + block.size);
    }
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return absl::InvalidArgumentError("damaged or cut off: not whole PEM");
  }
  return std::nullopt;
}

}  // namespace epa::tls
