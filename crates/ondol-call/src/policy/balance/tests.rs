use std::time::Duration;

use super::super::breaker::Cause;
use super::*;

fn at(ms: u64) -> Moment {
    Moment::at(Duration::from_millis(ms))
}

/// One endpoint for each letter: usable, `p`robe due, `f`ailing, `a`bsent; a capital was tried.
fn views<'a>(letters: &str, load: &'a Load) -> Vec<View<'a>> {
    let no = |cause| Admit::No { cause, until: at(1_000) };
    let admit = |letter: char| match letter.to_ascii_lowercase() {
        'u' => Admit::Yes,
        'p' => Admit::Probe,
        'f' => no(Cause::ProbeFailed),
        'a' => no(Cause::Refused),
        other => panic!("{other}"),
    };
    let view = |letter: char| View {
        admit: admit(letter),
        usable_since: None,
        tried: letter.is_ascii_uppercase(),
        load,
    };
    letters.chars().map(view).collect()
}

#[test]
fn which_may_be_picked() {
    #[rustfmt::skip]
    let table: [(&str, &[usize], Why); 17] = [
        ("",     &[],        Why::NonePresent),
        ("u",    &[0],       Why::Load),
        ("uuu",  &[0, 1, 2], Why::Load),
        ("Uuu",  &[1, 2],    Why::Load),
        ("UUU",  &[],        Why::Load),
        ("uf",   &[0],       Why::Load),
        ("ua",   &[0],       Why::Load),
        ("up",   &[1],       Why::Probe),
        ("Uup",  &[1],       Why::Load), // a retry probes nobody
        ("Uf",   &[],        Why::Load), // and goes to nobody who fails
        ("Up",   &[],        Why::Load),
        ("ff",   &[0, 1],    Why::NoneUsable),
        ("Ff",   &[1],       Why::NoneUsable),
        ("fa",   &[0],       Why::NoneUsable),
        ("FA",   &[],        Why::NoneUsable),
        ("aa",   &[0, 1],    Why::NonePresent),
        ("Fp",   &[1],       Why::Probe),
    ];
    let load = Load::new(settings::Balance::default());
    for (letters, expected, why) in table {
        let mut dice = Dice::new(1);
        let views = views(letters, &load);
        let picks: Vec<_> = (0..100)
            .filter_map(|_| pick(&views, at(0), &settings::Balance::default(), &mut dice))
            .inspect(|pick| assert_eq!(pick.why, why, "{letters}"))
            .map(|pick| pick.index)
            .collect();
        let mut seen = picks;
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, expected, "{letters}");
    }
}

#[test]
fn what_the_others_leave_to_do() {
    #[rustfmt::skip]
    let table = [
        // endpoints, of the first, panic
        ("u",    Leeway::Last,    None),
        ("uu",   Leeway::Free,    None),
        ("uf",   Leeway::Last,    None),
        ("ua",   Leeway::Last,    None),
        ("up",   Leeway::Last,    None),
        ("uuff", Leeway::Free,    None),
        ("uff",  Leeway::Last,    Some((1, 3))),
        ("fuf",  Leeway::RowOnly, Some((1, 3))),
        ("uufff", Leeway::RowOnly, Some((2, 5))),
        ("ff",   Leeway::Last,    Some((0, 2))),
        ("",     Leeway::Last,    None),
    ];
    let (settings, load) = (settings::Balance::default(), Load::new(settings::Balance::default()));
    for (letters, expected, expected_panic) in table {
        let views = views(letters, &load);
        assert_eq!(leeway(&views, 0, &settings), expected, "{letters}");
        assert_eq!(
            panic(&views, &settings).map(|panic| (panic.usable, panic.of)),
            expected_panic,
            "{letters}"
        );
    }
}

#[test]
fn the_better_of_two_is_picked_and_says_so() {
    let settings = settings::Balance::default();
    let (mut slow, mut fast) = (Load::new(settings), Load::new(settings));
    for (load, ms) in [(&mut slow, 30), (&mut fast, 10)] {
        load.began();
        load.ended(at(0), Sample::Took(Duration::from_millis(ms)));
    }
    // Four in flight make the fast one the slower.
    for (in_flight, expected) in [(0, 1), (1, 1), (3, 0)] {
        let mut fast = fast.clone();
        (0..in_flight).for_each(|_| fast.began());
        let view = |load| View { admit: Admit::Yes, usable_since: None, tried: false, load };
        let views = [view(&slow), view(&fast)];
        let pick = pick(&views, at(0), &settings, &mut Dice::new(in_flight)).unwrap();
        assert_eq!(pick.index, expected, "{in_flight} in flight");
        let (other, score) = pick.instead_of.unwrap();
        assert!(other == 1 - expected && pick.score < score, "{pick:?}");
    }
}
