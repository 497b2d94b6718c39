#include "operators/detector.h"

#include <fmt/core.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "operators/churn/assemble.h"
#include "operators/churn/context.h"
#include "operators/churn/features.h"
#include "operators/churn/lexicon.h"
#include "operators/churn/money.h"
#include "operators/churn/reading.h"
#include "operators/churn/roles.h"
#include "operators/churn/scorer.h"
#include "operators/document_reader.h"
#include "operators/entities/gate.h"

namespace churnwire {
namespace {

/// Further events of an article need this much, since most are the first one told again with other roles.
constexpr double kFurtherEventMin = 0.9;
constexpr std::size_t kSignalsMax = 16;
/// The best of many sentences is high by chance: a score must be the higher, the longer the article beyond
/// this many tokens.
constexpr double kUsualTokens = 280;
constexpr double kLengthPenalty = 2.2;

struct Language {
  Lexicon lexicon;
  Scorer scorer;
};

std::string ruleset_of(const DataFiles& files) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  for (const auto& [path, text] : files) {
    XXH3_64bits_update(&state, path.data(), path.size() + 1);
    XXH3_64bits_update(&state, text.data(), text.size());
  }
  return fmt::format("{:016x}", XXH3_64bits_digest(&state)).substr(0, 12);
}

}  // namespace

struct Knowledge::Tables {
  Catalog catalog;
  Gate gate;
  ReadingTables reading;
  MoneyTables money;
  std::map<std::string, Language, std::less<>> languages;
  std::string ruleset;

  const Language* language(std::string_view tag) const {
    const auto found = languages.find(tag);
    if (found != languages.end()) return &found->second;
    // Unsure: the first of the languages that there are, English.
    const auto english = languages.find("en");
    return tag == "und" && english != languages.end() ? &english->second : nullptr;
  }
};

Knowledge::Knowledge(Knowledge&&) noexcept = default;
Knowledge& Knowledge::operator=(Knowledge&&) noexcept = default;
Knowledge::~Knowledge() = default;
const Catalog& Knowledge::catalog() const {
  return tables_->catalog;
}
std::string_view Knowledge::ruleset() const {
  return tables_->ruleset;
}

std::expected<Knowledge, DataError> Knowledge::parse(const DataFiles& files) {
  auto catalog = Catalog::parse(files);
  if (!catalog) return std::unexpected(std::move(catalog.error()));
  auto gate = Gate::make(*catalog, files);
  if (!gate) return std::unexpected(std::move(gate.error()));
  auto reading = ReadingTables::parse(*catalog, files);
  if (!reading) return std::unexpected(std::move(reading.error()));
  auto money = MoneyTables::parse(files);
  if (!money) return std::unexpected(std::move(money.error()));
  std::map<std::string, Language, std::less<>> languages;
  for (const auto& [path, text] : files) {
    constexpr std::string_view kFolder = "lexicon/";
    const std::size_t slash = path.find('/', kFolder.size());
    if (!path.starts_with(kFolder) || slash == std::string::npos) continue;
    const std::string language = path.substr(kFolder.size(), slash - kFolder.size());
    if (languages.contains(language)) continue;
    auto lexicon = Lexicon::parse(files, language);
    if (!lexicon) return std::unexpected(std::move(lexicon.error()));
    auto scorer = Scorer::parse(files, language);
    if (!scorer) return std::unexpected(std::move(scorer.error()));
    languages.emplace(language, Language{std::move(*lexicon), std::move(*scorer)});
  }
  Knowledge knowledge;
  knowledge.tables_ =
      std::unique_ptr<const Tables>(new Tables{std::move(*catalog), std::move(*gate), std::move(*reading),
                                               std::move(*money), std::move(languages), ruleset_of(files)});
  return knowledge;
}

struct Detector::State {
  explicit State(const Knowledge::Tables& knowledge)
      : tables(knowledge), reader(knowledge.catalog, knowledge.reading) {}

  const Knowledge::Tables& tables;
  DocumentReader reader;
  std::map<const Language*, Reading> readings;  // buffers by language
  std::vector<Draft> drafts;
  std::vector<ScoredDraft> scored;
  std::vector<Signal> signals;

  const Language* read(const Article& article, Reading*& reading);
  void score(const Reading& reading, const Scorer& scorer, const Article& article,
             std::vector<std::vector<FeatureShare>>* shares);
  std::vector<Cluster> accepted(const Assembler& assembler, const Scorer& scorer) const;
  /// Who has a say in the roles of a cluster: every draft when the article tells of one event only.
  std::vector<RoleVoter> voters(const Cluster& cluster, bool only) const;
};

const Language* Detector::State::read(const Article& article, Reading*& reading) {
  const Document& document = reader.read(article);
  const Language* language = tables.language(document.language);
  if (language == nullptr) return nullptr;
  reading = &readings.try_emplace(language, tables.catalog, language->lexicon).first->second;
  reading->read(document);
  drafts.clear();
  RoleFinder(*reading).find(drafts);
  return language;
}

void Detector::State::score(const Reading& reading, const Scorer& scorer, const Article& article,
                            std::vector<std::vector<FeatureShare>>* shares) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(article.published_at));
  const ArticleProfile profile = profile_of(reading);
  const double length = static_cast<double>(reading.document().tokens.size()) / kUsualTokens;
  const double penalty = kLengthPenalty * std::log(std::max(1.0, length));
  scored.clear();
  for (const Draft& draft : drafts) {
    ScoredDraft row;
    row.draft = draft;
    row.context = context_of(reading, draft, static_cast<int>(date.year()));
    FeatureSum sum(scorer, shares != nullptr);
    add_features(reading, profile, draft, row.context, sum);
    row.score = sum.score() - penalty;
    row.probability = scorer.probability(row.score);
    scored.push_back(std::move(row));
    if (shares != nullptr) shares->push_back(sum.take());
  }
}

std::vector<Cluster> Detector::State::accepted(const Assembler& assembler, const Scorer& scorer) const {
  std::vector<Cluster> clusters = assembler.cluster(scored);
  std::vector<Cluster> kept;
  for (Cluster& cluster : clusters) {
    const double least = kept.empty() ? scorer.threshold() : std::max(scorer.threshold(), kFurtherEventMin);
    const Draft& draft = cluster.best().draft;
    const bool whole = !draft.losing.empty() && draft.losing.front().source <= RoleSource::sentence &&
                       draft.customer.kind != CustomerRole::Kind::none &&
                       draft.customer.source <= RoleSource::syntax;
    if (!kept.empty() && !whole) continue;
    if (cluster.best().probability >= least && kept.size() < kSignalsMax) kept.push_back(std::move(cluster));
  }
  return kept;
}

std::vector<RoleVoter> Detector::State::voters(const Cluster& cluster, bool only) const {
  std::vector<RoleVoter> voters;
  for (const ScoredDraft* draft : cluster.drafts) voters.push_back({&draft->draft, draft->probability});
  for (const ScoredDraft& draft : scored) {
    const bool told = std::ranges::find(cluster.drafts, &draft) != cluster.drafts.end();
    if (only && !told) voters.push_back({&draft.draft, draft.probability});
  }
  return voters;
}

Detector::Detector(const Knowledge& knowledge) : state_(std::make_unique<State>(*knowledge.tables_)) {}
Detector::~Detector() = default;

DetectOutcome Detector::detect(const Article& article) {
  State& state = *state_;
  state.signals.clear();
  if (!state.tables.gate.passes(article.title, article.body)) return DetectOutcome::gated_out;
  Reading* reading = nullptr;
  const Language* language = state.read(article, reading);
  if (language == nullptr || state.drafts.empty()) return DetectOutcome::no_signal;
  state.score(*reading, language->scorer, article, nullptr);
  const Assembler assembler(*reading, state.tables.money, state.reader, article, state.tables.ruleset);
  const std::vector<Cluster> accepted = state.accepted(assembler, language->scorer);
  for (const Cluster& cluster : accepted) {
    state.signals.push_back(
        assembler.assemble(cluster, state.voters(cluster, accepted.size() == 1), state.signals.size()));
  }
  return state.signals.empty() ? DetectOutcome::no_signal : DetectOutcome::signalled;
}

std::span<const Signal> Detector::signals() const {
  return state_->signals;
}

std::vector<Candidate> Detector::explain(const Article& article) {
  State& state = *state_;
  std::vector<Candidate> candidates;
  Reading* reading = nullptr;
  const Language* language = state.read(article, reading);
  if (language == nullptr) return candidates;
  std::vector<std::vector<FeatureShare>> shares;
  state.score(*reading, language->scorer, article, &shares);
  const Assembler assembler(*reading, state.tables.money, state.reader, article, state.tables.ruleset);
  const std::vector<Cluster> accepted = state.accepted(assembler, language->scorer);
  for (std::size_t i = 0; i < state.scored.size(); ++i) {
    const ScoredDraft& draft = state.scored[i];
    Candidate candidate;
    const auto home = std::ranges::find_if(accepted, [&](const Cluster& c) { return &c.best() == &draft; });
    candidate.accepted = home != accepted.end();
    const Cluster alone{{&draft}};
    const auto ordinal = static_cast<std::size_t>(home - accepted.begin());
    const Cluster& cluster = candidate.accepted ? *home : alone;
    candidate.signal =
        assembler.assemble(cluster, state.voters(cluster, candidate.accepted && accepted.size() == 1),
                           candidate.accepted ? ordinal : 0);
    const bool told = std::ranges::any_of(
        accepted, [&](const Cluster& c) { return std::ranges::find(c.drafts, &draft) != c.drafts.end(); });
    if (!candidate.accepted) {
      candidate.rejected_because =
          told ? "part of a signal that another sentence carries better"
               : fmt::format("probability {:.2f} is below {:.2f}", draft.probability,
                             accepted.empty() ? language->scorer.threshold() : kFurtherEventMin);
    }
    candidate.score = draft.score;
    candidate.features = std::move(shares[i]);
    candidates.push_back(std::move(candidate));
  }
  std::ranges::sort(candidates, {}, [](const Candidate& c) {
    const Evidence& first = c.signal.evidence.front();
    return std::tuple(!c.accepted, -c.score, first.begin, first.rule);
  });
  return candidates;
}

}  // namespace churnwire
