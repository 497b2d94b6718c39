"""What the end-to-end tests share: the broker script, the binary, and a reader that is not ours (confluent-kafka)."""
import collections
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CHURNWIRE_BIN", ROOT / "build/release/pipeline/churnwire"))
TOPICS = ("news.articles", "churn.signals", "churn.events", "churn.alerts", "news.articles.dlq")

Message = collections.namedtuple("Message", "partition offset key value headers")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def churnwire(*args, stdin=None, env=None, timeout=120):
    """Runs a verb to its end."""
    return subprocess.run([BINARY, *map(str, args)], input=stdin, capture_output=True, timeout=timeout,
                          env={**os.environ, **(env or {})}, check=False)


class Broker:
    """A real Apache Kafka broker in a folder of its own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.address = self._script("start").strip().splitlines()[-1]

    def _script(self, verb):
        done = subprocess.run([ROOT / "tests/kafka/broker", verb, "--dir", self.folder], capture_output=True, text=True,
                              timeout=300, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"broker {verb}: {done.stderr}")
        return done.stdout

    def stop(self):
        self._script("stop")

    def restart(self):
        self._script("restart")

    def create(self, name, partitions, **config):
        """A topic with settings of its own."""
        admin = AdminClient({"bootstrap.servers": self.address})
        for future in admin.create_topics([NewTopic(name, partitions, 1, config=config)]).values():
            future.result()

    def read(self, topic, isolation="read_committed"):
        """Every record of the topic that a reader of that isolation sees now."""
        consumer = confluent_kafka.Consumer({
            "bootstrap.servers": self.address, "group.id": "e2e-reader", "enable.auto.commit": False,
            "isolation.level": isolation, "enable.partition.eof": True, "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 20})
        partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
        consumer.assign([confluent_kafka.TopicPartition(topic, p, 0) for p in partitions])
        waiting, messages = set(partitions), []
        while waiting:
            message = consumer.poll(20)
            if message is None:
                raise RuntimeError(f"reading {topic}: nothing within 20 s, partitions {waiting} have not ended")
            if message.error() is None:
                messages.append(Message(message.partition(), message.offset(), message.key(), message.value(),
                                        message.headers() or []))
            elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                waiting.discard(message.partition())
            else:
                raise RuntimeError(message.error())
        consumer.close()
        return messages

    def producer(self, **settings):
        return confluent_kafka.Producer({"bootstrap.servers": self.address, "linger.ms": 5,
                                         "message.max.bytes": 30_000_000, **settings})

    def committed(self, group, topic):
        """Committed offset and end of each partition."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.address, "group.id": group})
        partitions = [confluent_kafka.TopicPartition(topic, p)
                      for p in consumer.list_topics(topic, timeout=20).topics[topic].partitions]
        offsets = {p.partition: max(p.offset, 0) for p in consumer.committed(partitions, timeout=20)}
        ends = {p.partition: consumer.get_watermark_offsets(p, timeout=20)[1] for p in partitions}
        consumer.close()
        return offsets, ends


class Daemon:
    """A `churnwire run` process."""

    def __init__(self, broker, instance, *args, **settings):
        self.port = free_port()
        self.log = tempfile.NamedTemporaryFile(prefix=f"churnwire-{instance}-", suffix=".log")
        self.env = {**os.environ, "CHURNWIRE_KAFKA_BROKERS": broker, "CHURNWIRE_INSTANCE": instance,
                    "CHURNWIRE_HTTP": f"127.0.0.1:{self.port}",
                    **{"CHURNWIRE_" + name.upper(): str(value) for name, value in settings.items()}}
        self.args = args
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([BINARY, "run", *self.args], env=self.env, stdout=subprocess.DEVNULL,
                                        stderr=self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self, timeout=40):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def status(self):
        return json.loads(self.get("/status"))

    def wait_ready(self, timeout=60):
        wait_for(lambda: self.status()["ready"], timeout, f"{self.args} to be ready", self.output)

    def output(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")[-4000:]


def wait_for(condition, timeout, what, detail=lambda: ""):
    """Polls `condition` until it holds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"waited {timeout} s for {what}\n{detail()}")


def wait_processed(broker, timeout=120, detail=lambda: ""):
    """Waits until both stages have committed everything that is in their inputs."""
    def done():
        for group, topic in (("churnwire-detect", "news.articles"), ("churnwire-correlate", "churn.signals")):
            offsets, ends = broker.committed(group, topic)
            # A marker at the end of a partition leaves the committed offset one behind for good.
            if any(ends[p] - offsets[p] > 0 and not only_markers(broker, topic, p, offsets[p], ends[p]) for p in ends):
                return False
        return True
    wait_for(done, timeout, "the stream to be processed", detail)


def only_markers(broker, topic, partition, begin, end):
    """True when no committed record stands in [begin, end)."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker.address, "group.id": "e2e-marker",
                                         "isolation.level": "read_committed", "enable.partition.eof": True,
                                         "fetch.wait.max.ms": 20})
    consumer.assign([confluent_kafka.TopicPartition(topic, partition, begin)])
    try:
        while True:
            message = consumer.poll(10)
            if message is None:
                return False
            if message.error() is None:
                return False
            if message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                return message.offset() >= end
    finally:
        consumer.close()


def send(broker, topic, values, keys=None, **settings):
    """Writes all values; raises when one is not taken."""
    producer = broker.producer(**settings)
    failures = []
    for i, value in enumerate(values):
        producer.produce(topic, value=value, key=keys[i] if keys else None,
                         on_delivery=lambda error, _: failures.append(error) if error else None)
        producer.poll(0)
    if producer.flush(60) or failures:
        raise RuntimeError(f"writing to {topic}: {failures[:1]}")
