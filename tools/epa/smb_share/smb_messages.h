// The messages of a file share, [MS-SMB2] 2.2: those that reading needs, for both sides.
//
// Both take and make what follows the SMB2 header, up to the next message of a compound. Read fails
// on lengths and offsets that leave it; offsets count from the header.
#ifndef EPA_TOOLS_EPA_SMB_SHARE_SMB_MESSAGES_H_
#define EPA_TOOLS_EPA_SMB_SHARE_SMB_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "epa/base/clock.h"

namespace epa::tool {

struct SmbFileId {
  uint64_t persistent = 0;
  uint64_t temporary = 0;  // "volatile"
  bool operator==(const SmbFileId&) const = default;
};
// In a related request: the file of the request before.
inline constexpr SmbFileId kFileOfRequestBefore{UINT64_MAX, UINT64_MAX};

// 2.2.9
struct TreeConnectRequest {
  std::string path;  // \\SERVER\SHARE, UTF-8

  static std::optional<TreeConnectRequest> Read(std::span<const uint8_t> body);
  std::optional<std::vector<uint8_t>> Write() const;  // nothing where `path` is not UTF-8
};

// 2.2.10
struct TreeConnectResponse {
  static constexpr uint8_t kDisk = 1;
  static constexpr uint8_t kPipe = 2;
  static constexpr uint32_t kEncryptData = 0x8;  // in share_flags

  uint8_t share_type = kDisk;
  uint32_t share_flags = 0;
  uint32_t capabilities = 0;
  uint32_t maximal_access = 0;

  static std::optional<TreeConnectResponse> Read(std::span<const uint8_t> body);
  std::vector<uint8_t> Write() const;
};

// 2.2.13
struct CreateRequest {
  // 2.2.13: the only disposition and the options that matter to who only reads.
  static constexpr uint32_t kOpen = 1;
  static constexpr uint32_t kOpenOrCreate = 3;
  static constexpr uint32_t kMustBeDirectory = 0x1;
  static constexpr uint32_t kMustNotBeDirectory = 0x40;
  static constexpr uint32_t kDeleteOnClose = 0x1000;
  // [MS-SMB2] 2.2.13.1.1: to read data, attributes and permissions, and to wait.
  static constexpr uint32_t kReadFile = 0x00120089;

  uint32_t desired_access = 0;
  uint32_t disposition = kOpen;
  uint32_t options = 0;
  std::string name;  // below the share, UTF-8

  static std::optional<CreateRequest> Read(std::span<const uint8_t> body);
  std::optional<std::vector<uint8_t>> Write() const;  // nothing where `name` is not UTF-8
};

// What responses tell of a file.
struct SmbFileTimes {
  FileTime created = 0;
  FileTime accessed = 0;
  FileTime written = 0;
  FileTime changed = 0;
};
struct SmbFileSizes {
  uint64_t allocated = 0;
  uint64_t end = 0;
};

// 2.2.14
struct CreateResponse {
  SmbFileTimes times;
  SmbFileSizes sizes;
  uint32_t attributes = 0;
  SmbFileId file;

  static std::optional<CreateResponse> Read(std::span<const uint8_t> body);
  std::vector<uint8_t> Write() const;
};

// 2.2.15
struct CloseRequest {
  bool wants_facts = false;
  SmbFileId file;

  static std::optional<CloseRequest> Read(std::span<const uint8_t> body);
  std::vector<uint8_t> Write() const;
};

// 2.2.16
struct CloseResponse {
  bool has_facts = false;
  SmbFileTimes times;
  SmbFileSizes sizes;
  uint32_t attributes = 0;

  std::vector<uint8_t> Write() const;
};

// 2.2.19
struct ReadRequest {
  uint32_t length = 0;
  uint64_t offset = 0;
  SmbFileId file;
  uint32_t minimum = 0;

  static std::optional<ReadRequest> Read(std::span<const uint8_t> body);
  std::vector<uint8_t> Write() const;
};

// 2.2.20: the octets of a file.
struct ReadResponse {
  static std::optional<std::span<const uint8_t>> Read(std::span<const uint8_t> body);
  static std::vector<uint8_t> Write(std::span<const uint8_t> data);
};

// 2.2.33
struct QueryDirectoryRequest {
  static constexpr uint8_t kRestart = 0x01;
  static constexpr uint8_t kSingleEntry = 0x02;
  static constexpr uint8_t kReopen = 0x10;

  uint8_t information_class = 0;
  uint8_t flags = 0;
  SmbFileId file;
  std::string pattern;
  uint32_t output_limit = 0;

  static std::optional<QueryDirectoryRequest> Read(std::span<const uint8_t> body);
  std::optional<std::vector<uint8_t>> Write() const;  // nothing where `pattern` is not UTF-8
};

// 2.2.37
struct QueryInfoRequest {
  static constexpr uint8_t kFile = 1;
  static constexpr uint8_t kFileSystem = 2;
  static constexpr uint8_t kSecurity = 3;

  uint8_t type = kFile;
  uint8_t information_class = 0;
  uint32_t output_limit = 0;
  uint32_t additional = 0;
  SmbFileId file;

  static std::optional<QueryInfoRequest> Read(std::span<const uint8_t> body);
};

// 2.2.34, 2.2.38: the answer to both.
struct OutputResponse {
  static std::optional<std::span<const uint8_t>> Read(std::span<const uint8_t> body);
  static std::vector<uint8_t> Write(std::span<const uint8_t> output);
};

// 2.2.31
struct IoctlRequest {
  uint32_t code = 0;

  static std::optional<IoctlRequest> Read(std::span<const uint8_t> body);
};

// 2.2.3, 2.2.12, 2.2.29 and others: four octets that say nothing.
std::vector<uint8_t> WriteEmptyMessage();

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SMB_SHARE_SMB_MESSAGES_H_
