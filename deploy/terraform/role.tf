locals {
  # The condition keys of the trust are named after the provider: its ARN without what stands before the host.
  oidc_issuer = replace(var.oidc_provider_arn, "/^.*:oidc-provider\\//", "")
}

# IAM Roles for Service Accounts: this one service account of this one cluster, and no other pod.
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:sub"
      values   = ["system:serviceaccount:${var.namespace}:${var.service_account}"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "service" {
  name               = "secret-access-service"
  description        = "Manages who may read secrets. It can't read their values."
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

# The very policy under which local mode and the tests run, with the ARNs of this partition.
resource "aws_iam_role_policy" "service" {
  name = "secret-access"
  role = aws_iam_role.service.id
  policy = replace(
    replace(file("${path.module}/../../docs/iam-policy.json"), "arn:aws:", "arn:${data.aws_partition.current.partition}:"),
    "role/secret-access-target", "role/${var.target_role_name}"
  )
}

# Whatever is granted elsewhere by mistake: this role reads no value.
resource "aws_iam_role_policy" "no_values" {
  name = "never-read-values"
  role = aws_iam_role.service.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "kms:Decrypt"]
      Resource = "*"
    }]
  })
}

output "role_arn" {
  description = "For the annotation in deploy/kubernetes/base/serviceaccount.yaml."
  value       = aws_iam_role.service.arn
}
