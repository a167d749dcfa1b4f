import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.ChannelShell;
import com.jcraft.jsch.Channel;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.Session;

/** A client made of JSch. */
final class Jsch extends Program {
    private Session session;
    private ChannelShell shell;

    public static void main(String[] words) throws Exception {
        if (words[0].equals("version")) {
            System.out.println("jsch " + JSch.VERSION);
            return;
        }
        main(new Jsch(), words);
    }

    @Override
    void connect(boolean keepalive) throws Exception {
        JSch jsch = new JSch();
        jsch.addIdentity(KEY);
        jsch.setKnownHosts(KNOWN_HOSTS);
        session = jsch.getSession(USER, HOST);
        if (keepalive) {
            session.setServerAliveInterval(1000);
        }
        session.connect();
    }

    @Override
    int execute(String command) throws Exception {
        ChannelExec channel = (ChannelExec) session.openChannel("exec");
        channel.setCommand(command);
        channel.setInputStream(System.in);
        channel.setOutputStream(System.out);
        channel.setErrStream(System.err);
        channel.connect();
        return status(channel);
    }

    @Override
    int shell(int columns, int rows) throws Exception {
        shell = (ChannelShell) session.openChannel("shell");
        shell.setPtyType(TERM, columns, rows, 0, 0);
        shell.setInputStream(System.in);
        shell.setOutputStream(System.out);
        shell.connect();
        return status(shell);
    }

    @Override
    void resize(int columns, int rows) {
        shell.setPtySize(columns, rows, 0, 0);
    }

    @Override
    void upload(String source, String target) throws Exception {
        ChannelSftp files = sftp();
        files.put(source, target);
        files.disconnect();
    }

    @Override
    void download(String source, String target) throws Exception {
        ChannelSftp files = sftp();
        files.get(source, target);
        files.disconnect();
    }

    @Override
    void localForward(int near, int far) throws Exception {
        session.setPortForwardingL(LOOPBACK, near, LOOPBACK, far);
    }

    @Override
    void remoteForward(int far, int near) throws Exception {
        session.setPortForwardingR(LOOPBACK, far, LOOPBACK, near);
    }

    @Override
    Pipe cat() throws Exception {
        ChannelExec channel = (ChannelExec) session.openChannel("exec");
        channel.setCommand("cat");
        Pipe pipe = new Pipe(channel.getOutputStream(), channel.getInputStream());
        channel.connect();
        return pipe;
    }

    private ChannelSftp sftp() throws Exception {
        ChannelSftp files = (ChannelSftp) session.openChannel("sftp");
        files.connect();
        return files;
    }

    /** JSch tells nobody that a channel has ended: its users ask again and again. */
    private static int status(Channel channel) throws InterruptedException {
        while (!channel.isClosed()) {
            Thread.sleep(10);
        }
        System.out.flush();
        return channel.getExitStatus();
    }
}
