# Once, in the account and Region of the service: the queue of ESTATE_EVENTS_QUEUE_URL, and the bus that fills it. Each account and
# Region of the estate forwards to the bus by forwarder/, or all by stack-set/, this one too. A trail must log management events there, those of KMS
# too: trails may leave them out.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "organization_id" {
  description = "The organization whose accounts may put events on the bus: o-…"
  type        = string
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "secret-access-events-dead-letters"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

# Events are hints, and a survey finds what they would have told: a day is long.
resource "aws_sqs_queue" "events" {
  name                       = "secret-access-events"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = 86400
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 20
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 10
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.events.arn]
  })
}

resource "aws_cloudwatch_event_bus" "estate" {
  name = "secret-access-estate"
}

# Whoever of the organization puts events, EventBridge itself writes the account into them; and sources that begin with "aws." are AWS's.
data "aws_iam_policy_document" "bus" {
  statement {
    sid       = "AccountsOfTheOrganization"
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.estate.arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [var.organization_id]
    }
  }
}

resource "aws_cloudwatch_event_bus_policy" "estate" {
  event_bus_name = aws_cloudwatch_event_bus.estate.name
  policy         = data.aws_iam_policy_document.bus.json
}

resource "aws_cloudwatch_event_rule" "events" {
  name           = "secret-access-events"
  event_bus_name = aws_cloudwatch_event_bus.estate.name
  event_pattern  = file("${path.module}/pattern.json")
}

resource "aws_cloudwatch_event_target" "events" {
  rule           = aws_cloudwatch_event_rule.events.name
  event_bus_name = aws_cloudwatch_event_bus.estate.name
  arn            = aws_sqs_queue.events.arn

  # What can't be delivered for a day is lost otherwise, and nobody knows.
  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

# This rule may send; of this account also who is let by an IAM policy.
data "aws_iam_policy_document" "queue" {
  for_each = { events = aws_sqs_queue.events, dead_letters = aws_sqs_queue.dead_letters }

  statement {
    sid       = "TheRuleOfTheBus"
    actions   = ["sqs:SendMessage"]
    resources = [each.value.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.events.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy    = data.aws_iam_policy_document.queue["events"].json
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  policy    = data.aws_iam_policy_document.queue["dead_letters"].json
}

# What no look came of in ten tries, or could not be delivered: let a survey do it.
resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "secret-access-events-dead-letters"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
}

output "queue_url" {
  description = "ESTATE_EVENTS_QUEUE_URL of the service."
  value       = aws_sqs_queue.events.id
}

output "bus_arn" {
  description = "For forwarder/."
  value       = aws_cloudwatch_event_bus.estate.arn
}
