//! Access to a `VarMap` in an order that does not depend on its hash map.

use std::collections::{BTreeMap, HashMap};
use std::sync::{MutexGuard, PoisonError};

use candle_core::Var;
use candle_nn::VarMap;

/// The variables of a map by name, in the order of the names.
///
/// `VarMap::all_vars` gives them in the order of a hash map, which differs from run to run; sums of
/// norms, gradients over ranks and files need a fixed one. The variables are shared, not copied.
pub fn named_variables(variables: &VarMap) -> BTreeMap<String, Var> {
    lock(variables)
        .iter()
        .map(|(name, var)| (name.clone(), var.clone()))
        .collect()
}

pub(crate) fn insert(variables: &VarMap, name: String, var: Var) {
    lock(variables).insert(name, var);
}

fn lock(variables: &VarMap) -> MutexGuard<'_, HashMap<String, Var>> {
    // Whoever panicked while holding the lock left a whole map: entries are inserted at once.
    variables
        .data()
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}
