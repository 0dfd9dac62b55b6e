// A keytab file with one key, as MIT writes it.
#ifndef EPA_TESTS_KERBEROS_KEYTAB_WRITER_H_
#define EPA_TESTS_KERBEROS_KEYTAB_WRITER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa::kerberos {

struct KeytabEntry {
  std::string realm;
  std::vector<std::string> name;
  uint32_t version = 1;
  uint16_t type = 18;
  std::vector<uint8_t> key;
};

inline void AppendBigEndian(std::vector<uint8_t>& out, uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<uint8_t>(value >> shift));
  }
}

inline void AppendCounted(std::vector<uint8_t>& out, std::string_view text) {
  AppendBigEndian(out, text.size(), 2);
  out.insert(out.end(), text.begin(), text.end());
}

inline std::vector<uint8_t> WriteKeytab(std::span<const KeytabEntry> entries) {
  std::vector<uint8_t> file = {0x05, 0x02};
  for (const KeytabEntry& entry : entries) {
    std::vector<uint8_t> record;
    AppendBigEndian(record, entry.name.size(), 2);
    AppendCounted(record, entry.realm);
    for (const std::string& part : entry.name) {
      AppendCounted(record, part);
    }
    AppendBigEndian(record, 2, 4);  // KRB5_NT_SRV_INST
    AppendBigEndian(record, 0, 4);  // time
    AppendBigEndian(record, entry.version, 1);
    AppendBigEndian(record, entry.type, 2);
    AppendBigEndian(record, entry.key.size(), 2);
    record.insert(record.end(), entry.key.begin(), entry.key.end());
    AppendBigEndian(record, entry.version, 4);
    AppendBigEndian(file, record.size(), 4);
    file.insert(file.end(), record.begin(), record.end());
  }
  return file;
}

}  // namespace epa::kerberos

#endif  // EPA_TESTS_KERBEROS_KEYTAB_WRITER_H_
