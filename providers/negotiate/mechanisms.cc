#include "providers/negotiate/mechanisms.h"

#include <utility>

#include "providers/negotiate/neg_token.h"

namespace epa::negotiate {

Packages::Packages(CredentialsList credentials)
    : credentials_(std::move(credentials)), mech_types_from_(credentials_.size()) {
  std::vector<std::vector<uint8_t>> oids;
  for (size_t first = credentials_.size(); first-- > 0;) {
    const auto& own = credentials_[first]->package().mechanism_oids;
    oids.insert(oids.begin(), own.begin(), own.end());
    mech_types_from_[first] = MechTypeListOf(oids);
  }
}

}  // namespace epa::negotiate
