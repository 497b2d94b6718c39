#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/churn/context.h"
#include "operators/churn/reading.h"
#include "operators/churn/roles.h"
#include "operators/churn/scorer.h"

namespace churnwire {

/// What the whole article says, computed once for all its drafts.
struct ArticleProfile {
  std::uint32_t providers = 0;  // distinct families named
  std::uint32_t parties = 0;    // distinct organisations that are no providers
  std::uint32_t triggers = 0;
  bool title_trigger = false;
  bool title_provider = false;
  std::vector<std::string>
      cue_classes;                 // look-alike and context classes met, "la_outage:2" with a count up to 3
  std::vector<std::string> words;  // distinct lower-case words of title and body, for the document's n-grams
};
ArticleProfile profile_of(const Reading& reading);

/// Adds the features of one draft: rule, frame, roles, context, position, look-alikes, and delexicalised
/// n-grams of its sentence
/// ("P", "Q", "C" stand for losing and gaining provider and customer, so that no name is learnt by heart).
void add_features(const Reading& reading, const ArticleProfile& profile, const Draft& draft,
                  const Context& context, FeatureSum& sum);

}  // namespace churnwire
