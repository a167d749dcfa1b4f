output "address" {
  description = "Where users connect to."
  value       = google_compute_address.bastion.address
}

output "tag" {
  description = "Of the machine, for firewall rules of others."
  value       = local.bastion_tag
}
