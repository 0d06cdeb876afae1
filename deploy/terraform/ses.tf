# Mail goes out with this set; without it there are no events, and no unknown outcome is ever resolved.
resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = var.name

  delivery_options {
    tls_policy = var.tls_policy
  }

  reputation_options {
    reputation_metrics_enabled = true
  }

  sending_options {
    sending_enabled = true
  }

  tags = var.tags
}

resource "aws_sesv2_configuration_set_event_destination" "this" {
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  event_destination_name = var.name

  event_destination {
    enabled              = true
    matching_event_types = local.event_types

    sns_destination {
      topic_arn = aws_sns_topic.this.arn
    }
  }

  # SES publishes a test notice when it is told of the topic, and refuses a topic that it may not publish to.
  depends_on = [aws_sns_topic_policy.this]
}

resource "aws_sesv2_email_identity" "this" {
  for_each = var.identities

  email_identity         = each.key
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name

  dkim_signing_attributes {
    next_signing_key_length = "RSA_2048_BIT"
  }

  tags = var.tags
}

resource "aws_sesv2_email_identity_mail_from_attributes" "this" {
  for_each = { for domain, identity in var.identities : domain => identity if identity.mail_from != "" }

  email_identity   = aws_sesv2_email_identity.this[each.key].email_identity
  mail_from_domain = "${each.value.mail_from}.${each.key}"
  # Mail still goes, with Amazon's domain, while the MX record is missing.
  behavior_on_mx_failure = "USE_DEFAULT_VALUE"
}
