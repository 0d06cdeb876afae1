data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name

  # What `sluice doctor` wants (docs/feedback.md).
  event_types = concat(
    ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY", "RENDERING_FAILURE"],
    var.track_opens_and_clicks ? ["OPEN", "CLICK"] : [],
  )

  # Written out, because the topic's policy is made before the set.
  configuration_set_arn = "arn:${local.partition}:ses:${local.region}:${local.account}:configuration-set/${var.name}"
  ses_arn               = "arn:${local.partition}:ses:${local.region}:${local.account}"
}
