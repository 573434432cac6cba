variable "oidc_provider_arn" {
  description = "ARN of the EKS cluster's OIDC identity provider: arn:aws:iam::ACCOUNT:oidc-provider/HOST/id/ID."
  type        = string
}

variable "namespace" {
  description = "Kubernetes namespace of the service."
  type        = string
  default     = "secret-access"
}

variable "service_account" {
  description = "Kubernetes service account of the service."
  type        = string
  default     = "secret-access-service"
}

variable "target_role_name" {
  description = "The role that is assumed in other accounts (ASSUME_ROLE_NAME): target-account/ makes it there."
  type        = string
  default     = "secret-access-target"
}

variable "reader_accounts" {
  description = "Accounts whose principals the example key decrypts for, once a secret is shared with them."
  type        = list(string)
  default     = []
}
