# A key for secrets that are shared across accounts. The AWS managed key aws/secretsmanager never decrypts for another one.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "IdentityPoliciesOfThisAccount"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  # The key leg, once for whole accounts: who of them reads which secret is then up to the secrets' policies, and to the
  # accounts' own identity policies. Left out, each share makes a grant of its own (grantKey: true), which is narrower.
  dynamic "statement" {
    for_each = length(var.reader_accounts) == 0 ? [] : [1]
    content {
      sid       = "ReadersThroughSecretsManager"
      actions   = ["kms:Decrypt", "kms:DescribeKey"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [for account in var.reader_accounts : "arn:${data.aws_partition.current.partition}:iam::${account}:root"]
      }
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        # Of China it is not documented which of the two KMS sees.
        values = concat(
          ["secretsmanager.${data.aws_region.current.id}.amazonaws.com"],
          data.aws_partition.current.partition == "aws-cn" ? ["secretsmanager.${data.aws_region.current.id}.amazonaws.com.cn"] : []
        )
      }
    }
  }
}

resource "aws_kms_key" "shared_secrets" {
  description             = "Secrets that are shared across accounts"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
  # What the narrower role of docs/operations.md makes grants on.
  tags = { "secret-access" = "grants" }
}

resource "aws_kms_alias" "shared_secrets" {
  name          = "alias/shared-secrets"
  target_key_id = aws_kms_key.shared_secrets.key_id
}

# A secret takes it by kms_key_id. Give it neither `policy` nor an aws_secretsmanager_secret_policy: Terraform would put its
# own document in the place of the one that this service keeps, at every apply.
output "key_arn" {
  description = "For kms_key_id of the secrets that are to be shared."
  value       = aws_kms_key.shared_secrets.arn
}
