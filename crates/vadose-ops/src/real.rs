//! The two float widths that the kernels are compiled for.

use std::ops::{Add, AddAssign, Mul};

use crate::coarse::{CoarseKernel, Inner};

/// f32 for maps, f64 for gradient checks and f64 tensors.
pub(crate) trait Real:
    Copy + Send + Sync + Add<Output = Self> + Mul<Output = Self> + AddAssign + 'static
{
    const ZERO: Self;
    const ONE: Self;

    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
    fn is_finite(self) -> bool;

    /// The tables of D in this width.
    fn coarse_kernel(operator: &Inner) -> &CoarseKernel<Self>;
}

macro_rules! real {
    ($float:ty, $kernel:expr) => {
        impl Real for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline]
            fn from_f64(value: f64) -> Self {
                value as $float
            }

            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline]
            fn is_finite(self) -> bool {
                <$float>::is_finite(self)
            }

            fn coarse_kernel(operator: &Inner) -> &CoarseKernel<Self> {
                $kernel(operator)
            }
        }
    };
}

real!(f32, Inner::single);
real!(f64, Inner::double);
