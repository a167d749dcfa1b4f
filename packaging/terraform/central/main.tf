# A central bastion, the only machine with a public address, before backends with containers that have private ones.
#
#   terraform init && terraform apply
#   terraform apply -var "bastion_identity=$(ssh -s you@ADDRESS admin identity show)"
#   terraform output -raw backends | ssh -s you@ADDRESS admin
#
# The bastion makes its identity at its first boot, and backends let it in from theirs on: so there are two steps. Put the identity into
# terraform.tfvars after the second.

terraform {
  required_version = ">= 1.3"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

module "bastion" {
  source = "../modules/bastion"

  name              = "central"
  region            = var.region
  zone              = var.zone
  network           = google_compute_network.site.name
  subnetwork        = google_compute_subnetwork.site.name
  machine_type      = var.machine_type
  disk_gib          = 20
  package_url       = var.package_url
  package_sha256    = var.package_sha256
  administrator     = var.administrator
  administrator_key = var.administrator_key
  users_from        = var.users_from
  maintenance_from  = var.maintenance_from
}

resource "google_compute_network" "site" {
  name                    = "central"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "site" {
  name          = "central"
  network       = google_compute_network.site.id
  region        = var.region
  ip_cidr_range = "10.1.1.0/24"
}

# Backends have no public address; packages come through here.
resource "google_compute_router" "site" {
  name    = "central"
  network = google_compute_network.site.id
  region  = var.region
}

resource "google_compute_router_nat" "site" {
  name                               = "central"
  router                             = google_compute_router.site.name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}

locals {
  backend_tag = "central-backend"
}

# Nobody but the bastion gets to them.
resource "google_compute_firewall" "backends" {
  name        = "central-backends"
  network     = google_compute_network.site.name
  source_tags = [module.bastion.tag]
  target_tags = [local.backend_tag]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}

resource "google_compute_instance" "backends" {
  count        = var.bastion_identity == "" ? 0 : var.backends
  name         = "central-backend-${count.index + 1}"
  zone         = var.zone
  machine_type = var.backend_machine_type
  tags         = [local.backend_tag]

  boot_disk {
    initialize_params {
      image = var.backend_image
      size  = var.backend_disk_gib
    }
  }

  network_interface {
    subnetwork = google_compute_subnetwork.site.name
  }

  # Images without cloud-init get it, and start once more.
  metadata = {
    user-data      = templatefile("${path.module}/backend.yaml.tftpl", { identity = trimspace(var.bastion_identity) })
    startup-script = "command -v cloud-init || { apt-get update && apt-get install --yes cloud-init && reboot; }"
  }

  lifecycle {
    ignore_changes = [boot_disk[0].initialize_params[0].image]
  }
}
