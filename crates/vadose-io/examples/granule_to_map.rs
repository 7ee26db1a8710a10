//! A granule's own soil moisture as CF-NetCDF and GeoTIFF:
//! `cargo run --release --all-features --example granule_to_map -- GRANULE OUTPUT_WITHOUT_ENDING`

use std::error::Error;
use std::path::Path;

use vadose_io::{MapFile, MapLayer, Resolution, sha256_file, spl2smap_s};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [granule_path, output] = arguments.as_slice() else {
        return Err("usage: granule_to_map GRANULE OUTPUT_WITHOUT_ENDING".into());
    };
    let granule = spl2smap_s::read(granule_path, Resolution::Km1)?;
    let soil_moisture = granule.require_soil_moisture()?;
    let name = Path::new(granule_path)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let map = MapFile {
        window: granule.window(),
        time: granule.time(),
        title: "Soil moisture of SPL2SMAP_S at 1 km".to_string(),
        history: format!(
            "{} granule_to_map {name}",
            jiff::Timestamp::now().strftime("%FT%TZ")
        ),
        attributes: vec![
            (
                "source".to_string(),
                format!("{name} (SHA-256 {})", sha256_file(granule_path)?),
            ),
            (
                "references".to_string(),
                "doi:10.5067/ASB0EQO2LYJV".to_string(),
            ),
        ],
        layers: vec![MapLayer::soil_moisture(
            "soil_moisture",
            soil_moisture.values.view(),
        )],
    };
    vadose_io::write_cf_netcdf(format!("{output}.nc"), &map)?;
    vadose_io::write_cog(format!("{output}.tif"), &map)?;
    println!(
        "{} valid cells in {output}.nc and {output}.tif",
        soil_moisture.counts.valid
    );
    Ok(())
}
