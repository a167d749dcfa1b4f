"""A machine that is a Kubernetes of one node: etcd, the API server and the kubelet, with Debian's containerd below. There is no
scheduler and no controller: pods are put on the node as they are made."""

import hashlib
import io
import json
import tarfile
import textwrap

import kubernetes
from host import Machine, furnished_guest
from lab.deadline import until
from lab.process import run

_PACKAGES = (
    "containerd,runc,containernetworking-plugins,etcd-server,kubernetes-client,openssl,openssh-server,iproute2,iptables,"
    "mount,procps,ca-certificates"
)
_STATE = "var/lib/kubernetes"
_TOKEN = "of-the-administrator"

# The kubelet sets what belongs to the whole machine, and finds it set.
_TUNABLES = """\
for each in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=/run/tunables/${each%=*}
  mkdir -p "${file%/*}" && echo "${each#*=}" >"$file" && mount --bind "$file" "/proc/sys/${each%=*}"
done
"""

_CONTAINERD = f"""\
version = 2
root = "/{_STATE}/containerd"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/library/guest:latest"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
"""

_NETWORK = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "type": "bridge",
    "bridge": "pods",
    "isGateway": True,
    "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.0.4.0/24"}]]},
}

_KUBELET = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "cgroupDriver": "cgroupfs",
    "cgroupsPerQOS": False,
    "enforceNodeAllocatable": [],
    "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
    "failSwapOn": False,
    "localStorageCapacityIsolation": False,
    "evictionHard": {"memory.available": "1Mi", "nodefs.available": "0%", "imagefs.available": "0%"},
    "resolvConf": "",
}

_ADMINISTRATOR = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "here", "cluster": {"server": "https://127.0.0.1:6443", "insecure-skip-tls-verify": True}}],
    "users": [{"name": "admin", "user": {"token": _TOKEN}}],
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
    "current-context": "here",
}

_DAEMONS = f"""\
export PATH=/usr/local/bin:$PATH
openssl genrsa -out /run/accounts.key 2048
etcd --data-dir /{_STATE}/etcd >/run/etcd.log 2>&1 &
containerd >/run/containerd.log 2>&1 &
kube-apiserver --etcd-servers http://127.0.0.1:2379 --service-cluster-ip-range 10.96.0.0/24 --cert-dir /run/apiserver \
  --advertise-address ADDRESS --kubelet-preferred-address-types InternalIP --token-auth-file /etc/kubernetes/tokens --authorization-mode AlwaysAllow \
  --service-account-issuer https://kubernetes --service-account-key-file /run/accounts.key \
  --service-account-signing-key-file /run/accounts.key --disable-admission-plugins ServiceAccount >/run/apiserver.log 2>&1 &
until kubectl --kubeconfig /etc/kubernetes/admin get --raw /readyz; do sleep 0.2; done
kubelet --config /etc/kubernetes/kubelet --kubeconfig /etc/kubernetes/admin --root-dir /{_STATE}/kubelet \
  --hostname-override node --node-ip ADDRESS
"""


class KubernetesHost(Machine):
    def start(self):
        files = {
            "/etc/containerd/config.toml": _CONTAINERD,
            "/etc/cni/net.d/10-pods.conf": json.dumps(_NETWORK),
            "/etc/kubernetes/kubelet": json.dumps(_KUBELET),
            "/etc/kubernetes/admin": json.dumps(_ADMINISTRATOR),
            "/etc/kubernetes/tokens": f"{_TOKEN},admin,admin,system:masters\n",
        }
        written = "".join(f"mkdir -p {name.rpartition('/')[0]}\ncat >{name} <<'EOF'\n{text}\nEOF\n" for name, text in files.items())
        address = self._namespace.command("ip", "-json", "-4", "address", "show", "dev", "wire")
        address = json.loads(run(address))[0]["addr_info"][0]["local"]
        lower = kubernetes.machine("kubernetes", _PACKAGES)
        self.boot(lower, _STATE, written + _TUNABLES + _DAEMONS.replace("ADDRESS", address))
        self.answers("kubectl", "--kubeconfig", "/etc/kubernetes/admin", "get", "node", "node")
        self._has_image()
        self.run("/usr/sbin/sshd")

    def admit(self, identity):
        super().admit(identity)
        self.run("sh", "-c", "mkdir -p /home/hop/.kube && cp /etc/kubernetes/admin /home/hop/.kube/config && chown -R hop /home/hop/.kube")

    def kubectl(self, *words, **how):
        return self.run("kubectl", "--kubeconfig", "/etc/kubernetes/admin", *words, **how)

    def _has_image(self):
        """From a root file system, and from no registry; as `docker save` writes one."""
        file = self.folder / "exchange" / "guest.tar"
        layer = self.folder / "exchange" / "layer.tar"
        run(["tar", "--numeric-owner", "--exclude=./dev/*", "-C", furnished_guest(), "-cf", layer, "."])
        with open(layer, "rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        configuration = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["sleep", "infinity"], "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
        manifest = [{"Config": "config.json", "RepoTags": ["docker.io/library/guest:latest"], "Layers": ["layer.tar"]}]
        with tarfile.open(file, "w") as archive:
            for name, content in [("config.json", configuration), ("manifest.json", manifest)]:
                entry = tarfile.TarInfo(name)
                text = json.dumps(content).encode()
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text))
            archive.add(layer, "layer.tar")
        self.run("ctr", "--namespace", "k8s.io", "images", "import", "/mnt/guest.tar")
        file.unlink()
        layer.unlink()

    def launch(self, name, login, identity):
        """A pod of that name, with an sshd which nobody has started."""
        self.makes(name)
        script = "ssh-keygen -A; mkdir -p /run/sshd"
        script += f"; useradd --create-home --shell /bin/bash --password '*' {login}; mkdir -p /home/{login}/.ssh"
        script += f"; cat >/home/{login}/.ssh/authorized_keys; chown -R {login} /home/{login}"
        self.kubectl("exec", "-i", name, "--", "sh", "-c", script, input=identity)

    def makes(self, name):
        pod = f"""\
            apiVersion: v1
            kind: Pod
            metadata: {{name: {name}}}
            spec:
              nodeName: node
              dnsPolicy: Default
              enableServiceLinks: false
              terminationGracePeriodSeconds: 0
              containers: [{{name: {name}, image: "docker.io/library/guest:latest", imagePullPolicy: Never}}]
            """
        self.kubectl("create", "--filename", "-", input=textwrap.dedent(pod))
        running = ["get", "pod", name, "--output", "jsonpath={.status.phase}"]
        until(lambda: self.kubectl(*running) == "Running", f"pod {name} runs", seconds=120)

    def remove_all(self):
        self.try_("kubectl", "--kubeconfig", "/etc/kubernetes/admin", "delete", "pod", "--all", "--timeout", "20s")
