// Early returns for absl::Status.
#ifndef EPA_LIB_BASE_STATUS_MACROS_H_
#define EPA_LIB_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define EPA_RETURN_IF_ERROR(expression)                               \
  do {                                                                \
    if (absl::Status epa_status_ = (expression); !epa_status_.ok()) { \
      return epa_status_;                                             \
    }                                                                 \
  } while (false)

#define EPA_STATUS_CONCAT_INNER_(a, b) a##b
#define EPA_STATUS_CONCAT_(a, b) EPA_STATUS_CONCAT_INNER_(a, b)

// EPA_ASSIGN_OR_RETURN(auto value, Function());  NOLINTBEGIN(bugprone-macro-parentheses)
#define EPA_ASSIGN_OR_RETURN(declaration, expression) \
  EPA_ASSIGN_OR_RETURN_IMPL_(EPA_STATUS_CONCAT_(epa_or_, __LINE__), declaration, expression)
#define EPA_ASSIGN_OR_RETURN_IMPL_(temporary, declaration, expression) \
  auto temporary = (expression);                                       \
  if (!temporary.ok()) {                                               \
    return temporary.status();                                         \
  }                                                                    \
  declaration = *std::move(temporary)
// A declaration takes none. NOLINTEND(bugprone-macro-parentheses)
#endif  // EPA_LIB_BASE_STATUS_MACROS_H_
