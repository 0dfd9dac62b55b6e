// The authority over any client, for tests.
#ifndef EPA_LIB_WINBIND_AUTHORITY_H_
#define EPA_LIB_WINBIND_AUTHORITY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "epa/winbind/winbind.h"
#include "lib/winbind/client.h"

namespace epa::winbind {

absl::StatusOr<std::shared_ptr<const WinbindAuthority>> CreateAuthorityOver(ClientFactory factory,
                                                                            Options options);

}  // namespace epa::winbind

#endif  // EPA_LIB_WINBIND_AUTHORITY_H_
