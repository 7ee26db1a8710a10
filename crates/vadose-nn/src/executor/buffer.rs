//! Memory of the executor: arrays that begin on a cache line and are kept from step to step.
#![allow(
    unsafe_code,
    reason = "an array of cache lines is seen as an array of f32"
)]

/// A cache line of values.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// An array of f32 that begins on a cache line, so that no aligned vector straddles two.
///
/// It is filled with zeros when it is made, so that the system hands over its pages then and once, not
/// in the middle of every step.
#[derive(Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
}

impl Buffer {
    /// Room for `len` values.
    pub(crate) fn new(len: usize) -> Self {
        Self {
            lines: vec![Line([0.0; 16]); len.div_ceil(16)],
        }
    }

    /// The first `len` values.
    pub(crate) fn slice(&self, len: usize) -> &[f32] {
        assert!(len <= self.lines.len() * 16);
        // SAFETY: `Line` is sixteen f32 without padding, so the vector is an array of f32 that is
        // initialised, at least `len` long, and borrowed as long as the result.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), len) }
    }

    /// The first `len` values.
    pub(crate) fn slice_mut(&mut self, len: usize) -> &mut [f32] {
        assert!(len <= self.lines.len() * 16);
        // SAFETY: as in `slice`; the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), len) }
    }

    /// Number of bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.lines.as_slice())
    }
}
