#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "operators/churn/reading.h"
#include "operators/churn/roles.h"
#include "schemas/vocabulary.h"

namespace churnwire {

/// What surrounds a trigger: negation, hedges, phases, denial, time (ConText: Harkema et al. 2009), each
/// within its clause or sentence.
struct Context {
  bool negated = false;
  bool rumour = false;
  bool considering = false;
  bool planned = false;
  bool decided = false;
  bool progress = false;
  bool done = false;
  bool denied = false;
  bool cancelled = false;
  bool hypothetical = false;
  bool historical = false;  // a cue; the date decides
  bool analogy = false;
  bool question = false;
  bool past = false;  // the trigger stands in the past tense, and nothing makes it a plan
  bool on_record = false;
  bool anonymous = false;
  int years_past =
      0;  // the newest year named in the clause lies so many years before publication; 0: none named
  std::vector<std::string> cues;  // the words that said so
};

Context context_of(const Reading& reading, const Draft& draft, int published_year);

/// The phase that a draft's rule and context give alone.
Phase phase_of(const Rule& rule, const Context& context);

}  // namespace churnwire
