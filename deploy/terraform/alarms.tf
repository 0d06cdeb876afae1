# Of the whole SES account: that is what AWS judges. SES writes these metrics about once an hour while mail is sent.
locals {
  rates = {
    bounces = {
      metric      = "Reputation.BounceRate"
      threshold   = var.alarm_bounce_rate
      description = "SES reviews the account at 5 % bounces. Who causes them: `sluice reputation`."
    }
    complaints = {
      metric      = "Reputation.ComplaintRate"
      threshold   = var.alarm_complaint_rate
      description = "SES reviews the account at 0.1 % complaints. Who causes them: `sluice reputation`."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "reputation" {
  for_each = { for name, rate in local.rates : name => rate if length(var.alarm_actions) > 0 }

  alarm_name          = "${var.name}-${each.key}-${local.region}"
  alarm_description   = each.value.description
  namespace           = "AWS/SES"
  metric_name         = each.value.metric
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "ignore"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

# What could not be handed over: `GET /admin/feedback/kept` and the nodes' log say why, docs/feedback.md how it is moved back.
resource "aws_cloudwatch_metric_alarm" "dead" {
  count = length(var.alarm_actions) > 0 ? 1 : 0

  alarm_name          = "${var.name}-feedback-dead-${local.region}"
  alarm_description   = "SES events ended in the dead-letter queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  tags                = var.tags
}

# Nobody fetches: the nodes are away, or may not.
resource "aws_cloudwatch_metric_alarm" "age" {
  count = var.create_queue && length(var.alarm_actions) > 0 ? 1 : 0

  alarm_name          = "${var.name}-feedback-age-${local.region}"
  alarm_description   = "SES events have waited in the queue for more than ten minutes."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.this[0].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 600
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  tags                = var.tags
}
