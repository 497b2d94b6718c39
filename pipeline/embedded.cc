#include "pipeline/embedded.h"

#include "pipeline/topology.h"

namespace churnwire {

IoStatus start_embedded(EmbeddedBroker& broker, Config& config) {
  if (IoStatus started = broker.start(); !started.ok()) return started;
  for (const TopicPlan& plan : topic_plans(config)) {
    if (IoStatus created = broker.create_topic(plan.name, plan.partitions); !created.ok()) return created;
  }
  config.kafka.brokers = broker.address();
  config.kafka.delivery = Delivery::at_least_once;
  config.kafka.properties["fetch.wait.max.ms"] = "10";  // its Fetch is not woken by a Produce
  return IoStatus::success();
}

}  // namespace churnwire
