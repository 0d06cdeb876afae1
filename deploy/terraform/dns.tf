locals {
  # What must stand in DNS. The DKIM names are known when SES has made the tokens, hence the fixed keys.
  dkim_records = merge([
    for domain, identity in var.identities : {
      for index in range(3) : "${domain}/dkim/${index}" => {
        domain = domain
        type   = "CNAME"
        name   = "${aws_sesv2_email_identity.this[domain].dkim_signing_attributes[0].tokens[index]}._domainkey.${domain}"
        value  = "${aws_sesv2_email_identity.this[domain].dkim_signing_attributes[0].tokens[index]}.dkim.amazonses.com"
      }
    }
  ]...)

  mail_from_records = merge(
    {
      for domain, identity in var.identities : "${domain}/mail_from/mx" => {
        domain = domain
        type   = "MX"
        name   = "${identity.mail_from}.${domain}"
        value  = "10 feedback-smtp.${local.region}.amazonses.com"
      } if identity.mail_from != ""
    },
    {
      for domain, identity in var.identities : "${domain}/mail_from/spf" => {
        domain = domain
        type   = "TXT"
        name   = "${identity.mail_from}.${domain}"
        value  = "v=spf1 include:amazonses.com ~all"
      } if identity.mail_from != ""
    },
  )

  dmarc_records = {
    for domain, identity in var.identities : "${domain}/dmarc" => {
      domain = domain
      type   = "TXT"
      name   = "_dmarc.${domain}"
      value  = identity.dmarc
    } if identity.dmarc != ""
  }

  records = merge(local.dkim_records, local.mail_from_records, local.dmarc_records)
}

resource "aws_route53_record" "this" {
  for_each = { for key, record in local.records : key => record if contains(keys(var.route53_zones), record.domain) }

  zone_id = var.route53_zones[each.value.domain]
  name    = each.value.name
  type    = each.value.type
  ttl     = 1800
  records = [each.value.value]
}
