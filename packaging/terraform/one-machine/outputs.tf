output "address" {
  description = "Where users connect to."
  value       = module.bastion.address
}

output "login" {
  description = "What the first administrator types."
  value       = "ssh -s ${var.administrator}@${module.bastion.address} admin"
}
