// Requests to the read-only share of `epa serve smb`: a command and a body after each other, each
// with one octet of command and two of length before it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "lib/base/byte_reader.h"
#include "tests/support/temporary_folder.h"
#include "tools/epa/smb_share/smb_files.h"

namespace {

std::shared_ptr<const epa::tool::SmbShare> Share() {
  static const epa::test::TemporaryFolder root;
  static const auto share = [] {
    std::filesystem::create_directory(root.path() / "sub");
    root.Write("file", "content");
    auto made = std::make_shared<epa::tool::SmbShare>();
    made->name = "docs";
    made->directory = *epa::tool::SharedDirectory::Create(root.path().string());
    return made;
  }();
  return share;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  epa::tool::SmbFiles files(Share(), {});
  epa::ByteReader reader({data, size});
  epa::tool::SmbFileRequest request{.tree = 1, .credit_charge = 1};
  uint8_t command = 0;
  uint16_t length = 0;
  while (reader.ReadU8(command) && reader.ReadU16(length) &&
         reader.ReadSpan(length, request.body)) {
    request.command = static_cast<epa::smb2::Command>(command & 0x1f);
    request.related = (command & 0x80) != 0;
    (void)files.Handle(request);
  }
  return 0;
}
