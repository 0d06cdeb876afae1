output "accounts_yaml" {
  description = "The account, as `sluice apply` takes it: terraform output -raw accounts_yaml > accounts.yaml. Add shares and tenants."
  value = templatefile("${path.module}/accounts.yaml.tftpl", {
    name              = var.account_name
    region            = local.region
    configuration_set = aws_sesv2_configuration_set.this.configuration_set_name
    topic             = aws_sns_topic.this.arn
    queue             = one(aws_sqs_queue.this[*].url)
    mirror            = var.may_mirror_suppressions
  })

  depends_on = [
    aws_sesv2_configuration_set_event_destination.this,
    aws_sns_topic_subscription.queue,
  ]
}

output "encryption_yaml" {
  description = "The line for /etc/sluice/sluice.yaml that seals under the KMS key; empty without one."
  value       = local.kms_key_arn == null ? "" : "encryption: {kms: {key: \"${local.kms_key_arn}\"}}\n"
}

output "dns_records" {
  description = "What must stand in DNS; also made where `route53_zones` names the zone."
  value       = [for key in sort(keys(local.records)) : local.records[key]]
}

output "configuration_set" {
  value = aws_sesv2_configuration_set.this.configuration_set_name
}

output "topic_arn" {
  value = aws_sns_topic.this.arn
}

output "queue_url" {
  value = one(aws_sqs_queue.this[*].url)
}

output "dead_letter_queue_url" {
  value = aws_sqs_queue.dead.url
}

output "policy_arn" {
  value = aws_iam_policy.node.arn
}

output "role_arn" {
  value = one(aws_iam_role.node[*].arn)
}

output "instance_profile" {
  value = one(aws_iam_instance_profile.node[*].name)
}

output "user_name" {
  value = one(aws_iam_user.node[*].name)
}

output "kms_key_arn" {
  value = local.kms_key_arn
}
