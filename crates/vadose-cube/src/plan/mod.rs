//! What to download for a cube: products, versions, names of granules, sizes, and a script that fetches them.

mod dates;
mod orders;
mod products;
mod script;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::Serialize;
use vadose_grid::LatLonDeg;

use crate::{Calendar, CubeError, Period};
use dates::Area;

/// What a cube of a region and some periods is made of, before anything is there.
///
/// # Units
/// Sizes in bytes, and approximate: [`PlannedProduct::size_basis`] says how they are known.
/// # Examples
/// ```
/// use jiff::civil::date;
/// use vadose_cube::{DownloadPlan, Period};
/// use vadose_grid::LatLonDeg;
///
/// let south_west = LatLonDeg { lat_deg: 33.6, lon_deg: -103.0 };
/// let north_east = LatLonDeg { lat_deg: 37.0, lon_deg: -94.4 };
/// let june = Period { first: date(2017, 6, 1), last: date(2017, 6, 30), every: 1 };
/// let plan = DownloadPlan::new([south_west, north_east], &[june], 29)?;
/// let analysis = plan.products.iter().find(|one| one.short_name == "SPL4SMGP").unwrap();
/// // 6 h local solar time is between 12:17 and 12:53 UTC: one mean a day.
/// assert_eq!(analysis.names[0], "SMAP_L4_SM_gph_20170601T133000_Vv*_*.h5");
/// assert_eq!((analysis.granules, analysis.names_are_exact), (30, true));
/// assert!(plan.script().contains("earthaccess.search_data"));
/// # Ok::<(), vadose_cube::CubeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DownloadPlan {
    /// West, south, east, north; degrees.
    pub bbox: [f64; 4],
    /// The days.
    pub periods: Vec<Period>,
    /// Number of days.
    pub days: usize,
    /// Number of lead days, of which the cube needs the precipitation alone.
    pub lead_days: usize,
    /// What the script fetches.
    pub products: Vec<PlannedProduct>,
    /// What has to be ordered by hand.
    pub orders: Vec<Order>,
    /// What to know of these days.
    pub notes: Vec<String>,
    /// Sum over the products, bytes; approximate.
    pub bytes: u64,
}

/// The granules of one product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedProduct {
    /// Short name in NASA's catalogue (CMR), e.g. `SPL2SMP_E`.
    pub short_name: &'static str,
    /// Version that the readers were written for.
    pub version: &'static str,
    /// Provider in the catalogue.
    pub provider: &'static str,
    /// Where the product is described.
    pub page: &'static str,
    /// What the cube takes from it.
    pub purpose: &'static str,
    /// Names of the granules, `*` for what cannot be known: orbits, scenes, releases.
    pub names: Vec<String>,
    /// Whether there is one granule for each name.
    pub names_are_exact: bool,
    /// Number of granules: of the names, or as expected.
    pub granules: u64,
    /// How the number is known.
    pub count_basis: String,
    /// Size of one granule, bytes; approximate.
    pub bytes_per_granule: u64,
    /// How the size is known.
    pub size_basis: &'static str,
    /// What the script asks the catalogue for: beginning and end, UTC, of each period.
    pub spans: Vec<[String; 2]>,
}

/// Something that is ordered on a web page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Order {
    /// What it is.
    pub name: &'static str,
    /// Where it is ordered.
    pub page: &'static str,
    /// What the cube takes from it.
    pub purpose: &'static str,
    /// Layers, variables and choices on that page.
    pub choices: Vec<String>,
    /// Approximate size of what comes, bytes, where it can be told.
    pub bytes: Option<u64>,
}

impl DownloadPlan {
    /// Plans the downloads for a region between its south-western and its north-eastern corner, with `lead_days`
    /// as in [`BuildConfig::lead_days`](crate::BuildConfig::lead_days).
    ///
    /// # Errors
    /// [`CubeError::Config`] for corners that enclose nothing or lie beyond the grid, for impossible periods, and
    /// for more than 366 lead days.
    pub fn new(
        [south_west, north_east]: [LatLonDeg; 2],
        periods: &[Period],
        lead_days: u16,
    ) -> Result<Self, CubeError> {
        let area = Area::new(south_west, north_east)?;
        let days = Calendar::new(periods, area.middle_longitude_deg())?;
        let before = days.lead_days(lead_days)?;
        let products = vec![
            products::radiometer(&area, periods, days.days()),
            products::radar(&area, periods, days.days()),
            products::analysis(&area, periods, days.days()),
            products::precipitation(&area, periods, &[&before, days.days()].concat(), lead_days),
        ];
        Ok(Self {
            bbox: area.bbox(),
            periods: periods.to_vec(),
            days: days.days().len(),
            lead_days: before.len(),
            orders: orders::all(&area, periods),
            notes: dates::notes(days.days()),
            bytes: products.iter().map(PlannedProduct::bytes).sum(),
            products,
        })
    }

    /// A Python program for NASA's client `earthaccess`. It lists what it would fetch; with `--download FOLDER` it
    /// fetches, and goes on where it stopped when it is started again.
    #[must_use]
    pub fn script(&self) -> String {
        script::of(self)
    }
}

impl PlannedProduct {
    /// Approximate size of all granules.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.granules * self.bytes_per_granule
    }
}

/// Sizes are shown in powers of ten, as archives state them.
const BYTES_PER_GB: f64 = 1e9;
const BYTES_PER_MB: f64 = 1e6;

impl fmt::Display for DownloadPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [west, south, east, north] = self.bbox;
        writeln!(
            f,
            "{} days and {} lead days, {west} to {east} degrees east, {south} to {north} degrees north",
            self.days, self.lead_days
        )?;
        for product in &self.products {
            let about = if product.names_are_exact {
                ""
            } else {
                "about "
            };
            writeln!(
                f,
                "\n{} version {} ({}): {about}{} granules of about {:.1} MB, {:.1} GB",
                product.short_name,
                product.version,
                product.purpose,
                product.granules,
                product.bytes_per_granule as f64 / BYTES_PER_MB,
                product.bytes() as f64 / BYTES_PER_GB
            )?;
            writeln!(f, "  {}", product.page)?;
            if let [first, .., last] = &product.names[..] {
                let n = product.names.len();
                writeln!(f, "  {first}\n  ... {n} names to\n  {last}")?;
            } else {
                product
                    .names
                    .iter()
                    .try_for_each(|name| writeln!(f, "  {name}"))?;
            }
            writeln!(
                f,
                "  number: {}; size: {}",
                product.count_basis, product.size_basis
            )?;
        }
        writeln!(
            f,
            "\nTogether about {:.1} GB.",
            self.bytes as f64 / BYTES_PER_GB
        )?;
        writeln!(f, "\nTo be ordered by hand:")?;
        for order in &self.orders {
            let size = order.bytes.map_or_else(String::new, |bytes| {
                format!(", about {:.1} GB", bytes as f64 / BYTES_PER_GB)
            });
            writeln!(
                f,
                "- {} ({}{size}): {}",
                order.name, order.purpose, order.page
            )?;
            for choice in &order.choices {
                writeln!(f, "    {choice}")?;
            }
        }
        for note in &self.notes {
            writeln!(f, "\nnote: {note}")?;
        }
        Ok(())
    }
}
