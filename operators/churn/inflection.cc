#include "operators/churn/inflection.h"

#include <algorithm>

namespace churnwire {
namespace {

bool vowel(char c) {
  return std::string_view("aeiou").find(c) != std::string_view::npos;
}

/// "stop" doubles its last letter: one vowel between consonants, not w, x, y. Words of several syllables
/// mostly do not; both forms are made for them.
bool may_double(std::string_view lemma) {
  const std::size_t n = lemma.size();
  if (n < 3) return false;
  const char last = lemma[n - 1];
  return !vowel(last) && std::string_view("wxy").find(last) == std::string_view::npos &&
         vowel(lemma[n - 2]) && !vowel(lemma[n - 3]);
}

}  // namespace

std::vector<std::string> inflected_forms(std::string_view lemma, const IrregularForms& irregular) {
  const std::string word(lemma);
  std::vector<std::string> forms{word};
  const char last = word.back();
  const bool sibilant = word.ends_with("s") || word.ends_with("x") || word.ends_with("z") ||
                        word.ends_with("ch") || word.ends_with("sh");
  const bool consonant_y = last == 'y' && word.size() > 1 && !vowel(word[word.size() - 2]);
  const std::string stem = word.substr(0, word.size() - 1);
  if (consonant_y) {
    forms.insert(forms.end(), {stem + "ies", stem + "ied", word + "ing"});
  } else {
    forms.push_back(word + (sibilant || last == 'o' ? "es" : "s"));
    if (last == 'e') {
      forms.insert(forms.end(), {word + "d", stem + "ing"});
      if (word.ends_with("ie")) forms.push_back(word.substr(0, word.size() - 2) + "ying");
    } else {
      forms.insert(forms.end(), {word + "ed", word + "ing"});
      if (may_double(word)) forms.insert(forms.end(), {word + last + "ed", word + last + "ing"});
    }
  }
  if (const auto found = irregular.find(lemma); found != irregular.end()) {
    forms.insert(forms.end(), found->second.begin(), found->second.end());
  }
  std::ranges::sort(forms);
  forms.erase(std::ranges::unique(forms).begin(), forms.end());
  return forms;
}

}  // namespace churnwire
