# Once, in the management account of the organization: the role by which the service asks which accounts there are
# (ESTATE_ACCOUNTS=organization), and which control policies bind owners and readers. Leave it out where the service's own role may: in the management account, or that of a delegated administrator.
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
  description = "ORGANIZATION_ROLE_EXTERNAL_ID of the service."
  type        = string
}

resource "aws_iam_role" "organization" {
  # ORGANIZATION_ROLE_NAME: the one that the service's role may assume.
  name        = "secret-access-organization"
  description = "Lets the secret access service read the accounts of the organization and their control policies, and nothing else."
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

resource "aws_iam_role_policy" "organization" {
  name = "read-organization"
  role = aws_iam_role.organization.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "organizations:ListAccounts",
        "organizations:ListParents",
        "organizations:ListPoliciesForTarget",
        "organizations:DescribePolicy",
      ]
      Resource = "*"
    }]
  })
}
