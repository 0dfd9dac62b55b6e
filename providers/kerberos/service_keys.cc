#include "providers/kerberos/service_keys.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "absl/status/status.h"
#include "epa/base/random.h"
#include "lib/base/byte_reader.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/memory_file.h"
#include "providers/kerberos/principal_text.h"

namespace epa::kerberos {
namespace {

// Since krb5 1.0, in network byte order; the one before had the machine's.
constexpr std::array<uint8_t, 2> kVersion2 = {0x05, 0x02};
constexpr std::array<uint8_t, 2> kVersion1 = {0x05, 0x01};

// libkrb5 takes a file that is cut off for a shorter one. A file is the version, then records of
// the size before them; a negative size is that of a hole, and after a zero come zeros alone.
bool IsWhole(std::span<const uint8_t> octets) {
  ByteReader reader(octets);
  const bool in_network_order = reader.Match(kVersion2);
  if (!in_network_order && !reader.Match(kVersion1)) {
    return false;
  }
  while (!reader.at_end()) {
    std::array<uint8_t, 4> field{};
    if (!reader.ReadArray(std::span<uint8_t, 4>(field))) {
      return false;
    }
    if (in_network_order && std::endian::native == std::endian::little) {
      std::ranges::reverse(field);
    }
    const auto size = std::bit_cast<int32_t>(field);
    if (size == 0) {
      return std::ranges::all_of(reader.rest(), [](uint8_t octet) { return octet == 0; });
    }
    if (!reader.Skip(static_cast<size_t>(std::abs(int64_t{size})))) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ServiceKeys>> ServiceKeys::Read(
    krb5_context context, std::span<const uint8_t> octets, const std::string& name,
    const ServiceFilter& wanted) {
  if (!IsWhole(octets)) {
    return absl::InvalidArgumentError(name + ": not a keytab, or cut off");
  }
  EPA_ASSIGN_OR_RETURN(const MemoryFile memory, MemoryFile::Create(octets));
  OwnedKeytab file(context);
  auto keys = std::make_shared<ServiceKeys>();
  krb5_error_code code = krb5_kt_resolve(context, ("FILE:" + memory.path()).c_str(), file.out());
  if (code == 0) {
    code = keys->ReadEntries(context, file.get());
  }
  if (code != 0) {
    return absl::InvalidArgumentError(name + ": not a keytab: " + ErrorText(context, code));
  }
  if (keys->entries_.empty()) {
    return absl::InvalidArgumentError(name + ": no whole key in it");
  }
  keys->names_ = KeyNames(keys->entries_);
  keys->KeepWanted(wanted);
  if (keys->entries_.empty()) {
    return absl::InvalidArgumentError(name + ": no key of a wanted service in it");
  }
  return keys;
}

ServiceKeys::~ServiceKeys() {
  for (krb5_keytab_entry& entry : entries_) {
    krb5_free_keytab_entry_contents(nullptr, &entry);  // releasing needs no context
  }
}

void ServiceKeys::KeepWanted(const ServiceFilter& wanted) {
  if (wanted.takes_all()) {
    return;
  }
  const auto unwanted =
      std::stable_partition(entries_.begin(), entries_.end(), [&wanted](const auto& entry) {
        return wanted.Takes(PrincipalText(*entry.principal), TextViewOf(entry.principal->realm));
      });
  std::for_each(unwanted, entries_.end(),
                [](krb5_keytab_entry& entry) { krb5_free_keytab_entry_contents(nullptr, &entry); });
  entries_.erase(unwanted, entries_.end());
}

krb5_error_code ServiceKeys::ReadEntries(krb5_context context, krb5_keytab file) {
  krb5_kt_cursor cursor;
  krb5_error_code code = krb5_kt_start_seq_get(context, file, &cursor);
  if (code != 0) {
    return code;
  }
  krb5_keytab_entry entry;
  while ((code = krb5_kt_next_entry(context, file, &entry, &cursor)) == 0) {
    entries_.push_back(entry);
  }
  krb5_kt_end_seq_get(context, file, &cursor);
  return code == KRB5_KT_END ? 0 : code;
}

absl::StatusOr<OwnedKeytab> MakeKeytab(krb5_context context,
                                       std::span<const krb5_keytab_entry> entries) {
  // Memory keytabs have names that the whole process shares.
  std::array<uint8_t, 16> unique{};
  SystemRandom().Fill(unique);
  OwnedKeytab keytab(context);
  krb5_error_code code =
      krb5_kt_resolve(context, ("MEMORY:epa-" + EncodeHex(unique)).c_str(), keytab.out());
  for (krb5_keytab_entry entry : entries) {
    if (code == 0) {
      code = krb5_kt_add_entry(context, keytab.get(), &entry);
    }
  }
  EPA_RETURN_IF_ERROR(FaultOf(context, code));
  return keytab;
}

}  // namespace epa::kerberos
