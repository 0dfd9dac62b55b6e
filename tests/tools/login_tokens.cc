// The tokens of a client, for tests that carry them themselves.
//
//   login_tokens PACKAGE USER PASSWORD_FILE [CERTIFICATE|-] [TARGET_NAME]
//
// PACKAGE is NTLM or Negotiate. Says each token in base64, a line each, and reads the server's
// likewise. With "-" it says "no channel"; without a certificate nothing at all.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/defaults/defaults.h"
#include "epa/ntlm/ntlm.h"
#include "epa/tls/certificate_files.h"
#include "lib/base/base64.h"

namespace {

using Words = std::vector<std::string>;

std::string WordOr(const Words& words, size_t index) {
  return index < words.size() ? words[index] : "";
}

epa::ntlm::InitiatorOptions ClientOf(const Words& words) {
  epa::ntlm::InitiatorOptions options;
  options.user = words.at(1);
  std::ifstream file(words.at(2));
  std::string password;
  std::getline(file, password);
  options.password = epa::SecretBytes::FromText(password);
  return options;
}

epa::Channel ChannelOf(const std::string& certificate) {
  if (certificate.empty() || certificate == "-") {
    return epa::Channel::Plain();
  }
  epa::tls::CertificateFilesOptions options;
  options.paths = {certificate};
  return epa::tls::CertificateFiles::Create(std::move(options), nullptr).value()->ChannelNow();
}

int Run(const Words& words) {
  epa::InitiateOptions options;
  options.credentials = words.at(0) == "NTLM"
                            ? epa::ntlm::CreateInitiatorCredentials(ClientOf(words)).value()
                            : epa::CreateClientCredentials({.ntlm = ClientOf(words)}).value();
  options.channel = ChannelOf(WordOr(words, 3));
  options.parameters.target_name = WordOr(words, 4);
  if (WordOr(words, 3).empty()) {
    options.parameters.binding = epa::BindingRequest::kOmit;
  }
  const auto context = epa::SecurityContext::Initiate(std::move(options)).value();
  for (std::string line;;) {
    const auto step = epa::StepBlocking(*context, epa::DecodeBase64(line).value());
    if (!step.ok() || step->state == epa::StepState::kRejected) {
      return 1;
    }
    std::cout << epa::EncodeBase64(step->token) << std::endl;
    if (!std::getline(std::cin, line)) {
      return 0;
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  return count < 4 ? 2 : Run(Words(arguments + 1, arguments + count));
}
