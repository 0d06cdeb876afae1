# `terraform test`: what the module would make, with an AWS that is made up.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:sluice-feedback" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:123456789012:sluice-feedback"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/sluice-feedback"
    }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/sluice" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
  mock_resource "aws_sesv2_email_identity" {
    defaults = {
      dkim_signing_attributes = { tokens = ["one", "two", "three"] }
    }
  }
}

run "nothing_but_a_queue" {
  assert {
    condition     = length(aws_sns_topic_subscription.https) == 0 && length(aws_sns_topic_subscription.queue) == 1
    error_message = "without public_url there is the queue alone"
  }
  assert {
    condition     = aws_sns_topic.this.signature_version == 2
    error_message = "notifications are signed with SHA-256"
  }
  assert {
    condition = toset(aws_sesv2_configuration_set_event_destination.this.event_destination[0].matching_event_types) == toset([
      "SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY", "RENDERING_FAILURE",
    ])
    error_message = "all that a status is made of is published"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.reputation) + length(aws_cloudwatch_metric_alarm.dead) == 0
    error_message = "without anybody to tell there are no alarms"
  }
  assert {
    condition     = length(aws_iam_user.node) == 0 && length(aws_kms_key.this) == 0 && output.encryption_yaml == ""
    error_message = "neither a user nor a key is made unasked"
  }
  assert {
    condition     = yamldecode(output.accounts_yaml).accounts[0].sns_topics[0] == output.topic_arn
    error_message = "the account's document names the topic"
  }
}

run "https_without_a_queue" {
  variables {
    public_url   = "https://send.example.com"
    create_queue = false
    account_name = "second"
  }
  assert {
    condition     = aws_sns_topic_subscription.https[0].endpoint == "https://send.example.com/feedback/sns/second"
    error_message = "SNS posts to the path of the account"
  }
  assert {
    condition     = aws_sns_topic_subscription.https[0].raw_message_delivery == false
    error_message = "raw messages have no signature"
  }
  assert {
    condition     = jsondecode(aws_sns_topic_subscription.https[0].redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead.arn
    error_message = "what SNS gives up on is kept"
  }
  assert {
    condition     = length(aws_sqs_queue.this) == 0 && !can(yamldecode(output.accounts_yaml).accounts[0].sqs_queue_url)
    error_message = "no queue is made or named"
  }
}

run "identities" {
  variables {
    identities = {
      "apa.example"    = { dmarc = "v=DMARC1; p=reject" }
      "herald.example" = { mail_from = "", dmarc = "" }
    }
    route53_zones = { "apa.example" = "Z1" }
  }
  assert {
    condition     = aws_sesv2_email_identity_mail_from_attributes.this["apa.example"].mail_from_domain == "bounce.apa.example"
    error_message = "bounces return to a subdomain"
  }
  assert {
    condition     = length(aws_sesv2_email_identity_mail_from_attributes.this) == 1
    error_message = "an empty one is Amazon's MAIL FROM"
  }
  assert {
    condition     = length(output.dns_records) == 3 + 2 + 1 + 3
    error_message = "three DKIM records each, and those of MAIL FROM and DMARC where they are wanted"
  }
  assert {
    condition = contains(output.dns_records, {
      domain = "apa.example", type = "CNAME", name = "two._domainkey.apa.example", value = "two.dkim.amazonses.com"
    })
    error_message = "DKIM records are CNAMEs to Amazon's"
  }
  assert {
    condition     = length(aws_route53_record.this) == 6
    error_message = "records are made only where there is a zone"
  }
}

run "keys_and_alarms" {
  variables {
    create_kms_key = true
    alarm_actions  = ["arn:aws:sns:eu-central-1:123456789012:alarms"]
  }
  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation && can(regex("kms: \\{key: \"arn:aws:kms", output.encryption_yaml))
    error_message = "the key turns, and the configuration names it"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.reputation) == 2 && length(aws_cloudwatch_metric_alarm.dead) == 1
    error_message = "bounces, complaints and dead letters raise alarms"
  }
}

run "a_path_in_public_url" {
  command = plan
  variables {
    public_url = "https://send.example.com/mail"
  }
  expect_failures = [var.public_url]
}

run "two_keys" {
  command = plan
  variables {
    create_kms_key = true
    kms_key_arn    = "arn:aws:kms:eu-central-1:123456789012:key/x"
  }
  expect_failures = [var.kms_key_arn]
}

run "a_zone_of_no_identity" {
  command = plan
  variables {
    route53_zones = { "apa.example" = "Z1" }
  }
  expect_failures = [var.route53_zones]
}
