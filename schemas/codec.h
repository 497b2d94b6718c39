#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/errors.h"
#include "schemas/event.h"
#include "schemas/signal.h"

namespace churnwire {

/// The `dataschema` of every alert: a name for schemas/alert.schema.json that does not depend on a host.
inline constexpr std::string_view kAlertDataSchema = "urn:churnwire:schema:alert:1";

/// JSON encoders. Each appends one object without a line feed to `out`; field order is fixed, so equal values
/// give equal bytes. Signals, rows and alerts match schemas/*.schema.json.
void encode_signal(const Signal& signal, std::string& out);
/// With the state that a restart needs: what goes to `churn.events`.
void encode_event_row(const EventRow& row, std::string& out);
/// The data part of an alert (binary mode): the row without its state, with `change` and `headline`.
void encode_alert_data(const Alert& alert, std::string& out);
/// The whole CloudEvents envelope (structured mode, and what `detect --emit alerts` prints).
void encode_alert_structured(const Alert& alert, std::string& out);
/// The CloudEvents attributes as Kafka headers of the binary mode: ce_specversion, ce_id, ce_source, ce_type,
/// ce_subject, ce_time, ce_dataschema, content-type.
std::vector<std::pair<std::string, std::string>> alert_headers(const Alert& alert);

/// Decoders of our own records, for the correlate stage, `detect --input signals` and restore. Slower than
/// the article decoder; they allocate. Unknown fields are ignored, a missing or mistyped one is an error.
std::expected<Signal, DecodeError> decode_signal(std::string_view json);
std::expected<EventRow, DecodeError> decode_event_row(std::string_view json);
/// Reads an alert in either mode. In binary mode type and time are in headers: the caller sets them
/// (parse_alert_type).
std::expected<Alert, DecodeError> decode_alert(std::string_view json);
/// The alert type of a CloudEvents type such as "io.churnwire.event.created.v1".
std::optional<AlertType> parse_alert_type(std::string_view ce_type);

}  // namespace churnwire
