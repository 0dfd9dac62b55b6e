#include "badge.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <utility>

namespace {

constexpr size_t kToken = 16;
constexpr size_t kMac = 32;

const epa::PackageInfo& BadgePackageInfo() {
  static const auto& info =
      *new epa::PackageInfo{"Badge",
                            "a name under a key",
                            {{0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x86, 0x8d, 0x1f, 0x02}},
                            1024};
  return info;
}

// One message: the channel binding token, HMAC-SHA256 of token and name, the name.
std::vector<uint8_t> MakeBadge(const epa::ChannelBindingToken& binding, const std::string& user,
                               const std::string& key) {
  std::vector<uint8_t> signed_part(binding.octets.begin(), binding.octets.end());
  signed_part.insert(signed_part.end(), user.begin(), user.end());
  std::vector<uint8_t> badge(kToken + kMac);
  std::copy_n(signed_part.begin(), kToken, badge.begin());
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), signed_part.data(),
       signed_part.size(), badge.data() + kToken, nullptr);
  badge.insert(badge.end(), user.begin(), user.end());
  return badge;
}

class BadgeMechanism : public epa::Mechanism {
 public:
  absl::StatusOr<epa::MechanismResult> Resume(std::unique_ptr<epa::PendingWork>) override {
    return absl::FailedPreconditionError("nothing is pending");
  }
  std::string_view package_name() const override { return BadgePackageInfo().name; }
  const epa::PeerIdentity& identity() const override { return identity_; }
  const epa::PeerClaims& claims() const override { return claims_; }
  const epa::ExtendedProtectionEvidence& evidence() const override { return evidence_; }
  absl::StatusOr<epa::SecretBytes> ExportSessionKey() const override {
    return absl::FailedPreconditionError("a badge makes no session key");
  }
  absl::StatusOr<epa::MessageProtection*> message_protection() override {
    return absl::FailedPreconditionError("a badge protects no messages");
  }

 protected:
  epa::PeerIdentity identity_;
  epa::PeerClaims claims_;
  epa::ExtendedProtectionEvidence evidence_;
};

class BadgeReader : public BadgeMechanism {
 public:
  BadgeReader(const epa::Channel& channel, std::string key)
      : channel_(channel), key_(std::move(key)) {}

  absl::StatusOr<epa::MechanismResult> Step(std::span<const uint8_t> badge) override {
    if (badge.size() <= kToken + kMac) {
      return epa::MechanismResult::Rejected(epa::Reason::kMalformedToken);
    }
    epa::ChannelBindingToken binding;
    std::copy_n(badge.begin(), kToken, binding.octets.begin());
    claims_.user.assign(badge.begin() + kToken + kMac, badge.end());
    if (!epa::ConstantTimeEquals(MakeBadge(binding, claims_.user, key_), badge)) {
      return epa::MechanismResult::Rejected(epa::Reason::kWrongPassword);
    }
    identity_ = epa::PeerIdentity::Account({.user = claims_.user, .domain = "BADGES"});
    evidence_.matched_binding = channel_.Find(binding);
    evidence_.binding = binding.IsZero() ? epa::BindingEvidence::kExplicitNone
                        : evidence_.matched_binding.has_value() ? epa::BindingEvidence::kMatched
                                                                : epa::BindingEvidence::kMismatched;
    return epa::MechanismResult::Verified();
  }

 private:
  const epa::Channel& channel_;
  const std::string key_;
};

class BadgeShower : public BadgeMechanism {
 public:
  explicit BadgeShower(std::vector<uint8_t> badge) : badge_(std::move(badge)) {}
  absl::StatusOr<epa::MechanismResult> Step(std::span<const uint8_t>) override {
    return epa::MechanismResult::Verified(badge_);
  }

 private:
  const std::vector<uint8_t> badge_;
};

class BadgeCredentials : public epa::Credentials {
 public:
  BadgeCredentials(std::string user, std::string key)
      : user_(std::move(user)), key_(std::move(key)) {}

  const epa::PackageInfo& package() const override { return BadgePackageInfo(); }
  absl::StatusOr<std::unique_ptr<epa::Mechanism>> CreateAcceptor(
      const epa::Channel& channel) const override {
    return std::make_unique<BadgeReader>(channel, key_);
  }
  absl::StatusOr<std::unique_ptr<epa::Mechanism>> CreateInitiator(
      const epa::Channel& channel, epa::InitiatorParameters parameters) const override {
    const auto binding = epa::BindingToSend(channel, parameters.binding);
    if (!binding.ok()) {
      return binding.status();
    }
    return std::make_unique<BadgeShower>(MakeBadge(*binding, user_, key_));
  }
  bool RecognizesToken(std::span<const uint8_t>) const override { return false; }

 private:
  const std::string user_;
  const std::string key_;
};

}  // namespace

std::shared_ptr<const epa::Credentials> CreateBadgeCredentials(std::string user, std::string key) {
  return std::make_shared<BadgeCredentials>(std::move(user), std::move(key));
}
