//! The operators as differentiable candle operations.
//!
//! candle's own scatter, pooling and upsampling have wrong gradients in the pinned version, so the
//! backward pass here is the operator's own transpose. An operator is linear, hence its backward
//! operation is linear too and has the forward one for its backward.

use candle_core::{CpuStorage, CustomOp1, DType, Error, Layout, Result, Shape, Tensor, WithDType};

use crate::real::Real;
use crate::{CoarseOperator, OpsError, StationSampling};

/// A linear operator with its exact transpose, on row-major values.
pub(crate) trait LinearMap: Clone + Send + Sync + 'static {
    fn name(&self) -> &'static str;
    fn input_dims(&self) -> Vec<usize>;
    fn output_dims(&self) -> Vec<usize>;
    fn forward<T: Real>(&self, input: &[T]) -> std::result::Result<Vec<T>, OpsError>;
    fn transpose<T: Real>(&self, output: &[T]) -> std::result::Result<Vec<T>, OpsError>;
}

impl LinearMap for StationSampling {
    fn name(&self) -> &'static str {
        "station-sampling"
    }

    fn input_dims(&self) -> Vec<usize> {
        vec![self.shape().0, self.shape().1]
    }

    fn output_dims(&self) -> Vec<usize> {
        vec![self.len()]
    }

    fn forward<T: Real>(&self, map: &[T]) -> std::result::Result<Vec<T>, OpsError> {
        let cols = self.shape().1;
        Ok(self
            .points()
            .iter()
            .map(|point| map[point.row * cols + point.col])
            .collect())
    }

    fn transpose<T: Real>(&self, values: &[T]) -> std::result::Result<Vec<T>, OpsError> {
        let (rows, cols) = self.shape();
        let mut map = vec![T::ZERO; rows * cols];
        for (point, &value) in self.points().iter().zip(values) {
            map[point.row * cols + point.col] = value;
        }
        Ok(map)
    }
}

impl LinearMap for CoarseOperator {
    fn name(&self) -> &'static str {
        "coarse-operator"
    }

    fn input_dims(&self) -> Vec<usize> {
        vec![self.shape().0, self.shape().1]
    }

    fn output_dims(&self) -> Vec<usize> {
        vec![self.output_shape().0, self.output_shape().1]
    }

    fn forward<T: Real>(&self, map: &[T]) -> std::result::Result<Vec<T>, OpsError> {
        self.forward(map)
    }

    fn transpose<T: Real>(&self, coarse: &[T]) -> std::result::Result<Vec<T>, OpsError> {
        self.transpose(coarse)
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Transpose,
}

struct LinearOp<M> {
    map: M,
    direction: Direction,
}

impl<M: LinearMap> LinearOp<M> {
    fn run<T: Real + WithDType>(&self, values: &[T], layout: &Layout) -> Result<Vec<T>> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            return Err(Error::RequiresContiguous { op: self.name() }.bt());
        };
        let input = &values[start..end];
        match self.direction {
            Direction::Forward => self.map.forward(input),
            Direction::Transpose => self.map.transpose(input),
        }
        .map_err(Error::wrap)
    }
}

impl<M: LinearMap> CustomOp1 for LinearOp<M> {
    fn name(&self) -> &'static str {
        self.map.name()
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (input, output) = match self.direction {
            Direction::Forward => (self.map.input_dims(), self.map.output_dims()),
            Direction::Transpose => (self.map.output_dims(), self.map.input_dims()),
        };
        if layout.dims() != input {
            return Err(Error::UnexpectedShape {
                msg: format!("input of {}", self.name()),
                expected: input.into(),
                got: layout.shape().clone(),
            }
            .bt());
        }
        let result = match storage {
            CpuStorage::F32(values) => CpuStorage::F32(self.run(values, layout)?),
            CpuStorage::F64(values) => CpuStorage::F64(self.run(values, layout)?),
            other => {
                let dtype: DType = candle_core::backend::BackendStorage::dtype(other);
                return Err(Error::UnsupportedDTypeForOp(dtype, self.name()).bt());
            }
        };
        Ok((result, output.into()))
    }

    fn bwd(&self, _arg: &Tensor, _res: &Tensor, grad_res: &Tensor) -> Result<Option<Tensor>> {
        let direction = match self.direction {
            Direction::Forward => Direction::Transpose,
            Direction::Transpose => Direction::Forward,
        };
        let backward = LinearOp {
            map: self.map.clone(),
            direction,
        };
        Ok(Some(grad_res.contiguous()?.apply_op1(backward)?))
    }
}

impl StationSampling {
    /// `P y` as a differentiable operation, `[rows, cols]` → `[n]`, f32 or f64, in CPU memory.
    ///
    /// The gradient is the transpose, exact. With no station the result has no entry and the
    /// gradient is 0. Any strides are accepted.
    ///
    /// # Errors
    /// A tensor of another shape or type.
    ///
    /// # Examples
    /// ```
    /// use candle_core::{Device, Var};
    /// use vadose_ops::{StationPoint, StationSampling};
    ///
    /// let station = StationPoint { row: 0, col: 1, value: 0.5, weight: 1.0 };
    /// let sampling = StationSampling::new((1, 2), vec![station])?;
    /// let map = Var::new(&[[3.0_f32, 4.0]], &Device::Cpu)?;
    /// let gradients = sampling.apply_tensor(&map)?.sqr()?.sum_all()?.backward()?;
    /// let gradient = gradients.get(&map).expect("the map is a variable");
    /// assert_eq!(gradient.to_vec2::<f32>()?, [[0.0, 8.0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_tensor(&self, map: &Tensor) -> Result<Tensor> {
        map.contiguous()?.apply_op1(LinearOp {
            map: self.clone(),
            direction: Direction::Forward,
        })
    }
}

impl CoarseOperator {
    /// `D y` as a differentiable operation, `[rows, cols]` →
    /// [`output_shape`](Self::output_shape), f32 or f64, in CPU memory.
    ///
    /// The same numbers as [`apply`](Self::apply), but 0 where not valid, so that a masked loss
    /// meets no NaN. The gradient is the transpose, exact. Any strides are accepted.
    ///
    /// # Errors
    /// A tensor of another shape or type; [`OpsError::NotFinite`] as in [`apply`](Self::apply).
    ///
    /// # Examples
    /// ```
    /// use candle_core::{DType, Device, Var};
    /// use ndarray::Array2;
    /// use vadose_ops::{CoarseConfig, CoarseOperator, LowPass};
    ///
    /// let config = CoarseConfig { low_pass: LowPass::None, ..CoarseConfig::default() };
    /// let coarse = CoarseOperator::new(Array2::ones((9, 9)).view(), &config)?;
    /// let map = Var::ones((9, 9), DType::F64, &Device::Cpu)?;
    /// let gradients = coarse.apply_tensor(&map)?.sum_all()?.backward()?;
    /// let gradient = gradients.get(&map).expect("the map is a variable");
    /// assert_eq!(gradient.to_vec2::<f64>()?[4][4], 1.0 / 81.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_tensor(&self, map: &Tensor) -> Result<Tensor> {
        map.contiguous()?.apply_op1(LinearOp {
            map: self.clone(),
            direction: Direction::Forward,
        })
    }
}
