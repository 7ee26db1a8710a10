//! What a retrieval came to, for people and for programs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ndarray::{Array2, ArrayView2};
use serde::Serialize;
use vadose::retrieve::Retrieval;
use vadose_study::sca::Agreement;

use crate::failure::Failure;
use crate::print;

/// The map of one input, as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Summary {
    input: String,
    method: String,
    /// Number of cells by what became of them.
    cells: BTreeMap<&'static str, usize>,
    /// Median of the uncertainty over the cells that have one, m3 m-3.
    median_uncertainty: Option<f32>,
    /// Our map beside the input's own soil moisture, where it has some.
    product: Option<Beside>,
    files: Vec<PathBuf>,
}

/// An [`Agreement`] with the cells that only the product has.
#[derive(Serialize)]
struct Beside {
    #[serde(flatten)]
    agreement: Agreement,
    not_retrieved: usize,
}

impl Summary {
    pub(super) fn of(
        input: String,
        retrieval: &Retrieval,
        product: Option<ArrayView2<'_, f32>>,
        files: Vec<PathBuf>,
    ) -> Self {
        let counts = retrieval.status_counts();
        let product = product.map(|product| {
            let agreement =
                Agreement::of_maps(&retrieval.method, retrieval.soil_moisture.view(), product);
            Beside {
                not_retrieved: agreement.not_retrieved,
                agreement,
            }
        });
        Self {
            input,
            method: retrieval.method.clone(),
            cells: counts
                .into_iter()
                .map(|(status, n)| (status.meaning(), n))
                .collect(),
            median_uncertainty: retrieval.uncertainty.as_ref().and_then(median),
            product,
            files,
        }
    }

    pub(super) fn print(&self) -> Result<(), Failure> {
        print::text(format_args!("{}: {}", self.input, self.method))?;
        for (status, n) in &self.cells {
            print::text(format_args!("  {n:>9}  {status}"))?;
        }
        if let Some(median) = self.median_uncertainty {
            print::text(format_args!("  uncertainty (median) {median:.3} m3 m-3"))?;
        }
        if let Some(Beside { agreement: a, .. }) = &self.product {
            print::text(format_args!(
                "  ours minus the product's: n {}, bias {:+.2e}, rmsd {:.2e}, largest {:.2e} m3 m-3; not retrieved {}",
                a.n, a.bias, a.rmsd, a.max_abs_diff, a.not_retrieved
            ))?;
        }
        self.files
            .iter()
            .try_for_each(|file| print::text(format_args!("  {}", file.display())))
    }
}

/// Median of the finite values.
fn median(values: &Array2<f32>) -> Option<f32> {
    let mut finite: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let middle = finite.len() / 2;
    (!finite.is_empty()).then(|| *finite.select_nth_unstable_by(middle, f32::total_cmp).1)
}
