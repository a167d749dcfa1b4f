"""A network cable between a machine and a bridge, and what happens when somebody pulls it."""


class Cable:
    """The two ends are interfaces in two namespaces; the far one is a port of the bridge."""

    def __init__(self, name, namespace, interface, address, bridge):
        self._bridge = bridge
        self._port = name
        bridge.namespace.ip(
            f"link add {name} type veth peer name {interface} netns {namespace.handle}",
            f"link set {name} master {bridge.interface} up",
        )
        namespace.ip(f"address add {address}/24 dev {interface}", f"link set {interface} up")

    def unplug(self):
        self._bridge.namespace.ip(f"link set {self._port} down")

    def plug(self):
        self._bridge.namespace.ip(f"link set {self._port} up")


class Bridge:
    def __init__(self, namespace, interface, address=None):
        self.namespace = namespace
        self.interface = interface
        lines = [f"link add {interface} type bridge", f"link set {interface} up"]
        if address:
            lines.append(f"address add {address}/24 dev {interface}")
        namespace.ip(*lines)
