//! Connections that switch to another protocol, such as WebSocket: bytes go through in both directions, unread.

use http::{HeaderValue, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use ondol_call::{AnswerBody, Request};

use super::{Proxy, Response, Route, answer, hop};

/// Asks the service to switch. If it does, the client is told so and both are joined.
pub(super) async fn open(
    proxy: &Proxy,
    route: &Route,
    mut request: Request,
    protocol: HeaderValue,
    client: OnUpgrade,
) -> Response {
    request.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    request.headers.insert(header::UPGRADE, protocol);
    let operation = route.callee.operation_of(&request.method, request.path_and_query.path());
    let mut response = match route.callee.upgrade(request, operation).await {
        Ok(response) => response,
        Err(error) => return answer::failed(false, route.callee.name(), &error),
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        hop::strip(response.headers_mut());
        return response;
    }
    let server = hyper::upgrade::on(&mut response);
    proxy.tunnels.spawn(async move {
        let (Ok(client), Ok(server)) = (client.await, server.await) else { return };
        // How it ended is the two ends' own business.
        let _ended =
            tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(server)).await;
    });
    response.map(|_| AnswerBody::absent())
}
