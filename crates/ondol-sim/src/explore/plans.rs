//! Every small plan, each once.

use std::collections::BTreeSet;

use ondol_core::{Plan, StepId};

use super::notation::{Sketch, build};

/// Every legal plan of exactly `steps` steps: every `after` graph, each step with or without a compensation, a pivot at
/// every legal place or none, a condition at every legal place or none. Of plans that differ only in the order of their
/// steps one is kept.
///
/// # Panics
///
/// Above four steps: there are too many plans, and too many orders of each.
#[must_use]
pub fn every_plan(steps: usize) -> Vec<Plan> {
    assert!((1..=4).contains(&steps), "plans of 1 to 4 steps are enumerated");
    let names: Vec<String> = ["a", "b", "c", "d"].iter().take(steps).map(ToString::to_string).collect();
    let pairs: Vec<(usize, usize)> = (0..steps).flat_map(|to| (0..to).map(move |from| (from, to))).collect();
    let orders = orders(steps);
    let mut seen = BTreeSet::new();
    let mut plans = Vec::new();
    for graph in 0_u32..1 << pairs.len() {
        for undoable in 0_u32..1 << steps {
            for pivot in 0..=steps {
                for condition in 0..=steps {
                    let sketches: Vec<Sketch> = (0..steps)
                        .map(|at| Sketch {
                            after: after(&pairs, graph, at),
                            undoable: undoable & (1 << at) != 0,
                            condition: condition == at,
                            pivot: pivot == at,
                        })
                        .collect();
                    let Ok(plan) = build(&names, &sketches, pivot < steps) else { continue };
                    if seen.insert(canonical(&sketches, &orders)) {
                        plans.push(plan);
                    }
                }
            }
        }
    }
    plans
}

fn after(pairs: &[(usize, usize)], graph: u32, at: usize) -> Vec<StepId> {
    let drawn = pairs.iter().enumerate().filter(|(bit, _)| graph & (1 << bit) != 0);
    drawn.filter(|(_, (_, to))| *to == at).map(|(_, (from, _))| *from as StepId).collect()
}

/// The least description of the plan over all orders of its steps.
fn canonical(sketches: &[Sketch], orders: &[Vec<usize>]) -> Vec<(u32, bool, bool, bool)> {
    let describe = |order: &Vec<usize>| {
        let mut rows = vec![(0, false, false, false); sketches.len()];
        for (at, sketch) in sketches.iter().enumerate() {
            let after = sketch.after.iter().map(|&before| 1_u32 << order[usize::from(before)]).sum();
            rows[order[at]] = (after, sketch.undoable, sketch.condition, sketch.pivot);
        }
        rows
    };
    orders.iter().map(describe).min().expect("there is at least one order")
}

fn orders(len: usize) -> Vec<Vec<usize>> {
    if len == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(len - 1);
    let insert = |order: &Vec<usize>, at: usize| {
        let mut longer = order.clone();
        longer.insert(at, len - 1);
        longer
    };
    shorter.iter().flat_map(|order| (0..len).map(move |at| insert(order, at))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::notation::{parse, written};
    use super::every_plan;

    #[test]
    fn every_plan_is_written_and_read_back() {
        for plan in (1..=3).flat_map(every_plan) {
            assert_eq!(parse(&written(&plan)).as_ref(), Ok(&plan));
        }
    }

    #[test]
    fn one_step_makes_five_plans() {
        let all: Vec<String> = every_plan(1).iter().map(written).collect();
        assert_eq!(all, ["a* =", "a-?", "a-", "a?", "a"]);
    }
}
