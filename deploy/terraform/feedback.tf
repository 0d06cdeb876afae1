resource "aws_sns_topic" "this" {
  name = "${var.name}-feedback"
  # Notifications are signed with SHA-256; 1 is SHA-1.
  signature_version = 2
  tags              = var.tags
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "OnlyThisAccountsSESAndThisSet"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]

    principals {
      type        = "Service"
      identifiers = ["ses.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [local.configuration_set_arn]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.topic.json
}

# Straight to the nodes. Raw delivery stays off: raw messages over HTTPS have no signature.
resource "aws_sns_topic_subscription" "https" {
  count = var.public_url == null ? 0 : 1

  topic_arn                       = aws_sns_topic.this.arn
  protocol                        = "https"
  endpoint                        = "${var.public_url}/feedback/sns/${var.account_name}"
  endpoint_auto_confirms          = true
  confirmation_timeout_in_minutes = 5
  raw_message_delivery            = false

  # What SNS gives up on is kept.
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })

  # Tried for about half an hour.
  delivery_policy = jsonencode({
    healthyRetryPolicy = {
      minDelayTarget     = 5
      maxDelayTarget     = 180
      numRetries         = 30
      numNoDelayRetries  = 0
      numMinDelayRetries = 3
      numMaxDelayRetries = 3
      backoffFunction    = "exponential"
    }
  })

  depends_on = [aws_sqs_queue_policy.dead]
}

# The queue keeps what comes while all nodes are away. Events that come both ways are one event.
resource "aws_sqs_queue" "this" {
  count = var.create_queue ? 1 : 0

  name                       = "${var.name}-feedback"
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 60
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
  # A restart in the middle of a message counts as a receipt.
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 20
  })
  tags = var.tags
}

# Feedback that could not be handed over: by the queue after 20 receipts, by the HTTPS subscription after its tries.
resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-feedback-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  count = var.create_queue ? 1 : 0

  queue_url = aws_sqs_queue.dead.url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this[0].arn]
  })
}

# Of the queue and of the dead letters alike.
data "aws_iam_policy_document" "queue" {
  for_each = merge({ dead = aws_sqs_queue.dead.arn }, var.create_queue ? { this = aws_sqs_queue.this[0].arn } : {})

  statement {
    sid       = "OnlyThisTopic"
    actions   = ["sqs:SendMessage"]
    resources = [each.value]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.this.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  count = var.create_queue ? 1 : 0

  queue_url = aws_sqs_queue.this[0].url
  policy    = data.aws_iam_policy_document.queue["this"].json
}

resource "aws_sqs_queue_policy" "dead" {
  queue_url = aws_sqs_queue.dead.url
  policy    = data.aws_iam_policy_document.queue["dead"].json
}

resource "aws_sns_topic_subscription" "queue" {
  count = var.create_queue ? 1 : 0

  topic_arn = aws_sns_topic.this.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.this[0].arn
  # SNS's envelope has the id by which repeated notifications are known.
  raw_message_delivery = false

  depends_on = [aws_sqs_queue_policy.this]
}
