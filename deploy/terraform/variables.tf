variable "name" {
  description = "Name of the configuration set, the topic, the queue and the policy."
  type        = string
  default     = "sluice"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,48}$", var.name))
    error_message = "The name must be 1 to 48 letters, digits, hyphens or underscores."
  }
}

variable "account_name" {
  description = "What Sluice calls this SES account: `accounts[].name`, and the last part of the path /feedback/sns/NAME."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9_-]{0,62}$", var.account_name))
    error_message = "The account's name must be lower-case letters, digits, hyphens or underscores."
  }
}

variable "public_url" {
  description = "Where the nodes' public listener is reached (https://send.example.com). Null until they run: SNS wants its subscription confirmed at once. With a queue it may stay null."
  type        = string
  default     = null

  validation {
    condition     = var.public_url == null || can(regex("^https://[^/]+$", var.public_url))
    error_message = "public_url must be https://HOST, without a path and without a slash at the end."
  }
}

variable "create_queue" {
  description = "Whether events also go to an SQS queue, which keeps them fourteen days while nobody fetches them."
  type        = bool
  default     = true
}

variable "identities" {
  description = "Domains that mail is sent from. `mail_from` is the subdomain that bounces return to (empty: Amazon's own domain), `dmarc` the policy record (empty: none)."
  type = map(object({
    mail_from = optional(string, "bounce")
    dmarc     = optional(string, "v=DMARC1; p=none")
  }))
  default = {}
}

variable "route53_zones" {
  description = "Of the identities those whose records are made in Route 53: domain to the id of its zone. The others' are in the output dns_records."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.route53_zones), keys(var.identities))) == 0
    error_message = "route53_zones names a domain that is none of the identities."
  }
}

variable "tls_policy" {
  description = "REQUIRE: mail goes out over TLS or not at all. OPTIONAL: without TLS where the receiver has none."
  type        = string
  default     = "REQUIRE"

  validation {
    condition     = contains(["REQUIRE", "OPTIONAL"], var.tls_policy)
    error_message = "tls_policy must be REQUIRE or OPTIONAL."
  }
}

variable "track_opens_and_clicks" {
  description = "Whether SES puts a pixel into HTML mail and rewrites its links, and reports opens and clicks."
  type        = bool
  default     = false
}

variable "create_role" {
  description = "Whether to make a role for the nodes."
  type        = bool
  default     = true
}

variable "role_trust_policy" {
  description = "Who may take the role, as a JSON policy. Null: EC2 instances, for which an instance profile is made, too."
  type        = string
  default     = null
}

variable "create_user" {
  description = "Whether to make an IAM user, for nodes outside AWS. Its access key is not made here, because it would stand in the state: `aws iam create-access-key --user-name NAME`."
  type        = bool
  default     = false
}

variable "may_register_identities" {
  description = "Whether nodes may register senders with SES (POST /admin/accounts/NAME/identities)."
  type        = bool
  default     = false
}

variable "may_mirror_suppressions" {
  description = "Whether nodes may write SES's own suppression list (`mirror_suppressions: true`)."
  type        = bool
  default     = false
}

variable "foreign_identity_arns" {
  description = "Identities of other AWS accounts that authorise this one (`senders[].identity_arn`)."
  type        = list(string)
  default     = []
}

variable "create_kms_key" {
  description = "Whether to make a KMS key that bodies and webhook secrets are sealed under (`encryption: {kms: ...}`)."
  type        = bool
  default     = false
}

variable "kms_key_arn" {
  description = "A KMS key of your own instead."
  type        = string
  default     = null

  validation {
    condition     = !(var.create_kms_key && var.kms_key_arn != null)
    error_message = "Name a key with kms_key_arn, or make one with create_kms_key, but not both."
  }
}

variable "former_kms_key_arns" {
  description = "KMS keys that bodies were sealed under before: nodes may still open with them, not seal."
  type        = list(string)
  default     = []
}

variable "assume_role_arns" {
  description = "Roles that the nodes take for other SES accounts (`accounts[].credentials.role_arn`). Their trust policy has to name the nodes' role or user, too."
  type        = list(string)
  default     = []
}

variable "alarm_actions" {
  description = "What the CloudWatch alarms do: ARNs, such as that of an SNS topic that somebody reads. Empty: no alarms are made."
  type        = list(string)
  default     = []
}

variable "alarm_bounce_rate" {
  description = "Bounces per mail that raise an alarm. SES reviews an account at 0.05 and may pause it at 0.10."
  type        = number
  default     = 0.03
}

variable "alarm_complaint_rate" {
  description = "Complaints per mail that raise an alarm. SES reviews an account at 0.001 and may pause it at 0.005."
  type        = number
  default     = 0.0008
}

variable "tags" {
  description = "Tags for all of it."
  type        = map(string)
  default     = {}
}
