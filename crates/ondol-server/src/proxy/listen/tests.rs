use std::collections::HashMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::proxy::{Route, Routes};

const ASK: &str = "GET / HTTP/1.1\r\nhost: shop\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
const AGREE: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("the head goes on"));
    }
    String::from_utf8(head).expect("a head is text")
}

/// A connection that became something else is one still.
#[tokio::test]
async fn a_tunnel_keeps_its_connections_place() {
    let service = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let endpoint =
        format!("http://{}", service.local_addr().expect("it listens")).parse().expect("an endpoint");
    let owner = ondol_call::Caller::new(&ondol_call::Options::default()).expect("no extra roots");
    let callee = owner.callee(ondol_call::Target::new("shop", vec![endpoint]));
    let routes = Arc::new(Routes::default());
    routes.install(HashMap::from([("shop".to_owned(), Arc::new(Route { callee }))]));
    let proxy = Arc::new(Proxy::new(routes, None, 0, None));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    let (places, stop) = (Arc::new(Semaphore::new(2)), CancellationToken::new());
    let tasks = TaskTracker::new();
    tasks.spawn(serve(listener, Arc::clone(&places), proxy, stop.clone(), Duration::from_secs(1)));
    let mut client = TcpStream::connect(address).await.expect("it listens");
    client.write_all(ASK.as_bytes()).await.expect("it reads");
    let (mut served, _) = service.accept().await.expect("the proxy connects");
    read_head(&mut served).await;
    served.write_all(AGREE.as_bytes()).await.expect("it reads");
    assert!(read_head(&mut client).await.starts_with("HTTP/1.1 101"));
    served.write_all(b"!").await.expect("it reads");
    assert_eq!(client.read_u8().await.expect("it comes through"), b'!');
    // Long enough for the task that served HTTP to end.
    tokio::time::sleep(Duration::from_millis(100)).await;
    // One is the tunnel's, one waits for who comes next.
    assert_eq!(places.available_permits(), 0);
    drop((client, served));
    let given_back = async {
        while places.available_permits() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), given_back).await.expect("it ends with the tunnel");
    stop.cancel();
}
