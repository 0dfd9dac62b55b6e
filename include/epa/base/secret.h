// Memory for keys and passwords: wiped when released, compared in constant time, never printed.
#ifndef EPA_BASE_SECRET_H_
#define EPA_BASE_SECRET_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace epa {

// Overwrites `octets` with zeros in a way the compiler does not remove. Inline: most secrets are a
// few octets of a size that it knows.
inline void WipeMemory(std::span<uint8_t> octets) {
  std::fill(octets.begin(), octets.end(), uint8_t{0});
  __asm__ __volatile__("" : : "r"(octets.data()) : "memory");
}

// True when both have the same length and content. Time depends on the length alone.
[[nodiscard]] bool ConstantTimeEquals(std::span<const uint8_t> a, std::span<const uint8_t> b);

// A secret of fixed size, `N` octets. Starts as zeros. Copies are wiped like the original.
// `Expose` is the only way to the octets, so that `git grep Expose` lists every use.
template <size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const uint8_t, N> octets) {
    for (size_t i = 0; i < N; ++i) {
      octets_[i] = octets[i];
    }
  }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { WipeMemory(octets_); }

  std::span<const uint8_t, N> Expose() const { return octets_; }
  std::span<uint8_t, N> ExposeMutable() { return octets_; }

  friend bool operator==(const Secret& a, const Secret& b) {
    return ConstantTimeEquals(a.octets_, b.octets_);
  }

 private:
  std::array<uint8_t, N> octets_{};
};

// A secret of any length. Move-only; wiped on destruction and when moved from.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(size_t size) : octets_(size) {}
  // Copies. The caller wipes its own copy.
  explicit SecretBytes(std::span<const uint8_t> octets) : octets_(octets.begin(), octets.end()) {}
  // Copies the characters, without a terminator: for passwords in UTF-8.
  static SecretBytes FromText(std::string_view text);

  SecretBytes(SecretBytes&& other) noexcept : octets_(std::move(other.octets_)) {
    other.octets_.clear();
  }
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { WipeMemory(octets_); }

  // A second copy, made on purpose.
  SecretBytes Clone() const { return SecretBytes(std::span<const uint8_t>(octets_)); }

  std::span<const uint8_t> Expose() const { return octets_; }
  std::span<uint8_t> ExposeMutable() { return octets_; }
  // The octets as characters (a view, not terminated).
  std::string_view ExposeText() const;

  size_t size() const { return octets_.size(); }
  bool empty() const { return octets_.empty(); }

  friend bool operator==(const SecretBytes& a, const SecretBytes& b) {
    return ConstantTimeEquals(a.octets_, b.octets_);
  }

 private:
  std::vector<uint8_t> octets_;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_BASE_SECRET_H_
