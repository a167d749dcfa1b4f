output "address" {
  description = "Where users connect to."
  value       = module.bastion.address
}

output "login" {
  description = "What the first administrator types."
  value       = "ssh -s ${var.administrator}@${module.bastion.address} admin"
}

output "backends" {
  description = "What the bastion is told of them, as commands for the administrator's batch."
  value       = join("", [for number, each in google_compute_instance.backends : "backend add be${number + 1} ${each.network_interface[0].network_ip} --login bastion\n"])
}
