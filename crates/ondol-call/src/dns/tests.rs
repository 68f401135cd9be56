use std::io::{Read, Write};
use std::net::TcpListener;

use http::Method;
use http_body_util::BodyExt;

use super::*;
use crate::body::{AnswerBody, Body};
use crate::{Caller, Options, Protocol, Request, Target, Timeouts};

fn knowing(host: &str, addresses: &[&str]) -> Names {
    let names = Names::default();
    names.say(host, addresses);
    names
}

#[tokio::test]
async fn every_address_has_its_turn_to_be_first() {
    let names = knowing("flight", &["10.0.0.1", "10.0.0.2"]);
    let mut firsts = Vec::new();
    for _ in 0..4 {
        let found = names.lookup("flight", 80).await.expect("it is known");
        assert_eq!(found.len(), 2);
        firsts.push(found[0].to_string());
    }
    assert_eq!(firsts, ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.1:80", "10.0.0.2:80"]);
    let literal = names.lookup("::1", 9).await.expect("it is an address");
    assert_eq!(literal, ["[::1]:9".parse().expect("an address")]);
}

#[tokio::test]
async fn an_address_that_is_gone_is_not_held() {
    let names = knowing("flight", &["10.0.0.1"]);
    let [stays, gone] = ["10.0.0.1", "10.0.0.9"].map(|address| address.parse().expect("an address"));
    assert!(names.holds("flight", stays) && !names.holds("flight", gone));
    assert!(names.holds("10.0.0.9", gone), "what is not looked up is as it is");
}

#[tokio::test]
async fn this_machine_has_a_name() {
    let names = Names::default();
    let found = names.lookup("localhost", 7).await.expect("every machine has it");
    assert!(found.iter().all(|address| address.ip().is_loopback()), "{found:?}");
}

/// Answers each request with its own address, the end of a body only once the next byte has come.
#[cfg(target_os = "linux")]
fn whoami(listener: TcpListener) {
    let own = listener.local_addr().expect("it listens").ip().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, own) = (stream.expect("a connection"), own.clone());
            std::thread::spawn(move || {
                let mut read = Vec::new();
                let mut byte = [0];
                while matches!(stream.read(&mut byte), Ok(1)) {
                    read.push(byte[0]);
                    if read.ends_with(b"\r\n\r\n") {
                        let pause = if read.starts_with(b"GET /slow") { 100 } else { 0 };
                        read.clear();
                        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", own.len());
                        let _gone = stream.write_all(head.as_bytes());
                        std::thread::sleep(Duration::from_millis(pause));
                        let _gone = stream.write_all(own.as_bytes());
                    }
                }
            });
        }
    });
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_that_moved_is_called_at_its_new_address_and_what_is_on_its_way_ends_in_peace() {
    let before = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = before.local_addr().expect("it listens").port();
    let after = TcpListener::bind(("127.0.0.2", port)).expect("nobody else uses this address");
    whoami(before);
    whoami(after);
    let owner = Caller::new(&Options::default()).expect("no extra roots");
    let endpoint = format!("http://moves.test:{port}").parse().expect("an endpoint");
    let callee = owner.callee(Target::new("moves", vec![endpoint]));
    let pools = callee.0.pools.all();
    let names = &pools[0].dialer().names;
    let call = async |path: &str| {
        let request = Request::new(Method::GET, path.parse().expect("a path"), Body::absent());
        callee.call(request, None).await.result.expect("an answer").into_body()
    };
    let told = async |body: AnswerBody| body.collect().await.expect("it is whole").to_bytes();
    names.say("moves.test", &["127.0.0.1"]);
    assert_eq!(told(call("/").await).await, "127.0.0.1");
    let (on_its_way, kept) = (call("/slow").await, call("/").await);
    assert_eq!(told(kept).await, "127.0.0.1");
    assert_eq!(callee.snapshot().connections_opened, 2);
    names.say("moves.test", &["127.0.0.2"]);
    for _ in 0..3 {
        assert_eq!(told(call("/").await).await, "127.0.0.2");
    }
    assert_eq!(told(on_its_way).await, "127.0.0.1");
    assert_eq!(told(call("/").await).await, "127.0.0.2", "not over the connection that was given back last");
    let counted = callee.snapshot();
    assert_eq!((counted.connections_opened, counted.connections_closed), (3, 2));
}

#[tokio::test]
async fn a_name_whose_address_does_not_answer_is_looked_up_again() {
    // The kernel takes the connection, and nobody says what HTTP/2 begins with.
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = silent.local_addr().expect("it listens").port();
    let endpoint = format!("http://moves.test:{port}").parse().expect("an endpoint");
    let timeouts = Timeouts { connect: Duration::from_millis(50), ..Timeouts::default() };
    let target = Target { protocol: Protocol::Http2, timeouts, ..Target::new("moves", vec![endpoint]) };
    let callee = Caller::new(&Options::default()).expect("no extra roots").callee(target);
    let pools = callee.0.pools.all();
    let names = &pools[0].dialer().names;
    names.say("moves.test", &["127.0.0.1"]);
    let request = Request::new(Method::GET, "/".parse().expect("a path"), Body::absent());
    let error = callee.call(request, None).await.result.expect_err("nobody is there");
    assert!(error.to_string().contains("not connected within 50 ms"), "{error}");
    assert!(names.known()["moves.test"].until <= clock::now());
}
