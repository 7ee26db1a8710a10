//! What CF says about the axes and the projection of a map, for every format that carries it.

use vadose_grid::{EaseGrid2, Window};

/// The conventions that the attributes follow.
pub(crate) const CONVENTIONS: &str = "CF-1.11";
/// Name of the variable that holds the projection.
pub(crate) const GRID_MAPPING: &str = "crs";

/// What the spread of a soil moisture map is, in words.
pub(crate) const SPREAD: &str =
    "expected absolute error of the soil moisture, learnt at stations, not calibrated";

/// The value of an attribute.
pub(crate) enum CfValue {
    Text(String),
    Number(f64),
}

/// Attributes in the order in which they are written.
pub(crate) type CfAttributes = Vec<(&'static str, CfValue)>;

fn text(value: impl Into<String>) -> CfValue {
    CfValue::Text(value.into())
}

/// Attributes of the coordinate variable `x` or `y`.
pub(crate) fn axis_attributes(name: &str) -> CfAttributes {
    vec![
        (
            "standard_name",
            text(format!("projection_{name}_coordinate")),
        ),
        (
            "long_name",
            text(format!("{name} of the cell centre on EASE-Grid 2.0")),
        ),
        ("units", text("m")),
        ("axis", text(name.to_uppercase())),
    ]
}

/// Attributes of a time in seconds as `f64`.
pub(crate) fn time_attributes(long_name: &str) -> CfAttributes {
    vec![
        ("standard_name", text("time")),
        ("long_name", text(long_name)),
        ("units", text("seconds since 1970-01-01 00:00:00")),
        ("calendar", text("standard")),
        ("units_metadata", text("leap_seconds: none")),
    ]
}

/// The value that [`time_attributes`] describes.
pub(crate) fn time_value(time: jiff::Timestamp) -> f64 {
    time.as_nanosecond() as f64 / 1e9
}

/// The time of such a value, to the microsecond, or `None` beyond the years that a calendar shows.
#[cfg(feature = "zarr")]
pub(crate) fn time_of_value(seconds: f64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
}

/// Attributes of the grid mapping: CF's own parameters, and the WKT and transform that GDAL and
/// QGIS read.
pub(crate) fn grid_mapping_attributes(window: &Window) -> CfAttributes {
    let (wkt, mut attributes) = projection_of(window.grid());
    attributes.extend(
        [
            ("false_easting", 0.0),
            ("false_northing", 0.0),
            ("longitude_of_prime_meridian", 0.0),
            ("semi_major_axis", 6_378_137.0),
            ("inverse_flattening", 298.257_223_563),
        ]
        .map(|(name, value)| (name, CfValue::Number(value))),
    );
    let transform = window
        .geotransform()
        .map(|value| value.to_string())
        .join(" ");
    attributes.extend([
        ("reference_ellipsoid_name", text("WGS 84")),
        ("horizontal_datum_name", text("World Geodetic System 1984")),
        ("prime_meridian_name", text("Greenwich")),
        ("geographic_crs_name", text("WGS 84")),
        ("crs_wkt", text(wkt)),
        ("spatial_ref", text(wkt)),
        ("GeoTransform", text(transform)),
        (
            "long_name",
            text(format!("EASE-Grid 2.0 {}", window.grid())),
        ),
    ]);
    attributes
}

/// WKT and CF parameters of the three projections of EASE-Grid 2.0 (CF appendix F).
fn projection_of(grid: EaseGrid2) -> (&'static str, CfAttributes) {
    let azimuthal = |projected_crs_name: &str, pole: f64| {
        vec![
            ("grid_mapping_name", text("lambert_azimuthal_equal_area")),
            ("projected_crs_name", text(projected_crs_name)),
            ("latitude_of_projection_origin", CfValue::Number(pole)),
            ("longitude_of_projection_origin", CfValue::Number(0.0)),
        ]
    };
    match grid.epsg() {
        6931 => (
            include_str!("crs/epsg6931.wkt"),
            azimuthal("WGS 84 / NSIDC EASE-Grid 2.0 North", 90.0),
        ),
        6932 => (
            include_str!("crs/epsg6932.wkt"),
            azimuthal("WGS 84 / NSIDC EASE-Grid 2.0 South", -90.0),
        ),
        _ => (
            include_str!("crs/epsg6933.wkt"),
            vec![
                ("grid_mapping_name", text("lambert_cylindrical_equal_area")),
                (
                    "projected_crs_name",
                    text("WGS 84 / NSIDC EASE-Grid 2.0 Global"),
                ),
                ("standard_parallel", CfValue::Number(30.0)),
                ("longitude_of_central_meridian", CfValue::Number(0.0)),
            ],
        ),
    }
}
