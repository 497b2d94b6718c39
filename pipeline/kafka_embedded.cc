#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "pipeline/kafka_admin.h"
#include "pipeline/kafka_internal.h"

namespace churnwire {

struct EmbeddedBroker::State {
  kafka::Handle client;  // lends its thread to the cluster
  rd_kafka_mock_cluster_t* cluster = nullptr;

  ~State() {
    if (cluster != nullptr) rd_kafka_mock_cluster_destroy(cluster);
  }
};

EmbeddedBroker::EmbeddedBroker() : state_(std::make_unique<State>()) {}
EmbeddedBroker::~EmbeddedBroker() = default;

IoStatus EmbeddedBroker::start() {
  kafka::Configuration conf(KafkaSettings{});
  if (IoStatus made = conf.make(RD_KAFKA_PRODUCER, state_->client); !made.ok()) return made;
  state_->cluster = rd_kafka_mock_cluster_new(state_->client.get(), 1);
  if (state_->cluster == nullptr) return {IoCode::fatal, "the embedded broker cannot start"};
  return IoStatus::success();
}

IoStatus EmbeddedBroker::create_topic(const std::string& name, int partitions) {
  const rd_kafka_resp_err_t error = rd_kafka_mock_topic_create(state_->cluster, name.c_str(), partitions, 1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return IoStatus::success();
  return {IoCode::fatal, kafka::text_of("embedded broker: topic " + name, error)};
}

std::string EmbeddedBroker::address() const {
  return rd_kafka_mock_cluster_bootstraps(state_->cluster);
}

}  // namespace churnwire
