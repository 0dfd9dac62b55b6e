#include "bench/peers/openssl_floor.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <utility>

namespace epa::bench {
namespace {

using Block = std::array<uint8_t, 16>;

struct Algorithms {
  OSSL_LIB_CTX* library = nullptr;
  OSSL_PROVIDER* base = nullptr;
  OSSL_PROVIDER* legacy = nullptr;
  EVP_MAC* hmac = nullptr;
  EVP_MD* md5 = nullptr;
  EVP_CIPHER* rc4 = nullptr;
};

class HmacMd5 {
 public:
  explicit HmacMd5(const Algorithms& algorithms) : context_(EVP_MAC_CTX_new(algorithms.hmac)) {
    char digest[] = "MD5";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    Require(context_ != nullptr && EVP_MAC_CTX_set_params(context_, parameters) == 1, "HMAC-MD5");
  }
  ~HmacMd5() { EVP_MAC_CTX_free(context_); }
  HmacMd5(const HmacMd5&) = delete;
  HmacMd5& operator=(const HmacMd5&) = delete;

  void SetKey(const Block& key) {
    Require(EVP_MAC_init(context_, key.data(), key.size(), nullptr) == 1, "EVP_MAC_init");
  }
  // Begins again with the key that was set last.
  void Restart() { Require(EVP_MAC_init(context_, nullptr, 0, nullptr) == 1, "EVP_MAC_init"); }
  void Update(std::span<const uint8_t> data) {
    Require(EVP_MAC_update(context_, data.data(), data.size()) == 1, "EVP_MAC_update");
  }
  Block Finish() {
    Block out;
    size_t size = 0;
    Require(EVP_MAC_final(context_, out.data(), &size, out.size()) == 1, "EVP_MAC_final");
    return out;
  }

 private:
  EVP_MAC_CTX* context_;
};

class Rc4Stream {
 public:
  explicit Rc4Stream(const Algorithms& algorithms) : context_(EVP_CIPHER_CTX_new()) {
    const Block key{};
    Require(EVP_EncryptInit_ex2(context_, algorithms.rc4, key.data(), nullptr, nullptr) == 1,
            "RC4 needs OpenSSL's legacy provider");
  }
  ~Rc4Stream() { EVP_CIPHER_CTX_free(context_); }
  Rc4Stream(const Rc4Stream&) = delete;
  Rc4Stream& operator=(const Rc4Stream&) = delete;

  void SetKey(const Block& key) {
    Require(EVP_EncryptInit_ex2(context_, nullptr, key.data(), nullptr, nullptr) == 1, "RC4 key");
  }
  void Apply(std::span<uint8_t> data) {
    int size = 0;
    Require(EVP_EncryptUpdate(context_, data.data(), &size, data.data(),
                              static_cast<int>(data.size())) == 1,
            "RC4");
  }

 private:
  EVP_CIPHER_CTX* context_;
};

// One direction of message protection as one end keeps it.
struct Protection {
  explicit Protection(const Algorithms& algorithms) : mac(algorithms), stream(algorithms) {
    const Block signing_key{1};
    const Block sealing_key{2};
    mac.SetKey(signing_key);
    stream.SetKey(sealing_key);
  }

  HmacMd5 mac;
  Rc4Stream stream;
  uint32_t sequence = 0;
};

struct Message {
  std::vector<uint8_t> text;
  std::array<uint8_t, 8> checksum{};
};

class FloorWorker : public NtlmWorker {
 public:
  FloorWorker(const Algorithms& algorithms, const FloorSizes& sizes, size_t slots)
      : NtlmWorker(slots),
        algorithms_(algorithms),
        mac_(algorithms),
        wrap_(algorithms),
        digest_(EVP_MD_CTX_new()),
        proof_input_(sizes.proof, 0x11),
        mic_input_(sizes.mic, 0x22),
        binding_input_(sizes.binding_data, 0x44),
        client_(algorithms),
        server_(algorithms) {}
  ~FloorWorker() override { EVP_MD_CTX_free(digest_); }

  void Negotiate(size_t /*slot*/) override {}
  void Authenticate(size_t /*slot*/) override {}
  void ReleaseClient(size_t /*slot*/) override {}
  void ReleaseServer(size_t /*slot*/) override {}

  void Challenge(size_t /*slot*/) override {
    Require(RAND_bytes_ex(algorithms_.library, proof_input_.data(), 8, 0) == 1, "RAND_bytes");
  }

  void Accept(size_t /*slot*/) override {
    mac_.SetKey(account_key_);
    mac_.Update(proof_input_);
    const Block proof = mac_.Finish();
    mac_.Restart();
    mac_.Update(proof);
    const Block session_base_key = mac_.Finish();
    Block session_key = wrapped_key_;
    wrap_.SetKey(session_base_key);
    wrap_.Apply(session_key);
    mac_.SetKey(session_key);
    mac_.Update(mic_input_);
    result_ = mac_.Finish();
    Block binding;
    Require(EVP_DigestInit_ex2(digest_, algorithms_.md5, nullptr) == 1 &&
                EVP_DigestUpdate(digest_, binding_input_.data(), binding_input_.size()) == 1 &&
                EVP_DigestFinal_ex(digest_, binding.data(), nullptr) == 1,
            "MD5");
    result_[0] ^= binding[0];
  }

  void PrepareMessages(size_t count, size_t size) override {
    messages_.assign(count, Message{std::vector<uint8_t>(size, 0x33), {}});
  }

  // [MS-NLMP] 3.4.4.2: HMAC over the sequence number and the plain text, its first 8 octets
  // encrypted after the message.
  void Seal(size_t index) override {
    Message& message = messages_[index];
    const std::array<uint8_t, 8> checksum = Checksum(client_, message.text);
    client_.stream.Apply(message.text);
    message.checksum = checksum;
    client_.stream.Apply(message.checksum);
  }

  void Unseal(size_t index) override {
    Message& message = messages_[index];
    server_.stream.Apply(message.text);
    const std::array<uint8_t, 8> expected = Checksum(server_, message.text);
    server_.stream.Apply(message.checksum);
    Require(message.checksum == expected, "the sealed message is damaged");
  }

 private:
  static std::array<uint8_t, 8> Checksum(Protection& protection, std::span<const uint8_t> text) {
    const uint32_t sequence = protection.sequence++;
    std::array<uint8_t, 4> octets;
    for (size_t i = 0; i < octets.size(); ++i) {
      octets[i] = static_cast<uint8_t>(sequence >> (8 * i));
    }
    protection.mac.Restart();
    protection.mac.Update(octets);
    protection.mac.Update(text);
    const Block mac = protection.mac.Finish();
    std::array<uint8_t, 8> checksum;
    for (size_t i = 0; i < checksum.size(); ++i) {
      checksum[i] = mac[i];
    }
    return checksum;
  }

  const Algorithms& algorithms_;
  HmacMd5 mac_;
  Rc4Stream wrap_;
  EVP_MD_CTX* digest_;
  Block account_key_{3};
  Block wrapped_key_{4};
  Block result_{};
  std::vector<uint8_t> proof_input_;
  std::vector<uint8_t> mic_input_;
  std::vector<uint8_t> binding_input_;
  Protection client_;
  Protection server_;
  std::vector<Message> messages_;
};

class OpenSslFloor : public Contender {
 public:
  OpenSslFloor(std::string name, const FloorSizes& sizes) : name_(std::move(name)), sizes_(sizes) {
    algorithms_.library = OSSL_LIB_CTX_new();
    algorithms_.base = OSSL_PROVIDER_load(algorithms_.library, "default");
    algorithms_.legacy = OSSL_PROVIDER_load(algorithms_.library, "legacy");
    algorithms_.hmac = EVP_MAC_fetch(algorithms_.library, "HMAC", nullptr);
    algorithms_.md5 = EVP_MD_fetch(algorithms_.library, "MD5", nullptr);
    algorithms_.rc4 = EVP_CIPHER_fetch(algorithms_.library, "RC4", nullptr);
    Require(algorithms_.hmac != nullptr && algorithms_.md5 != nullptr && algorithms_.rc4 != nullptr,
            "OpenSSL lacks HMAC, MD5 or RC4 (legacy provider)");
  }

  ~OpenSslFloor() override {
    EVP_MAC_free(algorithms_.hmac);
    EVP_MD_free(algorithms_.md5);
    EVP_CIPHER_free(algorithms_.rc4);
    OSSL_PROVIDER_unload(algorithms_.legacy);
    OSSL_PROVIDER_unload(algorithms_.base);
    OSSL_LIB_CTX_free(algorithms_.library);
  }

  std::string_view name() const override { return name_; }

  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<FloorWorker>(algorithms_, sizes_, slots);
  }

 private:
  std::string name_;
  FloorSizes sizes_;
  Algorithms algorithms_;
};

}  // namespace

std::unique_ptr<Contender> CreateOpenSslFloor(std::string name, const FloorSizes& sizes) {
  return std::make_unique<OpenSslFloor>(std::move(name), sizes);
}

}  // namespace epa::bench
