locals {
  kms_key_arn = var.create_kms_key ? aws_kms_key.this[0].arn : var.kms_key_arn
}

# What is sealed cannot be read again without it: it outlives a `terraform destroy` by thirty days.
resource "aws_kms_key" "this" {
  count = var.create_kms_key ? 1 : 0

  description             = "Seals Sluice's data keys"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  count = var.create_kms_key ? 1 : 0

  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this[0].key_id
}
