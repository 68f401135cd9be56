// A tiny HTTP server and one request to it. It knows nothing of OpenTelemetry: the agent does all.

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.logging.Logger;

public final class Served {
    private static final Logger LOG = Logger.getLogger("booking");

    public static void main(String[] arguments) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/book", exchange -> {
            LOG.severe("card declined for u1");
            exchange.sendResponseHeaders(402, -1);
            exchange.close();
        });
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/book");
        HttpResponse<Void> answer =
            HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
        LOG.info("the answer was " + answer.statusCode());
        server.stop(0);
        System.out.println("{\"service\":\"java-agent\",\"logs\":2,\"words\":\"card declined\"}");
        // The agent sends what is left when the program ends.
        System.exit(0);
    }
}
