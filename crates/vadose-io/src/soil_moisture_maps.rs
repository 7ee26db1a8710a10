//! The files of one retrieval: 1 km and 9 km soil moisture as CF-NetCDF, 1 km as COG.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ndarray::ArrayView2;
use vadose_grid::Window;
use vadose_scene::CoarseTarget;

use crate::{IoError, MapFile, MapLayer, Provenance, write_cf_netcdf, write_cog};

/// Surface soil moisture of one scene at two resolutions, ready to be written.
pub struct SoilMoistureMaps<'a> {
    /// Title of the files.
    pub title: String,
    /// The method that made them.
    pub method: String,
    /// Where the 1 km map lies.
    pub window: Window,
    /// The SMAP overpass, where known.
    pub time: Option<Timestamp>,
    /// `[row, col]`, m3 m-3, NaN where missing.
    pub soil_moisture: ArrayView2<'a, f32>,
    /// The 9 km map.
    pub coarse: &'a CoarseTarget,
    /// Where the maps come from.
    pub provenance: &'a Provenance,
}

/// The files that [`SoilMoistureMaps::write`] makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoilMoistureFiles {
    /// 1 km, CF-NetCDF.
    pub netcdf_1km: PathBuf,
    /// 1 km, cloud-optimised GeoTIFF.
    pub cog_1km: PathBuf,
    /// 9 km, CF-NetCDF.
    pub netcdf_9km: PathBuf,
}

impl SoilMoistureMaps<'_> {
    /// Writes `soil_moisture_1km.nc`, `soil_moisture_1km.tif` and `soil_moisture_9km.nc` into a folder.
    ///
    /// # Errors
    /// Those of the writers; each file is whole or not there.
    pub fn write(&self, folder: &Path) -> Result<SoilMoistureFiles, IoError> {
        let files = SoilMoistureFiles {
            netcdf_1km: folder.join("soil_moisture_1km.nc"),
            cog_1km: folder.join("soil_moisture_1km.tif"),
            netcdf_9km: folder.join("soil_moisture_9km.nc"),
        };
        let fine = self.map_file(self.window, self.soil_moisture, "1 km");
        let coarse = self.map_file(self.coarse.window, self.coarse.values.view(), "9 km");
        write_cf_netcdf(&files.netcdf_1km, &fine)?;
        write_cog(&files.cog_1km, &fine)?;
        write_cf_netcdf(&files.netcdf_9km, &coarse)?;
        Ok(files)
    }

    fn map_file<'v>(
        &self,
        window: Window,
        values: ArrayView2<'v, f32>,
        resolution: &str,
    ) -> MapFile<'v> {
        let mut attributes = self.provenance.attributes();
        attributes.push(("method".to_owned(), self.method.clone()));
        MapFile {
            window,
            time: self.time,
            title: format!("{}, {resolution}", self.title),
            history: self.provenance.history(),
            attributes,
            layers: vec![MapLayer {
                name: "soil_moisture".to_owned(),
                long_name: "volumetric soil moisture of the surface layer, 0-5 cm".to_owned(),
                standard_name: Some("volume_fraction_of_condensed_water_in_soil".to_owned()),
                units: "m3 m-3".to_owned(),
                values,
                comment: self.provenance.comment.clone(),
                ancillary: Vec::new(),
            }],
        }
    }
}
