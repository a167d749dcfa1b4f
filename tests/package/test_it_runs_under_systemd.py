"""x"""

def test_x(booted):
    print(booted.run("systemctl", "status", "bastion"))
    print(booted.run("systemctl", "list-units", "--failed"))
    print(booted.journal())
    print(booted.processes(), booted.serving())
    print(booted.property("StatusText"))
    assert 0
