# Once in each further account whose secrets the service is to manage.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "service_role_arn" {
  description = "The role of the service, as ../role.tf prints it."
  type        = string
}

variable "external_id" {
  description = "ASSUME_ROLE_EXTERNAL_ID of the service."
  type        = string
}

variable "role_name" {
  description = "ASSUME_ROLE_NAME of the service: the same in every account."
  type        = string
  default     = "secret-access-target"
}

data "aws_partition" "current" {}

locals {
  # Of the service's own role alone.
  central = ["WorkInOtherAccounts", "ReceiveChangeEvents", "FindTheManagementAccount", "AskTheManagementAccount", "AskReaders"]
  policy = jsondecode(replace(
    file("${path.module}/../../../docs/iam-policy.json"), "arn:aws:", "arn:${data.aws_partition.current.partition}:"
  ))
}

resource "aws_iam_role" "target" {
  name        = var.role_name
  description = "Lets the secret access service manage who may read this account's secrets. It can't read their values."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.service_role_arn }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}

# From here it goes no further: without the statements that assume roles, receive events and ask the organization.
resource "aws_iam_role_policy" "target" {
  name = "secret-access"
  role = aws_iam_role.target.id
  policy = jsonencode(merge(local.policy, {
    Statement = [for statement in local.policy.Statement : statement if !contains(local.central, statement.Sid)]
  }))
}
