// Owns the list itself; see the header. Sources: object_store's AmazonS3ConfigKey, AzureConfigKey, GoogleConfigKey and
// ClientConfigKey; delta-rs's constants of its S3 store.
#include "stores/option_names.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "base/error.h"

namespace deltic {
namespace {

struct OptionName {
  std::string_view name;
  OptionUse use = OptionUse::kUsed;
};

constexpr OptionUse kIgnored = OptionUse::kIgnored;

constexpr OptionName kNames[] = {
    // Every store.
    {"allow_http"},
    {"allow_invalid_certificates"},
    {"ca_certificate"},
    {"ssl_cert_file"},
    {"connect_timeout"},
    {"timeout"},
    {"read_timeout"},
    {"proxy_url"},
    {"proxy_ca_certificate"},
    {"proxy_excludes"},
    {"user_agent"},
    {"max_retries"},
    {"retry_timeout"},
    {"backoff_config.init_backoff"},
    {"backoff_config.max_backoff"},
    {"backoff_config.base", kIgnored},
    {"default_content_type", kIgnored},
    {"http1_only", kIgnored},
    {"http2_only", kIgnored},
    {"http2_keep_alive_interval", kIgnored},
    {"http2_keep_alive_timeout", kIgnored},
    {"http2_keep_alive_while_idle", kIgnored},
    {"http2_max_frame_size", kIgnored},
    {"pool_idle_timeout", kIgnored},
    {"pool_max_idle_per_host", kIgnored},
    {"randomize_addresses", kIgnored},
    {"object_store_concurrency_limit", kIgnored},
    {"skip_signature"},
    {"endpoint"},
    {"token"},
    {"bearer_token"},
    {"bucket", kIgnored},
    {"bucket_name", kIgnored},
    {"disable_tagging", kIgnored},
    // S3.
    {"aws_access_key_id"},
    {"access_key_id"},
    {"aws_secret_access_key"},
    {"secret_access_key"},
    {"aws_session_token"},
    {"aws_token"},
    {"session_token"},
    {"aws_region"},
    {"region"},
    {"aws_default_region"},
    {"default_region"},
    {"aws_endpoint_url_s3"},
    {"aws_endpoint_url"},
    {"aws_endpoint"},
    {"endpoint_url"},
    {"aws_virtual_hosted_style_request"},
    {"virtual_hosted_style_request"},
    {"aws_profile"},
    {"aws_shared_credentials_file"},
    {"aws_config_file"},
    {"aws_web_identity_token_file"},
    {"web_identity_token_file"},
    {"aws_role_arn"},
    {"role_arn"},
    {"aws_role_session_name"},
    {"role_session_name"},
    {"aws_iam_role_arn"},
    {"iam_role_arn"},
    {"aws_s3_assume_role_arn"},
    {"aws_iam_role_session_name"},
    {"iam_role_session_name"},
    {"aws_s3_role_session_name"},
    {"aws_endpoint_url_sts"},
    {"endpoint_url_sts"},
    {"aws_region_sts"},
    {"aws_container_credentials_relative_uri"},
    {"container_credentials_relative_uri"},
    {"aws_container_credentials_full_uri"},
    {"container_credentials_full_uri"},
    {"aws_container_authorization_token_file"},
    {"container_authorization_token_file"},
    {"aws_metadata_endpoint"},
    {"metadata_endpoint"},
    {"aws_ec2_metadata_disabled"},
    {"aws_imdsv1_fallback", kIgnored},
    {"imdsv1_fallback", kIgnored},
    {"aws_skip_signature"},
    {"aws_unsigned_payload"},
    {"unsigned_payload"},
    {"aws_request_payer"},
    {"request_payer"},
    {"aws_server_side_encryption"},
    {"server_side_encryption"},
    {"aws_sse_kms_key_id"},
    {"sse_kms_key_id"},
    {"aws_sse_bucket_key_enabled"},
    {"sse_bucket_key_enabled"},
    {"aws_sse_customer_key_base64"},
    {"sse_customer_key_base64"},
    {"aws_conditional_put"},
    {"conditional_put"},
    {"aws_allow_http"},
    {"aws_ca_bundle"},
    {"aws_s3_locking_provider"},
    {"delta_dynamo_table_name"},
    {"delta_dynamo_billing_mode"},
    {"delta_dynamo_max_elapsed_request_time"},
    {"aws_endpoint_url_dynamodb"},
    {"aws_region_dynamodb"},
    {"aws_access_key_id_dynamodb"},
    {"aws_secret_access_key_dynamodb"},
    {"aws_session_token_dynamodb"},
    {"aws_s3_allow_unsafe_rename", kIgnored},
    {"allow_unsafe_rename", kIgnored},
    {"mount_allow_unsafe_rename", kIgnored},
    {"aws_s3_express", kIgnored},
    {"s3_express", kIgnored},
    {"aws_copy_if_not_exists", kIgnored},
    {"copy_if_not_exists", kIgnored},
    {"aws_checksum_algorithm", kIgnored},
    {"checksum_algorithm", kIgnored},
    {"aws_disable_tagging", kIgnored},
    {"aws_bucket", kIgnored},
    {"aws_bucket_name", kIgnored},
    {"aws_s3_addressing_style", kIgnored},
    {"aws_force_credential_load", kIgnored},
    {"aws_s3_pool_idle_timeout_seconds", kIgnored},
    {"aws_sts_pool_idle_timeout_seconds", kIgnored},
    {"aws_s3_get_internal_server_error_retries", kIgnored},
    {"delta_dynamo_read_capacity_units", kIgnored},
    {"delta_dynamo_write_capacity_units", kIgnored},
    {"max_elapsed_request_time", kIgnored},
    // Azure.
    {"azure_storage_account_name"},
    {"account_name"},
    {"azure_storage_account_key"},
    {"azure_storage_access_key"},
    {"azure_storage_master_key"},
    {"account_key"},
    {"access_key"},
    {"master_key"},
    {"azure_storage_sas_key"},
    {"azure_storage_sas_token"},
    {"sas_key"},
    {"sas_token"},
    {"azure_storage_token"},
    {"azure_storage_client_id"},
    {"azure_client_id"},
    {"client_id"},
    {"azure_storage_client_secret"},
    {"azure_client_secret"},
    {"client_secret"},
    {"azure_storage_tenant_id"},
    {"azure_storage_authority_id"},
    {"azure_tenant_id"},
    {"azure_authority_id"},
    {"tenant_id"},
    {"authority_id"},
    {"azure_storage_authority_host"},
    {"azure_authority_host"},
    {"authority_host"},
    {"azure_federated_token_file"},
    {"federated_token_file"},
    {"azure_msi_endpoint"},
    {"azure_identity_endpoint"},
    {"identity_endpoint"},
    {"msi_endpoint"},
    {"azure_object_id", kIgnored},
    {"object_id", kIgnored},
    {"azure_msi_resource_id", kIgnored},
    {"msi_resource_id", kIgnored},
    {"azure_storage_endpoint"},
    {"azure_endpoint"},
    {"azure_storage_use_emulator"},
    {"azure_use_azurite"},
    {"object_store_use_emulator"},
    {"use_emulator"},
    {"azurite_blob_storage_url"},
    {"azure_skip_signature"},
    {"azure_allow_http"},
    {"azure_use_azure_cli", kIgnored},
    {"use_azure_cli", kIgnored},
    {"azure_use_fabric_endpoint", kIgnored},
    {"use_fabric_endpoint", kIgnored},
    {"azure_fabric_token_service_url", kIgnored},
    {"fabric_token_service_url", kIgnored},
    {"azure_fabric_workload_host", kIgnored},
    {"fabric_workload_host", kIgnored},
    {"azure_fabric_session_token", kIgnored},
    {"fabric_session_token", kIgnored},
    {"azure_fabric_cluster_identifier", kIgnored},
    {"fabric_cluster_identifier", kIgnored},
    {"azure_container_name", kIgnored},
    {"container_name", kIgnored},
    {"azure_disable_tagging", kIgnored},
    // Google Cloud.
    {"google_service_account"},
    {"google_service_account_path"},
    {"service_account"},
    {"service_account_path"},
    {"google_service_account_key"},
    {"service_account_key"},
    {"google_application_credentials"},
    {"application_credentials"},
    {"google_bearer_token"},
    {"google_skip_signature"},
    {"gcs_skip_signature"},
    {"google_base_url"},
    {"gcs_base_url"},
    {"base_url"},
    {"google_allow_http"},
    {"gcs_allow_http"},
    {"google_user_project"},
    {"user_project"},
    {"google_bucket", kIgnored},
    {"google_bucket_name", kIgnored},
    // HDFS.
    {"hdfs_user"},
    {"webhdfs_user"},
    {"user_name"},
    {"delegation"},
    {"delegation_token"},
    {"hadoop_user_name"},
    {"hadoop_conf_dir"},
    {"hdfs_endpoint"},
    {"webhdfs_endpoint"},
    {"hdfs_http_port"},
    {"webhdfs_port"},
    {"hdfs_delegation_token"},
    {"webhdfs_delegation_token"},
    {"hdfs_kerberos"},
    {"webhdfs_kerberos"},
    {"hdfs_basic_user"},
    {"webhdfs_basic_user"},
    {"hdfs_basic_password"},
    {"webhdfs_basic_password"},
    {"hdfs_replication"},
    {"hdfs_block_size"},
    {"hdfs_permission"},
};

// Letters to add, take away or change, up to 3; two neighbours in the wrong order count as 2.
int Distance(std::string_view a, std::string_view b) {
  constexpr int kFar = 3;
  if (a.size() > b.size() + kFar || b.size() > a.size() + kFar) return kFar;
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return std::min(row[b.size()], kFar);
}

// A short name is near too much: it must be nearer.
int MostLetters(std::string_view name) { return name.size() < 8 ? 1 : 2; }

}  // namespace

std::optional<OptionUse> UseOfOption(std::string_view name) {
  const std::string lower = AsciiLower(name);
  for (const OptionName& known : kNames) {
    if (known.name == lower) return known.use;
  }
  return std::nullopt;
}

std::vector<std::string> WarnOfOptions(const std::map<std::string, std::string>& options) {
  std::vector<std::string> warnings;
  for (const auto& [name, value] : options) {
    if (name.size() < 4 || UseOfOption(name)) continue;
    std::string lower = AsciiLower(name);
    std::replace(lower.begin(), lower.end(), '-', '_');
    std::string_view nearest;
    int least = MostLetters(lower) + 1;
    for (const OptionName& known : kNames) {
      const int distance = Distance(lower, known.name);
      if (distance >= least) continue;
      least = distance;
      nearest = known.name;
    }
    if (nearest.empty()) continue;
    warnings.push_back(
        fmt::format("the storage option {} is not known and changes nothing: is {} meant?", name, nearest));
  }
  return warnings;
}

std::vector<std::string> KnownOptions() {
  std::vector<std::string> names;
  for (const OptionName& known : kNames) names.emplace_back(known.name);
  return names;
}

}  // namespace deltic
