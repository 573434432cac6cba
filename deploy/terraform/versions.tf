# What the service needs of AWS. Read it as an example: the role, its trust and the key are what counts.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}
