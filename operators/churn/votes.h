#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "operators/churn/reading.h"
#include "operators/churn/roles.h"

namespace churnwire {

/// A draft's say in who plays which role: its probability.
struct RoleVoter {
  const Draft* draft = nullptr;
  double weight = 0;
};

/// The roles of one event as its sentences agree on them. Each sentence votes with its probability, more
/// where it names the role by a preposition or in a slot than where it only guessed it from another sentence.
struct AgreedRoles {
  std::vector<std::uint32_t> losing;  // indices into Catalog::providers(), the most certain first
  std::vector<std::uint32_t> gaining;
  const Draft* customer = nullptr;  // the draft whose customer won; null: none has one
};
AgreedRoles agree_on_roles(const Reading& reading, std::span<const RoleVoter> voters);

}  // namespace churnwire
