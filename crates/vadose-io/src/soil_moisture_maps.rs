//! The files of one retrieval: 1 km and 9 km soil moisture as CF-NetCDF, 1 km as COG.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ndarray::ArrayView2;
use vadose_grid::Window;
use vadose_scene::CoarseTarget;

use crate::cf::SPREAD;
use crate::{FlagValues, IoError, MapFile, MapLayer, Provenance, write_cf_netcdf, write_cog};

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
    /// One standard deviation of it, `[row, col]`, m3 m-3, NaN where missing.
    pub uncertainty: Option<ArrayView2<'a, f32>>,
    /// The absolute error that the method expects of it, not calibrated, `[row, col]`, m3 m-3, NaN where missing.
    pub spread: Option<ArrayView2<'a, f32>>,
    /// What became of each cell, `[row, col]`.
    pub status: Option<FlagValues<'a>>,
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
    /// What became of each cell at 1 km, cloud-optimised GeoTIFF, where that is known.
    pub status_cog_1km: Option<PathBuf>,
}

const SOIL_MOISTURE: &str = "volume_fraction_of_condensed_water_in_soil";

impl SoilMoistureMaps<'_> {
    /// Writes `soil_moisture_1km.nc`, `soil_moisture_1km.tif` and `soil_moisture_9km.nc` into a folder; with a
    /// status also `soil_moisture_status_1km.tif`.
    ///
    /// Uncertainty, spread and status stand beside the soil moisture in the NetCDF file, as its ancillary variables;
    /// uncertainty and spread are further bands of the GeoTIFF, in this order.
    ///
    /// # Errors
    /// Those of the writers; each file is whole or not there.
    pub fn write(&self, folder: &Path) -> Result<SoilMoistureFiles, IoError> {
        let status = self.status.clone().map(|status| MapLayer {
            standard_name: Some(format!("{SOIL_MOISTURE} status_flag")),
            ..MapLayer::flags("soil_moisture_status", "what became of the cell", status)
        });
        let files = SoilMoistureFiles {
            netcdf_1km: folder.join("soil_moisture_1km.nc"),
            cog_1km: folder.join("soil_moisture_1km.tif"),
            netcdf_9km: folder.join("soil_moisture_9km.nc"),
            status_cog_1km: status
                .as_ref()
                .map(|_| folder.join("soil_moisture_status_1km.tif")),
        };
        let mut quantities = vec![self.soil_moisture_layer(self.soil_moisture)];
        quantities.extend(self.uncertainty.map(|values| MapLayer {
            standard_name: Some(format!("{SOIL_MOISTURE} standard_error")),
            ..MapLayer::new(
                "soil_moisture_uncertainty",
                "one standard deviation of the soil moisture, from stated errors of the inputs",
                "m3 m-3",
                values,
            )
        }));
        quantities.extend(
            self.spread
                .map(|values| MapLayer::new("soil_moisture_spread", SPREAD, "m3 m-3", values)),
        );
        let mut layers = quantities.clone();
        layers.extend(status.clone());
        let ancillary = |layers: &mut Vec<MapLayer<'_>>| {
            let names = layers[1..].iter().map(|layer| layer.name.clone());
            layers[0].ancillary = names.collect();
        };
        ancillary(&mut quantities);
        ancillary(&mut layers);
        write_cf_netcdf(
            &files.netcdf_1km,
            &self.map_file(self.window, layers, "1 km"),
        )?;
        write_cog(
            &files.cog_1km,
            &self.map_file(self.window, quantities, "1 km"),
        )?;
        if let (Some(path), Some(status)) = (&files.status_cog_1km, status) {
            write_cog(path, &self.map_file(self.window, vec![status], "1 km"))?;
        }
        let coarse = vec![self.soil_moisture_layer(self.coarse.values.view())];
        write_cf_netcdf(
            &files.netcdf_9km,
            &self.map_file(self.coarse.window, coarse, "9 km"),
        )?;
        Ok(files)
    }

    fn soil_moisture_layer<'v>(&self, values: ArrayView2<'v, f32>) -> MapLayer<'v> {
        MapLayer {
            long_name: "volumetric soil moisture of the surface layer, 0-5 cm".to_owned(),
            comment: self.provenance.comment.clone(),
            ..MapLayer::soil_moisture("soil_moisture", values)
        }
    }

    fn map_file<'v>(
        &self,
        window: Window,
        layers: Vec<MapLayer<'v>>,
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
            layers,
        }
    }
}
