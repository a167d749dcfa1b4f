variable "project" {
  description = "The project at Google Cloud."
  type        = string
}

variable "region" {
  type    = string
  default = "europe-west3"
}

variable "zone" {
  type    = string
  default = "europe-west3-a"
}

variable "package_url" {
  description = "Where machines get the package of the bastion from, as packaging/deb has made it."
  type        = string
}

variable "package_sha256" {
  description = "What sha256sum says of it."
  type        = string
}

variable "administrator" {
  description = "The first administrator of the bastion."
  type        = string
}

variable "administrator_key" {
  description = "Their public key, a line as in authorized_keys."
  type        = string
}

variable "users_from" {
  description = "Networks from which users may connect."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "maintenance_from" {
  description = "Networks from which the bastion's own sshd, on port 2022, may be reached; none is the safest."
  type        = list(string)
  default     = []
}

variable "machine_type" {
  description = "Of the bastion, which has no containers."
  type        = string
  default     = "e2-small"
}

variable "backends" {
  description = "How many there are, as soon as the identity is known."
  type        = number
  default     = 3
}

variable "backend_machine_type" {
  type    = string
  default = "n2-standard-8"
}

variable "backend_disk_gib" {
  type    = number
  default = 200
}

variable "backend_image" {
  type    = string
  default = "debian-cloud/debian-12"
}

variable "bastion_identity" {
  description = "What `identity show` says: the key by which backends let the bastion in. Empty: there are no backends yet."
  type        = string
  default     = ""
}
