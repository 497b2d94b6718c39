#include "operators/churn/votes.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace churnwire {
namespace {

// By RoleSource: none, slot, preposition, syntax, coordination, sentence, context, title.
constexpr std::array kSourceWeight{0.0, 1.0, 1.0, 0.7, 0.8, 0.35, 0.2, 0.2};
constexpr double kAlsoLosing = 0.55;  // of the first loser's votes
constexpr double kAlsoGaining = 0.3;

double weight_of(RoleSource source) {
  return kSourceWeight[static_cast<std::size_t>(source)];
}

struct Votes {
  double losing = 0;
  double gaining = 0;
};

}  // namespace

AgreedRoles agree_on_roles(const Reading& reading, std::span<const RoleVoter> voters) {
  const Document& document = reading.document();
  std::map<std::uint32_t, Votes> providers;
  using PartyKey = std::pair<int, std::uint32_t>;  // kind and entity; unnamed parties are one
  std::map<PartyKey, std::pair<double, const RoleVoter*>> parties;
  for (const RoleVoter& voter : voters) {
    const Draft& draft = *voter.draft;
    const double weight = voter.weight * (draft.match.rule == reading.lexicon().mention_rule() ? 0.4 : 1.0);
    for (const ProviderRole& role : draft.losing)
      providers[document.mentions[role.mention].entity].losing += weight * weight_of(role.source);
    for (const ProviderRole& role : draft.gaining)
      providers[document.mentions[role.mention].entity].gaining += weight * weight_of(role.source);
    const CustomerRole& customer = draft.customer;
    if (customer.kind == CustomerRole::Kind::none) continue;
    PartyKey key{-1, 0};
    double vote = 0.7 * weight * weight_of(customer.source);
    if (customer.kind == CustomerRole::Kind::named) {
      const Mention& mention = document.mentions[static_cast<std::size_t>(customer.mention)];
      key = {static_cast<int>(mention.kind), mention.entity};
      if (mention.kind == MentionKind::company)
        key.second = reading.catalog().companies()[mention.entity].group;
      vote = weight * weight_of(customer.source);
    }
    auto& [sum, best] = parties[key];
    sum += vote;
    if (best == nullptr || voter.weight > best->weight) best = &voter;
  }

  AgreedRoles roles;
  std::vector<std::pair<double, std::uint32_t>> losing;
  std::vector<std::pair<double, std::uint32_t>> gaining;
  for (const auto& [provider, votes] : providers) {
    if (votes.losing >= votes.gaining && votes.losing > 0) losing.emplace_back(-votes.losing, provider);
    if (votes.gaining > votes.losing) gaining.emplace_back(-votes.gaining, provider);
  }
  std::ranges::sort(losing);
  std::ranges::sort(gaining);
  const auto family = [&](std::uint32_t provider) { return reading.catalog().providers()[provider].family; };
  for (const auto& [votes, provider] : losing) {
    if (votes <= kAlsoLosing * losing.front().first) roles.losing.push_back(provider);
  }
  for (const auto& [votes, provider] : gaining) {
    const bool loses =
        std::ranges::any_of(roles.losing, [&](std::uint32_t l) { return family(l) == family(provider); });
    if (!loses && votes <= kAlsoGaining * gaining.front().first) roles.gaining.push_back(provider);
  }
  double most = 0;
  for (const auto& [key, party] : parties) {
    if (party.first <= most) continue;
    most = party.first;
    roles.customer = party.second->draft;
  }
  return roles;
}

}  // namespace churnwire
