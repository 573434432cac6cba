# In each account and Region of the estate: CloudTrail's events arrive on the default bus of where the call was made, and go on to the
# bus of the service. Apply it there; ../stack-set/ does the same for all accounts of an organization but the management account.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "bus_arn" {
  description = "The bus of the service, as ../main.tf prints it."
  type        = string
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

resource "aws_cloudwatch_event_rule" "events" {
  name          = "secret-access-events"
  event_pattern = file("${path.module}/../pattern.json")
}

resource "aws_iam_role" "forwarder" {
  name = "secret-access-events-${data.aws_region.current.id}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = aws_cloudwatch_event_rule.events.arn }
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
      }
    }]
  })
}

resource "aws_iam_role_policy" "forwarder" {
  name = "put-events"
  role = aws_iam_role.forwarder.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = var.bus_arn
    }]
  })
}

resource "aws_cloudwatch_event_target" "bus" {
  rule     = aws_cloudwatch_event_rule.events.name
  arn      = var.bus_arn
  role_arn = aws_iam_role.forwarder.arn
}
