#include "pipeline/read_alert.h"

namespace churnwire {

std::expected<Alert, DecodeError> read_alert(const Record& record) {
  auto alert = decode_alert(record.value);
  if (!alert) return alert;
  for (const Header& header : record.headers) {
    if (header.name == "ce_type") alert->type = parse_alert_type(header.value).value_or(alert->type);
    if (header.name == "ce_time") alert->time = parse_rfc3339(header.value).value_or(alert->time);
  }
  return alert;
}

}  // namespace churnwire
