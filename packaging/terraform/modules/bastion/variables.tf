variable "name" {
  description = "What the names of everything here begin with."
  type        = string
}

variable "region" {
  type = string
}

variable "zone" {
  type = string
}

variable "network" {
  type = string
}

variable "subnetwork" {
  type = string
}

variable "machine_type" {
  type = string
}

variable "disk_gib" {
  type = number
}

variable "image" {
  type    = string
  default = "debian-cloud/debian-12"
}

variable "package_url" {
  description = "Where the machine gets the package from, at its first boot."
  type        = string
}

variable "package_sha256" {
  description = "Of the package, in hexadecimal."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.package_sha256))
    error_message = "This is no SHA-256 in hexadecimal."
  }
}

variable "administrator" {
  description = "The first administrator of the bastion."
  type        = string

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_-]*$", var.administrator))
    error_message = "This can be no user's name."
  }
}

variable "administrator_key" {
  description = "Their public key, a line as in authorized_keys."
  type        = string

  validation {
    condition     = can(regex("^(ssh|ecdsa|sk)-\\S+ AAAA\\S+( [^\\n]*)?$", var.administrator_key))
    error_message = "This is no public key."
  }
}

variable "users_from" {
  description = "Networks from which users may connect to port 22."
  type        = list(string)
}

variable "maintenance_from" {
  description = "Networks from which the machine's own sshd, on port 2022, may be reached."
  type        = list(string)
}

variable "also_runs" {
  description = "Commands of the first boot, behind those that make it a bastion."
  type        = list(string)
  default     = []
}

variable "deletion_protection" {
  type    = bool
  default = true
}
