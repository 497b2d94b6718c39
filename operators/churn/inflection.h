#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace churnwire {

/// Irregular forms by lemma: {"leave": ["left"]}.
using IrregularForms = std::map<std::string, std::vector<std::string>, std::less<>>;

/// All inflected forms of an English verb or noun: the lemma, -s, -ed, -ing and plural by the spelling rules
/// of English (Quirk et al. 1985, 3.5-3.10), and its irregular forms.
std::vector<std::string> inflected_forms(std::string_view lemma, const IrregularForms& irregular);

}  // namespace churnwire
