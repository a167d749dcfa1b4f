import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** What the clients in Java have in common: how they are called (clients/library.py), and their terminal. */
abstract class Program {
    static final String HOST = System.getenv("TO_HOST");
    static final String USER = System.getenv("TO_USER");
    static final String KEY = System.getenv("TO_KEY");
    static final String KNOWN_HOSTS = System.getenv("TO_KNOWN_HOSTS");
    static final String TERM = System.getenv("TERM");
    static final String LOOPBACK = "127.0.0.1";

    /** A stream's two ends on this side of a channel. */
    record Pipe(OutputStream in, InputStream out) {}

    abstract void connect(boolean keepalive) throws Exception;

    abstract int execute(String command) throws Exception;

    abstract int shell(int columns, int rows) throws Exception;

    abstract void resize(int columns, int rows) throws Exception;

    abstract void upload(String source, String target) throws Exception;

    abstract void download(String source, String target) throws Exception;

    abstract void localForward(int near, int far) throws Exception;

    abstract void remoteForward(int far, int near) throws Exception;

    abstract Pipe cat() throws Exception;

    static void main(Program program, String[] words) throws Exception {
        program.connect(words[0].equals("stay"));
        System.exit(program.run(words[0], words));
    }

    private int run(String verb, String[] words) throws Exception {
        switch (verb) {
            case "execute":
                return execute(words[1]);
            case "shell":
                return terminal();
            case "upload":
                atOnce(words.length / 2, i -> upload(words[2 * i + 1], words[2 * i + 2]));
                return 0;
            case "download":
                atOnce(words.length / 2, i -> download(words[2 * i + 1], words[2 * i + 2]));
                return 0;
            case "local_forward":
                localForward(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                Thread.currentThread().join();
                return 0;
            case "remote_forward":
                remoteForward(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                System.out.println("forwarded");
                Thread.currentThread().join();
                return 0;
            case "echo":
                System.out.println(echoed(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
                return 0;
            case "stay":
                return execute("sleep " + words[1] + "; hostname");
            default:
                throw new IllegalArgumentException(verb);
        }
    }

    private int terminal() throws Exception {
        List<Integer> size = windowSize();
        sun.misc.Signal.handle(new sun.misc.Signal("WINCH"), signal -> {
            try {
                List<Integer> now = windowSize();
                resize(now.get(1), now.get(0));
            } catch (Exception failure) {
                failure.printStackTrace();
            }
        });
        stty("raw", "-echo");
        return shell(size.get(1), size.get(0));
    }

    private long echoed(int channels, int size) throws Exception {
        boolean[] good = new boolean[channels];
        byte[] sent = new byte[size];
        new Random().nextBytes(sent);
        atOnce(channels, i -> {
            Pipe cat = cat();
            Thread writer = new Thread(() -> {
                try (OutputStream in = cat.in()) {
                    in.write(sent);
                } catch (IOException failure) {
                    failure.printStackTrace();
                }
            });
            writer.start();
            good[i] = Arrays.equals(cat.out().readAllBytes(), sent);
        });
        return IntStream.range(0, channels).filter(i -> good[i]).count();
    }

    interface Work {
        void run(int index) throws Exception;
    }

    private static void atOnce(int times, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(times);
        List<Callable<Void>> tasks = IntStream.range(0, times).<Callable<Void>>mapToObj(i -> () -> {
            work.run(i);
            return null;
        }).toList();
        for (Future<Void> done : pool.invokeAll(tasks)) {
            done.get();
        }
    }

    /** Rows and columns, as stty has them. */
    private static List<Integer> windowSize() throws Exception {
        return Arrays.stream(stty("size").trim().split(" ")).map(Integer::valueOf).toList();
    }

    private static String stty(String... words) throws Exception {
        ProcessBuilder command = new ProcessBuilder("stty");
        command.command().addAll(List.of(words));
        command.redirectInput(ProcessBuilder.Redirect.INHERIT);
        return new String(command.start().getInputStream().readAllBytes());
    }
}
