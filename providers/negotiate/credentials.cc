#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "epa/negotiate/negotiate.h"
#include "lib/base/status_macros.h"
#include "providers/negotiate/acceptor.h"
#include "providers/negotiate/initiator.h"
#include "providers/negotiate/mechanisms.h"
#include "providers/negotiate/neg_token.h"

namespace epa::negotiate {
namespace {

absl::Status CheckPackages(const CredentialsList& packages) {
  if (packages.empty()) {
    return absl::InvalidArgumentError("Negotiate needs a package to choose from");
  }
  for (size_t i = 0; i < packages.size(); ++i) {
    if (packages[i] == nullptr) {
      return absl::InvalidArgumentError("a package's credentials are missing");
    }
    for (size_t j = 0; j < i; ++j) {
      const PackageInfo& other = packages[j]->package();
      if (std::ranges::any_of(packages[i]->package().mechanism_oids, [&other](const auto& oid) {
            return HasMechanism(other, OidContent(oid));
          })) {
        return absl::InvalidArgumentError("two packages have the same mechanism");
      }
    }
  }
  return absl::OkStatus();
}

class NegotiateAcceptorCredentials : public Credentials {
 public:
  explicit NegotiateAcceptorCredentials(CredentialsList packages)
      : packages_(std::move(packages)) {}

  const PackageInfo& package() const override { return NegotiatePackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel& channel) const override {
    return std::make_unique<NegotiateAcceptor>(shared_from_this(), packages_, channel);
  }
  bool RecognizesToken(std::span<const uint8_t> token) const override {
    return ParseNegTokenInit(token).ok() ||
           std::ranges::any_of(packages_, [token](const auto& credentials) {
             return credentials->RecognizesToken(token);
           });
  }
  bool BeginsExchange(std::span<const uint8_t> token) const override {
    return ParseNegTokenInit(token).ok() ||
           std::ranges::any_of(packages_, [token](const auto& credentials) {
             return credentials->BeginsExchange(token);
           });
  }

 private:
  const Packages packages_;
};

class NegotiateInitiatorCredentials : public Credentials {
 public:
  explicit NegotiateInitiatorCredentials(CredentialsList packages)
      : packages_(std::move(packages)) {}

  const PackageInfo& package() const override { return NegotiatePackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(
      const Channel& channel, InitiatorParameters parameters) const override {
    return std::make_unique<NegotiateInitiator>(shared_from_this(), packages_, channel,
                                                std::move(parameters));
  }
  // The preferred package's that knows one.
  InitiatorName initiator_name() const override {
    for (const auto& credentials : packages_) {
      InitiatorName name = credentials->initiator_name();
      if (!name.user.empty()) {
        return name;
      }
    }
    return {};
  }
  bool RecognizesToken(std::span<const uint8_t>) const override { return false; }

 private:
  const Packages packages_;
};

}  // namespace

const PackageInfo& NegotiatePackageInfo() {
  static const auto& info =
      *new PackageInfo{"Negotiate",
                       "SPNEGO: picks a security package both sides have",
                       {std::vector<uint8_t>(kSpnegoOid.begin(), kSpnegoOid.end())},
                       0x12000};
  return info;
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    std::vector<std::shared_ptr<const Credentials>> packages) {
  EPA_RETURN_IF_ERROR(CheckPackages(packages));
  return std::make_shared<NegotiateAcceptorCredentials>(std::move(packages));
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    std::vector<std::shared_ptr<const Credentials>> packages) {
  EPA_RETURN_IF_ERROR(CheckPackages(packages));
  return std::make_shared<NegotiateInitiatorCredentials>(std::move(packages));
}

}  // namespace epa::negotiate
