#pragma once

#include <string>

#include "schemas/event.h"

namespace churnwire {

/// An alert or a current event for a person: headline, roles, figures, evidence with the trigger marked.
/// `colour` uses ANSI escapes, otherwise [[ ]] marks. Ends with a line feed.
std::string render_alert(const Alert& alert, bool colour);
std::string render_event(const EventRow& row, bool colour);

}  // namespace churnwire
