# One machine: the bastion, and containers beside it, which it reaches without a hop.
#
#   terraform init && terraform apply
#   ssh -s you@ADDRESS admin backend add here 127.0.0.1 --login nobody --direct
#   ssh -s you@ADDRESS admin user add alice --key KEY
#   ssh -s you@ADDRESS admin container add web --owner alice --backend here --address 10.0.3.100

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

  name              = "one"
  region            = var.region
  zone              = var.zone
  network           = google_compute_network.bastion.name
  subnetwork        = google_compute_subnetwork.bastion.name
  machine_type      = var.machine_type
  disk_gib          = var.disk_gib
  package_url       = var.package_url
  package_sha256    = var.package_sha256
  administrator     = var.administrator
  administrator_key = var.administrator_key
  users_from        = var.users_from
  maintenance_from  = var.maintenance_from

  also_runs = [
    "DEBIAN_FRONTEND=noninteractive apt-get install --yes lxd lxd-client",
    "lxd init --auto",
    "lxc network set lxdbr0 ipv4.address=10.0.3.1/24 ipv6.address=none",
  ]
}

resource "google_compute_network" "bastion" {
  name                    = "one"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "bastion" {
  name          = "one"
  network       = google_compute_network.bastion.id
  region        = var.region
  ip_cidr_range = "10.1.1.0/24"
}
