//! From candle's tensors to plain slices and back: what every custom operation here needs.

use candle_core::{CpuStorage, Device, Error, Layout, Result, Shape, Storage, Tensor, WithDType};

/// The values of a contiguous tensor, from the storage that a forward pass receives.
pub(crate) fn slice<'a, T: WithDType>(
    storage: &'a CpuStorage,
    layout: &Layout,
    op: &'static str,
) -> Result<&'a [T]> {
    let (start, end) = layout
        .contiguous_offsets()
        .ok_or(Error::RequiresContiguous { op })?;
    Ok(&T::cpu_storage_as_slice(storage)?[start..end])
}

/// The values of a contiguous tensor, from what `Tensor::storage_and_layout` gives.
pub(crate) fn values<'a, T: WithDType>(
    storage: &'a Storage,
    layout: &Layout,
    op: &'static str,
) -> Result<&'a [T]> {
    match storage {
        Storage::Cpu(storage) => slice(storage, layout, op),
        _ => Err(Error::Msg(format!("{op} runs on the CPU only"))),
    }
}

/// A tensor in CPU memory that owns `values`.
pub(crate) fn tensor<T: WithDType>(values: Vec<T>, shape: impl Into<Shape>) -> Result<Tensor> {
    Tensor::from_vec(values, shape.into(), &Device::Cpu)
}
