# A file terraform.tfvars says what it is for (docs/quickstart-aws.md); then: terraform init && terraform apply
variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "domain" {
  description = "What mail is sent from."
  type        = string
}

variable "public_url" {
  description = "Set it once the nodes run, and apply again."
  type        = string
  default     = null
}

variable "alarm_email" {
  description = "Who is told when the reputation suffers. They have to confirm a mail from AWS."
  type        = string
  default     = null
}

provider "aws" {
  region = var.region
}

resource "aws_sns_topic" "alarms" {
  count = var.alarm_email == null ? 0 : 1
  name  = "sluice-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  count     = var.alarm_email == null ? 0 : 1
  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

module "sluice" {
  source = "../"

  identities    = { (var.domain) = {} }
  public_url    = var.public_url
  create_user   = true
  alarm_actions = aws_sns_topic.alarms[*].arn
}

output "accounts_yaml" {
  value = module.sluice.accounts_yaml
}

output "dns_records" {
  value = module.sluice.dns_records
}

output "user_name" {
  value = module.sluice.user_name
}

output "instance_profile" {
  value = module.sluice.instance_profile
}

output "role_arn" {
  value = module.sluice.role_arn
}
