// The fields of an audit event, in order and by name: one list for every kind of sink.
#ifndef EPA_LIB_AUDIT_JSON_EVENT_FIELDS_H_
#define EPA_LIB_AUDIT_JSON_EVENT_FIELDS_H_

#include <nlohmann/json.hpp>

#include "epa/core/audit.h"

namespace epa {

// An object without the fields that are absent. Text is as in the event.
nlohmann::ordered_json EventFields(const AuditEvent& event);

}  // namespace epa

#endif  // EPA_LIB_AUDIT_JSON_EVENT_FIELDS_H_
