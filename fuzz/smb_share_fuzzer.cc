// Requests to the read-only share of `epa serve smb`: a command and a body after each other, each
// with one octet of command and two of length before it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "fuzz/reach.h"
#include "lib/base/byte_reader.h"
#include "tests/support/temporary_folder.h"
#include "tools/epa/smb_share/smb_files.h"

namespace {

using epa::smb2::Command;

epa::fuzz::ReachPoint connected("TREE_CONNECT");
epa::fuzz::ReachPoint opened("CREATE");
epa::fuzz::ReachPoint was_read("READ");
epa::fuzz::ReachPoint listed("QUERY_DIRECTORY");
epa::fuzz::ReachPoint informed("QUERY_INFO");
epa::fuzz::ReachPoint closed("CLOSE");
epa::fuzz::ReachPoint related("a related request");
epa::fuzz::ReachPoint refused("a name outside of the share");

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

void ReachReply(const epa::tool::SmbFileRequest& request, const epa::tool::SmbFileReply& reply) {
  const bool ok = reply.status == epa::smb2::kStatusSuccess;
  connected.Reach(ok && request.command == Command::kTreeConnect);
  opened.Reach(ok && request.command == Command::kCreate);
  was_read.Reach(ok && request.command == Command::kRead);
  listed.Reach(ok && request.command == Command::kQueryDirectory);
  informed.Reach(ok && request.command == Command::kQueryInfo);
  closed.Reach(ok && request.command == Command::kClose);
  related.Reach(ok && request.related);
  refused.Reach(!ok && request.command == Command::kCreate);
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
    ReachReply(request, files.Handle(request));
  }
  return 0;
}
