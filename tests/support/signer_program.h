// The other process of a test that has a signer: what bastion/main.cpp does for `bastion signer`.
#pragma once

namespace bastion::test {

int run_signer();

}  // namespace bastion::test
