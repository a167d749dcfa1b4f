# The machine of the bastion, with a public address of its own: packaging/cloud-init/user-data makes it a bastion at its first boot.

terraform {
  required_version = ">= 1.3"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

locals {
  example     = file("${path.module}/../../../cloud-init/user-data")
  located     = replace(replace(local.example, "DEB_URL", var.package_url), "DEB_SHA256", var.package_sha256)
  named       = replace(local.located, "--admin you ", "--admin ${var.administrator} ")
  described   = replace(local.named, "/ssh-ed25519 AAAA\\S+ you@laptop/", var.administrator_key)
  user_data   = join("", concat([local.described], [for each in var.also_runs : "  - ${jsonencode(each)}\n"]))
  bastion_tag = "${var.name}-bastion"
}

resource "google_compute_address" "bastion" {
  name   = "${var.name}-bastion"
  region = var.region
}

resource "google_compute_instance" "bastion" {
  name                = "${var.name}-bastion"
  zone                = var.zone
  machine_type        = var.machine_type
  tags                = [local.bastion_tag]
  deletion_protection = var.deletion_protection

  boot_disk {
    auto_delete = false
    initialize_params {
      image = var.image
      size  = var.disk_gib
    }
  }

  network_interface {
    subnetwork = var.subnetwork
    access_config {
      nat_ip = google_compute_address.bastion.address
    }
  }

  # Images without cloud-init get it, and start once more.
  metadata = {
    user-data      = local.user_data
    startup-script = "command -v cloud-init || { apt-get update && apt-get install --yes cloud-init && reboot; }"
  }

  shielded_instance_config {
    enable_secure_boot = true
  }

  # The disk has the bastion's keys and its database: neither a newer image nor another description is a reason for another machine.
  lifecycle {
    ignore_changes = [boot_disk[0].initialize_params[0].image, metadata["user-data"]]
  }
}

resource "google_compute_firewall" "users" {
  name          = "${var.name}-users"
  network       = var.network
  source_ranges = var.users_from
  target_tags   = [local.bastion_tag]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}

# The machine's own sshd.
resource "google_compute_firewall" "maintenance" {
  count         = length(var.maintenance_from) > 0 ? 1 : 0
  name          = "${var.name}-maintenance"
  network       = var.network
  source_ranges = var.maintenance_from
  target_tags   = [local.bastion_tag]

  allow {
    protocol = "tcp"
    ports    = ["2022"]
  }
}
