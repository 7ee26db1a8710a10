//! Adam with decoupled weight decay, with a state that can be saved.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::error::Attempted;

/// Parameters of [`AdamW`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamWConfig {
    /// Base learning rate, before the schedule.
    pub learning_rate: f64,
    /// Decay of the mean of gradients.
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// Decoupled weight decay; biases are decayed as well, as in PyTorch's `AdamW`.
    pub weight_decay: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            learning_rate: 2e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
        }
    }
}

impl AdamWConfig {
    /// Checks the ranges of the fields.
    ///
    /// # Errors
    /// [`TrainError::Config`] names the first value out of range.
    pub fn validate(&self) -> Result<(), TrainError> {
        let check = |key, value: f64, holds: bool, allowed| {
            if holds {
                Ok(())
            } else {
                Err(TrainError::Config {
                    key,
                    value: value.to_string(),
                    allowed,
                })
            }
        };
        let positive = |value: f64| value.is_finite() && value > 0.0;
        check(
            "train.optimizer.learning_rate",
            self.learning_rate,
            positive(self.learning_rate),
            "a positive number",
        )?;
        check(
            "train.optimizer.beta1",
            self.beta1,
            (0.0..1.0).contains(&self.beta1),
            "in [0, 1)",
        )?;
        check(
            "train.optimizer.beta2",
            self.beta2,
            (0.0..1.0).contains(&self.beta2),
            "in [0, 1)",
        )?;
        check(
            "train.optimizer.epsilon",
            self.epsilon,
            positive(self.epsilon),
            "a positive number",
        )?;
        let decay = self.weight_decay;
        check(
            "train.optimizer.weight_decay",
            decay,
            decay.is_finite() && decay >= 0.0,
            "zero or positive",
        )
    }
}

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
///
/// `m ← β1 m + (1−β1) g`, `v ← β2 v + (1−β2) g²`,
/// `w ← w − lr·decay·w − lr · m/(1−β1^t) / (√(v/(1−β2^t)) + ε)`.
///
/// Parameters are visited in the order of their names. Unlike candle's own, its state can be read
/// and restored, which an exact resume needs.
#[derive(Debug, Clone)]
pub struct AdamW {
    config: AdamWConfig,
    step: u64,
    moments: BTreeMap<String, Moments>,
}

#[derive(Debug, Clone)]
struct Moments {
    mean: Tensor,
    square: Tensor,
}

impl AdamW {
    /// A fresh optimiser for `variables`.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] if the state cannot be allocated.
    pub fn new(config: AdamWConfig, variables: &BTreeMap<String, Var>) -> Result<Self, TrainError> {
        let moments = variables
            .iter()
            .map(|(name, variable)| {
                let mean = variable
                    .zeros_like()
                    .attempted("allocating the optimiser's state")?;
                Ok((
                    name.clone(),
                    Moments {
                        square: mean.clone(),
                        mean,
                    },
                ))
            })
            .collect::<Result<_, TrainError>>()?;
        Ok(Self {
            config,
            step: 0,
            moments,
        })
    }

    /// Steps taken so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// One step. `gradients` holds one gradient for each name of `variables`.
    ///
    /// # Errors
    /// [`TrainError::Tensor`].
    pub fn step(
        &mut self,
        variables: &BTreeMap<String, Var>,
        gradients: &BTreeMap<String, Tensor>,
        schedule_factor: f64,
    ) -> Result<(), TrainError> {
        self.step += 1;
        self.update(variables, gradients, schedule_factor)
            .attempted("updating the weights")
    }

    fn update(
        &mut self,
        variables: &BTreeMap<String, Var>,
        gradients: &BTreeMap<String, Tensor>,
        schedule_factor: f64,
    ) -> candle_core::Result<()> {
        let AdamWConfig {
            learning_rate,
            beta1,
            beta2,
            epsilon,
            weight_decay,
        } = self.config;
        let rate = learning_rate * schedule_factor;
        let unbias_mean = 1.0 / (1.0 - beta1.powf(self.step as f64));
        let unbias_square = 1.0 / (1.0 - beta2.powf(self.step as f64));
        for (name, variable) in variables {
            let (Some(gradient), Some(moments)) = (gradients.get(name), self.moments.get_mut(name))
            else {
                continue;
            };
            moments.mean = ((&moments.mean * beta1)? + (gradient * (1.0 - beta1))?)?.detach();
            moments.square =
                ((&moments.square * beta2)? + (gradient.sqr()? * (1.0 - beta2))?)?.detach();
            let scale = ((&moments.square * unbias_square)?.sqrt()? + epsilon)?;
            let direction = ((&moments.mean * unbias_mean)? / scale)?;
            let decayed = (variable.as_tensor() * (1.0 - rate * weight_decay))?;
            variable.set(&(decayed - (direction * rate)?)?)?;
        }
        Ok(())
    }

    /// The state as named tensors: `mean.NAME` and `square.NAME`.
    #[must_use]
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        self.moments
            .iter()
            .flat_map(|(name, m)| {
                [
                    (format!("mean.{name}"), m.mean.clone()),
                    (format!("square.{name}"), m.square.clone()),
                ]
            })
            .collect()
    }

    /// Restores what [`AdamW::state`] and [`AdamW::steps`] gave. Returns the first name that is missing
    /// or has another shape.
    ///
    /// # Errors
    /// The name of the tensor that does not fit.
    pub fn restore(&mut self, step: u64, state: &BTreeMap<String, Tensor>) -> Result<(), String> {
        for (name, moments) in &mut self.moments {
            for (prefix, target) in [("mean", &mut moments.mean), ("square", &mut moments.square)] {
                let key = format!("{prefix}.{name}");
                match state.get(&key) {
                    Some(tensor) if tensor.shape() == target.shape() => *target = tensor.clone(),
                    _ => return Err(key),
                }
            }
        }
        self.step = step;
        Ok(())
    }
}

/// Takes the gradients of `variables` out of `store`, and scales them all so that their global
/// L2 norm is at most `limit`. Returns the gradients and the norm before scaling.
///
/// The norm is summed in f64 in the order of the names.
///
/// # Errors
/// [`TrainError::Tensor`].
pub fn clip_global_norm(
    variables: &BTreeMap<String, Var>,
    store: &GradStore,
    limit: Option<f64>,
) -> Result<(BTreeMap<String, Tensor>, f64), TrainError> {
    let clip = || -> candle_core::Result<_> {
        let mut gradients = BTreeMap::new();
        let mut sum_of_squares = 0.0;
        for (name, variable) in variables {
            let gradient = match store.get(variable) {
                Some(gradient) => gradient.clone(),
                None => variable.zeros_like()?,
            };
            let flat = gradient
                .flatten_all()?
                .to_dtype(candle_core::DType::F64)?
                .to_vec1::<f64>()?;
            sum_of_squares += flat.iter().map(|g| g * g).sum::<f64>();
            gradients.insert(name.clone(), gradient);
        }
        let norm = sum_of_squares.sqrt();
        if let Some(limit) = limit
            && norm > limit
        {
            for gradient in gradients.values_mut() {
                *gradient = (&*gradient * (limit / norm))?;
            }
        }
        Ok((gradients, norm))
    };
    clip().attempted("clipping the gradient")
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn one_variable(value: f64) -> BTreeMap<String, Var> {
        let var = Var::from_tensor(&Tensor::new(&[value], &Device::Cpu).unwrap()).unwrap();
        BTreeMap::from([("w".to_owned(), var)])
    }

    fn value(variables: &BTreeMap<String, Var>) -> f64 {
        variables["w"].as_tensor().to_vec1::<f64>().unwrap()[0]
    }

    fn gradient(value: f64) -> BTreeMap<String, Tensor> {
        BTreeMap::from([("w".to_owned(), Tensor::new(&[value], &Device::Cpu).unwrap())])
    }

    /// Three steps with lr = 0.1, weight decay 0.01 and gradients 1, -0.5, 2 from w = 1,
    /// written out by hand with the formula above.
    #[test]
    fn steps_follow_the_published_formula() {
        let config = AdamWConfig {
            learning_rate: 0.1,
            weight_decay: 0.01,
            ..AdamWConfig::default()
        };
        let variables = one_variable(1.0);
        let mut optimizer = AdamW::new(config, &variables).unwrap();
        let (mut w, mut m, mut v) = (1.0f64, 0.0f64, 0.0f64);
        for (t, g) in [1.0f64, -0.5, 2.0].into_iter().enumerate() {
            optimizer.step(&variables, &gradient(g), 1.0).unwrap();
            let t = t as i32 + 1;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            let direction =
                (m / (1.0 - 0.9f64.powi(t))) / ((v / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-8);
            w = w * (1.0 - 0.1 * 0.01) - 0.1 * direction;
            approx::assert_abs_diff_eq!(value(&variables), w, epsilon = 1e-12);
        }
        // The first step of Adam moves by the learning rate, whatever the gradient's size.
        let fresh = one_variable(1.0);
        AdamW::new(
            AdamWConfig {
                learning_rate: 0.1,
                ..AdamWConfig::default()
            },
            &fresh,
        )
        .unwrap()
        .step(&fresh, &gradient(123.0), 1.0)
        .unwrap();
        approx::assert_abs_diff_eq!(value(&fresh), 0.9, epsilon = 1e-9);
    }

    #[test]
    fn restored_state_goes_on_exactly() {
        let variables = one_variable(1.0);
        let mut optimizer = AdamW::new(AdamWConfig::default(), &variables).unwrap();
        optimizer.step(&variables, &gradient(0.3), 1.0).unwrap();
        let (saved, at) = (optimizer.state(), value(&variables));
        optimizer.step(&variables, &gradient(-0.7), 0.5).unwrap();

        let resumed = one_variable(at);
        let mut other = AdamW::new(AdamWConfig::default(), &resumed).unwrap();
        other.restore(1, &saved).unwrap();
        other.step(&resumed, &gradient(-0.7), 0.5).unwrap();
        assert_eq!(value(&resumed), value(&variables));
        assert_eq!(other.restore(1, &BTreeMap::new()), Err("mean.w".to_owned()));
    }

    #[test]
    fn clipping_scales_the_norm_to_the_limit() {
        let variables = one_variable(3.0);
        let loss = variables["w"].as_tensor().sqr().unwrap().sum_all().unwrap();
        let store = loss.backward().unwrap();
        let (clipped, norm) = clip_global_norm(&variables, &store, Some(1.5)).unwrap();
        assert_eq!(norm, 6.0);
        approx::assert_abs_diff_eq!(
            clipped["w"].to_vec1::<f64>().unwrap()[0],
            1.5,
            epsilon = 1e-12
        );
        let (free, _) = clip_global_norm(&variables, &store, None).unwrap();
        assert_eq!(free["w"].to_vec1::<f64>().unwrap()[0], 6.0);
    }
}
