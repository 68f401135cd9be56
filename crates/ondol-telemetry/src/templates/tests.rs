//! Lines that are of one kind and lines that are not; what is forgotten; what is news.

use proptest::prelude::*;

use super::*;

/// Lines of one service, and the templates that come of them.
fn check(lines: &[&str], expected: &[&str]) {
    let mut templates = Templates::default();
    for line in lines {
        templates.learn("pay", line, 1);
    }
    let mut texts: Vec<_> =
        templates.all().map(|template| format!("{} {}", template.count, template.text)).collect();
    texts.sort();
    assert_eq!(texts, expected);
}

#[test]
fn lines_of_one_kind_are_one_template() {
    check(&["order 17 paid", "order 18 paid"], &["2 order <*> paid"]);
    check(
        &["user alice logged in", "user bob logged in", "user bob logged out"],
        &["1 user alice logged in", "2 user bob logged <*>"],
    );
    check(
        &["failed to reserve seat for alice in car seven", "failed to reserve seat for bob in car one"],
        &["2 failed to reserve seat for <*> in car <*>"],
    );
    check(
        &["INFO cache refreshed", "ERROR cache refreshed"],
        &["1 ERROR cache refreshed", "1 INFO cache refreshed"],
    );
    check(
        &[
            "16:59:14.315 INFO a.b.C#7 TraceID: 96b4037808250b1fd21cbd435e19449d [find][By Name][name: seoul]",
            "16:59:15.001 INFO a.b.C#7 TraceID: 00b4037808250b1fd21cbd435e19449d [find][By Name][name: busan]",
            "16:59:15.001 INFO a.b.C#9 TraceID: 00b4037808250b1fd21cbd435e19449d [find][Nothing][was found]",
        ],
        &[
            "1 <*> INFO a.b.C#<*> TraceID: <*> [find][Nothing][was found]",
            "2 <*> INFO a.b.C#<*> TraceID: <*> [find][By Name][name: <*>]",
        ],
    );
    check(&["got [a, b]", "got [a, b, c]"], &["2 got [<*>]"]);
    check(&["", ""], &["2 "]);
}

#[test]
fn many_names_in_front_share_a_branch() {
    let mut templates = Templates::default();
    let name = |number: usize| {
        ["a", "b", "c", "d", "e", "f", "g", "h"].map(|letter| letter.repeat(1 + number / 8))[number % 8]
            .clone()
    };
    for number in 0..400 {
        templates.learn("pay", &format!("{} has left the building again", name(number)), 1);
    }
    assert!(templates.all().count() <= 40, "{}", templates.all().count());
}

#[test]
fn the_least_recently_used_is_forgotten_and_not_new_when_it_comes_back() {
    let mut templates = Templates::new(Bounds { services_max: 2, templates_max: 2, ..Bounds::default() });
    let mut learn = |service: &str, line: &str, at_ns| templates.learn(service, line, at_ns).new;
    assert!(learn("a", "one", 1));
    assert!(learn("a", "two words", 2));
    assert!(!learn("a", "one", 3));
    assert!(learn("a", "three whole words", 4));
    assert!(!learn("a", "two words", 5), "it was here before");
    assert!(learn("b", "one", 6));
    assert!(learn("c", "one", 7), "a third service");
    assert!(learn("a", "one", 8), "the first service was forgotten");
    assert_eq!(templates.all().count(), 2);
}

#[test]
fn all_services_share_one_bound() {
    let mut templates = Templates::new(Bounds { total_max: 3, ..Bounds::default() });
    for (service, line) in [("a", "one"), ("a", "two words"), ("b", "one"), ("b", "two words"), ("c", "one")]
    {
        templates.learn(service, line, 1);
        assert!(templates.all().count() <= 3);
    }
    let mut left: Vec<_> =
        templates.all().map(|template| format!("{} {}", template.service, template.text)).collect();
    left.sort();
    assert_eq!(left, ["b two words", "c one"], "for `c` the service that was silent longest was forgotten");
}

#[test]
fn an_id_depends_on_the_form_and_the_service_alone() {
    let id = |service, line| Templates::default().learn(service, line, 1).template;
    assert_eq!(id("a", "order 17 paid"), id("a", "order 18 paid"));
    assert_ne!(id("a", "order 17 paid"), id("b", "order 17 paid"));
    assert_eq!(id("a", "order 17 paid").to_string(), "93fa0d1397595fc9");
}

#[test]
fn news_is_what_a_known_service_never_said_before() {
    let mut templates = Templates::default();
    templates.learn("old", "ready", 1_000);
    templates.learn("old", "disk is full", 5_000);
    templates.learn("young", "ready", 4_900);
    templates.learn("young", "disk is full", 5_000);
    let news = |from_ns, to_ns| {
        let news = templates.news(Window { from_ns, to_ns }, 600);
        news.into_iter().map(|template| format!("{} {}", template.service, template.text)).collect::<Vec<_>>()
    };
    assert_eq!(news(0, 10_000), ["old disk is full"]);
    assert!(news(0, 5_000).is_empty());
    assert!(news(5_001, 10_000).is_empty());
}

proptest! {
    /// Any line is learnt, has a template within the bounds, and is the same template when it comes again at once.
    #[test]
    fn any_line_has_a_template(lines in prop::collection::vec("(\\PC|[ \\[\\]:,0-9a-f-]){0,80}", 1..40)) {
        let bounds = Bounds { services_max: 1, templates_max: 4, bytes_max: 60, words_max: 6, ..Bounds::default() };
        let mut templates = Templates::new(bounds);
        for (at, line) in lines.iter().enumerate() {
            let learned = templates.learn("a", line, at as u64);
            prop_assert_eq!(templates.learn("a", line, at as u64).template, learned.template);
            prop_assert!(templates.get("a", learned.template).is_some());
            prop_assert!(templates.all().count() <= 4);
        }
        prop_assert!(templates.all().all(|template| template.text.len() <= 60 * 3 + 3));
    }
}
