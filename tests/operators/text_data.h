#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "operators/data_files.h"

namespace churnwire::testing_data {

/// The project's own data files.
inline DataFiles project_data() {
  DataFiles files;
  const std::filesystem::path root = std::filesystem::path(CHURNWIRE_SOURCE_DIR) / "operators" / "data";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    files[std::filesystem::relative(entry.path(), root).generic_string()] = content.str();
  }
  return files;
}

/// A small catalog for tests; the other data files are the project's own.
inline DataFiles small_catalog() {
  DataFiles files = project_data();
  files["catalog/providers.tsv"] =
      "# id\tname\tclass\tfamily\towner\tflags\n"
      "aws\tAmazon Web Services\thyperscaler\t\tamazon\t\n"
      "azure\tMicrosoft Azure\thyperscaler\t\tmicrosoft\t\n"
      "google-cloud\tGoogle Cloud\thyperscaler\t\t\t\n"
      "alibaba-cloud\tAlibaba Cloud\thyperscaler\t\talibaba\t\n"
      "oracle-cloud\tOracle Cloud\thyperscaler\t\toracle\t\n"
      "microsoft-365\tMicrosoft 365\thyperscaler\tazure\tmicrosoft\t\n"
      "fastly\tFastly\tcdn\t\t\tcdn\n"
      "render\tRender\tpaas\t\t\t\n"
      "lambda\tLambda\tgpu\t\t\t\n"
      "open-telekom\tOpen Telekom Cloud\tsovereign\t\t\t\n"
      "volcano\tVolcano Engine\thyperscaler\t\tbytedance\t\n"
      "self-hosted\tself-hosted\town\t\t\t\n";
  files["catalog/provider_aliases.tsv"] =
      "aws\tAWS\tstrong\texact\n"
      "aws\tAmazon\tweak\texact\n"
      "aws\tS3\tproduct\texact\n"
      "aws\tJeff Bezos's cloud arm\tdescription\tany\n"
      "aws\t亚马逊云科技\tstrong\tany\n"
      "azure\tAzure\tstrong\texact\n"
      "azure\tMicrosoft\tweak\texact\n"
      "alibaba-cloud\tAliyun\tstrong\tany\n"
      "alibaba-cloud\t阿里云\tstrong\tany\n"
      "alibaba-cloud\tアリババクラウド\tstrong\tany\n"
      "oracle-cloud\tOracle\tweak\texact\n"
      "render\tRender\tweak\texact\n"
      "lambda\tLambda\tweak\texact\n"
      "open-telekom\tT-Systems\tstrong\tany\n";
  files["catalog/companies.tsv"] =
      "bytedance\tByteDance\t\tCN\tinternet,short-video\n"
      "tiktok\tTikTok\tbytedance\tCN\tinternet\n"
      "amazon\tAmazon\t\tUS\tretail\n"
      "microsoft\tMicrosoft\t\tUS\tsoftware\n"
      "oracle\tOracle\t\tUS\tsoftware\n"
      "alibaba\tAlibaba\t\tCN\tretail\n"
      "yahoo\tYahoo!\t\tUS\tinternet\n"
      "att\tAT&T\t\tUS\ttelecoms\n"
      "monzo\tMonzo\t\tGB\tbank\n"
      "37signals\t37signals\t\tUS\tsoftware\n";
  files["catalog/company_aliases.tsv"] =
      "bytedance\tthe TikTok owner\tdescription\tany\n"
      "bytedance\t字节跳动\tstrong\tany\n"
      "monzo\tmonzo\tstrong\tany\n";
  files["catalog/blockers.tsv"] =
      "Lambda function\ta product\n网易云音乐\ta music app\nAmazon rainforest\ta forest\n";
  files["catalog/licences.tsv"] = "cloud\nhosting\nservers\nworkloads\ndata centre\n云\nクラウド\n";
  return files;
}

}  // namespace churnwire::testing_data
