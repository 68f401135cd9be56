//! What a person is told of a call.

use bytes::Bytes;
use ondol_call::policy::settings::{Fallback, Rate, Settings, Throttle};
use ondol_call::{Callee, Request, Story};

use crate::asked::{ask, brisk, get, keyed, service, with};
use crate::support::{Scripted, caller, post, raw, refusing};

/// The story, a decision a line, with names for addresses and without what differs from run to run.
fn told(story: &Story, endpoints: &[(&str, String)]) -> String {
    let mut text = story.to_string().replace("; ", "\n");
    for (name, endpoint) in endpoints {
        text = text.replace(endpoint, name);
    }
    let lines = text.lines().map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let follows = |index: usize| words.get(index + 1).is_some_and(|next| next.starts_with("ms"));
        let timeless = words.iter().enumerate().map(|(index, word)| match word.parse::<f64>() {
            Ok(_) if follows(index) => "N",
            Ok(_) | Err(_) => word,
        });
        timeless.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

async fn story(callee: &Callee, request: Request, endpoints: &[(&str, String)]) -> String {
    told(&ask(callee, request).await.story, endpoints)
}

#[tokio::test]
async fn a_retry_that_succeeded() {
    let [one, other] = [(503, ""), (200, "")].map(|(status, body)| Scripted::always(raw(status, "", body)));
    let names =
        [("http://seoul", one.endpoint().to_string()), ("http://busan", other.endpoint().to_string())];
    let callee = caller().callee(service([one.endpoint(), other.endpoint()], brisk()));
    let stories = async {
        let mut stories = String::new();
        // Whichever is asked first, the failing one is within two calls; then it is known.
        for _ in 0..3 {
            let request = with(get("/"), &[("ondol-deadline-ms", "2000")]);
            stories += &(story(&callee, request, &names).await + "\n\n");
        }
        stories
    };
    insta::assert_snapshot!(stories.await);
}

#[tokio::test]
async fn a_rejection() {
    let server = Scripted::always(raw(200, "", ""));
    let rate = Some(Rate { per_second: 2.0, burst: 1 });
    let callee = caller().callee(service([server.endpoint()], Settings { rate, ..brisk() }));
    let names = [("http://seoul", server.endpoint().to_string())];
    let first = story(&callee, get("/"), &names).await;
    let second = story(&callee, get("/"), &names).await;
    let silent = Scripted::new(|mut peer| peer.wait_for_end());
    let throttle =
        Throttle { limit_min: 2, limit_max: 2, limit_start: 2, queue_max: 0, ..Throttle::default() };
    let callee = caller().callee(service([silent.endpoint()], Settings { throttle, ..brisk() }));
    let (_held, full) = tokio::join!(ask(&callee, post("/", "{}")), story(&callee, post("/", "{}"), &[]));
    insta::assert_snapshot!([first, second, full].join("\n\n"));
}

#[tokio::test]
async fn a_fallback() {
    let [one, other] = [refusing(), refusing()];
    let names = [("http://seoul", one.to_string()), ("http://busan", other.to_string())];
    let fallback = Some(Fallback::Static {
        status: 200,
        content_type: "text/plain".to_owned(),
        body: Bytes::from_static(b"5"),
    });
    let target = service([one, other], Settings { fallback, ..brisk() });
    let mut stories = Vec::new();
    for request in [get("/"), keyed("/")] {
        stories.push(story(&caller().callee(target.clone()), request, &names).await);
    }
    insta::assert_snapshot!(stories.join("\n\n"));
}
