#include "operators/churn/reading.h"

#include <algorithm>

namespace churnwire {

void Reading::read(const Document& document) {
  document_ = &document;
  sentence_count_ = std::min(document.sentences.size(), kSentencesMax);
  words_.clear();
  for (std::uint32_t i = 0; i < document.tokens.size(); ++i)
    words_.push_back(lexicon_.word(document.token_lower(i)));
  mention_at_.assign(document.tokens.size(), -1);
  mention_over_.assign(document.tokens.size(), -1);
  for (std::uint32_t i = 0; i < document.mentions.size(); ++i) {
    const Mention& mention = document.mentions[i];
    if (mention.kind == MentionKind::blocker) continue;
    mention_at_[mention.first_token] = static_cast<std::int32_t>(i);
    for (std::uint32_t t = mention.first_token; t < mention.last_token; ++t)
      mention_over_[t] = static_cast<std::int32_t>(i);
  }
  matches_.clear();
  matches_begin_.assign(1, 0);
  mention_order_.clear();
  mentions_begin_.assign(1, 0);
  std::uint32_t next = 0;
  for (std::size_t s = 0; s < sentence_count_; ++s) {
    const Sentence& sentence = document.sentences[s];
    lexicon_.match(document, sentence, words_, mention_at_, matches_);
    matches_begin_.push_back(matches_.size());
    for (; next < document.mentions.size() && document.mentions[next].first_token < sentence.last_token;
         ++next) {
      if (document.mentions[next].kind != MentionKind::blocker) mention_order_.push_back(next);
    }
    mentions_begin_.push_back(mention_order_.size());
  }
}

std::span<const RuleMatch> Reading::matches(std::size_t sentence) const {
  return std::span(matches_).subspan(matches_begin_[sentence],
                                     matches_begin_[sentence + 1] - matches_begin_[sentence]);
}

std::span<const std::uint32_t> Reading::mentions(std::size_t sentence) const {
  return std::span(mention_order_)
      .subspan(mentions_begin_[sentence], mentions_begin_[sentence + 1] - mentions_begin_[sentence]);
}

bool Reading::has_cue(std::size_t sentence, std::string_view cls, std::uint32_t first,
                      std::uint32_t last) const {
  return std::ranges::any_of(matches(sentence), [&](const RuleMatch& match) {
    return match.first >= first && match.last <= last && rule(match).kind == RuleKind::cue &&
           rule(match).type == cls;
  });
}

bool Reading::has_cue_at(std::string_view cls, std::uint32_t token) const {
  const auto at = std::ranges::lower_bound(matches_, token, {}, &RuleMatch::first);
  for (auto match = at; match != matches_.end() && match->first == token; ++match) {
    if (rule(*match).kind == RuleKind::cue && rule(*match).type == cls) return true;
  }
  return false;
}

bool Reading::owns_provider(std::uint32_t company) const {
  return std::ranges::any_of(document_->mentions, [&](const Mention& mention) {
    return mention.kind == MentionKind::provider && catalog_.same_group(company, mention.entity);
  });
}

bool Reading::has_cue(std::size_t sentence, std::string_view cls) const {
  const Sentence& s = this->sentence(sentence);
  return has_cue(sentence, cls, s.first_token, s.last_token);
}

}  // namespace churnwire
