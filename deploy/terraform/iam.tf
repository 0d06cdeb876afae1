# What a node calls, and nothing else.
data "aws_iam_policy_document" "node" {
  # Sending. SES asks for SendRawEmail where the content is MIME, and for SendBulkTemplatedEmail in bulk calls.
  statement {
    sid = "Send"
    actions = [
      "ses:SendEmail",
      "ses:SendRawEmail",
      "ses:SendBulkEmail",
      "ses:SendBulkTemplatedEmail",
    ]
    resources = concat(
      ["${local.ses_arn}:identity/*", "${local.ses_arn}:configuration-set/*"],
      var.foreign_identity_arns,
    )
  }

  # The quota; it is the account's, so SES knows no resource for it.
  statement {
    sid       = "Quota"
    actions   = ["ses:GetAccount"]
    resources = ["*"]
  }

  # How senders stand, and what `sluice doctor` looks at.
  statement {
    sid       = "Look"
    actions   = ["ses:GetEmailIdentity"]
    resources = ["${local.ses_arn}:identity/*"]
  }

  statement {
    sid = "LookAtSets"
    actions = [
      "ses:GetConfigurationSet",
      "ses:GetConfigurationSetEventDestinations",
    ]
    resources = ["${local.ses_arn}:configuration-set/*"]
  }

  statement {
    sid = "LookAtTopic"
    actions = [
      "sns:GetTopicAttributes",
      "sns:ListSubscriptionsByTopic",
      "sns:GetSubscriptionAttributes",
    ]
    resources = [aws_sns_topic.this.arn, "${aws_sns_topic.this.arn}:*"]
  }

  dynamic "statement" {
    for_each = aws_sqs_queue.this

    content {
      sid = "Feedback"
      actions = [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
      ]
      resources = [statement.value.arn]
    }
  }

  dynamic "statement" {
    for_each = var.may_register_identities ? [1] : []

    content {
      sid = "Register"
      actions = [
        "ses:CreateEmailIdentity",
        "ses:PutEmailIdentityMailFromAttributes",
      ]
      resources = ["${local.ses_arn}:identity/*", "${local.ses_arn}:configuration-set/*"]
    }
  }

  dynamic "statement" {
    for_each = var.may_mirror_suppressions ? [1] : []

    content {
      sid = "Mirror"
      actions = [
        "ses:PutSuppressedDestination",
        "ses:DeleteSuppressedDestination",
      ]
      # The list is the account's.
      resources = ["*"]
    }
  }

  # What was sealed under a key that another has followed is opened until `sluice encryption rewrap` has run and bodies have gone.
  dynamic "statement" {
    for_each = length(var.former_kms_key_arns) == 0 ? [] : [1]

    content {
      sid       = "Unseal"
      actions   = ["kms:Decrypt"]
      resources = var.former_kms_key_arns

      condition {
        test     = "Null"
        variable = "kms:EncryptionContext:sluice:data_key"
        values   = ["false"]
      }
    }
  }

  # Other SES accounts that the same nodes serve (`credentials: {role_arn: ...}`).
  dynamic "statement" {
    for_each = length(var.assume_role_arns) == 0 ? [] : [1]

    content {
      sid       = "OtherAccounts"
      actions   = ["sts:AssumeRole"]
      resources = var.assume_role_arns
    }
  }

  dynamic "statement" {
    for_each = local.kms_key_arn == null ? [] : [1]

    content {
      sid       = "Seal"
      actions   = ["kms:Encrypt", "kms:Decrypt"]
      resources = [local.kms_key_arn]

      # Data keys of ours only: each is wrapped with its number.
      condition {
        test     = "Null"
        variable = "kms:EncryptionContext:sluice:data_key"
        values   = ["false"]
      }
    }
  }
}

resource "aws_iam_policy" "node" {
  name        = "${var.name}-node-${local.region}"
  description = "What a node of Sluice calls."
  policy      = data.aws_iam_policy_document.node.json
  tags        = var.tags
}

data "aws_iam_policy_document" "ec2" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  count = var.create_role ? 1 : 0

  name               = "${var.name}-node-${local.region}"
  assume_role_policy = coalesce(var.role_trust_policy, data.aws_iam_policy_document.ec2.json)
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "node" {
  count = var.create_role ? 1 : 0

  role       = aws_iam_role.node[0].name
  policy_arn = aws_iam_policy.node.arn
}

resource "aws_iam_instance_profile" "node" {
  count = var.create_role && var.role_trust_policy == null ? 1 : 0

  name = "${var.name}-node-${local.region}"
  role = aws_iam_role.node[0].name
  tags = var.tags
}

resource "aws_iam_user" "node" {
  count = var.create_user ? 1 : 0

  name = "${var.name}-node-${local.region}"
  tags = var.tags
}

resource "aws_iam_user_policy_attachment" "node" {
  count = var.create_user ? 1 : 0

  user       = aws_iam_user.node[0].name
  policy_arn = aws_iam_policy.node.arn
}
