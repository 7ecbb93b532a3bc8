import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import org.zeromq.ZMQ;

/**
 * A JeroMQ socket that a test drives, a line at a time; the lines are those of
 * libzmq_peer.c. JeroMQ 0.3 speaks ZMTP 3.0.
 *
 *   java JeromqPeer TYPE bind|connect ENDPOINT
 */
public final class JeromqPeer {
    private static final String HEX = "0123456789abcdef";

    public static void main(String[] args) throws Exception {
        ZMQ.Context context = ZMQ.context(1);
        ZMQ.Socket socket = context.socket(typeOf(args[0]));
        String endpoint = args[2];
        if (args[1].equals("bind")) {
            int port = socket.bindToRandomPort("tcp://127.0.0.1");
            endpoint = "tcp://127.0.0.1:" + port;
        } else {
            socket.connect(endpoint);
        }
        say("endpoint " + endpoint);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "send":
                    for (int i = 1; i < words.length; i++) {
                        socket.send(parse(words[i]), i + 1 < words.length ? ZMQ.SNDMORE : 0);
                    }
                    say("sent");
                    break;
                case "recv":
                    StringBuilder got = new StringBuilder("got");
                    do {
                        got.append(' ').append(print(socket.recv(0)));
                    } while (socket.hasReceiveMore());
                    say(got.toString());
                    break;
                case "subscribe":
                    socket.subscribe(parse(words[1]));
                    say("subscribed");
                    break;
                default:
                    socket.close();
                    context.term();
                    return;
            }
        }
    }

    private static int typeOf(String name) throws Exception {
        return ZMQ.class.getField(name.toUpperCase()).getInt(null);
    }

    private static byte pattern(int i) {
        return (byte) (i * 31 + (i >> 8) + 7);
    }

    private static byte[] parse(String word) {
        if (word.startsWith("*")) {
            byte[] body = new byte[Integer.parseInt(word.substring(1))];
            for (int i = 0; i < body.length; i++) {
                body[i] = pattern(i);
            }
            return body;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 0; !word.equals("-") && i < word.length(); i += 2) {
            body.write(Integer.parseInt(word.substring(i, i + 2), 16));
        }
        return body.toByteArray();
    }

    private static String print(byte[] body) {
        if (body.length == 0) {
            return "-";
        }
        boolean same = body.length > 16;
        for (int i = 0; same && i < body.length; i++) {
            same = body[i] == pattern(i);
        }
        if (same) {
            return "*" + body.length;
        }
        StringBuilder text = new StringBuilder();
        for (byte b : body) {
            text.append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
        }
        return text.toString();
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
