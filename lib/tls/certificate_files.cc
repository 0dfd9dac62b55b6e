#include "epa/tls/certificate_files.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "epa/base/secret.h"
#include "lib/base/status_macros.h"
#include "lib/base/watched_files.h"
#include "lib/tls/certificate_paths.h"
#include "lib/tls/certificate_text.h"
#include "lib/tls/roll_over.h"

namespace epa::tls {
namespace {

constexpr size_t kMaxCertificateFile = size_t{1} << 20;

struct FileCertificate {
  std::string path;
  EndpointBinding binding;
};

bool SameBinding(const EndpointBinding& a, const EndpointBinding& b) {
  return a.bindings.has_value() && b.bindings.has_value() &&
         a.bindings->token() == b.bindings->token();
}

// What is in effect. Immutable.
struct State {
  bool Has(const EndpointBinding& binding) const {
    return std::ranges::any_of(current, [&binding](const FileCertificate& certificate) {
      return SameBinding(certificate.binding, binding);
    });
  }

  std::vector<FileCertificate> current;
  Retired<FileCertificate> retired;
  std::shared_ptr<const ChannelBindingsList> bindings;  // of `current`
};

absl::Status Unusable(const std::string& path, std::string_view why) {
  return absl::InvalidArgumentError(path + ": " + std::string(why));
}

// No value: a file of a folder that holds something else.
absl::StatusOr<std::optional<FileCertificate>> ReadCertificate(const CertificatePath& path,
                                                               const SecretBytes& content,
                                                               UndefinedHashRule rule) {
  const auto der = FirstCertificate(content.Expose());
  if (!der.ok()) {
    return Unusable(path.path, std::string(der.status().message()));
  }
  if (!der->has_value() && path.in_folder) {
    return std::nullopt;
  }
  if (!der->has_value()) {
    return Unusable(path.path, "no certificate in it");
  }
  absl::StatusOr<EndpointBinding> binding = EndpointBindingOf(**der, rule);
  if (!binding.ok()) {
    return absl::Status(binding.status().code(),
                        path.path + ": " + std::string(binding.status().message()));
  }
  return FileCertificate{path.path, *std::move(binding)};
}

}  // namespace

struct CertificateFiles::Impl {
  // Makes one state after the other.
  class Maker {
   public:
    Maker(const CertificateFilesOptions& options, std::shared_ptr<const State> before)
        : paths_(options.paths),
          rule_(options.rule),
          roll_over_(options.roll_over),
          clock_(options.clock != nullptr ? *options.clock : SystemClock()),
          before_(std::move(before)) {}

    absl::StatusOr<std::vector<std::string>> List();
    absl::StatusOr<std::shared_ptr<const State>> Make(std::span<const SecretBytes> contents);

   private:
    Retired<FileCertificate> RetiredBy(const State& now) const;

    const std::vector<std::string> paths_;
    const UndefinedHashRule rule_;
    const std::chrono::seconds roll_over_;
    const Clock& clock_;
    // Of the reading that is under way.
    std::vector<CertificatePath> found_;
    std::shared_ptr<const State> before_;
  };

  Impl(const Clock& the_clock, WatchedFiles<State> watched)
      : clock(the_clock), files(std::move(watched)) {}

  const Clock& clock;
  WatchedFiles<State> files;
};

absl::StatusOr<std::vector<std::string>> CertificateFiles::Impl::Maker::List() {
  EPA_ASSIGN_OR_RETURN(found_, FindCertificates(paths_));
  std::vector<std::string> paths;
  paths.reserve(found_.size());
  for (const CertificatePath& found : found_) {
    paths.push_back(found.path);
  }
  return paths;
}

absl::StatusOr<std::shared_ptr<const State>> CertificateFiles::Impl::Maker::Make(
    std::span<const SecretBytes> contents) {
  auto now = std::make_shared<State>();
  auto bindings = std::make_shared<ChannelBindingsList>();
  for (size_t i = 0; i < contents.size(); ++i) {
    EPA_ASSIGN_OR_RETURN(auto certificate, ReadCertificate(found_[i], contents[i], rule_));
    if (!certificate.has_value() || now->Has(certificate->binding)) {
      continue;
    }
    if (certificate->binding.bindings.has_value()) {
      bindings->push_back(*certificate->binding.bindings);
    }
    now->current.push_back(*std::move(certificate));
  }
  if (now->current.empty()) {
    return Unusable(paths_.front(), "no certificate in it");
  }
  now->bindings = std::move(bindings);
  now->retired = RetiredBy(*now);
  before_ = now;
  return now;
}

Retired<FileCertificate> CertificateFiles::Impl::Maker::RetiredBy(const State& now) const {
  if (before_ == nullptr) {
    return {};
  }
  // One without a binding has nothing that could count.
  const auto is_kept = [&now](const FileCertificate& certificate) {
    return !certificate.binding.bindings.has_value() || now.Has(certificate.binding);
  };
  return {before_->retired, before_->current, is_kept, clock_.Monotonic(), roll_over_};
}

absl::StatusOr<std::unique_ptr<CertificateFiles>> CertificateFiles::Create(
    CertificateFilesOptions options, const CertificateFiles* predecessor) {
  if (options.paths.empty()) {
    return absl::InvalidArgumentError("there is no file of a certificate");
  }
  if (options.roll_over.count() < 0) {
    return absl::InvalidArgumentError("the time of a roll-over is below 0");
  }
  auto maker = std::make_shared<Impl::Maker>(
      options, predecessor == nullptr ? nullptr : predecessor->impl_->files.Current());
  WatchOptions watch;
  watch.list = [maker] { return maker->List(); };
  watch.max_size = kMaxCertificateFile;
  watch.observer = std::move(options.observer);
  EPA_ASSIGN_OR_RETURN(
      auto files,
      WatchedFiles<State>::Create(std::move(watch), [maker](std::span<const SecretBytes> contents) {
        return maker->Make(contents);
      }));
  const Clock& clock = options.clock != nullptr ? *options.clock : SystemClock();
  return std::unique_ptr<CertificateFiles>(
      new CertificateFiles(std::make_unique<Impl>(clock, std::move(files))));
}

CertificateFiles::CertificateFiles(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CertificateFiles::~CertificateFiles() = default;

Channel CertificateFiles::ChannelNow() const {
  const std::shared_ptr<const State> state = impl_->files.Current();
  if (state->retired.empty()) {
    return Channel::Tls(state->bindings);
  }
  auto all = std::make_shared<ChannelBindingsList>(*state->bindings);
  for (const auto& old : state->retired.At(impl_->clock.Monotonic())) {
    all->push_back(*old.item.binding.bindings);
  }
  return Channel::Tls(std::shared_ptr<const ChannelBindingsList>(std::move(all)));
}

std::vector<CertificateOnFile> CertificateFiles::List() const {
  const std::shared_ptr<const State> state = impl_->files.Current();
  const MonotonicTime now = impl_->clock.Monotonic();
  std::vector<CertificateOnFile> list;
  for (const FileCertificate& certificate : state->current) {
    list.push_back({certificate.path, certificate.binding, std::nullopt});
  }
  for (const auto& old : state->retired.At(now)) {
    const MonotonicTime left = old.until - now;
    list.push_back({old.item.path, old.item.binding,
                    std::chrono::seconds((left + kTicksPerSecond - 1) / kTicksPerSecond)});
  }
  return list;
}

absl::Status CertificateFiles::Check() const { return impl_->files.Check(); }

}  // namespace epa::tls
