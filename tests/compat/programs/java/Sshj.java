import java.io.File;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import net.schmizz.keepalive.KeepAliveProvider;
import net.schmizz.sshj.DefaultConfig;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.connection.channel.direct.Parameters;
import net.schmizz.sshj.connection.channel.direct.Session;
import net.schmizz.sshj.connection.channel.direct.SessionChannel;
import net.schmizz.sshj.connection.channel.forwarded.RemotePortForwarder.Forward;
import net.schmizz.sshj.connection.channel.forwarded.SocketForwardingConnectListener;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.xfer.FileSystemFile;

/** A client made of sshj. */
final class Sshj extends Program {
    private SSHClient client;
    private SessionChannel shell;

    public static void main(String[] words) throws Exception {
        if (words[0].equals("version")) {
            System.out.println(new DefaultConfig().getVersion());
            return;
        }
        main(new Sshj(), words);
    }

    @Override
    void connect(boolean keepalive) throws Exception {
        DefaultConfig config = new DefaultConfig();
        config.setKeepAliveProvider(KeepAliveProvider.KEEP_ALIVE);
        client = new SSHClient(config);
        client.loadKnownHosts(new File(KNOWN_HOSTS));
        client.getConnection().getKeepAlive().setKeepAliveInterval(keepalive ? 1 : 0);
        client.connect(HOST);
        client.authPublickey(USER, KEY);
    }

    @Override
    int execute(String command) throws Exception {
        Session.Command channel = client.startSession().exec(command);
        Thread errors = passing(channel.getErrorStream(), System.err);
        sending(channel.getOutputStream());
        channel.getInputStream().transferTo(System.out);
        errors.join();
        channel.join();
        System.out.flush();
        return channel.getExitStatus();
    }

    @Override
    int shell(int columns, int rows) throws Exception {
        shell = (SessionChannel) client.startSession();
        shell.allocatePTY(TERM, columns, rows, 0, 0, Map.of());
        shell.startShell();
        sending(shell.getOutputStream());
        InputStream output = shell.getInputStream();
        byte[] block = new byte[65536];
        for (int length; (length = output.read(block)) != -1; System.out.flush()) {
            System.out.write(block, 0, length);
        }
        shell.join();
        return shell.getExitStatus();
    }

    @Override
    void resize(int columns, int rows) throws Exception {
        shell.changeWindowDimensions(columns, rows, 0, 0);
    }

    @Override
    void upload(String source, String target) throws Exception {
        try (SFTPClient files = client.newSFTPClient()) {
            files.put(new Metered(source), target);
        }
    }

    @Override
    void download(String source, String target) throws Exception {
        try (SFTPClient files = client.newSFTPClient()) {
            files.get(source, new Metered(target));
        }
    }

    @Override
    void localForward(int near, int far) throws Exception {
        ServerSocket listening = new ServerSocket(near, 10, InetAddress.getByName(LOOPBACK));
        client.newLocalPortForwarder(new Parameters(LOOPBACK, near, LOOPBACK, far), listening).listen();
    }

    @Override
    void remoteForward(int far, int near) throws Exception {
        InetSocketAddress here = new InetSocketAddress(LOOPBACK, near);
        client.getRemotePortForwarder().bind(new Forward(LOOPBACK, far), new SocketForwardingConnectListener(here));
    }

    @Override
    Pipe cat() throws Exception {
        Session.Command channel = client.startSession().exec("cat");
        return new Pipe(channel.getOutputStream(), channel.getInputStream());
    }

    /** Standard input goes into `target`, whose end it then is. */
    private static void sending(OutputStream target) {
        Thread thread = new Thread(() -> {
            byte[] block = new byte[65536];
            try (target) {
                for (int length; (length = System.in.read(block)) != -1; target.flush()) {
                    target.write(block, 0, length);
                }
            } catch (IOException ended) {
                // What nobody reads any more need not be sent.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static Thread passing(InputStream source, OutputStream target) {
        Thread thread = new Thread(() -> {
            try {
                source.transferTo(target);
            } catch (IOException failure) {
                failure.printStackTrace();
            }
        });
        thread.start();
        return thread;
    }

    /** A file on whose way new keys are asked for after every so many MiB, which sshj does not do by itself. */
    private final class Metered extends FileSystemFile {
        private final String mib = System.getenv("TO_REKEY_MIB");
        private final long every = mib.isEmpty() ? Long.MAX_VALUE : Long.parseLong(mib) << 20;
        private long left = every;

        Metered(String path) {
            super(path);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read(byte[] block, int offset, int length) throws IOException {
                    int count = super.read(block, offset, length);
                    count(count);
                    return count;
                }
            };
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(super.getOutputStream()) {
                @Override
                public void write(byte[] block, int offset, int length) throws IOException {
                    out.write(block, offset, length);
                    count(length);
                }
            };
        }

        private void count(int bytes) throws IOException {
            left -= bytes;
            if (left <= 0) {
                left = every;
                client.rekey();
            }
        }
    }
}
