//! What has been measured.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::contender::{Answer, Task, Work};

/// All measurements of a run.
#[derive(Default)]
pub(super) struct Figures {
    by_task: BTreeMap<(&'static str, Work, usize), Vec<Answer>>,
    /// Programs that were stopped, and after how many seconds.
    stopped: Vec<(&'static str, Work, u32)>,
    peak_gflops: f64,
    bf16_difference: f64,
}

impl Figures {
    pub(super) fn add(&mut self, name: &'static str, task: &Task, answer: Answer) {
        let key = (name, task.work, task.batch);
        self.by_task.entry(key).or_default().push(answer);
    }

    /// Notes that a program was stopped, and after how many seconds.
    pub(super) fn add_stopped(&mut self, name: &'static str, work: Work, after_s: u32) {
        self.stopped.push((name, work, after_s));
    }

    /// Adds a measurement of what the processor can do; the largest counts.
    pub(super) fn add_peak(&mut self, gflops: f64) {
        self.peak_gflops = self.peak_gflops.max(gflops);
    }

    /// Sets how far our output in bf16 is from that in f32 at most, m3 m-3.
    pub(super) fn set_bf16_difference(&mut self, difference_m3m3: f64) {
        self.bf16_difference = difference_m3m3;
    }

    /// How far our output in bf16 is from that in f32 at most, m3 m-3.
    pub(super) fn bf16_difference(&self) -> f64 {
        self.bf16_difference
    }

    /// Multiply-adds of the processor, 10^9 operations a second.
    pub(super) fn peak_gflops(&self) -> f64 {
        self.peak_gflops
    }

    /// After how many seconds a program was stopped, if it was.
    pub(super) fn stopped_after(&self, name: &str, work: Work) -> Option<u32> {
        let mut stopped = self.stopped.iter();
        Some(stopped.find(|one| (one.0, one.1) == (name, work))?.2)
    }

    /// Median of all repetitions of all rounds, seconds.
    pub(super) fn seconds(&self, name: &'static str, work: Work, batch: usize) -> Option<f64> {
        let answers = self.by_task.get(&(name, work, batch))?;
        let all: Vec<_> = answers.iter().flat_map(|one| one.seconds.clone()).collect();
        Some(median(&all))
    }

    /// Median peak memory of the rounds' processes, and what they had held before the network, in MB (10^6).
    pub(super) fn megabytes(
        &self,
        name: &'static str,
        work: Work,
        batch: usize,
    ) -> Option<(f64, f64)> {
        let answers = self.by_task.get(&(name, work, batch))?;
        let of = |bytes: fn(&Answer) -> u64| {
            median(
                &answers
                    .iter()
                    .map(|one| bytes(one) as f64 / 1e6)
                    .collect::<Vec<_>>(),
            )
        };
        Some((of(|one| one.peak_bytes), of(|one| one.before_bytes)))
    }

    /// Versions of the programs, by the part of their name before a comma.
    pub(super) fn versions(&self) -> BTreeMap<&'static str, &str> {
        self.by_task
            .iter()
            .filter_map(|((name, ..), answers)| {
                let base = name.split(',').next().unwrap_or(name);
                Some((base, answers.first()?.version.as_str()))
            })
            .collect()
    }
}

/// Times of our convolutions.
#[derive(Debug, Deserialize)]
pub(super) struct Layers {
    pub(super) instruction_set: String,
    pub(super) layers: Vec<Layer>,
}

/// One convolution: 10^9 operations as the network defines them, and seconds.
#[derive(Debug, Deserialize)]
pub(super) struct Layer {
    pub(super) label: String,
    pub(super) forward_gflop: f64,
    pub(super) weight_gflop: f64,
    pub(super) input_gflop: f64,
    pub(super) forward_s: f64,
    pub(super) weight_s: f64,
    pub(super) input_s: f64,
}

impl Layers {
    /// Operations of a piece of work on one tile, in 10^9.
    pub(super) fn gflop(&self, work: Work) -> f64 {
        let of_layer = |layer: &Layer| match work {
            Work::Infer => layer.forward_gflop,
            Work::Step => layer.forward_gflop + layer.weight_gflop + layer.input_gflop,
        };
        self.layers.iter().map(of_layer).sum()
    }
}

/// The middle value, or the mean of the two in the middle; NaN of nothing.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n => f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn repetitions_of_all_rounds_count_alike() {
        let task = Task {
            work: Work::Step,
            batch: 4,
            repetitions: 2,
        };
        let answer = |seconds: &[f64], peak_bytes| Answer {
            version: "1".into(),
            seconds: seconds.to_vec(),
            before_bytes: 1_000_000,
            peak_bytes,
        };
        let mut figures = Figures::default();
        figures.add("Keras, XLA", &task, answer(&[1.0, 5.0], 2_000_000));
        figures.add("Keras, XLA", &task, answer(&[2.0], 4_000_000));
        assert_eq!(figures.seconds("Keras, XLA", Work::Step, 4), Some(2.0));
        assert_eq!(figures.seconds("Keras, XLA", Work::Step, 1), None);
        assert_eq!(
            figures.megabytes("Keras, XLA", Work::Step, 4),
            Some((3.0, 1.0))
        );
        assert_eq!(figures.versions()["Keras"], "1");
    }
}
