#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operators/correlate/correlator.h"
#include "schemas/event.h"

namespace churnwire::correlate {

/// What happened to an event besides its content.
struct Happening {
  const EventRow* before = nullptr;  // null: the event is new
  bool joined = false;               // another event was found to be this one
  bool alerted = false;              // an alert was published for it, or for one that joined it
};

/// The type of alert that the step to `after` deserves, and the names of the fields that are new; nothing for
/// a step that a subscriber need not hear about, such as one more copy of the story.
struct Notice {
  AlertType type = AlertType::created;
  std::vector<std::string> change;
};
std::optional<Notice> worth_telling(const Happening& happening, const EventRow& after,
                                    const CorrelateOptions& options);

}  // namespace churnwire::correlate
