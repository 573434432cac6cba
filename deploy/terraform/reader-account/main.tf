# Once in each account that reads secrets of another: from then on the secret's own policy decides who reads.
# The service never writes IAM in other accounts: iam:PutRolePolicy can't be narrowed to this.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "owner_account" {
  description = "The account whose secrets are read: 12 digits."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.owner_account))
    error_message = "An account has 12 digits."
  }
}

variable "role_names" {
  description = "The roles of this account that may read what the owner shares with them."
  type        = set(string)
  default     = []
}

variable "policy_name" {
  description = "Of the managed policy that the roles get."
  type        = string
  default     = "read-shared-secrets"
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  of_owner = replace(file("${path.module}/policy.json"), "111111111111", var.owner_account)
  policy   = replace(local.of_owner, "arn:aws:", "arn:${data.aws_partition.current.partition}:")
}

# The identity leg. What the owner's secret and key policies do not allow, this does not either.
resource "aws_iam_policy" "read" {
  name        = var.policy_name
  description = "Reads the secrets that account ${var.owner_account} shares. Which ones, their own policies say."
  policy      = local.policy

  lifecycle {
    precondition {
      condition     = var.owner_account != data.aws_caller_identity.current.account_id
      error_message = "In the owner's own account an identity policy is enough by itself: this would open all of its secrets."
    }
  }
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each   = var.role_names
  role       = each.value
  policy_arn = aws_iam_policy.read.arn
}

variable "service_role_arn" {
  description = "The role of the service, as ../role.tf prints it, to let it see what readers of this account may; null lets it not."
  type        = string
  default     = null
}

variable "external_id" {
  description = "READER_ROLE_EXTERNAL_ID of the service."
  type        = string
  default     = null
}

# READER_ROLE_NAME: it reads policies of users and roles, and nothing else.
resource "aws_iam_role" "reader" {
  count       = var.service_role_arn == null ? 0 : 1
  name        = "secret-access-reader"
  description = "Lets the secret access service read the policies of this account's users and roles, and nothing else."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.service_role_arn }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })

  lifecycle {
    precondition {
      condition     = var.external_id != null
      error_message = "The role is trusted with an external id only."
    }
  }
}

resource "aws_iam_role_policy" "reader" {
  count = length(aws_iam_role.reader)
  name  = "read-policies"
  role  = aws_iam_role.reader[0].id
  policy = replace(
    file("${path.module}/../../../docs/reader-iam-policy.json"), "arn:aws:", "arn:${data.aws_partition.current.partition}:"
  )
}

output "policy_arn" {
  description = "To be attached to whoever else reads, a permission set too."
  value       = aws_iam_policy.read.arn
}
