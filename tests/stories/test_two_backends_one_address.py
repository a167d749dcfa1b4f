"""Every backend has a container at 10.0.3.100, and nobody ever lands in the wrong one."""


def test_each_user_lands_behind_her_own_backend(lab):
    for user, box in {"alice": "be1/alice", "bob": "be2/bob", "carol": "be3/carol", "dave": "be4/dave"}.items():
        assert lab.ssh(user, "echo $BOX $(hostname)").stdout == f"{box} {user}"
        assert lab.ssh(user, "echo $SSH_CONNECTION").stdout.split()[2] == "10.0.3.100"


def test_taking_turns_from_one_machine_changes_nothing(lab):
    answers = [lab.ssh(user, "echo $BOX").stdout for user in ["alice", "bob"] * 3]
    assert answers == ["be1/alice", "be2/bob"] * 3


def test_a_key_opens_only_its_owners_container(lab):
    bob_as_alice = lab.client.run("ssh", "-F", lab.client.config, "-i", lab.key("bob").path, "alice@bastion", "true")
    assert bob_as_alice.status == 255
