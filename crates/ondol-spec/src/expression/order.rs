//! Mappings are walked in the order of their keys.
//!
//! CEL leaves the order open and the `cel` crate takes that of a hash table, another one each time. But two attempts of
//! one call must send the same bytes, so every walk goes through a function that no expression can name.

use ::cel::common::types::{CelList, CelMap, CelMapKey, DYN_TYPE};
use ::cel::common::value::CowVal;
use ::cel::{Env, ExecutionError};

/// The name of the function; CEL's grammar has no `@`.
pub(crate) const IN_ORDER: &str = "@in_order";

/// The standard library, and [`IN_ORDER`].
pub(crate) fn environment() -> Env {
    let mut env = Env::stdlib();
    env.add_overload(IN_ORDER, "in_order_dyn", vec![DYN_TYPE], in_order)
        .expect("the standard library has no such function");
    env
}

/// The keys of a mapping, sorted; anything else as it is.
#[expect(clippy::unnecessary_wraps, reason = "the signature that `add_overload` takes")]
fn in_order<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = args.pop().expect("the overload takes one argument");
    let Some(map) = value.downcast_ref::<CelMap>() else { return Ok(value) };
    let mut keys: Vec<&CelMapKey> = map.inner().keys().collect();
    keys.sort_unstable();
    let keys: Vec<_> = keys.into_iter().map(|key| key.inner().clone_as_boxed()).collect();
    Ok(CowVal::owned(CelList::from(keys)))
}
