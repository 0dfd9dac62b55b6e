// The fields of an audit event, in order and by name: one list for every kind of sink.
#ifndef EPA_LIB_AUDIT_JSON_EVENT_FIELDS_H_
#define EPA_LIB_AUDIT_JSON_EVENT_FIELDS_H_

#include <string_view>

#include "epa/core/audit.h"

namespace epa {

// Takes one field after the other.
class EventFieldWriter {
 public:
  virtual ~EventFieldWriter() = default;
  // Text as in the event: of any octets.
  virtual void Text(std::string_view name, std::string_view text) = 0;
  // A number, true, false or a list, in JSON.
  virtual void Value(std::string_view name, std::string_view json) = 0;
  // What comes until End is a group of that name.
  virtual void Begin(std::string_view name) = 0;
  virtual void End() = 0;
};

// Fields that are absent are left out.
void WriteEventFields(const AuditEvent& event, EventFieldWriter& out);

}  // namespace epa

#endif  // EPA_LIB_AUDIT_JSON_EVENT_FIELDS_H_
