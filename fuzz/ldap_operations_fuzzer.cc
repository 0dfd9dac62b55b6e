// What the commands read of LDAP beside binds: the size of a message, requests, extended responses.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "tools/epa/common/ldap_messages.h"

namespace {

using epa::fuzz::Require;
using epa::tool::LdapRequest;

epa::fuzz::ReachPoint search("a search of the rootDSE");
epa::fuzz::ReachPoint chosen("a search for some attributes");
epa::fuzz::ReachPoint extended("an extended operation");
epa::fuzz::ReachPoint unbind("unbind");
epa::fuzz::ReachPoint response("an extended response");
epa::fuzz::ReachPoint unfinished("a message that is not all there");
epa::fuzz::ReachPoint refused("what is no LDAP");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> octets(data, size);
  const std::optional<size_t> whole = epa::tool::LdapMessageSize(octets);
  unfinished.Reach(!whole.has_value() || *whole > size);
  refused.Reach(whole == size_t{0});
  if (!whole.has_value() || *whole == 0 || *whole > size) {
    return 0;
  }
  const auto message = octets.first(*whole);
  // However little of it has come, the size is the same or not known.
  for (size_t there = 0; there < *whole; ++there) {
    const auto said = epa::tool::LdapMessageSize(message.first(there));
    Require(!said.has_value() || said == whole);
  }
  const auto request = epa::tool::ParseLdapRequest(message);
  if (request.has_value()) {
    search.Reach(request->kind == LdapRequest::Kind::kSearch && request->base_search);
    chosen.Reach(!request->attributes.empty() && !request->Wants("supportedExtension"));
    extended.Reach(request->kind == LdapRequest::Kind::kExtended && !request->name.empty());
    unbind.Reach(request->kind == LdapRequest::Kind::kUnbind);
    Require(request->message_id > 0);
    const std::vector<uint8_t> answer =
        epa::tool::LdapResultTo(*request, epa::tool::LdapCode::kOperationsError, "");
    Require(epa::tool::LdapMessageSize(answer) == answer.size());
  }
  response.Reach(epa::tool::ParseLdapExtendedResponse(message, 1).has_value());
  return 0;
}
