// What both sides of a Kerberos login share: the keys it ends with, and all that is done with them.
#ifndef EPA_PROVIDERS_KERBEROS_EXCHANGE_H_
#define EPA_PROVIDERS_KERBEROS_EXCHANGE_H_

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/kerberos/kerberos.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/message_protection.h"

namespace epa::kerberos {

class KerberosExchange : public Mechanism {
 public:
  std::string_view package_name() const override { return KerberosPackageInfo().name; }
  FileTime expiry_time() const override { return expiry_time_; }
  absl::StatusOr<SecretBytes> ExportSessionKey() const override;
  AgreedProtection agreed_protection() const override;
  // Whether or not signing was asked for, like the next two.
  absl::StatusOr<MessageProtection*> message_protection() override;
  absl::StatusOr<std::vector<uint8_t>> SignMechanismList(std::span<const uint8_t> list) override;
  absl::Status VerifyMechanismList(std::span<const uint8_t> list,
                                   std::span<const uint8_t> mic) override;

 protected:
  // `self`: which of the two this side is.
  KerberosExchange(std::shared_ptr<ContextPool> pool, Party self)
      : pool_(std::move(pool)), self_(self) {}

  virtual bool verified() const = 0;
  const std::shared_ptr<ContextPool>& pool() const { return pool_; }

  // Complete when this side has verified.
  SessionKeys keys_;
  FileTime expiry_time_ = kNever;

 private:
  absl::Status RequireVerified() const;
  absl::StatusOr<KerberosMessageProtection*> Protection();

  std::shared_ptr<ContextPool> pool_;
  Party self_;
  std::unique_ptr<KerberosMessageProtection> protection_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_EXCHANGE_H_
