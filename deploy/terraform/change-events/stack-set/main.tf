# Instead of forwarder/ by hand: the same rule and role in all accounts of some organizational units, and in those that join them, by a
# StackSet. Apply it in the management account of the organization, where trusted access for StackSets is on. A StackSet of this kind
# reaches every account but that one: apply forwarder/ there.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

variable "bus_arn" {
  description = "The bus of the service, as ../main.tf prints it."
  type        = string
}

variable "organizational_units" {
  description = "Whose accounts forward their events: ou-…, or the root r-… for all."
  type        = list(string)
}

variable "regions" {
  description = "Those of ESTATE_REGIONS. Accounts must have enabled them."
  type        = list(string)
}

locals {
  # By its name: the rule needs the role first.
  rule_arn = { "Fn::Sub" = "arn:$${AWS::Partition}:events:$${AWS::Region}:$${AWS::AccountId}:rule/secret-access-events" }
}

resource "aws_cloudformation_stack_set" "forwarder" {
  name             = "secret-access-events"
  description      = "Forwards changes of secrets and keys to the service that shares secrets."
  permission_model = "SERVICE_MANAGED"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  parameters       = { BusArn = var.bus_arn }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  template_body = jsonencode({
    Parameters = { BusArn = { Type = "String" } }
    Resources = {
      Forwarder = {
        Type = "AWS::IAM::Role"
        Properties = {
          RoleName = { "Fn::Sub" = "secret-access-events-$${AWS::Region}" }
          AssumeRolePolicyDocument = {
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Service = "events.amazonaws.com" }
              Action    = "sts:AssumeRole"
              Condition = {
                ArnEquals    = { "aws:SourceArn" = local.rule_arn }
                StringEquals = { "aws:SourceAccount" = { Ref = "AWS::AccountId" } }
              }
            }]
          }
          Policies = [{
            PolicyName = "put-events"
            PolicyDocument = {
              Version   = "2012-10-17"
              Statement = [{ Effect = "Allow", Action = "events:PutEvents", Resource = { Ref = "BusArn" } }]
            }
          }]
        }
      }
      Events = {
        Type = "AWS::Events::Rule"
        Properties = {
          Name         = "secret-access-events"
          EventPattern = jsondecode(file("${path.module}/../pattern.json"))
          Targets      = [{ Id = "bus", Arn = { Ref = "BusArn" }, RoleArn = { "Fn::GetAtt" = ["Forwarder", "Arn"] } }]
        }
      }
    }
  })

  lifecycle {
    # AWS fills it in for StackSets of this kind.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_instances" "forwarder" {
  stack_set_name = aws_cloudformation_stack_set.forwarder.name
  regions        = var.regions

  deployment_targets {
    organizational_unit_ids = var.organizational_units
  }

  # An account that has not enabled a Region keeps no other from it.
  operation_preferences {
    failure_tolerance_percentage = 100
    max_concurrent_percentage    = 100
    region_concurrency_type      = "PARALLEL"
  }
}
