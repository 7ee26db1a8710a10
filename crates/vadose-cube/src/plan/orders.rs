//! What is ordered on web pages: stations and static layers.

use std::collections::BTreeSet;

use super::Order;
use super::dates::Area;
use crate::Period;

/// Cells of SoilGrids, metres along an edge, two bytes each.
const SOIL_GRIDS_M: f64 = 250.0;
/// Cells of SRTM at 3″ are about 90 m along an edge, two bytes each.
const SRTM_M: f64 = 90.0;
const BYTES_PER_CELL: f64 = 2.0;
const M_PER_KM: f64 = 1000.0;

pub(super) fn all(area: &Area, periods: &[Period]) -> Vec<Order> {
    vec![
        stations(area, periods),
        soil(area),
        land_cover(periods),
        elevation(area),
    ]
}

fn bbox_text(area: &Area) -> String {
    let [west, south, east, north] = area.bbox();
    format!("region: {west} to {east} degrees east, {south} to {north} degrees north")
}

fn raster_bytes(area: &Area, cell_m: f64) -> u64 {
    (area.square_km() * (M_PER_KM / cell_m).powi(2) * BYTES_PER_CELL) as u64
}

fn stations(area: &Area, periods: &[Period]) -> Order {
    let mut choices = vec![
        bbox_text(area),
        "variables: soil moisture, soil temperature, snow depth".to_owned(),
        "depth: 0 to 0.055 m or more (sensors at 2 inches, 0.0508 m, belong to the surface)"
            .to_owned(),
        "format: either (header and values, or CEOP in separate files); the zip as it comes"
            .to_owned(),
    ];
    choices.extend(periods.iter().map(|period| {
        let (first, last) = (period.first, period.last);
        format!("period: {first} to {last}, and a day before and after")
    }));
    Order {
        name: "ISMN stations",
        page: "https://ismn.earth",
        purpose: "soil moisture on the ground; may not be passed on",
        choices,
        bytes: None,
    }
}

fn soil(area: &Area) -> Order {
    let layers = [
        "layer: clay_0-5cm_mean (g kg-1)",
        "layer: bdod_0-5cm_mean (cg cm-3)",
    ];
    Order {
        name: "SoilGrids 2.0, 250 m",
        page: "https://files.isric.org/soilgrids/latest/data/",
        purpose: "clay fraction and bulk density",
        choices: layers
            .map(str::to_owned)
            .into_iter()
            .chain([bbox_text(area)])
            .collect(),
        bytes: Some(layers.len() as u64 * raster_bytes(area, SOIL_GRIDS_M)),
    }
}

fn land_cover(periods: &[Period]) -> Order {
    let years: BTreeSet<i16> = periods.iter().map(|period| period.first.year()).collect();
    let years: Vec<_> = years.iter().map(ToString::to_string).collect();
    Order {
        name: "MODIS MCD12Q1 version 061, 500 m",
        page: "https://lpdaac.usgs.gov/products/mcd12q1v061/",
        purpose: "land cover, one year for the whole cube",
        choices: vec![
            "layer: LC_Type1 (IGBP; 17 is water)".to_owned(),
            format!("year: one of {}", years.join(", ")),
            "format: GeoTIFF through AppEEARS, or HDF4 tiles where GDAL reads HDF4".to_owned(),
        ],
        bytes: None,
    }
}

fn elevation(area: &Area) -> Order {
    Order {
        name: "SRTM, 3 arc seconds (SRTMGL3 version 003)",
        page: "https://lpdaac.usgs.gov/products/srtmgl3v003/",
        purpose: "elevation; 56° S to 60° N",
        choices: vec![bbox_text(area), "layer: height, m".to_owned()],
        bytes: Some(raster_bytes(area, SRTM_M)),
    }
}
