//! The same seed and data give bit-identical weights, whatever the number of threads.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;

use safetensors::SafeTensors;
use vadose_tests::Run;
use vadose_tests::training::SmallRun;

/// Trains in a folder of its own, on so many threads, and gives back the model file.
fn model_with_threads(n_threads: usize) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let small = SmallRun::prepare(folder.path());
    let mut command = small.command();
    let _ = Run::of(command.env("RAYON_NUM_THREADS", n_threads.to_string())).succeeded();
    fs::read(small.model()).unwrap()
}

#[test]
fn weights_are_bit_identical_for_one_two_and_three_threads() {
    let first = model_with_threads(1);
    let first = SafeTensors::deserialize(&first).unwrap();
    assert!(!first.names().is_empty());
    for n_threads in [2, 3] {
        let other = model_with_threads(n_threads);
        let other = SafeTensors::deserialize(&other).unwrap();
        assert_eq!(names(&first), names(&other));
        for name in names(&first) {
            let (one, two) = (first.tensor(&name).unwrap(), other.tensor(&name).unwrap());
            assert_eq!(one.shape(), two.shape(), "{name}");
            assert!(
                one.data() == two.data(),
                "{name} differs with {n_threads} threads"
            );
        }
    }
}

fn names(tensors: &SafeTensors<'_>) -> Vec<String> {
    let mut names: Vec<_> = tensors.names().into_iter().map(str::to_owned).collect();
    names.sort();
    names
}
